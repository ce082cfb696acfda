"""The variance gap by the gap theorem, and the parameters at which the two estimators draw level.

Variance gap = variance of the score function minus variance of pathwise, of one sample each.
Positive: pathwise wins.
"""

import numpy as np

from gradlib.arguments import require_whole_number
from gradlib.estimators import pathwise, score_function, slopes, values
from gradlib.exact import exact_mean, exact_variance, expectation
from gradlib.quadrature import REACH
from gradlib.gaussian import Gradient


def variance_gap(cost, q):
    """The variance gap for d/dmu and d/dsigma by the gap theorem, as a `Gradient` of floats.

    It is the diagonal of `gap_matrix`, and raises what that raises.
    """
    return Gradient(*np.diag(gap_matrix(cost, q)).tolist())


def gap_matrix(cost, q):
    """The 2x2 gap matrix G: along phi the variance gap is w @ G @ w, with w = (mu', sigma').

    G is the sum of the three `gap_terms`, and raises what they raise.
    """
    return gap_terms(cost, q).sum(axis=0)


def gap_terms(cost, q):
    """The gap theorem's terms in r^2, in r'^2 and in r r', as an array of shape (3, 2, 2).

    [0, 0]  E[r^2]/sigma^2 - E[r'^2] + 2E[r r' eps]/sigma
    [0, 1]  0 - E[r'^2 eps] + 2E[r r' (eps^2 + 1)]/sigma, and [1, 0] likewise
    [1, 1]  2E[r^2]/sigma^2 - E[r'^2 eps^2] + 2E[r r' (eps^3 + eps)]/sigma

    This is the weak form. It holds for r locally absolutely continuous, kinks included, if both
    variances are finite.
    Raises ValueError if r jumps or r' is not its derivative, and otherwise as `exact_variance`.
    """

    def products(cost, q, eps):
        a, b, s = values(cost, q, eps) / q.sigma, slopes(cost, q, eps), 2 * eps**2
        left = [a, b, b, b, a, a, a]
        return np.array(left), np.array([a, -b, -b * eps, -b * s / 2, 2*b * eps, b * (s + 2), b * eps * (s + 2)])

    aa, bb, bbe, bbee, mu_mu, mu_sigma, sigma_sigma = expectation(products, cost, q)
    _refuse_jump(cost, q, 1e-11 * q.sigma * np.sqrt(aa - bb))
    _refuse_bias(cost, q, 1e-8 * np.sqrt(aa - bb))
    return np.array(
        [
            [[aa, 0], [0, 2 * aa]],
            [[bb, bbe], [bbe, bbee]],
            [[mu_mu, mu_sigma], [mu_sigma, sigma_sigma]],
        ]
    )


def crossings(problem, interval, resolution=400):
    """Each k at which the exact variances of the two estimators cross, as a `Gradient` of arrays.

    `problem(k)` returns (cost, q). The sign of the gap of the variances is looked at on a grid of
    `resolution` steps over `interval` = (low, high), and each change is refined to 1e-9. Crossings
    that lie closer together than a step may be missed, and so is a touch without a crossing.
    Raises ValueError for other intervals and resolutions, and otherwise as `exact_variance`.
    """
    from scipy.optimize import brentq

    try:
        low, high = map(float, interval)
    except (TypeError, ValueError):
        low = high = np.nan
    if not (np.isfinite([low, high]).all() and low < high):
        raise ValueError(f"interval must be (low, high) with low < high; received {interval!r}")
    require_whole_number("resolution", resolution)

    def gaps(k):
        cost, q = problem(k)
        pairs = (exact_variance(estimator, cost, q) for estimator in (score_function, pathwise))
        return np.subtract(*pairs)

    grid = np.linspace(low, high, resolution + 1)
    found = []
    for index, gap in enumerate(np.transpose([gaps(k) for k in grid.tolist()])):
        decided = gap != 0
        at, sign = grid[decided], np.sign(gap[decided])
        (before,) = np.nonzero(sign[1:] != sign[:-1])
        roots = [
            brentq(lambda k, i=index: gaps(k)[i], at[j], at[j + 1], xtol=1e-10) for j in before
        ]
        found.append(np.array(roots))
    return Gradient(*found)


def _refuse_jump(cost, q, noise):
    """ValueError if r jumps at a break point: if it rises as much on a thousandth of the way."""
    points = cost.break_points(q.mu - REACH * q.sigma, q.mu + REACH * q.sigma)
    near = 64 * np.spacing(np.maximum(np.abs(points), q.sigma))
    rise, further = (np.abs(cost(points + w) - cost(points - w)) for w in (near, 1000 * near))
    jumps = (rise > noise) & (rise > 0.5 * further)
    if jumps.any():
        raise ValueError(
            f"the gap theorem needs a cost without jumps; received {cost.name}, which jumps at "
            f"z = {points[jumps][0]:.6g}: there the pathwise estimator is biased"
        )


def _refuse_bias(cost, q, noise):
    """ValueError if the two estimators differ in the mean: then r' is not the slope of r."""
    means = [exact_mean(estimator, cost, q) for estimator in (score_function, pathwise)]
    if np.abs(np.subtract(*means)).max() > noise:
        raise ValueError(
            f"the gap theorem needs the derivative of the cost; received {cost.name}, whose mean "
            f"gradients differ: {tuple(means[0])} (score function), {tuple(means[1])} (pathwise)"
        )
