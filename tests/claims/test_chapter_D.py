"""Claims of appendix D, against closed forms; it is run where PyTorch and JAX are installed."""

import re

import numpy as np
import pytest

torch, jax = (
    pytest.importorskip(framework, reason="PyTorch and JAX are extras: make reference")
    for framework in ("torch", "jax")
)


@pytest.fixture(scope="module", autouse=True)
def only_here():
    """The appendix makes float64 the default of both frameworks; other tests want their own."""
    before = torch.get_default_dtype(), jax.config.jax_enable_x64
    yield
    torch.set_default_dtype(before[0])
    jax.config.update("jax_enable_x64", before[1])


def numbers(text):
    return [float(x) for x in re.findall(r"-?\d+\.\d+", text)]


def test_eighty_seven_against_four_in_both_frameworks(ch):
    rows = re.findall(
        r"^(score function|pathwise) +(\S+), variance (\S+) \+- (\S+)$", ch.text, re.M
    )
    assert [name for name, *_ in rows] == ["score function", "pathwise"] * 2
    for name, mean, variance, error in rows:
        exact = {"score function": 87, "pathwise": 4}[name]
        assert abs(float(variance) - exact) < 4 * float(error) + 0.005
        assert abs(float(mean) - 4) < 4 * np.sqrt(exact / 200_000) + 0.005


def test_forgetting_detach(ch):
    (wrong,) = re.findall(r"forgot: (\S+)", ch.text)
    (right,) = re.findall(r"detached: (\S+)", ch.text)
    limit = -2 * (1 + np.log(2 * np.pi))
    # E[2 z log q] with z = 2 + eps and log q = -(eps^2 + log 2 pi)/2
    assert f"its mean: {limit:.2f}" in ch.text
    eps = np.random.default_rng(0).standard_normal(200_000)
    spread = np.std(-(2 + eps) * (eps**2 + np.log(2 * np.pi)))
    assert abs(float(wrong) - limit) < 4 * spread / np.sqrt(200_000) + 0.005
    assert abs(float(right) - 4) < 4 * np.sqrt(87 / 200_000) + 0.005


def test_shapes_axes_and_steps(ch):
    (table,) = numbers(re.search(r"n x n: (\S+)", ch.text)[0] + " ")
    assert abs(table) < 4 * 5 / np.sqrt(2000) + 0.005  # E[z^2] times a mean score
    first, second = (numbers(line) for line in re.findall(r"^(\[.*\]) exact: 2$", ch.text, re.M))
    # sum of three squares: 30 + 32 + 12 + 16 = 90, chapter 10
    np.testing.assert_allclose(second, 2, atol=4 * np.sqrt(90 / 200_000))
    np.testing.assert_allclose(np.multiply(first, 3), second, atol=0.02)
    assert f"the step: 0.0  exact: {np.exp(-2) / np.sqrt(2 * np.pi):.2f}" in ch.text


def test_the_coin(ch):
    p, t, b = 0.3, 0.45, np.array([0, 1])
    weights, r = np.array([1 - p, p]), (b - t) ** 2
    exact = p * (1 - p) * (1 - 2 * t)
    assert exact == pytest.approx(0.021)
    terms = {"plain": r * (b - p), "leave-one-out": (r - weights @ r) * (b - p)}
    for name, term in terms.items():
        found = re.search(rf"^{name} +(\S+), variance of a term (\S+)$", ch.text, re.M)
        variance = weights @ term**2 - (weights @ term) ** 2
        assert abs(float(found[1]) - exact) < 4 * np.sqrt(variance / 1e5) + 5e-5
        assert float(found[2]) == pytest.approx(variance, rel=0.05)


def test_straight_through_has_the_right_value_and_the_wrong_sign(ch):
    value, costs, slope = numbers(re.search(r"^value .*; gradient (\S+),", ch.text, re.M)[0])
    assert value == costs
    wrong = 2 * (0.3 - 0.45) * 0.21
    assert abs(slope - wrong) < 4 * 2 * 0.21 * np.sqrt(0.21 / 1e5) + 5e-5 and wrong < 0
    assert f"the wrong mean, exactly: {wrong:.4f}" in ch.text


def test_the_two_roads_lead_to_the_same_gradient(ch):
    x, W, D = (ch[name].detach().numpy() for name in "xWD")
    exact = np.outer(D.T @ (D @ W @ x - x), x)
    np.testing.assert_allclose(ch["exact"].detach().numpy(), exact, rtol=1e-12)
    # the variances for d/dmu: of the table, and each weight has x_j^2 times that
    for name, variance in {"by_score": 24, "by_path": 0.3}.items():
        atol = 4 * np.sqrt(variance / 1e5) * np.abs(x).max()
        np.testing.assert_allclose(ch[name].numpy(), exact, atol=atol)
    assert "the chain rule: True" in ch.text


def test_the_magic_box(ch):
    rows = re.findall(r"^(.*)  (surrogate|dice)$", ch.text, re.M)
    found = {name: np.reshape(numbers(text), (3, 2)) for text, name in rows}
    log_q = -(1 + np.log(2 * np.pi)) / 2
    # E[z^2 log q] = 5 log q's mean less Cov(z^2, eps^2)/2 = 2/2
    expected = {"surrogate": [5 * log_q - 1, 4, -5], "dice": [5, 4, 2]}
    for name, values in expected.items():
        means, errors = found[name].T
        assert np.all(np.abs(means - values) < 4 * errors + 0.005), name
