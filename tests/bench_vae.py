"""A training step of `gradlib.course.vae` against the same step in plain PyTorch, side by side.

    make bench-vae

Both train in float32 with 64 pixels, 128 hidden units, 8 latent dimensions, batches of 100, K = 1,
Bernoulli likelihood and Adam, from the batch's draw to the loss as a float. They take turns, 50
steps each; first with each library's own number of threads, then with one.
"""

import time

import numpy as np
import torch
from threadpoolctl import threadpool_limits
from torch_vae import TorchVAE
from torch_vae import train as train_torch

from gradlib.course.vae import VAE, load_digits, train

TURNS, STEPS = 40, 50


def compare():
    """Microseconds per step in each turn, for both; the first two turns are not counted."""
    images, _ = load_digits()
    rng, total = np.random.default_rng(0), (TURNS + 2) * STEPS
    torch.manual_seed(0)
    tensor = torch.tensor(images, dtype=torch.float32)
    loops = {
        "gradlib": train(VAE(rng, dtype=np.float32), images, rng, steps=total),
        "PyTorch": train_torch(TorchVAE(), tensor, steps=total),
    }
    times = {name: [] for name in loops}
    for _ in range(TURNS + 2):
        for name, loop in loops.items():
            start = time.perf_counter()
            for _ in range(STEPS):
                next(loop)
            times[name].append(1e6 * (time.perf_counter() - start) / STEPS)
    return {name: np.array(per_step[2:]) for name, per_step in times.items()}


def main():
    threads = torch.get_num_threads()
    print(f"PyTorch {torch.__version__}, NumPy {np.__version__}; medians of {TURNS} turns")
    for limit in (None, 1):
        torch.set_num_threads(limit or threads)
        with threadpool_limits(limit):
            times = compare()
        ours, theirs = (np.median(per_step) for per_step in times.values())
        ratios = times["gradlib"] / times["PyTorch"]
        print(
            f"threads: {limit or f'default ({threads})'}; microseconds per step: "
            f"gradlib {ours:.0f}, PyTorch {theirs:.0f}; ratio {np.median(ratios):.2f} "
            f"(from {ratios.min():.2f} to {ratios.max():.2f})"
        )


if __name__ == "__main__":
    main()
