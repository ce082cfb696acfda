"""Where a cost kinks, jumps, is singular, turns sharply or is otherwise hard to see."""

from contextlib import suppress
from functools import cached_property, partial, reduce
from itertools import count

import mpmath
import numpy as np
import sympy
from sympy import Max, Min, Piecewise
from sympy.core.relational import Relational

from gradlib.formula.enclosures import in_disks, in_intervals
from gradlib.formula.functions import Z, derivative
from gradlib.formula.graph import IN_FLOATS

FIRST_CELLS = 256  # of the grid on which zeros are looked for
MAX_CELLS = 200_000  # looked at for one kind of zeros, and for narrow features
MAX_POINTS = 20_000  # of one kind
WIDE_CELLS = 96  # of the grid on which narrow features are looked for
TOWARDS_EDGE = 13  # cells to each edge of a panel, each a third of the next: down to 1e-6
ASTRONOMICAL = 1e30  # bound over value: the logarithm of it matters, not the number
UNFELT = 1e-9  # of the largest |r| and |r'| times the root of the bell
MAX_DEGREE = 20  # of polynomials solved by their coefficients: beyond it rounding spoils the roots


class BreakPoints:
    """The z where r or r' may jump, be singular or change very fast.

    They are the real zeros and the stationary points of every expression u in r that decides
    between two branches (u in |u|, sign u, Heaviside u; a - b in max(a, b)), is the argument of a
    function, or is the base or the exponent of a power that is not natural. Every cell of the
    interval is searched until interval arithmetic shows that it has no zero or that u is monotone,
    or until it is as small as rounding. The stationary points find peaks such as
    exp(-1e6 (z - 0.3)^2) and 1/(1e-8 + z^2). A polynomial u adds the real parts of its complex
    roots, because a singularity close to the real axis is felt on it.

    Between them `_narrow_cells` looks for what is narrow, and adds the ends of narrow cells.
    """

    def __init__(self, formula, r):
        self.formula = formula
        found = (u for node in sympy.postorder_traversal(r) for u in _landmarks(node))
        self.landmarks = Landmarks(formula.graph, found)
        self.beyond_floats = self.landmarks.beyond_floats
        self.polynomial = _degree(r) <= MAX_DEGREE
        self._tame = []  # (low, high, width): no narrow cells there, on cells of this width
        self._looks = ((1, 0),)  # first at this interval; later at wider ones: it may be a curve

    def __call__(self, low, high):
        """Those in (low, high), sorted. Raises ValueError if there are too many to locate."""
        points = self.landmarks(low, high)
        if self.polynomial or self._is_tame(low, high):
            return points
        edges = np.concatenate([[low], points, [high]])
        narrow = _narrow_cells(self.formula, edges, (high - low) / WIDE_CELLS)
        return _apart(np.union1d(points, narrow), low, high)

    def _is_tame(self, low, high):
        """Is it known, or found by a look at a wider range, that there are no narrow cells?"""
        width, span = (high - low) / WIDE_CELLS, high - low
        if any(a <= low and high <= b and width <= w for a, b, w in self._tame):
            return True
        looks, self._looks = self._looks, ((2, span), (1, span), (1, 0))
        for scale, wider in looks:
            try:
                a, b = low - wider, high + wider
                edges = np.concatenate([[a], self.landmarks(a, b), [b]])
                if not _narrow_cells(self.formula, edges, scale * width, felt_everywhere=True).size:
                    self._tame.append((a, b, scale * width))
                    return True
            except ValueError:
                pass
        return False


class Landmarks:
    """Zeros and stationary points of some expressions u in z."""

    def __init__(self, graph, expressions):
        self.varying = [u for u in dict.fromkeys(expressions) if Z in u.free_symbols]
        self.finders = [find for u in self.varying for find in _finders(graph, u)]
        self.exact = not any(isinstance(find, partial) for find in self.finders)
        self._known = (0, 0, np.empty(0))  # those in the widest interval so far

    def __call__(self, low, high):
        """Those in (low, high), sorted. For a curve of Gaussians they are looked for once."""
        a, b, _ = self._known
        if not a <= low < high <= b:
            try:
                wider = a < b
                self._known = self._found(low - wider * (high - low), high + wider * (high - low))
            except ValueError:
                if not wider:
                    raise
                self._known = self._found(low, high)
        return _apart(self._known[2], low, high)

    def beyond_floats(self, points):
        """By how much the zeros of the u lie beyond the floats that stand for them."""
        return np.array([self._beyond_float(point) for point in points])

    @cached_property
    def _newton(self):
        """Newton's steps -u/u', for numbers of many digits."""
        modules = {"Heaviside": lambda u, at_zero: at_zero if u == 0 else u > 0}, "mpmath"
        pairs = ((u, derivative(u)) for u in self.varying)
        return [sympy.lambdify(Z, -u / slope, modules) for u, slope in pairs if slope != 0]

    def _beyond_float(self, point):
        with mpmath.workdps(40):
            for step in self._newton:
                with suppress(ArithmeticError, TypeError, ValueError):  # u' = 0, u not real
                    if abs(beyond := step(mpmath.mpf(point))) < 4 * _rounding(point):
                        return float(beyond)
        return 0.0

    def _found(self, low, high):
        points = np.empty(0)
        for find in self.finders:  # inner expressions first: their points refine the outer grids
            points = _apart(np.union1d(points, find(low, high, points)), low, high)
        return low, high, points


