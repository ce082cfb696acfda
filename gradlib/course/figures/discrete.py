"""Bits: biased gradients, and what a temperature does to bias and variance: chapter 13."""

import matplotlib.pyplot as plt
import numpy as np

from gradlib.course.figures.style import STYLES, whole_decades
from gradlib.discrete import (
    concrete,
    exact_gradient,
    exact_mean,
    exact_variance,
    rebar,
    straight_through,
)
from gradlib.states import Bernoulli

BITS = {
    "exact": STYLES["exact"],
    "score function": STYLES["score function"],
    "leave-one-out": {"color": "#E69F00", "linestyle": "-.", "marker": "D"},
    "straight-through": {"color": "#56B4E9", "linestyle": "--", "marker": "v"},
    "concrete": {"color": "#CC79A7", "linestyle": "--", "marker": "P"},
    "REBAR": {"color": "#009E73", "linestyle": "-", "marker": "X"},
}


def mean_gradients(cost, estimators):
    """The mean gradient of estimators against the probability of a bit; dotted the exact one.

    `estimators` maps a label to (key of BITS, estimator). Where a curve crosses 0, a descent that
    follows it comes to rest.
    """
    probs = np.linspace(0.02, 0.98, 97)
    problems = [(cost, Bernoulli.from_probs(p)) for p in probs]
    _, ax = plt.subplots()
    for label, (key, estimator) in estimators.items():
        means = [exact_mean(estimator, *problem) for problem in problems]
        ax.plot(probs, means, label=label, markevery=12, **BITS[key])
    exact = [exact_gradient(*problem) for problem in problems]
    ax.plot(probs, exact, label="exact", lw=2.5, **BITS["exact"])
    ax.axhline(0, color="0.6", lw=1)
    ax.set(xlabel="probability $p$ of the state 1", ylabel=r"mean gradient, $d/d\theta$")
    ax.legend(loc="upper left")


def temperature_sweep(cost, q, temperatures):
    """Exact (bias, variance) of one term of each relaxed estimator, arrays over temperatures."""
    truth, makers = exact_gradient(cost, q), (concrete, straight_through, rebar)
    found = {}
    for name, make in zip(("concrete", "straight-through", "REBAR"), makers, strict=True):
        pairs = [
            (exact_mean(make(T), cost, q) - truth, exact_variance(make(T), cost, q))
            for T in temperatures
        ]
        found[name] = tuple(np.array(pairs).T)
    return found


def bias_and_variance(cost, q, temperatures, score_function, leave_one_out):
    """Size of the bias, and variance, against the temperature; see `temperature_sweep`.

    The last two arguments are variances that know no temperature, drawn as horizontal lines.
    """
    figure, (left, right) = plt.subplots(1, 2)
    for name, (bias, variance) in temperature_sweep(cost, q, temperatures).items():
        style = BITS[name] | {"markevery": 4}
        if name != "REBAR":  # it has none
            left.loglog(temperatures, np.abs(bias), label=name, **style)
            left.set_ylim(whole_decades(np.abs(bias)))
        right.loglog(temperatures, variance, label=name, **style)
    left.axhline(abs(exact_gradient(cost, q)), label="size of the gradient", **BITS["exact"])
    for name, level in (("score function", score_function), ("leave-one-out", leave_one_out)):
        right.axhline(level, label=name, **BITS[name] | {"marker": ""})
    left.set(xlabel="temperature $T$", ylabel="size of the bias")
    right.set(xlabel="temperature $T$", ylabel="variance of one term")
    shown = {}
    for ax in (right, left):
        handles, labels = ax.get_legend_handles_labels()
        shown |= dict(zip(labels, handles, strict=True))
    figure.legend(shown.values(), shown, loc="outside upper center", ncols=len(shown))


def walk_policy(rewards, probabilities, start):
    """The grid with the reward of each cell, and arrows as long as the policy is certain."""
    rewards = np.asarray(rewards, dtype=float)
    figure, ax = plt.subplots(figsize=(4.4, 3.6))
    ax.imshow(rewards, cmap="RdBu", vmin=-2.5, vmax=2.5)
    moves = np.array([(0, -1), (0, 1), (-1, 0), (1, 0)])  # up, down, left, right; y is downwards
    rows, columns = np.indices(rewards.shape)
    for move, p in zip(moves, np.transpose(probabilities), strict=True):
        dx, dy = 0.42 * move[:, np.newaxis] * p
        ax.quiver(columns, rows, dx, dy, angles="xy", scale_units="xy", scale=1, width=0.012)
    for (row, column), reward in np.ndenumerate(rewards):
        ax.text(column - 0.44, row - 0.3, f"{reward:g}", color="0.3")
    ax.text(start[1] + 0.12, start[0] + 0.4, "start")
    ax.set(xticks=[], yticks=[])
    ax.grid(False)
    return figure
