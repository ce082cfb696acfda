"""Exact values: average an estimator's terms over quadrature points instead of random eps.

The rule is the trapezoid rule after the double-exponential change of variable (Takahasi and Mori
1974) on every panel between two break points of the cost. It refines itself until nothing moves
any more, and refuses with `QuadratureError` whatever it cannot vouch for.
"""

from functools import cache
from itertools import count

import numpy as np

from gradlib.estimators import pathwise, score_function
from gradlib.gaussian import Gradient

REACH = 38.0  # in standard deviations: further out the normal density is below 1e-313
TOLERANCE = 1e-11  # relative to the integral of the absolute integrand, the scale
SCALE_TOLERANCE = 3e-3  # the scale is a yardstick: it only has to settle, not to be exact
MIN_NODES, MAX_NODES = 600, 2**21
GOLDEN = (1 + 5**0.5) / 2  # steps in a rational ratio could agree on the same wrong (aliased) value


class QuadratureError(ArithmeticError):
    """An expectation that does not exist, or that cannot be computed to the promised accuracy."""


def exact_value(cost, q):
    """J = E[r(Z)] for Z ~ q on R, as a float.

    Raises QuadratureError if E|r(Z)| is infinite or out of reach, ValueError on R^d.
    """

    def integrand(eps, root):
        value = cost(q.reparameterize(eps))[np.newaxis] * root * root
        return value, np.abs(value)

    return float(integrate(integrand, cost, q)[0])


def exact_gradient(cost, q):
    """True gradient of J = E[r(Z)] for Z ~ q on R, as a `Gradient` of floats.

    It is E[r * score], which asks nothing of r but moments, so that it is right for a step too.
    Raises QuadratureError if the expectation is infinite or out of reach, ValueError on R^d.
    """
    return exact_mean(score_function, cost, q)


def exact_mean(estimator, cost, q):
    """Mean of one term of an estimator, for d/dmu and d/dsigma, as a `Gradient` of floats.

    It is the true gradient where the estimator is unbiased, and shows the bias where it is not.
    Raises as `exact_variance` does, but asks for a finite mean only.
    """
    if hasattr(estimator, "exact_mean"):
        return estimator.exact_mean(cost, q)
    _refuse_shared_eps(estimator, cost, q)

    def integrand(eps, root):
        terms, noise = _terms(estimator, cost, q, eps)
        return terms * root * root, (np.abs(terms) + noise / TOLERANCE) * root * root

    return Gradient(*integrate(integrand, cost, q, not _is_plain(estimator)).tolist())


def exact_variance(estimator, cost, q):
    """Variance of one term of an estimator, for d/dmu and d/dsigma, as a `Gradient` of floats.

    `estimator` is any callable (cost, q, eps) -> Gradient of arrays of eps's shape, each term a
    function of its own eps. One whose terms need more random numbers than eps brings functions
    `exact_mean(cost, q)` and `exact_covariance(cost, q)` of its own as attributes. The error is at
    most 1e-10 of the terms' second moment, or rounding where the terms cancel to nothing.
    Raises QuadratureError if a variance is infinite or out of reach, ValueError on R^d and for
    terms that depend on one another.
    """
    return Gradient(*np.diag(exact_covariance(estimator, cost, q)).tolist())


def exact_covariance(estimator, cost, q):
    """2x2 covariance matrix of one term's (d/dmu, d/dsigma); see `exact_variance`."""
    if hasattr(estimator, "exact_covariance"):
        return estimator.exact_covariance(cost, q)
    mean = np.array(exact_mean(estimator, cost, q))
    rows, columns = [0, 0, 1], [0, 1, 1]

    def integrand(eps, root):
        terms, noise = _terms(estimator, cost, q, eps)
        centred, raw = (terms - mean[:, np.newaxis]) * root, np.abs(terms) * root
        noise = noise * root
        spoilt = (raw[rows] + noise[rows]) * noise[columns] + noise[rows] * raw[columns]
        scales = raw[rows] * raw[columns] + spoilt / TOLERANCE
        return centred[rows] * centred[columns], scales

    mu_mu, mu_sigma, sigma_sigma = integrate(integrand, cost, q, not _is_plain(estimator))
    return np.array([[mu_mu, mu_sigma], [mu_sigma, sigma_sigma]])


def expectation(function, cost, q, edges=()):
    """E[function(eps)] for eps ~ N(0, 1), where `function` is smooth but at the cost's break points.

    `function(eps)` returns an array of shape (n,) or (k, n), or a pair of such arrays whose product
    is meant: each then meets the square root of the density, because a square may overflow where
    its product with the density does not. It may bend where r(mu + sigma*eps) or r(mu - sigma*eps)
    does, and at the `edges` in eps. Returns a float, or an array of shape (k,).
    """

    def integrand(eps, root):
        found = function(eps)
        left, right = found if isinstance(found, tuple) else (found, 1.0)
        products = np.atleast_2d(left * root) * (right * root)
        return products, np.abs(products)

    result = integrate(integrand, cost, q, mirrored=True)
    return result if np.ndim(function(np.zeros(1))) > 1 else float(result[0])


def _terms(estimator, cost, q, eps):
    """An estimator's terms, and how far they may be off by rounding alone.

    Control variates may cancel the cost altogether: no quadrature settles on the rounding that is
    left, so the scale must not be that small.
    """
    terms = np.stack(estimator(cost, q, eps))
    if _is_plain(estimator):
        return terms, np.zeros_like(terms)
    unit = 4 * np.finfo(float).eps * (1 + np.abs(q.mu) / q.sigma)
    return terms, unit * np.abs(score_function(cost, q, eps))


