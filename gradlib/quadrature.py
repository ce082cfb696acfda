"""How expectations over eps ~ N(0, 1) are computed, for many scalar Gaussians at once.

Without break points the rule is the trapezoid rule on the whole line, where it converges
exponentially; on a panel between two break points it is the trapezoid rule after the
double-exponential change of variable (Takahasi and Mori 1974). It is refined until nothing moves
any more, and refuses whatever it cannot vouch for.
"""

import itertools
import warnings
from functools import cache, lru_cache

import numpy as np

from gradlib.arguments import finite_array

REACH = 38.0  # in standard deviations: further out the normal density is below 1e-313
TOLERANCE = 1e-11  # relative to the integral of the absolute integrand, the scale
SCALE_TOLERANCE = 3e-3  # the scale is a yardstick: it only has to settle, not to be exact
PROMISE = 1e-10  # relative to the scale: rounding inside the cost may move nothing by more
HOPELESS = 1e-3  # of the scale, missed at an end: no refinement will find so much
STEPS = 4, 64, 1024  # in units of what the nodes leave out: 1/x falls by 16 with each
MAX_NODES = 2**21
BLOCK = 2**15  # numbers held at a time: they stay in the processor's cache
GOLDEN = (1 + 5**0.5) / 2  # steps in a rational ratio could agree on the same wrong (aliased) value
FINE = 6  # the first level for a cost from functions: nobody knows where to look


class QuadratureError(ArithmeticError):
    """An expectation that does not exist, or that cannot be computed to the promised accuracy."""


@np.errstate(all="ignore")
def average(integrand, cost, mu, sigma, edges=(), centred=False):
    """Expectations under each of the Gaussians N(mu[k], sigma[k]^2), and why some have none.

    `integrand(cost, members, eps)` is asked about some of the Gaussians, with one column of points
    for each: eps has shape (n, len(members)). It returns what `exact.expectation` says, in arrays
    that are one or more times as large as eps. The cost that it gets may be a copy that makes
    rounding errors. `centred` asks for the covariance of left and right.
    Panels end at the break points of the cost, at their mirror images, and at the `edges` in eps.
    Returns an array of shape (rows, len(mu)), nan where refused, and the reasons {k: sentence}.
    """
    expected = "edges must be a list of finite numbers, such as [0.0]"
    edges = finite_array(edges, expected, lambda x: x.ndim == 1)
    found, reasons = {}, {}
    family = _Family(integrand, cost, mu, sigma, centred)
    for start in _arranged(cost, mu, sigma, edges, reasons):
        family.refine(*start, found, reasons)
    means = np.full((len(next(iter(found.values()), [0])), len(mu)), np.nan)
    for k in found.keys() - reasons.keys():
        means[:, k] = found[k]
    return means, reasons


