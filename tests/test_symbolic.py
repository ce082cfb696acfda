"""The derivations pass, and no line can be changed without the check failing."""

import dataclasses
from math import cos, exp, sin

import numpy as np
import pytest
import sympy as sp
from scipy.integrate import quad
from sympy.core.function import AppliedUndef

from gradlib import symbolic
from gradlib.symbolic import Derivation, DerivationError, Line, eps, mu, phi, q, r, sigma, v, z

DERIVATIONS = {
    "score_function": symbolic.score_function_identity(),
    "reparameterization": symbolic.reparameterization_identity(),
    "bridge": symbolic.bridge(),
}
LINES = [
    pytest.param(name, i, id=f"{name}-{i}")
    for name, derivation in DERIVATIONS.items()
    for i in range(len(derivation.lines))
]
every_derivation = pytest.mark.parametrize("derivation", DERIVATIONS.values(), ids=DERIVATIONS)
every_line = pytest.mark.parametrize(("name", "i"), LINES)


@every_derivation
def test_derivation_passes(derivation):
    assert derivation.check().startswith(f"{len(derivation.lines)} lines checked")


# Each line, changed in every way that a slip of the pen could.


def mutations(expression):
    """(kind, mutant) for every node of the expression tree."""
    yield "sign", -expression
    yield "factor gained", 2 * expression
    yield "factor gained", sigma * expression
    for path, node in nodes(expression):
        if isinstance(node, sp.Mul):
            for k in range(len(node.args)):
                yield "factor lost", put(expression, path, without(node, k))
        if isinstance(node, sp.Add):
            for k, term in enumerate(node.args):
                yield "term lost", put(expression, path, without(node, k))
                yield "sign", put(expression, path, node - 2 * term)
        if isinstance(node, sp.Pow) and node.exp.is_Integer:
            yield "factor lost", put(expression, path, node / node.base)
            yield "factor gained", put(expression, path, node * node.base)


def nodes(expression, path=()):
    yield path, expression
    for k, argument in enumerate(expression.args):
        yield from nodes(argument, (*path, k))


def without(node, k):
    return node.func(*node.args[:k], *node.args[k + 1 :])


def put(expression, path, new):
    if not path:
        return new
    arguments = list(expression.args)
    arguments[path[0]] = put(arguments[path[0]], path[1:], new)
    return expression.func(*arguments)


@every_line
def test_every_mutation_of_every_line_is_caught(name, i):
    derivation = DERIVATIONS[name]
    original = derivation.lines[i].expression
    kinds = {"sign": 0, "factor gained": 0, "factor lost": 0, "term lost": 0}
    for kind, mutant in mutations(original):
        if mutant == original:
            continue  # counted nowhere, so that a kind without a real mutation is seen below
        kinds[kind] += 1
        with pytest.raises(DerivationError, match=r"line \d"):
            derivation.replace(i, mutant).check()
    assert kinds["sign"] and kinds["factor gained"] and kinds["factor lost"]
    assert bool(kinds["term lost"]) == original.has(sp.Add)


def test_mutator_reaches_every_factor_and_term():
    x, y = sp.symbols("x y")
    found = set(mutations(sp.sin(x * y) + y**2))
    assert ("factor lost", sp.sin(x) + y**2) in found
    assert ("factor lost", sp.sin(y) + y**2) in found
    assert ("factor lost", sp.sin(x * y) + y) in found
    assert ("term lost", y**2) in found
    assert ("sign", sp.sin(x * y) - y**2) in found


@pytest.mark.parametrize("multiple", [0, 2])
def test_total_derivative_that_integrates_to_zero_is_not_overlooked(multiple):
    bridge = symbolic.bridge()
    total = sp.Derivative(r(z) * q * v, z)
    line = next(line for line in bridge.lines if line.expression.has(total))
    i = bridge.lines.index(line)
    mutant = sp.Integral(line.expression.function + (multiple - 1) * total, (z, -sp.oo, sp.oo))
    assert value(mutant) == pytest.approx(value(line.expression), rel=1e-8)  # numbers cannot see it
    with pytest.raises(DerivationError, match=f"line {i + 1} .*does not follow"):
        bridge.replace(i, mutant).check()


@pytest.mark.parametrize("factor", [0, -1, 2, sigma])
def test_step_by_parts_needs_its_own_F(factor):
    bridge = symbolic.bridge()
    (i,) = [i for i, line in enumerate(bridge.lines) if line.by_parts != 0]
    lines = list(bridge.lines)
    lines[i] = dataclasses.replace(lines[i], by_parts=factor * lines[i].by_parts)
    with pytest.raises(DerivationError, match=f"line {i + 1} .*does not follow"):
        Derivation(tuple(lines), bridge.conditions).check()


@every_derivation
def test_empty_derivation_is_not_checked(derivation):
    with pytest.raises(DerivationError, match="nothing to check"):
        Derivation((), derivation.conditions).check()


