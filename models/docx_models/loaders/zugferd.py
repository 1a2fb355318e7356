"""ZUGFeRD and Factur-X: invoices as PDF with their data as XML beside them (`NAME.xml`).

The XML is UN/CEFACT's Cross Industry Invoice, or its forerunner of ZUGFeRD 1. Four values are
taken: number, issue date, grand total and the seller's name. All invoices of one seller fall
into one split, since examples return in several profiles with the same content and layout.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from docx_models import values
from docx_models.loaders.fields import ZUGFERD
from docx_models.loaders.labelled import Asked, Labelled

log = logging.getLogger(__name__)

DOCUMENT = ("ExchangedDocument", "HeaderExchangedDocument")


def holds(folder: Path) -> bool:
    """Say whether a folder holds PDFs with XML beside them."""
    return any(path.with_suffix(".xml").exists() for path in folder.glob("*.pdf"))


def documents(folder: Path, split: str) -> Iterator[Labelled]:
    """Read the invoices of a split; one without sound XML is passed over, with its reason."""
    for path in sorted(folder.glob("*.pdf")):
        try:
            found = read_invoice(path.with_suffix(".xml").read_bytes())
        except (OSError, ElementTree.ParseError, ValueError) as error:
            log.warning("%s is passed over: %s", path.name, getattr(error, "strerror", "") or error)
            continue
        if split_of(found["seller"][0]) == split:
            asked = tuple(Asked(field, found[field.name]) for field in ZUGFERD)
            yield Labelled(path.stem, path, asked)


def split_of(seller: str) -> str:
    """Return train or dev, half of the sellers each."""
    digest = hashlib.sha256(values.normalise(seller).encode()).digest()
    return ("train", "dev")[digest[0] % 2]


def read_invoice(xml: bytes) -> dict[str, tuple[str, ...]]:
    """Return the equally good texts of each field.

    Raises:
        ParseError: this is no XML.
        ValueError: it lacks one of the fields.
    """
    root = ElementTree.fromstring(xml)
    head = _first(root, *DOCUMENT)
    day = _text(head, "DateTimeString")
    if len(day) != 8 or not day.isdigit():
        raise ValueError(f"the issue date is {day!r}")
    total = _text(root, "GrandTotalAmount")
    return {
        "invoice_number": (_text(head, "ID"),),
        "issue_date": (f"{day[:4]}-{day[4:6]}-{day[6:]}",),
        # Credit notes are negative in the data and mostly printed without a sign.
        "grand_total": (total, total.lstrip("-")) if total.startswith("-") else (total,),
        "seller": (_name(_text(_first(root, "SellerTradeParty"), "Name")),),
    }


def read_items(xml: bytes) -> list[dict[str, str]]:
    """Return name, quantity and amount of each line item, as the data writes them.

    An item lacks what the data does not say; the smaller profiles have no items at all.

    Raises:
        ParseError: this is no XML.
    """
    names = {"Name": "description", "BilledQuantity": "quantity", "LineTotalAmount": "amount"}
    items = []
    for line in ElementTree.fromstring(xml).iter():
        if line.tag.endswith("}IncludedSupplyChainTradeLineItem"):
            found: dict[str, str] = {}
            for element in line.iter():
                name = names.get(element.tag.rpartition("}")[2])
                if name and element.text and element.text.strip():
                    found.setdefault(name, " ".join(element.text.split()))
            if "amount" in found:
                items.append(found)
    return items


def _name(text: str) -> str:
    """Join a name's lines, without those that are numbers of the seller."""
    lines = [line for line in text.splitlines() if not any(c.isdigit() for c in line)]
    return " ".join(" ".join(lines or [text]).split())


def _first(root: Element, *names: str) -> Element:
    """Return the first element of one of the names, whatever its namespace."""
    for element in root.iter():
        if element.tag.rpartition("}")[2] in names:
            return element
    raise ValueError(f"there is no {names[0]}")


def _text(root: Element, name: str) -> str:
    text = (_first(root, name).text or "").strip()
    if not text:
        raise ValueError(f"{name} is empty")
    return text
