"""Exact values: average an estimator's terms over quadrature points instead of random eps.

This file says what is averaged; `quadrature` says how, and what it refuses.
"""

import numpy as np

from gradlib.arguments import require_kind
from gradlib.cost import Cost
from gradlib.estimators import Randomized, score_function, values
from gradlib.gaussian import Gaussian, Gradient
from gradlib.protocol import name_of, parts_of, require_own_eps, terms_of
from gradlib.quadrature import QuadratureError, average


def expectation(function, cost, q, edges=(), centred=False):
    """E[function(cost, q, eps)] for eps ~ N(0, 1): a float, or an array of shape (k,).

    `function` returns an array of shape (n,) or (k, n), or a pair of them whose product is meant:
    each is given half of the density, because a square may overflow where its product with the
    density does not. The error is at most 1e-10 of E|product|. Where the two are small differences
    of large numbers, a second pair (left, right, *pair) is what the error is judged against.
    `centred` takes the mean off either factor first: the result is the covariance of the pair.
    It may bend where r(mu + sigma*eps) or r(mu - sigma*eps) does, and at the `edges` in eps. It
    must ask the cost that it is given, which may be a copy that makes rounding errors.
    Raises QuadratureError if the expectation is infinite or out of reach, ValueError on R^d.
    """
    require_scalar(cost, q)

    def integrand(cost, _, eps):
        return parts_of(function, cost, q, eps[:, 0])

    means, reasons = average(integrand, cost, np.array([q.mu]), np.array([q.sigma]), edges, centred)
    for reason in reasons.values():
        raise QuadratureError(reason)
    return means[:, 0] if len(means) > 1 else float(means[0, 0])


def exact_value(cost, q):
    """J = E[r(Z)] for Z ~ q on R, as a float. Raises as `expectation` does."""
    return expectation(values, cost, q)


def exact_gradient(cost, q):
    """True gradient of J = E[r(Z)] for Z ~ q on R, as a `Gradient` of floats.

    It is E[r * score], which asks nothing of r but moments, so that it is right for a step too.
    Raises as `expectation` does.
    """
    return exact_mean(score_function, cost, q)


def exact_mean(estimator, cost, q):
    """Mean of one term of an estimator, for d/dmu and d/dsigma, as a `Gradient` of floats.

    It is the true gradient where the estimator is unbiased, and shows the bias where it is not.
    Raises as `exact_variance` does, but asks for a finite mean only.
    """
    require_scalar(cost, q)
    if isinstance(estimator, Randomized):
        return Gradient(*map(float, _moments(estimator, cost, q)[0]))
    require_own_eps(estimator, q)

    def terms(cost, q, eps):
        return np.stack(terms_of(estimator, cost, q, eps))

    return Gradient(*expectation(terms, cost, q).tolist())


def exact_variance(estimator, cost, q):
    """Variance of one term of an estimator, for d/dmu and d/dsigma, as a `Gradient` of floats.

    `estimator` is any estimator whose terms are functions of their own eps alone, or a `Randomized`
    one that knows its moments. The error is at most 1e-10 of the terms' second moment, or rounding
    where the terms cancel to nothing. A cost from functions is known at sampled points only, which
    a warning says unless it has break points.
    Raises QuadratureError if a variance is infinite or out of reach, ValueError on R^d and for
    other estimators.
    """
    return Gradient(*np.diag(exact_covariance(estimator, cost, q)).tolist())


def exact_covariance(estimator, cost, q):
    """2x2 covariance matrix of one term's (d/dmu, d/dsigma); see `exact_variance`."""
    require_scalar(cost, q)
    if isinstance(estimator, Randomized):
        return np.array(_moments(estimator, cost, q)[1])
    require_own_eps(estimator, q)

    def pairs(cost, q, eps):
        terms = np.stack(terms_of(estimator, cost, q, eps))
        return terms[[0, 0, 1]], terms[[0, 1, 1]]

    mu_mu, mu_sigma, sigma_sigma = expectation(pairs, cost, q, centred=True)
    return np.array([[mu_mu, mu_sigma], [mu_sigma, sigma_sigma]])


def require_scalar(cost, q):
    """ValueError unless these are a `Cost` and a scalar `Gaussian`."""
    require_kind("cost", cost, Cost, "Cost('z^2')")
    require_kind("q", q, Gaussian, "Gaussian(0.0, 1.0)")
    if q.shape:
        raise ValueError(
            f"exact values need a scalar Gaussian; received shape {q.shape}: use monte_carlo"
        )


def _moments(estimator, cost, q):
    if estimator.moments is None:
        raise ValueError(
            f"{name_of(estimator)} needs random numbers of its own and does not know its moments: "
            "use monte_carlo"
        )
    return estimator.moments(cost, q)
