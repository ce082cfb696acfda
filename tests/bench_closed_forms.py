"""Closed forms by gradlib's one rule, by `sympy.stats` and by `sympy.integrate`, side by side.

    python tests/bench_closed_forms.py

Each computation runs in a process of its own, which is stopped after LIMIT seconds. SymPy is told
that k > 0. The last three expressions are squares of score-function terms: what a variance needs.
"""

import json
import subprocess
import sys
import time

LIMIT = 20  # seconds, with the start of Python
EXPRESSIONS = [
    "z**6",
    "exp(k*z)",
    "cos(k*z)",
    "exp(-k*z**2)",
    "z*sin(k*z)",
    "(z**2*(z - mu)/sigma**2)**2",
    "(cos(k*z)*(z - mu)/sigma**2)**2",
    "(exp(-k*z**2)*(z - mu)/sigma**2)**2",
]
METHODS = ["gradlib", "sympy.stats", "integrate"]


def compute(method, text):
    """Seconds, length of the result as text, and its value at one point (None: no closed form)."""
    import sympy as sp
    import sympy.stats

    from gradlib.symbolic.closed_forms import gaussian_expectation, mu, sigma, z

    k = sp.Symbol("k", positive=True)
    expression = sp.sympify(text, locals={"z": z, "mu": mu, "sigma": sigma, "k": k})
    start = time.perf_counter()
    if method == "gradlib":
        result = gaussian_expectation(expression)
    elif method == "sympy.stats":
        result = sympy.stats.E(expression.subs(z, sympy.stats.Normal("Z", mu, sigma)))
    else:
        density = sp.exp(-((z - mu) ** 2) / (2 * sigma**2)) / (sp.sqrt(2 * sp.pi) * sigma)
        result = sp.integrate(expression * density, (z, -sp.oo, sp.oo))
    seconds = time.perf_counter() - start
    value = None
    if not result.has(sp.Integral):
        value = complex(result.subs({mu: 0.7, sigma: 0.9, k: 0.6}).evalf(20))
        value = value.real if abs(value.imag) < 1e-9 else None
    return seconds, len(str(result)), value


def measure(method, text):
    command = [sys.executable, __file__, method, text]
    try:
        output = subprocess.run(command, capture_output=True, text=True, check=True, timeout=LIMIT)
    except subprocess.TimeoutExpired:
        return f"> {LIMIT} s", None
    except subprocess.CalledProcessError as error:
        return error.stderr.strip().splitlines()[-1][:24], None
    seconds, length, value = json.loads(output.stdout)
    return f"{seconds:.3f} s, {length} chars", value


def main():
    print(f"{'expectation of':38}" + "".join(f"{method:24}" for method in METHODS) + "values agree")
    for text in EXPRESSIONS:
        cells, values = zip(*(measure(method, text) for method in METHODS), strict=True)
        rivals = [value for value in values[1:] if value is not None]
        agree = all(abs(value - values[0]) <= 1e-9 * abs(values[0]) for value in rivals)
        verdict = ("yes" if agree else "NO") if rivals else "nothing to compare"
        print(f"{text:38}" + "".join(f"{cell:24}" for cell in cells) + verdict, flush=True)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps(compute(*sys.argv[1:])))
    else:
        main()
