"""Pictures: live ones are `draw_*` functions, which return in words what they show."""

from gradlib.course.figures.appendices import (
    printed_over_exact,
)
from gradlib.course.figures.baseline import (
    draw_baseline,
)
from gradlib.course.figures.checks import (
    comparisons,
    distances_of_runs,
    error_against_samples,
)
from gradlib.course.figures.digits import (
    digits_vae,
    draw_vae,
)
from gradlib.course.figures.dimensions import (
    COSTS_IN_DIMENSIONS,
    draw_dimensions,
)
from gradlib.course.figures.expectation import (
    bell_over_cost,
    error_against_step,
    rise_of_pairs,
)
from gradlib.course.figures.path import (
    jump_of_F,
    paths,
    staircase,
    two_integrands,
    variance_of_ramps,
)
from gradlib.course.figures.phase import (
    draw_phase,
)
from gradlib.course.figures.samples import (
    draw_cloud,
    draw_histograms,
    draw_samples,
)
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
from gradlib.course.figures.variances import (
    draw_variances,
    draw_verdict,
)
from gradlib.course.figures.words import (
    compare,
    verdicts,
)

__all__ = [
    "COSTS_IN_DIMENSIONS",
    "ESTIMATORS",
    "SIZE",
    "STYLES",
    "bell_over_cost",
    "compare",
    "comparisons",
    "digits_vae",
    "distances_of_runs",
    "draw_baseline",
    "draw_cloud",
    "draw_dimensions",
    "draw_histograms",
    "draw_phase",
    "draw_samples",
    "draw_vae",
    "draw_variances",
    "draw_verdict",
    "error_against_samples",
    "error_against_step",
    "jump_of_F",
    "legend_above",
    "moving_end",
    "panels",
    "paths",
    "printed_over_exact",
    "rise_and_fall",
    "rise_of_pairs",
    "staircase",
    "two_integrands",
    "use_house_style",
    "variance_against_constant",
    "variance_of_ramps",
    "verdicts",
    "weights_at_points",
]
