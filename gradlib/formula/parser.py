"""Formulas in z as people write them, read by a small grammar and never evaluated as Python.

    sum    = term { ("+" | "-") term }
    term   = signed { ("*" | "/") signed  |  power }      2z, (z-1)(z+1): an implied "*"
    signed = { "+" | "-" } power                          -z^2 is -(z^2)
    power  = atom [ ("^" | "**") signed ]                 z^2^3 is z^(2^3)
    atom   = number | name | function "(" sum { "," sum } ")" | "(" sum ")" | "|" sum "|"

Names may be written in upper or lower case. |z| is abs(z). Where an operand has just ended, a bar
closes the bars that are open, or else begins an implied factor: 2|z|, |z||z-1|, |z - |z-1||. (A
product inside bars whose second factor is in bars needs its *: |2*|z-1||.)
"""

import math
import re
import sys
from typing import NamedTuple

import sympy

from gradlib.arguments import shorten
from gradlib.formula.functions import BY_NAME, Z, unknown_part
from gradlib.formula.graph import Graph

MAX_LENGTH = 500  # characters: it bounds all the work there is
MAX_DEPTH = 15  # of brackets and exponents inside one another: recursion stays shallow
MAX_SIMPLIFIED = 20  # tokens, in sums and products 60: SymPy may take minutes over longer parts
MAX_NESTED = 4  # functions inside one another: SymPy asks for the sign of each, again and again
MAX_EXPANDED = 8  # exponent of a subexpression: SymPy may expand it, to ask for its sign
MAX_POWER = 100  # |constant exponent|: z^100 already leaves the range of a float at |z| = 1210
MAX_NUMBER = sys.float_info.max  # also for numerator and denominator: costs are floats

# Assumptions about a symbol, in the order in which they are named, that a Gaussian z does not meet.
NOT_ANY_REAL = (
    *("imaginary", "positive", "negative", "nonpositive", "nonnegative"),
    *("integer", "noninteger", "rational", "irrational", "infinite"),
)

NAMES = {"z": Z, "pi": sympy.pi, "e": sympy.E}

_TOKEN = re.compile(
    r"(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z_0-9]*)"
    r"|(?P<symbol>\*\*|[-+*/^(),|])"
    r"|(?P<space>[ \t\r\n]+)"
    r"|(?P<other>.)",
    re.DOTALL,
)


class _Token(NamedTuple):
    kind: str
    text: str
    start: int


def read(cost):
    """The text or the SymPy expression of a cost, as an expression in Symbol("z", real=True).

    Raises ValueError for anything that is not a cost on R.
    """
    if isinstance(cost, str):
        return parse(cost)
    if isinstance(cost, sympy.Expr):
        return _in_real_z(cost)
    raise ValueError(
        f"a cost must be text, such as 'z^2', or a SymPy expression in z; received {shorten(cost)}"
    )


def parse(text):
    """Read a formula; return a SymPy expression in Symbol("z", real=True).

    A formula has + - * / ^ **, brackets, |z|, implied products (2z, (z-1)(z+1); they bind like *),
    decimal numbers (kept as exact rationals), z, pi, e, and the functions in `functions.BY_NAME`.
    Raises ValueError, naming the part and its position, for anything else, for constants that are
    not finite real numbers, and beyond the limits at the top of this module.
    """
    if not isinstance(text, str):
        raise ValueError(f"a formula must be text, such as 'z^2'; received {shorten(text)}")
    if not text.strip():
        raise ValueError(f"the formula {shorten(text)} is empty; expected one such as 'z^2'")
    if len(text) > MAX_LENGTH:
        raise ValueError(
            f"the formula {shorten(text)} has {len(text)} characters; expected at most {MAX_LENGTH}"
        )
    return _Parser(text).formula()


def _in_real_z(expression):
    """The SymPy expression with its symbol z made real; ValueError if it is no cost."""
    received = shorten(expression)
    for symbol in expression.free_symbols:
        if said := [word for word in NOT_ANY_REAL if getattr(symbol, f"is_{word}")]:
            raise ValueError(
                f"z must stand for every real number; received {received} with {symbol} declared "
                f"{said[0]}: SymPy may have simplified what is different elsewhere"
            )
    strangers = sorted({symbol.name for symbol in expression.free_symbols} - {"z"})
    real = expression
    if expression.free_symbols != {Z}:
        real = expression.xreplace(dict.fromkeys(expression.free_symbols, Z))
    if strangers or (unknown := unknown_part(real)):
        raise ValueError(
            "a cost must be built from z, numbers and the functions of a formula; "
            f"received {received} with {', '.join(strangers) or unknown} "
            "(Cost.from_functions takes any cost)"
        )
    if reason := flaw(real):
        raise ValueError(f"{received} {reason}")
    return real


