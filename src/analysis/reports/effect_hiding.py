"""Which groups of a study are shown: enough people in each arm, no sum and no amount given away.

All tables of a study count the same people by arm, so one answer holds for all of them.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.effects.levels import Level, group_levels, members
from analysis.effects.suppression import hidden_levels
from analysis.framework import Disclosure
from analysis.metrics.estimates import dominated
from analysis.reports.disclosure_facts import Counted, Linked
from analysis.reports.disclosure_ledger import hidden_together
from analysis.tables.trials import Trial

_KEPT = ("grouping", "group", "estimator", "confidence_level", "status", "note")
_ALL = "all"
_SAMPLE = "sample"


def hidden_groups(trial: Trial, outcome: str, rule: Disclosure) -> dict[tuple[str, str], str]:
    """Groups that may not be shown, each with the reason.

    Parameters
    ----------
    trial : Trial
    outcome : str
        Its mean is shown by arm: a group is hidden where one person's amount dominates an arm's.
    rule : Disclosure
        The framework's ``disclosure``.

    Returns
    -------
    dict
        ``(grouping, group)`` to the status of its rows. Small groups and dominated ones first;
        then more of them, until no hidden sum of amounts is a total less shown sums, and the
        attacker who knows every shown count of every arm can tell no small one
        (:func:`analysis.reports.disclosure_ledger.hidden_together`).

    Raises
    ------
    WorkbenchError
        Where the groupings cross too many groups to be searched.

    Examples
    --------
    Few Black people; everyone less the white people would tell how many:

    >>> from analysis.framework import load_framework
    >>> people = pd.DataFrame({"treated": [1, 0] * 40, "race": ["Black"] * 8 + ["white"] * 72})
    >>> people["pay"] = 100.0
    >>> trial = Trial("t", "Trial", "", people, "year 1", {}, {}, "pay", ())
    >>> hidden = hidden_groups(trial, "pay", load_framework().disclosure)
    >>> hidden["race", "Black"]
    'hidden: fewer than 10 people in an arm'
    >>> hidden["race", "white"]
    'hidden: would reveal a group with fewer than 10 people in an arm'
    """
    levels = group_levels(trial.frame, list(trial.groupings))
    names = sorted({name for level in levels for name in level})
    table = _counted(trial, outcome, levels, names)
    small = table[["met", "missed"]].min(axis=1) < rule.minimum_cell
    amounts = _dominated(table, rule.dominance_percent)
    linked = Linked(("",), (("all", f"{_SAMPLE}.people"),))
    counted = Counted(trial.key, tuple(names))
    # a group whose amounts are dominated is protected in the sums as one without people is
    treated, control = (
        table[arm].mask(amounts, 0).astype(int).tolist() for arm in ("met", "missed")
    )
    start = pd.Series(hidden_levels(levels, treated, control, rule.minimum_cell)[1])
    rows = hidden_together({"t": (table, counted)}, {"t": start}, linked, rule.minimum_cell)["t"]
    few = f"fewer than {rule.minimum_cell} people in an arm"
    found = {}
    for place in table.index[rows]:
        why = f"hidden: would reveal a group with {few}"
        if small[place]:
            why = f"hidden: {few}"
        elif amounts[place]:
            why = "hidden: one person's amount dominates an arm"
        level = levels[place]
        found[" x ".join(level) or _ALL, ", ".join(level.values()) or _ALL] = why
    return found


def _counted(
    trial: Trial, outcome: str, levels: Sequence[Level], names: Sequence[str]
) -> pd.DataFrame:
    """People by arm and each arm's amounts, a row a level, as the check at the door reads them."""
    frame, rows = trial.frame, []
    amounts = frame[outcome].abs().to_numpy(dtype="float64")
    treated = frame["treated"].to_numpy() == 1
    for level in levels:
        inside = members(frame, level)
        row: dict[str, object] = {name: level.get(name, "") for name in names}
        row |= {"indicator": _SAMPLE, "people": float(inside.sum()), "known": float(inside.sum())}
        for arm, flags in (("met", inside & treated), ("missed", inside & ~treated)):
            largest = np.sort(amounts[flags])[::-1]
            row |= {arm: float(flags.sum()), f"{arm}_sum": largest.sum()}
            row |= {f"{arm}_first": largest[:1].sum(), f"{arm}_second": largest[1:2].sum()}
        rows.append(row)
    return pd.DataFrame(rows)


def _dominated(table: pd.DataFrame, percent: float) -> pd.Series:
    arms = [
        dominated(
            table[[f"{arm}_{part}" for part in ("sum", "first", "second")]].set_axis(
                ["sum", "first", "second"], axis=1
            ),
            percent,
        )
        for arm in ("met", "missed")
    ]
    return arms[0] | arms[1]


def hide_groups(table: pd.DataFrame, hidden: dict[tuple[str, str], str]) -> pd.DataFrame:
    """Rows of ``group_effects`` without the numbers of groups that may not be shown.

    Parameters
    ----------
    table : DataFrame
        Rows of :func:`analysis.effects.groups.group_effects`: ``grouping``, ``group``, ``status``,
        ``note`` and numbers.
    hidden : dict
        From :func:`hidden_groups`.

    Returns
    -------
    DataFrame
        A copy: every number of a hidden group is missing (the confidence level stays), ``status``
        says why, ``note`` is empty. Rows that are hidden already stay as they are.

    Examples
    --------
    >>> rows = pd.DataFrame({"grouping": "site", "group": ["a", "b"], "estimate": [1.0, 2.0],
    ...                      "status": "shown", "note": "thin"})
    >>> hide_groups(rows, {("site", "b"): "hidden: few"})[["estimate", "status"]].values.tolist()
    [[1.0, 'shown'], [nan, 'hidden: few']]
    """
    done = table.copy()
    for place, key in zip(
        table.index, zip(table["grouping"], table["group"], strict=True), strict=True
    ):
        if key not in hidden or str(table.at[place, "status"]).startswith("hidden"):
            continue
        numbers = [
            name
            for name in table.columns
            if name not in _KEPT and pd.api.types.is_numeric_dtype(table[name])
        ]
        for name in numbers:
            done.loc[place, name] = np.nan if table[name].dtype == "float64" else pd.NA
        done.loc[place, ["status", "note"]] = [hidden[key], ""]
    return done


def all_shown(kind: str, hidden: dict[tuple[str, str], str]) -> bool:
    """Whether every group of a kind is shown, as tables need that show it whole or not at all.

    Parameters
    ----------
    kind : str
        Grouping, as in ``race`` or ``race x gender``.
    hidden : dict
        From :func:`hidden_groups`.

    Returns
    -------
    bool

    Examples
    --------
    >>> all_shown("race", {("race x gender", "Black, men"): "hidden: few"})
    True
    """
    return all(grouping != kind for grouping, _ in hidden)
