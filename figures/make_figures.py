"""The committed figures: one function for each, which has the figure's name.

python figures/make_figures.py
"""

from pathlib import Path

import matplotlib.pyplot as plt

from gradlib.course import figures

HERE = Path(__file__).resolve().parent


def first_page():
    """README: one-sample gradients of E[z^2] at N(2, 1), 87 against 4."""
    figure = plt.figure()
    figures.draw_histograms(figure, r="z^2", mu=2, sigma=1)
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
    """Draw one figure and write it as PNG."""
    make().savefig(file, format="png", dpi=150, metadata={"Software": None})


if __name__ == "__main__":
    figures.use_house_style()
    for make in FIGURES:
        save(make, HERE / f"{make.__name__}.png")
        print(f"wrote figures/{make.__name__}.png")
