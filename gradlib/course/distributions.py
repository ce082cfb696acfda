"""Which families have a pathwise gradient? A table of them, with a check for each: chapter 13.

z is a function of noise that is free of theta. Where it has a slope dz/dtheta, pathwise averages
r'(z) dz/dtheta. For a law with the distribution function F and the density q nobody needs to write
that function down: at fixed noise F(z; theta) stays what it is, so that

    dz/dtheta = -(dF/dtheta) / q        (implicit reparameterization)

Source: Figurnov, Mohamed and Mnih (2018), arXiv 1805.08498.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import stats
from scipy.special import digamma, expit

from gradlib.arguments import require_kind
from gradlib.cost import Cost
from gradlib.tables import Table

INVERSE, IMPLICIT = "F(z; theta) = u", "-(dF/dtheta)/q"
STEP = "0 or no slope"


class Family(NamedTuple):
    """A law with one parameter theta: `law(theta)` is SciPy's, the score is d/dtheta log q(z).

    `path` and `slope` say in words how z depends on the noise and what dz/dtheta is; `speed` is
    dz/dtheta as a function of z and theta. Without one it is implicit, or, for a discrete law, 0
    wherever it exists.
    """

    name: str
    parameter: str
    theta: float
    path: str
    slope: str
    law: Callable
    score: Callable
    speed: Callable | None = None

    @property
    def is_discrete(self):
        return self.slope == STEP


class Result(NamedTuple):
    """Means of both estimators, the exact gradient, and how far dz/dtheta is from the check.

    `distance` is the largest one from the slope of the quantile function at fixed u, for u from
    0.01 to 0.99, relative to the largest slope there; nan for a discrete law.
    """

    family: Family
    score_function: float
    pathwise: float
    exact: float
    distance: float


def three(theta):
    """The categorical law on 0, 1, 2 with the logits 0, 0.5 and theta."""
    weights = np.exp([0.0, 0.5, theta])
    return stats.rv_discrete(values=(range(3), weights / weights.sum()))


def score_of_student(z, t):
    """Of the degrees of freedom t, for Student's law about 0; x = z^2/t."""
    x = z**2 / t
    constant = digamma((t + 1) / 2) - digamma(t / 2) - 1 / t
    return (constant - np.log1p(x) + (t + 1) / t * x / (1 + x)) / 2


FAMILIES = [
    Family(
        "normal",
        "scale",
        1.0,
        "0.5 + theta eps",
        "eps",
        lambda t: stats.norm(0.5, t),
        lambda z, t: ((z - 0.5) ** 2 / t**2 - 1) / t,
        lambda z, t: (z - 0.5) / t,
    ),
    Family(
        "logistic",
        "location",
        0.5,
        "theta + eps",
        "1",
        stats.logistic,
        lambda z, t: np.tanh((z - t) / 2),
        lambda z, t: np.ones_like(z),
    ),
    Family(
        "Laplace",
        "location",
        0.5,
        "theta + eps",
        "1",
        stats.laplace,
        lambda z, t: np.sign(z - t),
        lambda z, t: np.ones_like(z),
    ),
    Family(
        "Cauchy",
        "scale",
        1.0,
        "0.5 + theta eps",
        "eps",
        lambda t: stats.cauchy(0.5, t),
        lambda z, t: ((z - 0.5) ** 2 - t**2) / ((z - 0.5) ** 2 + t**2) / t,
        lambda z, t: (z - 0.5) / t,
    ),
    Family(
        "exponential",
        "rate",
        2.0,
        "-log(u)/theta",
        "-z/theta",
        lambda t: stats.expon(scale=1 / t),
        lambda z, t: 1 / t - z,
        lambda z, t: -z / t,
    ),
    Family(
        "uniform",
        "right end",
        1.0,
        "theta u",
        "z/theta",
        lambda t: stats.uniform(0, t),
        lambda z, t: np.full_like(z, -1 / t),
        lambda z, t: z / t,
    ),
    Family(
        "Gamma",
        "shape",
        2.0,
        INVERSE,
        IMPLICIT,
        stats.gamma,
        lambda z, t: np.log(z) - digamma(t),
    ),
    Family(
        "Beta",
        "first shape",
        2.0,
        INVERSE,
        IMPLICIT,
        lambda t: stats.beta(t, 3),
        lambda z, t: np.log(z) - digamma(t) + digamma(t + 3),
    ),
    Family(
        "Student t",
        "degrees of freedom",
        3.0,
        INVERSE,
        IMPLICIT,
        lambda t: stats.t(t, 0.5),
        lambda z, t: score_of_student(z - 0.5, t),
    ),
    Family(
        "Bernoulli",
        "probability",
        0.3,
        "1{u < theta}",
        STEP,
        stats.bernoulli,
        lambda z, t: z / t - (1 - z) / (1 - t),
    ),
    Family(
        "Poisson",
        "rate",
        2.0,
        "arrivals by theta",
        STEP,
        stats.poisson,
        lambda z, t: z / t - 1,
    ),
    Family(
        "categorical",
        "third logit",
        1.0,
        "argmax(logits + eps)",
        STEP,
        three,
        lambda z, t: (z == 2) - three(t).pmf(2),
    ),
]


