"""Live figures without a browser: they show the current setting, whatever happens."""

import io
import re
import threading
import time

import numpy as np
import pytest
from PIL import Image

from gradlib.course import widgets

EXPLORERS = [widgets.explore_vae]  # the others are drawn in the browser: test_live_figures.py


def pixels(figure):
    return np.asarray(Image.open(io.BytesIO(figure.picture.value))) / 255


def draw_square(figure, x, y):
    (axes,) = figure.axes or [figure.subplots()]
    (square,) = axes.lines or axes.plot([], [], "s", animated=True)
    square.set_data([x], [y])
    axes.set(xlim=(-1, 3), ylim=(-1, 11))
    return f"x = {x:g}, y = {y:g}"


def live():
    return widgets.LiveFigure(
        draw_square,
        x=widgets.slider("x", "across", 1.0, 0.0, 2.0, 0.1),
        y=widgets.slider("y", "up", 5, 0, 10, 1),
    )


def draw_nothing_but_trouble(figure, x):
    raise RuntimeError(f"no <luck> at {x}")


def draw_nothing_but_an_interrupt(figure, x, y):
    raise KeyboardInterrupt


def draw_trouble_above_one(figure, x):
    return "fine" if x <= 1 else draw_nothing_but_trouble(figure, x)


def test_a_moved_control_redraws_picture_and_words():
    figure = live()
    before = pixels(figure)
    figure.controls["x"].value = 1.5
    assert figure.verdict.value == "<b>x = 1.5, y = 5</b>"
    assert pixels(figure).shape == before.shape
    assert not np.array_equal(pixels(figure), before)


def test_the_same_setting_gives_the_same_picture_again():
    figure = live()
    before = figure.picture.value
    figure.controls["x"].value, figure.controls["y"].value = 0.3, 9
    figure.reset()
    assert figure.values() == {"x": 1.0, "y": 5}
    assert figure.picture.value == before
    assert figure.verdict.value == "<b>x = 1, y = 5</b>"


@pytest.mark.parametrize(("typed", "taken"), [(99.0, 2.0), (-99.0, 0.0), (0.123, 0.123)])
def test_a_typed_value_is_kept_within_the_range(typed, taken):
    figure = live()
    figure.controls["x"].value = typed
    assert figure.values()["x"] == taken
    assert figure.verdict.value.startswith(f"<b>x = {taken:g},")


def test_an_error_while_drawing_is_raised_and_shown_in_words():
    with pytest.raises(RuntimeError, match="no <luck>"):
        widgets.LiveFigure(
            draw_nothing_but_trouble, x=widgets.slider("x", "across", 1.0, 0.0, 2.0, 0.1)
        )
    figure = widgets.LiveFigure(
        draw_trouble_above_one, x=widgets.slider("x", "across", 1.0, 0.0, 2.0, 0.1)
    )
    with pytest.raises(RuntimeError, match="no <luck>"):
        figure.controls["x"].value = 2.0
    assert figure.verdict.value == "<b>RuntimeError:</b> no &lt;luck&gt; at 2.0"
    figure.controls["x"].value = 0.5
    assert figure.verdict.value == "<b>fine</b>"


def test_controls_moved_in_several_threads_leave_the_last_setting():
    drawing, overlaps = [], []

    def draw_slowly(figure, x, y):
        overlaps.extend(drawing)
        drawing.append((x, y))
        time.sleep(0.005)  # let another thread come in between
        drawing.pop()
        return draw_square(figure, x, y)

    figure = live()
    figure.draw = draw_slowly

    def wiggle(name, values):
        for value in values:
            figure.controls[name].value = value

    moves = [("x", np.linspace(0, 2, 15)), ("y", [3, 7] * 7 + [8])]
    threads = [threading.Thread(target=wiggle, args=move) for move in moves]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert overlaps == []
    alone = live()
    alone.controls["x"].value, alone.controls["y"].value = 2.0, 8
    assert figure.verdict.value == alone.verdict.value == "<b>x = 2, y = 8</b>"
    np.testing.assert_array_equal(pixels(figure), pixels(alone))


