"""Pictures.

A `draw_*` function fills an empty figure, which may be a live one, and returns, in words, what it
shows. Every other one draws a new figure with the values that it is given, and returns nothing.
"""

from gradlib.course.figures.baseline import draw_baseline
from gradlib.course.figures.digits import digits_vae, draw_vae
from gradlib.course.figures.dimensions import COSTS_IN_DIMENSIONS, draw_dimensions
from gradlib.course.figures.expectation import (
    bell_over_cost,
    error_against_step,
    rise_of_pairs,
)
from gradlib.course.figures.phase import draw_phase
from gradlib.course.figures.samples import draw_cloud, draw_histograms, draw_samples
from gradlib.course.figures.score import (
    moving_end,
    rise_and_fall,
    variance_against_constant,
    weights_at_points,
)
from gradlib.course.figures.style import (
    ESTIMATORS,
    SIZE,
    STYLES,
    legend_above,
    panels,
    use_house_style,
)
from gradlib.course.figures.variances import draw_variances, draw_verdict
from gradlib.course.figures.words import compare, verdicts

__all__ = [
    "COSTS_IN_DIMENSIONS",
    "ESTIMATORS",
    "SIZE",
    "STYLES",
    "bell_over_cost",
    "compare",
    "digits_vae",
    "draw_baseline",
    "draw_cloud",
    "draw_dimensions",
    "draw_histograms",
    "draw_phase",
    "draw_samples",
    "draw_vae",
    "draw_variances",
    "draw_verdict",
    "error_against_step",
    "legend_above",
    "moving_end",
    "panels",
    "rise_and_fall",
    "rise_of_pairs",
    "use_house_style",
    "variance_against_constant",
    "verdicts",
    "weights_at_points",
]
