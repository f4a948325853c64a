"""People whose outcome is not known: how many, in which arm and group, and what that could hide."""

from collections.abc import Sequence

import pandas as pd

from analysis.effects import attrition_by_arm
from analysis.effects.lee_bounds import lee_bounds
from analysis.errors import WorkbenchError
from analysis.framework import Framework
from analysis.reports.effect_hiding import all_shown, hidden_groups
from analysis.reports.html_tables import Column
from analysis.reports.words import number, text
from analysis.tables.trials import Trial

ATTRITION_COLUMNS = {
    "group": Column("Group"),
    "missing_treated": Column("Outcome not known, with the program", "share"),
    "missing_control": Column("without", "share"),
    "difference": Column("Difference", "share"),
    "p_value": Column("p-value", "p_value"),
    "people": Column("People assigned", "count"),
}


def lost_shares(trial: Trial, outcome: str) -> tuple[float, float]:
    """Shares of the treated and of the others whose outcome is not known.

    Parameters
    ----------
    trial : Trial
    outcome : str
        Column of ``trial.assigned``, missing where the outcome is not known.

    Returns
    -------
    tuple of float
        Of the treated, of the others; both 0 for a study that holds people with an outcome only.

    Examples
    --------
    >>> people = pd.DataFrame({"treated": [1, 1, 0, 0], "pay": [9.0, None, 5.0, 6.0]})
    >>> trial = Trial("t", "Trial", "", people.dropna(), "year 1", {}, {}, "pay", (),
    ...               assigned=people)
    >>> lost_shares(trial, "pay")
    (0.5, 0.0)
    """
    if trial.assigned is None:
        return 0.0, 0.0
    missing = trial.assigned[outcome].isna()
    treated = trial.assigned["treated"] == 1
    return float(missing[treated].mean()), float(missing[~treated].mean())


def attrition_rows(trials: Sequence[Trial], framework: Framework) -> pd.DataFrame:
    """Shares without an outcome by arm and group, for the studies that hold such people.

    Parameters
    ----------
    trials : sequence of Trial
    framework : Framework
        Smallest cell.

    Returns
    -------
    DataFrame
        Of :func:`analysis.effects.attrition.attrition_by_arm`, with ``trial``, ``trial_key`` and
        ``people``; empty where the outcome of all, or of all but a few, is known.

    Raises
    ------
    WorkbenchError
        For a missing group, or an arm with fewer than two people.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> people = pd.DataFrame({"treated": [1] * 40 + [0] * 40,
    ...     "pay": [None] * 10 + [1.0] * 30 + [None] * 20 + [1.0] * 20})
    >>> trial = Trial("t", "Trial", "", people.dropna(), "year 1", {}, {}, "pay", (), groupings=(),
    ...               assigned=people)
    >>> rows = attrition_rows([trial], load_framework())
    >>> rows[["group", "missing_treated", "missing_control", "people"]].values.tolist()
    [['all', 0.25, 0.5, 80]]
    """
    parts = []
    for trial in trials:
        if trial.assigned is None:
            continue
        found = attrition_by_arm(
            trial.assigned,
            trial.default_outcome,
            minimum_cell=framework.disclosure.minimum_cell,
            groups=trial.groupings,
        )
        # people assigned less those without an outcome are those behind the effects
        hidden = hidden_groups(trial, trial.default_outcome, framework.disclosure)
        whole = {kind for kind in found["grouping"] if all_shown(kind, hidden)}
        found = found[found["grouping"].isin(whole)]
        parts.append(
            found.assign(
                trial=trial.title,
                trial_key=trial.key,
                people=found["n_treated"] + found["n_control"],
            )
        )
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def attrition_sentence(trials: Sequence[Trial], framework: Framework) -> str:
    """Who is left out for want of an outcome, and the bounds that this leaves (Lee 2009).

    Parameters
    ----------
    trials : sequence of Trial
    framework : Framework
        Confidence level and smallest cell: fewer people than that are not counted in words.

    Returns
    -------
    str
        HTML-safe. No bounds where an arm has too few people with or without an outcome, or the
        study has weights.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> people = pd.DataFrame({"treated": [1] * 40 + [0] * 40, "pay": [None] * 3 + [1.0] * 77})
    >>> trial = Trial("t", "Trial", "", people.dropna(), "year 1", {}, {}, "pay", (),
    ...               assigned=people)
    >>> attrition_sentence([trial], load_framework())[:79]
    'Trial: the outcome of fewer than 10 people is not known, and they are left out.'
    >>> attrition_sentence([], load_framework())
    'Attrition cannot be seen here: the files hold people with an outcome only.'
    """
    parts = []
    for trial in trials:
        if trial.assigned is None:
            continue
        lost = len(trial.assigned) - len(trial.frame)
        minimum = framework.disclosure.minimum_cell
        count = f"{lost:,}" if lost >= minimum else f"fewer than {minimum}"
        parts.append(
            f"{text(trial.title)}: the outcome of {count} people is not known, and they are left "
            f"out. {_bounds(trial, framework)}".rstrip()
        )
    return " ".join(parts) or (
        "Attrition cannot be seen here: the files hold people with an outcome only."
    )


def _bounds(trial: Trial, framework: Framework) -> str:
    assert trial.assigned is not None
    known = trial.assigned[trial.default_outcome].notna()
    cells = pd.crosstab(trial.assigned["treated"], known)
    if cells.min().min() < framework.disclosure.minimum_cell or trial.parts[:1] == ("weight",):
        return ""
    try:
        found = lee_bounds(
            trial.assigned[trial.default_outcome].fillna(0.0),
            trial.assigned["treated"],
            known.astype("int64"),
            confidence_level=framework.estimation.confidence_level,
        )
    except WorkbenchError:
        return ""
    return (
        "If the program only ever kept people in sight (or only ever lost them), the effect on "
        "those who would be seen either way lies between "
        f"{number(found.low, 'dollars')} and {number(found.high, 'dollars')} "
        f"(interval {number(found.interval[0], 'dollars')} to "
        f"{number(found.interval[1], 'dollars')})."
    )
