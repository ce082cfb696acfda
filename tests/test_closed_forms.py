"""Closed forms against quadrature of the same terms, and against forms written by hand."""

from functools import partial

import numpy as np
import pytest
import sympy as sp

from gradlib import (
    Cost,
    Gaussian,
    Gradient,
    delta,
    exact,
    exact_value,
    leave_one_out,
    measure_valued,
    pathwise,
    score_function,
    symbolic,
)
from gradlib.symbolic.closed_forms import exact_variance, gaussian_expectation, mu, sigma

z, k, a, b = sp.symbols("z k a b")  # plain symbols, as a student would make them
sin, cos, exp = sp.sin, sp.cos, sp.exp

EXPRESSIONS = [
    z**2,
    z**3 - z,
    (z - k) ** 2,
    3 * z**5 / 7 - z**4,
    exp(z),
    exp(-a * z + k),
    2**z,
    exp(-(z**2)),
    exp(-k * z**2),
    exp(-((z - a) ** 2) / 2) * (z + 1),
    exp(z**2 / 20),
    sin(z),
    cos(k * z),
    cos(3 * z + a) + k,
    z * sin(z),
    sin(z) ** 2 * cos(2 * z),
    sin(2 * z) ** 2 * z * exp(-(z**2)),
    sp.cosh(z) + k * sp.sinh(z / 2),
    exp(-z) * cos(k * z) * z,
    exp(z / 3) + z**2 - 4 * cos(z),
    sp.sqrt(2) * z + 0.25 * cos(sp.sqrt(3) * z),
    sp.S(3),
]
ESTIMATORS = [score_function, pathwise]


def random_setting(seed):
    """Values by name: the Gaussian's parameters and the constants."""
    rng = np.random.default_rng(seed)
    return {
        "mu": rng.uniform(-1.5, 1.5),
        "sigma": rng.uniform(0.3, 1.3),
        "k": rng.uniform(0.3, 1.5),
        "a": rng.uniform(-1, 1),
    }


def at(expression, values):
    """The expression with numbers for the symbols that `values` names."""
    return expression.subs({s: values[s.name] for s in expression.free_symbols if s.name in values})


def numerical(expression, seed):
    """The same problem for the quadrature: (cost, q), and the numbers in it."""
    values = random_setting(seed)
    return Cost(sp.sympify(at(expression, values))), Gaussian(values["mu"], values["sigma"]), values


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=str)
def test_expectation_agrees_with_quadrature(expression):
    for seed in (1, 2):
        cost, q, values = numerical(expression, seed)
        scale = 1 + exact_value(Cost(cost.expression**2), q) ** 0.5
        result = float(at(gaussian_expectation(expression), values))
        assert abs(result - exact_value(cost, q)) <= 1e-10 * scale


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("expression", EXPRESSIONS, ids=str)
@pytest.mark.slow
def test_variance_agrees_with_quadrature(estimator, expression):
    closed = exact_variance(estimator, expression)
    for seed in (3, 4):
        cost, q, values = numerical(expression, seed)
        variance = exact.exact_variance(estimator, cost, q)
        mean = exact.exact_mean(estimator, cost, q)
        for form, number, first in zip(closed, variance, mean, strict=True):
            second_moment = number + first**2
            assert abs(float(at(form, values)) - number) <= 1e-9 * second_moment


def test_variances_are_written_as_people_write_them():
    score, path = (exact_variance(estimator, z**2) for estimator in ESTIMATORS)
    assert score.mu == mu**4 / sigma**2 + 14 * mu**2 + 15 * sigma**2
    assert score.mu.subs({mu: 2, sigma: 1}) == 87
    assert score.sigma == 2 * mu**4 / sigma**2 + 60 * mu**2 + 74 * sigma**2
    assert path == Gradient(4 * sigma**2, 4 * mu**2 + 8 * sigma**2)
    assert exact_variance(score_function, (z - k) ** 2).mu == (
        (k - mu) ** 4 / sigma**2 + 14 * (k - mu) ** 2 + 15 * sigma**2
    )
    assert exact_variance(pathwise, exp(z)).mu == (exp(sigma**2) - 1) * exp(2 * mu + sigma**2)
    damping = exp(-(k**2) * sigma**2)
    assert exact_variance(pathwise, cos(k * z)).mu == (
        k**2 * (1 - damping) * (1 + damping * cos(2 * k * mu)) / 2
    )
    assert exact_variance(score_function, 1).mu == 1 / sigma**2
    assert exact_variance(pathwise, 1) == Gradient(0, 0)