def flaw(expression, sound=()):
    """Why an expression cannot be a real cost computed in floats, or None.

    Subexpressions in the set `sound` are known to be without flaw.
    """
    nodes = sympy.preorder_traversal(expression)
    for node in nodes:
        if node in sound:
            nodes.skip()
        elif node.is_Rational and max(abs(node.p), node.q) > MAX_NUMBER:
            return "needs a number too long or too large for a float"
        elif node.is_number:
            if not math.isfinite(_constant(node)):
                return "is not a real number in the range of a float"
        elif node.is_Pow and node.exp.is_number and abs(_constant(node.exp)) > MAX_POWER:
            return f"gives an exponent outside -{MAX_POWER} to {MAX_POWER}"
        elif node.is_Pow and node.base.is_number and not _constant(node.base) > 0:
            return "is not a real number for every z"
    return None


def _constant(expression):
    """A constant in floats: nan if it is not real, infinite if it is undefined or too large."""
    graph = Graph()
    try:
        return graph.constants[graph.expression(expression)]
    except TypeError:  # I, and what SymPy calls complex infinity
        return math.nan


class _Parser:
    """Recursive descent: one method for each line of the grammar, from the token `first` on."""

    def __init__(self, text):
        self.text = text
        tokens = (_Token(m.lastgroup, m.group(), m.start()) for m in _TOKEN.finditer(text))
        self.tokens = [token for token in tokens if token.kind != "space"]
        self.tokens.append(_Token("end", "", len(text)))
        self.index = 0
        self.depth = 0
        self.in_bars = False  # is the innermost bracket that is open a bar?
        self.sound = set()
        self.nested = {}  # how many functions are inside one another

    @property
    def next(self):
        return self.tokens[self.index]

    def take(self, *texts):
        """The next token if it is one of these texts (any token, if none are given)."""
        token = self.next
        if texts and token.text not in texts:
            return None
        self.index += 1
        return token

    def formula(self):
        expression = self.sum()
        if self.next.kind != "end":
            self.unexpected("an operator or the end of the formula")
        return expression

    def sum(self):
        first = self.index
        terms = [self.term()]
        while sign := self.take("+", "-"):
            term = self.term()
            terms.append(term if sign.text == "+" else self.build(first, sympy.Mul, -1, term))
        return self.build(first, sympy.Add, *terms)

    def term(self):
        first = self.index
        factors = [self.signed()]
        begins = ("(",) if self.in_bars else ("(", "|")  # an implied factor
        while True:
            slash = self.index
            if self.take("*"):
                factors.append(self.signed())
            elif self.take("/"):
                factors.append(self.build(slash, sympy.Pow, self.signed(), sympy.S.NegativeOne))
            elif self.next.kind == "name" or self.next.text in begins:
                factors.append(self.power())
            else:
                return self.build(first, sympy.Mul, *factors)

    def signed(self):
        first, negative = self.index, False
        while sign := self.take("+", "-"):
            negative ^= sign.text == "-"
        return self.build(first, sympy.Mul, *[-1] * negative, self.power())

    def power(self):
        first = self.index
        base = self.atom()
        if not self.take("^", "**"):
            return base
        self.deeper(first)
        exponent = self.signed()
        self.depth -= 1
        if exponent.is_number and abs(_constant(exponent)) > MAX_POWER:  # before SymPy computes it
            self.refuse(first, f"gives an exponent outside -{MAX_POWER} to {MAX_POWER}")
        return self.build(first, sympy.Pow, base, exponent)

    def atom(self):
        if self.next.kind == "number":
            return self.number()
        if self.next.kind == "name":
            return self.name()
        if self.next.text == "(":
            return self.brackets()[0]
        if self.next.text == "|":
            first = self.index
            return self.build(first, sympy.Abs, *self.brackets(closing="|"))
        return self.unexpected("a number, z, pi, e, a function or a bracket")

    def number(self):
        first, text = self.index, self.take().text
        if not float(text) and not re.split("[eE]", text)[0].strip("0."):
            return sympy.Integer(0)
        if not 1 / MAX_NUMBER < float(text) <= MAX_NUMBER:  # before SymPy writes out its digits
            self.refuse(first, "does not fit a float (expected 1e-308 to 1e308)")
        return self.build(first, sympy.Add, sympy.Rational(text))

    def name(self):
        first, token = self.index, self.take()
        name = token.text.lower()
        if name in NAMES:
            return NAMES[name]
        if name not in BY_NAME:
            known = ", ".join(BY_NAME)
            self.fail(f"unknown name {shorten(token.text)}", token, f"z, pi, e or one of {known}")
        if self.next.text != "(":
            self.fail(f"{token.text!r} without brackets", token, f"{token.text}(...)")
        arguments = self.brackets(separator=",")
        if (len(arguments) > 1) != (name in ("max", "min")):
            needed = "one argument" if len(arguments) > 1 else "two or more arguments"
            self.refuse(first, f"does not fit: {name} needs {needed}")
        return self.build(first, BY_NAME[name], *arguments)

    def brackets(self, separator=None, closing=")"):
        """The contents of a bracket; more than one sum only with a separator."""
        self.deeper(self.index)
        outside, self.in_bars = self.in_bars, closing == "|"
        opening = self.take()
        contents = [self.sum()] if self.next.kind != "end" else []
        while separator and self.take(separator):
            contents.append(self.sum())
        self.in_bars = outside
        self.depth -= 1
        if self.next.kind == "end":
            what = "bracket" if closing == ")" else "bar"
            self.fail(f"{what} {opening.text!r} never closed", opening, repr(closing))
        if not self.take(closing):
            self.unexpected(f"an operator or {closing!r}")
        return contents

    def deeper(self, first):
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.refuse(first, f"is nested more than {MAX_DEPTH} deep")

    def build(self, first, function, *arguments):
        """function(*arguments), the meaning of the tokens since `first`."""
        try:
            nested = max(self.nested.get(a, 0) for a in arguments)
            nested += function not in (sympy.Add, sympy.Mul, sympy.Pow)
            short = self.index - first <= self.limit(function, arguments)
            expression = function(*arguments, evaluate=short and nested <= MAX_NESTED)
            if unknown_part(expression):  # simplified to re(log(z)) and the like
                expression = function(*arguments, evaluate=False)
            reason = flaw(expression, self.sound)
        except (TypeError, ValueError):  # SymPy compares nothing that is not real
            reason = "is not a real number in the range of a float"
        if reason:
            self.refuse(first, reason)
        self.sound.add(expression)
        self.nested[expression] = nested
        return expression

    def limit(self, function, arguments):
        """The longest part, in tokens, on which SymPy may spend time."""
        if function in (sympy.Add, sympy.Mul):
            return 3 * MAX_SIMPLIFIED
        if function in (sympy.Max, sympy.Min):  # it compares all arguments with all
            if any(a.is_extended_real is False for a in arguments):
                raise ValueError
            return math.inf if all(a.is_number for a in arguments) else 0
        if function is sympy.Pow and arguments[1].is_Integer:
            return MAX_SIMPLIFIED
        powers = (u for a in arguments for u in a.atoms(sympy.Pow) if not u.base.is_Symbol)
        expanded = any(abs(u.exp) > MAX_EXPANDED for u in powers if u.exp.is_number)
        return 0 if expanded else MAX_SIMPLIFIED

    def refuse(self, first, reason):
        """The tokens since `first` are well formed, but not acceptable."""
        last = max(first + 1, self.index)
        part = self.text[self.tokens[first].start : self.tokens[last].start].strip()
        place = "" if part == self.text.strip() else self.place(self.tokens[first])
        raise ValueError(f"{shorten(part)}{place} {reason}")

    def unexpected(self, expected):
        found = repr(self.next.text) if self.next.text else "end"
        self.fail(f"unexpected {found}", self.next, expected)

    def fail(self, problem, token, expected):
        raise ValueError(f"{problem}{self.place(token)}; expected {expected}")

    def place(self, token):
        return f" at position {token.start + 1} of {shorten(self.text)}"
