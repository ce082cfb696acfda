"""Run notebooks in a fresh kernel, top to bottom, and save them with their outputs.

    python notebooks/run.py [path ...]      (without a path: all chapters and solutions)

What is saved depends on the notebook alone: no times, no widget state, no patch version of Python.
"""

import asyncio
import sys
from importlib.util import find_spec
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from traitlets.config import Config

HERE = Path(__file__).resolve().parent
# What an author says of a cell, all of it described in CONTRIBUTING.
KEPT = ("tags", "alt", "slides", "handout")
KERNELSPEC = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
QUIET = Config(KernelManager={"transport_encryption": "auto"})  # else each kernel prints a warning
NEEDS = {"D_in_pytorch_and_jax": ("torch", "jax")}  # extras: make reference


def missing(path):
    """What the notebook needs and is not installed."""
    return [module for module in NEEDS.get(Path(path).stem, ()) if find_spec(module) is None]


async def run(path, at_once):
    """Run one notebook and save it, or return what failed. What needs more is left as it is."""
    if lacks := missing(path):
        print(f"left {path.name}: no {' and '.join(lacks)} (make reference)", flush=True)
        return None
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        config=QUIET,
        kernel_name=KERNELSPEC["name"],
        resources={"metadata": {"path": path.parent}},
        timeout=600,
        record_timing=False,
        coalesce_streams=True,
    )
    async with at_once:
        try:
            await client.async_execute()
        except CellExecutionError as error:
            return f"{path.name}: {error}"
    # An Output widget shows the exceptions inside it, and the cell does not fail.
    for output in (o for state in client.widget_state.values() for o in state.get("outputs", [])):
        if output["output_type"] == "error":
            return f"{path.name}, inside a widget:\n" + "\n".join(output["traceback"])
    clean(notebook)
    nbformat.write(notebook, path)
    print(f"ran {path.name}", flush=True)


def clean(notebook):
    """Drop what differs from run to run, and the widget views, which need a running kernel."""
    language = {k: v for k, v in notebook.metadata.language_info.items() if k != "version"}
    notebook.metadata = {"kernelspec": KERNELSPEC, "language_info": language}
    for cell in notebook.cells:
        cell.metadata = {k: v for k, v in cell.metadata.items() if k in KEPT}
        for output in cell.get("outputs", []):
            output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)


async def main(paths):
    at_once = asyncio.Semaphore(2)
    return "\n\n".join(filter(None, await asyncio.gather(*(run(p, at_once) for p in paths))))


if __name__ == "__main__":
    everything = sorted([*HERE.glob("*.ipynb"), *HERE.glob("solutions/*.ipynb")])
    sys.exit(asyncio.run(main([Path(p) for p in sys.argv[1:]] or everything)) or None)
