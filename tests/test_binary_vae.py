"""The VAE with bits: its gradients against differences, enumeration and sampling."""

import itertools

import numpy as np
import pytest

from gradlib import estimate
from gradlib.course import binary_vae
from gradlib.course.binary_vae import BinaryVAE, encode
from gradlib.discrete import concrete, leave_one_out, rebar, score_function, straight_through

RNG = np.random.default_rng(0)
NET = BinaryVAE(RNG, pixels=5, hidden=4, latent=3)
for bias in (NET.b1, NET.b2, NET.c1, NET.c2):
    bias[...] = 0.5 * RNG.normal(size=bias.shape)
X = RNG.uniform(size=(3, 5))


def nll(z, x):
    p = 1 / (1 + np.exp(-(np.tanh(z @ NET.V1 + NET.c1) @ NET.V2 + NET.c2)))
    return -(x * np.log(p) + (1 - x) * np.log(1 - p)).sum(axis=-1)


def loss():
    """The negative ELBO, state by state and image by image."""
    total = 0.0
    for x in X:
        p = 1 / (1 + np.exp(-(np.tanh(x @ NET.W1 + NET.b1) @ NET.W2 + NET.b2)))
        for bits in itertools.product([0, 1], repeat=3):
            q = np.where(bits, p, 1 - p).prod()
            total += q * (nll(np.array(bits), x) + np.log(q) - 3 * np.log(0.5))
    return total / len(X)


def test_exact_gradient_against_differences():
    found, gradient = binary_vae.exact_gradient(NET, X)
    assert found == pytest.approx(loss(), rel=1e-12)
    for index in range(0, NET.flat.size, 3):
        start, ends = NET.flat[index], []
        for h in (1e-5, -1e-5):
            NET.flat[index] = start + h
            ends.append(loss())
        NET.flat[index] = start
        assert gradient.flat[index] == pytest.approx((ends[0] - ends[1]) / 2e-5, abs=1e-8)


@pytest.mark.slow
@pytest.mark.parametrize("estimator", [score_function, leave_one_out(2), rebar(0.5)])
def test_sampled_gradients_have_the_exact_one_as_their_mean(estimator):
    _, exact = binary_vae.exact_gradient(NET, X)
    q, rng, draws = encode(NET, X), np.random.default_rng(1), getattr(estimator, "draws", 1)
    found = [
        binary_vae.elbo_gradient(NET, X, q.noise(rng, draws, 1), estimator) for _ in range(4000)
    ]
    for name in ("W1", "b2", "V1", "c2"):
        each = estimate(np.array([getattr(gradient, name) for _, gradient in found]))
        away = np.abs(each.mean - getattr(exact, name))
        assert np.all(away < 4.5 * each.standard_error), name
    losses = estimate(np.array([value for value, _ in found]))
    assert abs(losses.mean - loss()) < 4.5 * losses.standard_error


def test_terms_are_those_of_each_image_alone():
    q = encode(NET, X)
    noise = q.noise(np.random.default_rng(2), 2, 6)
    for estimator in (score_function, straight_through(0.5), concrete(0.5), rebar(0.5)):
        together = binary_vae.nll_gradients(NET, X, estimator, noise)
        for i in range(len(X)):
            alone = binary_vae.nll_gradients(NET, X[i : i + 1], estimator, noise[:, :, i : i + 1])
            np.testing.assert_allclose(together[:, i : i + 1], alone, rtol=1e-9)


def test_exact_nll_gradient_is_the_mean_of_unbiased_terms():
    q, exact = encode(NET, X), binary_vae.exact_nll_gradient(NET, X)
    noise = q.noise(np.random.default_rng(3), 4, 20_000)
    found = estimate(binary_vae.nll_gradients(NET, X, leave_one_out(4), noise))
    assert np.all(np.abs(found.mean - exact) < 4.5 * found.standard_error)


def test_kl_of_fair_coins_is_nothing():
    fair = binary_vae.Encoding(np.zeros((2, 3)), None, None)
    np.testing.assert_allclose(binary_vae.kl(fair), 0, atol=1e-15)


def test_training_lowers_the_loss():
    net, rng = BinaryVAE(np.random.default_rng(4), pixels=5, hidden=4, latent=2), RNG
    before, _ = binary_vae.exact_gradient(net, X)
    binary_vae.train(net, X, rng, steps=30, batch=3)
    assert binary_vae.exact_gradient(net, X)[0] < before
