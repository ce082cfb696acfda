"""Costs: values and derivatives against mpmath, one-sided derivatives at kinks, break points."""

import re
import warnings

import mpmath as mp
import numpy as np
import pytest
import sympy

from gradlib import Gaussian, exact_value
from gradlib.cost import Cost

mp.mp.dps = 50
z = sympy.Symbol("z", real=True)


def heaviside(u):
    return (mp.sign(u) + 1) / 2


def sigmoid(u):
    return 1 / (1 + mp.exp(-u))


def softplus(u):
    return mp.log(1 + mp.exp(u))


COSTS = {
    "z^2": lambda z: z**2,
    "7": lambda z: mp.mpf(7),
    "(z-1)^3 - 2z/7 + 0.1": lambda z: (z - 1) ** 3 - 2 * z / 7 + mp.mpf(1) / 10,
    "2^z + z^-2": lambda z: 2**z + z**-2,
    "sin(5z)cos(z/3)tan(z/9)": lambda z: mp.sin(5 * z) * mp.cos(z / 3) * mp.tan(z / 9),
    "sinh(z)cosh(z)tanh(z)": lambda z: mp.sinh(z) * mp.cosh(z) * mp.tanh(z),
    "exp(-z^2/2)erf(z)": lambda z: mp.exp(-(z**2) / 2) * mp.erf(z),
    "sigmoid(3z)/softplus(-z)": lambda z: sigmoid(3 * z) / softplus(-z),
    "softplus(sigmoid(z)^2 - z)": lambda z: softplus(sigmoid(z) ** 2 - z),
    "sqrt(1+z^2)": lambda z: mp.sqrt(1 + z**2),
    "log(z^2+0.1)": lambda z: mp.log(z**2 + mp.mpf(1) / 10),
    "1/(1e-8+z^2)": lambda z: 1 / (mp.mpf(10) ** -8 + z**2),
    "abs(z)": abs,
    "z abs(z) sign(z)": lambda z: z**2,
    "abs(z)^1.5": lambda z: abs(z) ** mp.mpf(1.5),
    "sqrt(abs(z))": lambda z: mp.sqrt(abs(z)),
    "abs(z)^z": lambda z: abs(z) ** z,
    "abs(sin(5z))": lambda z: abs(mp.sin(5 * z)),
    "abs(log(abs(z)))": lambda z: abs(mp.log(abs(z))),
    "abs(exp(z)-1)": lambda z: abs(mp.exp(z) - 1),
    "abs(z-abs(z+1))": lambda z: abs(z - abs(z + 1)),
    "sign(z)*z^2": lambda z: mp.sign(z) * z**2,
    "sign(sin(3z))(z+4)": lambda z: mp.sign(mp.sin(3 * z)) * (z + 4),
    "Heaviside(z)exp(z)": lambda z: heaviside(z) * mp.exp(z),
    "Heaviside(z-0.5)*Heaviside(1.9-z)*z": lambda z: z if 0.5 < z < 1.9 else mp.mpf(0),
    "max(z,0)^2 + min(z,1,z^2)": lambda z: max(z, 0) ** 2 + min(z, 1, z**2),
    "max(z, z^2, 1)": lambda z: max(z, z**2, 1),
    "max(z, abs(sin(z)), cos(2z))": lambda z: max(z, abs(mp.sin(z)), mp.cos(2 * z)),
    "min(exp(40z), 1)": lambda z: min(mp.exp(40 * z), 1),
    "max(sin(z)^2, 1-cos(z)^2) + 2z": lambda z: mp.sin(z) ** 2 + 2 * z,
    "exp(-abs(z-0.3))/(1+max(z,-z))": lambda z: mp.exp(-abs(z - 0.3)) / (1 + abs(z)),
    "abs(exp(sqrt(z+3)))": lambda z: mp.exp(mp.sqrt(z + 3)),
    "tan(z+pi/2)": lambda z: -mp.cot(z),
    "abs(1-" * 8 + "z" + ")" * 8: lambda z: _repeat(lambda u: abs(1 - u), 8, z),
}


def _repeat(function, times, start):
    for _ in range(times):
        start = function(start)
    return start


