"""gradlib: two ways to estimate the gradient of an expectation, small enough to read at once.

An estimator maps (cost, q, eps) to one gradient for each eps. Random eps make it a Monte Carlo
estimate, quadrature nodes make it exact.
"""

import importlib

from gradlib.comparison import Comparison, compare
from gradlib.control_variates import (
    MovingAverage,
    antithetic,
    batch_mean,
    combination,
    delta,
    leave_one_out,
    leave_one_out_variance,
    measure_valued,
    optimal_baseline,
    optimal_weight,
)
from gradlib.cost import Cost
from gradlib.curves import crossings, variance_curve
from gradlib.estimators import Randomized, pathwise, score_function
from gradlib.exact import (
    QuadratureError,
    exact_covariance,
    exact_gradient,
    exact_mean,
    exact_value,
    exact_variance,
    expectation,
)
from gradlib.gap import gap_kernel, gap_matrix, gap_terms, variance_gap
from gradlib.gaussian import Gaussian, Gradient
from gradlib.montecarlo import Estimate, estimate, monte_carlo

__version__ = "1.0.0"

__all__ = [
    "Comparison",
    "Cost",
    "Estimate",
    "Gaussian",
    "Gradient",
    "MovingAverage",
    "QuadratureError",
    "Randomized",
    "antithetic",
    "batch_mean",
    "combination",
    "compare",
    "crossings",
    "delta",
    "estimate",
    "exact_covariance",
    "exact_gradient",
    "exact_mean",
    "exact_value",
    "exact_variance",
    "expectation",
    "gap_kernel",
    "gap_matrix",
    "gap_terms",
    "leave_one_out",
    "leave_one_out_variance",
    "measure_valued",
    "monte_carlo",
    "optimal_baseline",
    "optimal_weight",
    "pathwise",
    "score_function",
    "variance_curve",
    "variance_gap",
]


def __getattr__(name):
    """`gradlib.symbolic` and `gradlib.course`, which load much, are imported when first used."""
    if name in ("course", "symbolic"):
        return importlib.import_module(f"gradlib.{name}")
    raise AttributeError(f"module 'gradlib' has no attribute {name!r}")
