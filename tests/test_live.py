"""The live figures' JavaScript, in a browser, with gradlib as the oracle."""

import json

import numpy as np
import pytest

from gradlib import Cost, Gaussian, Gradient, exact_variance, pathwise, score_function
from gradlib.course.live.module import module
from gradlib.course.live.recipes import recipe
from gradlib.exact import exact_mean
from gradlib.quadrature import QuadratureError

pytestmark = pytest.mark.slow
EXPOSE = "\nwindow.numbers = numbers;"
EXACT = """
([recipe, values, name]) => {
    const found = numbers.exact(numbers.compile(recipe)(values), values, name);
    const state = ({ mean, variance }) => [mean, variance].map(String);
    return [state(found.score), state(found.pathwise)];
}
"""
SETTINGS = [(2.0, 1.0), (0.0, 1.0), (-3.0, 0.1), (0.3, 2.0), (1.1, 0.7)]
FORMULAS = [
    *("z^2", "z^2 + 10", "z^3 - z", "z", "3", "exp(z/2)", "exp(z)", "cos(z)", "cos(3z)", "sin(z)"),
    *("abs(z)", "abs(z) + 1", "Heaviside(z)", "sign(z - 1)", "softplus(3z)", "sigmoid(20z)"),
    *("max(z, 1 - z)", "min(z^2, 1)", "erf(3z)", "tanh(4z)", "exp(-z^2)", "z exp(-100(z-1)^2)"),
    *("sqrt(abs(z))", "abs(z)^1.5", "abs(sin(5z))", "log(abs(z))", "1/(1 + z^2)", "1/(0.01 + z^2)"),
    *("1/z", "tan(z)", "log(z)", "sqrt(z)", "exp(z^2/20)", "exp(z^2)", "exp(z^3)", "abs(z)^0.2"),
    *("1e16 (1 - cos(1e-8 z))", "exp(-1e6 (z - 0.3)^2)", "1e100 z", "z^20", "cosh(z)", "2^z"),
    *("Heaviside(z) Heaviside(1 - z)", "abs(z - abs(z - 1))", "z abs(z)", "exp(12z)"),
]


@pytest.fixture(scope="module")
def page(chromium):
    """One page for all, with the numbers at hand."""
    with chromium() as page:
        page.set_content(f'<script type="module">{module()}{EXPOSE}</script>')
        page.wait_for_function("window.numbers")
        yield page
        assert page.errors == []


def stated(page, cost, mu, sigma, name="mu", **more):
    """[[mean, variance] of the score function, of pathwise], as the browser computes them."""
    values = {"mu": mu, "sigma": sigma} | more
    return np.array(page.evaluate(EXACT, [cost, values, name]), dtype=float)


def exact(formula, mu, sigma, name):
    """[truth, variance of the score function, of pathwise] by gradlib; nan where it refuses."""
    cost, q = Cost(formula), Gaussian(mu, sigma)

    def only(estimator):  # the other parameter's variance may be infinite
        return lambda *arguments: Gradient(*[getattr(estimator(*arguments), name)] * 2)

    return np.array(
        [
            stated_or_nan(exact_mean, only(score_function), cost, q),
            stated_or_nan(exact_variance, only(score_function), cost, q),
            stated_or_nan(exact_variance, only(pathwise), cost, q),
        ]
    )


def stated_or_nan(function, *arguments):
    try:
        return function(*arguments).mu
    except QuadratureError:
        return np.nan


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_figure_states_a_wrong_number(page, formula):
    cost, refused = recipe(formula), 0
    for mu, sigma in SETTINGS:
        for name in ("mu", "sigma"):
            (truth, score), (_, path) = stated(page, cost, mu, sigma, name)
            expected = exact(formula, mu, sigma, name)
            for value, right in zip((truth, score, path), expected, strict=True):
                if np.isnan(value):
                    refused += not np.isnan(right)
                    continue
                size = np.nanmax(np.abs(expected))
                np.testing.assert_allclose(
                    value,
                    right,
                    rtol=2e-5,
                    atol=1e-9 * size,
                    err_msg=f"{mu} {sigma} {name} {expected}",
                )
    print(json.dumps([formula, refused, cost["flaw"]]))