def _refuse_shared_eps(estimator, cost, q):
    """ValueError if a term changes with the company that its eps is in."""
    if q.shape or _is_plain(estimator):
        return
    eps = np.array([0.3, -1.1, 0.8])
    with np.errstate(all="ignore"):
        alone, together = (np.stack(estimator(cost, q, e)) for e in (eps[:2], eps))
    if not np.allclose(alone, together[:, :2], rtol=1e-9, atol=0, equal_nan=True):
        raise ValueError(
            "exact values need terms that are functions of their own eps alone; those of "
            f"{getattr(estimator, '__name__', estimator)} depend on the other samples: repeat "
            "the whole estimate with fresh eps and look at its variance"
        )


def _is_plain(estimator):
    """One of the two estimators, or a partial of one?"""
    return getattr(estimator, "func", estimator) in (score_function, pathwise)


def integrate(integrand, cost, q, mirrored=False):
    """Integrals over eps of the rows of an integrand that contains the normal density.

    Panels end at the break points of the cost; if `mirrored`, at those of r(mu - sigma*eps) too.

    `integrand(eps, root)` gets the square root of the density, because a square may overflow where
    its product with the density does not. It returns (values, scales), both of shape (k, n):
    the error of the integral of `values` is judged against the integral of `scales` >= 0.
    """
    edges, width = _panels(cost, q, mirrored)

    def evaluate(eps):
        with np.errstate(all="ignore"):
            values, scales = integrand(eps, np.exp(-0.25 * eps**2) / (2 * np.pi) ** 0.25)
        wrong = ~np.isfinite(scales).all(axis=0)
        if wrong.any():
            z = q.reparameterize(eps[wrong][np.argmin(np.abs(eps[wrong]))])
            raise QuadratureError(
                f"{cost.name} or its derivative gives terms that are not finite at z = {z:.6g}; "
                f"the expectation under N({q.mu:g}, {q.sigma:g}^2) cannot be computed"
            )
        return values, scales

    previous = np.inf
    for level in count(_first_level(len(edges) - 1)):
        eps, weights = _double_exponential(edges, width, level)
        if eps.size > MAX_NODES:
            raise QuadratureError(
                f"the expectation of {cost.name} under N({q.mu:g}, {q.sigma:g}^2) does not settle "
                f"with {MAX_NODES} points: it is infinite, or the cost changes too fast"
            )
        values, scales = evaluate(eps)
        totals = np.stack([values @ weights, scales @ weights])
        allowed = totals[1] * [[TOLERANCE], [SCALE_TOLERANCE]]
        if np.all(np.abs(totals - previous) <= allowed):
            break
        previous = totals

    # Nodes are kept `width` away from the edges: do the terms change on that scale?
    near, far = (
        np.concatenate([edges[:-1] + w[:-1], edges[1:] - w[1:]]) for w in (width, 4 * width)
    )
    at_ends = evaluate(near)[1]
    missed = np.abs(at_ends - evaluate(far)[1]) * np.concatenate([width[:-1], width[1:]])
    missed[:, [0, -1]] = at_ends[:, [0, -1]]  # beyond the reach
    bad = (missed > TOLERANCE * totals[1][:, np.newaxis]).any(axis=0)
    if bad.any():
        z = q.reparameterize(near[bad][0])
        raise QuadratureError(
            f"the expectation of {cost.name} under N({q.mu:g}, {q.sigma:g}^2) may be infinite: "
            f"the terms grow too fast near z = {z:.6g}"
        )
    return totals[0]


def _panels(cost, q, mirrored):
    """Panel edges in eps, and how near to them z = mu + sigma*eps is mere rounding."""
    if q.shape:
        raise ValueError(
            f"exact values need a scalar Gaussian; received shape {q.shape}: use monte_carlo"
        )
    try:
        points = cost.break_points(q.mu - REACH * q.sigma, q.mu + REACH * q.sigma)
    except ValueError as error:
        raise QuadratureError(str(error)) from None
    inner = q.standardize(points)
    if mirrored:
        inner = np.union1d(inner, -inner)
    edges = np.concatenate([[-REACH], inner[np.abs(inner) < REACH], [REACH]])
    width = 8 * np.spacing(np.abs(edges) + np.abs(q.mu) / q.sigma)
    apart = np.diff(edges, append=np.inf) > 16 * width
    return edges[apart], width[apart]


def _first_level(panels):
    """The first level with MIN_NODES nodes or more on this number of panels."""
    return max(1, int(np.ceil(np.log(MIN_NODES / (8 * panels)) / np.log(GOLDEN))))


def _double_exponential(edges, width, level):
    """Nodes and weights on every panel."""
    left, near, weight = _rule(level)
    low, high = edges[:-1, np.newaxis], edges[1:, np.newaxis]
    gap = (high - low) * near
    nodes = np.where(
        left,
        low + np.maximum(gap, width[:-1, np.newaxis]),
        high - np.maximum(gap, width[1:, np.newaxis]),
    )
    return nodes.ravel(), ((high - low) * weight).ravel()


@cache
def _rule(level):
    """Trapezoid rule in t for x = tanh(pi/2 sinh t), on a panel of length 1.

    For each node: is it in the left half, its distance to the nearer end, its weight.
    """
    step = GOLDEN**-level
    last = np.ceil(4 / step)
    t = step * np.arange(-last, last + 1)
    near = 1 / (1 + np.exp(np.abs(np.pi * np.sinh(t))))
    return t < 0, near, step * np.pi * np.cosh(t) * near * (1 - near)
