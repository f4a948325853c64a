"""Occupation matrices against hand computation and scikit-learn."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from scipy.stats import zscore
from sklearn.metrics.pairwise import cosine_similarity

from analysis.errors import WorkbenchError
from analysis.skills.blending import mean_rank_blend, mean_standardised_blend
from analysis.skills.map import neighbours_kept, occupation_map
from analysis.skills.representations import (
    aligned,
    mean_vectors,
    rating_matrix,
    similarity,
    tfidf_matrix,
)


def test_mean_vectors_equal_a_groupby():
    rng = np.random.default_rng(1)
    codes = rng.choice(["a", "b", "c", "d"], size=50).tolist()
    vectors = rng.normal(size=(50, 6))
    means = pd.DataFrame(vectors).groupby(codes).mean()
    result = mean_vectors(codes, vectors)
    assert result.codes.tolist() == means.index.tolist()
    assert np.allclose(result.matrix, (means - means.mean()).to_numpy())


def test_vectors_of_another_frame_are_an_error():
    with pytest.raises(WorkbenchError, match="2 occupation codes for 3 vectors"):
        mean_vectors(["a", "b"], np.zeros((3, 2)))


@pytest.mark.parametrize("as_matrix", [np.asarray, sparse.csr_matrix])
def test_similarity_equals_scikit_learn(as_matrix):
    rows = np.random.default_rng(2).normal(size=(12, 7))
    rows[3] = 0
    assert np.allclose(similarity(as_matrix(rows)), cosine_similarity(rows), atol=1e-12)


def ratings(values):
    """Frame ``ratings`` of one skill and one knowledge of the same name for three occupations."""
    rows = [
        (code, domain, "2.A", "Mathematics", scale, value, 8, 0.2, suppress, irrelevant)
        for code, domain, scale, value, suppress, irrelevant in values
    ]
    columns = ["onet_soc_code", "domain", "element_id", "element", "scale_id", "value", "n"]
    columns += ["standard_error", "recommend_suppress", "not_relevant"]
    return pd.DataFrame(rows, columns=columns).astype(
        {"recommend_suppress": "boolean", "not_relevant": "boolean", "n": "Int64"}
    )


def test_rating_matrix_by_hand():
    frame = ratings(
        [
            ("a", "skills", "LV", 2.0, True, pd.NA),
            ("b", "skills", "LV", 4.0, False, False),
            ("c", "skills", "LV", 1.7, False, True),
            ("a", "knowledge", "LV", 1.0, False, False),
            ("b", "knowledge", "LV", 3.0, False, False),
            ("a", "skills", "IM", 5.0, False, pd.NA),
            ("b", "skills", "IM", 5.0, False, pd.NA),
            ("c", "skills", "IM", 5.0, False, pd.NA),
        ]
    )
    codes, matrix = rating_matrix(frame)
    assert codes.tolist() == ["a", "b", "c"]
    # knowledge level (c not rated: the mean), skill importance (all equal), skill level (c is 0)
    assert np.allclose(matrix[:, 0], [-1, 1, 0])
    assert np.allclose(matrix[:, 1], 0)
    assert np.allclose(matrix[:, 2], zscore([2.0, 4.0, 0.0]))
    assert rating_matrix(frame, scales=["LV"], domains=["skills"]).matrix.shape == (3, 1)


def test_tfidf_by_hand():
    """Weights (1 + log count) (1 + log((1 + n) / (1 + occupations with the term))), unit length."""
    codes, matrix = tfidf_matrix(["a", "a", "a", "b"], ["x", "x", "y", "y"], by="wholes")
    rare = 1 + np.log(3 / 2)
    row = np.array([(1 + np.log(2)) * rare, 1.0])
    assert codes.tolist() == ["a", "b"]
    assert np.allclose(matrix.toarray(), [row / np.linalg.norm(row), [0, 1]])


def test_tfidf_of_words_leaves_out_stop_words():
    matrix = tfidf_matrix(["a", "b"], ["Clean the teeth", "Clean the dishes"]).matrix
    assert matrix.shape == (2, 3)
    with pytest.raises(WorkbenchError, match="by = 'syllables'"):
        tfidf_matrix(["a"], ["b"], by="syllables")


@pytest.mark.parametrize("as_matrix", [np.asarray, sparse.csr_matrix])
def test_aligned_gives_zeros_to_the_unknown(as_matrix):
    known = mean_vectors(["b", "a"], np.array([[1.0, 0.0], [0.0, 1.0]]))
    known = known._replace(matrix=as_matrix(known.matrix))
    codes, matrix = aligned(known, ["c", "a", "b"])
    dense = matrix.toarray() if sparse.issparse(matrix) else matrix
    assert codes.tolist() == ["c", "a", "b"]
    assert dense.tolist() == [[0.0, 0.0], [-0.5, 0.5], [0.5, -0.5]]
    assert aligned(known, ["x"]).matrix.sum() == 0


def test_rank_blend_by_hand():
    one = np.array([[9, 0.8, 0.5, 0.1], [0, 9, 0, 0], [1, 2, 9, 3], [1, 2, 3, 9]], dtype=float)
    other = np.array([[9, 0.1, 0.2, 0.3], [1, 9, 2, 3], [1, 2, 9, 3], [3, 2, 1, 9]], dtype=float)
    blend = mean_rank_blend({"one": one, "other": other}, constant=10)
    assert blend[0, 1:] == pytest.approx([(1 / 11 + 1 / 13) / 2, 1 / 12, (1 / 13 + 1 / 11) / 2])
    assert blend[1, [0, 2, 3]] == pytest.approx(
        [(1 / 12 + 1 / 13) / 2, 1 / 12, (1 / 12 + 1 / 11) / 2]
    )
    assert one[0, 0] == 9


def test_standardised_blend_ignores_scale_and_empty_rows():
    rng = np.random.default_rng(3)
    one, other = rng.random((8, 8)), rng.random((8, 8))
    blend = mean_standardised_blend({"one": one, "other": other})
    scaled = mean_standardised_blend({"one": 7 * one + 2, "other": other})
    assert np.allclose(blend, scaled)
    silent = other.copy()
    silent[2] = 0.3
    alone = mean_standardised_blend({"one": one})
    assert np.allclose(
        mean_standardised_blend({"one": one, "other": silent})[2, [0, 1, 3]],
        alone[2, [0, 1, 3]] / 2,
    )
    expected = zscore(np.delete(one[4], 4))
    assert np.allclose(np.delete(alone[4], 4), expected)


@pytest.mark.parametrize("blend", [mean_rank_blend, mean_standardised_blend])
def test_blends_of_nothing_or_of_different_lists_are_errors(blend):
    with pytest.raises(WorkbenchError, match="no similarity"):
        blend({})
    with pytest.raises(WorkbenchError, match="different shapes"):
        blend({"one": np.eye(2), "other": np.eye(3)})


def test_map_is_repeatable_and_keeps_clusters():
    rng = np.random.default_rng(6)
    centres = np.repeat(np.eye(4, 20) * 5, 15, axis=0)
    rows = centres + rng.normal(scale=0.4, size=centres.shape)
    codes = [f"job {row}" for row in range(60)]
    drawn = occupation_map(codes, rows)
    pd.testing.assert_frame_equal(drawn, occupation_map(codes, rows))
    points = drawn[["x", "y"]].to_numpy()
    nearest = np.argsort(((points[:, None] - points[None]) ** 2).sum(axis=2), axis=1)[:, 1:6]
    assert (nearest // 15 == np.arange(60)[:, None] // 15).all()
    noise = drawn.assign(x=rng.normal(size=60), y=rng.normal(size=60))
    near = similarity(rows)
    assert neighbours_kept(near, drawn, 14) > 0.9 > 0.5 > neighbours_kept(near, noise, 14)
