"""Job-2-Job Skill Delta from ratings: what a target job asks for beyond an origin job.

For each skill and knowledge the gap is ``D = level(target) - level(origin) ~ N(mu, s^2)`` with the
two ratings' standard errors in ``s``. It says how far two *jobs* lie apart. It says nothing of how
workers within a job differ, so its probability is never a chance about a person.
"""

import numpy as np
import pandas as pd
from scipy.special import ndtr

from analysis.errors import WorkbenchError

FLAGS = {
    "recommend_suppress": "suppressed",
    "not_relevant": "not relevant",
    "error_imputed": "error imputed",
}
GAP_COLUMNS = [
    "domain",
    "element_id",
    "element",
    "level_origin",
    "level_target",
    "gap",
    "standard_error",
    "importance_target",
    "probability",
    "need",
    "distinctiveness",
    "flags",
]


def expected_shortfall(mean: np.ndarray, standard_error: np.ndarray) -> np.ndarray:
    """E[max(D, 0)] for D ~ N(mean, standard_error^2): ``mu Phi(mu/s) + s phi(mu/s)``.

    Parameters
    ----------
    mean, standard_error : ndarray
        Of one shape.

    Returns
    -------
    ndarray
        Of the same shape and unit.

    Examples
    --------
    >>> expected_shortfall(np.array([0.0, 2.0]), np.array([1.0, 0.0])).round(4).tolist()
    [0.3989, 2.0]
    """
    certain = standard_error <= 0
    scaled = mean / np.where(certain, 1.0, standard_error)
    density = np.exp(-(scaled**2) / 2) / np.sqrt(2 * np.pi)
    return np.where(certain, np.maximum(mean, 0.0), mean * ndtr(scaled) + standard_error * density)


def element_gaps(
    levels: pd.DataFrame, origin: str, target: str, *, gap_level: float = 0.5
) -> pd.DataFrame:
    """All elements rated for both jobs, with the gap and its uncertainty.

    Parameters
    ----------
    levels : DataFrame
        From `analysis.skills.rating_levels.rating_levels`.
    origin, target : str
        O*NET-SOC codes.
    gap_level : float
        Smallest gap that matters, in scale points of the level (0 to 7).

    Returns
    -------
    DataFrame
        ``domain``, ``element_id``, ``element``, ``level_origin``, ``level_target``, ``gap``,
        ``standard_error`` (of the gap), ``importance_target`` (1 to 5), ``probability`` (that the
        gap exceeds ``gap_level``), ``need`` (``(importance - 1) / 4 * E[max(D, 0)]``),
        ``distinctiveness`` (need / standard deviation of the level over occupations), ``flags``
        (text; what to know about the two ratings). In the order of domain and element.

    Raises
    ------
    WorkbenchError
        An occupation without ratings.

    Examples
    --------
    >>> levels = pd.DataFrame({"onet_soc_code": ["a", "b"], "domain": "skills", "element_id": "1",
    ...     "element": "Repairing", "level": [1.0, 4.0], "importance": [2.0, 5.0],
    ...     "standard_error": 0.3, "standard_deviation": 1.5, "recommend_suppress": [True, False],
    ...     "not_relevant": False, "error_imputed": False, "error_floored": False})
    >>> element_gaps(levels, "a", "b")[["gap", "need", "distinctiveness", "flags"]]
       gap  need  distinctiveness                flags
    0  3.0   3.0              2.0  suppressed (origin)
    """
    sides = {side: _rated(levels, code, side) for side, code in (("o", origin), ("t", target))}
    both = sides["o"].merge(sides["t"], on=["domain", "element_id"], suffixes=("_o", "_t"))
    gap = (both["level_t"] - both["level_o"]).to_numpy()
    # a job compared with itself has one rating, not two draws of it: its gap is known to be 0
    error = np.hypot(both["standard_error_o"], both["standard_error_t"]).to_numpy()
    error = error * (origin != target)
    weight = (both["importance_t"].to_numpy() - 1) / 4
    need = weight * expected_shortfall(gap, error)
    spread = both["standard_deviation_t"].to_numpy()
    beyond = gap - gap_level
    certain = error <= 0
    chance = np.where(certain, beyond > 0, ndtr(beyond / np.where(certain, 1.0, error)))
    gaps = pd.DataFrame(
        {
            "domain": both["domain"],
            "element_id": both["element_id"],
            "element": both["element_t"],
            "level_origin": both["level_o"],
            "level_target": both["level_t"],
            "gap": gap,
            "standard_error": error,
            "importance_target": both["importance_t"],
            "probability": chance.astype(float),
            "need": need,
            "distinctiveness": np.divide(
                need, spread, out=np.full(len(both), np.nan), where=spread > 0
            ),
            "flags": _flags(both),
        },
        columns=GAP_COLUMNS,
    )
    return gaps.sort_values(["domain", "element_id"], ignore_index=True)


