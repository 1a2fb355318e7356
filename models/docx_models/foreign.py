"""Questions asked of pages on which nothing could answer them, so that "not found" is learned.

The generator's own absent questions fit the kind of page. These come from other kinds of
documents, and are asked of real pages too, whose labels say nothing about what is missing. A
field is asked only where no word stands on the page under which its value could be given.
"""

from __future__ import annotations

import random
import re
from functools import cache

import numpy as np

from docx_models.records import GoldQuestion, PageRecord
from docx_models.synth.fields import FIELDS

STEMS: dict[str, str] = {
    "patient": "patient hospital clinic",
    "date_of_birth": "birth born dob geb naiss",
    "blood_group": "blood",
    "physician": "physician doctor dr clinic hospital",
    "diagnosis": "diagnos clinic hospital",
    "meter_number": "meter kwh zähler compteur",
    "current_reading": "meter kwh reading zähler compteur",
    "consumption": "consum usage used kwh verbrauch",
    "salary": "salar wage pay compensation",
    "policy_number": "polic insur",
    "insured": "polic insur",
    "premium": "premium polic insur",
    "deductible": "deduct polic insur",
    "claim_number": "claim",
    "loss_date": "loss accident",
    "ssn": "social ssn tin tax",
    "filing_status": "filing status married single",
    "refund": "refund",
    "guest": "guest room hotel stay name",
    "room": "room hotel stay",
    "nights": "night room hotel stay",
    "iban": "iban",
    "bic": "bic swift iban",
    "credit_limit": "credit limit",
    "minimum_payment": "minimum",
    "card_number": "card visa master debit credit amex * x",
    "tip": "tip grat serv",
    "cash": "cash paid pay tender received bar espèces tunai",
    "change": "change rückgeld rendu baki",
    "cashier": "cash serv oper staff clerk user by",
    "member": "member loyal point card",
    "due_date": "due pay term day fällig échéance",
    "invoice_number": "invoice inv bill rechnung facture invois no number nr doc receipt",
    "order_number": "order ord po p.o bestell auftrag commande",
    "delivery_date": "deliver ship liefer livr",
    "discount": "disc rebate less sav rabatt remise diskaun promo",
    "shipping": "ship freight deliver post versand livr carr",
    "fax": "fax facs",
    "vehicle": "vehicle truck car plate registr reg. lorry",
    "driver": "driver",
    "carrier": "carrier ship freight courier via",
    "notice_period": "notice",
    "governing_law": "law govern",
    "deposit": "deposit kaution",
    "arrival_date": "arriv check in anreise",
    "departure_date": "depart check out abreise",
}
"""Fields, and beginnings of words in whose company their value might stand.

Only fields that pages of training do hold: what is always absent, the model learns to refuse
wherever it is asked.
"""


class Foreign:
    """Draws questions that a page cannot answer."""

    def __init__(self) -> None:
        self._stems = {name: tuple(stems.split()) for name, stems in STEMS.items()}

    def draw(self, record: PageRecord, count: int, rng: np.random.Generator) -> list[GoldQuestion]:
        """Return up to `count` questions about different fields that the page does not hold."""
        if not count:
            return []
        words = {w.lower() for word in record.words for w in re.findall(r"[\w.*]+", word.text)}
        asked = {q.field for q in record.questions}
        out: list[GoldQuestion] = []
        for name in rng.permutation(list(self._stems)).tolist():
            if len(out) == count:
                break
            near = asked.intersection((name, *FIELDS[name].near))
            if not near and not self._told(name, words):
                out.append(GoldQuestion(_worded(name, rng), name, "absent", "", ()))
        return out

    def _told(self, name: str, words: set[str]) -> bool:
        """Say whether any of a page's words might introduce a field."""
        return any(word.startswith(self._stems[name]) for word in words) or any(
            called <= words for called in _called(name)
        )


@cache
def _called(name: str) -> tuple[frozenset[str], ...]:
    """Return the words of each way to print a field's label."""
    texts = (re.findall(r"\w+", text) for text in FIELDS[name].called())
    return tuple(frozenset(words) for words in texts if words)


def _worded(name: str, rng: np.random.Generator) -> str:
    """Return one of a field's wordings."""
    return FIELDS[name].question(random.Random(int(rng.integers(2**32))))
