"""The formula reader: what people write, what it must refuse, and how fast."""

import builtins
import math
import re
import subprocess
import sys

import mpmath
import numpy as np
import pytest
import sympy

from gradlib.cost import Cost
from gradlib.formula.functions import sigmoid, softplus
from gradlib.formula.parser import MAX_DEPTH, MAX_LENGTH, MAX_POWER, parse

z = sympy.Symbol("z", real=True)
pi, e, exp, sin = math.pi, math.e, math.exp, math.sin

LEGAL = {
    "7": lambda z: 7,
    ".5": lambda z: 0.5,
    "2.": lambda z: 2,
    "1e-3": lambda z: 0.001,
    "2e3z": lambda z: 2000 * z,
    "1.5E2 Z": lambda z: 150 * z,
    "2e": lambda z: 2 * e,
    "2e z": lambda z: 2 * e * z,
    "2exp(z)": lambda z: 2 * exp(z),
    "2e^z": lambda z: 2 * exp(z),
    "2pi": lambda z: 2 * pi,
    "2 pi z": lambda z: 2 * pi * z,
    "PI*E*Z": lambda z: pi * e * z,
    "2z": lambda z: 2 * z,
    "2z^2": lambda z: 2 * z * z,
    "(2z)^2": lambda z: 4 * z * z,
    "z**3": lambda z: z * z * z,
    "z^2z": lambda z: z * z * z,
    "1/2z": lambda z: 0.5 * z,
    "1/(2z)": lambda z: 0.5 / z,
    "6/2(z+1)": lambda z: 3 * (z + 1),
    "8/2/2": lambda z: 2,
    "z/2*3": lambda z: 1.5 * z,
    "(z-1)(z+1)": lambda z: z * z - 1,
    "z(z-1)": lambda z: z * (z - 1),
    "(z)z": lambda z: z * z,
    "2(3)": lambda z: 6,
    "((z))": lambda z: z,
    "-z^2": lambda z: -z * z,
    "(-z)^2": lambda z: z * z,
    "2*-z": lambda z: -2 * z,
    "2--z": lambda z: 2 + z,
    "+-+-z": lambda z: z,
    "z - -1": lambda z: z + 1,
    "1-2-3": lambda z: -4,
    "2^-1": lambda z: 0.5,
    "2^-z": lambda z: 2**-z,
    "-2^-2": lambda z: -0.25,
    "2^3^2": lambda z: 512,
    "(2^3)^2": lambda z: 64,
    "2^z(z+1)": lambda z: 2**z * (z + 1),
    "z^z": lambda z: z**z,
    "z^.5": lambda z: z**0.5,
    "2sin(z)": lambda z: 2 * sin(z),
    "z sin(z)": lambda z: z * sin(z),
    "sin(z)^2": lambda z: sin(z) ** 2,
    "sin(z)cos(z)": lambda z: sin(z) * math.cos(z),
    "sin (2 z)": lambda z: sin(2 * z),
    "tan(z)": math.tan,
    "tan(z + pi/2)": lambda z: -1 / math.tan(z),
    "sinh(z)+cosh(z)": exp,
    "tanh(z)": math.tanh,
    "exp(-z^2/2)": lambda z: exp(-z * z / 2),
    "log(z)": math.log,
    "ln(z)": math.log,
    "SQRT(z)": math.sqrt,
    "sqrt(z^2)": abs,
    "abs(z-1)": lambda z: abs(z - 1),
    "Abs(-z)": abs,
    "|z-1|": lambda z: abs(z - 1),
    "2|z-1|": lambda z: 2 * abs(z - 1),
    "|z - |z-1||": lambda z: abs(z - abs(z - 1)),
    "||z|-1|": lambda z: abs(abs(z) - 1),
    "|z||z-1|": lambda z: abs(z) * abs(z - 1),
    "(z)|z-1|z": lambda z: z * z * abs(z - 1),
    "1/|z-2|^2": lambda z: 1 / (z - 2) ** 2,
    "-|z-1|^3": lambda z: -(abs(z - 1) ** 3),
    "sin(2|z-1|)": lambda z: sin(2 * abs(z - 1)),
    "|(|z|-2)(z-1)|": lambda z: abs((abs(z) - 2) * (z - 1)),
    "|2*|z-1||": lambda z: 2 * abs(z - 1),
    "max(|z|,|z-1|)": lambda z: max(abs(z), abs(z - 1)),
    "max(z,0)": lambda z: max(z, 0),
    "Max(z, z^2, 1)": lambda z: max(z, z * z, 1),
    "min(1, z, 2, 3)": lambda z: min(1, z),
    "sign(z-1)": lambda z: math.copysign(1, z - 1),
    "Heaviside(z-1)": lambda z: float(z > 1),
    "HEAVISIDE(1-z)": lambda z: float(z < 1),
    "erf(z)": math.erf,
    "sigmoid(z)": lambda z: 1 / (1 + exp(-z)),
    "softplus(z)": lambda z: math.log(1 + exp(z)),
    "\t(z\n+ 1) ": lambda z: z + 1,
    "0e999999999 + z": lambda z: z,
    "3(z-1)^2/(1+abs(z)) - 2cos(3z)exp(-z/2)": lambda z: (
        3 * (z - 1) ** 2 / (1 + abs(z)) - 2 * math.cos(3 * z) * exp(-z / 2)
    ),
    "+".join(f"{k}z^{k}" for k in range(1, 40)): lambda z: sum(k * z**k for k in range(1, 40)),
    "abs(1-" * 9 + "z" + ")" * 9: lambda z: _repeat(lambda u: abs(1 - u), 9, z),
    "-" * 499 + "z": lambda z: -z,
}


