"""Print-and-scan damage: seeded, within its bounds, and its skew known to the pixel."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw

from docx_models.synth.damage import Damage, apply, encoded, sample_damage

NONE = Damage(
    dpi=100, degrees=0.0, weight=0.0, fading=0.0, bands=0.0, ink=0.0, paper=255.0, shade=0.0,
    blur=0.0, grain=0.0, specks=0.0, stamps=0, bilevel=False, quality=0,
)  # fmt: skip
SIZE = (425, 550)


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def page(*boxes: tuple[int, int, int, int]) -> Image.Image:
    image = Image.new("L", SIZE, 255)
    for box in boxes:
        ImageDraw.Draw(image).rectangle(box, fill=0)
    return image


def pixels(damage: Damage, image: Image.Image | None = None, seed: int = 1) -> np.ndarray:
    return np.asarray(apply(image or page((100, 100, 200, 120)), damage, rng(seed))[0])


def test_without_damage_a_page_stays_as_it_is() -> None:
    image = page((100, 100, 200, 120))
    assert np.array_equal(pixels(NONE, image), np.asarray(image))


@pytest.mark.parametrize("degrees", [-1.5, -0.4, 1.5])
@pytest.mark.parametrize("box", [(20, 30, 60, 45), (330, 500, 420, 520)])
def test_boxes_follow_the_ink_of_a_turned_page(
    degrees: float, box: tuple[int, int, int, int]
) -> None:
    picture, placement = apply(page(box), replace(NONE, degrees=degrees), rng())
    rows, columns = np.nonzero(np.asarray(picture) < 128)
    found = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    corners = np.array([(*box[:2], box[2] + 1, box[3] + 1)]) / np.array([*SIZE, *SIZE])
    wanted = placement.boxes(corners)[0] * np.array([*picture.size, *picture.size])
    assert np.allclose(found, wanted, atol=1.5)


def test_equal_seeds_give_equal_pictures() -> None:
    damage = replace(sample_damage(rng(4), "roll"), grain=9.0, specks=200.0, stamps=1, shade=20.0)
    assert np.array_equal(pixels(damage, seed=2), pixels(damage, seed=2))
    assert not np.array_equal(pixels(damage, seed=2), pixels(damage, seed=3))


def test_ink_spreads_and_thins_out() -> None:
    line = page((100, 100, 300, 102))
    thin, plain, bold = (
        int((255 - pixels(replace(NONE, weight=w), line)).sum()) for w in (-0.6, 0.0, 0.6)
    )
    assert thin < plain < bold


@pytest.mark.parametrize(
    ("change", "low", "high"),
    [
        ({"ink": 90.0}, 85, 255),
        ({"paper": 200.0}, 0, 200),
        ({"fading": 1.0}, 1, 255),
        ({"bands": 1.0}, 1, 255),
        ({"shade": 60.0}, 0, 254),
    ],
)
def test_gray_levels_move(change: dict[str, float], low: int, high: int) -> None:
    found = pixels(replace(NONE, **change))
    assert found.min() >= low
    assert np.median(found) <= high
    assert (found.min(), np.median(found)) != (0, 255)


def test_a_bilevel_scan_is_black_and_white() -> None:
    found = pixels(replace(NONE, grain=20.0, blur=1.0, bilevel=True))
    assert set(np.unique(found)) == {0, 255}


def test_specks_and_stamps_leave_ink_on_an_empty_page() -> None:
    for change in ({"specks": 300.0}, {"stamps": 1}):
        assert (pixels(replace(NONE, **change), page()) < 200).any()


def test_files_tell_their_resolution_or_not() -> None:
    picture = page((10, 10, 20, 20))
    for quality, kind in ((0, "PNG"), (60, "JPEG")):
        damage = replace(NONE, quality=quality, dpi=150)
        told = Image.open(io.BytesIO(encoded(picture, damage)))
        assert told.format == kind
        assert round(told.info["dpi"][0]) == 150
        assert "dpi" not in Image.open(io.BytesIO(encoded(picture, damage, resolution=False))).info


@pytest.mark.parametrize("paper", ["sheet", "roll"])
def test_most_pages_suffer_little_and_all_within_bounds(paper: str) -> None:
    drawn = [sample_damage(rng(seed), paper) for seed in range(300)]
    turns = np.abs([d.degrees for d in drawn])
    assert turns.max() <= 1.5
    assert np.median(turns) < 0.5
    assert {d.dpi for d in drawn} == {100, 120, 150, 200, 300}
    assert all(d.paper - d.ink > 50 for d in drawn)
    assert 0.03 < np.mean([d.stamps for d in drawn]) < 0.25
    assert any(d.bands for d in drawn) == (paper == "roll")
