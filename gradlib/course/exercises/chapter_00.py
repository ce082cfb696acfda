"""Exercises of chapter 00, Start here."""

import numpy as np

from gradlib.course.judges import FunctionOf


class FunctionOfDraws(FunctionOf):
    """Judge of a function whose first argument is an array eps of draws; it is tried on four."""

    def compare(self, attempt):
        def of_numbers(function):
            return lambda *numbers: function(np.array(numbers[:4]), *numbers[4:])

        if not callable(attempt):
            return super().compare(attempt)
        (_, reach), *others = self.ranges.items()
        one_by_one = FunctionOf(
            {f"eps[{i}]": reach for i in range(4)} | dict(others),
            np.vectorize(of_numbers(self.right)),
            {words: np.vectorize(of_numbers(f)) for words, f in self.mistakes.items()},
        )
        return one_by_one.compare(of_numbers(attempt))


EXERCISES = {
    "00.1": FunctionOf(
        {"z": (-3, 3)},
        lambda z: 2 * z,
        {
            "the factor 2 is missing.": lambda z: z,
            "this is the cost r itself; we want its derivative.": lambda z: z**2,
            "the sign is flipped.": lambda z: -2 * z,
            "the power goes down by one: z^2 becomes 2z.": lambda z: 2 * z**2,
        },
    ),
    "00.2": FunctionOf(
        {"mu": (-2, 2), "sigma": (0.5, 2), "eps": (-2, 2)},
        lambda mu, sigma, eps: np.cos(mu + sigma * eps) * eps,
        {
            "the inner derivative eps is missing; this is the derivative with respect to mu.": (
                lambda mu, sigma, eps: np.cos(mu + sigma * eps)
            ),
            "the inner derivative is that of sigma*eps with respect to sigma, which is eps.": (
                lambda mu, sigma, eps: np.cos(mu + sigma * eps) * sigma
            ),
            "sin itself stands where its derivative belongs.": (
                lambda mu, sigma, eps: np.sin(mu + sigma * eps) * eps
            ),
            "the sign is flipped; the derivative of sin is +cos.": (
                lambda mu, sigma, eps: -np.cos(mu + sigma * eps) * eps
            ),
            "the derivative of sin is needed at mu + sigma*eps, not at eps.": (
                lambda mu, sigma, eps: np.cos(eps) * eps
            ),
        },
    ),
    "00.3": FunctionOf(
        {"v": (0.5, 5), "M": (2, 50)},
        lambda v, M: v / M,
        {
            "this is the standard error; the variance is its square.": (
                lambda v, M: np.sqrt(v / M)
            ),
            "the square root belongs to the standard error, not to the variance.": (
                lambda v, M: v / np.sqrt(M)
            ),
            "this is the variance of the sum; the mean is the sum divided by M.": (
                lambda v, M: v * M
            ),
            "dividing by M divides the variance by M^2, but first there are M variances to add.": (
                lambda v, M: v / M**2
            ),
            "this is the variance of one draw; a mean of several scatters less.": lambda v, M: v,
            "the divisor M - 1 serves to estimate v; here v is known.": lambda v, M: v / (M - 1),
        },
    ),
    "00.4": FunctionOfDraws(
        {"eps": (-2, 2), "mu": (-2, 2), "sigma": (0.5, 2)},
        lambda eps, mu, sigma: np.mean((mu + sigma * eps) ** 2),
        {
            "this is the sum; the average divides it by the number of draws.": (
                lambda eps, mu, sigma: np.sum((mu + sigma * eps) ** 2)
            ),
            "this is the square of the average; we want the average of the squares.": (
                lambda eps, mu, sigma: np.mean(mu + sigma * eps) ** 2
            ),
            "the cost z^2 is missing; this is the average of z.": (
                lambda eps, mu, sigma: np.mean(mu + sigma * eps)
            ),
            "sigma itself multiplies eps, not its square.": (
                lambda eps, mu, sigma: np.mean((mu + sigma**2 * eps) ** 2)
            ),
            "this is the average of eps^2; the draws are z = mu + sigma*eps.": (
                lambda eps, mu, sigma: np.mean(eps**2)
            ),
            "this is the exact value mu^2 + sigma^2; we want the average over these draws.": (
                lambda eps, mu, sigma: mu**2 + sigma**2
            ),
        },
    ),
}
