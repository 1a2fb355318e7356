"""Forms: sections of keys with boxes or lines to fill in, check boxes, repeated and blank keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from docx_models.synth import blocks, data
from docx_models.synth.draft import Draft, Pair, quote
from docx_models.synth.fields import worded


@dataclass(frozen=True, slots=True)
class Theme:
    """What a form is about: titles, its sections with their keys, yes/no boxes."""

    titles: str
    sections: dict[str, str]
    boxes: str


THEMES = tuple(Theme(**entry) for entry in data.load("forms.toml")["theme"])


def write(d: Draft) -> None:
    """Fill a draft with a form."""
    theme = d.rng.choice(THEMES)
    if d.style.colon in ("", "apart") and d.chance(0.5):
        d.style = replace(d.style, colon=":")
    d.facts["title"] = (d.header(d.values.pick(theme.titles)),)
    head = blocks.styled(
        d.facts["title"][0],
        size=d.rng.choice((1.2, 1.5, 1.8)),
        weight=d.rng.choice(("bold", "regular")),
    )
    parts = [blocks.aligned(head, d.rng.choice(("left", "center", "center")))]
    if d.chance(0.5):
        owner = d.run(d.values.company())
        parts.insert(
            d.rng.choice((0, 1)), blocks.aligned(owner, d.rng.choice(("left", "center", "right")))
        )
    if d.chance(0.3):
        parts.append(blocks.note(d, d.values.fake.sentence(d.rng.randint(8, 20))))
    names = d.rng.sample(list(theme.sections), d.rng.randint(3, len(theme.sections)))
    sections = [_section(d, theme, name) for name in names]
    if d.chance(0.25) and len(sections) > 1:
        sections[:2] = [blocks.grid(sections[:2], "1fr, 1fr", column_gutter="12pt")]
    sections.insert(d.rng.randint(1, len(sections)), _checks(d, theme))
    if d.chance(0.4):
        sections.append(_paragraph(d))
    parts += sections
    if d.chance(0.5):
        parts.append(_signature(d))
    d.body = blocks.page(d, *parts, gap=d.rng.uniform(8, 16))


def _section(d: Draft, theme: Theme, name: str) -> str:
    """A headed group of keys; some are left blank."""
    titled = d.chance(0.85)
    d.section = name if titled else ""
    keys = data.listed(theme.sections[name])
    keys = tuple(d.rng.sample(keys, min(len(keys), d.rng.randint(4, 11))))
    items = [_item(d, key) for key in keys]
    layout = d.rng.choice(
        ("columns", "inline", "boxes", "boxes", "lines", "lines", "stacked", "two", "two")
    )
    body = (
        _lines(d, items)
        if layout == "lines"
        else _two(d, items)
        if layout == "two"
        else blocks.pairs(d, items, layout)
    )
    if d.chance(0.3):
        body = blocks.framed(body)
    if titled:
        look = d.rng.choice(("plain", "band", "rule"))
        heading = blocks.styled(
            d.header(name + d.rng.choice(("", "", " Information", " Details"))), weight="bold"
        )
        if look == "band":
            heading = f"block(width: 100%, fill: luma(215), inset: 3pt, {heading})"
        elif look == "rule":
            heading = f"stack(spacing: 2pt, {heading}, rule())"
        body = blocks.stack([heading, body], 5)
    d.section = ""
    return body


def _item(d: Draft, key: str) -> Pair:
    """A key with its value, or without one: what is blank is asked for as absent."""
    if d.chance(0.15):
        d.blank.append(key)
        return Pair(key, ())
    run = d.run(value(d, key))
    if d.section and key in ("Name", "Phone", "Address", "Date", "Fax", "Company", "Member No."):
        who, what = d.section.lower(), key.lower()
        d.ask("key", [run], f"What is the {what} of the {who}?", f"{who} {what}", f"{who}'s {what}")
    else:
        d.ask(
            "key", [run], worded(d.rng, key.lower() if d.chance(0.5) else key)
        ) if key not in _REPEATED else None
    return Pair(key, (run,))


_REPEATED = frozenset(
    [
        "Supervisor",
        "Salary",
        "Reference",
        "Total",
        "Location",
        "Subject",
        "Amount",
        "Position",
        "Account",
        "Dept.",
        "Brand",
        "Ref.",
        "Start Date",
        "Approved by",
        "Manager",
        "Contact",
        "Quantity",
        "Statement taken by",
        "Account No.",
        "Relationship",
        "Region",
        "City",
        "State",
        "Title",
        "E-mail",
        "Signature",
        "Time",
        "Place",
        "Date of Birth",
        "Department",
        "Buyer",
        "From",
        "To",
        "cc",
    ]
)


def value(d: Draft, key: str) -> str:
    """Draw a value that suits a key."""
    for hints, make in VALUE_HINTS:
        if any(hint in key.lower() for hint in hints.split("|")):
            return make(d)
    return _phrase(d)


def _phrase(d: Draft) -> str:
    count = d.rng.choice((1, 1, 2, 3, 5, 9))
    text = " ".join(d.values.fake.words(count))
    return (
        d.rng.choice((text, text.capitalize(), text.title(), "N/A", "See attached", "None"))
        if count < 5
        else text.capitalize()
    )


def _place(d: Draft) -> str:
    return ", ".join(line.rstrip(",.") for line in d.values.address())


def _date(d: Draft) -> str:
    if d.chance(0.4):
        return d.values.date(d.values.today)
    return d.values.date(d.values.day(-9000, 400))


VALUE_HINTS: tuple[tuple[str, Callable[[Draft], str]], ...] = (
    ("dat|valid|arrival|departure", _date),
    ("phone|fax|ext.", lambda d: d.values.phone()),
    ("mail", lambda d: d.values.fake.email()),
    ("city|location|venue|place", lambda d: d.values.fake.city()),
    ("address", _place),
    ("state", lambda d: d.values.pick("states")),
    ("company|manufacturer|chain|account name|employer", lambda d: d.values.company()),
    (
        "signature|by|name|analyst|^employee$|worker|supervisor|contact|buyer|manager|from|cc",
        lambda d: d.values.person(),
    ),
    (
        "amount|salary|cost|total|labor|materials|travel|hotel|meals|other|advance|balance|"
        "gross|net|discount|value|per unit|pay$|pay |wages|deductions",
        lambda d: d.values.money(d.values.price(2, 40000), bare=d.chance(0.4)),
    ),
    ("time", lambda d: d.values.time()),
    (
        "moisture|result|ph|average|weight|height|temperature|mileage|volume|circulation",
        lambda d: d.values.number(d.values.price(0.1, 9000), d.rng.choice((0, 1, 2, 3))),
    ),
    (
        "pages|copies|guests|stores|quantity|room|year",
        lambda d: str(d.rng.choice((1, 2, 3, 4, 12, d.rng.randint(1, 400)))),
    ),
    ("sex", lambda d: d.rng.choice(("M", "F", "Male", "Female"))),
    ("blood", lambda d: d.rng.choice(("A+", "0 negative", "AB", "B-"))),
    ("position|title|subject", lambda d: d.rng.choice((d.values.fake.job(), _phrase(d)))),
    ("brand|make", lambda d: d.values.fake.last_name()),
    (
        "no.|code|zip|number|ref|vin|plate|id|account|project|batch|charge|policy",
        lambda d: d.values.code(),
    ),
)


def _lines(d: Draft, items: list[Pair]) -> str:
    """Keys with a line to write on."""
    parts = []
    for item in items:
        key, _ = blocks.place_key(d, item)
        look = "width: 1fr, stroke: (bottom: 0.5pt), outset: (bottom: 2pt)"
        value = f"box({look}, [#{quote(' ')}] + {item.value})"
        parts.append(f"{key} + [ ] + {value}")
    rows = []
    while parts:
        count = d.rng.choice((1, 1, 2, 2, 3))
        row, parts = parts[:count], parts[count:]
        rows.append(blocks.grid(row, ", ".join(["1fr"] * len(row)), column_gutter="8pt"))
    return blocks.stack(rows, d.rng.uniform(6, 11))


def _two(d: Draft, items: list[Pair]) -> str:
    """Two columns of pairs."""
    half = (len(items) + 1) // 2
    left, right = (
        blocks.pairs(d, part, d.rng.choice(("columns", "inline")))
        for part in (items[:half], items[half:])
    )
    return blocks.grid(
        [left, right], d.rng.choice(("1fr, 1fr", "2fr, 1fr", "1.3fr, 1fr")), column_gutter="14pt"
    )


def _checks(d: Draft, theme: Theme) -> str:
    """Boxes to tick, drawn or typed."""
    labels = d.rng.sample(data.listed(theme.boxes), d.rng.randint(3, 6))
    drawn = d.chance(0.55)
    parts = []
    for label in labels:
        on = d.chance(0.45)
        run = d.run(label)
        d.ask_text(
            "check",
            "yes" if on else "no",
            f"Is '{label}' checked?",
            f"Is {label} ticked?",
            f"Is the box {label} marked?",
        )
        mark = f"tick({'true' if on else 'false'})" if drawn else str(d.run("[X]" if on else "[ ]"))
        parts.append(
            f"box({mark} + h(3pt) + {run})" if d.chance(0.8) else f"box({run} + h(3pt) + {mark})"
        )
    if d.chance(0.5):
        return blocks.stack(parts, 5)
    return f" + h({d.rng.randint(10, 24)}pt) + ".join(parts)


def _paragraph(d: Draft) -> str:
    return blocks.note(d, d.values.fake.paragraph(d.rng.randint(2, 6)), d.rng.choice((0.8, 1.0)))


def _signature(d: Draft) -> str:
    cells = []
    for key in d.rng.sample(
        ("Authorized Signature", "Date signed", "Witness", "Print Name"), d.rng.randint(1, 3)
    ):
        shown, _ = blocks.place_key(d, Pair(key, ()), bare=True)
        cells.append(blocks.stack(["rule()", blocks.styled(shown, size=0.8)], 3))
        d.blank.append(key)
    return f"v(16pt) + {blocks.grid(cells, ', '.join(['1fr'] * len(cells)), column_gutter='18pt')}"
