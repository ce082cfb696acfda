"""What makes a variance large: a constant, a narrow bell, the coefficients. Chapter 05."""

import matplotlib.pyplot as plt
import numpy as np

from gradlib.course.figures.style import STYLES


def against_constant(panels):
    """The variances for mu of both estimators against a constant c that is added to the cost.

    `panels` maps the title of each panel to (constants, {estimator: variances}). E1's curve is a
    parabola, E2's is flat.
    """
    _, axes = plt.subplots(1, len(panels))
    for ax, (title, (constants, variances)) in zip(axes, panels.items(), strict=True):
        for name, curve in variances.items():
            ax.plot(constants, curve, **STYLES[name] | {"marker": ""}, label=name)
        ax.set(xlabel="constant $c$", ylabel=r"variance, $d/d\mu$", title=title)
        ax.locator_params(axis="x", nbins=6, steps=[1, 2, 5, 10])
        ax.set_ylim(0, 1.25 * max(map(max, variances.values())))
        ax.legend(loc="upper center", ncols=2)


def small_sigma(sigmas, exact, limits):
    """Exact variances against sigma as marks, and their limits as dotted lines, on log-log axes.

    `exact` and `limits` map each estimator to a pair of arrays: left for mu, right for sigma.
    """
    _, axes = plt.subplots(1, 2, sharey=True)
    for index, (ax, parameter) in enumerate(zip(axes, ("mu", "sigma"), strict=True)):
        for name in exact:
            marks = STYLES[name] | {"linestyle": "", "ms": 5}
            ax.loglog(sigmas, exact[name][index], **marks, label=name)
            ax.loglog(sigmas, limits[name][index], **STYLES["exact"])
        ax.set(xlabel=r"$\sigma$", ylabel=rf"variance, $d/d\{parameter}$")
        ax.minorticks_off()
    axes[1].tick_params(labelleft=True)
    axes[0].legend(loc="center left", bbox_to_anchor=(0, 0.42))


def squared_coefficients(panels, places):
    """The squared Hermite coefficients of one term of each estimator, as bars at n = 0, 1, 2, ...

    `panels` maps the title of each panel to {estimator: coefficients}; the first `places` are
    drawn. The grey bar at n = 0 is the squared mean, which both share; the others add up to the
    variance.
    """
    _, axes = plt.subplots(1, len(panels))
    for ax, (title, terms) in zip(axes, panels.items(), strict=True):
        for shift, (name, coefficients) in zip((-0.2, 0.2), terms.items(), strict=True):
            first, *others = np.square(coefficients)
            n = np.arange(1, len(coefficients)) + shift
            label = f"{name}: sum {sum(others):.4g}"
            ax.bar(n[:places], others[:places], 0.4, color=STYLES[name]["color"], label=label)
            ax.bar(shift, first, 0.4, color="0.75")
        ax.set(xlabel="$n$", ylabel="squared coefficient", title=title)
        ax.set_ylim(top=1.35 * ax.get_ylim()[1])
        ax.legend(loc="upper right")