class _Family:
    """The integrand under each of the Gaussians; `members` are the numbers of some of them."""

    def __init__(self, integrand, cost, mu, sigma, centred):
        self.integrand, self.cost, self.mu, self.sigma = integrand, cost, mu, sigma
        self.centred = centred

    def refine(self, members, panels, first, tiny, found, reasons):
        """Fill in the expectations that settle, and the reasons why some are refused."""
        previous, nothing = np.inf, np.zeros((1, len(members)), dtype=bool)
        first += FINE if self.cost.expression is None else 0
        for look in itertools.count():
            level = first + max(0.0, look - 0.5)  # two close looks first: they often suffice
            eps, weights, nearest = _rule(panels, level, tiny)
            if len(eps) > MAX_NODES:
                why = f"does not settle with {MAX_NODES} points: it is infinite, or the cost"
                reasons |= {k: f"{self.subject(k)} {why} changes too fast" for k in members}
                return
            totals = self.totals(self.cost, members, eps, weights)
            allowed = totals[1] * np.reshape([TOLERANCE, SCALE_TOLERANCE], (2, 1, 1))
            close = (np.abs(totals - previous) <= allowed).all(axis=0) | nothing
            finite = np.isfinite(totals).all(axis=(0, 1))
            done = close.all(axis=0) & finite
            for k, points in zip(members[~finite], eps.T[~finite], strict=True):
                reasons[k] = self.why_not_finite(k, points)
            if done.any():
                some = [members[done], eps[:, done], weights[:, done], totals[..., done]]
                found |= dict(zip(some[0], totals[0].T[done], strict=True))
                reasons |= self.spoilt_by_rounding(*some)
                ends = [members[done], panels[..., done], nearest[..., done], totals[1][:, done]]
                reasons |= self.lost_at_the_ends(*ends, TOLERANCE)
            if look == 2 and not done.all():  # what would never settle is not refined any further
                nothing = self.is_nothing(members, eps, weights)
                reasons |= self.lost_at_the_ends(members, panels, nearest, totals[1], HOPELESS)
            left = ~np.isin(members, [*found, *reasons])
            if not left.any():
                return
            members, panels = members[left], panels[..., left]
            previous, nothing = totals[..., left], nothing[:, left]

    def factors(self, cost, members, eps, weights):
        """What the integrand returns, each part times the root of density and weight; the root."""
        found = self.integrand(cost, members, eps)
        parts = found if isinstance(found, tuple) else (found, np.ones(eps.shape))
        points = eps if eps.strides[1] else eps[:, :1]  # the same for all members
        root = np.sqrt(weights[:, : points.shape[1]] / np.sqrt(2 * np.pi)) * np.exp(
            -0.25 * points**2
        )
        rooted = {id(part): np.reshape(part, (-1, *eps.shape)) * root for part in parts}
        return [rooted[id(part)] for part in parts], root

    def scales(self, cost, members, eps, weights):
        """The integrand of the scale at each point, of shape (rows, n, len(members))."""
        factors, _ = self.factors(cost, members, eps, weights)
        return np.abs(factors[-2] * factors[-1])

    def totals(self, cost, members, eps, weights):
        """Integrals of values and of scales, of shape (2, rows, len(members)), block by block."""
        step = max(1, BLOCK // len(eps))
        blocks = (slice(start, start + step) for start in range(0, len(members), step))
        sums = [self._totals(cost, members[b], eps[:, b], weights[:, b]) for b in blocks]
        return np.concatenate(sums, axis=-1)

    def _totals(self, cost, members, eps, weights):
        factors, root = self.factors(cost, members, eps, weights)
        left, right, *sizes = factors
        scales = np.abs(np.multiply(*(sizes or (left, right)))).sum(axis=1)
        if self.centred:
            same = right is left
            left = left - (left * root).sum(axis=1, keepdims=True) * root
            right = left if same else right - (right * root).sum(axis=1, keepdims=True) * root
        return (left * right).sum(axis=1), scales

    def shaken(self):
        """The cost with rounding errors, the same ones each time."""
        return self.cost.jittered(np.random.default_rng(0))

    def spoilt_by_rounding(self, members, eps, weights, totals):
        """Reasons for those that move when every step of the cost's computation is rounded."""
        moved = np.abs(self.totals(self.shaken(), members, eps, weights)[0] - totals[0])
        bad = ~(moved <= PROMISE * totals[1])
        if bad.any():
            bad &= ~self.is_nothing(members, eps, weights)
        why = "is spoilt by rounding inside the cost"
        return {k: f"{self.subject(k)} {why}" for k in members[bad.any(axis=0)]}

    def is_nothing(self, members, eps, weights):
        """Rows that are mere rounding, although the cost is not: an estimator cancels it."""
        z, shaken = self.mu[members] + self.sigma[members] * eps, self.shaken()
        values, others = (cost(z.ravel()).reshape(z.shape) for cost in (self.cost, shaken))
        noise, size = ((np.abs(r) * weights).sum(axis=0) for r in (others - values, values))
        scales, others = (
            self.scales(cost, members, eps, weights) for cost in (self.cost, self.shaken())
        )
        changes = np.abs(others - scales)
        spoilt = changes.sum(axis=1) > 0.1 * scales.sum(axis=1)
        mass = weights * np.exp(-0.5 * eps**2)  # next to a pole rounding spoils next to none of it
        shares = ((changes > 0.1 * scales) * mass).sum(axis=1) / mass.sum(axis=0)
        return spoilt & (shares > 1e-3) & (noise < 1e-12 * size)

    def lost_at_the_ends(self, members, panels, nearest, scales, tolerance):
        """Reasons for those whose terms change on the scale of what the nodes leave out.

        Or that grow like 1/x towards an end, however small they are.
        """
        edges = panels[0]
        points = np.concatenate(
            [
                end
                for step in (1, *STEPS)
                for end in (edges[:-1] + step * nearest[0], edges[1:] - step * nearest[1])
            ]
        )
        found = self.scales(self.cost, members, points, np.ones(points.shape))
        at, a, b, c = np.split(found, 4, axis=1)
        missed = np.abs(at - a) * np.concatenate(nearest)
        missed[:, [0, -1]] = at[:, [0, -1]]  # beyond the reach
        like_a_pole = (a > 15 * b) & (b > 15.9 * c) & (c > 0)
        bad = ~(missed <= tolerance * scales[:, np.newaxis]).all(axis=0) | like_a_pole.any(axis=0)
        near = self.sigma[members] * np.concatenate(nearest)
        places = self.mu[members] + self.sigma[members] * np.concatenate([edges[:-1], edges[1:]])
        places = np.where(np.abs(places) < near, 0.0, places)
        reasons = {}
        for i in np.flatnonzero(bad.any(axis=0)):
            end = np.flatnonzero(bad[:, i])[0]
            why = f"may be infinite: the terms grow too fast near z = {places[end, i]:.6g}"
            if 0 < end < len(bad) - 1:
                why += f", and closer than {near[end, i]:.1g} to it mu + sigma*eps is rounding"
            reasons[members[i]] = f"{self.subject(members[i])} {why}"
        return reasons

    def why_not_finite(self, k, eps):
        eps = eps[:, np.newaxis]
        scales = self.scales(self.cost, np.array([k]), eps, np.ones(eps.shape))
        wrong = eps[~np.isfinite(scales).all(axis=(0, 2)), 0]
        z = self.mu[k] + self.sigma[k] * wrong[np.argmin(np.abs(wrong))]
        return (
            f"{self.cost.name} or its derivative gives terms that are not finite at z = {z:.6g}; "
            f"{self.subject(k)} cannot be computed"
        )

    def subject(self, k):
        return f"the expectation of {self.cost.name} under N({self.mu[k]:g}, {self.sigma[k]:g}^2)"


@lru_cache(maxsize=1024)
def _break_points(cost, mu, sigma):
    low, high = mu - REACH * sigma, mu + REACH * sigma
    if flaw := cost.flaw_beyond(low, high):
        subject = f"the expectation of {cost.name} under N({mu:g}, {sigma:g}^2)"
        raise QuadratureError(f"{subject} does not exist: {flaw}")
    try:
        points = cost.break_points(low, high, origin=mu) if low < high else np.empty(0)
    except ValueError as error:
        raise QuadratureError(str(error)) from None
    if cost.expression is None and not points.size:
        warnings.warn(
            f"{cost.name} is a cost from functions, known at sampled points only: what is narrower "
            f"than about {0.5 * GOLDEN**-FINE * sigma:.2g} may go unseen; pass break_points",
            stacklevel=2,
        )
    return points


def _arranged(cost, mu, sigma, edges, reasons):
    """Yield (members, panels, first level, tiny) for Gaussians whose nodes are arranged alike.

    `panels` are the ends of the panels in eps, and how near to them z = mu + sigma*eps is mere
    rounding, of shape (2, ends, members). On a panel of length 1 the nodes come as near to the ends
    as `tiny`. The first ones lie half a standard deviation apart where the density is.
    """
    groups = {}
    for k, parameters in enumerate(zip(mu.tolist(), sigma.tolist(), strict=True)):
        try:
            points = _break_points(cost, *parameters)
            groups.setdefault(len(points), []).append((k, points))
        except QuadratureError as error:
            reasons[k] = str(error)
    for group in groups.values():
        members = np.array([k for k, _ in group])
        m, s = mu[members, np.newaxis], sigma[members, np.newaxis]
        inner = np.array([points for _, points in group]) / s
        inner = np.hstack([inner, np.broadcast_to(edges, (len(group), len(edges)))])
        outer = np.broadcast_to([-REACH, REACH], (len(group), 2))
        ends = np.sort(np.hstack([inner, -inner, outer]), axis=1).clip(-REACH, REACH)
        width = 8 * np.spacing(np.abs(ends) + np.abs(m) / s)
        apart = np.diff(ends, append=np.inf, axis=1) > 16 * width
        apart |= inner.shape[1] == 0
        counts = apart.sum(axis=1)
        for k in members[counts < 2]:
            why = f"too narrow to tell z from a break point of {cost.name}"
            reasons[k] = f"N({mu[k]:g}, {sigma[k]:g}^2) is {why}"
        for count in set(counts[counts > 1].tolist()):
            alike = counts == count
            kept = [x[alike][apart[alike]].reshape(-1, count).T for x in (ends, width)]
            for some, first, tiny in _starts(*kept):
                yield members[alike][some], np.array(kept)[..., some], first, tiny


def _starts(ends, width):
    if len(ends) == 2:
        yield slice(None), 0.0, 1.0
        return
    longest = np.maximum(
        np.max([ends[1], -ends[-2]], axis=0), np.diff(ends[1:-1], axis=0).max(axis=0, initial=1)
    )
    first = np.log(np.maximum(2 * longest, 25 / (len(ends) - 1))) / np.log(GOLDEN)
    first = np.ceil(2 * np.maximum(first, 1)) / 2
    deep = width.min(axis=0) < 1e-18
    for level, room in set(zip(first.tolist(), deep.tolist(), strict=True)):
        yield (first == level) & (deep == room), level, 1e-300 if room else 1e-20


def _rule(panels, level, tiny):
    """Nodes and weights of shape (n, members), and how near to the ends of each panel they come."""
    edges, width = panels
    if len(edges) == 2:
        step = 0.5 * GOLDEN**-level
        half = step * np.arange(0.5, REACH / step)
        nodes = np.concatenate([-half[::-1], half])[:, np.newaxis]
        shape = (len(nodes), edges.shape[1])
        return np.broadcast_to(nodes, shape), np.broadcast_to(step, shape), width[:, np.newaxis]
    x, weight = _half_line(level, tiny)
    nearest = [np.maximum(x[0], width[1]), np.maximum(x[0], width[-2])]
    rooms = [edges[1] + REACH, REACH - edges[-2]]
    left, right = (np.clip(x, near, room) for near, room in zip(nearest, rooms, strict=True))
    nodes = [edges[1] - left, edges[-2] + right]
    weights = [np.where(x < room, weight, 0.0) for room in rooms]
    ends = [[width[:1], nearest[0][np.newaxis]], [nearest[1][np.newaxis], width[-1:]]]
    if len(edges) > 3:
        low, high, length = edges[1:-2], edges[2:-1], np.diff(edges[1:-1], axis=0)
        lower, near, weight = _double_exponential(level, tiny)
        close = [np.maximum(length * near[0], w) for w in (width[1:-2], width[2:-1])]
        inner = np.where(
            lower,
            low + np.maximum(length * near, close[0]),
            high - np.maximum(length * near, close[1]),
        )
        nodes.append(inner.reshape(-1, edges.shape[1]))
        weights.append((length * weight).reshape(-1, edges.shape[1]))
        ends.insert(1, close)
    nearest = np.array([np.concatenate(side) for side in zip(*ends, strict=True)])
    return np.concatenate(nodes), np.concatenate(weights), nearest


@cache
def _half_line(level, tiny):
    """Trapezoid rule in t for x = exp(t - exp(-t)) on (0, infinity): nodes and weights."""
    step = GOLDEN**-level
    steps = np.arange(np.floor(-np.log(-np.log(tiny)) / step), np.ceil(4.5 / step))
    t = step * steps[:, np.newaxis]
    x = np.exp(t - np.exp(-t))
    return x, step * x * (1 + np.exp(-t))


@cache
def _double_exponential(level, tiny):
    """Trapezoid rule in t for x = tanh(pi/2 sinh t), on a panel of length 1.

    For each node, in columns: is it in the left half, its distance to the nearer end, its weight.
    """
    step = GOLDEN**-level
    last = np.ceil(np.arcsinh(-np.log(tiny) / np.pi) / step)
    t = step * np.arange(-last, last + 1)
    near = 1 / (1 + np.exp(np.abs(np.pi * np.sinh(t))))
    columns = t < 0, near, step * np.pi * np.cosh(t) * near * (1 - near)
    return [column[:, np.newaxis, np.newaxis] for column in columns]
