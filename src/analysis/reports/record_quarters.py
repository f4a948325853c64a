"""Records quarter by quarter: what training moved before entry, which it cannot, and after exit."""

import pandas as pd

from analysis.effects import EventStudy
from analysis.effects.entry_cohorts import entry_cohort_effects
from analysis.effects.event_study import PreTrend, early_effects_test, event_study
from analysis.errors import WorkbenchError
from analysis.framework import Framework
from analysis.reports.html_tables import Column
from analysis.reports.record_designs import true_effect
from analysis.reports.record_studies import AFTER, BEFORE, RecordStudy
from analysis.reports.words import number

REFERENCE = -3


def quarter_columns(record: RecordStudy) -> dict[str, Column]:
    """Columns of the table by quarter.

    Parameters
    ----------
    record : RecordStudy
        With ``truth`` where the records are simulated.

    Returns
    -------
    dict of str to Column
        By column of the table, from left to right.

    Examples
    --------
    >>> list(quarter_columns(RecordStudy(None, None)))[:3]
    ['quarter', 'estimate', 'standard_error']
    >>> "truth" in quarter_columns(RecordStudy(None, pd.DataFrame()))
    True
    """
    known = {"truth": Column("Truth (dollars)", "dollars")} if record.truth is not None else {}
    return {
        "quarter": Column("Quarter"),
        "estimate": Column("Effect (dollars a quarter)", "dollars"),
        "standard_error": Column("Standard error", "dollars"),
        "simultaneous_low": Column("Band over all quarters, from", "dollars"),
        "simultaneous_high": Column("to", "dollars"),
        **known,
        "cohorts": Column("Quarters of entry", "count"),
        "n_treated": Column("Trained people", "count"),
    }


def quarters(
    record: RecordStudy, framework: Framework
) -> tuple[pd.DataFrame, EventStudy, PreTrend] | None:
    """Effects by quarter before entry and after exit, over cohorts of entry.

    Parameters
    ----------
    record : RecordStudy
        Its trial's people with ``treated``, ``entry_quarter``, wages of three quarters before entry
        and four after exit (dollars a quarter), and covariates.
    framework : Framework
        Its ``disclosure.minimum_cell`` is the smallest cohort; its ``estimation`` has the level and
        the seed of the bands.

    Returns
    -------
    tuple or None
        Rows to be shown (``quarter``, the event study's columns, ``truth`` where known), the
        event study, and the test that the quarters before differ by chance only. None where no
        cohort is large enough. People with an unknown wage in any quarter are left out.

    Examples
    --------
    >>> import numpy as np
    >>> from analysis.framework import load_framework
    >>> from analysis.tables.trials import Trial
    >>> treated = np.repeat([0, 1], 20)
    >>> people = pd.DataFrame({"treated": treated, "entry_quarter": "2020 Q1"})
    >>> for place, (time, column) in enumerate((BEFORE | AFTER).items()):
    ...     wave = np.cos(np.arange(40) * (place + 1))
    ...     people[column] = 1000.0 + wave + 100 * treated * (time > 0)
    >>> trial = Trial("wioa", "", "", people, "", {AFTER[4]: ""}, {}, AFTER[4], ())
    >>> rows, _, test = quarters(RecordStudy(trial, None), load_framework())
    >>> [f"{row.quarter}: {row.estimate:.0f}" for row in rows.itertuples()][-2:]
    ['3 after exit: 100', '4 after exit: 100']
    >>> bool(rows.loc[rows["event_time"] < 0, "estimate"].abs().max() < 1)
    True
    """
    frame = record.trial.frame.dropna(subset=list(AFTER.values()))
    drawn_in = [name for name in record.trial.covariates if not _of_wages_or_entry(name)]
    try:
        found = entry_cohort_effects(
            frame,
            BEFORE | AFTER,
            reference=REFERENCE,
            cohort="entry_quarter",
            minimum_cell=framework.disclosure.minimum_cell,
            covariates=drawn_in,
        )
    except WorkbenchError:
        return None
    rules = framework.estimation
    study = event_study(found, rules.confidence_level, rules.seed)
    rows = study.effects.copy()
    rows["quarter"] = [_quarter_word(int(time)) for time in rows["event_time"]]
    if record.truth is not None:
        rows["truth"] = [
            true_effect(record.truth, "all", "all", int(time)) if time > 0 else 0.0
            for time in rows["event_time"]
        ]
    return rows, study, early_effects_test(study)


def _of_wages_or_entry(name: str) -> bool:
    # wages are the outcome here, and a cohort is one quarter of entry
    return "wage_before" in name or name.startswith("entry_quarter")


def _quarter_word(time: int) -> str:
    return f"{abs(time)} before entry" if time < 0 else f"{time} after exit"


def quarters_sentence(rows: pd.DataFrame, test: PreTrend, level: float) -> str:
    """What the picture by quarter says, and what its check says of it.

    Parameters
    ----------
    rows : DataFrame
        Of :func:`quarters`.
    test : PreTrend
        That the quarters before entry differ by chance only.
    level : float
        Confidence level of the check.

    Returns
    -------
    str

    Examples
    --------
    >>> rows = pd.DataFrame({"event_time": [-1, 4], "quarter": ["1 before entry", "4 after exit"],
    ...                      "estimate": [5.0, 420.0]})
    >>> said = quarters_sentence(rows, PreTrend(9.2, 2, 0.01), 0.95)
    >>> said[:54], "differ beyond chance" in said, said[-12:]
    ('In quarter 4 after exit, trained people earned $420 mo', True, '(p = 0.010).')
    """
    after = rows[rows["event_time"] > 0]
    last = after.iloc[-1]
    passed = test.p_value > 1 - level
    check = (
        "do not differ beyond chance, which this file can hardly tell from a small difference"
        if passed
        else "differ beyond chance, so that what follows is not the program alone"
    )
    return (
        f"In quarter {last['quarter']}, trained people earned "
        f"{number(last['estimate'], 'dollars')} more than people who only searched, beyond what "
        "set the two apart three quarters before entry. "
        f"Before entry the two groups {check} (p = {test.p_value:.3f})."
    )
