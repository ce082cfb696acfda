"""Paths of points, and the bridge between the two integrands: chapter 03."""

import matplotlib.pyplot as plt
import numpy as np

from gradlib.course.figures.style import STYLES

JUMP = "#CC79A7"


def paths(noise):
    """z = mu + sigma*eps for each noise value, as mu grows (left) and as sigma grows (right)."""
    _, (left, right) = plt.subplots(1, 2, sharey=True)
    reach, label = np.array([0.0, 2.0]), {"va": "center", "annotation_clip": False}
    for eps, shade in zip(noise, np.linspace(0.3, 1, len(noise)), strict=True):
        style = {"color": STYLES["pathwise"]["color"], "alpha": shade, "lw": 2}
        left.plot(reach, reach + eps, **style)
        right.plot(reach, 1 + reach * eps, **style)
        left.annotate(rf"$\varepsilon = {eps}$, slope $1$", (2.03, 2 + eps), **label)
        right.annotate(rf"$\varepsilon = {eps}$, slope ${eps}$", (2.03, 1 + 2 * eps), **label)
    left.set(xlabel=r"$\mu$  (with $\sigma = 1$)", ylabel=r"$z = \mu + \sigma\varepsilon$")
    right.set(xlabel=r"$\sigma$  (with $\mu = 1$)")
    right.tick_params(labelleft=True)


def two_integrands(cost, q):
    """Left: the integrands of E1 and E2 for mu. Right: F = r q, and F', which is their difference.

    The areas under the two integrands stand in the legend.
    """
    z = np.linspace(q.mu - 5 * q.sigma, q.mu + 5 * q.sigma, 2001)
    density = np.exp(q.log_prob(z))
    curves = {
        "score function": cost(z) * q.score(z).mu * density,
        "pathwise": cost.derivative(z) * density,
    }
    _, (left, right) = plt.subplots(1, 2, sharey=True)
    for name, curve in curves.items():
        style = STYLES[name] | {"marker": ""}
        left.plot(z, curve, **style, label=f"{name}: area {np.trapezoid(curve, z):.3f}")
    right.plot(z, cost(z) * density, color="black", label=r"$F = r\,q\,v$")
    right.plot(z, curves["pathwise"] - curves["score function"], color="gray", label="$F'$")
    left.set(xlabel="$z$", ylabel=r"integrand of $dJ/d\mu$")
    right.set(xlabel="$z$")
    right.tick_params(labelleft=True)
    for ax in (left, right):
        ax.margins(y=0.25)  # room for the legend
        ax.legend(loc="upper left")


def jump_of_F(cost, q, place):
    """F = r q dz/dphi for mu (left) and sigma (right), with its jump at a step of the cost."""
    z = np.linspace(q.mu - 3.5 * q.sigma, q.mu + 3.5 * q.sigma, 1401)
    speeds = {r"\mu": lambda z: 1 + 0 * z, r"\sigma": q.standardize}
    _, axes = plt.subplots(1, 2)
    for ax, (symbol, v) in zip(axes, speeds.items(), strict=True):
        for side in (z[z < place], z[z > place]):  # no line across the jump
            ax.plot(side, cost(side) * np.exp(q.log_prob(side)) * v(side), color="black")
        jump = np.exp(q.log_prob(place)) * v(place)
        arrow = {"arrowstyle": "->", "color": JUMP, "lw": 3}
        ax.annotate("", (place, jump), (place, 0), arrowprops=arrow)
        ax.annotate(f"jump ${jump:.4f}$", (place - 0.15, jump / 2), ha="right", va="center")
        ax.set(xlabel="$z$", ylabel=rf"$F = r\,q\,dz/d{symbol}$")


def staircase(function, ends=(1, 1 / 9)):
    """A function of z from 0 to each of the ends, one panel for each: the second is enlarged."""
    _, axes = plt.subplots(1, len(ends))
    for ax, end in zip(axes, ends, strict=True):
        z = np.linspace(-0.15 * end, 1.15 * end, 4001)
        ax.plot(z, function(z), color="black", lw=1)
        ax.set(xlabel="$z$", ylabel="$r(z)$")


def variance_of_ramps(widths, first, second, limit):
    """Variances of both estimators for ramps of shrinking width, on logarithmic axes.

    `first` and `second` are the variances of E1 and E2 at the widths; the dotted line is limit/w.
    """
    _, ax = plt.subplots(figsize=(7.5, 3.6))
    for name, variances in (("score function", first), ("pathwise", second)):
        ax.loglog(widths, variances, **STYLES[name], label=name)
    ax.loglog(widths, limit / np.asarray(widths), **STYLES["exact"], label="$q(0)/w$")
    ax.set(xlabel="width $w$ of the ramp", ylabel=r"variance for $d/d\mu$")
    ax.invert_xaxis()
    ax.legend()
