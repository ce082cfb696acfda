"""Samples of both estimators: chapters 00 and 04."""

import numpy as np

from gradlib.cost import Cost
from gradlib.course.figures.style import ESTIMATORS, STYLES, legend_above, panels
from gradlib.course.figures.words import verdicts
from gradlib.gaussian import Gaussian, Gradient
from gradlib.montecarlo import estimate


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
    top = max(ax.get_ylim()[1] for ax in axes)
    for ax in axes:
        ax.set_ylim(0, top)
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
