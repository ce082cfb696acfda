"""Samples of both estimators: chapters 00 and 04."""

import matplotlib.pyplot as plt
import numpy as np

from gradlib.cost import Cost
from gradlib.course.figures.style import ESTIMATORS, STYLES, legend_above, panels
from gradlib.course.figures.words import pair_in_words, verdicts
from gradlib.exact import exact_gradient, exact_variance
from gradlib.gaussian import Gaussian, Gradient
from gradlib.montecarlo import estimate

REFERENCE = Gaussian(2.0, 1.0)  # chooses the scales of the histograms
BINS = 70


def draw_histograms(figure, r, mu, sigma, n=4000, seed=0):
    """Histograms of n single-sample gradients d/dmu by both estimators, on one scale.

    `r` is the text of a cost. The bars are samples, the line their exact distribution. The scale
    depends on r alone, without its constant term. Returns in words who wins, in the first line,
    and the exact variances.
    """
    cost, q = Cost(r), Gaussian(mu, sigma)
    eps = np.random.default_rng(seed).standard_normal(n)
    (truth, variances, who), _ = verdicts(cost, q)
    reach, top = _scale(cost.expression.as_coeff_Add()[1])
    highest = 0
    axes = panels(figure, 1, 1)
    for ax, (name, estimator), variance in zip(axes, ESTIMATORS.items(), variances, strict=True):
        bars = _outline(estimator(cost, q, eps).mu, np.full(n, 1 / n), reach)
        exact = _outline(estimator(cost, q, GRID).mu, WEIGHTS, reach)
        highest = max(highest, *bars[1])
        ax.fill_between(*bars, color=STYLES[name]["color"], alpha=0.7, lw=0)
        ax.plot(*exact, color="black", lw=0.9, label="exact distribution")
        ax.axvline(truth, **STYLES["exact"], label="true gradient")
        ax.set(xlim=(-reach, reach), ylim=(0, top), title=f"{name}: variance {variance:.4g}")
        ax.set(xlabel=r"gradient $d/d\mu$ of one sample", ylabel="samples in bin (%)")
    legend_above(figure)
    cut = f" The highest bar holds {highest:.0f} %: its top is cut off." if highest > top else ""
    return (
        f"d/dmu: {who}.\nr(z) = {r}, Z ~ N({mu:g}, {sigma:g}^2), d/dmu: "
        f"{pair_in_words(*variances)}.\nThe outermost bars hold all samples beyond them.{cut}"
    )


GRID = np.linspace(-6, 6, 12_001)
WEIGHTS = np.exp(-0.5 * GRID**2) / np.exp(-0.5 * GRID**2).sum()


def _outline(terms, weights, reach):
    """The histogram of weighted terms in percent; the outermost bars hold what is beyond."""
    inside = np.clip(terms, -reach, reach)
    heights, bins = np.histogram(inside, BINS, (-reach, reach), weights=100 * weights)
    return np.repeat(bins, 2)[1:-1], np.repeat(heights, 2)


def _scale(expression):
    """How far the histograms of a cost reach to either side, and how high."""
    cost = Cost(expression)
    (truth, variances, _), _ = verdicts(cost, REFERENCE)
    reach = abs(truth) + 3.5 * max(*np.sqrt(variances), 1e-3)
    terms = (estimator(cost, REFERENCE, GRID).mu for estimator in ESTIMATORS.values())
    return reach, 1.1 * max(_outline(term, WEIGHTS, reach)[1].max() for term in terms)


