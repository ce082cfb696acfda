"""Remedies for a large variance, and what they are worth: chapters 08 and 09."""

import matplotlib.pyplot as plt
import numpy as np

from gradlib.course.figures.style import STYLES
from gradlib.gaussian import Gradient

GREEN, PURPLE = "#009E73", "#CC79A7"
METHODS = {
    "E1": STYLES["score function"] | {"marker": ""},
    "fair E1": {"color": "#E69F00", "linestyle": "-."},
    "measure-valued": {"color": GREEN, "linestyle": ":"},
    "E2": STYLES["pathwise"] | {"marker": ""},
}


def lead_with_baseline(ks, ratios):
    """The variance of E1, plain and with its best baseline, over that of E2, against k.

    `ratios` maps (title of a panel, "E1" or "fair E1") to an array over ks. Below 1, the dotted
    line, the score function wins.
    """
    titles = list(dict.fromkeys(title for title, _ in ratios))
    _, axes = plt.subplots(1, len(titles), sharey=True)
    for (title, name), values in ratios.items():
        ax = axes[titles.index(title)]
        ax.semilogy(ks, values, label=name, **METHODS[name])
        ax.set(title=title, xlabel="$k$")
    for ax in axes:
        ax.axhline(1, **STYLES["exact"])
    axes[0].set_ylabel(r"variance of E1 / E2, $d/d\mu$")
    axes[0].legend()


def even_and_odd(q, costs):
    """Each cost as a function of eps, and its even and odd part about mu. `costs` has titles."""
    eps = np.linspace(-3, 3, 301)
    _, axes = plt.subplots(1, len(costs))
    for ax, (title, cost) in zip(axes, costs.items(), strict=True):
        here, mirrored = (cost(q.reparameterize(sign * eps)) for sign in (1, -1))
        ax.plot(eps, here, color="0.75", lw=4, label="$r$")
        ax.plot(eps, (here + mirrored) / 2, color=PURPLE, ls="--", label="even part")
        ax.plot(eps, (here - mirrored) / 2, color=GREEN, ls="-.", label="odd part")
        ax.set(xlabel=r"$\varepsilon$", title=title)
    axes[0].set_ylabel(r"$r(\mu + \sigma\varepsilon)$")
    axes[0].legend()


def taylor_polynomials(q, costs):
    """Each of the costs and its Taylor polynomials about mu, order 1 and 2; in grey the bell."""
    eps, h = np.linspace(-3, 3, 401), 1e-4
    z = q.reparameterize(eps)
    _, axes = plt.subplots(1, len(costs))
    for ax, cost in zip(axes, costs, strict=True):
        slopes = cost.derivative(q.mu + np.array([-h, 0.0, h]))
        line = cost(q.mu) + slopes[1] * (z - q.mu)
        parabola = line + (slopes[2] - slopes[0]) / (4 * h) * (z - q.mu) ** 2
        reach = 1.15 * max(np.abs(cost(z)).max(), np.abs(line).max() / 2)
        ax.fill_between(z, -reach, 0.5 * reach * np.exp(-(eps**2) / 2) - reach, color="0.87", lw=0)
        ax.plot(z, cost(z), color="black", label="$r$")
        ax.plot(z, line, color=PURPLE, ls="--", label="order 1")
        ax.plot(z, parabola, color=GREEN, ls="-.", label="order 2")
        ax.set(xlabel="$z$", ylim=(-reach, reach), title=f"r = {cost.name}")
    axes[0].legend(loc="lower right")


