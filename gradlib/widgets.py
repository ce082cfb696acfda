"""Live figures: a `draw_*` function with one control for each argument."""

import html
import io

import ipywidgets as widgets
from matplotlib.figure import Figure

from gradlib import plots


def live(draw, size=plots.SIZE, **controls):
    """A figure that is redrawn in place whenever a control moves.

    `draw(figure, **values)` draws into an empty figure and returns the sentence to stand beneath
    it. `controls` are ipywidgets, one for each further argument of `draw`, in the order of display.
    """
    return LiveFigure(draw, size, controls)


def slider(label, value, low, high, step, readout_format=".2f"):
    """A slider for a real number; arrow keys move it, and a value can be typed."""
    kind = widgets.IntSlider if isinstance(step, int) else widgets.FloatSlider
    options = {} if isinstance(step, int) else {"readout_format": readout_format}
    return kind(value=value, min=low, max=high, step=step, description=label, **options)


def menu(label, options):
    """A drop-down menu; its first entry is chosen."""
    return widgets.Dropdown(options=options, description=label)


class LiveFigure(widgets.VBox):
    """Controls, reset button, picture, and the sentence that says what the picture shows."""

    def __init__(self, draw, size, controls):
        self.draw, self.controls = draw, controls
        self.figure = Figure(figsize=size)
        self.picture = widgets.Image(format="png", width=int(100 * size[0]))
        self.words = widgets.HTML()
        self.start = {name: control.value for name, control in controls.items()}
        reset = widgets.Button(description="Reset", tooltip="Back to the first setting")
        reset.on_click(self.reset)
        for control in controls.values():
            control.observe(self.redraw, names="value")
        row = widgets.Layout(flex_flow="row wrap")
        super().__init__([widgets.Box([*controls.values(), reset], layout=row), self.picture, self.words])
        self.redraw()

    def redraw(self, _change=None):
        """Draw at the current setting; an error is shown in words, and raised."""
        self.figure.clear()
        try:
            sentence = self.draw(self.figure, **{k: c.value for k, c in self.controls.items()})
            buffer = io.BytesIO()
            self.figure.savefig(buffer, format="png", dpi=150)
        except Exception as error:
            self.words.value = f"<b>{type(error).__name__}:</b> {html.escape(str(error))}"
            raise
        self.picture.value = buffer.getvalue()
        self.words.value = html.escape(sentence)

    def reset(self, _button=None):
        """Back to the first setting."""
        for name, control in self.controls.items():
            control.value = self.start[name]

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        return bundle | {"text/plain": "Run this cell in JupyterLab to get the sliders."}


def explore_histograms():
    """Chapter 00: single-sample gradients of both estimators for a few costs."""
    return live(
        plots.draw_histograms,
        r=menu("r(z)", ["z^2", "z^2 + 10", "exp(z/2)", "cos(z)", "cos(3z)"]),
        mu=slider("mu", 2.0, -3.0, 3.0, 0.1),
        sigma=slider("sigma", 1.0, 0.1, 2.0, 0.1),
    )


def explore_samples():
    """Chapter 04: the cloud of per-sample gradients of both estimators, with means and errors."""
    return live(
        plots.draw_samples,
        r=menu("r(z)", ["z^2", "z^3 - z", "exp(z)", "sin(z)", "softplus(z)", "Heaviside(z)"]),
        mu=slider("mu", 1.0, -2.0, 2.0, 0.1),
        sigma=slider("sigma", 1.0, 0.2, 2.0, 0.1),
        n=slider("M", 100, 10, 1000, 10),
        seed=slider("seed", 0, 0, 20, 1),
    )
