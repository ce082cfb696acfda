"""Derivations whose every line is checked, for any cost r(z) and any mu(phi), sigma(phi).

r, mu and sigma are undefined functions. The lines of a derivation are data, typed out in
`symbolic` and `theorem`; the rules here, which check them, know nothing of them. Each line is
asked two questions:

- Does it follow from the line above, whatever r, mu and sigma are? SymPy compares the integrands:
  they must be equal, or differ by the dF/dz of the F that a step by parts carries.
- Has it the right value for one concrete r, mu and sigma? Quadrature of the line is compared with
  a value that owes nothing to the lines, such as finite differences of J.

What no machine checks here is said in words, in `conditions`: that derivative and integral may
be exchanged, and that boundary terms vanish.
"""

import dataclasses
import math
import operator
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import sympy as sp
from sympy import Add, Derivative, Expr, Integral, Mul, S, Tuple, lambdify, oo
from sympy.core.function import AppliedUndef

from gradlib.symbolic.notation import (
    ExpectationLatex,
    ExpectationText,
    Latex,
    Normal,
    Text,
    Z,
    eps,
    eps_i,
    eps_j,
    phi,
    q,
    sigma,
    z,
)


class DerivationError(ValueError):
    """A line that does not follow from the one above it, or has the wrong value."""


@dataclass(frozen=True)
class Line:
    """An expression, and the step that leads to it from the line above.

    `expression` is a linear combination of integrals over z, over eps or over (eps_i, eps_j), from
    -oo to oo, and of their derivatives d/dphi. `by_parts` is the F of a step by parts: the
    integrand above is this line's integrand plus dF/dz (dF/deps). Over two variables it is a pair,
    an F for each. In `reason`, formulas stand between dollar signs.
    """

    expression: Expr
    reason: str
    by_parts: Expr | tuple = S.Zero


@dataclass(frozen=True)
class Claim:
    """What every line of a derivation is equal to.

    `name` is for messages, `text` and `latex` stand to the left of line 1. `value()` finds its
    value in the `EXAMPLE` without using any line.
    """

    name: str
    text: str
    latex: str
    value: Callable


def _slope_of_J():
    """dJ/dphi of the example: J by Gauss-Hermite quadrature in eps, then finite differences."""
    cost, mean, deviation = (lambdify(z, EXAMPLE[name](z)) for name in ("r", "mu", "sigma"))
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    weights = weights / weights.sum()
    return float(_slope(lambda at: weights @ cost(mean(at) + deviation(at) * nodes), PHI))


GRADIENT = Claim("dJ/dphi", "dJ/dφ", r"\frac{dJ}{d\phi}", _slope_of_J)


