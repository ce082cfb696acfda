"""The JavaScript files as one module, which needs no build step and no relative imports."""

import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
# they come first, in this order; every other file is a figure
SHARED = ["words", "scales", "quadrature", "estimators", "panel", "stage", "scene"]
IMPORT = re.compile(r'^import (\{[^}]*\}) from "\./(\w+)\.js";$', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:function|class|const) (\w+))", re.MULTILINE)


@cache
def figures():
    """The names of all figures."""
    return sorted({file.stem for file in FOLDER.glob("*.js")} - set(SHARED))


@cache
def module():
    """All files as one module; `live` is the table of what each of them exports."""
    table = ", ".join(f"{name}: {name}.draw" for name in figures())
    return "\n".join(
        [*(_scope(name) for name in SHARED + figures()), f"const figures = {{ {table} }};"]
    )


def css():
    """The looks of all figures."""
    return (FOLDER / "live.css").read_text("utf-8")


def _scope(name):
    """A file as a constant of its name: what it exports; all else stays its own."""
    source = (FOLDER / f"{name}.js").read_text("utf-8")
    exports = ", ".join(EXPORT.findall(source))
    body = EXPORT.sub("", IMPORT.sub(r"const \1 = \2;", source))
    return f"const {name} = (() => {{\n{body}return {{ {exports} }};\n}})();"
