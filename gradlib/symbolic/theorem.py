"""The gap theorem: the variance of a term of E1 minus that of E2, by parts, line by line.

r, mu(phi) and sigma(phi) are undefined functions. The lines are data; `derivation` checks them.
"""

import dataclasses
from functools import cache, lru_cache, partial

import numpy as np
import sympy as sp
from sympy import Derivative, Integral, S, Subs, lambdify, log, oo

from gradlib.arguments import shorten
from gradlib.cost import Cost
from gradlib.estimators import pathwise, score_function
from gradlib.gaussian import Gaussian
from gradlib.symbolic.derivation import (
    CONSTANTS,
    EXAMPLE,
    Claim,
    Derivation,
    Line,
    in_numbers,
)
from gradlib.symbolic.notation import (
    Normal,
    Z,
    Z_i,
    Z_j,
    dmu,
    dsigma,
    eps,
    eps_i,
    eps_j,
    mu,
    n,
    over,
    phi,
    q,
    r,
    score_mu,
    score_sigma,
    sigma,
    sigma_i,
    sigma_j,
    v,
    z,
    z_i,
    z_j,
)


def gap_theorem(entry="phi"):
    """Var(E1) - Var(E2) of one term, score function minus pathwise, as a checked derivation.

    `entry` names the parameter: "phi" is the quadratic form of the 2x2 gap matrix in
    (mu'(phi), sigma'(phi)); "kernel" is the same as one mean, E[k v^2] with the kernel
    k = r r'' + (1 + eps^2) r^2/(2 sigma^2). "mu", "sigma" and "mu, sigma" are the entries of that
    matrix, "mu_i" and "mu_i, mu_j" those for the means of a diagonal Gaussian on R^d. The weak form
    holds r and r' only and is right at kinks. Raises ValueError for another entry.
    """
    if not isinstance(entry, str) or entry not in GAP:
        entries = ", ".join(map(repr, GAP))
        raise ValueError(f"entry must be one of {entries}; received {shorten(entry)}")
    return Derivation(GAP[entry], CONDITIONS[entry], CLAIMS[entry], expectations=True)


def convex_corollary(entry="mu"):
    """E[E1^2] - 2 E[E2^2], which is not negative if r >= 0 is convex, as a checked derivation.

    Then E1's variance is at least twice E2's. `entry` is "mu" or "sigma"; raises ValueError for
    another one.
    """
    if not isinstance(entry, str) or entry not in CONVEX_CLAIMS:
        raise ValueError(f"entry must be 'mu' or 'sigma'; received {shorten(entry)}")
    second_moment = mean(r1**2 if entry == "mu" else r1**2 * eps**2)
    first, *rest = (
        dataclasses.replace(line, expression=line.expression - second_moment)
        for line in GAP[entry][1:4]
    )
    lines = (dataclasses.replace(first, reason="the second moments of $E_1$ and $E_2$"), *rest)
    return Derivation(lines, CONVEX, CONVEX_CLAIMS[entry], expectations=True)


# The lines.


def mean(f):
    """E[f], as an integral over eps."""
    return over(eps, f * n)


slope = Derivative(r(z), z)
r0, r1, r2, r3, r4 = (r(Z), *(Subs(Derivative(r(z), (z, k)), z, Z) for k in (1, 2, 3, 4)))
h = r1**2 + 2 * r0 * r2
dh = 4 * r1 * r2 + 2 * r0 * r3  # h' and h''
ddh = 4 * r2**2 + 6 * r1 * r3 + 2 * r0 * r4

