"""Pictures: live ones are `draw_*` functions, which return in words what they show."""

from gradlib.course.figures.appendices import (
    printed_over_exact,
)
from gradlib.course.figures.baseline import (
    draw_baseline,
)
from gradlib.course.figures.chart import (
    Branch,
    branches,
    decision_chart,
    improvements,
)
from gradlib.course.figures.checks import (
    comparisons,
    distances_of_runs,
    error_against_samples,
)
from gradlib.course.figures.comparison import (
    at_equal_cost,
)
from gradlib.course.figures.digits import (
    digits_vae,
    draw_vae,
)
from gradlib.course.figures.dimensions import (
    COSTS_IN_DIMENSIONS,
    draw_dimensions,
)
from gradlib.course.figures.discrete import (
    bias_and_variance,
    mean_gradients,
    temperature_sweep,
    walk_policy,
)
from gradlib.course.figures.expectation import (
    bell_over_cost,
    error_against_step,
    rise_of_pairs,
)
from gradlib.course.figures.fair import (
    even_and_odd,
    even_spread,
    four_estimators,
    lead_with_baseline,
    price_of_slopes,
    taylor_polynomials,
    two_parts_of_the_derivative,
)
from gradlib.course.figures.gap import (
    draw_kernel,
    every_direction,
    gap_against_frequency,
    kernel_under_bell,
    shares_of_variance,
)
from gradlib.course.figures.hermite import (
    against_constant,
    small_sigma,
    squared_coefficients,
)
from gradlib.course.figures.manyd import (
    descents,
    growth_with_dimension,
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
    race,
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
from gradlib.course.figures.vae import (
    latent_plane,
    loss_against_rate,
    paired_differences,
    peeled_ratios,
    rows_of_digits,
    training_curves,
    two_roads,
    variance_along_training,
)
from gradlib.course.figures.variances import (
    draw_variances,
    draw_verdict,
)
from gradlib.course.figures.waves import (
    graphs_of_costs,
    map_of_costs,
    published_curves,
    values_and_slopes,
    variances_against_steps,
    variances_of_waves,
)
from gradlib.course.figures.words import (
    verdicts,
    winner,
)

__all__ = [
    "COSTS_IN_DIMENSIONS",
    "ESTIMATORS",
    "SIZE",
    "STYLES",
    "Branch",
    "against_constant",
    "at_equal_cost",
    "bell_over_cost",
    "bias_and_variance",
    "branches",
    "comparisons",
    "decision_chart",
    "descents",
    "digits_vae",
    "distances_of_runs",
    "draw_baseline",
    "draw_cloud",
    "draw_dimensions",
    "draw_histograms",
    "draw_kernel",
    "draw_phase",
    "draw_samples",
    "draw_vae",
    "draw_variances",
    "draw_verdict",
    "error_against_samples",
    "error_against_step",
    "even_and_odd",
    "even_spread",
    "every_direction",
    "four_estimators",
    "gap_against_frequency",
    "graphs_of_costs",
    "growth_with_dimension",
    "improvements",
    "jump_of_F",
    "kernel_under_bell",
    "latent_plane",
    "lead_with_baseline",
    "legend_above",
    "loss_against_rate",
    "map_of_costs",
    "mean_gradients",
    "moving_end",
    "paired_differences",
    "panels",
    "paths",
    "peeled_ratios",
    "price_of_slopes",
    "printed_over_exact",
    "published_curves",
    "race",
    "rise_and_fall",
    "rise_of_pairs",
    "rows_of_digits",
    "shares_of_variance",
    "small_sigma",
    "squared_coefficients",
    "staircase",
    "taylor_polynomials",
    "temperature_sweep",
    "training_curves",
    "two_integrands",
    "two_parts_of_the_derivative",
    "two_roads",
    "use_house_style",
    "values_and_slopes",
    "variance_against_constant",
    "variance_along_training",
    "variance_of_ramps",
    "variances_against_steps",
    "variances_of_waves",
    "verdicts",
    "walk_policy",
    "weights_at_points",
    "winner",
]
