"""Articles: real paragraphs under headings, in one column or two, with questions about them."""

from __future__ import annotations

from docx_models.synth import blocks, prose
from docx_models.synth.content import Source
from docx_models.synth.draft import Ask, Draft


def write(d: Draft) -> None:
    """Fill a draft with one to five passages; the longest pages hold some 900 words."""
    first = d.source
    if first is None:
        raise ValueError(f"{d.family} pages are filled from published tables and texts")
    more = [other for other in dict.fromkeys(d.more) if other != first]
    passages = [first, *more[: d.rng.choice((0, 1, 1, 2, 2, 3, 4))]]
    parts: list[str] = []
    for passage in passages:
        parts.append(_passage(d, passage))
    for other in more[len(passages) - 1 :]:
        # Of another subject, so that no passage of the page tells it.
        if other.title not in {passage.title for passage in passages}:
            for asked in other.asked[:2]:
                d.asks.append(Ask(asked.question, d.family))
    head = _head(d, first)
    if d.chance(0.35):
        parts = [f"columns(2, gutter: 14pt, {blocks.stack(parts, 8)})"]
    d.body = blocks.page(d, *head, *parts, gap=d.rng.uniform(8, 15))


def _head(d: Draft, first: Source) -> list[str]:
    v, parts = d.values, []
    if d.chance(0.6):
        title = d.header(first.title if d.chance(0.5) else v.fake.sentence(4).rstrip("."))
        d.facts["title"] = (title,)
        size = d.rng.choice((1.3, 1.7, 2.2))
        parts.append(blocks.styled(title, size=size, weight="bold", fill=d.style.accent))
    if d.chance(0.4):
        byline = [d.fact("sender", v.person()), d.fact("letter_date", v.date(v.today))]
        parts.append(" + [, ] + ".join(map(str, byline)))
    return parts


def _passage(d: Draft, passage: Source) -> str:
    """A paragraph, headed at times by what it is about, and its questions."""
    answers = [asked.answers[0] for asked in passage.asked]
    body, found = prose.paragraph(d, passage.paragraphs[0], answers)
    for asked, places in zip(passage.asked, found, strict=True):
        if places:
            d.asks.append(Ask(asked.question, d.family, places[0], twins=places[1:]))
    justify = "true" if d.chance(0.4) else "false"
    body = f"{{ set par(justify: {justify}); block(breakable: false, {body}) }}"
    if d.chance(0.4):
        heading = blocks.styled(d.header(passage.title), size=1.1, weight="bold")
        return blocks.stack([heading, body], 4)
    return body
