"""Pairs of keys and values: our model alone, the tool, and the nearest label, on the same words.

SET is a set of real forms, or a pack of synthetic pages. The model alone is what its tags and
relations say; the tool adds where things stand. It prints pairs: what it reads and leaves unpaired,
such as the labels of a blank form, is shown beside that. The baseline has places alone
(`nearest_label`), once with labels that end with a colon, once also with others. That ours are
better is told by the difference over the same documents, since a form that is hard for one is hard
for all.

    .venv/bin/python benchmarks/key_values.py SET ... [--limit N] [--words-cache DIR] [--save]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import nearest_label
from results import Figures, finish, parser

from docx_cli import key_values
from docx_cli.bundle import open_bundle, resolve
from docx_cli.document import DocumentResult
from docx_cli.pipeline import Extractor
from docx_cli.reading import PageContent
from docx_cli.word_scores import WordScores
from docx_models import metrics, structure
from docx_models.cases import Case, Reader, load_cases
from docx_models.structure import Found, Tally
from docx_models.systems import found_in, read_alone, read_printed

MEASURES = {
    "words": "words with their label",
    "entities": "entities",
    "links": "links",
    "fields": "pairs of texts",
}
OURS = ("the model alone", "docx kv", "docx kv, unpaired too")
Read = Callable[[PageContent, WordScores], Found]
Scored = list[Mapping[str, Tally]]


def alone(content: PageContent, scores: WordScores) -> Found:
    return read_alone(content.page.number, scores)


def printed(content: PageContent, scores: WordScores) -> Found:
    """What `docx kv` prints, check boxes left out, which no set labels as pairs."""
    pairs = tuple(key_values.key_values(content.upright, scores))
    return read_printed(DocumentResult("", None, "ok", key_values=pairs))


def whole(content: PageContent, scores: WordScores) -> Found:
    """What `docx kv` reads: keys without values, and values without keys, too."""
    return found_in(scores, key_values.read(content.upright, scores)[1])


def nearest(content: PageContent, _: WordScores, *, plain: bool) -> Found:
    return nearest_label.read(content.upright, content.rules, plain=plain)


SYSTEMS: dict[str, Read] = {
    "the model alone": alone,
    "docx kv": printed,
    "docx kv, unpaired too": whole,
    "nearest label, colons": partial(nearest, plain=False),
    "nearest label, all": partial(nearest, plain=True),
}


def tally(case: Case, content: PageContent, scores: WordScores, read: Read) -> Mapping[str, Tally]:
    """Score what is found on a page; its tables are another matter."""
    found = read(content, scores) if content.page.words else Found()
    return structure.tallies(replace(case.page(content.page.number), tables=None), found)


def ratios(scored: Scored, measure: str) -> list[tuple[float, float]]:
    """Give each document's part of the upper and lower sum of an F1."""
    return [(2 * t[measure].matched, t[measure].found + t[measure].gold) for t in scored]


def row(name: str, scored: Scored) -> list[str]:
    """Give each measure's F1 with its 95 % interval over documents, in percent."""
    whole, out = structure.add_up(scored), [name]
    for measure in MEASURES:
        low, high = metrics.bootstrap_ratio(ratios(scored, measure))
        out.append(f"{100 * whole[measure].f1:.1f} ({100 * low:.0f}-{100 * high:.0f})")
    return out


def ahead(name: str, scored: Scored, other: Scored) -> list[str]:
    """Give by how many points each F1 is ahead of another's, with the paired 95 % interval."""
    ours, theirs, out = structure.add_up(scored), structure.add_up(other), [name]
    for measure in MEASURES:
        bounds = metrics.bootstrap_difference(ratios(scored, measure), ratios(other, measure))
        low, high = (f"{100 * bound:+.1f}" for bound in bounds)
        out.append(f"{100 * (ours[measure].f1 - theirs[measure].f1):+.1f} ({low} to {high})")
    return out


def measure(folder: Path, limit: int | None, extractor: Extractor, reader: Reader) -> list[Figures]:
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
    title, columns = f"{kind}, {len(cases)} documents: F1", ["", *MEASURES.values()]
    ahead_of = [
        ahead(f"{ours} - {theirs}", scored[ours], scored[theirs])
        for ours in OURS
        for theirs in SYSTEMS
        if theirs not in OURS
    ]
    return [
        Figures(f"{title} in percent", columns, [row(n, s) for n, s in scored.items()]),
        Figures(f"{title}, points ahead of the nearest label", columns, ahead_of),
    ]


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
    parts = [part for s in told.sets for part in measure(s, told.limit, extractor, reader)]
    finish("key_values", parts, save=told.save)


if __name__ == "__main__":
    main()
