"""What needs more than is installed is left as it is, and said so."""

import asyncio
import importlib.util
from pathlib import Path

FILE = Path(__file__).resolve().parents[1] / "notebooks" / "run.py"
spec = importlib.util.spec_from_file_location("run_notebooks", FILE)
run = importlib.util.module_from_spec(spec)
spec.loader.exec_module(run)


def test_a_notebook_without_what_it_needs_is_left_alone(monkeypatch, capsys):
    (name,) = run.NEEDS
    path = FILE.parent / f"{name}.ipynb"
    before = path.read_bytes()
    monkeypatch.setattr(run, "find_spec", lambda module: None)
    assert asyncio.run(run.main([path])) == ""
    assert capsys.readouterr().out == f"left {path.name}: no torch and jax (make reference)\n"
    assert path.read_bytes() == before


def test_the_others_need_nothing(monkeypatch):
    monkeypatch.setattr(run, "find_spec", lambda module: None)
    others = [path for path in FILE.parent.glob("*.ipynb") if path.stem not in run.NEEDS]
    assert others and not any(map(run.missing, others))
