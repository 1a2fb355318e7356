"""Grouping by pairwise probabilities."""

from __future__ import annotations

import numpy as np

from docx_cli.grouping import block_mean, cluster, components, sigmoid, symmetric


def two_groups(wrong: float) -> np.ndarray:
    """Similarities of 0, 1, 2 and 3, 4, 5 to each other, with one wrong pair between them."""
    similarity = np.full((6, 6), 0.05)
    similarity[:3, :3] = similarity[3:, 3:] = 0.9
    similarity[2, 3] = similarity[3, 2] = wrong
    return similarity


def test_one_wrong_pair_does_not_chain_two_groups() -> None:
    assert components(two_groups(0.99) > 0.5) == [[0, 1, 2, 3, 4, 5]]
    assert cluster(two_groups(0.89)) == [[0, 1, 2], [3, 4, 5]]


def test_groups_join_by_their_mean() -> None:
    similarity = np.array([[1.0, 0.9, 0.8], [0.9, 1.0, 0.3], [0.8, 0.3, 1.0]])
    assert cluster(similarity, 0.5) == [[0, 1, 2]], "0.9 first, then the mean of 0.8 and 0.3"
    assert cluster(similarity, 0.6) == [[0, 1], [2]]


def test_groups_stand_in_order_of_their_first_member() -> None:
    order = [3, 0, 4, 1, 5, 2]
    shuffled = two_groups(0.0)[np.ix_(order, order)]
    assert cluster(shuffled) == [[0, 2, 4], [1, 3, 5]]


def test_nothing_and_one_thing_are_groups_too() -> None:
    assert cluster(np.zeros((0, 0))) == []
    assert cluster(np.ones((1, 1))) == [[0]]
    assert components(np.zeros((0, 0), dtype=bool)) == []


def test_the_similarities_are_left_alone() -> None:
    similarity = two_groups(0.3)
    before = similarity.copy()
    cluster(similarity)
    assert np.array_equal(similarity, before)


def test_components_follow_chains() -> None:
    linked = np.zeros((5, 5), dtype=bool)
    for i, j in ((0, 3), (3, 4), (1, 2)):
        linked[i, j] = linked[j, i] = True
    assert components(linked) == [[0, 3, 4], [1, 2]]


def test_block_means_are_means_over_pairs() -> None:
    matrix = np.arange(12.0).reshape(3, 4)
    found = block_mean(matrix, [[0, 2], [1]], [[0], [1, 3]])
    assert found.tolist() == [[4.0, 6.0], [4.0, 6.0]]


def test_symmetric_is_the_mean_of_both_directions() -> None:
    assert symmetric(np.array([[0.0, 1.0], [0.0, 1.0]])).tolist() == [[0.0, 0.5], [0.5, 1.0]]


def test_the_logistic_function_does_not_overflow() -> None:
    found = sigmoid(np.array([-1e4, 0.0, np.log(3.0), 1e4], dtype=np.float32))
    np.testing.assert_allclose(found, [0.0, 0.5, 0.75, 1.0], atol=1e-7)
