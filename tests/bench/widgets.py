"""Key press to changed picture: every live figure against plain `interact`, in a browser.

Both run in one notebook of one JupyterLab, with the same draw function at the same size and
resolution. A press of an arrow key is timed in the browser, from the event to the frame after the
new picture has loaded. A drag of half a second is judged by how long after the last move of the
mouse the last picture appears.
"""

import re
import tempfile
from itertools import cycle
from pathlib import Path

import browser
import nbformat

from bench.harness import Case

EXPLORERS = {  # the slider to move, and the side on which it has room
    "explore_histograms": ("mu", "Left"),
    "explore_samples": ("mu", "Left"),
    "explore_variances": ("mu", "Left"),
    "explore_phase": ("k mu", "Left"),
    "explore_cost": ("mu", "Left"),
    "explore_baseline": ("b", "Left"),
    "explore_dimensions": ("log10 d", "Left"),
    "explore_vae": ("K", "Right"),
}
SETUP = """
import ipywidgets, matplotlib.pyplot as plt
from gradlib.course import figures, widgets
figures.use_house_style()

def plain_interact(live):
    def draw(**values):
        live.draw(plt.figure(dpi=widgets.DPI), **values)
        plt.show()

    box = ipywidgets.interactive(draw, **{k: copy(c) for k, c in live.controls.items()})
    box.add_class("plain")
    return box

def copy(control):
    names = ("value", "min", "max", "step", "options", "description")
    return type(control)(**{n: getattr(control, n) for n in names if hasattr(control, n)})
"""
# The time from the last key press below `root` to the frame after a picture there has loaded.
WATCH = """
root => {
    let pressed = 0;
    root.addEventListener("keydown", () => { pressed = performance.now(); }, true);
    root.addEventListener("load", () => requestAnimationFrame(() => {
        window.pictures.push(performance.now());
        window.times.push(performance.now() - pressed);
    }), true);
}
"""


def cases(small=False):
    if browser.CHROMIUM is None:
        print("  (no Chromium is installed: the live figures are left out)")
        return
    folder = Path(tempfile.mkdtemp())
    nbformat.write(notebook(), folder / "bench.ipynb")
    with browser.jupyterlab(folder) as address, browser.chromium() as page:
        browser.run_all(page, address("bench.ipynb"))
        page.wait_for_timeout(3000)
        page.evaluate("() => { window.times = []; window.pictures = []; }")
        for index, (name, (moved, side)) in enumerate(EXPLORERS.items()):
            handles = {}
            for label, kind in (("live", ".gradlib-live"), ("interact", ".plain")):
                root = page.locator(kind).nth(index)
                root.evaluate(WATCH)
                handles[label] = slider(root, moved)
            for act, title in ((key, "a key press"), (drag, "a drag's last move")):
                contenders = {label: act(page, handle, side) for label, handle in handles.items()}
                title = f"{name}: from {title} to the picture"
                yield Case(title, contenders, check, unit="interact", measured="ms")


def check(label, milliseconds):
    assert milliseconds > 0, "no new picture"


def notebook():
    cells = [SETUP]
    for name in EXPLORERS:
        cells += [f"widgets.{name}()", f"plain_interact(widgets.{name}())"]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    book.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return book


def slider(root, name):
    label = re.compile(rf"^{name}$")
    row = root.page.locator(".widget-slider").filter(
        has=root.page.locator(".widget-label").filter(has_text=label)
    )
    return root.locator(row).get_by_role("slider").first


def key(page, handle, side):
    """A function that presses the next arrow key: ten to one side, ten back, and so on."""
    sides = cycle([side] * 10 + [{"Left": "Right", "Right": "Left"}[side]] * 10)

    def press():
        handle.focus()
        page.wait_for_timeout(150)
        page.evaluate("window.times = []")
        page.keyboard.press(f"Arrow{next(sides)}")
        page.wait_for_function("window.times.length > 0")
        return page.evaluate("window.times[0]")

    return press


def drag(page, handle, side):
    """A function that drags to and fro, and back, and waits until no more pictures come."""
    away = {"Left": -1, "Right": 1}[side]

    def move():
        handle.scroll_into_view_if_needed()
        box = handle.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        for step in range(30):
            page.mouse.move(x + away * (10 + 2 * step if step % 2 else 5), y)
            page.wait_for_timeout(16)
        page.evaluate("window.pictures = []")
        page.mouse.move(x, y)  # the setting of before, so that drags do not drift
        stopped = page.evaluate("performance.now()")
        quiet = "stopped => performance.now() - Math.max(stopped, ...pictures) > 1500"
        page.wait_for_function(quiet, arg=stopped)
        page.mouse.up()
        return page.evaluate("stopped => Math.max(stopped, ...pictures) - stopped", stopped)

    return move
