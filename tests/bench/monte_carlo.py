"""Means and variances of both estimators' terms, for mu and sigma, beside the drawing alone."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from bench.harness import Case, optional
from gradlib import Cost, Gaussian, monte_carlo, pathwise, score_function

MU, SIGMA, SEED = 0.3, 0.8, 7
FORMULA = "sin(3z) + z^2"
BOTH = [score_function, pathwise]
BLOCK = 2**15


def wave(z):
    return np.sin(3 * z) + z**2


def wave_slope(z):
    return 3 * np.cos(3 * z) + 2 * z


def bowl(z):
    """sum z^2 + log sum exp z"""
    top = z.max(axis=1, keepdims=True)
    return (z**2).sum(axis=1) + top[:, 0] + np.log(np.exp(z - top).sum(axis=1))


def bowl_slope(z):
    weights = np.exp(z - z.max(axis=1, keepdims=True))
    return 2 * z + weights / weights.sum(axis=1, keepdims=True)


def cases(small=False):
    torch, jax = optional("torch"), optional("jax")
    shrink = 100 if small else 1
    formula = {"formula": Cost(FORMULA)}
    functions = Cost.from_functions(wave, wave_slope, FORMULA)
    for n, threads in ((10**6 // shrink, (1, 2)), (1000, (1,))):
        yield Case(
            f"Monte Carlo: {FORMULA} at N({MU}, {SIGMA}), n = {n:,}",
            contenders(n, (), wave, wave_slope, {"functions": functions} | formula, threads)
            | others(torch, jax, n, (), wave_in),
            checked(wave_moments(), n),
            unit="drawing the normals",
        )
    d, n = 100, 10**5 // shrink
    cost = Cost.from_functions(bowl, bowl_slope, "sum z^2 + log sum exp z")
    yield Case(
        f"Monte Carlo: {cost.name} on R^{d}, n = {n:,}",
        contenders(n, (d,), bowl, bowl_slope, {"functions": cost}, (1, 2))
        | others(torch, jax, n, (d,), bowl_in),
        checked(bowl_moments(d), n),
        unit="drawing the normals",
    )


def contenders(n, shape, value, slope, costs, threads):
    """NumPy and gradlib. All return four pairs (mean, variance): E1, then E2, for mu and sigma."""
    q = Gaussian(np.full(shape, MU), np.full(shape, SIGMA))

    def draw():
        return np.random.default_rng(SEED).standard_normal((n, *shape))

    def naive():
        terms = terms_of(draw(), value, slope)
        return [(t.mean(axis=0), t.var(axis=0, ddof=1)) for t in terms]

    def gradlib(cost, threads):
        results = monte_carlo(BOTH, cost, q, n, np.random.default_rng(SEED), threads=threads)
        return [(e.mean, e.variance) for result in results for e in result]

    found = {"drawing the normals": draw, "NumPy, naive": naive}
    for count in threads:
        name = f"{count} thread{'s' * (count > 1)}"
        found[f"NumPy, blocks by hand, {name}"] = lambda count=count: by_hand(
            n, shape, value, slope, count
        )
        for made, cost in costs.items():
            found[f"gradlib, {made}, {name}"] = lambda cost=cost, count=count: gradlib(cost, count)
    return found


def terms_of(eps, value, slope):
    z = MU + SIGMA * eps
    r, dr = value(z), slope(z)
    r = r if r.ndim == eps.ndim else r[:, np.newaxis]
    return r * eps / SIGMA, r * (eps**2 - 1) / SIGMA, dr, dr * eps


def by_hand(n, shape, value, slope, threads):
    """What one writes for speed: blocks that stay in the cache, a stream and a sum for each."""
    rows = BLOCK // int(np.prod(shape))
    sizes = [min(rows, n - start) for start in range(0, n, rows)]
    streams = np.random.default_rng(SEED).spawn(len(sizes))

    def sums(size, stream):
        found = []
        for t in terms_of(stream.standard_normal((size, *shape)), value, slope):
            mean = t.mean(axis=0)
            found.append((mean * size, ((t - mean) ** 2).sum(axis=0), mean**2 * size))
        return found

    with ThreadPoolExecutor(threads) as pool:
        blocks = list(pool.map(sums, sizes, streams))
    found = []
    for total, within, squares in (map(sum, zip(*one, strict=True)) for one in zip(*blocks)):
        mean = total / n
        found.append((mean, (within + squares - n * mean**2) / (n - 1)))
    return found


def wave_in(xp, z):
    return xp.sin(3 * z) + z**2


def bowl_in(xp, z):
    return (z**2).sum(-1) + xp.logsumexp(z, -1)


def others(torch, jax, n, shape, cost):
    """The same in PyTorch and in JAX, in float64, with their own derivatives."""
    found = {}
    if torch:

        def eager():
            rng = torch.Generator().manual_seed(SEED)
            eps = torch.randn(n, *shape, generator=rng, dtype=torch.float64)
            z = (MU + SIGMA * eps).requires_grad_()
            r = cost(torch, z)
            (dr,) = torch.autograd.grad(r.sum(), z)
            r = r.detach().reshape(n, *[1] * len(shape))
            terms = r * eps / SIGMA, r * (eps**2 - 1) / SIGMA, dr, dr * eps
            return [(t.mean(0).numpy(), t.var(0).numpy()) for t in terms]

        found["PyTorch, eager"] = eager
    if jax:
        jax.config.update("jax_enable_x64", True)

        class xp:
            sin, logsumexp = jax.numpy.sin, jax.scipy.special.logsumexp

        @jax.jit
        def compiled(key):
            eps = jax.random.normal(key, (n, *shape), dtype="float64")
            r, dr = jax.vmap(jax.value_and_grad(lambda z: cost(xp, z)))(MU + SIGMA * eps)
            r = r.reshape(n, *[1] * len(shape))
            terms = r * eps / SIGMA, r * (eps**2 - 1) / SIGMA, dr, dr * eps
            return [(t.mean(0), t.var(0, ddof=1)) for t in terms]

        def jitted():
            return [tuple(map(np.asarray, pair)) for pair in compiled(jax.random.key(SEED))]

        found["JAX, jit"] = jitted
    return found


def wave_moments():
    """For each of the four: mean, variance, and the variance of (term - mean)^2, by quadrature."""
    eps, weights = np.polynomial.hermite_e.hermegauss(120)
    weights = weights / weights.sum()
    found = []
    for terms in terms_of(eps, wave, wave_slope):
        mean = terms @ weights
        squares = (terms - mean) ** 2
        variance = squares @ weights
        found.append((mean, variance, (squares - variance) ** 2 @ weights))
    return found


def bowl_moments(d):
    """Means only. Of the softmax s: E[s_i] = 1/d, and E[s_i eps_i] = SIGMA (1/d - E[s_i^2]).

    E[s_i^2] is the integral over t > 0 of t E[e^(2z - t e^z)] E[e^(-t e^z)]^(d - 1).
    """
    eps, weights = np.polynomial.hermite_e.hermegauss(120)
    weights, points = weights / weights.sum(), np.exp(MU + SIGMA * eps)
    logs = np.linspace(-40, 10, 4001)
    t = np.exp(logs)[:, np.newaxis]
    alone, square = (np.exp(-t * points) * factor @ weights for factor in (1, points**2))
    s2 = np.trapezoid(t[:, 0] ** 2 * square * alone ** (d - 1), logs)
    mu, sigma = 2 * MU + 1 / d, 2 * SIGMA + SIGMA * (1 / d - s2)
    return [(mean, None, None) for mean in (mu, sigma, mu, sigma)]


def checked(moments, n):
    """Means and, where they are known, variances within five standard errors."""

    def check(label, result):
        if label == "drawing the normals":
            return
        for (mean, variance), (true_mean, true_variance, spread) in zip(
            result, moments, strict=True
        ):
            z = (mean - true_mean) / np.sqrt(variance / n)
            assert np.all(np.abs(z) < 5), f"mean {mean} for {true_mean}"
            if true_variance is not None:
                z = (variance - true_variance) / np.sqrt(spread / n)
                assert np.abs(z) < 5, f"variance {variance} for {true_variance}"
            else:  # coordinates alike: the variances show in how far the means scatter
                assert 0.7 < np.sqrt(np.mean(z**2)) < 1.4, "standard errors are wrong"

    return check
