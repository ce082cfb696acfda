"""gradlib: two ways to estimate the gradient of an expectation, small enough to read at once.

An estimator maps (cost, q, eps) to one gradient for each eps. Random eps make it a Monte Carlo
estimate, quadrature nodes make it exact.
"""

import importlib

from gradlib.cost import Cost
from gradlib.estimators import pathwise, score_function
from gradlib.exact import (
    QuadratureError,
    exact_covariance,
    exact_gradient,
    exact_mean,
    exact_value,
    exact_variance,
)
from gradlib.gaussian import Gaussian, Gradient
from gradlib.montecarlo import Estimate, estimate, monte_carlo

__version__ = "0.1.0"

__all__ = [
    "Cost",
    "Estimate",
    "Gaussian",
    "Gradient",
    "QuadratureError",
    "estimate",
    "exact_covariance",
    "exact_gradient",
    "exact_mean",
    "exact_value",
    "exact_variance",
    "monte_carlo",
    "pathwise",
    "score_function",
]


def __getattr__(name):
    """`gradlib.symbolic` and the other modules that load much are imported when first used."""
    if name in ("check", "plots", "symbolic", "widgets"):
        return importlib.import_module(f"gradlib.{name}")
    raise AttributeError(f"module 'gradlib' has no attribute {name!r}")
