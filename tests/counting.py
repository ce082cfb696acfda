"""What must be quick is judged by its work, which is the same on every machine, not by a clock."""

import contextlib
import sys

import pytest


@contextlib.contextmanager
def at_most(calls):
    """Fails at the first call of a function, in Python or in C, beyond this number of them."""
    left = calls

    def count(_frame, event, _argument):
        nonlocal left
        left -= event.endswith("call")
        if left < 0:
            pytest.fail(f"more than {calls} calls")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        yield
    finally:
        sys.setprofile(before)
