"""The linear-Gaussian VAE: closed forms against quadrature, Monte Carlo and the gap theorem."""

from functools import partial

import numpy as np
import pytest
import reference

from gradlib import (
    Cost,
    Gaussian,
    exact_gradient,
    exact_value,
    exact_variance,
    monte_carlo,
    pathwise,
    score_function,
    variance_gap,
)
from gradlib.course.linear_vae import LinearVAE, Quadratic


def quadratic(d, seed):
    rng = np.random.default_rng(seed)
    A, mu, b = rng.normal(size=(d, d)), rng.normal(size=d), rng.normal(size=d)
    return Quadratic(A + A.T, b, rng.normal()), Gaussian(mu, rng.uniform(0.3, 1.5, size=d))


def linear_vae(d=2, D=5, seed=0):
    rng = np.random.default_rng(seed)
    W, V = rng.normal(size=(d, D)), rng.normal(size=(D, d))
    sigma = rng.uniform(0.3, 0.8, size=d)
    return LinearVAE(W, rng.normal(size=d), sigma, V, rng.normal(size=D), 0.7), rng.normal(size=D)


@pytest.mark.parametrize("seed", range(5))
def test_one_latent_dimension_agrees_with_quadrature(seed):
    r, q = quadratic(1, seed)
    cost = Cost(f"({r.A[0, 0]}) z^2 + ({r.b[0]}) z + ({r.c})")
    line, baseline = Gaussian(q.mu[0], q.sigma[0]), 0.8
    np.testing.assert_allclose(r.value(q), exact_value(cost, line), rtol=1e-12)
    np.testing.assert_allclose(np.ravel(r.gradient(q)), exact_gradient(cost, line), rtol=1e-10)
    expected = exact_variance(partial(score_function, baseline=baseline), cost, line)
    found = r.score_function_variance(q, baseline)
    np.testing.assert_allclose(np.ravel(found), expected, rtol=1e-9)
    expected = exact_variance(pathwise, cost, line)
    np.testing.assert_allclose(np.ravel(r.pathwise_variance(q)), expected, rtol=1e-9)
    np.testing.assert_allclose(np.ravel(r.variance_gap(q)), variance_gap(cost, line), rtol=1e-9)


def exact_covariance(terms, weights):
    centred = terms - weights @ terms
    return centred.T @ (weights[:, np.newaxis] * centred)


@pytest.mark.parametrize("d", [2, 3])
@pytest.mark.parametrize("baseline", [0.0, -0.5])
def test_more_latent_dimensions_agree_with_quadrature(d, baseline):
    (r, q), (eps, weights) = quadratic(d, 7 + d), reference.normal_grid(8, d)
    np.testing.assert_allclose(r.value(q), weights @ r.cost(q.reparameterize(eps)), rtol=1e-12)
    for estimator, variances in [
        (partial(score_function, baseline=baseline), r.score_function_variance(q, baseline)),
        (pathwise, r.pathwise_variance(q)),
    ]:
        for terms, variance, mean in zip(estimator(r.cost, q, eps), variances, r.gradient(q)):
            np.testing.assert_allclose(weights @ terms, mean, rtol=1e-10)
            found = np.diag(exact_covariance(terms, weights))
            np.testing.assert_allclose(found, variance, rtol=1e-10)


@pytest.mark.parametrize("d", [2, 3])
def test_more_latent_dimensions_agree_with_monte_carlo(d):
    (r, q), n = quadratic(d, 7 + d), 200_000
    eps = np.random.default_rng(d).standard_normal((n, d))
    found = monte_carlo([score_function, pathwise], r.cost, q, n, np.random.default_rng(d))
    variances = r.score_function_variance(q), r.pathwise_variance(q)
    for estimator, estimates, exact in zip([score_function, pathwise], found, variances):
        for estimate, terms, variance, mean in zip(
            estimates, estimator(r.cost, q, eps), exact, r.gradient(q)
        ):
            squares = (terms - mean) ** 2
            error = squares.std(axis=0) / np.sqrt(n)
            assert np.all(np.abs(estimate.mean - mean) < 4 * estimate.standard_error)
            assert np.all(np.abs(estimate.variance - variance) < 4 * error)


@pytest.mark.parametrize("d", [1, 2, 3])
def test_value_and_gradient_agree_with_differences(d):
    (r, q), h = quadratic(d, d), 1e-5
    for i, step in enumerate(h * np.eye(d)):
        more, less = Gaussian(q.mu + step, q.sigma), Gaussian(q.mu - step, q.sigma)
        slope = (r.value(more) - r.value(less)) / (2 * h)
        np.testing.assert_allclose(r.gradient(q).mu[i], slope, rtol=1e-7)
        more, less = Gaussian(q.mu, q.sigma + step), Gaussian(q.mu, q.sigma - step)
        slope = (r.value(more) - r.value(less)) / (2 * h)
        np.testing.assert_allclose(r.gradient(q).sigma[i], slope, rtol=1e-7)


