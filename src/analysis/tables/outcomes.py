"""Outcomes of programs as published: New Jersey's by provider and CIP, College Scorecard's."""

from pathlib import Path

import numpy as np
import pandas as pd

from analysis.tables.cleaning import cip_from_number
from analysis.tables.programs import read_scorecard
from analysis.tables.schemas import checked

_MISSING = -99999
# metric: heading of the value and of the people behind it, by quarter after exit
_NEW_JERSEY = {
    "employed_share": ("PerEmployed{q}", "NumCompleted{q}", (2, 4, 8)),
    "average_quarterly_wage": ("AvgQuarterlyWage{q}", "NumUsedWageCalc{q}", (2, 4, 8)),
    "retention_share": ("PerRetention{q}", "NumUsedRetentionCalc{q}", (4, 8)),
}


def read_new_jersey_outcomes(path: Path) -> pd.DataFrame:
    """Employment, wages and retention of New Jersey programs, by quarter after exit.

    Parameters
    ----------
    path : Path
        ``outcomes_schcip.csv``, 1,565 programs of 417 providers.

    Returns
    -------
    DataFrame
        Table ``program_outcomes``: shares between 0 and 1, wages in dollars a quarter. The
        publisher's -99999 is missing. Shares of exactly 0 are kept as published, although
        most look like unmatched wage records: 16 of 22 are 0 again six quarters later.

    Raises
    ------
    WorkbenchError
        When a value breaks the table's schema.
    KeyError
        When a heading is missing.

    Examples
    --------
    >>> import tempfile
    >>> row = {"providerid": "7", "cipcode": "480508"}
    >>> for metric, (value, people, quarters) in _NEW_JERSEY.items():
    ...     for q in quarters:
    ...         row |= {value.format(q=q): -99999, people.format(q=q): 40}
    >>> row |= {"PerEmployed2": 0.75}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "outcomes.csv"
    ...     pd.DataFrame([row]).to_csv(path, index=False)
    ...     frame = read_new_jersey_outcomes(path)
    >>> frame[["program_key", "metric", "quarter", "value", "n"]].values.tolist()[0]
    ['nj-7:48.0508', 'employed_share', 2, 0.75, 40.0]
    >>> int(frame["value"].notna().sum())
    1
    """
    raw = pd.read_csv(path, dtype={"providerid": "str", "cipcode": "str"})
    numbers = raw.drop(columns=["providerid", "cipcode"])
    raw[numbers.columns] = numbers.mask(numbers == _MISSING)
    cip = raw["cipcode"].map(cip_from_number)
    provider = "nj-" + raw["providerid"]
    parts = []
    for metric, (value, people, quarters) in _NEW_JERSEY.items():
        for quarter in quarters:
            n = raw[people.format(q=quarter)].astype("float64")
            parts.append(
                pd.DataFrame(
                    {
                        "program_key": provider + ":" + cip,
                        "provider_id": provider,
                        "cip_code": cip,
                        "quarter": quarter,
                        "horizon": f"quarter {quarter} after exit",
                        "metric": metric,
                        "value": raw[value.format(q=quarter)].astype("float64"),
                        "n": n,
                    }
                )
            )
    frame = pd.concat(parts, ignore_index=True)
    frame["provider"] = pd.Series(pd.NA, index=frame.index, dtype="str")
    frame["state"] = "NJ"
    frame["source_id"] = "new_jersey_outcomes"
    return checked(frame, "program_outcomes", path.name)


def read_scorecard_outcomes(path: Path) -> pd.DataFrame:
    """Median earnings, completers and debt of College Scorecard fields of study.

    Parameters
    ----------
    path : Path
        Parquet of fields of study, as for :func:`analysis.tables.programs.read_scorecard`.

    Returns
    -------
    DataFrame
        Table ``program_outcomes``, dollars a year. The number of people behind a median is not
        published, so ``n`` is missing there; the number of completers is a metric of its own.
        ``high_school_earnings`` is the state's threshold of the earnings check.

    Raises
    ------
    WorkbenchError
        When a value breaks the table's schema.
    KeyError
        When a column is missing.

    Examples
    --------
    >>> import tempfile
    >>> row = {"unitid": "100", "opeid6": "001", "inst_name": "College", "cip_code": "4805",
    ...     "credential_level": "1", "state": "CA", "earnings": 41_000.0,
    ...     "earnings_horizon": "4yr_after_completion", "earnings_threshold_state": 33_000.0,
    ...     "completers_count": 50.0, "debt_median": 5_000.0}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "programs.parquet"
    ...     pd.DataFrame([row]).to_parquet(path)
    ...     frame = read_scorecard_outcomes(path)
    >>> frame[["metric", "horizon", "value"]].values.tolist()[0]
    ['median_annual_earnings', '4 years after completion', 41000.0]
    """
    raw = read_scorecard(path)
    after = raw["earnings_horizon"].map(
        {
            "4yr_after_completion": "4 years after completion",
            "1yr_after_completion": "1 year after completion",
        }
    )
    metrics = {
        "median_annual_earnings": (raw["earnings"], after.fillna("not published")),
        "high_school_earnings": (raw["earnings_threshold_state"], "at age 25 to 34"),
        "completers": (raw["completers_count"], "latest cohorts"),
        "debt": (raw["debt_median"], "at completion"),
    }
    parts = [
        pd.DataFrame(
            {
                "program_key": raw["program_key"],
                "provider_id": raw["provider_id"],
                "provider": raw["inst_name"],
                "cip_code": raw["cip_code"],
                "state": raw["state"].fillna(""),
                "quarter": 0,
                "horizon": horizon,
                "metric": metric,
                "value": value.astype("float64"),
                "n": np.nan,
                "source_id": "scorecard_programs",
            }
        )
        for metric, (value, horizon) in metrics.items()
    ]
    return checked(pd.concat(parts, ignore_index=True), "program_outcomes", path.name)