def two_parts_of_the_derivative():
    """The derivative of the density of N(0, 1), for mu and sigma, as plus part minus minus part."""
    z = np.linspace(-4.5, 4.5, 451)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    parts = Gradient(
        (np.maximum(z, 0) * density, np.maximum(-z, 0) * density), (z**2 * density, density)
    )
    _, axes = plt.subplots(1, 2, sharey=True)
    for ax, name, (plus, minus) in zip(axes, Gradient._fields, parts, strict=True):
        ax.fill_between(z, plus, color=GREEN, alpha=0.35, lw=0, label="plus")
        ax.fill_between(z, -minus, color=PURPLE, alpha=0.45, lw=0, label="minus")
        ax.plot(z, plus - minus, color="black", lw=1.2, label=rf"$\partial q/\partial\{name}$")
        ax.set(xlabel="$z$", title=rf"for $\{name}$")
        ax.legend(loc="lower right")
    axes[0].set_ylabel("density and its derivative")


def four_estimators(curves):
    """Exact variances of four estimators against k: a column for each family, mu above sigma.

    `curves` maps a title to (ks, variances of shape (k, estimator, parameter)), the estimators in
    the order E1, fair E1, measure-valued, E2.
    """
    figure, axes = plt.subplots(2, len(curves), figsize=(9.6, 6.2), sharex="col")
    for column, (title, (ks, variances)) in zip(axes.T, curves.items(), strict=True):
        for ax, of_parameter in zip(column, np.moveaxis(variances, 2, 0), strict=True):
            for (name, style), curve in zip(METHODS.items(), of_parameter.T, strict=True):
                ax.semilogy(ks, np.maximum(curve, 1e-9), label=name, **style)
            ax.set_ylim(bottom=max(ax.get_ylim()[0], 1e-3))
        if ks[0] > 0 and ks[-1] > 20 * ks[0]:
            column[0].set_xscale("log")
        column[0].set_title(title)
        column[1].set_xlabel("$k$")
    for ax, name in zip(axes[:, 0], Gradient._fields, strict=True):
        ax.set_ylabel(rf"variance for $d/d\{name}$")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=4)


def even_spread(sizes, errors, exact, ordinary):
    """RMS errors with Sobol points against M, over exact lines; dotted is ordinary sampling.

    All map (cost, estimator) to arrays over M: `errors` to one column for each run, `exact` and
    `ordinary` to the variances of the mean of M points.
    """
    costs = list(dict.fromkeys(cost for cost, _ in errors))
    _, axes = plt.subplots(1, len(costs), sharey=True)
    for (cost, name), by_run in errors.items():
        ax, style = axes[costs.index(cost)], STYLES[name]
        rms = np.sqrt(np.mean(by_run**2, axis=1))
        ax.loglog(sizes, rms, label=name, **style | {"linestyle": "none"})
        ax.loglog(sizes, np.sqrt(exact[cost, name]), **style | {"marker": ""})
        ax.loglog(sizes, np.sqrt(ordinary[cost, name]), color=style["color"], ls=":")
        ax.set(title=f"r = {cost}", xlabel="samples $M$")
    axes[0].set_ylabel(r"RMS error of $d/d\mu$")
    axes[0].legend(loc="lower left")


def price_of_slopes(costs, values, with_slopes):
    """Variance times evaluations: the best method of values (squares), and methods with slopes.

    Each bar goes from slopes that count 1 to slopes that count 3. `values` and the arrays in
    `with_slopes` have the shape (cost, parameter).
    """
    _, axes = plt.subplots(1, 2, sharey=True)
    colors = METHODS["E2"]["color"], PURPLE
    for index, (ax, parameter) in enumerate(zip(axes, Gradient._fields, strict=True)):
        at = np.arange(len(costs))
        ax.plot(at, values[:, index], "s", color=GREEN, ms=8, label="best of values", zorder=3)
        bars = zip((0.13, 0.26), with_slopes.items(), colors, strict=True)
        for shift, (name, cheap), color in bars:
            low = cheap[:, index]
            ax.vlines(at + shift, low, 3 * low, color=color, lw=7, label=name)
        ax.hlines(values[:, index], at, at + 0.32, color=GREEN, lw=1)
        ax.set_xticks(at + 0.13, costs)
        ax.set(yscale="log", title=rf"$d/d\{parameter}$")
    axes[0].set_ylabel("variance × evaluations")
    axes[1].legend(loc="lower left")
