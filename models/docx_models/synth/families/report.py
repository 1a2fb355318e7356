"""Reports: headings, prose with facts, and tables of every make."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from docx_models.synth import blocks, lookups
from docx_models.synth.data import vocabulary
from docx_models.synth.draft import Draft, Run, join
from docx_models.synth.families import letter

TITLES = (
    "Annual Report {year}",
    "Quarterly Review",
    "Market Survey {year}",
    "Statistical Overview",
    "Energy Balance {year}",
    "Progress Report",
    "Financial Summary",
    "Budget {year}",
    "Traffic Study",
    "School Enrolment {year}",
    "Harvest Statistics",
)
SECTIONS = (
    "Introduction",
    "Summary",
    "Results",
    "Method",
    "Outlook",
    "Background",
    "Key Figures",
    "Discussion",
    "1. Overview",
    "2. Findings",
)
FACTS = (
    "The survey was led by {contact} and ended on {period_end}.",
    "Field work began on {period_start}, three weeks later than in {x_place}.",
    "The project was approved under reference {reference}.",
    "A total of {total} was spent, against a budget of {x_money}.",
    "Comments may be sent until {deadline} to {email}.",
    "The order was placed with {x_company} on {x_date}.",
    "The next meeting takes place on {meeting_date} in {meeting_place}.",
)


@dataclass(frozen=True, slots=True)
class Topic:
    """What a table counts: what its rows and columns are called, and its numbers."""

    corner: str
    rows: Callable[[Draft], list[str]]
    columns: tuple[str, ...]
    decimals: int
    high: float


def _people(d: Draft) -> list[str]:
    return [d.values.person() for _ in range(14)]


def _cities(d: Draft) -> list[str]:
    return [d.values.fake.city() for _ in range(14)]


def _goods(d: Draft) -> list[str]:
    return [d.values.item() for _ in range(14)]


def _years(d: Draft) -> list[str]:
    first = d.values.today.year - 13
    return [str(first + i) for i in range(14)]


def _accounts(d: Draft) -> list[str]:
    return list(vocabulary("accounts"))


def _countries(d: Draft) -> list[str]:
    return list(vocabulary("countries"))


YEARS = ("2012", "2013", "2014", "2015", "2016", "2017")
TOPICS = (
    Topic("Name", _people, ("Points", "Games", "Wins", "Losses", "Rank", "Goals"), 0, 90),
    Topic(
        "City", _cities, ("Population", "Area (km2)", "Density", "Households", "Schools"), 0, 900000
    ),
    Topic("Item", _goods, ("Q1", "Q2", "Q3", "Q4", "Year"), 0, 9000),
    Topic("Year", _years, ("Income", "Expenses", "Surplus", "Members", "Change %"), 1, 5000),
    Topic("in millions", _accounts, YEARS, 1, 4000),
    Topic("Country", _countries, YEARS, 1, 120),
    Topic("Region", _cities, ("Male", "Female", "Total", "Under 18", "Over 65"), 0, 20000),
)


def write(d: Draft) -> None:
    """Fill a draft with a report's page."""
    v = d.values
    title = d.header(d.rng.choice(TITLES).format(year=v.today.year))
    d.facts["title"] = (title,)
    head = [
        blocks.styled(title, size=d.rng.choice((1.3, 1.6, 2.0)), weight="bold", fill=d.style.accent)
    ]
    if d.chance(0.5):
        items = [
            d.pair(
                "sender",
                d.fact("sender", v.person()),
                label=d.rng.choice(("Author", "By", "Prepared by")),
            ),
            d.pair("letter_date", d.fact("letter_date", v.date(v.today))),
        ]
        head.append(blocks.pairs(d, items, d.rng.choice(("inline", "columns"))))
    body: list[str] = []
    facts = d.rng.sample(FACTS, d.rng.randint(1, 4))
    names = d.rng.sample(SECTIONS, d.rng.randint(1, 3))
    tables = d.rng.choice((1, 1, 2))
    topics = d.rng.sample(TOPICS, 2)
    for number, name in enumerate(names):
        body.append(blocks.styled(d.header(name), size=1.15, weight="bold"))
        body.append(_prose(d, facts[number :: len(names)]))
        if number < tables:
            alone = min(tables, len(names)) == 1
            body.append(_table(d, number + 1, topics[number], alone=alone))
    if d.chance(0.2):
        body = [f"columns(2, gutter: 14pt, {blocks.stack(body, 8)})"]
    d.body = blocks.page(d, *head, *body, gap=d.rng.uniform(8, 15))


