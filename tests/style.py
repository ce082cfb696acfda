"""The house style of a chapter in numbers: minutes, cells, lines of code, what it needs.

A first reading skips what is marked Deeper; exercises and further reading are not part of a class.

python tests/style.py      prints the table of chapters
"""

import re
import statistics
from dataclasses import dataclass
from pathlib import Path

import nbformat

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
CHAPTERS = sorted(NOTEBOOKS.glob("[0-9A-Z]*_*.ipynb"))
WORDS_A_MINUTE = 150
SECONDS_A_FORMULA = SECONDS_A_FIGURE = 20
SECONDS_A_LINE = 10
SECONDS_A_PREDICTION = 30


@dataclass(frozen=True)
class Chapter:
    """One notebook, as its reader meets it."""

    path: Path
    cells: list

    @classmethod
    def read(cls, path):
        return cls(path, nbformat.read(path, as_version=4).cells)

    @property
    def number(self):
        return self.path.name.split("_")[0]

    @property
    def is_appendix(self):
        """An appendix is there to look things up in: it is no class, and no chapter follows it."""
        return not self.number.isdigit()

    @property
    def body(self):
        """The cells of a class: no exercises, no further reading, nothing marked Deeper."""
        body, on = [], True
        for cell in self.cells:
            if cell.cell_type == "markdown" and (head := re.match(r"#+ (.*)", cell.source)):
                on = not re.match("Exercises|Further reading", head[1])
            if on and "deeper" not in cell.metadata.get("tags", []):
                body.append(cell)
        return body

    @property
    def prose(self):
        return "\n".join(cell.source for cell in self.body if cell.cell_type == "markdown")

    @property
    def code_lengths(self):
        """Lines of each code cell of the body, blank ones left out."""
        cells = [cell for cell in self.body if cell.cell_type == "code"]
        return [sum(1 for line in cell.source.splitlines() if line.strip()) for cell in cells]

    @property
    def formulas(self):
        """Displayed formulas, in the text and as lines of output."""
        outputs = [data for data in self._outputs() if "text/latex" in data]
        lines = (max(1, data["text/latex"].count(r"\displaystyle =")) for data in outputs)
        return self.prose.count("$$") // 2 + sum(lines)

    @property
    def figures(self):
        return sum("image/png" in data for data in self._outputs())

    @property
    def words(self):
        text = re.sub(r"\$\$.*?\$\$", " ", self.prose, flags=re.DOTALL)
        text = re.sub(r"\$[^$]*\$", " formula ", text)
        text = re.sub(r"\]\([^)]*\)", "]", text)  # addresses of links
        return len(re.findall(r"[^\W_][\w'.-]*", text))

    @property
    def minutes(self):
        seconds = SECONDS_A_FORMULA * self.formulas + SECONDS_A_FIGURE * self.figures
        seconds += SECONDS_A_LINE * sum(self.code_lengths)
        seconds += SECONDS_A_PREDICTION * len(re.findall(r"\*\*Predict", self.prose))
        return self.words / WORDS_A_MINUTE + seconds / 60

    @property
    def opening(self):
        """Title and aims."""
        return "\n".join(cell.source for cell in self.cells[:4] if cell.cell_type == "markdown")

    @property
    def stated_minutes(self):
        found = re.search(r"about (\d+) minutes", self.opening)
        return int(found[1]) if found else None

    def _outputs(self):
        for cell in self.body:
            for output in cell.get("outputs", []):
                yield output.get("data", {})


def table():
    yield f"{'chapter':40} minutes  words  cells  median  longest code cell"
    for path in CHAPTERS:
        chapter = Chapter.read(path)
        lengths = chapter.code_lengths or [0]
        yield (
            f"{path.stem:42}{chapter.minutes:6.0f} {chapter.words:7} {len(chapter.cells):6}"
            f"{statistics.median(lengths):8.0f}{max(lengths):8}"
        )


if __name__ == "__main__":
    print("\n".join(table()))
