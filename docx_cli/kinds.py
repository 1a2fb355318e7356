"""The kinds of files that are read, and how each is told by its first bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["pdf", "png", "jpeg", "tiff", "webp", "gif", "heic"]

READ = "PDF, PNG, JPEG, TIFF, WebP, GIF and HEIC are read"

# Readers accept a PDF whose header stands behind some junk (PDF 1.7, appendix H.3.4.1).
_PDF_HEADER_WITHIN = 1024


@dataclass(frozen=True)
class _Traits:
    """What is known of a kind."""

    suffixes: tuple[str, ...]
    """What its files' names end in, in lower case."""
    magic: tuple[bytes, ...]
    """What its files begin with."""
    plugin: str = ""
    """What Pillow calls it."""


_KINDS: dict[Kind, _Traits] = {
    "pdf": _Traits((".pdf",), ()),
    "png": _Traits((".png",), (b"\x89PNG\r\n\x1a\n",), "PNG"),
    "jpeg": _Traits((".jpg", ".jpeg", ".jpe", ".jfif"), (b"\xff\xd8\xff",), "JPEG"),
    "tiff": _Traits((".tif", ".tiff"), (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"), "TIFF"),
    "webp": _Traits((".webp",), (), "WEBP"),
    "gif": _Traits((".gif",), (b"GIF87a", b"GIF89a"), "GIF"),
    "heic": _Traits((".heic", ".heif"), (), "HEIF"),
}
# ISO 14496-12: a box "ftyp" with the brand; these hold pictures in HEVC (ISO 23008-12).
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")

_AS_PDF, _AS_PNG = "save it as a PDF", "save it as a PNG"
_FOREIGN = {
    b"PK\x03\x04": ("an office document or ZIP archive", _AS_PDF),
    b"\xd0\xcf\x11\xe0": ("an old office document", _AS_PDF),
    b"\x1f\x8b": ("a gzip archive", "unpack it"),
    b"\x00\x00\x00\x0cjP  ": ("a JPEG 2000 image", _AS_PNG),
    b"%!PS": ("PostScript", _AS_PDF),
}

SUFFIXES = tuple(suffix for traits in _KINDS.values() for suffix in traits.suffixes)
"""What the names of readable files end in, in lower case."""


def plugin(kind: Kind) -> str:
    """Return what Pillow calls a kind of picture."""
    return _KINDS[kind].plugin


def kind_of(data: bytes) -> Kind | None:
    """Tell the kind from the content, since a name may lie; None if it is not read."""
    for kind, traits in _KINDS.items():
        if traits.magic and data.startswith(traits.magic):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS:
        return "heic"
    return "pdf" if b"%PDF-" in data[:_PDF_HEADER_WITHIN] else None


def describe(data: bytes) -> tuple[str, str | None]:
    """Say what bytes are that are not read, and what makes them something that is."""
    if data[4:8] == b"ftyp":
        picture = data[8:12] in (b"avif", b"avis")
        return ("an AVIF image", _AS_PNG) if picture else ("a film", None)
    for magic, told in _FOREIGN.items():
        if data.startswith(magic):
            return told
    plain = b"\0" not in data[:_PDF_HEADER_WITHIN]
    return ("plain text", _AS_PDF) if plain else ("of an unknown kind", None)
