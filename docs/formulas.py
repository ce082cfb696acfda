"""Formulas are set by KaTeX, in one go after all pages are written: formulas.mjs does the work."""

import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
MODULES = HERE / "node_modules"


def copy_katex(target):
    """KaTeX's style sheet and fonts, the only part of it that a reader's browser needs."""
    katex = MODULES / "katex" / "dist"
    (target / "fonts").mkdir(parents=True, exist_ok=True)
    shutil.copy(katex / "katex.min.css", target)
    for font in katex.glob("fonts/*.woff2"):
        shutil.copy(font, target / "fonts")


def set_formulas(folder):
    """Set the formulas of all pages in a folder."""
    subprocess.run(["node", HERE / "formulas.mjs", folder], check=True)
