"""Answering on a page of text, against one bare encoder pass over the same page."""

from __future__ import annotations

from pathlib import Path

from results import Comparison, finish, parser
from timing import in_turn

from docx_cli.bundle import open_bundle, resolve
from docx_cli.document import Question
from docx_cli.pipeline import Extractor
from docx_cli.reading import ReadOptions, read_pages
from docx_cli.source import load

SAMPLE = Path(__file__).parents[1] / "tests" / "fixtures" / "invoice.pdf"
TEN = [Question(f"What is the {what}?") for what in (
    "total", "invoice date", "invoice number", "due date", "name of the seller",
    "name of the buyer", "tax", "subtotal", "bank account", "order number",
)]  # fmt: skip
BARE = "encoder graph alone"
GOALS = {
    "one question, from the PDF": "<= 1.5",
    "key-values and tables, from the PDF": "<= 1.3",
}


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
            "one question, from the PDF": lambda: extractor.run(
                source, questions=TEN[:1], read=read
            ),
            "key-values and tables, from the PDF": lambda: extractor.run(
                source, key_values=True, tables=True, read=read
            ),
        },
        rounds,
    )
    title = f"A page of {len(words)} words, {len(window.input_ids)} subwords"
    finish("answering", [Comparison(title, BARE, seconds, GOALS)], save=save)


if __name__ == "__main__":
    told = parser(__doc__, rounds=15).parse_args()
    main(told.rounds, told.save)
