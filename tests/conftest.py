import contextlib
import os
import sys

import browser
import matplotlib
import pytest

matplotlib.use("Agg")


@pytest.fixture(scope="session")
def chromium():
    """Opens a page of a headless Chromium. Without one the test is skipped, in CI it fails."""
    if browser.CHROMIUM is None:
        reason = "no Chromium found (Debian's package is called chromium)"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    return browser.chromium


@pytest.fixture
def at_most():
    """`with at_most(10_000): ...` fails at the 10,001st call of a function, Python's or C's.

    What must be quick is judged by its work, which is the same on every machine, not by a clock.
    """

    @contextlib.contextmanager
    def limit(calls):
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

    return limit