@pytest.mark.parametrize("text", COSTS)
def test_value_and_derivative_agree_with_mpmath(text):
    cost, reference = Cost(text), COSTS[text]
    points = np.random.default_rng(7).uniform(-2.5, 2.5, size=40)
    values = [float(reference(mp.mpf(x))) for x in points]
    h = mp.mpf(10) ** -15
    slopes = [float((reference(x + h) - reference(x - h)) / (2 * h)) for x in map(mp.mpf, points)]
    np.testing.assert_allclose(cost(points), values, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(cost.derivative(points), slopes, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize(
    ("text", "point", "from_the_right"),
    [
        ("abs(z)", 0, 1),
        ("-abs(z)", 0, -1),
        ("abs(-3z)", 0, 3),
        ("z sign(z)", 0, 1),
        ("abs(z)+max(-z,0)", 0, 1),
        ("abs(z)-max(-z,0)", 0, 1),
        ("max(z,0)", 0, 1),
        ("min(z,0)", 0, 0),
        ("max(0,-z)", 0, 0),
        ("sqrt(z^2)", 0, 1),
        ("abs(exp(z)-1)", 0, 1),
        ("abs(exp(z)-1)", 1e-17, 1),
        ("abs(z-0.3)", 0.3, 1),
        ("abs(z-1e6)", 1e6, 1),
        ("abs(z+1e-3)", -1e-3, 1),
        ("abs(log(z))", 1, 1),
        ("max(z, z^2, 1)", 1, 2),
        ("max(z, z^2, 1)", -1, 0),
        ("min(z, z^2, 1)", 1, 0),
        ("max(z, 2z, 3z)", 0, 3),
        ("min(z, 2z, 3z)", 0, 1),
        ("abs(z-abs(z))", 0, 0),
        ("abs(z)abs(z-1)", 1, 1),
        ("exp(abs(z-2))", 2, 1),
        ("abs(z)^1.5", 0, 0),
        ("Heaviside(z)(z+1)", 0, 1),
        ("sign(z)(z+1)^2", 0, 2),
        ("sign(z-0.5)", 0.5, 0),
        ("Heaviside(z)", 0, 0),
    ],
)
def test_derivative_at_a_kink_is_that_from_the_right(text, point, from_the_right):
    slope = Cost(text).derivative(point)
    assert slope == pytest.approx(from_the_right, abs=1e-7)
    array = Cost(text).derivative(np.array([point, point + 1e-3, point]))
    assert array[0] == array[2] == slope


def test_shapes_and_types():
    for cost in (Cost("z^2 + abs(z)"), Cost("3"), Cost("z"), Cost("sign(z)")):
        for function in (cost, cost.derivative):
            assert isinstance(function(2), float)
            assert isinstance(function(0.0), float)
            assert function([1, 2]).dtype == float
            for shape in ((0,), (5,), (2, 3)):
                assert function(np.ones(shape)).shape == shape
    np.testing.assert_array_equal(Cost("3")(np.zeros((2, 2))), 3)
    np.testing.assert_array_equal(Cost("3").derivative(np.zeros(4)), 0)
    np.testing.assert_array_equal(Cost("2^z").derivative([3]), [8 * np.log(2)])


def test_the_points_are_left_alone():
    points = np.array([0.0, 1.0])
    Cost("z")(points)[:] = 9
    Cost("abs(z)").derivative(points)[:] = 9
    np.testing.assert_array_equal(points, [0, 1])


def test_no_number_and_no_warning_where_there_is_no_real_value():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for text in ("log(z)", "sqrt(z)", "z^z", "z^0.3", "Heaviside(log(z))", "max(log(z),1)"):
            assert np.isnan(Cost(text)(-2.5))
            assert np.isnan(Cost(text).derivative([-2.5, -1.5])).all()
        assert Cost("exp(z)")(1e4) == Cost("exp(z)").derivative(1e4) == np.inf
        assert Cost("3exp(z)").derivative(1e4) == np.inf
        assert Cost("1/z")(0.0) == np.inf
        assert Cost("min(exp(z),1)").derivative(1e4) == 0
        assert Cost("softplus(z)")(800) == 800
        assert Cost("sigmoid(z)").derivative(-800) == 0


def test_takes_sympy_expressions_whatever_their_z_is_assumed_to_be():
    for symbol in (z, sympy.Symbol("z"), sympy.Symbol("z", nonzero=True), sympy.Dummy("z")):
        cost = Cost(sympy.Abs(symbol) ** 3 - symbol)
        assert cost.expression == sympy.Abs(z) ** 3 - z
        np.testing.assert_allclose(cost.derivative([-1.0, 2.0]), [-4, 11])
    assert Cost(sympy.sqrt(sympy.Symbol("z", complex=True) ** 2)).expression == sympy.Abs(z)
    assert Cost(sympy.Integer(3))(1.0) == 3
    assert Cost(sympy.atan(sympy.Float(0.5) * z)).derivative(2.0) == pytest.approx(0.25)


def test_takes_piecewise_costs():
    huber = sympy.Piecewise((z**2 / 2, sympy.Abs(z) <= 1), (sympy.Abs(z) - sympy.S.Half, True))
    cost = Cost(huber)
    np.testing.assert_allclose(cost([-3.0, 0.5, 1.0, 2.0]), [2.5, 0.125, 0.5, 1.5])
    np.testing.assert_allclose(cost.derivative([-3.0, 0.5, 1.0, 2.0]), [-1, 0.5, 1, 1])
    assert {-1, 0, 1} <= set(cost.break_points(-5, 5))
    jump = Cost(sympy.Piecewise((z, z > 0), (5, True)))
    assert jump.derivative(0.0) == jump.derivative(1.0) == 1
    assert jump.derivative(-1.0) == 0


@pytest.mark.parametrize(
    "thing", [3, 2.5, True, None, ["z"], np.float64(2), np.zeros((2, 2)), z > 0, sympy.Matrix([z])]
)
def test_refuses_what_is_neither_text_nor_expression(thing):
    with pytest.raises(ValueError, match="must be text, such as 'z\\^2', or a SymPy [^\n]+$"):
        Cost(thing)


x, y = sympy.symbols("x y")


@pytest.mark.parametrize(
    ("expression", "part"),
    [
        (x * z + y, "x, y"),
        (x**2, "with x"),
        (sympy.Function("f")(z), "f(z)"),
        (sympy.Integral(sympy.exp(-(x**2)), (x, 0, z)), "Integral"),
        (1 + sympy.Integral(x, (x, 0, 1)), "Integral"),
        (sympy.Derivative(sympy.Function("f")(z), z), "Derivative"),
        (sympy.DiracDelta(z), "DiracDelta(z)"),
        (sympy.floor(z), "floor(z)"),
        (z + sympy.Mod(z, 1), "Mod(z, 1)"),
        (sympy.gamma(sympy.Rational(1, 3)) * z, "gamma(1/3)"),
        (sympy.I * z, "I*z"),
        (z**sympy.I, "z**I"),
        (sympy.nan, "nan"),
        (sympy.oo, "oo"),
        (sympy.zoo, "zoo"),
        (z * sympy.sqrt(-2), "sqrt(2)*I*z"),
        (z**200, "z**200"),
        (z * sympy.Float("1e400"), "float"),
        (sympy.Pow(-2, z), "(-2)**z"),
    ],
    ids=str,
)
def test_refuses_expressions_that_are_no_cost(expression, part):
    with pytest.raises(ValueError) as error:
        Cost(expression)
    assert part in str(error.value) and "\n" not in str(error.value)


def test_name_is_short():
    assert Cost(" z^2 \n").name == "z^2"
    assert Cost(z**2).name == "z**2"
    assert len(Cost("z" + "+z" * 200).name) == 60
    for length in (58, 60, 62):
        text = "-z" * (length // 2)
        assert (Cost(text).name == text) == (length <= 60)
    assert repr(Cost("z^2")) == "Cost('z^2')"


@pytest.mark.parametrize("text", ["2z abs(z-1)", "max(z,0)^2/3", "exp(-z^2)cos(z)", "sign(z)z^.5"])
def test_survives_the_round_trip_through_text(text):
    again = Cost(str(Cost(text).expression))
    points = np.linspace(-2, 2, 21)
    np.testing.assert_array_equal(again(points), Cost(text)(points))
    np.testing.assert_array_equal(again.derivative(points), Cost(text).derivative(points))


def test_costs_from_functions():
    line = Cost.from_functions(np.sin, np.cos, "sine")
    points = np.linspace(-1, 1, 7)
    np.testing.assert_array_equal(line(points), np.sin(points))
    np.testing.assert_array_equal(line.derivative(points), np.cos(points))
    assert isinstance(line(0.5), float) and line.derivative(0.0) == 1
    assert line.expression is None and line.name == "sine"
    assert line.break_points(-1, 1).shape == (0,)

    bowl = Cost.from_functions(lambda z: (z**2).sum(axis=1), lambda z: 2 * z, "bowl")
    points = np.arange(12.0).reshape(4, 3)
    np.testing.assert_array_equal(bowl(points), (points**2).sum(axis=1))
    np.testing.assert_array_equal(bowl.derivative(points), 2 * points)


@pytest.mark.parametrize(
    ("value", "gradient", "points", "received", "expected"),
    [
        (lambda z: z.sum(), np.cos, np.zeros(4), "()", "(4,)"),
        (lambda z: z**2, lambda z: 2 * z, np.zeros((4, 3)), "(4, 3)", "(4,)"),
        (lambda z: z[:, :1], lambda z: 2 * z, np.zeros((4, 3)), "(4, 1)", "(4,)"),
        (lambda z: z[:3], np.cos, np.zeros(4), "(3,)", "(4,)"),
    ],
)
def test_costs_from_functions_name_wrong_shapes(value, gradient, points, received, expected):
    cost = Cost.from_functions(value, gradient, "wrong")
    with pytest.raises(ValueError) as error:
        cost(points)
    assert f"must have shape {expected}; received {received}" in str(error.value)
    assert "the value of wrong" in str(error.value)


def test_costs_from_functions_name_a_wrong_gradient():
    cost = Cost.from_functions(lambda z: z.sum(axis=1), lambda z: np.ones(len(z)), "plane")
    with pytest.raises(ValueError, match=r"gradient of plane .* shape \(4, 3\); received \(4,\)"):
        cost.derivative(np.zeros((4, 3)))
    with pytest.raises(ValueError, match=r"gradient of plane .* \(2, 2, 3\); received \(2,\)"):
        cost.derivative(np.zeros((2, 2, 3)))  # a batch: the value is of shape (2, 2)


def test_costs_from_functions_need_functions_and_a_name():
    with pytest.raises(ValueError, match="value must be a function of z; received 'z'"):
        Cost.from_functions("z", np.cos, "no")
    with pytest.raises(ValueError, match="gradient must be a function of z; received None"):
        Cost.from_functions(np.sin, None, "no")
    with pytest.raises(ValueError, match="name must be text; received 3"):
        Cost.from_functions(np.sin, np.cos, 3)


LN2 = float(np.log(2))


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("z^2", []),
        ("z^3 - 2z + 5", []),
        ("abs(z-0.3)", [0.3]),
        ("sign(z^5-5/3z^4+10/9z^3-10/27z^2+5/81z-1/243)", [1 / 3]),  # (z-1/3)^5
        ("Heaviside(z+2)z", [-2]),
        ("sqrt(abs(z-1))", [1]),
        ("max(z, z^2)", [0, 1]),
        ("min(1, z, 3)", [1]),
        ("abs(exp(z)-2)", [LN2]),
        ("sigmoid(1000(z-1))", [1]),
        ("tanh(50(z^2-1))", [-1, 1]),
        ("log(abs(z-1.5))", [1.5]),
        ("z^-1", [0]),
        ("abs(z)^z", [0]),
        ("tan(z)", [-np.pi / 2, np.pi / 2, 3 * np.pi / 2]),
        ("exp(-1e6(z-0.3)^2)", [0.3]),
        ("exp(1-1e6(z-0.3)^2)", [0.299, 0.3, 0.301]),
        ("2^(-1e6(z-0.3)^2)", [0.3]),
        ("1/cosh(1e4(z-0.3))", [0.3]),
        ("1/(1e-8+(z-0.7)^2)", [0.7]),
        ("1/(1e-8+sin(z)^2)", [0, np.pi]),
        ("1/((z^2-2)^2+1e-6)", [np.sqrt(2 + 1e-3j).real]),  # poles beside the real axis
        ("log(1-cos(z))", [0]),
        ("abs(z^2-1e-12)", [-1e-6, 1e-6]),
        ("abs(cos(z)-1+1e-10)", [-(2e-10**0.5), 2e-10**0.5]),
        ("abs(exp(-1e6(z-0.3)^2)-0.5)", [0.3 - (LN2 / 1e6) ** 0.5, 0.3 + (LN2 / 1e6) ** 0.5]),
        ("abs(z-abs(z))", [0]),
        ("abs(abs(abs(z)-2)-1)", [-3, -2, -1, 0, 1, 2, 3]),
        ("max(z/4, abs(sin(z)))", [-np.pi, 0, 2.4745767873698287]),
        ("abs(max(z-1, 0))", [1]),
        ("exp(sin(abs(z-2)))", [2]),
    ],
)
def test_break_points_are_found(text, points):
    found = Cost(text).break_points(-4, 5)
    assert (np.diff(found) > 0).all() and (np.abs(found - 0.5) < 4.5).all()
    for point in points:
        assert np.min(np.abs(found - point)) < 1e-9 * max(1, abs(point))
    if not points:
        assert found.size == 0


@pytest.mark.parametrize(
    "text",
    [
        "z^2",
        "3",
        "abs(log(z))",
        "max(z, 0, 1 - z)",
        "min(max(z, 0), 1)",
        "sign(z) z + Heaviside(z - 1) cos(z)",
        "abs(sin(5z))^1.5",
        "softplus(3z) sigmoid(z)^2",
        "z^z",
        "sign(sign(z) + z)",
        "exp(abs(z)) / z",
    ],
)
def test_the_derivative_is_an_expression_too(text):
    cost, z = Cost(text), np.random.default_rng(1).uniform(-3, 3, 100)
    expression = cost.derivative_expression
    assert not expression.has(sympy.DiracDelta, sympy.Derivative, sympy.Subs)
    np.testing.assert_allclose(Cost(expression)(z), cost.derivative(z), rtol=1e-12, atol=1e-14)


def test_a_cost_from_functions_has_no_expressions():
    cost = Cost.from_functions(np.sin, np.cos, "sin")
    assert (cost.expression, cost.derivative_expression) == (None, None)


def test_break_points_lie_strictly_inside():
    cost = Cost("abs(z)+abs(z-1)")
    np.testing.assert_array_equal(cost.break_points(-1, 2), [0, 1])
    np.testing.assert_array_equal(cost.break_points(0, 1), [])
    np.testing.assert_array_equal(cost.break_points(1e-3, 40), [1])


def test_declared_break_points_lie_strictly_inside():
    cost = Cost.from_functions(np.abs, np.sign, "four places", break_points=[2, -1, 0, 1])
    np.testing.assert_array_equal(cost.break_points(-1, 2), [0, 1])
    np.testing.assert_array_equal(cost.break_points(-0.5, 9), [0, 1, 2])
    moved = Cost.from_functions(lambda z: abs(z - 9), lambda z: np.sign(z - 9), "abs(z - 9)", [9])
    assert exact_value(moved, Gaussian(9.0, 1e-3)) == pytest.approx(1e-3 * np.sqrt(2 / np.pi))


def test_rounding_is_not_taken_for_a_kink():
    for text in ("tanh(tanh(3z))", "log(1+exp(-z))sign(z)", "erf(erf(4z))", "exp(-exp(-z^2))"):
        np.testing.assert_allclose(Cost(text).break_points(-38, 38), [0], atol=1e-15)


def test_thousands_of_kinks_are_found():
    found = Cost("abs(sin(150z))").break_points(-38, 38)
    kinks = np.pi / 150 * np.arange(-1814, 1815)
    assert np.abs(found[np.searchsorted(found, kinks - 1e-9)] - kinks).max() < 1e-13


@pytest.mark.parametrize(
    "text", ["abs(sin(1e9z))", "abs(sin(1/z))", "sign(cos(exp(z)))", "abs(sin(2pi*32768/76 z+1))"]
)
def test_too_many_kinks_are_refused(text):
    with pytest.raises(ValueError, match=r"changes too fast on \[-38, 38\] to locate its kinks"):
        Cost(text).break_points(-38, 38)


ROOT = float(np.arccosh(2))


@pytest.mark.parametrize(
    ("text", "reach", "points"),
    [
        ("exp(-1e6 (abs(z)-1)^2)", 38e3, [-1, 0, 1]),
        ("exp(-1e12 (abs(z)-0.001)^2)", 38, [-0.001, 0, 0.001]),
        ("exp(-1e6 (cosh(z)-2)^2)", 3800, [-ROOT, ROOT]),
        ("exp(-1e6 (cosh(z)-2)^2)", 38e5, [-ROOT, ROOT]),
        ("exp(-1e8 (sqrt(1+z^2)-2)^2)", 38e5, [-(3**0.5), 3**0.5]),
        ("abs(cosh(z)-1-1e-12)", 1e3, [-(2e-12**0.5), 2e-12**0.5]),
        ("abs(1/(1+z^2) - exp(-z^2) + 1e-7)", 38, []),
        ("sign(sin(z) - 1 + 1e-10)", 38, np.pi / 2 + 2e-10**0.5 * np.array([-1, 1])),
    ],
)
def test_break_points_that_lie_close_together_are_not_lost(text, reach, points):
    found = Cost(text).break_points(-reach, reach)
    for point in points:
        assert np.min(np.abs(found - point)) < 1e-3 * abs(point) + 1e-12


def test_no_sign_change_is_lost():
    rng = np.random.default_rng(3)
    for gap in 10.0 ** -rng.uniform(2, 12, 40):
        place, z0 = rng.uniform(-30, 30), sympy.Float(rng.uniform(0.1, 0.9), 17)
        u = sympy.exp(z0 * sympy.sin(z / 9)) * sympy.sinh(z - place) * sympy.tanh(z - place - gap)
        found = Cost(sympy.Abs(u)).break_points(-38, 38)
        for zero in (place, place + gap):
            assert np.min(np.abs(found - zero)) < 1e-14 * max(1, abs(place)) + 1e-3 * gap


@pytest.mark.parametrize("text", ["sin(3z)+z^2", "exp(5z)", "cos(40z)", "z^100", "sin(z)^2"])
def test_a_cost_without_narrow_features_has_no_break_points_for_them(text):
    assert Cost(text).break_points(-38, 38).size <= 1  # 0, for the argument of exp


@pytest.mark.parametrize(
    ("text", "low", "high", "peak", "width"),
    [
        ("z^2+((1+((1+cos(z-1)^100)/2)^100)/2)^100", -38, 38, 1.0, 3e-3),
        ("((1+sin(z)^99)/2)^100", -38, 38, np.pi / 2, 0.015),
        ("1+(cos(z)cos(1.13z)cos(1.27z)cos(1.41z)cos(1.57z)cos(1.73z))^100", -380, 380, 0.0, 0.03),
        ("cos(z)+((1+tanh(z))(1-tanh(z)))^99", -38, 38, 0.0, 0.15),
    ],
)
def test_narrow_features_are_seen(text, low, high, peak, width):
    """No panel that reaches into a peak is much wider than the peak."""
    ends = np.concatenate([[low], Cost(text).break_points(low, high), [high]])
    panel = np.searchsorted(ends, peak + width / 2)
    assert ends[panel] - ends[panel - 1] < 20 * width


def test_break_points_do_not_depend_on_what_was_asked_before():
    fresh, used = Cost("abs(sin(3z)) exp(cos(z)^50)"), Cost("abs(sin(3z)) exp(cos(z)^50)")
    for low, high in ((-3, 3), (-38, 38), (-1, 60), (0.5, 0.6)):
        used.break_points(low, high)
    points = fresh.break_points(-3, 3)
    again = used.break_points(-3, 3)
    assert points.shape == again.shape
    np.testing.assert_allclose(points, again, atol=1e-15)


BEYOND = [
    *[(text, 0, "grows faster") for text in ("exp(z^3/1000)", "exp(z^4/1e6)", "exp(-z^3)+1")],
    *[(text, 0, "grows faster") for text in ("cosh(z^3)", "exp(exp(z))", "exp(z^2 log(z^2+1))")],
    ("1/(z-39)^2", 0, "a pole at z = 39"),
    ("1/z", 100, "a pole at z = 0"),
    ("1/(exp(z)-exp(39))^2", 0, "a pole at z = 39"),
    ("tan(z)", 0, "a pole"),
    *[(text, 50, "not a real number at z = -") for text in ("log(z)", "z^0.3", "z^z", "sqrt(z+1)")],
]


@pytest.mark.parametrize(("text", "mu", "reason"), BEYOND)
def test_trouble_beyond_the_reach_is_named(text, mu, reason):
    assert re.search(reason, Cost(text).flaw_beyond(mu - 38, mu + 38))


@pytest.mark.parametrize(
    ("text", "mu"),
    [
        *[(text, 0) for text in ("z^100", "exp(5z)", "exp(-z^4)", "cosh(z)", "log(abs(z)+1)", "3")],
        *[(text, 0) for text in ("tanh(z)", "erf(z)", "1/(1+z^2)", "exp(z^2/100)", "sin(exp(z))")],
        *[(text, 0) for text in ("min(exp(z^3),5)", "softplus(z^3)", "exp(z^3)/(1+exp(z^3))")],
        *[(text, 0) for text in ("sin(z-45)/(z-45)", "exp(z^2/3-z^4)", "log(exp(z)+exp(-z))")],
        *[(text, 100) for text in ("log(abs(z))", "abs(z)^-0.5", "z^2 log(z^2)", "1/(2+sin(5z))")],
        ("1/z", 0),  # inside the reach it is a matter of quadrature
    ],
)
def test_no_trouble_is_invented_beyond_the_reach(text, mu):
    assert Cost(text).flaw_beyond(mu - 38, mu + 38) is None


def test_nothing_is_known_of_functions_beyond_the_reach():
    assert Cost.from_functions(np.sin, np.cos, "sine").flaw_beyond(-38, 38) is None


def moved(text, mu, what):
    cost, z = Cost(text), mu + np.linspace(-9, 9, 4001)
    weights = np.exp(-((z - mu) ** 2) / 2)
    exact, jittered = (
        getattr(c.at(z), what) for c in (cost, cost.jittered(np.random.default_rng(0)))
    )
    change = abs((exact - jittered) @ weights)
    return change / (abs(exact) @ weights) if change else 0.0


@pytest.mark.parametrize(
    ("text", "mu", "what"),
    [
        ("(1-cos(z))/z^2", 0.3, "slope"),
        ("sign(1-erf(z))", 0.0, "value"),
        ("sqrt(1+1e-17z^2)-1", 0.0, "value"),
    ],
)
def test_jitter_shows_what_rounding_spoils(text, mu, what):
    assert moved(text, mu, what) > 1e-10


@pytest.mark.parametrize(
    "text", ["z^2", "cos(40z)", "abs(z-1)", "exp(z/2)", "softplus(z)", "max(z, 0)^2", "sin(3z)+z^2"]
)
@pytest.mark.parametrize("what", ["value", "slope", "curvature"])
def test_jitter_leaves_ordinary_costs_alone(text, what):
    assert moved(text, 0.3, what) < 1e-13


def test_jitter_moves_z():
    rng = np.random.default_rng(0)
    line = Cost.from_functions(lambda z: z, np.ones_like, "line")
    z = np.full(100, 1e8)
    assert (
        set(line.jittered(rng)(z) - z) == set(Cost("z").jittered(rng)(z) - z) == {-(2**-26), 2**-26}
    )
    again = Cost("z").remembering().jittered(rng)
    assert (again(z) != again(z)).any()
    assert line(z)[0] == 1e8


@pytest.mark.parametrize(
    ("text", "second"),
    [
        ("sin(3z)+z^2", lambda x: 2 - 9 * mp.sin(3 * x)),
        ("abs(z)z", lambda x: 2 * mp.sign(x)),
        ("abs(sin(z))", lambda x: -abs(mp.sin(x))),
        ("max(z^2,1)", lambda x: 2 if abs(x) > 1 else 0),
        ("sign(z)", lambda x: 0),
        ("tanh(z)", lambda x: -2 * mp.tanh(x) / mp.cosh(x) ** 2),
        ("softplus(2z)", lambda x: 4 * mp.exp(2 * x) / (1 + mp.exp(2 * x)) ** 2),
        ("sigmoid(z)", lambda x: mp.diff(lambda u: 1 / (1 + mp.exp(-u)), x, 2)),
        ("erf(z)", lambda x: -4 * x * mp.exp(-x * x) / mp.sqrt(mp.pi)),
        ("z^3.5", lambda x: mp.mpf(8.75) * x**1.5 if x > 0 else mp.nan),
        ("2^z", lambda x: mp.log(2) ** 2 * 2**x),
        ("log(1+exp(z))", lambda x: mp.exp(x) / (1 + mp.exp(x)) ** 2),
    ],
)
def test_second_derivative_almost_everywhere(text, second):
    points = np.random.default_rng(5).uniform(-2.5, 2.5, 50)
    expected = [float(second(mp.mpf(x))) for x in points]
    np.testing.assert_allclose(Cost(text).second_derivative(points), expected, rtol=1e-11)
    assert Cost(text).second_derivative(0.7).shape == ()


def test_a_cost_from_functions_has_no_second_derivative():
    with pytest.raises(ValueError, match="sine is a cost from functions: it has no second deriv"):
        Cost.from_functions(np.sin, np.cos, "sine").second_derivative(0.0)


@pytest.mark.parametrize(
    ("text", "point", "value", "slope"),
    [
        ("tanh(z)", -20, lambda x: mp.tanh(x), lambda x: 1 / mp.cosh(x) ** 2),
        ("tanh(z)", 300, lambda x: mp.tanh(x), lambda x: 1 / mp.cosh(x) ** 2),
        ("sigmoid(z)", 40, lambda x: 1 / (1 + mp.exp(-x)), lambda x: 1 / (4 * mp.cosh(x / 2) ** 2)),
        ("erf(z)", 9, mp.erf, lambda x: 2 * mp.exp(-x * x) / mp.sqrt(mp.pi)),
        ("log(1+exp(z))", -50, lambda x: mp.log1p(mp.exp(x)), lambda x: 1 / (1 + mp.exp(-x))),
        ("log(1+exp(z))", 1000, lambda x: x, lambda x: 1),
    ],
)
def test_slopes_do_not_cancel_where_a_function_saturates(text, point, value, slope):
    cost = Cost(text)
    with mp.workdps(60):
        expected = float(value(mp.mpf(point))), float(slope(mp.mpf(point)))
    assert (cost(point), cost.derivative(point)) == pytest.approx(expected, rel=1e-13, abs=0)


@pytest.mark.parametrize(
    "assumption", ["imaginary", "positive", "negative", "nonnegative", "integer", "rational"]
)
def test_refuses_a_symbol_that_cannot_be_every_real_number(assumption):
    symbol = sympy.Symbol("z", **{assumption: True})
    with pytest.raises(ValueError, match=f"every real number; received .* declared {assumption}"):
        Cost(sympy.Abs(symbol) + symbol**2)


@pytest.mark.parametrize("text", ["exp(-tan(z + pi/2)^2)", "abs(exp(sqrt(z)))", "log(exp(z)+0)"])
def test_is_rebuilt_from_its_own_expression(text):
    cost = Cost(text)
    again = Cost(cost.expression)
    assert again.expression == cost.expression and again(0.7) == cost(0.7)


def test_works_where_numpy_raises():
    with np.errstate(all="raise"):
        for text in (
            "exp(z)",
            "abs(sin(5z))/z",
            "log(abs(z))",
            "max(z,0)^100",
            "1/cosh(1e4(z-0.3))",
        ):
            cost = Cost(text)
            cost.break_points(-38, 38)
            cost.flaw_beyond(-38, 38)
            jittered = cost.jittered(np.random.default_rng(0))
            for c in (cost, jittered):
                for array in (c(1e4), c.derivative([0, 1e4]), c.second_derivative([0, -1e300])):
                    assert array.dtype == float


def test_value_and_slope_share_their_work(monkeypatch):
    from gradlib.formula import graph

    calls = []
    monkeypatch.setitem(graph.IN_FLOATS, "sin", lambda u: calls.append(1) or np.sin(u))
    at = Cost("exp(sin(z))").at(np.ones(3))
    np.testing.assert_allclose(at.slope / at.value, np.cos(1))
    assert np.isfinite(at.curvature).all() and len(calls) == 1


@pytest.mark.parametrize("interval", [(1, 1), (2, 1), (0, np.inf), (np.nan, 1)])
def test_break_points_need_an_interval(interval):
    with pytest.raises(ValueError, match="low < high must be two finite numbers; received"):
        Cost("abs(z)").break_points(*interval)


@pytest.mark.parametrize(("text", "power"), [("1/cosh(z)", 1), ("3/cosh(z)^2", 2)])
def test_slopes_of_one_over_cosh_vanish_where_cosh_overflows(text, power):
    cost, z = Cost(text), np.array([-1e4, -800.0, -0.3, 0.7, 800.0])
    slope = -power * cost(z) * np.tanh(z)
    np.testing.assert_allclose(cost.derivative(z), slope, rtol=1e-14)
    bend = power * cost(z) * (power * np.tanh(z) ** 2 - 1 + np.tanh(z) ** 2)
    np.testing.assert_allclose(cost.second_derivative(z), bend, rtol=1e-12)
