"""What SymPy can say: derivations that are checked line by line, and variances as formulas.

`z`, `mu` and `sigma` are the symbols in the results of `exact_variance` and `gaussian_expectation`:
.subs({mu: 2, sigma: 1}) gives numbers. In the derivations the parameters are undefined functions of
phi, `mu_of_phi` and `sigma_of_phi`, with the derivatives `dmu` and `dsigma`.
"""

from gradlib.symbolic.closed_forms import exact_variance, gaussian_expectation, mu, sigma
from gradlib.symbolic.derivation import Derivation, DerivationError, Line
from gradlib.symbolic.identities import (
    bridge,
    reparameterization_identity,
    score_function_identity,
)
from gradlib.symbolic.notation import dmu, dsigma, eps, n, phi, q, r, v, z
from gradlib.symbolic.notation import mu as mu_of_phi
from gradlib.symbolic.notation import sigma as sigma_of_phi
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
    "mu_of_phi",
    "n",
    "phi",
    "q",
    "r",
    "reparameterization_identity",
    "score_function_identity",
    "sigma",
    "sigma_of_phi",
    "v",
    "z",
]
