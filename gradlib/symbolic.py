"""The gradient identities, line by line, for any cost r(z) and any mu(phi), sigma(phi).

r, mu and sigma are undefined functions. The lines of a derivation are data, typed out at the end
of this file; the rules that check them know nothing of them. Each line is asked two questions:

- Does it follow from the line above, whatever r, mu and sigma are? SymPy compares the integrands:
  they must be equal, or differ by the dF/dz of the F that a step by parts carries.
- Has it the right value for one concrete r, mu and sigma? Quadrature of the line is compared with
  finite differences of J.

What no machine checks here is said in words, in `conditions`: that derivative and integral may
be exchanged, and that boundary terms vanish.
"""

import dataclasses
import math
import operator
import textwrap
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import sympy as sp
from sympy import Add, Derivative, Expr, Integral, Mul, S, Subs, lambdify, log, oo
from sympy.core.function import AppliedUndef

from gradlib.notation import Latex, Normal, Text, dmu, dsigma, eps, mu, n, phi, q, r, sigma, v, z


class DerivationError(ValueError):
    """A line that does not follow from the one above it, or has the wrong value."""


@dataclass(frozen=True)
class Line:
    """An expression, and the step that leads to it from the line above.

    `expression` is a linear combination of integrals over z or over eps from -oo to oo, and of
    their derivatives d/dphi. `by_parts` is the F of a step by parts: the integrand above is this
    line's integrand plus dF/dz. In `reason`, formulas stand between dollar signs.
    """

    expression: Expr
    reason: str
    by_parts: Expr = S.Zero


@dataclass(frozen=True)
class Derivation:
    """Lines that are all equal to dJ/dphi, and the conditions, in words, under which they are."""

    lines: tuple
    conditions: tuple

    def check(self):
        """Check every line, and say so; raise DerivationError on the first that is wrong.

        Line 1 is the starting point and only its value is checked. Every other line must also
        follow from the one above; what SymPy cannot decide has failed.
        """
        if not self.lines:
            raise DerivationError("a derivation without lines has nothing to check")
        target = _target()
        for number, line in enumerate(self.lines, start=1):
            try:
                if number > 1:
                    _must_follow(self.lines[number - 2].expression, line)
                value = _value(line.expression)
                if not abs(value - target) <= 1e-9 * abs(target):
                    raise DerivationError(
                        f"has the wrong value: {value:.10g} in the numerical example, "
                        f"where dJ/dphi is {target:.10g}"
                    )
            except Exception as error:  # a line can be any expression
                known = isinstance(error, DerivationError)
                fault = error if known else f"cannot be checked: {error!r}"
                raise DerivationError(
                    f"line {number} ({Text().sentence(line.reason)}) {fault}"
                ) from None
        return (
            f"{len(self.lines)} lines checked: each follows from the one above, and each equals "
            f"dJ/dphi = {target:.6f} in a numerical example."
        )

    def replace(self, i, expression):
        """A copy in which the expression of `lines[i]` is another one, its reason the same.

        As everywhere in Python, i counts from 0. Raises IndexError if there is no such line, and
        ValueError if `expression` is neither a SymPy expression nor a number.
        """
        lines = list(self.lines)
        try:
            i = operator.index(i)
            line = lines[i]
        except (IndexError, TypeError):
            last = len(lines) - 1
            raise IndexError(f"i must be an integer from 0 to {last}; received {i!r}") from None
        try:
            new = sp.sympify(expression, strict=True)
        except sp.SympifyError:
            new = None
        if not (isinstance(new, Expr) and new.is_scalar):
            raise ValueError(f"expression must be a SymPy expression; received {expression!r}")
        lines[i] = dataclasses.replace(line, expression=new)
        return dataclasses.replace(self, lines=tuple(lines))

    def __repr__(self):
        text = Text()
        rows = [
            f"({number})  {'' if number > 1 else 'dJ/dφ':5} = {text.doprint(line.expression)}\n"
            f"{'':13}{text.sentence(line.reason)}"
            for number, line in enumerate(self.lines, start=1)
        ]
        rows += ["Conditions:", *(f"  - {text.sentence(words)}" for words in self.conditions)]
        return "\n".join(rows)

    def _repr_latex_(self):
        latex = Latex()
        left = [r"\quad \frac{dJ}{d\phi}"] + [""] * (len(self.lines) - 1)
        rows = r" \\[1ex] ".join(
            rf"\displaystyle ({i + 1}) {left[i]} & \displaystyle = "
            rf"{latex.doprint(line.expression)} & \small {latex.sentence(line.reason)}"
            for i, line in enumerate(self.lines)
        )
        conditions = r" \\ ".join(rf"\bullet\ {latex.sentence(words)}" for words in self.conditions)
        return (
            rf"$\begin{{array}}{{l}} \begin{{array}}{{lll}} {rows} \end{{array}} \\[2ex] "
            rf"\text{{Conditions}} \\ {conditions} \end{{array}}$"
        )


