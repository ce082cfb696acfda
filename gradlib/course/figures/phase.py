"""Who wins, over the mean and the scale: chapter 07."""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from gradlib.cost import Cost
from gradlib.course.figures.style import ESTIMATORS, STYLES, legend_above, panels
from gradlib.gaussian import Gradient

BALANCE = LinearSegmentedColormap.from_list(
    "balance", [STYLES["score function"]["color"], "white", STYLES["pathwise"]["color"]]
)


def draw_phase(figure, r, c, mu, sigma):
    """Who wins for the cost r(kz) + c, over k sigma and k mu: it depends on nothing else.

    `r` is the text of a cost with closed forms; `mu` and `sigma` mark a point, in units of 1/k.
    Orange: the score function has the smaller variance; blue: pathwise; the line: a tie.
    Returns in words who wins at that point.
    """
    *maps, scale = panels(figure, 1, 1, 0.05)
    x, y = (np.arange(150) + 0.5) / 50, (np.arange(160) + 0.5) / 20 - 4  # middles of the pixels
    colors = {"cmap": BALANCE, "vmin": -1, "vmax": 1, "aspect": "auto", "origin": "lower"}
    who = []
    for ax, name, log_ratio in zip(maps, Gradient._fields, _log_ratios(r), strict=True):
        values = log_ratio(*np.meshgrid(y, x, indexing="ij"), c)
        ax.imshow(values, extent=(0, 3, -4, 4), **colors)
        ax.contour(x, y, values, levels=[0], colors="black")
        ax.plot(sigma, mu, "o", mfc="white", mec="black", ms=7)
        title = rf"$d/d\{name}$: variance of score function / pathwise"
        ax.set(xlabel=r"$k\sigma$", ylabel=r"$k\mu$", title=title)
        found = log_ratio(mu, sigma, c)
        winner = "pathwise" if found > 0 else "score function"
        who.append(f"d/d{name}: ratio {10**found:.4g}, {winner} wins.")
    for label in ESTIMATORS:
        maps[0].plot([], [], "s", color=STYLES[label]["color"], label=f"{label} wins")
    maps[0].plot([], [], color="black", label="a tie")
    legend_above(figure)
    scale.imshow(np.linspace(-1, 1, 200)[:, np.newaxis], extent=(0, 1, -1, 1), **colors)
    scale.set_yticks(np.log10([0.1, 0.3, 1, 3, 10]), ["0.1", "0.3", "1", "3", "10"])
    scale.set_xticks([])
    setting = f"r(z) = {r} and c = {c:g}, at k mu = {mu:g} and k sigma = {sigma:g}"
    return f"{' '.join(who)}\nr(kz) + c with {setting}."


def _log_ratios(text):
    """log10(variance of score function / variance of pathwise) as functions of mu, sigma, c."""
    from sympy import lambdify, symbols

    from gradlib.symbolic.closed_forms import exact_variance

    cost = Cost(text).expression + symbols("c", real=True)
    variances = zip(*(exact_variance(f, cost) for f in ESTIMATORS.values()), strict=True)
    ratios = [lambdify(symbols("mu sigma c"), first / second) for first, second in variances]
    return [lambda *at, ratio=ratio: np.log10(ratio(*at)) for ratio in ratios]
