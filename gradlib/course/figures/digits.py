"""Gradients of a VAE for handwritten digits: chapter 09."""

from functools import lru_cache

import numpy as np

from gradlib.course.figures.style import STYLES, legend_above, panels
from gradlib.course.vae import VAE, encode, forward, load_digits, mean_image, train
from gradlib.gaussian import Gradient
from gradlib.montecarlo import estimate


def draw_vae(figure, network, baseline, estimator, digit, K):
    """Clouds of estimated gradients of two encoder weights of a VAE, for one handwritten digit.

    Each of 300 dots is a gradient of the mean NLL from K samples. Weights 1 and 2 lead from the
    image's brightest pixel to the hidden units 1 and 2. `network` is "trained" or "untrained",
    `baseline` "none", "leave-one-out" (for K >= 2) or "best constant", `estimator` "both" or one of
    them. Returns the variances, with standard errors, in words.
    """
    image, output, nll, score, path = _vae_samples(network, digit)
    wide, close, *pictures = panels(figure, 1, 1, 0.4, 0.4)
    nll, score, path = nll[:K, :, np.newaxis], score[:K], path[:K]
    if (baseline, K) == ("leave-one-out", 1):
        baseline = "none (leave-one-out needs K >= 2)"
    elif baseline == "leave-one-out":
        nll = nll - (nll.sum(axis=0) - nll) / (K - 1)
    elif baseline == "best constant":
        nll = nll - (nll * score**2).mean(axis=(0, 1)) / (score**2).mean(axis=(0, 1))
    clouds = {"score function": (nll * score).mean(axis=0), "pathwise": path.mean(axis=0)}
    words = [f"Digit {digit}, {network} network, K = {K}, baseline: {baseline}."]
    for name, cloud in clouds.items():
        spread = estimate((cloud - cloud.mean(axis=0)) ** 2 * len(cloud) / (len(cloud) - 1))
        pairs = zip(spread.mean, spread.standard_error, strict=True)
        numbers = " and ".join(f"{mean:.4g} (s.e. {error:.2g})" for mean, error in pairs)
        words.append(f"Variances of one estimate for the two weights, {name}: {numbers}.")
        style = STYLES[name] | {"linestyle": "none", "alpha": 0.5, "ms": 3}
        for ax in (wide, close):
            ax.plot(*(cloud if estimator in (name, "both") else cloud[:0]).T, label=name, **style)
    ends = path.mean(axis=(0, 1)) + 4 * np.outer([-1, 1], clouds["pathwise"].std(axis=0))
    close.set(xlim=ends[:, 0], ylim=ends[:, 1])
    for ax, title in ((wide, "gradients: weight 2 against 1"), (close, "the same, close up")):
        ax.set(xlabel="gradient of weight 1", title=title)
    for ax, pixels, title in zip(pictures, (image, output), ("image", "decoded"), strict=True):
        ax.imshow(pixels.reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
        ax.set_title(title)
        ax.axis("off")
    legend_above(figure)
    return "\n".join(words)


@lru_cache(maxsize=20)
def _vae_samples(network, digit):
    """For 16 x 300 draws the NLL, and both terms for two weights: score, pathwise gradient.

    With the image, the first of its kind among those kept aside, and the decoder's mean image.
    """
    images, labels, model = digits_vae(network)
    image = images[np.argmax(labels == digit)]
    eps = np.random.default_rng(0).standard_normal((16, 300, model.latent))
    q, decoded = forward(model, np.tile(image, (300, 1)), eps)
    slope = (image.max() * (1 - q.hidden[0, :2] ** 2))[:, np.newaxis] * model.W2[:2]
    dmu, dsigma = slope[:, : model.latent].T, (slope[:, model.latent :] * q.sigma[0]).T
    score = Gradient(eps / q.sigma, (eps**2 - 1) / q.sigma).along(dmu, dsigma)
    path = Gradient(decoded.d_z, decoded.d_z * eps).along(dmu, dsigma)
    output = mean_image(model, encode(model, image[np.newaxis]).mu[0])
    return image, output, decoded.nll, score, path


@lru_cache
def digits_vae(network):
    """The digits kept aside in chapter 09, and a VAE "trained" on the others, or "untrained"."""
    from threadpoolctl import threadpool_limits

    images, labels = load_digits()
    order, rng = np.random.default_rng(92).permutation(len(images)), np.random.default_rng(1)
    model = VAE(rng)
    if network == "trained":
        with threadpool_limits(1):  # the matrices are small
            for _ in train(model, images[order[:1500]], rng, steps=1000):
                pass
    return images[order[1500:]], labels[order[1500:]], model
