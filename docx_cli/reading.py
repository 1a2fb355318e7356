"""From bytes to pages: geometry, words and a small picture, page by page.

Pages come lazily and in order, a few at a time, so that memory does not grow with
the page count. A page that fails says so and leaves the others alone.
"""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, groupby
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from docx_cli import ocr_cache, page_ranges, pages, pdfium, poppler, scanned, words
from docx_cli.document import FormField, OcrReason, Page, PageStatus, TextSource, Word
from docx_cli.errors import (
    DocxError,
    MemoryLimitError,
    ProgramError,
    TimeLimitError,
    UnsupportedInputError,
)
from docx_cli.language import is_gibberish
from docx_cli.poppler import TextWord
from docx_cli.source import Source
from docx_cli.tilt import Tilt, upright_words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

    from docx_cli.rules import Rules
    from docx_cli.squares import Square

T = TypeVar("T")

# Poppler opens the file anew for each run (10 to 30 ms); each page it draws at once
# takes 4 MB of disk and delays the first answer.
_PAGES_AT_A_TIME = 4

READER_VERSION = 3
"""Grows with each change of what is read of a page, so that nothing older is taken for it."""


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
    dpi: int = 200
    """Resolution at which PDF pages are drawn for OCR."""
    page_timeout: float = 120.0
    """Seconds that a program may spend on a page before it is killed."""
    picture_size: tuple[int, int] | None = None
    """Rows and columns of the gray picture of each page; none if None."""
    rules: bool = False
    """Look for ruling lines."""
    squares: bool = False
    """Look for check boxes."""
    max_pages: int = field(default=5000, repr=False)
    """A document of which more are chosen is refused."""
    max_megapixels: float = field(default=200.0, repr=False)
    """An image file of more is refused; pages of PDFs are drawn coarser instead."""
    cache: str | None = field(default=None, repr=False)
    """File of what OCR read before; see `docx_cli.ocr_cache`."""
    on_page: Callable[[int, int], None] | None = field(default=None, repr=False, compare=False)
    """Told which of how many chosen pages is begun, counted from 1."""


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


def read_pages(source: Source, options: ReadOptions) -> Iterator[PageContent]:
    """Read the chosen pages of a document, one after the other.

    A page that cannot be read comes with status "failed" or "timeout", its error and
    no words. A failed page that PDFium cannot even load has width and height 0.

    Raises:
        UsageError: the page selection or the language makes no sense.
        PasswordError: the PDF is encrypted, and the password is missing or wrong.
        UnsupportedInputError: the document is damaged.
        MissingDependencyError: Poppler, Tesseract or a language is not installed.
    """
    with tempfile.TemporaryDirectory(prefix="docx-") as name, ocr_cache.using(options.cache):
        if source.kind == "pdf":
            with pdfium.open_document(source, options.password) as document:
                yield from _PdfReader(document, source, options, Path(name)).read()
        else:
            yield from _read_images(source, options, Path(name))


def page_count(source: Source, password: pdfium.Password = None) -> int:
    """Return the number of pages; raises as `read_pages`."""
    if source.kind != "pdf":
        with pages.open_images(source) as file:
            return file.page_count
    with pdfium.open_document(source, password) as document:
        return document.page_count


def render_page(
    source: Source, number: int, *, dpi: int = 150, password: pdfium.Password = None
) -> Image:
    """Draw one page in RGB as a person sees it; an image file comes as it is.

    Raises:
        UsageError: there is no such page.
        ProgramError: the page cannot be drawn.
        DocxError: as `read_pages`.
    """
    if source.kind != "pdf":
        with pages.open_images(source) as file:
            (number,) = page_ranges.parse(str(number), file.page_count, source.name)
            return file.page(number)[0].convert("RGB")
    with pdfium.open_document(source, password) as document:
        page_ranges.parse(str(number), document.page_count, source.name)
        try:
            with document.page(number) as page:
                return page.render(dpi)
        except ProgramError as error:
            raise ProgramError(error.message, source=source.name, page=number) from error


@dataclass
class _Draft:
    """A page on its way; `error` ends it."""

    page: Page
    upright_words: tuple[Word, ...] | None = None
    dpi: float | None = None
    """Resolution of its raster for OCR; None if an image file does not tell."""
    poppler_dpi: float = 0.0
    """The same for Poppler, which does not know UserUnit: pixels per 72 units."""
    picture: NDArray[np.uint8] | None = None
    fields: tuple[FormField, ...] = ()
    rules: Rules | None = None
    squares: tuple[Square, ...] = ()
    error: DocxError | None = None
    timings: dict[str, float] = field(default_factory=dict)

    def finished(self) -> PageContent:
        """Return the result, with the error in it if there is one."""
        if self.error is None:
            return PageContent(
                self.page,
                self.picture,
                self.timings,
                self.fields,
                self.rules,
                self.squares,
                self.upright_words,
            )
        status: PageStatus = "failed"
        if isinstance(self.error, TimeLimitError):
            status = "timeout"
        elif isinstance(self.error, MemoryLimitError):
            status = "out_of_memory"
        page = replace(
            self.page, words=(), turned=0, skew=0.0, status=status, error=self.error.message
        )
        return PageContent(page, None, self.timings)


