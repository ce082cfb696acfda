"""Exercises of chapter 08, Baselines."""

from functools import partial

from gradlib.control_variates import optimal_baseline
from gradlib.course.judges import Array, FunctionOf, formula, judge, lowest, say
from gradlib.estimators import score_function
from gradlib.exact import exact_value, exact_variance
from gradlib.gaussian import Gaussian

Q = Gaussian(1.0, 1.0)


@judge(formula)
def mean_cost_is_worse_than_none(cost):
    """A cost r >= 0: the baseline J must raise the variance for mu."""
    z, least = lowest(cost)
    if not least >= -1e-9:
        return f"not yet: r({say(z)}) = {say(least, 0)}, which is negative."
    J, best = exact_value(cost, Q), optimal_baseline(cost, Q).mu
    none, with_J = (
        exact_variance(partial(score_function, baseline=b), cost, Q).mu for b in (0.0, J)
    )
    words = (
        f"the variance for mu is {say(none, with_J)} without a baseline and {say(with_J, none)} "
        f"with J = {say(J)}; the best baseline is {say(best, J)}"
    )
    if with_J > none * (1 + 1e-9):
        return f"right. Here {words}."
    if best > J * (1 + 1e-9):
        return f"not yet: {words}. It is above J where the cost is large far from mu = 1."
    return f"not yet: {words}. J must be more than twice the best baseline."


EXERCISES = {
    "08.1": FunctionOf(
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
    "08.2": FunctionOf(
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
    "08.3": mean_cost_is_worse_than_none,
}