def table(cost=None):
    """The families with the mean of each estimator beside the exact gradient of E[r(z)].

    `cost` is a smooth `Cost` on R with finite means under all laws, the bump exp(-z^2) unless
    given. A mean that is wrong has a star. The last column is `Result.distance`.
    """
    cost, rows = Cost("exp(-z^2)") if cost is None else cost, []
    for family, *means, exact, distance in (result(family, cost) for family in FAMILIES):
        stars = ["" if abs(mean - exact) <= 1e-6 * (1 + abs(exact)) else "*" for mean in means]
        numbers = [f"{mean:.4f}{star:1}" for mean, star in zip(means, stars, strict=True)]
        check = "" if family.is_discrete else f"{distance:.0e}" if distance > 1e-8 else "< 1e-8"
        parameter = f"{family.parameter} {family.theta:g}"
        first = [family.name, parameter, family.path, family.slope]
        rows.append([*first, *numbers, f"{exact:.4f}", check])
    head = ["family", "theta", "z", "dz/dtheta", "score function", "pathwise", "exact", "check"]
    note = "* a wrong mean. Check: distance of dz/dtheta from the slope of the quantile function."
    return Table(head, rows, note)


def result(family, cost):
    """The `Result` of one of FAMILIES for a `Cost`, all by quadrature; see `table`."""
    require_kind("cost", cost, Cost, "Cost('exp(-z^2)')")
    law, theta, speed = family.law, family.theta, speed_of(family)
    distance = np.nan
    if not family.is_discrete:
        u = np.linspace(0.01, 0.99, 99)
        check = quantile_speed(law, theta, u)
        distance = np.abs(speed(law(theta).ppf(u)) - check).max() / np.abs(check).max()
    return Result(
        family,
        _mean(lambda z: cost(z) * family.score(z, theta), law(theta)),
        _mean(lambda z: cost.derivative(z) * speed(z), law(theta)),
        _slope(lambda t: _mean(cost, law(t)), theta),
        distance,
    )


def speed_of(family):
    """dz/dtheta as a function of z, at the family's theta."""
    if family.is_discrete:
        return np.zeros_like
    if family.speed is None:
        return lambda z: implicit_speed(family.law, family.theta, z)
    return lambda z: family.speed(z, family.theta)


def implicit_speed(law, theta, z):
    """-(dF/dtheta)/q at z, by differences of SciPy's distribution function; from the nearer end."""
    lower = _slope(lambda t: law(t).cdf(z), theta)
    upper = -_slope(lambda t: law(t).sf(z), theta)
    return -np.where(z < law(theta).median(), lower, upper) / law(theta).pdf(z)


def quantile_speed(law, theta, u):
    """The same at z = quantile of u, by differences of the quantile function itself."""
    return _slope(lambda t: law(t).ppf(u), theta)


def _mean(f, law):
    """E[f(z)]: a sum over the values of a discrete law, else Gauss's rule in t, panel by panel.

    The log odds of u are pi sinh(t): so u comes as near as 1e-45 to 0 and to 1, and t = 0, where
    the density of a Laplace law has its kink, is an edge.
    """
    if hasattr(law, "pmf"):
        z = np.arange(min(law.support()[1], 60) + 1.0)  # of the Poisson law nothing is left there
        return float(law.pmf(z) @ f(z))
    x, w = np.polynomial.legendre.leggauss(20)
    t = np.add.outer(np.arange(0.1, 4.2, 0.2), 0.1 * x)  # panels of width 0.2
    tail = expit(-np.pi * np.sinh(t))
    du = 0.1 * w * tail * (1 - tail) * np.pi * np.cosh(t)
    return float(np.sum(du * (f(law.ppf(tail)) + f(law.isf(tail)))))


def _slope(f, theta, h=1e-3):
    """f'(theta) by central differences of fourth order."""
    near, far = (f(theta + k * h) - f(theta - k * h) for k in (1, 2))
    return (8 * near - far) / (12 * h)
