"""Benchmarks, in one table: `make bench`, or only some: make bench ONLY="exact vae".

Each module here yields comparisons for `harness`. `cases(small=True)` are the same ones at a small
size, which a test runs for their checks alone.
"""