def test_expectations_are_written_as_people_write_them():
    assert gaussian_expectation(cos(k * z)) == exp(-(k**2) * sigma**2 / 2) * cos(k * mu)
    assert gaussian_expectation(exp(k * z)) == exp(k * mu + k**2 * sigma**2 / 2)
    assert gaussian_expectation(z * exp(z)) == (mu + sigma**2) * exp(mu + sigma**2 / 2)
    assert gaussian_expectation(exp(-((z - k) ** 2))) == (
        exp(-((k - mu) ** 2) / (2 * sigma**2 + 1)) / sp.sqrt(2 * sigma**2 + 1)
    )
    assert gaussian_expectation((z - mu) ** 6) == 15 * sigma**6


@pytest.mark.parametrize("n", range(11))
def test_moments_of_the_noise(n):
    eps = sp.Symbol("eps")
    assert gaussian_expectation(eps**n) == (0 if n % 2 else sp.factorial2(n - 1))


def test_symbols_are_recognised_by_name():
    for assumptions in ({}, {"real": True}, {"positive": True}, {"complex": True}):
        x, m, s, c = (sp.Symbol(name, **assumptions) for name in ("z", "mu", "sigma", "c"))
        assert gaussian_expectation((x - m) ** 2 / s**2) == 1
        result = gaussian_expectation(x**2 + c)
        assert result == mu**2 + sigma**2 + c
        assert result.free_symbols == {mu, sigma, c}  # c comes back as it was given
        assert exact_variance(pathwise, c * x**2).mu == 4 * c**2 * sigma**2


def test_text_costs_and_numbers_are_read_too():
    second_moment = mu**2 + sigma**2
    assert gaussian_expectation("z^2") == gaussian_expectation(Cost("z^2")) == second_moment
    assert gaussian_expectation(0.5) == sp.Rational(1, 2)
    assert gaussian_expectation(0) == 0
    assert exact_variance(pathwise, "z^2").mu == 4 * sigma**2


def test_baselines_are_read_too():
    with_baseline = exact_variance(partial(score_function, baseline=b), z**2)
    best = Gradient(mu**2 + 3 * sigma**2, mu**2 + 5 * sigma**2)
    for best_one, form in zip(best, with_baseline, strict=True):
        assert sp.expand(form.diff(b).subs(b, best_one)) == 0
    at_best = exact_variance(partial(score_function, baseline=best), z**2)
    for best_one, form, lowest in zip(best, with_baseline, at_best, strict=True):
        assert sp.expand(form.subs(b, best_one) - lowest) == 0
    fair = partial(score_function, baseline=0.75)
    q = Gaussian(0.4, 0.7)
    numbers = exact.exact_variance(fair, Cost("z^2"), q)
    for form, number in zip(exact_variance(fair, z**2), numbers, strict=True):
        assert float(form.subs({mu: 0.4, sigma: 0.7})) == pytest.approx(number, rel=1e-12)


def twice(cost, q, eps):
    return pathwise(cost, q, eps)


@pytest.mark.parametrize(
    "estimator",
    [
        twice,
        lambda cost, q, eps: pathwise(cost, q, eps),
        leave_one_out,
        measure_valued,
        delta,
        sp.DiracDelta,
        partial(pathwise, baseline=1),
        partial(score_function, "z"),
        partial(score_function, eps=1),
        None,
        "pathwise",
    ],
)
def test_other_estimators_are_refused_in_one_sentence(estimator):
    with pytest.raises(ValueError, match="^closed forms are known for score_function, ") as error:
        exact_variance(estimator, z**2)
    assert "pathwise; received" in str(error.value) and "\n" not in str(error.value)


def test_results_have_the_public_symbols():
    at = {symbolic.mu: 2, symbolic.sigma: 1}
    assert symbolic.exact_variance(score_function, "z^2").mu.subs(at) == 87
    assert symbolic.exact_variance(pathwise, symbolic.z**2).mu.subs(at) == 4
    assert symbolic.gaussian_expectation((symbolic.z - symbolic.mu) ** 2) == symbolic.sigma**2
    assert symbolic.gaussian_expectation("z").free_symbols == {symbolic.mu}


@pytest.mark.parametrize("name", ["z", "mu", "sigma", "k"])
def test_symbols_that_are_not_real_are_refused(name):
    symbol = sp.Symbol(name, imaginary=True)
    with pytest.raises(ValueError, match=f"real symbols; received {name}"):
        gaussian_expectation(symbol * z)


