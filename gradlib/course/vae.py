"""A variational autoencoder in NumPy, small enough to see both roads of its gradient.

    encoder   (mu, s) = tanh(x W1 + b1) W2 + b2,  sigma = exp(s),  q(z|x) = N(mu, sigma^2)
    decoder   output = tanh(z V1 + c1) V2 + c2,  p(x|z) Bernoulli or Gaussian
    loss      E_q[NLL(z)] + KL(q, N(0, I)),  NLL(z) = -log p(x|z):  the negative ELBO

For given images x the NLL is a `Cost` and q a `Gaussian` with a row for each image, so the
estimators are those of `gradlib`. They part only at the gradient with respect to mu and sigma:

    pathwise         from the NLL back through the decoder to z, then z = mu + sigma*eps
    score_function   the NLL as a mere number, times the score of q: the decoder is not entered

From there on both walk the same way back through the encoder. The decoder's own gradient is the
same for both; the KL term is exact, without noise.

Shapes: x is (n, pixels), mu and sigma are (n, d), eps and z (K, n, d), the NLL (K, n). For one
image, x of shape (pixels,), the n is missing in all of them.
Source: Kingma and Welling (2013); Rezende, Mohamed and Wierstra (2014).
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from gradlib.arguments import real_array, require_positive, require_whole_number
from gradlib.cost import Cost
from gradlib.estimators import pathwise
from gradlib.gaussian import Gaussian, Gradient
from gradlib.protocol import terms_of


def load_digits():
    """The 1797 handwritten digits of scikit-learn: images (1797, 64) in [0, 1], labels (1797,)."""
    from sklearn import datasets

    digits = datasets.load_digits()
    return digits.data / 16, digits.target


class Bernoulli:
    """NLL = sum log(1 + e^output) - x * output over the pixels: an output is a logit.

    For pixels that are on or off. A grey value may be read as the probability of "on"; the formula
    is then a cross-entropy, the custom for digits, but no density of grey values.
    """

    expected = "values in [0, 1]"

    def accepts(self, x):
        return x.min() >= 0 and x.max() <= 1  # nan fails both

    def nll(self, output, x):
        # log1p would be slower, and exact where these terms no longer count in the sum
        softplus = np.maximum(output, 0) + np.log(1 + np.exp(-np.abs(output)))
        return (softplus - x * output).sum(axis=-1)

    def slope(self, output, x):
        return self.mean(output) - x

    def mean(self, output):
        return 0.5 + 0.5 * np.tanh(0.5 * output)  # the logistic function, without overflow


@dataclass(frozen=True)
class GaussianPixels:
    """NLL = sum ((x - output) / scale)^2 / 2 + log(scale sqrt(2 pi)): an output is a mean.

    For real-valued data. `scale` > 0 is a pixel's noise: it sets the weight of the NLL against
    that of the KL term.
    """

    scale: float = 0.2
    expected = "finite values"

    def __post_init__(self):
        require_positive("scale", self.scale)

    def accepts(self, x):
        return np.isfinite(x).all()

    def nll(self, output, x):
        constant = x.shape[-1] * math.log(self.scale * math.sqrt(2 * math.pi))
        return 0.5 * (((x - output) / self.scale) ** 2).sum(axis=-1) + constant

    def slope(self, output, x):
        return (output - x) / self.scale**2

    def mean(self, output):
        return output


class Weights:
    """Named views of one array `flat`, which is all that an optimizer needs to know."""

    def __init__(self, shapes, dtype):
        sizes = [math.prod(shape) for shape in shapes.values()]
        self.shapes, self.flat, end = shapes, np.zeros(sum(sizes), dtype), 0
        for (name, shape), size in zip(shapes.items(), sizes, strict=True):
            start, end = end, end + size
            setattr(self, name, self.flat[start:end].reshape(shape))


class VAE(Weights):
    """W1, b1, W2, b2 of the encoder (phi) and V1, c1, V2, c2 of the decoder (theta).

    The matrices are drawn from N(0, 1 / number of rows) with `rng`, the biases are 0. `likelihood`
    is a `Bernoulli()` or `GaussianPixels(scale)`, `dtype` np.float64, or np.float32 for speed.
    Raises ValueError for sizes below 1.
    """

    def __init__(self, rng, pixels=64, hidden=128, latent=8, likelihood=None, dtype=np.float64):
        for name, size in (("pixels", pixels), ("hidden", hidden), ("latent", latent)):
            require_whole_number(name, size)
        shapes = {"W1": (pixels, hidden), "b1": (hidden,)}
        shapes |= {"W2": (hidden, 2 * latent), "b2": (2 * latent,)}
        shapes |= {"V1": (latent, hidden), "c1": (hidden,)}
        shapes |= {"V2": (hidden, pixels), "c2": (pixels,)}
        super().__init__(shapes, dtype)
        self.latent, self.likelihood = latent, likelihood or Bernoulli()
        for matrix in (self.W1, self.W2, self.V1, self.V2):
            matrix[...] = rng.standard_normal(matrix.shape) / math.sqrt(len(matrix))


# ---- Forward: x -> q(z|x) -> z -> NLL ----


@dataclass(frozen=True, eq=False)
class Encoding(Gaussian):
    """q(z|x) = N(mu, sigma^2), a row for each row of x, and the hidden layer on the way."""

    x: Any
    hidden: Any


def encode(vae, x):
    """x -> hidden layer -> (mu, s) -> sigma = exp(s), as an `Encoding`.

    Raises ValueError for x of another shape, or with values that the likelihood does not allow.
    """
    pixels = len(vae.W1)
    x = real_array(x, "x must be real numbers").astype(vae.flat.dtype, copy=False)
    if x.ndim not in (1, 2) or x.size == 0 or x.shape[-1] != pixels:
        raise ValueError(f"x must have shape (n, {pixels}) or ({pixels},); received {x.shape}")
    if not vae.likelihood.accepts(x):
        raise ValueError(
            f"x must have {vae.likelihood.expected}; received values from {x.min()} to {x.max()}"
        )
    hidden = np.tanh(_times(x, vae.W1) + vae.b1)
    head = _times(hidden, vae.W2) + vae.b2
    return Encoding(head[..., : vae.latent], np.exp(head[..., vae.latent :]), x, hidden)


@dataclass(eq=False)
class Decoding:
    """z -> hidden layer -> output -> NLL of x, and the way back from each NLL to its z.

    Each step is made once, when it is first asked for; the score function never asks for `slope`.
    """

    vae: VAE
    x: np.ndarray
    z: np.ndarray

    def __post_init__(self):
        if self.z.shape[-1:] != (self.vae.latent,):
            raise ValueError(f"z must have shape (..., {self.vae.latent}); received {self.z.shape}")

    @cached_property
    def hidden(self):
        return np.tanh(_times(self.z, self.vae.V1) + self.vae.c1)

    @cached_property
    def output(self):
        return _times(self.hidden, self.vae.V2) + self.vae.c2

    @cached_property
    def value(self):
        """NLL = -log p(x|z), one number for each z: shape (K, n)."""
        return self.vae.likelihood.nll(self.output, self.x)

    @cached_property
    def d_output(self):
        """d NLL / d output, shape (K, n, pixels)."""
        return self.vae.likelihood.slope(self.output, self.x)

    @cached_property
    def d_hidden(self):
        """d NLL / d (hidden layer before its tanh), shape (K, n, hidden)."""
        return _times(self.d_output, self.vae.V2.T) * (1 - self.hidden**2)

    @cached_property
    def slope(self):
        """d NLL / dz, shape (K, n, d): what the decoder knows about the way the NLL slopes."""
        return _times(self.d_hidden, self.vae.V1.T)

    def at(self, z):
        """The same images at z: this object, if that is its own z."""
        return self if np.array_equal(z, self.z) else Decoding(self.vae, self.x, z)

    @property
    def cost(self):
        """The NLL of x as a `Cost`. At this z it takes, and leaves, what is known here."""
        return Cost.from_evaluation(self.at, "NLL")


def forward(vae, x, eps):
    """All the way from x and eps, of shape (K, n, d), as (`Encoding`, `Decoding`).

    Raises ValueError for bad x (see `encode`), and for eps of another shape or not finite.
    """
    q, eps = encode(vae, x), real_array(eps, "eps must be real numbers")
    wrong = np.count_nonzero(~np.isfinite(eps))
    if eps.shape[1:] != q.shape or len(eps) == 0 or wrong:
        raise ValueError(
            f"eps must be finite numbers of shape (K, {str(q.shape)[1:]} with K >= 1; "
            f"received shape {eps.shape}, {wrong} of {eps.size} not finite"
        )
    return q, Decoding(vae, q.x, q.reparameterize(eps))


def mean_image(vae, z):
    """E[x|z], what the decoder makes of z: shape (..., pixels) for z of shape (..., d)."""
    return vae.likelihood.mean(Decoding(vae, None, real_array(z, "z must be real numbers")).output)


def nll_cost(vae, x):
    """NLL of images x, a `Cost` for q = encode(vae, x). Raises ValueError as `encode`."""
    q = encode(vae, x)
    return Decoding(vae, q.x, q.mu).cost


# ---- The way back that is common to both roads ----


def backward(q, decoded, latent, count, share=None):
    """Gradient of the loss in all weights, a `Weights`: summed over K and n, divided by `count`.

    The encoder's begins at `latent`, a `Gradient` of shape (n, d), and d/ds = sigma * d/dsigma, as
    sigma = exp(s). The decoder's begins at the NLL; `share`, of shape (K, n, 1), gives each sample
    a weight of its own.
    """
    d_head = np.concatenate([latent.mu, latent.sigma * q.sigma], axis=-1)
    return backward_from_head(q, decoded, d_head, count, share)


def backward_from_head(q, decoded, d_head, count, share=None):
    """The same from `d_head`, the gradient in the encoder's outputs."""
    vae = decoded.vae
    gradient = Weights(vae.shapes, vae.flat.dtype)
    d_hidden = _times(d_head, vae.W2.T) * (1 - q.hidden**2)
    _layer_backward(q.hidden, d_head, gradient.W2, gradient.b2)
    _layer_backward(q.x, d_hidden, gradient.W1, gradient.b1)
    d_output, d_hidden = decoded.d_output, decoded.d_hidden
    if share is not None:
        d_output, d_hidden = share * d_output, share * d_hidden
    _layer_backward(decoded.hidden, d_output, gradient.V2, gradient.c2)
    _layer_backward(decoded.z, d_hidden, gradient.V1, gradient.c1)
    gradient.flat /= count
    return gradient