@pytest.mark.parametrize("seed", range(20))
def test_gap_is_the_difference_of_the_variances_and_positive(seed):
    (r, q), baseline = quadratic(3, seed), 10 * np.random.default_rng(seed).normal()
    gap, score = r.variance_gap(q, baseline), r.score_function_variance(q, baseline)
    for ours, one, other in zip(gap, score, r.pathwise_variance(q)):
        np.testing.assert_allclose(ours, one - other, rtol=1e-11)
        assert np.all(ours > 0)
    assert np.linalg.eigvalsh(r.gap_matrix_of_means(q, baseline)).min() > 0


@pytest.mark.parametrize("baseline", [0.0, 2.5])
def test_gap_matrix_is_the_difference_of_the_covariances(baseline):
    (r, q), (eps, weights) = quadratic(3, 3), reference.normal_grid(8, 3)
    one = score_function(r.cost, q, eps, baseline=baseline).mu
    two = pathwise(r.cost, q, eps).mu
    difference = exact_covariance(one, weights) - exact_covariance(two, weights)
    np.testing.assert_allclose(r.gap_matrix_of_means(q, baseline), difference, rtol=1e-10)


def test_an_encoder_weight_scales_the_gap_of_its_mean_by_the_input_squared():
    model, x = linear_vae()
    r, q, (eps, weights) = model.nll(x), model.posterior(x), reference.normal_grid(8, 2)
    gap = np.zeros((2, 5))
    for sign, estimator in ((1, score_function), (-1, pathwise)):
        terms = estimator(r.cost, q, eps).mu[:, :, np.newaxis] * x  # dmu_i/dW_ij = x_j
        for i, j in np.ndindex(gap.shape):
            gap[i, j] += sign * exact_covariance(terms[:, i, [j]], weights).item()
    np.testing.assert_allclose(gap, np.outer(r.variance_gap(q).mu, x**2), rtol=1e-9)


def test_nll_is_minus_the_log_density_of_x():
    (model, x), z = linear_vae(), np.random.default_rng(2).normal(size=(6, 2))
    rest = (x - z @ model.V.T - model.c) / model.scale
    expected = (0.5 * rest**2 + np.log(model.scale) + 0.5 * np.log(2 * np.pi)).sum(axis=1)
    np.testing.assert_allclose(model.nll(x).cost(z), expected, rtol=1e-12)
    np.testing.assert_allclose(model.posterior(x).mu, model.W @ x + model.b)


def test_a_batch_of_gaussians_is_its_rows():
    r, q = quadratic(2, 5)
    batch = Gaussian(q.mu + np.array([[0.0], [1.0], [-2.0]]), q.sigma * [[1.0], [0.5], [2.0]])
    eps = np.random.default_rng(0).normal(size=(4, 3, 2))
    for estimator in (score_function, pathwise):
        terms = estimator(r.cost, batch, eps)
        for n in range(3):
            alone = estimator(r.cost, Gaussian(batch.mu[n], batch.sigma[n]), eps[:, n])
            np.testing.assert_allclose([terms.mu[:, n], terms.sigma[:, n]], alone, rtol=1e-12)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Quadratic([[1j]], [1], 0), "A must be real numbers; received"),
        (lambda: linear_vae()[0].nll("x"), "x must be real numbers; received 'x'"),
        (lambda: LinearVAE([[1]], [0], [1], [[1]], [0], "1"), "scale must be .* received '1'"),
        (lambda: Quadratic(np.eye(3), [1, 2], 0), r"A must have shape \(2, 2\); received \(3, 3\)"),
        (lambda: Quadratic([[1, 2], [0, 1]], [1, 2], 0), "A must be symmetric; received"),
        (lambda: Quadratic([[np.nan]], [1], 0), r"must be finite; received \[\[nan\]\]"),
        (lambda: quadratic(2, 0)[0].value(Gaussian(0, 1)), r"shape \(2,\); received \(\)"),
        (lambda: linear_vae()[0].nll(np.zeros(4)), r"x must have shape \(5,\); received \(4,\)"),
        (lambda: LinearVAE([[1]], [0], [1, 1], [[1]], [0], 1), r"sigma must have shape \(1,\)"),
        (lambda: LinearVAE([[1]], [0], [1], [[1]], [0], 0), "scale must be .* received 0"),
    ],
)
def test_bad_input_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
