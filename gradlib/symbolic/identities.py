"""The gradient identities, line by line, for any cost r(z).

r, mu(phi) and sigma(phi) are undefined functions. The lines are data; `derivation` checks them.
"""

from sympy import Derivative, Subs, log

from gradlib.symbolic.derivation import Derivation, Line
from gradlib.symbolic.notation import (
    Z,
    dmu,
    dsigma,
    eps,
    mu,
    n,
    over,
    partial_at,
    phi,
    q,
    r,
    score_mu,
    score_sigma,
    sigma,
    v,
    z,
)

r_prime = partial_at(r(z), z, Z)

DEFINITION = Line(Derivative(over(z, r(z) * q), phi), "definition: $J = E[r(Z)]$")
GAUSSIAN = (
    "$Z = μ + σε$ with $ε ∼ N(0, 1)$; $q_φ$ and $n$ are the densities of $Z$ and $ε$.",
    "$μ(φ)$ and $σ(φ) > 0$ are continuously differentiable.",
)


def score_function_identity():
    """dJ/dphi = E[r(Z) d/dphi log q(Z)]: the derivative falls on the density."""
    scores = (z - mu) / sigma**2 * dmu + ((z - mu) ** 2 - sigma**2) / sigma**3 * dsigma
    lines = (
        DEFINITION,
        Line(over(z, Derivative(r(z) * q, phi)), "differentiate under the integral sign"),
        Line(over(z, r(z) * Derivative(q, phi)), "product rule: $r(z)$ does not depend on $φ$"),
        Line(over(z, r(z) * q * Derivative(log(q), phi)), "log-derivative"),
        Line(
            over(z, r(z) * q * (score_mu * dmu + score_sigma * dsigma)),
            "chain rule: $φ$ enters through $μ$ and $σ$",
        ),
        Line(over(z, r(z) * q * scores), "the scores of the Gaussian"),
    )
    conditions = (
        *GAUSSIAN,
        "$r$ is measurable; kinks and jumps are allowed.",
        "$E|r(sε)|$ is finite for some $s > σ(φ)$: then $d/dφ$ may pass the integral sign.",
    )
    return Derivation(lines, conditions)


def reparameterization_identity():
    """dJ/dphi = E[r'(mu + sigma*eps) (mu' + sigma'*eps)]: the derivative falls on the cost."""
    lines = (
        DEFINITION,
        Line(
            Derivative(over(eps, Subs(r(z) * q, z, Z) * sigma), phi),
            "change of variables: $z = μ + σε$, $dz = σ dε$",
        ),
        Line(Derivative(over(eps, r(Z) * n), phi), "$σ q_φ(μ + σε) = n(ε)$: no $φ$ is left"),
        Line(over(eps, Derivative(r(Z) * n, phi)), "differentiate under the integral sign"),
        Line(over(eps, n * Derivative(r(Z), phi)), "product rule: $n(ε)$ does not depend on $φ$"),
        Line(over(eps, r_prime * n * Derivative(Z, phi)), "chain rule"),
        Line(over(eps, r_prime * n * (dmu + dsigma * eps)), "differentiate $z$ at fixed $ε$"),
    )
    conditions = (
        *GAUSSIAN,
        "$r$ is locally absolutely continuous (the integral of $r'$): no jumps; kinks are allowed.",
        "Continuity is not enough: the Cantor function has $r' = 0$ almost everywhere.",
        "$E|r'(sε)|$ is finite for some $s > σ(φ)$: then $d/dφ$ may pass the integral sign.",
    )
    return Derivation(lines, conditions)


def bridge():
    """From the pathwise integrand to the score-function integrand, by parts.

    They differ by a total derivative: the first is the second plus d/dz[r q dz/dphi].
    """
    lines = (
        Line(over(eps, r_prime * n * (dmu + dsigma * eps)), "the reparameterization identity"),
        Line(
            over(z, Derivative(r(z), z) * q * (dmu + dsigma * (z - mu) / sigma)),
            "change of variables back: $ε = (z - μ)/σ$",
        ),
        Line(
            over(z, Derivative(r(z), z) * q * v),
            "write $v(z)$ for $dz/dφ$ at fixed $ε$",
        ),
        Line(
            over(z, Derivative(r(z) * q * v, z) - r(z) * Derivative(q * v, z)),
            "product rule",
        ),
        Line(
            -over(z, r(z) * Derivative(q * v, z)),
            "integration by parts: $r q_φ v → 0$ as $|z| → ∞$",
            by_parts=r(z) * q * v,
        ),
        Line(
            over(z, r(z) * Derivative(q, phi)),
            "mass is conserved: $∂q_φ/∂φ = -∂(q_φ v)/∂z$",
        ),
        Line(
            over(z, r(z) * q * Derivative(log(q), phi)),
            "log-derivative: the score-function identity",
        ),
    )
    conditions = (
        *GAUSSIAN,
        "$r$ is locally absolutely continuous, as integration by parts requires: no jumps.",
        "$E[|r'(Z)| (1 + |ε|)]$ and $E[|r(Z)| (1 + ε^2)]$ are finite, so the integrals converge.",
        "Then $r q_φ v → 0$ as $|z| → ∞$. At the ends of a bounded support it need not vanish.",
        "Line 1 equals $dJ/dφ$ under the conditions of the reparameterization identity.",
    )
    return Derivation(lines, conditions)
