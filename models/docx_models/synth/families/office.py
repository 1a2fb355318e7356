"""Office forms as they were typed and faxed: composed keys, answers of a word up to a paragraph.

What one meets in files of offices and laboratories: keys before, above and below what was
filled in, keys with nothing after them, remarks over several lines, lists, options with a cross.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from string import capwords

from docx_models.synth import blocks, data
from docx_models.synth.data import listed
from docx_models.synth.draft import Draft, Pair, Run, quote
from docx_models.synth.style import MONO

ABOUT = data.load("office.toml")
LEFT_OPEN = 0.2
"""Share of keys with nothing after them."""
MARKS = ("X", "x", "X", "√", "XX", "[X]", "(x)")
FILLED: tuple[dict[str, str], ...] = (
    {"font": MONO},
    {"font": MONO},
    {},
    {},
    {"style": "italic"},
    {"weight": "bold"},
)
"""How answers differ from the print: typed, or not at all."""


@dataclass(frozen=True, slots=True)
class Hand:
    """How one form was filled in."""

    look: dict[str, str]
    upper: bool
    line: str
    """Stroke below an answer."""

    def show(self, value: str) -> str:
        """Return an answer's typst expression."""
        return blocks.styled(value, **self.look) if self.look else value


def write(d: Draft) -> None:
    """Fill a draft with an office form."""
    if d.style.colon in ("", "apart") and d.chance(0.6):
        d.style = replace(d.style, colon=":")
    hand = Hand(d.rng.choice(FILLED), d.chance(0.3), d.rng.choice(("0.5pt", "0.5pt", "none")))
    parts = _head(d)
    shapes: list[Callable[[Draft, Hand], str]] = d.rng.choices(
        list(SHAPES), list(SHAPES.values()), k=d.rng.randint(4, 12)
    )
    for shape in shapes:
        if d.chance(0.2):
            parts.append(_heading(d))
        parts.append(shape(d, hand))
        d.section = ""
    d.body = blocks.page(d, *parts, gap=d.rng.uniform(5, 16))


def _head(d: Draft) -> list[str]:
    """The form's title, its issuer, and at times a fax's line and stray numbers."""
    d.facts["title"] = (d.header(d.values.pick(ABOUT["titles"])),)
    title = blocks.styled(
        d.facts["title"][0],
        size=d.rng.choice((1.0, 1.2, 1.5)),
        weight=d.rng.choice(("bold", "regular")),
    )
    parts = [blocks.aligned(title, d.rng.choice(("left", "center", "center")))]
    if d.chance(0.4):
        side = d.rng.choice(("left", "center", "right"))
        parts.insert(d.rng.choice((0, 1)), blocks.aligned(d.run(d.values.company()), side))
    if d.chance(0.25):
        v = d.values
        stamp = f"{v.date(v.today)} {v.time()} {v.phone()} {v.company()} {v.code('###/###')}"
        parts.insert(0, blocks.styled(d.run(stamp), size=0.75, font=MONO))
    if d.chance(0.3):
        side = d.rng.choice(("left", "right"))
        parts.append(blocks.aligned(d.run(d.values.code("########")), side))
    return parts


def _heading(d: Draft) -> str:
    """A heading over the keys that follow."""
    text = capwords(f"{d.values.pick(ABOUT['modifiers'])} {d.rng.choice(('Data', 'Information'))}")
    d.section = text
    return blocks.styled(d.header(text), weight="bold")


# --- keys and answers -------------------------------------------------------------


def _key(d: Draft, kind: str) -> str:
    """Compose a key for an answer of a kind."""
    head = d.values.pick(ABOUT["heads"][kind])
    parts = [d.values.pick(ABOUT["modifiers"])] if d.chance(0.55) else []
    if parts and d.chance(0.15):
        parts.insert(0, d.values.pick(ABOUT["modifiers"]))
    tail = d.rng.choice(listed(ABOUT["tails"])).rstrip() if d.chance(0.12) else ""
    return " ".join((*parts, head)) + (f" {tail.strip()}" if tail else "")


def _answer(d: Draft, kind: str) -> str:
    """Draw an answer of a kind; now and then it is of another, as people fill in forms."""
    v = d.values
    if d.chance(0.06):
        return d.rng.choice(("N/A", "See attached", "None", "--", "same", "TBD", "as above", "?"))
    draw: dict[str, Callable[[], str]] = {
        "person": v.person,
        "date": lambda: v.date(v.day(-9000, 300)),
        "money": lambda: v.money(v.price(2, 90000), bare=d.chance(0.3)),
        "number": lambda: _measure(d),
        "code": v.code,
        "company": v.company,
        "place": lambda: v.fake.city() if d.chance(0.7) else ", ".join(v.address()),
        "phone": v.phone,
        "words": lambda: _phrase(d, d.rng.choice((1, 1, 2, 2, 3, 4, 7))),
    }
    return draw[kind]()


