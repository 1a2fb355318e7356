"""The model of OCR's mistakes: labels stay true, and a fit finds the rates it is shown."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import small_pages as pages
import support

from docx_cli.document import Word
from docx_cli.errors import FileAccessError, UnsupportedInputError
from docx_models import noise_fit
from docx_models.noise import Noise, gaps_behind, letter_class, shape_class
from docx_models.records import PageRecord

ROWS = [f"item {n} bolts   {n}.50 eur   12/0{n}/2024   Größe {n}%" for n in range(1, 9)]
WORDS = pages.lines(*ROWS)


@pytest.fixture(scope="module")
def noise() -> Noise:
    return Noise.load()


def levelled(noise: Noise, **levels: float) -> Noise:
    """The same model with every page as bad as told; what is not named does not happen."""
    severity = {name: np.full(2, levels.get(name, 0.0)) for name in noise.severity}
    return replace(noise, severity=severity, degrees=np.zeros(2))


def labelled() -> PageRecord:
    questions = [
        support.gold([(w, 0, len(word.text))], answer=word.text) for w, word in enumerate(WORDS)
    ]
    segments = tuple({"label": "value", "words": [w]} for w in range(len(WORDS)))
    return support.record(WORDS, questions, segments=segments)


def test_labels_point_at_what_they_say(noise: Noise) -> None:
    rng, record = np.random.default_rng(1), labelled()
    changed = 0
    for _ in range(60):
        read = noise.apply(record, rng)
        for question in read.questions:
            for pieces in question.occurrences:
                said = " ".join(read.words[w].text[a:b] for w, a, b in pieces)
                assert said == question.answer != ""
        owned = [w for segment in read.segments or () for w in segment["words"]]
        assert len(owned) == len(set(owned))
        assert all(0 <= w < len(read.words) for w in owned)
        changed += read.words != record.words
    assert changed == 60, "boxes at least differ"


def test_equal_seeds_read_alike(noise: Noise) -> None:
    one, same, other = (noise.apply(labelled(), np.random.default_rng(s)) for s in (3, 3, 4))
    assert one == same != other


def test_pages_differ_in_how_badly_they_are_read(noise: Noise) -> None:
    rng = np.random.default_rng(2)
    texts = {word.text for word in WORDS}
    wrong = [
        sum(word.text not in texts for word in noise.read(WORDS, rng).words) for _ in range(200)
    ]
    low, high = np.percentile(wrong, (20, 95))
    assert high > 3 * max(low, 1)


def test_without_severity_only_boxes_move(noise: Noise) -> None:
    read = levelled(noise).read(WORDS, np.random.default_rng(1))
    assert [w.text for w in read.words] == [w.text for w in WORDS]
    assert read.places[3] == tuple((3, c) for c in range(len(WORDS[3].text)))
    for ours, theirs in zip(read.words, WORDS, strict=True):
        assert abs(ours.box.x0 - theirs.box.x0) < 0.03
        assert abs(ours.box.y1 - theirs.box.y1) < 0.03


@pytest.mark.parametrize(
    ("kind", "sign"), [("letters", 0), ("lost", -1), ("breaks", None), ("specks", 1)]
)
def test_each_kind_of_mistake_alone(noise: Noise, kind: str, sign: int | None) -> None:
    bad = levelled(noise, **{kind: 30.0})
    read = bad.read(WORDS, np.random.default_rng(1))
    assert [w.text for w in read.words] != [w.text for w in WORDS]
    if sign is not None:
        assert np.sign(len(read.words) - len(WORDS)) == sign or kind == "letters"


def test_pages_without_words(noise: Noise) -> None:
    rng = np.random.default_rng(1)
    assert levelled(noise).read((), rng).places == ()
    assert noise.apply(support.record(()), rng).questions == ()


def test_foreign_letters_are_read_like_others_of_their_class(noise: Noise) -> None:
    word = (replace(WORDS[0], text="日本語¤"),)
    read = levelled(noise, letters=50.0).read(word, np.random.default_rng(1))
    assert [letter_class(c) for c in "aZ7é.日→"] == [
        "lower", "upper", "digit", "foreign", "mark", "foreign", "symbol",
    ]  # fmt: skip
    assert len(read.places[0]) == 4


def test_shapes_of_words() -> None:
    shapes = {t: shape_class(t) for t in ("now", "gap", "Total", "Qty", "--")}
    assert shapes == {
        "now": "low", "gap": "low-deep", "Total": "tall", "Qty": "tall-deep", "--": "mark",
    }  # fmt: skip


def test_gaps_are_measured_in_characters() -> None:
    words = pages.lines("ab cd    ef", "gh")
    gaps = gaps_behind(words, np.array([w.box.as_tuple() for w in words]))
    assert np.allclose(gaps[:2], [1.0, 4.0])
    assert np.isinf(gaps[2:]).all()


def test_a_fit_finds_the_rates_it_is_shown(noise: Noise) -> None:
    """Pages read by the package's model are fitted; the new model errs about as often."""
    rng = np.random.default_rng(7)
    true = list(WORDS)
    shown = [noise_fit.ScannedPage(true, noise.read(true, rng), 0.1) for _ in range(60)]
    fitted = Noise.from_mapping(json.loads(json.dumps(noise_fit.fit(shown))))
    wanted = noise_fit.rates([(p.true, p.reading) for p in shown])
    found = noise_fit.rates([(true, fitted.read(true, rng)) for _ in range(120)])
    for name in ("words_wrong", "words_lost", "characters_wrong", "specks_a_page"):
        assert found[name] == pytest.approx(wanted[name], rel=0.4), name


def test_counts_of_one_page() -> None:
    true = list(pages.lines("total 7.25 eur", "page 1 of 2"))
    read = [replace(w, text=t) for w, t in zip(true, ["tota1", "7.25", "eur"], strict=False)]
    page = noise_fit.ScannedPage(true, noise_fit.align(true, [*read, Word("~", true[6].box)]), 0.0)
    counts = noise_fit.count(page.true, page.reading)
    assert (counts.words, counts.wrong, counts.lost.total()) == (7, 2, 3)
    assert counts.readings == {("l", "1"): 1, ("2", "~"): 1}
    assert counts.runs == {True: 2, False: 1}


def test_fitted_models_are_written_and_read(tmp_path: Path, noise: Noise) -> None:
    true = list(WORDS)
    shown = [noise_fit.ScannedPage(true, noise.read(true, np.random.default_rng(1)), 0.1)]
    noise_fit.write(noise_fit.fit(shown), tmp_path / "noise.json")
    again = Noise.load(tmp_path / "noise.json")
    assert again.apply(labelled(), np.random.default_rng(1)).words
    with pytest.raises(FileAccessError):
        noise_fit.write({}, tmp_path / "no" / "noise.json")


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"letters": 3}'])
def test_what_is_no_model_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "noise.json"
    path.write_text(content)
    with pytest.raises(UnsupportedInputError, match="is no noise model"):
        Noise.load(path)
    with pytest.raises(FileAccessError):
        Noise.load(tmp_path / "missing.json")


def test_the_shipped_model_is_small() -> None:
    raw: dict[str, Any] = json.loads(
        (support.ROOT / "models/docx_models/data/noise.json").read_text("utf-8")
    )
    assert raw["fitted_on"]["pages"] >= 15
    assert (support.ROOT / "models/docx_models/data/noise.json").stat().st_size < 200_000
