"""Monte Carlo against exact values, in standard errors: chapter 04."""

import matplotlib.pyplot as plt
import numpy as np

from gradlib.course.figures.style import ESTIMATORS, STYLES

LIMIT = 4  # standard errors: beyond them one looks for a mistake


def comparisons(off, costs):
    """How far estimates are from the truth, in standard errors, inside the grey band of +-4.

    `off` has shape (cost, estimator, parameter), estimators and parameters in the usual order.
    """
    _, axes = plt.subplots(1, 2, sharey=True)
    for ax, parameter, values in zip(axes, ("mu", "sigma"), np.moveaxis(off, -1, 0), strict=True):
        ax.axhspan(-LIMIT, LIMIT, color="grey", alpha=0.15)
        for place, (name, one) in enumerate(zip(ESTIMATORS, values.T, strict=True)):
            at = np.arange(len(costs)) + 0.2 * place - 0.1
            ax.plot(at, one, **STYLES[name] | {"linestyle": ""}, label=name)
        ax.set_xticks(range(len(costs)), costs)
        ax.set_title(rf"$d/d\{parameter}$")
    axes[0].set(ylabel="(estimate - exact) / standard error", ylim=(-6, 6))
    axes[1].legend(loc="lower right", ncols=2)


def distances_of_runs(runs):
    """Histograms of many runs' distances from the truth, over the standard normal density.

    `runs` maps the title of a panel to {estimator: distances, in standard errors}.
    """
    _, axes = plt.subplots(1, len(runs), sharey=True, figsize=(9.6, 3.2))
    x = np.linspace(-6, 4, 201)
    for ax, (title, found) in zip(axes, runs.items(), strict=True):
        for name, off in found.items():
            line = {key: STYLES[name][key] for key in ("color", "linestyle")}
            ax.hist(off, np.linspace(-6, 4, 41), density=True, histtype="step", label=name, **line)
        normal = np.exp(-0.5 * x**2) / np.sqrt(2 * np.pi)
        ax.plot(x, normal, **STYLES["exact"], label="standard normal")
        ax.set(xlabel="(estimate - exact) / standard error", title=title)
    axes[0].legend(loc="upper left")


def error_against_samples(sizes, errors, variances):
    """RMS errors of both estimators against the number of samples M, over the lines of slope -1/2.

    `errors` and `variances` map each estimator to its errors and to the variance of one sample.
    """
    _, ax = plt.subplots(figsize=(7.5, 2.4))
    for name, rms in errors.items():
        ax.loglog(sizes, rms, **STYLES[name] | {"linestyle": ""}, label=name)
        ax.loglog(sizes, np.sqrt(variances[name] / sizes), **STYLES["exact"])
    ax.set(xlabel="samples $M$", ylabel=r"RMS error of $d/d\mu$")
    ax.legend()
