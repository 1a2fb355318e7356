"""The synthetic documents: their truth must be exact, and the same every time."""

from __future__ import annotations

import base64
import io
import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from docx_models.synth import (
    FAMILIES,
    HELD_OUT,
    blocks,
    contact_sheet,
    generate,
    pack,
    questions,
    records,
    render,
    sample_pdf,
    write_pack,
)
from docx_models.synth.draft import Ask, Draft, Pair, SynthError
from docx_models.synth.style import sample_style
from docx_models.synth.values import Values

FIXTURE = Path(__file__).parent.parent / "fixtures" / "invoice.pdf"
FIXTURE_PAGE = ("invoice", 77)


def spelled(record: dict[str, Any], pieces: list[list[int]]) -> str:
    return "".join(record["words"][word][0][start:end] for word, start, end in pieces)


def blank_draft(seed: int = 1) -> Draft:
    rng = random.Random(seed)
    return Draft("form", rng, Values(rng, "us"), sample_style(rng))


def finish(d: Draft) -> dict[str, Any]:
    return records.record("form-1", d, render.render([d])[0])


@pytest.fixture(scope="module")
def pages() -> list[dict[str, Any]]:
    names = (*FAMILIES, *HELD_OUT)
    return records.generate_many([(name, seed) for name in names for seed in (3, 4)])


def test_answers_are_spelled_by_their_pieces(pages: list[dict[str, Any]]) -> None:
    for page in pages:
        assert 6 <= len(page["questions"]) <= 22, page["id"]
        for question in page["questions"]:
            places = [p for p in question.get("occurrences") or [question["pieces"]] if p]
            assert bool(places) == (question["kind"] == "extract")
            for pieces in places:
                assert spelled(page, pieces) == "".join(question["answer"].split())
            if not places:
                assert bool(question["answer"]) == (question["kind"] == "text")


def test_words_segments_links_and_cells_agree(pages: list[dict[str, Any]]) -> None:
    for page in pages:
        assert json.loads(json.dumps(page)) == page
        for _, x0, y0, x1, y1 in page["words"]:
            assert 0 <= x0 <= x1 <= 1
            assert 0 <= y0 <= y1 <= 1
        owned = [word for segment in page["segments"] for word in segment["words"]]
        assert len(owned) == len(set(owned)), "a word in two segments"
        for key, value in page["links"]:
            assert page["segments"][key]["label"] == "key"
            assert page["segments"][value]["label"] == "value"
        for table in page["tables"]:
            slots = [
                (cell["row"] + i, cell["column"] + j)
                for cell in table["cells"]
                for i in range(cell["row_span"])
                for j in range(cell["column_span"])
            ]
            assert len(slots) == len(set(slots)), "two cells in one slot"
            assert not set(owned) & {word for cell in table["cells"] for word in cell["words"]}


def test_picture_is_the_squeezed_page(pages: list[dict[str, Any]]) -> None:
    for page in pages:
        image = Image.open(io.BytesIO(base64.b64decode(page["picture"])))
        assert (image.mode, image.size) == ("L", (256, 512))
        darkest, lightest = image.getextrema()
        assert darkest < 160
        assert lightest == 255


def test_a_page_depends_on_family_and_seed_alone() -> None:
    alone = generate("invoice", 5)
    among = records.generate_many([("receipt", 1), ("ad_order", 2), ("invoice", 5)])[2]
    assert alone == among == generate("invoice", 5)
    assert alone != generate("invoice", 6)


def test_unknown_family_is_named() -> None:
    with pytest.raises(ValueError, match="memo"):
        generate("memo", 1)


def test_equal_values_keep_their_own_places() -> None:
    d = blank_draft()
    first, second = d.fact("invoice_date", "12/30/19"), d.fact("due_date", "12/30/19")
    pairs = [d.pair("invoice_date", first), d.pair("due_date", second)]
    d.body = blocks.page(d, blocks.pairs(d, pairs, "inline"))
    sheet = render.render([d])[0]
    upper, lower = render.locate(sheet, first)[0][0], render.locate(sheet, second)[0][0]
    assert sheet.boxes[upper][1] < sheet.boxes[lower][1]


def test_values_inside_a_word_are_cut() -> None:
    d = blank_draft()
    pair = d.pair(
        "flight_dates", d.fact("flight_start", "01/02"), "-", d.fact("flight_end", "01/02"), ","
    )
    d.body = blocks.page(d, blocks.pairs(d, [pair], "inline"))
    sheet = render.render([d])[0]
    names = ("flight_start", "flight_end")
    start, end = (render.locate(sheet, d.facts[name][0]) for name in names)
    assert [piece[1:] for piece in start + end] == [(0, 5), (6, 11)]
    assert start[0][0] == end[0][0]


def test_no_text_is_read_as_markup() -> None:
    d = blank_draft()
    hostile = '#let *x* = $1$ _a_ \\ "q" <b> @c `d` // e [f] {g} ~ -- ...'
    run = d.run(hostile)
    d.asks.append(Ask("What is it?", "key", (run,)))
    d.body = str(run)
    page = finish(d)
    assert " ".join(word[0] for word in page["words"]).replace(" ", "") == hostile.replace(" ", "")