def _repeat(function, times, start):
    for _ in range(times):
        start = function(start)
    return start


@pytest.mark.parametrize("text", LEGAL)
def test_means_what_people_mean(text):
    for point in (0.3, 0.9, 1.7):
        value = parse(text).evalf(30, subs={z: sympy.Float(point, 30)})
        assert float(value) == pytest.approx(LEGAL[text](point), rel=1e-12, abs=1e-14)


def test_is_exact_and_in_real_z():
    assert parse("0.1 + 0.2") == sympy.Rational(3, 10)
    assert parse("z^2 z") == z**3
    assert parse("sqrt(z^2)") == sympy.Abs(z)
    assert parse("softplus(z)").free_symbols == {z}


def test_keeps_what_sympy_would_rewrite_in_functions_no_formula_has():
    assert str(parse("abs(exp(sqrt(z)))")) == "Abs(exp(sqrt(z)))"
    assert str(parse("tan(z+pi/2)")) == "tan(z + pi/2)"


@pytest.mark.parametrize(
    "text",
    [
        "z**2/3 - 1",
        "Abs(z)**(3/2)",
        "exp(-z**2/2)*cos(3*z)",
        "2**z*E",
        "Max(1, z, z**2)",
        "Heaviside(z - 1) + sign(z)",
        "softplus(2*z)*sigmoid(-z)",
        "sqrt(z**2 + 1)",
        "erf(pi*z)/7",
    ],
)
def test_reads_what_sympy_prints(text):
    assert str(parse(str(parse(text)))) == str(parse(text))
    assert parse(str(parse(text))) == parse(text)


