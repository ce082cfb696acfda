"""Pictures. Every `draw_*` function fills an empty figure and returns, in words, what it shows.

One colour, marker and line style for each estimator in the whole course; the palette is that of
Okabe and Ito, safe for colour blindness.
"""

from contextlib import suppress
from functools import lru_cache, partial

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from gradlib.control_variates import optimal_baseline
from gradlib.cost import Cost
from gradlib.estimators import pathwise, score_function
from gradlib.exact import (
    QuadratureError,
    exact_gradient,
    exact_mean,
    exact_value,
    exact_variance,
)
from gradlib.gap import crossings, gap_terms
from gradlib.gaussian import Gaussian, Gradient
from gradlib.montecarlo import estimate
from gradlib.vae import VAE, encode, forward, load_digits, mean_image, train

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
        for artist in [*ax.lines, *ax.patches, *ax.collections, *ax.images, *ax.texts]:
            artist.remove()
        ax.set_prop_cycle(None)
        ax.relim()
        ax.autoscale()
    return figure.axes


def legend_above(figure):
    """One legend for all panels. It stays when they are emptied."""
    if not figure.legends:
        pairs = [zip(*ax.get_legend_handles_labels(), strict=True) for ax in figure.axes]
        handles = {label: handle for pair in pairs for handle, label in pair}
        if handles:
            figure.legend(handles.values(), handles, loc="upper center", ncols=len(handles))


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
    return f"Gap theorem, terms in r^2, r'^2 and r r': {', '.join(words)}."


SIGMAS = np.geomspace(0.05, 4, 27)


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
    span = f"sigma from {SIGMAS[0]:g} to {SIGMAS[-1]:g}, as far as they are finite"
    return f"The variances cross ({span}) {', '.join(words)}."


@lru_cache(maxsize=200)
def _along_sigma(expression, mu):
    """Variances of shape (estimator, parameter, sigma), nan where infinite; crossings as points."""
    cost, variances, levels = Cost(expression), np.full((2, 2, SIGMAS.size), np.nan), [[], []]
    for i, estimator in enumerate(ESTIMATORS.values()):
        for j, sigma in enumerate(SIGMAS):
            with suppress(QuadratureError):
                variances[i, :, j] = exact_variance(estimator, cost, Gaussian(mu, sigma))
    lead = np.sign(variances[0] - variances[1])
    for index, j in zip(*np.nonzero(lead[:, 1:] * lead[:, :-1] < 0), strict=True):
        found = crossings(lambda sigma: (cost, Gaussian(mu, sigma)), SIGMAS[j : j + 2], 1)
        for sigma in found[index]:
            height = exact_variance(pathwise, cost, Gaussian(mu, sigma))[index]
            levels[index].append((sigma, height))
    return variances, levels


BALANCE = LinearSegmentedColormap.from_list(
    "balance", [STYLES["score function"]["color"], "white", STYLES["pathwise"]["color"]]
)


@lru_cache
def _log_ratios(text):
    """log10(variance of score function / variance of pathwise) as functions of mu, sigma, c."""
    from sympy import lambdify, symbols

    from gradlib.closed_forms import exact_variance

    cost = Cost(text).expression + symbols("c", real=True)
    variances = zip(*(exact_variance(f, cost) for f in ESTIMATORS.values()), strict=True)
    ratios = [lambdify(symbols("mu sigma c"), first / second) for first, second in variances]
    return [lambda *at, ratio=ratio: np.log10(ratio(*at)) for ratio in ratios]


