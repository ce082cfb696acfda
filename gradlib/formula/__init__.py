"""Formulas in z: reading them, their values and slopes, and where they kink or jump.

`parser` reads text, `functions` holds what a formula may use, `forward` computes r and r', and
`breaks` finds the break points. All but `parser` load SymPy: import them inside functions.
"""
