"""Formulas in z: reading them, their values and slopes, and where they kink, jump or hide something.

`parser` reads text and `functions` holds what a formula may use. `graph` turns the expression into
steps, which `graph` itself takes in floats (r, r' and r''), `enclosures` in intervals and disks, and
`tails` in logarithms. On these stand `breaks`, the break points, and `tails`, what lies beyond the
reach. All but `parser` load SymPy: import them inside functions.
"""
