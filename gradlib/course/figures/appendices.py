"""Numbers that others printed: appendix A."""

import matplotlib.pyplot as plt

from gradlib.course.figures.style import STYLES


def printed_over_exact(sizes, ratios, band):
    """Printed variances over exact ones, against the number of samples, for each estimator.

    `ratios` maps the name of an estimator to its values at the sizes. The grey band holds those
    that chance alone explains in 95 % of the cases.
    """
    _, ax = plt.subplots(figsize=(7.5, 3.6))
    for name, values in ratios.items():
        ax.semilogx(sizes, values, **STYLES[name], label=name)
    ax.axhspan(*band, color="grey", alpha=0.15, label="95 %")
    ax.axhline(1, **STYLES["exact"], label="exact")
    ax.set(xlabel="samples $M$", ylabel="printed / exact variance")
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