def _measure(d: Draft) -> str:
    number = d.values.number(d.values.price(0.1, 9000), d.rng.choice((0, 0, 1, 2)))
    return number + d.rng.choice(
        ("", "", "", "%", " mg", " lbs.", " ml", " mm", " ea.", " °C", " hrs")
    )


def _phrase(d: Draft, count: int) -> str:
    """Draw words that mean little, at times quoted or in capitals."""
    text = " ".join(d.values.fake.words(count))
    return d.rng.choice((text.capitalize(), text.title(), text, f'"{text.upper()}"', text.upper()))


def _item(d: Draft, hand: Hand, kind: str | None = None) -> Pair:
    """Draw a key and its answer, at times none."""
    kind = kind or d.rng.choice(tuple(ABOUT["heads"]))
    key = _key(d, kind)
    if d.chance(LEFT_OPEN):
        d.blank.append(key)
        return Pair(key, ())
    text = _answer(d, kind)
    return Pair(key, (d.run(text.upper() if hand.upper else text),))


# --- shapes -----------------------------------------------------------------------


def _columns(d: Draft, hand: Hand) -> str:
    """Keys in a column, answers in another, as with a tabulator."""
    items = [_item(d, hand) for _ in range(d.rng.randint(2, 8))]
    cells = []
    for item in items:
        key, lead = blocks.place_key(d, item)
        cells += [key, f"{lead} + {_lined(hand, item)}"]
    first = d.rng.choice(("auto", f"{d.rng.randint(70, 150)}pt"))
    return blocks.grid(
        cells, f"{first}, 1fr", row_gutter=f"{d.rng.uniform(4, 12):.1f}pt", column_gutter="6pt"
    )


def _lined(hand: Hand, item: Pair) -> str:
    """An answer on its line."""
    stroke = f"stroke: (bottom: {hand.line}), " if hand.line != "none" else ""
    return (
        f"box(width: 1fr, {stroke}outset: (bottom: 2pt), [#{quote(' ')}] + {hand.show(item.value)})"
    )


def _rows(d: Draft, hand: Hand) -> str:
    """Pairs side by side over the page, one to three to a row."""
    rows = []
    for _ in range(d.rng.randint(1, 5)):
        cells = []
        for _ in range(d.rng.choice((1, 2, 2, 3))):
            item = _item(d, hand)
            key, lead = blocks.place_key(d, item)
            cells.append(f"{key} + {lead} + [ ] + {_lined(hand, item)}")
        widths = ", ".join(f"{d.rng.choice((1, 1, 1.6))}fr" for _ in cells)
        rows.append(blocks.grid(cells, widths, column_gutter=f"{d.rng.randint(6, 20)}pt"))
    return blocks.stack(rows, d.rng.uniform(5, 12))


def _captions(d: Draft, hand: Hand) -> str:
    """Boxes in rows, each with a small key at its top."""
    size, rows = d.rng.choice((0.55, 0.65, 0.8)), []
    stroke = d.rng.choice(("0.5pt", "0.8pt", "(bottom: 0.5pt)"))
    for _ in range(d.rng.randint(1, 5)):
        cells = []
        for _ in range(d.rng.choice((1, 2, 2, 3, 4))):
            item = _item(d, hand)
            key, _ = blocks.place_key(d, item, bare=d.chance(0.7))
            key = f"text(size: {size}em, {key})"
            value = hand.show(item.value)
            beside = d.chance(0.2)
            cells.append(f"{key} + h(6pt) + {value}" if beside else blocks.stack([key, value], 3))
        widths = ", ".join(f"{d.rng.choice((1, 1, 1.5, 2))}fr" for _ in cells)
        rows.append(blocks.grid(cells, widths, stroke=stroke, inset="3pt"))
    return blocks.stack(rows, 0)


def _below(d: Draft, hand: Hand) -> str:
    """Answers above a line, their keys under it, as signatures have them."""
    cells = []
    for _ in range(d.rng.randint(1, 3)):
        item = _item(d, hand, d.rng.choice(("person", "date", "place", "words", "code")))
        key, _ = blocks.place_key(d, item, bare=True)
        cells.append(blocks.stack([hand.show(item.value), "rule()", key], 3))
    return f"v(8pt) + {blocks.grid(cells, ', '.join(['1fr'] * len(cells)), column_gutter='18pt')}"


