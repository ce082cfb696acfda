"""Exact variances along curves of Gaussians, in one call, and where the two estimators cross."""

from itertools import groupby

import numpy as np

from gradlib import arguments
from gradlib.arguments import finite_array, real_array, require_kind, require_whole_number, shorten
from gradlib.cost import Cost
from gradlib.estimators import Randomized, pathwise, score_function
from gradlib.exact import exact_variance, require_scalar
from gradlib.gaussian import Gaussian, Gradient
from gradlib.protocol import name_of, require_own_eps, terms_of
from gradlib.quadrature import average


def variance_curve(estimator, cost, mu, sigma, constant=0.0):
    """`exact_variance` of r + constant under many Gaussians at once, as a `Gradient` of arrays.

    `mu`, `sigma` and `constant` are numbers or arrays, which are broadcast: the result has their
    shape. Given a list of estimators, the result is a list in that order. An estimator must take
    K Gaussians as one of shape (K, 1), as the two estimators and their partials do.
    A variance is nan where `exact_variance` raises QuadratureError, and says why. Raises ValueError
    as `exact_variance` does.
    """
    if isinstance(estimator, list | tuple):
        return [variance_curve(one, cost, mu, sigma, constant) for one in estimator]
    require_kind("cost", cost, Cost, "Cost('z^2')")
    if isinstance(estimator, Randomized):
        raise ValueError(f"{name_of(estimator)} has no curves: use exact_variance at each point")
    named = {"mu": mu, "sigma": sigma, "constant": constant}
    arrays = [real_array(x, f"{name} must be real numbers") for name, x in named.items()]
    finite_array(constant, "constant must be finite numbers")
    mu, sigma, constant = np.broadcast_arrays(*arrays)
    shape, (mu, sigma, constant) = mu.shape, (x.ravel() for x in (mu, sigma, constant))
    require_own_eps(estimator, Gaussian(mu[:, np.newaxis], sigma[:, np.newaxis]))

    def squares(cost, members, eps):
        def on_rows(function, z):
            return function(cost, z.ravel()).reshape(z.shape)

        batch = Cost.from_functions(
            lambda z: on_rows(Cost.__call__, z)[..., 0] + constant[members],
            lambda z: on_rows(Cost.derivative, z),
            cost.name,
        )
        q = Gaussian(mu[members, np.newaxis], sigma[members, np.newaxis])
        terms = np.stack(terms_of(estimator, batch, q, eps[..., np.newaxis]))[..., 0]
        return terms, terms

    variances, _ = average(squares, cost, mu, sigma, centred=True)
    return Gradient(*np.broadcast_to(variances, (2, mu.size)).reshape(2, *shape))


def crossings(problem, interval, resolution=400):
    """Each k at which the exact variances of the two estimators cross, as a `Gradient` of arrays.

    `problem(k)` returns (cost, q). The sign of the gap of the variances is looked at on a grid of
    `resolution` steps over `interval` = (low, high), and each change is refined to 1e-9. Crossings
    that lie closer together than a step may be missed, and so is a touch without a crossing.
    Neighbours on the grid that share a cost object are computed at once.
    Raises ValueError for other arguments, and otherwise as `exact_variance`.
    """
    from scipy.optimize import brentq

    low, high = arguments.interval(interval, "interval must be (low, high) with low < high")
    require_whole_number("resolution", resolution)

    def gaps(ks):
        """Both gaps at each k, of shape (2, len(ks))."""
        problems = [_checked(problem, k) for k in ks]
        parts = []
        for cost, group in groupby(problems, key=lambda pair: pair[0]):
            bells = [q for _, q in group]
            mu, sigma = (np.array([getattr(q, name) for q in bells]) for name in Gradient._fields)
            both = variance_curve([score_function, pathwise], cost, mu, sigma)
            for wrong in np.flatnonzero(np.isnan(np.add(*both)).any(axis=0)):
                for estimator in (score_function, pathwise):
                    exact_variance(estimator, cost, bells[wrong])  # it says why not
            parts.append(np.subtract(*both))
        return np.concatenate(parts, axis=1)

    grid = np.linspace(low, high, resolution + 1)
    found = []
    for index, gap in enumerate(gaps(grid.tolist())):
        decided = gap != 0
        at, sign = grid[decided], np.sign(gap[decided])
        (before,) = np.nonzero(sign[1:] != sign[:-1])
        roots = [
            brentq(lambda k, i=index: gaps([k])[i, 0], at[j], at[j + 1], xtol=1e-10) for j in before
        ]
        found.append(np.array(roots))
    return Gradient(*found)


def _checked(problem, k):
    """(cost, q) of a scalar Gaussian; ValueError for anything else."""
    if not callable(problem):
        raise ValueError(f"problem must be a function of k; received {shorten(problem)}")
    pair = problem(k)
    if not (isinstance(pair, tuple) and len(pair) == 2):
        raise ValueError(f"problem(k) must return (cost, q); received {shorten(pair)}")
    require_scalar(*pair)
    return pair
