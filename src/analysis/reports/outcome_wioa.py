"""Metrics from WIOA records as a report shows them: by group, protected, with what lacks."""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import pandas as pd

from analysis.metrics.rating import headline, rating
from analysis.reports.disclosure import HIDDEN_COLUMN
from analysis.reports.disclosure_linked import audit, protected
from analysis.reports.html_tables import Column

_COUNTS = ["people", "known"]
_SHOWN = [
    *("people", "known", "met", "estimate", "standard_error", "interval_low", "interval_high"),
    *("coverage", "bound_low", "bound_high", "assumed"),
]


def safe_indicators(
    table: pd.DataFrame, groups: Sequence[str], minimum: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Hide what rests on too few people in all linked tables of each indicator together.

    Parameters
    ----------
    table : DataFrame
        From :func:`analysis.metrics.indicators.indicator_table`, without ``over``.
    groups : sequence of str
        Ids of the groups it is divided by.
    minimum : int
        Fewest people that anything is shown about.

    Returns
    -------
    tuple of DataFrame
        The table with ``hidden``, numbers of hidden rows missing; and what the attacker derives
        from it (:func:`analysis.reports.disclosure_linked.audit`), one row an indicator and count.
    """
    parts, audits = [], []
    for indicator, part in table.groupby("indicator", sort=False):
        cells = with_empty_cells(part.reset_index(drop=True), groups)
        hidden = protected(cells, groups, _COUNTS, minimum)
        audits.append(audit(cells, groups, _COUNTS, hidden, minimum).assign(indicator=indicator))
        cells[_SHOWN] = cells[_SHOWN].astype("float64").mask(hidden)
        parts.append(cells.assign(**{HIDDEN_COLUMN: hidden}))
    return pd.concat(parts, ignore_index=True), pd.concat(audits, ignore_index=True)


def with_empty_cells(part: pd.DataFrame, groups: Sequence[str]) -> pd.DataFrame:
    """Rows of zero people for the crosses that nobody is in: to leave them out would tell so."""
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


def indicator_columns(kind: str, confidence_level: float) -> dict[str, Column]:
    """Columns of a table of one kind of indicator (``share`` or ``dollars``)."""
    unit = "share" if kind == "share" else "dollars a quarter"
    return {
        "group": Column("Group"),
        "by": Column("Divided by"),
        "name": Column("Metric"),
        "people": Column("People", "count"),
        "coverage": Column("Outcome known", "share"),
        "estimate": Column(f"Estimate ({unit})", kind),
        "interval_low": Column(f"{confidence_level:.0%} interval, from", kind),
        "interval_high": Column("to", kind),
        "bound_low": Column("If the unknown all fall short", kind),
        "bound_high": Column("If they all meet it", kind),
    }


def gap_columns(kind: str, confidence_level: float) -> dict[str, Column]:
    """Columns of a table of gaps (:func:`analysis.metrics.gaps.gaps`)."""
    return {
        "group": Column("Group"),
        "by": Column("Divided by"),
        "reference": Column("Beside"),
        "name": Column("Metric"),
        "people": Column("People", "count"),
        "difference": Column("Difference", kind),
        "difference_low": Column(f"{confidence_level:.0%} interval, from", kind),
        "difference_high": Column("to", kind),
        "ratio": Column("Ratio", "number"),
        "ratio_low": Column(f"{confidence_level:.0%} interval, from", "number"),
        "ratio_high": Column("to", "number"),
    }


def program_headline(
    table: pd.DataFrame,
    minimum_people: int,
    minimum_coverage: float,
    *,
    excluded: pd.Series | None = None,
    exempt: pd.Series | None = None,
) -> pd.DataFrame:
    """Programs that can be rated, and why others cannot, for each group; counts of programs.

    Parameters
    ----------
    table : DataFrame
        Indicators over ``state``, ``provider`` and ``cip_code``.
    minimum_people : int
    minimum_coverage : float
    excluded, exempt : Series of bool, optional
        Rows that findings exclude (:func:`analysis.metrics.validity.excluded_rows`), and rows of
        programs that need not report (:func:`analysis.metrics.exempt.exempt_rows`).

    Returns
    -------
    DataFrame
        ``by``, ``group``, ``name``, ``status``, ``programs``, ``share_of_programs``.
    """
    status = rating(
        table,
        minimum_people=minimum_people,
        minimum_coverage=minimum_coverage,
        excluded=excluded,
        exempt=exempt,
    )
    counts = headline(table, status, ["by", "group", "name"])
    return counts[["by", "group", "name", "status", "programs", "share_of_programs"]]


def wioa_figures(table: pd.DataFrame, prefix: str) -> Iterator[dict[str, Any]]:
    """Key figures of the rows that are shown, as arguments of ``Study.key_figure``."""
    for row in table[~table[HIDDEN_COLUMN] & table["estimate"].notna()].itertuples():
        yield {
            "name": f"{prefix}.{row.indicator}.{row.by}.{row.group}".replace(" ", "_"),
            "estimate": row.estimate,
            "standard_error": row.standard_error,
            "interval": (row.interval_low, row.interval_high),
            "n": row.known,
            "n_of": "people",
            "unit": "share" if row.measure == "share" else "dollars a quarter",
            "note": f"known for {row.coverage:.0%} of {row.people:.0f} people",
        }


def quality_summary(verdicts: pd.DataFrame) -> pd.DataFrame:
    """States by metric or group and consequence, from the publisher's findings.

    Parameters
    ----------
    verdicts : DataFrame
        From :func:`analysis.metrics.validity.by_state`.

    Returns
    -------
    DataFrame
        ``name``, ``consequence``, ``states`` (how many), ``which`` (abbreviations), for what is
        excluded or lowered.
    """
    strong = verdicts[verdicts["consequence"] != "noted"]
    grouped = strong.groupby(["kind", "name", "consequence"], sort=False)["state"]
    table = grouped.agg(states="nunique", which=lambda s: ", ".join(sorted(set(s)))).reset_index()
    ordered = table.sort_values(["consequence", "states"], ascending=[True, False], kind="stable")
    return ordered[["name", "consequence", "states", "which"]].reset_index(drop=True)