def draw_phase(figure, r, c, mu, sigma):
    """Who wins for the cost r(kz) + c, over k sigma and k mu: it depends on nothing else.

    `r` is the text of a cost with closed forms; `mu` and `sigma` mark a point, in units of 1/k.
    Orange: the score function has the smaller variance; blue: pathwise; the line: a draw.
    """
    *maps, scale = panels(figure, 1, 1, 0.05)
    x, y = (np.arange(150) + 0.5) / 50, (np.arange(160) + 0.5) / 20 - 4  # middles of the pixels
    colors = {"cmap": BALANCE, "vmin": -1, "vmax": 1, "aspect": "auto", "origin": "lower"}
    words = [f"r(kz) + c with r(z) = {r} and c = {c:g}, at k mu = {mu:g} and k sigma = {sigma:g}."]
    for ax, name, log_ratio in zip(maps, Gradient._fields, _log_ratios(r), strict=True):
        values = log_ratio(*np.meshgrid(y, x, indexing="ij"), c)
        ax.imshow(values, extent=(0, 3, -4, 4), **colors)
        ax.contour(x, y, values, levels=[0], colors="black")
        ax.plot(sigma, mu, "o", mfc="white", mec="black", ms=7)
        title = rf"$d/d\{name}$: variance of score function / pathwise"
        ax.set(xlabel=r"$k\sigma$", ylabel=r"$k\mu$", title=title)
        found = log_ratio(mu, sigma, c)
        winner = "pathwise" if found > 0 else "score function"
        words.append(f"d/d{name}: ratio {10**found:.4g}, {winner} wins.")
    for label in ESTIMATORS:
        maps[0].plot([], [], "s", color=STYLES[label]["color"], label=f"{label} wins")
    maps[0].plot([], [], color="black", label="a draw")
    legend_above(figure)
    scale.imshow(np.linspace(-1, 1, 200)[:, np.newaxis], extent=(0, 1, -1, 1), **colors)
    scale.set_yticks(np.log10([0.1, 0.3, 1, 3, 10]), ["0.1", "0.3", "1", "3", "10"])
    scale.set_xticks([])
    return " ".join(words)


