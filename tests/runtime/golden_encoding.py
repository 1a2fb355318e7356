"""The golden encoding: run this file to write it anew.

Models are trained on exactly these numbers. A change of them makes every bundle useless, so it
must be meant, and every model trained again.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from docx_cli.config import EncodingConfig
from docx_cli.document import Box, Word
from docx_cli.encode import Encoding

FOLDER = Path(__file__).parents[1] / "golden"
FILE = FOLDER / "encoding.json"
TOKENIZER = FOLDER / "tokenizer.json"
ARRAYS = ("input_ids", "boxes", "positions", "groups", "question_positions")
DERIVED = ("words", "word_positions")


def describe(asked: dict[str, Any]) -> dict[str, Any]:
    """Encode a page and its questions: by name, all that model and answers are made of."""
    config = EncodingConfig.from_mapping(asked["config"])
    encoding = Encoding(config, Tokenizer.from_file(str(TOKENIZER)))
    words = [Word(text, Box(*corners)) for text, *corners in asked["words"]]
    packs = encoding.encode(words, asked["questions"])
    page = packs[0][0].page
    found: dict[str, Any] = {
        "fingerprint": config.fingerprint(TOKENIZER.read_bytes()),
        "order": list(page.order),
        "word_index": page.word_index.tolist(),
        "offsets": page.offsets.tolist(),
    }
    for p, windows in enumerate(packs):
        for w, window in enumerate(windows):
            place = f"pack {p} window {w}"
            found[f"{place} tokens"] = [window.token_start, window.token_end]
            for name in (*ARRAYS, *DERIVED):
                found[f"{place} {name}"] = getattr(window, name).tolist()
    return found


def write(golden: dict[str, Any]) -> None:
    """Write the file, one line a value."""
    lines = ",\n".join(f" {json.dumps(k)}: {json.dumps(v)}" for k, v in golden.items())
    FILE.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    stored = json.loads(FILE.read_text(encoding="utf-8"))
    write({"asked": stored["asked"], **describe(stored["asked"])})
