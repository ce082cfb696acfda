"""Exercises of chapter 09, A fair fight."""

from functools import partial

from gradlib.control_variates import optimal_baseline
from gradlib.cost import Cost
from gradlib.course.exercises.unbiased import evaluations, require_unbiased
from gradlib.course.judges import FunctionOf, function_of, judge, say
from gradlib.estimators import pathwise, score_function
from gradlib.exact import exact_variance
from gradlib.gaussian import Gaussian

BUMP, Q = Cost("exp(-z^2)"), Gaussian(1.0, 1.0)


@judge(function_of("cost, q, eps"))
def beats_both(attempt):
    """An estimator, unbiased for every smooth cost: for the bump, better than fair E1 and E2."""
    require_unbiased(attempt, Q)
    count, variance = evaluations(attempt, BUMP, Q, 1000), exact_variance(attempt, BUMP, Q).mu
    fair = partial(score_function, baseline=optimal_baseline(BUMP, Q))
    rivals = [exact_variance(f, BUMP, Q).mu for f in (fair, pathwise)]
    numbers = (
        f"variance times evaluations per term is {say(variance)} x {count:.3g} = "
        f"{say(count * variance, *rivals)} "
        f"(E1 with the best baseline {say(rivals[0])}, E2 {say(rivals[1])})"
    )
    if not count * variance < min(rivals) * (1 - 1e-6):
        return f"not yet: it is unbiased, but {numbers}."
    return f"right. Unbiased, and {numbers}."


EXERCISES = {
    "09.1": FunctionOf(
        {"even": (0.5, 5), "odd": (0.5, 5)},
        "2 * even / (even + odd)",
        {
            "a pair costs two evaluations: compare it with two samples.": "right / 2",
            "even and odd are exchanged: a pair's mean is the even part.": "2 * odd / (even + odd)",
            "this is upside down: divide the pair's variance by that of two samples.": "1 / right",
            "the two parts are uncorrelated, so a term's variance is even + odd.": "2 * even / odd",
            "its sign tells whether pairs help; we want the factor.": "(even - odd) / (even + odd)",
            "this is the pair's variance; divide it by that of two independent samples.": "even",
            "the mean of two independent samples has half a term's variance.": "right / 4",
        },
    ),
    "09.2": beats_both,
}
