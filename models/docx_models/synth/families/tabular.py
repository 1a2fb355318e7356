"""Pages around a real table: prose beside it, other tables below it, in every make."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from string import capwords

from docx_models.synth import blocks, lookups, prose
from docx_models.synth.content import Asked, Source
from docx_models.synth.draft import Ask, Draft, Run, quote
from docx_models.synth.families.report import SECTIONS, TITLES

COMPUTED = re.compile(r"\b(how ma?n?y|how long|total|difference|average|sum|combined|number)\b")
NOTES = (
    "Source: {company}, {date}.",
    "Note: figures as of {date}.",
    "* Preliminary. Revised figures appear on {date}.",
    "1) Without {city}.",
    "Compiled by {person}.",
)
Texts = Sequence[Sequence[str]]
Place = tuple[int, int]
MOST_PLACES = 4
"""An answer that stands in more cells than these says nothing about where to look."""


def write_table(d: Draft) -> None:
    """Fill a draft with a page around one table of general knowledge, sometimes two."""
    source = _source(d)
    if d.family == "tabfact" and not d.measured and d.chance(0.7):
        # The set is published in small letters throughout.
        rows = tuple(tuple(capwords(text) for text in row) for row in source.rows)
        source = replace(source, rows=rows)
    _fit(d, source.rows)
    parts = _opening(d, source.title)
    tables = [_table(d, source.rows, source.asked, heads=1)]
    if not d.measured and len(source.rows) < 12 and d.chance(0.2):
        tables.append(_other_table(d, source))
    for table in tables:
        if d.chance(0.5):
            parts.append(_filler(d))
        parts.append(table)
    if len(source.rows[0]) < 5 and len(tables) == 1 and d.chance(0.15):
        beside = [parts.pop(), blocks.stack([_filler(d) for _ in range(d.rng.randint(1, 3))], 8)]
        parts.append(blocks.grid(beside, "1.6fr, 1fr", column_gutter="14pt"))
    if d.chance(0.35):
        parts.append(_filler(d))
    d.body = blocks.page(d, *parts, gap=d.rng.uniform(7, 14))


def write_finance(d: Draft) -> None:
    """Fill a draft with a page of a financial report: a table and the text that explains it."""
    source = _source(d)
    _fit(d, source.rows)
    parts = _opening(d, source.title)
    asked, told = list(source.asked), []
    for paragraph in source.paragraphs:
        inside = [a for a in asked if len(a.answers) == 1 and not a.computed]
        body, found = prose.paragraph(d, paragraph, [a.answers[0] for a in inside])
        for question, places in zip(inside, found, strict=True):
            if places and prose.states(paragraph, question.answers[0]):
                d.asks.append(Ask(question.question, d.family, places[0], twins=places[1:]))
                asked.remove(question)
        told.append(body)
    table = _table(d, source.rows, asked, heads=head_rows(source.rows))
    told.insert(d.rng.choice((0, 1, len(told))), table)
    d.body = blocks.page(d, *parts, *told, gap=d.rng.uniform(7, 14))


def _source(d: Draft) -> Source:
    if d.source is None:
        raise ValueError(f"{d.family} pages are filled from published tables and texts")
    return d.source


def _fit(d: Draft, rows: Texts) -> None:
    """Choose type and paper so that the table's longest words have room in their columns."""
    columns = list(zip(*rows, strict=True))
    longest = [max(max(map(len, text.split()), default=1) for text in column) for column in columns]
    usual = [max(len(text) for text in column) ** 0.8 for column in columns]
    wide = sum(max(a, b) + 2 for a, b in zip(longest, usual, strict=True))
    width, height = sorted((d.style.width, d.style.height))
    if wide > 120 or (wide > 90 and d.chance(0.5)):
        width, height = height, width
    letter = 0.6 if "Mono" in d.style.font else 0.56
    room = (width - 2 * min(d.style.margin, 45)) / (letter * wide)
    size = round(max(4.5, min(d.style.size, 10.5, room)), 1)
    d.style = replace(
        d.style, width=width, height=height, size=size, margin=min(d.style.margin, 45)
    )


