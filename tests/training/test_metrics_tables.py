"""Adjacency relations and GriTS against tables that were scored by hand."""

from __future__ import annotations

from collections import Counter

import pytest

from docx_models.table_metrics import (
    Grid,
    GridCell,
    Node,
    adjacency,
    content,
    grits,
    subsequence_share,
    table_tree,
    teds,
    topology,
    tree_distance,
)


def grid(*rows: str) -> Grid:
    """A grid of one-slot cells, "a b" a row; "." is an empty slot without a cell."""
    return Grid.of(
        [
            GridCell(r, c, 1, 1, text)
            for r, row in enumerate(rows)
            for c, text in enumerate(row.split())
            if text != "."
        ]
    )


def f_score(gold: Grid, found: Grid, alike: object) -> float:
    return 2 * grits(gold, found, alike) / (gold.size + found.size)  # type: ignore[arg-type]


SPANNED = Grid.of(
    [
        GridCell(0, 0, 1, 2, "head"),
        GridCell(1, 0, 1, 1, "a"),
        GridCell(1, 1, 1, 1, "b"),
    ]
)


def test_neighbours_to_the_right_and_below_are_related() -> None:
    assert adjacency(grid("a b", "c d")) == Counter(
        {("a", "b", "right"): 1, ("c", "d", "right"): 1,
         ("a", "c", "below"): 1, ("b", "d", "below"): 1}
    )  # fmt: skip


def test_blanks_are_passed_over() -> None:
    assert adjacency(grid("a . b", "c d .")) == Counter(
        {("a", "b", "right"): 1, ("c", "d", "right"): 1, ("a", "c", "below"): 1}
    )


def test_a_spanning_cell_has_each_neighbour_once() -> None:
    assert adjacency(SPANNED) == Counter(
        {("head", "a", "below"): 1, ("head", "b", "below"): 1, ("a", "b", "right"): 1}
    )


def test_equal_texts_keep_their_count() -> None:
    assert adjacency(grid("0 0 0"))[("0", "0", "right")] == 2


@pytest.mark.parametrize(
    ("a", "b", "share"),
    [
        ("", "", 1.0),
        ("", "x", 0.0),
        ("abc", "abc", 1.0),
        ("abcbdab", "bdcaba", 2 * 4 / 13),  # "bcba"
        ("12.50", "1250", 2 * 4 / 9),
        ("abc", "xyz", 0.0),
    ],
)
def test_longest_common_subsequence(a: str, b: str, share: float) -> None:
    assert subsequence_share(a, b) == pytest.approx(share)
    assert subsequence_share(b, a) == pytest.approx(share)


@pytest.mark.parametrize("alike", [content, topology])
def test_a_table_is_like_itself(alike: object) -> None:
    assert f_score(SPANNED, SPANNED, alike) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("gold", "found", "score"),
    [
        # A row is missing: its two slots of the larger table stay without a partner.
        (grid("a b", "c d", "e f"), grid("a b", "e f"), 2 * 4 / 10),
        # A column is missing in the middle.
        (grid("a b c", "d e f"), grid("a c", "d f"), 2 * 4 / 10),
        # One text of four is wrong.
        (grid("a b", "c d"), grid("a b", "c x"), 2 * 3 / 8),
        # Rows in another order: only one of them keeps its place.
        (grid("a b", "c d"), grid("c d", "a b"), 2 * 2 / 8),
        (grid("a b"), Grid.of([]), 0.0),
    ],
)
def test_grits_of_content(gold: Grid, found: Grid, score: float) -> None:
    assert f_score(gold, found, content) == pytest.approx(score)
    assert f_score(found, gold, content) == pytest.approx(score)


def test_grits_of_topology_sees_spans() -> None:
    split = grid("head .", "a b")
    # Both slots of the heading: one slot of a cell of two, IoU one half; the rest is equal.
    assert f_score(SPANNED, split, topology) == pytest.approx(2 * 3 / 8)
    assert f_score(grid("a b"), grid("x y"), topology) == pytest.approx(1.0)


def test_a_blank_is_like_a_blank_and_unlike_a_text() -> None:
    likeness = content(grid("a . b"), grid("a . b"))
    assert likeness[0, 1, 0].tolist() == [0.0, 1.0, 0.0]


def tree(text: str) -> Node:
    """A tree of one-letter tags, "f(d(a c(b)) e)"."""
    node, _ = _subtree(text, 0)
    return node


def _subtree(text: str, at: int) -> tuple[Node, int]:
    tag, at, children = text[at], at + 1, []
    if text[at : at + 1] == "(":
        at += 1
        while text[at] != ")":
            child, at = _subtree(text, at)
            children.append(child)
            at += text[at] == " "
        at += 1
    return Node((tag, 1, 1, ""), tuple(children)), at


@pytest.mark.parametrize(
    ("a", "b", "distance"),
    [
        # Zhang and Shasha's own example: c leaves d and comes back above it.
        ("f(d(a c(b)) e)", "f(c(d(a b)) e)", 2),
        ("a", "a", 0),
        ("a", "b", 1),
        ("a(b c)", "a(c)", 1),
        ("a(b c)", "a(c b)", 2),
        ("a(b(c d) e)", "a(c d e)", 1),  # b goes, its children stay
        ("a(b(c(d)))", "a", 3),
    ],
)
def test_distance_of_trees(a: str, b: str, distance: int) -> None:
    assert tree_distance(tree(a), tree(b)) == pytest.approx(distance)
    assert tree_distance(tree(b), tree(a)) == pytest.approx(distance)


HEADED = Grid.of(
    [
        GridCell(0, 0, 1, 2, "head", header=True),
        GridCell(1, 0, 1, 1, "a"),
        GridCell(1, 1, 1, 1, "b"),
    ]
)
"""thead, tbody, two rows and three cells are seven nodes."""


def test_a_table_as_a_tree() -> None:
    head, body = table_tree(HEADED).children
    assert (head.label[0], body.label[0]) == ("thead", "tbody")
    assert head.children[0].children[0].label == ("td", 1, 2, "head")
    assert table_tree(HEADED).size == 7
    (only,) = table_tree(grid("a .", "b c")).children
    assert [c.label[3] for c in only.children[0].children] == ["a", ""]


@pytest.mark.parametrize(
    ("found", "distance"),
    [
        (HEADED, 0),
        (SPANNED, 3),  # thead and tbody go, and a tbody around all rows comes
        (Grid.of([*HEADED.cells[:2], GridCell(1, 1, 1, 1, "x")]), 1),
        (Grid.of([GridCell(0, 0, 1, 2, "heat", header=True), *HEADED.cells[1:]]), 1 / 4),
        (Grid.of([GridCell(0, 0, 1, 1, "head", header=True), *HEADED.cells[1:]]), 2),
        (Grid.of([]), 7),
    ],
)
def test_teds_by_hand(found: Grid, distance: float) -> None:
    nodes = max(7, table_tree(found).size)
    assert teds(HEADED, found) == pytest.approx(1 - distance / nodes)
    assert teds(found, HEADED) == pytest.approx(1 - distance / nodes)


def test_empty_tables_are_alike() -> None:
    assert teds(Grid.of([]), Grid.of([])) == 1.0
