"""How long a fresh Python takes to import gradlib, and that it loads nothing heavy with it."""

from functools import partial

from bench.harness import Case, fresh_process

HEAVY = {"sympy", "scipy", "matplotlib", "sklearn", "IPython", "ipywidgets"}
CODE = "import json, sys, {}; print(json.dumps([name for name in sys.modules if '.' not in name]))"


def cases(small=False):
    yield Case(
        "start Python and import",
        {
            name: partial(fresh_process, CODE.format(name))
            for name in ("numpy", "gradlib", *(() if small else ("scipy.stats", "sympy")))
        },
        check,
    )


def check(label, loaded):
    assert label.split(".")[0] in loaded, f"{label} is not loaded"
    if label == "gradlib":
        assert not HEAVY & set(loaded), f"it loads {', '.join(HEAVY & set(loaded))}"
