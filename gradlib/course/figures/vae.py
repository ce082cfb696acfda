"""A VAE's gradient by both roads, and its training: chapters 11 and 12."""

import matplotlib.pyplot as plt
import numpy as np

from gradlib.course.figures.style import SIZE, STYLES

PARAMETERS = {"mu": ("#009E73", "s"), "sigma": ("#CC79A7", "D")}
LOOKS = {
    "score function": STYLES["score function"],
    "leave-one-out": {"color": "#E69F00", "linestyle": "-.", "marker": "D"},
    "pathwise": STYLES["pathwise"],
}
BLUE, ORANGE = STYLES["pathwise"]["color"], STYLES["score function"]["color"]
PLACES = {  # the boxes of the diagram, from left to right
    "$x$": 0,
    r"encoder $\phi$": 1,
    r"$\mu,\ \sigma$": 2,
    r"$z = \mu + \sigma\varepsilon$": 3.1,
    r"decoder $\theta$": 4.3,
    "NLL $r$": 5.3,
}


def two_roads():
    """From the NLL back to the encoder: pathwise through the decoder, the score function past it.

    Black arrows run forward from x to the NLL. The blue road below returns through the decoder and
    z, the orange one above jumps to mu and sigma; the last stretch, in grey, is common to both.
    """
    _, ax = plt.subplots(figsize=(SIZE[0], 3))
    ax.set(xlim=(-0.3, 5.7), ylim=(-1, 1.35))
    ax.axis("off")
    for text, place in PLACES.items():
        box = {"boxstyle": "round,pad=0.5", "facecolor": "white"}
        ax.text(place, 0, text, ha="center", va="center", bbox=box)
    for start, end in ((0.2, 0.56), (1.45, 1.68), (2.33, 2.56), (3.65, 3.84), (4.77, 4.96)):
        _arrow(ax, start, end, "black", 0)
    _arrow(ax, 2, 1, "0.4", -0.35, "common")
    _arrow(ax, 3.1, 2, BLUE, -0.35, r"$\times 1,\ \times\varepsilon$")
    _arrow(ax, 4.3, 3.1, BLUE, -0.35, "slope in $z$")
    _arrow(ax, 5.3, 4.3, BLUE, -0.35, "slope in output")
    score = r"a number, times the score: $\varepsilon/\sigma,\ (\varepsilon^2 - 1)/\sigma$"
    _arrow(ax, 5.3, 2, ORANGE, 0.32, score)


def _arrow(ax, start, end, color, bend, text=""):
    """An arrow from box to box; a bent one leaves above or below them, with its text beside it."""
    height = 0.27 * np.sign(bend)
    style = {"arrowstyle": "->", "color": color, "lw": 2, "connectionstyle": f"arc3,rad={bend}"}
    ax.annotate("", (end, height), (start, height), arrowprops=style)
    ax.text((start + end) / 2, 1.2 if bend > 0 else -0.8, text, color=color, ha="center")


def rows_of_digits(rows):
    """Rows of images of 8 x 8 pixels side by side, with gaps; `rows` maps a title to its images."""
    width = max(map(len, rows.values()))
    grid = {"nrows": len(rows), "ncols": width, "squeeze": False}
    _, axes = plt.subplots(**grid, figsize=(SIZE[0], 0.72 * len(rows)))
    for line, (title, images) in zip(axes, rows.items(), strict=True):
        for ax, image in zip(line, images, strict=False):
            ax.imshow(image.reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
        for ax in line:
            ax.set(xticks=[], yticks=[])
            ax.grid(False)
            ax.spines[:].set_visible(False)
        line[0].set_ylabel(title, rotation=0, ha="right", va="center")


def peeled_ratios(ratios, scales, ratios_of_variables):
    """Where the ratio E1 / E2 comes from: what is left of it as causes are taken away.

    Left, `ratios` maps "mu" and "sigma" to {what was subtracted from the NLL: ratio}, one bar each,
    on a logarithmic axis that begins at 1. Right, without a baseline, the ratio of each latent
    variable over its scale sigma: the prior's scale 1 is the dotted line.
    """
    _, (left, right) = plt.subplots(1, 2, width_ratios=(1.3, 1), figsize=(SIZE[0], 3.9))
    for place, (kind, found) in enumerate(ratios.items()):
        color, marker = PARAMETERS[kind]
        at = np.arange(len(found)) + 0.4 * place - 0.2
        bars = left.barh(at, list(found.values()), 0.36, color=color, label=rf"$\{kind}$")
        left.bar_label(bars, [f"{ratio:.3g}" for ratio in found.values()], padding=3)
        style = {"color": color, "marker": marker, "linestyle": "", "label": rf"$\{kind}$"}
        right.loglog(scales, ratios_of_variables[kind], **style)
    left.set_yticks(range(len(found)), list(found))
    left.set(xscale="log", xlim=(1, 10**3.6), xlabel="variance of E1 / variance of E2")
    left.invert_yaxis()
    left.legend(loc="lower right")
    right.axvline(1, **STYLES["exact"])
    right.set(xlabel=r"scale $\sigma_i$ of the latent variable", ylabel="E1 / E2, no baseline")
    right.set_xticks([0.5, 0.7, 1], ["0.5", "0.7", "1"])
    right.minorticks_off()


def loss_against_rate(losses):
    """Negative ELBO after training, against Adam's learning rate: low is good.

    `losses` maps each method to {rate: loss}. Losses far above the others leave the picture: there
    the training failed.
    """
    _, ax = plt.subplots(figsize=(7.5, 2.6))
    for method, found in losses.items():
        ax.plot(list(found), list(found.values()), **LOOKS[method], label=method)
        best = min(found, key=found.get)
        ax.plot(best, found[best], "o", mfc="none", mec="black", ms=15)
    ax.set(xscale="log", ylim=(24, 31), xlabel="learning rate", ylabel="negative ELBO (nats)")
    ax.set_xticks(list(found), [f"{rate:g}" for rate in found])
    ax.minorticks_off()
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))


