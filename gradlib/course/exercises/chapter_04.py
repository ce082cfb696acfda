"""Exercises of chapter 04, The Monte Carlo check."""

import numpy as np

from gradlib.cost import Cost
from gradlib.course.judges import FunctionOf, NotAnsweredError, agree, judge
from gradlib.estimators import pathwise, score_function
from gradlib.exact import exact_gradient
from gradlib.gaussian import Gaussian, Gradient


@judge
def wrong_estimator(attempt):
    """The letter of the one biased estimator."""
    return {
        "A": "not yet: A only subtracts a constant from r, and the mean of the score is 0.",
        "B": "right.",
        "C": "not yet: C is the mean of E1 at eps and E1 at -eps, so it is as unbiased as E1.",
    }.get(str(attempt), f"expected 'A', 'B' or 'C'; received {attempt!r}.")


@judge
def unbiased_estimator(attempt):
    """A new estimator: at quadrature nodes its mean must be the true gradient."""
    if not callable(attempt):
        return f"expected a function of cost, q, eps; received {attempt!r}."
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    weights = weights / weights.sum()
    old = {"E1": score_function, "E2": pathwise}
    for cost, q in [(Cost("sin(z)"), Gaussian(-0.4, 0.6)), (Cost("z^2"), Gaussian(2, 1))]:
        terms = attempt(cost, q, nodes)
        if terms is ...:
            raise NotAnsweredError
        terms = np.array([np.asarray(part, dtype=float) for part in terms])
        if terms.shape != (2, nodes.size):
            return "expected a Gradient of two arrays, each of the shape of eps."
        for name, estimator in old.items():
            if agree(terms, estimator(cost, q, nodes)):
                return f"not yet: this is {name} itself; change the terms and keep their mean."
        for parameter, mean, truth in zip(
            Gradient._fields, terms @ weights, exact_gradient(cost, q), strict=True
        ):
            if not agree(mean, truth):
                return (
                    f"not yet: for {cost.name} at N({q.mu:g}, {q.sigma:g}^2) the mean of your "
                    f"d/d{parameter} is {mean:.4g}, and the true gradient is {truth:.4g}."
                )
    variance = round(weights @ (terms[0] - weights @ terms[0]) ** 2, 6)
    return f"right. Its variance is {variance:g} for z^2 at N(2, 1^2), d/dmu (E1: 87, E2: 4)."


EXERCISES = {
    "04.1": FunctionOf(
        {"v1": (10, 90), "v2": (1, 4), "c": (-2, 2), "M": (10, 1000)},
        lambda v1, v2, c, M: np.sqrt((v1 + v2 - 2 * c) / M),
        {
            "the same draws make the averages correlated; the covariance c is missing.": (
                lambda v1, v2, c, M: np.sqrt((v1 + v2) / M)
            ),
            "this is for the sum; for a difference the sign of c is flipped.": (
                lambda v1, v2, c, M: np.sqrt((v1 + v2 + 2 * c) / M)
            ),
            "the covariance counts twice.": lambda v1, v2, c, M: np.sqrt((v1 + v2 - c) / M),
            "variances add, also for a difference.": (
                lambda v1, v2, c, M: np.sqrt((v1 - v2 - 2 * c) / M)
            ),
            "this is the variance; the standard error is its square root.": (
                lambda v1, v2, c, M: (v1 + v2 - 2 * c) / M
            ),
            "this is the spread of one sample's difference; M of them are averaged.": (
                lambda v1, v2, c, M: np.sqrt(v1 + v2 - 2 * c)
            ),
            "M belongs under the root.": lambda v1, v2, c, M: np.sqrt(v1 + v2 - 2 * c) / M,
            "standard errors do not add; variances do, with the covariance.": (
                lambda v1, v2, c, M: np.sqrt(v1 / M) + np.sqrt(v2 / M)
            ),
            "standard errors do not subtract; add the variances, with the covariance.": (
                lambda v1, v2, c, M: np.sqrt(v1 / M) - np.sqrt(v2 / M)
            ),
            "the divisor M - 1 serves to estimate variances; here they are known.": (
                lambda v1, v2, c, M: np.sqrt((v1 + v2 - 2 * c) / (M - 1))
            ),
        },
    ),
    "04.2": FunctionOf(
        {"variance": (1, 100), "s": (0.05, 0.5)},
        lambda variance, s: np.ceil(variance / s**2),
        {
            "M is a whole number: round up.": lambda variance, s: variance / s**2,
            "rounded down, M is one too small: round up.": (
                lambda variance, s: np.floor(variance / s**2)
            ),
            "rounded to the nearest, M is sometimes one too small: round up.": (
                lambda variance, s: np.round(variance / s**2)
            ),
            "s has to be squared: solve sqrt(variance / M) = s for M.": (
                lambda variance, s: np.ceil(variance / s)
            ),
            "the square root is still there: solve sqrt(variance / M) = s for M.": (
                lambda variance, s: np.ceil(np.sqrt(variance) / s)
            ),
            "the variance is a square already: do not square it again.": (
                lambda variance, s: np.ceil((variance / s) ** 2)
            ),
        },
    ),
    "04.3": wrong_estimator,
    "04.4": unbiased_estimator,
}
