"""Letters: the facts stand inside sentences, between others that look like them."""

from __future__ import annotations

import string
from collections.abc import Callable

from docx_models.synth import blocks, data
from docx_models.synth.draft import Draft, Run, join
from docx_models.synth.families import trade

GREETINGS = (
    "Dear Sir or Madam,",
    "Dear {name},",
    "To whom it may concern,",
    "Dear Mr. {last},",
    "Dear Ms. {last}:",
    "Dear Colleagues,",
)
CLOSINGS = (
    "Sincerely,",
    "Yours faithfully,",
    "Kind regards,",
    "Best regards,",
    "Respectfully yours,",
    "With kind regards",
)

MAKERS: dict[str, Callable[[Draft], str]] = {
    "date": lambda d: d.values.date(d.values.day(-200, 200)),
    "money": lambda d: d.values.money(round(d.values.price(20, 60000), 2)),
    "person": lambda d: d.values.person(),
    "company": lambda d: d.values.company(),
    "code": lambda d: d.values.code(),
    "phone": lambda d: d.values.phone(),
    "email": lambda d: d.values.fake.email(),
    "time": lambda d: d.values.time(),
    "job": lambda d: d.values.fake.job().split(",")[0],
    "place": lambda d: d.rng.choice(
        (
            f"Room {d.values.code('###')}",
            f"the {d.values.fake.last_name()} Hotel",
            f"the town hall of {d.values.fake.city()}",
            "Conference Room B",
        )
    ),
    "iban": lambda d: d.values.fake.iban(),
    "days": lambda d: d.values.pick("14 days|30 days|two weeks|10 business days|60 days"),
    "term": lambda d: d.values.pick("30 days|one month|three months|six weeks|60 days|90 days"),
    "law": lambda d: d.values.pick(
        "the State of New York|California|England and Wales|the State of Texas|Scotland|Ohio"
    ),
    "address": lambda d: ", ".join(line.rstrip(",.") for line in d.values.address()),
    "party": lambda d: d.values.company() if d.chance(0.6) else d.values.person(),
    "carrier": lambda d: d.rng.choice(trade.CARRIERS),
    "count": lambda d: str(d.rng.randint(1, 40)),
    "weight": lambda d: f"{d.values.number(d.values.price(1, 900), 1)} kg",
    "plate": lambda d: d.values.code("@@@ ####"),
}
KINDS = {
    "position": "job",
    "salary": "money",
    "start_date": "date",
    "deadline": "date",
    "contact": "person",
    "phone": "phone",
    "meeting_date": "date",
    "meeting_place": "place",
    "total": "money",
    "email": "email",
    "invoice_number": "code",
    "invoice_date": "date",
    "amount_due": "money",
    "due_date": "date",
    "iban": "iban",
    "customer_number": "code",
    "policy_number": "code",
    "amount_paid": "money",
    "reference": "code",
    "contract_number": "code",
    "period_end": "date",
    "period_start": "date",
    "delivery_date": "date",
    "order_number": "code",
    "salesperson": "person",
    "first_party": "party",
    "second_party": "party",
    "contract_date": "date",
    "contract_start": "date",
    "contract_end": "date",
    "price": "money",
    "deposit": "money",
    "notice_period": "term",
    "governing_law": "law",
    "property": "address",
    "employee": "person",
    "employer": "company",
    "employee_number": "code",
    "gross_pay": "money",
    "deductions": "money",
    "net_pay": "money",
    "pay_date": "date",
    "delivery_note_number": "code",
    "packages": "count",
    "weight": "weight",
    "carrier": "carrier",
    "driver": "person",
    "vehicle": "plate",
}


def write(d: Draft) -> None:
    """Fill a draft with a letter."""
    v = d.values
    matter = d.rng.choice(data.load("letters.toml")["matter"])
    name = v.person()
    sender = [d.fact("seller", v.company()), *d.fact_lines("seller_address", v.address())]
    recipient = [d.fact("recipient", name), *d.fact_lines("buyer_address", v.address())]
    head = blocks.aligned(blocks.lines(sender), d.rng.choice(("left", "right", "center")))
    date = d.fact("letter_date", v.date(v.today))
    dated = (
        blocks.pairs(d, [d.pair("letter_date", date)], "inline")
        if d.chance(0.4)
        else join([d.run(f"{v.fake.city()},"), " ", date] if d.chance(0.4) else [date])
    )
    dated = blocks.aligned(dated, d.rng.choice(("left", "right")))
    subject = d.fact("subject", d.values.pick(matter["subjects"]))
    topic = (
        blocks.pairs(d, [d.pair("subject", subject)], "inline")
        if d.chance(0.5)
        else blocks.styled(subject, weight="bold")
    )
    greeting = d.rng.choice(GREETINGS).format(name=name, last=name.split()[-1])
    chosen = list(matter["sentences"])
    d.rng.shuffle(chosen)
    chosen = chosen[: d.rng.randint(4, len(chosen))]
    paragraphs = _paragraphs(d, chosen)
    signed = d.fact("sender", v.person())
    feet = [d.run(d.rng.choice(CLOSINGS)), "v(14pt)", signed]
    if d.chance(0.5):
        d.hinted.add("position")
        feet.append(d.run(v.fake.job().split(",")[0]))
    top = [head, blocks.lines(recipient), dated]
    if d.chance(0.3):
        top.append(blocks.pairs(d, [d.pair("reference", d.fact("reference", v.code()))], "inline"))
    d.body = blocks.page(
        d,
        *top,
        topic,
        str(d.run(greeting)),
        *paragraphs,
        blocks.stack(feet, 5),
        gap=d.rng.uniform(10, 18),
    )


def sentence(d: Draft, template: str) -> list[Run | str]:
    """Fill a sentence; its fields become facts, unless they are told already."""
    parts: list[Run | str] = []
    for text, name, _, _ in string.Formatter().parse(template):
        parts.append(text)
        if name is None:
            continue
        if name.startswith("x_"):
            parts.append(MAKERS[name[2:]](d))
        else:
            # A field told before is told the same way again.
            known = d.facts.get(name)
            text = known[0].text if known else MAKERS[KINDS[name]](d)
            parts.append(d.fact(name, text))
    return parts


def _paragraphs(d: Draft, templates: list[str]) -> list[str]:
    """Group sentences into paragraphs, with sentences in between that say nothing."""
    paragraphs: list[list[Run | str]] = []
    current: list[Run | str] = []
    for template in templates:
        if d.chance(0.5):
            current += [d.values.fake.sentence(d.rng.randint(6, 16)), " "]
        fields = {name for _, name, _, _ in string.Formatter().parse(template) if name}
        if not fields & d.facts.keys():
            current += [*sentence(d, template), " "]
        if current and d.chance(0.45):
            paragraphs.append(current)
            current = []
    paragraphs += [current] if current else []
    paragraphs += [
        [d.values.fake.paragraph(d.rng.randint(2, 5))] for _ in range(d.rng.randint(0, 2))
    ]
    justify = "true" if d.chance(0.4) else "false"
    return [f"{{ set par(justify: {justify}); par({join(parts)}) }}" for parts in paragraphs]
