"""The code in README and CONTRIBUTING runs, and gives the numbers that stand beside it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_examples_give_the_numbers_beside_them(name):
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / name).read_text("utf-8"), re.DOTALL)
    names = {}
    exec(code, names)
    stated = re.findall(r"^(.+?)  # ([\d.]+)$", code, re.MULTILINE)
    assert stated
    for expression, number in stated:
        assert eval(expression, names) == pytest.approx(float(number), rel=1e-9), expression


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_links_and_commands_lead_somewhere(name):
    text = (ROOT / name).read_text("utf-8")
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"\]\(([\w./-]+)", text):
        assert (ROOT / target).exists(), target
    for target in re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"make {target}"
