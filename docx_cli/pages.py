"""Pixels of a page: image files, and the small picture that the model sees."""

from __future__ import annotations

import contextlib
import io
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from docx_cli import kinds
from docx_cli.errors import MissingDependencyError, UnsupportedInputError
from docx_cli.pdfium import MAX_PIXELS, Geometry, LoadedPage
from docx_cli.source import Source

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile as ImageFileType

# Where an image file does not say its resolution, or not credibly, it is taken for
# a scan at this one.
DEFAULT_DPI = 200.0
_CREDIBLE_DPI = (70.0, 1200.0)

# PDFium, like Poppler, draws hairlines at least one pixel wide, so a coarse raster
# makes a ruled page darker. From here on the picture agrees with Poppler's at 200 dpi.
_PICTURE_DPI = 150.0


class ImageFile:
    """An open image file, a page for each picture of a TIFF or HEIC. Made by `open_images`."""

    def __init__(self, file: ImageFileType, source: Source) -> None:
        self._file = file
        self._source = source
        self._tiff = source.kind == "tiff"
        self._frames = source.kind in ("tiff", "heic")
        self.page_count: int = getattr(file, "n_frames", 1) if self._frames else 1
        """Number of pages; of a GIF or WebP that moves only the first picture is one."""

    def page(self, number: int) -> tuple[Image, Geometry, float | None]:
        """Decode one page, counted from 1.

        Returns:
            The picture as a person sees it (EXIF turn applied, transparency on white;
            mode L or RGB, at most `MAX_PIXELS`), its size in points, and its stated
            resolution in dots an inch, None unless credible.

        Raises:
            UnsupportedInputError: it is damaged, or decodes to too many pixels.
        """
        from PIL import Image, ImageOps

        with _explained(self._source):
            if self._frames:
                self._file.seek(number - 1)
            stated = tuple(map(float, self._file.info.get("dpi", (0, 0))))
            with _silenced() if self._tiff else contextlib.nullcontext():
                self._file.load()
            image = _opaque(ImageOps.exif_transpose(self._file))
        image, dpi = _square(image, stated) if self._tiff else (image, _credible_dpi(*stated))
        points = 72 / (dpi or DEFAULT_DPI)
        geometry = Geometry(image.width * points, image.height * points, 0)
        shrink = (MAX_PIXELS / (image.width * image.height)) ** 0.5
        if shrink < 1:
            size = (max(int(image.width * shrink), 1), max(int(image.height * shrink), 1))
            image = image.resize(size, Image.Resampling.BOX)
            dpi = dpi and dpi * shrink
        return image, geometry, dpi


@contextlib.contextmanager
def open_images(source: Source, max_megapixels: float = 200.0) -> Iterator[ImageFile]:
    """Open an image file and close it in the end.

    Raises:
        UnsupportedInputError: it is damaged, or has too many pixels.
        MissingDependencyError: it is HEIC, and what reads that is not installed.
    """
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = int(max_megapixels * 1e6)  # Pillow knows no other way
    if source.kind == "heic":
        _load_heif()
    with contextlib.ExitStack() as stack:
        with _explained(source):
            plugin = kinds.plugin(source.kind)
            file = stack.enter_context(Image.open(io.BytesIO(source.data), formats=[plugin]))
            opened_file = ImageFile(file, source)
        yield opened_file


def open_image(source: Source, number: int = 1) -> tuple[Image, Geometry, float | None]:
    """Decode one page of an image file; see `ImageFile.page`."""
    with open_images(source) as file:
        return file.page(number)


def gray_file(image: Image, folder: Path, number: int = 1) -> Path:
    """Write a page's picture for OCR."""
    path = folder / f"page-{number}.tif"
    write_gray(image, path)
    return path


def write_gray(image: Image, path: Path) -> None:
    """Write a gray TIFF without compression, of all files the one that Tesseract reads quickest.

    Leptonica takes a PGM apart byte by byte, which costs 60 ms a page.
    """
    # Else compression and profile of where it came from would go along.
    _gray(image).save(path, format="TIFF", compression="raw", icc_profile=None)


