"""The one file that uses PDFium: page geometry, small pictures, pages to look at.

PDFium runs in this process, so a page's size or a picture of it costs a few
milliseconds where a Poppler process costs thirty. It is not thread-safe: nothing
here may be called from two threads. Its own text extraction is not used, because
it leaves out what is typed into form fields.
"""

from __future__ import annotations

import contextlib
import functools
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docx_cli.document import Box, FieldKind, FormField
from docx_cli.errors import DocxError, PasswordError, ProgramError, UnsupportedInputError
from docx_cli.source import Source

if TYPE_CHECKING:
    from PIL.Image import Image

Password = str | Callable[[str], str | None] | None
"""A password, or what asks for the one of a document, given its name."""

# No page needs more pixels than this: A0 at 125 dpi, A4 at 480.
MAX_PIXELS = 40_000_000

# An open document keeps the fonts and streams of all pages that were loaded: 0.1 MB a page
# where many files were joined, 0.5 MB a scan. To open it anew takes as long as a page or two.
_PAGES_BETWEEN_OPENINGS = 64

_LARGEST_USER_UNIT = 75_000  # PDF 1.7, appendix C.2
# Corners are asked for in whole numbers: a page is as many wide and high.
_FINE = 1_000_000
_LEVEL = 1e-4
"""How much a picture may be sheared or turned against the sides of its page."""
_USER_UNIT = re.compile(rb"/UserUnit\s+([0-9]*\.?[0-9]+)\b(?!\s+[0-9]+\s+R\b)")


@dataclass(frozen=True)
class Geometry:
    """A page as displayed: its CropBox within the MediaBox, turned by /Rotate."""

    width: float
    """In default user space units; a point is one unit times `user_unit`."""
    height: float
    """In the same units."""
    rotation: int
    """Degrees clockwise: 0, 90, 180 or 270."""
    user_unit: float = 1.0
    """Size of a unit in points (1/72 inch)."""

    def capped_dpi(self, dpi: float) -> float:
        """Return the resolution, lowered where the page would exceed `MAX_PIXELS`."""
        inches = self.user_unit / 72
        pixels = self.width * self.height * (inches * dpi) ** 2
        return dpi if pixels <= MAX_PIXELS else dpi * (MAX_PIXELS / pixels) ** 0.5


class Document:
    """An open PDF. Make one with `open_document`; pages count from 1."""

    def __init__(self, opened: Callable[[], Any], source: Source) -> None:
        self._opened = opened
        self._raw = opened()
        self._source = source
        self._loaded = 0
        self._has_units = self._mentions_user_unit()

    def close(self) -> None:
        """Close it, and its pages."""
        self._raw.close()

    @property
    def page_count(self) -> int:
        """Number of pages."""
        return len(self._raw)

    @property
    def encrypted(self) -> bool:
        """Whether the file is encrypted, if only with an empty password."""
        import pypdfium2.raw as api

        return bool(api.FPDF_GetSecurityHandlerRevision(self._raw) >= 0)

    def write_plain(self, path: Path) -> None:
        """Write the document, without its encryption, for a program that reads files."""
        path.write_bytes(self._decrypted() if self.encrypted else self._source.data)

    @contextlib.contextmanager
    def page(self, number: int) -> Iterator[LoadedPage]:
        """Load one page, while no other is loaded.

        Raises:
            ProgramError: PDFium cannot load or draw it, or it has no visible area.
        """
        import pypdfium2

        self._loaded += 1
        if self._loaded % _PAGES_BETWEEN_OPENINGS == 0:
            self.close()
            self._raw = self._opened()
        try:
            with contextlib.closing(self._raw[number - 1]) as raw:
                width, height = raw.get_size()
                if not (width > 0 and height > 0):
                    raise ProgramError("the page has no visible area")
                unit = self._user_unit(number)
                yield LoadedPage(raw, Geometry(width, height, raw.get_rotation(), unit))
        except pypdfium2.PdfiumError as error:
            raise ProgramError("the page is damaged") from error

    def _decrypted(self) -> bytes:
        import pypdfium2.raw as api

        return _saved(self._raw, api.FPDF_REMOVE_SECURITY)

    def _mentions_user_unit(self) -> bool:
        """Say whether any page may carry a UserUnit: cheap, and nearly always no.

        PDFium has no call for it. Its key stands in the file as it is, except
        inside object streams, which PDFium writes out when it saves.
        """
        import pypdfium2

        if b"/UserUnit" in self._source.data:
            return True
        try:
            return b"/ObjStm" in self._source.data and b"/UserUnit" in self._decrypted()
        except pypdfium2.PdfiumError:
            return False

    def _user_unit(self, number: int) -> float:
        """Read the page's UserUnit from a copy that holds this page alone."""
        import pypdfium2

        if not self._has_units:
            return 1.0
        single = pypdfium2.PdfDocument.new()
        try:
            single.import_pages(self._raw, [number - 1])
            match = _USER_UNIT.search(_saved(single))
        except pypdfium2.PdfiumError:
            return 1.0
        finally:
            single.close()
        unit = float(match[1]) if match else 1.0
        return unit if 0 < unit <= _LARGEST_USER_UNIT else 1.0


