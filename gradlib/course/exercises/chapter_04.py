"""Exercises of chapter 04, The Monte Carlo check."""

from functools import partial

from gradlib.cost import Cost
from gradlib.course.exercises.unbiased import EPS, require_unbiased, terms_at
from gradlib.course.judges import FunctionOf, agree, function_of, judge, say
from gradlib.estimators import pathwise, score_function
from gradlib.exact import exact_variance
from gradlib.gaussian import Gaussian


@judge(lambda letter: letter)
def wrong_estimator(attempt):
    """The letter of the one biased estimator."""
    return {
        "A": "not yet: A only subtracts a constant from r, and the mean of the score is 0.",
        "B": "right.",
        "C": "not yet: C is the mean of E1 at eps and E1 at -eps, so it is as unbiased as E1.",
    }.get(str(attempt).strip().upper(), f"expected 'A', 'B' or 'C'; received {attempt!r}.")


@judge(function_of("cost, q, eps"))
def unbiased_estimator(attempt):
    """An unbiased estimator, neither E1 nor E2; its terms are functions of their own eps."""
    require_unbiased(attempt, Gaussian(-0.4, 0.6))
    cost, q = Cost("z^2"), Gaussian(2, 1)
    terms = partial(terms_at, cost=cost, q=q, eps=EPS)
    for name, old in {"E1": score_function, "E2": pathwise}.items():
        if agree(terms(attempt), terms(old)):
            return f"not yet: this is {name} itself; change the terms and keep their mean."
    variance = exact_variance(attempt, cost, q).mu
    return f"right. Its variance is {say(variance)} for z^2 at N(2, 1^2), d/dmu (E1: 87, E2: 4)."


EXERCISES = {
    "04.1": FunctionOf(
        {"v1": (10, 90), "v2": (1, 4), "c": (-2, 2), "M": range(10, 1001)},
        "sqrt((v1 + v2 - 2*c) / M)",
        {
            "the averages are correlated; the covariance c is missing.": "sqrt((v1 + v2) / M)",
            "this is for the sum; flip the sign of c for a difference.": (
                "sqrt((v1 + v2 + 2*c) / M)"
            ),
            "the covariance counts twice.": "sqrt((v1 + v2 - c) / M)",
            "variances add, also for a difference.": "sqrt((v1 - v2 - 2*c) / M)",
            "this is the variance; the standard error is its square root.": "right**2",
            "this is for one sample's difference; M are averaged.": "right * sqrt(M)",
            "M belongs under the root.": "right / sqrt(M)",
            "standard errors do not add; variances do.": "sqrt(v1 / M) + sqrt(v2 / M)",
            "standard errors do not subtract; variances add.": "sqrt(v1 / M) - sqrt(v2 / M)",
            "variances that are known need no M - 1.": "sqrt((v1 + v2 - 2*c) / (M - 1))",
        },
    ),
    "04.2": FunctionOf(
        # In many of the cases variance / s^2 is a whole number already, and exactly so.
        {"variance": [range(1, 101), (1, 100)], "s": [1 / 16, 1 / 4, 1 / 2, 1, (0.05, 0.5)]},
        "ceil(exact)",
        {
            "M is a whole number: round up.": "exact",
            "rounded down, M is one too small: round up.": "floor(exact)",
            "rounded to the nearest, M is sometimes one too small: round up.": "round(exact)",
            "where variance / s^2 is whole already, this takes one too many.": "floor(exact) + 1",
            "s has to be squared: solve sqrt(variance / M) = s for M.": "ceil(variance / s)",
            "the root is left over: solve sqrt(variance/M) = s for M.": "ceil(sqrt(variance) / s)",
            "the variance is a square already: do not square it.": "ceil((variance / s) ** 2)",
        },
        where={"exact": "variance / s**2"},
    ),
    "04.3": wrong_estimator,
    "04.4": unbiased_estimator,
}
