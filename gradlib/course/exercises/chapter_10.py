"""Exercises of chapter 10, Many dimensions."""

import numpy as np

from gradlib.arguments import real_array
from gradlib.cost import Cost
from gradlib.course.judges import FunctionOf, Verdict, agree, function_of, judge
from gradlib.estimators import score_function
from gradlib.gaussian import Gaussian
from gradlib.montecarlo import monte_carlo

SIZES = (2, 5, 20, 100, 500)
SAMPLES = 4000


def idle_coordinate(cost, d, rng):
    """The first coordinate whose move, small or large, nowhere changes a cost on R^d, or None.

    A cost may be constant almost everywhere, as a sign is. So we look where it changes: between
    two points with different costs, on both sides of the change.
    """
    scales = np.repeat([1.0, 10.0, 100.0, 1000.0], 8)
    points = 1 + scales[:, np.newaxis] * rng.standard_normal((32, d))
    others = np.flatnonzero(cost(points) != cost(points[:1]))
    if not others.size:
        return 1
    here, there = points[0], points[others[0]]
    for _ in range(60):
        middle = (here + there) / 2
        changed = cost(middle[np.newaxis]) != cost(here[np.newaxis])
        here, there = (here, middle) if changed[0] else (middle, there)
    moves = np.array([-1000.0, -1.0, 1.0, 1000.0])[:, np.newaxis, np.newaxis] * np.eye(d)
    changes = [
        cost((base + moves).reshape(-1, d)) != cost(base[np.newaxis]) for base in (here, there)
    ]
    idle = np.flatnonzero(~np.reshape(changes, (2, 4, d)).any(axis=(0, 1)))
    return idle[0] + 1 if idle.size else None


@judge(function_of("z, an array of shape (n, d)"))
def calm_and_telling(attempt):
    """A cost z -> r(z) on R^d that needs all coordinates, for E1 at mu_i = sigma_i = 1.

    Up to d = 500 the variance, averaged over the coordinates, must be at most 1.5 times that for
    d = 2, and the SNR^2 of one sample, summed over them, at least 1/2.
    """

    def cost(z):
        found = real_array(attempt(z.copy()), "your cost must be numbers")
        if found.shape != z.shape[:1]:
            raise Verdict(
                f"expected one cost for each row of z, shape ({len(z)},); received {found.shape}."
            )
        return found

    variances, signals = [], []
    for d in SIZES:
        few = np.linspace(-1, 3, 3 * d).reshape(3, d)
        if not agree(cost(few)[:1], cost(few[:1])):
            return "not yet: the cost of a row of z must be a function of that row alone."
        idle = idle_coordinate(cost, d, np.random.default_rng(d))
        if idle:
            return f"not yet: with d = {d} your cost does not depend on coordinate {idle}."
        q = Gaussian(np.ones(d), np.ones(d))
        known = Cost.from_functions(cost, np.zeros_like, "your cost")
        e1 = monte_carlo(score_function, known, q, SAMPLES, np.random.default_rng(0)).mu
        variances.append(e1.variance.mean())
        excess = np.sum(e1.mean**2 / e1.variance) - d / SAMPLES  # the noise of the mean squared
        signals.append(max(0.0, excess))

    def series(numbers, digits):
        pairs = zip(numbers, SIZES, strict=True)
        return ", ".join(f"{x:.{digits}g} (d = {d})" for x, d in pairs)

    words = f"E1's variance in {SAMPLES} samples is {series(variances, 3)}"
    if max(variances) > 1.5 * variances[0]:
        return f"not yet: {words}: it grows."
    words = f"{words}. SNR^2 of one sample, all coordinates: {series(signals, 2)}"
    if min(signals) < 0.5:
        return f"not yet: {words}. It must be 1/2 or more for each d."
    return f"right. {words}."


EXERCISES = {
    "10.1": FunctionOf(
        {"d": range(2, 51), "sigma": (0.5, 2)},
        "(d + 2) * (d + 4) * sigma**2",
        {
            "r^2 and eps_1^2 are not independent: take z_1 apart.": "d * (d + 2) * sigma**2",
            "the score divides by sigma, so sigma^4 becomes sigma^2.": "right * sigma**2",
            "sigma^2 is missing: r^2 has sigma^4, the score 1/sigma.": "(d + 2) * (d + 4)",
            "the cross term of z_1^2 and the rest is missing.": "(d**2 + 14) * sigma**2",
            "this is E1 with the best constant; here there is none.": "(2*d + 4) * sigma**2",
            "this is the leading term; the answer is exact.": "d**2 * sigma**2",
            "this is the variance of E2.": "4 * sigma**2",
            "the d - 1 other coordinates are missing; this is d = 1.": "15 * sigma**2",
            "the sum over all means was not asked for; divide by d.": "right * d",
            "E[z_1^2 eps_1^2] is 3 sigma^2, not sigma^2.": "(d**2 + 2*d + 12) * sigma**2",
        },
    ),
    "10.2": FunctionOf(
        {"d": range(2, 1001), "v1": (2, 20), "v": (1, 10), "sigma": (0.5, 2), "g": (0.5, 3)},
        "(v1 + (d - 1) * v / sigma**2) / g**2",
        {
            "the gradient has to be squared, as the variance is a square.": "right * g",
            "this is the variance; compare it with the squared gradient.": "right * g**2",
            "the score divides the others' noise by sigma^2.": "(v1 + (d - 1) * v) / g**2",
            "there are d - 1 others, not d.": "(v1 + d * v / sigma**2) / g**2",
            "v1 is for d = 1; only the others are added d - 1 times.": "d * v1 / g**2",
            "the others' variances add: d - 1 of them.": "(v1 + (d - 1)**2 * v / sigma**2) / g**2",
            "this is the square root: the number of samples goes with the variance.": "sqrt(right)",
        },
    ),
    "10.3": FunctionOf(
        {"a": (-2, 2), "b": (-2, 2)},
        "2*size + steep + 6*a*b",
        {
            "the off-diagonal entries of G are missing; phi moves both means.": "2*size + steep",
            "the off-diagonal entry counts twice in w G w.": "2*size + steep + 3*a*b",
            "the term 2E[r Hess r] is missing off the diagonal.": "2*size + steep + 2*a*b",
            "the factor 2 of 2E[r Hess r] is missing.": "2*size + steep + 4*a*b",
            "E[r^2] D^-2 has no share off the diagonal.": "4*size + steep + 6*a*b",
            "on its diagonal E[grad r grad r^T] has 1 + a^2.": "2*size + steep - 2 + 6*a*b",
            "this is the entry for mu_1 alone.": "size + 1 + b**2",
        },
        where={"size": "(1 + a**2) * (1 + b**2)", "steep": "2 + a**2 + b**2"},
    ),
    "10.4": calm_and_telling,
}