def _remarks(d: Draft, hand: Hand) -> str:
    """A key with sentences behind or below it, or with empty lines."""
    label = d.values.pick(ABOUT["told"]["heads"])
    if d.chance(LEFT_OPEN):
        d.blank.append(label)
        key, _ = blocks.place_key(d, Pair(label, ()))
        return blocks.stack([key, *["v(6pt) + rule(stroke: 0.4pt)"] * d.rng.randint(1, 4)], 5)
    text = " ".join(
        d.values.fake.sentence(d.rng.randint(4, 14)) for _ in range(d.rng.randint(1, 4))
    )
    item = Pair(label, (d.run(text.upper() if hand.upper else text),))
    key, lead = blocks.place_key(d, item)
    value = hand.show(item.value)
    where = d.rng.choice(("inline", "inline", "below", "beside"))
    if where == "inline":
        return f"par({key} + {lead} + [ ] + {value})"
    if where == "beside":
        return blocks.grid([key, f"{lead} + {value}"], "auto, 1fr", column_gutter="10pt")
    shown = blocks.stack([key, value], 4)
    return blocks.framed(shown) if d.chance(0.4) else shown


def _list(d: Draft, hand: Hand) -> str:
    """A key with a list below or beside it."""
    kind = d.rng.choice(("company", "person", "words", "place"))
    runs: list[Run | str] = []
    for _ in range(d.rng.randint(2, 5)):
        text = _answer(d, kind)
        runs.append(d.run(text.upper() if hand.upper else text))
    item = Pair(_key(d, kind), tuple(runs))
    key, lead = blocks.place_key(d, item)
    lines = [hand.show(str(run)) for run in runs]
    if hand.line != "none" and d.chance(0.4):
        lines = [blocks.stack([line, "rule(stroke: 0.4pt)"], 2) for line in lines]
    body = blocks.stack(lines, 4)
    if d.chance(0.5):
        return blocks.stack([key, body], 5)
    return blocks.grid([key, f"{lead} + {body}"], "auto, 1fr", column_gutter="8pt")


def _options(d: Draft, hand: Hand) -> str:
    """Questions with options of which one or more are marked; an option with its mark is a pair."""
    drawn, before = d.chance(0.4), d.chance(0.75)
    rows = []
    for _ in range(d.rng.choice((1, 2, 3, 4))):
        noun = d.values.pick(ABOUT["heads"]["words"]).lower()
        text = d.values.pick(ABOUT["asked"]["questions"]).format(noun=noun)
        key, _ = blocks.place_key(d, Pair(text[:1].upper() + text[1:], ()))
        names = d.values.pick(ABOUT["asked"]["options"]).split(",")
        cells = [_option(d, name, drawn=drawn, before=before) for name in names]
        rows += [key, f" + h({d.rng.randint(8, 24)}pt) + ".join(cells)]
    return blocks.grid(rows, "auto, 1fr", row_gutter="7pt", column_gutter="10pt")


def _option(d: Draft, name: str, *, drawn: bool, before: bool) -> str:
    on = d.chance(0.35)
    name = d.style.cased(name)
    run = d.run(name)
    if drawn:
        mark = f"tick({'true' if on else 'false'})"
        d.pairs.append(((run,), (), d.section))
    else:
        typed = [d.run(d.rng.choice(MARKS))] if on else []
        d.pairs.append(((run,), tuple(typed), d.section))
        inner = str(typed[0]) if typed else "[]"
        inner = f"stroke: (bottom: 0.5pt), align(center, {inner})"
        mark = f"box(width: {d.rng.randint(14, 26)}pt, {inner})"
    parts = [mark, str(run)] if before else [str(run), mark]
    return f"box({parts[0]} + h(3pt) + {parts[1]})"


def _prose(d: Draft, hand: Hand) -> str:
    """What the form says for itself."""
    return blocks.note(
        d, d.values.fake.paragraph(d.rng.randint(1, 4)), d.rng.choice((0.7, 0.85, 1.0))
    )


SHAPES: dict[Callable[[Draft, Hand], str], int] = {
    _columns: 5,
    _rows: 5,
    _captions: 4,
    _remarks: 4,
    _options: 3,
    _below: 2,
    _list: 2,
    _prose: 1,
}