def draw_samples(figure, r, mu, sigma, n, seed):
    """Per-sample gradients of both estimators at the same eps, with means and error bars.

    `r` is the text of a cost, which chooses the scales. In the wide panels the curves show each
    estimator as a function of eps, the dots its n samples. The narrow panels show the two means
    minus the true gradient, each with two standard errors either way. The dotted line is the true
    gradient. Returns in words who wins, in the first line, and the numbers.
    """
    cost, q = Cost(r), Gaussian(mu, sigma)
    eps = np.random.default_rng(seed).standard_normal(n)
    axes, heights = panels(figure, 2.4, 1.2, 2.4, 1.2), _heights(r)
    lines, outside = [f"r(z) = {r}, Z ~ N({mu:g}, {sigma:g}^2), M = {n}."], 0
    found = list(verdicts(cost, q))
    for index, (truth, variances, _) in enumerate(found):
        name = Gradient._fields[index]
        cloud, means = axes[2 * index : 2 * index + 2]
        height, reach = heights[index]
        outside += draw_cloud(cloud, cost, q, eps, index, height)
        numbers = []
        for place, (label, estimator) in enumerate(ESTIMATORS.items()):
            average, error = estimate(estimator(cost, q, eps)[index])[:2]
            means.errorbar(place, average - truth, 2 * error, capsize=5, ms=7, **STYLES[label])
            numbers.append(f"{label} {average:.4g} (standard error {error:.4g})")
        cloud.axhline(truth, **STYLES["exact"], label="true gradient")
        means.axhline(0, **STYLES["exact"])
        cloud.set_title(rf"gradient $d/d\{name}$ of each sample")
        means.set(title="mean − truth,\n± 2 s.e.", xlim=(-0.7, 1.7), ylim=(-reach, reach))
        means.set_xticks([0, 1], ["E1", "E2"])
        lines.append(f"d/d{name}: truth {truth:.4g}, {', '.join(numbers)}.")
        lines.append(f"d/d{name}, exactly: {pair_in_words(*variances)}.")
    if outside:
        lines.append(f"{outside} of the {4 * n} dots lie outside of the picture.")
    who = (f"d/d{name}: {who}." for name, (*_, who) in zip(Gradient._fields, found, strict=True))
    lines.insert(0, " ".join(who))
    legend_above(figure)
    return "\n".join(lines)


def draw_cloud(ax, cost, q, eps, index, height):
    """Each estimator's terms as dots at eps, on their curve. Returns how many lie outside."""
    grid, outside = np.linspace(-3.5, 3.5, 701), 0
    for label, estimator in ESTIMATORS.items():
        style = STYLES[label] | {"linestyle": "none", "alpha": 0.6}
        terms, color = estimator(cost, q, eps)[index], STYLES[label]["color"]
        ax.plot(eps, terms, ms=4, label=label, **style)
        ax.plot(grid, estimator(cost, q, grid)[index], color=color, lw=1, alpha=0.6)
        outside += np.sum((np.abs(terms) > height) | (np.abs(eps) > 3.5))
    ax.set(xlim=(-3.5, 3.5), ylim=(-height, height), xlabel=r"$\varepsilon$")
    return outside


def _heights(r):
    """For d/dmu and d/dsigma: the heights of the samples' panel and of the means'.

    They fit N(1, 1): all with |eps| < 2.5, and four standard errors of the mean of 100.
    """
    cost, q, eps = Cost(r), Gaussian(1.0, 1.0), np.linspace(-2.5, 2.5, 501)
    terms = np.array([f(cost, q, eps) for f in ESTIMATORS.values()])
    variances = np.array([exact_variance(f, cost, q) for f in ESTIMATORS.values()])
    return list(zip(np.abs(terms).max(axis=(0, 2)), 0.4 * np.sqrt(variances.max(axis=0))))


def race(cost, q, eps):
    """Running means of both estimators for d/dmu, minus the truth, with two standard errors.

    Sample n of either is at eps[n - 1]. The dotted line is the true gradient.
    """
    _, ax = plt.subplots()
    truth, counts = exact_gradient(cost, q).mu, np.arange(2, len(eps) + 1)
    for name, estimator in ESTIMATORS.items():
        terms = estimator(cost, q, eps).mu
        found = [estimate(terms[:n]) for n in counts]
        means, errors = np.array([(one.mean - truth, one.standard_error) for one in found]).T
        ax.plot(counts, means, label=name, markevery=100, **STYLES[name])
        band, color = (means - 2 * errors, means + 2 * errors), STYLES[name]["color"]
        ax.fill_between(counts, *band, color=color, alpha=0.2, lw=0)
    ax.axhline(0, **STYLES["exact"], label="true gradient")
    ax.set(xlabel="samples", ylabel="running mean − truth", ylim=(-5, 5))
    ax.legend(loc="upper right")
