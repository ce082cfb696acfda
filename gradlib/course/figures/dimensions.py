"""Variances in up to 1,000 dimensions: the live figure of chapter 10."""

import numpy as np

from gradlib.course.families import COSTS_IN_DIMENSIONS, log10_variances
from gradlib.course.figures.style import ESTIMATORS, STYLES, legend_above, panels


def draw_dimensions(figure, family, r, mu, sigma, log_d):
    """Variances of d/dmu_1 against the dimension d, their ratios, and the samples they ask for.

    `family` is a key of COSTS_IN_DIMENSIONS, `r` the text of a function on R. The coordinates are
    independent, each N(mu, sigma^2); those of a ridge have mean mu/sqrt(d), so that its argument is
    N(mu, sigma^2). d = 10^log_d, rounded. Family and r choose the scales. Returns in words who wins
    at d, in the first line, and the numbers there.
    """
    d, dims, scales = round(10**log_d), np.geomspace(1, 1000, 61), _scales(family, r)
    score, path = (STYLES[label] | {"marker": ""} for label in ESTIMATORS)
    best = score | {"linestyle": "-.", "alpha": 0.6}
    styles = {"score function": score, "the same with the best constant": best, "pathwise": path}
    curves, here = (log10_variances(family, r, mu, sigma, at) for at in (dims, np.array([d])))
    titles = (r"variance of $d/d\mu_1$", "variance, pathwise = 1", "samples for SNR 1")
    for k, (ax, title) in enumerate(zip(panels(figure, 1, 1, 1), titles, strict=True)):
        ax.set(xscale="log", xlabel="$d$")
        ax.minorticks_off()
        pairs = zip(styles.items(), _shown(curves)[k], _shown(here)[k], strict=True)
        for (label, style), line, point in pairs:
            ax.plot(dims, line, label=label, **style)
            ax.plot(d, point, "o", color=style["color"])
        ax.set(xlim=(0.8, 1250), ylim=scales[k])
        ax.axvline(d, color="0.5", lw=0.8)
        ax.set_title(rf"$\log_{{10}}$ of {title}")
    legend_above(figure)
    variances, samples = ([_number(x) for x in row] for row in (here[:3, 0], here[:3, 0] - here[3]))
    plain, best = (_winner(x - here[2, 0]) for x in here[:2, 0])
    return (
        f"At d = {d}: {plain}.\nWith the best constant: {best}.\n"
        f"Cost {COSTS_IN_DIMENSIONS[family]} with r(z) = {r}, d = {d}, mu = {mu:g}, "
        f"sigma = {sigma:g}; d/dmu_1 = {_number(here[3, 0] / 2)} in size.\n"
        "Variance {} (score function), {} (with the best constant), {} (pathwise).\n".format(
            *variances
        )
        + "Samples for a signal-to-noise ratio of 1: {}, {}, {}.".format(*samples)
    )


def _shown(rows):
    """What the three panels show of `log10_variances`: variances, to pathwise, to the signal."""
    return [rows[:3] - reference for reference in (0, rows[2], rows[3])]


def _scales(family, r):
    """The limits of the three panels: whole decades that hold three widths at the mean 1."""
    dims = np.array([1, 10, 100, 1000])
    found = [_shown(log10_variances(family, r, 1.0, sigma, dims)) for sigma in (0.3, 1.0, 1.5)]
    shown = [np.array([one[k] for one in found]) for k in range(3)]
    return [(np.floor(x.min()) - 0.2, np.ceil(x.max()) + 0.2) for x in shown]


def _winner(log10_ratio):
    """Who wins, in words, if the variance of the score function is 10^log10_ratio of pathwise's."""
    if abs(log10_ratio) < 1e-9:
        return "a tie"
    name = "pathwise" if log10_ratio > 0 else "score function"
    return f"{name} wins by a factor of {_number(abs(log10_ratio))}"


def _number(log10):
    """10^log10 in words, also where it is beyond the range of floats."""
    whole = np.floor(log10)
    return f"{10**log10:.4g}" if -5 <= whole <= 5 else f"{10 ** (log10 - whole):.3f}e{whole:+.0f}"
