"""Which estimator should I use? All that apply to one cost, side by side, at equal cost."""

from functools import partial
from typing import NamedTuple

import numpy as np

from gradlib.arguments import require_kind, require_positive, require_whole_number, shorten
from gradlib.control_variates import (
    antithetic,
    batch_mean,
    combination,
    delta,
    leave_one_out,
    measure_valued,
    optimal_baseline,
    optimal_weight,
)
from gradlib.cost import Cost
from gradlib.estimators import Randomized, pathwise, score_function, values
from gradlib.exact import QuadratureError, exact_mean, exact_value, exact_variance
from gradlib.gap import jumps
from gradlib.gaussian import Gaussian, Gradient
from gradlib.montecarlo import estimate
from gradlib.protocol import terms_of
from gradlib.tables import Table

BATCH = 10  # samples that share a leave-one-out baseline
ALPHA = 0.05  # what is promised holds with a probability of 1 - ALPHA at least
SUSPECT = 8  # standard errors: of few or wild samples these are too small now and then
HEURISTIC = "; a heuristic, as samples say nothing of a spike that none of them hit."


class Row(NamedTuple):
    """One estimator: the price of a full gradient from one term, and the variances of that term.

    One term asks for r at `values` points and for r' at `slopes` points, and counts `evaluations`.
    `variance` and `standard_error`, which is that of the variance and 0 where this is exact, are
    `Gradient`s of floats. `flaw` says why the estimator is out of the race, or is empty.
    """

    values: int
    slopes: int
    evaluations: float
    variance: Gradient
    standard_error: Gradient
    flaw: str = ""

    @property
    def at_equal_cost(self):
        """Variance times evaluations, a `Gradient`: over a budget it is the estimate's variance.

        nan for an estimator with a flaw.
        """
        price = np.nan if self.flaw else self.evaluations
        return Gradient(*(price * variance for variance in self.variance))


class Comparison:
    """What `compare` returns. It shows itself as a table with the verdict beneath.

    `rows` maps the name of each estimator to its `Row`, `verdict` is a sentence, `n` the number of
    samples, None where all is exact.
    """

    def __init__(self, cost, q, n, rows, promise=""):
        self.cost, self.q, self.n, self.rows = cost, q, n, rows
        lowest = {name: self._lowest(name) for name in Gradient._fields}
        if len(set(lowest.values())) == 1:
            lowest = {"mu and d/dsigma": lowest["mu"]}
        found = ", ".join(f"{text} for d/d{name}" for name, text in lowest.items())
        basis = f"In this pilot run of {n} samples" if n else "Exactly,"
        end = HEURISTIC if n else "."
        self.verdict = f"{basis} the lowest at equal cost is {found}{end}{promise}"

    def ranking(self, parameter):
        """The names of the rows without a flaw for "mu" or "sigma", lowest at equal cost first."""
        if not isinstance(parameter, str) or parameter not in Gradient._fields:
            raise ValueError(f"parameter must be 'mu' or 'sigma'; received {shorten(parameter)}")
        able = [name for name, row in self.rows.items() if not row.flaw]
        return sorted(able, key=lambda name: getattr(self.rows[name].at_equal_cost, parameter))

    def _lowest(self, parameter):
        """The first of the ranking, and what it does not beat by 3 standard errors."""
        names = self.ranking(parameter)
        rows = [self.rows[name] for name in names]
        variances = [getattr(row.at_equal_cost, parameter) for row in rows]
        errors = [row.evaluations * getattr(row.standard_error, parameter) for row in rows]
        pairs = zip(variances, errors, strict=True)
        close = [x - variances[0] <= 3 * np.hypot(e, errors[0]) for x, e in pairs]
        if self.n and sum(close) > 2:
            return f"{names[0]} ({sum(close) - 1} others are too close to call)"
        return " or ".join(names[: sum(close)]) or "unknown, as no variance is surely finite,"

    @property
    def table(self):
        """The rows as a `Table`; the lowest variances at equal cost have a star."""
        flaws = any(row.flaw for row in self.rows.values())
        lowest = [self.ranking(parameter)[:1] for parameter in Gradient._fields]
        lines = []
        for name, row in self.rows.items():
            cells = [_number(*pair) for pair in zip(row.variance, row.standard_error, strict=True)]
            for first, x in zip(lowest, row.at_equal_cost, strict=True):
                cells.append("" if row.flaw else f"{x:.4g}{'*' if first == [name] else ' '}")
            flaw = row.flaw if len(row.flaw) <= 60 else "no finite variance found"
            lines.append([name, str(row.values), str(row.slopes), *cells, *[flaw] * flaws])
        head = ["estimator", "r", "r'", "variance: d/dmu", "d/dsigma", "at equal cost: d/dmu "]
        average = "Variances are averages over the coordinates. " if self.q.shape else ""
        return Table([*head, "d/dsigma ", *["flaw"] * flaws], lines, average + self.verdict)

    def __repr__(self):
        return repr(self.table)

    def _repr_html_(self):
        return self.table._repr_html_()


