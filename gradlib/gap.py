"""The variance gap by the gap theorem.

Variance gap = variance of the score function minus variance of pathwise, of one sample each.
Positive: pathwise wins.
"""

import numpy as np

from gradlib.estimators import pathwise, score_function, slopes, values
from gradlib.exact import exact_mean, expectation
from gradlib.gaussian import Gradient
from gradlib.quadrature import REACH


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
        r, slope = values(cost, q, eps) / q.sigma, slopes(cost, q, eps)
        left = [r, slope, slope, slope, r, r, r]
        factors = [1, eps, eps**2, 2 * eps, 2 * (eps**2 + 1), 2 * (eps**3 + eps)]
        return np.array(left), np.array([r, *(slope * f for f in factors)])

    aa, bb, bbe, bbee, mu_mu, mu_sigma, sigma_sigma = expectation(products, cost, q)
    size = np.sqrt(aa + bb)
    _refuse_jump(cost, q, 1e-11 * q.sigma * size)
    _refuse_bias(cost, q, 1e-8 * size)
    return np.array(
        [
            [[aa, 0], [0, 2 * aa]],
            [[-bb, -bbe], [-bbe, -bbee]],
            [[mu_mu, mu_sigma], [mu_sigma, sigma_sigma]],
        ]
    )


def gap_kernel(cost, q, eps):
    """k = r r'' + (1 + eps^2) r^2/(2 sigma^2) at z = mu + sigma*eps, of eps's shape.

    For smooth r the gap matrix is E[k (1, eps)^T (1, eps)], so that pathwise wins where k > 0
    outweighs k < 0. r'' is taken almost everywhere: a kink at z adds a point mass, r(z) times the
    rise of r' times the density of Z, on (1, eps)^T (1, eps) there.
    Raises ValueError as `score_function` does, on R^d, and for a cost from functions.
    """
    r = values(cost, q, eps)
    if q.shape:
        raise ValueError(f"gap_kernel needs a scalar Gaussian; received shape {q.shape}")
    noise = np.asarray(eps, dtype=float)
    bend = cost.second_derivative(q.reparameterize(noise))
    return r * bend + (1 + noise**2) * r**2 / (2 * q.sigma**2)


def jumps(cost, q, noise):
    """The break points on R at which r jumps, so rises by more than `noise`, however near."""
    points = cost.break_points(q.mu - REACH * q.sigma, q.mu + REACH * q.sigma)
    near = 64 * np.spacing(np.maximum(np.abs(points), q.sigma))
    rise, further = (np.abs(cost(points + w) - cost(points - w)) for w in (near, 1000 * near))
    return points[(rise > noise) & (rise > 0.5 * further)]


def _refuse_jump(cost, q, noise):
    for z in jumps(cost, q, noise):
        raise ValueError(
            f"the gap theorem needs a cost without jumps; received {cost.name}, which jumps at "
            f"z = {z:.6g}: there the pathwise estimator is biased"
        )


def _refuse_bias(cost, q, noise):
    """ValueError if the two estimators differ in the mean: then r' is not the slope of r."""
    means = [exact_mean(estimator, cost, q) for estimator in (score_function, pathwise)]
    if np.abs(np.subtract(*means)).max() > noise:
        raise ValueError(
            f"the gap theorem needs the derivative of the cost; received {cost.name}, whose mean "
            f"gradients differ: {tuple(means[0])} (score function), {tuple(means[1])} (pathwise)"
        )
