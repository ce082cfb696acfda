"""The linear-Gaussian VAE: everything about its gradient is known in closed form.

    encoder   q(z|x) = N(W x + b, sigma^2) with a free scale sigma in R^d
    decoder   p(x|z) = N(V z + c, scale^2 I)

Its negative log-likelihood is a quadratic in z: r(z) = z^T A z + b^T z + c. In the noise eps it is
again one, r = const + beta^T eps + eps^T M eps, with D = diag(sigma), M = D A D and
beta = D (2 A mu + b). All that follows is Stein's lemma: E[f eps_i^2] = E[f + f_ii] and
E[f (eps_i^2 - 1)^2] = E[2 f + 4 f_ii + f_iiii], for f = r^2 and its derivatives along eps_i.
"""

from dataclasses import dataclass

import numpy as np

from gradlib.arguments import real_array, require_positive
from gradlib.cost import Cost
from gradlib.gaussian import Gaussian, Gradient


@dataclass(frozen=True, eq=False)
class Quadratic:
    """r(z) = z^T A z + b^T z + c on R^d, with A symmetric (d, d), b (d,) and a number c.

    Its methods take a `Gaussian` q on R^d. Raises ValueError for other shapes, or A not symmetric.
    """

    A: np.ndarray
    b: np.ndarray
    c: float

    def __post_init__(self):
        _make_arrays(self, "A", "b", "c")
        d = self.b.size
        _check_shapes(self, A=(d, d), b=(d,), c=())
        if not all(np.isfinite(part).all() for part in (self.A, self.b, self.c)):
            raise ValueError(
                f"A, b and c must be finite; received {self.A.tolist()}, {self.b}, {self.c}"
            )
        if not np.allclose(self.A, self.A.T, rtol=1e-12, atol=0):
            raise ValueError(f"A must be symmetric; received {self.A.tolist()}")

    @property
    def cost(self):
        """The same as a `Cost` on R^d."""
        return Cost.from_functions(
            lambda z: ((z @ self.A) * z).sum(axis=-1) + z @ self.b + self.c,
            lambda z: 2 * z @ self.A + self.b,
            "a quadratic",
        )

    def value(self, q):
        """J = E[r(Z)] = r(mu) + tr M."""
        _, _, M, at_mean = self._in_noise(q)
        return float(at_mean + np.trace(M))

    def gradient(self, q):
        """dJ/dmu = 2 A mu + b and dJ/dsigma_i = 2 A_ii sigma_i, a `Gradient` of shape (d,)."""
        slope, _, _, _ = self._in_noise(q)
        return Gradient(slope, 2 * np.diag(self.A) * q.sigma)

    def pathwise_variance(self, q):
        """Variance of one term of `pathwise`, a `Gradient` of shape (d,).

        With a_ij = 2 A_ij sigma_j:  sum_j a_ij^2  for mu_i, and
        (dJ/dmu_i)^2 + a_ii^2 + sum_j a_ij^2  for sigma_i. The constant c is in neither.
        """
        slope, _, M, _ = self._in_noise(q)
        spread = 4 * (M**2).sum(axis=1) / q.sigma**2
        return Gradient(spread, slope**2 + 4 * np.diag(M) ** 2 / q.sigma**2 + spread)

    def score_function_variance(self, q, baseline=0.0):
        """Variance of one term of `score_function`, a `Gradient` of shape (d,).

        With J and r counted from the baseline, E[r^2] = J^2 + |beta|^2 + 2 tr M^2, and
        curved_i = E[d^2 r^2 / d eps_i^2] = 2 beta_i^2 + 8 sum_j M_ij^2 + 4 M_ii J:
        (E[r^2] + curved_i - beta_i^2) / sigma_i^2  for mu_i, and
        (2 E[r^2] + 4 curved_i + 20 M_ii^2) / sigma_i^2  for sigma_i.
        """
        _, beta, M, _ = self._in_noise(q)
        J, bends = self.value(q) - baseline, np.diag(M)
        square = J**2 + beta @ beta + 2 * (M**2).sum()
        curved = 2 * beta**2 + 8 * (M**2).sum(axis=1) + 4 * bends * J
        return Gradient(
            (square + curved - beta**2) / q.sigma**2,
            (2 * square + 4 * curved + 20 * bends**2) / q.sigma**2,
        )

    def variance_gap(self, q, baseline=0.0):
        """Variance of E1 minus that of E2, a `Gradient` of shape (d,), as sums of squares.

        For mu_i the diagonal of `gap_matrix_of_means`, for sigma_i
        (2 (J + 4 M_ii)^2 + 7 beta_i^2 + 28 sum_j M_ij^2 - 16 M_ii^2 + 2 |beta|^2 + 4 tr M^2)
        / sigma_i^2: pathwise wins for both, whatever the constant and the baseline.
        """
        _, beta, M, _ = self._in_noise(q)
        J, bends = self.value(q) - baseline, np.diag(M)
        own = 7 * beta**2 + 28 * (M**2).sum(axis=1) - 16 * bends**2
        common = 2 * beta @ beta + 4 * (M**2).sum()
        return Gradient(
            np.diag(self.gap_matrix_of_means(q, baseline)),
            (2 * (J + 4 * bends) ** 2 + own + common) / q.sigma**2,
        )

    def gap_matrix_of_means(self, q, baseline=0.0):
        """Covariance of E1 minus that of E2 for d/dmu: the gap theorem's matrix, of shape (d, d).

        E[r^2] D^-2 + E[grad r grad r^T] + 2 E[r Hess r], which for a quadratic is
        D^-1 ((|beta|^2 + 2 tr M^2) I + beta beta^T + (J I + 2 M)^2) D^-1. It is positive definite
        (unless r is constant and equal to the baseline): pathwise wins along every direction of mu.
        """
        _, beta, M, _ = self._in_noise(q)
        one = np.eye(len(beta))
        root = (self.value(q) - baseline) * one + 2 * M
        spread = beta @ beta + 2 * (M**2).sum()
        matrix = spread * one + np.outer(beta, beta) + root @ root
        return matrix / np.outer(q.sigma, q.sigma)

    def _in_noise(self, q):
        """2 A mu + b, and the coefficients of r in eps: beta, M, r(mu)."""
        if q.shape != self.b.shape:
            raise ValueError(f"q must be a Gaussian of shape {self.b.shape}; received {q.shape}")
        slope = 2 * self.A @ q.mu + self.b
        at_mean = q.mu @ self.A @ q.mu + self.b @ q.mu + self.c
        return slope, q.sigma * slope, self.A * np.outer(q.sigma, q.sigma), at_mean


