"""Exercises of chapter 00, Start here."""

from gradlib.course.judges import Array, FunctionOf

EXERCISES = {
    "00.1": FunctionOf(
        {"z": (-3, 3)},
        "2*z",
        {
            "the factor 2 is missing.": "z",
            "this is the cost r itself; we want its derivative.": "z**2",
            "the sign is flipped.": "-right",
            "the power goes down by one: z^2 becomes 2z.": "2 * z**2",
        },
    ),
    "00.2": FunctionOf(
        {"mu": (-2, 2), "sigma": (0.5, 2), "eps": (-2, 2)},
        "cos(z) * eps",
        {
            "the inner derivative eps is missing; this is the derivative for mu.": "cos(z)",
            "the inner derivative, with respect to sigma, is eps.": "cos(z) * sigma",
            "sin itself stands where its derivative belongs.": "sin(z) * eps",
            "the sign is flipped; the derivative of sin is +cos.": "-right",
            "the derivative of sin is needed at mu + sigma*eps, not at eps.": "cos(eps) * eps",
        },
        where={"z": "mu + sigma*eps"},
    ),
    "00.3": FunctionOf(
        {"v": (0.5, 5), "M": range(2, 51)},
        "v / M",
        {
            "this is the standard error; the variance is its square.": "sqrt(v / M)",
            "the square root belongs to the standard error, not to the variance.": "v / sqrt(M)",
            "this is the variance of the sum; the mean is the sum divided by M.": "v * M",
            "the mean divides the variance of the sum, which is M v, by M^2.": "v / M**2",
            "this is the variance of one draw; a mean of several scatters less.": "v",
            "the divisor M - 1 serves to estimate v; here v is known.": "v / (M - 1)",
        },
    ),
    "00.4": FunctionOf(
        {"eps": Array(-2, 2), "mu": (-2, 2), "sigma": (0.5, 2)},
        "mean(z**2)",
        {
            "these are the costs of all the draws; return their average.": "z**2",
            "this is the sum; the average divides it by the number of draws.": "sum(z**2)",
            "this is the square of the average; we want the average of the squares.": "mean(z)**2",
            "the cost z^2 is missing; this is the average of z.": "mean(z)",
            "sigma itself multiplies eps, not its square.": "mean((mu + sigma**2 * eps) ** 2)",
            "this is the average of eps^2; the draws are z = mu + sigma*eps.": "mean(eps**2)",
            "this is the exact value; we want the average over these draws.": "mu**2 + sigma**2",
        },
        where={"z": "mu + sigma*eps"},
    ),
}
