"""A state's own report (ETA-9169) as indicators, so that its gaps stand beside a program's."""

import numpy as np
import pandas as pd

from analysis.framework import Framework
from analysis.metrics.intervals import wilson_interval
from analysis.tables.state_report import SHARES
from analysis.tables.wioa_layout import wioa_layout

# over these the report counts anew: groups of one are compared within it
OVER = ("stream", "period")
_MEDIAN = "median_earnings_q2"


def report_indicators(report: pd.DataFrame, state: str, framework: Framework) -> pd.DataFrame:
    """Indicators of a state's report by group, those about too few people left out.

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
        ``stream``, ``period``, ``by``, ``group``, ``indicator``, ``name``, ``measure``,
        ``people``, ``known``, ``met``, ``estimate``, ``standard_error``, ``interval_low``,
        ``interval_high``. The interval of a share is Wilson's over the report's denominator; a
        median has none, since the form gives no spread.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> row = dict.fromkeys(["employed_q4", "employed_q4_of", "employed_q4_rate", "credential",
    ...     "credential_of", "credential_rate", "skill_gains", "skill_gains_of",
    ...     "skill_gains_rate", "median_earnings_q2"], float("nan"))
    >>> row |= {"state": "TX", "stream": "Title I Adult", "period": "PY 2023", "by": "gender",
    ...     "group": "women", "exited": 500.0, "employed_q2": 350.0, "employed_q2_of": 480.0,
    ...     "employed_q2_rate": 350 / 480}
    >>> found = report_indicators(pd.DataFrame([row]), "TX", load_framework())
    >>> found[["indicator", "known", "estimate"]].round(3).values.tolist()
    [['employed_q2', 480.0, 0.729]]
    """
    rows = report[report["state"] == state]
    minimum = framework.disclosure.minimum_cell
    keys = [*OVER, "by", "group"]
    parts = []
    for share in SHARES:
        part = rows[keys].assign(
            indicator=share,
            measure="share",
            people=rows["exited"],
            known=rows[f"{share}_of"],
            met=rows[share],
            estimate=rows[f"{share}_rate"],
        )
        few = part[["known", "met"]].assign(missed=part["known"] - part["met"]).min(axis=1)
        parts.append(part[part["estimate"].notna() & ~few.lt(minimum)])
    median = rows[keys].assign(
        indicator=_MEDIAN,
        measure="median",
        people=rows["exited"],
        known=rows["employed_q2"],
        met=np.nan,
        estimate=rows[_MEDIAN],
    )
    parts.append(median[median["estimate"].notna() & ~median["known"].lt(minimum)])
    table = pd.concat(parts, ignore_index=True)
    names = {entry.id: entry.name for entry in wioa_layout().indicators}
    table["name"] = table["indicator"].map(names).fillna("Measurable skill gains")
    share = table["estimate"].where(table["measure"] == "share")
    limits = wilson_interval(share, table["known"], framework.estimation.confidence_level)
    table["standard_error"] = np.sqrt(share * (1 - share) / table["known"])
    return table.assign(**{name: limits[name] for name in limits})
