"""Similarity held against moves that workers made, beside the size of the destination alone."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from analysis.errors import WorkbenchError
from analysis.skills.ties import expected_hits

SIZE = "size of the destination alone"
BEATS = "beats the baseline"
# bootstrap samples of the occupations moved from
_DRAWS = 1000


def by_soc_code(similarity: np.ndarray, codes: Sequence[str]) -> tuple[np.ndarray, list[str]]:
    """Similarity between six-digit codes: the largest between occupations under them.

    Parameters
    ----------
    similarity : ndarray, shape (n, n)
    codes : sequence of str, length n
        O*NET-SOC codes.

    Returns
    -------
    (ndarray, list of str)
        Shape (codes, codes), and the six-digit codes in its order.

    Examples
    --------
    >>> near = np.array([[1, 0.9, 0.2], [0.9, 1, 0.5], [0.2, 0.5, 1]])
    >>> by_soc_code(near, ["11-1011.00", "11-1011.03", "13-1011.00"])[0].tolist()
    [[1.0, 0.5], [0.5, 1.0]]
    """
    soc = np.array([code[:7] for code in codes])
    order = np.argsort(soc, kind="stable")
    names, starts = np.unique(soc[order], return_index=True)
    rows = np.maximum.reduceat(np.asarray(similarity, dtype=float)[np.ix_(order, order)], starts)
    return np.maximum.reduceat(rows, starts, axis=1), [str(name) for name in names]


def score_moves(
    similarities: Mapping[str, np.ndarray],
    codes: Sequence[str],
    moves: pd.DataFrame,
    seed: int,
    *,
    neighbours: int = 10,
    level: float = 0.95,
) -> pd.DataFrame:
    """How well each similarity tells where workers moved from where they did not.

    For each origin, every other occupation is a candidate. AUC is the chance that a move that was
    made scores above a target that no one from there took (ties count half); lift is the share
    of moves that end among the nearest ten over the share that ten random ones would catch. Both
    are weighted by moves. The baseline orders candidates by how many workers of *other* origins
    came to them, whatever the origin.

    Parameters
    ----------
    similarities : mapping of str to ndarray, each of shape (n, n)
    codes : sequence of str, length n
        O*NET-SOC codes.
    moves : DataFrame
        ``origin``, ``target`` (six digits), ``weight``.
    seed, level
        Of bootstrap intervals over origins.
    neighbours : int
        First places that count for lift.

    Returns
    -------
    DataFrame
        ``measure``, ``auc``, ``auc_low``, ``auc_high``, ``lift``, ``lift_low``, ``lift_high``,
        ``against_size`` (AUC less the baseline's) with ``against_low`` and ``against_high``,
        ``verdict``, ``n_origins``, ``n_pairs``. The baseline is a row of its own.

    Raises
    ------
    WorkbenchError
        When no move is between occupations that are known here.

    Examples
    --------
    >>> codes = ["11-1011.00", "13-1011.00", "15-1011.00"]
    >>> near = np.array([[1, 0.9, 0.2], [0.9, 1, 0.1], [0.2, 0.1, 1]])
    >>> moves = pd.DataFrame({"origin": ["11-1011"], "target": ["13-1011"], "weight": [3.0]})
    >>> score_moves({"near": near}, codes, moves, seed=1, neighbours=1)["auc"].tolist()
    [1.0, 0.5]
    """
    if not similarities:
        raise WorkbenchError("no similarity to score", "Give at least one.")
    scored = {name: by_soc_code(matrix, codes) for name, matrix in similarities.items()}
    names = next(iter(scored.values()))[1]
    made = _move_matrix(moves, names)
    arrived = made.sum(axis=0)[None, :] - made
    scores = {name: matrix for name, (matrix, _) in scored.items()} | {SIZE: arrived}
    origins = np.flatnonzero(made.sum(axis=1) > 0)
    weight = made[origins].sum(axis=1)
    drawn = np.random.default_rng(seed).integers(0, len(origins), size=(_DRAWS, len(origins)))
    totals = weight[drawn].sum(axis=1)
    tails = [(1 - level) / 2, (1 + level) / 2]
    per_origin = {name: _per_origin(matrix, made, origins, neighbours) for name, matrix in
                  scores.items()}  # fmt: skip
    size_auc = per_origin[SIZE][:, 0]
    rows = []
    for name, values in per_origin.items():
        row: dict[str, float | str] = {"measure": name}
        columns = {"auc": values[:, 0], "lift": values[:, 1], "against": values[:, 0] - size_auc}
        for label, value in columns.items():
            means = (value * weight)[drawn].sum(axis=1) / totals
            low, high = np.quantile(means, tails)
            main = "against_size" if label == "against" else label
            row[main] = float(np.average(value, weights=weight))
            row |= {f"{label}_low": float(low), f"{label}_high": float(high)}
        row["verdict"] = _verdict(name, float(row["against_low"]), float(row["against_high"]))
        rows.append(row | {"n_origins": len(origins), "n_pairs": int((made > 0).sum())})
    return pd.DataFrame(rows).sort_values("auc", ascending=False, ignore_index=True)


def _move_matrix(moves: pd.DataFrame, names: Sequence[str]) -> np.ndarray:
    place = {name: row for row, name in enumerate(names)}
    known = moves[moves["origin"].isin(place) & moves["target"].isin(place)]
    known = known[(known["weight"] > 0) & (known["origin"] != known["target"])]
    if known.empty:
        raise WorkbenchError(
            "no move is between two occupations that are known here",
            "Give SOC codes of 2018, as in 31-9092.",
        )
    made = np.zeros((len(names), len(names)))
    np.add.at(made, (known["origin"].map(place), known["target"].map(place)), known["weight"])
    return made


def _per_origin(
    scores: np.ndarray, made: np.ndarray, origins: np.ndarray, neighbours: int
) -> np.ndarray:
    """AUC and lift of each origin, both weighted by its moves; shape (origins, 2)."""
    values = np.empty((len(origins), 2))
    for position, origin in enumerate(origins):
        others = np.arange(len(scores)) != origin
        score, moved = np.round(scores[origin, others], 10), made[origin, others]
        values[position] = (
            _weighted_auc(score, moved),
            expected_hits(score, moved, neighbours) / moved.sum() * len(score) / neighbours,
        )
    return values


def _weighted_auc(score: np.ndarray, moved: np.ndarray) -> float:
    refused = np.sort(score[moved == 0])
    if not len(refused):
        return 0.5
    chosen = score[moved > 0]
    below = np.searchsorted(refused, chosen, side="left")
    tied = np.searchsorted(refused, chosen, side="right") - below
    return float(np.average((below + tied / 2) / len(refused), weights=moved[moved > 0]))


def _verdict(name: str, low: float, high: float) -> str:
    if name == SIZE:
        return "the baseline"
    if low > 0:
        return BEATS
    return "does NOT beat the baseline" if high < 0 else "not told from the baseline"