def draw_baseline(figure, r, mu, sigma, b):
    """Variance of the score function against its baseline, with that of pathwise as a level.

    `r` is the text of a cost, `b` the baseline in use. Returns the numbers in words.
    """
    best, least, without, level = _baseline_variances(r, mu, sigma)
    with_b = exact_variance(partial(score_function, baseline=b), Cost(r), Gaussian(mu, sigma))
    words = [f"r(z) = {r}, Z ~ N({mu:g}, {sigma:g}^2)."]
    for index, (ax, name) in enumerate(zip(panels(figure, 1, 1), Gradient._fields, strict=True)):
        away = np.sinh(np.linspace(-4, 4, 401))  # closest together where the curve bends most
        away = away[np.abs(best[index] + away - 5) < 11]
        steepness = (1 + index) / sigma**2  # E[score^2]
        score, path = (STYLES[label] | {"marker": ""} for label in ESTIMATORS)
        parabola = least[index] + steepness * away**2
        ax.plot(best[index] + away, parabola, label="score function", **score)
        ax.axhline(level[index], label="pathwise", **path)
        at_best, at_b = {"mfc": "white", "mec": "black"}, {"color": "black"}
        ax.plot(best[index], least[index], "o", label="with the best baseline", **at_best)
        ax.plot(b, with_b[index], "o", label="with the baseline $b$", **at_b)
        decades = np.log10([min(least[index], level[index]) / 1.2, parabola.max()])
        ylim = 10.0 ** np.array([np.floor(decades[0]), np.ceil(decades[1])])
        ax.set(yscale="log", xlim=(-5.5, 15.5), ylim=ylim, xlabel="baseline $b$")
        ax.minorticks_off()
        ax.set_title(rf"variance for $d/d\{name}$")
        words.append(
            f"d/d{name}: score function {without[index]:.4g} without a baseline, "
            f"{with_b[index]:.4g} with b = {b:g}, {least[index]:.4g} with the best one, "
            f"b = {best[index]:.4g}; pathwise {level[index]:.4g}. With the best baseline: "
            f"{compare(least[index], level[index]).split(': ')[1]}."
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


COSTS_IN_DIMENSIONS = {
    "sum": "r(z_1) + ... + r(z_d)",
    "ridge": "r((z_1 + ... + z_d)/sqrt(d))",
    "product": "r(z_1) ... r(z_d)",
}


def draw_dimensions(figure, family, r, mu, sigma, log_d):
    """Variances of d/dmu_1 against the dimension d, their ratios, and the samples they ask for.

    `family` is a key of COSTS_IN_DIMENSIONS, `r` the text of a function on R. The coordinates are
    independent, each N(mu, sigma^2); those of a ridge have mean mu/sqrt(d), so that its argument is
    N(mu, sigma^2). d = 10^log_d, rounded. Returns the numbers at d in words.
    """
    d, dims = round(10**log_d), np.geomspace(1, 1000, 61)
    score, path = (STYLES[label] | {"marker": ""} for label in ESTIMATORS)
    best = score | {"linestyle": "-.", "alpha": 0.6}
    styles = {"score function": score, "the same with the best constant": best, "pathwise": path}
    curves, here = (_log_variances(family, r, mu, sigma, at) for at in (dims, np.array([d])))
    titles = (r"variance of $d/d\mu_1$", "variance, pathwise = 1", "samples for SNR 1")
    for k, (ax, title) in enumerate(zip(panels(figure, 1, 1, 1), titles, strict=True)):
        if ax.get_xscale() != "log":
            ax.set(xscale="log", xlabel="$d$")
            ax.minorticks_off()
        for row, (label, style) in enumerate(styles.items()):
            line, point = (v[row] - (0, v[2], v[3])[k] for v in (curves, here))
            ax.plot(dims, line, label=label, **style)
            ax.plot(d, point, "o", color=style["color"])
        ax.axvline(d, color="0.5", lw=0.8)
        ax.set_title(rf"$\log_{{10}}$ of {title}")
    legend_above(figure)
    variances, samples = ([_number(x) for x in row] for row in (here[:3, 0], here[:3, 0] - here[3]))
    return (
        f"Cost {COSTS_IN_DIMENSIONS[family]} with r(z) = {r}, d = {d}, mu = {mu:g}, "
        f"sigma = {sigma:g}; d/dmu_1 = {_number(here[3, 0] / 2)} in size.\n"
        "Variance {} (score function), {} (with the best constant), {} (pathwise).\n".format(
            *variances
        )
        + "Samples for a signal-to-noise ratio of 1: {}, {}, {}.".format(*samples)
    )


def _number(log10):
    """10^log10 in words, also where it is beyond the range of floats."""
    whole = np.floor(log10)
    return f"{10**log10:.4g}" if -5 <= whole <= 5 else f"{10 ** (log10 - whole):.3f}e{whole:+.0f}"


def _log_variances(family, r, mu, sigma, d):
    """log10 of: variance of E1, of E1 with the best constant, of E2, gradient squared; at each d.

    Everything follows from one-dimensional expectations, as sums and products factorise.
    """
    first, second, g, m, square, best = _one_dimensional(r, mu, sigma)
    n, growth = d - 1, 0 * d
    if family == "sum":
        first = first + (2 * best * n * m + n * (square - m**2) + (n * m) ** 2) / sigma**2
        best, second, slope = best + n * m, second + 0 * n, g**2 + 0 * n
    elif family == "ridge":
        first = first / d + n / d * square / sigma**2
        best, second, slope = best / d + n / d * m, second / d, g**2 / d
    else:
        growth, shrink = n * np.log10(square), n * np.log10(m**2 / square)
        means = 10**shrink  # of the others: squared mean over second moment
        first, second = (v + g**2 - g**2 * means for v in (first, second))
        best, slope = best * np.sqrt(means), g**2
    logs = np.log10([first, first - (best / sigma) ** 2, second, slope + 0 * d]) + growth
    return logs if family != "product" else logs + np.outer([0, 0, 0, 1], shrink)


@lru_cache(maxsize=200)
def _one_dimensional(r, mu, sigma):
    """For d = 1: both variances, the gradient, E[r], E[r^2] and the best constant."""
    cost, q = Cost(r), Gaussian(mu, sigma)
    first, second = (exact_variance(f, cost, q).mu for f in ESTIMATORS.values())
    mean, square = exact_value(cost, q), exact_value(Cost(f"({r})^2"), q)
    return first, second, exact_gradient(cost, q).mu, mean, square, optimal_baseline(cost, q).mu


def draw_vae(figure, network, baseline, estimator, digit, K):
    """Clouds of estimated gradients of two encoder weights of a VAE, for one handwritten digit.

    Each of 300 dots is a gradient of the mean NLL from K samples. Weights 1 and 2 lead from the
    image's brightest pixel to the hidden units 1 and 2. `network` is "trained" or "untrained",
    `baseline` "none", "leave-one-out" (for K >= 2) or "best constant", `estimator` "both" or one of
    them. Returns the variances, with standard errors, in words.
    """
    image, output, nll, score, path = _vae_samples(network, digit)
    wide, close, *pictures = panels(figure, 1, 1, 0.4, 0.4)
    nll, score, path = nll[:K, :, np.newaxis], score[:K], path[:K]
    if (baseline, K) == ("leave-one-out", 1):
        baseline = "none (leave-one-out needs K >= 2)"
    elif baseline == "leave-one-out":
        nll = nll - (nll.sum(axis=0) - nll) / (K - 1)
    elif baseline == "best constant":
        nll = nll - (nll * score**2).mean(axis=(0, 1)) / (score**2).mean(axis=(0, 1))
    clouds = {"score function": (nll * score).mean(axis=0), "pathwise": path.mean(axis=0)}
    words = [f"Digit {digit}, {network} network, K = {K}, baseline: {baseline}."]
    for name, cloud in clouds.items():
        spread = estimate((cloud - cloud.mean(axis=0)) ** 2 * len(cloud) / (len(cloud) - 1))
        pairs = zip(spread.mean, spread.standard_error, strict=True)
        numbers = " and ".join(f"{mean:.4g} (s.e. {error:.2g})" for mean, error in pairs)
        words.append(f"Variances of one estimate for the two weights, {name}: {numbers}.")
        style = STYLES[name] | {"linestyle": "none", "alpha": 0.5, "ms": 3}
        for ax in (wide, close):
            ax.plot(*(cloud if estimator in (name, "both") else cloud[:0]).T, label=name, **style)
    ends = path.mean(axis=(0, 1)) + 4 * np.outer([-1, 1], clouds["pathwise"].std(axis=0))
    close.set(xlim=ends[:, 0], ylim=ends[:, 1])
    for ax, title in ((wide, "gradients: weight 2 against 1"), (close, "the same, close up")):
        ax.set(xlabel="gradient of weight 1", title=title)
    for ax, pixels, title in zip(pictures, (image, output), ("image", "decoded"), strict=True):
        ax.imshow(pixels.reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
        ax.set_title(title)
        ax.axis("off")
    legend_above(figure)
    return "\n".join(words)


@lru_cache(maxsize=20)
def _vae_samples(network, digit):
    """For 16 x 300 draws the NLL, and both terms for two weights: score, pathwise gradient.

    With the image, the first of its kind among those kept aside, and the decoder's mean image.
    """
    images, labels, model = digits_vae(network)
    image = images[np.argmax(labels == digit)]
    eps = np.random.default_rng(0).standard_normal((16, 300, model.latent))
    q, decoded = forward(model, np.tile(image, (300, 1)), eps)
    slope = (image.max() * (1 - q.hidden[0, :2] ** 2))[:, np.newaxis] * model.W2[:2]
    dmu, dsigma = slope[:, : model.latent].T, (slope[:, model.latent :] * q.sigma[0]).T
    score = Gradient(eps / q.sigma, (eps**2 - 1) / q.sigma).along(dmu, dsigma)
    path = Gradient(decoded.d_z, decoded.d_z * eps).along(dmu, dsigma)
    output = mean_image(model, encode(model, image[np.newaxis]).mu[0])
    return image, output, decoded.nll, score, path


@lru_cache
def digits_vae(network):
    """The digits kept aside in chapter 09, and a VAE "trained" on the others, or "untrained"."""
    from threadpoolctl import threadpool_limits

    images, labels = load_digits()
    order, rng = np.random.default_rng(92).permutation(len(images)), np.random.default_rng(1)
    model = VAE(rng)
    if network == "trained":
        with threadpool_limits(1):  # the matrices are small
            for _ in train(model, images[order[:1500]], rng, steps=1000):
                pass
    return images[order[1500:]], labels[order[1500:]], model
