"""Key press to changed picture: every live figure against plain `interact`, in a browser.

Each pair has a notebook of its own. A figure of the kernel meets its own draw function, at the same
size and resolution; a figure of the browser meets one that draws about the same. A press of an
arrow key is timed in the browser, from the event to the frame after the new picture is there. A
drag is judged by the mean time between two pictures.
"""

import math
import re
import tempfile
import time
from itertools import cycle
from pathlib import Path

import browser
import nbformat

from bench.harness import Case
from gradlib.course import live, widgets
from gradlib.course.live.module import module

EXPLORERS = {"explore_vae": ("K", "Right")}  # the slider to move, and the side where it has room
# Drawn in the browser: the setting to move, and what draws the same in the kernel.
MOVING = {
    "explore_histograms": "lambda mu: figures.draw_histograms(plt.figure(), 'z^2', mu, 1)",
    "explore_race": "lambda mu: figures.draw_samples(plt.figure(), 'z^2', mu, 1, 1000, 0)",
    "explore_bell": "lambda mu: figures.bell_over_cost(square, [Gaussian(mu, 1), Gaussian(2, 1)])",
    "explore_variances": "lambda mu: figures.draw_variances(plt.figure(), 'z^2', 0, mu, 1)",
    "explore_cost": "lambda mu: figures.draw_verdict(plt.figure(), 'cos(2z)', mu, 1)",
    "explore_kernel": "lambda mu: figures.kernel_under_bell([square], Gaussian(mu, 1))",
    "explore_phase": "lambda mu: figures.draw_phase(plt.figure(), 'cos(z)', 0, mu, 1)",
    "explore_baseline": "lambda mu: figures.draw_baseline(plt.figure(), 'z^2', mu, 1, 2)",
    "explore_dimensions": "lambda mu: figures.draw_dimensions(plt.figure(), *sum_of, mu, 1, 2)",
    "explore_temperature": "lambda mu: figures.bias_and_variance(square, half, [0.1, 1], 5, 1)",
}
MOVES, DRAG = 30, 3  # key presses; seconds
SETUP = """
import ipywidgets, matplotlib.pyplot as plt
from gradlib import Cost, Gaussian
from gradlib.course import figures, widgets
from gradlib.discrete import Bernoulli
square, sum_of, half = Cost("z^2"), ("sum", "z^2"), Bernoulli(0.0)
figures.use_house_style()

def plain_interact(live):
    def draw(**values):
        live.draw(plt.figure(dpi=widgets.DPI), **values)
        plt.show()

    box = ipywidgets.interactive(draw, **{k: copy(c) for k, c in live.controls.items()})
    box.add_class("plain")
    return box

def same_content(draw):
    slider = widgets.slider("mu", "mean of Z", 1.0, -3.0, 3.0, 0.1)
    box = ipywidgets.interactive(lambda mu: (draw(mu), plt.show())[0], mu=slider)
    box.add_class("same")
    return box

def copy(control):
    names = ("value", "min", "max", "step", "options", "description")
    return type(control)(**{n: getattr(control, n) for n in names if hasattr(control, n)})
"""
# The time from the last key press below `root` to the frame after a picture there has loaded.
WATCH = """
root => {
    [window.times, window.pictures] = [[], []];
    let pressed = 0;
    root.addEventListener("keydown", () => { pressed = performance.now(); }, true);
    root.addEventListener("load", () => requestAnimationFrame(() => {
        window.pictures.push(performance.now());
        window.times.push(performance.now() - pressed);
    }), true);
}
"""
# The same for what is drawn in the browser; `pictures` are the times of all changes.
WATCH_DRAWING = """
root => {
    [window.times, window.pictures] = [[], []];
    let pressed = 0;
    root.addEventListener("keydown", () => { pressed = performance.now(); }, true);
    let asked = false;
    new MutationObserver(() => {
        if (asked) return;
        asked = true;
        requestAnimationFrame(() => {
            asked = false;
            window.pictures.push(performance.now());
            if (pressed) window.times.push(performance.now() - pressed);
            pressed = 0;
        });
    }).observe(root.querySelector(".picture"), { subtree: true, attributes: true });
}
"""


