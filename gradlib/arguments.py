"""What several modules ask of their arguments: the right value, or a ValueError that names it."""

import sys

import numpy as np


def shorten(thing):
    """Its repr on one line, the middle left out if it is long."""
    text = " ".join(repr(thing).split())
    return text if len(text) <= 60 else f"{text[:40]} ... {text[-15:]}"


def require_whole_number(name, value, least=1):
    """ValueError unless the value is a whole number, `least` or more."""
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool | np.timedelta64)
    if not whole or not least <= value <= sys.maxsize:  # NumPy counts no further
        raise ValueError(
            f"{name} must be a whole number, {least} or more; received {shorten(value)}"
        )


def require_positive(name, value):
    """The value as a float; ValueError unless it is a finite number above 0."""
    number = real_array(value, f"{name} must be a finite number above 0")
    if number.ndim or not 0 < number < np.inf:
        raise ValueError(f"{name} must be a finite number above 0; received {shorten(value)}")
    return float(number)


def require_kind(name, value, kind, such_as):
    """ValueError unless the value is an instance of a class; `such_as` is an example of one."""
    if not isinstance(value, kind):
        raise ValueError(
            f"{name} must be a {kind.__name__}, such as {such_as}; received {shorten(value)}"
        )


def require_function(name, value, of=""):
    """ValueError unless the value can be called; `of` may say what it is a function of."""
    if not callable(value):
        raise ValueError(f"{name} must be a function{of}; received {shorten(value)}")


def real_array(value, expected):
    """The value as an array of floats; an array of float32 or float64 is returned as it is.

    True and False count as 1 and 0. Raises ValueError, which begins with the words `expected`, for
    anything but real numbers: None, text, dates, complex numbers, masked arrays, ragged lists,
    integers beyond the range of floats.
    """
    if type(value) is np.ndarray and value.dtype in (np.float64, np.float32):
        return value
    try:
        array = np.asarray(value)
        if array.dtype.kind == "O":  # astype(float) would read None as nan, and text as a number
            if any(isinstance(x, str | bytes) for x in array.flat):
                raise TypeError
            return np.array([float(x) for x in array.flat]).reshape(array.shape)
        if array.dtype.kind not in "biuf" or isinstance(value, np.ma.MaskedArray):
            raise TypeError
        return array if array.dtype in (np.float64, np.float32) else array.astype(float)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{expected}; received {shorten(value)}") from None


def finite_array(value, expected, fits=lambda array: True):
    """The value as an array of finite floats for which `fits(array)` holds, or ValueError."""
    array = real_array(value, expected)
    if not np.isfinite(array).all() or not fits(array):
        raise ValueError(f"{expected}; received {shorten(value)}")
    return array


def interval(value, expected):
    """Two finite numbers, low < high, as floats; otherwise such a ValueError."""
    ends = finite_array(value, expected, lambda x: x.shape == (2,) and x[0] < x[1])
    return ends.tolist()


def parameter(name, value):
    """A distribution's parameter: a read-only copy, finite, of shape (), (d,) or (n, d)."""
    expected = f"{name} must be a finite number, or an array of shape (d,) or (n, d)"
    array = np.array(real_array(value, expected))
    if array.ndim > 2 or array.size == 0:
        raise ValueError(f"{expected}; received shape {array.shape}")
    if np.count_nonzero(np.isfinite(array)) < array.size:  # faster than all()
        raise ValueError(f"{expected}; received {shorten(value)}")
    array.flags.writeable = False
    return array


def read_only(value):
    """An array as a view that nobody can change by accident; anything else as it is."""
    if not isinstance(value, np.ndarray) or not value.flags.writeable:
        return value
    view = value.view()
    view.flags.writeable = False
    return view


class Once:
    """A function of an array that is called once for as long as it gets the same array.

    Only an array that is read-only is remembered: the same object then has the same contents.
    """

    def __init__(self, function):
        self.function, self.argument, self.result = function, None, None

    def __call__(self, array):
        if not isinstance(array, np.ndarray) or array.flags.writeable:
            return self.function(array)
        if array is not self.argument:
            self.argument, self.result = array, self.function(array)
        return self.result
