"""The derivations pass, and no line can be changed without the check failing."""

import dataclasses
from math import cos, exp, sin

import numpy as np
import pytest
import reference
import sympy as sp
from sympy.core.function import AppliedUndef

from gradlib import (
    Cost,
    Gaussian,
    exact_covariance,
    exact_mean,
    pathwise,
    score_function,
    symbolic,
)
from gradlib.symbolic import Derivation, DerivationError, Line, eps, phi, q, r, v, z
from gradlib.symbolic import mu_of_phi as mu
from gradlib.symbolic import sigma_of_phi as sigma
from gradlib.symbolic.derivation import FIXED, GRADIENT, Claim
from gradlib.symbolic.notation import (
    Z,
    Z_i,
    Z_j,
    eps_i,
    eps_j,
    mu_i,
    mu_j,
    n,
    over,
    sigma_i,
    sigma_j,
)

IDENTITIES = {
    "score_function": symbolic.score_function_identity(),
    "reparameterization": symbolic.reparameterization_identity(),
    "bridge": symbolic.bridge(),
}
ENTRIES = ("phi", "mu", "mu, sigma", "sigma", "mu_i", "mu_i, mu_j", "kernel")
GAPS = {f"gap {entry}": symbolic.gap_theorem(entry) for entry in ENTRIES}
CONVEX = {f"convex {entry}": symbolic.convex_corollary(entry) for entry in ("mu", "sigma")}
DERIVATIONS = IDENTITIES | GAPS | CONVEX


def lines_of(derivations):
    return pytest.mark.parametrize(
        ("name", "i"),
        [
            pytest.param(name, i, id=f"{name}-{i}")
            for name, derivation in derivations.items()
            for i in range(len(derivation.lines))
        ],
    )


every_derivation = pytest.mark.parametrize("derivation", DERIVATIONS.values(), ids=DERIVATIONS)
every_line = lines_of(DERIVATIONS)


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


def real_mutations(original):
    """The mutants that differ from the original, once each; every kind must be among them."""
    found = [(kind, mutant) for kind, mutant in mutations(original) if mutant != original]
    kinds = {kind for kind, _ in found}
    assert kinds >= {"sign", "factor gained", "factor lost"}
    assert ("term lost" in kinds) == original.has(sp.Add)
    return list(dict.fromkeys(mutant for _, mutant in found))


def replaced(derivation, i, expression):
    """Another expression in line i, and the line above, if any: the others have no part in it."""
    changed = derivation.replace(i, expression)
    return dataclasses.replace(changed, lines=changed.lines[max(i - 1, 0) : i + 1])


@lines_of(IDENTITIES)
@pytest.mark.slow
def test_every_mutation_of_every_line_is_caught(name, i):
    derivation = DERIVATIONS[name]
    for mutant in real_mutations(derivation.lines[i].expression):
        with pytest.raises(DerivationError, match=f"line {1 + (i > 0)} "):
            replaced(derivation, i, mutant).check()


REFLECTED = {mu - sigma * eps: Z, mu_i - sigma_i * eps_i: Z_i, mu_j - sigma_j * eps_j: Z_j}
UNREAD = "is not a combination|cannot be checked"


