"""Building blocks of a page as typst expressions: key-value blocks, parties, tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from docx_models.synth.data import vocabulary
from docx_models.synth.draft import Cell, Draft, Pair, Run, quote


def styled(expression: object, **how: object) -> str:
    """Return text in another size (em), weight or colour."""
    parts = []
    for key, value in how.items():
        if key == "size":
            parts.append(f"size: {value}em")
        elif key == "fill":
            parts.append(f"fill: rgb({quote(str(value))})")
        else:
            parts.append(f"{key}: {quote(str(value))}")
    shown = f"text({', '.join(parts)}, {expression})"
    large = float(str(how.get("size", 1))) > 1.15
    return f"pad(bottom: 0.25em, {shown})" if large else shown


def stack(parts: Sequence[object], gap: float = 4.0, direction: str = "ttb") -> str:
    """Set blocks below one another, or in another direction, `gap` points apart."""
    inner = ", ".join(f"[#{{{part}}}]" for part in parts)
    return f"stack(dir: {direction}, spacing: {gap:.1f}pt, {inner})"


def grid(cells: Sequence[object], columns: str, **how: str) -> str:
    """Set cells into columns given as typst lengths."""
    extra = "".join(f"{key.replace('_', '-')}: {value}, " for key, value in how.items())
    return f"grid(columns: ({columns},), {extra}{', '.join(f'[#{{{cell}}}]' for cell in cells)})"


def aligned(expression: object, side: str) -> str:
    """Set an expression to the left, center or right of its room."""
    return f"align({side}, {expression})"


def framed(expression: object, inset: float = 4.0, width: str = "100%", **how: str) -> str:
    """Set a frame around an expression."""
    extra = "".join(f", {key}: {value}" for key, value in how.items())
    stroke = "" if "stroke" in how else ", stroke: 0.6pt"
    return f"block(width: {width}, inset: {inset:.1f}pt{stroke}{extra}, {expression})"


LONG = 0.12
"""Share of pages that carry the terms of business as well; they hold 300 to 900 words."""


def page(d: Draft, *parts: str, gap: float = 9.0) -> str:
    """Return a page's body: its parts from top to bottom, with small print and a foot at times.

    The rest of the page stays empty below, or between two parts.
    """
    shown = [f"[#{{{part}}}]" for part in parts if part]
    if d.style.height:
        if d.chance(0.45):
            shown.append(f"[#{{{_small_print(d)}}}]")
        if d.chance(0.3):
            shown.append("1fr")
        elif d.chance(0.1):
            shown.insert(d.rng.randint(1, len(shown)), "1fr")
        if d.chance(0.3):
            shown.append(f"[#{{{_foot(d)}}}]")
        if d.chance(LONG):
            shown.append(f"[#{{{_terms(d)}}}]")
    return f"stack(spacing: {gap:.1f}pt, {', '.join(shown)})"


def _terms(d: Draft) -> str:
    """Terms of business over most of a page, in one column to three: words that answer nothing."""
    texts = [d.values.fake.paragraph(d.rng.randint(4, 9)) for _ in range(d.rng.randint(4, 11))]
    marked = [f"{i}. {text}" if d.style.boxed else text for i, text in enumerate(texts, 1)]
    shown = [f"par([#{quote(text)}])" for text in marked]
    count = d.rng.choice((1, 2, 2, 3))
    size = -(-len(shown) // count)
    columns = [stack(shown[i : i + size], 4) for i in range(0, len(shown), size)]
    inner = grid(columns, ", ".join(["1fr"] * count), column_gutter="12pt")
    return f"text(size: {d.rng.choice((0.65, 0.75, 0.85))}em, {inner})"


def _small_print(d: Draft) -> str:
    """Paragraphs of terms, with dates and amounts that answer nothing."""
    d.hinted |= {"phone", "contact", "start_date", "deadline"}
    v, texts = d.values, d.rng.sample(vocabulary("small_print"), d.rng.randint(1, 9))
    fill = {
        "n": d.rng.randint(2, 30),
        "money": v.money(v.price(5, 500)),
        "city": v.fake.city(),
        "phone": v.phone(),
        "person": v.person(),
        "date": v.date(v.day(-300, 300)),
    }
    texts = [v.case(text.format(**fill)) for text in texts]
    size = f"text(size: {d.rng.choice((0.7, 0.8, 1.0))}em, "
    if d.chance(0.4):
        return size + stack([f"[#{quote(text)}]" for text in texts], 3.5) + ")"
    return size + f"par([#{quote(' '.join(texts))}]))"


def _foot(d: Draft) -> str:
    """A foot in columns: another address, telephone and account, as letterheads carry them."""
    d.hinted |= {"phone", "website", "bank", "iban", "tax_id", "registration_number"}
    v = d.values
    columns = [
        [v.company(), *v.address()],
        [v.phone(), f"www.{v.site(v.company())}"],
        [f"{v.fake.last_name()} Bank", v.code("#### #### ####")],
        [v.tax_id(), v.registration()],
    ]
    columns = columns[: d.rng.randint(1, 4)]
    cells = [stack([f"[#{quote(line)}]" for line in lines], 3) for lines in columns]
    inner = grid(cells, ", ".join(["1fr"] * len(cells)), column_gutter="8pt")
    return f"text(size: {d.rng.choice((0.7, 0.8))}em, stack(spacing: 4pt, rule(), {inner}))"


# --- keys and values -----------------------------------------------------------


def place_key(d: Draft, pair: Pair, *, bare: bool = False) -> tuple[str, str]:
    """Place a pair's key and link it; return the key and what stands before the value."""
    if pair.label is None:
        return "[]", "[]"
    text, colon = d.style.cased(pair.label), d.style.colon
    lead = ""
    if colon in ("apart", "apart value"):
        lead = ": " if colon == "apart" else ":"
    elif not bare and not text.endswith((":", "#", "?")):
        text += colon
    run = d.run(text)
    d.pairs.append(((run,), pair.runs, d.section))
    key = styled(run, weight=d.style.key_weight, size=d.style.key_size)
    return key, f"[#{quote(lead)}]" if lead and not bare else "[]"


