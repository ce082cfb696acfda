"""A function of PyTorch or JAX is a cost like any other, and bad ones are refused in words."""

import sys

import numpy as np
import pytest

from gradlib import Cost, Gaussian, compare, exact_variance, pathwise, score_function
from gradlib.frameworks import from_jax, from_torch


@pytest.fixture(params=["torch", "jax"])
def framework(request):
    """(from_..., the module with exp, sin and sum, the framework)"""
    module = pytest.importorskip(request.param, reason="an extra: make reference")
    if request.param == "torch":
        return from_torch, module, module
    return from_jax, module.numpy, module


def test_values_and_slopes_in_one_dimension(framework):
    from_framework, m, _ = framework
    cost, z = from_framework(lambda z: m.exp(z / 2) * m.sin(z)), np.linspace(-3, 3, 13)
    np.testing.assert_allclose(cost(z), np.exp(z / 2) * np.sin(z), rtol=1e-14)
    slope = np.exp(z / 2) * (np.sin(z) / 2 + np.cos(z))
    np.testing.assert_allclose(cost.derivative(z), slope, rtol=1e-12)
    assert cost.derivative(0.5) == pytest.approx(np.exp(0.25) * (np.sin(0.5) / 2 + np.cos(0.5)))
    assert cost(z).dtype == cost.derivative(z).dtype == np.float64


def test_values_and_slopes_on_r_d(framework):
    from_framework, m, _ = framework
    cost = from_framework(lambda z: (z**2).sum(-1) + m.sin(z[..., 0] * z[..., 1]))
    z = np.random.default_rng(5).standard_normal((7, 3))
    np.testing.assert_allclose(cost(z), (z**2).sum(1) + np.sin(z[:, 0] * z[:, 1]), rtol=1e-14)
    wave = np.cos(z[:, 0] * z[:, 1])
    expected = 2 * z + np.stack([z[:, 1] * wave, z[:, 0] * wave, 0 * wave], axis=1)
    np.testing.assert_allclose(cost.derivative(z), expected, rtol=1e-12, atol=1e-14)


def test_eighty_seven_against_four(framework):
    from_framework, _, _ = framework
    cost, q = from_framework(lambda z: z**2, "z^2"), Gaussian(2.0, 1.0)
    with pytest.warns(UserWarning, match="sampled points only"):
        found = [exact_variance(f, cost, q).mu for f in (score_function, pathwise)]
    np.testing.assert_allclose(found, [87, 4], rtol=1e-9)


def test_a_users_cost_under_the_verdict(framework):
    from_framework, _, _ = framework
    q = Gaussian(np.ones(3), np.ones(3))
    cost = from_framework(lambda z: (z**2).sum(-1))
    same = Cost.from_functions(lambda z: (z**2).sum(-1), lambda z: 2 * z, "sum of squares")
    found, expected = (compare(c, q, 200, np.random.default_rng(3)) for c in (cost, same))
    for name, row in expected.rows.items():
        assert found.rows[name].variance == pytest.approx(row.variance, rel=1e-9, abs=1e-20)


@pytest.mark.parametrize(
    ("wrong", "received"),
    [
        (lambda z: z.sum(), r"received \(\)"),
        (lambda z: z[..., None], r"received \(4, 1\)"),
        (lambda z: 1.0, "received float"),
        (lambda z: z[:2], r"received \(2,\)"),
    ],
)
def test_one_cost_for_each_point(framework, wrong, received):
    from_framework, _, _ = framework
    cost = from_framework(wrong, "mine")
    for question in (cost, cost.derivative):
        with pytest.raises(ValueError, match=rf"mine must return .* shape \(4,\).*; {received}"):
            question(np.ones(4))


def test_a_cost_without_a_gradient(framework):
    from_framework, m, module = framework
    if module.__name__ == "torch":
        functions = [lambda z: z.detach() ** 2, lambda z: module.tensor(np.square(z.numpy()))]
        functions.append(lambda z: module.ones(4, requires_grad=True) * z.detach())
    else:
        functions = [lambda z: m.asarray(np.square(np.asarray(z)))]
    for function in functions:
        cost = from_framework(function, "mine")
        np.testing.assert_allclose(cost(2 * np.ones(4)).std(), 0)
        with pytest.raises((ValueError, RuntimeError), match=r"mine has no gradient|numpy"):
            cost.derivative(np.ones(4))


@pytest.mark.parametrize(
    ("from_framework", "module", "name"),
    [(from_torch, "torch", "PyTorch"), (from_jax, "jax", "JAX")],
)
def test_without_the_framework(monkeypatch, from_framework, module, name):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=f"{name} is not installed: make reference installs it"):
        from_framework(lambda z: z)
