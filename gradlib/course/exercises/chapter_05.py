"""Exercises of chapter 05, The exact variance."""

from gradlib.course.judges import FunctionOf, formula, judge, say
from gradlib.estimators import pathwise, score_function
from gradlib.exact import exact_variance
from gradlib.gap import variance_gap
from gradlib.gaussian import Gaussian


@judge(formula)
def both_equal(cost):
    """A cost for which E1 and E2 have the same variance for mu at N(0, 1), and not 0."""
    q = Gaussian(0.0, 1.0)
    variance_gap(cost, q)  # refuses a step
    e1, e2 = (exact_variance(f, cost, q).mu for f in (score_function, pathwise))
    numbers = f"E1 has variance {say(e1, e2)}, and E2 has {say(e2, e1)}"
    if max(e1, e2) < 1e-9:
        return "not yet: both variances are 0 here; find a cost for which they are not."
    ratio = e1 / e2 if e2 else float("inf")
    if not 0.99 < ratio < 1.01:
        larger = "E1" if ratio > 1 else "E2"
        return (
            f"not yet: {numbers}. What makes the variance of {larger} smaller, and not the other?"
        )
    return f"right. {numbers}: equal within one percent."


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
    "05.3": both_equal,
}
