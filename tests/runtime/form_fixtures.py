"""A small PDF form, built here field by field."""

from __future__ import annotations

import io
from typing import Any

from pdf_fixtures import PdfPage, pdf
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

HIDDEN = 2
RADIO, PUSH_BUTTON, COMBO = 1 << 15, 1 << 16, 1 << 17
A4 = (0, 0, 595, 842)

# Where each field stands: left, top, right, bottom in points from the page's top left.
PLACES = {
    "applicant.name": (160, 88, 400, 106),
    "f1_02[0]": (160, 118, 400, 136),
    "country": (160, 148, 400, 166),
    "member": (160, 180, 174, 194),
    "news": (160, 210, 174, 224),
    "empty": (160, 300, 400, 318),
    "secret": (160, 330, 400, 348),
    "send": (160, 360, 400, 378),
}
PLAN = {"basic": (160, 240, 174, 254), "full": (260, 240, 274, 254)}


def form(rotate: int = 0, name: str = "Ada Löve =1+1") -> bytes:
    """Write a filled form: texts, a choice, check boxes, radio buttons, and what is left out."""
    page = PdfPage(rotate=rotate, crop=A4, media=A4)
    labels = {
        "Full name": 100, "Date of birth": 130, "Country": 160, "Member": 191, "Newsletter": 221,
        "Plan": 251,
    }  # fmt: skip
    page.text("Application", 60, 60, 18)
    for text, v in labels.items():
        page.text(text, 60, v, 11)
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf(page))))
    made = _Form(writer, page)
    made.field("applicant.name", "/Tx", TU="Full name of the applicant", V=name)
    made.field("f1_02[0]", "/Tx", V="10 December 1815")
    made.field("country", "/Ch", COMBO, V="UK", Opt=[["UK", "United Kingdom"], ["FR", "France"]])
    made.field("member", "/Btn", V="/Yes", states=["/Yes"])
    made.field("news", "/Btn", V="/Off", states=["/Yes"])
    made.radio("plan", "/full")
    made.field("empty", "/Tx", V="")
    made.field("secret", "/Tx", V="hidden", F=HIDDEN)
    made.field("send", "/Btn", PUSH_BUTTON)
    made.finish()
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


class _Form:
    """Adds fields to a document's first page."""

    def __init__(self, writer: PdfWriter, page: PdfPage) -> None:
        self._writer = writer
        self._page = page
        self._fields = ArrayObject()
        self._widgets = ArrayObject()

    def field(self, name: str, kind: str, flags: int = 0, **keys: Any) -> None:
        states = keys.pop("states", None)
        made = self._widget(PLACES[name], states, keys.get("V"))
        made |= _dictionary({"FT": kind, "Ff": flags, "T": name, "DA": " /Helv 10 Tf 0 g", **keys})
        if kind == "/Tx" and keys.get("V"):
            made |= self._appearance(PLACES[name], keys["V"])
        reference = self._writer._add_object(DictionaryObject(made))
        self._fields.append(reference)
        self._widgets.append(reference)

    def radio(self, name: str, chosen: str) -> None:
        parent = DictionaryObject(_dictionary({"FT": "/Btn", "Ff": RADIO, "T": name, "V": chosen}))
        parent_reference = self._writer._add_object(parent)
        kids = ArrayObject()
        for state, place in PLAN.items():
            kid = DictionaryObject(self._widget(place, [f"/{state}"], chosen))
            kid[NameObject("/Parent")] = parent_reference
            kids.append(self._writer._add_object(kid))
        parent[NameObject("/Kids")] = kids
        self._fields.append(parent_reference)
        self._widgets.extend(kids)

    def finish(self) -> None:
        font = _dictionary({"Type": "/Font", "Subtype": "/Type1", "BaseFont": "/Helvetica"})
        fonts = _dictionary(
            {"Font": DictionaryObject({NameObject("/Helv"): DictionaryObject(font)})}
        )
        form = _dictionary({"Fields": self._fields, "DR": DictionaryObject(fonts)})
        self._writer.root_object[NameObject("/AcroForm")] = DictionaryObject(form)
        self._writer.pages[0][NameObject("/Annots")] = self._widgets

    def _widget(self, place: Any, states: list[str] | None, value: Any) -> dict[Any, Any]:
        (xa, ya), (xb, yb) = (self._page.to_user_space(*place[i : i + 2]) for i in (0, 2))
        rect = ArrayObject(map(FloatObject, (min(xa, xb), min(ya, yb), max(xa, xb), max(ya, yb))))
        keys: dict[str, Any] = {"Type": "/Annot", "Subtype": "/Widget", "Rect": rect, "F": 4}
        if states:
            looks = {state: self._stream("0 0 14 14 re S") for state in (*states, "/Off")}
            normal = DictionaryObject({NameObject(k): v for k, v in looks.items()})
            keys["AP"] = DictionaryObject({NameObject("/N"): normal})
            keys["AS"] = value if value in states else "/Off"
        return _dictionary(keys)

    def _appearance(self, place: Any, text: str) -> dict[Any, Any]:
        content = self._stream(f"BT /F1 10 Tf 2 5 Td ({text}) Tj ET", place)
        return _dictionary({"AP": DictionaryObject({NameObject("/N"): content})})

    def _stream(self, operators: str, place: Any = (0, 0, 14, 14)) -> Any:
        stream = DecodedStreamObject()
        stream.set_data(operators.encode("latin-1"))
        size = (0, 0, place[2] - place[0], place[3] - place[1])
        stream.update(_dictionary({"Type": "/XObject", "Subtype": "/Form"}))
        stream[NameObject("/BBox")] = ArrayObject(map(FloatObject, size))
        stream[NameObject("/Resources")] = self._writer.pages[0]["/Resources"]
        return self._writer._add_object(stream)


def _dictionary(values: dict[str, Any]) -> dict[Any, Any]:
    return {NameObject(f"/{key}"): _object(value) for key, value in values.items()}


def _object(value: Any) -> Any:
    if isinstance(value, int):
        return NumberObject(value)
    if isinstance(value, list):
        return ArrayObject(map(_object, value))
    if isinstance(value, str):
        return NameObject(value) if value.startswith("/") else TextStringObject(value)
    return value