def _opening(d: Draft, caption: str) -> list[str]:
    """A title, its date and author at times, and a heading."""
    v, parts = d.values, []
    if d.chance(0.6):
        title = d.header(caption.title() or d.rng.choice(TITLES).format(year=v.today.year))
        d.facts["title"] = (title,)
        size = d.rng.choice((1.3, 1.6, 2.0))
        parts.append(blocks.styled(title, size=size, weight="bold", fill=d.style.accent))
    if d.chance(0.25):
        items = [
            d.pair("sender", d.fact("sender", v.person()), label=d.rng.choice(("Author", "By"))),
            d.pair("letter_date", d.fact("letter_date", v.date(v.today))),
        ]
        parts.append(blocks.pairs(d, items, d.rng.choice(("inline", "columns"))))
    if d.chance(0.4):
        parts.append(blocks.styled(d.header(d.rng.choice(SECTIONS)), size=1.15, weight="bold"))
    return parts


def _filler(d: Draft) -> str:
    """A paragraph that answers nothing."""
    text = " ".join(
        d.values.fake.paragraph(d.rng.randint(2, 5)) for _ in range(d.rng.choice((1, 1, 2)))
    )
    return f"par([#{quote(text)}])"


def _other_table(d: Draft, source: Source) -> str:
    """A second table cut from the first: other columns, so that no question fits both."""
    count = d.rng.randint(3, min(8, len(source.rows)))
    rows = [
        [d.values.fake.city(), d.values.number(d.values.price(1, 9000), 0)] for _ in range(count)
    ]
    return _table(
        d, [["Place", d.rng.choice(("Inhabitants", "Visitors", "Sales"))], *rows], (), heads=1
    )


def head_rows(rows: Texts) -> int:
    """Guess how many rows head a table: those above the first with a name and a number."""
    for number, row in enumerate(rows):
        if row[0] and any(lookups.number(text) is not None for text in row[1:]):
            years = all(re.fullmatch(r"(19|20)\d\d", text) for text in row[1:] if text)
            if not years:
                return max(1, min(number, 3))
    return 1


# --- the table -------------------------------------------------------------------


def _table(d: Draft, rows: Texts, asked: Sequence[Asked], heads: int) -> str:
    """Set a table with its caption and note, and ask about its cells."""
    answers = {} if not asked else _answers(rows, asked, heads)
    side = d.rng.choice(("left", "right", "center"))
    sides = ["left", *[side] * (len(rows[0]) - 1)]
    auto = d.rng.choice(("auto", "auto", "1fr"))
    table = blocks.Table([auto] * len(rows[0]), sides)
    placed: list[list[tuple[Run, ...]]] = []
    for number, texts in enumerate(rows):
        cuts = [answers.get((number, column), []) for column in range(len(texts))]
        cells = [_cell(d, text, cut) for text, cut in zip(texts, cuts, strict=True)]
        placed.append(cells)
        _add_row(table, number, texts, cells, header=number < heads)
    _ask_published(d, rows, placed, asked, heads)
    if not d.measured:
        names = _column_names(rows[:heads])
        # A row without values is a heading among the rows, and names nothing.
        body = [cells for cells in placed[heads:] if any(cells[1:])]
        grid = lookups.Grid(names, body, _stub(d, rows[heads:]))
        lookups.ask(d, grid, cells=8 if asked else 18)
    parts = [blocks.set_table(d, table)]
    if d.chance(0.4):
        caption = d.run(f"Table {len(d.tables)}: {d.values.fake.sentence(4)}")
        parts.insert(d.rng.choice((0, 0, 1)), blocks.styled(caption, size=0.9))
    if d.chance(0.25):
        parts.append(_note(d))
    return blocks.stack(parts, 5)


def _stub(d: Draft, body: Texts) -> int:
    """Choose the column that names the rows: one of the first with texts that differ throughout."""
    columns = list(zip(*body, strict=True))
    naming = [
        number
        for number, texts in enumerate(columns)
        if len(set(texts)) == len(texts)
        and sum(lookups.number(t) is None for t in texts) > len(texts) / 2
    ]
    return d.asker.choice(naming[:2]) if naming else 0


def _note(d: Draft) -> str:
    v = d.values
    text = d.rng.choice(NOTES).format(
        company=v.company(), date=v.date(v.today), city=v.fake.city(), person=v.person()
    )
    return blocks.note(d, text, 0.8)


