"""What several modules ask of their arguments."""

import numpy as np


def require_whole_number(name, value, least=1):
    """ValueError unless the value is a whole number, `least` or more."""
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or value < least:
        raise ValueError(f"{name} must be a whole number, {least} or more; received {value!r}")
