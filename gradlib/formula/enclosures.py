"""What a formula can be on a whole cell: an interval on the real line, a disk around it.

Both follow a `graph` step by step and never promise too little: `in_intervals` bounds the values
that a step takes on a cell [a, b] (Moore 1966), `in_disks` those that its analytic continuation
takes in the complex plane, on a disk around a point.
"""

from functools import reduce
from typing import NamedTuple

import numpy as np

from gradlib.formula.graph import IN_FLOATS

LARGEST = np.finfo(float).max  # inf as a lower bound is only what overflows


class Interval(NamedTuple):
    """low <= u <= high, nan where u is nowhere defined; is u `whole`, defined and continuous?"""

    low: np.ndarray
    high: np.ndarray
    whole: np.ndarray | bool = True


def _widened(low, high, whole, *inputs):
    """An interval that rounding cannot have made too small; inf - inf may be anything."""
    with_values = ~reduce(np.logical_or, [np.isnan(i.low) for i in inputs])
    low = np.minimum(np.where(np.isnan(low) & with_values, -np.inf, low), LARGEST)
    high = np.maximum(np.where(np.isnan(high) & with_values, np.inf, high), -LARGEST)
    low, high = low - 1e-15 * np.abs(low) - 5e-324, high + 1e-15 * np.abs(high) + 5e-324
    return Interval(low, high, whole & reduce(np.logical_and, [i.whole for i in inputs]))


def _add(a, b):
    return _widened(a.low + b.low, a.high + b.high, True, a, b)


def _multiply(a, b):
    products = [x * y for x in a[:2] for y in b[:2]]
    products = [np.where(np.isnan(p), 0.0, p) for p in products]  # 0 times what is unbounded
    empty = np.where(np.isnan(a.low) | np.isnan(b.low), np.nan, 0.0)
    low, high = reduce(np.minimum, products), reduce(np.maximum, products)
    return _widened(low + empty, high + empty, True, a, b)


def _monotone(function, a, whole=True):
    ends = function(a.low), function(a.high)
    return _widened(np.minimum(*ends), np.maximum(*ends), whole, a)


def _abs(a):
    inside = (a.low <= 0) & (a.high >= 0)
    ends = np.abs(a.low), np.abs(a.high)
    return Interval(np.where(inside, 0.0, np.minimum(*ends)), np.maximum(*ends), a.whole)


def _power(a, exponent):
    if exponent < 0:
        a = _power(a, -exponent)
        pole = (a.low <= 0) & (a.high >= 0)
        low = np.where(a.low >= 0, 1 / a.high, -np.inf)
        high = np.where(a.high <= 0, 1 / a.low, np.inf)
        return _widened(np.where(pole, low, 1 / a.high), np.where(pole, high, 1 / a.low), ~pole, a)
    if exponent % 2 == 0:
        a = _abs(a)
    elif exponent % 1:
        a = _positive(a)
    return _monotone(lambda u: IN_FLOATS["pow"](u, exponent), a)


def _positive(a):
    """The part where u >= 0."""
    none = np.where(a.high < 0, np.nan, 0.0)
    return Interval(np.maximum(a.low, 0) + none, a.high + none, a.whole & (a.low >= 0))


def _log(a):
    a = _positive(a)
    return _monotone(np.log, a, a.low > 0)


def _raise(a, b):
    return _monotone(np.exp, _multiply(_log(a), b))


def _wave(function, peak, a):
    """sin or cos: `peak` is where it is 1."""
    first, last = (a.low - peak) / np.pi, (a.high - peak) / np.pi  # 1 at even turns, -1 at odd ones
    slack = 1e-15 * (1 + np.maximum(np.abs(first), np.abs(last)))
    first, last = np.ceil(first - slack), np.floor(last + slack)
    both = ~(last - first < 1)  # extremes; also too far out to tell
    one, even = last == first, first % 2 == 0
    ends = function(a.low), function(a.high)
    empty = np.where(np.isnan(a.low), np.nan, 0.0)
    low = np.where(both | one & ~even, -1.0, np.minimum(*ends)) + empty
    high = np.where(both | one & even, 1.0, np.maximum(*ends)) + empty
    return _widened(low, high, True, a)


def _tan(a):
    whole = np.floor(a.low / np.pi + 0.5) == np.floor(a.high / np.pi + 0.5)
    ends = np.tan(a.low), np.tan(a.high)
    low, high = np.where(whole, ends[0], -np.inf), np.where(whole, ends[1], np.inf)
    return _widened(low, high, whole, a)


