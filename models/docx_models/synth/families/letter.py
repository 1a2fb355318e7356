"""Letters: the facts stand inside sentences, between others that look like them."""

from __future__ import annotations

import string
from collections.abc import Callable
from dataclasses import dataclass

from docx_models.synth import blocks
from docx_models.synth.draft import Draft, Run, join


@dataclass(frozen=True, slots=True)
class Matter:
    """What a letter is about: subjects and sentences with fields in braces.

    Names that begin with ``x_`` are distractors: values of the same kind that answer nothing.
    """

    subjects: tuple[str, ...]
    sentences: tuple[str, ...]


MATTERS = (
    Matter(
        ("Offer of employment", "Your application", "Your appointment with us", "Employment contract"),
        (
            "We are pleased to offer you the position of {position} at {x_company}.",
            "The annual salary is {salary}, paid in twelve instalments of {x_money} each.",
            "Your employment begins on {start_date} and the trial period ends on {x_date}.",
            "Please return the signed copy by {deadline} at the latest.",
            "Your contact in the personnel department is {contact}, who can be reached at {phone}.",
            "You will report to {x_person}, who joined us on {x_date}.",
            "A relocation allowance of {x_money} is paid once.",
        ),
    ),
    Matter(
        ("Invitation to the annual meeting", "Meeting of the board", "Your appointment", "General assembly"),
        (
            "The meeting takes place on {meeting_date} at {x_time} in {meeting_place}.",
            "You are cordially invited to {meeting_place} on {meeting_date}.",
            "Please let us know by {deadline} whether you will attend.",
            "The last meeting, held on {x_date}, approved a budget of {x_money}.",
            "{x_person} will present the accounts and {x_person} the plans for next year.",
            "The participation fee is {total}, guests pay {x_money}.",
            "For questions call {contact} at {phone} or write to {email}.",
        ),
    ),
    Matter(
        ("Payment reminder", "Overdue account", "Second notice", "Outstanding invoice"),
        (
            "According to our records, invoice {invoice_number} dated {invoice_date} has not been paid.",
            "Our invoice no. {invoice_number} of {invoice_date} over {total} was due on {x_date}.",
            "The outstanding amount is {amount_due}, including a late fee of {x_money}.",
            "Please transfer the amount by {due_date} to our account {iban}.",
            "Your customer number is {customer_number}; please quote it with your payment.",
            "A first reminder was sent to you on {x_date}.",
            "If you have any questions, {contact} will be glad to help at {phone}.",
        ),
    ),
    Matter(
        ("Your policy", "Claim settlement", "Change of your contract", "Notice of premium"),
        (
            "We refer to your policy {policy_number}, which was taken out on {x_date}.",
            "The new premium of {total} replaces the previous one of {x_money}.",
            "The change takes effect on {start_date}.",
            "We have transferred the sum of {amount_paid} to your account on {x_date}.",
            "The damage reported on {x_date} was examined by {x_person}.",
            "You may object until {deadline} in writing.",
            "Please quote reference {reference} in all correspondence.",
        ),
    ),
    Matter(
        ("Termination of contract", "Renewal of the agreement", "Notice of rent increase", "Supply agreement"),
        (
            "This concerns contract {contract_number} between {x_company} and yourselves.",
            "The agreement ends on {period_end}, having begun on {period_start}.",
            "From {start_date}, the monthly rent is {total} instead of {x_money}.",
            "The deposit of {amount_paid} will be returned by {deadline}.",
            "We request delivery by {delivery_date} under order {order_number}.",
            "Our representative {salesperson} will visit you on {meeting_date}.",
            "The agreement was last amended on {x_date} by {x_person}.",
        ),
    ),
)  # fmt: skip
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
    "place": lambda d: d.rng.choice((f"Room {d.values.code('###')}", f"the {d.values.fake.last_name()} Hotel", f"the town hall of {d.values.fake.city()}", "Conference Room B")),
    "iban": lambda d: d.values.fake.iban(),
}  # fmt: skip
KINDS = {
    "position": "job", "salary": "money", "start_date": "date", "deadline": "date", "contact": "person", "phone": "phone",
    "meeting_date": "date", "meeting_place": "place", "total": "money", "email": "email", "invoice_number": "code",
    "invoice_date": "date", "amount_due": "money", "due_date": "date", "iban": "iban", "customer_number": "code",
    "policy_number": "code", "amount_paid": "money", "reference": "code", "contract_number": "code", "period_end": "date",
    "period_start": "date", "delivery_date": "date", "order_number": "code", "salesperson": "person",
}  # fmt: skip


def write(d: Draft) -> None:
    """Fill a draft with a letter."""
    v = d.values
    matter = d.rng.choice(MATTERS)
    name = v.person()
    sender = [d.fact("seller", v.company()), *d.fact_lines("seller_address", v.address())]
    recipient = [d.fact("recipient", name), *d.fact_lines("buyer_address", v.address())]
    head = blocks.aligned(blocks.lines(sender), d.rng.choice(("left", "right", "center")))
    date = d.fact("letter_date", v.date(v.today))
    dated = blocks.pairs(d, [d.pair("letter_date", date)], "inline") if d.chance(0.4) else join(
        [d.run(f"{v.fake.city()},"), " ", date] if d.chance(0.4) else [date])  # fmt: skip
    dated = blocks.aligned(dated, d.rng.choice(("left", "right")))
    subject = d.fact("subject", d.rng.choice(matter.subjects))
    topic = (
        blocks.pairs(d, [d.pair("subject", subject)], "inline")
        if d.chance(0.5)
        else blocks.styled(subject, weight="bold")
    )
    greeting = d.rng.choice(GREETINGS).format(name=name, last=name.split()[-1])
    chosen = list(matter.sentences)
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
            parts.append(d.fact(name, MAKERS[KINDS[name]](d)))
    return parts


def _paragraphs(d: Draft, templates: list[str]) -> list[str]:
    """Group sentences into paragraphs, with sentences in between that say nothing."""
    paragraphs, current = [], []
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
