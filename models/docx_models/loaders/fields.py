"""What the sets' labelled fields are called, how they are asked for and how they compare."""

from __future__ import annotations

from docx_models.loaders.labelled import Field

ADBUY = (
    Field(
        "contract_num", "text", "What is the contract or order number?",
        ("What is the contract number?", "contract number", "order number", "contract_num",
         "What is the order number?", "Which number does the contract have?"),
    ),
    Field(
        "advertiser", "text", "Who is the advertiser?",
        ("What is the name of the advertiser?", "advertiser", "Advertiser:",
         "Which advertiser is this for?", "Who paid for the advertising?"),
    ),
    Field(
        "gross_amount", "money", "What is the gross amount?",
        ("gross_amount", "What is the total gross amount?", "gross total", "total amount",
         "How much is the gross amount?", "What is the contract total?"),
    ),
    Field(
        "flight_from", "date", "What is the flight start date?",
        ("flight_from", "When does the flight start?", "flight start", "start date of the flight",
         "From which date does the contract run?"),
    ),
    Field(
        "flight_to", "date", "What is the flight end date?",
        ("flight_to", "When does the flight end?", "flight end", "end date of the flight",
         "Until which date does the contract run?"),
    ),
)  # fmt: skip

SROIE = (
    Field("company", "text", "What is the name of the company?", ("company", "Which shop is it?")),
    Field("date", "date", "What is the date?", ("date", "When was the receipt issued?")),
    Field("address", "text", "What is the address of the company?", ("address",)),
    Field("total", "money", "What is the total?", ("total", "How much was paid in total?")),
)

ZUGFERD = (
    Field(
        "invoice_number", "text", "What is the invoice number?",
        ("invoice number", "Rechnungsnummer", "Wie lautet die Rechnungsnummer?",
         "What is the number of the invoice?"),
    ),
    Field(
        "issue_date", "date", "What is the invoice date?",
        ("invoice date", "Rechnungsdatum", "When was the invoice issued?",
         "Von welchem Datum ist die Rechnung?"),
    ),
    Field(
        "grand_total", "money", "What is the total amount including tax?",
        ("total", "Gesamtbetrag", "What is the total?", "Wie hoch ist der Rechnungsbetrag?"),
    ),
    Field(
        "seller", "text", "Who is the seller?",
        ("seller", "Verkäufer", "Who issued the invoice?", "Wer hat die Rechnung gestellt?"),
    ),
)  # fmt: skip

FIELDS: dict[str, tuple[Field, ...]] = {"adbuy": ADBUY, "sroie": SROIE, "zugferd": ZUGFERD}
"""Fields by the name of the set's folder."""
