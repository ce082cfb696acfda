"""Training steps of `gradlib.course.vae`, by three estimators, against plain PyTorch.

Float32, 64 pixels, 128 hidden units, 8 latent variables, batches of 100, Bernoulli likelihood and
Adam; from the batch's draw to the loss as a float. All begin with the same weights, and have one
thread if the row does not say otherwise: the matrices are small.
"""

from functools import partial
from itertools import islice

import numpy as np
from threadpoolctl import ThreadpoolController

from bench.harness import Case, optional
from gradlib import leave_one_out, pathwise, score_function
from gradlib.course.vae import VAE, elbo_gradient, load_digits, train

BATCH = 100
ESTIMATORS = {
    "pathwise": (pathwise, 1),
    "score function": (score_function, 1),
    "leave-one-out, K = 2": (leave_one_out, 2),
}


def cases(small=False):
    steps, (images, _) = 20 if small else 100, load_digits()
    threads = ThreadpoolController()

    def steps_of(losses, limit=1):
        with threads.limit(limits=limit):
            return list(islice(losses, steps))

    contenders = {
        f"gradlib, {name}": partial(steps_of, by_gradlib(images, estimator, K))
        for name, (estimator, K) in ESTIMATORS.items()
    }
    own_threads = partial(steps_of, by_gradlib(images, pathwise, 1), None)
    contenders["gradlib, pathwise, default threads"] = own_threads
    if torch := optional("torch"):
        contenders |= by_pytorch(torch, images, steps)
    start = negative_elbo(start_weights(), images)
    yield Case(f"{steps} training steps of a VAE", contenders, partial(check, *start))


def start_weights():
    return VAE(np.random.default_rng(0), dtype=np.float32)


def by_gradlib(images, estimator, K):
    """Losses of a training that never ends."""
    objective = partial(elbo_gradient, estimator=estimator)
    options = {"objective": objective, "samples": K, "steps": 10**9, "batch": BATCH}
    return train(start_weights(), images, np.random.default_rng(1), **options)


def by_pytorch(torch, images, steps):
    from torch_vae import TorchVAE
    from torch_vae import train as train_torch

    tensor, default = torch.tensor(images, dtype=torch.float32), torch.get_num_threads()

    def steps_of(losses, threads):
        torch.set_num_threads(threads)
        found = list(islice(losses, steps))
        torch.set_num_threads(default)
        return found

    def losses():
        return train_torch(TorchVAE().copy(start_weights()), tensor, 10**9, BATCH)

    torch.manual_seed(0)
    return {
        "PyTorch": partial(steps_of, losses(), 1),
        "PyTorch, default threads": partial(steps_of, losses(), default),
    }


def negative_elbo(model, images):
    """At the start, in plain double precision: its mean and the standard error of a batch's."""
    mu, s = np.split(np.tanh(images @ model.W1 + model.b1) @ model.W2 + model.b2, 2, axis=1)
    z = mu + np.exp(s) * np.random.default_rng(2).standard_normal(mu.shape)
    output = np.tanh(z @ model.V1 + model.c1) @ model.V2 + model.c2
    nll = (np.logaddexp(0, output) - images * output).sum(axis=1)
    loss = nll + (0.5 * (mu**2 + np.exp(2 * s) - 1) - s).sum(axis=1)
    return loss.mean(), loss.std() / np.sqrt(BATCH)


def check(mean, error, label, losses):
    """The first loss is right, and the last ones are lower."""
    assert abs(losses[0] - mean) < 5 * error, f"{label} begins at {losses[0]}, not {mean}"
    assert np.mean(losses[-10:]) < mean - 5 * error, f"{label} does not learn"