# Each text and a part that the message must name.
REFUSED = [
    ("", "''"),
    ("   \n", "empty"),
    ("x", "'x'"),
    ("z+zz", "'zz' at position 3"),
    ("zsin(z)", "'zsin'"),
    ("log10(z)", "'log10'"),
    ("gamma(z)", "'gamma'"),
    ("z2", "'z2'"),
    ("z_1", "'z_1'"),
    ("_", "'_'"),
    ("1_000", "'_000'"),
    ("0x10", "'x10'"),
    ("1j", "'j'"),
    ("I z", "'I'"),
    ("oo", "'oo'"),
    ("nan", "'nan'"),
    ("inf", "'inf'"),
    ("True", "'True'"),
    ("None", "'None'"),
    ("sin", "'sin'"),
    ("sin z", "'sin'"),
    ("sin^2(z)", "'sin'"),
    ("exp", "'exp'"),
    ("sin()", "')' at position 5"),
    ("()", "')'"),
    ("sin(z,z)", "'sin(z,z)'"),
    ("1+max(z)", "'max(z)' at position 3"),
    ("max()", "')'"),
    ("max(z,)", "')'"),
    ("max(,z)", "','"),
    ("z,1", "','"),
    ("(z,1)", "','"),
    ("sqrt(z,3)", "'sqrt(z,3)'"),
    ("(z", "'('"),
    ("sin((z)", "'('"),
    ("z)", "')'"),
    (")z(", "')'"),
    ("(z]", "']'"),
    ("{z}", "'{'"),
    ("|", "'|' never closed"),
    ("|z", "'|' never closed at position 1"),
    ("z|", "'|' never closed at position 2"),
    ("||", "'|' never closed at position 2"),
    ("||z|", "'|' never closed at position 1"),
    ("|z|-1|", "'|' never closed at position 6"),
    ("|2|z-1||", "'|' never closed at position 8"),
    ("|z)", "')' at position 3"),
    ("(|z)", "')' at position 4"),
    ("|z,1|", "',' at position 3"),
    ("sin|z|", "'sin'"),
    ("z+", "end"),
    ("z^", "end"),
    ("2*", "end"),
    ("*z", "'*'"),
    ("/z", "'/'"),
    ("z^^2", "'^'"),
    ("z***2", "'*'"),
    ("z//2", "'/'"),
    ("z%2", "'%'"),
    ("z!", "'!'"),
    ("2 3", "'3'"),
    ("(z)2", "'2'"),
    ("1.2.3", "'.3'"),
    (".", "'.'"),
    ("z.", "'.'"),
    ("1,5 z", "','"),
    ("z=1", "'='"),
    ("z==1", "'='"),
    ("z<1", "'<'"),
    ("z>=1", "'>'"),
    ("z:=1", "':'"),
    ("z;z", "';'"),
    ("z&z", "'&'"),
    ("~z", "'~'"),
    ("z@z", "'@'"),
    ("z?", "'?'"),
    ("z # comment", "'#'"),
    ("z\\n", "\\"),
    ("$z$", "'$'"),
    ("`z`", "'`'"),
    ("z.real", "'.'"),
    ("z.__class__", "'.'"),
    ("z[0]", "'['"),
    ("[z]", "'['"),
    ("z'", "'"),
    ("'z'", "'"),
    ('"z"', '"'),
    ("f'{z}'", "'f'"),
    ("lambda z: z", "'lambda'"),
    ("import os", "'import'"),
    ("z if z else 1", "'if'"),
    ("z and z", "'and'"),
    ("not z", "'not'"),
    ("print(z)", "'print'"),
    ("eval(z)", "'eval'"),
    ("exec(z)", "'exec'"),
    ("open(z)", "'open'"),
    ("__import__(z)", "'__import__'"),
    ("Symbol(z)", "'Symbol'"),
    ("Integral(z)", "'Integral'"),
    ("().__class__.__bases__[0]", "')'"),
    ("z²", "'²'"),
    ("2×z", "'×'"),
    ("z−1", "'−'"),
    ("π", "'π'"),
    ("ζ", "'ζ'"),
    ("ｚ", "'ｚ'"),
    ("２z", "'２'"),
    ("z\u00a0+1", "\\xa0"),
    ("z\u200b", "\\u200b"),
    ("z\x00", "\\x00"),
    ("\ud800", "\\ud800"),
    ("z" * (MAX_LENGTH + 1), f"{MAX_LENGTH + 1} characters"),
    ("z" + "+z" * 500_000, "1000001 characters"),
    ("(" * 10_000 + "z" + ")" * 10_000, "20001 characters"),
    ("-" * 10_000 + "z", "10001 characters"),
    ("z" + "^z" * 10_000, "20001 characters"),
    ("(" * (MAX_DEPTH + 1) + "z" + ")" * (MAX_DEPTH + 1), f"more than {MAX_DEPTH} deep"),
    ("sin(" * 80 + "z" + ")" * 80, f"more than {MAX_DEPTH} deep"),
    ("z" + "^z" * 200, f"more than {MAX_DEPTH} deep"),
    ("z^1000000", "'z^1000000'"),
    ("1+z^101", "'z^101' at position 3"),
    ("z^-101", "'z^-101'"),
    ("z^1e300", "'z^1e300'"),
    ("z^60 z^60", "'z^60 z^60'"),
    ("(z+1)^100000", "'(z+1)^100000'"),
    ("(z^99)^99", "'(z^99)^99'"),
    ("((z^99)^99)^99", "'(z^99)^99' at position 2"),
    ("(e^z)^1000", "'(e^z)^1000'"),
    ("9^9^9^9", "'9^9^9' at position 3"),
    ("10^10^10", "'10^10^10'"),
    ("z^e^e^e", "'z^e^e^e'"),
    ("((99^99)^99)^99", "'(99^99)^99'"),
    ("(99^99 z)^99", "'(99^99 z)^99'"),
    ("1e999", "'1e999'"),
    ("1e-999", "'1e-999'"),
    ("1e999999999", "'1e999999999'"),
    ("1e-999999999 z", "'1e-999999999'"),
    ("9" * 499, "999"),
    ("0." + "1" * 400, "0.111"),
    ("1e308*1e308", "'1e308*1e308'"),
    ("exp(1000)", "'exp(1000)'"),
    ("exp(exp(exp(exp(2))))", "'exp(exp(exp(2)))'"),
    ("cosh(1e300)", "'cosh(1e300)'"),
    ("1+sqrt(-1)", "'sqrt(-1)' at position 3"),
    ("log(-1)", "'log(-1)'"),
    ("log(0)", "'log(0)'"),
    ("1/0", "'/0' at position 2"),
    ("0/0", "'/0'"),
    ("z/(1-1)", "'/(1-1)'"),
    ("1/(z-z)", "'/(z-z)'"),
    ("0^-1", "'0^-1'"),
    ("tan(pi/2)", "'tan(pi/2)'"),
    ("(-8)^(1/3)", "'(-8)^(1/3)'"),
    ("(-1)^z", "'(-1)^z'"),
    ("0^z", "'0^z'"),
    ("sqrt(-z^2)", "'sqrt(-z^2)'"),
    ("max(sqrt(-1),z)", "'sqrt(-1)'"),
    ("max(log(-1-z^2),1)", "'max(log(-1-z^2),1)'"),
]


