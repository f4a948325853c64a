"""In which order programs are shown, and why one stands above the next."""

from collections.abc import Sequence

import pandas as pd


def ranked_programs(
    programs: pd.DataFrame,
    *,
    tier_labels: Sequence[str],
    match_order: Sequence[str],
    weak_matches: Sequence[str] = (),
) -> pd.DataFrame:
    """Order programs by tier, then by how they match the target, then by cost.

    Programs that only read like the target come after all that are known to train for it: a
    high tier in another field is no help.

    Parameters
    ----------
    programs : DataFrame
        With ``tier`` (missing where it cannot be rated), ``match``, ``cost`` and ``program``.
    tier_labels : sequence of str
        Best first. A program that cannot be rated comes after the second-best tier and before
        the rest: unknown is neither good nor bad.
    match_order : sequence of str
        Kinds of match, closest first.
    weak_matches : sequence of str
        Kinds of match that say little about what a program trains for.

    Returns
    -------
    DataFrame
        In order, with ``position`` (from 1) and ``reason``: why it stands where it does, against
        the next one.

    Notes
    -----
    The last tier is never recommended: ``recommended`` is False there.

    Examples
    --------
    >>> frame = pd.DataFrame({"program": ["a", "b"], "tier": [None, "A"], "match": ["x", "x"],
    ...                       "cost": [100.0, 900.0]})
    >>> ranked_programs(frame, tier_labels=["A", "B"], match_order=["x"])["program"].tolist()
    ['b', 'a']
    """
    place = {label: float(position) for position, label in enumerate(tier_labels)}
    keyed = programs.assign(
        weak_place=programs["match"].isin(list(weak_matches)).astype(int),
        tier_place=programs["tier"].map(place).fillna(1.5),
        match_place=programs["match"].map({kind: i for i, kind in enumerate(match_order)}),
        cost_place=programs["cost"].fillna(float("inf")),
        recommended=programs["tier"].ne(tier_labels[-1]) | programs["tier"].isna(),
    )
    keys = ["weak_place", "tier_place", "match_place", "cost_place"]
    ordered = keyed.sort_values([*keys, "program"], kind="stable").reset_index(drop=True)
    ordered["position"] = ordered.index + 1
    ordered["reason"] = [
        _reason(ordered.iloc[i], ordered.iloc[i + 1] if i + 1 < len(ordered) else None)
        for i in range(len(ordered))
    ]
    return ordered.drop(columns=keys)


def _reason(this: pd.Series, following: pd.Series | None) -> str:
    if following is None:
        return "last in the order"
    if this["weak_place"] != following["weak_place"]:
        return f"above the next: {this['match']} against {following['match']}"
    if this["tier_place"] != following["tier_place"]:
        rating = "not rated" if pd.isna(this["tier"]) else f"tier {this['tier']}"
        other = "not rated" if pd.isna(following["tier"]) else f"tier {following['tier']}"
        return f"above the next: {rating} against {other}"
    if this["match_place"] != following["match_place"]:
        return f"above the next: {this['match']} against {following['match']}"
    if this["cost_place"] != following["cost_place"]:
        if pd.isna(following["cost"]):
            return "above the next: its cost is known"
        return f"above the next: costs ${following['cost'] - this['cost']:,.0f} less"
    return "level with the next, in order of name"


def in_place(programs: pd.DataFrame, *, state: str, city: str) -> pd.DataFrame:
    """Programs in a state and, where one is given, a city (case does not matter).

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
