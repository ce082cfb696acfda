"""Exercises of chapter 07, When the score function wins."""

import numpy as np

from gradlib.cost import Cost
from gradlib.course.judges import FunctionOf, formula, judge, lowest, say
from gradlib.estimators import pathwise, score_function
from gradlib.exact import exact_gradient, exact_value, exact_variance
from gradlib.gap import variance_gap
from gradlib.gaussian import Gaussian, Gradient

Q = Gaussian(1.0, 1.0)


def gaps(cost):
    """For mu and sigma: the variance gap at N(1, 1), and both variances in words.

    Raises ValueError where the pathwise estimator is biased.
    """
    variance_gap(cost, Q)
    pairs = zip(*(exact_variance(f, cost, Q) for f in (score_function, pathwise)), strict=True)
    for name, (score, path) in zip(Gradient._fields, pairs, strict=True):
        gap = 0.0 if np.isclose(score, path, rtol=1e-9, atol=0) else score - path
        words = f"{say(score, path)} (score function) and {say(path, score)} (pathwise) for {name}"
        yield gap, words


@judge(formula)
def wins_for_sigma_only(cost):
    """A cost: the score function must win for sigma, and not for mu."""
    (mu, mu_words), (sigma, sigma_words) = gaps(cost)
    words = f"the variances are {mu_words}, {sigma_words}."
    if sigma < 0 <= mu:
        return f"right. Here {words}"
    if sigma < 0:
        return f"not yet: {words} The score function wins for mu as well."
    if mu < 0:
        return f"not yet: {words} That is the other way round."
    return f"not yet: {words} For sigma the score function does not win."


@judge(formula)
def wins_high_up(cost):
    """A cost r >= 1: the score function must win for mu."""
    z, least = lowest(cost)
    if not least >= 1 - 1e-9:
        return f"not yet: r({say(z)}) = {say(least, 1)}, which is less than 1."
    (gap, words), _ = gaps(cost)
    size = exact_value(Cost(cost.expression**2), Q)  # E[r^2], and then E[r'^2]
    steepness = exact_variance(pathwise, cost, Q).mu + exact_gradient(cost, Q).mu ** 2
    bend = (gap - size - steepness) / 2  # E[r r''], kinks included, by the gap theorem
    words = f"the variances are {words}, and R is {say(steepness / size, 1 / 3)}."
    if gap < 0:
        return f"right. Here {words}"
    if bend >= 0:
        return (
            f"not yet: {words} The cost does not bend towards 0 where it counts: E[r r''] is "
            f"{say(bend)}, and only a negative one helps the score function."
        )
    if 3 * steepness < size:
        return f"not yet: {words} While R is below 1/3, pathwise wins."
    return f"not yet: {words} The cost is steep enough, but it bends too little."


EXERCISES = {
    "07.1": FunctionOf(
        {"c": (0.5, 2), "sigma": (0.5, 2)},
        "sqrt(1 + 2 * c**2) / sigma",
        {
            "this is the tie without the constant.": "1 / sigma",
            "cos^2 averages 1/2, so against it c^2 counts twice.": "sqrt(1 + c**2) / sigma",
            "this is k squared; the square root is missing.": "right**2",
            "sigma is missing; k sigma is what counts.": "right * sigma",
            "sigma stands on the wrong side; k sigma is what counts.": "right * sigma**2",
            "this is the tie for sigma; we want the one for mu.": "sqrt(2) * right",
            "the pathwise variance is k^2/2, because sin^2 averages 1/2.": "right / sqrt(2)",
            "the constant counts by its square.": "sqrt(1 + 2 * c) / sigma",
        },
    ),
    "07.2": FunctionOf(
        {"a": (1.5, 3), "b": (0.5, 2), "w": (0.01, 0.1), "mu": (-2, 0), "sigma": (1.2, 2)},
        "a**2 * q * eps**2 / w",
        {
            "the factor eps^2 is missing; this is the second moment for mu.": "a**2 * q / w",
            "the slope a/w is squared, and so is a.": "a * q * eps**2 / w",
            "only a share q(b) w of the samples meets the slope a/w.": "a**2 * q * eps**2 / w**2",
            "eps on the ramp is (b - mu)/sigma; it enters squared.": "a**2 * q * eps / w",
            "eps on the ramp is (b - mu)/sigma, with its sigma.": "a**2 * q * (b - mu)**2 / w",
            "the density at b is that of N(mu, sigma^2), with 1/sigma in front.": "right * sigma",
            "the density is wanted where the ramp is.": "right * normal_density(0, mu, sigma) / q",
            "half the width means twice the variance: divide by w.": "a**2 * q * eps**2 * w",
        },
        where={"q": "normal_density(b, mu, sigma)", "eps": "(b - mu) / sigma"},
    ),
    "07.3": wins_for_sigma_only,
    "07.4": wins_high_up,
}
