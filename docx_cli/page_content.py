"""A page as it was read, and how pages are to be read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from docx_cli import pdfium
from docx_cli.document import FormField, Page, Word
from docx_cli.tesseract import Effort, Engine
from docx_cli.tilt import Tilt

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from docx_cli.rules import Rules
    from docx_cli.squares import Square


@dataclass(frozen=True)
class ReadOptions:
    """How documents are read."""

    pages: str | None = None
    """Which pages, as in ``1-3,7,-1``; all if None."""
    ocr: Literal["auto", "always", "never"] = "auto"
    """auto: OCR where the PDF's own text is missing or unsound."""
    password: pdfium.Password = None
    """Opens an encrypted PDF; a function is asked for it, given the document's name."""
    language: str = "eng"
    """Tesseract's name of the language; several joined by "+"."""
    ocr_engine: Engine = field(default="tesseract", repr=False)
    """Tesseract's program, or tesserocr, the same in this process, where nothing can kill it."""
    ocr_effort: Effort = "full"
    """once: Tesseract reads a page once, and no second engine what it read poorly or left out."""
    dpi: int = 200
    """Resolution at which PDF pages are drawn for OCR."""
    page_timeout: float = 120.0
    """Seconds that a program may spend on a page before it is killed."""
    picture_size: tuple[int, int] | None = None
    """Rows and columns of the gray picture of each page; none if None."""
    rules: bool = False
    """Look for ruling lines."""
    squares: bool = False
    """Look for check boxes and radio buttons."""
    max_pages: int = field(default=5000, repr=False)
    """A document of which more are chosen is refused."""
    max_megapixels: float = field(default=200.0, repr=False)
    """An image file of more is refused; pages of PDFs are drawn coarser instead."""
    cache: str | None = field(default=None, repr=False)
    """File of what OCR read before; see `docx_cli.ocr_cache`."""
    on_page: Callable[[int, int], None] | None = field(default=None, repr=False, compare=False)
    """Told which of how many chosen pages is begun, counted from 1."""

    @property
    def looks(self) -> bool:
        """Whether the picture of a page is looked at when its words are known."""
        return bool(self.picture_size or self.rules or self.squares)


@dataclass(frozen=True)
class PageContent:
    """One page as it was read.

    `page` is the page as given; `picture` and `rules` are of `upright`. The picture is gray,
    shape (rows, columns), 255 white; None if not asked for or the page failed, and so are the
    ruling lines. `timings` are seconds by step: text, raster, ocr, picture. `fields` are those
    of a PDF's form, on the page as given.
    """

    page: Page
    picture: NDArray[np.uint8] | None
    timings: dict[str, float]
    fields: tuple[FormField, ...] = ()
    rules: Rules | None = None
    squares: tuple[Square, ...] = ()
    upright_words: tuple[Word, ...] | None = None
    """The page's words, one for one, on `upright`; None where they are those of the page."""

    @property
    def tilt(self) -> Tilt | None:
        """How the page lies; None where it is read as it came."""
        return None if self.upright_words is None else Tilt.of(self.page)

    @property
    def upright(self) -> Page:
        """The page turned so that its text stands upright and level, as it must be read."""
        if self.upright_words is None:
            return self.page
        wide, high = Tilt.of(self.page).size
        words = self.upright_words
        return replace(self.page, width=wide, height=high, words=words, turned=0, skew=0.0)
