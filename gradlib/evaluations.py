"""What `Cost.at` returns for a cost from functions, and for several readers at once."""

from functools import cached_property

import numpy as np

from gradlib.arguments import read_only, real_array


class Shared:
    """A cost at the points z, for several readers: none can change what the others read."""

    def __init__(self, there):
        self._there = there

    @cached_property
    def value(self):
        return read_only(self._there.value)

    @cached_property
    def slope(self):
        return read_only(self._there.slope)


class Evaluated:
    """A cost from functions at the points z; see `Cost.at`."""

    def __init__(self, value, gradient, name, z):
        self._value, self._gradient, self.name, self.z = value, gradient, name, z
        self.points = np.atleast_1d(z)

    @cached_property
    def value(self):
        expected = self.points.shape[:-1] if self.points.ndim > 1 else self.points.shape
        return self._checked(self._value, "value", expected)

    @cached_property
    def slope(self):
        return self._checked(self._gradient, "gradient", self.points.shape)

    def _checked(self, function, role, expected):
        result = real_array(function(self.points), f"the {role} of {self.name} must be numbers")
        if result.shape != expected:
            raise ValueError(
                f"the {role} of {self.name} at z of shape {self.points.shape} must have shape "
                f"{expected}; received {result.shape}"
            )
        return result.reshape(self.z.shape)[()] if self.z.ndim == 0 else result
