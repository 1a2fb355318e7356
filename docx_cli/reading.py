"""From bytes to pages: geometry, words and a small picture, page by page.

Pages come lazily and in order, a few at a time, so that memory does not grow with
the page count. A page that fails says so and leaves the others alone.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, groupby
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from docx_cli import ocr_cache, page_ranges, pages, pdfium, poppler, scratch, tesseract, words
from docx_cli.ahead import in_order, meanwhile
from docx_cli.document import OcrReason, Page
from docx_cli.drafts import Draft, ending_only, look_at, recognize, timed, turn
from docx_cli.errors import DocxError, LimitError, ProgramError, UnsupportedInputError
from docx_cli.page_content import PageContent, ReadOptions
from docx_cli.poppler import TextWord
from docx_cli.source import Source

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = [
    "READER_VERSION",
    "PageContent",
    "ReadOptions",
    "page_count",
    "read_pages",
    "render_page",
]

T = TypeVar("T")

# Poppler opens the file anew for each run (10 to 30 ms); each page it draws at once
# takes 4 MB of disk and delays the first answer.
_PAGES_AT_A_TIME = 4

# Tesseract takes 75 ms to start, and the launcher 20.
_MOST_TOGETHER = 4
_BYTES_TOGETHER = 12 << 20
"""Of rasters: with so many or more nothing is added to them."""
_BYTES_AHEAD = 256 << 20
"""Of the rasters that are on their way, two times as often as there are cores."""

_OWN_RESOLUTION = 0.75, 1.05
"""Shares of the resolution asked for between which a scan is read at its own."""

READER_VERSION = 6
"""Grows with each change of what is read of a page, so that nothing older is taken for it."""


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
    with (
        scratch.folder(len(source.data)) as name,
        ocr_cache.using(options.cache),
        tesseract.using(options.ocr_engine),
    ):
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


@dataclass(frozen=True)
class _Layers:
    """The text layers of some pages, as far as they could be read, and the seconds for one."""

    words: Mapping[int, list[TextWord] | DocxError]
    seconds: float

    def of(self, draft: Draft) -> list[TextWord] | DocxError:
        """Return a page's words, and note how long they took."""
        draft.timings["text"] = self.seconds
        return self.words.get(draft.page.number, [])


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
        drafts = chain.from_iterable(map(self._run, _runs(self._numbers)))
        return _finished(drafts, self._options, len(self._numbers))

    def _run(self, numbers: Sequence[int]) -> Iterator[Draft]:
        """Prepare a few consecutive pages; Poppler reads their text while PDFium draws one."""
        held: list[Draft] = []  # from the first that Poppler must draw
        with meanwhile(partial(self._text_layers, numbers)) as layers:
            for number in numbers:
                draft = self._draft(number, layers)
                if held or _undrawn(draft):
                    held.append(draft)
                else:
                    yield draft
        self._draw([draft for draft in held if _undrawn(draft)])
        yield from held

    def _text_layers(self, numbers: Sequence[int]) -> _Layers:
        """Read the words of pages, if they are wanted."""
        if self._options.ocr == "always":
            return _Layers({}, 0.0)

        def read(some: Sequence[int]) -> dict[int, list[TextWord]]:
            limit = self._options.page_timeout
            layers = poppler.text_words(self._pdf, some[0], some[-1], limit)
            return dict(zip(some, layers, strict=True))

        started = time.perf_counter()
        found = _at_once_or_one_by_one(read, numbers)
        return _Layers(found, (time.perf_counter() - started) / len(numbers))

    def _draft(self, number: int, layers: Callable[[], _Layers]) -> Draft:
        """Measure a page; take words and picture from the PDF, or leave them to OCR."""
        draft = Draft(Page(number, 0.0, 0.0))
        with ending_only(draft), self._document.page(number) as page:
            self._fill(draft, page, layers)
        return draft

    def _fill(self, draft: Draft, page: pdfium.LoadedPage, layers: Callable[[], _Layers]) -> None:
        draft.page = _empty_page(draft.page.number, page.geometry)
        draft.dpi = page.geometry.capped_dpi(self._options.dpi)
        draft.poppler_dpi = draft.dpi * page.geometry.user_unit
        draft.fields = page.fields()
        asked = self._options
        drawn = None
        if asked.looks and asked.ocr != "always" and page.image_cover < words.WHOLE_PAGE:
            # Most likely its text is sound and upright, and this stands: Poppler is busy still.
            with timed(draft, "picture"):
                drawn = pages.drawn(page, asked.picture_size)
                look_at(draft, *drawn, asked)
        layer = layers().of(draft)
        if isinstance(layer, DocxError):
            if asked.ocr == "never":
                raise layer
            layer = []
        found = words.from_text_layer(layer, page.geometry)
        reason: OcrReason | None = "forced" if asked.ocr == "always" else None
        if asked.ocr == "auto":
            reason = words.why_ocr(layer, found, page)
        if reason:
            draft.page = replace(draft.page, words=found, ocr_reason=reason)
            self._take_scan(draft, page)
            return
        draft.page = replace(draft.page, words=found, text_source="pdf" if found else "none")
        tilt = turn(draft, words.turned_by(found, draft.page.width, draft.page.height))
        if asked.looks and (tilt.turned or not drawn):
            with timed(draft, "picture"):
                image, dpi = drawn or pages.drawn(page, asked.picture_size)
                look_at(draft, tilt.straightened(image), dpi, asked)

    def _take_scan(self, draft: Draft, page: pdfium.LoadedPage) -> None:
        """Take a page that is one picture as it is, if that has about the right resolution."""
        # Where it cannot be written, Poppler will say so.
        with timed(draft, "raster"), contextlib.suppress(OSError):
            least, most = (share * self._options.dpi for share in _OWN_RESOLUTION)
            scan = page.scan(least, most)
            if scan is not None:
                image, dpi = scan
                draft.raster = pages.gray_file(image, self._folder, draft.page.number)
                draft.dpi = dpi

    def _draw(self, drafts: Sequence[Draft]) -> None:
        """Draw pages for OCR, as many at once as are neighbours of one resolution."""
        rasters: dict[int, Path | DocxError] = {}
        started = time.perf_counter()
        for dpi, group in groupby(drafts, attrgetter("poppler_dpi")):
            for numbers in _runs([draft.page.number for draft in group]):
                draw = partial(self._rasterize, dpi)
                rasters |= _at_once_or_one_by_one(draw, numbers)
        for draft in drafts:
            draft.timings["raster"] = (time.perf_counter() - started) / len(drafts)
            raster = rasters[draft.page.number]
            if isinstance(raster, DocxError):
                draft.error = raster
            else:
                draft.raster = raster

    def _rasterize(self, dpi: float, numbers: Sequence[int]) -> dict[int, Path]:
        limit = self._options.page_timeout
        found = poppler.rasterize(self._pdf, numbers, dpi, self._folder, limit)
        try:
            return {number: self._for_ocr(number, drawn) for number, drawn in found.items()}
        except OSError as error:  # there is no room
            reason = error.strerror or str(error)
            raise ProgramError(f"the page's picture cannot be written: {reason}") from error
        finally:
            for drawn in found.values():
                drawn.unlink(missing_ok=True)

    def _for_ocr(self, number: int, drawn: Path) -> Path:
        with pages.opened(drawn) as image:
            raster = pages.gray_file(image, self._folder, number)
        drawn.unlink()
        return raster


