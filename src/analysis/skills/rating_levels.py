"""What level of each skill and knowledge a job asks for, and how sure that number is.

The ratings are means of a few raters. Standard errors are often 0 (eight analysts who agree) or
absent (occupational experts), and neither is certainty: they are mended here, and marked.
"""

import numpy as np
import pandas as pd

from analysis.errors import WorkbenchError

LEVEL_COLUMNS = [
    "onet_soc_code",
    "domain",
    "element_id",
    "element",
    "level",
    "importance",
    "standard_error",
    "standard_deviation",
    "recommend_suppress",
    "not_relevant",
    "error_imputed",
    "error_floored",
]
KEY = ["onet_soc_code", "domain", "element_id"]


def rating_levels(ratings: pd.DataFrame, floor_share: float = 0.5) -> pd.DataFrame:
    """One row for each occupation and element: level, importance, and a usable standard error.

    Standard errors, per domain: the pooled standard deviation between raters is
    ``sqrt(sum((n - 1) n se^2) / sum(n - 1))`` over the level ratings that state both; divided by
    ``sqrt(n)`` it is what a mean of n raters should vary by. A missing error becomes that value
    (with the median n of the domain where n is missing too); a stated one is raised to
    ``floor_share`` of it.

    Parameters
    ----------
    ratings : DataFrame
        Frame ``ratings``: importance (``IM``, 1 to 5) and level (``LV``, 0 to 7) of skills and
        knowledge. Rows recommended for suppression stay: dropping them deletes real gaps.
    floor_share : float
        Smallest believable error as a share of the pooled one; 0 for no floor.

    Returns
    -------
    DataFrame
        ``onet_soc_code``, ``domain``, ``element_id``, ``element``, ``level`` (0 where not
        relevant), ``importance``, ``standard_error``, ``standard_deviation`` (of the level over
        occupations) and four flags: ``recommend_suppress``, ``not_relevant``, ``error_imputed``,
        ``error_floored``. Elements without both scales are left out.

    Raises
    ------
    WorkbenchError
        When an element is rated twice for an occupation.

    Examples
    --------
    >>> frame = pd.DataFrame({"onet_soc_code": "a", "domain": "skills", "element_id": "2.A.1.a",
    ...     "element": "Reading", "scale_id": ["IM", "LV"], "value": [3.0, 4.0], "n": 8,
    ...     "standard_error": 0.2, "recommend_suppress": False, "not_relevant": False})
    >>> rating_levels(frame)[["element", "level", "importance", "standard_error"]]
       element  level  importance  standard_error
    0  Reading    4.0         3.0             0.2
    """
    repeated = ratings.duplicated([*KEY, "scale_id"])
    if repeated.any():
        first = ratings.loc[repeated].iloc[0]
        raise WorkbenchError(
            f"ratings: {first['onet_soc_code']}, {first['element']}, scale {first['scale_id']} "
            "stands twice",
            "Keep one release of the ratings.",
        )
    levels = ratings[ratings["scale_id"] == "LV"].dropna(subset="value")
    importance = ratings.loc[ratings["scale_id"] == "IM", [*KEY, "value"]].dropna()
    rows = levels.merge(importance.rename(columns={"value": "importance"}), on=KEY)
    for flag in ("recommend_suppress", "not_relevant"):
        rows[flag] = rows[flag].fillna(False).astype(bool)
    rows["level"] = rows["value"].where(~rows["not_relevant"], 0.0)
    rows = _with_errors(rows, floor_share)
    spread = rows.groupby(["domain", "element_id"])["level"].transform("std", ddof=0)
    return rows.assign(standard_deviation=spread)[LEVEL_COLUMNS].reset_index(drop=True)


def _with_errors(rows: pd.DataFrame, floor_share: float) -> pd.DataFrame:
    stated = rows["standard_error"].astype(float)
    raters = rows["n"].astype(float)
    expected = pd.Series(np.nan, index=rows.index)
    for _, of_domain in rows.groupby("domain").groups.items():
        n, error = raters.loc[of_domain], stated.loc[of_domain]
        freedom = (n - 1).where(error.notna())
        pooled_variance = (freedom * n * error**2).sum() / max(freedom.sum(), 1)
        expected.loc[of_domain] = np.sqrt(pooled_variance / n.fillna(n.median()))
    floor = floor_share * expected
    return rows.assign(
        error_imputed=stated.isna(),
        error_floored=stated.lt(floor),
        standard_error=stated.fillna(expected).clip(lower=floor).fillna(0.0),
    )
