"""The score function and its baseline: chapter 08."""

from functools import lru_cache, partial

import numpy as np

from gradlib.control_variates import optimal_baseline
from gradlib.cost import Cost
from gradlib.course.figures.style import ESTIMATORS, STYLES, legend_above, panels
from gradlib.course.figures.words import winner
from gradlib.estimators import pathwise, score_function
from gradlib.exact import exact_variance
from gradlib.gaussian import Gaussian, Gradient


def draw_baseline(figure, r, mu, sigma, b):
    """Variance of the score function against its baseline, with that of pathwise as a level.

    `r` is the text of a cost, `b` the baseline in use. Returns the numbers in words.
    """
    best, least, without, level = _baseline_variances(r, mu, sigma)
    words = [f"r(z) = {r}, Z ~ N({mu:g}, {sigma:g}^2)."]
    for index, (ax, name) in enumerate(zip(panels(figure, 1, 1), Gradient._fields, strict=True)):
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
        decades = np.log10([min(least[index], level[index]) / 1.2, parabola.max()])
        ylim = 10.0 ** np.array([np.floor(decades[0]), np.ceil(decades[1])])
        ax.set(yscale="log", xlim=(-5.5, 15.5), ylim=ylim, xlabel="baseline $b$")
        ax.minorticks_off()
        ax.set_title(rf"variance for $d/d\{name}$")
        words.append(
            f"d/d{name}: score function {without[index]:.4g} without a baseline, "
            f"{with_b:.4g} with b = {b:g}, {least[index]:.4g} with the best one, "
            f"b = {best[index]:.4g}; pathwise {level[index]:.4g}. With the best baseline: "
            f"{winner(least[index], level[index])}."
        )
    legend_above(figure)
    return "\n".join(words)


@lru_cache(maxsize=200)
def _baseline_variances(r, mu, sigma):
    """The best baselines; the variances with them, without one, and of pathwise; for mu, sigma."""
    cost, q = Cost(r), Gaussian(mu, sigma)
    best = optimal_baseline(cost, q)
    estimators = (partial(score_function, baseline=best), score_function, pathwise)
    return best, *(exact_variance(estimator, cost, q) for estimator in estimators)
