"""Print-and-scan damage: what happens to a page between the printer and the picture of it.

Everything is drawn from one generator, so that equal seeds give equal pictures, and the one
thing that moves ink, the skew, comes back as a map for the words' boxes.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

Gray = NDArray[np.float32]

STAMPS = ("PAID", "RECEIVED", "COPY", "DUPLICATE", "APPROVED", "POSTED", "ENTERED", "ORIGINAL")


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a page lies in its picture: ``picture = matrix @ page + shift``, in fractions."""

    matrix: NDArray[np.float64]
    shift: NDArray[np.float64]

    def boxes(self, boxes: NDArray[np.float64]) -> NDArray[np.float64]:
        """Map boxes [N, 4] from fractions of the page to upright ones of the picture."""
        corners = boxes[:, [0, 1, 2, 1, 2, 3, 0, 3]].reshape(-1, 4, 2) @ self.matrix.T + self.shift
        return np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1).clip(0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Damage:
    """What one picture suffers; lengths are pixels, gray levels 0 black to 255 white."""

    dpi: int
    """Resolution of the scan."""
    degrees: float
    """How far the page is turned, counter-clockwise."""
    weight: float
    """Ink that spreads (positive) or thins out (negative), 0..1 of a pixel."""
    fading: float
    """Share of the ink that is missing where the print is palest."""
    bands: float
    """The same for a thermal printer's rows and dead dots."""
    ink: float
    """Gray level of full ink."""
    paper: float
    """Gray level of the paper."""
    shade: float
    """Levels by which the paper darkens across the page."""
    blur: float
    """Standard deviation of the blur."""
    grain: float
    """Standard deviation of the sensor's noise, in levels."""
    specks: float
    """Dots of dirt, per million pixels."""
    stamps: int
    """Rubber stamps across the page."""
    bilevel: bool
    """Whether the scanner kept black and white alone."""
    quality: int
    """JPEG quality; 0 where the picture is stored without loss."""


def sample_damage(rng: np.random.Generator, paper: str = "sheet") -> Damage:
    """Draw a picture's damage: most pages suffer little, a few a lot.

    Args:
        rng: the only source of chance.
        paper: "sheet", or "roll" for a till's thermal paper.
    """
    roll = paper == "roll"
    level = float(rng.beta(1.2, 2.4 if roll else 3.2))

    def some(chance: float, most: float) -> float:
        """An amount that grows with the page's level, on a share of the pages."""
        return float(rng.uniform(0.3, 1.0) * most * level) if rng.random() < chance else 0.0

    dpi = int(rng.choice((100, 120, 150, 150, 200, 200, 200, 200, 300)))
    # Print that thins out by as much as it may spread would be gone.
    weight = some(0.5, 1.2) if rng.random() < 0.6 else -some(0.5, 0.5)
    return Damage(
        dpi=dpi,
        degrees=float(np.clip(rng.normal(0.0, 0.15 + 0.9 * level), -1.5, 1.5)),
        weight=weight * min(dpi / 200, 1.0),
        fading=some(0.6 if roll else 0.3, 0.9),
        bands=some(0.6, 0.8) if roll else 0.0,
        ink=some(0.7, 130.0),
        paper=255.0 - some(0.7, 70.0),
        shade=some(0.4, 70.0),
        blur=0.3 + some(0.6, 1.6) * dpi / 150,
        grain=some(0.7, 26.0),
        specks=some(0.4, 400.0),
        stamps=int(rng.random() < 0.12),
        bilevel=bool(rng.random() < 0.15) and dpi >= 150,
        quality=int(rng.integers(30, 95)) if rng.random() < 0.7 else 0,
    )


def apply(
    page: Image.Image, damage: Damage, rng: np.random.Generator
) -> tuple[Image.Image, Placement]:
    """Damage a gray page drawn at ``damage.dpi``.

    Args:
        page: mode L, the whole page.
        damage: what happens to it; JPEG comes only with `encoded`.
        rng: where specks, grain and stamps fall.

    Returns:
        A gray picture, somewhat larger if turned, and where the page lies in it.
    """
    printed = _printed(page, damage, rng)
    for _ in range(damage.stamps):
        printed = ImageChops.multiply(printed, _stamp(printed.size, damage.dpi, rng))
    turned, placement = _turned(printed, damage.degrees)
    pixels = _scanned(turned, damage, rng)
    return Image.fromarray(pixels), placement


def encoded(picture: Image.Image, damage: Damage, *, resolution: bool = True) -> bytes:
    """Return the picture as a JPEG or PNG file, which may tell its resolution."""
    out = io.BytesIO()
    told = {"dpi": (damage.dpi, damage.dpi)} if resolution else {}
    if damage.quality:
        picture.save(out, "JPEG", quality=damage.quality, **told)
    else:
        picture.save(out, "PNG", compress_level=1, **told)
    return out.getvalue()


def _printed(page: Image.Image, damage: Damage, rng: np.random.Generator) -> Image.Image:
    """Let the ink spread, thin out and fade."""
    if damage.weight:
        spread = ImageFilter.MinFilter(3) if damage.weight > 0 else ImageFilter.MaxFilter(3)
        page = Image.blend(page, page.filter(spread), min(abs(damage.weight), 0.9))
    missing = damage.fading * _clouds(page.size, rng) if damage.fading else np.float32(0.0)
    if damage.bands:
        missing = 1 - (1 - missing) * (1 - damage.bands * _bands(page.size, rng))
    if not np.any(missing):
        return page
    ink = 255.0 - np.asarray(page, dtype=np.float32)
    return Image.fromarray((255.0 - ink * (1.0 - missing)).astype(np.uint8))


def _clouds(size: tuple[int, int], rng: np.random.Generator) -> Gray:
    """Smooth chance, [rows, columns] in 0..1: where a drum or ribbon prints pale."""
    coarse = rng.random((7, 5)).astype(np.float32)
    wide = Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)
    return np.clip(np.asarray(wide, dtype=np.float32), 0.0, 1.0)


