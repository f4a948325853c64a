"""In which order programs are shown, and why one stands above the next."""

from collections.abc import Sequence

import pandas as pd

from analysis.errors import WorkbenchError

# what an order may be made of
CRITERIA = ("tier", "match", "coverage", "cost", "weeks")
# why a program is never recommended, in words that follow a count
LOWEST_TIER = "of the lowest tier"
GROUP_AT_RISK = "that may leave a group no better off"
# how the guard for groups begins what it says of a program that fails it
_FAILS_GUARD = "may leave"
_LONGEST_NAME = 60


def ranked_programs(
    programs: pd.DataFrame,
    *,
    tier_labels: Sequence[str],
    match_order: Sequence[str],
    weak_matches: Sequence[str] = (),
    order: Sequence[str] = ("tier", "match", "coverage", "cost"),
) -> pd.DataFrame:
    """Order programs by the criteria that the framework states, one after another.

    Programs that only read like the target come after all that are known to train for it: a
    high tier in another field is no help.

    Parameters
    ----------
    programs : DataFrame
        With ``tier`` (missing where it cannot be rated), ``group_guard`` (what the guard for
        groups found, in words; missing where it cannot be rated), ``match``, ``cost``,
        ``program`` and ``provider``; ``coverage`` (share of the gap that it teaches) and
        ``weeks`` where they are known.
    tier_labels : sequence of str
        Best first. A program that cannot be rated comes after the second-best tier and before
        the rest: unknown is neither good nor bad.
    match_order : sequence of str
        Kinds of match, closest first.
    weak_matches : sequence of str
        Kinds of match that say little about what a program trains for.
    order : sequence of str
        Names in :data:`CRITERIA`, the first one first: a later one decides where all before it
        are level. What is not known of a program comes after what is, but for the tier.

    Returns
    -------
    DataFrame
        In order, with ``position`` (from 1), ``reason`` (why it stands where it does, against
        the next one that is recommended), ``kept_back`` (:data:`LOWEST_TIER`,
        :data:`GROUP_AT_RISK` or empty) and ``recommended``: whether that is empty.

    Raises
    ------
    WorkbenchError
        For a criterion that is none, or named twice.

    Notes
    -----
    Neither the last tier nor a program that fails the guard for groups is ever recommended.

    Examples
    --------
    >>> frame = pd.DataFrame({"program": ["a", "b"], "provider": "p", "tier": [None, "A"],
    ...     "group_guard": "", "match": ["x", "x"], "cost": [100.0, 900.0]})
    >>> ranked_programs(frame, tier_labels=["A", "B"], match_order=["x"])["program"].tolist()
    ['b', 'a']
    """
    if set(order) - set(CRITERIA) or len(set(order)) < len(order):
        raise WorkbenchError(
            f"guide.order: {', '.join(order)}", f"Choose among {', '.join(CRITERIA)}, each once."
        )
    place = {label: float(position) for position, label in enumerate(tier_labels)}
    unknown = pd.Series(float("nan"), programs.index)
    keyed = programs.assign(
        weak_place=programs["match"].isin(list(weak_matches)).astype(int),
        tier_place=programs["tier"].map(place).fillna(1.5),
        match_place=programs["match"].map({kind: i for i, kind in enumerate(match_order)}),
        coverage_place=-programs.get("coverage", unknown).astype("float64").fillna(-1.0),
        cost_place=programs["cost"].fillna(float("inf")),
        weeks_place=programs.get("weeks", unknown).astype("float64").fillna(float("inf")),
        kept_back=_kept_back(programs, tier_labels[-1]),
    )
    keyed["recommended"] = keyed["kept_back"] == ""
    keys = ["weak_place", *(f"{name}_place" for name in order)]
    ordered = keyed.sort_values([*keys, "program"], kind="stable").reset_index(drop=True)
    ordered["position"] = ordered.index + 1
    # a program that is not shown explains nothing to a reader
    seen = ordered["recommended"].to_numpy()
    reasons, following = [], None
    for i in reversed(range(len(ordered))):
        reasons.append(_reason(ordered.iloc[i], following, order))
        following = ordered.iloc[i] if seen[i] else following
    ordered["reason"] = reasons[::-1]
    return ordered.drop(columns=["weak_place", *(f"{name}_place" for name in CRITERIA)])


def _kept_back(programs: pd.DataFrame, lowest: str) -> pd.Series:
    fails = programs["group_guard"].astype("str").str.startswith(_FAILS_GUARD, na=False)
    is_lowest = programs["tier"].eq(lowest).fillna(value=False).astype(bool)
    words = pd.Series("", programs.index).mask(fails, GROUP_AT_RISK)
    return words.mask(is_lowest, LOWEST_TIER)


def _reason(this: pd.Series, following: pd.Series | None, order: Sequence[str]) -> str:
    if following is None:
        return "last in the order"
    above = f"above {_shortened(following['program'])} ({_shortened(following['provider'])}): "
    for name in ("weak", *order):
        if this[f"{name}_place"] != following[f"{name}_place"]:
            return above + _difference("match" if name == "weak" else name, this, following)
    return f"level with {_shortened(following['program'])}, in order of name"


def _difference(name: str, this: pd.Series, following: pd.Series) -> str:
    """In what the first of two programs goes before the second, in words."""
    if name == "match":
        return f"{this['match']} against {following['match']}"
    if name == "tier":
        rated = ["not rated" if pd.isna(one["tier"]) else f"tier {one['tier']}"
                 for one in (this, following)]  # fmt: skip
        return " against ".join(rated)
    if pd.isna(following[name]):
        known = {"coverage": "what it teaches is known", "cost": "its cost is known"}
        return known.get(name, "its length is known")
    if name == "coverage":
        return f"teaches {this[name]:.0%} of the gap, against {following[name]:.0%}"
    if name == "cost":
        return f"costs ${following[name] - this[name]:,.0f} less"
    return f"takes {following[name] - this[name]:g} weeks less"


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1].rstrip()}…"


def in_place(programs: pd.DataFrame, *, state: str, city: str) -> pd.DataFrame:
    """Programs in a state and, where one is given, a city (case does not matter).

    Parameters
    ----------
    programs : DataFrame
        ``state``, ``city``.
    state, city : str
        Empty for all.

    Returns
    -------
    DataFrame
        Rows of the programs.

    Examples
    --------
    >>> frame = pd.DataFrame({"state": ["TX", "TX", "NJ"], "city": ["Waco", "Austin", "Trenton"]})
    >>> in_place(frame, state="tx", city="waco").index.tolist()
    [0]
    """
    chosen = programs["state"].str.upper() == state.upper() if state else programs["state"].notna()
    if city:
        chosen &= programs["city"].fillna("").str.lower() == city.lower()
    return programs[chosen]
