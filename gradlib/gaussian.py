"""The Gaussian q = N(mu, sigma^2), and the pair of gradients that belongs to it."""

from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from gradlib.arguments import Once, parameter, read_only, real_array, shorten


class Gradient(NamedTuple):
    """One entry for each parameter of the Gaussian: d/dmu and d/dsigma.

    An entry is whatever the context makes of it: a number, per-sample gradients of eps's shape, or
    an `Estimate`.
    """

    mu: Any
    sigma: Any

    def along(self, dmu, dsigma):
        """Chain rule: d/dphi = (dmu/dphi) d/dmu + (dsigma/dphi) d/dsigma.

        For a scalar Gaussian `dmu` and `dsigma` are numbers. For a Gaussian on R^d they have shape
        (d,), or (d, p) for p parameters at once; they are summed over. No `Estimate`s.
        """
        own = [real_array(x, expected := "a Gradient along phi must be of numbers") for x in self]
        if any(isinstance(entry, tuple) for entry in self):
            raise ValueError(f"{expected}; received {shorten(self)}")
        dmu, dsigma = (real_array(x, "dmu and dsigma must be real numbers") for x in (dmu, dsigma))
        return np.dot(own[0], dmu) + np.dot(own[1], dsigma)


@dataclass(frozen=True, eq=False)
class Gaussian:
    """N(mu, sigma^2) on R, or with diagonal covariance on R^d, or one such Gaussian for each row.

    `mu` and `sigma > 0` are two floats, or two arrays of shape (d,), or of shape (n, d) for n
    Gaussians at once (a batch). sigma is the standard deviation, never its logarithm. Points `z`
    and noise `eps` have any shape for a scalar Gaussian, else (..., d) or (..., n, d). What is
    float32 stays float32. Raises ValueError for anything else.
    """

    mu: Any
    sigma: Any

    def __post_init__(self):
        for name in ("mu", "sigma"):
            array = parameter(name, getattr(self, name))
            object.__setattr__(self, name, array if array.ndim else float(array))
        if np.shape(self.mu) != np.shape(self.sigma):
            raise ValueError(
                "mu and sigma must have the same shape; "
                f"received {np.shape(self.mu)} and {np.shape(self.sigma)}"
            )
        if np.count_nonzero(np.greater(self.sigma, 0)) < np.size(self.sigma):  # faster than all()
            raise ValueError(f"sigma must be greater than 0; received {shorten(self.sigma)}")

    def __eq__(self, other):
        if not isinstance(other, Gaussian):
            return NotImplemented
        return np.array_equal(self.mu, other.mu) and np.array_equal(self.sigma, other.sigma)

    def __hash__(self):
        return hash((self.shape, *np.ravel(self.mu).tolist(), *np.ravel(self.sigma).tolist()))

    @cached_property
    def shape(self):
        """() for a scalar Gaussian, (d,) on R^d, (n, d) for a batch."""
        return np.shape(self.mu)

    def reparameterize(self, eps):
        """z = mu + sigma * eps: noise eps ~ N(0, 1) becomes a draw of this Gaussian."""
        return self.mu + self.sigma * self._points("eps", eps)

    def standardize(self, z):
        """eps = (z - mu) / sigma: the inverse of `reparameterize`."""
        return (self._points("z", z) - self.mu) / self.sigma

    def log_prob(self, z):
        """log N(z | mu, sigma^2); on R^d the sum over the coordinates, of shape z.shape[:-1]."""
        eps = self.standardize(z)
        terms = -0.5 * eps**2 - np.log(self.sigma) - 0.5 * np.log(2 * np.pi)
        return terms.sum(axis=-1) if self.shape else terms

    def score(self, z):
        """Gradient of log_prob(z): (z - mu)/sigma^2 and ((z - mu)^2 - sigma^2)/sigma^3."""
        return self.score_of_noise(self.standardize(z))

    def score_of_noise(self, eps):
        """The score at z = mu + sigma*eps: eps/sigma and (eps^2 - 1)/sigma.

        The same as `score`, without the loss of digits in (z - mu) when sigma is tiny.
        """
        eps = self._points("eps", eps)
        return Gradient(eps / self.sigma, (eps * eps - 1) / self.sigma)

    def remembering(self):
        """A copy for several estimators at the same, read-only eps: z and the score come once."""
        twin = copy(self)
        z, score = self.reparameterize, self.score_of_noise
        object.__setattr__(twin, "reparameterize", Once(lambda eps: read_only(z(eps))))
        shared = Once(lambda eps: Gradient(*map(read_only, score(eps))))
        object.__setattr__(twin, "score_of_noise", shared)
        return twin

    def _points(self, name, points):
        points = real_array(points, f"{name} must be real numbers")
        shape = self.shape
        if shape and points.shape[-len(shape) :] != shape:
            raise ValueError(
                f"{name} must have shape (..., {', '.join(map(str, shape))}) for a Gaussian of "
                f"shape {shape}; received shape {points.shape}"
            )
        return points
