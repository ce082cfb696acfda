"""Exercises of chapter 06, When the score function wins."""

import numpy as np

from gradlib.cost import Cost
from gradlib.course.judges import FunctionOf, judge, normal_density
from gradlib.estimators import pathwise, score_function
from gradlib.exact import QuadratureError, exact_variance
from gradlib.gap import gap_terms
from gradlib.gaussian import Gaussian, Gradient

Q = Gaussian(1.0, 1.0)


def gaps(cost):
    """For mu and sigma: the variance gap at N(1, 1), and both variances in words.

    Raises ValueError where the pathwise estimator is biased.
    """
    gap_terms(cost, Q)
    pairs = zip(*(exact_variance(f, cost, Q) for f in (score_function, pathwise)), strict=True)
    for name, (score, path) in zip(Gradient._fields, pairs, strict=True):
        gap = 0.0 if np.isclose(score, path, rtol=1e-9, atol=0) else score - path
        yield gap, f"{score:.4g} (score function) and {path:.4g} (pathwise) for {name}"


@judge
def wins_for_sigma_only(attempt):
    """The text of a cost: the score function must win for sigma, and not for mu."""
    try:
        (mu, mu_words), (sigma, sigma_words) = gaps(Cost(attempt))
    except (ValueError, QuadratureError) as error:
        return f"not yet: {error}."
    words = f"the variances are {mu_words}, {sigma_words}."
    if sigma < 0 <= mu:
        return f"right. Here {words}"
    if sigma < 0:
        return f"not yet: {words} The score function wins for mu as well."
    if mu < 0:
        return f"not yet: {words} That is the other way round."
    return f"not yet: {words} For sigma the score function does not win."


@judge
def wins_high_up(attempt):
    """The text of a cost r >= 1: the score function must win for mu."""
    try:
        cost = Cost(attempt)
        z = np.union1d(np.linspace(-39, 41, 80_001), cost.break_points(-39, 41))
        lowest = np.argmin(cost(z))
        if not cost(z)[lowest] >= 1 - 1e-9:
            return f"not yet: r({z[lowest]:.4g}) = {cost(z)[lowest]:.4g}, which is less than 1."
        (gap, words), _ = gaps(cost)
        size, steepness, _ = gap_terms(cost, Q)[:, 0, 0]
    except (ValueError, QuadratureError) as error:
        return f"not yet: {error}."
    words = f"the variances are {words}, and R is {-steepness / size:.4f}."
    if gap < 0:
        return f"right. Here {words}"
    if -3 * steepness < size:
        return f"not yet: {words} Below 1/3 pathwise must win."
    return f"not yet: {words} The cost is steep enough, but it bends too little."


EXERCISES = {
    "06.1": FunctionOf(
        {"c": (0.5, 2), "sigma": (0.5, 2)},
        lambda c, sigma: np.sqrt(1 + 2 * c**2) / sigma,
        {
            "this is the level without the constant.": lambda c, sigma: 1 / sigma,
            "cos^2 averages 1/2, so against it c^2 counts twice.": (
                lambda c, sigma: np.sqrt(1 + c**2) / sigma
            ),
            "this is k squared; the square root is missing.": (
                lambda c, sigma: (1 + 2 * c**2) / sigma**2
            ),
            "sigma is missing; k sigma is what counts.": lambda c, sigma: np.sqrt(1 + 2 * c**2),
            "sigma stands on the wrong side; k sigma is what counts.": (
                lambda c, sigma: np.sqrt(1 + 2 * c**2) * sigma
            ),
            "this is the level for sigma; we want the one for mu.": (
                lambda c, sigma: np.sqrt(2 + 4 * c**2) / sigma
            ),
            "the pathwise variance is k^2/2, because sin^2 averages 1/2.": (
                lambda c, sigma: np.sqrt(0.5 + c**2) / sigma
            ),
            "the constant counts by its square.": lambda c, sigma: np.sqrt(1 + 2 * c) / sigma,
        },
    ),
    "06.2": FunctionOf(
        {"a": (1.5, 3), "b": (0.5, 2), "w": (0.01, 0.1), "mu": (-2, 0), "sigma": (1.2, 2)},
        lambda a, b, w, mu, sigma: (
            a**2 * normal_density(b, mu, sigma) * ((b - mu) / sigma) ** 2 / w
        ),
        {
            "the factor eps^2 is missing; this is the second moment for mu.": (
                lambda a, b, w, mu, sigma: a**2 * normal_density(b, mu, sigma) / w
            ),
            "the slope a/w is squared, and so is a.": (
                lambda a, b, w, mu, sigma: (
                    a * normal_density(b, mu, sigma) * ((b - mu) / sigma) ** 2 / w
                )
            ),
            "the slope squared is a^2/w^2, but only a share q(b) w of the samples meets it.": (
                lambda a, b, w, mu, sigma: (
                    a**2 * normal_density(b, mu, sigma) * ((b - mu) / sigma) ** 2 / w**2
                )
            ),
            "eps on the ramp is (b - mu)/sigma; it enters squared.": (
                lambda a, b, w, mu, sigma: (
                    a**2 * normal_density(b, mu, sigma) * (b - mu) / sigma / w
                )
            ),
            "eps on the ramp is (b - mu)/sigma; its sigma is missing.": (
                lambda a, b, w, mu, sigma: a**2 * normal_density(b, mu, sigma) * (b - mu) ** 2 / w
            ),
            "the density at b is that of N(mu, sigma^2), with 1/sigma in front.": (
                lambda a, b, w, mu, sigma: (
                    a**2 * normal_density((b - mu) / sigma, 0, 1) * ((b - mu) / sigma) ** 2 / w
                )
            ),
            "the density is wanted where the ramp is, at b.": (
                lambda a, b, w, mu, sigma: (
                    a**2 * normal_density(0, mu, sigma) * ((b - mu) / sigma) ** 2 / w
                )
            ),
            "half the width means twice the variance: w belongs into the denominator.": (
                lambda a, b, w, mu, sigma: (
                    a**2 * normal_density(b, mu, sigma) * ((b - mu) / sigma) ** 2 * w
                )
            ),
        },
    ),
    "06.3": wins_for_sigma_only,
    "06.4": wins_high_up,
}
