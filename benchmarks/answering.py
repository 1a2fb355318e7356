"""Answering on a page of text, against the bare graphs over the same page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from results import Comparison, finish, parser
from timing import in_turn

from docx_cli.bundle import Bundle, open_bundle, resolve
from docx_cli.decode import greedy
from docx_cli.document import DocumentResult, Question
from docx_cli.pipeline import LONGEST_ANSWER, Extractor
from docx_cli.reading import ReadOptions, read_pages
from docx_cli.source import Source, load

SAMPLE = Path(__file__).parents[1] / "tests" / "fixtures" / "invoice.pdf"
TEN = [Question(f"What is the {what}?") for what in (
    "total", "invoice date", "invoice number", "due date", "name of the seller",
    "name of the buyer", "tax", "subtotal", "bank account", "order number",
)]  # fmt: skip
BARE = "encoder graph alone"
BOTH = "encoder and decoder graphs alone"
ONE = "one question, from the PDF"
WRITTEN = "one question, from the PDF, the decoder writes the answer"
GOALS = {ONE: "<= 1.5", "key-values and tables, from the PDF": "<= 1.3"}


def main(rounds: int, save: bool) -> None:
    bundle = open_bundle(resolve())
    extractor = Extractor(bundle)
    source, read = load(SAMPLE), ReadOptions(picture_size=bundle.picture_size)
    content = next(read_pages(source, read))
    words, picture = content.page.words, content.picture
    window = extractor.encoding.encode(words, ["What is the total?"], picture)[0][0]
    seconds = in_turn(
        {
            BARE: lambda: extractor.session.encode(window),
            "one question, words given": lambda: extractor.ask_words(words, TEN[:1], picture),
            "ten questions, words given": lambda: extractor.ask_words(words, TEN, picture),
            ONE: lambda: extractor.run(source, questions=TEN[:1], read=read),
            "key-values and tables, from the PDF": lambda: extractor.run(
                source, key_values=True, tables=True, read=read
            ),
        },
        rounds,
    )
    title = f"A page of {len(words)} words, {len(window.input_ids)} subwords"
    parts = [Comparison(title, BARE, seconds, GOALS), written(bundle, source, read, rounds)]
    finish("answering", parts, save=save)


def written(bundle: Bundle, source: Source, read: ReadOptions, rounds: int) -> Comparison:
    """Time an answer of both graphs; mostly the encoder's spans are enough."""
    writer = Extractor(bundle, answer_with="decoder")
    content = next(read_pages(source, read))
    words, picture = content.page.words, content.picture
    window = writer.encoding.encode(words, [TEN[0].text], picture)[0][0]
    encoding = writer.encoding

    def bare() -> None:
        steps = writer.session.decoder(writer.session.encode(window), np.array([1]))
        ends = encoding.pad_id, encoding.sep_id
        greedy(steps, window.input_ids, *ends, longest=LONGEST_ANSWER)

    def asked(by: Extractor) -> Callable[[], DocumentResult]:
        return lambda: by.run(source, questions=TEN[:1], read=read)

    tasks = {BOTH: bare, ONE: asked(Extractor(bundle)), WRITTEN: asked(writer)}
    goals = dict.fromkeys((ONE, WRITTEN), GOALS[ONE])
    return Comparison("The same page, decoder and all", BOTH, in_turn(tasks, rounds), goals)


if __name__ == "__main__":
    told = parser(__doc__, rounds=15).parse_args()
    main(told.rounds, told.save)
