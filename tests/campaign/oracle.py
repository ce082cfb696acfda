"""What a case's expectations are: by Gauss's rule in floats, and by mpmath at 30 digits or more.

Both end their panels where the case says that something happens, never where gradlib says so.
"""

import math
from functools import cache
from itertools import pairwise

import mpmath
import numpy as np
from mpmath import mp

from campaign.grammar import DIGITS, FLOATS

NODES, WEIGHTS = np.polynomial.legendre.leggauss(20)
SHARES = np.concatenate([[0.0], 3.0 ** -np.arange(33, 0, -1.0)])  # of a panel, towards its end
SIZES = 5, 6, 7, 14  # rows that bend where r changes its sign: they need not be exact
TINY = 1e-290  # what is smaller may be 0 in floats
STEPS = np.concatenate([SHARES, [0.5], 1 - SHARES[::-1]])


def rows(r, slope, eps, sigma):
    """Everything whose mean is needed."""
    score = r * eps / sigma, r * (eps * eps - 1) / sigma
    path = slope, slope * eps
    first = [r, *score]
    pairs = [(a, b) for one in (score, path) for a, b in zip(one[:1] * 2 + one[1:], one + one[1:])]
    shared = [abs(r * slope) * (1 + abs(eps) ** 3) / sigma]
    return [*first, *path, *map(abs, first), *(a * b for a, b in pairs), *shared]


class Answers:
    """Each quantity with the size that its error is judged by."""

    def __init__(self, means):
        r, *gradient, path_mu, path_sigma, r_size, mu_size, sigma_size = means[:8]
        variances, seconds = [], []
        for (a, b), (aa, ab, bb) in (
            (gradient, means[8:11]),
            ((path_mu, path_sigma), means[11:14]),
        ):
            size = abs(aa * bb) ** 0.5
            variances.append([aa - a * a, ab - a * b, bb - b * b])
            seconds.append([aa, size, bb])
        self.found = {
            "value": ([r], [r_size]),
            "gradient": (gradient, [mu_size, sigma_size]),
            "score function": (variances[0], seconds[0]),
            "pathwise": (variances[1], seconds[1]),
            "gap": (
                [a - b for a, b in zip(*variances)],
                [a + b + means[14] for a, b in zip(*seconds)],
            ),
        }

    def error(self, name, numbers):
        """The largest error of numbers, in units of what it is judged by."""
        return max(
            float(abs(number - truth) / max(size, TINY))
            for number, truth, size in zip(numbers, *self.found[name], strict=True)
        )


def in_floats(case, edges):
    """By Gauss's rule on panels that shrink threefold towards each edge."""
    edges = np.unique(np.array(edges, float))
    points = edges[:-1, np.newaxis] + np.diff(edges)[:, np.newaxis] * STEPS
    points = np.unique(points)
    half = np.diff(points)[:, np.newaxis] / 2
    eps = (points[:-1, np.newaxis] + half * (1 + NODES)).ravel()
    weights = (half * WEIGHTS).ravel() * np.exp(-(eps**2) / 2) / math.sqrt(2 * math.pi)
    with np.errstate(all="ignore"):
        r, slope = case.at(FLOATS, case.mu + case.sigma * eps)
        return Answers([float((weights * row).sum()) for row in rows(r, slope, eps, case.sigma)])


def in_digits(case, digits=30):
    """By the double-exponential rule, halving panels until all have settled; nan if one does not.

    Next to a singularity that many digits are needed of the distance to it.
    """
    with mpmath.workdps(digits):
        edges = case.edges()
        mu, sigma = mp.mpf(case.mu), mp.mpf(case.sigma)

        def panel(a, b):
            """Two sums of all rows, with every node and with every other one."""
            fine, coarse = [mp.zero] * 15, [mp.zero] * 15
            for number, (below, near, weight) in enumerate(_nodes(4 * digits // 5)):
                eps = a + (b - a) * near if below else b - (b - a) * near
                share = (b - a) * weight * mp.npdf(eps)
                r, slope = case.at(DIGITS, mu + sigma * eps)
                there = [share * row for row in rows(r, slope, eps, sigma)]
                fine = [x + y for x, y in zip(fine, there)]
                if number % 2 == 0:
                    coarse = [x + 2 * y for x, y in zip(coarse, there)]
            return fine, coarse

        means = [mp.zero] * 15
        waiting = [(a, b, 0) for a, b in pairwise(edges)]
        waiting.sort(key=lambda panel: abs(panel[0] + panel[1]))  # the middle tells the size
        sizes = [mp.zero] * 15
        for a, b, depth in iter(lambda: waiting.pop(0) if waiting else None, None):
            fine, coarse = panel(a, b)
            sizes = [max(s, abs(x)) for s, x in zip(sizes, fine)]
            settled = [
                abs(x - y) <= (1e-2 if row in SIZES else 1e-8) * s
                for row, (x, y, s) in enumerate(zip(fine, coarse, sizes))
            ]
            if all(settled) or depth > 6:
                means = [m + x if ok else mp.nan for m, x, ok in zip(means, fine, settled)]
            else:
                waiting[:0] = [(a, (a + b) / 2, depth + 1), ((a + b) / 2, b, depth + 1)]
        return Answers(means)


@cache
def _nodes(digits, step=16):
    """In the left half?, distance to the nearer end of a panel of length 1, weight."""
    last = 2 * int(mp.asinh(digits * mp.log(10) / mp.pi) * step / 2)
    nodes = []
    for number in range(-last, last + 1):
        t = mp.mpf(number) / step
        near = 1 / (1 + mp.exp(abs(mp.pi * mp.sinh(t))))
        nodes.append((t < 0, near, mp.pi * mp.cosh(t) * near * (1 - near) / step))
    return nodes
