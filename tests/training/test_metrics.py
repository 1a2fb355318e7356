"""Scores against examples that were worked out by hand."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from docx_models import metrics, plots


@pytest.mark.parametrize(
    ("found", "gold"),
    [
        ("Gross  TOTAL", "gross total"),
        ("27,JALAN DEDAP 13,", "27, Jalan Dedap 13"),
        ("JALAN SS21/39,47400 PJ", "Jalan SS21/39, 47400 PJ."),
        ("$3,210.00", "3210.00"),
        ("STRASSE", "straße"),
        ("oﬃce", "office"),
    ],
)
def test_exact_match_overlooks_case_spaces_and_punctuation(found: str, gold: str) -> None:
    assert metrics.exact_match(found, [gold]) == 1.0


@pytest.mark.parametrize(
    ("found", "gold"),
    [
        ("60.30", "6030"),
        ("60,30", "6030"),
        ("60,30", "60.30"),
        ("-5.00", "5.00"),
        ("19/09/17", "19-09-17"),
        ("Café", "Cafe"),
        ("", ""),
        ("...", "!"),
    ],
)
def test_exact_match_minds_what_carries_a_value(found: str, gold: str) -> None:
    assert metrics.exact_match(found, [gold]) == 0.0


def test_exact_match_takes_the_best_gold_string() -> None:
    assert metrics.exact_match("b", ["a", "B"]) == 1.0


@pytest.mark.parametrize(
    ("kind", "found", "gold", "score"),
    [
        ("money", "RM 8.00", "8.00", 1.0),
        ("money", "1.200,00 EUR", "$1,200.00", 1.0),
        ("money", "8.00 10.00", "8.00", 0.0),
        ("money", "TOTAL 8.00", "8.00", 0.0),
        ("money", "eight", "8.00", 0.0),
        ("date", "05-03-18", "05/03/2018", 1.0),
        ("date", "Mon, 5 Mar 2018", "05/03/2018", 1.0),
        ("date", "05/03/2018 10:22", "05/03/2018", 0.0),
        ("date", "Monday 5 March 2018", "Monday, 5 March 2018", 1.0),
        ("text", "Café Central", "CAFE CENTRAL", 1.0),
        ("text", "Cafe Central Ltd", "Cafe Central", 0.0),
        ("text", "", "", 0.0),
    ],
)
def test_typed_match_takes_the_value_and_nothing_else(
    kind: str, found: str, gold: str, score: float
) -> None:
    assert metrics.typed_match(kind, found, [gold]) == score


@pytest.mark.parametrize(
    ("a", "b", "distance"),
    [("kitten", "sitting", 3), ("", "abc", 3), ("abc", "", 3), ("abc", "abc", 0), ("ab", "ba", 2)],
)
def test_edit_distance(a: str, b: str, distance: int) -> None:
    assert metrics.edit_distance(a, b) == distance


@pytest.mark.parametrize(
    ("found", "golds", "score"),
    [
        ("Hello", ["hello"], 1.0),
        ("kitten", ["sitting"], 1 - 3 / 7),
        ("ab", ["ac"], 0.0),  # a distance of exactly one half counts nothing
        ("abc", ["abd"], 1 - 1 / 3),
        ("", ["abc"], 0.0),
        ("acme ltd", ["nothing like it", "acme  inc"], 1 - 3 / 8),
    ],
)
def test_anls(found: str, golds: list[str], score: float) -> None:
    assert metrics.anls(found, golds) == pytest.approx(score)


def test_bootstrap_draws_documents_not_questions() -> None:
    # Two documents, all right and all wrong: a draw of two gives 0, 1/2 or 1, so that the
    # interval is the whole range however many questions they have.
    assert metrics.bootstrap([[1.0] * 50, [0.0] * 50]) == (0.0, 1.0)


def test_bootstrap_weights_documents_by_their_questions_and_is_seeded() -> None:
    documents = [[1.0, 1.0, 0.0], [1.0], [], [0.0, 1.0]]
    low, high = metrics.bootstrap(documents, seed=3)
    assert (low, high) == metrics.bootstrap(documents, seed=3)
    assert low == 0.5
    assert high == 1.0


def test_bootstrap_of_one_document_has_no_width() -> None:
    assert metrics.bootstrap([[1.0, 0.0]]) == (0.5, 0.5)


def test_the_difference_of_two_ratios_is_taken_over_the_same_documents() -> None:
    # Each is right in all or in none of a document's questions, theirs in one fewer: drawn
    # together the difference is always the same, drawn apart it would be up to 1.
    theirs = [(9.0, 10.0), (0.0, 10.0)] * 5
    ours = [(upper + 1, lower) for upper, lower in theirs]
    assert metrics.bootstrap_difference(ours, theirs) == pytest.approx((0.1, 0.1))
    assert metrics.bootstrap_difference(theirs, ours) == pytest.approx((-0.1, -0.1))
    low, high = metrics.bootstrap_ratio(ours)
    assert high - low > 0.4


def test_a_document_counts_in_a_difference_where_only_one_found_something() -> None:
    # Nothing was to be found in the second; ours found two things there.
    low, high = metrics.bootstrap_difference([(2.0, 2.0), (0.0, 2.0)], [(2.0, 2.0), (0.0, 0.0)])
    assert (low, high) == (-1.0, 0.0)


def test_nothing_to_measure_is_an_error() -> None:
    with pytest.raises(ValueError, match="no scores"):
        metrics.bootstrap([[]])
    with pytest.raises(ValueError, match="no answers"):
        metrics.calibration_error([], [])


def test_calibration_error() -> None:
    # Bin 0.9..1: two answers, sure by 0.95, one right: off by 0.45. Bin 0.2..0.3: two, sure
    # by 0.25, none right: off by 0.25. Weighted by halves: 0.35.
    error = metrics.calibration_error([0.95, 0.95, 0.25, 0.25], [True, False, False, False])
    assert error == pytest.approx(0.35)
    assert metrics.calibration_error([1.0, 0.0], [True, False]) == 0.0


def test_risk_coverage_area() -> None:
    # From the surest: right, wrong, right; risks 0, 1/2, 1/3.
    area = metrics.risk_coverage_area([0.2, 0.9, 0.5], [True, True, False])
    assert area == pytest.approx((0 + 1 / 2 + 1 / 3) / 3)


def test_reliability_sorts_answers_by_how_sure_they_are() -> None:
    bins = metrics.reliability([0.95, 1.0, 0.25, 0.21], [True, False, False, True])
    assert [b.count for b in bins] == [2, 2]
    assert [b.confidence for b in bins] == pytest.approx([0.23, 0.975])
    assert [b.right for b in bins] == [0.5, 0.5]


def test_risk_at_each_coverage() -> None:
    assert metrics.risk_coverage([0.2, 0.9, 0.5], [True, True, False]) == pytest.approx(
        [0, 1 / 2, 1 / 3]
    )


def test_plots_show_every_bin_and_the_whole_curve() -> None:
    svg = ElementTree.fromstring(
        plots.draw("a <set>", [0.95, 0.9, 0.25, 0.2], [True, True, False, True])
    )
    names = [element.tag.rpartition("}")[2] for element in svg.iter()]
    assert names.count("circle") == 2
    curve = [e.attrib["points"] for e in svg.iter() if e.tag.endswith("polyline")][-1]
    assert len(curve.split()) == 4
    assert curve.split()[0] == f"{plots.SIDE / 4:.1f},{plots.SIDE:.1f}"  # nothing wrong yet