EQUAL_MEANS = "equal means: their squares cancel"
EQUAL_PRODUCTS = "equal means: their products cancel"
SCORE = "the score of the Gaussian, with $ε = (z - μ)/σ$"
GAP = {
    "mu": (
        Line(over(z, (r(z) * score_mu) ** 2 * q) - over(z, slope**2 * q), EQUAL_MEANS),
        Line(mean(r0**2 * eps**2) / sigma**2 - mean(r1**2), SCORE),
        Line(
            mean(r0**2) / sigma**2 + 2 / sigma * mean(r0 * r1 * eps) - mean(r1**2),
            "weak form: by parts, $F = -r^2 ε n/σ^2$",
            by_parts=-(r0**2) * eps * n / sigma**2,
        ),
        Line(
            mean(r0**2) / sigma**2 + mean(r1**2) + 2 * mean(r0 * r2),
            "smooth form: by parts, $F = -2 r r' n/σ$",
            by_parts=-2 * r0 * r1 * n / sigma,
        ),
    ),
    "mu, sigma": (
        Line(
            over(z, r(z) ** 2 * score_mu * score_sigma * q)
            - over(z, slope**2 * (z - mu) / sigma * q),
            EQUAL_PRODUCTS,
        ),
        Line(mean(r0**2 * (eps**3 - eps)) / sigma**2 - mean(r1**2 * eps), SCORE),
        Line(
            2 / sigma * mean(r0 * r1 * (eps**2 + 1)) - mean(r1**2 * eps),
            "weak form: by parts, $F = -r^2 (ε^2 + 1) n/σ^2$",
            by_parts=-(r0**2) * (eps**2 + 1) * n / sigma**2,
        ),
        Line(
            4 / sigma * mean(r0 * r1) + mean(h * eps),
            "by parts, $F = -2 r r' ε n/σ$",
            by_parts=-2 * r0 * r1 * eps * n / sigma,
        ),
        Line(
            4 / sigma * mean(r0 * r1) + sigma * mean(dh),
            "smooth form: by parts, $F = -h n$",
            by_parts=-h * n,
        ),
    ),
    "sigma": (
        Line(
            over(z, (r(z) * score_sigma) ** 2 * q) - over(z, (slope * (z - mu) / sigma) ** 2 * q),
            EQUAL_MEANS,
        ),
        Line(mean(r0**2 * (eps**2 - 1) ** 2) / sigma**2 - mean(r1**2 * eps**2), SCORE),
        Line(
            2 * mean(r0**2) / sigma**2
            + 2 / sigma * mean(r0 * r1 * (eps**3 + eps))
            - mean(r1**2 * eps**2),
            "weak form: by parts, $F = -r^2 (ε^3 + ε) n/σ^2$",
            by_parts=-(r0**2) * (eps**3 + eps) * n / sigma**2,
        ),
        Line(
            2 * mean(r0**2) / sigma**2
            + 6 * mean(r1**2)
            + mean(r1**2 * eps**2)
            + 2 * mean(r0 * r2 * (eps**2 + 3)),
            "by parts, $F = -2 r r' (ε^2 + 3) n/σ$",
            by_parts=-2 * r0 * r1 * (eps**2 + 3) * n / sigma,
        ),
        Line(
            2 * mean(r0**2) / sigma**2 + 7 * mean(r1**2) + 8 * mean(r0 * r2) + sigma**2 * mean(ddh),
            "smooth form: by parts, $F = -(h ε + σ h') n$",
            by_parts=-(h * eps + sigma * dh) * n,
        ),
    ),
}


def _along_phi():
    """The lines for a parameter phi: a quadratic form in (mu', sigma')."""
    log_q, combination = Derivative(log(q), phi), (dmu**2, 2 * dmu * dsigma, dsigma**2)
    second_moments = (
        Line(over(z, (r(z) * log_q) ** 2 * q) - over(z, (slope * v) ** 2 * q), EQUAL_MEANS),
        Line(
            mean(r0**2 * (dmu * eps + dsigma * (eps**2 - 1)) ** 2) / sigma**2
            - mean(r1**2 * (dmu + dsigma * eps) ** 2),
            SCORE,
        ),
    )
    reasons = (
        "expand the squares: three entries",
        "weak form: by parts in each entry",
        "by parts in each entry",
        "smooth form: by parts once more",
    )
    entries = (*GAP["mu"], Line(GAP["mu"][-1].expression, "")), GAP["mu, sigma"], GAP["sigma"]
    return second_moments + tuple(
        Line(
            sum(c * line.expression for c, line in zip(combination, lines, strict=True)),
            reason,
            by_parts=sum(c * line.by_parts for c, line in zip(combination, lines, strict=True)),
        )
        for reason, lines in zip(reasons, list(zip(*entries, strict=True))[1:], strict=True)
    )


