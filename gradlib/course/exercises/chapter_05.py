"""Exercises of chapter 05, The exact variance, and the gap theorem."""

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
    "05.1": FunctionOf(
        {"c": (0.5, 3), "sigma": (0.5, 2)},
        "2 * c**2 / sigma**2",
        {
            "this is the variance for mu; for sigma the score has 2/sigma^2.": "c**2 / sigma**2",
            "the cost multiplies the score, so it enters the variance squared.": "2 * c / sigma**2",
            "sigma has to be squared; it is squared with the score.": "2 * c**2 / sigma",
            "this is the standard deviation; the variance is its square.": "sqrt(right)",
            "this is the variance of E2, or of r(Z); E1 multiplies the constant by the score.": "0",
            "the score for sigma is (eps^2 - 1)/sigma; the -1 is missing.": "3 * c**2 / sigma**2",
        },
    ),
    "05.2": FunctionOf(
        {"mu": (-2, 2), "sigma": (0.5, 2)},
        "-(mu**2 + 5 * sigma**2)",
        {
            "the sign is flipped: this is the baseline, which is subtracted.": "-right",
            "the sign of the sigma^2 term is flipped.": "-(mu**2) + 5 * sigma**2",
            "the sign of the mu^2 term is flipped.": "mu**2 - 5 * sigma**2",
            "this is the best constant for mu, not for sigma.": "-(mu**2 + 3 * sigma**2)",
            "this removes the mean of r; weigh r with the squared score.": "-(mu**2 + sigma**2)",
            "this is E[r s^2]; divide it by E[s^2].": "2 * right / sigma**2",
            "this is right at sigma = 1 only; a factor sigma^2 is missing.": "-(mu**2 + 5)",
            "this is right at mu = 0 only: z is mu + sigma*eps.": "-5 * sigma**2",
        },
    ),
    "05.3": FunctionOf(
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
    "05.4": non_negative_and_lost,
}