def cases(small=False):
    if browser.CHROMIUM is None:
        print("  (no Chromium is installed: the live figures are left out)")
        return
    folder = Path(tempfile.mkdtemp())
    print(f"  the module: {len(module()) / 1024:.0f} kB")
    with browser.jupyterlab(folder) as address, browser.chromium() as page:
        alone = page.context.browser.new_page()
        for name, draw in MOVING.items():
            made = getattr(widgets, name)()
            (folder / "page.html").write_text(live.page("Bench", made), "utf-8")
            alone.goto((folder / "page.html").as_uri())
            notebook(folder / f"{name}.ipynb", f"widgets.{name}()", f"same_content({draw})")
            show(page, address(f"{name}.ipynb"))
            plain = page.locator(".same")
            plain.evaluate(WATCH)
            places = {
                "live": (page, drawn(page)),
                "static page": (alone, drawn(alone)),
                "interact": (page, slider(plain, "mu")),
            }
            yield compare(f"{name}: from a key press to the picture", key, places)
            yield compare(f"{name}: between two pictures in a drag", frames, places, rounds=1)
            work_place = {"live": places["static page"]}
            yield compare(f"{name}: work of a frame", work, work_place, unit="live", rounds=10)
        for name, (moved, side) in EXPLORERS.items():
            made = f"widgets.{name}()"
            notebook(folder / f"{name}.ipynb", made, f"plain_interact({made})")
            show(page, address(f"{name}.ipynb"))
            places = {}
            for label, kind in (("live", ".gradlib-live"), ("interact", ".plain")):
                root = page.locator(kind).first
                root.evaluate(WATCH)
                places[label] = page, slider(root, moved), side
            yield compare(f"{name}: from a key press to the picture", key, places)


def compare(title, act, places, unit="interact", rounds=MOVES):
    contenders = {label: act(*place) for label, place in places.items()}
    return Case(title, contenders, check, unit, "ms", rounds)


def check(label, milliseconds):
    assert milliseconds > 0, "no new picture"


def notebook(file, *cells):
    """Save a notebook of the set-up and these cells."""
    cells = [nbformat.v4.new_code_cell(cell) for cell in (SETUP, *cells)]
    book = nbformat.v4.new_notebook(cells=cells)
    book.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(book, file)


def show(page, address):
    """Open a notebook, run it, and wait until what it shows has come to rest."""
    browser.run_all(page, address)
    page.wait_for_timeout(3000)


def drawn(page):
    """The slider of mu of a figure that the browser draws, which is at rest and watched."""
    root = page.locator(".gradlib-stage").first
    pause = root.get_by_role("button", name="Pause")  # of the race, unless it is over
    if pause.count():
        pause.click()
    root.evaluate(WATCH_DRAWING)
    return root.get_by_role("slider", name=re.compile("^k?μ, mean of|^log₁₀ d|^t,")).first


def work(page, handle):
    """A function that gives the milliseconds of JavaScript and layout for one move."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")

    def spent():
        metrics = session.send("Performance.getMetrics")["metrics"]
        found = {metric["name"]: metric["value"] for metric in metrics}
        return found["TaskDuration"]

    press = key(page, handle)

    def move():
        before = spent()
        press()
        return 1000 * (spent() - before)

    return move


def slider(root, name):
    label = re.compile(rf"^{name}$")
    row = root.page.locator(".widget-slider").filter(
        has=root.page.locator(".widget-label").filter(has_text=label)
    )
    return root.locator(row).get_by_role("slider").first


def key(page, handle, side="Left"):
    """A function that presses the next arrow key: five to one side, five back, and so on."""
    sides = cycle([side] * 5 + [{"Left": "Right", "Right": "Left"}[side]] * 5)

    def press():
        handle.focus()
        page.wait_for_timeout(60)
        page.evaluate("window.times = []")
        page.keyboard.press(f"Arrow{next(sides)}")
        page.wait_for_function("window.times.length > 0")
        return page.evaluate("window.times[0]")

    return press


def frames(page, handle):
    """A function that drags to and fro over most of the slider; the mean time between pictures.

    The hand does not wait for the picture: nothing is asked of the page until the drag is over.
    """

    def move():
        handle.scroll_into_view_if_needed()
        box = handle.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.evaluate("window.pictures = []")
        start = time.perf_counter()
        while (seconds := time.perf_counter() - start) < DRAG:
            to_and_fro = math.asin(math.sin(4 * seconds)) / math.pi  # at one speed
            page.mouse.move(x + 0.8 * box["width"] * to_and_fro, y)
        pictures = page.evaluate("window.pictures.length")
        page.mouse.move(x, y)
        page.mouse.up()
        return 1000 * seconds / max(1, pictures)

    return move
