"""Both exact variances, and what the gap theorem says of them: chapters 05 and 07."""

import numpy as np

from gradlib.cost import Cost
from gradlib.course.figures.gap import draw_kernel
from gradlib.course.figures.style import ESTIMATORS, STYLES, legend_above, panels, whole_decades
from gradlib.course.figures.words import pair_in_words, verdicts
from gradlib.curves import crossings, variance_curve
from gradlib.estimators import pathwise
from gradlib.exact import QuadratureError, exact_variance
from gradlib.gap import gap_kernel, variance_gap
from gradlib.gaussian import Gaussian, Gradient

SHOWN = -6, 6  # of z
MEANS, CONSTANTS = np.array([-2, -1, 0, 1, 2]), (-5, 0, 5)  # they choose the scales


def draw_variances(figure, r, c, mu, sigma):
    """Both exact variances of the cost r + c against sigma, and the kernel of the gap theorem.

    `r` is the text of a cost, `c` a constant: `r` alone chooses the scales. Returns in words the
    verdict at sigma, in the first line, and the numbers.
    """
    shift = f" {'+' if c > 0 else '-'} {abs(c):g}" if c else ""
    cost, q = Cost(r + shift), Gaussian(mu, sigma)
    *curves, kernel = panels(figure, 1.2, 1.2, 1)
    found = dict(zip(Gradient._fields, verdicts(cost, q), strict=True))
    words = [
        " ".join(f"d/d{name}: {verdict}." for name, (_, _, verdict) in found.items()),
        f"r(z) = {cost.name}, Z ~ N({mu:g}, {sigma:g}^2).",
        *(f"d/d{name}: {pair_in_words(*pair)}." for name, (_, pair, _) in found.items()),
        draw_gap(kernel, cost, q),
        draw_curves(curves, cost, q, _scales(Cost(r).expression, CONSTANTS)),
    ]
    legend_above(figure)
    return "\n".join(words)


def draw_verdict(figure, r, mu, sigma):
    """What there is to say of any cost r: its slope, both variances, the gap, the verdict.

    `r` is the text of a formula, which chooses the scales. Returns in words the verdict, in the
    first line, and the numbers, or what is wrong with the formula.
    """
    try:
        cost, q = Cost(r), Gaussian(mu, sigma)
    except ValueError as error:
        return f"{error}."
    first, *curves, kernel = panels(figure, 1.3, 1.2, 1.2, 1)
    words = [draw_cost(first, cost, q)]
    try:
        found = dict(zip(Gradient._fields, verdicts(cost, q), strict=True))
        words.insert(0, " ".join(f"d/d{name}: {verdict}." for name, (*_, verdict) in found.items()))
        for name, (truth, pair, _) in found.items():
            words.append(f"d/d{name} = {truth:.4g}: {pair_in_words(*pair)}.")
        words.append(draw_gap(kernel, cost, q))
    except (ValueError, QuadratureError) as error:
        words.insert(len(words) > 1, f"{error}.")
    words.append(draw_curves(curves, cost, q, _scales(cost.expression, (0,))))
    legend_above(figure)
    return "\n".join(words)


def draw_cost(ax, cost, q):
    """r and r' over the density of Z. Returns both as text."""
    z = np.linspace(*SHOWN, 1201)
    density = np.exp(q.log_prob(z) - q.log_prob(q.mu))
    r, slope = cost(z), cost.derivative(z)
    ax.plot(z, r, color="black", label="$r$")
    ax.plot(z, slope, color="#CC79A7", ls="--", label="$r'$")
    middle = np.concatenate([r[300:901], slope[300:901]])  # |z| <= 3; the rest may leave
    middle = middle[np.isfinite(middle)]
    low, high = min(middle, default=0), max(middle, default=1)
    edge = 0.05 * (high - low) or 1
    low, high = low - edge, high + edge
    ax.fill_between(z, low, low + 0.4 * (high - low) * density, color="0.85", lw=0, zorder=0)
    ax.set(xlabel="$z$", xlim=SHOWN, ylim=(low, high), title="cost, slope, density of $Z$")
    slope = str(cost.derivative_expression).replace("**", "^").replace("*", " ")
    return f"r(z) = {cost.name}, r'(z) = {slope}, Z ~ N({q.mu:g}, {q.sigma:g}^2)."


