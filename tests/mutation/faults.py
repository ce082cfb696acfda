"""Which faults there are: (what, line, the statement as it is, and with the fault)."""

import ast
from copy import deepcopy
from pathlib import Path

EQUIVALENT = Path(__file__).with_name("equivalent.txt").read_text("utf-8").splitlines()
MODULES = {  # with the tests that are asked
    "gaussian": ("gaussian", "estimators", "montecarlo", "bad_input"),
    "cost": ("cost", "estimators", "exact", "bad_input"),
    "estimators": ("estimators", "exact", "montecarlo", "bad_input"),
    "exact": ("exact", "gap", "bad_input"),
    "montecarlo": ("montecarlo", "bad_input"),
    "gap": ("gap", "bad_input"),
    "control_variates": ("control_variates", "protocol", "bad_input"),
    "protocol": ("protocol", "control_variates", "montecarlo", "bad_input"),
    "quadrature": ("exact", "regressions", "control_variates", "gap", "cost"),
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
    if isinstance(node, ast.Return) and getattr(node.value, "value", node.value) is not None:
        yield "return", lambda n: setattr(n, "value", ast.Constant(None))


def faults(source):
    """All faults of a module that change something, as far as is known."""
    lines = source.splitlines()
    for whole in ast.parse(source).body:
        for number, node in enumerate(ast.walk(whole)):
            for word, make in faults_at(node):
                broken = deepcopy(whole)
                at = next(n for i, n in enumerate(ast.walk(broken)) if i == number)
                make(at)
                ast.fix_missing_locations(broken)
                after = " ".join(ast.unparse(at).split())[:60]
                what = f"{word}: {lines[node.lineno - 1].strip()}  ->  {after}"
                if not any(what in row for row in EQUIVALENT):
                    yield what, node.lineno, whole, broken
