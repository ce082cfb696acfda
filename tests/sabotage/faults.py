"""The faults, each as changes of the source (module, as it is, with the fault), five a chapter."""

E1 = "Gradient((value - mu) * score.mu, (value - sigma) * score.sigma)"
E2 = 'Gradient(slope, slope * real_array(eps, "eps must be real numbers"))'
SCORE = "Gradient(eps / self.sigma, (eps * eps - 1) / self.sigma)"
PLAIN = "Gradient(*(values(cost, q, eps)[..., *[None] * bool(q.shape)] * s for s in score))"
WEAK = "[[-bb, -bbe], [-bbe, -bbee]]"
WEIGHTS = "np.stack([eps**2, (eps**2 - 1) ** 2 / 2])"
BLEND = "w * first + (1 - w) * second"

FAULTS = {
    "none": [],
    "score without 1/sigma": [("gaussian", SCORE, "Gradient(eps, eps * eps - 1)")],
    "score with the wrong sign": [("gaussian", SCORE, SCORE.replace("(eps /", "(-eps /"))],
    "score for sigma without -1": [("gaussian", SCORE, SCORE.replace("eps - 1", "eps"))],
    "log-density with eps^2 for eps^2/2": [("gaussian", "-0.5 * eps**2", "-(eps**2)")],
    "estimators swapped": [
        ("estimators", E1, "Gradient(slopes(cost, q, eps), slopes(cost, q, eps) * eps)"),
        ("estimators", E2, PLAIN.replace("in score", "in q.score_of_noise(eps)")),
    ],
    "score function meets r + b": [("estimators", E1, E1.replace(" - ", " + "))],
    "baseline taken off twice": [("estimators", E1, E1.replace(" - ", " - 2 * "))],
    "pathwise with the wrong sign": [("estimators", E2, E2.replace("(slope,", "(-slope,"))],
    "pathwise without eps for sigma": [("estimators", E2, "Gradient(slope, slope + 0 * eps)")],
    "pathwise: mu and sigma exchanged": [("estimators", E2, "Gradient(slope * eps, slope)")],
    "cost: r for r'": [("cost", "return self.at(z).slope", "return self.at(z).value")],
    "E[g^2] for Var[g], exact": [("exact", "cost, q, centred=True)", "cost, q)")],
    "E[g^2] for Var[g], along a curve": [("curves", "centred=True)", "centred=False)")],
    "E[g^2] for Var[g], Monte Carlo": [("montecarlo", "samples - mean", "samples - 0 * mean")],
    "E[g^2] for Var[g], closed form": [
        ("symbolic.closed_forms", "x - a * c + b * d, y - a * d - b * c", "x, y")
    ],
    "closed form with E[g]^2 added": [
        ("symbolic.closed_forms", "x - a * c + b * d, y - a * d - b * c", "x + a * c, y + a * d")
    ],
    "standard error of one sample": [("montecarlo", "np.sqrt(variance / count)", "variance**0.5")],
    "standard error with 1/M": [("montecarlo", "np.sqrt(variance / count)", "variance**0.5/count")],
    "variance of the mean for one sample's": [("montecarlo", "(count - 1) if", "count**2 if")],
    "J without its mean": [("exact", "return expectation(values, cost, q)", "return 0.0")],
    "gap: + E[r'^2]": [("gap", WEAK, WEAK.replace("-", ""))],
    "gap: E[r^2] once for sigma": [("gap", "[0, 2 * aa]", "[0, aa]")],
    "gap: eps^2 + 1 without 1": [("gap", "2 * (eps**2 + 1)", "2 * eps**2")],
    "kernel without 1/2": [("gap", "(2 * q.sigma**2)", "q.sigma**2")],
    "kernel with - r r''": [("gap", "return r * bend", "return -r * bend")],
    "crossings: mu and sigma exchanged": [("curves", "Gradient(*found)", "Gradient(*found[::-1])")],
    "best constant is J": [("control_variates", WEIGHTS, "np.stack([eps**0, eps**0])")],
    "best constants exchanged": [
        (
            "control_variates",
            WEIGHTS,
            WEIGHTS.replace("eps**2, (", "(").replace("/ 2]", "/ 2, eps**2]"),
        )
    ],
    "own cost in leave-one-out": [("control_variates", "(m / (m - 1))", "1.0")],
    "leave-one-out of one too few": [
        ("control_variates", "(m / (m - 1))", "(m / (m - 2 + (m < 3)))")
    ],
    "leave-one-out variance over m": [("control_variates", "(m * (m - 1))", "m**3")],
    "moving average forgets all": [
        ("control_variates", "if self.updates else 1.0", "if 0 else 1.0")
    ],
    "pair of eps and eps": [("control_variates", "in (eps, -eps))", "in (eps, eps))")],
    "weight for the other": [("control_variates", BLEND, "w * second + (1 - w) * first")],
    "best weight with the other variance": [
        ("control_variates", "(second - shared) /", "(first - shared) /")
    ],
    "measure-valued without sqrt 2": [("control_variates", "np.sqrt(2 * np.pi)", "np.sqrt(np.pi)")],
    "measure-valued variance by E[g^2]": [
        ("control_variates", "second - np.square(mean), 0", "second, 0")
    ],
    "delta without E[T]'s gradient": [
        ("control_variates", "remainder * score.mu + linear / q.sigma", "remainder * score.mu")
    ],
    "delta with 2T": [("control_variates", "remainder = here - (", "remainder = here - 2 * (")],
    "sum: others without their mean": [("course.families", " + (n * mean) ** 2", "")],
    "ridge: 1/d forgotten": [
        ("course.families", "best / d + n / d * mean, second / d", "best, second")
    ],
    "KL gradient with + 1/sigma": [
        ("course.vae", "q.sigma - 1 / q.sigma)", "q.sigma + 1 / q.sigma)")
    ],
    "encoder without sigma": [("course.vae", "latent.sigma * q.sigma", "latent.sigma")],
    "NLL gradient with the wrong sign": [("course.vae", "(term + known)", "(known - term)")],
    "decoder without tanh'": [
        ("course.vae", "self.vae.V2.T) * (1 - self.hidden**2)", "self.vae.V2.T)")
    ],
    "KL without log sigma": [("course.vae", " - np.log(q.sigma)).sum", ").sum")],
    "bound without log K": [("course.vae", " - math.log(len(eps))", "")],
    "weights without q": [("course.vae", "0.5 * (np.square(eps) - decoded", "0.5 * (-decoded")],
    "bits: score with the wrong sign": [
        ("states", "self._state(state) - self.probs", "self.probs - self._state(state)")
    ],
    "bits: E[g^2] for Var[g]": [
        ("discrete", "weights, (first - mean) ** 2, 1)", "weights, first**2, 1)"),
    ],
    "bits: leave-one-out over m": [("discrete", ".sum(axis=0) / (m - 1)", ".sum(axis=0) / m")],
    "bits: baseline taken off twice": [("discrete", "q, state) - b)", "q, state) - 2 * b)")],
    "bits: best constant is J": [("discrete", "q.score(states) ** 2", "q.score(states) ** 0")],
    "walks: baseline added": [
        ("course.gridworld", "sum(axis=1) - baseline", "sum(axis=1) + baseline")
    ],
    "walks: E[g^2] for Var[g]": [("course.gridworld", "(terms - mean) ** 2", "terms**2")],
}

