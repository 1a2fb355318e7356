"""Pages around published tables and texts, and the questions about their cells."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from docx_cli.errors import FileAccessError, UnsupportedInputError, UsageError
from docx_models.synth import CONTENT, generate, lookups, prose
from docx_models.synth.content import Asked, Content
from docx_models.synth.draft import Draft, Run
from docx_models.synth.families.tabular import head_rows, locate_answer
from docx_models.synth.style import sample_style
from docx_models.synth.values import Values

GAMES = [
    ["Year", "Host", "City", "Nations"],
    ["1956", "Utopia", "New Town, North", "67"],
    ["1960", "Arcadia", "Old Town", "83"],
    ["1964", "Utopia", "Bridgeport", "93"],
    ["1968", "Cockaigne", "Old Town", "112"],
]
PASSAGE = "The bridge of Old Town was built in 1850. It has nine arches; the ninth is of 1850, too."
FINANCE = [
    ["", "Fiscal year", ""],
    ["", "2019", "2018"],
    ["Assets:", "", ""],
    ["Cash", "$ 1,250", "980"],
    ["Receivables", "310", "1,250"],
]


def write(path: Path, *lines: dict[str, Any]) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("content")
    asked = [
        {"id": "a", "table": "t", "question": "Who was host in 1960?", "answers": ["Arcadia"]},
        {"id": "b", "table": "t", "question": "How often was Utopia host?", "answers": ["2"]},
    ]
    for split in ("train", "dev"):
        write(root / "wtq" / f"{split}.tables.jsonl", {"id": "t", "rows": GAMES})
        write(root / "wtq" / f"{split}.jsonl", *asked)
        write(root / "tabfact" / f"{split}.tables.jsonl", {"id": "t", "rows": GAMES})
    facts = {"table": "t", "caption": "games", "statements": [["arcadia be host in 1960", 1]]}
    write(root / "tabfact" / "dev.jsonl", facts)
    question = {"question": "What was cash in 2019?", "answer": ["$ 1,250"], "answer_type": "span"}
    told = {"question": "What rose?", "answer": ["cash"], "answer_type": "span"}
    paragraphs = [{"order": 1, "text": "In the year under review, cash rose."}]
    tatqa = {"table": {"table": FINANCE}, "paragraphs": paragraphs, "questions": [question, told]}
    write(root / "tatqa" / "dev.jsonl", tatqa)
    arches = {"question": "How many arches are there?", "answers": ["nine"]}
    built = {"question": "When was it built?", "answers": ["1850"]}
    write(
        root / "xquad" / "train.jsonl",
        {"title": "Old_Town", "context": PASSAGE, "questions": [arches, built]},
    )
    return root


def spelled(page: dict[str, Any], pieces: list[list[int]]) -> str:
    return "".join(page["words"][word][0][start:end] for word, start, end in pieces)


@pytest.mark.parametrize("family", CONTENT)
def test_published_questions_point_at_their_answers(folder: Path, family: str) -> None:
    page = generate(family, 1, Content(folder, "train"))
    assert page["questions"]
    for question in page["questions"]:
        for pieces in question.get("occurrences") or [question["pieces"]]:
            if pieces:
                assert spelled(page, pieces) == "".join(question["answer"].split())
    found = {q["question"]: q for q in page["questions"]}
    wanted = {"wtq": "Who was host in 1960?", "tatqa": "What rose?", "xquad": "When was it built?"}
    if family in wanted:
        assert found[wanted[family]]["kind"] == "extract"


def test_a_date_told_twice_has_two_places(folder: Path) -> None:
    page = generate("xquad", 2, Content(folder, "train"))
    built = next(q for q in page["questions"] if q["question"] == "When was it built?")
    assert len(built["occurrences"]) == 2


def test_pages_that_measure_ask_what_was_published(folder: Path) -> None:
    content = Content(folder, "dev")
    asked = {q["question"]: q["answer"] for q in generate("wtq", 1, content)["questions"]}
    assert asked == {"Who was host in 1960?": "Arcadia", "How often was Utopia host?": "2"}
    statement = generate("tabfact", 1, content)["questions"][0]
    assert (statement["kind"], statement["answer"]) == ("text", "yes")
    assert statement["question"] == "Is it true that arcadia be host in 1960?"


def test_statements_are_no_training_data(folder: Path) -> None:
    page = generate("tabfact", 1, Content(folder, "train"))
    assert "tabfact" not in {q["field"] for q in page["questions"]}


def test_missing_content_is_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="wtq pages"):
        generate("wtq", 1)
    with pytest.raises(FileAccessError, match="tables"):
        generate("wtq", 1, Content(tmp_path, "train"))
    write(tmp_path / "xquad" / "train.jsonl", {"title": "no context"})
    with pytest.raises(UnsupportedInputError, match="bad line"):
        generate("xquad", 1, Content(tmp_path, "train"))


@pytest.mark.parametrize(
    ("question", "answer", "places"),
    [
        ("Who was host in 1960?", "Arcadia", [(2, 1)]),
        ("In which city did Cockaigne hold them?", "old town", [(4, 2)]),
        ("Which town is it?", "Old Town", [(2, 2), (4, 2)]),
        ("Where was it held in 1956?", "New Town, North", [(1, 2)]),
        ("In what part of the country was it in 1956?", "North", [(1, 2)]),
        ("How many nations came in 1964?", "93", [(3, 3)]),
        ("How many hosts were there?", "67", []),
        ("Who was there?", "nobody", []),
    ],
)
def test_answers_are_taken_where_they_may_be_meant(
    question: str, answer: str, places: list[tuple[int, int]]
) -> None:
    found, text = locate_answer(GAMES, Asked(question, (answer,)))
    assert found == places
    assert text.lower() == (answer.lower() if places else "")


def test_heads_of_several_rows_are_told_from_bodies() -> None:
    assert head_rows(FINANCE) == 3
    assert head_rows(GAMES) == 1


def test_answers_in_prose_are_whole_words() -> None:
    text = "Nine arches, the ninth of 1850; 18500 stones."
    assert prose.occurrences(text, "1850.") == [(26, 30)]
    assert prose.occurrences(text, "nine") == [(0, 4)]
    assert prose.occurrences(text, "") == []


def test_overlapping_answers_share_their_words() -> None:
    d = draft()
    _, (whole, part) = prose.paragraph(d, "It is the old bridge of Rome.", ["old bridge", "bridge"])
    assert [run.text for run in whole[0]] == ["old", "bridge"]
    assert part[0] == whole[0][1:]


def draft() -> Draft:
    rng = random.Random(1)
    return Draft("form", rng, Values(rng, "us"), sample_style(rng))


def asked_of(rows: list[list[str]]) -> list[tuple[str, str, tuple[Run, ...], str | None]]:
    d = draft()
    cells = [[(d.run(text),) if text else () for text in row] for row in rows[1:]]
    lookups.ask(d, lookups.Grid(rows[0], cells), cells=40, others=6)
    return [(ask.field, ask.question.lower(), ask.runs, ask.text) for ask in d.asks]


def test_cells_are_asked_by_row_and_column() -> None:
    cells = [a for a in asked_of(GAMES) if a[0] == "cell" and a[2]]
    assert len(cells) == 12
    for _, question, (run,), _ in cells:
        row = next(row for row in GAMES[1:] if row[0] in question)
        column = next(i for i, head in enumerate(GAMES[0][1:], 1) if head.lower() in question)
        assert run.text == row[column]


def test_rows_of_one_name_are_not_asked_by_it() -> None:
    rows = [["Host", "Nations"], ["Utopia", "67"], ["Utopia", "93"], ["Arcadia", "83"]]
    asked = [question for kind, question, runs, _ in asked_of(rows) if kind == "cell" and runs]
    assert asked
    assert not any("utopia" in question for question in asked)


def test_statements_and_counts_hold() -> None:
    asked = asked_of(GAMES)
    counts = {text for kind, question, _, text in asked if kind == "count" and "utopia" in question}
    assert counts <= {"2"}
    for kind, question, _, text in asked:
        if kind == "statement":
            held = any(
                row[0] in question and any(cell.lower() in question for cell in row[1:])
                for row in GAMES[1:]
            )
            assert held or text == "no"


def test_an_empty_cell_is_absent() -> None:
    rows = [["Name", "Age", "Town"], ["Ann", "", "Ely"], ["Bob", "30", "Ely"], ["Cid", "31", "Rye"]]
    absent = [q for kind, q, runs, text in asked_of(rows) if kind == "cell" and not runs]
    assert any("ann" in question and "age" in question for question in absent)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,250.5", 1250.5),
        ("(12)", -12.0),
        ("$ 7", 7.0),
        ("45%", 45.0),
        ("1950s", None),
        ("", None),
    ],
)
def test_numbers_are_read(text: str, value: float | None) -> None:
    assert lookups.number(text) == value
