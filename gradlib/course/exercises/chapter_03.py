"""Exercises of chapter 03, The reparameterization identity."""

import numpy as np

from gradlib.cost import Cost
from gradlib.course.judges import FunctionOf, judge, normal_density
from gradlib.estimators import pathwise
from gradlib.exact import QuadratureError, exact_gradient, exact_mean
from gradlib.gaussian import Gaussian


@judge
def misleads_pathwise(attempt):
    """The text of a cost: at N(0.5, 1) the mean of E2 must have the wrong sign, for mu."""
    q = Gaussian(0.5, 1.0)
    try:
        cost = Cost(attempt)
        truth, mean = exact_gradient(cost, q).mu, exact_mean(pathwise, cost, q).mu
    except (ValueError, QuadratureError) as error:
        return f"not yet: {error}."
    numbers = f"the true gradient is {truth:.4g}, and E2 averages {mean:.4g}"
    if np.isclose(mean, truth, rtol=1e-7, atol=1e-9):
        return f"not yet: {numbers}. E2 is right here; what breaks the bridge?"
    if mean * truth > -1e-9:
        return f"not yet: {numbers}. E2 is wrong here, but it does not point the other way."
    return f"right. Here {numbers}."


EXERCISES = {
    "03.1": FunctionOf(
        {"eps": (-3, 3), "mu": (-2, 2), "sigma": (0.5, 2)},
        lambda eps, mu, sigma: np.cos(mu + sigma * eps) * eps,
        {
            "the factor eps = dz/dsigma is missing; this is the gradient for mu.": (
                lambda eps, mu, sigma: np.cos(mu + sigma * eps)
            ),
            "r itself stands where its derivative r' belongs.": (
                lambda eps, mu, sigma: np.sin(mu + sigma * eps) * eps
            ),
            "this is the score-function term E1; E2 differentiates r along the path.": (
                lambda eps, mu, sigma: np.sin(mu + sigma * eps) * (eps**2 - 1) / sigma
            ),
            "the point is z = mu + sigma*eps, with sigma, not its square.": (
                lambda eps, mu, sigma: np.cos(mu + sigma**2 * eps) * eps
            ),
            "this is the gradient for the variance sigma^2; we want the one for sigma.": (
                lambda eps, mu, sigma: np.cos(mu + sigma * eps) * eps / (2 * sigma)
            ),
            "the factor is dz/dsigma = eps; sigma is dz/deps.": (
                lambda eps, mu, sigma: np.cos(mu + sigma * eps) * sigma
            ),
            "the sign is flipped; the derivative of sin is +cos.": (
                lambda eps, mu, sigma: -np.cos(mu + sigma * eps) * eps
            ),
        },
    ),
    "03.2": FunctionOf(
        {"u": (0.05, 0.95), "k": (0.5, 3)},
        lambda u, k: -((-np.log(u)) ** (1 / k)) * np.log(-np.log(u)) / k**2,
        {
            "the sign is flipped; the derivative of 1/k is -1/k^2.": (
                lambda u, k: (-np.log(u)) ** (1 / k) * np.log(-np.log(u)) / k**2
            ),
            "the derivative of 1/k is -1/k^2; one factor 1/k is missing.": (
                lambda u, k: -((-np.log(u)) ** (1 / k)) * np.log(-np.log(u)) / k
            ),
            "the log is missing; the derivative of a^x is a^x log(a).": (
                lambda u, k: -((-np.log(u)) ** (1 / k)) / k**2
            ),
            "the factor z is missing; the derivative of a^x is a^x log(a).": (
                lambda u, k: -np.log(-np.log(u)) / k**2
            ),
            "this is the derivative for the base -log(u); here the exponent 1/k moves.": (
                lambda u, k: (-np.log(u)) ** (1 / k - 1) / k
            ),
            "this is the path z itself; we want its derivative dz/dk.": (
                lambda u, k: (-np.log(u)) ** (1 / k)
            ),
        },
    ),
    "03.3": FunctionOf(
        {"mu": (-2, 2), "sigma": (0.5, 2), "a": (0.5, 3), "c": (-2, 2)},
        lambda mu, sigma, a, c: a * normal_density(c, mu, sigma),
        {
            "the sign is flipped; an upward step adds to the gradient.": (
                lambda mu, sigma, a, c: -a * normal_density(c, mu, sigma)
            ),
            "the height a is missing.": lambda mu, sigma, a, c: normal_density(c, mu, sigma),
            "1/sigma is missing; the density at c is that of N(mu, sigma^2).": (
                lambda mu, sigma, a, c: a * normal_density((c - mu) / sigma, 0, 1)
            ),
            "the spread is sigma, not its square.": (
                lambda mu, sigma, a, c: a * normal_density(c, mu, sigma**2)
            ),
            "this is the correction for sigma; for mu the speed dz/dmu is 1.": (
                lambda mu, sigma, a, c: a * normal_density(c, mu, sigma) * (c - mu) / sigma
            ),
            "the density is wanted at the step c, not at 0.": (
                lambda mu, sigma, a, c: a * normal_density(0, mu, sigma)
            ),
        },
    ),
    "03.4": misleads_pathwise,
}