def _add_row(
    table: blocks.Table,
    number: int,
    texts: Sequence[str],
    cells: Sequence[tuple[Run, ...]],
    *,
    header: bool,
) -> None:
    """Add a row; in a head of several rows a name reaches over the empty slots to its right."""
    shown: list[Sequence[Run] | None] = list(cells)
    spans: dict[int, int] = {}
    if header and number == 0:
        for column in range(len(texts) - 1, 0, -1):
            if not texts[column] and column > 1 and any(texts[1:column]):
                shown[column] = None
        start = 0
        for column in range(1, len(texts)):
            if shown[column] is not None:
                start = column
            elif start:
                spans[start] = column - start + 1
    table.row(number, shown, header=header, spans=spans)


def _column_names(heads: Texts) -> list[str]:
    """Return each column's name: its heads from top to bottom, a spanning one for all it spans."""
    names = []
    for column in range(len(heads[0])):
        parts = []
        for row, texts in enumerate(heads):
            text = texts[column]
            if not text and row == 0 and len(heads) > 1 and column:
                text = next((t for t in reversed(texts[1:column]) if t), "")
            if text:
                parts.append(text)
        names.append(" ".join(parts))
    return names


def _cell(d: Draft, text: str, cuts: Sequence[str]) -> tuple[Run, ...]:
    """Place a cell's text, cut around an answer that is a part of it."""
    if not text:
        return ()
    for cut in cuts:
        before, found, after = f" {text} ".partition(f" {cut} ")
        if found and cut != text:
            return tuple(d.run(part) for part in (before, cut, after) if part.strip())
    return (d.run(text),)


def _answers(rows: Texts, asked: Sequence[Asked], heads: int) -> dict[Place, list[str]]:
    """Return the parts of cells that are answers, by their cell."""
    cuts: dict[Place, list[str]] = {}
    for question in asked:
        places, text = locate_answer(rows, question, heads)
        for place in places:
            cuts.setdefault(place, []).append(text)
    return cuts


def locate_answer(rows: Texts, asked: Asked, heads: int = 1) -> tuple[list[Place], str]:
    """Return the cells that may be meant as the answer and the words in them, or ([], "").

    Of several, those are taken where the question names the column or something
    else of the row; where that leaves a few whole cells, it is not known which
    of them is meant. A number that may have been counted must be confirmed by
    its row even where it stands once.
    """
    if len(asked.answers) != 1 or asked.computed:
        return [], ""
    answer, question = asked.answers[0], f" {_plain(asked.question)} "
    wanted = f" {answer.strip().lower()} "
    cells = [(r, c) for r, row in enumerate(rows) for c in range(len(row))]
    shown = {(r, c): f" {rows[r][c].lower()} " for r, c in cells}
    whole = [cell for cell in cells if shown[cell] == wanted]
    places = whole or [cell for cell in cells if wanted in shown[cell]]
    names = _column_names(rows[:heads])
    if len(places) > 1:
        by_column = [p for p in places if names[p[1]] and f" {_plain(names[p[1]])} " in question]
        places = by_column or places
    by_row = [p for p in places if _row_named(rows[p[0]], p[1], question)]
    if lookups.number(answer) is not None and (len(answer) < 3 or COMPUTED.search(question)):
        places = by_row if len(by_row) == 1 else []
    elif len(places) > 1:
        places = by_row or places
    same = len({rows[r][c] for r, c in places}) == 1
    if not places or len(places) > (MOST_PLACES if whole and same else 1):
        return [], ""
    row, column = places[0]
    start = shown[places[0]].index(wanted)
    return places, rows[row][column][start : start + len(wanted) - 2]


def _row_named(row: Sequence[str], column: int, question: str) -> bool:
    """Say whether the question names another cell of the row."""
    others = (_plain(text) for i, text in enumerate(row) if i != column)
    return any(len(text) > 2 and f" {text} " in question for text in others)


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[^\w]+", " ", text.lower()).split())


def _ask_published(
    d: Draft,
    rows: Texts,
    placed: Sequence[Sequence[tuple[Run, ...]]],
    asked: Sequence[Asked],
    heads: int,
) -> None:
    """Ask the source's own questions: of the cells where the answer stands, else for a text."""
    for question in asked:
        places, text = locate_answer(rows, question, heads)
        found = []
        for row, column in places:
            runs = placed[row][column]
            part = tuple(run for run in runs if run.text == text)
            if part or " ".join(run.text for run in runs) == text:
                found.append(part or runs)
        if found:
            d.asks.append(Ask(question.question, d.family, found[0], twins=tuple(found[1:])))
        elif d.measured or (len(question.answers) == 1 and len(question.answers[0].split()) <= 4):
            d.asks.append(Ask(question.question, d.family, text="|".join(question.answers)))
