"""A variational autoencoder whose latent variables are bits: the same network, another q.

    encoder   logits = tanh(x W1 + b1) W2 + b2,  q(z|x) = Bernoulli(logits)
    decoder   that of `vae`, at z in {0, 1}^d
    loss      E_q[NLL(z)] + KL(q, fair coins)

There is no path from z to the logits, so pathwise is out; any estimator of `gradlib.discrete` will
do. With few bits all 2^d of their states can be decoded: the exact gradient.
Shapes: x is (n, pixels), logits (n, d), noise (draws, K, n, d), z (..., n, d).
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradlib.course.vae import Adam, Decoding, Weights, backward_from_head
from gradlib.course.vae import Bernoulli as Pixels
from gradlib.discrete import MultiSample, score_function
from gradlib.states import Bernoulli, softplus


class BinaryVAE(Weights):
    """Weights as in `vae.VAE`, but with one output of the encoder for each of the latent bits."""

    def __init__(self, rng, pixels=64, hidden=64, latent=6):
        shapes = {"W1": (pixels, hidden), "b1": (hidden,), "W2": (hidden, latent), "b2": (latent,)}
        shapes |= {"V1": (latent, hidden), "c1": (hidden,), "V2": (hidden, pixels)}
        super().__init__(shapes | {"c2": (pixels,)}, np.float64)
        self.latent, self.likelihood = latent, Pixels()
        for matrix in (self.W1, self.W2, self.V1, self.V2):
            matrix[...] = rng.standard_normal(matrix.shape) / math.sqrt(len(matrix))


@dataclass(frozen=True, eq=False)
class Encoding(Bernoulli):
    """q(z|x), a row for each row of x, and the hidden layer on the way."""

    x: Any
    hidden: Any


def encode(net, x):
    """x of shape (n, pixels) -> hidden layer -> logits, as an `Encoding`."""
    hidden = np.tanh(x @ net.W1 + net.b1)
    return Encoding(hidden @ net.W2 + net.b2, x, hidden)


def kl(q):
    """KL(q, fair coins) of each row: the sum of p log p + (1 - p) log(1 - p) + log 2."""
    return (q.probs * q.logits - softplus(q.logits) + math.log(2)).sum(axis=-1)


def elbo_gradient(net, x, noise, estimator=score_function):
    """Negative ELBO and its gradient, a `Weights`; noise has shape (draws, K, n, d).

    The decoder's own gradient takes all of the draws, whatever the estimator does with them.
    """
    q = encode(net, x)
    decoded = Decoding(net, x, q.sample(noise))
    latent = estimator(decoded.cost, q, _drawn(estimator, noise)).mean(axis=0)
    share = np.full((*decoded.value.shape, 1), 1 / decoded.value[..., 0].size)
    loss = (decoded.value.mean(axis=(0, 1)) + kl(q)).mean()
    return float(loss), _backward(q, decoded, latent, share)


def exact_gradient(net, x):
    """The same with every state decoded, weighted with its probability: no noise at all."""
    q, states = encode(net, x), all_states(net, x)
    weights = np.exp(q.log_prob(states))[..., np.newaxis]
    decoded = Decoding(net, x, states)
    latent = (weights * decoded.value[..., np.newaxis] * q.score(states)).sum(axis=0)
    loss = ((weights[..., 0] * decoded.value).sum(axis=0) + kl(q)).mean()
    return float(loss), _backward(q, decoded, latent, weights)


def train(net, images, rng, steps, batch=50, rate=0.01):
    """Train `net` in place with exact gradients; returns the loss of the last batch."""
    adam = Adam(rate)
    for _ in range(steps):
        loss, gradient = exact_gradient(net, images[rng.integers(len(images), size=batch)])
        adam.step(net, gradient)
    return loss


def nll_gradients(net, x, estimator, noise):
    """Terms of an estimator for the NLL of each image in its logits, of shape (K, n, d).

    `noise` has shape (draws, K, n, d), with as many draws as the estimator wants, or more.
    """
    q = encode(net, x)
    return estimator(Decoding(net, x, q.probs).cost, q, _drawn(estimator, noise))


def _drawn(estimator, noise):
    return noise[: estimator.draws] if isinstance(estimator, MultiSample) else noise[0]


def exact_nll_gradient(net, x):
    """The mean of unbiased ones: a sum over all states, of shape (n, d)."""
    q, states = encode(net, x), all_states(net, x)
    weighted = np.exp(q.log_prob(states)) * Decoding(net, x, states).value
    return (weighted[..., np.newaxis] * q.score(states)).sum(axis=0)


def all_states(net, x):
    """All states of the bits for each image, of shape (2^d, n, d)."""
    states, _ = Bernoulli(np.zeros(net.latent)).states()
    return np.repeat(states[:, np.newaxis], len(x), axis=1)


def _backward(q, decoded, latent, share):
    """As in `vae`: `latent` is that of the NLL in the logits, the KL term's is known."""
    d_head = latent + q.probs * (1 - q.probs) * q.logits
    return backward_from_head(q, decoded, d_head, len(q.x), share)
