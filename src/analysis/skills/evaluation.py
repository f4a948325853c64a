"""How well a similarity finds the occupations that are known to be related, and how sure that is.

The truth of first choice is the publisher's list of ten Primary related occupations. It was built
from tasks, knowledge importance and alternate titles (Dahlke, Putka, Shewach and Lewis 2022), so a
representation made of these partly meets its own recipe: `same_minor_group_share` is a second
label that no rating and no text went into, the tree of the Standard Occupational Classification.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.errors import WorkbenchError
from analysis.skills.ties import expected_hits, expected_reciprocal_rank


def related_truth(related_occupations: pd.DataFrame) -> pd.DataFrame:
    """The ten Primary related occupations of each occupation.

    Parameters
    ----------
    related_occupations : DataFrame
        Table ``related_occupations``.

    Returns
    -------
    DataFrame
        Pairs ``onet_soc_code``, ``related_onet_soc_code``.

    Examples
    --------
    >>> related_truth(pd.DataFrame({"onet_soc_code": ["a", "a"], "rank": [1, 11],
    ...     "related_onet_soc_code": ["b", "c"], "tier": ["Primary-Short", "Supplemental"]}))
      onet_soc_code related_onet_soc_code
    0             a                     b
    """
    primary = related_occupations[related_occupations["tier"].str.startswith("Primary")]
    pairs = primary[["onet_soc_code", "related_onet_soc_code"]]
    return pairs.drop_duplicates().reset_index(drop=True)


def listed_similarity(related_occupations: pd.DataFrame, codes: Sequence[str]) -> np.ndarray:
    """The publisher's list of related occupations as a similarity: nearer the higher its rank.

    Parameters
    ----------
    related_occupations : DataFrame
        Table ``related_occupations``.
    codes : sequence of str, length n

    Returns
    -------
    ndarray, shape (n, n)
        0 for occupations that are not listed.

    Examples
    --------
    >>> listed = pd.DataFrame({"onet_soc_code": ["a"], "related_onet_soc_code": ["b"], "rank": [1]})
    >>> listed_similarity(listed, ["a", "b"]).tolist()
    [[0.0, 1.0], [0.0, 0.0]]
    """
    place = {code: row for row, code in enumerate(codes)}
    known = related_occupations[
        related_occupations["onet_soc_code"].isin(place)
        & related_occupations["related_onet_soc_code"].isin(place)
    ]
    values = np.zeros((len(codes), len(codes)))
    rows, columns = (known[n].map(place) for n in ("onet_soc_code", "related_onet_soc_code"))
    values[rows, columns] = 1 / known["rank"].to_numpy()
    return values


def neighbour_scores(
    similarity: np.ndarray,
    codes: Sequence[str],
    truth: pd.DataFrame,
    neighbours: int = 10,
    *,
    other_soc_only: bool = False,
    capped: bool = False,
) -> pd.DataFrame:
    """Recall among the nearest neighbours and reciprocal rank of the first hit, per occupation.

    Parameters
    ----------
    similarity : ndarray, shape (n, n)
        Row i orders all other occupations for occupation i; larger is nearer.
    codes : sequence of str, length n
        Occupation of each row and column.
    truth : DataFrame
        Pairs of `related_truth`. Occupations outside ``codes`` are not asked; a related one
        outside ``codes`` cannot be found and counts as missed.
    neighbours : int
        How many first places count for recall.
    other_soc_only : bool
        Leave out candidates of the asker's own six-digit SOC code.
    capped : bool
        Where an occupation has more true ones than places, divide by the places.

    Returns
    -------
    DataFrame
        ``onet_soc_code``, ``recall`` (true ones in the first places / true ones) and
        ``reciprocal_rank`` (1 / place of the first true one). Both are expectations over a random
        order of ties, so that equal similarities gain nothing from how a sort puts them.

    Raises
    ------
    WorkbenchError
        A similarity that is not square on ``codes`` or holds missing values.

    Examples
    --------
    >>> pairs = pd.DataFrame({"onet_soc_code": ["a"], "related_onet_soc_code": ["c"]})
    >>> near = np.array([[1, 0.9, 0.2], [0.9, 1, 0.1], [0.2, 0.1, 1]])
    >>> neighbour_scores(near, ["a", "b", "c"], pairs, neighbours=1)
      onet_soc_code  recall  reciprocal_rank
    0             a     0.0              0.5
    """
    values = _checked(similarity, codes)
    position = {code: row for row, code in enumerate(codes)}
    soc = np.array([code[:7] for code in codes])
    rows = []
    for code, related in truth.groupby("onet_soc_code")["related_onet_soc_code"]:
        if code not in position:
            continue
        query = position[str(code)]
        is_true = np.zeros(len(codes), dtype=bool)
        is_true[[position[other] for other in related if other in position]] = True
        others = soc != soc[query] if other_soc_only else np.arange(len(codes)) != query
        scores, hits = values[query, others], is_true[others]
        most = min(len(related), neighbours) if capped else len(related)
        recall = expected_hits(scores, hits, neighbours) / most
        rows.append((code, recall, expected_reciprocal_rank(scores, hits)))
    return pd.DataFrame(rows, columns=["onet_soc_code", "recall", "reciprocal_rank"])


def same_minor_group_share(
    similarity: np.ndarray, codes: Sequence[str], neighbours: int = 10
) -> pd.DataFrame:
    """Share of the nearest occupations that stand in the same minor group of the SOC.

    Parameters
    ----------
    similarity : ndarray, shape (n, n)
    codes : sequence of str, length n
        O*NET-SOC codes; the minor group is the first four characters, as in '29-2'.
    neighbours : int
        How many nearest occupations count.

    Returns
    -------
    DataFrame
        ``onet_soc_code``, ``share`` (expected over a random order of ties), ``random_expectation``
        (the share of all others that are in the group) and ``largest_possible`` (small groups
        cannot fill all places). An occupation alone in its group stays, with 0 in all three.

    Raises
    ------
    WorkbenchError
        A similarity of another shape, or with missing values.

    Examples
    --------
    >>> near = np.array([[1, 0.9, 0.2], [0.9, 1, 0.1], [0.2, 0.1, 1]])
    >>> same_minor_group_share(near, ["29-2010.00", "29-2050.00", "31-9090.00"], neighbours=1)
      onet_soc_code  share  random_expectation  largest_possible
    0    29-2010.00    1.0                 0.5               1.0
    1    29-2050.00    1.0                 0.5               1.0
    2    31-9090.00    0.0                 0.0               0.0
    """
    values = _checked(similarity, codes)
    groups = np.array([code[:4] for code in codes])
    taken = min(neighbours, len(codes) - 1)
    rows = []
    for query, code in enumerate(codes):
        others = np.arange(len(codes)) != query
        same = groups[others] == groups[query]
        share = expected_hits(values[query, others], same, neighbours) / taken
        rows.append((code, share, same.mean(), min(same.sum(), taken) / taken))
    columns = ["onet_soc_code", "share", "random_expectation", "largest_possible"]
    return pd.DataFrame(rows, columns=columns)


def bootstrap_interval(
    values: Sequence[float] | np.ndarray,
    seed: int,
    level: float = 0.95,
    draws: int = 2000,
    groups: Sequence[str] | None = None,
) -> tuple[float, float]:
    """Percentile interval of a mean, by drawing occupations again with replacement.

    Parameters
    ----------
    values : array, length n
        One number an occupation.
    seed : int
        The same seed draws the same occupations, so that representations compare in pairs.
    level : float
        Confidence level.
    draws : int
        Number of samples.
    groups : sequence of str, length n, optional
        Draw whole groups (major groups of the SOC, say): occupations of a family are alike, and an
        interval over families is wider and more honest about other lists of occupations.

    Returns
    -------
    tuple of float
        Lower and upper bound.

    Examples
    --------
    >>> bootstrap_interval([0.5, 0.5, 0.5], seed=1)
    (0.5, 0.5)
    """
    numbers = np.asarray(values, dtype=float)
    labels = np.arange(len(numbers)) if groups is None else np.asarray(groups, dtype=object)
    _, group = np.unique(labels, return_inverse=True)
    sums, counts = np.bincount(group, weights=numbers), np.bincount(group)
    drawn = np.random.default_rng(seed).integers(0, len(sums), size=(draws, len(sums)))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _checked(similarity: np.ndarray, codes: Sequence[str]) -> np.ndarray:
    values = np.asarray(similarity, dtype=float)
    if values.shape != (len(codes), len(codes)):
        raise WorkbenchError(
            f"similarity of shape {values.shape} for {len(codes)} occupations",
            "Align the representation on the list of occupations first.",
        )
    if np.isnan(values).any():
        raise WorkbenchError(
            "the similarity holds missing values", "Give 0 where nothing is known."
        )
    # what differs only by the rounding of a matrix product is a tie
    return np.round(values, 10)