class LoadedPage:
    """A page that is held open by `Document.page`."""

    def __init__(self, raw: Any, geometry: Geometry) -> None:
        self._raw = raw
        self.geometry = geometry

    def render(self, dpi: float, *, gray: bool = False) -> Image:
        """Draw the page as a person sees it, RGB or gray, annotations and forms included."""
        import pypdfium2.raw as api

        scale = self.geometry.capped_dpi(dpi) * self.geometry.user_unit / 72
        # On a gray sheet all turns gray; to ask for that too takes a third longer.
        sheet = api.FPDFBitmap_Gray if gray else None
        with contextlib.closing(self._raw.render(scale=scale, force_bitmap_format=sheet)) as bitmap:
            image: Image = bitmap.to_pil().convert("L" if gray else "RGB")  # always a copy
        return image

    @functools.cached_property
    def image_cover(self) -> float:
        """The share (0..1) of the page that its pictures cover, overlaps ignored."""
        import pypdfium2.raw as api

        left, bottom, right, top = self._raw.get_bbox()
        covered = 0.0
        for item in self._raw.get_objects(filter=[api.FPDF_PAGEOBJ_IMAGE], max_depth=1):
            x0, y0, x1, y1 = item.get_bounds()
            wide, high = min(x1, right) - max(x0, left), min(y1, top) - max(y0, bottom)
            covered += max(wide, 0.0) * max(high, 0.0)
        return min(covered / (self.geometry.width * self.geometry.height), 1.0)

    def scan(self, least: float, most: float) -> tuple[Image, float] | None:
        """Draw a page that is one picture at the resolution of that, so pixel for pixel.

        Args:
            least: resolution in dots an inch below which it is not wanted.
            most: the same above.

        Returns:
            The page in gray and its resolution; None for any other page.
        """
        import pypdfium2
        import pypdfium2.raw as api

        try:
            size = self._pixels()
        except pypdfium2.PdfiumError:  # the picture is damaged
            return None
        if size is None:
            return None
        inches = self.geometry.width * self.geometry.user_unit / 72
        dpi = size[0] / inches
        if not least <= dpi <= min(most, self.geometry.capped_dpi(most)):
            return None
        with contextlib.closing(
            pypdfium2.PdfBitmap.new_native(*size, api.FPDFBitmap_Gray)
        ) as sheet:
            sheet.fill_rect((255, 255, 255, 255), 0, 0, *size)
            api.FPDF_RenderPageBitmap(sheet, self._raw, 0, 0, *size, 0, api.FPDF_ANNOT)
            if self._raw.formenv:
                forms = self._raw.formenv
                api.FPDF_FFLDraw(forms, sheet, self._raw, 0, 0, *size, 0, api.FPDF_ANNOT)
            return sheet.to_pil().copy(), dpi

    def _pixels(self) -> tuple[int, int] | None:
        """Return columns and rows, as displayed, of the one picture that covers the page."""
        import pypdfium2.raw as api

        pictures = list(self._raw.get_objects(filter=[api.FPDF_PAGEOBJ_IMAGE], max_depth=1))
        if len(pictures) != 1:
            return None
        [picture] = pictures
        matrix = picture.get_matrix()
        # Turned ones PDFium stretches by a pixel.
        level = abs(matrix.b) + abs(matrix.c) < _LEVEL * (matrix.a + matrix.d)
        edges = zip(picture.get_bounds(), self._raw.get_bbox(), strict=True)
        size: tuple[int, int] = picture.get_px_size()
        if min(size) < 1:
            return None
        if self.geometry.rotation % 180:
            size = size[::-1]
        pixel = self.geometry.width / size[0]
        if min(matrix.a, matrix.d) <= 0 or not level or any(abs(a - b) > pixel for a, b in edges):
            return None
        square = abs(self.geometry.height / size[1] - pixel) * max(size) < 2 * pixel
        return size if square else None

    def fields(self) -> tuple[FormField, ...]:
        """Return the form's fields on this page that can be seen, in the file's order."""
        import pypdfium2.raw as api

        if self._raw.formenv is None:
            return ()
        found = []
        for index in range(api.FPDFPage_GetAnnotCount(self._raw)):
            annotation = api.FPDFPage_GetAnnot(self._raw, index)
            try:
                field = self._field(annotation)
            finally:
                api.FPDFPage_CloseAnnot(annotation)
            if field is not None:
                found.append(field)
        return tuple(found)

    def _field(self, annotation: Any) -> FormField | None:
        """Read one annotation; None for one that is hidden, or holds no value."""
        import pypdfium2.raw as api

        form, hidden = self._raw.formenv, api.FPDF_ANNOT_FLAG_HIDDEN | api.FPDF_ANNOT_FLAG_NOVIEW
        kinds: dict[int, FieldKind] = {
            api.FPDF_FORMFIELD_TEXTFIELD: "text",
            api.FPDF_FORMFIELD_COMBOBOX: "choice",
            api.FPDF_FORMFIELD_LISTBOX: "choice",
            api.FPDF_FORMFIELD_CHECKBOX: "checkbox",
            api.FPDF_FORMFIELD_RADIOBUTTON: "radio",
            api.FPDF_FORMFIELD_SIGNATURE: "signature",
        }
        kind = kinds.get(api.FPDFAnnot_GetFormFieldType(form, annotation))
        if kind is None or api.FPDFAnnot_GetFlags(annotation) & hidden:
            return None
        button = kind in ("checkbox", "radio")
        value = (
            _wide(api.FPDFAnnot_GetFormFieldExportValue, form, annotation)
            if button
            else _chosen(form, annotation)
            or _wide(api.FPDFAnnot_GetFormFieldValue, form, annotation)
        )
        return FormField(
            name=_wide(api.FPDFAnnot_GetFormFieldName, form, annotation),
            label=_wide(api.FPDFAnnot_GetFormFieldAlternateName, form, annotation) or None,
            kind=kind,
            value=value,
            checked=bool(api.FPDFAnnot_IsChecked(form, annotation)) if button else None,
            box=self._box(annotation),
        )

    def _box(self, annotation: Any) -> Box:
        """Return an annotation's place on the page as displayed."""
        import ctypes

        import pypdfium2.raw as api

        area = api.FS_RECTF()
        api.FPDFAnnot_GetRect(annotation, area)
        corners = []
        for x, y in ((area.left, area.top), (area.right, area.bottom)):
            across, down = ctypes.c_int(), ctypes.c_int()
            api.FPDF_PageToDevice(self._raw, 0, 0, _FINE, _FINE, 0, x, y, across, down)
            corners += [across.value / _FINE, down.value / _FINE]
        return Box.clipped(*corners)


