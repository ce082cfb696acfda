"""The density rises and falls at points that stay: chapter 02."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import MaxNLocator

from gradlib.course.figures.style import STYLES
from gradlib.gaussian import Gaussian

RISES, FALLS = "#56B4E9", "#CC79A7"


def rise_and_fall(q, dmu=0.0, dsigma=0.0):
    """Left the bell q before and after a step; right the change, and what it comes close to.

    The step is `dmu` in mu or `dsigma` in sigma. Blue is where the density rises, purple where it
    falls. Right: the change for each unit of the parameter, and density times score.
    """
    after = Gaussian(q.mu + dmu, q.sigma + dsigma)
    h, index, symbol = (dmu, 0, r"\mu") if dmu else (dsigma, 1, r"\sigma")
    z = np.linspace(q.mu - 4 * after.sigma, q.mu + 4 * after.sigma + h, 400)
    low, high = np.exp(q.log_prob(z)), np.exp(after.log_prob(z))
    slope = low * q.score(z)[index]

    _, (left, right) = plt.subplots(1, 2)
    left.plot(z, low, "k:", label="before")
    left.plot(z, high, "k-", label="after")
    for sign, color, word in ((1, RISES, "rises"), (-1, FALLS, "falls")):
        left.fill_between(z, low, high, sign * (high - low) > 0, color=color, label=word)
        right.fill_between(z, 0, slope, sign * slope > 0, color=color, alpha=0.3)
    quotient, product = STYLES["finite differences"], STYLES["score function"]
    right.plot(z, (high - low) / h, markevery=25, label="difference quotient", **quotient)
    right.plot(z, slope, markevery=25, label="density × score", **product)
    left.set(xlabel="$z$", ylabel="density")
    right.set(xlabel="$z$", ylabel=f"change for each unit of ${symbol}$")
    for ax in (left, right):
        ax.set_ylim(top=1.35 * ax.get_ylim()[1])
        ax.legend(loc="upper left", ncols=2)


def weights_at_points(cost, q, eps):
    """Samples that stay where they are: left the weight of each for d/dmu, right cost x weight.

    The weight is the score: positive (blue) where the density rises with mu, negative (purple)
    where it falls. The mean of the terms on the right (dashed) is the estimate E1.
    """
    z = q.reparameterize(eps)
    weights = q.score(z).mu
    _, axes = plt.subplots(1, 2)
    labels = ("weight: the score for $\\mu$", "cost × weight")
    for ax, heights, label in zip(axes, (weights, cost(z) * weights), labels, strict=True):
        for positive, color in ((True, RISES), (False, FALLS)):
            kept = (heights > 0) == positive
            ax.vlines(z[kept], 0, heights[kept], color=color, lw=2)
            ax.plot(z[kept], heights[kept], "o", color=color)
        ax.plot(z, 0 * z, "k|", ms=8)
        ax.axhline(0, color="black", lw=0.8)
        ax.set(xlabel="$z$", ylabel=label)
    mean, color = np.mean(cost(z) * weights), STYLES["score function"]["color"]
    axes[1].axhline(mean, color=color, ls="--", label=f"their mean, E1: {mean:.3g}")
    axes[1].legend(loc="upper left")


def variance_against_constant(constants, variances):
    """The variance of one sample of E1 against a constant that is added to the cost.

    `variances` is a `Gradient` of arrays: left for mu, right for sigma. The dot marks the constant
    0, the star the smallest variance.
    """
    _, axes = plt.subplots(1, 2, figsize=(9.6, 2.7))
    for ax, values, symbol in zip(axes, variances, (r"\mu", r"\sigma"), strict=True):
        ax.plot(constants, values, color=STYLES["score function"]["color"])
        for i, marker in ((np.argmin(np.abs(constants)), "ko"), (np.argmin(values), "k*")):
            label = f"c = {constants[i]:g}: variance {values[i]:.3g}"
            ax.plot(constants[i], values[i], marker, ms=10, label=label)
        ax.set(xlabel="constant $c$", ylabel=rf"variance of E1, $d/d{symbol}$")
        ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        ax.set_ylim(bottom=0)
        ax.legend(loc="upper center")


def moving_end(theta, h, parts):
    """Left the uniform density on [0, theta] before and after a step h; right what E1 does not see.

    `parts` maps the name of each contribution to dJ/dtheta to its value, drawn as bars.
    """
    before, after = 1 / theta, 1 / (theta + h)
    _, (left, right) = plt.subplots(1, 2)
    left.fill_between([0, theta], after, before, color=FALLS, label="falls: E1 sees it")
    left.fill_between([theta, theta + h], 0, after, color=RISES, label="rises: never sampled")
    left.stairs([before], [0, theta], color="k", ls=":", lw=1.5, label=rf"$\theta = {theta:g}$")
    left.stairs([after], [0, theta + h], color="k", lw=1.5, label=rf"$\theta = {theta + h:g}$")
    left.set(xlabel="$z$", ylabel="density", ylim=(0, 1.6 * before))
    left.legend(loc="upper left", ncols=2)

    colors = [STYLES["score function"]["color"], RISES, "0.5"]
    bars = right.bar(list(parts), list(parts.values()), color=colors)
    right.bar_label(bars, [f"{value:+g}".replace("-", "−") for value in parts.values()], padding=3)
    right.axhline(0, color="black", lw=0.8)
    right.set(ylabel=r"contribution to $dJ/d\theta$", axisbelow=True)
    right.margins(y=0.15)