@every_derivation
def test_consistent_change_of_all_lines_is_caught_by_the_numbers(derivation):
    doubled = [
        dataclasses.replace(line, expression=2 * line.expression, by_parts=2 * line.by_parts)
        for line in derivation.lines
    ]
    with pytest.raises(DerivationError, match=r"line 1 .*wrong value"):
        Derivation(tuple(doubled), derivation.conditions).check()


def test_first_line_is_caught_by_the_numbers():
    derivation = symbolic.score_function_identity()
    first = derivation.lines[0].expression
    with pytest.raises(DerivationError, match=r"line 1 .*wrong value"):
        derivation.replace(0, first.subs(r(z), 2 * r(z))).check()


# Whatever SymPy cannot decide or read has failed.


@every_derivation
def test_undecided_is_failed(derivation, monkeypatch):
    monkeypatch.setattr(sp, "factor", lambda difference: sp.Symbol("undecided"))
    with pytest.raises(DerivationError, match=r"line 2 .*undecided"):
        derivation.check()


@every_derivation
def test_error_inside_sympy_is_failed(derivation, monkeypatch):
    def factor(difference):
        raise RecursionError("too deep")

    monkeypatch.setattr(sp, "factor", factor)
    with pytest.raises(DerivationError, match=r"line 2 .*cannot be checked.*too deep"):
        derivation.check()


J = sp.Integral(r(z) * q, (z, -sp.oo, sp.oo))
x = sp.Symbol("x", real=True)
UNREADABLE = [
    sp.Integer(0),
    sp.Float(0.1245784220),
    sp.nan,
    sp.oo,
    sp.I,
    phi,
    r(z),
    J * J,
    1 / J,
    J + 1,
    r(z) * J,
    sp.sin(J),
    sp.Derivative(J, phi, phi),
    sp.Derivative(sp.Derivative(J, phi) + J, phi),
    sp.Derivative(sp.Integral(r(z + x) * q, (z, -sp.oo, sp.oo)), x),
    sp.Integral(r(z) * q, (z, 0, sp.oo)),
    sp.Integral(r(z) * q, z),
    sp.Integral(r(z) * q * x, (z, -sp.oo, sp.oo)),
    sp.Integral(r(x), (x, -sp.oo, sp.oo)),
    sp.Integral(r(z), (eps, -sp.oo, sp.oo)),
    sp.Integral(r(z) * sp.Function("unknown")(z), (z, -sp.oo, sp.oo)),
    sp.Integral(sp.Integral(q, (z, -sp.oo, sp.oo)) * r(z) * q, (z, -sp.oo, sp.oo)),
    sp.Integral(sp.nan, (z, -sp.oo, sp.oo)),
    sp.Integral(1, (z, -sp.oo, sp.oo)),
    sp.Integral(sp.exp(sp.exp(z**2)), (z, -sp.oo, sp.oo)),
    J + sp.Integral(r(eps), (eps, -sp.oo, sp.oo)),
]


@pytest.mark.filterwarnings("error")
@every_line
def test_unreadable_line_fails_with_a_clear_error(name, i):
    for expression in UNREADABLE:
        with pytest.raises(DerivationError, match=r"line \d"):
            DERIVATIONS[name].replace(i, expression).check()


def test_another_way_of_writing_a_line_passes():
    derivation = symbolic.score_function_identity()
    expanded = sp.expand(-((z - mu) ** 2) / (2 * sigma**2))
    density = sp.exp(expanded) / sp.sqrt(2 * sp.pi * sigma**2)
    line = sp.Integral(r(z) * density.diff(phi), (z, -sp.oo, sp.oo))
    assert derivation.replace(2, line).check() == derivation.check()
    halves = sp.Integral(r(z) * q / 2, (z, -sp.oo, sp.oo))
    line = sp.Derivative(halves, phi) + sp.Integral(r(z) * sp.Derivative(q, phi) / 2, J.limits[0])
    assert derivation.replace(1, line).check() == derivation.check()


def test_message_names_line_reason_and_difference():
    derivation = symbolic.score_function_identity()
    with pytest.raises(ValueError) as caught:
        derivation.replace(2, -derivation.lines[2].expression).check()
    message = str(caught.value)
    assert message.startswith("line 3 (product rule: r(z) does not depend on φ) does not follow")
    assert "r(z) q(z)" in message


# Independent of the checker: every line is the gradient, for another cost and another phi.


def concrete(expression):
    functions = {
        "r": lambda t: t**3 + sp.cos(2 * t),
        "mu": lambda t: t**2 - sp.Rational(1, 3),
        "sigma": lambda t: sp.exp(t / 3),
    }
    return expression.replace(
        lambda e: isinstance(e, AppliedUndef), lambda e: functions[type(e).__name__](*e.args)
    )