WORK = [  # what has no short factored form, and would be looked for through huge polynomials
    "exp(z/1000) + exp(z)",
    "exp(z/7) + exp(z/11) + exp(z/13)",
    "exp(z/1000) + cos(z/7)",
    "cos(z) cos(1.1z) cos(1.2z) cos(1.3z)",
    "z^40 exp(z)",
    "z^40 exp(-z^2/3)",
]


@pytest.mark.parametrize("formula", WORK)
def test_work_is_bounded(formula, monkeypatch):
    """Nothing large is factored: that may take hours. The values are right all the same."""

    def factor(expression, *args):
        degrees = sp.Poly(expression).degree_list() if expression.free_symbols else (0,)
        assert max(degrees, default=0) <= 40, f"factors {expression}"
        return expression

    monkeypatch.setattr(sp, "factor", factor)
    q, cost = Gaussian(0.4, 0.7), Cost(formula)
    value = float(gaussian_expectation(formula).subs({mu: sp.Rational(2, 5), sigma: 0.7}))
    assert value == pytest.approx(exact_value(cost, q), rel=1e-9)


def test_symbolic_baselines_are_refused_where_numbers_are_meant():
    with pytest.raises(ValueError, match="baseline must be a finite number"):
        score_function(Cost("z"), Gaussian(0.0, 1.0), np.zeros(3), baseline=b)
    with pytest.raises(ValueError, match="baseline must be a finite number"):
        exact_variance(partial(score_function, baseline="mean"), z)


@pytest.mark.parametrize(
    "expression, part",
    [
        (abs(z), r"Abs\(z\)"),
        (z + 1 / z, "1/z"),
        (sin(z**2), r"sin\(z\*\*2\)"),
        (z * exp(z**3), r"exp\(z\*\*3\)"),
        (exp(-sin(z)), r"exp\(-sin\(z\)\)"),
        (1 + sp.tanh(z) ** 2, r"tanh\(z\)"),
        (z**k, r"z\*\*k"),
        (k**z, r"k\*\*z"),
        ("sqrt(z)", r"sqrt\(z\)"),
        (sp.Function("r")(z), r"r\(z\)"),
    ],
    ids=str,
)
def test_what_has_no_closed_form_is_named(expression, part):
    for function in (gaussian_expectation, partial(exact_variance, pathwise)):
        with pytest.raises(ValueError, match=rf"^no closed form for {part}; expected powers of z"):
            function(expression)


@pytest.mark.parametrize(
    "expression, sentence",
    [
        (sp.I * z, "real and finite constants; received I"),
        (exp(sp.I * z), "real and finite constants; received I"),
        (z + sp.nan, "real and finite constants; received nan"),
        (sp.oo, "real and finite constants; received oo"),
        ([z], r"a SymPy expression or a formula in z; received \[z\]"),
        (None, "a SymPy expression or a formula in z; received None"),
        (sp.Eq(z, 1), r"a SymPy expression or a formula in z; received Eq\(z, 1\)"),
        ("z + foo", "unknown name 'foo'"),
        (
            (z + 1) ** 500,
            r"no closed form for \(z \+ 1\)\*\*500; expected powers of z \(at most z\^200\)",
        ),
        ((z**100 + 1) ** 100, "too long for a closed form: expected at most 60 terms"),
        (cos(z) ** 90, "too long for a closed form: expected at most 60 terms"),
        (exp((z / sigma) ** 2), r"the expectation of exp\(z\*\*2/sigma\*\*2\) is infinite"),
    ],
    ids=str,
)
def test_bad_input_is_refused_in_one_sentence(expression, sentence):
    with pytest.raises(ValueError, match=sentence) as error:
        gaussian_expectation(expression)
    assert "\n" not in str(error.value)


def test_a_second_moment_may_be_infinite_where_the_mean_is_not():
    growth = exp(z**2 / (3 * sigma**2))
    assert gaussian_expectation(growth) == sp.sqrt(3) * exp(mu**2 / sigma**2)
    with pytest.raises(ValueError, match="is infinite"):
        exact_variance(score_function, growth)


def test_the_result_has_the_symbols_that_were_given():
    plain, k = sp.symbols("mu k")
    result = gaussian_expectation(k * (sp.Symbol("z") - plain) ** 2 + plain)
    assert result.free_symbols == {plain, k, sp.Symbol("sigma", positive=True)}
