"""Formulas in z as people write them, read by a small grammar and never evaluated as Python.

    sum    = term { ("+" | "-") term }
    term   = signed { ("*" | "/") signed  |  power }      2z, (z-1)(z+1): an implied "*"
    signed = { "+" | "-" } power                          -z^2 is -(z^2)
    power  = atom [ ("^" | "**") signed ]                 z^2^3 is z^(2^3)
    atom   = number | name | function "(" sum { "," sum } ")" | "(" sum ")"
"""

import re
import sys
from typing import NamedTuple

FUNCTIONS = (
    "sin, cos, tan, sinh, cosh, tanh, exp, log, ln, sqrt, abs, max, min, sign, Heaviside, "
    "erf, sigmoid, softplus"
)
MAX_LENGTH = 500  # characters: SymPy's work is bounded by the length of the text
MAX_DEPTH = 20  # brackets and exponents inside one another: SymPy's work grows fast with depth
MAX_EVALUATED = 40  # tokens: SymPy simplifies longer parts for minutes, so they stay as written
MAX_POWER = 100  # |numeric exponent|: z^100 already leaves the range of a float at |z| = 1210
MAX_NUMBER = sys.float_info.max  # also for numerator and denominator: costs are computed in floats

_TOKEN = re.compile(
    r"(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z_0-9]*)"
    r"|(?P<symbol>\*\*|[-+*/^(),])"
    r"|(?P<space>[ \t\r\n]+)"
    r"|(?P<other>.)",
    re.DOTALL,
)


class _Token(NamedTuple):
    kind: str
    text: str
    start: int