def kl(q):
    """KL(N(mu, sigma^2), N(0, I)) = sum (mu^2 + sigma^2 - 1)/2 - log sigma, shape (n,)."""
    return (0.5 * (q.mu**2 + q.sigma**2 - 1) - np.log(q.sigma)).sum(axis=-1)


# ---- Objectives, (vae, x, eps) -> (loss, gradient): averages over the n rows ----


def elbo_gradient(vae, x, eps, estimator=pathwise):
    """Negative ELBO, from K samples of each row, and its gradient, a `Weights`.

    `estimator` is any of `gradlib`: a function (cost, q, eps) -> `Gradient` of per-sample terms.
    Raises ValueError for bad x or eps (see `forward`).
    """
    q, decoded = forward(vae, x, eps)
    terms = terms_of(estimator, decoded.cost, q, eps)
    exact = Gradient(q.mu, q.sigma - 1 / q.sigma)  # that of the KL term
    latent = Gradient(*((term + known).sum(axis=0) for term, known in zip(terms, exact)))
    loss, count = (decoded.value + kl(q)).sum(), decoded.value.size
    return loss / count, backward(q, decoded, latent, count)


def importance_weighted_bound(decoded, q, eps):
    """log (w_1 + ... + w_K)/K with w_k = p(x, z_k) / q(z_k|x), shape (n,).

    Its mean is the ELBO at K = 1, never falls with K and never exceeds log p(x).
    Source: Burda, Grosse and Salakhutdinov (2016).
    """
    return np.logaddexp.reduce(_log_weights(decoded, q, eps), axis=0) - math.log(len(eps))