# Does a line follow from the one above?


def _must_follow(above, line):
    x, a, b = _integrands(above)
    y, c, d = _integrands(line.expression)
    c = c + Derivative(line.by_parts, y)
    if x == y:
        differences = [a + Derivative(b, phi) - c - Derivative(d, phi)]
    else:  # d/dphi means one thing at fixed z, another at fixed eps: substitute beneath it
        differences = [_over_eps(a, x) - _over_eps(c, y), _over_eps(b, x) - _over_eps(d, y)]
    density = q if x == y == z else n
    for difference in differences:
        # Divided by its density, an integrand is rational in z, r, mu, ..., and factor decides.
        rest = sp.factor(sp.expand(difference.doit() / density.doit()))
        if rest != 0:
            rest = textwrap.shorten(Text().doprint(density * rest), 300, placeholder=" ...")
            raise DerivationError(
                f"does not follow from the line above: the integrands differ by {rest}, "
                "which SymPy cannot reduce to 0"
            )


def _integrands(line):
    """(x, A, B): the line is the integral of A over x, plus d/dphi of the integral of B over x."""
    if isinstance(line, Integral):
        over_line = line.limits in [((x, -oo, oo),) for x in (z, eps)]
        if over_line and line.free_symbols <= {phi} and not line.function.has(Integral):
            return line.variables[0], line.function, S.Zero
    elif isinstance(line, Derivative) and line.variables == (phi,):
        x, a, b = _integrands(line.expr)
        if b == 0:
            return x, S.Zero, a
    elif isinstance(line, Mul):
        integrals = [factor for factor in line.args if factor.has(Integral)]
        factor = Mul(*(factor for factor in line.args if not factor.has(Integral)))
        if len(integrals) == 1 and factor.free_symbols <= {phi}:
            x, a, b = _integrands(integrals[0])
            return x, factor * a - Derivative(factor, phi) * b, factor * b
    elif isinstance(line, Add):
        xs, a, b = zip(*map(_integrands, line.args), strict=True)
        if len(set(xs)) == 1:
            return xs[0], Add(*a), Add(*b)
    raise DerivationError(
        f"is not a combination of integrals over z or eps, and of their d/dphi: {line}"
    )


def _over_eps(integrand, x):
    """The integrand over eps for one over x: z = mu + sigma*eps and dz = sigma*deps."""
    integrand = integrand.doit()
    return integrand if x == eps else integrand.subs(z, Z) * sigma


# Has a line the right value?

EXAMPLE = {  # without symmetry, so that no term vanishes
    "r": lambda z: sp.sin(2 * z) + sp.exp(z / 2),
    "mu": lambda phi: sp.sin(phi) + S.Half,
    "sigma": lambda phi: (1 + phi**2) / 2,
}
PHI = 0.7
GRID = np.linspace(-12, 12, 1201)


@lru_cache
def _target():
    """dJ/dphi of the example: J by Gauss-Hermite quadrature in eps, then finite differences."""
    cost, mean, deviation = (lambdify(z, function(z), "numpy") for function in EXAMPLE.values())
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    weights = weights / weights.sum()
    return float(_slope(lambda at: weights @ cost(mean(at) + deviation(at) * nodes), PHI))


@lru_cache
def _value(line):
    """The value of the line in the example."""
    _integrands(line)  # nothing but a line has a value
    concrete = line.replace(
        lambda e: isinstance(e, AppliedUndef) and e.name in EXAMPLE,
        lambda e: EXAMPLE[e.name](*e.args),
    )
    with np.errstate(all="ignore"):  # nan and inf are wrong values
        return _as_function(concrete)(PHI)