def _bands(size: tuple[int, int], rng: np.random.Generator) -> Gray:
    """Pale rows, where the roll slipped, and columns, where the head's dots are dead."""
    columns, rows = size
    slow = np.interp(np.arange(rows), np.linspace(0, rows, 24), rng.random(24) ** 2)
    pale = np.repeat(slow[:, None], columns, axis=1)
    pale[:, rng.random(columns) < 0.004] = 1.0
    return pale.astype(np.float32)


def _stamp(size: tuple[int, int], dpi: int, rng: np.random.Generator) -> Image.Image:
    """A layer to multiply with: one rubber stamp, turned, in gray ink on white."""
    text = str(rng.choice(STAMPS))
    if rng.random() < 0.4:
        text += f" {rng.integers(1, 29):02d}/{rng.integers(1, 13):02d}/20{rng.integers(12, 26)}"
    font = ImageFont.load_default(float(rng.uniform(0.18, 0.4)) * dpi)
    level, (x0, y0, x1, y1) = int(rng.integers(90, 190)), font.getbbox(text)
    edge = round(dpi / 10)
    stamp = Image.new("L", (round(x1 - x0) + 2 * edge, round(y1 - y0) + 2 * edge), 255)
    draw = ImageDraw.Draw(stamp)
    draw.text((edge - x0, edge - y0), text, fill=level, font=font)
    if rng.random() < 0.7:
        frame = (0, 0, stamp.width - 1, stamp.height - 1)
        draw.rounded_rectangle(frame, radius=edge, outline=level, width=max(1, dpi // 60))
    stamp = stamp.rotate(float(rng.normal(0, 12)), Image.Resampling.BILINEAR, True, fillcolor=255)
    layer = Image.new("L", size, 255)
    room = (max(1, size[0] - stamp.width), max(1, size[1] - stamp.height))
    layer.paste(stamp, (int(rng.integers(room[0])), int(rng.integers(room[1]))))
    return layer


def _turned(page: Image.Image, degrees: float) -> tuple[Image.Image, Placement]:
    """Turn a page about its middle, on a sheet large enough to hold it."""
    angle = math.radians(degrees)
    cos, sin = math.cos(angle), math.sin(angle)
    old = np.array(page.size, dtype=np.float64)
    new = np.rint(old * cos + old[::-1] * abs(sin))
    turn = np.array([[cos, sin], [-sin, cos]])  # counter-clockwise, as y points down
    back = turn.T
    start = old / 2 - back @ (new / 2)
    data = (*back[0], start[0], *back[1], start[1])
    size = (int(new[0]), int(new[1]))
    image = page.transform(
        size, Image.Transform.AFFINE, data, Image.Resampling.BICUBIC, fillcolor=255
    )
    return image, Placement(turn * old / new[:, None], 0.5 - turn @ (old / 2) / new)


def _scanned(picture: Image.Image, damage: Damage, rng: np.random.Generator) -> NDArray[np.uint8]:
    """What a scanner's lens, lamp and sensor make of a print, [rows, columns]."""
    picture = picture.filter(ImageFilter.GaussianBlur(damage.blur))
    pixels = np.asarray(picture, dtype=np.float32)
    pixels = damage.ink + pixels * ((damage.paper - damage.ink) / 255.0)
    if damage.shade:
        pixels = pixels - damage.shade * _clouds(picture.size, rng)
    if damage.specks:
        pixels = _speckled(pixels, damage, rng)
    if damage.grain:
        pixels = pixels + damage.grain * rng.standard_normal(pixels.shape, dtype=np.float32)
    if damage.bilevel:
        pixels = np.where(pixels < (damage.ink + damage.paper) / 2, 0.0, 255.0)
    return np.clip(pixels, 0.0, 255.0).astype(np.uint8)


def _speckled(pixels: Gray, damage: Damage, rng: np.random.Generator) -> Gray:
    """Dirt: dots of one to three pixels, two of three dark, the others holes in the ink."""
    pixels = pixels.copy()
    for _ in range(rng.poisson(damage.specks * pixels.size / 1e6)):
        row, column = int(rng.integers(pixels.shape[0])), int(rng.integers(pixels.shape[1]))
        level = damage.ink if rng.random() < 0.67 else damage.paper
        size = rng.integers(1, 4, 2)
        pixels[row : row + size[0], column : column + size[1]] = level
    return pixels