GAP["phi"] = _along_phi()
w = dmu + dsigma * eps  # v at z = mu + sigma*eps; (w^2 n)' = (2 w sigma' - eps w^2) n
GAP["kernel"] = (
    *GAP["phi"][:2],
    Line(
        mean(r0**2 * (1 + eps**2) * w**2) / (2 * sigma**2)
        + mean(r0 * r1 * (eps * w**2 - 2 * dsigma * w)) / sigma
        - mean(r1**2 * w**2),
        "weak form: by parts, $F = r^2 (v^2 n)'/(2σ^2)$",
        by_parts=r0**2 * (2 * dsigma * w - eps * w**2) * n / (2 * sigma**2),
    ),
    Line(
        mean((r0 * r2 + (1 + eps**2) * r0**2 / (2 * sigma**2)) * w**2),
        "smooth form: by parts, $F = -r r' v^2 n/σ$",
        by_parts=-r0 * r1 * w**2 * n / sigma,
    ),
)


# Two means of a diagonal Gaussian on R^d, the other coordinates held fixed.


def _mean_over_two(f):
    return Integral(f * n_i * n_j, (eps_i, -oo, oo), (eps_j, -oo, oo))


def _gap_of_means(first, second):
    """The lines for two coordinates (letter, z, sigma, eps), which may be the same."""
    (a, z_a, sigma_a, eps_a), (b, z_b, sigma_b, eps_b) = first, second
    r0 = r(Z_i, Z_j)
    r_a, r_b, r_ab = (
        Subs(Derivative(r(z_i, z_j), *x), (z_i, z_j), (Z_i, Z_j))
        for x in ((z_a,), (z_b,), (z_a, z_b))
    )
    sigmas = f"σ_{a}^2" if a == b else f"(σ_{a} σ_{b})"
    diagonal = _mean_over_two(r0**2) / sigma_a**2 if a == b else 0

    def in_coordinate(x, F):
        return tuple(F * n_i * n_j if x == e else S.Zero for e in (eps_i, eps_j))

    return (
        Line(
            _mean_over_two(r0**2 * eps_a * eps_b) / (sigma_a * sigma_b) - _mean_over_two(r_a * r_b),
            EQUAL_MEANS if a == b else EQUAL_PRODUCTS,
        ),
        Line(
            diagonal + 2 / sigma_b * _mean_over_two(r0 * r_a * eps_b) - _mean_over_two(r_a * r_b),
            f"weak form: by parts in $ε_{a}$, $F = -r^2 ε_{b} n/{sigmas}$",
            by_parts=in_coordinate(eps_a, -(r0**2) * eps_b / (sigma_a * sigma_b)),
        ),
        Line(
            diagonal + _mean_over_two(r_a * r_b) + 2 * _mean_over_two(r0 * r_ab),
            f"smooth form: by parts in $ε_{b}$, $F = -2 r r_{a} n/σ_{b}$",
            by_parts=in_coordinate(eps_b, -2 * r0 * r_a / sigma_b),
        ),
    )


n_i, n_j = Normal(eps_i, 0, 1), Normal(eps_j, 0, 1)
FIRST, SECOND = ("i", z_i, sigma_i, eps_i), ("j", z_j, sigma_j, eps_j)
GAP |= {"mu_i": _gap_of_means(FIRST, FIRST), "mu_i, mu_j": _gap_of_means(FIRST, SECOND)}

# The conditions. Where F and dF/deps are integrable, F has limits at both ends, and they are 0.

