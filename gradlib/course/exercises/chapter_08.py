"""Exercises of chapter 08, Many dimensions."""

import numpy as np

from gradlib.cost import Cost
from gradlib.course.judges import FunctionOf, NotAnsweredError, judge
from gradlib.estimators import score_function
from gradlib.gaussian import Gaussian
from gradlib.montecarlo import monte_carlo

SIZES = (5, 50, 500)


@judge
def calm_in_every_dimension(attempt):
    """A cost z -> r(z) on R^d that needs all coordinates; E1's variance must not grow with d."""
    if not callable(attempt):
        return f"expected a function of z, an array of shape (n, d); received {attempt!r}."
    found = []
    for d in SIZES:
        points = np.random.default_rng(d).standard_normal((d + 1, d)) + 1
        points[1:] = np.where(np.eye(d, dtype=bool), points[1:], points[0])  # one moved in each row
        value = attempt(points)
        if value is ...:
            raise NotAnsweredError
        value = np.asarray(value, dtype=float)
        if value.shape != (d + 1,):
            return f"expected one cost for each row of z, shape ({d + 1},); received {value.shape}."
        idle = np.nonzero(value[1:] == value[0])[0]
        if idle.size:
            return f"not yet: with d = {d} your cost does not depend on coordinate {idle[0] + 1}."
        cost = Cost.from_functions(attempt, np.zeros_like, "your cost")
        q = Gaussian(np.ones(d), np.ones(d))
        found.append(monte_carlo(score_function, cost, q, 4000, np.random.default_rng(0)).mu)
    variances = [float(estimate.variance.mean()) for estimate in found]
    signal = [max(0.0, float((e.mean**2 - e.variance / e.count).sum())) for e in found]
    words = ", ".join(f"{v:.3g} (d = {d})" for v, d in zip(variances, SIZES, strict=True))
    if variances[-1] > 1.5 * variances[0]:
        return f"not yet: E1's variance, averaged over the coordinates, is {words}: it grows."
    totals = ", ".join(f"{s / v:.2g}" for s, v in zip(signal, variances, strict=True))
    return f"right. E1's variance is {words}. SNR^2 of one sample, all coordinates: {totals}."


EXERCISES = {
    "08.1": FunctionOf(
        {"d": (2, 50), "sigma": (0.5, 2)},
        lambda d, sigma: (d + 2) * (d + 4) * sigma**2,
        {
            "r^2 and eps_1^2 are not independent: take z_1 apart from the others.": (
                lambda d, sigma: d * (d + 2) * sigma**2
            ),
            "the score divides by sigma, so sigma^4 becomes sigma^2.": (
                lambda d, sigma: (d + 2) * (d + 4) * sigma**4
            ),
            "this is E1 with the best constant; here there is none.": (
                lambda d, sigma: (2 * d + 4) * sigma**2
            ),
            "this is the leading term; the answer is exact.": lambda d, sigma: d**2 * sigma**2,
            "this is the variance of E2.": lambda d, sigma: 4 * sigma**2 + 0 * d,
            "the d - 1 other coordinates are missing; this is d = 1.": (
                lambda d, sigma: 15 * sigma**2 + 0 * d
            ),
            "the sum over all means was not asked for; divide by d.": (
                lambda d, sigma: d * (d + 2) * (d + 4) * sigma**2
            ),
            "E[f eps^2] is 3 sigma^2, not sigma^2: f and eps belong together.": (
                lambda d, sigma: (d**2 + 2 * d + 12) * sigma**2
            ),
        },
    ),
    "08.2": FunctionOf(
        {"d": (2, 1000), "v1": (2, 20), "v": (1, 10), "sigma": (0.5, 2), "g": (0.5, 3)},
        lambda d, v1, v, sigma, g: (v1 + (d - 1) * v / sigma**2) / g**2,
        {
            "the gradient has to be squared, as the variance is a square.": (
                lambda d, v1, v, sigma, g: (v1 + (d - 1) * v / sigma**2) / g
            ),
            "this is the variance; compare it with the squared gradient.": (
                lambda d, v1, v, sigma, g: v1 + (d - 1) * v / sigma**2
            ),
            "the score of coordinate 1 divides the others' noise by sigma^2.": (
                lambda d, v1, v, sigma, g: (v1 + (d - 1) * v) / g**2
            ),
            "there are d - 1 others, not d.": (
                lambda d, v1, v, sigma, g: (v1 + d * v / sigma**2) / g**2
            ),
            "v1 is the variance for d = 1 already; only the others are added d - 1 times.": (
                lambda d, v1, v, sigma, g: d * v1 / g**2
            ),
            "the others' terms are independent: their variances add, they do not square.": (
                lambda d, v1, v, sigma, g: (v1 + (d - 1) ** 2 * v / sigma**2) / g**2
            ),
            "this is the square root: the number of samples goes with the variance.": (
                lambda d, v1, v, sigma, g: np.sqrt((v1 + (d - 1) * v / sigma**2) / g**2)
            ),
        },
    ),
    "08.3": FunctionOf(
        {"a": (-2, 2), "b": (-2, 2)},
        lambda a, b: 2 * (1 + a**2) * (1 + b**2) + 2 + a**2 + b**2 + 6 * a * b,
        {
            "the off-diagonal entries of G are missing; phi moves both means.": (
                lambda a, b: 2 * (1 + a**2) * (1 + b**2) + 2 + a**2 + b**2
            ),
            "the off-diagonal entry counts twice in w G w.": (
                lambda a, b: 2 * (1 + a**2) * (1 + b**2) + 2 + a**2 + b**2 + 3 * a * b
            ),
            "the term 2E[r Hess r] is missing; z_1 z_2 has mixed second derivatives 1.": (
                lambda a, b: 2 * (1 + a**2) * (1 + b**2) + 2 + a**2 + b**2 + 2 * a * b
            ),
            "the factor 2 of 2E[r Hess r] is missing.": (
                lambda a, b: 2 * (1 + a**2) * (1 + b**2) + 2 + a**2 + b**2 + 4 * a * b
            ),
            "E[r^2] D^-2 is diagonal: it has no share in the off-diagonal entries.": (
                lambda a, b: 4 * (1 + a**2) * (1 + b**2) + 2 + a**2 + b**2 + 6 * a * b
            ),
            "the term E[grad r grad r^T] has squares, E[z_1^2] = 1 + a^2, on its diagonal.": (
                lambda a, b: 2 * (1 + a**2) * (1 + b**2) + a**2 + b**2 + 6 * a * b
            ),
            "this is the entry for mu_1 alone.": (lambda a, b: (1 + a**2) * (1 + b**2) + 1 + b**2),
        },
    ),
    "08.4": calm_in_every_dimension,
}
