"""The looks of the course: one colour, marker and line style for each estimator.

The palette is that of Okabe and Ito, safe for colour blindness.
"""

import matplotlib.pyplot as plt
import numpy as np

from gradlib.estimators import pathwise, score_function

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


def panels(figure, *widths):
    """A row of empty axes of these relative widths, with room for a legend above them."""
    figure.clear()
    figure.set_layout_engine("none")
    margins = {"left": 0.065, "right": 0.99, "bottom": 0.15, "top": 0.8, "wspace": 0.35}
    grid = figure.add_gridspec(1, len(widths), width_ratios=widths, **margins)
    for ax in grid.subplots(squeeze=False)[0]:
        ax.locator_params(nbins=5, steps=[1, 2, 5, 10])
        ax.ticklabel_format(scilimits=(-3, 5))  # no label wider than its margin
        ax.xaxis.set_label_coords(0.5, -0.13)
        ax.yaxis.set_label_coords(-0.105, 0.5)
    return figure.axes


def whole_decades(values, at_most=8):
    """The powers of ten (low, high) around positive values; `low` is raised to show `at_most`."""
    values = np.asarray(values)
    decades = np.log10(values[np.isfinite(values) & (values > 0)])
    low, high = (np.floor(decades.min()), np.ceil(decades.max())) if decades.size else (-3, 3)
    return 10.0 ** max(low, high - at_most), 10.0 ** max(high, low + 1)


def legend_above(figure):
    """One legend for all panels."""
    pairs = [zip(*ax.get_legend_handles_labels(), strict=True) for ax in figure.axes]
    handles = {label: handle for pair in pairs for handle, label in pair}
    if handles:
        figure.legend(handles.values(), handles, loc="upper center", ncols=len(handles))