@lines_of(GAPS | CONVEX)
@pytest.mark.slow
def test_either_check_alone_catches_every_mutation_of_a_gap(name, i):
    derivation = DERIVATIONS[name]
    original = derivation.lines[i].expression
    mutants = real_mutations(original)
    for mutant in mutants[:: len(mutants) // 8 + 1]:  # all of them take minutes, and are caught
        if i > 0:  # SymPy is asked first, so that its verdict is the one in the message
            with pytest.raises(DerivationError, match=f"line 2 .*(does not follow|{UNREAD})"):
                replaced(derivation, i, mutant).check()
        if mutant.xreplace(REFLECTED) == original:
            continue  # eps and -eps have the same law: the value is right, the line is not
        alone = dataclasses.replace(derivation, lines=(Line(mutant, ""),))
        with pytest.raises(DerivationError, match=f"line 1 .*(has the wrong value|{UNREAD})"):
            alone.check()


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


def times(factor, by_parts):
    if isinstance(by_parts, tuple):
        return tuple(factor * F for F in by_parts)
    return factor * by_parts


@every_derivation
@pytest.mark.slow
def test_step_by_parts_needs_its_own_F(derivation):
    steps = [i for i, line in enumerate(derivation.lines) if line.by_parts != 0]
    assert steps or derivation in list(IDENTITIES.values())[:2]
    for i in steps:
        above, line = derivation.lines[i - 1 : i + 1]
        for factor in (0, -1, 2, sigma):
            wrong = dataclasses.replace(line, by_parts=times(factor, line.by_parts))
            with pytest.raises(DerivationError, match=r"line 2 .*does not follow"):
                dataclasses.replace(derivation, lines=(above, wrong)).check()


def test_step_by_parts_needs_its_own_coordinate():
    gap = symbolic.gap_theorem("mu_i, mu_j")
    first, second, _ = gap.lines
    F, zero = second.by_parts
    assert F != 0 and zero == 0
    for by_parts, fault in (((0, F), "does not follow"), ((F, 0, 0), "cannot be checked")):
        wrong = dataclasses.replace(second, by_parts=by_parts)
        with pytest.raises(DerivationError, match=f"line 2 .*{fault}"):
            dataclasses.replace(gap, lines=(first, wrong)).check()


@every_derivation
def test_empty_derivation_is_not_checked(derivation):
    with pytest.raises(DerivationError, match="nothing to check"):
        Derivation((), derivation.conditions).check()


@every_derivation
def test_consistent_change_of_all_lines_is_caught_by_the_numbers(derivation):
    doubled = [
        dataclasses.replace(line, expression=2 * line.expression, by_parts=times(2, line.by_parts))
        for line in derivation.lines
    ]
    with pytest.raises(DerivationError, match=r"line 1 .*wrong value"):
        dataclasses.replace(derivation, lines=tuple(doubled)).check()


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
@lines_of(IDENTITIES | {"gap mu": GAPS["gap mu"], "gap mu_i": GAPS["gap mu_i"]})
@pytest.mark.slow
def test_unreadable_line_fails_with_a_clear_error(name, i):
    for expression in UNREADABLE:
        with pytest.raises(DerivationError, match=f"line {1 + (i > 0)} "):
            replaced(DERIVATIONS[name], i, expression).check()


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


# The check cannot be fooled by what vanishes at the tested points, and depends on no name.

WHOLE = (z, -sp.oo, sp.oo)


def density(t):
    return q.func(t, mu, sigma)


@pytest.mark.parametrize(
    ("term", "F"),
    [
        ((phi - sp.Rational(7, 10)) * sp.exp(-(z**2)), sp.sqrt(sp.pi) / 2 * sp.erf(z)),
        (sp.exp(-((z - 50) ** 2)), sp.sqrt(sp.pi) / 2 * sp.erf(z - 50)),
        (sp.sin(10 * sp.pi * z) ** 2 * sp.exp(-(z**2)), None),
        (sp.Float(1e-12) * sp.exp(-(z**2)), sp.sqrt(sp.pi) * sp.erf(z) / 2e12),
        ((phi - sp.Rational(7, 10)) * q, None),
        (sp.Float(1e-12) * q, None),
    ],
    ids=str,
)
def test_term_that_hides_from_the_numbers_is_caught(term, F):
    """Added to the first line, to all lines, and to the lines before a step with its F."""
    derivation = symbolic.score_function_identity()
    extra = sp.Integral(term, WHOLE)
    first = derivation.replace(0, derivation.lines[0].expression + extra)
    everywhere = dataclasses.replace(
        derivation,
        lines=tuple(
            dataclasses.replace(line, expression=line.expression + extra)
            for line in derivation.lines
        ),
    )
    for fooled in (first, everywhere):
        with pytest.raises(DerivationError, match=r"line 1 .*(wrong value|cannot be checked)"):
            fooled.check()
    if F is not None:
        F = (phi - sp.Rational(7, 10)) * F if term.has(phi) else F
        line = derivation.lines[1]
        step = Line(line.expression + extra, "with its F", by_parts=-F)
        with pytest.raises(DerivationError, match="line 2"):
            dataclasses.replace(derivation, lines=(derivation.lines[0], step)).check()


def test_polynomial_that_vanishes_at_every_point_of_the_fixed_grid_is_caught():
    points = FIXED[-1] * np.arange(-20, 21)
    term = sp.Mul(*(z - sp.Float(point) for point in points)) * q
    derivation = symbolic.score_function_identity()
    with pytest.raises(DerivationError, match=r"line 1"):
        derivation.replace(0, derivation.lines[0].expression + sp.Integral(term, WHOLE)).check()


@pytest.mark.parametrize("target", [float("inf"), float("nan"), None, "1"])
def test_claim_needs_a_finite_value(target):
    claim = dataclasses.replace(GRADIENT, value=lambda *setting: target)
    with pytest.raises(DerivationError, match="finite value|no value to check|wrong value"):
        dataclasses.replace(symbolic.bridge(), claim=claim).check()
    with pytest.raises(DerivationError, match="no value to check"):
        claim = Claim("J", "J", "J", value=lambda: target)
        dataclasses.replace(symbolic.bridge(), claim=claim).check()


def test_variables_may_have_other_names():
    t, w = sp.symbols("t w")
    identity, plane = symbolic.score_function_identity(), symbolic.gap_theorem("mu_i")
    line = sp.Integral(r(t) * sp.Derivative(density(t), phi), (t, -sp.oo, sp.oo))
    assert identity.replace(2, line).check() == identity.check()
    other = symbolic.reparameterization_identity()
    line = other.lines[-1].expression.function.xreplace({eps: t})
    assert other.replace(-1, sp.Integral(line, (t, -sp.oo, sp.oo))).check() == other.check()

    def renamed(f, *limits):
        return sp.Integral(f.xreplace({eps_i: t, eps_j: w}), (t, *WHOLE[1:]), (w, *WHOLE[1:]))

    def swapped(f, *limits):
        return sp.Integral(f, *reversed(limits))

    for change in (renamed, swapped):
        line = plane.lines[-1].expression.replace(sp.Integral, change)
        assert line != plane.lines[-1].expression
        assert plane.replace(-1, line).check() == plane.check()


def test_what_is_not_decided_is_refused():
    derivation = symbolic.score_function_identity()
    f = derivation.lines[2].expression.function
    split = sp.Integral(f, (z, -sp.oo, 0)) + sp.Integral(f, (z, 0, sp.oo))
    with pytest.raises(DerivationError, match="line 3"):
        derivation.replace(2, split).check()


def test_numpy_set_to_raise_does_not_matter():
    with np.errstate(all="raise"):
        for derivation in DERIVATIONS.values():
            derivation.check()


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
    if isinstance(expression, sp.Mul | sp.Add):
        combine = np.prod if expression.is_Mul else np.sum
        return combine([value(part, at) for part in expression.args])
    if isinstance(expression, sp.Integral):
        f = sp.lambdify((*expression.variables, phi), expression.function.doit())
        points, weights = reference.gauss_rule(np.linspace(-15, 15, 61))
        return weights @ f(points, at)
    if isinstance(expression, sp.Derivative) and expression.has(sp.Integral):
        h = 1e-2
        values = [value(expression.expr, at + k * h) for k in (-3, -2, -1, 1, 2, 3)]
        return np.dot(values, [-1, 9, -45, 45, -9, 1]) / (60 * h)
    return float(expression.doit().subs(phi, at))


def true_gradient(at=0.4):
    """By hand: J = mu^3 + 3 mu sigma^2 + cos(2 mu) exp(-2 sigma^2)."""
    m, s, dm, ds = at**2 - 1 / 3, exp(at / 3), 2 * at, exp(at / 3) / 3
    damped = exp(-2 * s**2)
    dJ_dmu = 3 * m**2 + 3 * s**2 - 2 * sin(2 * m) * damped
    dJ_dsigma = 6 * m * s - 4 * s * cos(2 * m) * damped
    return dJ_dmu * dm + dJ_dsigma * ds


@lines_of(IDENTITIES)
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


# The gap theorem: what it says, for other costs, and where it stops to be true.


def expectation(f):
    return over(eps, f * n)


def derivative_of_r(k):
    return sp.Subs(sp.Derivative(r(z), (z, k)), z, Z)


R0, R1, R2, R3, R4 = (r(Z), *map(derivative_of_r, (1, 2, 3, 4)))
PUBLISHED = {  # (weak form, smooth form), as they stand in the course
    "mu": (
        R0**2 / sigma**2 - R1**2 + 2 / sigma * R0 * R1 * eps,
        R0**2 / sigma**2 + R1**2 + 2 * R0 * R2,
    ),
    "mu, sigma": (
        -(R1**2) * eps + 2 / sigma * R0 * R1 * (eps**2 + 1),
        4 / sigma * R0 * R1 + sigma * (4 * R1 * R2 + 2 * R0 * R3),
    ),
    "sigma": (
        2 * R0**2 / sigma**2 - R1**2 * eps**2 + 2 / sigma * R0 * R1 * (eps**3 + eps),
        2 * R0**2 / sigma**2
        + 7 * R1**2
        + 8 * R0 * R2
        + sigma**2 * (4 * R2**2 + 6 * R1 * R3 + 2 * R0 * R4),
    ),
}


@pytest.mark.parametrize("entry", PUBLISHED)
def test_the_gap_theorem_is_the_published_one(entry):
    """The check accepts the published forms as lines, and so they are what the lines say."""
    gap = symbolic.gap_theorem(entry)
    forms = [line for line in gap.lines if "form" in line.reason]
    assert [line.reason.split(":")[0] for line in forms] == ["weak form", "smooth form"]
    for line, published in zip(forms, PUBLISHED[entry], strict=True):
        i = gap.lines.index(line)
        assert gap.replace(i, expectation(published)).check() == gap.check()


def form(gap, kind):
    (line,) = (line for line in gap.lines if line.reason.startswith(kind))
    return line.expression


@pytest.mark.parametrize("kind", ["weak form", "smooth form"])
def test_both_forms_are_the_exact_gap_of_another_cost(kind):
    cost, at = Cost("z^3 + cos(2z)"), 0.4
    q = Gaussian(at**2 - 1 / 3, exp(at / 3))
    matrix = exact_covariance(score_function, cost, q) - exact_covariance(pathwise, cost, q)
    slope = np.array([2 * at, exp(at / 3) / 3])
    gap = {entry: value(form(symbolic.gap_theorem(entry), kind)) for entry in ENTRIES[:4]}
    assert gap["mu"] == pytest.approx(matrix[0, 0], rel=1e-9)
    assert gap["mu, sigma"] == pytest.approx(matrix[0, 1], rel=1e-9)
    assert gap["sigma"] == pytest.approx(matrix[1, 1], rel=1e-9)
    assert gap["phi"] == pytest.approx(slope @ matrix @ slope, rel=1e-9)
    kernel = value(form(symbolic.gap_theorem("kernel"), kind))
    assert kernel == pytest.approx(slope @ matrix @ slope, rel=1e-9)


@pytest.mark.parametrize("kind", ["weak form", "smooth form"])
def test_means_on_the_plane_by_hand(kind):
    """r = z_i z_j: E1 = z_i z_j eps_k/sigma_k and E2 = (z_j, z_i), with moments of the Gaussian."""
    m_i, m_j, s_i, s_j = 0.3, -0.8, 0.6, 1.7
    exact = {
        "mu_i": (m_i**2 + 3 * s_i**2) * (m_j**2 + s_j**2) / s_i**2 - (m_j**2 + s_j**2),
        "mu_i, mu_j": 4 * m_i * m_j - m_i * m_j,
    }
    constants = dict(zip((mu_i, mu_j, sigma_i, sigma_j), (m_i, m_j, s_i, s_j), strict=True))
    plane, weights = reference.normal_grid(8, 2)
    for entry, gap in exact.items():
        total = 0
        for term in sp.Add.make_args(form(symbolic.gap_theorem(entry), kind)):
            (integral,) = term.atoms(sp.Integral)
            f = integral.function.replace(r, lambda x, y: x * y).doit().xreplace(constants)
            f = sp.lambdify((eps_i, eps_j), f * sp.exp((eps_i**2 + eps_j**2) / 2) * 2 * sp.pi)
            factor = float((term / integral).xreplace(constants))
            total += factor * np.sum(weights * f(*plane.T))
        assert total == pytest.approx(gap, rel=1e-12)


def test_a_kink_breaks_the_smooth_form_only():
    """The numbers that chapter 06 prints: |z| + 1 at N(0.3, 1)."""
    cost, q = Cost("abs(z) + 1"), Gaussian(0.3, 1.0)
    gap = exact_covariance(score_function, cost, q) - exact_covariance(pathwise, cost, q)

    def almost_everywhere(expression):
        x = eps + sp.Rational(3, 10)
        kinked = expression.xreplace({R0: sp.Abs(x) + 1, R1: sp.sign(x), R2: sp.S.Zero})
        kinked = kinked.xreplace({sigma: sp.S.One})
        integrand = sum(
            term.xreplace({integral: integral.function.doit()})
            for term in sp.Add.make_args(kinked)
            for integral in term.atoms(sp.Integral)
        )
        points, weights = reference.gauss_rule(np.union1d(np.linspace(-15, 15, 61), [-0.3]))
        return weights @ sp.lambdify(eps, integrand)(points)

    lines = symbolic.gap_theorem("mu")
    weak, smooth = (almost_everywhere(form(lines, kind)) for kind in ("weak form", "smooth form"))
    assert weak == pytest.approx(gap[0, 0], rel=1e-9)
    assert (f"{weak:.3f}", f"{smooth:.3f}") == ("6.283", "4.757")
    delta = 2 * exp(-(0.3**2) / 2) / np.sqrt(2 * np.pi)  # r'' at 0, under the density there
    assert smooth + 2 * delta == pytest.approx(gap[0, 0], rel=1e-9)


@pytest.mark.parametrize(
    "formula", ["abs(z)", "max(0, z - 1)", "z^2", "exp(z)", "abs(z) + abs(z-1)"]
)
def test_convex_costs_give_E1_twice_the_second_moment(formula):
    cost = Cost(formula)
    for gaussian in (Gaussian(0.3, 1.0), Gaussian(-0.7, 0.4), Gaussian(0.0, 2.5)):
        score, path = (
            np.diag(exact_covariance(estimator, cost, gaussian))
            for estimator in (score_function, pathwise)
        )
        mean = np.array(exact_mean(pathwise, cost, gaussian))
        assert np.all(score > 2 * path + mean**2)


def test_factor_two_of_convex_costs_can_fail_between_mu_and_sigma():
    cost, gaussian = Cost("max(0, z)"), Gaussian(0.0, 1.0)
    score, path = (
        exact_covariance(estimator, cost, gaussian) for estimator in (score_function, pathwise)
    )
    mean = np.array(exact_mean(pathwise, cost, gaussian))
    assert np.linalg.eigvalsh(score - 2 * path)[0] < -1e-3
    assert np.linalg.eigvalsh(score - 2 * path - np.outer(mean, mean))[0] < -1e-2
    assert np.linalg.eigvalsh(score - path)[0] > 1e-2
    assert "max(0, $z$) at $N(0, 1)$" in symbolic.convex_corollary("mu").conditions[-1]


def test_gap_in_the_shape_of_the_page():
    def rows(derivation):
        return [line.strip() for line in repr(derivation).splitlines()]

    text = rows(symbolic.gap_theorem("mu"))
    assert "(3)        = 1/σ**2 E[r**2] + 2/σ E[r r' ε] - E[r'**2]" in text
    assert "(4)        = 1/σ**2 E[r**2] + E[r'**2] + 2 E[r r'']" in text
    smooth = "7 E[r'**2] + 8 E[r r''] + σ**2 E[4 r''**2 + 6 r' r''' + 2 r r'''']"
    assert f"(5)        = 2/σ**2 E[r**2] + {smooth}" in rows(symbolic.gap_theorem("sigma"))
    latex = symbolic.gap_theorem("mu")._repr_latex_()
    assert r"+ 2 \, E\left[ r \, r'' \right]" in latex
    assert r"\frac{2}{\sigma} \, E\left[ r \, r' \, \varepsilon \right]" in latex


def test_a_long_line_is_broken_into_rows():
    gap = symbolic.gap_theorem()
    broken = gap._repr_latex_().count(r"\begin{array}[t]")
    assert broken == 4
    assert r"\begin{array}[t]" not in symbolic.gap_theorem("sigma")._repr_latex_()


@pytest.mark.parametrize("entry", ["tau", "", None, 1, ["mu"], "mu,sigma"])
def test_gap_names_its_entries(entry):
    with pytest.raises(ValueError, match="'phi'.* received") as caught:
        symbolic.gap_theorem(entry)
    assert all(repr(name) in str(caught.value) for name in ENTRIES)
    with pytest.raises(ValueError, match="'mu' or 'sigma'; received"):
        symbolic.convex_corollary(entry)


def test_gap_is_the_same_each_time():
    assert symbolic.gap_theorem() == symbolic.gap_theorem("phi")
    assert symbolic.convex_corollary() == symbolic.convex_corollary("mu")


def test_message_of_a_gap_names_what_is_claimed():
    gap = symbolic.gap_theorem("mu")
    assert "each equals Var(E1) - Var(E2) = 7.554832" in gap.check()
    with pytest.raises(DerivationError, match=r"line 4 \(smooth form.*does not follow"):
        gap.replace(3, gap.lines[3].expression - 2 * expectation(R1**2)).check()
    lines = (dataclasses.replace(gap.lines[1], expression=2 * gap.lines[1].expression),)
    with pytest.raises(
        DerivationError, match=r"15.10\d+ in .*, where Var\(E1\) - Var\(E2\) is 7.55"
    ):
        dataclasses.replace(gap, lines=lines).check()


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
    for spelt_out in ("Subs", "operatorname", "left. ", "mathrm", r"\left(\phi", r"\xi"):
        assert spelt_out not in latex
    for words in (*derivation.conditions, *(line.reason for line in derivation.lines)):
        assert words.split("$")[0] in latex


def test_text_reads_like_the_page():
    text = repr(symbolic.score_function_identity())
    assert "(4)        = ∫ r(z) q(z) ∂/∂φ log q(z) dz\n             log-derivative" in text
    assert "Conditions" in text and "$" not in text
    text = repr(symbolic.reparameterization_identity())
    assert "= ∫ r'(μ + σ ε) n(ε) [μ' + σ' ε] dε" in text


@pytest.mark.parametrize("name", ["score_function", "gap mu", "gap mu_i, mu_j"])
def test_any_replaced_line_can_be_shown(name):
    for expression in UNREADABLE:
        shown = DERIVATIONS[name].replace(2, expression)
        assert shown._repr_latex_() and repr(shown)


def test_a_derivation_can_be_written_by_anyone():
    above, below = symbolic.score_function_identity().lines[2:4]
    own = Derivation((above, Line(below.expression, "my step")), ())
    assert own.check().startswith("2 lines checked")