def picture(image: Image, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Squeeze a picture of a page into (rows, columns) of gray, 0 black to 255 white.

    Pixels are averaged over their areas, so that the result does not depend on the
    resolution the page was drawn at.
    """
    import numpy as np
    from PIL.Image import Resampling

    rows, columns = size
    small = _gray(image).resize((columns, rows), Resampling.BOX)
    return np.array(small, dtype=np.uint8)


def gray(image: Image) -> NDArray[np.uint8]:
    """Return a picture's pixels, (rows, columns), 0 black to 255 white."""
    import numpy as np

    return np.asarray(_gray(image), dtype=np.uint8)


def _gray(image: Image) -> Image:
    return image if image.mode == "L" else image.convert("L")  # which would copy it


@contextlib.contextmanager
def opened(raster: Path) -> Iterator[Image]:
    """Open the raster that went through OCR."""
    from PIL import Image

    with Image.open(raster) as image:
        yield image


def drawn(page: LoadedPage, size: tuple[int, int] | None) -> tuple[Image, float]:
    """Draw a PDF page in gray, a few milliseconds, to make the small picture from it.

    Returns:
        The picture, fine enough for `size` (rows, columns), and its resolution in dots an inch.
    """
    rows, columns = size or (0, 0)
    unit = page.geometry.user_unit
    pixel_for_pixel = max(rows / page.geometry.height, columns / page.geometry.width) * 72 / unit
    dpi = max(_PICTURE_DPI, 2 * pixel_for_pixel)
    return page.render(dpi, gray=True), page.geometry.capped_dpi(dpi)


@contextlib.contextmanager
def _explained(source: Source) -> Iterator[None]:
    """Turn what Pillow's plugins raise into an error of ours."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            warnings.filterwarnings("ignore", category=UserWarning)  # odd metadata
            yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        hint = "--max-megapixels allows more"
        raise UnsupportedInputError("has too many pixels", source=source.name, hint=hint) from error
    except (OSError, SyntaxError, ValueError, EOFError, RuntimeError) as error:
        raise UnsupportedInputError("is a damaged image", source=source.name) from error


@contextlib.contextmanager
def _silenced() -> Iterator[None]:
    """Send descriptor 2 nowhere for a moment: libtiff prints there what we raise."""
    saved, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(null)


def _load_heif() -> None:
    """Teach Pillow to read HEIC."""
    try:
        import pillow_heif
    except ModuleNotFoundError as error:
        hint = "install it: pip install pillow-heif, or docx-cli with the extra [heic]"
        raise MissingDependencyError("HEIC needs the package pillow-heif", hint=hint) from error
    pillow_heif.register_heif_opener()


def _square(image: Image, stated: tuple[float, ...]) -> tuple[Image, float | None]:
    """Make pixels square: a fax has half as many rows an inch as columns."""
    x, y = stated
    if not all(_CREDIBLE_DPI[0] <= dpi <= _CREDIBLE_DPI[1] for dpi in stated) or abs(x - y) < 1:
        return image, _credible_dpi(x, y)
    dpi = max(x, y)
    return image.resize((round(image.width * dpi / x), round(image.height * dpi / y))), dpi


def _credible_dpi(x: float, y: float) -> float | None:
    """Return the resolution in a file's header if it can be true."""
    low, high = _CREDIBLE_DPI
    return x if low <= x <= high and abs(x - y) < 1 else None


def _opaque(image: Image) -> Image:
    """Return the picture in mode L or RGB, what is transparent shown on white."""
    from PIL import Image

    if image.mode.startswith("I"):  # 16 bits a pixel; convert("L") would clip, not scale
        return image.convert("I").point(lambda value: value / 257).convert("L")
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        paper = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(paper, layer).convert("RGB")
    return image if image.mode in ("L", "RGB") else image.convert("RGB")
