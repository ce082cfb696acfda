"""Working copies: a reader works in work/, where nothing is ever overwritten.

python notebooks/copies.py          a copy, without results, of each notebook that has none yet
python notebooks/copies.py 03       a new copy of chapter 03, beside the old one
"""

import sys
from itertools import count
from pathlib import Path

import nbformat

HERE = Path(__file__).resolve().parent
WORK = HERE.parent / "work"


def notebooks():
    """All chapters, appendices and solutions."""
    return sorted([*HERE.glob("*.ipynb"), *HERE.glob("solutions/*.ipynb")])


def copy(source, target):
    """Write the notebook without its outputs; an existing file is left as it is."""
    notebook = nbformat.read(source, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("x", encoding="utf-8") as file:
        nbformat.write(notebook, file)
    return target


def copy_missing(work=WORK):
    """Copy each notebook that the folder does not hold yet."""
    targets = {source: work / source.relative_to(HERE) for source in notebooks()}
    return [copy(source, target) for source, target in targets.items() if not target.exists()]


def fresh(number, work=WORK):
    """A new copy of one chapter beside the old one: 03_..., then 03_..._2, 03_..._3.

    Raises ValueError for a number that no chapter has.
    """
    chapters = {path.name.split("_")[0]: path for path in sorted(HERE.glob("*.ipynb"))}
    if number not in chapters:
        raise ValueError(f"NB must be one of {', '.join(chapters)}; received {number!r}")
    source = chapters[number]
    names = (f"{source.stem}{f'_{k}' if k > 1 else ''}.ipynb" for k in count(1))
    return copy(source, next(work / name for name in names if not (work / name).exists()))


if __name__ == "__main__":
    try:
        made = [fresh(sys.argv[1])] if sys.argv[1:] else copy_missing()
    except ValueError as error:
        sys.exit(str(error))
    for path in made:
        print(f"made {path.relative_to(WORK.parent)}")
