"""Exercises of chapter 06, The gap theorem."""

from gradlib.course.judges import FunctionOf, formula, judge, lowest, say
from gradlib.estimators import pathwise, score_function
from gradlib.exact import exact_variance
from gradlib.gap import variance_gap
from gradlib.gaussian import Gaussian


@judge(formula)
def non_negative_and_lost(cost):
    """A cost r >= 0: at N(0, 1) E1 must have the smaller variance, for mu."""
    q = Gaussian(0.0, 1.0)
    z, least = lowest(cost)
    if not least >= -1e-12:
        return f"not yet: r must be 0 or more everywhere, and r({say(z)}) = {say(least)}."
    variance_gap(cost, q)  # refuses a step
    e1, e2 = (exact_variance(f, cost, q).mu for f in (score_function, pathwise))
    numbers = f"E1 has variance {say(e1, e2)}, and E2 has {say(e2, e1)}"
    if not e1 < e2 * (1 - 1e-9):
        return f"not yet: {numbers}. Where is r r'' negative, and is it negative enough?"
    return f"right. {numbers}: a factor of {e2 / e1:.3g}."


EXERCISES = {
    "06.1": FunctionOf(
        {"g_mu": (-2, 2), "g_sigma": (-2, 2), "g_cross": (-2, 2), "phi": (-1, 1)},
        "g_mu + 2 * w * g_cross + w**2 * g_sigma",
        {
            "the cross term must count twice.": "g_mu + w * g_cross + w**2 * g_sigma",
            "the cross term is missing; variances have no plain chain rule.": (
                "g_mu + w**2 * g_sigma"
            ),
            "this is the chain rule for means; variances take squares.": "g_mu + w * g_sigma",
            "in the term of g_sigma, sigma' is squared.": "g_mu + 2 * w * g_cross + w * g_sigma",
            "the sign of the cross term is flipped.": "g_mu - 2 * w * g_cross + w**2 * g_sigma",
            "sigma' is missing: it is exp(phi), not 1.": "g_mu + 2 * g_cross + g_sigma",
        },
        where={"w": "exp(phi)"},
    ),
    "06.2": non_negative_and_lost,
}
