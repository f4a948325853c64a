"""A program's gaps between groups, beside the same gaps in its state."""

import pandas as pd

from analysis.framework import Framework
from analysis.metrics.gaps import gaps
from analysis.metrics.state_reports import OVER, report_indicators
from analysis.reports.disclosure import HIDDEN_COLUMN
from analysis.reports.html_tables import Column, interval_columns
from analysis.reports.trust_tables import trust_columns

FROM_RECORDS = "all records of the state"
_KEYS = ["by", "group", "reference", "indicator", "measure"]
_LIMITS = ["difference", "difference_low", "difference_high"]


def beside_state(
    program: pd.DataFrame,
    trained: pd.DataFrame,
    everyone: pd.DataFrame,
    confidence_level: float,
    reported: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Gaps between groups in the program, among all trained in its state, and in its whole state.

    Parameters
    ----------
    program, trained, everyone : DataFrame
        Indicators with small cells hidden: of the program, of all trained in the state, and of
        everyone in the state.
    confidence_level : float
    reported : DataFrame, optional
        Gaps of the state's own report (:func:`report_gaps`). Where it has a gap, it stands in
        place of what is counted from everyone's records, once for each funding stream and period.

    Returns
    -------
    DataFrame
        ``by``, ``group``, ``reference``, ``indicator``, ``name``, ``measure``, ``people``,
        ``difference`` with ``_low`` and ``_high``, ``trained_difference`` and
        ``state_difference`` with their own, and ``state_from`` (which figures of the state).

    Examples
    --------
    >>> def indicators(*shares):
    ...     return pd.DataFrame({"by": "gender", "group": ["men", "women"],
    ...         "indicator": "employed_q2", "name": "Employed", "measure": "share",
    ...         "known": 100, "met": [round(100 * share) for share in shares], "estimate": shares,
    ...         "standard_error": 0.05, "interval_low": [share - 0.1 for share in shares],
    ...         "interval_high": [share + 0.1 for share in shares], "hidden": False})
    >>> rows = beside_state(indicators(0.7, 0.6), indicators(0.7, 0.65), indicators(0.7, 0.7), 0.95)
    >>> sides = ["difference", "trained_difference", "state_difference"]
    >>> rows[["group", *sides, "state_from"]].round(3).values.tolist()
    [['women', -0.1, -0.05, 0.0, 'all records of the state']]
    """
    names = trained[["indicator", "name"]].drop_duplicates()
    ours, near, all_of_them = (
        gaps(table[~table[HIDDEN_COLUMN]], confidence_level)[[*_KEYS, "people", *_LIMITS]]
        for table in (program, trained, everyone)
    )
    whole = all_of_them.assign(state_from=FROM_RECORDS)
    if reported is not None:
        both = whole.merge(reported[_KEYS].drop_duplicates(), on=_KEYS, how="left", indicator=True)
        counted = both[both["_merge"] == "left_only"].drop(columns="_merge")
        whole = pd.concat([reported, counted], ignore_index=True)
    both = ours.merge(_named(near, "trained"), on=_KEYS, how="left")
    both = both.merge(_named(whole, "state"), on=_KEYS, how="left")
    return both.merge(names, on="indicator")


def _named(table: pd.DataFrame, who: str) -> pd.DataFrame:
    kept = table[[*_KEYS, *_LIMITS, *(["state_from"] if who == "state" else [])]]
    return kept.rename(columns={name: f"{who}_{name}" for name in _LIMITS})


def report_gaps(report: pd.DataFrame, state: str, framework: Framework) -> pd.DataFrame:
    """Gaps between groups in a state's own report (ETA-9169).

    Parameters
    ----------
    report : DataFrame
        Table ``state_report``.
    state : str
        Two letters.
    framework : Framework

    Returns
    -------
    DataFrame
        As :func:`analysis.metrics.gaps.gaps`, with ``name`` and ``state_from`` (funding stream and
        period); empty where the report has none of the state.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> lacking = dict.fromkeys(["employed_q4", "employed_q4_of", "employed_q4_rate", "credential",
    ...     "credential_of", "credential_rate", "skill_gains", "skill_gains_of",
    ...     "skill_gains_rate", "median_earnings_q2"], float("nan"))
    >>> report = pd.DataFrame({"state": "TX", "stream": "Title I Adult", "period": "PY 2023",
    ...     "by": "gender", "group": ["men", "women"], "exited": 500.0, "employed_q2_of": 480.0,
    ...     "employed_q2": [360.0, 312.0], "employed_q2_rate": [0.75, 0.65]} | lacking)
    >>> found = report_gaps(report, "TX", load_framework())
    >>> found[["group", "reference", "difference"]].round(3).values.tolist()
    [['women', 'men', -0.1]]
    >>> found["state_from"].tolist()
    ["state's report, Title I Adult, PY 2023"]
    """
    rows = report_indicators(report, state, framework)
    level = framework.estimation.confidence_level
    found = gaps(rows, level, OVER)
    told = "state's report, " + found["stream"] + ", " + found["period"]
    names = rows[["indicator", "name"]].drop_duplicates()
    return found.assign(state_from=told).merge(names, on="indicator")


def beside_columns(kind: str, confidence_level: float) -> dict[str, Column]:
    """Columns of the gaps of a program beside those of its state.

    Parameters
    ----------
    kind : {'share', 'dollars'}
        What the numbers are; dollars are a quarter's.
    confidence_level : float
        Of the intervals, between 0 and 1.

    Returns
    -------
    dict of str to Column
        By column of the table, from left to right.

    Examples
    --------
    >>> columns = beside_columns("share", 0.95)
    >>> columns["trained_difference"].heading, columns["state_difference_low"].heading
    ('Difference in all trained in the state', '95% interval, from')
    """
    shown = {
        "group": Column("Group"),
        "reference": Column("Beside"),
        "name": Column("Metric"),
        "people": Column("People", "count"),
    }
    sides = (("", "the program"), ("trained_", "all trained in the state"), ("state_", "the state"))
    for side, where in sides:
        shown[f"{side}difference"] = Column(f"Difference in {where}", kind)
        shown |= interval_columns(confidence_level, kind, f"{side}difference")
    shown["state_from"] = Column("The state's figures from")
    return shown | trust_columns(kind, discounted=False)


def report_columns(kind: str, confidence_level: float) -> dict[str, Column]:
    """Columns of the gaps of a state's own report.

    Parameters
    ----------
    kind : {'share', 'dollars'}
        What the numbers are; dollars are a quarter's.
    confidence_level : float
        Of the intervals, between 0 and 1.

    Returns
    -------
    dict of str to Column
        By column of the table, from left to right.

    Examples
    --------
    >>> columns = report_columns("share", 0.95)
    >>> columns["stream"].heading, columns["difference_low"].heading
    ('Funding stream', '95% interval, from')
    """
    return {
        "group": Column("Group"),
        "by": Column("Divided by"),
        "reference": Column("Beside"),
        "name": Column("Metric"),
        "stream": Column("Funding stream"),
        "period": Column("Period"),
        "people": Column("People", "count"),
        "difference": Column("Difference", kind),
        **interval_columns(confidence_level, kind, "difference"),
    }
