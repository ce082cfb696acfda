"""Bring your own cost: a function of PyTorch or of JAX as a `Cost`, in float64.

`function` maps points z, a tensor of shape (n,) on R or (n, d) on R^d, to n costs, each of its own
point alone. Both functions raise ImportError without the framework, and the `Cost` raises
ValueError where the function returns another shape or something without a gradient.
"""

import importlib

import numpy as np

from gradlib.arguments import require_function
from gradlib.cost import Cost


def from_torch(function, name="a PyTorch function"):
    """A `Cost` from a function of a PyTorch tensor; its slope is that of backpropagation."""
    require_function("function", function, " of z")
    torch = _framework("torch", "PyTorch")

    def value(z, graph=False):
        with torch.set_grad_enabled(graph):
            points = torch.tensor(np.ascontiguousarray(z), dtype=torch.float64, requires_grad=graph)
            costs = _checked(function(points), torch.Tensor, points, name)
            return (points, costs) if graph else costs.detach().numpy()

    def gradient(z):
        points, costs = value(z, graph=True)
        if costs.requires_grad:
            (slope,) = torch.autograd.grad(costs.sum(), points, allow_unused=True)
            if slope is not None:
                return slope.numpy()
        raise ValueError(f"{name} has no gradient in z: is something detached, or left to NumPy?")

    return Cost.from_functions(value, gradient, name)


def from_jax(function, name="a JAX function"):
    """A `Cost` from a function of a JAX array; its slope is that of jax.grad."""
    require_function("function", function, " of z")
    jax = _framework("jax", "JAX")

    def total(points):
        return _checked(function(points), jax.Array, points, name).sum()

    def call(transformed, z):
        with jax.enable_x64(True):
            try:
                return np.asarray(transformed(jax.numpy.asarray(z, dtype=float)))
            except jax.errors.TracerArrayConversionError:
                raise ValueError(f"{name} has no gradient in z: is it left to NumPy?") from None

    def value(points):
        return _checked(function(points), jax.Array, points, name)

    return Cost.from_functions(lambda z: call(value, z), lambda z: call(jax.grad(total), z), name)


def _framework(module, name):
    try:
        return importlib.import_module(module)
    except ImportError:
        raise ImportError(f"{name} is not installed: make reference installs it") from None


def _checked(costs, kind, points, name):
    """The costs, if they are of that kind and one for each point."""
    expected = points.shape[:-1] if points.ndim > 1 else points.shape
    received = tuple(costs.shape) if isinstance(costs, kind) else type(costs).__name__
    if received != tuple(expected):
        raise ValueError(
            f"{name} must return one cost for each point, of shape {tuple(expected)} for z of "
            f"shape {tuple(points.shape)}; received {received}"
        )
    return costs