def _jump(function, a):
    whole = (a.low > 0) | (a.high < 0)
    return _monotone(function, a, whole)


def _hull(*several):
    low = reduce(np.fmin, [i.low for i in several])
    high = reduce(np.fmax, [i.high for i in several])
    return Interval(low, high, reduce(np.logical_and, [i.whole for i in several]))


def _choice(a_wins, b_wins, a, b):
    either = _hull(a, b)
    return Interval(*(np.where(a_wins, x, np.where(b_wins, y, h)) for x, y, h in zip(a, b, either)))


_EVEN = ("cosh", "sech2", "gate")
_MONOTONE = ("sinh", "tanh", "exp", "erf", "erfc", "atan", "asinh", "sigmoid", "softplus")


def _extreme(choose):
    return lambda a, b: Interval(choose(a.low, b.low), choose(a.high, b.high), a.whole & b.whole)


IN_INTERVALS = {
    "constant": lambda number: Interval(number, number),
    "add": _add,
    "mul": _multiply,
    "pow": _power,
    "raise": _raise,
    "max": _extreme(np.maximum),
    "min": _extreme(np.minimum),
    "of_max": lambda a, b, of_a, of_b: _choice(a.low > b.high, b.low > a.high, of_a, of_b),
    "of_min": lambda a, b, of_a, of_b: _choice(a.high < b.low, b.high < a.low, of_a, of_b),
    "case": lambda z, *branches, conditions: _hull(*branches)._replace(whole=False),
    "abs": _abs,
    "sign": lambda a: _jump(np.sign, a),
    "heaviside": lambda a, at_zero: _jump(lambda u: np.heaviside(u, at_zero.low), a),
    "sin": lambda a: _wave(np.sin, np.pi / 2, a),
    "cos": lambda a: _wave(np.cos, 0.0, a),
    "tan": _tan,
    "log": _log,
    **{name: lambda a, f=IN_FLOATS[name]: _monotone(f, a) for name in _MONOTONE},
    **{name: lambda a, f=IN_FLOATS[name]: _monotone(f, _abs(a)) for name in _EVEN},
}


class Disk(NamedTuple):
    """The points u of the complex plane with |u - centre| <= radius and least <= |u| <= most."""

    centre: np.ndarray
    radius: np.ndarray
    least: np.ndarray
    most: np.ndarray


def _disk(centre, radius, least=0.0, most=np.inf):
    size = np.abs(centre)
    most = np.fmin(most, size + radius)
    least = np.fmax(np.fmax(least, size - radius), 0.0)
    return Disk(centre, np.fmin(radius, size + most), least, most)


def _least_square(u):
    """The least real part of u^2 on a disk."""
    c, r = np.abs(u.centre), u.radius
    return np.where(c >= 2 * r, (c - r) ** 2, c**2 / 2 - r**2)


def _disk_add(u, v):
    least = np.fmax(u.least - v.most, v.least - u.most)
    return _disk(u.centre + v.centre, u.radius + v.radius, least)


def _disk_multiply(u, v):
    radius = np.abs(u.centre) * v.radius + np.abs(v.centre) * u.radius + u.radius * v.radius
    return _disk(u.centre * v.centre, radius, u.least * v.least, u.most * v.most)


def _disk_power(u, exponent):
    size, sizes = np.abs(u.centre), (u.least, u.most)
    if exponent % 1 or exponent < 0:
        ratio = np.where(u.radius < size, u.radius / size, 1.0)
        radius = size**exponent * ((1 - ratio) ** -abs(exponent) - 1)
    else:
        radius = (size + u.radius) ** exponent - size**exponent
    least, most = (x**exponent for x in (sizes if exponent > 0 else sizes[::-1]))
    if exponent % 1:  # a branch point inside: the continuation has no bound
        most = np.where(u.radius < size, most, np.inf)
    return _disk(IN_FLOATS["pow"](u.centre, exponent), radius, least, most)


def _disk_log(u):
    size = np.abs(u.centre)
    ratio = np.where(u.radius < size, u.radius / size, 1.0)
    return _disk(np.log(u.centre), -np.log1p(-ratio))


def _disk_exp(u):
    c, r = u.centre, u.radius
    return _disk(np.exp(c), np.exp(c) * np.expm1(r), np.exp(c - r), np.exp(c + r))


