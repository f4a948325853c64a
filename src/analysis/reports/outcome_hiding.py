"""Which rows of metrics from records rest on too few people, and what is shown of the others."""

from collections.abc import Mapping, Sequence
from itertools import product

import pandas as pd

from analysis.effects.suppression import hidden_levels
from analysis.framework import Framework
from analysis.reports.disclosure import HIDDEN_COLUMN
from analysis.reports.disclosure_facts import Counted, Linked
from analysis.reports.disclosure_ledger import hidden_together
from analysis.reports.median_steps import stepped_medians

_SHOWN = [
    *("people", "known", "met", "estimate", "standard_error", "interval_low", "interval_high"),
    *("coverage", "bound_low", "bound_high", "assumed"),
]


def safe_together(
    tables: Mapping[str, tuple[pd.DataFrame, Counted]], linked: Linked, framework: Framework
) -> dict[str, pd.DataFrame]:
    """Hide what rests on too few people in all tables of a run together, numerators too.

    Parameters
    ----------
    tables : mapping
        Name to a table of :func:`analysis.metrics.indicators.indicator_table` (without ``over``)
        and how it counts.
    linked : Linked
        How parts and outcomes hang together.
    framework : Framework
        Its ``disclosure``: fewest people, rounding, dominance, steps of medians.

    Returns
    -------
    dict
        Name to the table with ``hidden``; numbers of hidden rows are missing, shown counts
        rounded where the rule says so, with shares and intervals as they were; medians in steps
        (:mod:`analysis.reports.median_steps`).

    Notes
    -----
    A row is small where fewer people than the minimum are in it, have a known outcome, met it or
    did not; a mean also where one or two amounts dominate it.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> table = pd.DataFrame({"gender": ["", "women", "men"], "by": ["all", "gender", "gender"],
    ...     "group": ["all", "women", "men"], "indicator": "employed_q2", "name": "Employed",
    ...     "measure": "share", "people": [64, 60, 4], "known": [64, 60, 4], "met": [42, 40, 2],
    ...     "estimate": [0.66, 0.67, 0.5], "dominated": False,
    ...     **dict.fromkeys(["standard_error", "interval_low", "interval_high", "coverage",
    ...                      "bound_low", "bound_high", "assumed"], 0.5)})
    >>> counted = Counted("records", ("gender",))
    >>> safe = safe_together({"": (table, counted)}, Linked(), load_framework())[""]
    >>> safe[["group", "estimate", "hidden"]].values.tolist()
    [['all', 0.66, False], ['women', nan, True], ['men', nan, True]]
    """
    rule = framework.disclosure
    whole = {
        name: (_with_all_cells(table, counted.groups), counted)
        for name, (table, counted) in tables.items()
    }
    small = {
        name: _sums_protected(table, counted.groups, _small(table, rule.minimum_cell))
        for name, (table, counted) in whole.items()
    }
    hidden = hidden_together(whole, small, linked, rule.minimum_cell)
    done = {}
    for name, (table, _) in whole.items():
        shown = table.assign(**{HIDDEN_COLUMN: hidden[name]})
        shown[_SHOWN] = shown[_SHOWN].astype("float64").mask(hidden[name])
        stepped = stepped_medians(shown.drop(columns="dominated"), framework)
        done[name] = _rounded_rows(stepped, rule.round_to)
    return done


def _with_all_cells(table: pd.DataFrame, groups: Sequence[str]) -> pd.DataFrame:
    parts = [
        with_empty_cells(part.reset_index(drop=True), groups)
        for _, part in table.groupby("indicator", sort=False)
    ]
    return pd.concat(parts, ignore_index=True)


def _small(table: pd.DataFrame, minimum: int) -> pd.Series:
    """Rows about too few people: in them, known, who met the outcome or who did not."""
    counts = table[["people", "known", "met"]].assign(missed=table["known"] - table["met"])
    # met is missing for amounts, and for crosses that nobody is in
    return counts.min(axis=1).lt(minimum) | table["dominated"].eq(True)


def _sums_protected(table: pd.DataFrame, groups: Sequence[str], small: pd.Series) -> pd.Series:
    """Rows to hide with those whose amounts are dominated: a total less shown sums is a sum too."""
    hidden = small.copy()
    alone = table["dominated"].eq(True)
    for _, part in table[table["indicator"].isin(table.loc[alone, "indicator"])].groupby(
        "indicator", sort=False
    ):
        levels = [
            {name: str(row[name]) for name in groups if row[name] != ""}
            for row in part.to_dict("records")
        ]
        people = part["people"].mask(small[part.index], 0).astype(int).tolist()
        hidden[part.index] = hidden_levels(levels, people, people, 1)[1]
    return hidden


