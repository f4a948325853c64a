"""What similarities without content reach: the line that every representation must clear."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.skills.ties import expected_hits, expected_reciprocal_rank


def random_expectation(n_candidates: int, n_true: int, neighbours: int = 10) -> tuple[float, float]:
    """Recall and mean reciprocal rank that a random order of the candidates has on average.

    Parameters
    ----------
    n_candidates : int
        Occupations to choose from.
    n_true : int
        How many of them are related; one at least.
    neighbours : int
        First places that count for recall.

    Returns
    -------
    tuple of float

    Examples
    --------
    >>> recall, reciprocal_rank = random_expectation(n_candidates=922, n_true=10)
    >>> f"{recall:.4f} {reciprocal_rank:.4f}"
    '0.0108 0.0501'
    """
    scores = np.zeros(n_candidates)
    hits = np.arange(n_candidates) < n_true
    recall = expected_hits(scores, hits, neighbours) / n_true
    return recall, expected_reciprocal_rank(scores, hits)


def random_similarity(n: int, seed: int) -> np.ndarray:
    """A similarity without content, shape (n, n): what chance alone looks like.

    Parameters
    ----------
    n : int
        Occupations.
    seed : int

    Returns
    -------
    ndarray, shape (n, n)

    Examples
    --------
    >>> random_similarity(3, seed=1).shape
    (3, 3)
    """
    return np.random.default_rng(seed).random((n, n))


def popularity_similarity(codes: Sequence[str], truth: pd.DataFrame) -> np.ndarray:
    """Similarity that offers everybody the occupations that most others name as related.

    A baseline that knows the labels of all other occupations and nothing of the one that asks:
    what it reaches is owed to popular answers.

    Parameters
    ----------
    codes : sequence of str, length n
    truth : DataFrame
        Pairs ``onet_soc_code``, ``related_onet_soc_code``.

    Returns
    -------
    ndarray, shape (n, n)
        How many others name the occupation of the column.

    Examples
    --------
    >>> pairs = pd.DataFrame({"onet_soc_code": ["a", "b", "c"],
    ...     "related_onet_soc_code": ["c", "c", "a"]})
    >>> popularity_similarity(["a", "b", "c"], pairs).tolist()
    [[1.0, 0.0, 1.0], [1.0, 0.0, 1.0], [0.0, 0.0, 2.0]]
    """
    position = {code: row for row, code in enumerate(codes)}
    known = truth[
        truth["onet_soc_code"].isin(position) & truth["related_onet_soc_code"].isin(position)
    ]
    named = np.zeros((len(codes), len(codes)))
    named[known["onet_soc_code"].map(position), known["related_onet_soc_code"].map(position)] = 1
    return named.sum(axis=0)[None, :] - named
