"""Exercises of chapter 05, The exact variance, and the gap theorem."""

import numpy as np

from gradlib.cost import Cost
from gradlib.course.judges import FunctionOf, judge
from gradlib.estimators import pathwise, score_function
from gradlib.exact import QuadratureError, exact_variance
from gradlib.gap import variance_gap
from gradlib.gaussian import Gaussian


@judge
def non_negative_and_lost(attempt):
    """The text of a cost r >= 0: at N(0, 1) E1 must have the smaller variance, for mu."""
    q, grid = Gaussian(0.0, 1.0), np.linspace(-30, 30, 60_001)
    try:
        cost = Cost(attempt)
        values = cost(grid)
        if not np.all(values >= 0):
            at = grid[~(values >= 0)][0]
            return f"not yet: r must be 0 or more everywhere, and r({at:.4g}) = {cost(at):.4g}."
        variance_gap(cost, q)  # refuses a step
        e1, e2 = (exact_variance(f, cost, q).mu for f in (score_function, pathwise))
    except (ValueError, QuadratureError) as error:
        return f"not yet: {error}."
    numbers = f"E1 has variance {e1:.4g}, and E2 has {e2:.4g}"
    if not e1 < e2 * (1 - 1e-9):
        return f"not yet: {numbers}. Where is r r'' negative, and is it negative enough?"
    return f"right. {numbers}: a factor of {e2 / e1:.3g}."


EXERCISES = {
    "05.1": FunctionOf(
        {"c": (0.5, 3), "sigma": (0.5, 2)},
        lambda c, sigma: 2 * c**2 / sigma**2,
        {
            "this is the variance for mu; the score for sigma has variance 2/sigma^2.": (
                lambda c, sigma: c**2 / sigma**2
            ),
            "the cost multiplies the score, so it enters the variance squared.": (
                lambda c, sigma: 2 * c / sigma**2
            ),
            "sigma has to be squared; it is squared with the score.": (
                lambda c, sigma: 2 * c**2 / sigma
            ),
            "this is the standard deviation; the variance is its square.": (
                lambda c, sigma: np.sqrt(2) * c / sigma
            ),
            "this is the variance of E2, or of r(Z); E1 multiplies the constant by the score.": (
                lambda c, sigma: 0 * c * sigma
            ),
            "the score for sigma is (eps^2 - 1)/sigma; the -1 is missing.": (
                lambda c, sigma: 3 * c**2 / sigma**2
            ),
        },
    ),
    "05.2": FunctionOf(
        {"mu": (-2, 2), "sigma": (0.5, 2)},
        lambda mu, sigma: -(mu**2 + 5 * sigma**2),
        {
            "the sign is flipped: this is the baseline, which is subtracted from the cost.": (
                lambda mu, sigma: mu**2 + 5 * sigma**2
            ),
            "this is the best constant for mu; the one for sigma weighs the cost otherwise.": (
                lambda mu, sigma: -(mu**2 + 3 * sigma**2)
            ),
            "this removes the mean of r; the best constant weighs r with the squared score.": (
                lambda mu, sigma: -(mu**2 + sigma**2)
            ),
            "this is E[r s^2]; divide it by E[s^2].": (
                lambda mu, sigma: -2 * (mu**2 + 5 * sigma**2) / sigma**2
            ),
            "this is right at sigma = 1 only; a factor sigma^2 is missing.": (
                lambda mu, sigma: -(mu**2 + 5) + 0 * sigma
            ),
            "this is right at mu = 0 only; the cost is z^2 with z = mu + sigma*eps.": (
                lambda mu, sigma: -5 * sigma**2 + 0 * mu
            ),
        },
    ),
    "05.3": FunctionOf(
        {"g_mu": (-2, 2), "g_sigma": (-2, 2), "g_cross": (-2, 2), "phi": (-1, 1)},
        lambda a, b, c, phi: a + 2 * np.exp(phi) * c + np.exp(2 * phi) * b,
        {
            "the cross term counts twice: once for each off-diagonal entry.": (
                lambda a, b, c, phi: a + np.exp(phi) * c + np.exp(2 * phi) * b
            ),
            "the cross term is missing; variances do not follow the chain rule term by term.": (
                lambda a, b, c, phi: a + np.exp(2 * phi) * b + 0 * c
            ),
            "this is the chain rule for means; variances take squares, and the cross term.": (
                lambda a, b, c, phi: a + np.exp(phi) * b + 0 * c
            ),
            "sigma'(phi) has to be squared in the term of g_sigma.": (
                lambda a, b, c, phi: a + 2 * np.exp(phi) * c + np.exp(phi) * b
            ),
            "the sign of the cross term is flipped.": (
                lambda a, b, c, phi: a - 2 * np.exp(phi) * c + np.exp(2 * phi) * b
            ),
            "the derivative of sigma is missing: it is exp(phi), not 1.": (
                lambda a, b, c, phi: a + 2 * c + b + 0 * phi
            ),
        },
    ),
    "05.4": non_negative_and_lost,
}
