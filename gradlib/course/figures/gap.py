"""The gap theorem in pictures: its kernel, its corollaries, every direction. Chapter 06."""

import matplotlib.pyplot as plt
import numpy as np
import sympy as sp

from gradlib.course.figures.style import ESTIMATORS, STYLES
from gradlib.exact import exact_covariance
from gradlib.gap import gap_kernel
from gradlib.gaussian import Gradient

HELPS = {-1: STYLES["score function"]["color"], 1: STYLES["pathwise"]["color"]}
SHOWN = 4.5  # standard deviations to either side
GAPS = {"mu": {"color": "black"}, "sigma": {"color": "#CC79A7", "ls": "--"}}


def kernel_under_bell(costs, q, dmu=1.0, dsigma=0.0):
    """The kernel k of the gap theorem times density and v^2, over z: its area is the gap.

    Each cost, which must be smooth, has a panel; v = dmu + dsigma*eps is the speed of a sample
    along the parameter. Orange below 0: there the score function gains. Blue above: there pathwise
    does. Grey, on a scale of its own: the density of Z. Dotted: the cost, likewise.
    """
    _, axes = plt.subplots(1, len(costs))
    eps = np.linspace(-9, 9, 1801)
    z, shown = q.reparameterize(eps), np.abs(eps) < SHOWN
    density = np.exp(q.log_prob(z))
    for ax, cost in zip(np.atleast_1d(axes), costs, strict=True):
        height = gap_kernel(cost, q, eps) * density * (dmu + dsigma * eps) ** 2
        most = np.abs(height).max()
        r = cost(z[shown])
        ax.plot(z[shown], 0.9 * most * r / np.abs(r).max(), ":", color="0.4", lw=1, label="$r$")
        draw_kernel(ax, z, height, density, "$k v^2 q$")
        area = np.trapezoid(height, z)
        winner = "pathwise" if area > 0 else "score function"
        bottom = -1.15 * most if min(*height, *r) < 0 else -0.15 * most
        ax.set(xlabel="$z$", xlim=z[shown][[0, -1]], ylim=(bottom, 1.45 * most))
        ax.set_title(f"$r = {sp.latex(cost.expression)}$: area ${area:.2f}$\n{winner} wins")
        ax.legend(loc="upper left", ncols=2)


def draw_kernel(ax, z, height, density, label):
    """The kernel's height at z, filled with the colour of who gains, before the density in grey."""
    for sign, color in HELPS.items():
        ax.fill_between(z, 0, height, sign * height > 0, color=color, alpha=0.5, lw=0)
    hill = 0.9 * np.abs(height).max() * density / density.max()
    ax.fill_between(z, 0, hill, color="0.88", lw=0, zorder=0)
    ax.plot(z, height, color="black", lw=1.2, label=label)
    ax.axhline(0, color="black", lw=0.8)


def shares_of_variance(shares):
    """E2's variance as a share of E1's: across for mu, upwards for sigma, one dot for a setting.

    `shares` maps the name of a cost to an array of shape (settings, 2). The grey square is where
    E2 has at most half of the variance.
    """
    _, ax = plt.subplots(figsize=(7.2, 3.8))
    ax.axvspan(0, 0.5, ymax=0.5 / 0.6, color="0.93", lw=0, zorder=0)
    colors = ["#009E73", "#CC79A7", "#E69F00", "#56B4E9", "black", "0.5", "#999933"]
    for (name, pairs), marker, color in zip(shares.items(), "osv^DP*", colors, strict=False):
        ax.plot(*pairs.T, marker, color=color, ms=6, alpha=0.8, label=name)
    ax.set(xlim=(0, 0.6), ylim=(0, 0.6))
    ax.set(xlabel=r"Var(E2) / Var(E1), $d/d\mu$", ylabel=r"Var(E2) / Var(E1), $d/d\sigma$")
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))


def gap_against_frequency(frequencies, gaps, limits):
    """The variance gaps of a wave for mu and sigma against its frequency, and their limits, dotted.

    `gaps` and `limits` are `Gradient`s of arrays. Above 0 pathwise wins, below the score function.
    """
    _, ax = plt.subplots(figsize=(7.5, 3.6))
    for name, gap, limit in zip(Gradient._fields, gaps, limits, strict=True):
        ax.plot(frequencies, gap, label=rf"gap for $d/d\{name}$", **GAPS[name])
        ax.plot(frequencies, limit, **STYLES["exact"] | {"color": GAPS[name]["color"]})
    ax.axhline(0, color="black", lw=0.8)
    ax.set(xlabel=r"frequency $\omega$ (here $\sigma = 1$)", ylabel="variance gap")
    ax.legend()


def every_direction(cost, q):
    """Both standard deviations, and the variance gap, for every direction w = (mu', sigma').

    Left: the distance from the centre is the standard deviation. Right: the gap against the angle
    of w. In the shaded directions the score function wins.
    """
    angles = np.linspace(0, 2 * np.pi, 721)
    w = np.array([np.cos(angles), np.sin(angles)])
    variances = {
        name: np.einsum("in,ij,jn->n", w, exact_covariance(estimator, cost, q), w)
        for name, estimator in ESTIMATORS.items()
    }
    gap = variances["score function"] - variances["pathwise"]
    reach = 1.1 * np.sqrt(max(map(max, variances.values())))

    figure = plt.figure(figsize=(9.6, 4.2))
    polar, flat = figure.add_subplot(121, projection="polar"), figure.add_subplot(122)
    polar.fill_between(angles, 0, reach, gap < 0, color=HELPS[-1], alpha=0.2, lw=0)
    for name, variance in variances.items():
        polar.plot(angles, np.sqrt(variance), **STYLES[name] | {"marker": ""}, label=name)
    polar.set(ylim=(0, reach), yticks=[round(reach / 2, 1)], xticks=np.arange(4) * np.pi / 2)
    polar.set_xticklabels([r"$\mu$", r"$\sigma$", r"$-\mu$", r"$-\sigma$"])
    polar.set_rlabel_position(225)

    degrees = np.degrees(angles)
    flat.plot(degrees, gap, color="black")
    flat.fill_between(degrees, 0, gap, gap < 0, color=HELPS[-1], alpha=0.4, lw=0)
    flat.axhline(0, color="black", lw=0.8)
    flat.set(xlabel="direction of $w$ (degrees)", ylabel="variance gap")
    flat.set(xlim=(0, 180), xticks=range(0, 181, 45))
    figure.legend(*polar.get_legend_handles_labels(), loc="outside upper left", ncols=2)
