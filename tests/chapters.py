"""Chapters run in this process: the values that they leave behind, and what each cell shows."""

import contextlib
import io
import os
import time
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"


@dataclass
class Chapter:
    """A chapter that was run from top to bottom: its names, and what each cell printed and cost."""

    path: Path
    names: dict = field(default_factory=dict)
    printed: list = field(default_factory=list)
    seconds: list = field(default_factory=list)  # of processor time

    @property
    def text(self):
        return "\n".join(self.printed)

    def __getitem__(self, name):
        return self.names[name]

    def run(self, source):
        """Run one cell where the chapter stands; return what it prints."""
        output, here = io.StringIO(), Path.cwd()
        os.chdir(self.path.parent)
        try:
            with contextlib.redirect_stdout(output):
                exec(compile(source, self.path.name, "exec"), self.names)
        finally:
            plt.close("all")
            os.chdir(here)
        return output.getvalue()

    def run_alone(self, source):
        """Run one cell; return what it prints and the names that it bound, and forget these."""
        before = dict(self.names)
        printed = self.run(source)
        bound = {name: it for name, it in self.names.items() if before.get(name) is not it}
        self.names.clear()
        self.names.update(before)
        return printed, bound

    @property
    def sources(self):
        cells = nbformat.read(self.path, as_version=4).cells
        return [cell.source for cell in cells if cell.cell_type == "code"]


@cache
def chapter(number):
    """The chapter with this number, such as "05", run once in a session."""
    (path,) = NOTEBOOKS.glob(f"{number}_*.ipynb")
    found = Chapter(path, {"__name__": "__main__", "display": lambda *things: None})
    for source in found.sources:
        start = time.process_time()
        found.printed.append(found.run(source))
        found.seconds.append(time.process_time() - start)
    return found