SHORT = "$Z = μ + σε$ with $ε ∼ N(0, 1)$; $r$ is short for $r(Z)$; $n$ is the density of $ε$."
GAP_OF = "The gap is Var($E_1$) - Var($E_2$) of one sample's terms: "
CONTINUOUS = "Weak form: $r$ is locally absolutely continuous; kinks are allowed, jumps are not."
VANISH = "Then $F$ and $dF/dε$ are integrable (Cauchy-Schwarz), so that $F → 0$ at both ends."
SLOPE = "$r'$ too is locally absolutely continuous"
GROWTH = (
    "All these means are finite if $r$ and its derivatives grow no faster than some $e^{c|z|}$."
)
KINK = (
    "A kink breaks the smooth form: $r''$ taken almost everywhere misses a point mass there.",
    "It is the jump of $r'$ at the kink times a unit mass.",
)
MEANS = (
    "$Z_k = μ_k + σ_k ε_k$, $ε_k ∼ N(0, 1)$ independent; $r_i$, $r_{ij}$ are partial derivatives.",
    "The gap is Cov($E_1$) - Cov($E_2$), with entries $r ε_k/σ_k$ of $E_1$ and $r_k$ of $E_2$.",
    "In each step all coordinates but $i$ and $j$ are held fixed; $n$ stands for $n(ε_i) n(ε_j)$.",
    "Weak form: along almost every line parallel to an axis, $r$ is locally absolutely continuous.",
    "$E[r^2 (1 + ε_i^2 + ε_j^2)]$ and $E[r_i^2 + r_j^2]$ are finite. As on R, $F → 0$ follows.",
    "Smooth form: so is $r_i$ on lines parallel to axis $j$, and $E|r r_{ij}|$ is finite.",
    "All entries, with $D$ = diag($σ$), Hessian $H$: $E[r^2] D^{-2} + E[∇r ∇r^T] + 2 E[r H]$.",
)
ALONG_PHI = (
    SHORT,
    "The gap is Var($E_1$) - Var($E_2$) of one sample's terms.",
    "They are $E_1 = r (μ' ε + σ' (ε^2 - 1))/σ$ and $E_2 = r' v$ with $v = μ' + σ' ε$.",
    CONTINUOUS,
    "$E[r^2 ε^4]$ and $E[r'^2 (1 + ε^2)]$ are finite, and so both variances.",
    VANISH,
    "The means are equal for the same reason: by parts, $F = r v n$.",
)
CONDITIONS = {
    "phi": (
        *ALONG_PHI,
        f"Line 5: {SLOPE}, and $E[|r r''| (1 + ε^2)]$ is finite.",
        "Smooth form: so are $r''$, $r'''$; $E|h'|$, $E|h''|$ are finite, $h = r'^2 + 2 r r''$.",
        GROWTH,
        *KINK,
    ),
    "kernel": (
        *ALONG_PHI,
        f"Smooth form: {SLOPE}, and $E[|r r''| (1 + ε^2)]$ is finite.",
        "The kernel is $k = r r'' + (1 + ε^2) r^2/(2 σ^2)$. If $k ≥ 0$ everywhere, pathwise wins.",
        "A kink adds a point mass: $r$ times the jump of $r'$, times $q v^2$ there.",
    ),
    "mu": (
        SHORT,
        GAP_OF + "$E_1 = r ε/σ$ and $E_2 = r'$.",
        CONTINUOUS,
        "Both variances are finite; that is, $E[r^2 ε^2]$ and $E[r'^2]$ are.",
        VANISH,
        "The means are equal for the same reason: by parts, $F = r n$.",
        f"Smooth form: {SLOPE}, and $E|r r''|$ is finite.",
        GROWTH,
        *KINK,
    ),
    "mu, sigma": (
        SHORT,
        "The gap is Cov($E_1$) - Cov($E_2$) of two terms: for $μ$ and for $σ$.",
        "They are $r ε/σ$ and $r (ε^2 - 1)/σ$ for $E_1$, $r'$ and $r' ε$ for $E_2$.",
        CONTINUOUS,
        "All four variances are finite; that is, $E[r^2 ε^4]$ and $E[r'^2 (1 + ε^2)]$ are.",
        VANISH,
        "The means are equal for the same reason: by parts, $F = r n$ and $F = r ε n$.",
        f"Line 4: {SLOPE}, and $E[|r r''| (1 + |ε|)]$ is finite.",
        "Smooth form: so is $r''$, and $E|h'|$ is finite, $h = r'^2 + 2 r r''$.",
        GROWTH,
    ),
    "sigma": (
        SHORT,
        GAP_OF + "$E_1 = r (ε^2 - 1)/σ$ and $E_2 = r' ε$.",
        CONTINUOUS,
        "Both variances are finite; that is, $E[r^2 ε^4]$ and $E[r'^2 ε^2]$ are.",
        VANISH,
        "The means are equal for the same reason: by parts, $F = r ε n$.",
        f"Line 4: {SLOPE}, and $E[|r r''| (1 + ε^2)]$ is finite.",
        "Smooth form: so are $r''$, $r'''$; $E|h'|$, $E|h''|$ are finite, $h = r'^2 + 2 r r''$.",
        GROWTH,
    ),
    "mu_i": MEANS,
    "mu_i, mu_j": MEANS,
}
CONVEX = (
    SHORT,
    "$r ≥ 0$ is convex, and both variances are finite. Then line 3 has no negative term.",
    "So $E[E_1^2] ≥ 2 E[E_2^2]$, and with the mean $m$ of both: Var($E_1$) ≥ 2 Var($E_2$) + $m^2$.",
    "Kinks are allowed: $r''$ is then a non-negative measure, and line 3 holds as it stands.",
    "This is for $μ$ and for $σ$; between them the factor 2 can fail: max(0, $z$) at $N(0, 1)$.",
)


