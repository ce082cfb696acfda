"""The tests' own instruments measure what they say."""

import mpmath
import numpy as np
import pytest
import reference
from counting import at_most


def test_moments_of_the_square_and_of_a_step():
    """r = z^2 at N(2, 1), by hand; r = 1{z > 0}: P(Z > 0), and the density at the step."""
    square = lambda z: z**2, lambda z: 2 * z
    for mean in (reference.mean, reference.mean_to_25_digits):
        value, gradient, score, path = reference.moments(*square, 2.0, 1.0, mean=mean)
        assert value == pytest.approx(5, rel=1e-14)
        np.testing.assert_allclose(gradient, [4, 2], rtol=1e-13)
        np.testing.assert_allclose(score, [[87, 152], [152, 346]], rtol=1e-13)
        np.testing.assert_allclose(path, [[4, 8], [8, 24]], rtol=1e-12, atol=1e-13)
    step = lambda z: 1.0 * (z > 0), lambda z: 0 * z
    value, gradient, _, path = reference.moments(*step, 0.5, 2.0, points=[0])
    assert value == pytest.approx(float(mpmath.ncdf(0.25)), rel=1e-14)
    density = float(mpmath.npdf(0.25)) / 2
    np.testing.assert_allclose(gradient, [density, -0.25 * density], rtol=1e-13)
    assert not path.any()


def test_a_grid_has_the_moments_of_independent_normals():
    eps, weights = reference.normal_grid(4, 3)
    assert eps.shape == (64, 3)
    powers = np.array([[0, 0, 0], [1, 0, 0], [2, 4, 6], [0, 2, 7], [6, 6, 6]])
    moments = [weights @ np.prod(eps**power, axis=1) for power in powers]
    np.testing.assert_allclose(moments, [1, 0, 1 * 3 * 15, 0, 15**3], atol=1e-10)


def test_work_is_counted_call_by_call():
    with at_most(200):
        for number in range(100):
            abs(number)
    with pytest.raises(pytest.fail.Exception, match="more than 50 calls"), at_most(50):
        for number in range(100):
            abs(number)