class _PdfReader:
    """Reads an open PDF, with a plain copy of it in a private folder for Poppler."""

    def __init__(
        self, document: pdfium.Document, source: Source, options: ReadOptions, folder: Path
    ) -> None:
        self._document = document
        self._options = options
        self._folder = folder
        self._numbers = page_ranges.parse(
            options.pages, document.page_count, source.name, options.max_pages
        )
        self._pdf = folder / "document.pdf"
        document.write_plain(self._pdf)

    def read(self) -> Iterator[PageContent]:
        contents = chain.from_iterable(map(self._read_run, _runs(self._numbers)))
        for position, _ in enumerate(self._numbers, 1):
            _announce(self._options, position, len(self._numbers))
            yield next(contents)

    def _read_run(self, numbers: Sequence[int]) -> Iterator[PageContent]:
        """Read a few consecutive pages."""
        layers: dict[int, list[TextWord] | DocxError] = {}
        started = time.perf_counter()
        if self._options.ocr != "always":
            layers = _at_once_or_one_by_one(self._text_layers, numbers)
        seconds = (time.perf_counter() - started) / len(numbers)
        drafts = [self._draft(number, layers.get(number, []), seconds) for number in numbers]
        rasters = self._rasters([draft for draft in drafts if draft.page.ocr_reason])
        for draft in drafts:
            if draft.page.ocr_reason:
                _recognize(draft, rasters[draft.page.number], self._options)
            yield draft.finished()

    def _text_layers(self, numbers: Sequence[int]) -> dict[int, list[TextWord]]:
        limit = self._options.page_timeout
        layers = poppler.text_words(self._pdf, numbers[0], numbers[-1], limit)
        return dict(zip(numbers, layers, strict=True))

    def _draft(self, number: int, layer: list[TextWord] | DocxError, seconds: float) -> _Draft:
        """Measure a page; take words and picture from the PDF, or leave them to OCR."""
        draft = _Draft(Page(number, 0.0, 0.0), timings={"text": seconds})
        with _ending_only(draft), self._document.page(number) as page:
            self._fill(draft, page, layer)
        return draft

    def _fill(
        self, draft: _Draft, page: pdfium.LoadedPage, layer: list[TextWord] | DocxError
    ) -> None:
        draft.page = _empty_page(draft.page.number, page.geometry)
        draft.dpi = page.geometry.capped_dpi(self._options.dpi)
        draft.poppler_dpi = draft.dpi * page.geometry.user_unit
        draft.fields = page.fields()
        if isinstance(layer, DocxError):
            if self._options.ocr == "never":
                raise layer
            layer = []
        found = words.from_text_layer(layer, page.geometry)
        reason: OcrReason | None = "forced" if self._options.ocr == "always" else None
        if self._options.ocr == "auto":
            reason = words.why_ocr(layer, found, page)
        if reason:
            draft.page = replace(draft.page, words=found, ocr_reason=reason)
            return
        draft.page = replace(draft.page, words=found, text_source="pdf" if found else "none")
        tilt = _turn(draft, words.turned_by(found, draft.page.width, draft.page.height))
        asked = self._options
        if asked.picture_size or asked.rules or asked.squares:
            with _timed(draft, "picture"):
                image, dpi = pages.drawn(page, self._options.picture_size)
                _look_at(draft, tilt.straightened(image), dpi, self._options)

    def _rasters(self, drafts: Sequence[_Draft]) -> dict[int, Path | DocxError]:
        """Draw pages for OCR, as many at once as are neighbours of one resolution."""
        rasters: dict[int, Path | DocxError] = {}
        started = time.perf_counter()
        for dpi, group in groupby(drafts, attrgetter("poppler_dpi")):
            for numbers in _runs([draft.page.number for draft in group]):
                draw = partial(self._rasterize, dpi)
                rasters |= _at_once_or_one_by_one(draw, numbers)
        for draft in drafts:
            draft.timings["raster"] = (time.perf_counter() - started) / len(drafts)
        return rasters

    def _rasterize(self, dpi: float, numbers: Sequence[int]) -> dict[int, Path]:
        limit = self._options.page_timeout
        return poppler.rasterize(self._pdf, numbers, dpi, self._folder, limit)


def _read_images(source: Source, options: ReadOptions, folder: Path) -> Iterator[PageContent]:
    """Read an image file, of which each frame is a page; one alone that is damaged raises."""
    with pages.open_images(source, options.max_megapixels) as file:
        numbers = page_ranges.parse(options.pages, file.page_count, source.name, options.max_pages)
        for position, number in enumerate(numbers, 1):
            _announce(options, position, len(numbers))
            draft = _Draft(Page(number, 0.0, 0.0))
            try:
                image, geometry, draft.dpi = file.page(number)
            except UnsupportedInputError as error:
                if file.page_count == 1:
                    raise
                draft.error = error
            else:
                draft.page = _empty_page(number, geometry)
                _read_image(draft, image, options, folder)
            yield draft.finished()


