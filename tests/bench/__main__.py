"""Run the benchmarks: all, or those that are named."""

import os
import platform
import sys
from importlib import import_module, metadata
from pathlib import Path

from bench import harness

PACKAGES = ("numpy", "scipy", "sympy", "torch", "jax")
MODULES = sorted(file.stem for file in Path(__file__).parent.glob("[a-z]*.py"))
MODULES.remove("harness")


def cpu():
    """The model of the processor, as the system calls it."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    models = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return (models or [platform.processor()])[0]


def version(package):
    try:
        return f"{package} {metadata.version(package)}"
    except metadata.PackageNotFoundError:
        return f"no {package}"


def main(names):
    if strangers := set(names) - set(MODULES):
        return f"there are {', '.join(MODULES)}; received {', '.join(sorted(strangers))}"
    print(f"Python {platform.python_version()}, {', '.join(map(version, PACKAGES))}")
    print(f"{cpu()}, {os.cpu_count()} cores")
    print(harness.ROW.format("", "median", "95 % below", "ratio", "its quartiles"))
    right = True
    for name in names or MODULES:
        print(f"\n== {name}")
        for case in import_module(f"bench.{name}").cases():
            right &= harness.show(case)
    return not right


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