def _prose(d: Draft, templates: list[str]) -> str:
    parts: list[Run | str] = [d.values.fake.paragraph(d.rng.randint(1, 6)), " "]
    for template in templates:
        parts += [*letter.sentence(d, template), " ", d.values.fake.sentence(), " "]
    return f"par({join(parts)})"


def _table(d: Draft, number: int, topic: Topic, *, alone: bool) -> str:
    """A table of numbers, its head in one row or two, its rows sometimes grouped."""
    rows = list(dict.fromkeys(topic.rows(d)))[: d.rng.randint(3, 13)]
    columns = list(topic.columns[: d.rng.randint(2, len(topic.columns))])
    side = d.rng.choice(("right", "right", "center", "left"))
    table = blocks.Table(
        [d.rng.choice(("auto", "1fr")), *[d.rng.choice(("auto", "auto", "1fr"))] * len(columns)],
        ["left", *[side] * len(columns)],
    )
    first = _head(d, table, topic.corner, columns)
    group, grid = d.chance(0.15), []
    for i, name in enumerate(rows):
        if group and i in (0, len(rows) // 2):
            label = d.run(
                d.rng.choice(
                    (
                        "North",
                        "South",
                        "Group A",
                        "Group B",
                        "Part I",
                        "Part II",
                        "Other",
                        "Domestic",
                    )
                )
            )
            table.row(first, [[label], *[None] * len(columns)], spans={0: len(columns) + 1})
            first += 1
        grid.append(_body_row(d, table, first, name, columns, topic))
        first += 1
    _ask_shape(d, rows)
    lookups.ask(d, lookups.Grid([topic.corner, *columns], grid), cells=16, others=2 if alone else 0)
    caption = blocks.styled(d.run(f"Table {number}: {d.values.fake.sentence(4)}"), size=0.9)
    parts = [caption, blocks.set_table(d, table)]
    if d.chance(0.3):
        parts.reverse()
    return blocks.stack(parts, 5)


def _head(d: Draft, table: blocks.Table, corner: str, columns: list[str]) -> int:
    """Add the head; return the number of its rows."""
    cells = [[d.run(column)] for column in columns]
    if len(columns) < 4 or d.chance(0.7):
        table.row(0, [[d.run(corner)], *cells], header=True)
        return 1
    half = len(columns) // 2
    names = d.rng.choice(
        (
            ("Actual", "Plan"),
            ("First half", "Second half"),
            ("Group 1", "Group 2"),
            ("Before", "After"),
        )
    )
    upper = [
        [d.run(names[0])],
        *[None] * (half - 1),
        [d.run(names[1])],
        *[None] * (len(columns) - half - 1),
    ]
    table.row(
        0,
        [[d.run(corner)], *upper],
        header=True,
        spans={1: half, 1 + half: len(columns) - half},
        row_spans={0: 2},
    )
    table.row(1, [None, *cells], header=True)
    return 2


def _body_row(
    d: Draft, table: blocks.Table, number: int, name: str, columns: list[str], topic: Topic
) -> list[list[Run]]:
    v = d.values
    cells = [[d.run(name)]]
    for _ in columns:
        if d.chance(0.04):
            cells.append([])
            continue
        value = v.price(1, topic.high)
        text = v.number(-value if d.chance(0.05) else value, topic.decimals)
        if topic.high < 200 and d.chance(0.1):
            text += "%"
        cells.append([d.run(text)])
    table.row(number, cells)
    return cells


def _ask_shape(d: Draft, rows: list[str]) -> None:
    if not d.tables:
        d.ask_text(
            "count",
            str(len(rows)),
            "How many rows does the first table have?",
            "How many entries does the first table list?",
        )
    d.ask_absent(
        "cell",
        f"What is the {d.values.pick('Turnover|Height|Margin|2009')} of {d.rng.choice(rows)}?",
        f"What is the value for {d.values.fake.last_name()} in the table?",
    )