def _read_image(draft: _Draft, image: Image, options: ReadOptions, folder: Path) -> None:
    if options.ocr != "never":
        draft.page = replace(draft.page, ocr_reason="picture")
        _recognize(draft, pages.gray_file(image, folder), options)
    else:
        _look_at(draft, image, draft.dpi, options)


def _announce(options: ReadOptions, position: int, count: int) -> None:
    if options.on_page:
        options.on_page(position, count)


def _recognize(draft: _Draft, raster: Path | DocxError, options: ReadOptions) -> None:
    """Fill in words and picture from a page's raster, which is turned upright, and delete that."""
    if isinstance(raster, DocxError):
        draft.error = raster
        return
    with _ending_only(draft):
        with _timed(draft, "ocr"):
            limit = options.page_timeout
            seen = scanned.read_scan(raster, options.language, draft.dpi, limit)
        _place(draft, seen)
        with _timed(draft, "picture"), pages.opened(raster) as image:
            _look_at(draft, image, draft.dpi, options)
    raster.unlink()


def _place(draft: _Draft, seen: scanned.Scan) -> None:
    """Put the words that were read on the page as given."""
    found = words.from_ocr(seen.words)
    if draft.page.ocr_reason == "gibberish" and is_gibberish(word.text for word in found):
        # A language that is not known here, or codes and names: the page's own text stands.
        draft.page = replace(draft.page, ocr_reason=None, text_source="pdf")
        _turn(draft, seen.turned, seen.skew)
        return
    source: TextSource = "none" if seen.blank else "ocr"
    draft.page = replace(draft.page, words=(), text_source=source, blank=seen.blank)
    tilt = _turn(draft, seen.turned, seen.skew)
    if draft.upright_words is not None:
        draft.upright_words = found
        found = tuple(replace(word, box=tilt.back(word.box)) for word in found)
    draft.page = replace(draft.page, words=found)


def _turn(draft: _Draft, turned: int, skew: float = 0.0) -> Tilt:
    """Note how a page lies, and where its words are when it stands upright."""
    draft.page = replace(draft.page, turned=turned, skew=skew)
    if turned or skew:
        draft.upright_words = upright_words(draft.page)
    return Tilt.of(draft.page)


def _look_at(draft: _Draft, image: Image, dpi: float | None, options: ReadOptions) -> None:
    """Take from a picture of the page what is asked for."""
    if options.picture_size:
        draft.picture = pages.picture(image, options.picture_size)
    # Both need numpy, which reading words alone does not.
    if options.rules:
        from docx_cli.rules import find_rules

        draft.rules = find_rules(pages.gray(image), dpi or pages.DEFAULT_DPI)
    if options.squares:
        from docx_cli.squares import find_squares

        draft.squares = find_squares(pages.gray(image), dpi or pages.DEFAULT_DPI)


def _empty_page(number: int, geometry: pdfium.Geometry) -> Page:
    unit = geometry.user_unit
    return Page(number, geometry.width * unit, geometry.height * unit, geometry.rotation)


def _runs(numbers: Sequence[int]) -> Iterator[list[int]]:
    """Cut ascending page numbers into runs of a few consecutive ones."""
    run: list[int] = []
    for number in numbers:
        if run and (number != run[-1] + 1 or len(run) == _PAGES_AT_A_TIME):
            yield run
            run = []
        run.append(number)
    if run:
        yield run


def _at_once_or_one_by_one(
    work: Callable[[Sequence[int]], Mapping[int, T]], numbers: Sequence[int]
) -> dict[int, T | DocxError]:
    """Do several pages in one go; what that leaves out, page by page, so that one fails alone."""
    done: dict[int, T | DocxError] = {}
    for attempt in (numbers, *([number] for number in numbers)):
        if all(number in done for number in attempt):
            continue
        failure: DocxError = ProgramError("Poppler cannot draw the page")
        try:
            done.update(work(attempt))
        except (ProgramError, TimeLimitError) as error:
            failure = error
        if len(attempt) == 1:
            done.setdefault(attempt[0], failure)
    return done


@contextlib.contextmanager
def _ending_only(draft: _Draft) -> Iterator[None]:
    """Let what fails in the block end this page, and not the document."""
    try:
        yield
    except (ProgramError, TimeLimitError) as error:
        draft.error = error
    except MemoryError:
        draft.error = MemoryLimitError("needs more memory than is allowed")


@contextlib.contextmanager
def _timed(draft: _Draft, step: str) -> Iterator[None]:
    """Note how long a step of a page takes."""
    started = time.perf_counter()
    try:
        yield
    finally:
        draft.timings[step] = time.perf_counter() - started
