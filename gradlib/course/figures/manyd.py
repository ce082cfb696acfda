"""Growth with the dimension, and descents in 31 of them: chapter 10."""

import matplotlib.pyplot as plt
import numpy as np

from gradlib.course.figures.style import STYLES

ORANGE, BLUE = (STYLES[name]["color"] for name in ("score function", "pathwise"))
GROWTH = {
    "score_function": STYLES["score function"] | {"marker": "", "label": "score function"},
    "best_constant": {"color": ORANGE, "linestyle": "-.", "alpha": 0.6, "label": "best constant"},
    "pathwise": STYLES["pathwise"] | {"marker": "", "label": "pathwise"},
}
METHODS = {
    "score function": STYLES["score function"],
    "leave-one-out": {"color": "#E69F00", "linestyle": "-.", "marker": "D"},
    "delta": {"color": "#CC79A7", "linestyle": ":", "marker": "v"},
    "fitted delta": {"color": "#009E73", "linestyle": ":", "marker": "s"},
    "pathwise": STYLES["pathwise"],
}


def growth_with_dimension(dims, families):
    """Variances of d/dmu_1 against the dimension d, one panel for each family of costs.

    `families` maps (family, r) to its `Variances` at dims. Both axes are logarithmic, except that a
    product's d is linear: there a straight line is exponential growth.
    """
    figure, axes = plt.subplots(1, len(families), figsize=(9.6, 3.9))
    for ax, ((family, r), found) in zip(axes, families.items(), strict=True):
        for name, style in GROWTH.items():
            ax.plot(dims, np.log10(getattr(found, name)), **style)
        scale = "linear" if family == "product" else "log"
        ax.set(xscale=scale, xlabel="$d$", title=f"{family}, $f$ = {r}")
    axes[0].set_ylabel(r"$\log_{10}$ variance of $d/d\mu_1$")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=3)


def descents(runs, best):
    """Losses above the least one, `best`, against cost evaluations: means, and bands of all seeds.

    `runs` maps each method to its `Descent`.
    """
    figure, ax = plt.subplots(figsize=(9.6, 4))
    for name, (evaluations, losses) in runs.items():
        style, excess = METHODS[name], losses - best
        band = excess.min(axis=0), excess.max(axis=0)
        ax.fill_between(evaluations, *band, color=style["color"], alpha=0.2, lw=0)
        ax.semilogy(evaluations, excess.mean(axis=0), **style, ms=5, label=name)
    ax.set(xlabel="cost evaluations", ylabel="loss above the optimum")
    figure.legend(loc="outside upper center", ncols=len(runs))
