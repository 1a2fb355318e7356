"""Forms of boxes: a small caption above its value, dense rows, numbers, some boxes left blank."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from docx_models.synth import blocks, data
from docx_models.synth.draft import Ask, Draft, Run, quote
from docx_models.synth.families import form
from docx_models.synth.fields import worded

FILLINGS = (
    "weight: 400",
    'style: "italic"',
    'font: "Liberation Mono"',
    'font: "DejaVu Sans Mono"',
    'style: "italic", fill: rgb("#1a3a8f")',
    'weight: "bold"',
)
"""How what was filled in differs from what was printed: typed, slanted, in ink."""
MONEY = (
    *("tax with", "wages", "interest", "dividend", "gain", "income", "deduction", "credit"),
    *("charges", "damage", "aggregate", "occurrence", "expense", "injury", "payment"),
)
"""Words of captions above amounts."""
DIAGNOSES = (
    "Acute bronchitis|Hypertension|Fracture of left wrist|Migraine|Type 2 diabetes|Appendicitis|"
    "Lower back pain|Allergic rhinitis|Gastritis|Iron deficiency anemia"
)


@dataclass(frozen=True, slots=True)
class Box:
    """A caption, the field it stands for (or none), and its number on the form (or none)."""

    caption: str
    field: str
    number: str


def write(d: Draft) -> None:
    """Fill a draft with the form of its family."""
    about = data.load("boxed.toml")[d.family]
    boxes = _boxes(d, data.listed(about["rows"]), d.chance(about["numbered"]))
    d.style = replace(d.style, colon="", size=round(min(d.style.size, 11.0), 1))
    title = d.header(d.values.pick(about["titles"]))
    d.facts["title"] = (title,)
    head = [
        blocks.styled(title, size=d.rng.choice((1.2, 1.5, 1.8)), weight="bold"),
        blocks.styled(d.run(d.values.case(d.values.pick(about["issuer"]))), size=0.85),
    ]
    if d.chance(0.4):
        head.append(
            blocks.styled(
                d.run(f"Form {d.values.code('####-@')} (Rev. {d.values.code('##')})"), size=0.75
            )
        )
    d.rng.shuffle(head)
    top = blocks.stack(head, 4) if d.chance(0.6) else blocks.side_by_side(d, head)
    filling = d.rng.choice(FILLINGS)
    parts = [_grid(d, part, filling) for part in _parts(d, boxes)]
    ticks = _ticks(d, data.listed(about["boxes"]))
    parts.insert(d.rng.randint(0, len(parts)), blocks.framed(ticks, width="100%"))
    if d.chance(0.4):
        parts.append(blocks.note(d, d.values.fake.paragraph(d.rng.randint(2, 6)), 0.75))
    gap = d.rng.choice((0.0, 0.0, 4.0, 8.0))
    d.body = blocks.page(d, top, blocks.stack(parts, gap), gap=8)


def _boxes(d: Draft, entries: Sequence[str], numbered: bool) -> list[Box]:
    """Choose boxes and number them in the order of print: 1, 2, 3a, 3b ..."""
    chosen, seen = [], set[str]()
    count = d.rng.randint(12, min(32, len(entries)))
    for entry in sorted(d.rng.sample(range(len(entries)), count)):
        caption, _, name = entries[entry].partition("=")
        if name not in seen or not name:
            chosen.append((caption, name))
            seen.add(name)
    boxes, number, letter = [], 0, 0
    for caption, name in chosen:
        lettered = 0 < letter < 4 and d.chance(0.6)
        if not lettered:
            number, letter = number + 1, 1 if d.chance(0.2) else 0
        mark = f"{number}{'abcd'[letter - 1]}" if letter else str(number)
        letter += 1 if letter else 0
        boxes.append(Box(caption, name, mark if numbered else ""))
    return boxes


def _parts(d: Draft, boxes: Sequence[Box]) -> list[list[Box]]:
    """Cut the boxes into blocks, which differ in their columns."""
    cuts = sorted(d.rng.sample(range(1, len(boxes)), d.rng.choice((0, 1, 2))))
    edges = [0, *cuts, len(boxes)]
    return [list(boxes[a:b]) for a, b in pairwise(edges)]


def _grid(d: Draft, boxes: Sequence[Box], filling: str) -> str:
    """Boxes side by side in rows of one to four."""
    size, shade = d.rng.choice((0.6, 0.65, 0.75)), d.rng.choice(("none", "none", "luma(240)"))
    rows, left = [], list(boxes)
    stroke = d.rng.choice(("0.5pt", "0.5pt", "0.8pt", "(bottom: 0.5pt)"))
    height = d.rng.choice(("auto", f"{d.style.size * d.rng.uniform(2.3, 3.8):.0f}pt"))
    while left:
        count = min(len(left), d.rng.choice((1, 2, 2, 3, 3, 4)))
        row, left = left[:count], left[count:]
        cells = [_box(d, box, size, filling) for box in row]
        widths = ", ".join(f"{d.rng.choice((1, 1, 1.5, 2))}fr" for _ in row)
        rows.append(
            blocks.grid(cells, widths, stroke=stroke, inset="3pt", fill=shade, rows=f"({height},)")
        )
    return blocks.stack(rows, 0)


def _box(d: Draft, box: Box, size: float, filling: str) -> str:
    caption = d.style.cased(box.caption)
    value = _value(d, box)
    key = d.run(caption)
    mark = f"{d.run(box.number)} + h(3pt) + " if box.number else ""
    d.pairs.append(((key,), (value,) if value else (), ""))
    head = f"text(size: {size}em, {mark}{key})"
    if value is None:
        d.blank.append(box.caption)
        if box.number:
            d.ask_absent("key", f"What is in box {box.number}?", f"box {box.number}")
        return blocks.stack([head, f"[#{quote(' ')}]"], 3)
    if box.number:
        ways = (
            f"What is in box {box.number}?",
            f"box {box.number}",
            f"What was entered in field {box.number}?",
        )
        d.ask("box", [value], *ways)
    if not box.field:
        d.asks.append(Ask(worded(d.rng, caption.lower()), "key", (value,)))
    shown = f"text({filling}, {value})"
    return blocks.stack([head, f"h({d.rng.choice((0, 0, 6))}pt) + {shown}"], d.style.size * 0.4)


def _value(d: Draft, box: Box) -> Run | None:
    """Fill a box in, or leave it blank."""
    v = d.values
    if d.chance(0.16):
        return None
    makers: dict[str, Callable[[], str]] = {
        "ssn": lambda: v.code("###-##-####"),
        "tax_id": v.tax_id,
        "tax_year": lambda: str(v.today.year),
        "filing_status": lambda: v.pick("Single|Married filing jointly|Head of household|Joint"),
        "diagnosis": lambda: v.pick(DIAGNOSES),
        "blood_group": lambda: v.pick("A positive|0 negative|AB+|B-|A-|0+"),
        "room": lambda: v.code("###"),
        "Age": lambda: str(d.rng.randint(1, 99)),
        "Number of dependents": lambda: v.code("#"),
        "Pulse": lambda: str(d.rng.randint(50, 120)),
        "Refills": lambda: v.code("#"),
        "Blood pressure": lambda: f"{d.rng.randint(95, 180)}/{d.rng.randint(55, 110)}",
        "Medication": lambda: v.pick("Ibuprofen|Amoxicillin|Metformin|Aspirin|Lisinopril|none"),
        "Dosage": lambda: v.pick("1-0-1|twice daily|400 mg|2 tablets a day|as needed"),
        "Occupation": lambda: v.fake.job().split(",")[0],
        "Locality name": lambda: v.fake.city(),
        "Vehicle identification number": lambda: v.code("#@@@@##@#######"),
        "Year, make and model": lambda: f"{v.code('20##')} {v.fake.last_name()} {v.code('@#')}",
        "Relationship to insured": lambda: v.pick("Self|Spouse|Child|Parent|Other"),
    }
    people = ("taxpayer", "insured", "patient", "physician", "agent")
    money = ("wages", "taxable_income", "refund", "premium", "deductible", "sum_insured")
    caption = box.caption.lower()
    if (box.field or box.caption) in makers:
        text = makers[box.field or box.caption]()
    elif box.field in people:
        text = v.person()
    elif box.field in money or any(word in caption for word in MONEY):
        text = v.money(v.price(5, 90000), bare=d.chance(0.6))
    else:
        text = form.value(d, box.caption)
    return d.fact(box.field, text) if box.field else d.run(text)


def _ticks(d: Draft, labels: Sequence[str]) -> str:
    """Boxes to tick in a row, typed or drawn."""
    typed, parts = d.rng.choice(MARKS), []
    for label in d.rng.sample(labels, d.rng.randint(2, 6)):
        on, run = d.chance(0.4), d.run(label)
        mark = str(d.run(typed[on])) if typed[0] else f"tick({'true' if on else 'false'})"
        parts.append(f"box({mark} + h(3pt) + {run})")
        ways = (f"Is '{label}' checked?", f"Is the box {label} marked?", f"Is {label} ticked?")
        d.ask_text("check", "yes" if on else "no", *ways)
    return f" + h({d.rng.randint(8, 20)}pt) + ".join(parts)


MARKS = (("", ""), ("[ ]", "[X]"), ("☐", "☒"), ("☐", "☑"), ("( )", "(x)"), ("__", "X"))
"""An empty box and a ticked one; two empty texts stand for drawn boxes."""
