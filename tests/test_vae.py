"""The VAE: every gradient against differences, quadrature, a row alone and autograd."""

import math
from functools import partial

import numpy as np
import pytest
import reference
from scipy import stats
from threadpoolctl import threadpool_limits

from gradlib import Gaussian, Gradient, antithetic, leave_one_out, pathwise, score_function
from gradlib.course import vae
from gradlib.course.vae import (
    VAE,
    Adam,
    Bernoulli,
    Decoding,
    GaussianPixels,
    Weights,
    backward,
    elbo_gradient,
    encode,
    forward,
    importance_weighted_bound,
    importance_weighted_gradient,
    kl,
    nll_cost,
    train,
)


@pytest.fixture(autouse=True)
def one_thread():
    """These matrices are small: with several test processes, more threads only wait."""
    with threadpool_limits(1):
        yield


LIKELIHOODS = [Bernoulli(), GaussianPixels(0.7)]
ENCODER, DECODER = ("W1", "b1", "W2", "b2"), ("V1", "c1", "V2", "c2")


def small(likelihood=None, samples=3, n=4, latent=2, seed=0):
    """A VAE of 6 pixels and 5 hidden units with biases, a batch x and noise eps."""
    rng = np.random.default_rng(seed)
    model = VAE(rng, pixels=6, hidden=5, latent=latent, likelihood=likelihood)
    for name in ("b1", "b2", "c1", "c2"):
        getattr(model, name)[...] = 0.5 * rng.normal(size=getattr(model, name).shape)
    return model, rng.uniform(size=(n, 6)), rng.normal(size=(samples, n, latent))


def assert_slopes(gradient, loss, model, names=ENCODER + DECODER, h=1e-5):
    """Each entry of the gradient against a central difference of `loss()`."""
    for name in names:
        weights, found = getattr(model, name), getattr(gradient, name)
        slopes = np.empty_like(weights)
        for index in np.ndindex(weights.shape):
            start = weights[index]
            weights[index] = start + h
            more = loss()
            weights[index] = start - h
            slopes[index] = (more - loss()) / (2 * h)
            weights[index] = start
        np.testing.assert_allclose(found, slopes, rtol=1e-6, atol=1e-9, err_msg=name)
        assert np.abs(slopes).max() > 1e-3


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
@pytest.mark.parametrize("objective", [elbo_gradient, importance_weighted_gradient])
def test_gradient_is_the_slope_of_the_loss(objective, likelihood):
    model, x, eps = small(likelihood)
    _, gradient = objective(model, x, eps)
    assert_slopes(gradient, lambda: objective(model, x, eps)[0], model)


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_score_function_gradient_is_the_slope_of_nll_times_log_density(likelihood):
    model, x, eps = small(likelihood)
    baseline = np.array([1.0, -2.0, 5.0, 0.0])
    estimator = partial(score_function, baseline=baseline[:, np.newaxis])
    _, gradient = elbo_gradient(model, x, eps, estimator)
    _, drawn = forward(model, x, eps)

    def surrogate():
        q = encode(model, x)
        log_q = stats.norm.logpdf(drawn.z, q.mu, q.sigma).sum(axis=-1)
        return np.mean((drawn.value - baseline) * log_q) + kl(q).mean()

    assert_slopes(gradient, surrogate, model, ENCODER)
    assert_slopes(gradient, lambda: Decoding(model, x, drawn.z).value.mean(), model, DECODER)


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_terms_are_the_way_back_by_hand(likelihood):
    model, x, eps = small(likelihood)
    q, decoded = forward(model, x, eps)
    hidden = np.tanh(decoded.z @ model.V1 + model.c1)
    output = hidden @ model.V2 + model.c2
    if isinstance(likelihood, Bernoulli):
        nll = np.logaddexp(0, output).sum(axis=-1) - (x * output).sum(axis=-1)
        d_output = 1 / (1 + np.exp(-output)) - x
    else:
        nll = -stats.norm.logpdf(x, output, 0.7).sum(axis=-1)
        d_output = (output - x) / 0.49
    d_z = ((d_output @ model.V2.T) * (1 - hidden**2)) @ model.V1.T
    found = pathwise(decoded.cost, q, eps)
    np.testing.assert_allclose(found, [d_z, d_z * eps], rtol=1e-12)
    found, weighted = score_function(decoded.cost, q, eps), nll[..., np.newaxis] / q.sigma
    np.testing.assert_allclose(found, [weighted * eps, weighted * (eps**2 - 1)], rtol=1e-12)


