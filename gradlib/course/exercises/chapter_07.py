"""Exercises of chapter 07, Baselines and control variates: a fair fight."""

from functools import partial

import numpy as np

from gradlib.control_variates import optimal_baseline
from gradlib.cost import Cost
from gradlib.course.judges import FunctionOf, NotAnsweredError, agree, judge
from gradlib.estimators import pathwise, score_function
from gradlib.exact import QuadratureError, exact_gradient, exact_mean, exact_variance
from gradlib.gaussian import Gaussian

REPAIRS = {  # what a repair of the in-sample mean may return, from costs r and scores s
    "right": lambda r, s: np.sum((r - r.mean()) * s) / (r.size - 1),
    "this is the in-sample mean itself; its average is (1 - 1/M) of the gradient.": (
        lambda r, s: np.mean((r - r.mean()) * s)
    ),
    "no baseline at all is unbiased too, but subtract the mean of the others.": (
        lambda r, s: np.mean(r * s)
    ),
    "the others are M - 1 samples; their sum is divided by M here.": (
        lambda r, s: np.mean((r - (r.sum() - r) / r.size) * s)
    ),
    "one factor M/(M - 1) too many.": (
        lambda r, s: np.mean((r - r.mean()) * s) * (r.size / (r.size - 1)) ** 2
    ),
    "the factor is upside down: the in-sample mean is too short, make it longer.": (
        lambda r, s: np.mean((r - r.mean()) * s) * (r.size - 1) / r.size
    ),
    "this is the sum of the terms; we want their mean.": (
        lambda r, s: np.sum((r - r.mean()) * s) * r.size / (r.size - 1)
    ),
    "these are the terms; return their mean.": (
        lambda r, s: (r - r.mean()) * s * r.size / (r.size - 1)
    ),
}


@judge
def repaired_mean(attempt):
    """A function of costs and scores: at random ones it must be the leave-one-out estimate."""
    if not callable(attempt):
        return f"expected a function of costs, scores; received {attempt!r}."
    rng = np.random.default_rng()
    batches = [rng.normal(2, 1, (2, size)) for size in (2, 3, 5, 10)]
    found = [attempt(r.copy(), s.copy()) for r, s in batches]
    if any(value is ... for value in found):
        raise NotAnsweredError
    for diagnosis, repair in REPAIRS.items():
        expected = [repair(r, s) for r, s in batches]
        pairs = list(zip(found, expected, strict=True))
        if all(np.shape(a) == np.shape(b) and agree(a, b) for a, b in pairs):
            return "right." if diagnosis == "right" else f"not yet: {diagnosis}"
    if any(np.ndim(value) for value in found):
        return "not yet: return one number, the mean of the terms."
    truth = REPAIRS["right"](*batches[-1])
    return f"not yet: for 10 samples it gives {found[-1]:.4g}, and not {truth:.4g}."


BUMP, Q = Cost("exp(-z^2)"), Gaussian(1.0, 1.0)


def evaluations(attempt, n=1000):
    """At how many points it asks for r or r' (or both at once), for each of its n terms."""
    asked = []

    def counted(function):
        return lambda z: asked.append(np.ravel(z)) or function(z)

    cost = Cost.from_functions(counted(BUMP), counted(BUMP.derivative), BUMP.name)
    attempt(cost, Q, np.random.default_rng(7).standard_normal(n))
    points = np.unique(np.concatenate([*asked, []]).round(10))
    return points.size / n


@judge
def beats_both(attempt):
    """An unbiased estimator of d/dmu for the bump, better at equal cost than E1 and E2."""
    if not callable(attempt):
        return f"expected a function of cost, q, eps; received {attempt!r}."
    if attempt(BUMP, Q, np.array([0.3, -1.1, 0.8])) is ...:
        raise NotAnsweredError
    try:
        mean, variance = (f(attempt, BUMP, Q).mu for f in (exact_mean, exact_variance))
    except (ValueError, QuadratureError) as error:
        return f"not yet: {error}."
    truth = exact_gradient(BUMP, Q).mu
    if not np.isclose(mean, truth, rtol=1e-6):
        return (
            f"not yet: the mean of its terms is {mean:.5g}, and the true gradient is {truth:.5g}."
        )
    count = evaluations(attempt)
    best = partial(score_function, baseline=optimal_baseline(BUMP, Q))
    rivals = [exact_variance(f, BUMP, Q).mu for f in (best, pathwise)]
    numbers = (
        f"variance times evaluations per term is {variance:.4g} x {count:.3g} = "
        f"{count * variance:.4g} (E1 with the best baseline {rivals[0]:.4g}, E2 {rivals[1]:.4g})"
    )
    if not count * variance < min(rivals) * (1 - 1e-6):
        return f"not yet: it is unbiased, but {numbers}."
    return f"right. Unbiased, and {numbers}."


EXERCISES = {
    "07.1": FunctionOf(
        {"m0": (1, 3), "m2": (1, 5), "m4": (2, 9)},
        lambda m0, m2, m4: (m4 - 2 * m2 + m0) / 2,
        {
            "this is the best baseline for mu; the score for sigma is (eps^2 - 1)/sigma.": (
                lambda m0, m2, m4: m2 + 0 * m0
            ),
            "this is E[r s^2] without its sigma; divide it by E[(eps^2 - 1)^2] = 2.": (
                lambda m0, m2, m4: m4 - 2 * m2 + m0
            ),
            "this is J; the best baseline weighs the cost with the squared score.": (
                lambda m0, m2, m4: m0 + 0 * m2
            ),
            "E[(eps^2 - 1)^2] is 3 - 2 + 1 = 2, not 3.": (
                lambda m0, m2, m4: (m4 - 2 * m2 + m0) / 3
            ),
            "the square of eps^2 - 1 has a middle term, -2 eps^2.": (
                lambda m0, m2, m4: (m4 + m0) / 2 + 0 * m2
            ),
            "the middle term of (eps^2 - 1)^2 is -2 eps^2, with the factor 2.": (
                lambda m0, m2, m4: (m4 - m2 + m0) / 2
            ),
            "the middle term of (eps^2 - 1)^2 has a minus sign.": (
                lambda m0, m2, m4: (m4 + 2 * m2 + m0) / 2
            ),
            "the score enters squared: (eps^2 - 1)^2, not eps^2 - 1.": (
                lambda m0, m2, m4: (m2 - m0) / 2
            ),
        },
    ),
    "07.2": repaired_mean,
    "07.3": FunctionOf(
        {"even": (0.5, 5), "odd": (0.5, 5)},
        lambda even, odd: 2 * even / (even + odd),
        {
            "a pair costs two evaluations, so compare it with two independent samples.": (
                lambda even, odd: even / (even + odd)
            ),
            "even and odd are exchanged: the mean of t(eps) and t(-eps) is the even part.": (
                lambda even, odd: 2 * odd / (even + odd)
            ),
            "this is upside down: divide the pair's variance by that of two samples.": (
                lambda even, odd: (even + odd) / (2 * even)
            ),
            "the two parts are uncorrelated, so a term's variance is even + odd.": (
                lambda even, odd: 2 * even / odd
            ),
            "its sign tells whether the pair helps; we want the factor.": (
                lambda even, odd: (even - odd) / (even + odd)
            ),
            "this is the pair's variance; divide it by that of two independent samples.": (
                lambda even, odd: even + 0 * odd
            ),
            "the mean of two independent samples has half a term's variance.": (
                lambda even, odd: even / (2 * (even + odd))
            ),
        },
    ),
    "07.4": beats_both,
}