def importance_weighted_gradient(vae, x, eps):
    """Negative importance-weighted bound, and its gradient by the pathwise road, a `Weights`.

    The gradient of log w_k, weighted with w_k / (w_1 + ... + w_K). Raises ValueError as `forward`.
    """
    q, decoded = forward(vae, x, eps)
    bound = importance_weighted_bound(decoded, q, eps)
    share = np.exp(_log_weights(decoded, q, eps) - bound)[..., np.newaxis] / len(eps)
    slope = share * (decoded.slope + decoded.z)  # -log w = NLL + z^2/2 - eps^2/2 - log sigma
    latent = Gradient(slope.sum(axis=0), (slope * eps - share / q.sigma).sum(axis=0))
    return -bound.mean(), backward(q, decoded, latent, bound.size, share)


def _log_weights(decoded, q, eps):
    """log w_k, shape (K, n); the constants of the two Gaussians cancel."""
    log_ratio = 0.5 * (np.square(eps) - decoded.z**2).sum(axis=-1) + np.log(q.sigma).sum(axis=-1)
    return log_ratio - decoded.value


# ---- Training ----


class Adam:
    """Adam with decay rates 0.9 and 0.999 and floor 1e-8. Source: Kingma and Ba (2014)."""

    def __init__(self, rate):
        require_positive("rate", rate)
        self.rate, self.steps, self.mean, self.square = float(rate), 0, 0.0, 0.0

    def step(self, weights, gradient):
        g, self.steps = gradient.flat, self.steps + 1
        self.mean += 0.1 * (g - self.mean)
        self.square += 0.001 * (g * g - self.square)
        scale = math.sqrt(1 - 0.999**self.steps)  # both averages began at 0: make up for it
        rate = self.rate * scale / (1 - 0.9**self.steps)
        weights.flat -= rate * self.mean / (np.sqrt(self.square) + 1e-8 * scale)


