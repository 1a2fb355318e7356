"""Small pages and a tiny vocabulary, for the tests of the runtime and of the model alike.

The tokenizer stands beside the golden encoding: WordPiece with every ASCII letter and digit,
whole and as a continuation, marks, a few words, and BERT's unused marks.
"""

from __future__ import annotations

from pathlib import Path

from tokenizers import Tokenizer

from docx_cli.config import EncodingConfig
from docx_cli.document import Box, Word
from docx_cli.encode import Encoding

GOLDEN = Path(__file__).parent / "golden"
TOKENIZER = (GOLDEN / "tokenizer.json").read_text(encoding="utf-8")

CONFIG = EncodingConfig(
    max_page_tokens=64,
    window_overlap=12,
    max_question_tokens=24,
    max_questions=4,
    box_scale=1000,
    picture_height=32,
    picture_width=16,
    visual_rows=4,
    visual_columns=2,
)


def encoding(config: EncodingConfig = CONFIG) -> Encoding:
    return Encoding(config, Tokenizer.from_str(TOKENIZER))


def lines(*rows: str) -> tuple[Word, ...]:
    """Words of a page whose rows are given as text, a character 0.02 wide and 0.03 high."""
    words = []
    for number, row in enumerate(rows):
        top, at = 0.05 + 0.06 * number, 0
        for part in row.split():
            start = row.index(part, at)
            at = start + len(part)
            words.append(Word(part, Box.clipped(0.02 * start, top, 0.02 * at, top + 0.03)))
    return tuple(words)


INVOICE = lines(
    "ACME Ltd    Invoice 17",
    "date        03/04/2024",
    "qty   item   price",
    "2     bolt   3.50",
    "1     nut    0.25",
    "total        7.25 eur",
    "tax          7.25 eur",
)
"""All in one window; the words of a row follow each other in this tuple, too."""


def place(words: tuple[Word, ...], text: str, nth: int = 0) -> int:
    """Index of the nth word with a text."""
    return [i for i, w in enumerate(words) if w.text == text][nth]


def positions(words: tuple[Word, ...], text: str, nth: int = 0) -> range:
    """Text positions of the nth word with a text, in a window that begins with the page."""
    index = encoding().tokenize_page(words, range(len(words))).word_index
    where = [i + 1 for i, word in enumerate(index) if word == place(words, text, nth)]
    return range(where[0], where[-1] + 1)
