"""Judging, summing up, reading sets, and the command from end to end."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import small_pages as pages
from PIL import Image

from docx_cli import __main__
from docx_cli.bundle import package_folder
from docx_cli.document import Answer, Box, Evidence, Question, Word
from docx_cli.errors import BundleError, FileAccessError, UsageError
from docx_models import metrics, scores
from docx_models.absent import ABSENT, FOREIGN, NEAR, absent_golds
from docx_models.cases import Case, Gold, Reader, load_cases
from docx_models.evaluate import Judged, Plan, Worker, judge, measure_all
from docx_models.loaders import FIELDS as FIELDS_OF
from docx_models.records import write_shard
from docx_models.systems import BASELINE, Contender, ModelSystem, no_answer

BOX = Box(0.1, 0.1, 0.2, 0.2)
OTHER = Box(0.1, 0.5, 0.2, 0.6)
FIXTURES = Path(__file__).parents[1] / "fixtures"
RECEIPT_LINES = [
    ["LUCKY STORE SDN BHD", 0.1, 0.05, 0.48, 0.08],
    ["DATE: 05/03/2018", 0.1, 0.15, 0.42, 0.18],
    ["TOTAL: 8.00", 0.1, 0.25, 0.32, 0.28],
    ["CASH: 8.00", 0.1, 0.35, 0.30, 0.38],
]
FIELDS = {"company": "LUCKY STORE SDN. BHD.", "date": "05-03-2018", "total": "8.00"}


def gold(*answers: str, kind: str = "text", **facts: Any) -> Gold:
    return Gold(Question("q?", "f"), "f", "g", kind, answers, **facts)


def answer(text: str, box: Box | None = BOX, confidence: float = 0.9, page: int = 1) -> Answer:
    where = Evidence(page, box, (Word(text, box),)) if box and text else None
    return Answer("q?", "f", text, bool(text), confidence, "pointer" if where else "none", where)


def test_an_answer_has_three_scores() -> None:
    judged = judge("d", gold("1,200.00", kind="money"), answer("$1200"))
    assert (judged.exact, judged.anls, judged.typed) == (0.0, 0.0, 1.0)
    assert judged.inside is None


def test_an_absent_question_is_right_when_refused() -> None:
    refused, given = judge("d", gold(), answer("")), judge("d", gold(), answer("x"))
    assert (refused.exact, refused.anls, refused.typed) == (1.0, 1.0, 1.0)
    assert (given.exact, given.anls, given.typed) == (0.0, 0.0, 0.0)


def test_a_failed_document_is_wrong_even_where_nothing_should_be_found() -> None:
    assert judge("d", gold(), no_answer(gold().question), failed=True).typed == 0.0


@pytest.mark.parametrize(
    ("given", "inside"),
    [
        (answer("yes"), True),
        (answer("yes", OTHER), False),
        (answer("yes", page=2), False),
        (answer("yes", None), False),
        (answer("no"), None),
    ],
)
def test_the_evidence_of_right_answers_is_looked_at(given: Answer, inside: bool | None) -> None:
    assert judge("d", gold("yes", places=(BOX,)), given).inside is inside


def judged_page() -> list[Judged]:
    repeated = gold("a", places=(BOX,), elsewhere=True)
    return [
        judge("one", repeated, answer("a", BOX, 1.0)),
        judge("one", repeated, answer("a", OTHER, 0.8)),
        judge("one", gold("b", places=(BOX,)), answer("b", BOX, 0.6)),
        judge("two", gold("c"), answer("x", BOX, 0.4)),
        judge("two", gold("c"), answer("", None, 0.2)),
        judge("two", gold(), answer("", None, 0.7)),
        judge("two", gold(), answer("x", BOX, 0.9)),
    ]


def test_a_summary_counts_by_hand() -> None:
    figures = scores.summary(judged_page())
    assert figures["documents"] == 2
    assert (figures["questions"], figures["absent_questions"]) == (5, 2)
    assert figures["exact"]["mean"] == pytest.approx(3 / 5)
    assert (figures["exact"]["low"], figures["exact"]["high"]) == (0.0, 1.0)
    assert figures["f1"] == pytest.approx(2 * 3 / (5 + 5))
    assert figures["refused_absent"] == pytest.approx(1 / 2)
    assert figures["refused_present"] == pytest.approx(1 / 5)
    assert (figures["pointed"], figures["pointed_of"]) == (pytest.approx(1 / 2), 2)
    assert (figures["grounded"], figures["grounded_of"]) == (pytest.approx(2 / 3), 3)


def test_a_system_that_is_always_equally_sure_has_no_calibration() -> None:
    assert scores.summary([judge("d", gold("a"), answer("a"))])["calibration_error"] is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("05/03/2018", "date"),
        ("March 5, 2018", "date"),
        ("$1,200.00", "money"),
        ("8,00 EUR", "money"),
        ("1327580-1", "text"),
        ("12 bolts", "text"),
        ("Unit 4.50", "text"),
        ("", "text"),
    ],
)
def test_the_kind_of_a_value_is_told_from_its_print(text: str, kind: str) -> None:
    assert metrics.kind_of(text) == kind


def write_receipts(root: Path, count: int = 2) -> Path:
    """A set of drawn pages with their text lines; the last file is no picture."""
    folder = root / "sroie"
    folder.mkdir()
    entries = []
    for number in range(count):
        Image.new("L", (60, 80), 255).save(folder / f"{number}.png")
        entries.append(
            {"id": f"r{number}", "file": f"{number}.png", "fields": FIELDS, "lines": RECEIPT_LINES}
        )
    (folder / "bad.png").write_bytes(b"no picture")
    entries.append({**entries[0], "id": "bad", "file": "bad.png"})
    (folder / "dev.jsonl").write_text("\n".join(json.dumps(e) for e in entries))
    return folder


def write_pack(root: Path) -> Path:
    """One page record on which "7.25" stands twice and a due date nowhere."""
    words = pages.lines("total   7.25 EUR", "cash   7.25 EUR")
    questions = [
        {
            "question": "What is the total?",
            "field": "total",
            "kind": "extract",
            "answer": "7.25",
            "pieces": [[1, 0, 4]],
        },
        {"question": "When is it due?", "field": "due_date", "kind": "absent", "answer": ""},
    ]
    record = {
        "id": "page",
        "family": "receipt",
        "words": [[w.text, *w.box.as_tuple()] for w in words],
        "questions": questions,
    }
    folder = root / "pack"
    folder.mkdir()
    write_shard(folder / "0000.jsonl", [record])
    return folder


def test_a_real_set_knows_where_its_values_stand(tmp_path: Path) -> None:
    case = load_cases(write_receipts(tmp_path), "dev")[0]
    places = {g.field: g.places for g in case.golds}
    assert set(places) == set(FIELDS)  # no question without a label
    assert places["company"] == (Box(*RECEIPT_LINES[0][1:]),)
    assert places["total"] == (Box(*RECEIPT_LINES[2][1:]), Box(*RECEIPT_LINES[3][1:]))


def test_a_pack_knows_of_equal_values_elsewhere(tmp_path: Path) -> None:
    total, due = load_cases(write_pack(tmp_path), "dev")[0].golds
    assert total.elsewhere
    assert total.kind == "money"
    assert total.places is not None
    assert len(total.places) == 1
    assert due.answers == ()


def test_words_are_kept_between_runs(tmp_path: Path) -> None:
    case = load_cases(write_receipts(tmp_path), "dev")[0]
    cache = tmp_path / "cache"
    source, fresh = Reader("gold", (16, 8), cache).read(case)
    kept = list(cache.iterdir())
    assert len(kept) == 1
    assert source.sha256
    again = Reader("gold", (16, 8), cache).read(case)[1]
    assert again[0].page == fresh[0].page
    assert fresh[0].picture is not None
    assert again[0].picture is not None
    assert (again[0].picture == fresh[0].picture).all()
    assert fresh[0].page.text() == "LUCKY STORE SDN BHD DATE: 05/03/2018 TOTAL: 8.00 CASH: 8.00"
    Reader("gold", (32, 16), cache).read(case)  # other options, another entry
    assert len(list(cache.iterdir())) == 2


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_model_that_is_none_is_named(tmp_path: Path, jobs: int) -> None:
    nowhere = Contender("none", tmp_path / "none", ("auto",))
    cases = load_cases(write_receipts(tmp_path), "dev")
    with pytest.raises(BundleError, match="none"):
        list(measure_all(baseline_plan(contenders=(nowhere,)), cases, jobs))


def test_a_set_without_gold_lines_has_no_gold_words(tmp_path: Path) -> None:
    case = load_cases(write_receipts(tmp_path), "dev")[0]
    bare = Case(case.id, case.golds, case.file)
    with pytest.raises(UsageError, match="no words of its own"):
        Reader("gold", None).read(bare)


def test_a_text_layer_can_be_left_aside() -> None:
    case = Case("invoice", (), FIXTURES / "invoice.pdf")
    sources = [Reader(words, None).read(case)[1][0].page.text_source for words in ("own", "ocr")]
    assert sources == ["pdf", "ocr"]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileAccessError, match="nowhere"):
        load_cases(tmp_path / "nowhere", "dev")


def baseline_plan(**changes: Any) -> Plan:
    return Plan(**{"contenders": (), "baseline": True, "words": "gold"} | changes)


def test_documents_spread_over_processes_come_out_the_same(tmp_path: Path) -> None:
    cases = load_cases(write_receipts(tmp_path), "dev")
    plan = baseline_plan(check_records=True)
    alone = list(measure_all(plan, cases))
    assert alone == list(measure_all(plan, cases, jobs=2))
    assert [m.document for m in alone] == ["r0", "r1", "bad"]
    assert [bool(m.error) for m in alone] == [False, False, True]
    assert [j.typed for j in alone[0].systems[BASELINE]] == [1.0, 1.0, 1.0]
    assert [j.typed for j in alone[2].systems[BASELINE]] == [0.0, 0.0, 0.0]
    assert not any(m.invalid for m in alone)


def test_a_synthetic_page_gives_a_valid_record(tmp_path: Path) -> None:
    case = load_cases(write_pack(tmp_path), "dev")[0]
    measured = Worker(baseline_plan(words="own", check_records=True)).measure(case)
    assert measured.invalid == []
    total, due = measured.systems[BASELINE]
    assert total.answer.text == "7.25"
    assert total.inside is True
    assert due.typed == 1.0


def test_a_question_that_is_too_long_fails_alone(tmp_path: Path) -> None:
    case = load_cases(write_pack(tmp_path), "dev")[0]
    source, contents = Reader("own", None).read(case)
    asked = [Question("why " * 60, "long"), Question("What is the total?", "total")]
    system = ModelSystem("mini", package_folder() / "mini", "auto", 1)
    answers = system.run([(q, q.text) for q in asked], source, contents).answers
    alone = system.run([(asked[1], asked[1].text)], source, contents).answers
    assert answers is not None and alone is not None
    assert (answers[0].name, answers[0].found) == ("long", False)
    assert answers[1:] == alone


def test_the_command_prints_a_table_and_names_failures(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = write_receipts(tmp_path)
    assert __main__.main(["eval", str(folder), "--words", "gold", "--baseline-only"]) == 0
    out, err = capfd.readouterr()
    assert out.startswith("sroie/dev, gold words\n")
    assert "bad.png" in err
    cells = next(line for line in out.splitlines() if "company" in line).split()
    assert cells[:4] == [BASELINE, "company", "3", "66.7"]


def test_the_command_writes_every_answer_as_json(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    command = ["eval", str(write_pack(tmp_path)), "--baseline-only", "--format", "json", "-o"]
    assert __main__.main([*command, str(out), "--plots", str(tmp_path / "plots")]) == 0
    assert [p.name for p in (tmp_path / "plots").iterdir()] == ["pack-regexes.svg"]
    (report,) = json.loads(out.read_text())["sets"]
    answers = report["systems"][BASELINE]["answers"]
    assert [a["text"] for a in answers] == ["7.25", ""]
    assert answers[0]["correct"]
    assert answers[0]["page"] == 1
    assert answers[0]["elsewhere"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["nowhere", "--baseline-only"], 5),
        (["pack", "--baseline-only", "--words", "gold"], 2),
        (["pack", "--head", "neck", "--baseline-only"], 2),
        (["pack", "--model", "no-such-model"], 3),
    ],
)
def test_what_makes_no_sense_is_one_line(
    arguments: list[str],
    code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    write_pack(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert __main__.main(["eval", *arguments]) == code
    out, err = capfd.readouterr()
    assert out == ""
    assert err.count("\n") == 1


def test_its_help_loads_nothing_heavy() -> None:
    program = (
        "import sys; from docx_cli.__main__ import main; code = main(['eval', '--help']);"
        "heavy = {'torch', 'numpy', 'onnxruntime', 'PIL'} & set(sys.modules);"
        "sys.exit(f'{code} {heavy}' if code or heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "docx eval" in done.stdout


def test_absent_fields_are_asked_for_only_where_they_are_truly_absent(tmp_path: Path) -> None:
    (case, *_) = load_cases(write_receipts(tmp_path), "dev")
    contents = Reader("gold", None).read(case)[1]
    asked = {g.field: g for g in absent_golds(case, contents)}
    assert {"iban", "fax", "due_date"} <= set(asked)
    assert all(g.answers == () for g in asked.values())
    assert {g.group for g in asked.values()} == {FOREIGN, NEAR}
    with_fax = replace(case, lines=(*case.lines, ("Fax: 03-1234", 0.1, 0.8, 0.3, 0.83)))
    assert "fax" not in {g.field for g in absent_golds(with_fax, contents)}
    assert list(absent_golds(replace(case, set="other"), contents)) == []


def test_absent_fields_are_none_of_the_sets_own() -> None:
    for name, fields in ABSENT.items():
        names = {f.name for f in fields}
        assert len(names) == len(fields)
        assert names.isdisjoint(f.name for f in FIELDS_OF[name])


def test_the_command_asks_for_absent_fields_when_told_to(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = write_receipts(tmp_path)
    command = ["eval", str(folder), "--words", "gold", "--baseline-only", "--limit", "2"]
    assert __main__.main([*command, "--absent"]) == 0
    out = capfd.readouterr().out
    (row,) = [line for line in out.splitlines() if FOREIGN in line]
    assert "100.0 / -" in row
    (row,) = [line for line in out.splitlines() if line.split()[1:2] == ["all"]]
    assert "100.0 / 0.0" in row


@pytest.mark.parametrize(
    ("answer_text", "golds", "kind", "score"),
    [
        ("12,467", ("12467",), "denotation", 1.0),
        ("Wolfe Tones.", ("wolfe tones",), "denotation", 1.0),
        ('"Été" [3]', ("ete",), "denotation", 1.0),
        ("New Delhi (IND)", ("New Delhi",), "denotation", 1.0),
        ("1,5", ("1.5",), "denotation", 0.0),
        ("2010-03-04", ("2010-3-4",), "denotation", 1.0),
        ("Andri Aganits, Siim Ennemuist", ("Siim Ennemuist", "Andri Aganits"), "denotation", 1.0),
        ("Siim Ennemuist", ("Siim Ennemuist", "Andri Aganits"), "denotation", 0.0),
        ("a, b, c", ("a", "b"), "denotation", 0.0),
        ("", ("x",), "denotation", 0.0),
        ("Yes", ("yes",), "truth", 1.0),
        ("false", ("no",), "truth", 1.0),
        ("no", ("yes",), "truth", 0.0),
        ("maybe", ("no",), "truth", 0.0),
    ],
)
def test_answers_about_tables_are_compared_by_what_they_denote(
    answer_text: str, golds: tuple[str, ...], kind: str, score: float
) -> None:
    assert metrics.typed_match(kind, answer_text, golds) == score


def test_questions_of_published_tables_know_how_they_are_scored(tmp_path: Path) -> None:
    words = pages.lines("Team   Wolfe Tones")
    questions = [
        {"question": "who?", "field": "wtq", "kind": "text", "answer": "b|a"},
        {"question": "is it?", "field": "tabfact", "kind": "text", "answer": "yes"},
    ]
    record = {"id": "p", "family": "wtq", "words": [[w.text, *w.box.as_tuple()] for w in words],
              "questions": questions}  # fmt: skip
    (tmp_path / "pack").mkdir()
    write_shard(tmp_path / "pack" / "0000.jsonl", [record])
    several, truth = load_cases(tmp_path / "pack", "dev")[0].golds
    assert (several.kind, several.answers) == ("denotation", ("b", "a"))
    assert (truth.kind, truth.answers) == ("truth", ("yes",))


def test_structure_is_measured_by_every_reader_of_it(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "forms"
    (folder / "images").mkdir(parents=True)
    Image.new("L", (60, 80), 255).save(folder / "images" / "f.png")
    words = [["Total", 0.1, 0.1, 0.2, 0.12]], [["9.00", 0.3, 0.1, 0.4, 0.12]]
    entities = [
        {"id": i, "label": label, "links": [[0, 1]], "text": "", "words": w}
        for i, (label, w) in enumerate(zip(("question", "answer"), words, strict=True))
    ]
    document = {"id": "f", "file": "images/f.png", "entities": entities}
    (folder / "dev.jsonl").write_text(json.dumps(document))
    out = tmp_path / "out.json"
    command = ["eval", str(folder), "--words", "gold", "--zeroed", "--format", "json", "-o"]
    assert __main__.main([*command, str(out)]) == 0
    (report,) = json.loads(out.read_text())["sets"]
    assert set(report["structure"]) == {
        "mini, alone",
        "mini, tool",
        "mini zeroed, alone",
        "mini zeroed, tool",
    }
    assert all(figures["links"]["gold"] == 1 for figures in report["structure"].values())
    assert report["systems"] == {}


def test_a_model_against_itself_flips_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    command = ["eval", str(write_pack(tmp_path)), "--against", "mini"]
    assert __main__.main(command) == 0
    out = capfd.readouterr().out
    assert "mini, auto against other mini, auto: 0 of 2 answers differ" in out
