"""Programs ordered for a move, over all programs that state their jobs: what helps to find them.

For each target, every labelled program is a candidate, and those that the list states for the
target are right. The label does not depend on the origin, so this tests *reaching the target*;
the placebo (tasks of the target that the origin has already) says how much of a score is the
delta's own.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from analysis.skills.coverage import TaskSpace, likeliest, new_part, reach
from analysis.skills.evaluation import bootstrap_interval
from analysis.skills.kept_results import identity, kept_table
from analysis.skills.program_labels import Labels, targets_to_ask
from analysis.skills.ties import expected_hits

FEWEST_PROGRAMS = 10  # a target with fewer could not fill the ten first places
FIRST = 10
PLACEBO = "coverage of the target's known tasks (placebo)"
CHANCE = "chance of the target"
BOTH = "chance and coverage of the delta, sum of z"
BOTH_PLACEBO = "chance and known tasks, sum of z (placebo)"
COLUMNS = [
    "score", "precision_at_10", "precision_low", "precision_high", "auc", "auc_low", "auc_high",
    "precision_gain", "precision_gain_low", "precision_gain_high", "auc_gain", "auc_gain_low",
    "auc_gain_high", "n_pairs", "n_targets",
]  # fmt: skip


def low_zone_origins(
    job_zones: pd.DataFrame, wages: pd.DataFrame, soc_codes: Sequence[str], most: int = 8
) -> list[str]:
    """Six-digit codes of the jobs of zones 1 and 2 with most workers in the nation.

    Parameters
    ----------
    job_zones, wages : DataFrame
        Tables.
    soc_codes : sequence of str
        Six-digit codes to choose from.
    most : int

    Returns
    -------
    list of str
        At most ``most`` codes, the job with most workers first.

    Examples
    --------
    >>> zones = pd.DataFrame({"onet_soc_code": ["41-2011.00", "11-1011.00"], "job_zone": [2, 5]})
    >>> wages = pd.DataFrame({"area_type": "national", "soc_code": ["41-2011", "11-1011"],
    ...     "employment": [3.0, 9.0]})
    >>> low_zone_origins(zones, wages, ["11-1011", "41-2011"])
    ['41-2011']
    """
    low = job_zones.loc[job_zones["job_zone"] <= 2, "onet_soc_code"].str[:7]
    here = wages[wages["area_type"].eq("national") & wages["soc_code"].isin(low)]
    here = here[here["soc_code"].isin(list(soc_codes))].drop_duplicates("soc_code")
    return [str(code) for code in here.nlargest(most, "employment")["soc_code"]]


def delta_test(
    probability: np.ndarray,
    linked: np.ndarray,
    labels: Labels,
    space: TaskSpace,
    origins: Sequence[str],
    seed: int,
    *,
    level: float = 0.95,
) -> pd.DataFrame:
    """Precision in the first ten and AUC of each way to order programs for a move.

    Parameters
    ----------
    probability, linked : ndarray, shape (labelled programs, candidates)
        Out-of-fold chances, and the crosswalk's shares.
    labels : Labels
    space : TaskSpace
    origins : sequence of str
        Six-digit codes that every target is paired with.
    seed, level
        Of intervals over targets.

    Returns
    -------
    DataFrame
        ``COLUMNS``, best precision first; a gain is the difference from the chance of the target
        for the same pair, its interval paired likewise. Programs that tie share the places
        (expected hits).

    Examples
    --------
    Ten programs state a and ten b: whoever knows which names ten right ones first; an empty
    crosswalk ties all twenty, and half of the first are right.

    >>> from scipy import sparse
    >>> truth = np.repeat(np.eye(2, dtype=bool), 10, axis=0)
    >>> labels = Labels(np.arange(20), sparse.csr_matrix(truth), np.arange(20))
    >>> space = TaskSpace(np.eye(3)[[0, 1, 0, 2]], np.array(list("aabb")), ["a", "b"])
    >>> found = delta_test(truth * 0.8, 0.0 * truth, labels, space, ["a"], 1).set_index("score")
    >>> found.loc[[CHANCE, "CIP crosswalk"], ["precision_at_10", "auc"]].values.tolist()
    [[1.0, 1.0], [0.5, 0.5]]
    """
    likely = likeliest(probability)
    rows = []
    for target in targets_to_ask(labels, space.soc_codes, space.soc, FEWEST_PROGRAMS):
        place = space.soc_codes.index(target)
        right = labels.stating([place])
        trained = reach(space, target)
        taught = likely @ trained.T
        chance = np.asarray(probability[:, place], dtype=float)
        everything = taught.mean(axis=1)
        alone = {
            "CIP crosswalk": linked[:, place],
            CHANCE: chance,
            "coverage of all tasks of the target": everything,
        }
        scored = {name: _scored(score, right) for name, score in alone.items()}
        for origin in origins:
            new = new_part(trained, space, origin)
            if origin == target or not 0 < new.sum() < len(new):
                continue
            of_pair = _scores_of_pair(chance, taught, new)
            both = scored | {name: _scored(score, right) for name, score in of_pair.items()}
            rows += [(f"{target} {origin}", target, name, *both[name]) for name in both]
    names = ["pair", "target", "score", "precision", "auc"]
    return _table(pd.DataFrame(rows, columns=names), seed, level)


def _scores_of_pair(
    chance: np.ndarray, taught: np.ndarray, new: np.ndarray
) -> dict[str, np.ndarray]:
    """Scores that know what is new about the target for somebody from one origin."""
    delta = taught @ new / new.sum()
    known = taught @ (1 - new) / (1 - new).sum()
    return {
        "coverage of the delta": delta,
        PLACEBO: known,
        "chance of the target, ties by coverage of the delta": _then(chance, delta),
        "chance of the target, ties by known tasks (placebo)": _then(chance, known),
        BOTH: _z(chance) + _z(delta),
        BOTH_PLACEBO: _z(chance) + _z(known),
    }


def kept_delta_test(
    probability: np.ndarray,
    linked: np.ndarray,
    labels: Labels,
    space: TaskSpace,
    origins: Sequence[str],
    folder: Path,
    seed: int,
    level: float,
) -> pd.DataFrame:
    """`delta_test`, computed once for the same input and code and kept in ``folder``.

    Parameters
    ----------
    probability, linked, labels, space, origins, seed, level
        As for `delta_test`.
    folder : Path
        Where results are kept.

    Returns
    -------
    DataFrame
        As of `delta_test`.

    Examples
    --------
    >>> import tempfile
    >>> from scipy import sparse
    >>> truth = np.repeat(np.eye(2, dtype=bool), 10, axis=0)
    >>> labels = Labels(np.arange(20), sparse.csr_matrix(truth), np.arange(20))
    >>> space = TaskSpace(np.eye(3)[[0, 1, 0, 2]], np.array(list("aabb")), ["a", "b"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     given = (truth * 0.8, 0.0 * truth, labels, space, ["a"], Path(folder), 1, 0.95)
    ...     kept_delta_test(*given).equals(kept_delta_test(*given))
    True
    """
    key = identity(
        __name__, probability, linked, space.unit, "\n".join(origins), float(seed), level
    )
    return kept_table(
        folder, "delta_test", key,
        lambda: delta_test(probability, linked, labels, space, origins, seed, level=level),
        texts=["score"], counts=["n_pairs", "n_targets"],
    )  # fmt: skip


def _table(frame: pd.DataFrame, seed: int, level: float) -> pd.DataFrame:
    base = frame[frame["score"].eq(CHANCE)].set_index("pair")
    result = []
    for name, part in frame.groupby("score", sort=False):
        whole: list[float] = []
        gains: list[float] = []
        for column in ("precision", "auc"):
            values = part[column].to_numpy()
            gain = values - base[column].loc[part["pair"]].to_numpy()
            for numbers, into in ((values, whole), (gain, gains)):
                limits = bootstrap_interval(numbers, seed, level, 1000, part["target"].tolist())
                into += [numbers.mean(), *limits]
        result.append((name, *whole, *gains, len(part), part["target"].nunique()))
    table = pd.DataFrame(result, columns=COLUMNS)
    return table.sort_values(["precision_at_10", "auc"], ascending=False, ignore_index=True)


def _scored(score: np.ndarray, right: np.ndarray) -> tuple[float, float]:
    rounded = np.round(np.asarray(score, dtype=float), 10)
    positives = int(right.sum())
    rank = rankdata(rounded)
    won = rank[right].sum() - positives * (positives + 1) / 2
    precision = expected_hits(rounded, right.astype(float), FIRST) / FIRST
    return float(precision), float(won / (positives * (len(right) - positives)))


def _then(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Ranks by the first score, ties by the second."""
    order = np.lexsort((np.round(second, 10), np.round(first, 10)))
    rank = np.empty(len(first))
    rank[order] = np.arange(len(first))
    return rank


def _z(score: np.ndarray) -> np.ndarray:
    return np.asarray((score - score.mean()) / max(float(score.std()), 1e-12))
