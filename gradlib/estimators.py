"""The two estimators of d/dphi E[r(Z)], as per-sample terms.

The course's one idea: an estimator maps (cost, q, eps) to one gradient for each eps. Give it
random eps and the average is a Monte Carlo estimate (`montecarlo`); give it quadrature nodes and
the weighted average is exact (`exact`). The functions below do not know which it is.
"""

import numpy as np

from gradlib.gaussian import Gradient


def score_function(cost, q, eps, baseline=0.0):
    """Score-function estimator (REINFORCE, likelihood ratio), one term for each eps.

    Approximates  d/dphi E[r(Z)]
    With          (r(z) - baseline) * d/dphi log N(z | mu, sigma^2),  z = mu + sigma*eps
    Requires      nothing of r but moments: steps and black boxes are welcome

    `eps` has shape (n,), or (n, d) on R^d. `baseline` is a number that does not depend on eps, or a
    `Gradient` with one (or, on R^d, d) for each parameter; as E[score] = 0 it shifts no mean.
    Returns a `Gradient` of arrays of eps's shape. Raises ValueError for other baselines.
    Source: Williams (1992).
    """
    baseline = _baseline(baseline, q)
    score = q.score_of_noise(eps)
    value = cost(q.reparameterize(eps))
    if q.shape:
        value = value[..., np.newaxis]  # one cost for all d coordinates of a sample
    return Gradient((value - baseline.mu) * score.mu, (value - baseline.sigma) * score.sigma)


def pathwise(cost, q, eps):
    """Pathwise (reparameterization) estimator, one term for each eps.

    Approximates  d/dphi E[r(Z)]
    With          d/dphi r(mu + sigma*eps) = r'(z) * (1 for mu, eps for sigma)
    Requires      r locally absolutely continuous: a kink does no harm, a step makes it wrong

    `eps` has shape (n,), or (n, d) on R^d. Returns a `Gradient` of arrays of eps's shape.
    Source: Kingma and Welling (2013); Rezende, Mohamed and Wierstra (2014).
    """
    slope = cost.derivative(q.reparameterize(eps))
    return Gradient(slope, slope * eps)


def _baseline(baseline, q):
    pair = baseline if isinstance(baseline, Gradient) else Gradient(baseline, baseline)
    for value in pair:
        if hasattr(value, "free_symbols") and hasattr(q.mu, "free_symbols"):
            continue  # SymPy's symbols, from `closed_forms`
        try:
            good = np.shape(value) in ((), q.shape) and np.all(np.isfinite(value))
        except (TypeError, ValueError):
            good = False
        if not good:
            raise ValueError(
                "baseline must be a finite number, or a Gradient with one for each parameter; "
                f"received {baseline!r}"
            )
    return pair
