"""For whom assignment changed what: effects by group, side by side, with small cells protected."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import pandas as pd

from analysis.effects.group_cells import Cell, group_cells, hides_a_stratum
from analysis.effects.group_rows import (
    AIPW,
    STRATIFIED,
    Rules,
    estimated_row,
    row_estimators,
    scored_row,
)
from analysis.effects.levels import Level
from analysis.effects.samples import (
    Flags,
    above_zero,
    arms,
    numbers,
    refuse_missing,
    refuse_repeated_people,
    refuse_unknown_columns,
)
from analysis.effects.scores import Scores
from analysis.errors import WorkbenchError

EVERYONE = "all"
_ORDER = (
    "grouping", "group", "estimator", "estimate", "standard_error", "interval_low",
    "interval_high", "confidence_level", "degrees_of_freedom", "n_treated", "n_control",
    "control_mean", "control_standard_error", "status", "note",
)  # fmt: skip
GROUPS: tuple[tuple[str, ...], ...] = (("race",), ("gender",), ("race", "gender"))


def group_effects(
    frame: pd.DataFrame,
    outcome: str,
    *,
    minimum_cell: int,
    treated: str = "treated",
    groups: Sequence[Sequence[str]] = GROUPS,
    covariates: Sequence[str] = (),
    stratum: str | None = None,
    stratum_name: str | None = None,
    after_assignment: Sequence[str] = (),
    stratified_groupings: Sequence[str] = (EVERYONE,),
    confidence_level: float = 0.95,
    small_sample_below: int = 60,
    minimum_people_per_parameter: float = 3,
    maximum_leverage: float = 0.9,
    high_leverage: Literal["refuse", "drop"] = "drop",
    robust: Literal["HC2", "HC3"] = "HC2",
    thin: Literal["error", "merge"] = "error",
    person: str = "person",
    weights: str | None = None,
    cluster: str | None = None,
    scores: Scores | None = None,
) -> pd.DataFrame:
    """Effects of assignment for everyone and by group, one row a level and estimator.

    Parameters
    ----------
    frame : DataFrame
        One row a person.
    outcome, treated : str
        Columns with the outcome and with 1 (treated) or 0 (control).
    minimum_cell : int
        Fewest people in an arm that anything is shown about.
    groups : sequence of sequences of str
        Groupings; two columns mean their cross. Levels keep the order of a categorical column,
        others are sorted. A cross holds every combination, also those without people.
    covariates : sequence of str
        Columns measured before assignment. With them every level has a row 'Lin regression'.
    stratum : str, optional
        Column that people were randomised within. It enters every Lin regression, and the
        groupings named in ``stratified_groupings`` get a row 'stratified by <stratum>'.
        Where the chance of assignment differs between strata the plain difference of a group
        that spans several of them is biased; ask for its stratified row then.
    stratum_name : str, optional
        What the stratum is in words, for the name of its estimator; the column's name without.
    after_assignment : sequence of str
        Columns measured after assignment; none may be a covariate, a stratum or a group.
    stratified_groupings : sequence of str
        Names of groupings as in the column ``grouping``.
    confidence_level, small_sample_below : float, int
        Level of the intervals; `interval_degrees_of_freedom` says when they use Student's t.
    minimum_people_per_parameter, maximum_leverage, high_leverage, robust
        Arguments of `lin_adjusted`.
    thin : {'error', 'merge'}
        Argument of `stratified_difference`.
    person : str
        Column that identifies people; where the table has it, repeated people are an error.
    weights : str, optional
        Column of how many people each stands for; estimates and control means are weighted.
    cluster : str, optional
        Column of clusters whose people are alike; errors are CR2 with the degrees of freedom of
        the clusters.
    scores : Scores, optional
        Influence values of everyone in the table (`aipw_scores`); with them every level has a
        row 'AIPW', whose control mean is the adjusted one.

    Returns
    -------
    DataFrame
        ``grouping`` ('all', 'race', 'race x gender'), ``group`` ('Black, women'), one column a
        grouping column ('all' where it plays no part), ``estimator``, ``estimate``,
        ``standard_error``, ``interval_low``, ``interval_high``, ``confidence_level``,
        ``degrees_of_freedom`` (the estimator's), ``n_treated``, ``n_control``, ``control_mean``,
        ``control_standard_error``, ``status``, ``note`` (a Student's t interval, how many
        covariates or strata were left out or joined; `lin_adjusted` gives their names, which in
        a published table could point to one person).

        ``status`` is 'shown', 'hidden: …' (every number of the row is missing) or 'refused: …'
        (the counts and the control mean stand, the estimate is missing).

    Raises
    ------
    WorkbenchError
        For unknown, missing, infinite or non-numeric columns, repeated people, and columns
        measured after assignment; the error names the column.

    Notes
    -----
    What is protected: the counts by arm of every level with fewer than ``minimum_cell`` people in
    an arm, and its mean, effect and standard error, since an effect of a margin is an exact
    weighted combination of those of its parts. Levels are hidden beyond the small ones until none
    can be had as a total less its shown parts, over all groupings together (`hidden_levels`). A
    stratified row goes as well when a level of its stratum within the same group is hidden.

    Examples
    --------
    >>> people = pd.DataFrame({"treated": [1, 0] * 20, "site": ["a"] * 16 + ["b"] * 18 + ["c"] * 6,
    ...                        "earnings": [float(i % 7) for i in range(40)]})
    >>> table = group_effects(people, "earnings", groups=[("site",)], minimum_cell=5)
    >>> table[["group", "n_treated", "estimate"]].round(2)
      group  n_treated  estimate
    0   all         20      0.05
    1     a       <NA>       NaN
    2     b          9     -0.22
    3     c       <NA>       NaN
    >>> table["status"].iloc[1]
    'hidden: would reveal a group with fewer than 5 people in an arm'
    """
    rules = Rules(
        outcome, treated, tuple(covariates), stratum, stratum_name or stratum, confidence_level,
        small_sample_below, minimum_people_per_parameter, maximum_leverage, high_leverage, robust,
        thin, weights, cluster,
    )  # fmt: skip
    columns = list(dict.fromkeys(name for group in groups for name in group))
    _refuse_unusable(frame, rules, columns, after_assignment, person)
    cells = group_cells(frame, groups, arms(frame[treated]), minimum_cell)
    hidden = [cell.members for cell in cells if cell.is_hidden]
    records: list[dict[str, Any]] = []
    for cell in cells:
        named = _named(cell.level, columns) | {"confidence_level": confidence_level}
        stratified = named["grouping"] in stratified_groupings
        for row in _rows(frame, cell, hidden, rules, stratified, scores):
            records.append(named | row)
    return _tidy(records, columns)


def _rows(
    frame: pd.DataFrame,
    cell: Cell,
    hidden: Sequence[Flags],
    rules: Rules,
    stratified: bool,
    scores: Scores | None,
) -> Iterator[dict[str, Any]]:
    """What each estimator says about a level, or why it says nothing."""
    people = frame[cell.members]
    estimators = row_estimators(people, rules, stratified)
    for estimator in estimators if scores is None else [*estimators, AIPW]:
        gives_away = estimator.startswith(STRATIFIED) and hides_a_stratum(
            cell.members, hidden, frame[rules.stratum]
        )
        if cell.is_hidden or gives_away:
            found: dict[str, Any] = {"status": cell.hidden_status}
        elif estimator == AIPW and scores is not None:
            found = scored_row(scores, cell.members, people[rules.outcome], rules)
        else:
            found = estimated_row(people, estimator, rules)
        yield {"estimator": estimator} | found


def _refuse_unusable(
    frame: pd.DataFrame,
    rules: Rules,
    columns: Sequence[str],
    after_assignment: Sequence[str],
    person: str,
) -> None:
    """Everything about the table that stops all rows, checked once for everyone."""
    strata = [name for name in (rules.stratum, rules.cluster) if name]
    before = [*rules.covariates, *strata, *columns]
    weights = [rules.weights] if rules.weights else []
    refuse_unknown_columns(frame, [rules.outcome, rules.treated, *before, *weights])
    for name in weights:
        above_zero(frame[name])
    for name in before:
        if name in after_assignment:
            raise WorkbenchError(
                f"column {name}: measured after assignment, so treatment may have changed it",
                "Adjust for, stratify and group by what was known before assignment.",
            )
        if name in (rules.outcome, rules.treated):
            raise WorkbenchError(
                f"column {name}: is the outcome or the assignment",
                "Name other columns as covariates, stratum and groups.",
            )
    refuse_repeated_people(frame, person)
    for name in (rules.outcome, *rules.covariates):
        numbers(frame[name], name)
    for name in (*strata, *columns):
        refuse_missing(frame[name], name)
    for name in columns:
        if name in _ORDER:
            raise WorkbenchError(
                f"column {name}: is the name of a column of the table of effects",
                f"Rename it; taken are {', '.join(_ORDER)}.",
            )
        if (frame[name].astype(str) == EVERYONE).any():
            raise WorkbenchError(
                f"column {name}: has a level '{EVERYONE}', which is the name of everyone's row",
                "Rename that level.",
            )


def _named(level: Level, columns: Sequence[str]) -> dict[str, Any]:
    return {
        "grouping": " x ".join(level) or EVERYONE,
        "group": ", ".join(level.values()) or EVERYONE,
        **{name: level.get(name, EVERYONE) for name in columns},
    }


def _tidy(records: list[dict[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    order = [*_ORDER[:2], *columns, *_ORDER[2:]]
    table = pd.DataFrame(records).reindex(columns=order)
    words = ["grouping", "group", *columns, "estimator", "status", "note"]
    counts = ["n_treated", "n_control"]
    # where no row has a note, as when everything is hidden, the column is one of floats
    table["note"] = table["note"].astype("object").fillna("")
    kinds = dict.fromkeys(words, "str") | dict.fromkeys(counts, "Int64")
    return table.astype({name: kinds.get(name, "float64") for name in order})