ESTIMATORS = [
    pathwise,
    score_function,
    partial(score_function, baseline=3.0),
    leave_one_out,
    antithetic(pathwise),
]


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_a_batch_is_its_images_one_by_one(likelihood, estimator):
    model, x, eps = small(likelihood)
    q, decoded = forward(model, x, eps)
    terms = estimator(decoded.cost, q, eps)
    for row in range(len(x)):
        alone = encode(model, x[row])
        assert isinstance(alone, Gaussian) and alone.shape == (2,)
        expected = estimator(nll_cost(model, x[row]), alone, eps[:, row])
        for found, one in zip(terms, expected):
            np.testing.assert_allclose(found[:, row], one, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("objective", [elbo_gradient, importance_weighted_gradient])
def test_gradient_of_a_batch_is_the_mean_over_its_images(objective):
    model, x, eps = small()
    loss, gradient = objective(model, x, eps)
    alone = [objective(model, x[row], eps[:, row]) for row in range(len(x))]
    np.testing.assert_allclose(loss, np.mean([one for one, _ in alone]))
    expected = np.mean([one.flat for _, one in alone], axis=0)
    np.testing.assert_allclose(gradient.flat, expected, atol=1e-15)


def test_cost_of_the_nll_decodes_its_own_points_once_and_others_anew():
    model, x, eps = small()
    q, decoded = forward(model, x, eps)
    score_function(decoded.cost, q, eps)
    assert "value" in vars(decoded) and "d_output" not in vars(decoded)  # the decoder not entered
    assert decoded.cost.at(q.reparameterize(eps)) is decoded
    other = decoded.cost.at(q.reparameterize(-eps))
    np.testing.assert_array_equal(other.z, q.mu - q.sigma * eps)
    np.testing.assert_array_equal(nll_cost(model, x)(decoded.z), decoded.value)
    np.testing.assert_array_equal(nll_cost(model, x).derivative(decoded.z), decoded.slope)


def test_score_function_enters_the_decoder_for_its_own_weights_only():
    model, x, eps = small()
    seen = []

    def watched(cost, q, eps):
        seen.append(cost.at(q.reparameterize(eps)))
        return score_function(cost, q, eps)

    elbo_gradient(model, x, eps, watched)
    assert "d_hidden" in vars(seen[0]) and "slope" not in vars(seen[0])


def test_leave_one_out_is_the_score_function_with_the_mean_of_the_others():
    model, x, eps = small(samples=3)
    q, decoded = forward(model, x, eps)
    terms = leave_one_out(decoded.cost, q, eps)
    for k in range(3):
        others = np.delete(decoded.value, k, axis=0).mean(axis=0)[:, np.newaxis]
        expected = score_function(decoded.cost, q, eps, baseline=others)
        np.testing.assert_allclose(terms.mu[k], expected.mu[k])
        np.testing.assert_allclose(terms.sigma[k], expected.sigma[k])


def one_steep_row(likelihood):
    """A VAE whose NLL bends much over q, its row x, and the exact gradient by quadrature."""
    model, x, _ = small(likelihood, n=1)
    model.V1 *= 3
    points, weights = reference.gauss_rule(np.linspace(-8.5, 8.5, 6))
    eps, weights = reference.product_rule(points, weights * stats.norm.pdf(points), 2)
    eps = eps[:, np.newaxis]

    def mean(estimator):
        q, decoded = forward(model, x, eps)
        return np.array([weights @ terms[:, 0] for terms in estimator(decoded.cost, q, eps)])

    return model, x, mean


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
@pytest.mark.parametrize("baseline", [0.0, 4.0])
def test_both_roads_have_the_same_mean(likelihood, baseline):
    _, _, mean = one_steep_row(likelihood)
    found = mean(partial(score_function, baseline=baseline))
    np.testing.assert_allclose(found, mean(pathwise), rtol=1e-7)


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
@pytest.mark.parametrize(
    ("estimator", "samples"),
    [(score_function, 1), (partial(score_function, baseline=4.0), 1), (leave_one_out, 3)],
    ids=["score function", "with a baseline", "leave-one-out"],
)
def test_score_function_is_unbiased(likelihood, estimator, samples):
    model, x, mean = one_steep_row(likelihood)
    n = 50_000  # one row many times: the rows are independent, with leave-one-out too
    eps = np.random.default_rng(3).standard_normal((samples, n, 2))
    q, decoded = forward(model, np.tile(x, (n, 1)), eps)
    found = np.array([terms.mean(axis=0) for terms in estimator(decoded.cost, q, eps)])
    error = found.std(axis=1) / math.sqrt(n)
    distance = np.abs(found.mean(axis=1) - mean(pathwise)) / error
    assert distance.max() < 4
    assert np.max(np.abs(mean(pathwise)) / error) > 12  # a factor of 2/3 would be seen


def test_likelihoods_are_minus_the_log_of_the_density():
    rng = np.random.default_rng(0)
    output, x = 3 * rng.normal(size=(3, 4, 6)), rng.integers(2, size=(4, 6))
    bernoulli, gaussian = Bernoulli(), GaussianPixels(0.3)
    expected = -stats.bernoulli.logpmf(x, 1 / (1 + np.exp(-output))).sum(axis=-1)
    np.testing.assert_allclose(bernoulli.nll(output, x), expected)
    expected = -stats.norm.logpdf(x, output, 0.3).sum(axis=-1)
    np.testing.assert_allclose(gaussian.nll(output, x), expected)
    assert gaussian.mean(output) is output
    np.testing.assert_allclose(bernoulli.mean(output), 1 / (1 + np.exp(-output)))


def test_extreme_logits_are_finite():
    output, x = np.array([[-900.0, 900.0]]), np.array([[0.0, 0.0]])
    np.testing.assert_array_equal(Bernoulli().nll(output, x), [900.0])
    np.testing.assert_array_equal(Bernoulli().slope(output, x), [[0.0, 1.0]])


def test_kl_is_the_mean_log_ratio_of_the_densities():
    model, x, _ = small(latent=1)
    points, weights = reference.normal_rule(0, 1)
    q = encode(model, x)
    z = q.mu + q.sigma * points  # a row of points for each of the n
    ratio = stats.norm.logpdf(z, q.mu, q.sigma) - stats.norm.logpdf(z)
    np.testing.assert_allclose(kl(q), ratio @ weights)


def test_importance_weighted_bound_is_its_definition_and_tends_to_the_evidence():
    model, x, eps = small(samples=100_000, n=2, latent=1)
    q, decoded = forward(model, x, eps)
    log_joint = stats.norm.logpdf(decoded.z).sum(axis=-1) - decoded.value
    weights = np.exp(log_joint - stats.norm.logpdf(decoded.z, q.mu, q.sigma).sum(axis=-1))
    bound = importance_weighted_bound(decoded, q, eps)
    np.testing.assert_allclose(bound, np.log(weights.mean(axis=0)))

    for row in range(2):
        nll = nll_cost(model, x[row])
        likelihood = reference.mean(lambda z, e, nll=nll: np.exp(-nll(z[:, np.newaxis])), 0, 1)
        evidence = np.log(likelihood)
        error = weights[:, row].std() / weights[:, row].mean() / math.sqrt(len(eps))
        assert error < 0.01 and abs(bound[row] - evidence) < 4 * error


def test_sample_gradients_of_a_weight_follow_the_chain_rule():
    model, x, eps = small()
    q, decoded = forward(model, x[0], eps[:, 0])
    terms, one, zero = pathwise(decoded.cost, q, eps[:, 0]), np.eye(2), np.zeros(2)

    def slope(*latent):
        return backward(q, decoded, Gradient(*latent), count=1).W1[2, 3]

    dmu, dsigma = [slope(row, zero) for row in one], [slope(zero, row) for row in one]
    expected = [slope(*pair) for pair in zip(*terms)]
    np.testing.assert_allclose(terms.along(dmu, dsigma), expected)


def test_weights_are_views_of_one_array():
    model = VAE(np.random.default_rng(0), hidden=32)
    assert sum(getattr(model, name).size for name in model.shapes) == model.flat.size
    assert tuple(model.shapes) == ENCODER + DECODER
    model.flat[...] = np.arange(model.flat.size)
    np.testing.assert_array_equal(model.W1.ravel(), np.arange(64 * 32))
    np.testing.assert_array_equal(model.c2, model.flat[-64:])


def test_first_weights_have_the_variance_of_their_docstring():
    model = VAE(np.random.default_rng(0), pixels=200, hidden=100, latent=50)
    for matrix in (model.W1, model.W2, model.V1, model.V2):
        spread = matrix.std() * math.sqrt(len(matrix))
        assert abs(spread - 1) < 4 / math.sqrt(2 * matrix.size)
    assert not np.any(model.b1) and not np.any(model.c2)


def test_adam_is_its_definition():
    rng, weights, gradient = np.random.default_rng(0), *(Weights({"a": (4,)}, float) for _ in "ab")
    adam, first, second, expected = Adam(0.01), np.zeros(4), np.zeros(4), np.zeros(4)
    for t in range(1, 30):
        gradient.flat[...] = g = rng.normal(size=4) * [1, 1e-3, 1e-8, 10]
        adam.step(weights, gradient)
        first, second = 0.9 * first + 0.1 * g, 0.999 * second + 0.001 * g**2
        corrected = np.sqrt(second / (1 - 0.999**t))
        expected -= 0.01 * first / (1 - 0.9**t) / (corrected + 1e-8)
        np.testing.assert_allclose(weights.a, expected)


@pytest.mark.parametrize(
    ("likelihood", "objective", "samples"),
    [
        (Bernoulli(), elbo_gradient, 1),
        (GaussianPixels(0.3), elbo_gradient, 1),
        (Bernoulli(), partial(elbo_gradient, estimator=score_function), 1),
        (Bernoulli(), partial(elbo_gradient, estimator=leave_one_out), 2),
        (Bernoulli(), importance_weighted_gradient, 3),
    ],
    ids=["pathwise", "Gaussian pixels", "score function", "leave-one-out", "importance weighted"],
)
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.slow
def test_training_lowers_the_loss(likelihood, objective, samples, seed):
    images, _ = vae.load_digits()
    rng = np.random.default_rng(seed)
    model = VAE(rng, hidden=64, likelihood=likelihood, dtype=np.float32)
    eps = rng.standard_normal((samples, 500, 8))
    before, _ = elbo_gradient(model, images[:500], eps)
    losses = list(train(model, images, rng, objective, steps=150, samples=samples))
    after, _ = elbo_gradient(model, images[:500], eps)
    assert len(losses) == 150 and np.isfinite(losses).all()
    assert after < before - 8  # nats for each image
    assert np.mean(losses[-30:]) < np.mean(losses[:30])


def test_training_is_repeatable_and_in_the_dtype_of_the_model():
    images, _ = vae.load_digits()
    flats = []
    for _ in range(2):
        model = VAE(np.random.default_rng(3), hidden=16, dtype=np.float32)
        list(train(model, images, np.random.default_rng(4), steps=5))
        flats.append(model.flat)
    np.testing.assert_array_equal(*flats)


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_single_precision_stays_single(likelihood, estimator):
    model, x, eps = small(likelihood)
    single = VAE(np.random.default_rng(0), 6, 5, 2, likelihood, np.float32)
    single.flat[...] = model.flat
    seen = []

    def watched(cost, q, eps):
        seen.extend([q.mu, q.sigma, q.hidden, *estimator(cost, q, eps)])
        seen.extend(vars(cost.at(q.reparameterize(eps))).values())
        return estimator(cost, q, eps)

    loss, found = elbo_gradient(single, x, eps.astype(np.float32), watched)
    arrays = [
        part for part in [loss, found.flat, *seen] if isinstance(part, np.generic | np.ndarray)
    ]
    assert {part.dtype for part in arrays} == {np.dtype(np.float32)}
    _, expected = elbo_gradient(model, x, eps, estimator)
    np.testing.assert_allclose(found.flat, expected.flat, rtol=1e-4, atol=1e-5)
    loss, found = importance_weighted_gradient(single, x, eps.astype(np.float32))
    assert loss.dtype == found.flat.dtype == np.float32


def test_mean_image_is_the_mean_of_the_likelihood():
    model, x, eps = small(GaussianPixels())
    _, decoded = forward(model, x, eps)
    np.testing.assert_array_equal(vae.mean_image(model, decoded.z), decoded.output)
    np.testing.assert_array_equal(
        vae.mean_image(model, [[0.5, 2]]), [vae.mean_image(model, [0.5, 2])]
    )
    model.likelihood = Bernoulli()
    expected = 1 / (1 + np.exp(-decoded.output[1, 2]))
    np.testing.assert_allclose(vae.mean_image(model, decoded.z[1, 2]), expected)


def test_digits():
    images, labels = vae.load_digits()
    assert images.shape == (1797, 64) and labels.shape == (1797,)
    assert images.min() == 0 and images.max() == 1
    assert set(labels) == set(range(10))


def spoiled(value):
    x = np.full((4, 6), 0.5)
    x[1, 2] = value
    return x


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m, x, e: encode(m, x[:, :5]), r"x must have shape \(n, 6\) .*received .*\(4, 5\)"),
        (lambda m, x, e: encode(m, x[0, :3]), r"\(n, 6\) or \(6,\); received \(3,\)"),
        (lambda m, x, e: encode(m, x[np.newaxis]), r"x must have .*received \(1, 4, 6\)"),
        (lambda m, x, e: encode(m, x[:0]), r"x must have shape \(n, 6\) .*received .*\(0, 6\)"),
        (lambda m, x, e: encode(m, x + 0j), "x must be real numbers; received"),
        (lambda m, x, e: encode(m, spoiled(16)), r"x must have values in \[0, 1\].*0.5 to 16"),
        (lambda m, x, e: encode(m, spoiled(-1)), r"x must have values in \[0, 1\].*-1.0 to 0.5"),
        (lambda m, x, e: encode(m, spoiled(np.nan)), r"values in \[0, 1\]; received .*nan"),
        (lambda m, x, e: nll_cost(m, x[0, :3]), r"x must have shape \(n, 6\) or"),
        (lambda m, x, e: nll_cost(m, x)(e[..., :1]), r"z must have .*\(\.\.\., 2\); .*\(3, 4, 1\)"),
        (lambda m, x, e: vae.mean_image(m, e[..., :1]), r"z must have .*2\); .*\(3, 4, 1\)"),
        (lambda m, x, e: vae.mean_image(m, 0.5), r"z must have .*2\); received \(\)"),
        (lambda m, x, e: vae.mean_image(m, "z"), "z must be real numbers; received 'z'"),
        (lambda m, x, e: forward(m, x, e[:0]), r"eps .*\(K, 4, 2\) with K >= 1.*\(0, 4, 2\)"),
        (lambda m, x, e: forward(m, x, e[0]), r"eps .*\(K, 4, 2\) .*received shape \(4, 2\)"),
        (lambda m, x, e: forward(m, x, e[:, :, :1]), r"eps .*received shape \(3, 4, 1\)"),
        (lambda m, x, e: forward(m, x, 0.5), r"eps must be .*received shape \(\)"),
        (lambda m, x, e: elbo_gradient(m, x, one_nan(e)), r"eps .*finite .*\(3, 4, 2\), 1 of 24"),
        (
            lambda m, x, e: importance_weighted_gradient(m, x, one_nan(e)),
            "eps .*1 of 24 not finite",
        ),
        (lambda m, x, e: elbo_gradient(m, x, e[:1], leave_one_out), r"two samples .*\(1, 4, 2\)"),
        (lambda m, x, e: elbo_gradient(m, x, e, lambda *_: 0), "must return a Gradient of two"),
        (lambda m, x, e: score(m, x, e, np.nan), "baseline must be a finite .*received nan"),
        (lambda m, x, e: score(m, x, e, np.ones(3)), r"baseline .*received .*shape \(4, 2\)"),
        (lambda m, x, e: score(m, x, e, np.ones((3, 4))), r"baseline .*received .*shape \(4, 2\)"),
        (lambda m, x, e: next(train(m, x, RNG, samples=0)), "samples must be .*received 0"),
        (lambda m, x, e: next(train(m, x, RNG, steps=-1)), "steps must be .*received -1"),
        (lambda m, x, e: next(train(m, x, RNG, batch=2.5)), "batch must be .*received 2.5"),
        (
            lambda m, x, e: next(train(m, x, RNG, rate=np.nan)),
            "rate must be .*above 0; received nan",
        ),
        (lambda m, x, e: next(train(m, x, RNG, rate=-1)), "rate must be .*above 0; received -1"),
        (lambda m, x, e: next(train(m, x, RNG, rate="fast")), "rate must be .*received 'fast'"),
        (lambda m, x, e: next(train(m, spoiled(2), RNG)), r"x must have values in \[0, 1\]"),
        (lambda m, x, e: VAE(RNG, latent=0), "latent must be a whole number, 1 or more"),
        (lambda m, x, e: GaussianPixels(0), "scale must be a finite number above 0; received 0"),
    ],
)
def test_bad_input_is_refused(call, message):
    model, x, eps = small()
    before = model.flat.copy()
    with pytest.raises(ValueError, match=message):
        call(model, x, eps)
    np.testing.assert_array_equal(model.flat, before)


