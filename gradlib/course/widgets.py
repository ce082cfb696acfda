"""Live figures: what each of them shows, with which controls."""

import html
import io
import threading
from statistics import NormalDist

import ipywidgets as widgets
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from gradlib.course import figures, live
from gradlib.course.families import COSTS_IN_DIMENSIONS

DPI = 120
PARAMETER = live.choice("gradient", "the parameter", {"mu": "d/dμ", "sigma": "d/dσ"})
DRAWING = threading.RLock()  # JupyterLab's messages arrive in several threads, at the same time


class LiveFigure(widgets.VBox):
    """A figure that is redrawn in place, by the kernel, whenever a control moves.

    `draw(figure, **values)` draws into a figure that is empty or shows an earlier setting; what
    changes without an axis is `animated`. It returns what to say: the first line is the verdict,
    which stands above the picture, the others stand beneath it. `controls` are ipywidgets, one for
    each further argument of `draw`, in the order of display.
    If `draw` raises, the error takes the place of the verdict, and goes on to the kernel's log.
    Of moves that are made while it draws only the last is drawn.
    """

    def __init__(self, draw, **controls):
        self.draw, self.controls = draw, controls
        self.start, self.shown, self.ends = self.values(), None, None
        self.canvas = FigureCanvasAgg(Figure(figsize=figures.SIZE, dpi=DPI))
        self.picture = widgets.Image(format="webp", width=int(100 * figures.SIZE[0]))
        self.verdict, self.words = widgets.HTML(), widgets.HTML()
        reset = widgets.Button(description="Reset", tooltip="Back to the first setting")
        reset.on_click(self.reset)
        bar = widgets.Box([*controls.values(), reset])
        bar.layout.flex_flow = "row wrap"
        super().__init__([bar, self.verdict, self.picture, self.words])
        self.add_class("gradlib-live")
        for control in controls.values():
            control.observe(self.redraw, names="value")
        self.redraw()

    def values(self):
        """The current setting: what `draw` is called with."""
        return {name: control.value for name, control in self.controls.items()}

    def redraw(self, _change=None):
        """Draw the current setting, unless it is shown already."""
        with DRAWING:  # who has waited here finds the last setting, and draws no other
            values = self.values()
            if values == self.shown:
                return
            self.shown = None  # until it is drawn: an interrupt must not pass for a picture
            try:
                words = self.draw(self.canvas.figure, **values)
                verdict, _, words = html.escape(words).partition("\n")
                verdict, words = f"<b>{verdict}</b>", words.replace("\n", "<br>")
                self.picture.value, self.shown = self.pixels(), values
            except BaseException as error:
                verdict = f"<b>{type(error).__name__}:</b> {html.escape(str(error))}"
                words = ""
                raise
            finally:
                self.verdict.value, self.words.value = verdict, words

    def pixels(self):
        """The picture: what moves, on a background that is kept until an axis changes."""
        axes = self.canvas.figure.axes
        if self.ends != (ends := [(*ax.get_xlim(), *ax.get_ylim()) for ax in axes]):
            self.canvas.draw()
            self.background = self.canvas.copy_from_bbox(self.canvas.figure.bbox)
            self.ends = ends
        self.canvas.restore_region(self.background)
        for ax in axes:
            for artist in (*ax.lines, *ax.images):
                if artist.get_animated():
                    ax.draw_artist(artist)
        file, picture = io.BytesIO(), Image.fromarray(np.asarray(self.canvas.buffer_rgba()))
        # every pixel as it is, in half of the time that PNG takes
        picture.convert("RGB").save(file, "webp", lossless=True, quality=0, method=0)
        return file.getvalue()

    def reset(self, _button=None):
        """Back to the first setting."""
        with DRAWING:
            for name, control in self.controls.items():
                control.unobserve(self.redraw, names="value")
                control.value = self.start[name]
                control.observe(self.redraw, names="value")
            self.redraw()

    def _repr_mimebundle_(self, **kwargs):
        """What is saved with the notebook is a sentence: without a kernel there are no sliders."""
        bundle = super()._repr_mimebundle_(**kwargs)
        return bundle | {"text/plain": "Run this cell in JupyterLab to get the sliders."}