def training_curves(curves):
    """Negative ELBO of held-out images along training: means of the runs, and their range.

    `curves` maps each method to an array of shape (runs, looks), a look after each 100 steps.
    """
    _, ax = plt.subplots(figsize=(7.5, 3.6))
    for method, runs in curves.items():
        steps, runs = 100 * np.arange(1, np.shape(runs)[1] + 1), np.array(runs)
        ax.plot(steps, runs.mean(axis=0), **LOOKS[method], label=method)
        band = {"color": LOOKS[method]["color"], "alpha": 0.2, "lw": 0}
        ax.fill_between(steps, runs.min(axis=0), runs.max(axis=0), **band)
    ax.set(ylim=(24, 32.5), xlabel="steps", ylabel="negative ELBO (nats)")
    ax.legend(loc="upper right")


def variance_along_training(steps, variances):
    """Summed variance of a layer's gradient after so many steps, with two standard errors.

    `variances` maps each method to one `Estimate` for each number of steps.
    """
    _, ax = plt.subplots(figsize=(7.5, 3.6))
    for method, found in variances.items():
        errors = [2 * one.standard_error for one in found]
        style = LOOKS[method] | {"label": method, "capsize": 3}
        ax.errorbar(range(len(steps)), [one.mean for one in found], errors, **style)
    ax.set(yscale="log", xlabel="steps", ylabel="summed variance, first layer")
    ax.set_xticks(range(len(steps)), steps)
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))


def paired_differences(differences):
    """A dot for each seed: by how much one network's bound beats the other's; with the mean.

    `differences` maps the name of a bound to an array over seeds. The bar is the mean with two
    standard errors either way; where it meets the dotted line nothing is established.
    """
    _, axes = plt.subplots(1, len(differences), figsize=(SIZE[0], 2.4))
    for ax, (name, found) in zip(axes, differences.items(), strict=True):
        error = 2 * found.std(ddof=1) / np.sqrt(found.size)
        ax.plot(found, np.full(found.size, 0.3), "o", color="0.5", ms=5)
        ax.errorbar(found.mean(), -0.3, xerr=error, fmt="D", color="black", capsize=4)
        ax.axvline(0, **STYLES["exact"])
        ax.set(ylim=(-1, 1), yticks=[], title=name, xlabel="difference (nats)")
        ax.margins(x=0.1)  # no dot on the edge
        ax.locator_params(axis="x", nbins=4)


def latent_plane(grid, reach, means, labels):
    """What a decoder makes of the plane of two latent variables, and where images lie in it.

    Left, `grid` of shape (n, n, 64) has the decoded images at the points of a square from -reach to
    reach. Right, each held-out image is its label, written at its mean mu.
    """
    _, (left, right) = plt.subplots(1, 2, figsize=(SIZE[0], 4.6))
    n = len(grid)
    tiles = np.pad(grid.reshape(n, n, 8, 8), [(0, 0), (0, 0), (1, 1), (2, 2)])  # gaps between them
    picture = tiles.swapaxes(1, 2).reshape(10 * n, 12 * n)
    left.imshow(picture, cmap="gray_r", extent=(-reach, reach) * 2, aspect="equal")
    left.grid(False)
    left.set(xlabel="$z_1$", ylabel="$z_2$")
    style = {"fontsize": 8, "ha": "center", "va": "center", "clip_on": True}
    for (a, b), label in zip(means, labels, strict=True):
        right.text(a, b, label, color=plt.cm.tab10(label), **style)
    right.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    right.set(xlabel=r"$\mu_1$", ylabel=r"$\mu_2$")
