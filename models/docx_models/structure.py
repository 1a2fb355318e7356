"""How found structure is scored: labelled words, entities, links, fields, cells, tables.

Everything is counted as (matched, found, gold), so that each figure is an F-score and sums over
documents. What is found may stand on other words than the gold does, since OCR splits, joins
and misses words: a found word counts for each gold word whose middle it covers or whose box
covers its middle. A found word that meets none counts as a wrong one of its own.

    words        question and answer words with their label
    entities     question and answer entities: same label, IoU of the words at least one half
    exact        the same, all words equal
    links        question-answer pairs both of whose entities match
    all_links    the same against all links of the gold, headings' too
    fields       pairs whose two texts are right
    cells        words of table cells, wherever in the table they are put; IoU as above
    adjacency    neighbouring cells (see `table_metrics`)
    grits_con, grits_top
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from docx_cli.document import Box, Table, Word
from docx_models import metrics, table_metrics
from docx_models.table_metrics import Grid, GridCell

LEAST_IOU = 0.5
"""Of the words of two entities or cells that are taken for the same."""

ANSWERABLE = ("key", "value")
"""Labels of questions and answers; headings and other text are not scored as entities."""

Ids = frozenset[int]


@dataclass(frozen=True)
class Tally:
    """Counts behind an F-score; `matched` may be a sum of likenesses."""

    matched: float = 0.0
    found: float = 0.0
    gold: float = 0.0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.matched + other.matched, self.found + other.found, self.gold + other.gold)

    @property
    def precision(self) -> float:
        """Share of what was found that is right; 0 where nothing was."""
        return self.matched / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        """Share of the gold that was found; 0 where there is none."""
        return self.matched / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both; 1 where there was nothing to find and nothing found."""
        both = self.found + self.gold
        return 2 * self.matched / both if both else 1.0


@dataclass(frozen=True)
class Entity:
    """Words of one label: key (question), value (answer) or header."""

    label: str
    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """The words, single spaces between them."""
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True)
class GoldTable:
    """A true table; `words` and `boxes` are those of each cell, None where they are not known."""

    grid: Grid
    box: Box
    words: tuple[tuple[Word, ...], ...] | None = None
    boxes: tuple[Box, ...] | None = None


def gold_table(cells: Sequence[tuple[Mapping[str, Any], Sequence[Word]]]) -> GoldTable:
    """Make a table of cells' places (row, column, row_span, column_span) and their words."""
    grid = Grid.of(
        [
            GridCell(
                place["row"],
                place["column"],
                place["row_span"],
                place["column_span"],
                " ".join(word.text for word in words),
            )
            for place, words in cells
        ]
    )
    box = Box.around(word.box for _, words in cells for word in words)
    return GoldTable(grid, box, tuple(tuple(words) for _, words in cells))


@dataclass(frozen=True)
class GoldPage:
    """What truly stands on one page.

    `entities` and `tables` are None where nobody labelled them. Links are pairs of indices of
    entities, the key first; `words` are all words of the page as the gold has them.
    """

    number: int = 1
    words: tuple[Word, ...] = field(default=(), repr=False)
    entities: tuple[Entity, ...] | None = None
    links: tuple[tuple[int, int], ...] = ()
    tables: tuple[GoldTable, ...] | None = None


@dataclass(frozen=True)
class Found:
    """What a system found on one page; links are pairs of indices of entities."""

    entities: tuple[Entity, ...] = ()
    links: tuple[tuple[int, int], ...] = ()
    tables: tuple[Table, ...] = ()


