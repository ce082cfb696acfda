"""A chapter under one fault: functions of gradlib are changed where they are, for all of it."""

import ast
import functools
import gc
import importlib
import os
import sys
from pathlib import Path
from types import FunctionType

import matplotlib

matplotlib.use("Agg")

import chapters
import nbformat
import pytest
import sklearn.datasets  # noqa: F401
import sympy  # noqa: F401
from mutation.loop import forked, make

import gradlib.course.figures  # noqa: F401  loaded once for all forks, as are the next two
from sabotage.faults import FAULTS

CLAIMS = Path(__file__).parents[1] / "claims"


def first_notice(number, fault):
    """What notices a fault first in a chapter, as text, or None."""
    return in_a_fork(lambda number: by_a_cell(number) or by_a_claim(number), number, fault)


def in_a_fork(who, number, fault):
    """What `who(number)` says of a chapter under a fault."""
    statements = [s for module, *change in FAULTS[fault] for s in changed(module, *change)]

    def found():
        functions = [f for f in gc.get_objects() if type(f) is FunctionType]
        for module, whole, broken in statements:
            own = [f for f in functions if f.__code__.co_filename == module.__file__]
            make(module, own, whole, broken)
        for cache in gc.get_objects():
            if type(cache) is functools._lru_cache_wrapper and cache is not chapters.chapter:
                cache.cache_clear()
        return who(number)

    return forked(found, "the process dies")


def changed(name, old, new):
    """(module, statement, the statement with the fault) for what the fault changes."""
    module = importlib.import_module(f"gradlib.{name}")
    source = Path(module.__file__).read_text("utf-8")
    assert source.count(old) == 1, f"{name} has {source.count(old)} times {old}"
    pairs = zip(ast.parse(source).body, ast.parse(source.replace(old, new)).body, strict=True)
    return [(module, *pair) for pair in pairs if ast.dump(pair[0]) != ast.dump(pair[1])]


def by_a_cell(number):
    """The first cell that fails, or prints what it should not."""
    (path,) = chapters.NOTEBOOKS.glob(f"{number}_*.ipynb")
    found = chapters.Chapter(path, {"__name__": "__main__", "display": lambda *things: None})
    cells = nbformat.read(path, as_version=4).cells
    for index, cell in enumerate(cells):
        if cell.cell_type == "code":
            try:
                found.printed.append(found.run(cell.source))
            except Exception as error:
                return f"cell {index}: {type(error).__name__}"
            outputs = [o.text for o in cell.outputs if o.get("name") == "stdout"]
            compared = "nbval-check-output" in cell.metadata.get("tags", [])
            if compared and found.printed[-1].strip() != "".join(outputs).strip():
                return f"cell {index}: prints something else"
    chapters.chapter = lambda number: found
    return None


def by_a_claim(number):
    """The first claim that fails."""
    failed = []

    class Watch:
        def pytest_runtest_logreport(self, report):
            failed.extend([report.nodeid] if report.failed else [])

    file = CLAIMS / f"test_chapter_{number}.py"
    if file.exists():
        with open(os.devnull, "w") as sys.stdout:
            pytest.main(["-qx", "-p", "no:cacheprovider", "-p", "no:nbval", str(file)], [Watch()])
    return f"claim {failed[0].split('::')[1]}" if failed else None
