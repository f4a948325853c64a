"""Effects by quarter for people who came in at different times, each against others of that time.

Records of programs hold a few quarters around each person's own entry and exit, not a calendar of
everybody's earnings. A cohort (people who entered in one quarter) is therefore compared with
people of the same cohort who did not train, and with nobody else.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from analysis.effects.design import covariate_matrix, standardised, usable_columns
from analysis.effects.samples import Flags, Numbers, arms, labels, numbers, refuse_unknown_columns
from analysis.effects.staggered import GroupTimeEffects
from analysis.effects.two_periods import TwoPeriods, two_period_effect
from analysis.errors import WorkbenchError

_CELL = (
    "cohort", "period", "event_time", "estimate", "standard_error", "n_treated", "n_comparison",
)  # fmt: skip


def entry_cohort_effects(
    frame: pd.DataFrame,
    quarters: Mapping[int, str],
    *,
    reference: int,
    cohort: str,
    minimum_cell: int,
    treated: str = "treated",
    covariates: Sequence[str] = (),
) -> GroupTimeEffects:
    """Group-time effects by cohort of entry and quarter before entry or after exit.

    Each is a doubly robust difference-in-differences (`two_period_effect`) of the change since the
    reference quarter, trained against untrained people of the same cohort.

    Parameters
    ----------
    frame : DataFrame
        One row a person.
    quarters : mapping of int to str
        Quarter (negative: before entry; from 0 on or 1 on: after) to the column of earnings.
    reference : int
        Quarter that changes are counted from; one of ``quarters``. The dip before entry is part
        of the change where it lies in the dip.
    cohort : str
        Column of cohorts, as text.
    minimum_cell : int
        Cohorts with fewer trained or untrained people are left out and counted.
    treated : str
    covariates : sequence of str
        Trends may differ with them.

    Returns
    -------
    GroupTimeEffects
        For :func:`analysis.effects.event_study.event_study` and ``pre_trend_test``; cohorts are
        numbered in alphabetical order.

    Raises
    ------
    WorkbenchError
        For an unknown column or reference, and where no cohort is large enough.

    Examples
    --------
    >>> people = pd.DataFrame({"treated": [1, 1, 0, 0] * 2, "entered": ["a"] * 4 + ["b"] * 4,
    ...     "before": [1.0, 2, 1, 3, 2, 2, 4, 2], "after": [6.0, 7, 2, 4, 9, 9, 5, 3]})
    >>> found = entry_cohort_effects(people, {-1: "before", 1: "after"}, reference=-1,
    ...                              cohort="entered", minimum_cell=2)
    >>> found.cells[["cohort", "event_time", "estimate"]].values.tolist()
    [[0.0, 1.0, 4.0], [1.0, 1.0, 6.0]]
    """
    refuse_unknown_columns(frame, [treated, cohort, *quarters.values(), *covariates])
    changes = _changes(frame, quarters, reference)
    flags = arms(frame[treated])
    matrix = standardised(covariate_matrix(frame[list(covariates)]))
    codes, names = pd.factorize(labels(frame[cohort], cohort), sort=True)
    rows, columns, small = [], [], 0
    for code in range(len(names)):
        inside = codes == code
        people = (int((flags & inside).sum()), int((~flags & inside).sum()))
        if min(people) < max(minimum_cell, 2):
            small += 1
            continue
        for time, found, influence in _cohort_effects(changes, flags, inside, matrix):
            columns.append(influence)
            cell = (float(code), float(time), float(time), found.estimate, found.standard_error)
            rows.append((*cell, *people))
    if not rows:
        raise WorkbenchError(
            f"column {cohort}: no cohort has {max(minimum_cell, 2)} trained and untrained people",
            "Take longer periods of entry.",
        )
    cells = pd.DataFrame(rows, columns=list(_CELL))
    return GroupTimeEffects(
        cells=cells,
        influence=np.column_stack(columns),
        entry=np.where(flags, codes.astype("float64"), np.inf),
        cluster=None,
        reference={code: float(reference) for code in cells["cohort"].unique()},
        left_out=(f"cohorts with too few people: {small}",) if small else (),
    )


def _changes(
    frame: pd.DataFrame, quarters: Mapping[int, str], reference: int
) -> dict[int, Numbers]:
    """Earnings of each other quarter less those of the reference quarter."""
    if reference not in quarters:
        raise WorkbenchError(
            f"reference quarter {reference}: none of {', '.join(map(str, quarters))}",
            "Count changes from a quarter that the table has.",
        )
    earnings = {time: numbers(frame[column], column) for time, column in quarters.items()}
    others = sorted(set(quarters) - {reference})
    return {time: earnings[time] - earnings[reference] for time in others}


def _cohort_effects(
    changes: Mapping[int, Numbers], flags: Flags, inside: Flags, matrix: Numbers
) -> Iterator[tuple[int, TwoPeriods, Numbers]]:
    """Effect on one cohort in each quarter, and influence values over everyone."""
    kept, _ = usable_columns(matrix[inside], [flags[inside], ~flags[inside]])
    covariates = matrix[np.ix_(inside, np.array(kept, dtype="int64"))]
    for time, change in changes.items():
        found = two_period_effect(change[inside], flags[inside], covariates)
        yield time, found, found.influence_on_all(inside)
