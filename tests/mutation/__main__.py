"""python -m mutation [SHARE] [SEED] [MODULES]: make faults, run the module's fast tests.

A fault is a changed operator, comparison, constant, condition or name. SHARE of the faults of each
module is tried, at random. Each is made in a copy of gradlib in a temporary folder, never here.
What no test notices is printed; if it is listed in equivalent.txt it changes nothing.
"""

import ast
import os
import random
import shutil
import signal
import sys
import tempfile
from copy import deepcopy
from functools import partial
from pathlib import Path

import hypothesis.strategies  # noqa: F401  loaded once for all forks, as are the next four
import mpmath  # noqa: F401
import pytest
import scipy.stats  # noqa: F401
import sympy  # noqa: F401

TESTS = Path(__file__).parent.parent
LIBRARY = TESTS.parent / "gradlib"
EQUIVALENT = Path(__file__).with_name("equivalent.txt").read_text("utf-8").splitlines()
MODULES = {  # with the tests beside their own, in the order in which they are asked
    "gaussian": ("gaussian", "estimators", "montecarlo"),
    "cost": ("cost", "estimators", "exact"),
    "estimators": ("estimators", "exact", "montecarlo", "bad_input"),
    "exact": ("exact", "gap", "bad_input"),
    "montecarlo": ("montecarlo", "bad_input"),
    "gap": ("gap", "bad_input"),
    "control_variates": ("control_variates", "protocol", "bad_input"),
    "protocol": ("protocol", "control_variates", "montecarlo", "bad_input"),
    "quadrature": ("exact", "regressions", "control_variates", "gap"),
}
OTHER = {
    **{ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult},
    **{ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt},
    **{ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is},
    **{ast.And: ast.Or, ast.Or: ast.And, ast.In: ast.NotIn, ast.NotIn: ast.In},
    **{ast.USub: ast.UAdd, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr},
}
SWAPS = {"mu": "sigma", "sigma": "mu", "score_function": "pathwise", "pathwise": "score_function"}
SWAPS |= {"value": "slope", "slope": "value", "min": "max", "max": "min"}


def faults_at(node):
    """Functions that make a fault in this node, with a word for each."""
    if type(getattr(node, "op", None)) in OTHER:
        yield "operator", lambda n: setattr(n, "op", OTHER[type(n.op)]())
    if isinstance(node, ast.Compare) and type(node.ops[0]) in OTHER:
        yield "comparison", lambda n: n.ops.__setitem__(0, OTHER[type(n.ops[0])]())
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield "constant", lambda n: setattr(n, "value", n.value + 1 if n.value < 1e9 else 1)
    if isinstance(node, ast.Constant) and type(node.value) is bool:
        yield "constant", lambda n: setattr(n, "value", not n.value)
    if isinstance(node, ast.If | ast.IfExp):
        yield "condition", lambda n: setattr(n, "test", ast.UnaryOp(ast.Not(), n.test))
    if isinstance(node, ast.Attribute) and node.attr in SWAPS:
        yield "name", lambda n: setattr(n, "attr", SWAPS[n.attr])
    if isinstance(node, ast.Name) and node.id in SWAPS and isinstance(node.ctx, ast.Load):
        yield "name", lambda n: setattr(n, "id", SWAPS[n.id])
    if isinstance(node, ast.Return) and node.value is not None:
        yield "return", lambda n: setattr(n, "value", ast.Constant(None))


def faults(source):
    """(what, line, function that returns the source with the fault) for every fault."""
    tree = ast.parse(source)
    lines = source.splitlines()
    for number, node in enumerate(ast.walk(tree)):
        for word, make in faults_at(node):
            one = deepcopy(node)
            make(one)
            after = " ".join(ast.unparse(ast.fix_missing_locations(one)).split())[:60]
            what = f"{word}: {lines[node.lineno - 1].strip()}  ->  {after}"
            yield what, node.lineno, partial(with_fault, tree, number, make)


def with_fault(tree, number, make):
    """The source of a tree with the fault made in the node of this number."""
    twin = deepcopy(tree)
    make(next(node for i, node in enumerate(ast.walk(twin)) if i == number))
    return ast.unparse(ast.fix_missing_locations(twin))


def noticed(folder, module, broken):
    """Does one of the fast tests fail with the broken module? A fork has what loads slowly."""
    file = folder / "gradlib" / f"{module}.py"
    whole = file.read_text("utf-8")
    file.write_text(broken, "utf-8")
    tests = [str(TESTS / f"test_{name}.py") for name in MODULES[module]]
    child = os.fork()
    if child == 0:
        signal.alarm(300)  # what runs for ever is noticed, too
        os.chdir(folder)
        sys.path.insert(0, str(folder))
        for stream in (1, 2):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
        options = ["-q", "-x", "-m", "not slow", "-p", "no:cacheprovider"]
        os._exit(int(pytest.main([*options, *tests])) != 0)
    failed = os.waitpid(child, 0)[1] != 0
    file.write_text(whole, "utf-8")
    return failed


def main(share=1.0, seed=0, *modules):
    tried, survivors = 0, []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(LIBRARY, folder / "gradlib", ignore=shutil.ignore_patterns("__pycache__"))
        for module in modules or MODULES:
            source = (LIBRARY / f"{module}.py").read_text("utf-8")
            if noticed(folder, module, source):
                sys.exit(f"the tests of {module} fail without any fault")
            every = list(faults(source))
            chosen = random.Random(seed).sample(every, max(1, round(share * len(every))))
            print(f"{module}: {len(chosen)} of {len(every)} faults", flush=True)
            for what, line, broken in chosen:
                if any(what in row for row in EQUIVALENT):
                    continue
                tried += 1
                if not noticed(folder, module, broken()):
                    survivors.append(what)
                    print(f"    NOT NOTICED {module}.py:{line} {what}", flush=True)
            print(f"    so far {tried - len(survivors)} of {tried} noticed", flush=True)
    return tried, survivors


share, seed, *modules = [*sys.argv[1:], "1", "0"][:2] + sys.argv[3:]
tried, survivors = main(float(share), int(seed), *modules)
print(f"{tried - len(survivors)} of {tried} faults noticed")
sys.exit(len(survivors) > 0.1 * tried)
