"""What a formula does far out, where floats overflow: poles, undefined regions, growth."""

from functools import cached_property
from typing import NamedTuple

import numpy as np
import sympy

from gradlib.formula.breaks import Landmarks
from gradlib.formula.graph import IN_FLOATS

FAR = 1e12, 1e24  # growth is compared between them
PROBES = np.outer([-1, 1], 10.0 ** np.arange(-6, 25)).ravel()


class Magnitude(NamedTuple):
    """The number sign * exp(log), which may lie far beyond the range of floats."""

    sign: np.ndarray
    log: np.ndarray

    @property
    def clipped(self):
        """The number itself, no larger than a float can be."""
        return self.sign * np.exp(np.minimum(self.log, 709.0))


def _magnitude(value):
    return Magnitude(np.sign(value), np.log(np.abs(value)))


def _add(u, v):
    high, low = np.maximum(u.log, v.log), np.minimum(u.log, v.log)
    ratio = np.where(low == -np.inf, 0.0, np.exp(low - high)) * np.where(u.sign == v.sign, 1, -1)
    sign = np.where(u.log >= v.log, u.sign, v.sign) * np.where(ratio == -1, 0, 1)
    undefined = u.sign * v.sign * 0.0  # nan stays nan
    return Magnitude(sign + undefined, np.where(high == -np.inf, high, high + np.log1p(ratio)))


def _multiply(u, v):
    sign = u.sign * v.sign
    return Magnitude(sign, np.where(sign == 0, -np.inf, u.log + v.log))


def _power(u, exponent):
    sign = u.sign**exponent if exponent % 1 == 0 else np.where(u.sign < 0, np.nan, u.sign)
    return Magnitude(np.where(u.sign == 0, float(exponent < 0), sign), exponent * u.log)


def _log(u):
    return _magnitude(np.where(u.sign < 0, np.nan, u.log))


def _exp(u):
    beyond = (u.sign > 0) & (u.log > 709)
    return Magnitude(1.0 + 0.0 * u.sign, np.where(beyond, np.inf, u.clipped))


def _cosh(u):
    return Magnitude(1.0 + 0.0 * u.sign, np.logaddexp(u.clipped, -u.clipped) - np.log(2))


def _sinh(u):
    size = np.abs(u.clipped)
    return Magnitude(u.sign, size + np.log(-np.expm1(-2 * size)) - np.log(2))


def _less(u, v):
    beyond = np.where(u.sign > 0, u.log < v.log, u.log > v.log)
    return np.where(u.sign == v.sign, beyond, u.sign < v.sign)


def _pick(first, u, v):
    undefined = 0.0 * (u.sign + v.sign)
    return Magnitude(np.where(first, u.sign, v.sign) + undefined, np.where(first, u.log, v.log))


def _case(z, *branches, conditions):
    parts = zip(*branches, strict=True)
    return Magnitude(*(IN_FLOATS["case"](z.clipped, *p, conditions=conditions) for p in parts))


IN_MAGNITUDES = {
    **{
        name: lambda *u, f=function: _magnitude(f(*(x.clipped for x in u)))
        for name, function in IN_FLOATS.items()
    },
    "constant": _magnitude,
    "add": _add,
    "mul": _multiply,
    "pow": _power,
    "raise": lambda u, v: _exp(_multiply(_log(u), v)),
    "max": lambda u, v: _pick(_less(u, v), v, u),
    "min": lambda u, v: _pick(_less(u, v), u, v),
    "case": _case,
    "abs": lambda u: Magnitude(np.abs(u.sign), u.log),
    "exp": _exp,
    "log": _log,
    "sinh": _sinh,
    "cosh": _cosh,
    "softplus": lambda u: _pick(u.clipped > 40, u, _magnitude(IN_FLOATS["softplus"](u.clipped))),
}


class Tails:
    """Why E[r(Z)] does not exist for what r does beyond the reach of a Gaussian."""

    def __init__(self, formula, r):
        self.formula = formula
        self.landmarks = Landmarks(formula.graph, _troublesome(r))
        self._searched = None  # (low, high, sentences by place)

    def flaw(self, low, high):
        """A sentence, or None."""
        if self.growth:
            return self.growth
        if not self.landmarks.finders:
            return None
        flaws = self._flaws(2 * low - high, 2 * high - low)
        outside = [flaw for flaw in flaws if not low < flaw[0] < high]
        return min(outside, key=lambda flaw: abs(flaw[0] - (low + high) / 2), default=(0, None))[1]

    @cached_property
    def growth(self):
        """Is log|r|/z^2 still growing far out?"""
        for side, end in ((1, "infinity"), (-1, "-infinity")):
            rates = []
            for far in FAR:
                z = side * far * np.array([1.0, 1.1, 1.3])
                rates.append(np.nanmax(self._magnitudes(z).log / z**2, initial=0))
            if rates[1] == np.inf or rates[1] > max(1.01 * rates[0], 1 / FAR[1]):
                return f"it grows faster than any exp(c z^2) as z goes to {end}"
        return None

    def _magnitudes(self, z):
        with np.errstate(all="ignore"):
            found = self.formula.graph.run(
                self.formula.value, IN_MAGNITUDES, {self.formula.graph.z: _magnitude(z)}
            )
            undefined = np.isnan(found.sign)
            return Magnitude(found.sign, np.where(undefined, np.nan, found.log + np.zeros(z.shape)))

    def _flaws(self, low, high):
        """Places and sentences, in an interval or on the whole line if that can be searched."""
        if not self._searched or not self._searched[0] <= low < high <= self._searched[1]:
            if self.landmarks.exact:
                low, high = -1e300, 1e300
            try:
                points = self.landmarks(low, high)
            except ValueError:
                points = np.empty(0)
            self._searched = (low, high, self._poles(points) + self._undefined(points))
        return self._searched[2]

    def _poles(self, points):
        h = np.maximum(1, np.abs(points)) * np.array([[1e-6], [1e-9]])
        found = []
        for side in (-1, 1):
            far, near = self._magnitudes(points + side * h).log
            order = (near - far) / np.log(1e3)
            found += [(z, f"it has a pole at z = {z:.6g}") for z in points[order > 0.999]]
        return found

    def _undefined(self, points):
        grid = np.union1d(points, PROBES)
        middle = (grid[1:] + grid[:-1]) / 2
        wrong = np.concatenate([middle, PROBES])
        wrong = wrong[np.isnan(self._magnitudes(wrong).log)]
        return [(z, f"it is not a real number at z = {z:.6g}") for z in wrong]


def _troublesome(r):
    """The expressions at whose zeros r may have a pole or stop being real."""
    for node in sympy.preorder_traversal(r):
        if node.is_Pow and not (node.exp.is_Integer and node.exp > 0):
            yield node.base
        elif isinstance(node, sympy.log):
            yield node.args[0]
        elif isinstance(node, sympy.tan):
            yield sympy.cos(*node.args)