def _refusal(text):
    with pytest.raises(ValueError) as error:
        parse(text)
    return str(error.value)


@pytest.mark.parametrize(("text", "part"), REFUSED, ids=range(len(REFUSED)))
def test_refuses_in_one_sentence_that_names_the_part(text, part):
    message = _refusal(text)
    assert part in message
    assert len(message) < 300
    assert not re.search(r"\n|(?<!\.)\. ", message)  # one line, one sentence


def test_there_are_enough_refusals():
    assert len({text for text, _ in REFUSED}) >= 100


@pytest.mark.parametrize("thing", [None, 3, 2.5, b"z", ["z"], np.zeros((2, 2)), object()])
def test_refuses_what_is_no_text(thing):
    with pytest.raises(ValueError, match="must be text, such as 'z\\^2'; received [^\n]+$"):
        parse(thing)


def test_says_what_it_expected():
    assert _refusal("z+zz") == (
        "unknown name 'zz' at position 3 of 'z+zz'; expected z, pi, e or one of sin, cos, tan, "
        "sinh, cosh, tanh, exp, log, ln, sqrt, abs, max, min, sign, heaviside, erf, sigmoid, "
        "softplus"
    )
    assert _refusal("(z+1") == "bracket '(' never closed at position 1 of '(z+1'; expected ')'"
    assert _refusal("sin z") == "'sin' without brackets at position 1 of 'sin z'; expected sin(...)"
    assert _refusal("z^101") == f"'z^101' gives an exponent outside -{MAX_POWER} to {MAX_POWER}"


def test_evaluates_nothing_as_python(tmp_path):
    marker = tmp_path / "marker"
    path = str(marker)
    python = [
        f"__import__('pathlib').Path({path!r}).touch()",
        f"open({path!r}, 'w')",
        f"exec('open({path!r}, \"w\")')",
        f"eval('open({path!r}, \"w\")')",
        f"(lambda: open({path!r}, 'w'))()",
        f"[open(p, 'w') for p in [{path!r}]]",
        f"z.__class__.__init__.__globals__['__builtins__']['open']({path!r}, 'w')",
        f"f'{{open({path!r}, \"w\")}}'",
        f"print(1, file=open({path!r}, 'w'))",
        f"z or open({path!r}, 'w')",
        f"sympify('open({path!r}, \"w\")')",
        f"max(z, open({path!r}, 'w'))",
        f"z + 1 # \nopen({path!r}, 'w')",
        f"import os; os.system('touch {path}')",
    ]
    for text in python:
        _refusal(text)
        with pytest.raises(ValueError):
            Cost(text)
        assert not marker.exists(), text
    eval(python[1])  # the texts do what they say where they are evaluated
    assert marker.exists()


