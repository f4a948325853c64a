"""A blend of similarities whose weights are learned, and scored on families it never saw.

Each similarity enters by the order it gives: ``-log(rank + 1)`` among the candidates of an
occupation, so that scales and heavy tails do not matter and first places count most. Weights are
those of a logistic regression on pairs (related or not), none below 0. Folds are whole major
groups of the classification, and both ends of every training pair lie in training groups.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import expit
from scipy.stats import rankdata

from analysis.errors import WorkbenchError


class LearnedBlend(NamedTuple):
    """Score of shape (n, n), each row by weights learned on other families, and the weights."""

    similarity: np.ndarray
    weights: pd.DataFrame


def log_rank(similarity: np.ndarray) -> np.ndarray:
    """``-log(rank + 1)`` of every candidate in its row; ties take their mean rank.

    Examples
    --------
    >>> near = np.array([[1, 0.9, 0.2], [0.9, 1, 0.1], [0.2, 0.1, 1]])
    >>> np.exp(-log_rank(near))[0].round(1).tolist()
    [4.0, 2.0, 3.0]
    """
    values = np.array(similarity, dtype=float)
    np.fill_diagonal(values, -np.inf)  # an occupation is no candidate for itself
    return -np.log(rankdata(-values, axis=1) + 1)


def zone_closeness(codes: Sequence[str], job_zones: pd.DataFrame) -> np.ndarray:
    """Minus the difference of job zones, shape (n, n); an unknown zone is taken as the mean.

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


def learned_blend(
    features: Mapping[str, np.ndarray],
    codes: Sequence[str],
    pairs: pd.DataFrame,
    *,
    folds: int = 8,
    seed: int = 0,
) -> LearnedBlend:
    """Blend features with weights learned on other families of occupations.

    Parameters
    ----------
    features : mapping of str to ndarray, each of shape (n, n)
        From `log_rank`, `zone_closeness`, `tree_closeness`.
    codes : sequence of str, length n
    pairs : DataFrame
        ``onet_soc_code``, ``related_onet_soc_code``: the pairs to learn from.
    folds : int
        Sets of whole major groups; each is scored by weights learned on the others.
    seed : int
        Which groups go together.

    Returns
    -------
    LearnedBlend
        ``weights`` has one row a feature: ``feature``, ``weight`` (mean over folds), ``share`` (of
        the sum of weights), ``standard_deviation`` (over folds).

    Raises
    ------
    WorkbenchError
        Fewer major groups than folds.

    Examples
    --------
    >>> codes = ["11-1000.00", "11-2000.00", "13-1000.00", "13-2000.00"]
    >>> pairs = pd.DataFrame({"onet_soc_code": codes, "related_onet_soc_code":
    ...     [codes[1], codes[0], codes[3], codes[2]]})
    >>> found = learned_blend({"tree": tree_closeness(codes)}, codes, pairs, folds=2)
    >>> bool(found.similarity[0, 1] > found.similarity[0, 2])
    True
    """
    families = np.array([code[:2] for code in codes])
    names = np.unique(families)
    if len(names) < folds:
        raise WorkbenchError(
            f"{len(names)} major groups cannot make {folds} folds", "Use fewer folds."
        )
    order = np.random.default_rng(seed).permutation(len(names))
    fold = (np.argsort(order) % folds)[np.searchsorted(names, families)]
    related = _related(codes, pairs)
    asked = related.any(axis=1)
    blended = np.zeros((len(codes), len(codes)))
    weights = np.empty((folds, len(features)))
    for number in range(folds):
        weights[number] = _weights(features, related, np.flatnonzero((fold != number) & asked))
        rows = fold == number
        for weight, feature in zip(weights[number], features.values(), strict=True):
            blended[rows] += weight * feature[rows]
    np.fill_diagonal(blended, blended.max())
    mean = weights.mean(axis=0)
    table = pd.DataFrame(
        {
            "feature": list(features),
            "weight": mean,
            "share": mean / max(float(mean.sum()), 1e-12),
            "standard_deviation": weights.std(axis=0),
        }
    )
    return LearnedBlend(blended, table)


def _related(codes: Sequence[str], pairs: pd.DataFrame) -> np.ndarray:
    place = {code: row for row, code in enumerate(codes)}
    known = pairs[pairs["onet_soc_code"].isin(place) & pairs["related_onet_soc_code"].isin(place)]
    related = np.zeros((len(codes), len(codes)), dtype=bool)
    related[known["onet_soc_code"].map(place), known["related_onet_soc_code"].map(place)] = True
    return related


def _weights(
    features: Mapping[str, np.ndarray], related: np.ndarray, rows: np.ndarray
) -> np.ndarray:
    """Weights of a logistic regression on the pairs within ``rows``, none below 0."""
    square = np.ix_(rows, rows)
    pairs = ~np.eye(len(rows), dtype=bool)
    X = np.stack([feature[square][pairs] for feature in features.values()], axis=1)
    X = X.astype(np.float32)
    is_related = related[square][pairs].astype(np.float32)

    def loss(point: np.ndarray) -> tuple[float, np.ndarray]:
        score = X @ point[1:].astype(np.float32) + np.float32(point[0])
        value = np.logaddexp(0, score).sum(dtype=float) - (is_related * score).sum(dtype=float)
        residual = expit(score) - is_related
        slope = np.concatenate([[residual.sum(dtype=float)], X.T @ residual])
        # per hundred pairs, so that the optimiser's tolerances suit
        return 100 * value / len(X), 100 * slope.astype(float) / len(X)

    start = np.concatenate([[-5.0], np.full(len(features), 0.3)])
    limits = [(None, None)] + [(0, None)] * len(features)
    found = minimize(
        loss, start, jac=True, method="L-BFGS-B", bounds=limits, options={"maxiter": 80}
    )
    return np.asarray(found.x[1:], dtype=float)
