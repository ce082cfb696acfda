"""The verdict of `compare` as a picture: chapters 09, 10 and 13."""

import matplotlib.pyplot as plt
from matplotlib.ticker import NullFormatter

from gradlib.course.figures.style import STYLES, whole_decades
from gradlib.gaussian import Gradient


def at_equal_cost(comparison):
    """Variance times evaluations of each estimator: orange asks for values, blue for slopes, too.

    Bars are two standard errors to either side. A variance of 0 is an arrow at the left edge; an
    estimator that is out of the race has no mark.
    """
    rows = comparison.rows
    figure, axes = plt.subplots(1, 2, sharey=True, figsize=(9.6, 0.9 + 0.31 * len(rows)))
    for ax, parameter in zip(axes, Gradient._fields, strict=True):
        variances = {name: getattr(row.at_equal_cost, parameter) for name, row in rows.items()}
        low, high = whole_decades(list(variances.values()))
        low, high = low / 1.3, high * 1.3  # no mark on the edge
        for y, (name, row) in enumerate(rows.items()):
            style = STYLES["pathwise" if row.slopes else "score function"] | {"linestyle": "none"}
            x, error = variances[name], row.evaluations * getattr(row.standard_error, parameter)
            if x < low:
                ax.plot(low, y, **style | {"marker": 4}, clip_on=False, ms=9)
            elif x >= low:
                bar = [[min(2 * error, 0.999 * x)], [2 * error]]
                ax.errorbar(x, y, xerr=bar, **style)
        ax.set(
            xscale="log",
            xlim=(low / 1.3, high * 1.3),
            xlabel=rf"variance × evaluations, $d/d\{parameter}$",
        )
        ax.set_ylim(len(rows) - 0.5, -0.5)
        ax.xaxis.set_minor_formatter(NullFormatter())
    axes[0].set_yticks(
        range(len(rows)), [f"{n} (out)" if row.flaw else n for n, row in rows.items()]
    )
    figure.suptitle(comparison.cost.name, fontsize=11)