def test_never_calls_python_or_the_sympy_parser(monkeypatch):
    def forbidden(*args, **kwargs):
        raise AssertionError("a formula was evaluated")

    for text in LEGAL:
        parse(text)  # imports what SymPy imports late
    sympy.core.cache.clear_cache()
    for name in ("eval", "exec", "compile"):
        monkeypatch.setattr(builtins, name, forbidden)
    monkeypatch.setattr("sympy.parsing.sympy_parser.parse_expr", forbidden)
    for text in LEGAL:
        parse(text)
    for text, _ in REFUSED:
        with pytest.raises(ValueError):
            parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "max(" + ",".join(f"{k}z" for k in range(1, 100)) + ")",
        "abs(" + "".join(f"(z-{k})" for k in range(1, 80)) + ")",
        "(" * (MAX_DEPTH - 1) + "z" + "^1.01)" * (MAX_DEPTH - 1),
        "(" * MAX_DEPTH + "1+z" + ")^99.5" * MAX_DEPTH,
        "sqrt(1+" * MAX_DEPTH + "z" + ")" * MAX_DEPTH,
        "tanh(" * MAX_DEPTH + "z" + ")^.5" * MAX_DEPTH,
        "exp(1-" * MAX_DEPTH + "z" + ")" * MAX_DEPTH,
        "sin(1-" * MAX_DEPTH + "pi" + ")" * MAX_DEPTH + "z",
        "*".join(f"{k}^(1/{k})" for k in range(2, 40)),
        "9" * 300 + "^(1/97) z",
        "exp(exp(exp(exp(.1)))) + sin(1e300) + softplus(-1e300)",
        "cos(pi/257) + cos(pi/65537) + sin(pi/19937)",
        "max(abs(" * 7 + "z" + "-1),1)" * 7,
        "max(" + ",".join(f"{k}z" for k in range(1, 12)) + ")",
        "max((z+1)^100, (z-1)^100, (2z+3)^99)",
        "log(max((1+z)^100, (1-z)^99))^99",
        "sqrt(sin(-3-(2z-(1+z))^100))",
        "Heaviside((z^2+1)^-3) + Heaviside(log(z-1)^99) + sqrt(sin(-3-(-(1+z)+2z)^100))",
        "exp(max(min(z^2-1,-2z), -(z^2+z+0.5)^50-2z)) + max((-min(-3z^2,-z))^-3, -sqrt((z-1)^99))",
    ],
)
def test_is_fast_on_legal_texts_that_sympy_is_slow_on(text):
    sympy.core.cache.clear_cache()
    calls = 0

    def count(frame, event, argument):
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        expression = parse(text)
    finally:
        sys.setprofile(None)
    assert expression.free_symbols <= {z}
    assert calls < 400_000  # about 0.2 s; a clock would measure what else the machine does


CLOSED_FORMS = {
    sigmoid: lambda u: 1 / (1 + mpmath.exp(-u)),
    softplus: lambda u: mpmath.log(1 + mpmath.exp(u)),
}


@pytest.mark.parametrize("function", CLOSED_FORMS)
@pytest.mark.parametrize("point", [-2.5, 0.0, 3.0])
def test_short_names_have_the_value_of_their_closed_form(function, point):
    u = sympy.Symbol("u", real=True)
    expected = float(CLOSED_FORMS[function](mpmath.mpf(point)))
    assert float(function(sympy.Float(point))) == pytest.approx(expected, rel=1e-14)
    assert float(function(u).doit().subs(u, point)) == pytest.approx(expected, rel=1e-14)
    for module in ("numpy", "scipy", "mpmath"):
        compiled = sympy.lambdify(u, 3 * function(2 * u - 1) ** 2, module)
        value = float(compiled((point + 1) / 2))
        assert value == pytest.approx(3 * expected**2, rel=1e-14)
    for order, digits in ((1, 1e-12), (2, 1e-9)):
        slope = float(function(u).diff(u, order).subs(u, point))
        numeric = float(mpmath.diff(CLOSED_FORMS[function], point, order))
        assert slope == pytest.approx(numeric, rel=digits, abs=digits)


@pytest.mark.parametrize("function", CLOSED_FORMS)
def test_short_names_can_be_written_out(function):
    u = sympy.Symbol("u", real=True)
    written_out = function(u).doit()
    assert not written_out.has(function)
    assert function(u).rewrite(sympy.exp) == written_out
    assert function(2 * function(u)).doit() == written_out.subs(u, 2 * written_out)
    assert function(u).is_positive and sympy.Abs(function(u)) == function(u)
    assert f"operatorname{{{function.__name__}}}" in sympy.latex(function(u))


def test_short_names_neither_overflow_nor_cancel():
    u = sympy.Symbol("u", real=True)
    points = np.array([-800.0, -40.0, 40.0, 800.0])
    with np.errstate(all="raise", under="ignore"):
        plus, gate = (sympy.lambdify(u, f(u), "numpy")(points) for f in (softplus, sigmoid))
    np.testing.assert_allclose(plus, [0, exp(-40), 40, 800], rtol=1e-15)
    np.testing.assert_allclose(gate, [0, exp(-40), 1, 1], rtol=1e-15)
    tiny = sympy.lambdify(u, softplus(u), "mpmath")(-800)
    assert mpmath.almosteq(tiny, mpmath.exp(-800), 1e-14)


def test_sympy_is_loaded_by_the_first_formula_only():
    program = (
        "import sys, gradlib.cost\n"
        "gradlib.cost.Cost.from_functions(abs, abs, 'f')\n"
        "assert 'sympy' not in sys.modules\n"
        "gradlib.cost.Cost('z')\n"
        "assert 'sympy' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
