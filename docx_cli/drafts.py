"""A page on its way: what is known of it so far, and what its picture adds."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from docx_cli import limits, pages, tesseract, words
from docx_cli.ahead import given_up
from docx_cli.document import FormField, Page, PageStatus, TextSource, Word
from docx_cli.errors import DocxError, LimitError, MemoryLimitError, ProgramError, TimeLimitError
from docx_cli.language import is_gibberish
from docx_cli.page_content import PageContent, ReadOptions
from docx_cli.tesseract import OcrWord
from docx_cli.tilt import Tilt, upright_words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

    from docx_cli.rules import Rules
    from docx_cli.scanned import Laid, Scan
    from docx_cli.squares import Square


@dataclass
class Draft:
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
    raster: Path | None = None
    """Picture file of the page, if it must go through OCR."""
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


def recognize(drafts: Sequence[Draft], options: ReadOptions) -> None:
    """Fill in words and pictures from the rasters of pages that have one, and delete these.

    Tesseract starts once for several pages; where it fails then, each is read on its own.
    """
    from docx_cli.scanned import Laid, read_scan

    laid: dict[int, Laid] = {}
    for draft in drafts:
        with ending_only(draft), timed(draft, "ocr"):
            assert draft.raster is not None
            laid[draft.page.number] = Laid.of(draft.raster, draft.dpi)
    started = time.perf_counter()
    firsts = _read_together([page for page in laid.values() if not page.blank], options)
    share = (time.perf_counter() - started) / max(len(firsts), 1)
    for draft in drafts:
        if given_up():
            break  # the folder goes away with the rasters
        if page := laid.get(draft.page.number):
            with ending_only(draft):
                first = firsts.get(page.raster)
                spent = 0.0 if first is None else share
                with timed(draft, "ocr"):
                    seen = read_scan(
                        page,
                        options.language,
                        max(options.page_timeout - spent, 0.01),
                        first=first,
                        once=options.ocr_effort == "once",
                        looked_at=options.looks,
                    )
                draft.timings["ocr"] += spent
                _place(draft, seen)
                with timed(draft, "picture"), pages.opened(page.raster) as image:
                    look_at(draft, image, draft.dpi, options)
        assert draft.raster is not None
        draft.raster.unlink()


def _read_together(laid: Sequence[Laid], options: ReadOptions) -> dict[Path, list[OcrWord]]:
    """Read several pages of one resolution at once, or else none."""
    alike = len({page.dpi and round(page.dpi) for page in laid}) == 1
    if len(laid) < 2 or not alike or options.ocr_engine != "tesseract":
        return {}
    rasters = [page.raster for page in laid]
    try:
        if limits.time_left(options.page_timeout) < options.page_timeout:
            return {}  # the document's time may end before theirs: what is read by then must stand
        firsts = tesseract.read_all(rasters, options.language, laid[0].dpi, options.page_timeout)
    except (LimitError, ProgramError, MemoryError, OSError):
        return {}  # each is read alone, and says what is wrong with it
    return dict(zip(rasters, firsts, strict=True))


def _place(draft: Draft, seen: Scan) -> None:
    """Put the words that were read on the page as given."""
    found = words.from_ocr(seen.words)
    if draft.page.ocr_reason == "gibberish" and is_gibberish(word.text for word in found):
        # A language that is not known here, or codes and names: the page's own text stands.
        draft.page = replace(draft.page, ocr_reason=None, text_source="pdf")
        turn(draft, seen.turned, seen.skew)
        return
    source: TextSource = "none" if seen.blank else "ocr"
    draft.page = replace(draft.page, words=(), text_source=source, blank=seen.blank)
    tilt = turn(draft, seen.turned, seen.skew)
    if draft.upright_words is not None:
        draft.upright_words = found
        found = tuple(replace(word, box=tilt.back(word.box)) for word in found)
    draft.page = replace(draft.page, words=found)


def turn(draft: Draft, turned: int, skew: float = 0.0) -> Tilt:
    """Note how a page lies, and where its words are when it stands upright."""
    draft.page = replace(draft.page, turned=turned, skew=skew)
    if turned or skew:
        draft.upright_words = upright_words(draft.page)
    return Tilt.of(draft.page)


def look_at(draft: Draft, image: Image, dpi: float | None, options: ReadOptions) -> None:
    """Take from a picture of the page what is asked for."""
    if options.picture_size:
        draft.picture = pages.picture(image, options.picture_size)
    if options.rules or options.squares:
        # Both need numpy, which reading words alone does not.
        from docx_cli.rings import find_rings
        from docx_cli.rules import find_rules
        from docx_cli.squares import find_squares

        gray, dpi = pages.gray(image), dpi or pages.DEFAULT_DPI
        if options.rules:
            draft.rules = find_rules(gray, dpi)
        if options.squares:
            draft.squares = (*find_squares(gray, dpi), *find_rings(gray, dpi))


@contextlib.contextmanager
def ending_only(draft: Draft) -> Iterator[None]:
    """Let what fails in the block end this page, and not the document."""
    try:
        yield
    except (LimitError, ProgramError) as error:
        draft.error = error
    except MemoryError:
        draft.error = MemoryLimitError("needs more memory than is allowed")


@contextlib.contextmanager
def timed(draft: Draft, step: str) -> Iterator[None]:
    """Note how long a step of a page takes."""
    started = time.perf_counter()
    try:
        yield
    finally:
        spent = time.perf_counter() - started
        draft.timings[step] = draft.timings.get(step, 0.0) + spent
