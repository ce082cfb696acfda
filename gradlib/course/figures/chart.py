"""Which estimator, when: the decision chart of chapter 10, whose numbers are computed here."""

import textwrap
from functools import partial
from typing import NamedTuple

import matplotlib.pyplot as plt

from gradlib.control_variates import antithetic, combination, optimal_baseline, optimal_weight
from gradlib.cost import Cost
from gradlib.course.families import variances
from gradlib.course.figures.style import STYLES
from gradlib.estimators import pathwise, score_function
from gradlib.exact import exact_gradient, exact_variance
from gradlib.gaussian import Gaussian

WIDTH = 92  # characters of a line of evidence


class Branch(NamedTuple):
    """A question; for a yes the winner, the advice and its evidence (brackets: chapters)."""

    question: str
    winner: str
    advice: str
    evidence: str


def decision_chart():
    """Five questions from top to bottom, each with the estimator that a yes leads to, and why.

    Orange advice is for the score function, blue for pathwise. It says whether a theorem stands
    behind it. The last line applies to whatever was chosen.
    """
    steps, bottom = branches(), improvements()
    _, ax = plt.subplots(figsize=(9.8, 7.6))
    ax.set(xlim=(0, 10), ylim=(-len(steps) - 0.45, 0.5))
    ax.axis("off")
    for row, step in enumerate(steps):
        _branch(ax, -row, step, last=row == len(steps) - 1)
    box = {"boxstyle": "round,pad=0.6", "ec": "0.5", "fc": "0.95"}
    text = textwrap.fill(bottom, 132)
    ax.text(5, -len(steps) + 0.02, text, ha="center", va="center", size=9.5, bbox=box)


def _branch(ax, y, step, last):
    color = STYLES[step.winner]["color"]
    box = {"boxstyle": "round,pad=0.6", "ec": "0.5", "fc": "0.95"}
    ax.text(1.45, y + 0.24, step.question, ha="center", va="center", size=9.5, bbox=box)
    ax.text(3.75, y + 0.17, step.advice, color=color, weight="bold", va="bottom", size=10.5)
    ax.text(3.75, y + 0.11, textwrap.fill(step.evidence, WIDTH), va="top", size=8.8)
    arrow = {"arrowstyle": "->", "color": color, "lw": 2}
    ax.annotate("", (3.65, y + 0.24), (2.9, y + 0.24), arrowprops=arrow)
    if not last:
        ax.text(3.25, y + 0.28, "yes", ha="center", size=9.5)
        down = {"arrowstyle": "->"}
        ends = (1.45, y - 0.47), (1.45, y - 0.05)
        ax.annotate("", *ends, arrowprops=down)
        ax.text(1.55, y - 0.24, "no", va="center", size=9.5)


def branches():
    """The rows of the chart, each a `Branch`. Pairs of variances are for d/dmu, pathwise first."""
    step, r = exact_gradient(Cost("Heaviside(z)"), Gaussian(0.5, 1)).mu, Gaussian(1, 1)
    wide, one = variances("sum", "z^2", r, 1000), variances("sum", "z^2", r, 1)
    parabola, kink = _three("z^2", 2), _three("abs(z)", 0)
    fast, single = _three("cos(10z)", 0.5), _three("cos(3z)", 1)
    ramp = _three("max(min(1000z, 1), 0)", 0.5)
    hit = exact_gradient(Cost("max(min(1000z, 1), 0)"), Gaussian(0.5, 1)).mu / 1000
    waves = variances("product", "cos(2z)", r, 100)
    return [
        Branch(
            "Does $r$ jump, or is its\nslope unknown, or $Z$ discrete?",
            "score function",
            "Score function, with a baseline",
            f"At a step pathwise says 0, the gradient is {step:.3f} (03). A baseline (08) "
            "and own terms (10) are two remedies: a sum of 1,000 squares has the variance "
            f"{wide.score_function:,.0f} plain and {wide.best_constant:,.0f} with the best "
            f"constant; own terms {one.score_function:.0f} and {one.best_constant:.0f}. Or "
            "measure-valued: two evaluations for each parameter (09).",
        ),
        Branch(
            "Is $r$ quadratic,\nor convex and not negative?",
            "pathwise",
            "Pathwise: proved",
            "Quadratic: along every parameter, against any constant (06, 10); z² at N(2, 1): "
            f"{parabola[0]:.0f} against {parabola[1]:.0f}, with the best constant "
            f"{parabola[2]:.0f}. Convex, r ≥ 0: for all means, for all scales and for the totals, "
            f"against E1 without a constant only; |z| at N(0, 1): {kink[0]:.0f} against "
            f"{kink[1]:.0f}, with the best constant {kink[2]:.2f}. In d ≥ 2 not for every "
            "parameter that moves means and scales (10).",
        ),
        Branch(
            "Do you know $|\\nabla r| \\leq L$, and\nis $|J-b|>\\sigma L\\sqrt{3/d}$?",
            "pathwise",
            "Pathwise: proved for the total over the means",
            "For one σ in all coordinates and E1 with the constant b (10). If a pilot run of M "
            "samples estimates J, its mean must clear a margin, and the promise has a confidence. "
            "A total says nothing of one coordinate: for the wave cos 3z₁ in 100 dimensions "
            f"pathwise has the lower total, but for μ₁ {single[0]:.1f} against {single[1]:.2f}.",
        ),
        Branch(
            "Does $r$ wave, spike or turn\nchaotic within one $\\sigma$?",
            "score function",
            "Often score function: try both. No theorem",
            f"cos 10z at N(0.5, 1): {fast[0]:.0f} against {fast[1]:.1f} (07). Product of 100 waves "
            f"cos 2z: E1 has {waves.score_function / waves.pathwise:.2f} of pathwise's variance "
            "(10). A pilot run can miss a spike: ramp of width 0.001 at N(0.5, 1), "
            f"{ramp[0]:.0f} against {ramp[1]:.2f}; "
            f"{100 * (1 - hit) ** 1000:.0f} of 100 pilots of 1,000 samples do not see it.",
        ),
        Branch(
            "Otherwise",
            "pathwise",
            "Pathwise, with a pilot run of both. A good bet, no theorem",
            "Costs are often large, or steep in few directions only: sum of 1,000 squares, "
            f"{wide.pathwise:.0f} against {wide.best_constant:,.0f} with the best constant (10). "
            "Count a slope at its price: at three evaluations some leads turn (09).",
        ),
    ]


def improvements():
    """What to try last, whatever was chosen."""
    cost, q = Cost("z^2"), Gaussian(1, 1)
    both = partial(combination, weight=optimal_weight(cost, q))
    plain, mixed, pairs = (
        exact_variance(estimator, cost, q).mu
        for estimator in (pathwise, both, antithetic(pathwise))
    )
    return (
        "Then try to improve what you chose, at equal cost (09): antithetic pairs, Sobol points, "
        "and, where $r$ does not jump, E1 and E2 with the best weight. z² at N(1, 1): pathwise "
        f"{plain:.0f}, with the best weight {mixed:.2f}, in antithetic pairs {pairs:.0f}."
    )


def _three(text, mean):
    """Variances of d/dmu at N(mean, 1): pathwise, score function, the same with best constant."""
    cost, q = Cost(text), Gaussian(mean, 1)
    best = partial(score_function, baseline=optimal_baseline(cost, q))
    return [exact_variance(f, cost, q).mu for f in (pathwise, score_function, best)]