@contextlib.contextmanager
def open_document(source: Source, password: Password = None) -> Iterator[Document]:
    """Open a PDF and close it, with all its pages, in the end.

    A function in place of the password is asked for it if the document has one.

    Raises:
        PasswordError: it is encrypted, and the password is missing or wrong.
        UnsupportedInputError: it is damaged, has no pages, or its encryption is unknown.
    """
    import pypdfium2
    import pypdfium2.raw as api

    if callable(password):
        password = password(source.name) if _is_locked(source) else None

    def opened() -> Any:
        raw = pypdfium2.PdfDocument(source.data, password=password)
        if raw.get_formtype() == api.FORMTYPE_ACRO_FORM:
            raw.init_forms()  # before any page is loaded, or fields are not drawn
        return raw

    try:
        with contextlib.closing(Document(opened, source)) as document:
            if document.page_count == 0:
                raise UnsupportedInputError("is a PDF without pages", source=source.name)
            yield document
    except pypdfium2.PdfiumError as error:
        raise _explain(getattr(error, "err_code", None), source, password) from error


def _is_locked(source: Source) -> bool:
    """Say whether a PDF opens only with a password."""
    import pypdfium2
    import pypdfium2.raw as api

    if b"/Encrypt" not in source.data:
        return False
    try:
        pypdfium2.PdfDocument(source.data).close()
    except pypdfium2.PdfiumError as error:
        return bool(error.err_code == api.FPDF_ERR_PASSWORD)
    return False


def _explain(code: int | None, source: Source, password: str | None) -> DocxError:
    """Turn PDFium's error code into an error of ours."""
    import pypdfium2.raw as api

    # It also says so of some truncated files, which have no encryption at all.
    if code == api.FPDF_ERR_PASSWORD and b"/Encrypt" in source.data:
        if password:
            return PasswordError("the password is wrong", source=source.name)
        hint = "give its password: --password-file, DOCX_PASSWORD or --password"
        return PasswordError("is encrypted", source=source.name, hint=hint)
    known = code != api.FPDF_ERR_SECURITY
    what = "is a damaged PDF" if known else "is encrypted in a way that is not supported"
    return UnsupportedInputError(what, source=source.name)


def _saved(raw: Any, flags: int = 0) -> bytes:
    """Return the document as PDFium writes it."""
    buffer = io.BytesIO()
    raw.save(buffer, flags=flags)
    return buffer.getvalue()


def _wide(call: Any, *arguments: Any) -> str:
    """Return the text that a call of PDFium writes as UTF-16, asked for its length first."""
    import ctypes

    import pypdfium2.raw as api

    size = call(*arguments, None, 0)
    buffer = ctypes.create_string_buffer(max(size, 2))
    call(*arguments, ctypes.cast(buffer, ctypes.POINTER(api.FPDF_WCHAR)), size)
    return buffer.raw[:size].decode("utf-16-le", "replace").rstrip("\0")


def _chosen(form: Any, annotation: Any) -> str:
    """Return the labels of a choice's selected options; empty for any other field."""
    import pypdfium2.raw as api

    count = max(api.FPDFAnnot_GetOptionCount(form, annotation), 0)
    return ", ".join(
        _wide(api.FPDFAnnot_GetOptionLabel, form, annotation, index)
        for index in range(count)
        if api.FPDFAnnot_IsOptionSelected(form, annotation, index)
    )
