"""P(occupation | program): a weighted sum of grounds made a probability, and how good it is.

Weights (`analysis.skills.choice_weights`) are learned on other providers' programs; a program that
states several occupations counts each in part.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import sparse

from analysis.skills.choice_weights import fit_weights, probabilities
from analysis.skills.program_labels import Labels

# bootstrap samples of the providers
_DRAWS = 1000


def cross_validated(
    features: Mapping[str, np.ndarray], labels: Labels, folds: np.ndarray, seed: int = 0
) -> tuple[np.ndarray, pd.DataFrame]:
    """Probabilities of each program by weights learned on other providers, and the weights.

    Parameters
    ----------
    features : mapping of str to ndarray, shape (n, candidates)
    labels : Labels
    folds : ndarray of int, length n
        Whole providers.
    seed : int

    Returns
    -------
    (ndarray, DataFrame)
        Shape (n, candidates); ``feature``, ``weight``, ``standard_deviation`` over folds.

    Examples
    --------
    One ground is right of every program, the other says nothing.

    >>> truth = np.tile(np.eye(3, dtype=bool), (8, 1))
    >>> labels = Labels(np.arange(24), sparse.csr_matrix(truth), np.arange(24) // 3)
    >>> grounds = {"told": truth.astype(float), "silent": 0.0 * truth}
    >>> chance, weights = cross_validated(grounds, labels, np.arange(24) // 3 % 2)
    >>> bool((chance.argmax(axis=1) == truth.argmax(axis=1)).all()), weights["feature"].tolist()
    (True, ['told', 'silent'])
    """
    chance = np.empty(labels.truth.shape)
    learned = []
    for fold in np.unique(folds):
        weights = fit_weights(features, labels.truth, np.flatnonzero(folds != fold), seed=seed)
        rows = folds == fold
        chance[rows] = probabilities({k: v[rows] for k, v in features.items()}, weights)
        learned.append(weights)
    table = pd.DataFrame(
        {"feature": list(features), "weight": np.mean(learned, axis=0),
         "standard_deviation": np.std(learned, axis=0)}
    )  # fmt: skip
    return chance, table


def best_ranks(scores: np.ndarray, truth: sparse.csr_matrix, seed: int) -> np.ndarray:
    """Rank of each program's best true occupation among all candidates; ties in random order.

    Parameters
    ----------
    scores : ndarray, shape (n, candidates)
        Equal to ten decimals is equal.
    truth : csr_matrix of bool, shape (n, candidates)
    seed : int
        Of the order of ties.

    Returns
    -------
    ndarray of int, length n
        1 is the first place.

    Examples
    --------
    >>> truth = sparse.csr_matrix(np.array([[False, True, True]]))
    >>> best_ranks(np.array([[0.5, 0.2, 0.4]]), truth, seed=1).tolist()
    [2]
    """
    jitter = np.random.default_rng(seed).random(scores.shape)
    order = np.lexsort((jitter, -np.round(scores, 10)), axis=1)
    place = np.empty_like(order)
    np.put_along_axis(place, order, np.arange(1, scores.shape[1] + 1)[None, :], axis=1)
    true = truth.toarray().astype(bool)
    return np.where(true, place, scores.shape[1] + 1).min(axis=1)


def hit_table(
    ranks: Mapping[str, np.ndarray],
    providers: np.ndarray,
    seed: int,
    *,
    level: float = 0.95,
) -> pd.DataFrame:
    """Hits in the first 1, 5 and 10 places and mean reciprocal rank, with intervals.

    Parameters
    ----------
    ranks : mapping of str to ndarray, length n
        From `best_ranks`, by the name of the ranking.
    providers : ndarray, length n
        Whole providers are drawn again for the intervals: their programs are alike.
    seed, level
        Of the intervals.

    Returns
    -------
    DataFrame
        ``ranking`` and, for each of ``hit_1``, ``hit_5``, ``hit_10``, ``reciprocal_rank``, the
        mean with ``_low`` and ``_high``; ``n_programs``, ``n_providers``.

    Examples
    --------
    >>> table = hit_table({"a": np.array([1, 6])}, np.array([0, 1]), seed=1)
    >>> table[["hit_1", "hit_5", "hit_10"]].values.tolist()
    [[0.5, 0.5, 1.0]]
    """
    rows = []
    for name, rank in ranks.items():
        row: dict[str, float | str] = {"ranking": name}
        for label, value in _measures(rank).items():
            low, high = _interval(value, providers, seed, level)
            row |= {label: float(value.mean()), f"{label}_low": low, f"{label}_high": high}
        rows.append(row | {"n_programs": len(rank), "n_providers": int(providers.max()) + 1})
    return pd.DataFrame(rows)


def hit_gain(
    ranks: np.ndarray,
    base: np.ndarray,
    providers: np.ndarray,
    seed: int,
    *,
    level: float = 0.95,
) -> pd.DataFrame:
    """What one ranking gains over another on the same programs, with paired intervals.

    Parameters
    ----------
    ranks, base : ndarray, length n
        From `best_ranks`, of the ranking asked about and of the other.
    providers : ndarray of int, length n
        Drawn again whole.
    seed, level
        Of the intervals.

    Returns
    -------
    DataFrame
        ``measure`` (``hit_1``, ...), ``gain``, ``gain_low``, ``gain_high``.

    Examples
    --------
    >>> gain = hit_gain(np.array([1, 1]), np.array([2, 1]), np.array([0, 0]), seed=1)
    >>> float(gain.loc[0, "gain"]), float(gain.loc[0, "gain_low"])
    (0.5, 0.5)
    """
    rows = []
    for (name, new), old in zip(_measures(ranks).items(), _measures(base).values(), strict=True):
        value = new.astype(float) - old.astype(float)
        rows.append((name, float(value.mean()), *_interval(value, providers, seed, level)))
    return pd.DataFrame(rows, columns=["measure", "gain", "gain_low", "gain_high"])


def _measures(rank: np.ndarray) -> dict[str, np.ndarray]:
    hits = {f"hit_{places}": rank <= places for places in (1, 5, 10)}
    return hits | {"reciprocal_rank": 1 / rank}


def _interval(
    value: np.ndarray, providers: np.ndarray, seed: int, level: float
) -> tuple[float, float]:
    """Interval of a mean over programs; whole providers are drawn again."""
    sizes = np.bincount(providers)
    drawn = np.random.default_rng(seed).integers(0, len(sizes), size=(_DRAWS, len(sizes)))
    sums = np.bincount(providers, weights=value.astype(float))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