def test_an_interrupted_setting_is_drawn_again():
    figure = live()
    before, figure.draw = figure.draw, draw_nothing_but_an_interrupt
    with pytest.raises(KeyboardInterrupt):
        figure.controls["x"].value = 1.5
    assert figure.verdict.value.startswith("<b>KeyboardInterrupt:</b>")
    figure.draw = before
    figure.redraw()
    assert figure.verdict.value == "<b>x = 1.5, y = 5</b>"
    other = live()
    other.controls["x"].value = 1.5
    np.testing.assert_array_equal(pixels(figure), pixels(other))


def test_the_notebook_keeps_a_sentence_in_place_of_the_sliders():
    bundle = live()._repr_mimebundle_()
    assert bundle["text/plain"] == "Run this cell in JupyterLab to get the sliders."
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_the_first_line_stands_above_the_picture_and_the_others_below():
    figure = live()
    figure.draw = lambda *_, **values: draw_square(*_, **values) + "\none < two\nthree"
    figure.controls["x"].value = 2.0
    above, picture, below = figure.children[1:]
    assert above.value == "<b>x = 2, y = 5</b>"
    assert picture is figure.picture
    assert below.value == "one &lt; two<br>three"
    figure.draw = draw_trouble_above_one
    with pytest.raises(TypeError):
        figure.controls["x"].value = 0.0
    assert above.value.startswith("<b>TypeError:</b>") and below.value == ""


def limits(figure):
    return [(ax.get_xlim(), ax.get_ylim()) for ax in figure.canvas.figure.axes]


@pytest.mark.parametrize("explorer", EXPLORERS)
@pytest.mark.slow
def test_no_axis_moves_while_a_slider_moves(explorer):
    figure = explorer()
    start = limits(figure)
    for control in figure.controls.values():
        if hasattr(control, "max"):
            for share in (0.0, 0.35, 1.0):
                value = control.min + share * (control.max - control.min)
                control.value = type(control.value)(value)
                assert limits(figure) == start, control.description
            figure.reset()


@pytest.mark.parametrize("explorer", EXPLORERS)
def test_the_verdict_is_the_first_line_and_short(explorer):
    figure = explorer()
    verdict = figure.verdict.value
    assert re.search(r"(pathwise|score function) wins", verdict)
    assert len(verdict) < 125  # one line, beside the files of JupyterLab too
    assert figure.words.value and "wins" not in figure.words.value


@pytest.mark.parametrize("explorer", EXPLORERS)
def test_labels_can_be_read_in_a_room(explorer):
    figure = explorer()
    for ax in figure.canvas.figure.axes:
        for label in (*ax.get_xticklabels(), *ax.get_yticklabels(), ax.title, ax.xaxis.label):
            assert label.get_size() >= 9


@pytest.mark.slow
@pytest.mark.parametrize("explorer", EXPLORERS)
def test_every_explorer_draws_at_all_corners_of_its_sliders(explorer, monkeypatch):
    figure = explorer()
    sliders = {k: c for k, c in figure.controls.items() if hasattr(c, "max")}
    menus = {k: c for k, c in figure.controls.items() if hasattr(c, "options")}
    with monkeypatch.context() as without_pixels:  # which take most of the time
        without_pixels.setattr(figure, "pixels", lambda: b"")
        for menu in menus.values():
            for option in menu.options:
                menu.value = option
                for number in range(2 ** len(sliders)):
                    ends = number ^ number >> 1  # Gray code: one slider moves at a time
                    setting = {
                        name: (control.min, control.max)[ends >> index & 1]
                        for index, (name, control) in enumerate(sliders.items())
                    }
                    for name, value in setting.items():
                        sliders[name].value = value
                    assert figure.values() == figure.values() | setting
                    assert "nan" not in figure.words.value
                    assert "inf" not in figure.words.value
    figure.shown = None
    figure.redraw()
    # After all these settings the picture is that of a figure that shows its first one.
    fresh = explorer()
    for name, value in figure.values().items():
        fresh.controls[name].value = value
    np.testing.assert_array_equal(pixels(figure), pixels(fresh))
    once = type(figure)(figure.draw, **figure.controls)
    np.testing.assert_array_equal(pixels(figure), pixels(once))