def _undrawn(draft: Draft) -> bool:
    return bool(draft.page.ocr_reason) and not (draft.raster or draft.error)


def _read_images(source: Source, options: ReadOptions, folder: Path) -> Iterator[PageContent]:
    """Read an image file, of which each frame is a page; one alone that is damaged raises."""
    with pages.open_images(source, options.max_megapixels) as file:
        numbers = page_ranges.parse(options.pages, file.page_count, source.name, options.max_pages)
        drafts = (_image_draft(file, number, options, folder) for number in numbers)
        yield from _finished(drafts, options, len(numbers))


def _image_draft(file: pages.ImageFile, number: int, options: ReadOptions, folder: Path) -> Draft:
    """Decode one page of an image file, and leave it to OCR if that is wanted."""
    draft = Draft(Page(number, 0.0, 0.0))
    try:
        image, geometry, draft.dpi = file.page(number)
    except UnsupportedInputError as error:
        if file.page_count == 1:
            raise
        draft.error = error
        return draft
    draft.page = _empty_page(number, geometry)
    if options.ocr == "never":
        look_at(draft, image, draft.dpi, options)
    else:
        draft.page = replace(draft.page, ocr_reason="picture")
        draft.raster = pages.gray_file(image, folder, number)
    return draft


def _finished(drafts: Iterable[Draft], options: ReadOptions, count: int) -> Iterator[PageContent]:
    """Yield pages in order; those that need OCR are read ahead, a few on each core."""

    def finish(sheaf: Sequence[Draft]) -> list[PageContent]:
        if _is_scanned(sheaf):
            recognize(sheaf, options)
        return [draft.finished() for draft in sheaf]

    with contextlib.closing(in_order(finish, _sheaves(drafts, count), _is_scanned, _cores)) as done:
        contents = chain.from_iterable(done)
        for position in range(1, count + 1):
            if options.on_page:
                options.on_page(position, count)
            yield next(contents)


def _sheaves(drafts: Iterable[Draft], count: int) -> Iterator[list[Draft]]:
    """Put neighbours that need OCR together, for which Tesseract then starts once.

    The first are few, for work to begin at once, and so are the last, so that all cores end
    together.
    """
    sheaf: list[Draft] = []
    most = size = room = 0
    for done, draft in enumerate(drafts):
        if draft.raster is None:
            if sheaf:
                yield sheaf
            yield [draft]
            sheaf = []
            continue
        if not sheaf:
            cores, size = _cores(), 0
            most = min(most + 1, _MOST_TOGETHER, max((count - done) // cores, 1))
            room = min(_BYTES_TOGETHER, _BYTES_AHEAD // (2 * cores))
        sheaf.append(draft)
        size += draft.raster.stat().st_size
        if len(sheaf) >= most or size > room:
            yield sheaf
            sheaf = []
    if sheaf:
        yield sheaf


def _is_scanned(sheaf: Sequence[Draft]) -> bool:
    return sheaf[0].raster is not None


def _cores() -> int:
    from docx_cli.session import usable_cores  # which imports numpy, as OCR does

    return usable_cores() or os.cpu_count() or 1


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
        except (LimitError, ProgramError) as error:
            failure = error
        if len(attempt) == 1:
            done.setdefault(attempt[0], failure)
    return done
