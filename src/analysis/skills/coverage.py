"""How much of what is new to a worker a program trains for, and whether saying so helps.

A program is taken for the occupations that it likely trains for, ``P(j | program)``. A task k of
the target is trained as far as the tasks of those occupations reach it:
``c(k, j) = clip((best cosine of k with a task of j - 0.2) / 0.5, 0, 1)``. Coverage of a delta is
``sum_k w_k sum_j P(j | program) c(k, j) / sum_k w_k`` with ``w_k = 1 - c(k, origin)``: tasks that
the origin has already count for nothing. It is an index between 0 and 1, not a share of hours.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from analysis.skills.evaluation import bootstrap_interval, related_truth
from analysis.skills.kept_results import identity, kept
from analysis.skills.measures import Vectors
from analysis.skills.program_labels import Labels

LOWEST, WIDTH = 0.2, 0.5  # cosines of unrelated tasks end near .2; .7 is the same thing said twice
FEWEST_PROGRAMS = 5


class TaskSpace(NamedTuple):
    """Centred unit vectors of all tasks, ordered by six-digit code, and where each code starts."""

    unit: np.ndarray
    soc: np.ndarray
    soc_codes: list[str]
    text: Sequence[str] = ()


def task_space(tasks: pd.DataFrame, vectors: Vectors, soc_codes: Sequence[str]) -> TaskSpace:
    """Tasks of the candidates as centred vectors of length one.

    Parameters
    ----------
    tasks : DataFrame
        Table ``tasks``.
    vectors : callable
        Sentence vectors.
    soc_codes : sequence of str
        Six-digit candidates; tasks of others are left out.
    """
    every = vectors(tasks["task"].tolist())
    soc = tasks["onet_soc_code"].str[:7]
    inside = np.flatnonzero(soc.isin(list(soc_codes)))
    inside = inside[np.argsort(soc.to_numpy()[inside], kind="stable")]
    centred = every[inside] - every.mean(axis=0)
    unit = centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-12)
    texts = tasks["task"].iloc[inside].tolist()
    return TaskSpace(unit, soc.to_numpy()[inside], list(soc_codes), texts)


def reach(space: TaskSpace, soc_code: str) -> np.ndarray:
    """c(k, j) of each task k of an occupation, shape (tasks, candidates).

    Examples
    --------
    >>> space = TaskSpace(np.array([[1.0, 0], [0, 1.0]]), np.array(["a", "b"]), ["a", "b", "c"])
    >>> reach(space, "a").tolist()
    [[1.0, 0.0, 0.0]]
    """
    names, starts = np.unique(space.soc, return_index=True)
    cosines = space.unit[space.soc == soc_code] @ space.unit.T
    best = np.maximum.reduceat(cosines, starts, axis=1)
    place = {code: column for column, code in enumerate(space.soc_codes)}
    result = np.zeros((len(best), len(space.soc_codes)))
    result[:, [place[name] for name in names]] = np.clip((best - LOWEST) / WIDTH, 0, 1)
    return result


def coverage(
    probability: np.ndarray, space: TaskSpace, target: str, origin: str | Sequence[str] = ""
) -> np.ndarray:
    """Coverage of a delta by each program; without an origin, of all tasks of the target.

    Parameters
    ----------
    probability : ndarray, shape (programs, candidates)
        The ten likeliest occupations of each program count.
    space : TaskSpace
    target : str
        Six-digit code.
    origin : str or sequence of str
        Six-digit codes; of several past jobs, a task counts as far as the nearest one reaches it.

    Returns
    -------
    ndarray, length programs
        0 to 1; missing where the target has no tasks or nothing of it is new.

    Examples
    --------
    >>> space = TaskSpace(np.array([[1.0, 0], [0, 1.0]]), np.array(["a", "b"]), ["a", "b"])
    >>> coverage(np.array([[0.0, 1.0], [1.0, 0.0]]), space, "b", "a").tolist()
    [1.0, 0.0]
    """
    trained = reach(space, target)
    weight = new_part(trained, space, origin)
    if not weight.sum() > 0:
        return np.full(len(probability), np.nan)
    return np.asarray(likeliest(probability) @ trained.T @ weight / weight.sum())


def new_part(trained: np.ndarray, space: TaskSpace, origin: str | Sequence[str]) -> np.ndarray:
    """How far each task of a target is new to an origin (1: wholly), length tasks.

    Parameters
    ----------
    trained : ndarray
        From `reach`.
    space, origin
        As for `coverage`.

    Examples
    --------
    >>> space = TaskSpace(np.eye(2), np.array(["a", "b"]), ["a", "b"])
    >>> new_part(np.array([[0.2, 1.0]]), space, ["a"]).tolist()
    [0.8]
    """
    origins = [origin] if isinstance(origin, str) else list(origin)
    columns = [space.soc_codes.index(code) for code in origins if code in space.soc_codes]
    if not columns:
        return np.ones(len(trained))
    return np.asarray(1 - trained[:, columns].max(axis=1))


def likeliest(probability: np.ndarray, most: int = 10) -> np.ndarray:
    """Chances of the ``most`` likeliest occupations of each program, made to sum to 1.

    Examples
    --------
    >>> likeliest(np.array([[0.6, 0.2, 0.1]]), most=2).round(2).tolist()
    [[0.75, 0.25, 0.0]]
    """
    kept = np.array(probability, dtype=float)
    if kept.shape[1] > most:
        least = np.partition(kept, -most, axis=1)[:, [-most]]
        kept = np.where(kept >= least, kept, 0.0)
    return np.asarray(kept / np.maximum(kept.sum(axis=1, keepdims=True), 1e-12))


def contrast_test(
    probability: np.ndarray,
    linked: np.ndarray,
    labels: Labels,
    space: TaskSpace,
    related: pd.DataFrame,
    seed: int,
    *,
    level: float = 0.95,
    origins: int = 3,
) -> pd.DataFrame:
    """Programs for the target against programs for a related origin: who is told apart best.

    The one labelled test in which the origin matters. AUC is the chance that a program which the
    list states for the target, and not for the origin, scores above one that it states for the
    origin and not for the target.

    Parameters
    ----------
    probability, linked : ndarray, shape (labelled programs, candidates)
        Out-of-fold chances, and the crosswalk's shares.
    labels : Labels
    space : TaskSpace
    related : DataFrame
        Pairs of six-digit codes ``soc_code``, ``related_soc_code``.
    seed, level
        Of intervals over targets.
    origins : int
        Origins a target, at most; both need five programs.

    Returns
    -------
    DataFrame
        ``score``, ``auc``, ``interval_low``, ``interval_high``, ``n_pairs``, ``n_targets``.
    """
    truth = labels.truth.tocsc()
    count = np.asarray(truth.sum(axis=0)).ravel()
    place = {code: row for row, code in enumerate(space.soc_codes)}
    described = {code for code in set(space.soc) if count[place[code]] >= FEWEST_PROGRAMS}
    rows = []
    usable = related[related["soc_code"].isin(described) & related["related_soc_code"].isin(
        described) & related["soc_code"].ne(related["related_soc_code"])]  # fmt: skip
    for target, part in usable.groupby("soc_code"):
        for origin in part["related_soc_code"].drop_duplicates().head(origins):
            t, o = place[str(target)], place[str(origin)]
            of_target, of_origin = (truth[:, [c]].toarray().ravel() for c in (t, o))
            asked = of_target != of_origin
            if min(of_target[asked].sum(), of_origin[asked].sum()) < FEWEST_PROGRAMS:
                continue
            chance = probability[asked]
            scores = _scores(chance, linked[asked], space, str(target), str(origin))
            aucs = {n: roc_auc_score(of_target[asked], s) for n, s in scores.items()}
            rows.append({"target": target, **aucs})
    table = pd.DataFrame(rows)
    result = []
    for name in table.columns[1:]:
        interval = bootstrap_interval(
            table[name].to_numpy(), seed, level, 1000, table["target"].tolist()
        )
        result.append((name, table[name].mean(), *interval, len(table), table["target"].nunique()))
    columns = ["score", "auc", "interval_low", "interval_high", "n_pairs", "n_targets"]
    return pd.DataFrame(result, columns=columns).sort_values(
        "auc", ascending=False, ignore_index=True
    )


def kept_contrast_test(
    probability: np.ndarray,
    linked: np.ndarray,
    labels: Labels,
    space: TaskSpace,
    related: pd.DataFrame,
    folder: Path,
    seed: int,
    level: float,
) -> pd.DataFrame:
    """`contrast_test`, computed once for the same input and code and kept in ``folder``."""

    def compute() -> dict[str, np.ndarray]:
        table = contrast_test(probability, linked, labels, space, related, seed, level=level)
        return {
            name: table[name].to_numpy(dtype="U" if name == "score" else float) for name in table
        }

    key = identity(__name__, probability, linked, space.unit, related, float(seed), level)
    stored = kept(folder, "contrast", key, compute)
    return pd.DataFrame(stored).astype({"score": "str", "n_pairs": int, "n_targets": int})


def related_codes(related_occupations: pd.DataFrame) -> pd.DataFrame:
    """Primary related occupations as pairs of six-digit codes.

    Examples
    --------
    >>> related_codes(pd.DataFrame({"onet_soc_code": ["11-1011.00"], "tier": "Primary-Short",
    ...     "related_onet_soc_code": ["11-1021.00"], "rank": 1})).values.tolist()
    [['11-1011', '11-1021']]
    """
    pairs = related_truth(related_occupations)
    return pd.DataFrame(
        {
            "soc_code": pairs["onet_soc_code"].str[:7],
            "related_soc_code": pairs["related_onet_soc_code"].str[:7],
        }
    ).drop_duplicates(ignore_index=True)


def _scores(
    chance: np.ndarray, linked: np.ndarray, space: TaskSpace, target: str, origin: str
) -> Mapping[str, np.ndarray]:
    t, o = (space.soc_codes.index(code) for code in (target, origin))
    of_delta = coverage(chance, space, target, origin)
    if np.isnan(of_delta).any():  # nothing is new: the delta cannot rank anything
        of_delta = np.zeros(len(chance))
    return {
        "CIP crosswalk": linked[:, t],
        "chance of the target": chance[:, t],
        "coverage of all tasks of the target": coverage(chance, space, target),
        "coverage of the delta": of_delta,
        "coverage of the delta less half of the origin's tasks": of_delta
        - coverage(chance, space, origin) / 2,
        "chance of the target less chance of the origin": chance[:, t] - chance[:, o],
    }
