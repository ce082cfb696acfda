"""Pictures. Every `draw_*` function fills an empty figure and returns, in words, what it shows."""

from gradlib.plots.baseline import draw_baseline
from gradlib.plots.digits import digits_vae, draw_vae
from gradlib.plots.dimensions import COSTS_IN_DIMENSIONS, draw_dimensions
from gradlib.plots.phase import draw_phase
from gradlib.plots.samples import draw_cloud, draw_histograms, draw_samples
from gradlib.plots.style import ESTIMATORS, SIZE, STYLES, legend_above, panels, use_house_style
from gradlib.plots.variances import draw_variances, draw_verdict
from gradlib.plots.words import compare, verdicts

__all__ = [
    "COSTS_IN_DIMENSIONS",
    "ESTIMATORS",
    "SIZE",
    "STYLES",
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
    "legend_above",
    "panels",
    "use_house_style",
    "verdicts",
]
