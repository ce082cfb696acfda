"""Pictures. Every `draw_*` function fills an empty figure and returns, in words, what it shows.

One colour, marker and line style for each estimator in the whole course; the palette is that of
Okabe and Ito, safe for colour blindness.
"""

import matplotlib.pyplot as plt
import numpy as np

from gradlib.cost import Cost
from gradlib.estimators import pathwise, score_function
from gradlib.exact import exact_gradient, exact_mean, exact_variance
from gradlib.gaussian import Gaussian, Gradient
from gradlib.montecarlo import estimate

SIZE = (9.6, 3.6)  # inches

STYLES = {
    "score function": {"color": "#D55E00", "marker": "o", "linestyle": "-"},
    "pathwise": {"color": "#0072B2", "marker": "^", "linestyle": "--"},
    "finite differences": {"color": "#009E73", "marker": "s", "linestyle": "-."},
    "exact": {"color": "black", "linestyle": ":"},
}

ESTIMATORS = {"score function": score_function, "pathwise": pathwise}


def use_house_style():
    """Set matplotlib's defaults for the course: size, fonts, no frame, a light grid."""
    plt.rcParams.update(
        {
            "figure.figsize": SIZE,
            "figure.dpi": 100,
            "figure.constrained_layout.use": True,
            "font.size": 11,
            "axes.titlesize": 11,
            "axes.titley": 1.0,  # found by hand: the search for it takes longer than the drawing
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
    winner = "pathwise" if pathwise_variance < score_variance else "score function"
    small, large = sorted([score_variance, pathwise_variance])
    factor = f" by a factor of {large / small:.4g}" if small > 0 else ""
    return f"{numbers}: {winner} wins{factor}"


def verdicts(cost, q):
    """For d/dmu and d/dsigma: true gradient, both exact variances, and the comparison in words.

    If the pathwise estimator is biased, as for a step, the words say so instead.
    """
    truths, means = exact_gradient(cost, q), exact_mean(pathwise, cost, q)
    variances = zip(*(exact_variance(f, cost, q) for f in ESTIMATORS.values()), strict=True)
    for truth, mean, pair in zip(truths, means, variances, strict=True):
        biased = abs(mean - truth) > 1e-8 * np.sqrt(sum(pair) + truth**2)
        words = f"pathwise is biased, its mean is {mean:.4g}" if biased else compare(*pair)
        yield truth, pair, words


def panels(figure, *widths):
    """A row of empty axes of these relative widths, with room for a legend above them.

    This is made for live figures, which are drawn again at every move: the margins are fixed, and
    axes that the figure has already are emptied, which takes a tenth of the time of new ones.
    """
    if not figure.axes:
        figure.set_layout_engine("none")
        margins = {"left": 0.065, "right": 0.99, "bottom": 0.15, "top": 0.8, "wspace": 0.35}
        grid = figure.add_gridspec(1, len(widths), width_ratios=widths, **margins)
        for ax in grid.subplots(squeeze=False)[0]:
            ax.locator_params(nbins=5, steps=[1, 2, 5, 10])
            ax.ticklabel_format(scilimits=(-3, 5))  # no label wider than its margin
            ax.xaxis.set_label_coords(0.5, -0.13)
            ax.yaxis.set_label_coords(-0.105, 0.5)
    for ax in figure.axes:
        for container in list(ax.containers):  # they remove their lines
            container.remove()
        for artist in [*ax.lines, *ax.patches, *ax.collections, *ax.texts]:
            artist.remove()
        ax.set_prop_cycle(None)
        ax.relim()
        ax.autoscale()
    return figure.axes


def legend_above(figure):
    """One legend for all panels, from the first of them. It stays when they are emptied."""
    if not figure.legends:
        handles, labels = figure.axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="upper center", ncols=len(labels))


def draw_histograms(figure, r, mu, sigma, n=4000, seed=0):
    """Histograms of n single-sample gradients d/dmu by both estimators, on one scale.

    `r` is the text of a cost. The bars are samples, the line their exact distribution. Returns the
    exact variances, and who wins, in words.
    """
    cost, q = Cost(r), Gaussian(mu, sigma)
    eps, grid = np.random.default_rng(seed).standard_normal(n), np.linspace(-6, 6, 12_001)
    weights = np.exp(-0.5 * grid**2) / np.exp(-0.5 * grid**2).sum()
    (truth, variances, words), _ = verdicts(cost, q)
    reach = 3.5 * max(*np.sqrt(variances), 1e-3)
    ends = truth - reach, truth + reach

    def outline(terms, weights):
        heights, bins = np.histogram(np.clip(terms, *ends), 70, ends, weights=100 * weights)
        return np.repeat(bins, 2)[1:-1], np.repeat(heights, 2)

    axes = panels(figure, 1, 1)
    for ax, (name, estimator), variance in zip(axes, ESTIMATORS.items(), variances, strict=True):
        sampled, exact = (estimator(cost, q, points).mu for points in (eps, grid))
        bars = outline(sampled, np.full(n, 1 / n))
        ax.fill_between(*bars, color=STYLES[name]["color"], alpha=0.7, lw=0)
        ax.plot(*outline(exact, weights), color="black", lw=0.9, label="exact distribution")
        ax.axvline(truth, **STYLES["exact"], label="true gradient")
        ax.set(xlim=ends, ylim=(0, None), title=f"{name}: variance {variance:.4g}")
        ax.set(xlabel=r"gradient $d/d\mu$ of one sample", ylabel="samples in bin (%)")
    legend_above(figure)
    return (
        f"r(z) = {r}, Z ~ N({mu:g}, {sigma:g}^2), d/dmu: {words}. "
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
    axes = panels(figure, 2.4, 1.2, 2.4, 1.2)
    lines = [f"r(z) = {r}, Z ~ N({mu:g}, {sigma:g}^2), M = {n}."]
    for index, (truth, _, words) in enumerate(verdicts(cost, q)):
        name = Gradient._fields[index]
        cloud, means = axes[2 * index : 2 * index + 2]
        draw_cloud(cloud, cost, q, eps, index)
        numbers = []
        for place, (label, estimator) in enumerate(ESTIMATORS.items()):
            found = estimate(estimator(cost, q, eps)[index])
            spread = 2 * found.standard_error
            means.errorbar(place, found.mean, spread, capsize=5, ms=7, **STYLES[label])
            numbers.append(f"{label} {found.mean:.4g} (standard error {found.standard_error:.4g})")
        for ax in (cloud, means):
            ax.axhline(truth, **STYLES["exact"], label="true gradient")
        cloud.set_title(rf"gradient $d/d\{name}$ of each sample")
        means.set(title="mean ± 2 s.e.", xlim=(-0.7, 1.7))
        means.set_xticks([0, 1], ["E1", "E2"])
        lines.append(f"d/d{name}: truth {truth:.4g}, {', '.join(numbers)}.")
        lines.append(f"d/d{name}, exactly: {words}.")
    legend_above(figure)
    return "\n".join(lines)


def draw_cloud(ax, cost, q, eps, index):
    """Each estimator's terms at eps as dots, on the curve that they lie on."""
    grid = np.linspace(-3.5, 3.5, 701)
    for label, estimator in ESTIMATORS.items():
        style = STYLES[label] | {"linestyle": "none", "alpha": 0.6}
        ax.plot(eps, estimator(cost, q, eps)[index], ms=4, label=label, **style)
    ax.set_ylim(ax.get_ylim())  # the samples set the scale: the curves may leave it
    for label, estimator in ESTIMATORS.items():
        color = STYLES[label]["color"]
        ax.plot(grid, estimator(cost, q, grid)[index], color=color, lw=1, alpha=0.6)
    ax.set_xlabel(r"$\varepsilon$")
