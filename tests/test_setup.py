"""The set-up: the same versions for pip, conda and Binder; `make lab` as a newcomer meets it."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from jupyter_client import BlockingKernelClient
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

import gradlib
from gradlib.course import check

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
BUILD, PROJECT = PYPROJECT["build-system"], PYPROJECT["project"]
ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text())
LOCK = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if line[0] != "#"]
PINS = {canonicalize_name(pin.partition("==")[0]): pin.partition("==")[2] for pin in LOCK}
PYTHONS = SpecifierSet(PROJECT["requires-python"])


def direct_requirements(*extras):
    chosen = [PROJECT["optional-dependencies"][extra] for extra in extras]
    return [Requirement(r) for r in sum(chosen, PROJECT["dependencies"])]


def required_distributions():
    """The names of all that gradlib[lab,test] needs here, directly or not."""
    names, todo = set(), direct_requirements("lab", "test")
    while todo:
        requirement = todo.pop()
        name = canonicalize_name(requirement.name)
        extras = requirement.extras or {""}
        if name in names and extras == {""}:
            continue
        names.add(name)
        for line in metadata.requires(name) or []:
            needed = Requirement(line)
            if not needed.marker or any(needed.marker.evaluate({"extra": e}) for e in extras):
                todo.append(needed)
    return names


def test_constraints_are_exact_versions_in_order():
    assert sorted(LOCK) == LOCK
    assert len(PINS) == len(LOCK)
    for line in LOCK:
        assert re.fullmatch(r"[a-z0-9._-]+==[0-9][a-z0-9.]*", line), line


@pytest.mark.parametrize(
    "requirement", direct_requirements("lab", "test", "site", "grading"), ids=lambda r: r.name
)
def test_each_dependency_is_pinned_at_a_version_that_it_allows(requirement):
    assert requirement.specifier, f"{requirement.name}: pyproject.toml names no oldest version"
    assert requirement.specifier.contains(PINS[canonicalize_name(requirement.name)])


def test_every_indirect_dependency_is_pinned_too():
    assert required_distributions() <= set(PINS)


def test_this_environment_has_the_pinned_versions():
    installed = {name: metadata.version(name) for name in required_distributions()}
    assert installed == {name: PINS.get(name) for name in installed}


def test_pinned_versions_run_on_every_supported_python():
    supported = [v for v in (f"3.{minor}.0" for minor in range(99)) if v in PYTHONS]
    assert len(supported) > 1
    for name in required_distributions():
        allowed = SpecifierSet(metadata.metadata(name).get("Requires-Python", ""))
        assert all(v in allowed for v in supported), f"{name} {PINS[name]} needs Python {allowed}"


def test_what_constraints_do_not_cover_is_pinned_where_it_is_named():
    for name in (*BUILD["requires"], *PROJECT["optional-dependencies"]["reference"]):
        assert re.fullmatch(r"==[\d.]+", str(Requirement(name).specifier)), name


def test_every_package_is_installed():
    folders = {file.parent for file in (ROOT / "gradlib").rglob("*.py")}
    names = {folder.relative_to(ROOT).as_posix().replace("/", ".") for folder in folders}
    assert set(PYPROJECT["tool"]["setuptools"]["packages"]) == names
    assert all((folder / "__init__.py").exists() for folder in folders)


def test_conda_environment_is_the_same_course():
    python, pip, from_pip = ENVIRONMENT["dependencies"]
    assert ENVIRONMENT["channels"] == ["conda-forge", "nodefaults"]
    assert pip == "pip"
    assert from_pip == {"pip": ["-c constraints.txt", "-e .[lab]"]}
    # Binder reads `python=X.Y` only, and builds on its own default for anything else.
    minor = re.fullmatch(r"python=(3\.\d+)", python)
    assert minor and f"{minor[1]}.0" in PYTHONS, python


def test_makefile_asks_for_the_python_of_the_package():
    oldest, end = re.search(
        r"\((3, \d+)\) <= sys.version_info < \((3, \d+)\)", (ROOT / "Makefile").read_text()
    ).groups()
    assert SpecifierSet(f">={oldest},<{end}".replace(", ", ".")) == PYTHONS


def test_chapter_00_finds_that_all_is_well(capsys):
    check.installation()
    assert capsys.readouterr().out == "All is well.\n"


def test_chapter_00_names_what_is_missing_or_too_old(monkeypatch, capsys):
    found = {r.name: "999" for r in map(Requirement, PROJECT["optional-dependencies"]["lab"])}
    found |= {"numpy": "1.26.4", "scipy": "1.17", "sympy": "1.14", "matplotlib": "3.11"}

    def version(name):
        if name == "tqdm":
            raise metadata.PackageNotFoundError(name)
        return found[name]

    monkeypatch.setattr(metadata, "version", version)
    check.installation()
    first, *faults, cure = capsys.readouterr().out.splitlines()
    assert first == "The course cannot run here."
    assert faults == ["numpy 1.26.4 does not do: >=2 is needed.", "tqdm is not installed."]
    assert "make lab" in cure and sys.executable in cure


@pytest.mark.parametrize(
    "file", ["pyproject.toml", "constraints.txt", "environment.yml", "Makefile", ".ci/run"]
)
def test_no_address_is_written_down(file):
    text = (ROOT / file).read_text()
    assert "://" not in text and " @ " not in text


def test_gradlib_is_imported_from_this_repository():
    assert Path(gradlib.__file__).parent == ROOT / "gradlib"


def environment(**changes):
    """The variables of this process without those that make passes to its children."""
    names = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES"}
    return {k: v for k, v in os.environ.items() if k not in names} | changes


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        (
            "[ $1 != -c ] && echo Python 3.9.2",
            r"needs Python 3\.11 to 3\.14.* Python 3\.9\.2",
        ),
        ("case $2 in *venv*) exit 1;; esac", "install its venv package"),
    ],
    ids=["too old", "without venv"],
)
def test_make_says_what_is_wrong_with_python(tmp_path, answers, message):
    python = tmp_path / "python-to-try"
    python.write_text(f"#!/bin/sh\n{answers}\n")
    python.chmod(0o755)
    for file in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / file, tmp_path)
    make = subprocess.run(
        ["make", "lab", f"PYTHON={python}"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
    )
    assert make.returncode != 0
    assert re.search(message, make.stdout), make
    assert not (tmp_path / ".venv").exists()


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """(address, runtime folder) of a running `make lab`, on a machine with misleading settings."""
    if Path(sys.prefix) != ROOT / ".venv":
        pytest.skip("make lab runs in .venv, and these tests do not")
    if subprocess.run(
        ["make", "--question", ".venv/lab.stamp"], cwd=ROOT, env=environment()
    ).returncode:
        pytest.skip("make lab would install, and a test must not: run make quick first")
    home = tmp_path_factory.mktemp("home")
    for data in ("user", "path"):
        kernel = home / data / "kernels" / "python3"
        kernel.mkdir(parents=True)
        spec = {"argv": ["false", "{connection_file}"], "display_name": "x", "language": "python"}
        (kernel / "kernel.json").write_text(json.dumps(spec))
    process = subprocess.Popen(
        ["make", "lab", "ARGS=--port=0 --no-browser"],
        cwd=ROOT,
        env=environment(
            JUPYTER_CONFIG_DIR=str(home / "config"),
            JUPYTER_DATA_DIR=str(home / "user"),
            JUPYTER_PATH=str(home / "path"),
            JUPYTER_RUNTIME_DIR=str(home / "runtime"),
            MPLBACKEND="Agg",
            HOME=os.devnull,  # where nobody can write
        ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        shown = ""
        while not (found := re.search(r"http://127\.0\.0\.1:\d+/\S+\?token=\w+", shown)):
            line = process.stdout.readline()
            assert line, f"make lab stopped: {shown}"
            shown += line
        address = found[0]
        for _ in range(100):  # it is printed a moment before the server listens
            try:
                urllib.request.urlopen(address, timeout=30).close()
                break
            except urllib.error.URLError:
                time.sleep(0.1)
        yield address, home / "runtime"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


def ask(address, path, method="GET"):
    """The answer of the server's REST interface."""
    base, token = re.fullmatch(r"(http://[^/]+)/.*token=(\w+)", address).groups()
    request = urllib.request.Request(
        f"{base}/api/{path}", method=method, headers={"Authorization": f"token {token}"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


@pytest.mark.slow
def test_make_lab_prints_the_address_of_the_start_notebook(lab):
    address, _ = lab
    assert "/lab/tree/00_start_here.ipynb?token=" in address
    with urllib.request.urlopen(address, timeout=30) as answer:
        assert "JupyterLab" in answer.read().decode()
    files = [file["name"] for file in ask(address, "contents")["content"]]
    assert "00_start_here.ipynb" in files and "solutions" in files


def wait_until_ready(client):
    """A kernel that is not up yet looks dead to a client: try again."""
    for last in [False] * 20 + [True]:
        client.start_channels()
        try:
            return client.wait_for_ready(timeout=60)
        except RuntimeError:
            client.stop_channels()
            if last:
                raise
            time.sleep(1)


@pytest.mark.slow
def test_make_lab_runs_the_kernel_of_the_course(lab):
    address, runtime = lab
    kernel = ask(address, "kernels", method="POST")["id"]
    client = BlockingKernelClient(connection_file=str(runtime / f"kernel-{kernel}.json"))
    client.load_connection_file()
    wait_until_ready(client)
    shown = []
    client.execute_interactive(
        "import sys, matplotlib.pyplot as plt; print(sys.prefix, plt.get_backend(), sep='\\n')",
        output_hook=lambda message: shown.append(message["content"].get("text", "")),
        timeout=60,
    )
    client.stop_channels()
    prefix, backend = "".join(shown).split()
    assert Path(prefix) == ROOT / ".venv"
    assert "inline" in backend


@pytest.mark.slow
def test_make_lab_shows_the_start_notebook_in_a_browser(lab, chromium):
    address, _ = lab
    with chromium() as page:
        page.goto(address)
        page.locator(".jp-Notebook h1").first.wait_for()
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
        assert page.locator(".jp-Dialog, .jp-toast-message").count() == 0
