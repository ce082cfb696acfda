"""Pictures. Every `draw_*` function fills an empty figure and returns, in words, what it shows.

One colour, marker and line style for each estimator in the whole course; the palette is that of
Okabe and Ito, safe for colour blindness.
"""

import matplotlib.pyplot as plt
import numpy as np

from gradlib.cost import Cost
from gradlib.estimators import pathwise, score_function
from gradlib.exact import exact_gradient, exact_variance
from gradlib.gaussian import Gaussian, Gradient
from gradlib.montecarlo import estimate

SIZE = (9.6, 3.6)  # inches

STYLES = {
    "score function": {"color": "#D55E00", "marker": "o", "linestyle": "-"},
    "pathwise": {"color": "#0072B2", "marker": "^", "linestyle": "--"},
    "finite differences": {"color": "#009E73", "marker": "s", "linestyle": "-."},
    "exact": {"color": "black", "linestyle": ":"},
}


def use_house_style():
    """Set matplotlib's defaults for the course: size, fonts, no frame, a light grid."""
    plt.rcParams.update(
        {
            "figure.figsize": SIZE,
            "figure.dpi": 100,
            "figure.constrained_layout.use": True,
            "font.size": 11,
            "axes.titlesize": 11,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "grid.alpha": 0.3,
            "legend.frameon": False,
        }
    )


def compare(score_variance, pathwise_variance):
    """Who has the smaller variance, and by what factor, in words."""
    numbers = f"variance {score_variance:.4g} (score function), {pathwise_variance:.4g} (pathwise)"
    if np.isclose(score_variance, pathwise_variance, rtol=1e-9, atol=0):
        return f"{numbers}: a draw"
    names = ["score function", "pathwise"]
    if score_variance > pathwise_variance:
        names.reverse()
    small, large = sorted([score_variance, pathwise_variance])
    factor = f" by a factor of {large / small:.4g}" if small > 0 else ""
    return f"{numbers}: {names[0]} wins{factor}"


def draw_histograms(figure, r, mu, sigma, n=4000, seed=0):
    """Histograms of n single-sample gradients d/dmu by both estimators, on one scale.

    `r` is the text of a cost. Returns the exact variances, and who wins.
    """
    cost, q = Cost(r), Gaussian(mu, sigma)
    eps = np.random.default_rng(seed).standard_normal(n)
    terms = {
        "score function": score_function(cost, q, eps).mu,
        "pathwise": pathwise(cost, q, eps).mu,
    }
    variances = [exact_variance(f, cost, q).mu for f in (score_function, pathwise)]
    truth = exact_gradient(cost, q).mu
    reach = 3.5 * max(*np.sqrt(variances), 1e-3)
    bins = np.linspace(truth - reach, truth + reach, 71)
    axes = figure.subplots(1, 2, sharex=True)
    for ax, (name, values), variance in zip(axes, terms.items(), variances, strict=True):
        inside = np.clip(values, bins[0], bins[-1])
        ax.hist(inside, bins, weights=np.full(n, 100 / n), color=STYLES[name]["color"])
        ax.axvline(truth, **STYLES["exact"], label=f"true gradient {truth:.3g}")
        ax.set_title(f"{name}: exact variance {variance:.4g}")
        ax.set_xlabel(r"one sample's gradient $d/d\mu$")
        ax.set_ylabel("samples in bin (%)")
        ax.legend(loc="upper right")
    return (
        f"r(z) = {r}, Z ~ N({mu:g}, {sigma:g}^2), d/dmu: {compare(*variances)}. "
        "The outermost bars hold all samples beyond them."
    )


def draw_samples(figure, r, mu, sigma, n, seed):
    """Per-sample gradients of both estimators at the same eps, with means and error bars.

    `r` is the text of a cost. In the wide panels the curves show each estimator as a function of
    eps, the dots its n samples. The narrow panels show the two means, each with two standard
    errors either way. The dotted line is the true gradient. Returns the numbers in words.
    """
    cost, q = Cost(r), Gaussian(mu, sigma)
    eps = np.random.default_rng(seed).standard_normal(n)
    grid = np.linspace(-3.5, 3.5, 701)
    axes = figure.subplots(1, 4, width_ratios=[2.4, 1.2, 2.4, 1.2])
    sentences = [f"r(z) = {r}, Z ~ N({mu:g}, {sigma:g}^2), M = {n}."]
    for index, truth in enumerate(exact_gradient(cost, q)):
        cloud, means = axes[2 * index : 2 * index + 2]
        name = Gradient._fields[index]
        numbers = []
        for place, estimator in enumerate([score_function, pathwise]):
            label = estimator.__name__.replace("_", " ")
            style = STYLES[label]
            terms = estimator(cost, q, eps)[index]
            cloud.plot(eps, terms, **style | {"linestyle": "none"}, ms=4, alpha=0.6, label=label)
            found = estimate(terms)
            means.errorbar(place, found.mean, 2 * found.standard_error, capsize=5, ms=7, **style)
            numbers.append(f"{label} {found.mean:.4g} (standard error {found.standard_error:.4g})")
        cloud.set_ylim(cloud.get_ylim())  # the samples set the scale: the curves may leave it
        for estimator in (score_function, pathwise):
            color = STYLES[estimator.__name__.replace("_", " ")]["color"]
            cloud.plot(grid, estimator(cost, q, grid)[index], color=color, lw=1, alpha=0.6)
        for ax in (cloud, means):
            ax.axhline(truth, **STYLES["exact"], label="true gradient")
        cloud.set_title(rf"gradient $d/d\{name}$ of each sample")
        cloud.set_xlabel(r"$\varepsilon$")
        means.set_title("mean ± 2 s.e.")
        means.set_xlim(-0.7, 1.7)
        means.set_xticks([0, 1], ["E1", "E2"])
        sentences.append(f"d/d{name}: truth {truth:.4g}, {', '.join(numbers)}.")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return "\n".join(sentences)
