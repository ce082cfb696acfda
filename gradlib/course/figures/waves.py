"""Costs for which the score function wins, and the map of all costs: chapter 07."""

import matplotlib.pyplot as plt
import numpy as np

from gradlib.course.figures.style import ESTIMATORS, STYLES
from gradlib.gaussian import Gradient

LINES = {name: STYLES[name] | {"marker": ""} for name in ESTIMATORS}


def variances_of_waves(k, variances, ties):
    """Variances of both estimators against k, for mu (left) and sigma (right), with their ties.

    `variances` has the shape (estimator, parameter, k); `ties` is what `crossings` found.
    """
    figure, axes = plt.subplots(1, 2, sharey=True)
    for index, (ax, name) in enumerate(zip(axes, Gradient._fields, strict=True)):
        for label, curve in zip(LINES, variances[:, index], strict=True):
            ax.plot(k, curve, **LINES[label], label=label)
        for tie in ties[index]:
            ax.axvline(tie, **STYLES["exact"])
        ax.set(xlabel="$k$", ylabel=rf"variance for $d/d\{name}$")
        ax.set_ylim(0, 2 * variances[0, index].max())
        ax.set_title("tie at $k$ = " + ", ".join(f"{tie:.4f}" for tie in ties[index]))
        ax.tick_params(labelleft=True)
    _legend(figure, axes[0])


def values_and_slopes(costs, q):
    """What either estimator sees of each cost: r (score function) and r' (pathwise).

    The grey hill is the density of Z.
    """
    z = np.linspace(q.mu - 4 * q.sigma, q.mu + 3 * q.sigma, 701)
    _, axes = plt.subplots(1, len(costs), sharey=True)
    for ax, cost in zip(axes, costs, strict=True):
        ax.fill_between(z, np.exp(q.log_prob(z)), color="0.85", lw=0)
        ax.plot(z, cost(z), **LINES["score function"], label="$r$")
        ax.plot(z, cost.derivative(z), **LINES["pathwise"], label="$r'$")
        ax.set(xlabel="$z$", title=f"$r(z)$ = {cost.name}")
    axes[0].set_ylabel("$r$, $r'$, density")
    axes[0].legend(loc="lower right")


def published_curves(families):
    """Variances of both estimators against k: one column for each family of costs.

    `families` maps a title to (k, variances), of the shape (estimator, parameter, k).
    """
    figure, axes = plt.subplots(2, len(families), figsize=(9.6, 5.4), sharex="col")
    for column, (title, (k, variances)) in zip(axes.T, families.items(), strict=True):
        for index, (ax, name) in enumerate(zip(column, Gradient._fields, strict=True)):
            for label, curve in zip(LINES, variances[:, index], strict=True):
                ax.plot(k, curve, **LINES[label], label=label)
            ax.set(yscale="log", ylabel=rf"variance for $d/d\{name}$")
        column[0].set_title(f"$r(z)$ = {title}")
        column[1].set_xlabel("$k$")
    _legend(figure, axes[0, 0])


def graphs_of_costs(costs, q):
    """Each cost over two and a half standard deviations around the centre of the bell."""
    z = np.linspace(q.mu - 2.5 * q.sigma, q.mu + 2.5 * q.sigma, 2001)
    _, axes = plt.subplots(1, len(costs), sharey=True)
    for ax, cost in zip(axes, costs, strict=True):
        ax.plot(z, cost(z), color="black", lw=1)
        ax.set(xlabel="$z$", title=cost.name)
    axes[0].set_ylabel("$r(z)$")


def variances_against_steps(runs):
    """Variances of both estimators for mu after 0, 1, 2, ... steps: one panel for each run.

    `runs` maps a title to the variances of E1 and of E2.
    """
    _, axes = plt.subplots(1, len(runs), sharey=True)
    for ax, (title, curves) in zip(axes, runs.items(), strict=True):
        for label, variances in zip(LINES, curves, strict=True):
            ax.plot(variances, **STYLES[label], label=label)
        ax.set(yscale="log", xlabel="$T$", title=title)
        ax.tick_params(labelleft=True)
    axes[0].set_ylabel(r"variance for $d/d\mu$")
    axes[0].legend(loc="lower left")


def map_of_costs(places):
    """Each cost at its slope ratio R and at m1/m2, the ratio of the second moments of E1 and E2.

    `places` maps a name to (R, m1/m2). Above the line at 1 pathwise wins for mu, below it the score
    function does; a tie is black. No cost lies in the grey.
    """
    _, ax = plt.subplots(figsize=(9.6, 4.8))
    R = np.geomspace(0.02, 300, 500)
    low, high = ((np.sqrt(1 + 1 / R) + sign) ** 2 for sign in (-1, 1))
    ax.fill_between(R, 1e-3, low, color="0.85", lw=0)
    ax.fill_between(R, high, 1e4, color="0.85", lw=0)
    ax.axhline(1, color="black", lw=0.8)
    ax.axvline(1 / 3, **STYLES["exact"])
    for name, (x, y) in places.items():
        tie = np.isclose(y, 1)
        style = STYLES["exact"] if tie else STYLES["pathwise" if y > 1 else "score function"]
        ax.plot(x, y, color=style["color"], marker=style.get("marker", "D"))
        on_low_edge = y < 1.01 * (np.sqrt(1 + 1 / x) - 1) ** 2
        offset, align = ((-9, -12), "right") if on_low_edge else ((9, 0), "left")
        ax.annotate(name, (x, y), offset, textcoords="offset points", ha=align, va="center")
    ax.set(xscale="log", yscale="log", xlim=R[[0, -1]], ylim=(0.005, 100))
    ax.set(xlabel="slope ratio $R$", ylabel="$m_1/m_2$")
    ax.grid(False)


def _legend(figure, ax):
    """One legend above all panels, with the labels of one of them."""
    figure.legend(*ax.get_legend_handles_labels(), loc="outside upper center", ncols=len(LINES))
