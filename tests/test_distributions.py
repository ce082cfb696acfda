"""Other laws: gradients against closed forms, scores against densities, slopes of z."""

import mpmath
import numpy as np
import pytest

from gradlib import Cost
from gradlib.course import distributions
from gradlib.course.distributions import FAMILIES

BY_NAME = {family.name: family for family in FAMILIES}
CONTINUOUS = [family for family in FAMILIES if not family.is_discrete]
P = np.exp([0, 0.5, 1]) / np.exp([0, 0.5, 1]).sum()

# dJ/dtheta in closed form, each at the theta of the table
CLOSED_FORMS = [
    ("normal", "z^2", 2 * 1.0),
    ("logistic", "cos(z)", -np.sin(0.5) * np.pi / np.sinh(np.pi)),
    ("Laplace", "cos(z)", -np.sin(0.5) / 2),
    ("Cauchy", "1/(1 + z^2)", (0.25 - 4) / (4 + 0.25) ** 2),  # J = (1 + t)/((1 + t)^2 + 1/4)
    ("exponential", "z^2", -4 / 2.0**3),
    ("uniform", "z^2", 2 / 3),
    ("Gamma", "z^2", 2 * 2.0 + 1),
    ("Beta", "z", 3 / 5**2),
    ("Student t", "z^2", -2.0),  # variance t/(t - 2)
    ("Bernoulli", "(z + 1)^2", 3.0),
    ("Poisson", "z^2", 2 * 2.0 + 1),
    ("categorical", "z^2", P[2] * (4 - (P[1] + 4 * P[2]))),
]


@pytest.mark.parametrize(("name", "cost", "truth"), CLOSED_FORMS)
def test_means_against_closed_forms(name, cost, truth):
    found = distributions.result(BY_NAME[name], Cost(cost))
    assert found.exact == pytest.approx(truth, rel=1e-7)
    if name == "uniform":  # the score never meets the end that moves
        assert found.score_function == pytest.approx(-1 / 3, rel=1e-9)
    else:
        assert found.score_function == pytest.approx(truth, rel=1e-7)
    if BY_NAME[name].is_discrete:
        assert found.pathwise == 0
    else:
        assert found.pathwise == pytest.approx(truth, rel=1e-7)


def test_every_family_has_a_closed_form_here():
    assert [name for name, *_ in CLOSED_FORMS] == list(BY_NAME)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.name)
def test_the_score_is_the_slope_of_the_log_density(family):
    law, theta, h = family.law, family.theta, 1e-5
    z = law(theta).ppf([0.02, 0.2, 0.55, 0.8, 0.97])

    def log_density(t):
        return law(t).logpmf(z) if family.is_discrete else law(t).logpdf(z)

    slope = (log_density(theta + h) - log_density(theta - h)) / (2 * h)
    np.testing.assert_allclose(family.score(z, theta), slope, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("family", CONTINUOUS, ids=lambda f: f.name)
def test_speeds_are_the_slopes_of_the_quantiles(family):
    """By a plain difference, far less precise than that of the table, and its own."""
    u, h, law = np.array([1e-6, 0.1, 0.5, 0.9, 1 - 1e-6]), 1e-4, family.law
    slope = (law(family.theta + h).ppf(u) - law(family.theta - h).ppf(u)) / (2 * h)
    z = law(family.theta).ppf(u)
    np.testing.assert_allclose(distributions.speed_of(family)(z), slope, rtol=1e-5, atol=1e-9)
    assert distributions.result(family, Cost("exp(-z^2)")).distance < 1e-8


@pytest.mark.parametrize("z", [1e-3, 0.5, 2.0, 12.0])
def test_the_implicit_slope_of_gamma_to_many_digits(z):
    with mpmath.workdps(30):
        slope = mpmath.diff(lambda a: mpmath.gammainc(a, 0, z, regularized=True), 2)
        density = z * mpmath.exp(-z)
        expected = float(-slope / density)
    found = distributions.implicit_speed(BY_NAME["Gamma"].law, 2.0, np.array([z]))
    np.testing.assert_allclose(found, [expected], rtol=1e-8)


@pytest.mark.parametrize(
    ("name", "pytorch"),
    [
        ("Gamma", lambda d, t: d.Gamma(t, 1.0)),
        ("Beta", lambda d, t: d.Beta(t, 3.0)),
        ("exponential", lambda d, t: d.Exponential(t)),
        ("uniform", lambda d, t: d.Uniform(0.0, t)),
        ("Cauchy", lambda d, t: d.Cauchy(0.5, t)),
    ],
)
def test_slopes_are_those_of_samples_in_pytorch(name, pytorch):
    torch = pytest.importorskip("torch", reason="PyTorch is an extra: make reference")
    family = BY_NAME[name]
    torch.manual_seed(7)
    theta = torch.full((500,), family.theta, dtype=torch.float64, requires_grad=True)
    z = pytorch(torch.distributions, theta).rsample()
    z.sum().backward()
    precision = 2e-3 if name == "Beta" else 1e-4  # its slope is an approximation there
    speed = distributions.speed_of(family)(z.detach().numpy())
    np.testing.assert_allclose(speed, theta.grad.numpy(), rtol=precision)


def test_pytorch_has_samples_with_a_slope_for_the_same_families():
    torch = pytest.importorskip("torch", reason="PyTorch is an extra: make reference")
    names = {"normal": "Normal", "Student t": "StudentT", "logistic": None}
    for name, family in BY_NAME.items():
        if pytorch := names.get(name, name.capitalize()):
            has = getattr(torch.distributions, pytorch).has_rsample
            assert has != family.is_discrete, name


def test_the_table_marks_what_is_wrong_and_nothing_else():
    table = distributions.table()
    text = repr(table).splitlines()
    assert len(text) == len(FAMILIES) + 2 and text[-1].startswith("* a wrong mean")
    for row in table.rows:
        stars = ["*" in cell for cell in row]
        wrong = ["score function"] * (row[0] == "uniform")
        wrong += ["pathwise"] * BY_NAME[row[0]].is_discrete
        assert [head for head, star in zip(table.head, stars, strict=True) if star] == wrong
    html = table._repr_html_()
    assert html.count("<tr>") == len(FAMILIES) + 1 and "&lt; 1e-8" in html


@pytest.mark.parametrize("wrong", ["z^2", np.exp, 3])
def test_only_a_cost_is_a_cost(wrong):
    with pytest.raises(ValueError, match=r"cost must be a Cost, such as .*; received"):
        distributions.table(wrong)
