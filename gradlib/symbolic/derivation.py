"""Derivations whose every line is checked, for any cost r(z) and any mu(phi), sigma(phi).

r, mu and sigma are undefined functions. The lines of a derivation are data, typed out in
`symbolic` and `theorem`; the rules here, which check them, know nothing of them. Each line is
asked two questions:

- Is it equal to the line above, whatever r, mu and sigma are? SymPy compares the integrands: they
  must be equal, or differ by the dF/dz of the F that a step by parts carries.
- Has it the right value for concrete r, mu and sigma? Quadrature of the line is compared with a
  value that owes nothing to the lines, such as finite differences of J, in one fixed example and in
  random ones. Line 1 rests on this alone.

Every integrand, and every F, must be the density times a polynomial in z (eps), r and its
derivatives. So nothing hides between the points of a grid or beyond them, and F vanishes at both
ends if its moments are finite.

What no machine checks here is said in words: the reason of a step (equality is checked, not why),
and in `conditions` that derivative and integral may be exchanged and that the means are finite.
"""

import dataclasses
import math
import operator
import textwrap
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import sympy as sp
from sympy import Add, Derivative, Expr, Integral, Mul, S, Tuple, lambdify, oo
from sympy.core.function import AppliedUndef

from gradlib.arguments import shorten
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
    -oo to oo, and of their derivatives d/dphi. Other names for the variables will do. `by_parts` is
    the F of a step by parts: the integrand above is this line's integrand plus dF/dz (dF/deps).
    Over two variables it is a pair, an F for each. In `reason`, formulas stand between dollars.
    """

    expression: Expr
    reason: str
    by_parts: Expr | tuple = S.Zero


@dataclass(frozen=True)
class Claim:
    """What every line of a derivation is equal to.

    `name` is for messages, `text` and `latex` stand to the left of line 1. `value(setting)` finds
    its value in the `EXAMPLE` without using any line; a setting has numbers for `CONSTANTS`.
    """

    name: str
    text: str
    latex: str
    value: Callable


def _slope_of_J(setting):
    """dJ/dphi of the example: J by Gauss-Hermite quadrature in eps, then finite differences."""
    cost, mean, deviation = (in_numbers(name, z) for name in ("r", "mu", "sigma"))
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    weights = weights / weights.sum()

    def J(phi, *rest):
        at = phi, *rest
        return weights @ cost(mean(phi, *at) + deviation(phi, *at) * nodes, *at)

    return float(_slope(J, setting))


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

        Line 1 is the starting point and only its values are checked. Every other line must also be
        equal to the one above; what SymPy cannot decide has failed, such as a domain that is split
        or eps in place of -eps. It is equality that is checked, not the reason that a line states.
        """
        if not self.lines:
            raise DerivationError("a derivation without lines has nothing to check")
        with np.errstate(all="ignore"):  # nan and inf are wrong values
            targets = {setting: self._target(setting) for setting in (FIXED, *_random_settings())}
            for number, line in enumerate(self.lines, start=1):
                try:
                    if number > 1:
                        _must_equal(self.lines[number - 2].expression, line)
                    for setting, target in targets.items():
                        _must_have_value(line.expression, setting, self.claim.name, target)
                except Exception as error:  # a line can be any expression
                    known = isinstance(error, DerivationError)
                    fault = error if known else f"cannot be checked: {error!r}"
                    raise DerivationError(
                        f"line {number} ({Text().sentence(line.reason)}) {fault}"
                    ) from None
        return (
            f"{len(self.lines)} lines checked: each is equal to the one above, and each equals "
            f"{self.claim.name} = {targets[FIXED]:.6f} in a numerical example, and in random ones."
        )

    def _target(self, setting):
        try:
            target = float(self.claim.value(setting))
        except Exception as error:
            raise DerivationError(f"{self.claim.name} has no value to check: {error!r}") from None
        if not math.isfinite(target):
            raise DerivationError(f"{self.claim.name} must have a finite value; received {target}")
        return target

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
            raise IndexError(
                f"i must be an integer from 0 to {last}; received {shorten(i)}"
            ) from None
        try:
            new = sp.sympify(expression, strict=True)
        except (sp.SympifyError, TypeError):  # a TypeError for classes
            new = None
        if not (isinstance(new, Expr) and new.is_scalar):
            raise ValueError(
                f"expression must be a SymPy expression; received {shorten(expression)}"
            )
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


# Is a line equal to the one above?


def _must_equal(above, line):
    x, a, b = _integrands(above)
    y, c, d = _integrands(line.expression)
    F = line.by_parts if isinstance(line.by_parts, tuple) else (line.by_parts, 0)[: len(y)]
    for f in F:
        _over_density(f, y)
    c = c + Add(*(sp.diff(f, e) for f, e in zip(F, y, strict=True)))
    if x == y:
        differences = [a + Derivative(b, phi) - c - Derivative(d, phi)]
    else:  # d/dphi means one thing at fixed z, another at fixed eps: substitute beneath it
        differences = [_over_eps(a, x) - _over_eps(c, y), _over_eps(b, x) - _over_eps(d, y)]
        y = y if y != (z,) else x
    for difference in differences:
        rest = sp.factor(_quotient(difference, y))
        if rest != 0:
            rest = textwrap.shorten(Text().doprint(_density(y) * rest), 300, placeholder=" ...")
            raise DerivationError(
                f"does not follow from the line above: the integrands differ by {rest}, "
                "which SymPy cannot reduce to 0"
            )