def slider(label, meaning, value, low, high, step):
    """A slider for a number, whole if `step` is; arrow keys move it, and a value can be typed."""
    kind = widgets.IntSlider if isinstance(step, int) else widgets.FloatSlider
    looks = {"description": label, "tooltip": meaning, "layout": {"width": "400px"}}
    return kind(value=value, min=low, max=high, step=step, **looks)


def menu(label, meaning, options):
    """A drop-down menu; its first entry is chosen."""
    return widgets.Dropdown(options=options, description=label, tooltip=meaning)


def formula(label, meaning, value):
    """A line for a formula; Enter, or leaving the line, takes it."""
    return widgets.Text(value=value, description=label, tooltip=meaning, continuous_update=False)


def explore_histograms(**start):
    """Chapter 00: single-sample gradients of both estimators for a few costs.

    `start` gives other first settings, such as cost="cos(3z)" or mu=0.5.
    """
    controls = {
        "cost": live.costs("z^2", "z^2 + 10", "exp(z/2)", "cos(z)", "cos(3z)"),
        "parameter": PARAMETER,
        "mu": live.number("μ", "mean of Z", 2.0, -3.0, 3.0, 0.1),
        "sigma": live.number("σ", "standard deviation of Z", 1.0, 0.1, 2.0, 0.1),
    }
    return live.Live("histograms", controls, start=start)


def explore_race(**start):
    """Chapters 00 and 04: samples rain down, and both running means race to the truth.

    `start` gives other first settings, such as cost="cos(3z)" or mu=0.5.
    """
    texts = ["z^2", "z^2 + 10", "z^3 - z", "exp(z/2)", "cos(z)", "cos(3z)", "abs(z)"]
    controls = {
        "cost": live.costs(*texts, "Heaviside(z)"),
        "parameter": PARAMETER,
        "mu": live.number("μ", "mean of Z", 2.0, -3.0, 3.0, 0.1),
        "sigma": live.number("σ", "standard deviation of Z", 1.0, 0.1, 2.0, 0.1),
        "speed": live.choice(
            "speed", "samples a second", {50: "50 / s", 5: "5 / s", 250: "250 / s"}
        ),
    }
    return live.Live("race", controls, start=start)


def explore_bell(**start):
    """Chapters 01 to 03: a bell over the cost, and what a nudge does to points and weights.

    `start` gives other first settings, such as cost="ramp of width w" or w=0.1.
    """
    texts = ["z^2", "z^2 + 10", "exp(z/2)", "sin(z)", "cos(2z)", "abs(z)", "softplus(3z)"]
    controls = {
        "cost": live.costs(*texts, live.ramp()),
        "parameter": PARAMETER,
        "mu": live.number("μ", "mean of Z", 0.5, -3.0, 3.0, 0.05),
        "sigma": live.number("σ", "standard deviation of Z", 1.0, 0.3, 2.0, 0.05),
        "w": live.number("w", "width of the ramp; 0 is a step", 1.0, 0.0, 4.0, 0.05),
    }
    points = [NormalDist().inv_cdf((i + 0.5) / 11) for i in range(11)]
    return live.Live("bell", controls, points, start)


def explore_variances(**start):
    """Chapter 05: both exact variances against sigma, and their lines for small sigma."""
    controls = {
        "cost": live.costs("z^2", "z^3 - z", "exp(z/2)", "cos(2z)", "abs(z)"),
        "parameter": PARAMETER,
        "c": live.number("c", "a constant added to the cost", 0.0, -5.0, 5.0, 0.5),
        "mu": live.number("μ", "mean of Z", 1.0, -2.0, 3.0, 0.1),
        "sigma": live.number("σ", "standard deviation of Z", 1.0, 0.05, 4.0, 0.05),
    }
    return live.Live("variances", controls, start=start)


def explore_kernel(**start):
    """Chapter 06: the kernel of the gap theorem under the bell, for any direction of phi."""
    controls = {
        "cost": live.costs("cos(z)", "z^2", "exp(-z^2)", "sin(3z)", "z^3 - z", "abs(z) + 1"),
        "angle": live.number("angle", "of φ: 0 moves μ, 90 moves σ, in degrees", 0, 0, 180, 5),
        "mu": live.number("μ", "mean of Z", 1.0, -3.0, 3.0, 0.1),
        "sigma": live.number("σ", "standard deviation of Z", 1.0, 0.2, 2.0, 0.05),
    }
    return live.Live("kernel", controls, start=start)