@dataclass(frozen=True, eq=False)
class LinearVAE:
    """q(z|x) = N(W x + b, sigma^2), p(x|z) = N(V z + c, scale^2 I); x in R^D, z in R^d.

    W has shape (d, D), b and sigma (d,), V (D, d), c (D,); scale > 0 is a number. A data point x
    has shape (D,). Raises ValueError for other shapes.
    """

    W: np.ndarray
    b: np.ndarray
    sigma: np.ndarray
    V: np.ndarray
    c: np.ndarray
    scale: float

    def __post_init__(self):
        _make_arrays(self, "W", "b", "sigma", "V", "c")
        D, d = self.c.size, self.b.size
        _check_shapes(self, W=(d, D), b=(d,), sigma=(d,), V=(D, d), c=(D,))
        require_positive("scale", self.scale)

    def posterior(self, x):
        """q(z|x) as a `Gaussian` on R^d."""
        return Gaussian(self.W @ self._point(x) + self.b, self.sigma)

    def nll(self, x):
        """-log p(x|z) = |x - V z - c|^2 / (2 scale^2) + D log(scale sqrt(2 pi)): a `Quadratic`."""
        rest, precision = self._point(x) - self.c, 1 / self.scale**2
        constant = len(rest) * np.log(self.scale * np.sqrt(2 * np.pi))
        return Quadratic(
            0.5 * precision * self.V.T @ self.V,
            -precision * self.V.T @ rest,
            0.5 * precision * rest @ rest + constant,
        )

    def _point(self, x):
        x = real_array(x, "x must be real numbers")
        if x.shape != self.c.shape:
            raise ValueError(f"x must have shape {self.c.shape}; received {x.shape}")
        return x


def _make_arrays(model, *names):
    for name in names:
        array = real_array(getattr(model, name), f"{name} must be real numbers")
        object.__setattr__(model, name, np.array(array, dtype=float))


def _check_shapes(model, **expected):
    for name, shape in expected.items():
        received = getattr(model, name).shape
        if received != shape:
            raise ValueError(f"{name} must have shape {shape}; received {received}")
