"""A day with the course: two notebooks at once, a restart, a browser that is closed, no traces."""

import asyncio
import os

import browser
import nbformat
import pytest
from chapters import NOTEBOOKS
from nbclient import NotebookClient
from traitlets.config import Config

pytestmark = pytest.mark.slow
ROOT = NOTEBOOKS.parent
MAY_GROW = {"work", ".git", ".venv", "__pycache__", ".pytest_cache", ".ruff_cache", ".hypothesis"}
CACHES = {".cache", ".config", ".ipython", ".jupyter", ".local", "Library", "AppData"}
CHAPTERS = ["00_start_here", "03_reparameterization_identity"]


def printed(notebook, checked=False):
    """The text of each code cell, or only of those whose output is compared."""
    return [
        "".join(output.get("text", "") for output in cell.outputs)
        for cell in notebook.cells
        if cell.cell_type == "code"
        and not (checked and "nbval-check-output" not in cell.metadata.get("tags", []))
    ]


def files(folder):
    """Every file that is not a cache, with its size and time."""
    found = {}
    for where, folders, names in os.walk(folder):
        folders[:] = set(folders) - MAY_GROW
        for path in (os.path.join(where, name) for name in names):
            status = os.stat(path)
            found[path] = status.st_size, status.st_mtime_ns
    return found


async def run_restart_run(notebook, environment):
    """What the cells print in one kernel, and after it was restarted."""
    quiet = Config(KernelManager={"transport_encryption": "auto"})
    client = NotebookClient(notebook, kernel_name="python3", config=quiet, timeout=300)
    client.resources = {"metadata": {"path": str(NOTEBOOKS)}}
    found = []
    async with client.async_setup_kernel(env=environment):
        for restart in (False, True):
            if restart:
                await client.km.restart_kernel(now=True)
                await client.kc.wait_for_ready(timeout=60)
            for index, cell in enumerate(notebook.cells):
                await client.async_execute_cell(cell, index)
            found.append(printed(notebook))
    return found


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    """Chapters run side by side, each in a kernel that is restarted and run again."""
    home = tmp_path_factory.mktemp("home")
    environment = {
        k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "XDG", "MPL"))
    }
    environment |= {"HOME": str(home), "USERPROFILE": str(home), "PYTHONPATH": str(ROOT)}
    saved = [nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4) for name in CHAPTERS]
    before = files(ROOT)
    wanted = [printed(notebook) for notebook in saved]

    async def side_by_side():
        return await asyncio.gather(*(run_restart_run(one, environment) for one in saved))

    return wanted, asyncio.run(side_by_side()), before, files(ROOT), home


def test_two_notebooks_run_at_once_and_after_a_restart(day):
    wanted, found, *_ = day
    for saved, (first, again) in zip(wanted, found, strict=True):
        assert first == saved
        assert again == saved


def test_nothing_is_written_outside_work_and_caches(day):
    *_, before, after, home = day
    assert after == before
    assert {path.name for path in home.iterdir()} <= CACHES


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A JupyterLab with one live figure: the address of a notebook as a function of its name."""
    folder = tmp_path_factory.mktemp("lab")
    source = "from gradlib.course import widgets\n\nwidgets.explore_variances()"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3 (ipykernel)"}
    nbformat.write(notebook, folder / "drag.ipynb")
    with browser.jupyterlab(folder) as address:
        yield address


def test_a_browser_may_be_closed_in_the_middle_of_a_drag(address, chromium):
    def opened(page):
        browser.run_all(page, address("drag.ipynb"))
        figure = page.locator(".gradlib-stage").first
        figure.scroll_into_view_if_needed()
        return figure, figure.get_by_role("slider").first.bounding_box()

    def drag(page, box, steps):
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        for step in range(steps):
            page.mouse.move(x + 2 * (step % 20), y)

    with chromium() as page:
        _, box = opened(page)
        drag(page, box, steps=50)
    with chromium() as page:
        page.goto(address("drag.ipynb"))
        page.get_by_text("| Idle").wait_for()  # the same kernel, which is not stuck
        figure, box = opened(page)
        before = figure.inner_text()
        drag(page, box, steps=9)
        page.mouse.up()
        page.wait_for_function(
            "([f, old]) => f.innerText !== old", arg=[figure.element_handle(), before]
        )
        assert "Error" not in figure.inner_text()
        assert page.errors == []
