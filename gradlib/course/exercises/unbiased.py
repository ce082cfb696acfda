"""What the exercises ask of an estimator that a student invents."""

import numpy as np

from gradlib.cost import Cost
from gradlib.course.judges import Verdict, say
from gradlib.estimators import Randomized
from gradlib.exact import exact_gradient, exact_mean
from gradlib.gaussian import Gradient
from gradlib.protocol import terms_of

EPS = np.array([0.3, -1.1, 0.8, 1.9])
MOST_POINTS = 10  # for one term: more is quadrature, not sampling


def terms_at(attempt, cost, q, eps):
    """The terms of an estimator, also of one with random numbers of its own."""
    own = [np.random.default_rng(7)] if isinstance(attempt, Randomized) else []
    return terms_of(attempt, cost, q, eps, *own)


def evaluations(attempt, cost, q, n):
    """At how many points it asks for r or r' (or both at once), for each of its n terms."""
    points = []

    def counted(function):
        return lambda z: points.append(np.ravel(z)) or function(z)

    watched = Cost.from_functions(counted(cost), counted(cost.derivative), cost.name)
    terms_at(attempt, watched, q, np.random.default_rng(7).standard_normal(n))
    return np.unique(np.concatenate([*points, []]).round(10)).size / n


def require_unbiased(attempt, q):
    """`Verdict` or ValueError unless it is an unbiased estimator, for a fresh smooth cost.

    Its terms must be functions of their own eps, and vary with it; the gradient itself is no
    estimate of it, whether it was computed beforehand or from many values of the cost.
    """
    a, b, c = np.random.default_rng().uniform(0.5, 1.5, 3)
    cost = Cost(f"sin({a:.2f}z + {b:.2f}) + {c:.2f}z^2")
    few = terms_at(attempt, cost, q, EPS)
    means = exact_mean(attempt, cost, q)  # refuses terms that are no functions of their own eps
    for name, terms in zip(Gradient._fields, few, strict=True):
        if np.ptp(terms) < 1e-9:
            raise Verdict(
                f"not yet: the terms of your d/d{name} do not depend on eps, here for "
                f"{cost.name}. The gradient itself is what we estimate, not an estimator."
            )
    count = evaluations(attempt, cost, q, 1)
    if count > MOST_POINTS:
        raise Verdict(
            f"not yet: for one term it asks for the cost at {say(int(count))} points. That is "
            f"quadrature, not sampling; {MOST_POINTS} at most."
        )
    pairs = zip(means, exact_gradient(cost, q), strict=True)
    for name, (mean, truth) in zip(Gradient._fields, pairs, strict=True):
        if not np.isclose(mean, truth, rtol=1e-6, atol=1e-9):
            raise Verdict(
                f"not yet: for {cost.name} at N({say(q.mu)}, {say(q.sigma)}^2) the mean of your "
                f"d/d{name} is {say(mean, truth)}, and the true gradient is {say(truth, mean)}."
            )