def train(vae, images, rng, objective=elbo_gradient, steps=1000, batch=100, samples=1, rate=1e-3):
    """Train `vae` in place: a generator that makes a step each time, and yields its batch's loss.

    `objective` is `elbo_gradient`, `importance_weighted_gradient`, or a partial of one, such as
    partial(elbo_gradient, estimator=score_function). `samples` is K. The batches are drawn with
    replacement. The first step raises ValueError for bad images (see `encode`), for counts below 1
    and for a rate that is not above 0.
    """
    for name, count in (("steps", steps), ("batch", batch), ("samples", samples)):
        require_whole_number(name, count)
    images, adam = np.atleast_2d(encode(vae, images).x), Adam(rate)
    for _ in range(steps):
        x = images.take(rng.integers(len(images), size=batch), axis=0)
        eps = rng.standard_normal((samples, batch, vae.latent), dtype=vae.flat.dtype)
        loss, gradient = objective(vae, x, eps)
        adam.step(vae, gradient)
        yield float(loss)


def _times(rows, matrix):
    """rows @ matrix, as one product whatever the leading axes."""
    return (rows.reshape(-1, len(matrix)) @ matrix).reshape(*rows.shape[:-1], -1)


def _layer_backward(rows, signal, matrix, bias):
    """Gradient of rows @ matrix + bias from `signal`, that of its result; into matrix and bias."""
    signal = signal.reshape(-1, len(bias))
    np.matmul(rows.reshape(-1, len(matrix)).T, signal, out=matrix)
    signal.sum(axis=0, out=bias)
