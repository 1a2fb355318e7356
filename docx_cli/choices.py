"""What else might be the answer, what is too unsure to be one, and what it says.

An answer below the least confidence that is asked for becomes "not found", and stays as the first
alternative. Alternatives stand on words of their own: "118.80" is none to "$118.80".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from docx_cli.answers import WindowOutcome, evidence
from docx_cli.conventions import Conventions
from docx_cli.document import Alternative, Answer
from docx_cli.values import guess


@dataclass(frozen=True, slots=True)
class Wanted:
    """What answers are wanted."""

    top_k: int = 1
    """The answer and so many alternatives less one."""
    min_confidence: float = 0.0
    """An answer of less is "not found"."""
    locale: str | None = None
    """How the documents write, such as "de_DE"; None tells it from each document."""


def alternatives(outcome: WindowOutcome) -> list[Alternative]:
    """Return the spans of a window that may be answers."""
    window = outcome.encoded.window
    return [
        Alternative(
            span.text,
            span.probability,
            "pointer",
            evidence(outcome.page, window, range(span.start, span.end + 1)),
        )
        for span in outcome.spans
    ]


def apart(
    found: Iterable[Alternative], count: int, beside: Answer | None = None
) -> list[Alternative]:
    """Return the likeliest that share neither words nor text with each other, or with an answer.

    Args:
        found: in any order.
        count: at most so many.
        beside: the answer that they are alternatives to.
    """
    kept: list[Alternative] = []
    for one in sorted(found, key=lambda a: -a.confidence):
        others: list[Alternative | Answer] = [*kept, *([beside] if beside else ())]
        if len(kept) < count and not any(_same(one, other) for other in others):
            kept.append(one)
    return kept


def finished(
    answer: Answer, others: Iterable[Alternative], wanted: Wanted, known: Conventions
) -> Answer:
    """Add alternatives and values to an answer; drop it if it is too unsure."""
    rest = apart(others, wanted.top_k - 1, answer)
    if answer.found and answer.confidence < wanted.min_confidence:
        dropped = Alternative(answer.text, answer.confidence, answer.grounding, answer.evidence)
        rest = [dropped, *rest]
        answer = Answer(answer.question, answer.name, "", False, 1.0 - answer.confidence, "none")
    read = []
    for one in rest:
        kind, value = guess(one.text, known)
        read.append(replace(one, type=kind, value=value))
    kind, value = guess(answer.text, known)
    return replace(answer, type=kind, value=value, alternatives=tuple(read))


def narrowed(answer: Answer, wanted: Wanted) -> Answer:
    """Return an answer that was asked for with more alternatives, unsure ones too, as wanted."""
    rest = answer.alternatives[: wanted.top_k - 1]
    if answer.found and answer.confidence < wanted.min_confidence:
        dropped = Alternative(
            answer.text,
            answer.confidence,
            answer.grounding,
            answer.evidence,
            answer.type,
            answer.value,
        )
        missing = Answer(answer.question, answer.name, "", False, 1.0 - answer.confidence, "none")
        return replace(missing, alternatives=(dropped, *rest))
    return replace(answer, alternatives=rest)


def _same(one: Alternative, other: Alternative | Answer) -> bool:
    if one.text.casefold() == other.text.casefold():
        return True
    if one.evidence is None or other.evidence is None or one.evidence.page != other.evidence.page:
        return False
    return not set(one.evidence.words).isdisjoint(other.evidence.words)
