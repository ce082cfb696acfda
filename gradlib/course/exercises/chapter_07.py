"""Exercises of chapter 07, Baselines and control variates: a fair fight."""

from functools import partial

from gradlib.control_variates import optimal_baseline
from gradlib.cost import Cost
from gradlib.course.exercises.unbiased import evaluations, require_unbiased
from gradlib.course.judges import Array, FunctionOf, function_of, judge, say
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
    "07.1": FunctionOf(
        {"m0": (1, 3), "m2": (1, 5), "m4": (2, 9)},
        "(m4 - 2*m2 + m0) / 2",
        {
            "this is the best baseline for mu; the score for sigma is (eps^2 - 1)/sigma.": "m2",
            "this is E[r s^2] without its sigma; divide it by E[(eps^2 - 1)^2] = 2.": "2 * right",
            "this is J; the best baseline weighs the cost with the squared score.": "m0",
            "E[(eps^2 - 1)^2] is 3 - 2 + 1 = 2, not 3.": "2 * right / 3",
            "the square of eps^2 - 1 has a middle term, -2 eps^2.": "(m4 + m0) / 2",
            "the middle term of (eps^2 - 1)^2 is -2 eps^2, not -eps^2.": "(m4 - m2 + m0) / 2",
            "the middle term of (eps^2 - 1)^2 has a minus sign.": "(m4 + 2*m2 + m0) / 2",
            "the score enters squared: (eps^2 - 1)^2, not eps^2 - 1.": "(m2 - m0) / 2",
        },
    ),
    "07.2": FunctionOf(
        {"costs": Array(1, 3), "scores": Array(-2, 2)},
        "sum(centred * scores) / (M - 1)",
        {
            "this is the in-sample mean, 1 - 1/M of the gradient.": "mean(centred * scores)",
            "no baseline is unbiased too; subtract the mean of the others.": "mean(costs * scores)",
            "the others are M - 1, not M.": "mean((costs - (sum(costs) - costs) / M) * scores)",
            "one factor M/(M - 1) too many.": "right * M / (M - 1)",
            "upside down: the mean must get longer.": "mean(centred * scores) * (M - 1) / M",
            "this is the sum of the terms; we want their mean.": "right * M",
            "these are the terms; return their mean.": "centred * scores * M / (M - 1)",
        },
        where={"M": "size(costs)", "centred": "costs - mean(costs)"},
    ),
    "07.3": FunctionOf(
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
    "07.4": beats_both,
}
