"""Typical education of two jobs: what most who answered name as required."""

import pandas as pd

UNKNOWN = "not known"
# O*NET's categories of required education (scale RL), shortened
CATEGORIES = {
    1: "less than a high school diploma",
    2: "high school diploma or the equivalent",
    3: "certificate after high school",
    4: "some college courses",
    5: "associate's degree",
    6: "bachelor's degree",
    7: "certificate after a bachelor's degree",
    8: "master's degree",
    9: "certificate after a master's degree",
    10: "first professional degree",
    11: "doctoral degree",
    12: "training after a doctorate",
}


def typical_education(education: pd.DataFrame | None, code: str) -> str:
    """The education that most answers name as required in an occupation, with their share.

    Parameters
    ----------
    education : DataFrame or None
        Table ``education``: ``category`` 1 to 12, ``percent`` of answers.
    code : str
        O*NET-SOC code.

    Returns
    -------
    str
        ``UNKNOWN`` without the table or the occupation; of equal shares, the lower category.

    Examples
    --------
    >>> frame = pd.DataFrame({"onet_soc_code": "a", "category": [1, 2], "percent": [30.0, 70.0]})
    >>> typical_education(frame, "a"), typical_education(frame, "b")
    ('high school diploma or the equivalent (70% of answers)', 'not known')
    """
    if education is None:
        return UNKNOWN
    rows = education[education["onet_soc_code"].eq(code)].sort_values("category")
    if rows.empty or not rows["percent"].max() > 0:
        return UNKNOWN
    most = rows.loc[rows["percent"].idxmax()]
    return f"{CATEGORIES[int(most['category'])]} ({most['percent']:.0f}% of answers)"


def education_step(
    education: pd.DataFrame | None, origin: str, target: str
) -> tuple[str, str] | None:
    """Typical education of origin and target; None where the table is not at hand.

    Parameters
    ----------
    education : DataFrame or None
        Table ``education``.
    origin, target : str
        O*NET-SOC codes.

    Returns
    -------
    tuple of str, or None
        In words.

    Examples
    --------
    >>> frame = pd.DataFrame({"onet_soc_code": "a", "category": [1, 2], "percent": [30.0, 70.0]})
    >>> education_step(frame, "a", "b")
    ('high school diploma or the equivalent (70% of answers)', 'not known')
    >>> education_step(None, "a", "b") is None
    True
    """
    if education is None:
        return None
    return typical_education(education, origin), typical_education(education, target)
