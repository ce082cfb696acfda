"""Costs on R^d whose variances need expectations on R only: sums, ridges and products. Chapter 10.

The coordinates are independent, each N(mu, sigma^2); those of a ridge have the mean mu/sqrt(d), so
that its argument is N(mu, sigma^2) for every d.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import sympy

from gradlib.control_variates import optimal_baseline
from gradlib.cost import Cost
from gradlib.estimators import pathwise, score_function, values
from gradlib.exact import exact_gradient, exact_value, exact_variance, expectation
from gradlib.gaussian import Gaussian

COSTS_IN_DIMENSIONS = {
    "sum": "r(z_1) + ... + r(z_d)",
    "ridge": "r((z_1 + ... + z_d)/sqrt(d))",
    "product": "r(z_1) ... r(z_d)",
}
# for d = 1, with respect to mu: variances of E1 and E2, the gradient, E[r], E[r^2], best constant
SYMBOLS = sympy.symbols("first second gradient mean square best sigma d", real=True)


class Variances(NamedTuple):
    """Variances of one sample of d/dmu_1, and the size of that gradient, each of d's shape."""

    score_function: np.ndarray
    best_constant: np.ndarray
    pathwise: np.ndarray
    gradient: np.ndarray


def variances(family, r, q, d):
    """Exact `Variances` for a key of COSTS_IN_DIMENSIONS, the text of a function on R, and d.

    `q` is the scalar Gaussian of one coordinate, `d` a number or an array. `best_constant` is the
    score function with its optimal constant baseline. A product is divided by E[r]^d, so that its
    mean is 1 for every d.
    """
    d = np.asarray(d)
    logs = log10_variances(family, r, q.mu, q.sigma, d)
    if family == "product":
        logs = logs - d * np.log10(_one_dimensional(r, q.mu, q.sigma)[3] ** 2)
    return Variances(*10 ** logs[:3], 10 ** (logs[3] / 2))


def log10_variances(family, r, mu, sigma, d):
    """log10 of: variance of E1, of E1 with the best constant, of E2, gradient squared; at d."""
    moments = _one_dimensional(r, mu, sigma)
    return np.array(np.broadcast_arrays(*_function(family)(*moments, sigma, d)))


def log10_formulas(family):
    """What `log10_variances` evaluates, in SYMBOLS.

    Everything follows from one-dimensional expectations, as sums and products factorise.
    """
    first, second, gradient, mean, square, best, sigma, d = SYMBOLS
    n, slope, growth, shrink = d - 1, gradient**2, 0, 0
    if family == "sum":
        pairs = 2 * best * n * mean + n * (square - mean**2) + (n * mean) ** 2
        first, best = first + pairs / sigma**2, best + n * mean
    elif family == "ridge":
        first = first / d + n / d * square / sigma**2
        best, second, slope = best / d + n / d * mean, second / d, slope / d
    else:
        growth, shrink = n * _log10(square), n * _log10(mean**2 / square)
        means = (mean**2 / square) ** n  # of the others: squared mean over second moment
        first, second = (v + slope * (1 - means) for v in (first, second))
        best = best * sympy.sqrt(means)
    found = first, first - (best / sigma) ** 2, second
    return [*(_log10(v) + growth for v in found), _log10(slope) + growth + shrink]


def _log10(x):
    return sympy.log(x) / sympy.log(10)


@lru_cache
def _function(family):
    return sympy.lambdify(SYMBOLS, log10_formulas(family))


@lru_cache(maxsize=200)
def _one_dimensional(r, mu, sigma):
    """For d = 1: both variances, the gradient, E[r], E[r^2] and the best constant."""
    cost, q = Cost(r), Gaussian(mu, sigma)
    first, second = (exact_variance(f, cost, q).mu for f in (score_function, pathwise))
    mean, square = exact_value(cost, q), expectation(lambda *at: (values(*at),) * 2, cost, q)
    return first, second, exact_gradient(cost, q).mu, mean, square, optimal_baseline(cost, q).mu
