"""Whether the arms were alike before assignment, and how many of each stratum were assigned."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from analysis.effects.design import (
    controls_table,
    covariate_matrix,
    standardised,
    usable_columns,
)
from analysis.effects.effect import mean_and_variance, negligible
from analysis.effects.estimators import satterthwaite, stratum_cells, thin_strata
from analysis.effects.samples import (
    Flags,
    Numbers,
    arms,
    labels,
    numbers,
    refuse_missing,
    refuse_unknown_columns,
)
from analysis.errors import WorkbenchError


@dataclass(frozen=True)
class JointBalance:
    """F test that no covariate predicts assignment."""

    statistic: float
    degrees_of_freedom: tuple[int, int]
    p_value: float
    dropped: tuple[str, ...]


def standardised_differences(
    frame: pd.DataFrame,
    covariates: Sequence[str],
    *,
    treated: str = "treated",
    stratum: str | None = None,
) -> pd.DataFrame:
    """Difference of each covariate between the arms, in standard deviations.

    Parameters
    ----------
    frame : DataFrame
        One row a person.
    covariates : sequence of str
        Columns measured before assignment.
    treated : str
        Column with 1 (treated) or 0 (control).
    stratum : str, optional
        Stratum of the design. The difference is then the average of differences within strata
        (weights: share of people), since a stratum with its own chance of assignment is out of
        balance by design.

    Returns
    -------
    DataFrame
        ``covariate``, ``treated_mean``, ``control_mean``, ``difference``,
        ``standardised_difference`` (over the root of the mean of both arms' variances),
        ``p_value`` (Welch-Satterthwaite t). Missing where a covariate does not vary.

    Raises
    ------
    WorkbenchError
        For a column that is not there, an arm of a stratum with fewer than two people, and a value
        that cannot be used.

    Examples
    --------
    >>> people = pd.DataFrame({"treated": [1, 1, 1, 0, 0, 0], "age": [20, 30, 40, 22, 32, 42]})
    >>> standardised_differences(people, ["age"])["standardised_difference"].tolist()
    [-0.2]
    """
    strata = [] if stratum is None else [stratum]
    refuse_unknown_columns(frame, [treated, *covariates, *strata])
    flags = arms(frame[treated])
    names = np.full(len(frame), "") if stratum is None else labels(frame[stratum], stratum)
    if short := thin_strata(frame[treated], names):
        raise WorkbenchError(
            f"column {stratum}: fewer than 2 people in an arm of {', '.join(short)}",
            "Use coarser strata.",
        )
    records = [_one_covariate(frame[name], flags, names) for name in covariates]
    return pd.DataFrame(records).astype({"covariate": "str"}) if records else pd.DataFrame()


def _one_covariate(column: pd.Series, flags: Flags, names: npt.NDArray) -> dict[str, object]:
    values = numbers(column, str(column.name))
    mean1, variance1 = mean_and_variance(values[flags])
    mean0, variance0 = mean_and_variance(values[~flags])
    share, means, squares, people = stratum_cells(values, flags, names)
    terms = share**2 * squares / (people - 1) / people
    difference = float(share @ (means[0] - means[1]))
    spread = float(np.sqrt((variance1 + variance0) / 2))
    record: dict[str, object] = {
        "covariate": str(column.name),
        "treated_mean": mean1,
        "control_mean": mean0,
        "difference": difference,
        "standardised_difference": difference / spread if spread > 0 else np.nan,
        "p_value": np.nan,
    }
    if not negligible(float(terms.sum()), values):
        freedom = satterthwaite(terms.ravel(), people.ravel() - 1.0)
        distance = abs(difference) / float(np.sqrt(terms.sum()))
        record["p_value"] = float(2 * stats.t.sf(distance, freedom))
    return record


def joint_balance_test(
    frame: pd.DataFrame,
    covariates: Sequence[str],
    *,
    treated: str = "treated",
    stratum: str | None = None,
) -> JointBalance:
    """Test that no covariate tells the arms apart: F test of the regression of assignment on them.

    Parameters
    ----------
    frame, covariates, treated
        As in `standardised_differences`.
    stratum : str, optional
        Stratum of the design; its indicators stand in both regressions, so that a chance of
        assignment that differs between strata does not count as imbalance.

    Returns
    -------
    JointBalance
        ``dropped`` names covariates that are constant or exact combinations of earlier ones.

    Raises
    ------
    WorkbenchError
        For unusable columns, no covariate that varies, or as many parameters as people.

    Examples
    --------
    >>> people = pd.DataFrame({"treated": [1, 1, 1, 0, 0, 0], "age": [20, 30, 40, 22, 32, 42]})
    >>> test = joint_balance_test(people, ["age"])
    >>> test.degrees_of_freedom, round(test.statistic, 3), round(test.p_value, 2)
    ((1, 4), 0.06, 0.82)
    """
    strata = [] if stratum is None else [stratum]
    refuse_unknown_columns(frame, [treated, *covariates, *strata])
    assigned = arms(frame[treated]).astype("float64")
    within = None if stratum is None else frame[stratum]
    table = controls_table(frame[list(covariates)], within, len(frame))
    fixed = table.shape[1] - len(covariates)
    matrix = standardised(covariate_matrix(table))
    kept, [basis] = usable_columns(matrix, [np.ones(len(frame), dtype=bool)])
    added = sum(j >= fixed for j in kept)
    freedom = len(frame) - 1 - len(kept)
    if added == 0 or freedom < 1:
        raise WorkbenchError(
            f"joint balance test: {added} covariates vary among {len(frame):,} people",
            "Name covariates that vary, and fewer of them than people.",
        )
    # the indicators come first, so the first columns of the basis are those of the strata alone
    without = _residual_squares(assigned, basis[:, : basis.shape[1] - added])
    full = _residual_squares(assigned, basis)
    statistic = (without - full) / added / (full / freedom)
    return JointBalance(
        statistic=statistic,
        degrees_of_freedom=(added, freedom),
        p_value=float(stats.f.sf(statistic, added, freedom)),
        dropped=tuple(
            str(name) for j, name in enumerate(table.columns) if j >= fixed and j not in kept
        ),
    )


def _residual_squares(outcome: Numbers, basis: Numbers) -> float:
    return float(((outcome - basis @ (basis.T @ outcome)) ** 2).sum())


def assignment_shares(
    frame: pd.DataFrame, stratum: str, *, treated: str = "treated"
) -> pd.DataFrame:
    """Share of each stratum that was assigned to treatment, and of everyone.

    Parameters
    ----------
    frame : DataFrame
        One row a person.
    stratum, treated : str
        Columns.

    Returns
    -------
    DataFrame
        Rows in the order of a categorical column, else sorted, and 'all' at the end; columns
        ``stratum``, ``people``, ``n_treated``, ``n_control``, ``share_assigned``,
        ``share_of_people``. It counts every stratum, however small: hide small ones before
        publishing.

    Examples
    --------
    >>> people = pd.DataFrame({"treated": [1, 0, 1, 1], "gender": ["men", "men", "women", "women"]})
    >>> assignment_shares(people, "gender")[["stratum", "share_assigned"]].values.tolist()
    [['men', 0.5], ['women', 1.0], ['all', 0.75]]
    """
    refuse_unknown_columns(frame, [stratum, treated])
    refuse_missing(frame[stratum], stratum)
    flags = pd.Series(arms(frame[treated], minimum=0), index=frame.index).astype(int)
    counted = flags.groupby(frame[stratum], observed=True).agg(["size", "sum"])
    people = [*counted["size"], len(frame)]
    assigned = [*counted["sum"], int(flags.sum())]
    table = pd.DataFrame(
        {
            "stratum": pd.Series([*map(str, counted.index), "all"], dtype="str"),
            "people": people,
            "n_treated": assigned,
        }
    )
    table["n_control"] = table["people"] - table["n_treated"]
    table["share_assigned"] = table["n_treated"] / table["people"]
    table["share_of_people"] = table["people"] / len(frame)
    return table