def pairs(d: Draft, items: Sequence[Pair], layout: str | None = None) -> str:
    """Set key-value pairs in one of the layouts, the page's own by default."""
    layout = layout or d.style.pair_layout
    if not items:
        return "[]"
    if layout == "boxes":
        return _boxes(d, items)
    if layout == "row":
        rows = [items[i : i + 4] for i in range(0, len(items), 4)]
        return stack([_row(d, row) for row in rows], 5)
    keyed = [(*place_key(d, item), item.value) for item in items]
    if layout == "stacked":
        blocks = [stack([key, value], d.style.size * 0.4) for key, _, value in keyed]
        return stack(blocks, d.style.size * 0.9)
    if layout == "inline":
        lines = [f"{key} + {lead} + [#{quote(' ')}] + {value}" for key, lead, value in keyed]
        return stack(lines, d.style.size * 0.6)
    side = "right" if layout == "right" else d.rng.choice(("left", "left", "left", "right"))
    cells = [cell for key, lead, value in keyed for cell in (key, f"{lead} + {value}")]
    first = d.rng.choice(("auto", "auto", f"{d.rng.randint(55, 110)}pt"))
    return grid(
        cells,
        f"{first}, {'1fr' if side == 'left' else 'auto'}",
        row_gutter=f"{d.rng.uniform(3, 7):.1f}pt",
        column_gutter=f"{d.rng.choice((3, 6, 10, 18))}pt",
        align=f"({d.rng.choice(('left', 'left', 'right'))}, {side})",
    )


def _boxes(d: Draft, items: Sequence[Pair]) -> str:
    """Keys in small print above their values, each pair in a box of its own."""
    size = d.rng.choice((0.65, 0.75, 0.8))
    cells = []
    for item in items:
        key, _ = place_key(d, item, bare=d.chance(0.6))
        cells.append(stack([styled(key, size=size), item.value], d.style.size * 0.5))
    columns = min(len(items), d.rng.choice((1, 2, 2, 3)))
    return grid(cells, ", ".join(["1fr"] * columns), stroke="0.5pt", inset="4pt")


def _row(d: Draft, items: Sequence[Pair]) -> str:
    """Keys side by side as a heading, their values beneath."""
    keys = [place_key(d, item, bare=True)[0] for item in items]
    fill = d.rng.choice(("none", "luma(220)", "luma(235)"))
    return grid(
        [*keys, *(item.value for item in items)],
        ", ".join(["auto"] * len(items)),
        inset="4pt",
        stroke=d.rng.choice(("0.5pt", "none", "(bottom: 0.5pt)")),
        fill=f"(_, y) => if y == 0 {{ {fill} }}",
    )


def in_line(d: Draft, items: Sequence[Pair], gap: float = 14) -> str:
    """Set short pairs one after another on a line."""
    parts = []
    for item in items:
        key, lead = place_key(d, item)
        parts.append(f"box({key} + {lead} + [#{quote(' ')}] + {item.value})")
    return f" + h({gap:.0f}pt) + ".join(parts)


def lines(runs: Sequence[object], gap: float = 3.5) -> str:
    """Set texts below one another."""
    return stack(list(runs), gap)


def party(
    d: Draft, role: str | None, name: Run, address: Sequence[Run], more: Sequence[str] = ()
) -> str:
    """Set a name and address block, under a key if `role` is a field's name."""
    bold = d.rng.choice(("bold", "regular"))
    body = lines([styled(name, weight=bold), *map(str, address), *more])
    if role is None:
        return body
    text = d.style.cased(d.label(role)) + d.rng.choice((":", "", ":"))
    key = d.run(text)
    d.pairs.append(((key,), (name, *address), d.section))
    head = styled(key, weight=d.rng.choice(("bold", "regular")), size=d.rng.choice((1.0, 0.85)))
    if d.chance(0.2):
        head = f"block(width: 100%, fill: luma(225), inset: 3pt, {head})"
    return stack([head, body], 4.5)


