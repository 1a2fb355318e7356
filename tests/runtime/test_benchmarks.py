"""What benchmarks keep and how the report shows it; nothing is timed here."""

import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
import small_pages

from docx_cli.document import Box, Page

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    yield
    for name in ("results", "report", "timing", "curve_plot", "nearest_label"):
        sys.modules.pop(name, None)


def test_ratios_are_those_of_runs_in_the_same_round():
    from timing import ratios

    assert ratios([2, 20, 200], [1, 10, 100]) == (2, 2, 2)
    assert ratios([1, 2, 3, 4], [1, 1, 1, 1])[1] == 2.5


@pytest.mark.parametrize(
    ("goal", "met"),
    [("<= 1.5", False), ("<= 2", True), (">= 1.9", True), (">= 2.1", False), ("<= 3 s", False)],
)
def test_goals_are_of_ratios_or_of_seconds(goal, met):
    from results import Comparison

    part = Comparison("", "limit", {"limit": [2.0, 2.0], "docx": [4.0, 4.0]}, {"docx": goal})
    assert part.met("docx") is met


def test_what_is_kept_is_what_is_reported(tmp_path, monkeypatch, capsys):
    import report
    import results

    monkeypatch.setattr(results, "FOLDER", tmp_path)
    monkeypatch.setattr(report, "DOCS", tmp_path)
    (tmp_path / report.IMAGES).mkdir(parents=True)
    assert "Not measured yet" in report.section("nothing")
    points = [[1, 0.5, 0.4, 0.7], [1000, 0.25, 0.25, 0.25]]
    parts = [
        results.Comparison("Pages", "limit", {"limit": [0.5] * 3, "docx": [0.6] * 3}),
        results.Curve("Cost", "pages", "seconds <a page>", {"docx": points}),
        results.Figures("Right", ("", "found"), [("docx", "3 of 4")]),
    ]
    results.finish("try", parts, save=True, packages={"peer": "1.2"})
    assert "1.20x" in capsys.readouterr().out
    about, kept = results.load("try")
    assert kept == [*parts[:2], results.Figures("Right", ["", "found"], [["docx", "3 of 4"]])]
    assert "peer 1.2" in about["packages"]
    text = report.section("try")
    for part in ("| docx | 600 ms | 1.20 (1.20-1.20) |", "| docx | 3 of 4 |", "peer 1.2"):
        assert part in text
    [image] = tmp_path.glob("images/benchmarks/*.svg")
    assert f"(images/benchmarks/{image.name})" in text
    drawn = ElementTree.parse(image)
    dots = [(float(c.get("cx")), float(c.get("cy"))) for c in drawn.iter() if c.get("cx")]
    (first, upper), (last, lower) = dots
    assert first < last
    assert upper < lower  # 0.5 stands above 0.25, and SVG counts downwards
    assert "seconds <a page>" in "".join(drawn.getroot().itertext())


@pytest.mark.parametrize(
    ("plain", "pairs"),
    [
        (False, [("Name:", "Anna Berg"), ("Ship to:", "12 Low Road Rome")]),
        (True, [("Name:", "Anna Berg"), ("Total", "17.00"), ("Ship to:", "12 Low Road Rome")]),
    ],
)
def test_the_nearest_label_stands_left_or_above(plain, pairs):
    import nearest_label

    rows = ("Name: Anna Berg   Total    17.00", "", "Ship to:", "12 Low Road", "Rome")
    words = [
        replace(word, box=Box(word.box.x0, word.box.y0, word.box.x1, word.box.y1 + 0.01))
        for word in small_pages.lines(*rows)
    ]
    found = nearest_label.read(Page(1, 0, 0, words=tuple(words)), None, plain=plain)
    texts = [entity.text for entity in found.entities]
    assert [(texts[a], texts[b]) for a, b in found.links] == pairs
