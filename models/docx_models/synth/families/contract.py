"""First pages of contracts: parties, dates and sums inside sentences and numbered clauses."""

from __future__ import annotations

from docx_models.synth import blocks, data
from docx_models.synth.draft import Draft, Run, join
from docx_models.synth.families import letter


def write(d: Draft) -> None:
    """Fill a draft with a contract's first page."""
    kind = d.rng.choice(data.load("contracts.toml")["kind"])
    title = d.header(d.values.pick(kind["titles"]))
    d.facts["title"] = (title,)
    size = d.rng.choice((1.3, 1.6, 2.0))
    head = blocks.aligned(
        blocks.styled(title, size=size, weight="bold"), d.rng.choice(("center", "center", "left"))
    )
    parts = [head]
    if d.chance(0.35):
        parts.append(_summary(d, kind["roles"].split("|")))
    parts.append(_paragraph(letter.sentence(d, d.rng.choice(kind["parties"]))))
    if d.chance(0.4):
        parts.append(_paragraph([d.values.fake.paragraph(d.rng.randint(2, 5))]))
    clauses = list(kind["clauses"])
    d.rng.shuffle(clauses)
    parts += _clauses(d, clauses[: d.rng.randint(4, len(clauses))])
    if d.chance(0.5):
        parts.append(_signatures(d, kind["roles"].split("|")))
    d.body = blocks.page(d, *parts, gap=d.rng.uniform(8, 16))


def _paragraph(parts: list[Run | str]) -> str:
    return f"par({join(parts)})"


def _summary(d: Draft, roles: list[str]) -> str:
    """The parties as keys and values above the text; they come again in its first sentence."""
    v = d.values
    names = (
        ("first_party", v.company(), roles[0]),
        ("second_party", v.person() if d.chance(0.6) else v.company(), roles[1]),
        ("contract_date", v.date(v.today), "Date"),
    )
    items = [d.pair(name, d.fact(name, text), label=label) for name, text, label in names]
    return blocks.pairs(d, items, d.rng.choice(("columns", "inline", "boxes", "stacked")))


def _clauses(d: Draft, clauses: list[str]) -> list[str]:
    """Clauses, numbered or headed, with sentences between them that settle nothing."""
    numbering = d.rng.choice(("{}.", "{}.", "§ {}", "Article {}", "({})", ""))
    parts = []
    for number, clause in enumerate(clauses, 1):
        body: list[Run | str] = []
        if d.chance(0.4):
            body += [d.values.fake.sentence(d.rng.randint(8, 20)), " "]
        body += [*letter.sentence(d, clause), " "]
        for _ in range(d.rng.choice((0, 0, 1, 2, 4))):
            body += [d.values.fake.sentence(d.rng.randint(8, 24)), " "]
        mark = numbering.format(number)
        parts.append(_paragraph([f"{mark} " if mark else "", *body]))
    return parts


def _signatures(d: Draft, roles: list[str]) -> str:
    cells = [
        blocks.stack(["v(14pt)", "rule()", blocks.styled(d.run(role), size=0.85)], 3)
        for role in roles
    ]
    return blocks.grid(cells, "1fr, 1fr", column_gutter="24pt")