def _turning(function, other, hyperbolic):
    """sin, cos, sinh or cosh: f(c + d) = f(c) cosh d + other(c) sinh d, up to signs and i."""

    def disk(u):
        c, r = u.centre, u.radius
        radius = np.abs(function(c)) * (np.cosh(r) - 1) + np.abs(other(c)) * np.sinh(r)
        if not hyperbolic:
            return _disk(function(c), radius)
        return _disk(function(c), radius, np.sinh(np.abs(c) - r), np.cosh(np.abs(c) + r))

    return disk


_disk_sin, _disk_cos = _turning(np.sin, np.cos, False), _turning(np.cos, np.sin, False)


def _sloped(name, steepest):
    """f(centre) within the radius times the largest |f'| on the disk."""
    return lambda u: _disk(IN_FLOATS[name](u.centre), u.radius * steepest(u))


def _steepest_sigmoid(u):
    far, near = np.exp(u.radius - np.abs(u.centre)), np.exp(u.centre + u.radius)
    # |1 + exp(-u)| >= 1 - far on the right side, and exp(-u) is larger by 1/far on the left one;
    # up to |Im u| = pi/2 it is at least 1, and at least |exp(-u)|.
    far = np.where(far < 1, np.where(u.centre > 0, 1, far) / (1 - far), np.inf)
    return np.fmin(far, np.where(u.radius < 1.5, np.minimum(1, near), np.inf))


def _steepest_gate(u):
    return _steepest_sigmoid(u) * _steepest_sigmoid(u._replace(centre=-u.centre))


def _steepest_root(exponent):
    def steepest(u):
        least = 1 + _least_square(u)
        return np.where(least > 0, np.abs(least) ** exponent, np.inf)

    return steepest


def _chosen(wins):
    """The branch that wins at the centre, continued: kinks are break points anyway."""

    def choice(u, v):
        second = wins(u.centre, v.centre)
        return Disk(*(np.where(second, b, a) for a, b in zip(u, v, strict=True)))

    return choice


def _disk_case(z, *branches, conditions):
    case = IN_FLOATS["case"]
    return Disk(*(case(z.centre, *parts, conditions=conditions) for parts in zip(*branches)))


def _normal_slope(u):
    return 2 / np.sqrt(np.pi) * np.exp(-_least_square(u))


IN_DISKS = {
    "constant": lambda number: Disk(number, np.float64(0), np.abs(number), np.abs(number)),
    "add": _disk_add,
    "mul": _disk_multiply,
    "pow": _disk_power,
    "raise": lambda u, v: _disk_exp(_disk_multiply(_disk_log(u), v)),
    "max": _chosen(np.less),
    "min": _chosen(np.greater),
    "case": _disk_case,
    "abs": lambda u: u._replace(centre=np.abs(u.centre)),
    "sign": lambda u: _disk(np.sign(u.centre), 0.0),
    "heaviside": lambda u, at_zero: _disk(np.heaviside(u.centre, at_zero.centre), 0.0),
    "sin": _disk_sin,
    "cos": _disk_cos,
    "sinh": _turning(np.sinh, np.cosh, True),
    "cosh": _turning(np.cosh, np.sinh, True),
    "tan": lambda u: _disk_multiply(_disk_sin(u), _disk_power(_disk_cos(u), -1.0)),
    "tanh": _sloped("tanh", lambda u: 4 * _steepest_gate(Disk(*(2 * x for x in u)))),
    "exp": _disk_exp,
    "log": _disk_log,
    "erf": _sloped("erf", _normal_slope),
    "erfc": _sloped("erfc", _normal_slope),
    "atan": _sloped("atan", _steepest_root(-1)),
    "asinh": _sloped("asinh", _steepest_root(-0.5)),
    "sigmoid": _sloped("sigmoid", _steepest_gate),
    "softplus": _sloped("softplus", _steepest_sigmoid),
}


def in_intervals(graph, steps, low, high):
    """The intervals in which some steps stay on the cells [low, high]."""
    known, keep = {graph.z: Interval(low, high)}, frozenset(graph.order(steps[-1]))
    with np.errstate(all="ignore"):
        found = [graph.run(step, IN_INTERVALS, known, keep) for step in steps]
    return [Interval(*(np.broadcast_to(part, low.shape) for part in one)) for one in found]


def in_disks(graph, step, centre, radius):
    """The disk in which the continuation of a step stays on disks around the centres."""
    with np.errstate(all="ignore"):
        found = graph.run(step, IN_DISKS, {graph.z: _disk(centre, radius)})
    return Disk(*(np.broadcast_to(part, centre.shape) for part in found))