def _as_function(line):
    """A line without undefined functions, as a numerical function of phi."""
    if isinstance(line, Integral):
        f = lambdify((*line.variables, phi), line.function.doit(), "numpy")
        return lambda at: np.trapezoid(f(GRID, at) + 0 * GRID, GRID)
    if not line.has(Integral):
        return lambdify(phi, line.doit(), "numpy")
    if isinstance(line, Derivative):
        f = _as_function(line.expr)
        return lambda at: _slope(f, at)
    parts = [_as_function(part) for part in line.args]
    combine = sum if isinstance(line, Add) else math.prod
    return lambda at: combine(f(at) for f in parts)


def _slope(f, at, h=1e-3):
    """f'(at) by central differences of fourth order."""
    return (8 * (f(at + h) - f(at - h)) - (f(at + 2 * h) - f(at - 2 * h))) / (12 * h)


# The derivations.


def _over(x, integrand):
    return Integral(integrand, (x, -oo, oo))


def _partial(f, x, point):
    """The partial derivative of f with respect to x, taken at a point."""
    return Subs(Derivative(f, x), x, point)


Z = mu + sigma * eps
r_prime = _partial(r(z), z, Z)

DEFINITION = Line(Derivative(_over(z, r(z) * q), phi), "definition: $J = E[r(Z)]$")
GAUSSIAN = (
    "$Z = μ + σε$ with $ε ∼ N(0, 1)$; $q_φ$ and $n$ are the densities of $Z$ and $ε$.",
    "$μ(φ)$ and $σ(φ) > 0$ are continuously differentiable.",
)


def score_function_identity():
    """dJ/dphi = E[r(Z) d/dphi log q(Z)]: the derivative falls on the density."""
    m, s = sp.symbols("mu sigma", positive=True)
    score_mu = _partial(log(Normal(z, m, sigma)), m, mu)
    score_sigma = _partial(log(Normal(z, mu, s)), s, sigma)
    scores = (z - mu) / sigma**2 * dmu + ((z - mu) ** 2 - sigma**2) / sigma**3 * dsigma
    lines = (
        DEFINITION,
        Line(_over(z, Derivative(r(z) * q, phi)), "differentiate under the integral sign"),
        Line(_over(z, r(z) * Derivative(q, phi)), "product rule: $r(z)$ does not depend on $φ$"),
        Line(_over(z, r(z) * q * Derivative(log(q), phi)), "log-derivative"),
        Line(
            _over(z, r(z) * q * (score_mu * dmu + score_sigma * dsigma)),
            "chain rule: $φ$ enters through $μ$ and $σ$",
        ),
        Line(_over(z, r(z) * q * scores), "the scores of the Gaussian"),
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
            Derivative(_over(eps, Subs(r(z) * q, z, Z) * sigma), phi),
            "change of variables: $z = μ + σε$, $dz = σ dε$",
        ),
        Line(Derivative(_over(eps, r(Z) * n), phi), "$σ q_φ(μ + σε) = n(ε)$: no $φ$ is left"),
        Line(_over(eps, Derivative(r(Z) * n, phi)), "differentiate under the integral sign"),
        Line(_over(eps, n * Derivative(r(Z), phi)), "product rule: $n(ε)$ does not depend on $φ$"),
        Line(_over(eps, r_prime * n * Derivative(Z, phi)), "chain rule"),
        Line(_over(eps, r_prime * n * (dmu + dsigma * eps)), "differentiate $z$ at fixed $ε$"),
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
        Line(_over(eps, r_prime * n * (dmu + dsigma * eps)), "the reparameterization identity"),
        Line(
            _over(z, Derivative(r(z), z) * q * (dmu + dsigma * (z - mu) / sigma)),
            "change of variables back: $ε = (z - μ)/σ$",
        ),
        Line(
            _over(z, Derivative(r(z), z) * q * v),
            "write $v(z)$ for $dz/dφ$ at fixed $ε$",
        ),
        Line(
            _over(z, Derivative(r(z) * q * v, z) - r(z) * Derivative(q * v, z)),
            "product rule",
        ),
        Line(
            -_over(z, r(z) * Derivative(q * v, z)),
            "integration by parts: $r q_φ v → 0$ as $|z| → ∞$",
            by_parts=r(z) * q * v,
        ),
        Line(
            _over(z, r(z) * Derivative(q, phi)),
            "mass is conserved: $∂q_φ/∂φ = -∂(q_φ v)/∂z$",
        ),
        Line(
            _over(z, r(z) * q * Derivative(log(q), phi)),
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