def skill_delta(
    levels: pd.DataFrame,
    origin: str,
    target: str,
    *,
    gap_level: float = 0.5,
    probability: float = 0.8,
) -> pd.DataFrame:
    """What the target asks for beyond the origin, as far as the ratings can tell; largest first.

    Parameters
    ----------
    levels, origin, target, gap_level
        As for `element_gaps`.
    probability : float
        Least probability of a gap beyond ``gap_level``. Without this gate the noise of the
        ratings alone makes a fifth of all need.

    Returns
    -------
    DataFrame
        Rows of `element_gaps` by ``need``; none when origin and target are the same job.

    Examples
    --------
    >>> levels = pd.DataFrame({"onet_soc_code": ["a", "b"], "domain": "skills", "element_id": "1",
    ...     "element": "Repairing", "level": [1.0, 4.0], "importance": [2.0, 5.0],
    ...     "standard_error": 0.3, "standard_deviation": 1.5, "recommend_suppress": False,
    ...     "not_relevant": False, "error_imputed": False, "error_floored": False})
    >>> len(skill_delta(levels, "a", "b")), len(skill_delta(levels, "b", "a"))
    (1, 0)
    """
    gaps = element_gaps(levels, origin, target, gap_level=gap_level)
    shown = gaps[(gaps["probability"] >= probability) & (gaps["gap"] > 0)]
    return shown.sort_values(["need", "element_id"], ascending=[False, True], ignore_index=True)


def strengths(
    levels: pd.DataFrame,
    origin: str,
    target: str,
    *,
    gap_level: float = 0.5,
    probability: float = 0.5,
    minimum_importance: float = 3.0,
) -> pd.DataFrame:
    """What carries over: elements that matter in the target and that the origin already asks for.

    Parameters
    ----------
    levels, origin, target, gap_level
        As for `element_gaps`.
    probability : float
        Least probability that the gap does **not** exceed ``gap_level``: by default, more likely
        than not.
    minimum_importance : float
        Least importance in the target, 1 to 5 (3 is 'important').

    Returns
    -------
    DataFrame
        Rows of `element_gaps` and ``carried`` (importance weight times the level that both jobs
        ask for), largest first.

    Examples
    --------
    >>> levels = pd.DataFrame({"onet_soc_code": ["a", "b"], "domain": "skills", "element_id": "1",
    ...     "element": "Speaking", "level": [4.0, 3.0], "importance": [4.0, 5.0],
    ...     "standard_error": 0.3, "standard_deviation": 1.0, "recommend_suppress": False,
    ...     "not_relevant": False, "error_imputed": False, "error_floored": False})
    >>> strengths(levels, "a", "b")[["element", "carried"]]
        element  carried
    0  Speaking      3.0
    """
    gaps = element_gaps(levels, origin, target, gap_level=gap_level)
    kept = gaps[
        (1 - gaps["probability"] >= probability) & (gaps["importance_target"] >= minimum_importance)
    ]
    shared = np.minimum(kept["level_origin"], kept["level_target"])
    kept = kept.assign(carried=(kept["importance_target"] - 1) / 4 * shared)
    kept = kept[kept["carried"] > 0]
    return kept.sort_values(["carried", "element_id"], ascending=[False, True], ignore_index=True)


def _rated(levels: pd.DataFrame, code: str, side: str) -> pd.DataFrame:
    rows = levels[levels["onet_soc_code"] == code]
    if rows.empty:
        role = {"o": "origin", "t": "target"}[side]
        raise WorkbenchError(
            f"the {role} occupation {code} has no skill and knowledge ratings",
            "Choose a related occupation that is rated, or compare tasks only.",
        )
    return rows


def _flags(both: pd.DataFrame) -> list[str]:
    texts = [""] * len(both)
    for side, role in (("o", "origin"), ("t", "target")):
        for column, words in FLAGS.items():
            for row in np.flatnonzero(both[f"{column}_{side}"].to_numpy(dtype=bool)):
                texts[row] += f"{'; ' if texts[row] else ''}{words} ({role})"
    return texts