def _rounded_rows(table: pd.DataFrame, round_to: int) -> pd.DataFrame:
    """Counts rounded to a number, and shares counted anew from them.

    Examples
    --------
    >>> row = {"people": 52.0, "known": 43.0, "met": 31.0, "measure": "share", "estimate": 0.721,
    ...        "standard_error": 0.068, "interval_low": 0.57, "interval_high": 0.83,
    ...        "coverage": 0.827, "bound_low": 0.596, "bound_high": 0.769, "assumed": 0.7}
    >>> _rounded_rows(pd.DataFrame([row]), 5)[["people", "met", "estimate"]].values.tolist()
    [[50.0, 30.0, 0.6666666666666666]]
    """
    if round_to == 1:
        return table
    done = table.copy()
    for name in ("people", "known", "met"):
        done[name] = (table[name] / round_to).round() * round_to
    share = done["measure"] == "share"
    for name, above, below in (
        ("estimate", done["met"], done["known"]),
        ("bound_low", done["met"], done["people"]),
        ("bound_high", done["met"] + (done["people"] - done["known"]), done["people"]),
    ):
        done[name] = done[name].mask(share, above / below)
    done["coverage"] = done["known"] / done["people"]
    # an interval that is exact would give the exact share away: it moves with the rounded one
    moved = done["estimate"] - table["estimate"]
    for name in ("interval_low", "interval_high", "assumed"):
        done[name] = done[name].mask(share, (table[name] + moved).clip(0, 1).round(2))
    done["standard_error"] = done["standard_error"].mask(share, table["standard_error"].round(2))
    return done


def with_empty_cells(part: pd.DataFrame, groups: Sequence[str]) -> pd.DataFrame:
    """Rows of zero people for the crosses that nobody is in: to leave them out would tell so.

    Parameters
    ----------
    part : DataFrame
        Rows of one indicator of :func:`analysis.metrics.indicators.indicator_table`.
    groups : sequence of str
        Its columns that divide people; empty in rows that are a total over them.

    Returns
    -------
    DataFrame
        With a row for every cross of values within each ``by``; ``people`` and ``known`` are 0
        in the added ones, other numbers missing.

    Examples
    --------
    >>> rows = pd.DataFrame({"race": ["Black", "white"], "gender": ["women", "men"],
    ...     "by": "race and gender", "group": ["Black women", "white men"],
    ...     "indicator": "employed_q2", "name": "Employed", "measure": "share",
    ...     **dict.fromkeys(_SHOWN, 12.0)})
    >>> with_empty_cells(rows, ["race", "gender"])[["group", "people"]].values.tolist()
    [['Black women', 12.0], ['white men', 12.0], ['Black men', 0.0], ['white women', 0.0]]
    """
    values = {name: sorted(set(part[name]) - {""}) for name in groups}
    rows = []
    for by, present in part.groupby("by", sort=False):
        names = [] if by == "all" else str(by).split(" and ")
        found = set(present[names].itertuples(index=False, name=None)) if names else {()}
        for key in product(*(values[name] for name in names)):
            if key not in found:
                row = dict.fromkeys(groups, "") | dict(zip(names, key, strict=True))
                rows.append({**row, "by": by, "group": " ".join(key), "people": 0, "known": 0})
    if not rows:
        return part
    same = part[["indicator", "name", "measure"]].iloc[0].to_dict()
    extra = pd.DataFrame(rows).assign(**same).reindex(columns=part.columns)
    floats = dict.fromkeys(_SHOWN, "float64")
    return pd.concat([part.astype(floats), extra.astype(floats)], ignore_index=True)


def hidden_counts(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """How many rows of each table and metric are shown and withheld.

    Parameters
    ----------
    tables : mapping
        Name of the part to its table, with ``name`` of the metric and ``hidden`` (bool).

    Returns
    -------
    DataFrame
        ``part`` (``everyone`` where the name is empty), ``name``, ``rows``, ``withheld``,
        ``shown``.

    Examples
    --------
    >>> table = pd.DataFrame({"name": ["Employed"] * 3, "hidden": [True, True, False]})
    >>> hidden_counts({"": table}).values.tolist()
    [['everyone', 'Employed', 3, 2, 1]]
    """
    parts = [table.assign(part=name or "everyone") for name, table in tables.items()]
    grouped = pd.concat(parts).groupby(["part", "name"], sort=False)[HIDDEN_COLUMN]
    table = grouped.agg(rows="size", withheld="sum").reset_index()
    return table.assign(shown=table["rows"] - table["withheld"])