VARIABLES = (z,), (eps,), (eps_i, eps_j)


def _density(x):
    return q if x == (z,) else Mul(*(Normal(e, 0, 1) for e in x))


def _quotient(integrand, x):
    """The integrand, divided by its density: rational in z, r, mu, ..., so that factor decides."""
    return sp.expand(sp.sympify(integrand).doit() / _density(x).doit())


@lru_cache(1000)
def _over_density(integrand, x):
    """DerivationError unless it is the density times a polynomial in x, r and its derivatives."""
    rest = _quotient(integrand, x)
    costs = [e for e in rest.atoms(AppliedUndef, Derivative, sp.Subs) if e.has(*x)]
    names = {e: sp.Dummy() for e in sorted(costs, key=sp.count_ops, reverse=True)}
    rest = rest.xreplace(names)
    if not rest.is_polynomial(*x, *names.values()):
        raise DerivationError(
            "cannot be checked: expected integrands, and F of a step by parts, that are the "
            f"density times a polynomial in {', '.join(map(str, x))}, r and its derivatives; "
            f"received {textwrap.shorten(Text().doprint(integrand), 200, placeholder=' ...')}"
        )


@lru_cache(1000)
def _integrands(line):
    """(x, A, B): the line is the integral of A over x, plus d/dphi of the integral of B over x.

    x is a tuple of variables.
    """
    if isinstance(line, Integral):
        integrand, names = line.function, line.variables
        whole = sorted(line.limits, key=str) == [Tuple(e, -oo, oo) for e in sorted(names, key=str)]
        if whole and line.free_symbols <= {phi} and not integrand.has(Integral):
            if set(names) in map(set, VARIABLES):
                x = tuple(sorted(names, key=str))
                _over_density(integrand, x)
                return x, integrand, S.Zero
            for x in VARIABLES:  # a variable by another name: which one, its density tells
                if len(x) == len(names):
                    renamed = integrand.xreplace(dict(zip(names, x, strict=True)))
                    with suppress(DerivationError):
                        _over_density(renamed, x)
                        return x, renamed, S.Zero
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

CONSTANTS = (phi, *sp.symbols("a b c d h", cls=sp.Dummy, positive=True))
_, a, b, c, d, _ = CONSTANTS  # h is the step of the grid on which lines are integrated
EXAMPLE = {  # without symmetry, so that no term vanishes
    "r": lambda z, w=0: sp.sin(a * z + w) + sp.exp(b * z - w / 3),
    "mu": lambda phi: sp.sin(phi) + c,
    "sigma": lambda phi: (d + phi**2) / 2,
    "mu_i": lambda phi: phi - c,
    "mu_j": lambda phi: sp.cos(d * phi),
    "sigma_i": lambda phi: 1 / (d + phi),
    "sigma_j": lambda phi: sp.exp(-phi / 3),
}
FIXED = (0.7, 2.0, 0.5, 0.5, 1.0, 0.2)
GRID = np.arange(-80, 81)
TOLERANCE = 3e-13  # of 1 + |value|; rounding makes less than 1e-13


def _random_settings(count=2):
    """Other ones each time, so that no line can be made for them."""
    factors = np.random.default_rng().uniform(0.8, 1.2, (count, len(FIXED)))
    return list(map(tuple, (factors * FIXED).tolist()))


@lru_cache(1000)
def example(expression):
    """The expression in the example, still a function of the constants."""
    return expression.replace(
        lambda e: isinstance(e, AppliedUndef) and e.name in EXAMPLE,
        lambda e: EXAMPLE[e.name](*e.args),
    )


@lru_cache
def in_numbers(name, *variables):
    """A function of the example, of its variables and a setting."""
    return lambdify((*variables, *CONSTANTS), EXAMPLE[name](*variables), "numpy")


def _must_have_value(line, setting, name, target):
    _integrands(line)  # nothing but a line has a value
    value = _as_function(example(line))(*setting)
    if not abs(value - target) <= TOLERANCE * (1 + abs(target)):
        raise DerivationError(
            f"has the wrong value: {value:.10g} in a numerical example, where {name} is "
            f"{target:.10g}"
        )


@lru_cache(1000)
def _as_function(line):
    """A line without undefined functions, as a numerical function of a setting."""
    if isinstance(line, Integral):
        f = lambdify((*line.variables, *CONSTANTS), line.function.doit(), "numpy")

        def integral(*setting):  # the trapezoid rule: nothing is left at the ends
            step = setting[-1]
            grids = np.meshgrid(*[step * GRID] * len(line.variables))
            return np.sum(f(*grids, *setting) + 0 * grids[0]) * step ** len(grids)

        return integral
    if not line.has(Integral):
        return lambdify(CONSTANTS, line.doit(), "numpy")
    if isinstance(line, Derivative):
        f = _as_function(line.expr)
        return lambda *setting: _slope(f, setting)
    parts = [_as_function(part) for part in line.args]
    combine = sum if isinstance(line, Add) else math.prod
    return lambda *setting: combine(f(*setting) for f in parts)


def _slope(f, setting, h=0.015):
    """df/dphi by central differences of tenth order."""
    phi, *rest = setting
    weights = (5 / 6, -5 / 21, 5 / 84, -5 / 504, 1 / 1260)
    differences = [f(phi + k * h, *rest) - f(phi - k * h, *rest) for k in range(1, 6)]
    return sum(map(operator.mul, weights, differences)) / h