def draw_gap(ax, cost, q):
    """The gap theorem's kernel for d/dmu under the bell, with the gap as its area; both in words.

    The kernel is drawn relative to its peak. A kink's point mass has no height: the words give it.
    """
    gap = variance_gap(cost, q)
    eps = np.linspace(-9, 9, 1801)
    z = q.reparameterize(eps)
    density = np.exp(q.log_prob(z))
    height = gap_kernel(cost, q, eps) * density
    draw_kernel(ax, z, height / (np.abs(height).max() or 1), density, r"kernel $k\,q$")
    ax.set(xlabel="$z$", xlim=SHOWN, ylim=(-1.15, 1.15), yticks=[])
    ax.set_title(f"area = gap = {gap.mu:.3g}")
    words = f"Gap of the variances: {gap.mu:.4g} for d/dmu, {gap.sigma:.4g} for d/dsigma."
    for point, mass in _point_masses(cost, q)[:3]:
        words += f" Of that for d/dmu {mass:.4g} comes from the kink at z = {point:.4g}."
    return words


def _point_masses(cost, q):
    """Each kink z, with r(z) times the rise of r' there times the density of Z."""
    points = cost.break_points(q.mu - 9 * q.sigma, q.mu + 9 * q.sigma)
    near = 1e-9 * np.maximum(np.abs(points), q.sigma)
    rise = cost.derivative(points + near) - cost.derivative(points - near)
    masses = cost(points) * rise * np.exp(q.log_prob(points))
    return [pair for pair, height in zip(zip(points, masses), rise) if abs(height) > 1e-6]


SIGMAS = np.geomspace(0.05, 4, 21)


def draw_curves(axes, cost, q, scales):
    """Both exact variances against sigma, for d/dmu and d/dsigma. Returns where they cross."""
    variances, levels = _along_sigma(cost.expression, q.mu)
    words = []
    for index, (ax, name) in enumerate(zip(axes, Gradient._fields, strict=True)):
        ax.set(xscale="log", yscale="log")
        ax.minorticks_off()
        for label, curve in zip(ESTIMATORS, variances[:, index], strict=True):
            ax.plot(SIGMAS, curve, label=label, **STYLES[label] | {"marker": ""})
        ax.axvline(q.sigma, color="0.5", lw=0.8)
        ax.plot(*np.reshape(levels[index], (-1, 2)).T, "o", mfc="white", mec="black")
        ax.set(ylim=scales[index], xlabel=r"$\sigma$", title=rf"variance for $d/d\{name}$")
        found = " and ".join(f"{sigma:.4g}" for sigma, _ in levels[index])
        words.append(f"for d/d{name} {f'at sigma = {found}' if found else 'nowhere'}")
    span = f"sigma from {SIGMAS[0]:g} to {SIGMAS[-1]:g}, where finite"
    return f"The variances cross ({span}) {', '.join(words)}."


def _scales(expression, constants):
    """The limits of the variances' axes, for d/dmu and d/dsigma."""
    settings = MEANS[:, np.newaxis, np.newaxis], SIGMAS[::4], np.reshape(constants, (-1, 1))
    curves = variance_curve(list(ESTIMATORS.values()), Cost(expression), *settings)
    return [whole_decades(pair) for pair in zip(*curves, strict=True)]


def _along_sigma(expression, mu):
    """Variances of shape (estimator, parameter, sigma), nan where infinite; crossings as points."""
    cost, levels = Cost(expression), [[], []]
    variances = np.array(variance_curve(list(ESTIMATORS.values()), cost, mu, SIGMAS))
    lead = np.sign(variances[0] - variances[1])
    for index, j in zip(*np.nonzero(lead[:, 1:] * lead[:, :-1] < 0), strict=True):
        found = crossings(lambda sigma: (cost, Gaussian(mu, sigma)), SIGMAS[j : j + 2], 1)
        for sigma in found[index]:
            height = exact_variance(pathwise, cost, Gaussian(mu, sigma))[index]
            levels[index].append((sigma, height))
    return variances, levels
