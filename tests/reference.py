"""Gaussian expectations a second time, without gradlib: what its numbers are compared with."""

import mpmath
import numpy as np

NODES, WEIGHTS = np.polynomial.legendre.leggauss(40)
REACH = 13  # in standard deviations: the density beyond is below 1e-37


def gauss_rule(edges):
    """Points and weights of Gauss's rule with 40 points between neighbouring edges."""
    half = np.diff(edges)[:, np.newaxis] / 2
    points = np.asarray(edges)[:-1, np.newaxis] + half * (1 + NODES)
    return points.ravel(), (half * WEIGHTS).ravel()


def normal_rule(mu, sigma, points=()):
    """eps and weights for eps ~ N(0, 1): E[f(eps)] = weights @ f(eps).

    f may bend and jump where z = mu + sigma*eps is one of the `points`, and at their mirror images
    -eps. 40 points for half a standard deviation follow whatever the tests call fast.
    """
    bends = (np.array(points, float) - mu) / sigma
    edges = np.unique([*np.linspace(-REACH, REACH, 4 * REACH + 1), *bends, *-bends])
    eps, weights = gauss_rule(edges[np.abs(edges) <= REACH])
    return eps, weights * np.exp(-(eps**2) / 2) / np.sqrt(2 * np.pi)


def mean(f, mu, sigma, points=()):
    """E[f(Z, eps)] for Z = mu + sigma*eps, f of arrays; see `normal_rule`."""
    eps, weights = normal_rule(mu, sigma, points)
    return float(weights @ (f(mu + sigma * eps, eps) * np.ones_like(eps)))


def mean_to_25_digits(f, mu, sigma, points=()):
    """The same by mpmath, split at the points and at mu only, with f written for mpmath."""
    with mpmath.workdps(25):
        bends = sorted((mpmath.mpf(point) - mu) / sigma for point in {*points, mu})
        edges = [-mpmath.inf, *bends, mpmath.inf]
        return mpmath.quad(lambda e: f(mu + sigma * e, e) * mpmath.npdf(e), edges)


def moments(r, slope, mu, sigma, points=(), mean=mean):
    """J, its gradient (2,), and the covariances (2, 2) of one term of both estimators.

    In the order score function, pathwise; the gradient is the mean of the score function's terms.
    """

    def average(f):
        return mean(f, mu, sigma, points)

    def covariance(terms):
        means = [average(term) for term in terms]
        products = [
            [average(lambda z, e, a=a, b=b: a(z, e) * b(z, e)) for b in terms] for a in terms
        ]
        return np.array(products, float) - np.array(np.outer(means, means), float)

    score, path = terms_of_score(r, sigma), terms_of_path(slope)
    gradient = np.array([average(term) for term in score], float)
    return float(average(lambda z, e: r(z))), gradient, covariance(score), covariance(path)


def terms_of_score(r, sigma):
    return lambda z, e: r(z) * e / sigma, lambda z, e: r(z) * (e * e - 1) / sigma


def terms_of_path(slope):
    return lambda z, e: slope(z), lambda z, e: slope(z) * e


def normal_grid(count, d):
    """Gauss-Hermite points (count^d, d) and weights for eps ~ N(0, I) on R^d.

    Exact for polynomials of degree 2 count - 1 in each coordinate.
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(count)
    return product_rule(nodes, weights / weights.sum(), d)


def product_rule(points, weights, d):
    """Points (count^d, d) and weights on R^d of a rule on R with `count` points."""
    grid, products = (
        np.stack(np.meshgrid(*[x] * d, indexing="ij"), axis=-1).reshape(-1, d)
        for x in (points, weights)
    )
    return grid, products.prod(axis=1)