def compare(cost, q, n=None, rng=None, price=1, slope_bound=None):
    """Every estimator that applies to the cost, with its variance at equal cost: a `Comparison`.

    Without n all is exact, on R. With n and rng, a numpy.random.Generator, it is a pilot run on R
    or R^d: baselines and weights are fitted to n draws, and the variances measured on n others,
    averaged over the coordinates. The squared deviations of a sample are n terms of their own: the
    spread of these, the fourth central moment less the square of the second, gives the standard
    error of a variance. (It is too small where a few draws decide, as for heavy tails.)

    Equal cost is the variance of one term times its evaluations. Evaluations of r count 1 each, a
    slope together with its value counts `price`, which in reverse mode is a small number such as 3.
    The constants are free, and so is the Taylor polynomial of `delta`.

    Pathwise is out of the race where it is biased: by exact means; in a pilot run where r jumps at
    a break point, or where its mean is 8 standard errors off that of the score function, which is
    also what a wrong slope does.

    Samples of r and r' alone promise nothing. A bound on the slope does: give `slope_bound` = L if
    |grad r| <= L everywhere. If all sigma are equal and
    |mean of r| > sigma L (sqrt(3/d) + sqrt(2 log(2/alpha)/n)), alpha = 0.05, then pathwise has the
    smaller total variance over the means than the score function without a baseline, with
    confidence 1 - alpha. The verdict says so.

    Raises ValueError for other arguments, QuadratureError if r has no exact mean or best baseline.
    """
    require_kind("cost", cost, Cost, "Cost('z^2')")
    require_kind("q", q, Gaussian, "Gaussian(0.0, 1.0)")
    price = require_positive("price", price)
    if (n is None) != (rng is None) or (slope_bound is not None and n is None):
        raise ValueError("a pilot run needs n and rng, and so does slope_bound; received one only")
    if len(q.shape) > 1:
        raise ValueError(f"q must have shape () or (d,); received shape {q.shape}")
    if n is None:
        return Comparison(cost, q, None, _exact_rows(cost, q, price))
    require_whole_number("n", n, least=2)
    require_kind("rng", rng, np.random.Generator, "numpy.random.default_rng(0)")
    first, eps = rng.standard_normal((2, n, *q.shape))
    rows = _pilot_rows(cost, q, first, eps, rng, price)
    promise = "" if slope_bound is None else _promise(cost, q, eps, slope_bound)
    return Comparison(cost, q, n, rows, promise)


def _methods(q, mean, best, weight):
    """(name, estimator, values, slopes); the last three rest on the pathwise estimator."""
    d = q.shape[0] if q.shape else 1
    fair = partial(score_function, baseline=best)
    return [
        ("score function", score_function, 1, 0),
        ("baseline J", partial(score_function, baseline=mean), 1, 0),
        (f"leave-one-out of {BATCH}", batch_mean(leave_one_out, BATCH), BATCH, 0),
        ("best constant", fair, 1, 0),
        ("best constant in pairs", antithetic(fair), 2, 0),
        ("measure-valued", measure_valued, 3 * d + 1, 0),
        ("delta of order 1", partial(delta, order=1), 1, 0),
        ("delta of order 2", delta, 1, 0),
        ("pathwise", pathwise, 0, 1),
        ("pathwise in pairs", antithetic(pathwise), 0, 2),
        ("best mixture", partial(combination, weight=weight), 1, 1),
    ]


def _rows(methods, flaw, price, measure):
    """The `Row` of each method; of those that rest on a flawed pathwise estimator only itself."""
    rows, floor = {}, [0.0, 0.0]
    for name, estimator, of_r, of_slope in methods[: -2 if flaw else None]:
        own = flaw if estimator is pathwise else ""
        try:
            variance, error = measure(estimator)
        except QuadratureError as failure:
            own, variance, error = own or str(failure), (np.nan, np.nan), (0.0, 0.0)
        except ValueError:
            if not name.startswith("delta"):
                raise
            continue  # no Taylor polynomial at mu
        if estimator is score_function:
            floor = np.multiply(1e-20, variance)  # less than this is rounding
        tiny = np.less(variance, floor)
        pair = (Gradient(*np.where(tiny, 0.0, x).tolist()) for x in (variance, error))
        rows[name] = Row(of_r, of_slope, price * of_slope if of_slope else of_r, *pair, own)
    return rows


