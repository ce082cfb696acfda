"""200 exact variances of both estimators along sigma, which a live figure asks for at once."""

from functools import partial

import numpy as np
from scipy import integrate

from bench.harness import Case
from gradlib import Cost, Gaussian, exact_variance, pathwise, score_function

COSTS = {  # the cost, r and r', where it bends
    "cos(3z)": (lambda z: np.cos(3 * z), lambda z: -3 * np.sin(3 * z), ()),
    "abs(z) + 1": (lambda z: np.abs(z) + 1, np.sign, (0.0,)),
}
ESTIMATORS = (score_function, pathwise)


def cases(small=False):
    sigmas = np.geomspace(0.3, 3, 5 if small else 200)
    for formula, functions in COSTS.items():
        expected = by_quad(*functions, sigmas[::4])
        yield Case(
            f"{len(sigmas)} exact variances of both estimators, {formula} at N(0.7, sigma^2)",
            {
                "a loop of exact_variance": partial(loop, Cost(formula), sigmas),
                "a loop of scipy.integrate.quad": partial(by_quad, *functions, sigmas),
            },
            partial(check, expected),
        )


def check(expected, label, result):
    assert np.allclose(result[::4], expected, rtol=1e-8), f"{label}: {result[::4]}, not {expected}"


def loop(cost, sigmas):
    """Of shape (points, estimators, parameters)."""
    return np.array(
        [[exact_variance(e, cost, Gaussian(0.7, s)) for e in ESTIMATORS] for s in sigmas]
    )


def by_quad(value, slope, points, sigmas):
    """The same with r, r' and the points where r bends: moments of each term by SciPy."""

    def variances(sigma):
        edges = [(p - 0.7) / sigma for p in points]

        def variance(term):
            first, second = (
                integrate.quad(
                    lambda e: term(0.7 + sigma * e, e) ** power * np.exp(-e * e / 2),
                    *(-12, 12),
                    points=[e for e in edges if abs(e) < 12] or None,
                    epsabs=1e-11,
                    epsrel=1e-11,
                    limit=500,
                )[0]
                / np.sqrt(2 * np.pi)
                for power in (1, 2)
            )
            return second - first**2

        return [
            [
                variance(lambda z, e: value(z) * e / sigma),
                variance(lambda z, e: value(z) * (e * e - 1) / sigma),
            ],
            [variance(lambda z, e: slope(z)), variance(lambda z, e: slope(z) * e)],
        ]

    return np.array([variances(sigma) for sigma in sigmas])
