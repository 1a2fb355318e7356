"""What is asked of a page: sampled from its facts, keys and tables, and from what it lacks."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable
from functools import cache
from itertools import chain

from docx_models.synth import data
from docx_models.synth.draft import Ask, Draft, Run
from docx_models.synth.fields import FIELDS, worded

KEY_TEMPLATES = (
    "What is the {key}?",
    "What is the {key}?",
    "{key}",
    "{key}:",
    "What does it say for {key}?",
    "What is the value of '{key}'?",
    "{key}?",
    "What is given as {key}?",
)
SECTION_TEMPLATES = (
    "What is the {key} in the section '{section}'?",
    "What is the {key} under {section}?",
    "{section}: {key}",
    "{section} {key}",
)


def questions(d: Draft) -> list[Ask]:
    """Return the page's 14 to 22 questions, in random order; a measured page's own, all of them.

    About a fifth are absent ones; no two have the same wording, and a wording
    that would fit two answers is left out.
    """
    if d.measured:
        return d.asks
    rng = d.rng
    count = rng.randint(14, 22)
    pools = {
        "fact": [
            Ask(FIELDS[name].question(rng), name, runs, twins=tuple(d.twins.get(name, ())))
            for name, runs in d.facts.items()
        ],
        "key": _key_asks(d),
        "own": [ask for ask in d.asks if ask.kind == "extract"],
        "text": [ask for ask in d.asks if ask.kind == "text"],
        "absent": _absent_asks(d),
    }
    meant: dict[str, set[tuple[tuple[Run, ...], str | None]]] = {}
    for ask in chain(*pools.values()):
        meant.setdefault(_wording(ask), set()).add((ask.runs, ask.text))
    for pool in pools.values():
        pool[:] = [ask for ask in pool if len(meant[_wording(ask)]) == 1]
        rng.shuffle(pool)
    _core_last(d, pools["fact"])
    others = sum(len(pool) for name, pool in pools.items() if name != "absent")
    del pools["absent"][max(3, others // 3) :]
    for name in ("own", "text"):
        pools[name].sort(key=lambda ask: ask.field == d.family)
    weights = {"fact": 37, "key": 11, "own": 28, "text": 7, "absent": 17}
    chosen: list[Ask] = []
    seen: set[str] = set()
    while len(chosen) < count and any(pools.values()):
        names = [name for name, pool in pools.items() if pool]
        ask = pools[rng.choices(names, [weights[name] for name in names])[0]].pop()
        if _wording(ask) not in seen:
            seen.add(_wording(ask))
            chosen.append(ask)
    return chosen


def _wording(ask: Ask) -> str:
    """Return a question as it is compared with others."""
    return " ".join(ask.question.lower().split()).rstrip("?.: ")


def _key_asks(d: Draft) -> list[Ask]:
    """Ask for values by the keys printed beside them; a repeated key needs its section."""
    clean = [
        (" ".join("".join(r.text for r in key).strip(" :*.?").split()), runs, section)
        for key, runs, section in d.pairs
        if runs
    ]
    counts = Counter(key.lower() for key, _, _ in clean)
    placed = Counter((key.lower(), section) for key, _, section in clean)
    asks = []
    for key, runs, section in clean:
        if not key:
            continue
        key = _recased(d.rng, key)
        if counts[key.lower()] == 1 and key.lower() not in (blank.lower() for blank in d.blank):
            question = d.rng.choice(KEY_TEMPLATES).format(key=key)
        elif section and placed[key.lower(), section] == 1:
            question = d.rng.choice(SECTION_TEMPLATES).format(key=key, section=section)
        else:
            continue
        asks.append(Ask(question, "key", runs))
    return asks


def _bare(key: Iterable[Run]) -> str:
    """Return a key as it is compared: in small letters, without its colon."""
    return " ".join(run.text for run in key).strip(" :*.?").lower()


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.lower().replace("'s", "")))


@cache
def _called(name: str) -> tuple[frozenset[str], ...]:
    """Return the words of each way to call a field."""
    return tuple(words for text in FIELDS[name].called() if (words := _words(text)))


@cache
def _fields_of(family: str, kind: str) -> tuple[str, ...]:
    return tuple(data.load("families.toml")[family][kind].split())


def _core_last(d: Draft, asks: list[Ask]) -> None:
    """Move most questions for core fields to the end, from where they are drawn first."""
    core = {name for name in _fields_of(d.family, "core") if d.chance(0.6)}
    asks.sort(key=lambda ask: ask.field in core)


def _recased(rng: random.Random, key: str) -> str:
    """People type a key as it is printed, or in small letters."""
    return key.lower() if rng.random() < 0.3 else key


def _absent_asks(d: Draft) -> list[Ask]:
    """Ask for fields that fit the kind of page but are not on it, and for keys left blank."""
    asks = [ask for ask in d.asks if ask.kind == "absent"]
    filled = {_bare(key) for key, value, _ in d.pairs if value}
    keys = [_words(key) for key in filled]
    for name in _fields_of(d.family, "absent"):
        entry = FIELDS[name]
        shown = d.hinted.union(d.facts)
        # A longer key may be meant as well: "Patient's name" answers who the patient is.
        told = any(called <= key for called in _called(name) for key in keys)
        if told or not shown.isdisjoint((name, *entry.near)):
            continue
        asks.append(Ask(entry.question(d.rng), name))
    for blank in d.blank:
        if blank.strip(" :*.?").lower() not in filled:
            asks.append(Ask(d.rng.choice(KEY_TEMPLATES).format(key=blank), "key"))
            asks.append(Ask(worded(d.rng, blank.lower()), "key"))
    return asks
