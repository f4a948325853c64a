"""Key figures of the records: by design, by quarter and by field."""

from typing import Any

import pandas as pd

from analysis.effects import EventStudy
from analysis.effects.event_study import PreTrend
from analysis.reports.record_studies import RecordStudy


def prefix(record: RecordStudy) -> str:
    """First part of the names of key figures: simulated ones are never taken for others."""
    return "records" if record.truth is None else "simulated_records"


def record_figures(
    record: RecordStudy,
    readings: pd.DataFrame,
    by_quarter: tuple[pd.DataFrame, EventStudy, PreTrend] | None,
    splits: pd.DataFrame,
) -> list[dict[str, Any]]:
    """Key figures of the records, as arguments of ``Study.key_figure``."""
    start = prefix(record)
    unit = "dollars a quarter"
    figures: list[dict[str, Any]] = [
        {
            "name": f"{start}.{row.method}.{row.grouping}.{row.group}".replace(", ", "_").replace(
                " ", "_"
            ),
            "estimate": row.estimate,
            "standard_error": row.standard_error,
            "interval": (row.interval_low, row.interval_high),
            "n": row.people,
            "n_of": "people trained",
            "unit": unit,
        }
        for row in readings.dropna(subset=["estimate"]).itertuples()
    ]
    if by_quarter is not None:
        rows, _, test = by_quarter
        last = rows.iloc[-1]
        figures.append(
            {
                "name": f"{start}.by_quarter.{last['quarter']}".replace(" ", "_"),
                "estimate": last["estimate"],
                "standard_error": last["standard_error"],
                "interval": (last["interval_low"], last["interval_high"]),
                "n": int(last["n_treated"]),
                "n_of": "people trained",
                "unit": unit,
                "note": f"quarters before entry alike: p = {test.p_value:.3f}",
            }
        )
    for row in splits.itertuples() if len(splits) else []:
        for part in ("between", "within"):
            figures.append(
                {
                    "name": f"{start}.field_split.{row.pair}.{part}".replace(" ", "_"),
                    "estimate": getattr(row, part),
                    "standard_error": getattr(row, f"{part}_standard_error"),
                    "n": row.people,
                    "n_of": "people trained",
                    "unit": unit,
                }
            )
    return figures
