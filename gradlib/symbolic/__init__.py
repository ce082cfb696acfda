"""What SymPy can say: derivations that are checked line by line, and variances as formulas.

`mu`, `sigma`, `r` and the other symbols are those of the derivations: mu(phi), sigma(phi) and r are
undefined functions. Results of `exact_variance` and `gaussian_expectation` hold plain symbols.
"""

from gradlib.symbolic.closed_forms import exact_variance, gaussian_expectation
from gradlib.symbolic.derivation import Derivation, DerivationError, Line
from gradlib.symbolic.identities import (
    bridge,
    reparameterization_identity,
    score_function_identity,
)
from gradlib.symbolic.notation import dmu, dsigma, eps, mu, n, phi, q, r, sigma, v, z
from gradlib.symbolic.theorem import convex_corollary, gap_theorem

__all__ = [
    "Derivation",
    "DerivationError",
    "Line",
    "bridge",
    "convex_corollary",
    "dmu",
    "dsigma",
    "eps",
    "exact_variance",
    "gap_theorem",
    "gaussian_expectation",
    "mu",
    "n",
    "phi",
    "q",
    "r",
    "reparameterization_identity",
    "score_function_identity",
    "sigma",
    "v",
    "z",
]
