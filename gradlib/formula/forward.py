"""Values and derivatives of a SymPy expression at many points, by the chain rule in numbers.

Forward-mode differentiation: every node of the expression hands its value and its slope upwards.
Kinks and steps then need no formula of their own: on either side of them the chain rule is exact.
This module loads SymPy, so it is imported inside functions only.
"""

from functools import cache, cached_property, lru_cache, reduce

import numpy as np
import sympy
from sympy import Abs, Heaviside, Max, Min, Piecewise, sign


def value(r, z):
    """r(z) for an expression r in one symbol; a float array of z's shape, a float for a float."""
    return Forward(r, z).value


def slope(r, z):
    """r'(z) almost everywhere, shaped like `value`; at a kink or step, that just to the right."""
    return Forward(r, z).slope


class Forward:
    """An expression r in one symbol at an array of points z.

    `value` is r(z), nan where r is not real and inf where it overflows, without warnings. `slope`
    is r'(z) almost everywhere; at a kink or step, that just to the right.
    """

    def __init__(self, r, z):
        self.r, self.z = r, np.asarray(z, dtype=float)
        self._pass = _Forward(self.z)

    @cached_property
    def value(self):
        with np.errstate(all="ignore"):
            return _shaped(self._pass.value(self.r), self.z)

    @cached_property
    def slope(self):
        with np.errstate(all="ignore"):
            forward, z = self._pass, self.z
            result = forward.slope(self.r)
            if forward.undecided.any():
                beside = z + 4 * np.spacing(np.maximum(1, np.abs(z)))
                forward = _Forward(np.where(forward.undecided, beside, z))
                result = forward.slope(self.r)
            result = 0.0 if result is None else result
            return _shaped(np.where(np.isnan(forward.value(self.r)), np.nan, result), z)


class _Forward:
    """One pass over an expression at the points z."""

    def __init__(self, z):
        self.z = z
        self.values = {}
        self.undecided = np.zeros(z.shape, dtype=bool)  # a kink or step lies exactly at z

    def value(self, r):
        if r not in self.values:
            self.values[r] = self._value(r)
        return self.values[r]

    def _value(self, r):
        if r.is_Symbol:
            return self.z
        if not r.args:
            return _number(r)
        if isinstance(r, Piecewise):
            return self._select(r, [self.value(u) for u, _ in r.args])
        values = [self.value(u) for u in r.args]
        if r.is_Add:
            return reduce(np.add, values)
        if r.is_Mul:
            return reduce(np.multiply, values)
        if r.is_Pow:
            return values[0] ** values[1]
        if isinstance(r, (Max, Min)):
            return reduce(np.maximum if isinstance(r, Max) else np.minimum, values)
        if isinstance(r, (sign, Heaviside)):
            self.undecided |= values[0] == 0
            return np.sign(values[0]) if isinstance(r, sign) else np.heaviside(*values)
        return _numpy_function(r.func, len(values))(*values)

    def slope(self, r):
        """dr/dz, or None for a constant: a zero would turn into nan beside an infinite factor."""
        if r.is_Symbol:
            return np.ones_like(self.z)
        if not r.args or isinstance(r, (sign, Heaviside)):
            return None
        if isinstance(r, Piecewise):
            return self._select(r, [self._filled_slope(u) for u, _ in r.args])
        if isinstance(r, (Max, Min)):
            return self._slope_of_extreme(r)
        slopes = [self.slope(u) for u in r.args]
        terms = [self._partial(r, i) * s for i, s in enumerate(slopes) if s is not None]
        return reduce(np.add, terms) if terms else None

    def _partial(self, r, i):
        """The derivative of a node with respect to its argument i."""
        if r.is_Add:
            return 1.0
        values = [self.value(u) for u in r.args]
        if r.is_Mul:
            return reduce(np.multiply, values[:i] + values[i + 1 :])
        if r.is_Pow:
            base, power = values
            return power * base ** (power - 1) if i == 0 else np.log(base) * self.value(r)
        if isinstance(r, Abs):
            self.undecided |= values[0] == 0
            return np.sign(values[0])
        return _numpy_function(r.func, len(values), derivative=i + 1)(*values)

    def _slope_of_extreme(self, r):
        best, result = self.value(r.args[0]), self._filled_slope(r.args[0])
        for u in r.args[1:]:
            rival = self.value(u)
            self.undecided |= rival == best
            wins = rival > best if isinstance(r, Max) else rival < best
            best = np.where(wins, rival, best)
            result = np.where(wins, self._filled_slope(u), result)
        return result

    def _select(self, r, branches):
        for relation in r.atoms(sympy.core.relational.Relational):
            self.undecided |= self.value(relation.lhs) == self.value(relation.rhs)
        holds = [np.broadcast_to(_condition(when)(self.z), self.z.shape) for _, when in r.args]
        return np.select(holds, branches, default=np.nan)

    def _filled_slope(self, r):
        result = self.slope(r)
        return np.zeros_like(self.z) if result is None else result


def _shaped(result, z):
    return np.array(np.broadcast_to(result, z.shape))[()]


@lru_cache(maxsize=10_000)
def _number(r):
    return np.float64(r)


@cache
def _numpy_function(function, count, derivative=None):
    """A SymPy function of `count` arguments, or its derivative with respect to one, in NumPy."""
    arguments = sympy.symbols(f"u:{count}", real=True)
    expression = function(*arguments)
    if derivative is not None:
        expression = expression.fdiff(derivative)
    return sympy.lambdify(arguments, expression, modules="scipy")


@cache
def _condition(relation):
    """A condition of a Piecewise, such as z > 0, in NumPy."""
    return sympy.lambdify(tuple(relation.free_symbols) or sympy.Symbol("z"), relation, "numpy")
