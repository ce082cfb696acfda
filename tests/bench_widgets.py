"""Key press to changed picture: every live figure against plain `interact`, side by side.

    make bench-widgets

Both run in one notebook of one JupyterLab, with the same draw function at the same size and
resolution. Each press of an arrow key is timed in the browser, from the event to the frame after
the new picture has loaded, 30 times for each, in turn. Then a slider is dragged for three seconds.
"""

import re
import tempfile
from pathlib import Path

import browser
import nbformat
import numpy as np

MOVES = 30
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
# The time from the last key press to the frame after a picture below `root` has loaded.
WATCH = """
root => {
    let pressed = 0;
    window.times = [];
    window.pictures = [];
    root.addEventListener("keydown", () => { pressed = performance.now(); }, true);
    root.addEventListener("load", () => requestAnimationFrame(() => {
        window.times.push(performance.now() - pressed);
        window.pictures.push(performance.now());
    }), true);
}
"""


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


def press_keys(page, root, name, side):
    """Milliseconds for each of MOVES presses, one after the other."""
    root.evaluate(WATCH)
    handle = slider(root, name)
    handle.scroll_into_view_if_needed()
    handle.focus()
    times, back = [], {"Left": "Right", "Right": "Left"}[side]
    for move in range(MOVES + 1):
        page.evaluate("window.times = []")
        page.keyboard.press(f"Arrow{back if move // 10 % 2 else side}")
        page.wait_for_function("window.times.length > 0")
        times.append(page.evaluate("window.times[0]"))
        page.wait_for_timeout(150)
    return np.array(times[1:])  # the first one warms up


def drag(page, root, name):
    """Drag for three seconds; milliseconds from last move to last picture, and what it says."""
    handle = slider(root, name)
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(180):
        page.mouse.move(x - 60 * abs(np.sin(step / 9)) - step % 2, y)
        page.wait_for_timeout(16)
    page.evaluate("window.pictures = []")
    page.mouse.move(x - 45, y)
    stopped = page.evaluate("performance.now()")
    page.wait_for_timeout(1500)
    page.mouse.up()
    last = page.evaluate("Math.max(0, ...window.pictures)")
    return (
        last - stopped,
        handle.get_attribute("aria-valuenow"),
        root.locator(".widget-html-content").inner_text(),
    )


def main():
    folder = Path(tempfile.mkdtemp())
    nbformat.write(notebook(), folder / "bench.ipynb")
    with browser.jupyterlab(folder) as address, browser.chromium() as page:
        browser.run_all(page, address("bench.ipynb"))
        page.wait_for_timeout(3000)
        print(f"{'':20}{'live':>16}{'interact':>18}{'ratio':>8}   (ms: median, p95)")
        for index, (name, (moved, side)) in enumerate(EXPLORERS.items()):
            live, plain = (
                page.locator(".gradlib-live").nth(index),
                page.locator(".plain").nth(index),
            )
            ours = press_keys(page, live, moved, side)
            theirs = press_keys(page, plain, moved, side)
            a, b = np.percentile(ours, [50, 95]), np.percentile(theirs, [50, 95])
            print(
                f"{name:20}{a[0]:8.0f}{a[1]:8.0f}{b[0]:10.0f}{b[1]:8.0f}{b[0] / a[0]:8.2f}",
                flush=True,
            )
            live.evaluate(WATCH)
            late, value, words = drag(page, live, moved)
            print(f"{'':20}dragged for 3 s: last picture {late:.0f} ms after the last move")
            print(f"{'':20}{moved} = {value}: {words.splitlines()[0]}")


if __name__ == "__main__":
    main()
