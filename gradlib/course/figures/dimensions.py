"""Variances in up to 1,000 dimensions: the live figure of chapter 10."""

import numpy as np

from gradlib.course.families import COSTS_IN_DIMENSIONS, log10_variances
from gradlib.course.figures.style import ESTIMATORS, STYLES, legend_above, panels


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
    curves, here = (log10_variances(family, r, mu, sigma, at) for at in (dims, np.array([d])))
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