def value(expression, at=0.4):
    expression = concrete(expression)
    if isinstance(expression, sp.Mul):
        return np.prod([value(factor, at) for factor in expression.args])
    if isinstance(expression, sp.Integral):
        f = sp.lambdify((*expression.variables, phi), expression.function.doit(), "math")
        return quad(f, -15, 15, args=(at,), epsabs=1e-12, epsrel=1e-12, limit=200)[0]
    if isinstance(expression, sp.Derivative):
        h = 1e-2
        values = [value(expression.expr, at + k * h) for k in (-3, -2, -1, 1, 2, 3)]
        return np.dot(values, [-1, 9, -45, 45, -9, 1]) / (60 * h)
    return float(expression)


def true_gradient(at=0.4):
    """By hand: J = mu^3 + 3 mu sigma^2 + cos(2 mu) exp(-2 sigma^2)."""
    m, s, dm, ds = at**2 - 1 / 3, exp(at / 3), 2 * at, exp(at / 3) / 3
    damped = exp(-2 * s**2)
    dJ_dmu = 3 * m**2 + 3 * s**2 - 2 * sin(2 * m) * damped
    dJ_dsigma = 6 * m * s - 4 * s * cos(2 * m) * damped
    return dJ_dmu * dm + dJ_dsigma * ds


@every_line
def test_every_line_is_the_gradient_of_another_cost(name, i):
    assert value(DERIVATIONS[name].lines[i].expression) == pytest.approx(true_gradient(), rel=1e-8)


def test_the_bridge_joins_the_two_identities():
    score, pathwise, bridge = (
        [line.expression for line in DERIVATIONS[name].lines]
        for name in ("score_function", "reparameterization", "bridge")
    )
    assert bridge[0] == pathwise[-1]
    assert bridge[-1] in score


def test_the_integrands_differ_by_a_total_derivative():
    """E2's integrand minus E1's is +d/dz[r q dz/dphi]."""
    velocity = mu.diff(phi) + sigma.diff(phi) * (z - mu) / sigma
    density = sp.exp(-((z - mu) ** 2) / (2 * sigma**2)) / (sp.sqrt(2 * sp.pi) * sigma)
    pathwise = r(z).diff(z) * velocity * density
    score = r(z) * density.diff(phi)
    total = (r(z) * density * velocity).diff(z)
    assert sp.simplify((pathwise - score - total) / density) == 0
    by_parts = [line.by_parts for line in symbolic.bridge().lines if line.by_parts != 0]
    assert sp.simplify(by_parts[0].doit() - r(z) * density * velocity) == 0


# The object.


def test_replace_gives_a_copy():
    derivation = symbolic.bridge()
    changed = derivation.replace(4, 2 * derivation.lines[4].expression)
    assert changed.lines[4].expression == 2 * derivation.lines[4].expression
    assert changed.lines[4].reason == derivation.lines[4].reason
    assert changed.lines[4].by_parts == derivation.lines[4].by_parts != 0
    assert changed.lines[:4] + changed.lines[5:] == derivation.lines[:4] + derivation.lines[5:]
    assert derivation == symbolic.bridge()
    assert derivation.replace(-1, 0).lines[-1].expression == 0


@pytest.mark.parametrize("i", [6, -7, 1.0, "0", None, slice(2)])
def test_replace_names_a_bad_index(i):
    with pytest.raises(IndexError, match="from 0 to 5; received"):
        symbolic.score_function_identity().replace(i, sp.Integer(1))


@pytest.mark.parametrize("bad", ["r(z)", None, [1], sp.Eq(z, 1), sp.Matrix([1]), object(), True])
def test_replace_names_a_bad_expression(bad):
    with pytest.raises(ValueError, match="must be a SymPy expression; received"):
        symbolic.score_function_identity().replace(0, bad)


@every_derivation
def test_latex_is_compact_and_complete(derivation):
    latex = derivation._repr_latex_()
    assert latex.count("{") == latex.count("}")
    assert latex.startswith("$") and latex.endswith("$") and latex.count("$") == 2
    for k in range(1, len(derivation.lines) + 1):
        assert f"({k})" in latex
    for spelt_out in ("Subs", "operatorname", "left. ", "mathrm", r"\phi \right", "xi"):
        assert spelt_out not in latex
    for words in (*derivation.conditions, *(line.reason for line in derivation.lines)):
        assert words.split("$")[0] in latex


def test_text_reads_like_the_page():
    text = repr(symbolic.score_function_identity())
    assert "(4)        = ∫ r(z) q(z) ∂/∂φ log q(z) dz\n             log-derivative" in text
    assert "Conditions" in text and "$" not in text
    text = repr(symbolic.reparameterization_identity())
    assert "= ∫ r'(μ + σ ε) n(ε) [μ' + σ' ε] dε" in text


def test_any_replaced_line_can_be_shown():
    derivation = symbolic.score_function_identity()
    for expression in UNREADABLE:
        shown = derivation.replace(3, expression)
        assert shown._repr_latex_() and repr(shown)


def test_a_derivation_can_be_written_by_anyone():
    above, below = symbolic.score_function_identity().lines[2:4]
    own = Derivation((above, Line(below.expression, "my step")), ())
    assert own.check().startswith("2 lines checked")
