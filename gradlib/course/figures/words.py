"""Who has the smaller variance, in words."""

import numpy as np

from gradlib.course.figures.style import ESTIMATORS
from gradlib.estimators import pathwise
from gradlib.exact import exact_gradient, exact_mean, exact_variance


def pair_in_words(score_variance, pathwise_variance):
    """Both variances in words."""
    return f"variance {score_variance:.4g} (score function), {pathwise_variance:.4g} (pathwise)"


def winner(score_variance, pathwise_variance):
    """Who has the smaller variance, in words."""
    if np.isclose(score_variance, pathwise_variance, rtol=1e-9, atol=0):
        return "a tie"
    name = "pathwise" if pathwise_variance < score_variance else "score function"
    small, large = sorted([score_variance, pathwise_variance])
    return f"{name} wins{f' by a factor of {large / small:.4g}' if small > 0 else ''}"


def verdicts(cost, q):
    """For d/dmu and d/dsigma: true gradient, both exact variances, and in words who wins.

    If the pathwise estimator is biased, as for a step, the words say so instead.
    """
    truths, means = exact_gradient(cost, q), exact_mean(pathwise, cost, q)
    variances = zip(*(exact_variance(f, cost, q) for f in ESTIMATORS.values()), strict=True)
    for truth, mean, pair in zip(truths, means, variances, strict=True):
        biased = abs(mean - truth) > 1e-8 * np.sqrt(sum(pair) + truth**2)
        words = f"pathwise is biased, its mean is {mean:.4g}" if biased else winner(*pair)
        yield truth, pair, words