def _apart(points, low, high):
    """Those in (low, high), without those that only rounding tells from the one before."""
    points = points[(low < points) & (points < high)]
    return points[np.diff(points, prepend=-np.inf) > 8 * _rounding(points)]


def _rounding(z):
    return np.spacing(np.maximum(1, np.abs(z)))


def _landmarks(node):
    """The expressions u of one node whose zeros and stationary points are break points."""
    if isinstance(node, (Max, Min)):
        heads = (node.func(*node.args[:i], evaluate=False) for i in range(1, len(node.args)))
        return [_difference(a, b) for a, b in zip(heads, node.args[1:], strict=True)]
    if isinstance(node, Relational):
        return [_difference(node.lhs, node.rhs)]
    if node.is_Pow:
        return [] if node.exp.is_Integer and node.exp > 0 else [node.base, node.exp]
    if isinstance(node, sympy.tan):
        return [*node.args, sympy.cos(*node.args)]
    smooth = isinstance(node, (Piecewise, sympy.sin, sympy.cos))  # or has its u in its conditions
    return node.args if isinstance(node, sympy.Function) and not smooth else []


def _difference(a, b):
    return sympy.Add(a, sympy.Mul(-1, b, evaluate=False), evaluate=False)


def _finders(graph, u):
    """Functions (low, high, points) -> zeros, of du/dz and of u."""
    if _degree(u) <= MAX_DEGREE:
        try:
            polynomial = sympy.Poly(u, Z)
            roots = np.concatenate([_roots(polynomial.diff(Z)), _roots(polynomial)])
            return [lambda low, high, points: roots]
        except (OverflowError, np.linalg.LinAlgError, sympy.PolynomialError):
            pass  # coefficients beyond floats, or written in a way that Poly does not expand
    step = graph.expression(u)
    return [partial(_zeros, graph, root) for root in (graph.slope(step), step)]


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