def side_by_side(d: Draft, blocks: Sequence[str], *, even: bool = False) -> str:
    """Set blocks next to each other in a random order."""
    blocks = [block for block in blocks if block]
    d.rng.shuffle(blocks)
    widths = ["1fr" if even else f"{d.rng.choice((1, 1, 1.2, 1.5))}fr" for _ in blocks]
    stroke = "0.5pt" if d.style.boxed else "none"
    inset = "5pt" if d.style.boxed else "0pt"
    return grid(
        blocks,
        ", ".join(widths),
        column_gutter="0pt" if d.style.boxed else "14pt",
        stroke=stroke,
        inset=inset,
    )


# --- tables ---------------------------------------------------------------------


@dataclass
class Table:
    """A table being filled: `cells` carry their place, `looks` their typst expressions.

    `widths` are typst lengths, `sides` the alignment of each column.
    """

    widths: list[str]
    sides: list[str]
    cells: list[Cell] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """Number of the next row."""
        return max((cell.row for cell in self.cells), default=-1) + 1

    def row(
        self,
        number: int,
        texts: Sequence[Sequence[Run] | None],
        *,
        header: bool = False,
        spans: dict[int, int] | None = None,
        row_spans: dict[int, int] | None = None,
    ) -> None:
        """Add a row; None leaves a slot to a span, an empty sequence leaves a cell blank."""
        for column, runs in enumerate(texts):
            if runs is None:
                continue
            down, across = (row_spans or {}).get(column, 1), (spans or {}).get(column, 1)
            self.cells.append(Cell(number, column, tuple(runs), header, down, across))


RULINGS = ("all", "all", "none", "header", "header", "rows", "columns", "frame", "booktabs")


def set_table(d: Draft, table: Table, *, ruling: str | None = None, glue: str = " ") -> str:
    """Draw a table in one of the rulings and keep its cells as truth."""
    d.tables.append(tuple(table.cells))
    ruling = ruling or d.rng.choice(RULINGS)
    zebra = d.chance(0.2)
    last = max(cell.row for cell in table.cells)
    heads = max((cell.row for cell in table.cells if cell.header), default=-1)
    bold = d.rng.choice(("bold", "bold", "regular"))
    head_fill = d.rng.choice(("none", "none", "luma(225)", "luma(200)", "dark"))
    if head_fill == "dark":
        head_fill = f"rgb({quote(d.style.accent)})"
    shown = []
    for cell in table.cells:
        text = f" + [#{quote(glue)}] + ".join(str(run) for run in cell.runs) or "[]"
        if cell.header:
            text = styled(text, weight=bold)
            if head_fill.startswith("rgb"):
                text = styled(text, fill="#ffffff")
        spans = f"rowspan: {cell.row_span}, colspan: {cell.column_span}"
        place = f"x: {cell.column}, y: {cell.row}, {spans}"
        side = table.sides[cell.column] if cell.column_span == 1 else "center"
        shown.append(f"table.cell({place}, align: {side} + horizon, {text})")
    band = "luma(242)" if zebra else "none"
    fill = f"(_, y) => if y <= {heads} {{ {head_fill} }} else if calc.even(y) {{ {band} }}"
    inset = f"(x: {d.rng.uniform(2, 5):.1f}pt, y: {d.rng.uniform(1.5, 4.5):.1f}pt)"
    return (
        f"table(columns: ({', '.join(table.widths)},), stroke: {_strokes(ruling, heads, last)}, "
        f"inset: {inset}, fill: {fill}, {', '.join(shown)})"
    )


def _strokes(ruling: str, heads: int, last: int) -> str:
    """Return the typst stroke of a ruling; `heads` and `last` are row numbers."""
    line = "0.5pt"
    under = f"if y == {heads} {{ (bottom: {line}) }}"
    frame = (
        f"(x, y) => (left: if x == 0 {{ {line} }}, top: if y == 0 {{ {line} }}, "
        f"bottom: if y == {last} or y == {heads} {{ {line} }})"
    )
    return {
        "all": line,
        "none": "none",
        "header": f"(_, y) => {under}",
        "rows": f"(_, y) => (bottom: {line})",
        "columns": f"(x, y) => (left: if x > 0 {{ {line} }}, bottom: if y == {heads} {{ {line} }})",
        "frame": frame,
        "booktabs": f"(_, y) => (top: if y == 0 {{ 1pt }}, bottom: if y == {heads} {{ {line} }} "
        f"else if y == {last} {{ 1pt }})",
    }[ruling]


def title(d: Draft, text: str) -> str:
    """Set a document's title."""
    size = d.rng.choice((1.2, 1.4, 1.7, 2.0, 2.4))
    return styled(
        d.header(text), size=size, weight=d.rng.choice(("bold", "regular")), fill=d.style.accent
    )


def note(d: Draft, text: str, size: float = 0.85) -> str:
    """Set small print."""
    return styled(d.run(d.values.case(text)), size=size)