@dataclass(frozen=True)
class Derivation:
    """Lines that are all equal to what is claimed, and the conditions, in words, for that.

    With `expectations`, E[f] is printed for the integral of f n(eps), and r for r(Z).
    """

    lines: tuple
    conditions: tuple
    claim: Claim = GRADIENT
    expectations: bool = False

    def check(self):
        """Check every line, and say so; raise DerivationError on the first that is wrong.

        Line 1 is the starting point and only its value is checked. Every other line must also
        follow from the one above; what SymPy cannot decide has failed.
        """
        if not self.lines:
            raise DerivationError("a derivation without lines has nothing to check")
        target = _target(self.claim)
        for number, line in enumerate(self.lines, start=1):
            try:
                if number > 1:
                    _must_follow(self.lines[number - 2].expression, line)
                value = _value(line.expression)
                if not abs(value - target) <= 1e-9 * abs(target):
                    raise DerivationError(
                        f"has the wrong value: {value:.10g} in the numerical example, "
                        f"where {self.claim.name} is {target:.10g}"
                    )
            except Exception as error:  # a line can be any expression
                known = isinstance(error, DerivationError)
                fault = error if known else f"cannot be checked: {error!r}"
                raise DerivationError(
                    f"line {number} ({Text().sentence(line.reason)}) {fault}"
                ) from None
        return (
            f"{len(self.lines)} lines checked: each follows from the one above, and each equals "
            f"{self.claim.name} = {target:.6f} in a numerical example."
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
        text = ExpectationText() if self.expectations else Text()
        left = self.claim.text
        rows = [
            f"({number})  {left if number == 1 else '':{len(left)}} = "
            f"{text.doprint(line.expression)}\n{'':{8 + len(left)}}{text.sentence(line.reason)}"
            for number, line in enumerate(self.lines, start=1)
        ]
        rows += ["Conditions:", *(f"  - {text.sentence(words)}" for words in self.conditions)]
        return "\n".join(rows)

    def _repr_latex_(self):
        latex = ExpectationLatex() if self.expectations else Latex()
        left = [rf"\quad {self.claim.latex}"] + [""] * (len(self.lines) - 1)
        rows = r" \\[1ex] ".join(
            rf"\displaystyle ({i + 1}) {left[i]} & \displaystyle = "
            rf"{latex.in_rows(line.expression)} & \small {latex.sentence(line.reason)}"
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
    F = line.by_parts if isinstance(line.by_parts, tuple) else (line.by_parts, 0)[: len(y)]
    c = c + Add(*(sp.diff(f, e) for f, e in zip(F, y, strict=True)))
    if x == y:
        differences = [a + Derivative(b, phi) - c - Derivative(d, phi)]
    else:  # d/dphi means one thing at fixed z, another at fixed eps: substitute beneath it
        differences = [_over_eps(a, x) - _over_eps(c, y), _over_eps(b, x) - _over_eps(d, y)]
    density = q if x == y == (z,) else Mul(*(Normal(e, 0, 1) for e in (y if y != (z,) else x)))
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
    """(x, A, B): the line is the integral of A over x, plus d/dphi of the integral of B over x.

    x is a tuple of variables.
    """
    if isinstance(line, Integral):
        over_line = line.limits in [
            tuple(Tuple(e, -oo, oo) for e in x) for x in ((z,), (eps,), (eps_i, eps_j))
        ]
        if over_line and line.free_symbols <= {phi} and not line.function.has(Integral):
            return tuple(line.variables), line.function, S.Zero
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
    return integrand.subs(z, Z) * sigma if x == (z,) else integrand


# Has a line the right value?

EXAMPLE = {  # without symmetry, so that no term vanishes
    "r": lambda z, w=0: sp.sin(2 * z + w) + sp.exp(z / 2 - w / 3),
    "mu": lambda phi: sp.sin(phi) + S.Half,
    "sigma": lambda phi: (1 + phi**2) / 2,
    "mu_i": lambda phi: phi - S.Half,
    "mu_j": lambda phi: sp.cos(phi),
    "sigma_i": lambda phi: 1 / (1 + phi),
    "sigma_j": lambda phi: sp.exp(-phi / 3),
}
PHI = 0.7
GRID = np.linspace(-12, 12, 241)


def example(expression):
    """The expression in the example, still a function of phi."""
    return expression.replace(
        lambda e: isinstance(e, AppliedUndef) and e.name in EXAMPLE,
        lambda e: EXAMPLE[e.name](*e.args),
    )


@lru_cache
def _target(claim):
    return claim.value()


@lru_cache
def _value(line):
    """The value of the line in the example."""
    _integrands(line)  # nothing but a line has a value
    with np.errstate(all="ignore"):  # nan and inf are wrong values
        return _as_function(example(line))(PHI)


@lru_cache(1000)
def _as_function(line):
    """A line without undefined functions, as a numerical function of phi."""
    if isinstance(line, Integral):
        f = lambdify((*line.variables, phi), line.function.doit(), "numpy")
        grids = np.meshgrid(*[GRID] * len(line.variables))
        cell = (GRID[1] - GRID[0]) ** len(grids)  # the trapezoid rule: nothing is left at the ends
        return lambda at: np.sum(f(*grids, at) + 0 * grids[0]) * cell
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
