"""Claims of chapter 12. Networks in single precision differ from machine to machine, so that what
is said of them is tested with wide margins."""

from functools import partial

import numpy as np
import pytest
from scipy import integrate, stats

from gradlib import leave_one_out, pathwise, score_function
from gradlib.course import vae


def test_three_sets_of_images_are_disjoint_and_all(ch):
    sets = [ch[name] for name in ("training_set", "tuning_set", "test_set")]
    assert [len(one) for one in sets] == [1200, 300, 297]
    together = np.concatenate(sets)
    np.testing.assert_allclose(np.sort(together.sum(1)), np.sort(ch["images"].sum(1)))
    assert sorted(ch["order"]) == list(range(1797))


def test_each_step_decodes_a_hundred_draws(ch, monkeypatch):
    shapes = []

    def watch(net, x, eps, estimator):
        shapes.append(eps.shape)
        return vae_elbo(net, x, eps, estimator)

    vae_elbo = vae.elbo_gradient
    monkeypatch.setattr(vae, "elbo_gradient", watch)
    for method in ch["METHODS"]:
        list(ch["train"](method, 0.001, seed=9, steps=2))
    assert {K * images for K, images, _ in shapes} == {100}
    assert {K for K, _, _ in shapes} == {1, 2}


def test_judge_is_the_negative_elbo(ch):
    net, images = ch["trained"], ch["test_set"][:20]
    eps = np.random.default_rng(96).standard_normal((5, 20, 8)).astype(np.float32)
    q = vae.encode(net, images)
    z = q.mu + q.sigma * eps
    p = 1 / (1 + np.exp(-(np.tanh(z @ net.V1 + net.c1) @ net.V2 + net.c2).astype(float)))
    nll = -(images * np.log(p) + (1 - images) * np.log(1 - p)).sum(axis=-1)
    kl = 0.5 * (q.mu**2 + q.sigma**2 - 1 - 2 * np.log(q.sigma)).sum(axis=-1)
    assert ch["negative_elbo"](net, images) == pytest.approx((nll + kl).mean(), rel=1e-4)


def test_noisier_gradients_bear_lower_rates(ch):
    rates, losses = ch["best_rate"], ch["losses"]
    assert rates["score function"] < rates["pathwise"]
    assert rates["score function"] <= rates["leave-one-out"] <= 0.016
    assert losses["score function"][0.016] > 31 > losses["pathwise"][0.016] + 5
    for found in losses.values():
        assert found[0.001] > min(found.values()) + 0.5
        assert min(found, key=found.get) > 0.001


def test_the_race(ch):
    ends = {method: runs[:, -1] for method, runs in ch["curves"].items()}
    behind = ends["score function"] - ends["pathwise"]
    assert np.all(behind > 1) and 1.5 < behind.mean() < 4
    behind = ends["leave-one-out"] - ends["pathwise"]
    assert np.all(behind > 0.1) and 0.25 < behind.mean() < 0.8
    fresh = ch["networks"][0]
    assert ends["score function"].max() < ch["negative_elbo"](fresh, ch["test_set"]) - 10


def test_variances_along_training(ch):
    means = {m: np.array([v.mean for v in found]) for m, found in ch["variances"].items()}
    ratio = means["score function"] / means["pathwise"]
    assert 5000 < ratio[0] < 20_000
    assert ratio[1:].min() > 300 and ratio[1:].max() < 3000
    assert means["pathwise"][1] > 1.5 * means["pathwise"][0]
    assert np.all(np.diff(means["score function"]) < 0)
    assert np.all(means["leave-one-out"][1:] / means["pathwise"][1:] < 30)


def test_draws_divide_the_variance(ch):
    def variance(estimator, K):
        return ch["gradient_variance"](ch["trained"], estimator, K).mean

    for estimator in (score_function, pathwise):
        assert 6 < variance(estimator, 2) / variance(estimator, 16) < 10.5
    assert variance(leave_one_out, 2) / variance(leave_one_out, 16) > 10
    assert 0.5 < variance(leave_one_out, 8) / variance(pathwise, 1) < 2