RNG = np.random.default_rng(0)


def one_nan(eps):
    eps[1, 2, 0] = np.nan
    return eps


def score(model, x, eps, baseline):
    return elbo_gradient(model, x, eps, partial(score_function, baseline=baseline))


def test_gaussian_pixels_may_be_any_finite_number():
    model, _, _ = small(GaussianPixels())
    assert encode(model, spoiled(-3)).mu.shape == (4, 2)
    with pytest.raises(ValueError, match="x must have finite values; received .*nan"):
        encode(model, spoiled(np.nan))


# ---- Against an independent implementation of differentiation ----


@pytest.fixture
def torch():
    return pytest.importorskip("torch", reason="PyTorch is an extra: pip install -e .[reference]")


def twin(model):
    """The same VAE in PyTorch, and its gradients after `backward` under our names."""
    from torch_vae import TorchVAE

    net = TorchVAE(6, 5, 2).double().copy(model)

    def assert_same(gradient):
        for layer, matrix, bias in net.layers(gradient):
            np.testing.assert_allclose(matrix, layer.weight.grad.numpy().T, rtol=1e-9, atol=1e-12)
            np.testing.assert_allclose(bias, layer.bias.grad.numpy(), rtol=1e-9, atol=1e-12)

    return net, assert_same


def test_tutorial_loss_has_the_same_gradient_in_pytorch(torch):
    from torch_vae import bernoulli_loss

    model, x, eps = small(samples=1)
    net, assert_same = twin(model)
    x_torch = torch.tensor(x)
    expected = bernoulli_loss(*(out := net(x_torch, torch.tensor(eps[0])))[:1], x_torch, *out[1:])
    expected.backward()
    loss, gradient = elbo_gradient(model, x, eps)
    np.testing.assert_allclose(loss, expected.item(), rtol=1e-12)
    assert_same(gradient)