def explore_phase(**start):
    """Chapter 07: who wins, over k sigma and k mu, for a cost of kz."""
    texts = ["cos(z)", "exp(-z^2)", "z exp(-z^2)", "z^3 - z", "z^2"]
    controls = {
        "cost": live.costs(*texts, label="r"),
        "parameter": PARAMETER,
        "c": live.number("c", "a constant added to the cost", 0.0, -2.0, 2.0, 0.1),
        "mu": live.number("kμ", "mean of Z, in units of 1/k", 1.0, -4.0, 4.0, 0.05),
        "sigma": live.number(
            "kσ", "standard deviation of Z, in units of 1/k", 1.0, 0.05, 3.0, 0.05
        ),
    }
    data = {text: live.log_ratios(text) for text in texts}
    return live.Live("phase", controls, data, start, typing=False)


def explore_cost(**start):
    """Chapter 07: type any cost, and get its slope, both variances, the verdict."""
    controls = {
        "cost": live.costs("cos(2z)", "abs(z) + sin(3z)", "tanh(9z)", "z^2 + abs(z - 1)"),
        "parameter": PARAMETER,
        "mu": live.number("μ", "mean of Z", 0.5, -3.0, 3.0, 0.1),
        "sigma": live.number("σ", "standard deviation of Z", 1.0, 0.05, 4.0, 0.05),
    }
    return live.Live("variances", controls, start=start)


def explore_baseline(**start):
    """Chapter 08: the variance of the score function as a function of its baseline."""
    controls = {
        "cost": live.costs("z^2", "exp(z/2)", "softplus(z)", "cos(2z) + 3"),
        "parameter": PARAMETER,
        "mu": live.number("μ", "mean of Z", 1.0, -1.5, 2.0, 0.1),
        "sigma": live.number("σ", "standard deviation of Z", 1.0, 0.3, 1.4, 0.1),
        "b": live.number("b", "the baseline, subtracted from the cost", 2.0, -5.0, 15.0, 0.25),
    }
    return live.Live("baseline", controls, start=start)


def explore_dimensions(**start):
    """Chapter 10: both variances against the dimension, up to 1,000."""
    families = {name: f"{name}: {text}" for name, text in COSTS_IN_DIMENSIONS.items()}
    controls = {
        "family": live.choice("cost", "how r makes a cost of d coordinates", families),
        "cost": live.costs("z^2", "cos(2z)", "exp(z/2)", "exp(-z^2/2)"),
        "mu": live.number("μ", "mean", 1.0, 0.1, 2.0, 0.1),
        "sigma": live.number("σ", "standard deviation", 1.0, 0.1, 1.5, 0.1),
        "log_d": live.number("log₁₀ d", "the dimension is 10 to this power", 2.0, 0.0, 3.0, 0.05),
    }
    data = {name: live.in_dimensions(name) for name in COSTS_IN_DIMENSIONS}
    return live.Live("dimensions", controls, data, start)


def explore_temperature(**start):
    """Chapter 13: bias and variance against the temperature, for a bit b with cost (b - t)^2."""
    from gradlib.course.live.bits import bits  # computes for two seconds

    logits = {-1: "−1", -2: "−2", 0: "0", 1: "1", 2: "2"}
    budgets = {12: "12 evaluations", 120: "120 evaluations", 12000: "12000 evaluations"}
    power = "the temperature is 10 to this power"
    controls = {
        "t": live.number("t", "the target of the cost", 0.45, 0.0, 1.0, 0.001),
        "logit": live.choice("θ", "the logit of the bit", logits),
        "log_t": live.number("log₁₀ T", power, -0.25, -1.5, 0.5, 0.25),
        "budget": live.choice("budget", "what an estimate may cost", budgets),
    }
    return live.Live("temperature", controls, bits(), start)


def explore_vae():
    """Chapter 11: gradients of two encoder weights of a VAE, by both roads."""
    return LiveFigure(
        figures.draw_vae,
        network=menu("network", "the VAE's weights", ["trained", "untrained"]),
        baseline=menu(
            "baseline",
            "what the score function subtracts from the NLL",
            ["none", "leave-one-out", "best constant"],
        ),
        estimator=menu("show", "which clouds to show", ["both", "score function", "pathwise"]),
        digit=slider("digit", "the image", 0, 0, 9, 1),
        K=slider("K", "samples of the latent variables for each estimate", 2, 1, 16, 1),
    )