CHAPTERS = {
    "00": (
        *("estimators swapped", "score with the wrong sign", "pathwise with the wrong sign"),
        *("E[g^2] for Var[g], exact", "pathwise: mu and sigma exchanged"),
    ),
    "01": (
        *("score without 1/sigma", "J without its mean", "standard error of one sample"),
        *("E[g^2] for Var[g], exact", "E[g^2] for Var[g], Monte Carlo"),
    ),
    "02": (
        *("score without 1/sigma", "score with the wrong sign", "score for sigma without -1"),
        *("log-density with eps^2 for eps^2/2", "estimators swapped"),
    ),
    "03": (
        *("pathwise without eps for sigma", "pathwise with the wrong sign", "cost: r for r'"),
        *("estimators swapped", "score without 1/sigma"),
    ),
    "04": (
        *("standard error of one sample", "standard error with 1/M"),
        *("variance of the mean for one sample's", "E[g^2] for Var[g], exact"),
        "estimators swapped",
    ),
    "05": (
        *("E[g^2] for Var[g], exact", "E[g^2] for Var[g], closed form", "estimators swapped"),
        *("closed form with E[g]^2 added", "score without 1/sigma"),
    ),
    "06": (
        *("gap: + E[r'^2]", "gap: E[r^2] once for sigma", "gap: eps^2 + 1 without 1"),
        *("kernel without 1/2", "E[g^2] for Var[g], exact"),
    ),
    "07": (
        *("crossings: mu and sigma exchanged", "E[g^2] for Var[g], along a curve"),
        *("E[g^2] for Var[g], closed form", "estimators swapped", "score without 1/sigma"),
    ),
    "08": (
        *("score function meets r + b", "baseline taken off twice", "best constant is J"),
        *("own cost in leave-one-out", "moving average forgets all"),
    ),
    "09": (
        *("pair of eps and eps", "weight for the other", "measure-valued without sqrt 2"),
        *("best weight with the other variance", "delta without E[T]'s gradient"),
    ),
    "10": (
        *("sum: others without their mean", "ridge: 1/d forgotten", "own cost in leave-one-out"),
        *("score without 1/sigma", "estimators swapped"),
    ),
    "11": (
        *(
            "KL gradient with + 1/sigma",
            "encoder without sigma",
            "NLL gradient with the wrong sign",
        ),
        *("score without 1/sigma", "estimators swapped"),
    ),
    "12": (
        *("KL without log sigma", "bound without log K", "weights without q"),
        *("decoder without tanh'", "own cost in leave-one-out"),
    ),
    "13": (
        *(
            "bits: score with the wrong sign",
            "bits: E[g^2] for Var[g]",
            "bits: leave-one-out over m",
        ),
        *("bits: baseline taken off twice", "walks: E[g^2] for Var[g]"),
    ),
}
