"""The layers of gradlib are those of README's map, and `import gradlib` stays light."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import gradlib

ROOT = Path(gradlib.__file__).parent
README = (ROOT.parent / "README.md").read_text("utf-8")
FILES = sorted(ROOT.rglob("*.py"))


def layers():
    """The map's rows, from the top, as sets of names such as "exact" or "course.figures"."""
    (drawn,) = re.findall(r"```\n(gradlib/course/.*?)```", README, re.DOTALL)
    room, rows = "", []
    for line in filter(None, drawn.splitlines()):
        names = line.partition("#")[0].split()
        if line.startswith("gradlib/"):
            room = names[0].removeprefix("gradlib/").replace("/", ".")
        else:
            rows.append({room + name for name in names})
    return rows


LAYERS = layers()
DEPTH = {module: depth for depth, modules in enumerate(LAYERS) for module in modules}


def place(name):
    """Where a dotted name stands in the map: "course.figures.style" stands at course.figures."""
    parts = name.split(".")
    return ".".join(parts[: 2 if parts[0] == "course" else 1])


def module_of(file):
    return place(".".join(file.relative_to(ROOT).with_suffix("").parts))


MODULES = [file for file in FILES if not module_of(file).endswith("__init__")]


def imported_names(tree):
    """Every (module, name) that the code takes from gradlib, at the top or inside a function."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            module = f"gradlib.{node.module or ''}".rstrip(".") if node.level else node.module
            if module in ("gradlib", "gradlib.course"):
                room = f"{module}.".removeprefix("gradlib.")
                yield from ((room + alias.name, "") for alias in node.names)
            elif module.startswith("gradlib."):
                yield from ((module.removeprefix("gradlib."), alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == "gradlib":
                    yield alias.name.removeprefix("gradlib").removeprefix("."), ""


def name_of(file):
    return file.relative_to(ROOT).as_posix()


def test_the_map_shows_every_module_once():
    shown = [module for modules in LAYERS for module in modules]
    assert sorted(shown) == sorted({module_of(file) for file in MODULES})


def test_the_course_stands_on_the_library():
    course = [depth for module, depth in DEPTH.items() if module.startswith("course.")]
    library = [depth for module, depth in DEPTH.items() if not module.startswith("course.")]
    assert 0 < max(course) < min(library)


@pytest.mark.parametrize("file", MODULES, ids=name_of)
def test_imports_point_downwards(file):
    own = module_of(file)
    for name, _ in imported_names(ast.parse(file.read_text("utf-8"))):
        module = place(name)
        assert module in DEPTH, f"{name_of(file)} imports {name!r} instead of a module"
        assert module == own or DEPTH[module] > DEPTH[own], (
            f"{name_of(file)} imports upwards: {name}"
        )


def test_the_core_reads_in_one_sitting():
    limit = int(re.search(r"The core is under (\d+) lines", README)[1])
    core = re.findall(r"\]\(gradlib/(\w+\.py)\)", README)
    assert {Path(file).stem for file in core} <= set(DEPTH) and len(core) == 6
    assert sum(len((ROOT / file).read_text("utf-8").splitlines()) for file in core) < limit


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_no_module_uses_private_names_of_another(file):
    tree = ast.parse(file.read_text("utf-8"))
    names = set(imported_names(tree))
    private = [f"{module}.{name}" for module, name in names if name.startswith("_")]
    modules = {module.split(".")[-1] for module, name in names if not name}
    private += [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr.startswith("_")
        and not node.attr.startswith("__")
        and ast.unparse(node.value).split(".")[-1] in modules
    ]
    assert not private, f"{name_of(file)} uses {private}"


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
