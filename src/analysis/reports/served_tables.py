"""Who is served by each tier, with small cells hidden so that no sum gives them away."""

import pandas as pd

from analysis.reports.disclosure import HIDDEN_COLUMN
from analysis.reports.disclosure_facts import Counted, Linked
from analysis.reports.disclosure_ledger import hidden_together
from analysis.reports.html_tables import Column, interval_columns
from analysis.reports.words import joined, number, text
from analysis.tiers.who_is_served import ALL

NOT_AT_HAND = (
    "Who is served by the top tier, by race and gender, cannot be said: no source of these "
    "programs publishes its people by group, and no file of outcomes by group was given."
)
GUARD_COLUMNS = {
    "by": Column("By"),
    "group": Column("Group"),
    "programs": Column("Programs", "count"),
    "shown": Column("Can be checked", "count"),
    "too_few": Column("Too few to tell", "count"),
    "hidden_programs": Column("Hidden, or not published", "count"),
    "harmed": Column("May be no better off", "count"),
}
_VALUES = ["people", "share", "interval_low", "interval_high"]


def served_columns(level: float) -> dict[str, Column]:
    """Columns of the table, with the level of its interval.

    Parameters
    ----------
    level : float
        Of the intervals, between 0 and 1.

    Returns
    -------
    dict of str to Column
        By column of the table, from left to right.

    Examples
    --------
    >>> columns = served_columns(0.9)
    >>> columns["share"].heading, columns["interval_low"].heading
    ("Share of the tier's people", '90% interval, from')
    """
    return {
        "group": Column("Group"),
        "by": Column("By"),
        "tier": Column("Tier"),
        "programs": Column("Programs with people by group", "count"),
        "people": Column("People of the group", "count"),
        "people_of_tier": Column("People of the tier", "count"),
        "share": Column("Share of the tier's people", "share"),
        **interval_columns(level, "share"),
    }


def hidden_in_margins(served: pd.DataFrame, minimum: int) -> pd.DataFrame:
    """Blank small cells, and others until no row or column of sums gives one away.

    Parameters
    ----------
    served : DataFrame
        From :func:`analysis.tiers.who_is_served.served_by_tier`.
    minimum : int
        Fewest people that a shown cell may rest on; none at all is hidden as well.

    Returns
    -------
    DataFrame
        With ``hidden``. The groups of a tier add up to its people, and the tiers of a group to
        all rated: where exactly one cell of such a sum is hidden, its next smallest goes too, and
        more until nobody who knows the shown counts can tell a small one
        (:func:`analysis.reports.disclosure_ledger.hidden_together`).

    Examples
    --------
    >>> people = [30.0, 4.0, 50.0, 40.0, 80.0, 44.0]
    >>> served = pd.DataFrame({"by": "gender", "group": ["women", "men"] * 3,
    ...     "tier": ["A", "A", "B", "B", ALL, ALL], "people": people,
    ...     "people_of_tier": [34.0, 34.0, 90.0, 90.0, 124.0, 124.0], "share": 0.5,
    ...     "interval_low": 0.4, "interval_high": 0.6})
    >>> found = hidden_in_margins(served, 10)
    >>> found[["group", "tier", "people"]].values.tolist()[::2]
    [['women', 'A', nan], ['women', 'B', nan], ['women', 'all rated', 80.0]]
    >>> found["hidden"].tolist()
    [True, True, True, True, False, False]
    """
    table = served.reset_index(drop=True)
    small_tier = table["people_of_tier"].lt(minimum)
    hidden = _not_alone(table, table["people"].lt(minimum) | small_tier)
    # that nobody is in a tier without a program is no secret
    for _, part in table[table["people_of_tier"].gt(0)].groupby("by", sort=False):
        mine, before = hidden[part.index], -1
        while mine.sum() > before:
            before = mine.sum()
            mine, totals = _hidden_of(part, _not_alone(part, mine), minimum)
        hidden[part.index] = mine
        small_tier[part.index] |= part["tier"].isin(totals)
    found = table.assign(**{HIDDEN_COLUMN: hidden})
    found[_VALUES] = found[_VALUES].mask(hidden)
    found["people_of_tier"] = found["people_of_tier"].mask(small_tier)
    return found


def _not_alone(table: pd.DataFrame, hidden: pd.Series) -> pd.Series:
    """Hidden cells, and the next smallest of every sum that hides exactly one."""
    hidden = hidden.copy()
    lines = [
        pd.Index(rows)
        for keys in (["by", "tier"], ["by", "group"])
        for rows in table.groupby(keys, sort=False).groups.values()
    ]
    while alone := [rows for rows in lines if hidden[rows].sum() == 1 and len(rows) > 1]:
        shown = alone[0][~hidden[alone[0]].to_numpy()]
        hidden[table.loc[shown, "people"].idxmin()] = True
    return hidden


def _hidden_of(part: pd.DataFrame, hidden: pd.Series, minimum: int) -> tuple[pd.Series, set[str]]:
    """Rows of one way to divide people to hide, and tiers whose total is hidden."""
    totals = part.drop_duplicates("tier").assign(people=lambda t: t["people_of_tier"], group="")
    rows = pd.concat([part, totals], keys=["cell", "total"])
    rows = rows.assign(tier=rows["tier"].replace(ALL, ""), indicator="served")
    start = pd.concat([hidden, totals["people"].lt(minimum)], keys=["cell", "total"])
    counted = Counted("served", ("group", "tier"))
    linked = Linked(("",), (("all", "served.people"),))
    done = hidden_together({"t": (rows, counted)}, {"t": start}, linked, minimum)["t"]
    return done.loc["cell"], set(totals["tier"][done.loc["total"]])


def served_sentence(table: pd.DataFrame, top: str) -> str:
    """Groups' shares of the top tier beside those of all rated, in words (HTML-safe).

    Parameters
    ----------
    table : DataFrame
        Of :func:`hidden_in_margins`; groups whose share is hidden are left out.
    top : str
        Label of the top tier.

    Returns
    -------
    str

    Examples
    --------
    >>> table = pd.DataFrame({"by": "gender", "group": ["women", "women", "men", "men"],
    ...                       "tier": ["A", ALL] * 2, "share": [0.6, 0.55, None, 0.45]})
    >>> served_sentence(table, "A")
    'Who is served: women 60.0% of tier A’s people and 55.0% of all.'
    >>> served_sentence(table, "B")
    'Too few people are in tier B to say who is served by it.'
    """
    wide = table.set_index(["by", "group", "tier"])["share"].unstack("tier")
    wide = wide.reindex(columns=[top, ALL]).dropna()
    order = table[["by", "group"]].drop_duplicates().itertuples(index=False, name=None)
    parts = [
        f"{text(key[1])} {number(wide.loc[key, top], 'share')} of tier {text(top)}’s people and "
        f"{number(wide.loc[key, ALL], 'share')} of all"
        for key in order
        if key in wide.index
    ]
    if not parts:
        return f"Too few people are in tier {text(top)} to say who is served by it."
    return f"Who is served: {joined(parts)}."
