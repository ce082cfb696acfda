"""The layers of gradlib: imports point downwards only, and `import gradlib` stays light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import gradlib

LAYERS = [
    {"widgets", "check"},
    {"exercises"},
    {"plots", "judges"},
    {"symbolic", "gap", "control_variates", "vae", "linear_vae"},
    {"exact", "montecarlo"},
    {"estimators"},
    {"gaussian", "cost"},
    {"formula", "breaks"},
    {"forward", "functions", "arguments"},
]
DEPTH = {module: depth for depth, modules in enumerate(LAYERS) for module in modules}
ROOT = Path(gradlib.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))


def module_of(file):
    """The module, or the package, that stands in LAYERS."""
    return file.relative_to(ROOT).with_suffix("").parts[0]


MODULES = [file for file in FILES if module_of(file) != "__init__"]


def imported_names(tree):
    """Every (module, name) that the code takes from gradlib, at the top or inside a function."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            module = f"gradlib.{node.module or ''}".rstrip(".") if node.level else node.module
            if module == "gradlib":
                yield from ((alias.name, "") for alias in node.names)
            elif module.startswith("gradlib."):
                yield from ((module.removeprefix("gradlib."), alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == "gradlib":
                    yield alias.name.removeprefix("gradlib").removeprefix("."), ""


def name_of(file):
    return file.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("file", MODULES, ids=name_of)
def test_imports_point_downwards(file):
    own = module_of(file)
    assert own in DEPTH, f"{own} has no place in LAYERS"
    for name, _ in imported_names(ast.parse(file.read_text("utf-8"))):
        module = name.split(".")[0]
        assert module in DEPTH, f"{name_of(file)} imports {name!r} instead of a module"
        within = module == own and len(file.relative_to(ROOT).parts) > 1
        assert within or DEPTH[module] > DEPTH[own], f"{name_of(file)} imports upwards: {name}"


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_no_module_uses_private_names_of_another(file):
    tree = ast.parse(file.read_text("utf-8"))
    names = set(imported_names(tree))
    private = [f"{module}.{name}" for module, name in names if name.startswith("_")]
    modules = {module for module, name in names if not name}
    private += [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr.startswith("_")
        and not node.attr.startswith("__")
        and ast.unparse(node.value).removeprefix("gradlib.") in modules
    ]
    assert not private, f"gradlib/{file.name} uses {private}"


def test_heavy_modules_are_loaded_when_first_used():
    code = "import gradlib; print(gradlib.symbolic.bridge().check())"
    assert "lines checked" in subprocess.check_output([sys.executable, "-c", code], text=True)
    with pytest.raises(AttributeError, match="no attribute 'symbols'"):
        _ = gradlib.symbols


def test_import_gradlib_loads_nothing_heavy():
    code = "import sys, gradlib; print(*{m.split('.')[0] for m in sys.modules})"
    loaded = subprocess.check_output([sys.executable, "-c", code], text=True).split()
    assert "gradlib" in loaded
    assert not set(loaded) & {"sympy", "matplotlib", "scipy", "sklearn", "ipywidgets", "IPython"}
