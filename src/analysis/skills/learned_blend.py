"""A blend of similarities whose weights are learned, and scored on families it never saw.

Each similarity enters by the order it gives: ``-log(rank + 1)`` among the candidates of an
occupation, so that scales and heavy tails do not matter and first places count most. Weights are
those of a choice of its related ones by each occupation among its likeliest candidates
(`analysis.skills.choice_weights`). Folds are whole major groups of the classification, and both
ends of every training pair lie in training groups.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.stats import rankdata

from analysis.errors import WorkbenchError
from analysis.skills.choice_weights import fit_weights
from analysis.skills.representations import similarity as cosines
from analysis.skills.truths import Truth

FIRST = 200  # candidates of each occupation to learn from: those far down teach little
NEIGHBOURS = "likeness of neighbours"
# ranks are taken of these: what differs by rounding errors only is a tie
_DECIMALS = 10


class LearnedBlend(NamedTuple):
    """Score of shape (n, n), each row by weights learned on other families, and the weights."""

    similarity: np.ndarray
    weights: pd.DataFrame


def log_rank(similarity: np.ndarray) -> np.ndarray:
    """``-log(rank + 1)`` of every candidate in its row; ties take their mean rank.

    Parameters
    ----------
    similarity : ndarray, shape (n, n)

    Returns
    -------
    ndarray, shape (n, n)

    Examples
    --------
    >>> near = np.array([[1, 0.9, 0.2], [0.9, 1, 0.1], [0.2, 0.1, 1]])
    >>> np.exp(-log_rank(near))[0].round(1).tolist()
    [4.0, 2.0, 3.0]
    """
    values = np.round(np.asarray(similarity, dtype=float), _DECIMALS)
    np.fill_diagonal(values, -np.inf)  # an occupation is no candidate for itself
    return -np.log(rankdata(-values, axis=1) + 1)


def zone_closeness(codes: Sequence[str], job_zones: pd.DataFrame) -> np.ndarray:
    """Minus the difference of job zones, shape (n, n); an unknown zone is taken as the mean.

    Parameters
    ----------
    codes : sequence of str, length n
    job_zones : DataFrame
        Table ``job_zones``.

    Returns
    -------
    ndarray, shape (n, n)

    Examples
    --------
    >>> zones = pd.DataFrame({"onet_soc_code": ["a", "b"], "job_zone": [2, 4]})
    >>> zone_closeness(["a", "b"], zones).tolist()
    [[0.0, -2.0], [-2.0, 0.0]]
    """
    zone = job_zones.set_index("onet_soc_code")["job_zone"].reindex(list(codes)).astype(float)
    known = zone.fillna(zone.mean()).to_numpy()
    return 0.0 - np.abs(known[:, None] - known[None, :])


def tree_closeness(codes: Sequence[str]) -> np.ndarray:
    """How many levels of the classification two occupations share, 0 to 4, shape (n, n).

    Major group, minor group, broad occupation, detailed occupation.

    Parameters
    ----------
    codes : sequence of n str
        O*NET-SOC codes.

    Returns
    -------
    ndarray, shape (n, n)

    Examples
    --------
    >>> tree_closeness(["31-9092.00", "31-9099.01", "29-1141.00"])[0].tolist()
    [4.0, 3.0, 0.0]
    """
    shared = np.zeros((len(codes), len(codes)))
    for length in (2, 4, 6, 7):
        start = np.array([code[:length] for code in codes])
        shared += start[:, None] == start[None, :]
    return shared


def neighbour_likeness(similarity: np.ndarray) -> np.ndarray:
    """How alike the neighbours of two occupations are, shape (n, n).

    Cosine of the rows of ``1 / (rank + 1)``, an occupation being its own first neighbour: two
    occupations that are near the same others are near, whatever one measure says of the two.

    Parameters
    ----------
    similarity : ndarray, shape (n, n)

    Returns
    -------
    ndarray, shape (n, n)
        0 to 1.

    Examples
    --------
    >>> near = np.array([[9, 8, 1, 1], [8, 9, 1, 1], [1, 1, 9, 8], [1, 1, 8, 9]])
    >>> alike = neighbour_likeness(near)
    >>> bool(alike[0, 1] > alike[0, 2])
    True
    """
    closeness = np.exp(log_rank(similarity))
    np.fill_diagonal(closeness, 1.0)
    return cosines(closeness)


def learned_blend(
    features: Mapping[str, np.ndarray],
    codes: Sequence[str],
    truth: Truth,
    *,
    folds: int = 8,
    seed: int = 0,
    twice: bool = False,
) -> LearnedBlend:
    """Blend features with weights learned on other families of occupations.

    Parameters
    ----------
    features : mapping of str to ndarray, each of shape (n, n)
        From `log_rank`, `zone_closeness`, `tree_closeness`.
    codes : sequence of str, length n
    truth : Truth
        The pairs to learn from, and which candidates an occupation has.
    folds : int
        Sets of whole major groups; each is scored by weights learned on the others.
    seed : int
        Which groups go together.
    twice : bool
        Learn again with one more feature, ``NEIGHBOURS``: likeness of neighbours by the first
        blend. All rows of it are scored by the same weights, which know the training families only.

    Returns
    -------
    LearnedBlend
        ``weights`` has one row a feature: ``feature``, ``weight`` (mean over folds), ``share`` (of
        the sum of weights), ``standard_deviation`` (over folds).

    Raises
    ------
    WorkbenchError
        Fewer major groups than folds.

    Notes
    -----
    Where the training families hold no related pair nothing is learned: all weights are 0.

    Examples
    --------
    >>> codes = ["11-1000.00", "11-2000.00", "13-1000.00", "13-2000.00"]
    >>> pairs = pd.DataFrame({"onet_soc_code": codes, "related_onet_soc_code":
    ...     [codes[1], codes[0], codes[3], codes[2]]})
    >>> truth = Truth("pairs", pairs, tuple(codes))
    >>> found = learned_blend({"tree": tree_closeness(codes)}, codes, truth, folds=2)
    >>> found.similarity.shape
    (4, 4)
    """
    fold = _family_folds(codes, folds, seed)
    related, candidate = _related(codes, truth.pairs), _candidates(codes, truth)
    blended = np.zeros((len(codes), len(codes)))
    learned = []
    for number in range(folds):
        rows = np.flatnonzero(fold != number)
        used = dict(features)
        weights = _weights(used, related, candidate, rows)
        if twice:
            used[NEIGHBOURS] = log_rank(neighbour_likeness(_weighted(used, weights)))
            weights = _weights(used, related, candidate, rows)
        held_out = fold == number
        blended[held_out] = _weighted(used, weights)[held_out]
        learned.append(weights)
    np.fill_diagonal(blended, blended.max())
    mean = np.mean(learned, axis=0)
    table = pd.DataFrame(
        {
            "feature": list(used),
            "weight": mean,
            "share": mean / max(float(mean.sum()), 1e-12),
            "standard_deviation": np.std(learned, axis=0),
        }
    )
    return LearnedBlend(blended, table)


def _family_folds(codes: Sequence[str], folds: int, seed: int) -> np.ndarray:
    """Fold of each occupation: whole major groups."""
    families = np.array([code[:2] for code in codes])
    names = np.unique(families)
    if len(names) < folds:
        raise WorkbenchError(
            f"{len(names)} major groups cannot make {folds} folds", "Use fewer folds."
        )
    order = np.random.default_rng(seed).permutation(len(names))
    return np.asarray((np.argsort(order) % folds)[np.searchsorted(names, families)])


def _related(codes: Sequence[str], pairs: pd.DataFrame) -> np.ndarray:
    place = {code: row for row, code in enumerate(codes)}
    known = pairs[pairs["onet_soc_code"].isin(place) & pairs["related_onet_soc_code"].isin(place)]
    related = np.zeros((len(codes), len(codes)), dtype=bool)
    related[known["onet_soc_code"].map(place), known["related_onet_soc_code"].map(place)] = True
    return related


def _candidates(codes: Sequence[str], truth: Truth) -> np.ndarray:
    """Who may be related to whom: asked occupations, not themselves nor, perhaps, their own SOC."""
    asked = np.isin(list(codes), truth.codes)
    soc = np.array([code[:7] if truth.other_soc_only else code for code in codes])
    return np.asarray(asked[:, None] & asked[None, :] & (soc[:, None] != soc[None, :]))


def _weights(
    features: Mapping[str, np.ndarray], related: np.ndarray, candidate: np.ndarray, rows: np.ndarray
) -> np.ndarray:
    """Weights learned on the first candidates within ``rows`` of the occupations there."""
    square = np.ix_(rows, rows)
    allowed = candidate[square]
    asked = np.flatnonzero((related[square] & allowed).any(axis=1))
    if not len(asked):
        return np.zeros(len(features))
    plain = np.add.reduce([feature[square] for feature in features.values()])
    order = np.argsort(-np.where(allowed, plain, -np.inf)[asked], axis=1, kind="stable")
    first = rows[order[:, : min(FIRST, int(allowed[asked].sum(axis=1).min()))]]
    asking = rows[asked][:, None]
    told = related[asking, first]
    found = np.flatnonzero(told.any(axis=1))  # an occupation without a true candidate teaches none
    given = {name: feature[asking, first] for name, feature in features.items()}
    return fit_weights(given, sparse.csr_matrix(told), found)


def _weighted(features: Mapping[str, np.ndarray], weights: np.ndarray) -> np.ndarray:
    return np.add.reduce(
        [w * feature for w, feature in zip(weights, features.values(), strict=True)]
    )
