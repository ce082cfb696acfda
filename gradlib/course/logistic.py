"""Bayesian logistic regression on 569 tumours: data, exact loss, and descent with any estimator.

The posterior of 31 weights is approximated by q = N(mu, diag(sigma^2)). The loss is the negative
ELBO, J + KL(q || prior), with J the expected negative log-likelihood. p = (mu, log sigma) holds the
62 parameters.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import expit

from gradlib.control_variates import delta
from gradlib.cost import Cost
from gradlib.estimators import score_function
from gradlib.gaussian import Gaussian, Gradient

WEIGHTS = 31
EXPANSION = 2 * WEIGHTS + 1  # evaluations for the value, slope and second derivatives at mu
START = np.zeros(2 * WEIGHTS)  # mu = 0, sigma = 1


def signed_rows():
    """The data as A of shape (569, 31): each standardised row, and 1 for the bias, times y = +-1.

    A row's probability under the weights z is 1/(1 + exp(-A z)).
    """
    from sklearn.datasets import load_breast_cancer

    X, y = load_breast_cancer(return_X_y=True)
    X = np.column_stack([(X - X.mean(axis=0)) / X.std(axis=0), np.ones(len(X))])
    return X * (2 * y - 1)[:, np.newaxis]


def negative_log_likelihood(A):
    """The cost of the weights z, of shape (..., 31)."""
    return Cost.from_functions(
        lambda z: np.logaddexp(0, -z @ A.T).sum(axis=-1),
        lambda z: -expit(-z @ A.T) @ A,
        "negative log-likelihood",
    )


def gaussian(p):
    """q at the parameters p = (mu, log sigma), of shape (62,) or (n, 62)."""
    return Gaussian(p[..., :WEIGHTS], np.exp(p[..., WEIGHTS:]))


def exact_loss(A, p, points=121):
    """Negative ELBO and its gradient in p of shape (62,), without noise.

    Under q each A_k z is one normal number: J is a sum of 569 integrals over the line, for which
    the trapezoidal rule with 121 points is exact to 1e-3.
    """
    nodes = np.linspace(-8, 8, points)
    weights = np.exp(-0.5 * nodes**2) / np.exp(-0.5 * nodes**2).sum()
    mu, sigma = p[:WEIGHTS], np.exp(p[WEIGHTS:])
    logits = (A @ mu)[:, np.newaxis] + np.sqrt(A**2 @ sigma**2)[:, np.newaxis] * nodes
    wrong = expit(-logits)
    kl = 0.5 * np.sum(mu**2 + sigma**2 - 1) - np.log(sigma).sum()
    d_mu = -(wrong @ weights) @ A + mu
    d_sigma = ((wrong * (1 - wrong)) @ weights) @ A**2 * sigma + sigma - 1 / sigma
    loss = (np.logaddexp(0, -logits) @ weights).sum() + kl
    return loss, np.concatenate([d_mu, sigma * d_sigma])


def optimum(A):
    """The parameters p of least loss and that loss, by a deterministic optimiser (L-BFGS)."""
    from scipy.optimize import minimize

    found = minimize(
        lambda p: exact_loss(A, p), START, jac=True, method="L-BFGS-B", options={"ftol": 1e-14}
    )
    return found.x, found.fun


class FittedDelta:
    """The delta method with its best coefficient, which is fitted to the batches before.

    E1 - a C with C = E1 - delta, the control variate, and a = E[E1 C] / E[C^2], one for mu and one
    for sigma, as moving averages over earlier calls. So no sample meets a coefficient that it
    helped to fit, and the terms are unbiased. It is 0 at the first call.
    """

    def __init__(self, decay=0.9):
        self.decay, self.moments = decay, None

    def __call__(self, cost, q, eps):
        first = np.stack(score_function(cost, q, eps))
        control = first - np.stack(delta(cost, q, eps))
        own = np.stack([first * control, control**2]).mean(axis=(2, -1), keepdims=True)
        before = [0.0, 1.0] if self.moments is None else self.moments
        terms = first - before[0] / before[1] * control
        decay = 0.0 if self.moments is None else self.decay
        self.moments = own if not decay else decay * self.moments + (1 - decay) * own
        return Gradient(*terms)


class Descent(NamedTuple):
    """Exact losses, one row a seed, after so many cost evaluations; inf after a breakdown."""

    evaluations: np.ndarray
    losses: np.ndarray


def tune(A, estimator, sizes, rates, seeds):
    """The worst final loss over the seeds, one row for each number of samples M, for each rate."""
    every = np.repeat(rates, len(seeds))
    finals = [descend(A, estimator, M, every, [*seeds] * len(rates)).losses[:, -1] for M in sizes]
    return np.reshape(finals, (len(sizes), len(rates), len(seeds))).max(axis=-1)


def descend(A, estimator, M, rate, seeds, looks=2, budget=5000):
    """Gradient descent on the loss from START, once for each seed, on a budget of evaluations.

    A step takes M samples, and EXPANSION more evaluations for the delta method; a slope counts as
    one. The rate, a number or one for each seed, falls like a cosine. A run with a parameter beyond
    10 has broken down. A class, such as FittedDelta, is made anew for each descent.
    """
    price = M + EXPANSION * (estimator in (delta, FittedDelta))
    terms_of = estimator() if isinstance(estimator, type) else estimator
    rngs = [np.random.default_rng(seed) for seed in seeds]
    p, cost = np.tile(START, (len(seeds), 1)), negative_log_likelihood(A)
    rate = np.broadcast_to(rate, len(seeds))[:, np.newaxis]
    lost, losses, steps = np.zeros(len(seeds), bool), [], budget // price
    moments = np.linspace(0, steps, looks).astype(int)
    for step in range(steps + 1):
        if step in moments:
            losses.append(np.where(lost, np.inf, [exact_loss(A, one)[0] for one in p]))
        eps = np.stack([rng.standard_normal((M, WEIGHTS)) for rng in rngs], axis=1)
        slope = _slope(terms_of, cost.remembering(), gaussian(p), eps)
        p = p - rate * np.cos(np.pi / 2 * step / steps) * slope
        lost |= np.abs(p).max(axis=1) > 10
        p[lost] = START
    return Descent(moments * price, np.transpose(losses))


def _slope(terms_of, cost, q, eps):
    """Estimated gradient of the loss in p: the KL divergence is known, so only J is sampled."""
    d_mu, d_sigma = (terms.mean(axis=0) for terms in terms_of(cost, q, eps))
    d_sigma = d_sigma + q.sigma - 1 / q.sigma
    return np.concatenate([d_mu + q.mu, q.sigma * d_sigma], axis=1)
