"""Pictures of every kind as documents: frames are pages, phones turn their photos."""

from __future__ import annotations

import io
import sys
import tracemalloc
from pathlib import Path

import pytest
from documents import invoice
from pdf_fixtures import image_bytes, pdf, source_of
from PIL import Image, ImageChops, ImageDraw

from docx_cli import pages
from docx_cli.document import Page
from docx_cli.errors import MissingDependencyError, UnsupportedInputError
from docx_cli.reading import ReadOptions, page_count, read_pages, render_page
from docx_cli.source import Source, load

ORIENTATION = 0x0112
FOR_VIEWERS_TO_TURN = 6  # a quarter clockwise
GRAYS = (0, 60, 120)


def dark_corner(gray: int, size: tuple[int, int] = (300, 200)) -> Image.Image:
    """A white page whose top left quarter is gray."""
    image = Image.new("L", size, 255)
    ImageDraw.Draw(image).rectangle((0, 0, size[0] // 2, size[1] // 2), gray)
    return image


def tiff(frames: list[Image.Image], **options: object) -> bytes:
    return image_bytes(frames[0], "TIFF", save_all=True, append_images=frames[1:], **options)


def fax() -> Source:
    """Three frames, each with another gray."""
    return source_of(tiff([dark_corner(gray) for gray in GRAYS], dpi=(100, 100)), "tiff", "fax")


@pytest.fixture(scope="module")
def scanned() -> Image.Image:
    """An invoice as a scanner sees it."""
    return render_page(source_of(pdf(invoice())), 1, dpi=150).convert("L").crop((0, 60, 1240, 640))


def total_of(page: Page) -> tuple[float, ...]:
    (word,) = [word for word in page.words if word.text == "$118.80"]
    return word.box.as_tuple()


def test_each_frame_of_a_tiff_is_a_page() -> None:
    read = list(read_pages(fax(), ReadOptions(ocr="never", picture_size=(20, 30))))
    assert page_count(fax()) == 3
    assert [content.page.number for content in read] == [1, 2, 3]
    assert {(content.page.width, content.page.height) for content in read} == {(216, 144)}
    assert [int(content.picture[0, 0]) for content in read if content.picture is not None] == [
        *GRAYS
    ]


def test_pages_of_a_tiff_are_chosen_and_drawn() -> None:
    read = read_pages(fax(), ReadOptions(ocr="never", pages="2-", picture_size=(20, 30)))
    assert [content.page.number for content in read] == [2, 3]
    assert render_page(fax(), -1).getpixel((5, 5)) == (GRAYS[2],) * 3


def damage(data: bytes, frame: int) -> bytes:
    """Overwrite the pixels of one frame, counted from 0."""
    with Image.open(io.BytesIO(data)) as file:
        file.seek(frame)
        start, length = (file.tag_v2[tag][0] for tag in (273, 279))  # type: ignore[attr-defined]
    return data[:start] + b"\xff" * length + data[start + length :]


def test_a_damaged_frame_leaves_the_others(capfd: pytest.CaptureFixture[str]) -> None:
    frames = [dark_corner(gray) for gray in GRAYS]
    data = damage(tiff(frames, compression="tiff_deflate"), 1)
    read = list(read_pages(source_of(data, "tiff"), ReadOptions(ocr="never")))
    assert [content.page.status for content in read] == ["ok", "failed", "ok"]
    assert read[1].page.error == "is a damaged image"
    assert capfd.readouterr().err == ""  # libtiff has its own opinion


def test_a_single_damaged_frame_is_a_damaged_document() -> None:
    data = damage(tiff([dark_corner(0)], compression="tiff_deflate"), 0)
    with pytest.raises(UnsupportedInputError, match="damaged image"):
        list(read_pages(source_of(data, "tiff"), ReadOptions(ocr="never")))
    with pytest.raises(UnsupportedInputError, match="damaged image"):
        page_count(source_of(data[:6], "tiff"))


def test_memory_does_not_grow_with_frames() -> None:
    def peak(count: int) -> int:
        frames = [Image.new("L", (1000, 1000), number) for number in range(count)]
        source = source_of(tiff(frames, compression="tiff_deflate"), "tiff")
        tracemalloc.start()
        for content in read_pages(source, ReadOptions(ocr="never", picture_size=(500, 500))):
            del content
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    peak(1)  # imports
    assert peak(12) < 1.3 * peak(2)


def test_a_fax_has_square_pixels() -> None:
    flat = dark_corner(0, (1700, 1100))
    image, geometry, dpi = pages.open_image(source_of(tiff([flat], dpi=(200, 100)), "tiff"))
    assert (image.size, dpi) == ((1700, 2200), 200)
    assert (geometry.width, geometry.height) == (612, 792)


def heic(image: Image.Image) -> bytes:
    import pillow_heif

    pillow_heif.register_heif_opener()
    return image_bytes(image, "HEIF", quality=95)


def test_each_picture_of_a_heic_is_a_page() -> None:
    import pillow_heif

    sizes = [(300, 200), (200, 300), (240, 160)]
    file = pillow_heif.HeifFile()
    for gray, size in zip(GRAYS, sizes, strict=True):
        file.add_from_pillow(dark_corner(gray, size).convert("RGB"))
    for primary in (0, 2):  # the one that viewers show need not be the first
        data = io.BytesIO()
        file.save(data, quality=95, primary_index=primary)
        source = source_of(data.getvalue(), "heic")
        assert page_count(source) == 3
        drawn = [render_page(source, number) for number in (3, 1, 2)]
        assert [image.size for image in drawn] == [sizes[2], sizes[0], sizes[1]]
        shades = [image.convert("L").getpixel((5, 5)) for image in drawn]
        assert shades == pytest.approx([GRAYS[2], GRAYS[0], GRAYS[1]], abs=4)


@pytest.mark.parametrize("kind", ["webp", "gif", "heic", "tiff"])
def test_words_of_every_kind(tmp_path: Path, scanned: Image.Image, kind: str) -> None:
    path = tmp_path / "scan"
    path.write_bytes(heic(scanned) if kind == "heic" else image_bytes(scanned, kind.upper()))
    source = load(path)
    (content,) = read_pages(source, ReadOptions())
    assert (source.kind, content.page.text_source) == (kind, "ocr")
    left, _, _, bottom = total_of(content.page)
    # Written at 470, 236 points on a page 595 wide; the scan begins 60 pixels below its top.
    assert left == pytest.approx(470 / 595, abs=0.005)
    assert bottom == pytest.approx((236 / 72 * 150 - 60) / 580, abs=0.01)


def test_boxes_of_a_photo_are_those_a_person_sees(scanned: Image.Image) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = FOR_VIEWERS_TO_TURN
    as_taken = scanned.transpose(Image.Transpose.ROTATE_90)
    photo = source_of(image_bytes(as_taken, "JPEG", exif=exif, quality=95), "jpeg")
    (turned,) = read_pages(photo, ReadOptions())
    (upright,) = read_pages(source_of(image_bytes(scanned), "png"), ReadOptions())
    assert total_of(turned.page) == pytest.approx(total_of(upright.page), abs=0.005)
    assert ImageChops.difference(render_page(photo, 1).convert("L"), scanned).getextrema()[1] < 60


def test_frames_are_turned_each_by_its_own_tag() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = FOR_VIEWERS_TO_TURN
    lying = dark_corner(0)
    data = io.BytesIO()
    from PIL.TiffImagePlugin import AppendingTiffWriter

    with AppendingTiffWriter(data) as file:
        for tags in ({}, {ORIENTATION: FOR_VIEWERS_TO_TURN}):
            lying.save(file, "TIFF", tiffinfo=tags)
            file.newFrame()
    source = source_of(data.getvalue(), "tiff")
    upright, turned = (pages.open_image(source, number)[0] for number in (1, 2))
    assert (upright.size, turned.size) == ((300, 200), (200, 300))
    assert [image.getpixel((image.width - 5, 5)) for image in (upright, turned)] == [255, 0]


@pytest.mark.parametrize("kind", ["gif", "webp"])
def test_of_a_moving_picture_the_first_is_the_page(kind: str) -> None:
    frames = [dark_corner(gray) for gray in GRAYS]
    data = image_bytes(frames[0], kind.upper(), save_all=True, append_images=frames[1:])
    assert page_count(source_of(data, kind)) == 1
    value = render_page(source_of(data, kind), 1).convert("L").getpixel((5, 5))
    assert value == pytest.approx(GRAYS[0], abs=3)


def test_heic_without_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    source = source_of(heic(dark_corner(0)), "heic")
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(MissingDependencyError, match=r"pillow-heif.*\[heic\]"):
        list(read_pages(source, ReadOptions()))


@pytest.mark.parametrize("kind", ["heic", "webp", "gif"])
def test_half_a_file_is_a_damaged_image(kind: str) -> None:
    noise = Image.effect_noise((200, 200), 50)
    data = heic(noise) if kind == "heic" else image_bytes(noise, kind.upper())
    with pytest.raises(UnsupportedInputError, match="damaged image"):
        list(read_pages(source_of(data[: len(data) // 2], kind), ReadOptions(ocr="never")))
