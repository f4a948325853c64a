"""Which tier a listed program has, when outcomes come from another file than the list."""

import re
from collections.abc import Sequence

import pandas as pd

# words that differ between two spellings of one institution's name
_FILLERS = re.compile(r"\b(the|of|at|and|inc|llc|district|system|campus)\b")
_ASSOCIATE = re.compile(
    r"\bassociate'?s?\b.{0,3}\s(of|in|degree)\b|\bassociate's\b|\(associate\)|\ba\.?a\.?s\b",
    re.IGNORECASE,
)
_HIGHER = re.compile(r"\b(bachelor|master|doctor)", re.IGNORECASE)
_OF_TIER = [
    "tier", "tier_probability", "runner_up", "borderline", "estimate", "n", "group_guard",
]  # fmt: skip
_PLACE = ["institution", "field", "level"]
NOT_PUBLISHED = "cannot be rated: no outcomes of it are published here"


def institution_key(name: str) -> str:
    """An institution's name without case, punctuation and filler words.

    Parameters
    ----------
    name : str
        As a list of programs writes it.

    Returns
    -------
    str
        Words in small letters, a space between; a key to join on, not to show.

    Examples
    --------
    >>> institution_key("The College of Houston, Inc.") == institution_key("College Houston")
    True
    """
    plain = re.sub(r"[^a-z0-9 ]", " ", name.lower().replace("&", " and "))
    return " ".join(_FILLERS.sub(" ", plain).split())


def credential_level(credential: str, program: str) -> str:
    """Level of a credential by its own name and the program's: certificate, associate or higher.

    What is not named as a degree is taken for a certificate: lists of training programs name
    industry certifications, diplomas and course titles in a hundred ways.

    Parameters
    ----------
    credential : str
        Name of the credential, as the list writes it.
    program : str
        Name of the program, which may name a degree, too.

    Returns
    -------
    str
        ``certificate``, ``associate`` or ``higher`` (bachelor's and above).

    Examples
    --------
    >>> credential_level("Associate's Degree", "Nursing"), credential_level("LPI", "Linux AAS")
    ('associate', 'associate')
    >>> credential_level("Cisco Certified Network Associate", "IT")
    'certificate'
    """
    names = f"{credential} | {program}"
    if _HIGHER.search(names):
        return "higher"
    return "associate" if _ASSOCIATE.search(names) else "certificate"


def rated_programs(
    programs: pd.DataFrame, tiers: pd.DataFrame, tier_labels: Sequence[str]
) -> pd.DataFrame:
    """Join tiers to listed programs by institution and field of study.

    Parameters
    ----------
    programs : DataFrame
        Listed programs: ``program_key``, ``provider``, ``program``, ``credential``, ``cip_code``
        (four or six digits).
    tiers : DataFrame
        The same columns of programs with outcomes, and ``tier`` (a label, or that it cannot be
        rated), ``tier_probability``, ``runner_up``, ``borderline``, ``estimate``, ``n``,
        ``group_guard`` (what the guard for groups found, in words), ``reason``.
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
    same four-digit field and at the same level of credential are taken, and ``rated_as`` says
    so: they are the nearest published outcomes, not those of the listed course. Outcomes of
    another level are never lent: what a two-year degree leads to says nothing of a course of 16
    weeks.

    Examples
    --------
    >>> listed = pd.DataFrame({"program_key": ["t1", "t2"], "provider": ["Alpha College", "Beta"],
    ...     "program": "Medical Assistant", "credential": "CCMA", "cip_code": "51.0801"})
    >>> found = pd.DataFrame({"program_key": ["s1"], "provider": ["The Alpha College"],
    ...     "program": ["Allied Health"], "cip_code": ["51.08"], "credential": ["Certificate"],
    ...     "tier": ["B"], "n": [40.0],
    ...     "tier_probability": [0.9], "runner_up": ["A"], "borderline": [False],
    ...     "estimate": [3000.0], "group_guard": [""], "reason": [""]})
    >>> rated_programs(listed, found, ["A", "B"])[["tier", "rated_as"]].values.tolist()
    [['B', 'the same college, field and level (Certificate)'], [nan, '']]
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
    same_field = "the same college, field and level (" + nearest["credential"].astype("str") + ")"
    rated["rated_as"] = same_field.where(~is_own, "this program").where(found, "")
    reasons = tiers[~is_rated].set_index("program_key")["reason"]
    why = rated["program_key"].map(reasons).astype("object").fillna(NOT_PUBLISHED)
    rated["why_not"] = why.where(~found, "")
    return rated


def without_repeats(programs: pd.DataFrame) -> pd.DataFrame:
    """Leave out college rows that a state's own list names too, as its own courses.

    Parameters
    ----------
    programs : DataFrame
        ``list_name``, ``provider``, ``program``, ``credential``, ``cip_code``; of a state's list
        and of others.

    Returns
    -------
    DataFrame
        Without the rows of ``college_scorecard`` for which another list has a course of the same
        institution, four-digit field and level: that course has the row's outcomes already, and
        its cost and length besides.

    Examples
    --------
    >>> frame = pd.DataFrame({"list_name": ["texas_etpl", "college_scorecard"],
    ...     "provider": ["Alpha College", "The Alpha College"], "program": ["Nursing", "Nursing"],
    ...     "credential": "", "cip_code": ["51.3801", "51.38"]})
    >>> without_repeats(frame)["list_name"].tolist()
    ['texas_etpl']
    """
    place = _place(programs).agg(" | ".join, axis=1) if len(programs) else pd.Series(dtype="str")
    of_college = programs["list_name"].eq("college_scorecard")
    return programs[~(of_college & place.isin(place[~of_college]))]


def _nearest_outcomes(programs: pd.DataFrame, rated: pd.DataFrame) -> pd.DataFrame:
    """Outcomes of the same institution, four-digit field and level, in the order of programs."""
    columns = ["program_key", "credential", *_OF_TIER]
    known = rated[columns].assign(**_place(rated)).sort_values("program_key")
    known = known[known["institution"] != ""].drop_duplicates(_PLACE)
    found = _place(programs).merge(known[[*_PLACE, "credential", *_OF_TIER]], on=_PLACE, how="left")
    return found.set_index(programs.index)


def _place(programs: pd.DataFrame) -> pd.DataFrame:
    """What outcomes are lent by: institution, four-digit field, level of credential."""
    names = programs[["credential", "program"]].fillna("").itertuples(index=False)
    return pd.DataFrame(
        {
            "institution": programs["provider"].fillna("").map(institution_key),
            "field": programs["cip_code"].fillna("").str[:5],
            "level": [credential_level(*pair) for pair in names],
        },
        index=programs.index,
    )
