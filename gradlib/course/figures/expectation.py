"""The average cost as the bell moves, and finite differences of it: chapter 01."""

import matplotlib.pyplot as plt
import numpy as np

from gradlib.course.figures.style import STYLES
from gradlib.exact import exact_gradient, exact_value
from gradlib.gaussian import Gaussian


def bell_over_cost(cost, bells):
    """Left the cost and two or more bells over it; right their average costs on the curve of J.

    The bells have one sigma and different mu, darker from the first to the last. The dotted line
    is the tangent of J at the last one: its slope is what the course is about.
    """
    first, last = bells[0], bells[-1]
    z = np.linspace(first.mu - 3.5 * first.sigma, last.mu + 3.5 * last.sigma, 400)
    mu = np.linspace(first.mu - 1.5, last.mu + 1.5, 60)
    average = [exact_value(cost, Gaussian(m, last.sigma)) for m in mu]
    tangent = exact_value(cost, last) + exact_gradient(cost, last).mu * (mu - last.mu)

    _, (left, right) = plt.subplots(1, 2)
    height = 0.55 * np.max(cost(z)) / np.exp(last.log_prob(last.mu))
    left.plot(z, cost(z), color="black", label=f"cost $r(z) = {cost.name}$")
    right.plot(mu, average, color="black", label=r"average cost $J(\mu)$", zorder=0)
    right.plot(mu, tangent, **STYLES["exact"], label=rf"tangent at $\mu = {last.mu:g}$")
    for bell, shade in zip(bells, _greys(len(bells)), strict=True):
        label = rf"density of $Z$, $\mu = {bell.mu:g}$"
        density = np.exp(bell.log_prob(z))
        left.fill_between(z, height * density, color=shade, alpha=0.7, label=label)
        right.plot(bell.mu, exact_value(cost, bell), "o", color=shade, ms=10)
    left.set(xlabel="$z$", ylabel="$r(z)$, and density (scaled)")
    right.set(xlabel=r"$\mu$", ylabel="$J$")
    for ax in (left, right):
        ax.legend(loc="upper left")
    left.set_ylim(top=1.25 * np.max(cost(z)))
    right.set_ylim(min(0, *average), max(average))


def rise_of_pairs(cost, q, h, eps_up, eps_down):
    """For each pair of samples the cost at mu - h (hollow) and at mu + h (filled), joined.

    Left the two samples of a pair have noise of their own, eps_down and eps_up; right they share
    eps_up. The rise of a line, divided by 2h, is what the pair contributes to the finite
    difference.
    """
    pairs, color = np.arange(1, len(eps_up) + 1), STYLES["finite differences"]["color"]
    up = cost(q.mu + h + q.sigma * eps_up)
    _, axes = plt.subplots(1, 2, sharey=True)
    for ax, lower, title in zip(
        axes, (eps_down, eps_up), ("fresh draws", "common random numbers"), strict=True
    ):
        down = cost(q.mu - h + q.sigma * lower)
        ax.vlines(pairs, down, up, color=color, lw=2)
        ax.plot(pairs, down, "o", color=color, mfc="white", label=r"$r(z)$ at $\mu - h$")
        ax.plot(pairs, up, "o", color=color, label=r"$r(z)$ at $\mu + h$")
        ax.set(title=title, xlabel="pair", xticks=pairs)
        ax.tick_params(labelleft=True)
    axes[0].set_ylabel("cost")
    axes[0].legend(loc="upper left", ncols=2)
    axes[0].set_ylim(top=1.15 * axes[0].get_ylim()[1])


def error_against_step(h, fresh, common, fine, exact_fresh, exact_common):
    """Root mean square error of finite differences against the step h, on two log scales.

    `fresh` and `common` hold, for each h, the `Estimate` of the squared error; the markers are
    their roots, with one standard error either way. The dotted curves are the exact errors at the
    steps `fine`.
    """
    looks = {
        "fresh draws": {"color": "0.5", "marker": "D"},
        "common random numbers": STYLES["finite differences"],
    }
    for (label, look), estimates in zip(looks.items(), (fresh, common), strict=True):
        rms = np.sqrt([found.mean for found in estimates])
        error = [found.standard_error for found in estimates] / (2 * rms)
        style = look | {"linestyle": "none", "capsize": 4}
        plt.errorbar(h, rms, error, **style, label=label)
    plt.plot(fine, exact_fresh, **STYLES["exact"], label="exact")
    plt.plot(fine, exact_common, **STYLES["exact"])
    plt.gca().set(xscale="log", yscale="log", xlabel="step $h$", ylabel=r"RMS error of $d/d\mu$")
    plt.legend(loc="upper right")


def _greys(n):
    """n shades of grey, from light to dark."""
    return [f"{shade:.2f}" for shade in np.linspace(0.75, 0.4, n)]
