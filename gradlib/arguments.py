"""What several modules ask of their arguments: the right value, or a ValueError that names it."""

import numpy as np


def shorten(thing):
    """Its repr on one line, the middle left out if it is long."""
    text = " ".join(repr(thing).split())
    return text if len(text) <= 60 else f"{text[:40]} ... {text[-15:]}"


def require_whole_number(name, value, least=1):
    """ValueError unless the value is a whole number, `least` or more."""
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or value < least:
        raise ValueError(f"{name} must be a whole number, {least} or more; received {value!r}")


def require_positive(name, value):
    """ValueError unless the value is a finite number above 0."""
    number = real_array(value, f"{name} must be a finite number above 0")
    if number.ndim or not 0 < number < np.inf:
        raise ValueError(f"{name} must be a finite number above 0; received {shorten(value)}")


def require_kind(name, value, kind, such_as):
    """ValueError unless the value is an instance of a class; `such_as` is an example of one."""
    if not isinstance(value, kind):
        raise ValueError(
            f"{name} must be a {kind.__name__}, such as {such_as}; received {shorten(value)}"
        )


def real_array(value, expected):
    """The value as an array of floats; an array of float32 or float64 is returned as it is.

    Raises ValueError, which begins with the words `expected`, for anything but real numbers: text,
    dates, complex numbers, masked arrays, ragged lists, integers beyond the range of floats.
    """
    if type(value) is np.ndarray and value.dtype in (np.float64, np.float32):
        return value
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "biufO" or isinstance(value, np.ma.MaskedArray):
            raise TypeError
        return array if array.dtype in (np.float64, np.float32) else array.astype(float)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{expected}; received {shorten(value)}") from None


class Once:
    """A function of an array that is called once for as long as it gets the same array.

    For arrays that nobody changes: the same object is taken to have the same contents.
    """

    def __init__(self, function):
        self.function, self.argument, self.result = function, None, None

    def __call__(self, array):
        if array is not self.argument:
            self.argument, self.result = array, self.function(array)
        return self.result