def _exact_rows(cost, q, price):
    mean, best, flaw = exact_value(cost, q), optimal_baseline(cost, q), _exact_flaw(cost, q)
    weight = 0.0 if flaw else optimal_weight(cost, q)

    def measure(estimator):
        return exact_variance(estimator, cost, q), (0.0, 0.0)

    return _rows(_methods(q, mean, best, weight), flaw, price, measure)


def _exact_flaw(cost, q):
    """Why pathwise is out of the race, or an empty text."""
    try:
        first, second = (exact_mean(f, cost, q) for f in (score_function, pathwise))
        size = np.hypot(np.sqrt(exact_variance(pathwise, cost, q)), first)
    except QuadratureError as failure:
        return str(failure)
    bias = np.subtract(second, first)
    return "biased by {:.4g}, {:.4g}".format(*bias) if (abs(bias) > 1e-8 * size).any() else ""


def _pilot_rows(cost, q, first, eps, rng, price):
    """Constants from the draws `first`, variances and bias from the draws `eps`."""
    r, score = values(cost, q, first), q.score_of_noise(first)
    column = r[:, np.newaxis] if q.shape else r
    best = [np.mean(column * s**2, axis=0) / np.mean(s**2, axis=0) for s in score]
    pairs = zip(score_function(cost, q, first), pathwise(cost, q, first), strict=True)
    weights = Gradient(*(_weight(e1, e2) for e1, e2 in pairs))
    methods = _methods(q, float(r.mean()), Gradient(*best), weights)

    def measure(estimator):
        own = rng.spawn(1) if isinstance(estimator, Randomized) else []
        found = [_spread(terms) for terms in terms_of(estimator, cost, q, eps, *own)]
        return tuple(zip(*found, strict=True))

    return _rows(methods, _pilot_flaw(cost, q, eps, Gradient(*best)), price, measure)


def _weight(e1, e2):
    """The best weight of E1 for each coordinate, 0 where both terms are always equal."""
    apart = np.var(e1 - e2, axis=0)
    shared = np.mean((e2 - e2.mean(axis=0)) * (e2 - e1), axis=0)
    return np.divide(shared, apart, out=np.zeros_like(apart), where=apart > 0)


def _spread(terms):
    """Variance of a term, averaged over the coordinates, and its standard error."""
    squares = (terms - terms.mean(axis=0)) ** 2 * (len(terms) / (len(terms) - 1))
    found = estimate(squares.reshape(len(terms), -1).mean(axis=1))
    return float(found.mean), float(found.standard_error)


def _pilot_flaw(cost, q, eps, best):
    """Why pathwise is out of the race, or an empty text."""
    if not q.shape:
        for z in jumps(cost, q, 1e-11 * np.abs(values(cost, q, eps)).max()):
            return f"biased: r jumps at {z:.4g}"
    pairs = zip(score_function(cost, q, eps, best), pathwise(cost, q, eps), strict=True)
    apart = [estimate(second - first) for first, second in pairs]
    t = max(np.max(np.abs(a.mean) / np.maximum(a.standard_error, 1e-300)) for a in apart)
    return f"mean {t:.0f} standard errors off: a step, or a wrong slope" if t > SUSPECT else ""


def _promise(cost, q, eps, bound):
    """What the bound on the slope promises after this pilot run, as a sentence."""
    bound = require_positive("slope_bound", bound)
    sigma, d = np.ravel(q.sigma), np.size(q.sigma)
    if np.ptp(sigma):
        raise ValueError(f"slope_bound needs the same sigma in all coordinates; received {q.sigma}")
    margin = np.sqrt(3 / d) + np.sqrt(2 * np.log(2 / ALPHA) / len(eps))
    if abs(values(cost, q, eps).mean()) <= sigma[0] * bound * margin:
        return " The bound on the slope promises nothing here."
    return (
        f" As the slope is at most {bound:g} in size, it is proved, with a confidence of "
        f"{1 - ALPHA:.0%}, that for the means pathwise has a smaller total variance than the score "
        "function without a baseline."
    )


def _number(x, error):
    if np.isnan(x):
        return ""
    return f"{x:.4g} +- {error:.2g}" if error else f"{x:.4g}"
