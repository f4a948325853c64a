"""Which tier a listed program has, when outcomes come from another file than the list."""

import re
from collections.abc import Sequence

import pandas as pd

# words that differ between two spellings of one institution's name
_FILLERS = re.compile(r"\b(the|of|at|and|inc|llc|district|system|campus)\b")
_OF_TIER = ["tier", "tier_probability", "runner_up", "borderline", "estimate", "n"]
NOT_PUBLISHED = "cannot be rated: no outcomes of it are published here"


def institution_key(name: str) -> str:
    """An institution's name without case, punctuation and filler words.

    Examples
    --------
    >>> institution_key("The College of Houston, Inc.") == institution_key("College Houston")
    True
    """
    plain = re.sub(r"[^a-z0-9 ]", " ", name.lower().replace("&", " and "))
    return " ".join(_FILLERS.sub(" ", plain).split())


def rated_programs(
    programs: pd.DataFrame, tiers: pd.DataFrame, tier_labels: Sequence[str]
) -> pd.DataFrame:
    """Join tiers to listed programs by institution and field of study.

    Parameters
    ----------
    programs : DataFrame
        Listed programs: ``program_key``, ``provider``, ``cip_code`` (four or six digits).
    tiers : DataFrame
        One row a program: ``program_key``, ``provider``, ``cip_code``, ``credential``, ``tier``
        (a label, or that it cannot be rated), ``tier_probability``, ``runner_up``,
        ``borderline``, ``estimate``, ``n``, ``reason``.
    tier_labels : sequence of str
        The labels; any other value of ``tier`` means that the program cannot be rated.

    Returns
    -------
    DataFrame
        ``programs`` with the columns of the tier, ``rated_as`` (what was rated, in words) and
        ``why_not`` (why it cannot be rated, or empty).

    Notes
    -----
    The program itself is looked up first. Failing that, outcomes of the same institution in the
    same four-digit field are taken, shortest credential first, and ``rated_as`` says so: they
    are the nearest published outcomes, not those of the listed course.

    Examples
    --------
    >>> listed = pd.DataFrame({"program_key": ["t1", "t2"], "provider": ["Alpha College", "Beta"],
    ...     "cip_code": ["51.0801", "51.0801"]})
    >>> found = pd.DataFrame({"program_key": ["s1"], "provider": ["The Alpha College"],
    ...     "cip_code": ["51.08"], "credential": ["Certificate"], "tier": ["B"], "n": [40.0],
    ...     "tier_probability": [0.9], "runner_up": ["A"], "borderline": [False],
    ...     "estimate": [3000.0], "reason": [""]})
    >>> rated_programs(listed, found, ["A", "B"])[["tier", "rated_as"]].values.tolist()
    [['B', 'the same college and field (Certificate)'], [nan, '']]
    """
    is_rated = tiers["tier"].isin(list(tier_labels))
    by_key = tiers[is_rated].set_index("program_key")
    nearest = _nearest_outcomes(programs, tiers[is_rated])
    rated = programs.copy()
    is_own = rated["program_key"].isin(by_key.index)
    for name in _OF_TIER:
        own = rated["program_key"].map(by_key[name].astype("object"))
        rated[name] = own.where(is_own, nearest[name]).infer_objects()
    found = rated["tier"].notna()
    same_field = "the same college and field (" + nearest["credential"].astype("str") + ")"
    rated["rated_as"] = same_field.where(~is_own, "this program").where(found, "")
    reasons = tiers[~is_rated].set_index("program_key")["reason"]
    why = rated["program_key"].map(reasons).astype("object").fillna(NOT_PUBLISHED)
    rated["why_not"] = why.where(~found, "")
    return rated


def _nearest_outcomes(programs: pd.DataFrame, rated: pd.DataFrame) -> pd.DataFrame:
    """Outcomes of the same institution in the same four-digit field, in the order of programs."""
    keys = ["institution", "field"]
    known = rated.assign(
        institution=rated["provider"].fillna("").map(institution_key),
        field=rated["cip_code"].str[:5],
        is_degree=rated["credential"].fillna("").str.contains("Degree"),
    ).sort_values(["is_degree", "program_key"])
    known = known[known["institution"] != ""].drop_duplicates(keys)
    listed = pd.DataFrame(
        {
            "institution": programs["provider"].fillna("").map(institution_key),
            "field": programs["cip_code"].str[:5],
        }
    )
    found = listed.merge(known[[*keys, "credential", *_OF_TIER]], on=keys, how="left")
    return found.set_index(programs.index)
