"""The score function and its baseline: chapter 08."""

from functools import partial

import numpy as np

from gradlib.control_variates import optimal_baseline
from gradlib.cost import Cost
from gradlib.course.figures.style import ESTIMATORS, STYLES, legend_above, panels, whole_decades
from gradlib.course.figures.words import winner
from gradlib.estimators import pathwise, score_function
from gradlib.exact import exact_variance
from gradlib.gaussian import Gaussian, Gradient

# where the scales are taken from
SETTINGS = [(mu, sigma) for mu in (-1, 0.5, 2) for sigma in (0.3, 1.4)]


def draw_baseline(figure, r, mu, sigma, b):
    """Variance of the score function against its baseline, with that of pathwise as a level.

    `r` is the text of a cost, which chooses the scale, `b` the baseline in use. Returns in words
    who wins with the best baseline, in the first line, and the numbers.
    """
    best, least, without, level = _baseline_variances(r, mu, sigma)
    who, words = [], [f"r(z) = {r}, Z ~ N({mu:g}, {sigma:g}^2)."]
    axes, scales = panels(figure, 1, 1), _scales(r)
    for index, (ax, name) in enumerate(zip(axes, Gradient._fields, strict=True)):
        away = np.sinh(np.linspace(-4, 4, 401))  # closest together where the curve bends most
        away = away[np.abs(best[index] + away - 5) < 11]
        steepness = (1 + index) / sigma**2  # E[score^2]
        score, path = (STYLES[label] | {"marker": ""} for label in ESTIMATORS)
        parabola = least[index] + steepness * away**2
        with_b = least[index] + steepness * (b - best[index]) ** 2
        ax.plot(best[index] + away, parabola, label="score function", **score)
        ax.axhline(level[index], label="pathwise", **path)
        at_best, at_b = {"mfc": "white", "mec": "black"}, {"color": "black"}
        ax.plot(best[index], least[index], "o", label="with the best baseline", **at_best)
        ax.plot(b, with_b, "o", label="with the baseline $b$", **at_b)
        ax.set(yscale="log", xlim=(-5.5, 15.5), ylim=scales[index], xlabel="baseline $b$")
        ax.minorticks_off()
        ax.set_title(rf"variance for $d/d\{name}$")
        words.append(
            f"d/d{name}: score function {without[index]:.4g} without a baseline, "
            f"{with_b:.4g} with b = {b:g}, {least[index]:.4g} with the best one, "
            f"b = {best[index]:.4g}; pathwise {level[index]:.4g}."
        )
        who.append(f"d/d{name}: {winner(least[index], level[index])}.")
    legend_above(figure)
    return "\n".join([f"Best baseline: {' '.join(who)}", *words])


def _scales(r):
    """The limits of the variances' axes, for d/dmu and d/dsigma."""
    shown = [[], []]
    for mu, sigma in SETTINGS:
        best, least, _, level = _baseline_variances(r, mu, sigma)
        for index in range(2):
            away = best[index] - np.array([-5.5, 15.5])
            ends = least[index] + (1 + index) / sigma**2 * away**2
            shown[index] += [least[index], level[index], *ends]
    return [whole_decades(values) for values in shown]


def _baseline_variances(r, mu, sigma):
    """The best baselines; the variances with them, without one, and of pathwise; for mu, sigma."""
    cost, q = Cost(r), Gaussian(mu, sigma)
    best = optimal_baseline(cost, q)
    estimators = (partial(score_function, baseline=best), score_function, pathwise)
    return best, *(exact_variance(estimator, cost, q) for estimator in estimators)
