"""Formulas in z: reading them, their values and slopes, and where they kink, jump or hide.

`parser` reads text, with the `functions` that a formula may use. `graph` turns an expression into
steps; it takes them in floats (r, r' and r''), `enclosures` in intervals and disks, `tails` in
logarithms. On these stand `breaks`, the break points, and `tails`, what lies beyond the reach of a
Gaussian. They load SymPy and SciPy: import them inside functions.
"""
