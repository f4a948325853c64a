"""Which tier a listed program has, when outcomes come from another file than the list."""

import re

import pandas as pd

# words that differ between two spellings of one institution's name
_FILLERS = re.compile(r"\b(the|of|at|and|inc|llc|district|system|campus)\b")


def institution_key(name: str) -> str:
    """An institution's name without case, punctuation and filler words.

    Examples
    --------
    >>> institution_key("The College of Houston, Inc.") == institution_key("College Houston")
    True
    """
    plain = re.sub(r"[^a-z0-9 ]", " ", name.lower().replace("&", " and "))
    return " ".join(_FILLERS.sub(" ", plain).split())


def rated_programs(programs: pd.DataFrame, tiers: pd.DataFrame) -> pd.DataFrame:
    """Join tiers to listed programs by institution and field of study.

    Parameters
    ----------
    programs : DataFrame
        Listed programs: ``program_key``, ``provider``, ``cip_code`` (four or six digits).
    tiers : DataFrame
        Rated programs: ``program_key``, ``provider``, ``cip_code``, ``credential``, ``tier``,
        ``tier_probability``, ``runner_up``, ``borderline``, ``estimate``, ``n``.

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
    """
    columns = ["tier", "tier_probability", "runner_up", "borderline", "estimate", "n"]
    own = tiers.set_index("program_key")[[*columns, "credential"]]
    field = tiers.assign(
        institution=tiers["provider"].fillna("").map(institution_key),
        field=tiers["cip_code"].str[:5],
        is_associate=tiers["credential"].str.contains("Associate"),
    ).sort_values(["is_associate", "program_key"])
    field = field[field["institution"] != ""].drop_duplicates(["institution", "field"])
    listed = programs.assign(
        institution=programs["provider"].fillna("").map(institution_key),
        field=programs["cip_code"].str[:5],
    )
    by_field = listed.merge(
        field[["institution", "field", "credential", *columns]],
        on=["institution", "field"],
        how="left",
        suffixes=("", "_rated"),
    )
    by_field.index = listed.index
    rated = programs.copy()
    is_own = rated["program_key"].isin(own.index)
    for column in columns:
        mine = rated["program_key"].map(own[column])
        rated[column] = mine.where(is_own, by_field[column])
    credential = "credential_rated" if "credential_rated" in by_field else "credential"
    nearest = "the same college and field (" + by_field[credential].astype("str") + ")"
    found = rated["tier"].notna()
    rated["rated_as"] = nearest.where(~is_own, "this program").where(found, "")
    rated["why_not"] = pd.Series("", index=rated.index).where(
        found, "cannot be rated: no outcomes of it are published here"
    )
    return rated
