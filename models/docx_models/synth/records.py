"""Draft and rendered sheet -> the record a model is trained on."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from docx_cli.errors import UsageError
from docx_models.synth import render
from docx_models.synth.content import Content
from docx_models.synth.draft import Ask, Draft, Run, SynthError
from docx_models.synth.families import WRITERS
from docx_models.synth.questions import questions
from docx_models.synth.style import sample_style
from docx_models.synth.values import Values

Record = dict[str, Any]
ATTEMPTS = 8


def draft(family: str, seed: int, attempt: int = 0, content: Content | None = None) -> Draft:
    """Write one page, a pure function of its arguments.

    Raises:
        UsageError: the family is filled from published texts, and `content` is missing.
    """
    rng = random.Random(f"{family}-{seed}-{attempt}")
    writer = WRITERS[family]
    style = sample_style(rng, paper=writer.paper)
    place = rng.choices(list(writer.places), list(writer.places.values()))[0]
    d = Draft(family, rng, Values(rng, place, upper=style.upper), style)
    d.asker = random.Random(f"{family}-{seed}-{attempt}-asked")
    if writer.content:
        _fill(d, seed, content)
    writer.write(d)
    d.forget_unplaced()
    return d


def _fill(d: Draft, seed: int, content: Content | None) -> None:
    """Give a draft its published text; pages that measure take one after another, by their seed."""
    if content is None:
        hint = "name the folder of the published sets"
        raise UsageError(f"{d.family} pages are filled from published texts", hint=hint)
    d.measured = content.split == "dev"
    if d.measured:
        d.source = content.at(d.family, seed)
    else:
        d.source = content.draw(d.family, d.rng)
        d.more = tuple(content.draw(d.family, d.rng) for _ in range(5))


def generate_many(
    family_seeds: Sequence[tuple[str, int]], content: Content | None = None
) -> list[Record]:
    """Return a record for each (family, seed), compiled together.

    A page whose truth cannot be proven word by word is written anew from the
    next attempt's chance, so that the result does not depend on its neighbours.

    Raises:
        SynthError: a page failed in every attempt.
    """
    done: dict[int, Record] = {}
    for attempt in range(ATTEMPTS):
        todo = [i for i in range(len(family_seeds)) if i not in done]
        if not todo:
            break
        done |= _attempt(family_seeds, todo, attempt, content)
    if len(done) < len(family_seeds):
        left = next(i for i in range(len(family_seeds)) if i not in done)
        raise SynthError(f"{family_seeds[left]}: no sound page in {ATTEMPTS} attempts")
    return [done[i] for i in range(len(family_seeds))]


def _attempt(
    family_seeds: Sequence[tuple[str, int]],
    todo: Sequence[int],
    attempt: int,
    content: Content | None,
) -> dict[int, Record]:
    drafts = [draft(*family_seeds[i], attempt, content) for i in todo]
    try:
        sheets = render.render(drafts)
    except SynthError:
        if len(todo) == 1:
            return {}
        parts = [_attempt(family_seeds, [i], attempt, content) for i in todo]
        return {i: record for part in parts for i, record in part.items()}
    done = {}
    for i, page, sheet in zip(todo, drafts, sheets, strict=True):
        family, seed = family_seeds[i]
        try:
            done[i] = record(f"{family}-{seed}", page, sheet)
        except SynthError:
            continue
    return done


def record(name: str, d: Draft, sheet: render.Sheet) -> Record:
    """Resolve a draft's truth to the words of its sheet.

    Raises:
        SynthError: a text does not stand where it was placed.
    """
    placed = {run.number: render.locate(sheet, run) for run in d.runs}
    scale = (sheet.width, sheet.height, sheet.width, sheet.height)
    words = [
        [text, *(round(min(max(v / s, 0.0), 1.0), 5) for v, s in zip(box, scale, strict=True))]
        for text, box in zip(sheet.texts, sheet.boxes.tolist(), strict=True)
    ]
    segments, links = _segments(d, placed)
    return {
        "id": name,
        "family": d.family,
        "width": sheet.width,
        "height": sheet.height,
        "words": words,
        "picture": render.encoded(sheet.picture),
        "questions": [_question(ask, placed) for ask in questions(d)],
        "segments": segments,
        "links": links,
        "tables": [_table(cells, placed) for cells in d.tables],
    }


def _question(ask: Ask, placed: dict[int, list[render.Piece]]) -> Record:
    answer, pieces = ask.text or "", list[render.Piece]()
    for run in ask.runs:
        found = placed[run.number]
        glue = "" if not pieces or pieces[-1][0] == found[0][0] else " "
        answer += glue + run.text
        pieces += found
    out = {"question": ask.question, "field": ask.field, "kind": ask.kind, "answer": answer}
    places = [pieces, *([p for run in runs for p in placed[run.number]] for runs in ask.twins)]
    shown = [[list(piece) for piece in _merged(place)] for place in places]
    return out | ({"occurrences": shown} if ask.twins else {"pieces": shown[0]})


def _merged(pieces: Sequence[render.Piece]) -> list[render.Piece]:
    """Join pieces that touch within a word."""
    merged: list[render.Piece] = []
    for word, start, end in pieces:
        if merged and merged[-1][0] == word and merged[-1][2] == start:
            merged[-1] = (word, merged[-1][1], end)
        else:
            merged.append((word, start, end))
    return merged


def _segments(
    d: Draft, placed: dict[int, list[render.Piece]]
) -> tuple[list[Record], list[list[int]]]:
    """Return the segments outside tables and their links; a shared word goes to its larger part."""
    tabled = {run.number for cells in d.tables for cell in cells for run in cell.runs}
    groups: list[tuple[str, tuple[Run, ...]]] = []
    links = []
    for key, value, _ in d.pairs:
        if not tabled.isdisjoint(run.number for run in (*key, *value)):
            continue
        groups.append(("key", key))
        if value:
            groups.append(("value", value))
            links.append([len(groups) - 2, len(groups) - 1])
    groups += [("header", runs) for runs in d.headers]
    used = tabled | {run.number for _, runs in groups for run in runs}
    groups += [("other", (run,)) for run in d.runs if run.number not in used]
    owner: dict[int, tuple[int, int]] = {}
    for number, (_, runs) in enumerate(groups):
        for word, start, end in (piece for run in runs for piece in placed[run.number]):
            owner[word] = max(owner.get(word, (0, 0)), (end - start, number))
    members: list[list[int]] = [[] for _ in groups]
    for number, (_, runs) in enumerate(groups):
        for word, _, _ in (piece for run in runs for piece in placed[run.number]):
            if owner[word][1] == number and word not in members[number]:
                members[number].append(word)
    kept = [i for i, words in enumerate(members) if words]
    place = {old: new for new, old in enumerate(kept)}
    segments = [{"label": groups[i][0], "words": members[i]} for i in kept]
    return segments, [[place[a], place[b]] for a, b in links if a in place and b in place]


def _table(cells: Sequence[Any], placed: dict[int, list[render.Piece]]) -> Record:
    return {
        "cells": [
            {
                "row": cell.row,
                "column": cell.column,
                "row_span": cell.row_span,
                "column_span": cell.column_span,
                "kind": "header" if cell.header else "body",
                "words": [p[0] for p in _merged([p for r in cell.runs for p in placed[r.number]])],
            }
            for cell in cells
        ]
    }


def generate(family: str, seed: int, content: Content | None = None) -> Record:
    """Return one page's record, a pure function of family and seed.

    Raises:
        ValueError: the family is unknown.
        SynthError: no sound page came of it.
    """
    if family not in WRITERS:
        raise ValueError(f"unknown family {family!r}; known: {', '.join(WRITERS)}")
    return generate_many([(family, seed)], content)[0]


def sample_pdf(family: str, seed: int, content: Content | None = None) -> bytes:
    """Return the PDF of the page that `generate` describes, without its marks."""
    for attempt in range(ATTEMPTS):
        page = draft(family, seed, attempt, content)
        try:
            record("sample", page, render.render([page])[0])
        except SynthError:
            continue
        return render.shown_pdf(page)
    raise SynthError(f"{family}-{seed}: no sound page in {ATTEMPTS} attempts")