def test_what_is_too_long_is_fitted_to_its_page() -> None:
    d = blank_draft()
    d.style = replace(d.style, width=595.0, height=842.0)
    d.body = blocks.stack([d.run(f"line {i}") for i in range(120)], 3)
    page = finish(d)
    assert page["height"] == 842
    assert len(page["words"]) == 240


def test_a_text_that_is_not_where_it_was_placed_is_refused() -> None:
    d = blank_draft()
    d.body = str(d.run("shown"))
    d.run("never shown")
    with pytest.raises(SynthError, match="placed"):
        finish(d)


def test_what_is_not_placed_is_forgotten() -> None:
    d = blank_draft()
    shown = d.fact("total", "$5.00")
    d.fact("tax", "$1.00")
    d.body = str(shown)
    d.forget_unplaced()
    assert set(d.facts) == {"total"}
    assert d.runs == [shown]


def test_absent_questions_ask_for_what_is_not_there(pages: list[dict[str, Any]]) -> None:
    for page in pages:
        asked = {q["field"] for q in page["questions"] if q["kind"] == "extract"}
        absent = {q["field"] for q in page["questions"] if q["kind"] == "absent"}
        assert not (asked & absent) - {"key", "cell", "item_price", "choice", "open"}


def test_pack_is_resumed(tmp_path: Path) -> None:
    write_pack(tmp_path, pages=6, seed=1, families=("invoice", "letter"), jobs=1)
    shard = tmp_path / "0000.jsonl"
    lines = shard.read_text("utf-8").splitlines()
    assert len(lines) == 6
    before = shard.stat().st_mtime_ns
    (tmp_path / "0000.part").write_text("left over by a killed run")
    write_pack(tmp_path, pages=6, seed=1, families=("invoice", "letter"), jobs=1)
    assert shard.stat().st_mtime_ns == before
    shard.unlink()
    write_pack(tmp_path, pages=6, seed=1, families=("invoice", "letter"), jobs=1)
    assert shard.read_text("utf-8").splitlines() == lines


def test_contact_sheet_is_drawn(tmp_path: Path, pages: list[dict[str, Any]]) -> None:
    contact_sheet(pages[:2], tmp_path / "sheet.png", columns=2, width=200)
    with Image.open(tmp_path / "sheet.png") as image:
        assert image.width == 416


def test_a_pack_of_many_shards_is_written_to_its_end_by_one_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An executor that replaces its processes after some tasks has hung here."""
    monkeypatch.setattr(pack, "SHARD", 1)
    write_pack(tmp_path, pages=2 * pack.ROUND + 1, seed=2, families=("letter",), jobs=1)
    assert len(list(tmp_path.glob("*.jsonl"))) == 2 * pack.ROUND + 1


def test_fixture_is_what_the_generator_makes() -> None:
    """`tests/fixtures/invoice.pdf` is `sample_pdf(*FIXTURE_PAGE)`.

    To make it anew: ``python -m docx_models.synth tests/fixtures/invoice.pdf invoice 77``.
    """
    kept, made = (
        sorted(word for page in render.read_words(pdf) for word in page[2])
        for pdf in (FIXTURE.read_bytes(), sample_pdf(*FIXTURE_PAGE))
    )
    assert kept == made
    assert FIXTURE.stat().st_size < 60_000


def test_a_value_told_twice_has_two_places() -> None:
    d = blank_draft()
    first, again = d.fact("total", "$5.00"), d.fact("total", "$5.00")
    d.body = f"{first} + linebreak() + {again}"
    d.forget_unplaced()
    total = next(q for q in finish(d)["questions"] if q["field"] == "total")
    assert total["answer"] == "$5.00"
    assert len({tuple(map(tuple, pieces)) for pieces in total["occurrences"]}) == 2


def test_two_values_of_a_field_answer_nothing() -> None:
    d = blank_draft()
    d.body = f"{d.fact('total', '$5.00')} + linebreak() + {d.fact('total', '$7.00')}"
    d.forget_unplaced()
    assert "total" not in d.facts
    assert "total" in d.hinted
    assert "total" not in {q["field"] for q in finish(d)["questions"]}


def test_a_wording_that_fits_two_answers_is_left_out() -> None:
    d = blank_draft()
    runs = [d.run("4"), d.run("5")]
    d.asks += [Ask("How many?", "count", (run,)) for run in runs]
    d.body = " + linebreak() + ".join(map(str, runs))
    assert "How many?" not in {q["question"] for q in finish(d)["questions"]}


def test_a_longer_key_answers_a_field_too() -> None:
    d = blank_draft()
    d.family = "medical_form"
    value = d.run("Ann Lee")
    d.body = blocks.pairs(d, [Pair("Patient's name", (value,))], "inline")
    asked = [ask.field for ask in questions.questions(d) if ask.kind == "absent"]
    assert "patient" not in asked