class Alignment:
    """Finds for words, however they were read, the gold words they stand for."""

    def __init__(self, gold: Sequence[Word]) -> None:
        self.boxes = np.array([w.box.as_tuple() for w in gold]).reshape(-1, 4)
        self.middles = (self.boxes[:, :2] + self.boxes[:, 2:]) / 2
        self._known: dict[Word, Ids] = {}
        for i, word in enumerate(gold):  # the gold's own words stand for themselves alone
            self._known[word] = self._known.get(word, frozenset()) | {i}
        self._strangers = 0

    def ids(self, words: Iterable[Word]) -> Ids:
        """Numbers of the gold words; a word that meets none gets a negative one of its own."""
        return frozenset().union(*(self._ids(word) for word in words))

    def _ids(self, word: Word) -> Ids:
        if word not in self._known:
            met = frozenset(np.flatnonzero(self._meets(word.box)).tolist())
            if not met:
                self._strangers += 1
                met = frozenset({-self._strangers})
            self._known[word] = met
        return self._known[word]

    def _meets(self, box: Box) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        x, y = box.center
        inside = self.inside(box)
        around = (self.boxes[:, :2] <= (x, y)) & (self.boxes[:, 2:] >= (x, y))
        return inside | around.all(axis=1)

    def inside(self, box: Box) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Which gold words have their middle in a box, [words]."""
        low, high = np.array(box.as_tuple()).reshape(2, 2)
        return np.asarray(((self.middles >= low) & (self.middles <= high)).all(axis=1))


def match(found: Sequence[Ids], gold: Sequence[Ids], least: float = LEAST_IOU) -> dict[int, int]:
    """Pair sets one to one, the most alike first; IoU of at least `least`.

    Returns:
        The index of the gold set for each found one that has a partner.
    """
    holders: dict[int, list[int]] = {}
    for g, ids in enumerate(gold):
        for i in ids:
            holders.setdefault(i, []).append(g)
    near = {(f, g) for f, ids in enumerate(found) for i in ids for g in holders.get(i, ())}
    rated = ((len(found[f] & gold[g]) / len(found[f] | gold[g]), f, g) for f, g in near)
    return _one_to_one((iou, f, g) for iou, f, g in rated if iou >= least)


def _one_to_one(rated: Iterable[tuple[float, int, int]]) -> dict[int, int]:
    """Keep of rated pairs the best ones that share no member, equal ones in their order."""
    partners: dict[int, int] = {}
    taken: set[int] = set()
    for _, f, g in sorted(rated, key=lambda pair: (-pair[0], pair[1:])):
        if f not in partners and g not in taken:
            partners[f] = g
            taken.add(g)
    return partners


def tallies(gold: GoldPage, found: Found) -> dict[str, Tally]:
    """Score one page; only what the gold labels is scored."""
    aligned = Alignment(gold.words)
    out: dict[str, Tally] = {}
    if gold.entities is not None:
        out |= _entity_tallies(aligned, gold, gold.entities, found)
    if gold.tables is not None:
        out |= _table_tallies(aligned, gold.tables, found.tables)
    return out


def _entity_tallies(
    aligned: Alignment, gold: GoldPage, entities: tuple[Entity, ...], found: Found
) -> dict[str, Tally]:
    true = [aligned.ids(e.words) for e in entities]
    seen = [aligned.ids(e.words) for e in found.entities]
    partners: dict[int, int] = {}
    for label in ANSWERABLE:
        mine = [i for i, e in enumerate(found.entities) if e.label == label]
        theirs = [i for i, e in enumerate(entities) if e.label == label]
        pairs = match([seen[i] for i in mine], [true[i] for i in theirs])
        partners |= {mine[f]: theirs[g] for f, g in pairs.items()}
    exact = sum(seen[f] == true[g] for f, g in partners.items())
    count = sum(e.label in ANSWERABLE for e in found.entities)
    wanted = sum(e.label in ANSWERABLE for e in entities)
    links = {(a, b) for a, b in gold.links if _labels(entities, a, b) == ANSWERABLE}
    linked = {(partners.get(a), partners.get(b)) for a, b in found.links}
    return {
        "words": _word_tally(entities, true, found.entities, seen),
        "entities": Tally(len(partners), count, wanted),
        "exact": Tally(exact, count, wanted),
        "links": Tally(len(linked & links), len(found.links), len(links)),
        "all_links": Tally(len(linked & links), len(found.links), len(set(gold.links))),
        "fields": _field_tally(entities, links, found),
    }


def _labels(entities: Sequence[Entity], a: int, b: int) -> tuple[str, str]:
    return entities[a].label, entities[b].label


def _word_tally(
    gold: Sequence[Entity], true: Sequence[Ids], found: Sequence[Entity], seen: Sequence[Ids]
) -> Tally:
    labelled = _label_of_words(gold, true)
    guessed = _label_of_words(found, seen)
    right = sum(labelled.get(word) == label for word, label in guessed.items())
    return Tally(right, len(guessed), len(labelled))


def _label_of_words(entities: Sequence[Entity], ids: Sequence[Ids]) -> dict[int, str]:
    pairs = zip(entities, ids, strict=True)
    return {word: e.label for e, words in pairs if e.label in ANSWERABLE for word in words}


def _field_tally(
    entities: Sequence[Entity], links: Iterable[tuple[int, int]], found: Found
) -> Tally:
    """Compare pairs as they are printed, each gold pair once."""
    wanted = [(entities[a].text, entities[b].text) for a, b in links]
    left = [(metrics.plain(key), metrics.plain(value)) for key, value in wanted]
    right = 0
    for a, b in found.links:
        pair = tuple(metrics.plain(found.entities[i].text) for i in (a, b))
        if pair in left:
            left.remove(pair)
            right += 1
    return Tally(right, len(found.links), len(wanted))


def _table_tallies(
    aligned: Alignment, gold: Sequence[GoldTable], found: Sequence[Table]
) -> dict[str, Tally]:
    grids = [_grid(t) for t in found]
    relations = [table_metrics.adjacency(g) for g in grids]
    wanted = [table_metrics.adjacency(t.grid) for t in gold]
    partners = _same_tables([t.box for t in found], [t.box for t in gold])
    met = [(wanted[g], relations[f]) for f, g in partners.items()]
    pairs = [(gold[g].grid, grids[f]) for f, g in partners.items()]
    slots, true_slots = sum(g.size for g in grids), sum(t.grid.size for t in gold)
    con = sum(table_metrics.grits(a, b, table_metrics.content) for a, b in pairs)
    top = sum(table_metrics.grits(a, b, table_metrics.topology) for a, b in pairs)
    out = {
        "adjacency": Tally(
            sum((a & b).total() for a, b in met),
            sum(r.total() for r in relations),
            sum(r.total() for r in wanted),
        ),
        "grits_con": Tally(con, slots, true_slots),
        "grits_top": Tally(top, slots, true_slots),
    }
    if len(aligned.boxes) and all(t.words is not None for t in gold):
        out["cells"] = _cell_tally(aligned, gold, found)
    return out


def _cell_tally(aligned: Alignment, gold: Sequence[GoldTable], found: Sequence[Table]) -> Tally:
    true = [aligned.ids(words) for t in gold for words in t.words or () if words]
    # A found cell gives its box only: it holds the words whose middle lies in it.
    seen = [
        frozenset(np.flatnonzero(aligned.inside(cell.box)).tolist())
        for t in found
        for cell in t.cells
        if cell.text
    ]
    return Tally(len(match(seen, true)), len(seen), len(true))


def _grid(table: Table) -> Grid:
    cells = (GridCell(c.row, c.column, c.row_span, c.column_span, c.text) for c in table.cells)
    return Grid.of(tuple(cells))


def _same_tables(found: Sequence[Box], gold: Sequence[Box]) -> dict[int, int]:
    """Pair tables one to one by IoU of their boxes, any overlap will do: {found: gold}."""
    rated = ((_iou(a, b), f, g) for f, a in enumerate(found) for g, b in enumerate(gold))
    return _one_to_one(pair for pair in rated if pair[0] > 0)


def _iou(a: Box, b: Box) -> float:
    width = min(a.x1, b.x1) - max(a.x0, b.x0)
    height = min(a.y1, b.y1) - max(a.y0, b.y0)
    common = max(width, 0.0) * max(height, 0.0)
    both = (a.x1 - a.x0) * (a.y1 - a.y0) + (b.x1 - b.x0) * (b.y1 - b.y0)
    return common / (both - common) if common else 0.0


def add_up(pages: Iterable[Mapping[str, Tally]]) -> dict[str, Tally]:
    """Sum the tallies of pages or documents by their names."""
    out: dict[str, Tally] = {}
    for page in pages:
        for name, tally in page.items():
            out[name] = out.get(name, Tally()) + tally
    return out
