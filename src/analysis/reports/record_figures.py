"""Key figures of the records: by design, by quarter and by field."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from analysis.effects import EventStudy
from analysis.effects.event_study import PreTrend
from analysis.reports.record_studies import RecordStudy


def prefix(record: RecordStudy) -> str:
    """First part of the names of key figures: simulated ones are never taken for others.

    Parameters
    ----------
    record : RecordStudy
        With ``truth`` where the records are simulated.

    Returns
    -------
    str

    Examples
    --------
    >>> prefix(RecordStudy(None, None)), prefix(RecordStudy(None, pd.DataFrame()))
    ('records', 'simulated_records')
    """
    return "records" if record.truth is None else "simulated_records"


def record_figures(
    record: RecordStudy,
    readings: pd.DataFrame,
    by_quarter: tuple[pd.DataFrame, EventStudy, PreTrend] | None,
    splits: pd.DataFrame,
) -> list[dict[str, Any]]:
    """Key figures of the records, as arguments of ``Study.key_figure``.

    Parameters
    ----------
    record : RecordStudy
    readings : DataFrame
        Of :func:`analysis.reports.record_designs.record_rows`.
    by_quarter : tuple or None
        Of :func:`analysis.reports.record_quarters.quarters`; its last quarter is a figure.
    splits : DataFrame
        Of :func:`analysis.reports.record_field_splits.split_rows`.

    Returns
    -------
    list of dict
        All in dollars a quarter, over people trained.

    Examples
    --------
    >>> readings = pd.DataFrame({"method": ["AIPW"], "grouping": ["gender"], "group": ["women"],
    ...     "estimate": [300.0], "standard_error": [50.0], "interval_low": [200.0],
    ...     "interval_high": [400.0], "people": [90]})
    >>> figure, = record_figures(RecordStudy(None, None), readings, None, pd.DataFrame())
    >>> figure["name"], figure["estimate"], figure["interval"], figure["n_of"]
    ('records.AIPW.gender.women', 300.0, (200.0, 400.0), 'people trained')
    """
    start = prefix(record)
    figures = [
        *_of_designs(readings),
        *(_of_last_quarter(*by_quarter) if by_quarter is not None else ()),
        *(_of_splits(splits) if len(splits) else ()),
    ]
    same = {"n_of": "people trained", "unit": "dollars a quarter"}
    return [
        one | same | {"name": f"{start}.{one['name']}".replace(", ", "_").replace(" ", "_")}
        for one in figures
    ]


def _of_designs(readings: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for row in readings.dropna(subset=["estimate"]).itertuples():
        yield {
            "name": f"{row.method}.{row.grouping}.{row.group}",
            "estimate": row.estimate,
            "standard_error": row.standard_error,
            "interval": (row.interval_low, row.interval_high),
            "n": row.people,
        }


def _of_last_quarter(rows: pd.DataFrame, _: EventStudy, test: PreTrend) -> Iterator[dict[str, Any]]:
    last = rows.iloc[-1]
    yield {
        "name": f"by_quarter.{last['quarter']}",
        "estimate": last["estimate"],
        "standard_error": last["standard_error"],
        "interval": (last["interval_low"], last["interval_high"]),
        "n": int(last["n_treated"]),
        "note": f"quarters before entry alike: p = {test.p_value:.3f}",
    }


def _of_splits(splits: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for row in splits.itertuples():
        for part in ("between", "within"):
            yield {
                "name": f"field_split.{row.pair}.{part}",
                "estimate": getattr(row, part),
                "standard_error": getattr(row, f"{part}_standard_error"),
                "n": row.people,
            }
