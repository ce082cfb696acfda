from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from scipy import stats

from gradlib import Gaussian, Gradient, estimate


@pytest.mark.parametrize(("mu", "sigma"), [(0.3, 0.7), (-20.0, 3.5), (1e3, 1e-3)])
def test_log_prob_is_the_log_of_the_normal_density(mu, sigma):
    z = mu + sigma * np.linspace(-6, 6, 41)
    np.testing.assert_allclose(Gaussian(mu, sigma).log_prob(z), stats.norm.logpdf(z, mu, sigma))


def test_log_prob_on_r_d_is_that_of_the_diagonal_normal():
    mu, sigma = np.array([0.3, -1.0, 2.0]), np.array([0.5, 1.5, 3.0])
    z = np.random.default_rng(0).normal(size=(7, 3))
    expected = stats.multivariate_normal.logpdf(z, mu, np.diag(sigma**2))
    np.testing.assert_allclose(Gaussian(mu, sigma).log_prob(z), expected)


@pytest.mark.parametrize("shape", [(), (3,)])
def test_score_is_the_derivative_of_log_prob(shape):
    rng = np.random.default_rng(1)
    mu, sigma = rng.normal(size=shape), rng.uniform(0.5, 2, size=shape)
    z, h = rng.normal(size=(5, *shape)), 1e-5
    score = Gaussian(mu, sigma).score(z)
    assert score.mu.shape == score.sigma.shape == z.shape
    for index in np.ndindex(shape):
        step = np.zeros(shape)
        step[index] = h
        up, down = Gaussian(mu + step, sigma), Gaussian(mu - step, sigma)
        slope = (up.log_prob(z) - down.log_prob(z)) / (2 * h)
        np.testing.assert_allclose(score.mu[(..., *index)], slope, rtol=1e-7, atol=1e-8)
        up, down = Gaussian(mu, sigma + step), Gaussian(mu, sigma - step)
        slope = (up.log_prob(z) - down.log_prob(z)) / (2 * h)
        np.testing.assert_allclose(score.sigma[(..., *index)], slope, rtol=1e-7, atol=1e-8)


def test_score_of_noise_keeps_its_digits_when_sigma_is_tiny():
    eps = np.array([-1.25, 0.5, 2.0])
    score = Gaussian(1.0, 1e-14).score_of_noise(eps)
    np.testing.assert_allclose(score.mu, eps / 1e-14, rtol=1e-15)
    np.testing.assert_allclose(score.sigma, [0.5625e14, -0.75e14, 3e14], rtol=1e-15)


def test_a_batch_is_a_gaussian_for_each_row():
    rng = np.random.default_rng(2)
    mu, sigma, eps = (
        rng.normal(size=(4, 3)),
        rng.uniform(0.5, 2, (4, 3)),
        rng.normal(size=(6, 4, 3)),
    )
    q = Gaussian(mu, sigma)
    assert q.shape == (4, 3)
    assert q.log_prob(eps).shape == (6, 4)
    for row in range(4):
        one = Gaussian(mu[row], sigma[row])
        np.testing.assert_array_equal(q.log_prob(eps)[:, row], one.log_prob(eps[:, row]))
        for method in ("reparameterize", "standardize"):
            expected = getattr(one, method)(eps[:, row])
            np.testing.assert_array_equal(getattr(q, method)(eps)[:, row], expected)
        for entry, expected in zip(q.score(eps), one.score(eps[:, row]), strict=True):
            np.testing.assert_array_equal(entry[:, row], expected)
    with pytest.raises(ValueError, match=r"shape \(\.\.\., 4, 3\).*received shape \(6, 3\)"):
        q.log_prob(np.zeros((6, 3)))


@pytest.mark.parametrize("shape", [(), (2,), (3, 2)])
def test_equality_and_hash(shape):
    q, same = (Gaussian(np.zeros(shape), np.full(shape, 2.0)) for _ in range(2))
    other = Gaussian(np.zeros(shape), np.full(shape, 2.5))
    assert q == same
    assert hash(q) == hash(same)
    assert q != other
    assert (q == 0.0) is False
    assert {q: 1}[same] == 1
    if shape:
        assert q != Gaussian(0.0, 2.0)


def test_a_remembering_copy_gives_the_same_arrays_for_the_same_noise():
    q, eps = Gaussian(0.3, 0.7), np.linspace(-1, 1, 5)
    twin, still = q.remembering(), np.linspace(-1, 1, 5)
    still.flags.writeable = False
    assert twin == q
    assert twin.reparameterize(still) is twin.reparameterize(still)
    assert twin.score_of_noise(still).mu is twin.score_of_noise(still).mu
    np.testing.assert_array_equal(twin.reparameterize(still), q.reparameterize(eps))
    np.testing.assert_array_equal(twin.score_of_noise(still), q.score_of_noise(eps))
    for array in (twin.reparameterize(still), *twin.score_of_noise(still)):
        with pytest.raises(ValueError, match="read-only"):
            array += 1
    twin.reparameterize(eps)
    eps += 1  # what can be changed is not remembered
    np.testing.assert_array_equal(twin.reparameterize(eps), q.reparameterize(eps))


