"""The VAE of `gradlib.course.vae` as PyTorch's tutorials write it: modules, autograd, `optim.Adam`.

PyTorch is an extra of the course, `reference`. Where it is installed, `test_vae.py` compares
gradients with it and `bench/vae.py` compares times.
"""

import torch
from torch import nn
from torch.nn import functional as F


class TorchVAE(nn.Module):
    def __init__(self, pixels=64, hidden=128, latent=8):
        super().__init__()
        self.fc1 = nn.Linear(pixels, hidden)
        self.fc_mu = nn.Linear(hidden, latent)
        self.fc_s = nn.Linear(hidden, latent)
        self.fc3 = nn.Linear(latent, hidden)
        self.fc4 = nn.Linear(hidden, pixels)

    def encode(self, x):
        hidden = torch.tanh(self.fc1(x))
        return self.fc_mu(hidden), self.fc_s(hidden)

    def decode(self, z):
        return self.fc4(torch.tanh(self.fc3(z)))

    def forward(self, x, eps=None):
        mu, s = self.encode(x)
        sigma = torch.exp(s)
        eps = torch.randn_like(sigma) if eps is None else eps
        return self.decode(mu + sigma * eps), mu, s


def bernoulli_loss(output, x, mu, s):
    """Negative ELBO of a batch: reconstruction term plus KL term, averaged over the rows."""
    nll = F.binary_cross_entropy_with_logits(output, x, reduction="sum")
    kl = -0.5 * torch.sum(1 + 2 * s - mu.pow(2) - (2 * s).exp())
    return (nll + kl) / len(x)


def train(model, images, steps, batch=100, rate=1e-3):
    """One training step for each `next`, as `gradlib.course.vae.train`."""
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    for _ in range(steps):
        x = images[torch.randint(len(images), (batch,))]
        optimizer.zero_grad()
        output, mu, s = model(x)
        loss = bernoulli_loss(output, x, mu, s)
        loss.backward()
        optimizer.step()
        yield loss.item()
