"""Monte Carlo: average an estimator's terms over random eps, block by block.

The blocks are what makes it fast. Their numbers stay in the cache, their cost and score are
computed once for all estimators, and as each has a random stream of its own, several threads can
work on them: NumPy lets go of Python's lock while it draws and while it computes.
"""

import math
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from copy import deepcopy
from functools import partial, reduce
from typing import NamedTuple

import numpy as np

from gradlib.arguments import read_only, real_array, require_kind, require_whole_number
from gradlib.cost import Cost
from gradlib.estimators import Randomized
from gradlib.gaussian import Gaussian, Gradient
from gradlib.protocol import require_own_eps, terms_of

BLOCK = 2**16  # numbers: more would leave the cache, with fewer Python's own work would show

# To fetch memory from the system for each array of each block would cost more than to fill it.
# Once it has seen an array of this size freed, glibc keeps what smaller ones free.
np.empty(2**21)


class Estimate(NamedTuple):
    """A sample mean with what is needed to judge it.

    `variance` is that of ONE sample (divisor count - 1), `standard_error` is
    sqrt(variance / count). Both are nan for a single sample.
    """

    mean: np.ndarray
    standard_error: np.ndarray
    variance: np.ndarray
    count: int


def estimate(samples):
    """`Estimate` of independent samples along the first axis, of shape (n,) or (n, d).

    Raises ValueError if there are none, or if one is not a finite number.
    """
    return _estimate(*_moments(samples))


def monte_carlo(estimator, cost, q, n, rng, threads=1):
    """Average n terms of an estimator; `Gradient` of `Estimate`s.

    Given a list of estimators the result is a list in that order, and all of them see the same
    draws eps; those that are `Randomized` see the same further noise, too. `rng` is a
    numpy.random.Generator. The first block of 65,536 numbers is rng.standard_normal((rows,
    *q.shape)), as one would draw them by hand; each other block comes from a generator of its own,
    spawned from rng. So neither `threads`, the number of blocks at work at a time, nor the other
    estimators in the list change a single bit of the result, and memory does not grow with n.

    Raises ValueError for arguments of other kinds, n < 1, terms that are not finite, and estimators
    whose terms depend on one another (see `batch_mean`). An estimator that holds a generator, such
    as partial(measure_valued, rng=mine), works with one thread only, where the order is certain.
    """
    require_kind("cost", cost, Cost, "Cost('z^2')")
    require_kind("q", q, Gaussian, "Gaussian(0.0, 1.0)")
    require_kind("rng", rng, np.random.Generator, "numpy.random.default_rng(0)")
    require_whole_number("n", n)
    require_whole_number("threads", threads)
    several = isinstance(estimator, list | tuple)
    estimators = list(estimator) if several else [estimator]
    for one in estimators:
        require_own_eps(one, q, noise=threads == 1)
    work = partial(_block_moments, estimators, cost, q)
    totals = reduce(_all_merged, _in_order(work, _blocks(n, q.shape, rng), threads))
    entries = iter([_estimate(*moments) for moments in totals])
    found = [Gradient(*pair) for pair in zip(entries, entries, strict=True)]
    return found if several else found[0]


def _blocks(n, shape, rng):
    """For each block the shape of its eps, their generator, and the parent of other generators."""
    rows = max(1, BLOCK // math.prod(shape))
    yield (min(n, rows), *shape), rng, rng.spawn(1)[0] if n > rows else rng
    for start in range(rows, n, rows):
        draws = rng.spawn(1)[0]
        yield (min(n - start, rows), *shape), draws, draws


def _in_order(work, blocks, threads):
    """map(work, blocks) on several threads, with few blocks waiting at a time."""
    if threads == 1:
        yield from map(work, blocks)
        return
    with ThreadPoolExecutor(threads) as pool:
        waiting = deque()
        for block in blocks:
            context = copy_context()  # a thread does not inherit np.errstate
            waiting.append(pool.submit(context.run, work, block))
            if len(waiting) > 2 * threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _block_moments(estimators, cost, q, block):
    """The moments of one block's terms, two for each estimator."""
    shape, draws, parent = block
    eps = read_only(draws.standard_normal(shape))
    cost, q = cost.remembering(), q.remembering()  # r, r' and the score: once for all estimators
    noise = parent.spawn(1) if any(isinstance(one, Randomized) for one in estimators) else []
    moments = []
    for one in estimators:
        own = deepcopy(noise) if isinstance(one, Randomized) else []  # the others do not advance it
        moments += [_moments(terms) for terms in terms_of(one, cost, q, eps, *own)]
    return moments


def _moments(samples):
    """Count, mean and sum of squared deviations."""
    samples = real_array(samples, "samples must be real numbers").astype(float, copy=False)
    if samples.ndim == 0 or len(samples) == 0:
        raise ValueError(f"samples must have shape (n,) or (n, d); received shape {samples.shape}")
    with np.errstate(all="ignore"):
        mean = samples.sum(axis=0) / len(samples)
        deviations = samples - mean
        squares = np.multiply(deviations, deviations, out=deviations).sum(axis=0)
    if not np.isfinite(squares).all():  # it is, if all samples are: they need no pass of their own
        wrong = np.count_nonzero(~np.isfinite(samples))
        if wrong:
            raise ValueError(
                f"samples must be finite numbers; received {wrong} of {samples.size} that are not"
            )
    return len(samples), mean, squares


def _all_merged(first, second):
    """The moments of two blocks together (Chan, Golub and LeVeque 1979)."""
    merged = []
    for (m, mean, squares), (n, other_mean, other_squares) in zip(first, second, strict=True):
        shift, share = other_mean - mean, n / (m + n)
        squares = squares + other_squares + shift**2 * (m * share)
        merged.append((m + n, mean + shift * share, squares))
    return merged


def _estimate(count, mean, squares):
    variance = squares / (count - 1) if count > 1 else np.nan * mean
    return Estimate(mean, np.sqrt(variance / count), variance, count)
