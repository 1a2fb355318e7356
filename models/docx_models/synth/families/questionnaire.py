"""Questionnaires: options with one ticked, grids of ratings, scales and open answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from docx_models.synth import blocks, data
from docx_models.synth.draft import Ask, Draft, Pair, Run, quote

Maker = Callable[[Draft, str, str, tuple[str, str]], str]
MARKS = (
    ("[ ]", "[X]"),
    ("[ ]", "[x]"),
    ("☐", "☒"),
    ("☐", "☑"),
    ("( )", "(X)"),
    ("○", "●"),
    ("__", "X"),
    ("", "X"),
)
"""An option that is not chosen and one that is."""


def write(d: Draft) -> None:
    """Fill a draft with a questionnaire."""
    about = data.load("questionnaires.toml")
    title = d.header(d.values.pick(about["titles"]))
    d.facts["title"] = (title,)
    parts = [blocks.styled(title, size=d.rng.choice((1.2, 1.5, 1.9)), weight="bold")]
    if d.chance(0.5):
        parts.append(blocks.note(d, d.values.fake.paragraph(d.rng.randint(1, 3)), 0.9))
    if d.chance(0.7):
        parts.append(_person(d))
    marks = d.rng.choice(MARKS)
    asked = d.rng.sample(about["choices"], d.rng.randint(3, 9))
    body: list[tuple[Maker, str]] = [(_choice, text) for text in asked]
    if d.chance(0.6):
        body.append((_ratings, d.rng.choice(about["scales"])))
    body += [
        (_open, text) for text in d.rng.sample(data.listed(about["open"]), d.rng.randint(0, 3))
    ]
    d.rng.shuffle(body)
    numbered = d.rng.choice(("{}.", "Q{}.", "{})", "{}", ""))
    shown = [make(d, numbered.format(i), text, marks) for i, (make, text) in enumerate(body, 1)]
    if d.chance(0.2):
        half = (len(shown) + 1) // 2
        halves = [blocks.stack(shown[:half], 10), blocks.stack(shown[half:] or ["[]"], 10)]
        shown = [blocks.grid(halves, "1fr, 1fr", column_gutter="16pt")]
    d.body = blocks.page(d, *parts, *shown, gap=d.rng.uniform(7, 14))


def _person(d: Draft) -> str:
    """Who answers, and when."""
    v = d.values
    texts = {
        "Name": v.person(),
        "Date": v.date(v.today),
        "City": v.fake.city(),
        "Interviewer": v.person(),
    }
    items = []
    for key in d.rng.sample(list(texts), d.rng.randint(1, 4)):
        blank = d.chance(0.15)
        if blank:
            d.blank.append(key)
        items.append(Pair(key, () if blank else (d.run(texts[key]),)))
    return blocks.pairs(d, items, d.rng.choice(("row", "columns", "inline", "boxes")))


def _heading(d: Draft, mark: str, text: str) -> tuple[str, Run]:
    """A question with its number."""
    run = d.run(text)
    weight = d.rng.choice(("regular", "bold"))
    number = f"{d.run(mark)} + [ ] + " if mark else ""
    return blocks.styled(f"{number}{run}", weight=weight), run


def _ways(mark: str, text: str) -> list[str]:
    """Return how a question of the form is asked about: by its text or by its number."""
    number = mark.strip("Q.)")
    ways = [
        text,
        f"What was answered to '{text}'?",
        f"Which answer is ticked for '{text}'?",
        f"What is the answer to: {text}",
        text.rstrip("?.:").lower(),
    ]
    numbered = [
        f"What is the answer to question {number}?",
        f"Which option is marked in question {number}?",
    ]
    return ways + numbered if number else ways


def _choice(d: Draft, mark: str, text: str, marks: tuple[str, str]) -> str:
    """A question with options side by side or below one another; one is chosen, or none."""
    question, _, listed = text.partition(": ")
    head, key = _heading(d, mark, question)
    options = listed.split("|")
    chosen = None if d.chance(0.12) else d.rng.randrange(len(options))
    before, cells = d.chance(0.8), []
    for number, option in enumerate(options):
        run, sign = d.run(option), marks[number == chosen]
        box = str(d.run(sign)) if sign else f"[#{quote(chr(0xA0) * 3)}]"
        cells.append(f"box({box} + h(3pt) + {run})" if before else f"box({run} + h(3pt) + {box})")
        if number == chosen:
            d.ask("choice", [run], *_ways(mark, question))
            d.pairs.append(((key,), (run,), ""))
    ticked = d.rng.randrange(len(options))
    wording = f"Is '{options[ticked]}' ticked under '{question}'?"
    d.ask_text("check", "yes" if ticked == chosen else "no", wording)
    if chosen is None:
        d.ask_absent("choice", *_ways(mark, question))
        d.pairs.append(((key,), (), ""))
    return blocks.stack([head, _arranged(d, cells)], d.rng.uniform(3, 6))


def _arranged(d: Draft, cells: Sequence[str]) -> str:
    """Options in a line, below one another, or in columns."""
    look = d.rng.choice(("line", "line", "list", "columns"))
    if look == "list":
        return blocks.stack([f"h(10pt) + {cell}" for cell in cells], 3)
    if look == "columns":
        count = d.rng.choice((2, 3))
        return blocks.grid(cells, ", ".join(["1fr"] * count), row_gutter="3pt")
    return f" + h({d.rng.randint(8, 20)}pt) + ".join(cells)


def _ratings(d: Draft, mark: str, scale: str, marks: tuple[str, str]) -> str:
    """A grid: statements down the side, the scale across, a cross in each row."""
    head, _ = _heading(
        d, mark, d.rng.choice(("Please rate the following.", "How satisfied were you?"))
    )
    grades = scale.split("|")
    table = blocks.Table(["auto", *["auto"] * len(grades)], ["left", *["center"] * len(grades)])
    columns = [d.run(grade) for grade in grades]
    table.row(0, [[], *[[run] for run in columns]], header=True)
    names = d.rng.sample(
        data.listed(data.load("questionnaires.toml")["ratings"]), d.rng.randint(3, 8)
    )
    for number, name in enumerate(names, 1):
        chosen = d.rng.randrange(len(grades))
        signs = [
            d.run(marks[i == chosen]) if marks[i == chosen] else None for i in range(len(grades))
        ]
        table.row(number, [[d.run(name)], *[[sign] if sign else [] for sign in signs]])
        wording = d.rng.choice(
            ("How is {} rated?", "{}", "Which rating was given for {}?", "rating of {}")
        )
        # The answer is the head of the column that holds the cross.
        d.asks.append(Ask(wording.format(name), "rating", (columns[chosen],)))
    return blocks.stack([head, blocks.set_table(d, table)], 5)


def _open(d: Draft, mark: str, text: str, marks: tuple[str, str]) -> str:
    """A question with an answer in words, on a line or in a box; some are left blank."""
    head, key = _heading(d, mark, text)
    if d.chance(0.2):
        d.ask_absent("open", *_ways(mark, text))
        d.pairs.append(((key,), (), ""))
        return blocks.stack([head, "v(10pt)", "rule()"], 3)
    answer = d.run(d.values.fake.sentence(d.rng.randint(2, 14)))
    d.ask("open", [answer], *_ways(mark, text))
    d.pairs.append(((key,), (answer,), ""))
    shown = f'text(style: "italic", {answer})' if d.chance(0.5) else str(answer)
    return blocks.stack([head, blocks.framed(shown) if d.chance(0.3) else shown], 5)
