"""The committed figures are those that the code makes, and none of them lies about unused."""

import importlib.util
import io
from itertools import islice
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib import image
from PIL import Image

from gradlib.course import figures

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted((ROOT / "figures").glob("*.png"))
MOVING = ROOT / "figures/first_page.gif"


@pytest.fixture(scope="module")
def make_figures():
    spec = importlib.util.spec_from_file_location("make_figures", ROOT / "figures/make_figures.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_function_has_its_figure(make_figures):
    assert {make.__name__ for make in make_figures.FIGURES} == {
        file.stem for file in [*FILES, MOVING]
    }


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_committed_figure_matches_its_code(file, make_figures):
    (make,) = (make for make in make_figures.FIGURES if make.__name__ == file.stem)
    figures.use_house_style()
    png = io.BytesIO()
    make_figures.save(make, png)
    plt.close("all")
    png.seek(0)
    fresh, committed = image.imread(png), image.imread(file)
    assert fresh.shape == committed.shape, "run make figures"
    np.testing.assert_allclose(fresh, committed, atol=4 / 255, err_msg="run make figures")


def test_the_moving_picture_matches_its_code(make_figures):
    figures.use_house_style()
    with Image.open(MOVING) as committed:
        assert MOVING.stat().st_size < 1e6
        assert committed.n_frames == len(make_figures.COUNTS)
        for number, figure in enumerate(islice(make_figures.first_page(), 3)):
            committed.seek(number)
            off = np.abs(make_figures.pixels(figure) - np.array(committed.convert("RGB"), int))
            # 96 colours are a little off; one more draw changes five times as many pixels
            assert np.mean(off.max(axis=2) > 40) < 2e-4, f"frame {number}: run make figures"


def test_the_moving_picture_rests_on_its_end_and_comes_again():
    with Image.open(MOVING) as committed:
        assert committed.info["loop"] == 0
        durations = []
        for number in range(committed.n_frames):
            committed.seek(number)
            durations.append(committed.info["duration"])
    assert durations[0] >= 3000 and sum(durations) < 10_000


@pytest.mark.parametrize("file", [*FILES, MOVING], ids=lambda file: file.stem)
def test_every_figure_is_shown_somewhere(file):
    readers = [ROOT / "README.md", *(ROOT / "notebooks").rglob("*.ipynb")]
    assert any(f"figures/{file.name}" in reader.read_text("utf-8") for reader in readers)
