"""200 exact variances of both estimators along sigma, which a live figure asks for at once."""

from functools import partial

import numpy as np
import reference
from scipy import integrate

from bench.harness import Case
from gradlib import Cost, Gaussian, exact_variance, pathwise, score_function, variance_curve

MU, REACH = 0.7, reference.REACH
COSTS = {  # r and r', and where they bend
    "cos(3z)": (lambda z: np.cos(3 * z), lambda z: -3 * np.sin(3 * z), ()),
    "abs(z) + 1": (lambda z: np.abs(z) + 1, np.sign, (0.0,)),
}


def cases(small=False):
    sigmas = np.geomspace(0.3, 3, 5 if small else 200)
    for formula, (r, slope, points) in COSTS.items():
        expected = by_fixed_rule(r, slope, points, sigmas)
        yield Case(
            f"{len(sigmas)} exact variances of both estimators, {formula} at N({MU}, sigma^2)",
            {
                "a loop of exact_variance": partial(loop, Cost(formula), sigmas),
                "variance_curve": partial(curve, Cost(formula), sigmas),
                "a fixed rule of 2,080 points (NumPy)": partial(
                    by_fixed_rule, r, slope, points, sigmas
                ),
                "scipy.integrate.quad": partial(by_quad, r, slope, points, sigmas),
            },
            partial(check, expected),
        )


def check(expected, label, result):
    """Of shape (points, estimators, parameters)."""
    assert np.allclose(result, expected, rtol=1e-7), f"{label} is wrong"


def loop(cost, sigmas):
    both = score_function, pathwise
    return np.array([[exact_variance(e, cost, Gaussian(MU, s)) for e in both] for s in sigmas])


def curve(cost, sigmas):
    return np.moveaxis(variance_curve([score_function, pathwise], cost, MU, sigmas), -1, 0)


def by_fixed_rule(r, slope, points, sigmas):
    found = []
    for sigma in sigmas:
        eps, weights = reference.normal_rule(MU, sigma, points)
        z = MU + sigma * eps
        value, first = r(z), slope(z)
        scores = [[value * eps / sigma, value * (eps**2 - 1) / sigma], [first, first * eps]]
        terms = np.array(scores)
        found.append(terms**2 @ weights - (terms @ weights) ** 2)
    return np.array(found)


def by_quad(r, slope, points, sigmas):
    def variance(term, sigma):
        bends = [(p - MU) / sigma for p in points if abs(p - MU) < REACH * sigma]

        def moment(power):
            def integrand(e):
                return term(MU + sigma * e, e) ** power * np.exp(-e * e / 2)

            total, _ = integrate.quad(integrand, -REACH, REACH, points=bends or None, limit=500)
            return total / np.sqrt(2 * np.pi)

        return moment(2) - moment(1) ** 2

    return np.array(
        [
            [
                [variance(term, sigma) for term in terms]
                for terms in (reference.terms_of_score(r, sigma), reference.terms_of_path(slope))
            ]
            for sigma in sigmas
        ]
    )
