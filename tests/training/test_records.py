"""Page records and packs of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import support

from docx_cli.document import Box, Word
from docx_cli.errors import FileAccessError, UnsupportedInputError
from docx_models.records import (
    GoldQuestion,
    Pack,
    PageRecord,
    encode_picture,
    texts_of,
    write_shard,
)


def raw(number: int = 0, **changes: Any) -> dict[str, Any]:
    return support.raw_record(number, np.random.default_rng(number)) | changes


def parsed(**changes: Any) -> PageRecord:
    return PageRecord.from_json(json.dumps(raw(**changes)))


def test_words_come_with_their_boxes() -> None:
    record = parsed(words=[["Total", 0.1, 0.2, 0.3, 0.4], ["é", 0.9, -0.1, 1.2, 0.1]])
    assert record.words == (
        Word("Total", Box(0.1, 0.2, 0.3, 0.4)),
        Word("é", Box(0.9, 0.0, 1.0, 0.1)),
    )


def test_questions_hold_one_or_several_occurrences_or_none() -> None:
    plain = {"question": "what?", "field": "f", "kind": "extract", "answer": "x"}
    one, several, none = parsed(
        questions=[
            plain | {"pieces": [[1, 0, 2], [2, 1, 3]]},
            plain | {"occurrences": [[[1, 0, 2]], [[5, 0, 1]]]},
            plain | {"kind": "absent", "answer": ""},
        ]
    ).questions
    assert one == GoldQuestion("what?", "f", "extract", "x", (((1, 0, 2), (2, 1, 3)),))
    assert several.occurrences == (((1, 0, 2),), ((5, 0, 1),))
    assert none.occurrences == ()


def test_a_page_without_segments_is_unlabelled_not_empty() -> None:
    assert parsed(segments=None).segments is None
    assert parsed(segments=[]).segments == ()
    bare = {k: v for k, v in raw().items() if k not in ("segments", "links", "tables", "picture")}
    record = PageRecord.from_json(json.dumps(bare))
    assert (record.segments, record.links, record.tables) == (None, (), ())


def test_pictures_come_back_to_the_last_pixel() -> None:
    picture = np.random.default_rng(2).integers(0, 256, (32, 16)).astype(np.uint8)
    found = parsed(picture=encode_picture(picture)).picture()
    assert found is not None
    assert np.array_equal(found, picture)
    assert parsed(picture=None).picture() is None


def test_a_pack_gives_any_record_of_its_shards(tmp_path: Path) -> None:
    write_shard(tmp_path / "0001.jsonl", [raw(n) for n in (3, 4)])
    write_shard(tmp_path / "0000.jsonl", [raw(n) for n in (0, 1, 2)])
    pack = Pack(tmp_path)
    assert len(pack) == 5
    assert [pack[i].id for i in (4, 0, 2)] == ["page-4", "page-0", "page-2"]


def test_the_size_of_a_record_leaves_its_picture_out(tmp_path: Path) -> None:
    write_shard(tmp_path / "0000.jsonl", [raw(0), raw(1, family="ünï" * 50)])
    lines = (tmp_path / "0000.jsonl").read_bytes().splitlines(keepends=True)
    pack = Pack(tmp_path)
    assert [pack.size(i) for i in range(2)] == [line.index(b'"picture"') for line in lines]
    assert pack[1].family == "ünï" * 50


def test_a_shard_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    def broken() -> Any:
        yield raw(0)
        raise RuntimeError("power cut")

    write_shard(tmp_path / "0000.jsonl", [raw(7)])
    with pytest.raises(RuntimeError):
        write_shard(tmp_path / "0000.jsonl", broken())
    assert [Pack(tmp_path)[0].id] == ["page-7"]
    assert write_shard(tmp_path / "0000.jsonl", [raw(1), raw(2)]) == 2
    assert len(Pack(tmp_path)) == 2


def test_an_empty_folder_is_no_pack(tmp_path: Path) -> None:
    with pytest.raises(FileAccessError, match=r"no \*\.jsonl"):
        Pack(tmp_path)


@pytest.mark.parametrize("line", ["{not json", '{"id": "x"}', "[]", '{"words": 3}'])
def test_a_bad_record_is_named_by_its_place(tmp_path: Path, line: str) -> None:
    good = json.dumps(raw())
    (tmp_path / "0000.jsonl").write_text(f"{good}\n{line}\n")
    pack = Pack(tmp_path)
    assert pack[0].id == "page-0"
    with pytest.raises(UnsupportedInputError, match=rf"0000\.jsonl at byte {len(good) + 1}"):
        pack[1]


def test_texts_are_words_and_questions_of_some_records(tmp_path: Path) -> None:
    pack = support.write_pack(tmp_path / "pages", 10)
    texts = list(texts_of([pack], 5))
    assert len(texts) == 5
    assert texts[0][:2] == [w.text for w in pack[0].words[:2]]
    assert texts[1][-1] == pack[2].questions[-1].question
    assert len(list(texts_of([pack], 100))) == 10