def density(x):
    """p(x) of the linear VAE by quadrature over z."""
    grid = np.linspace(-7, 7, 1401)
    z = np.stack(np.meshgrid(grid, grid), axis=-1)
    residual = (x - z @ np.array([[1.0, 0.3], [0.5, -0.8], [0.2, 1.0]]).T) - [0.1, -0.2, 0.0]
    joint = stats.norm.pdf(residual, scale=0.5).prod(axis=-1) * stats.norm.pdf(z).prod(axis=-1)
    return integrate.simpson(integrate.simpson(joint, x=grid), x=grid)


def test_the_bound_rises_to_the_log_likelihood(ch):
    log_p = np.log(density(np.array([1.0, -0.5, 0.8])))
    assert f"log p(x) = {log_p:.4f}" in ch.text
    r, q = ch["linear"].nll(ch["x"]), ch["q"]
    kl = (0.5 * (q.mu**2 + q.sigma**2 - 1) - np.log(q.sigma)).sum()
    found, before = {}, -np.inf
    for line in ch.text.splitlines():
        if line.startswith("L_") and "+-" in line:
            name, _, mean, _, error = line.split()
            found[int(name[2:])] = float(mean), float(error)
    assert list(found) == [1, 5, 50]
    assert abs(found[1][0] + r.value(q) + kl) < 4 * found[1][1] + 1e-4
    for mean, error in found.values():
        assert before < mean < log_p + 4 * error
        before = mean
    assert log_p - found[50][0] < 0.01 < log_p - found[5][0]


@pytest.mark.parametrize("K", [1, 5])
def test_gradient_of_the_bound_is_the_one_with_shares(ch, K):
    rng = np.random.default_rng(12)
    net, x = vae.VAE(rng, hidden=6, latent=2), ch["images"][:3]
    eps = rng.standard_normal((K, 3, 2))

    def bound():  # log of the mean weight, written out
        q = vae.encode(net, x)
        z = q.mu + q.sigma * eps
        p = 1 / (1 + np.exp(-(np.tanh(z @ net.V1 + net.c1) @ net.V2 + net.c2)))
        log_w = (x * np.log(p) + (1 - x) * np.log(1 - p)).sum(axis=-1)
        log_w += stats.norm.logpdf(z).sum(axis=-1) - stats.norm.logpdf(z, q.mu, q.sigma).sum(-1)
        return np.log(np.exp(log_w).mean(axis=0)).mean()

    loss, gradient = vae.importance_weighted_gradient(net, x, eps)
    assert loss == pytest.approx(-bound())
    for index in rng.choice(net.flat.size, 12, replace=False):
        start, ends = net.flat[index], []
        for h in (1e-5, -1e-5):
            net.flat[index] = start + h
            ends.append(bound())
        net.flat[index] = start
        difference = -(ends[0] - ends[1]) / 2e-5
        assert np.isclose(gradient.flat[index], difference, rtol=1e-4, atol=1e-7)


def test_what_six_pairs_establish(ch):
    one, five = ch["one"], ch["five"]
    assert one.shape == five.shape == (6, 3)
    for bounds in (one, five):
        assert np.all(np.diff(bounds, axis=1) > 0)
    difference = five - one
    t = difference.mean(axis=0) / (difference.std(axis=0, ddof=1) / np.sqrt(6))
    assert np.all(difference[:, 0] < 0) and t[0] < -stats.t.ppf(0.995, 5)
    assert t[1] < -stats.t.ppf(0.975, 5)
    assert abs(difference[:, 2].mean()) < 0.15 and t[2] < 5
    assert f"{stats.t.ppf(0.975, 5):.1f} for the usual 2" == "2.6 for the usual 2"


def test_both_objectives_do_better_at_the_higher_rate(ch):
    options = ch["options"] | {"rate": 0.002}
    objectives = {"L_1": vae.elbo_gradient, "L_5": vae.importance_weighted_gradient}
    for goal, objective in objectives.items():
        rng = np.random.default_rng(1)
        net = vae.VAE(rng, hidden=64, dtype=np.float32)
        for _ in vae.train(net, ch["training_set"], rng, partial(objective), **options):
            pass
        assert ch["bound"](net, 5) < ch["bounds"][goal][0][1] - 0.1
