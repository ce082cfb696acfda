"""Gradients of a VAE for handwritten digits: chapter 11."""

from functools import lru_cache

import numpy as np

from gradlib.control_variates import leave_one_out
from gradlib.course.figures.style import STYLES, legend_above, panels
from gradlib.course.figures.words import winner
from gradlib.course.vae import VAE, encode, load_digits, mean_image, nll_cost, train
from gradlib.estimators import pathwise, score_function
from gradlib.montecarlo import estimate


def draw_vae(figure, network, baseline, estimator, digit, K):
    """Clouds of estimated gradients of two encoder weights of a VAE, for one handwritten digit.

    Each of 300 dots is a gradient of the mean NLL from K samples. Weights 1 and 2 lead from the
    image's brightest pixel to the hidden units 1 and 2. `network` is "trained" or "untrained",
    `baseline` "none", "leave-one-out" (for K >= 2) or "best constant", `estimator` "both" or one of
    them. The network alone chooses the scales. Returns in words who wins, in the first line, and
    the variances, with standard errors. Drawn again, on the same figure, only the dots, the images
    and the ends of the axes change; dots and images are `animated`.
    """
    *clouds, image, decoded = figure.axes or _frame(figure)
    if alone := (baseline, K) == ("leave-one-out", 1):
        baseline = "none"
    first, path, score = (_terms(network, digit, f)[:K] for f in (score_function, pathwise, _score))
    if baseline == "leave-one-out":
        first = _terms(network, digit, leave_one_out, K)
    elif baseline == "best constant":
        first = first - score * (first * score).mean(axis=(0, 1)) / (score**2).mean(axis=(0, 1))
    means = {"score function": first.mean(axis=0), "pathwise": path.mean(axis=0)}
    why = " (leave-one-out needs K >= 2)" if alone else ""
    spreads, words = [], [f"Digit {digit}, {network} network, K = {K}, baseline: {baseline}{why}."]
    for line, (name, cloud) in enumerate(means.items()):
        spread = estimate((cloud - cloud.mean(axis=0)) ** 2 * len(cloud) / (len(cloud) - 1))
        spreads.append(spread.mean)
        pairs = zip(spread.mean, spread.standard_error, strict=True)
        numbers = " and ".join(f"{mean:.4g} (s.e. {error:.2g})" for mean, error in pairs)
        words.append(f"Variances of one estimate for the two weights, {name}: {numbers}.")
        for ax in clouds:
            ax.lines[line].set_data(*(cloud if estimator in (name, "both") else cloud[:0]).T)
    for ax, (x, y) in zip(clouds, _reaches(network), strict=True):
        ax.set(xlim=(-x, x), ylim=(-y, y))
    pixels, model = _image(network, digit)
    image.images[0].set_data(pixels.reshape(8, 8))
    decoded.images[0].set_data(mean_image(model, encode(model, pixels).mu).reshape(8, 8))
    who = (f"Weight {k}: {winner(*pair)}." for k, pair in enumerate(zip(*spreads, strict=True), 1))
    return "\n".join([" ".join(who), *words])


def _frame(figure):
    """The axes of `draw_vae`, without dots and images yet."""
    axes = panels(figure, 1, 1, 0.4, 0.4)
    for ax, title in zip(axes[:2], ("gradients: weight 2 against 1", "the same, close up")):
        for name in ("score function", "pathwise"):
            style = STYLES[name] | {"linestyle": "none", "alpha": 0.5, "ms": 3}
            ax.plot([], [], label=name, animated=True, **style)
        ax.set(xlabel="gradient of weight 1", title=title)
    legend_above(figure)
    for ax, title in zip(axes[2:], ("image", "decoded")):
        ax.imshow(np.zeros((8, 8)), cmap="gray_r", vmin=0, vmax=1, animated=True)
        ax.set_title(title)
        ax.axis("off")
    return axes


@lru_cache
def _reaches(network):
    """How far the two panels reach for each weight: to dots of K = 2 of (nearly) every digit."""
    clouds = [
        [np.abs(_terms(network, digit, f)[:2].mean(axis=0)) for digit in range(10)]
        for f in (score_function, pathwise)
    ]
    return [1.1 * np.quantile(np.concatenate(cloud), 0.999, axis=0) for cloud in clouds]


@lru_cache(maxsize=99)
def _terms(network, digit, estimator, K=16):
    """Terms of an estimator for two weights of the encoder, from K x 300 draws: (K, 300, 2)."""
    image, model = _image(network, digit)
    q, cost = encode(model, image), nll_cost(model, image)
    eps = np.random.default_rng(0).standard_normal((16, 300, model.latent))[:K]
    slope = (image.max() * (1 - q.hidden[:2] ** 2))[:, np.newaxis] * model.W2[:2]
    dmu, dsigma = slope[:, : model.latent].T, (slope[:, model.latent :] * q.sigma).T
    return estimator(cost, q, eps).along(dmu, dsigma)


def _score(cost, q, eps):
    return q.score_of_noise(eps)


def _image(network, digit):
    """The first image of the digit among the held-out images, and the VAE."""
    images, labels, model = digits_vae(network)
    return images[np.argmax(labels == digit)], model


@lru_cache
def digits_vae(network):
    """The held-out digits of chapter 11, and a VAE "trained" on the others, or "untrained"."""
    from threadpoolctl import threadpool_limits

    images, labels = load_digits()
    order, rng = np.random.default_rng(92).permutation(len(images)), np.random.default_rng(1)
    model = VAE(rng)
    if network == "trained":
        with threadpool_limits(1):  # the matrices are small
            for _ in train(model, images[order[:1500]], rng, steps=1000):
                pass
    return images[order[1500:]], labels[order[1500:]], model
