"""Image files, and the small picture that must look the same on every route."""

from __future__ import annotations

import numpy as np
import pytest
from pdf_fixtures import PdfPage, image_bytes, pdf, pdf_of_image, source_of
from PIL import Image, ImageDraw

from docx_cli import pages
from docx_cli.errors import UnsupportedInputError
from docx_cli.pdfium import MAX_PIXELS, Geometry, open_document
from docx_cli.reading import ReadOptions, read_pages, render_page

ORIENTATION = 0x0112


def busy_page() -> PdfPage:
    """A page with text, hairlines, and areas of gray."""
    page = PdfPage(rotate=90, crop=(0, 0, 600, 400), media=(0, 0, 600, 400))
    for line in range(12):
        page.text("Item 12 Description of goods 3 pieces 41.50", 30, 150 + 14 * line, 9)
        page.rectangle(30, 153 + 14 * line, 370, 153.3 + 14 * line)
    return page.rectangle(30, 30, 200, 100, 0.5).rectangle(220, 30, 221, 590)


@pytest.mark.parametrize("size", [(256, 192), (64, 48)])
def test_pictures_agree_between_routes(size: tuple[int, int]) -> None:
    source = source_of(pdf(busy_page()))
    scan = source_of(image_bytes(render_page(source, 1, dpi=200), dpi=(200, 200)), "png")
    from_pdf, from_raster, from_scan = (
        next(read_pages(each, ReadOptions(ocr=ocr, picture_size=size))).picture
        for each, ocr in ((source, "never"), (source, "always"), (scan, "never"))
    )
    assert from_pdf is not None and from_raster is not None and from_scan is not None
    for picture in (from_pdf, from_raster, from_scan):
        assert (picture.shape, picture.dtype) == (size, np.uint8)
        assert picture.max() == 255 and picture.min() < 140
        difference = np.abs(picture.astype(int) - from_raster)
        assert difference.mean() < 5 and np.percentile(difference, 99) < 60


def test_picture_rows_run_down() -> None:
    page = PdfPage(rotate=270).rectangle(0, 0, 110, 30)
    (content,) = read_pages(source_of(pdf(page)), ReadOptions(ocr="never", picture_size=(30, 22)))
    assert content.picture is not None
    assert (content.picture[:3, :11] == 0).all()
    assert (content.picture[4:] == 255).all()
    assert (content.picture[:, 12:] == 255).all()


def test_exif_turn_and_resolution() -> None:
    image = Image.new("RGB", (300, 200), "white")
    ImageDraw.Draw(image).rectangle((0, 0, 150, 100), "black")
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # the camera was turned; viewers turn it clockwise by 90 degrees
    data = image_bytes(image, "JPEG", exif=exif, dpi=(100, 100))
    shown, geometry, dpi = pages.open_image(source_of(data, "jpeg"))
    assert shown.size == (200, 300)
    assert shown.convert("L").getpixel((190, 10)) < 50  # type: ignore[operator]
    assert shown.convert("L").getpixel((10, 10)) > 200  # type: ignore[operator]
    assert (geometry.width, geometry.height, dpi) == (144, 216, 100)


@pytest.mark.parametrize("stated", [None, (1, 1), (50, 50), (300, 100), (5000, 5000)])
def test_incredible_resolutions_count_as_200(stated: tuple[int, int] | None) -> None:
    options = {} if stated is None else {"dpi": stated}
    data = image_bytes(Image.new("L", (400, 200)), "JPEG", **options)
    _, geometry, dpi = pages.open_image(source_of(data, "jpeg"))
    assert (geometry.width, geometry.height, dpi) == (144, 72, None)


def transparent(mode: str) -> Image.Image:
    """Black, but only in the left half; the right half is fully transparent."""
    alpha = Image.new("L", (4, 2), 0)
    alpha.paste(255, (0, 0, 2, 2))
    image = Image.new("RGBA", (4, 2), "black")
    image.putalpha(alpha)
    return image.quantize(4) if mode == "P" else image.convert(mode)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_is_white(mode: str) -> None:
    image, _, _ = pages.open_image(source_of(image_bytes(transparent(mode)), "png"))
    assert image.mode == "RGB"
    assert [image.getpixel((x, 0)) for x in (0, 3)] == [(0, 0, 0), (255, 255, 255)]


def test_sixteen_bits_are_scaled() -> None:
    deep = Image.fromarray(np.array([[0, 32896, 65535]], dtype=np.uint16))
    image, _, _ = pages.open_image(source_of(image_bytes(deep), "png"))
    assert [image.getpixel((x, 0)) for x in range(3)] == [0, 128, 255]


def test_one_bit_and_cmyk() -> None:
    one = image_bytes(Image.new("1", (2, 2), 1))
    assert pages.open_image(source_of(one, "png"))[0].convert("L").getpixel((0, 0)) == 255
    cmyk = image_bytes(Image.new("CMYK", (8, 8), (0, 0, 0, 0)), "JPEG")
    assert pages.open_image(source_of(cmyk, "jpeg"))[0].getpixel((0, 0)) == (255, 255, 255)


def test_large_images_are_reduced() -> None:
    data = image_bytes(Image.new("1", (8000, 8000), 1), dpi=(400, 400))
    image, geometry, dpi = pages.open_image(source_of(data, "png"))
    assert image.width * image.height <= MAX_PIXELS
    assert geometry.width == pytest.approx(1440, abs=0.01)
    assert dpi == pytest.approx(400 * image.width / 8000, rel=0.001)


def test_decompression_bomb() -> None:
    data = image_bytes(Image.new("1", (20000, 20000)))
    with pytest.raises(UnsupportedInputError, match="too many pixels"):
        pages.open_image(source_of(data, "png"))


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("share", [0.02, 0.5])
def test_truncated_images(kind: str, share: float) -> None:
    data = image_bytes(Image.effect_noise((200, 200), 50), kind)
    with pytest.raises(UnsupportedInputError, match="damaged image"):
        pages.open_image(source_of(data[: int(len(data) * share)], kind.lower()))


def test_resolution_is_lowered_for_huge_pages() -> None:
    huge = Geometry(14400, 14400, 0)
    assert 14400**2 * (huge.capped_dpi(200) / 72) ** 2 == pytest.approx(MAX_PIXELS)
    assert Geometry(612, 792, 0).capped_dpi(200) == 200
    assert Geometry(612, 792, 0, user_unit=20).capped_dpi(200) < 40


def test_image_cover() -> None:
    data = pdf_of_image(Image.new("L", (30, 22)))
    with open_document(source_of(data)) as document, document.page(1) as page:
        assert page.image_cover == pytest.approx(1)
