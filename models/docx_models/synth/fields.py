"""The fields that pages hold: what they are called in print and how they are asked for."""

from __future__ import annotations

import random
from dataclasses import dataclass

from docx_models.synth import data

TEMPLATES = (
    "What is the {name}?",
    "What is the {name}?",
    "what is the {name}",
    "{name}",
    "{name}",
    "{Name}:",
    "{Name}",
    "{NAME}",
    "{snake}",
    "What's the {name} on this document?",
    "Find the {name}.",
    "Give me the {name}",
    "Which {name} is given?",
    "What {name} is stated on this page?",
    "Extract the {name}",
    "Can you tell me the {name}?",
)


@dataclass(frozen=True, slots=True)
class Field:
    """A fact that a page can hold.

    `near` names fields whose value could pass for this one: where one of them
    is on the page, this field is never asked as an absent one.
    """

    names: tuple[str, ...]
    ask: tuple[str, ...]
    labels: dict[str, tuple[str, ...]]
    near: tuple[str, ...]

    def printed(self, language: str) -> tuple[str, ...]:
        """Return the labels in a language, English where there are none."""
        return self.labels.get(language) or self.labels.get("en") or (self.names[0].title(),)

    def called(self) -> set[str]:
        """Return everything a key for this field could say, in small letters."""
        labels = (label for known in self.labels.values() for label in known)
        return {text.strip(" :*.?").lower() for text in (*self.names, *labels)}

    def question(self, rng: random.Random) -> str:
        """Return one of the field's wordings."""
        if self.ask and rng.random() < 0.4:
            return rng.choice(self.ask)
        return worded(rng, rng.choice(self.names))


def worded(rng: random.Random, name: str) -> str:
    """Return a question for a thing called `name`, from a full sentence down to a bare key."""
    return rng.choice(TEMPLATES).format(
        name=name,
        Name=name[:1].upper() + name[1:],
        NAME=name.upper(),
        snake="_".join(name.lower().replace("'", "").split()),
    )


def _load() -> dict[str, Field]:
    return {
        name: Field(
            names=tuple(entry["names"]),
            ask=tuple(entry.get("ask", ())),
            labels={code: tuple(entry[code]) for code in ("en", "de", "fr", "ms") if code in entry},
            near=tuple(entry.get("near", ())),
        )
        for name, entry in data.load("fields").items()
    }


FIELDS = _load()
