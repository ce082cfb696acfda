"""Where a cost kinks, jumps, is singular or turns sharply.

This module loads SymPy, so it is imported inside functions only.
"""

from functools import partial

import numpy as np
import sympy
from sympy import Abs, Heaviside, Max, Min, Piecewise, sign
from sympy.core.relational import Relational

from gradlib.formula.graph import AtPoints, Formula

CELLS = 4096  # of the first grid on which zeros are looked for
MAX_CELLS = 4**3 * CELLS  # of the last grid
MAX_POINTS = 20_000  # of one kind
MAX_DEGREE = 20  # of polynomials solved by their coefficients: beyond it rounding spoils the roots


class BreakPoints:
    """The z where r or r' may jump, be singular or change very fast, as far as r shows them.

    They are the real zeros and the stationary points of every expression u in r that decides
    between two branches (u in |u|, sign u, Heaviside u; a - b in max(a, b)), is the argument of a
    function, or is the base or the exponent of a power that is not natural. The stationary points
    find peaks such as exp(-1e6 (z - 0.3)^2) and 1/(1e-8 + z^2). A polynomial u adds the real parts
    of its complex roots, because a singularity close to the real axis is felt on it.
    """

    def __init__(self, r, z):
        found = (u for node in sympy.postorder_traversal(r) for u in _landmarks(node))
        self.finders = [
            find for u in dict.fromkeys(found) if z in u.free_symbols for find in _finders(u, z)
        ]

    def __call__(self, low, high):
        """Those in (low, high), sorted. Raises ValueError if there are too many to locate."""
        points = np.empty(0)
        for find in self.finders:  # inner expressions first: their points refine the outer grids
            new = find(low, high, points)
            points = np.union1d(points, new[(low < new) & (new < high)])
        apart = np.diff(points, prepend=-np.inf) > 8 * np.spacing(np.maximum(1, np.abs(points)))
        return points[apart]


def _landmarks(node):
    """The expressions u of one node whose zeros and stationary points are break points."""
    if isinstance(node, (Abs, sign, Heaviside)):
        return [node.args[0]]
    if isinstance(node, (Max, Min)):
        heads = (node.func(*node.args[:i], evaluate=False) for i in range(1, len(node.args)))
        return [_difference(a, b) for a, b in zip(heads, node.args[1:], strict=True)]
    if isinstance(node, Relational):
        return [_difference(node.lhs, node.rhs)]
    if node.is_Pow:
        return [] if node.exp.is_Integer and node.exp > 0 else [node.base, node.exp]
    if isinstance(node, sympy.tan):
        return [*node.args, sympy.cos(*node.args)]
    if isinstance(node, (Piecewise, sympy.sin, sympy.cos)):  # sin and cos are smooth everywhere
        return []
    return list(node.args) if isinstance(node, sympy.Function) else []


def _difference(a, b):
    return sympy.Add(a, sympy.Mul(-1, b, evaluate=False), evaluate=False)


def _finders(u, z):
    """Functions (low, high, points) -> zeros, of du/dz and of u."""
    if _degree(u) <= MAX_DEGREE:
        try:
            polynomial = sympy.Poly(u, z)
            roots = np.concatenate([_roots(polynomial.diff(z)), _roots(polynomial)])
            return [lambda low, high, points: roots]
        except (OverflowError, np.linalg.LinAlgError, sympy.PolynomialError):
            pass  # coefficients beyond floats, or written in a way that Poly does not expand
    f=Formula(u)
    return [partial(_sign_changes, g) for g in (lambda z: AtPoints(f,z).slope, lambda z:AtPoints(f,z).value)]


def _degree(u):
    """A bound on the degree of a polynomial, without expanding it; infinite for anything else."""
    if u.is_Symbol:
        return 1
    if not u.free_symbols:
        return 0
    if u.is_Add:
        return max(map(_degree, u.args))
    if u.is_Mul:
        return sum(map(_degree, u.args))
    if u.is_Pow and u.exp.is_Integer and u.exp > 0:
        return int(u.exp) * _degree(u.base)
    return np.inf


def _roots(u):
    """Real parts of all roots of a polynomial.

    They are found factor by factor where the coefficients are rational: rounding scatters multiple
    roots.
    """
    exact = u.domain.is_QQ or u.domain.is_ZZ
    factors = [factor for factor, _ in u.factor_list()[1]] if exact else [u]
    monic = ([float(c / p.LC()) for c in p.all_coeffs()] for p in factors)
    return np.concatenate([np.empty(0), *(np.roots(coefficients).real for coefficients in monic)])


def _sign_changes(u, low, high, points):
    """Where any function u changes sign; `points` join the grid."""
    cells, previous = CELLS, -1
    while cells <= MAX_CELLS:
        # An uneven grid: on an even one, an oscillation in step with it would go unseen.
        steps = np.arange(cells) + 0.5 + 0.4 * np.sin(np.arange(cells) ** 2)
        z = np.sort(np.concatenate([[low, high], low + (high - low) / cells * steps, points]))
        values = u(z)
        signed = np.abs(values) > 0  # neither zero nor nan
        z, positive = z[signed], values[signed] > 0
        (before,) = np.nonzero(positive[1:] != positive[:-1])
        if before.size == previous:
            return _bisect(u, z[before], z[before + 1], positive[before])
        if before.size > MAX_POINTS:
            break
        cells, previous = 4 * cells, before.size
    raise ValueError(
        f"the cost changes too fast on [{low:g}, {high:g}] to locate its kinks and peaks"
    )


def _bisect(u, left, right, positive):
    """One zero of u between each left and right; `positive`: u > 0 at left."""
    for _ in range(60):
        middle = 0.5 * (left + right)
        same = (u(middle) > 0) == positive
        left, right = np.where(same, middle, left), np.where(same, right, middle)
    return np.where(np.abs(u(left)) < np.abs(u(right)), left, right)
