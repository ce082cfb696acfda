"""The graded assignment gives a perfect, a half-right and an empty submission their points."""

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
COURSE = ROOT / "teaching/assignment"
BINS = f"{ROOT / '.venv/grading/bin'}{os.pathsep}{Path(sys.executable).parent}"
NBGRADER = shutil.which("nbgrader", path=BINS)

# What half the class writes: right, or with a mistake that the chapters warn of.
HALF_RIGHT = {
    "terms-of-e1": """
def terms_of_e1(r, mu, sigma, eps):  # the density's factor 1/sigma is forgotten
    z = mu + sigma * eps
    return r(z) * eps / sigma, r(z) * eps**2 / sigma
""",
    "missing": """
def missing_for_sigma(mu, sigma):  # the sign is flipped
    return 2 * np.exp(Gaussian(mu, sigma).log_prob(0.4)) * (mu - 0.4) / sigma
""",
    "variance": """
def variance_of(term):  # the second moment
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    return weights @ term(nodes) ** 2 / np.sqrt(2 * np.pi)
""",
    "smallest": """
def smallest_gap(G):  # mu and sigma are not all directions
    return G.diagonal().min()
""",
    "divided": "divided = 'cos(5z)'  # too fast: the score function wins for both",
    "in-words": "Both estimators are functions of the same noise.",
}
POINTS = {
    "terms-of-e1-mu": (2, 2),
    "terms-of-e1-sigma": (2, 0),
    "terms-of-e2-both": (2, 2),
    "missing-for-sigma": (2, 0),
    "suspicious-runs": (3, 3),
    "variance-of-mean-zero": (2, 2),
    "variance-of-any-term": (2, 0),
    "smallest-gap": (2, 0),
    "divided-mu": (1, 1),
    "divided-sigma": (2, 0),
}  # test: points of the perfect and of the half-right submission
IN_WORDS = 5
GRADES = """
SELECT submitted_assignment.student_id, base_cell.name, grade.auto_score, grade.needs_manual_grade
FROM grade
JOIN base_cell ON grade.cell_id = base_cell.id
JOIN submitted_notebook ON grade.notebook_id = submitted_notebook.id
JOIN submitted_assignment ON submitted_notebook.assignment_id = submitted_assignment.id
"""


def source():
    return nbformat.read(COURSE / "source/estimators/estimators.ipynb", as_version=4)


def roles(cell):
    return cell.metadata.get("nbgrader", {})


def test_the_points_are_those_that_the_page_states():
    cells = source().cells
    points = {roles(cell)["grade_id"]: roles(cell)["points"] for cell in cells if roles(cell).grade}
    assert points == {name: full for name, (full, _) in POINTS.items()} | {"in-words": IN_WORDS}
    total = f"{sum(points.values())} points"
    assert total in cells[0].source
    guide = (COURSE.parent / "README.md").read_text("utf-8")
    automatic = sum(full for full, _ in POINTS.values())
    assert f"{total}: {automatic} are given by tests, {IN_WORDS} by you" in guide


def test_the_solutions_pass_every_test():
    names = {}
    for cell in source().cells:
        if cell.cell_type == "code":
            exec(cell.source, names)


@pytest.mark.slow
@pytest.mark.skipif(NBGRADER is None, reason="nbgrader is not installed: make assignment")
def test_three_submissions_get_their_points(tmp_path):
    shutil.copytree(COURSE / "source", tmp_path / "source")
    shutil.copy(COURSE / "nbgrader_config.py", tmp_path)

    def nbgrader(*arguments):
        # its kernels are those of its own environment, and it starts itself by its name
        path = f"{Path(NBGRADER).parent}{os.pathsep}{os.environ['PATH']}"
        environment = os.environ | {"PATH": path, "JUPYTER_PREFER_ENV_PATH": "1"}
        done = subprocess.run(
            [NBGRADER, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def submit(student, notebook):
        (tmp_path / f"submitted/{student}/estimators").mkdir(parents=True)
        nbformat.write(notebook, tmp_path / f"submitted/{student}/estimators/estimators.ipynb")

    nbgrader("generate_assignment", "estimators", "--create")
    released = nbformat.read(tmp_path / "release/estimators/estimators.ipynb", as_version=4)
    assert not {"SOLUTION", "HIDDEN"} & set("".join(c.source for c in released.cells).split())
    submit("empty", released)
    submit("perfect", source())
    half = source()
    for cell in half.cells:
        cell.source = HALF_RIGHT.get(cell.id, cell.source)
    submit("half", half)
    nbgrader("autograde", "estimators", "--create")

    found = {student: {} for student in ("empty", "half", "perfect")}
    with sqlite3.connect(tmp_path / "gradebook.db") as gradebook:
        for student, name, *grade in gradebook.execute(GRADES):
            found[student][name] = grade
    words = {student: grades.pop("in-words") for student, grades in found.items()}
    found = {
        student: {name: points for name, (points, _) in grades.items()}
        for student, grades in found.items()
    }
    assert found["perfect"] == {name: full for name, (full, _) in POINTS.items()}
    assert found["half"] == {name: half for name, (_, half) in POINTS.items()}
    assert found["empty"] == dict.fromkeys(POINTS, 0)
    assert [sum(points.values()) for points in found.values()] == [0, 10, 20]
    # Words wait for a reader, unless there are none: then they get 0 points at once.
    assert words == {"empty": [0, False], "half": [None, True], "perfect": [None, True]}
