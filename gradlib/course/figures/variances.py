"""Both exact variances, and what the gap theorem says of them: chapters 05 to 07."""

from functools import lru_cache

import numpy as np

from gradlib.cost import Cost
from gradlib.course.figures.style import ESTIMATORS, STYLES, legend_above, panels
from gradlib.course.figures.words import verdicts
from gradlib.curves import crossings, variance_curve
from gradlib.estimators import pathwise
from gradlib.exact import QuadratureError, exact_variance
from gradlib.gap import gap_terms
from gradlib.gaussian import Gaussian, Gradient


def draw_variances(figure, r, c, mu, sigma):
    """Both exact variances of the cost r + c against sigma, and the terms of the gap theorem.

    `r` is the text of a cost, `c` a constant. Returns the verdict at sigma in words.
    """
    shift = f" {'+' if c > 0 else '-'} {abs(c):g}" if c else ""
    cost, q = Cost(r + shift), Gaussian(mu, sigma)
    *curves, bars = panels(figure, 1.2, 1.2, 1)
    words = [
        f"d/d{name}: {verdict}."
        for name, (_, _, verdict) in zip(Gradient._fields, verdicts(cost, q), strict=True)
    ]
    words += [draw_terms(bars, cost, q), draw_curves(curves, cost, q)]
    legend_above(figure)
    return "\n".join([f"r(z) = {cost.name}, Z ~ N({mu:g}, {sigma:g}^2).", *words])


def draw_verdict(figure, r, mu, sigma):
    """What there is to say of any cost r: its slope, both variances, the gap theorem, the verdict.

    `r` is the text of a formula. Returns the numbers in words, or what is wrong with the formula.
    """
    first, *curves, bars = panels(figure, 1.3, 1.2, 1.2, 1)
    try:
        cost, q = Cost(r), Gaussian(mu, sigma)
    except ValueError as error:
        return f"{error}."
    words = [draw_cost(first, cost, q)]
    try:
        for name, (truth, _, verdict) in zip(Gradient._fields, verdicts(cost, q), strict=True):
            words.append(f"d/d{name} = {truth:.4g}: {verdict}.")
        words.append(draw_terms(bars, cost, q))
    except (ValueError, QuadratureError) as error:
        words.append(f"{error}.")
    words.append(draw_curves(curves, cost, q))
    legend_above(figure)
    return "\n".join(words)


def draw_cost(ax, cost, q):
    """r and r' within three standard deviations, over the density of Z. Returns both as text."""
    z = np.linspace(q.mu - 3 * q.sigma, q.mu + 3 * q.sigma, 601)
    density = np.exp(q.log_prob(z) - q.log_prob(q.mu))
    ax.plot(z, cost(z), color="black", label="$r$")
    ax.plot(z, cost.derivative(z), color="#CC79A7", ls="--", label="$r'$")
    low, high = ax.get_ylim()
    ax.fill_between(z, low, low + 0.4 * (high - low) * density, color="0.85", lw=0, zorder=0)
    ax.set(xlabel="$z$", xlim=z[[0, -1]], ylim=(low, high), title="cost, slope, density of $Z$")
    slope = str(cost.derivative_expression).replace("**", "^").replace("*", " ")
    return f"r(z) = {cost.name}, r'(z) = {slope}, Z ~ N({q.mu:g}, {q.sigma:g}^2)."


def draw_terms(ax, cost, q):
    """The terms of the gap theorem as bars, for d/dmu and d/dsigma. Returns them in words."""
    bars = ["$r^2$", "$r'^2$", "$r r'$"]
    ax.set_yticks(-np.arange(9), [*bars, r"gap $\mu$", "", *bars, r"gap $\sigma$"])
    ax.set_xticks([-1, 0, 1])
    ax.set(xlim=(-1.1, 1.1), xlabel="relative to the largest", title="terms of the gap")
    ax.axvline(0, color="black", lw=0.8)
    words = []
    terms = gap_terms(cost, q).diagonal(axis1=1, axis2=2).T
    for place, name, parts in zip([0, -5], Gradient._fields, terms, strict=True):
        gap = parts.sum()
        winner = "pathwise" if gap > 0 else "score function"
        colors = ["0.6", "0.6", "0.6", STYLES[winner]["color"]]
        widths = np.array([*parts, gap]) / (np.abs(parts).max() or 1)
        ax.barh(place - np.arange(4), widths, color=colors, zorder=2)
        words.append(f"d/d{name}: {' + '.join(f'({part:.4g})' for part in parts)} = {gap:.4g}")
    return "Gap theorem, terms in r^2, r'^2 and r r':\n" + ",\n".join(words) + "."


SIGMAS = np.geomspace(0.05, 4, 21)


def draw_curves(axes, cost, q):
    """Both exact variances against sigma, for d/dmu and d/dsigma. Returns where they cross."""
    variances, levels = _along_sigma(cost.expression, q.mu)
    words = []
    for index, (ax, name) in enumerate(zip(axes, Gradient._fields, strict=True)):
        if ax.get_yscale() != "log":
            ax.set(xscale="log", yscale="log")
            ax.minorticks_off()
        for label, curve in zip(ESTIMATORS, variances[:, index], strict=True):
            ax.plot(SIGMAS, curve, label=label, **STYLES[label] | {"marker": ""})
        ax.axvline(q.sigma, color="0.5", lw=0.8)
        ax.plot(*np.reshape(levels[index], (-1, 2)).T, "o", mfc="white", mec="black")
        ax.set(xlabel=r"$\sigma$", title=rf"variance for $d/d\{name}$")
        found = " and ".join(f"{sigma:.4g}" for sigma, _ in levels[index])
        words.append(f"for d/d{name} {f'at sigma = {found}' if found else 'nowhere'}")
    span = f"sigma from {SIGMAS[0]:g} to {SIGMAS[-1]:g}, where finite"
    return f"The variances cross ({span}) {', '.join(words)}."


@lru_cache(maxsize=200)
def _along_sigma(expression, mu):
    """Variances of shape (estimator, parameter, sigma), nan where infinite; crossings as points."""
    cost, levels = Cost(expression), [[], []]
    variances = np.array(variance_curve(list(ESTIMATORS.values()), cost, mu, SIGMAS))
    lead = np.sign(variances[0] - variances[1])
    for index, j in zip(*np.nonzero(lead[:, 1:] * lead[:, :-1] < 0), strict=True):
        found = crossings(lambda sigma: (cost, Gaussian(mu, sigma)), SIGMAS[j : j + 2], 1)
        for sigma in found[index]:
            height = exact_variance(pathwise, cost, Gaussian(mu, sigma))[index]
            levels[index].append((sigma, height))
    return variances, levels
