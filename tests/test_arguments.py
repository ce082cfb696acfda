"""Real numbers as arrays, and what is no real number."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import sympy

from gradlib import Cost
from gradlib.arguments import Once, read_only, real_array


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3, 3.0),
        (True, 1.0),
        ([1, 2.5], [1.0, 2.5]),
        (np.arange(3, dtype="u1"), [0.0, 1.0, 2.0]),
        (np.array([True, False]), [1.0, 0.0]),
        ([Fraction(1, 4), Decimal("0.5"), sympy.Rational(3, 4)], [0.25, 0.5, 0.75]),
        (np.float16(0.5), 0.5),
        ([], []),
        (2**70, 2.0**70),
    ],
)
def test_real_numbers(value, expected):
    array = real_array(value, "x must be real")
    assert array.dtype == np.float64
    np.testing.assert_array_equal(array, expected)


@pytest.mark.parametrize("kind", ["f4", "f8"])
def test_floats_are_not_copied(kind):
    array = np.zeros(3, kind)
    assert real_array(array, "x must be real") is array


@pytest.mark.parametrize(
    "value",
    [
        *(None, "3", "three", b"3", 1j, np.array(1j), object(), {}, lambda: 0),
        *([None], [1.0, None], ["3"], [[1.0], [1.0, 2.0]], np.array(["3"], dtype=object)),
        *(np.datetime64("2020-01-01"), np.timedelta64(3, "D"), np.array(["2020"], "M8[Y]")),
        *(10**400, [10**400], np.ma.masked_array([1.0, 2.0], [True, False]), sympy.Symbol("x")),
        np.ma.masked_array([1.0, 2.0]),
    ],
)
def test_what_is_no_real_number_is_refused(value):
    with pytest.raises(ValueError, match=r"^x must be real; received "):
        real_array(value, "x must be real")
    with pytest.raises(ValueError, match=r"^z must be real numbers; received "):
        Cost("z^2")(value)


def test_a_read_only_array_is_a_view_of_the_same_numbers():
    array = np.zeros(3)
    view = read_only(array)
    array[0] = 1
    assert view[0] == 1
    with pytest.raises(ValueError, match="read-only"):
        view[1] = 1
    assert read_only(view) is view
    assert read_only(2.5) == 2.5


def test_once_remembers_what_cannot_change_and_nothing_else():
    calls = []
    square = Once(lambda z: calls.append(1) or z * z)
    still, other = read_only(np.ones(2)), read_only(np.full(2, 3.0))
    assert square(still) is square(still)
    assert square(other)[0] == 9
    assert square(still)[0] == 1
    assert len(calls) == 3
    array = np.ones(2)
    square(array)
    array += 1
    assert square(array)[0] == 4