def _zeros(graph, u, low, high, points):
    """Where the step u of a graph changes sign; `points`, where it may bend, end cells."""
    slope = graph.slope(u)
    apart = 8 * _rounding(points)
    edges = np.union1d(
        np.linspace(low, high, FIRST_CELLS + 1), np.concatenate([points - apart, points + apart])
    )
    edges = edges[(low <= edges) & (edges <= high)]
    left, right = edges[:-1], edges[1:]
    kept, looked_at = [], 0
    while left.size:
        looked_at += left.size
        if looked_at > MAX_CELLS:
            raise _too_fast(low, high)
        open_, settled = _search(graph, u, slope, left, right)
        kept += [left[settled], right[settled]]
        left, right = _parts(left[open_], right[open_], np.clip(2048 // max(1, left.size), 2, 16))
    grid = np.unique(np.concatenate(kept)) if kept else np.empty(0)
    values = _values(graph, u, grid)
    signed = np.abs(values) > 0  # neither zero nor nan
    grid, positive = grid[signed], values[signed] > 0
    (before,) = np.nonzero(positive[1:] != positive[:-1])
    if before.size > MAX_POINTS:
        raise _too_fast(low, high)
    return _bisect(partial(_values, graph, u), grid[before], grid[before + 1], positive[before])


def _search(graph, u, slope, left, right):
    """Which cells must be cut further, and which may have a zero that their ends show."""
    centre, half = (left + right) / 2, (right - left) / 2
    on_cell, slopes = in_intervals(graph, (u, slope), left, right)
    (at_centre,) = in_intervals(graph, (u,), centre, centre)
    with np.errstate(all="ignore"):
        steepest = _largest(slopes)
        steepest[np.isnan(steepest) | ~on_cell.whole] = np.inf
        lowest = np.fmax(on_cell.low, at_centre.low - steepest * half)
        highest = np.fmin(on_cell.high, at_centre.high + steepest * half)
        possible = (lowest <= 0) & (highest >= 0)
        monotone = on_cell.whole & ((slopes.low >= 0) | (slopes.high <= 0))
        mere_rounding = highest - lowest <= 4 * (at_centre.high - at_centre.low)
        mere_rounding |= half <= 2 * _rounding(centre)
    settled = possible & (monotone | mere_rounding)
    return possible & ~settled, settled


def _parts(left, right, count):
    """Every cell cut into equal parts."""
    edges = left[:, np.newaxis] + (right - left)[:, np.newaxis] * np.linspace(0, 1, count + 1)
    edges[:, -1] = right
    return edges[:, :-1].ravel(), edges[:, 1:].ravel()


def _values(graph, step, z):
    with np.errstate(all="ignore"):
        return np.broadcast_to(graph.run(step, IN_FLOATS, {graph.z: z}), z.shape)


def _too_fast(low, high):
    return ValueError(
        f"the cost changes too fast on [{low:g}, {high:g}] to locate its kinks and peaks"
    )


def _bisect(u, left, right, positive):
    """One zero of u between each left and right, down to rounding; `positive`: u > 0 at left."""
    shares, each = np.linspace(0, 1, 17)[:, np.newaxis], np.arange(left.size)
    for _ in range(15):  # each cuts to a sixteenth: a few points cost no more than one
        grid = left + shares * (right - left)
        grid[-1] = right
        after = 1 + np.argmax((u(grid[1:]) > 0) != positive, axis=0)
        left, right = grid[after - 1, each], grid[after, each]
    return np.where(np.abs(u(left)) < np.abs(u(right)), left, right)


def _narrow_cells(formula, edges, width, felt_everywhere=False):
    """Ends of cells, between the edges, on which r may change faster than the cells around show.

    On a disk around a cell, of this width at first, the analytic continuation of r is bounded (by
    `enclosures.in_disks`). As long as the bound is astronomical against what r is on the cell, r
    may have a narrow feature there, and the cell is cut. Towards an edge, where r may be singular,
    cells shrink like a geometric series. What a Gaussian whose reach is the interval would not feel
    is left alone, unless all is `felt_everywhere`: then the first narrow cell ends the search.
    """
    low, high = edges[0], edges[-1]
    grid = np.union1d(edges, np.linspace(low, high, int(np.ceil((high - low) / width)) + 1)[1:-1])
    left, right = grid[:-1], grid[1:]
    feels = None if felt_everywhere else _felt(formula, edges, grid)
    kept, narrow, looked_at = [], False, 0
    for cuts in count():
        looked_at += left.size
        if looked_at > MAX_CELLS:
            raise _too_fast(low, high)
        wild = _wild(formula, left, right)
        if feels:
            wild[wild] = feels(left[wild], right[wild])
        below, above = (np.isin(ends, edges) for ends in (left, right))
        if cuts == TOWARDS_EDGE:
            wild &= ~(below | above)
        panel = np.searchsorted(edges, left, "right")
        distance = np.minimum(left - edges[panel - 1], edges[panel] - right)
        small = right - left < 0.45 * distance
        narrow |= np.any(small & (right - left < 0.3 * width))
        kept += [ends[~wild & (small | (cuts == 0))] for ends in (left, right)]
        if not wild.any() or (narrow and felt_everywhere):
            return np.unique(np.concatenate([*kept, left])) if narrow else np.empty(0)
        left, right, below, above = (x[wild] for x in (left, right, below, above))
        cut = left + (right - left) * np.where(below == above, 1 / 2, np.where(below, 1 / 3, 2 / 3))
        left, right = np.concatenate([left, cut]), np.concatenate([cut, right])


def _wild(formula, left, right):
    """Is the bound on a disk around each cell astronomical?"""
    graph, centre, width = formula.graph, (left + right) / 2, right - left
    disk = in_disks(graph, formula.value, centre, 0.75 * width)
    with np.errstate(all="ignore"):
        seen = reduce(
            np.fmax, (np.abs(_values(graph, formula.value, z)) for z in (left, centre, right))
        )
        wild = ~(disk.most <= ASTRONOMICAL * seen)
    return wild & ~np.isnan(disk.centre) & (width > 16 * _rounding(centre))


def _felt(formula, edges, grid):
    """Which cells matter: a function of their ends, by bounds on r and r' under the bell."""
    graph, steps = formula.graph, (formula.value, formula.slope)
    low, high = edges[0], edges[-1]

    def bell(z):  # the square root of the normal density: in a variance it meets r and r'
        return np.exp(-((38 * (2 * z - low - high) / (high - low)) ** 2) / 4)

    near = (edges + (high - low) * s * 3.0**-k for s in (-1, 1) for k in range(2, 2 * TOWARDS_EDGE))
    sample = np.clip(np.concatenate([grid, *near]), low, high)
    with np.errstate(all="ignore"):
        seen = [
            bell(sample) ** p * np.abs(_values(graph, s, sample)) for s in steps for p in (1, 2)
        ]
        peaks = [np.max(size[np.isfinite(size)], initial=0) for size in seen]

    def felt(left, right):
        with np.errstate(all="ignore"):
            value, slope = in_intervals(graph, steps, left, right)
            centre, steepest = (left + right) / 2, _largest(slope)
            (at_centre,) = in_intervals(graph, steps[:1], centre, centre)
            change = np.where(value.whole, steepest * (right - left), np.inf)
            sizes = np.fmin(_largest(value), _largest(at_centre) + change), steepest
            nearest = bell(np.clip((low + high) / 2, left, right))
            bounds = (nearest**p * size / UNFELT**p for size in sizes for p in (1, 2))
            small = [bound <= peak for bound, peak in zip(bounds, peaks, strict=True)]
            change = np.fmin(change, value.high - value.low)
            rounding = 4 * (at_centre.high - at_centre.low) + 1e-100 * peaks[1]
            constant = change <= rounding  # also where the bound on r' overflows
        return ~(constant | np.logical_and.reduce(small))

    return felt


def _largest(interval):
    return np.maximum(np.abs(interval.low), np.abs(interval.high))
