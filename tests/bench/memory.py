"""Peak memory of `monte_carlo`: that of one block, however many samples there are."""

from functools import partial

from bench.harness import Case, fresh_process

CODE = """
import json, tracemalloc
import numpy as np
from gradlib import Cost, Gaussian, monte_carlo, pathwise, score_function

def streamed(n):
    return [f.mu[:3] for f in monte_carlo(both, cost, q, n, np.random.default_rng(0))]

def at_once(n):
    eps = np.random.default_rng(0).standard_normal(n)
    terms = [f(cost, q, eps).mu for f in both]
    return [(t.mean(), t.std() / n**0.5, t.var()) for t in terms]

cost, q, both = Cost("z^2"), Gaussian(2.0, 1.0), [score_function, pathwise]
streamed(10), at_once(10)
tracemalloc.start()
found = WORK
_, peak = tracemalloc.get_traced_memory()
assert all(abs(mean - 4) < 5 * error for mean, error, _ in found), found
print(json.dumps(peak / 1e6))
"""


def cases(small=False):
    few, many = (10**4, 10**5) if small else (10**5, 10**7)
    contenders = {
        f"monte_carlo, n = {few:.0e}": f"streamed({few})",
        f"monte_carlo, n = {many:.0e}": f"streamed({many})",
        f"all draws at once, n = {many // 10:.0e}": f"at_once({many // 10})",
    }
    yield Case(
        "peak memory of Python and NumPy",
        {
            label: partial(fresh_process, CODE.replace("WORK", work))
            for label, work in contenders.items()
        },
        check,
        measured="MB",
    )


def check(label, peak):
    """A block of draws alone is half a megabyte; 10^7 draws are 80."""
    assert peak > 0.5 and ("at once" in label or peak < 40), f"{peak:.3g} MB"