def parse(text):
    """Read a formula in z; return it as a SymPy expression in Symbol("z", real=True).

    Understood are + - * / ^ **, brackets, implied products (2z, (z-1)(z+1); they bind like *),
    decimal numbers (kept as exact rationals), z, pi, e, and the functions in `FUNCTIONS`; names in
    upper or lower case. Raises ValueError, naming the part and its position, for anything else,
    for constants that are not finite real numbers, and beyond the limits at the top of this module.
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


def flaw(expression, sound=None):
    """Why an expression cannot be a real cost computed in floats; None if nothing is found.

    `sound` is a set of subexpressions known to be without flaw; it is added to.
    """
    import sympy

    sound = set() if sound is None else sound
    nodes = sympy.preorder_traversal(expression)
    for node in nodes:
        if node in sound:
            nodes.skip()
        elif node.is_number:
            value = node if node.is_Rational else node.evalf()
            if not (value.is_Rational or value.is_Float):  # complex, infinite, undefined
                return "is not a finite real number"
            if max(abs(part) for part in value.as_numer_denom()) > MAX_NUMBER:
                return f"leads to a number too long or too large for a float ({MAX_NUMBER:.2g})"
            sound.add(node)
            nodes.skip()
        elif node.is_Pow and node.exp.is_number and abs(node.exp.evalf()) > MAX_POWER:
            return f"gives an exponent outside -{MAX_POWER} to {MAX_POWER}"
        elif node.is_Pow and node.base.is_number and not node.base.evalf().is_positive:
            return "is not a finite real number for every z"
    sound.add(expression)
    return None


def shorten(thing):
    """Its repr on one line, the middle left out if it is long."""
    text = " ".join(repr(thing).split())
    return text if len(text) <= 60 else f"{text[:40]} ... {text[-15:]}"


class _Parser:
    """Recursive descent: one method for each line of the grammar."""

    def __init__(self, text):
        from gradlib.functions import BY_NAME, sympy

        self.sympy = sympy
        self.functions = BY_NAME
        self.names = {"z": sympy.Symbol("z", real=True), "pi": sympy.pi, "e": sympy.E}
        self.text = text
        matches = (_Token(m.lastgroup, m.group(), m.start()) for m in _TOKEN.finditer(text))
        self.tokens = [token for token in matches if token.kind != "space"]
        self.tokens.append(_Token("end", "", len(text)))
        self.index = 0
        self.depth = 0
        self.sound = set()

    @property
    def next(self):
        return self.tokens[self.index]

    def take(self, *texts):
        """The next token if it is one of these texts (any at all, if none are given)."""
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
            terms.append(term if sign.text == "+" else self.build(first, self.sympy.Mul, -1, term))
        return self.build(first, self.sympy.Add, *terms)

    def term(self):
        first = self.index
        factors = [self.signed()]
        while True:
            slash = self.index
            if self.take("*"):
                factors.append(self.signed())
            elif self.take("/"):
                factors.append(self.build(slash, self.sympy.Pow, self.signed(), -1))
            elif self.next.kind == "name" or self.next.text == "(":
                factors.append(self.power())
            else:
                return self.build(first, self.sympy.Mul, *factors)

    def signed(self):
        first, negative = self.index, False
        while sign := self.take("+", "-"):
            negative ^= sign.text == "-"
        return self.build(first, self.sympy.Mul, *[-1] * negative, self.power())

    def power(self):
        first = self.index
        base = self.atom()
        if not self.take("^", "**"):
            return base
        self.deeper(first)
        exponent = self.signed()
        self.depth -= 1
        if exponent.is_number and abs(exponent.evalf()) > MAX_POWER:  # before SymPy computes it
            self.refuse(first, f"gives an exponent outside -{MAX_POWER} to {MAX_POWER}")
        return self.build(first, self.sympy.Pow, base, exponent)

    def atom(self):
        if self.next.kind == "number":
            return self.number()
        if self.next.kind == "name":
            return self.name()
        if self.next.text == "(":
            return self.brackets()[0]
        return self.unexpected("a number, z, pi, e, a function or a bracket")

    def number(self):
        first, token = self.index, self.take()
        mantissa, value = re.split("[eE]", token.text)[0], float(token.text)
        if value == 0 and not mantissa.strip("0."):
            return self.sympy.Integer(0)
        if not 1 / MAX_NUMBER < value <= MAX_NUMBER:  # before SymPy writes out all its digits
            self.refuse(first, "does not fit a float (expected 1e-308 to 1e308)")
        return self.build(first, self.sympy.Add, self.sympy.Rational(token.text))

    def name(self):
        first, token = self.index, self.take()
        name = token.text.lower()
        if name in self.names:
            return self.names[name]
        if name not in self.functions:
            self.fail(f"unknown name {token.text!r}", token, f"z, pi, e or one of {FUNCTIONS}")
        if self.next.text != "(":
            self.fail(f"{token.text!r} without brackets", token, f"{token.text}(...)")
        arguments = self.brackets(list_allowed=True)
        if (len(arguments) > 1) != (name in ("max", "min")):
            several = name in ("max", "min")
            self.refuse(first, f"needs {'two or more arguments' if several else 'one argument'}")
        return self.build(first, self.functions[name], *arguments)

    def brackets(self, list_allowed=False):
        """The contents of a bracket: one sum, or a list of them for a function."""
        self.deeper(self.index)
        opening = self.take("(")
        contents = [self.sum()]
        while list_allowed and self.take(","):
            contents.append(self.sum())
        self.depth -= 1
        if self.next.kind == "end":
            self.fail("bracket '(' never closed", opening, "')'")
        if not self.take(")"):
            self.unexpected("an operator or ')'")
        return contents

    def deeper(self, first):
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.refuse(first, f"is nested more than {MAX_DEPTH} deep")

    def build(self, first, function, *arguments):
        """function(*arguments), the value of the tokens from `first` up to the next one."""
        try:
            short = self.index - first <= MAX_EVALUATED
            expression = function(*arguments, evaluate=short)
            reason = flaw(expression, self.sound)
        except (TypeError, ValueError):  # SymPy compares nothing that is not real
            reason = "is not a finite real number"
        if reason:
            self.refuse(first, reason)
        return expression

    def refuse(self, first, reason):
        """The tokens from `first` up to the next one are well formed, but not acceptable."""
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
