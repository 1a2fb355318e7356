"""Pairs of keys and values: our model alone, the tool, and the nearest label, on the same words.

SET is a set of real forms, or a pack of synthetic pages. The model alone is what its tags and
relations say; the tool adds where things stand. The baseline has places alone (`nearest_label`),
once with labels that end with a colon, once also with others.

    .venv/bin/python benchmarks/key_values.py SET ... [--limit N] [--words-cache DIR] [--save]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import nearest_label
from results import Figures, finish, parser

from docx_cli.bundle import open_bundle, resolve
from docx_cli.document import DocumentResult
from docx_cli.key_values import key_values
from docx_cli.pipeline import Extractor
from docx_cli.reading import PageContent
from docx_cli.word_scores import WordScores
from docx_models import metrics, structure
from docx_models.cases import Case, Reader, load_cases
from docx_models.structure import Found, Tally
from docx_models.systems import read_alone, read_printed

MEASURES = {
    "words": "words with their label",
    "entities": "entities",
    "links": "links",
    "fields": "pairs of texts",
}
Read = Callable[[PageContent, WordScores], Found]
Scored = list[Mapping[str, Tally]]


def alone(content: PageContent, scores: WordScores) -> Found:
    return read_alone(content.page.number, scores)


def printed(content: PageContent, scores: WordScores) -> Found:
    """What `docx kv` prints, check boxes left out, which no set labels as pairs."""
    pairs = tuple(key_values(content.upright, scores))
    return read_printed(DocumentResult("", None, "ok", key_values=pairs))


def nearest(content: PageContent, _: WordScores, *, plain: bool) -> Found:
    return nearest_label.read(content.upright, content.rules, plain=plain)


SYSTEMS: dict[str, Read] = {
    "the model alone": alone,
    "docx kv": printed,
    "nearest label, colons": partial(nearest, plain=False),
    "nearest label, all": partial(nearest, plain=True),
}


def tally(case: Case, content: PageContent, scores: WordScores, read: Read) -> Mapping[str, Tally]:
    """Score what is found on a page; its tables are another matter."""
    found = read(content, scores) if content.page.words else Found()
    return structure.tallies(replace(case.page(content.page.number), tables=None), found)


def row(name: str, scored: Scored) -> list[str]:
    """Give each measure's F1 with its 95 % interval over documents, in percent."""
    whole, out = structure.add_up(scored), [name]
    for measure in MEASURES:
        parts = [(2 * t[measure].matched, t[measure].found + t[measure].gold) for t in scored]
        low, high = metrics.bootstrap_ratio(parts)
        out.append(f"{100 * whole[measure].f1:.1f} ({100 * low:.0f}-{100 * high:.0f})")
    return out


def measure(folder: Path, limit: int | None, extractor: Extractor, reader: Reader) -> Figures:
    """Read a set with each system, all from the same words."""
    scored: dict[str, Scored] = {name: [] for name in SYSTEMS}
    cases = load_cases(folder, "dev", limit)
    for case in cases:
        _, contents = reader.read(case)
        pages = [(content, extractor.word_scores(content)) for content in contents]
        for name, read in SYSTEMS.items():
            scored[name].append(structure.add_up(tally(case, *page, read) for page in pages))
    families = sorted({case.set for case in cases})
    kind = ", ".join(families) if len(families) < 4 else folder.name
    title = f"{kind}, {len(cases)} documents: F1 in percent"
    return Figures(title, ["", *MEASURES.values()], [row(n, s) for n, s in scored.items()])


def main() -> None:
    options = parser(__doc__, rounds=1)
    options.add_argument("sets", type=Path, nargs="+", metavar="SET")
    options.add_argument("--limit", type=int, help="documents of each set, at most")
    options.add_argument("--model", help="default: the one that comes with docx")
    options.add_argument("--words-cache", type=Path, metavar="DIR", help="keep what was read there")
    told = options.parse_args()
    bundle = open_bundle(resolve(told.model))
    extractor = Extractor(bundle)
    reader = Reader("own", bundle.picture_size, told.words_cache)
    parts = [measure(folder, told.limit, extractor, reader) for folder in told.sets]
    finish("key_values", parts, save=told.save)


if __name__ == "__main__":
    main()