def test_reparameterize_and_standardize_are_inverse():
    q, eps = Gaussian([1.0, -2.0], [0.5, 3.0]), np.array([[0.1, -1.0], [2.0, 0.0]])
    np.testing.assert_allclose(q.reparameterize(eps), [[1.05, -5.0], [2.0, -2.0]])
    np.testing.assert_allclose(q.standardize(q.reparameterize(eps)), eps)


def test_parameters_cannot_be_changed_from_outside():
    mu = np.array([1.0, 2.0])
    q = Gaussian(mu, np.ones(2))
    mu[0] = 99.0
    assert q.mu[0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        q.mu[0] = 99.0
    with pytest.raises(FrozenInstanceError):
        q.mu = 99.0


def test_along_is_the_chain_rule():
    assert Gradient(2.0, 3.0).along(0.5, -1.0) == -2.0
    samples = Gradient(np.array([1.0, 2.0]), np.array([3.0, 5.0]))
    np.testing.assert_allclose(samples.along(2.0, 1.0), [5.0, 9.0])


def test_along_sums_over_the_coordinates():
    gradient = Gradient(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[5.0, 6.0], [7.0, 8.0]]))
    np.testing.assert_allclose(gradient.along([1.0, 10.0], [0.0, 100.0]), [621.0, 843.0])
    jacobian = np.array([[1.0, 0.0, 2.0], [0.0, 1.0, 1.0]])
    np.testing.assert_allclose(
        gradient.along(jacobian, 0 * jacobian), [[1.0, 2.0, 4.0], [3.0, 4.0, 10.0]]
    )


@pytest.mark.parametrize(
    ("mu", "sigma", "message"),
    [
        (0.0, 0.0, "sigma must be greater than 0; received 0.0"),
        (0.0, -1.0, "received -1.0"),
        ([0.0, 1.0], [1.0, 0.0], "sigma must be greater than 0"),
        (np.nan, 1.0, "mu must be a finite number.*; received nan"),
        (0.0, np.inf, "sigma must be a finite number.*; received inf"),
        ("two", 1.0, "received 'two'"),
        (1j, 1.0, "received 1j"),
        (None, 1.0, "mu must be a finite number"),
        ([0.0, 1.0], 1.0, r"same shape; received \(2,\) and \(\)"),
        ([0.0, 1.0], [1.0, 1.0, 1.0], r"received \(2,\) and \(3,\)"),
        (np.zeros((2, 2, 1)), np.ones((2, 2, 1)), r"received shape \(2, 2, 1\)"),
        (10**400, 1.0, "mu must be a finite number.*; received 1000"),
        (np.datetime64("2020-01-01"), 1.0, "mu must be a finite number"),
        (np.ma.masked_array([0.0, 1.0], [True, False]), np.ones(2), "mu must be .* masked"),
        ([0.0, None], np.ones(2), r"received \[0.0, None\]"),
        (0.0, "1.0", "sigma must be a finite number.*; received '1.0'"),
        (0.0, np.array(["1.0", 2], dtype=object), "sigma must be a finite number"),
        ([], [], r"received shape \(0,\)"),
    ],
)
def test_bad_parameters_are_refused_with_what_was_received(mu, sigma, message):
    with pytest.raises(ValueError, match=message):
        Gaussian(mu, sigma)


def test_points_of_the_wrong_width_are_refused():
    q = Gaussian([0.0, 0.0], [1.0, 1.0])
    for method in (q.log_prob, q.score, q.reparameterize, q.score_of_noise):
        with pytest.raises(ValueError, match=r"shape \(\.\.\., 2\).*received shape \(5, 3\)"):
            method(np.zeros((5, 3)))


@pytest.mark.parametrize(
    ("gradient", "dmu", "message"),
    [
        (Gradient(1.0, 2.0), None, "dmu and dsigma must be real numbers; received None"),
        (Gradient(np.ones(3), np.ones(3)), [1.0, 2.0], r"\(3,\) and \(2,\) not aligned"),
        (Gradient(*[estimate([1.0, 2.0])] * 2), 1.0, "must be of numbers; received Gradient"),
    ],
)
def test_along_phi_needs_numbers_that_fit(gradient, dmu, message):
    with pytest.raises(ValueError, match=message):
        gradient.along(dmu, 1.0)