@pytest.mark.parametrize("objective", ["pathwise", "score function", "importance weighted"])
@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_objectives_have_the_same_gradients_in_pytorch(torch, likelihood, objective):
    from torch.distributions import Bernoulli as TorchBernoulli
    from torch.distributions import Normal, kl_divergence

    model, x, eps = small(likelihood)
    net, assert_same = twin(model)
    mu, s = net.encode(torch.tensor(x))
    q, prior = Normal(mu, s.exp()), Normal(torch.zeros_like(mu), 1.0)
    z = mu + s.exp() * torch.tensor(eps)
    if objective == "score function":
        z = z.detach()
    output = net.decode(z)
    if isinstance(likelihood, Bernoulli):
        pixels = TorchBernoulli(logits=output, validate_args=False)
    else:
        pixels = Normal(output, likelihood.scale)
    nll = -pixels.log_prob(torch.tensor(x)).sum(-1)
    log_q = q.log_prob(z).sum(-1)
    if objective == "pathwise":
        (nll.mean(0) + kl_divergence(q, prior).sum(-1)).mean().backward()
        _, gradient = elbo_gradient(model, x, eps)
    elif objective == "score function":
        surrogate = nll + nll.detach() * log_q  # the second term for phi, the first for theta
        (surrogate.mean(0) + kl_divergence(q, prior).sum(-1)).mean().backward()
        _, gradient = elbo_gradient(model, x, eps, score_function)
    else:
        log_w = prior.log_prob(z).sum(-1) - nll - log_q
        (-torch.logsumexp(log_w, 0)).mean().backward()
        _, gradient = importance_weighted_gradient(model, x, eps)
    assert_same(gradient)
