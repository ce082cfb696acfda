"""The committed figures: one function for each, which has the figure's name.

python figures/make_figures.py
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from gradlib import Cost, Gaussian, exact_gradient, exact_variance
from gradlib.course import figures

HERE = Path(__file__).resolve().parent
REST, STEP = 4000, 80  # milliseconds of the first frame, and of each other one
COUNTS = [1000, *(1000 * np.linspace(0.07, 0.99, 48) ** 2).astype(int)]  # slow at first


def first_page():
    """README: 1000 samples of dE[z^2]/dmu at N(2, 1) by either estimator, as they come in.

    Frame by frame. The first one shows the end, for whoever sees one picture only.
    """
    cost, q, eps = Cost("z^2"), Gaussian(2, 1), np.random.default_rng(0).standard_normal(1000)
    truth = exact_gradient(cost, q).mu
    terms = {name: estimator(cost, q, eps).mu for name, estimator in figures.ESTIMATORS.items()}
    titles = [
        f"{name}: variance {exact_variance(estimator, cost, q).mu:.4g}"
        for name, estimator in figures.ESTIMATORS.items()
    ]
    for n in COUNTS:
        yield race_above_histograms(terms, n, truth, titles)


def race_above_histograms(terms, n, truth, titles):
    """The running means of the first n terms, above their histograms. All axes stand still."""
    figure = plt.figure(figsize=(9.6, 5.4), dpi=150, layout="none")
    margins = {"left": 0.075, "right": 0.97, "top": 0.94, "bottom": 0.1, "hspace": 0.45}
    layout = [["race", "race"], list(terms)]
    race, *below = figure.subplot_mosaic(layout, gridspec_kw=margins).values()
    for (name, values), ax, title in zip(terms.items(), below, titles, strict=True):
        look, draws, inside = figures.STYLES[name], np.arange(1, n + 1), np.clip(values, -8, 36)
        means = np.cumsum(values[:n]) / draws
        race.plot(draws, means, color=look["color"], linestyle=look["linestyle"], label=name)
        race.plot(n, means[-1], color=look["color"], marker=look["marker"], ms=9, clip_on=False)
        ax.hist(inside[:n], np.arange(-8, 37), color=look["color"], alpha=0.7)
        ax.axvline(truth, **figures.STYLES["exact"])
        ax.set(xlim=(-8, 36), ylim=(0, 350), title=title, ylabel="samples")
        ax.set_xlabel(r"gradient $d/d\mu$ of one sample")
    race.axhline(truth, **figures.STYLES["exact"], label="true gradient")
    race.set(xlim=(0, 1000), ylim=(0, 8), xlabel="draws", ylabel="mean so far")
    race.set_title(f"The gradient of $E[z^2]$ from the same {n} draws", loc="left")
    race.legend(loc="upper right", ncols=3)
    return figure


def phase_diagram():
    """README: where each estimator wins for cos(kz), with the crossings as black lines."""
    figure = plt.figure()
    figures.draw_phase(figure, r="cos(z)", c=0, mu=1, sigma=1)
    return figure


def decision_chart():
    """Chapter 10 and the reference: which estimator to use when."""
    figures.decision_chart()
    return plt.gcf()


FIGURES = [first_page, phase_diagram, decision_chart]


def save(make, file):
    """Draw one figure and write it as PNG; several, frame by frame, become an animated GIF."""
    made = make()
    if isinstance(made, Figure):
        made.savefig(file, format="png", dpi=150, metadata={"Software": None})
        return
    images = [pixels(figure) for figure in made]
    # One palette for all frames, so that nothing flickers that does not move.
    strip = Image.fromarray(np.concatenate(images)).quantize(96, dither=Image.Dither.NONE)
    width, height = strip.width, strip.height // len(images)
    tops = range(0, strip.height, height)
    first, *rest = (strip.crop((0, top, width, top + height)) for top in tops)
    durations = [REST, *[STEP] * len(rest)]
    first.save(file, "GIF", save_all=True, append_images=rest, duration=durations, loop=0)


def pixels(figure):
    figure.canvas.draw()
    rgb = np.array(figure.canvas.buffer_rgba())[..., :3]
    plt.close(figure)
    return rgb


if __name__ == "__main__":
    figures.use_house_style()
    for make in FIGURES:
        file = HERE / f"{make.__name__}.{'gif' if make is first_page else 'png'}"
        save(make, file)
        print(f"wrote figures/{file.name}")