# The values in the example, without any line: moments of the estimators' own terms.


@lru_cache
def _moments(estimator, coordinates, setting):
    """(second moments, covariances) of the terms, d/dmu of each coordinate and then d/dsigma.

    By Gauss-Hermite quadrature. The coordinates are ("",) on R and ("_i", "_j") on the plane.
    """
    means, deviations = (
        [float(in_numbers(name + k, phi)(setting[0], *setting)) for k in coordinates]
        for name in ("mu", "sigma")
    )
    value, slopes = _example_cost(len(coordinates))
    cost = Cost.from_functions(
        lambda z: value(z.T, setting),
        lambda z: np.stack([f(z.T, setting) for f in slopes], axis=-1),
        "example",
    )
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    eps = np.stack(np.meshgrid(*[nodes] * len(means)), axis=-1).reshape(-1, len(means))
    weights = np.prod(np.meshgrid(*[weights / weights.sum()] * len(means)), axis=0).ravel()
    terms = np.hstack(estimator(cost, Gaussian(means, deviations), eps)).T
    return weights * terms @ terms.T, np.cov(terms, aweights=weights, ddof=0)


@cache
def _example_cost(dimension):
    """The cost of the example and its partial derivatives, as functions of (z, setting)."""
    point = sp.symbols(f"z:{dimension}")
    value = EXAMPLE["r"](*point)
    value, *slopes = (lambdify([point, CONSTANTS], f) for f in (value, *map(value.diff, point)))
    return value, slopes


def _gap(i, j, setting, coordinates=("",)):
    score, path = (
        _moments(estimator, coordinates, setting)[1] for estimator in (score_function, pathwise)
    )
    return score[i, j] - path[i, j]


@cache
def _speed(name):
    """d/dphi of the mean or the deviation of the example, as a function of a setting."""
    return lambdify(CONSTANTS, EXAMPLE[name](phi).diff(phi))


def _gap_along_phi(setting):
    m, s = (_speed(name)(*setting) for name in ("mu", "sigma"))
    matrix = [[_gap(i, j, setting) for i in (0, 1)] for j in (0, 1)]
    return np.dot((m, s), np.dot(matrix, (m, s)))


def _convex_gap(i, setting):
    score, path = (
        _moments(estimator, ("",), setting)[0] for estimator in (score_function, pathwise)
    )
    return score[i, i] - 2 * path[i, i]


PLANE = ("_i", "_j")
VAR, COV = "Var(E1) - Var(E2)", "Cov(E1) - Cov(E2)"
CLAIMS = {
    "phi": Claim(VAR, "gap_φ", r"\text{gap}_{\phi}", _gap_along_phi),
    "kernel": Claim(VAR, "gap_φ", r"\text{gap}_{\phi}", _gap_along_phi),
    "mu": Claim(VAR, "gap_μ", r"\text{gap}_{\mu}", partial(_gap, 0, 0)),
    "mu, sigma": Claim(COV, "gap_μσ", r"\text{gap}_{\mu\sigma}", partial(_gap, 0, 1)),
    "sigma": Claim(VAR, "gap_σ", r"\text{gap}_{\sigma}", partial(_gap, 1, 1)),
    "mu_i": Claim(VAR, "gap_ii", r"\text{gap}_{ii}", partial(_gap, 0, 0, coordinates=PLANE)),
    "mu_i, mu_j": Claim(COV, "gap_ij", r"\text{gap}_{ij}", partial(_gap, 0, 1, coordinates=PLANE)),
}
TWICE = "E[E1^2] - 2E[E2^2]", "E[E1^2] - 2E[E2^2]", r"\mathbb{E}[E_1^2] - 2 \, \mathbb{E}[E_2^2]"
CONVEX_CLAIMS = {
    "mu": Claim(*TWICE, partial(_convex_gap, 0)),
    "sigma": Claim(*TWICE, partial(_convex_gap, 1)),
}
