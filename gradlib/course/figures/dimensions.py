"""Variances in up to 1,000 dimensions: chapter 08."""

from functools import lru_cache

import numpy as np

from gradlib.control_variates import optimal_baseline
from gradlib.cost import Cost
from gradlib.course.figures.style import ESTIMATORS, STYLES, legend_above, panels
from gradlib.estimators import values
from gradlib.exact import exact_gradient, exact_value, exact_variance, expectation
from gradlib.gaussian import Gaussian

COSTS_IN_DIMENSIONS = {
    "sum": "r(z_1) + ... + r(z_d)",
    "ridge": "r((z_1 + ... + z_d)/sqrt(d))",
    "product": "r(z_1) ... r(z_d)",
}


def draw_dimensions(figure, family, r, mu, sigma, log_d):
    """Variances of d/dmu_1 against the dimension d, their ratios, and the samples they ask for.

    `family` is a key of COSTS_IN_DIMENSIONS, `r` the text of a function on R. The coordinates are
    independent, each N(mu, sigma^2); those of a ridge have mean mu/sqrt(d), so that its argument is
    N(mu, sigma^2). d = 10^log_d, rounded. Returns the numbers at d in words.
    """
    d, dims = round(10**log_d), np.geomspace(1, 1000, 61)
    score, path = (STYLES[label] | {"marker": ""} for label in ESTIMATORS)
    best = score | {"linestyle": "-.", "alpha": 0.6}
    styles = {"score function": score, "the same with the best constant": best, "pathwise": path}
    curves, here = (_log_variances(family, r, mu, sigma, at) for at in (dims, np.array([d])))
    titles = (r"variance of $d/d\mu_1$", "variance, pathwise = 1", "samples for SNR 1")
    for k, (ax, title) in enumerate(zip(panels(figure, 1, 1, 1), titles, strict=True)):
        if ax.get_xscale() != "log":
            ax.set(xscale="log", xlabel="$d$")
            ax.minorticks_off()
        for row, (label, style) in enumerate(styles.items()):
            line, point = (v[row] - (0, v[2], v[3])[k] for v in (curves, here))
            ax.plot(dims, line, label=label, **style)
            ax.plot(d, point, "o", color=style["color"])
        ax.axvline(d, color="0.5", lw=0.8)
        ax.set_title(rf"$\log_{{10}}$ of {title}")
    legend_above(figure)
    variances, samples = ([_number(x) for x in row] for row in (here[:3, 0], here[:3, 0] - here[3]))
    return (
        f"Cost {COSTS_IN_DIMENSIONS[family]} with r(z) = {r}, d = {d}, mu = {mu:g}, "
        f"sigma = {sigma:g}; d/dmu_1 = {_number(here[3, 0] / 2)} in size.\n"
        "Variance {} (score function), {} (with the best constant), {} (pathwise).\n".format(
            *variances
        )
        + "Samples for a signal-to-noise ratio of 1: {}, {}, {}.".format(*samples)
    )


def _number(log10):
    """10^log10 in words, also where it is beyond the range of floats."""
    whole = np.floor(log10)
    return f"{10**log10:.4g}" if -5 <= whole <= 5 else f"{10 ** (log10 - whole):.3f}e{whole:+.0f}"


def _log_variances(family, r, mu, sigma, d):
    """log10 of: variance of E1, of E1 with the best constant, of E2, gradient squared; at each d.

    Everything follows from one-dimensional expectations, as sums and products factorise.
    """
    first, second, g, m, square, best = _one_dimensional(r, mu, sigma)
    n, growth = d - 1, 0 * d
    if family == "sum":
        first = first + (2 * best * n * m + n * (square - m**2) + (n * m) ** 2) / sigma**2
        best, second, slope = best + n * m, second + 0 * n, g**2 + 0 * n
    elif family == "ridge":
        first = first / d + n / d * square / sigma**2
        best, second, slope = best / d + n / d * m, second / d, g**2 / d
    else:
        growth, shrink = n * np.log10(square), n * np.log10(m**2 / square)
        means = 10**shrink  # of the others: squared mean over second moment
        first, second = (v + g**2 - g**2 * means for v in (first, second))
        best, slope = best * np.sqrt(means), g**2
    logs = np.log10([first, first - (best / sigma) ** 2, second, slope + 0 * d]) + growth
    return logs if family != "product" else logs + np.outer([0, 0, 0, 1], shrink)


@lru_cache(maxsize=200)
def _one_dimensional(r, mu, sigma):
    """For d = 1: both variances, the gradient, E[r], E[r^2] and the best constant."""
    cost, q = Cost(r), Gaussian(mu, sigma)
    first, second = (exact_variance(f, cost, q).mu for f in ESTIMATORS.values())
    mean, square = exact_value(cost, q), expectation(lambda *at: (values(*at),) * 2, cost, q)
    return first, second, exact_gradient(cost, q).mu, mean, square, optimal_baseline(cost, q).mu
