"""Why a pooled difference can lie below the effect in every stratum: who is in which arm."""

from dataclasses import dataclass

import pandas as pd

from analysis.effects.estimators import stratum_cells, thin_strata
from analysis.effects.samples import arms, labels, numbers, refuse_unknown_columns
from analysis.errors import WorkbenchError


@dataclass(frozen=True)
class PooledVersusWithin:
    """pooled = within + composition, exactly; ``by_stratum`` holds the parts of both sums."""

    pooled: float
    within: float
    composition: float
    by_stratum: pd.DataFrame


def pooled_versus_within(
    frame: pd.DataFrame, outcome: str, stratum: str, *, treated: str = "treated"
) -> PooledVersusWithin:
    """Take a pooled difference apart into effects within strata and unequal arms.

    With w the share of all people in a stratum, p1 and p0 its shares of the treated and of the
    control arm, m1 and m0 its means by arm and ȳ the mean of everyone:

    pooled = Σ p1 m1 - Σ p0 m0,  within = Σ w (m1 - m0),
    composition = Σ (p1 - w)(m1 - ȳ) - Σ (p0 - w)(m0 - ȳ) = pooled - within.

    Composition is zero where every stratum has the same share assigned. ȳ changes no sum, since
    p1 - w and p0 - w add up to zero; it makes the parts independent of where zero lies.

    Parameters
    ----------
    frame : DataFrame
        One row a person.
    outcome, stratum, treated : str
        Columns.

    Returns
    -------
    PooledVersusWithin
        ``by_stratum`` has columns ``stratum``, ``people``, ``share_of_people``,
        ``share_of_treated``, ``share_of_control``, ``share_assigned``, ``treated_mean``,
        ``control_mean``, ``difference``, ``within_part``, ``composition_part``. It holds the
        numbers of every stratum, however small: publish it only for strata that may be shown.

    Raises
    ------
    WorkbenchError
        For unusable columns, and for a stratum without people in an arm.

    Examples
    --------
    Assignment adds 1 at either site, but the site with high earnings assigns fewer people.

    >>> people = pd.DataFrame({
    ...     "site": ["high"] * 4 + ["low"] * 4, "treated": [1, 0, 0, 0, 1, 1, 1, 0],
    ...     "earnings": [11.0, 10.0, 10.0, 10.0, 3.0, 3.0, 3.0, 2.0]})
    >>> parts = pooled_versus_within(people, "earnings", "site")
    >>> parts.pooled, parts.within, parts.composition
    (-3.0, 1.0, -4.0)
    """
    refuse_unknown_columns(frame, [outcome, stratum, treated])
    flags = arms(frame[treated], minimum=1)
    y = numbers(frame[outcome], outcome)
    names = labels(frame[stratum], stratum)
    if empty := thin_strata(frame[treated], frame[stratum], minimum=1):
        raise WorkbenchError(
            f"column {stratum}: nobody in an arm of {', '.join(empty)}", "Use coarser strata."
        )
    share, means, _, people = stratum_cells(y, flags, names)
    p1, p0 = people[0] / people[0].sum(), people[1] / people[1].sum()
    deviation = means - y.mean()
    table = pd.DataFrame(
        {
            "stratum": pd.Series(sorted(set(names)), dtype="str"),
            "people": people.sum(axis=0).astype(int),
            "share_of_people": share,
            "share_of_treated": p1,
            "share_of_control": p0,
            "share_assigned": people[0] / people.sum(axis=0),
            "treated_mean": means[0],
            "control_mean": means[1],
            "difference": means[0] - means[1],
            "within_part": share * (means[0] - means[1]),
            "composition_part": (p1 - share) * deviation[0] - (p0 - share) * deviation[1],
        }
    )
    return PooledVersusWithin(
        pooled=float(y[flags].mean() - y[~flags].mean()),
        within=float(table["within_part"].sum()),
        composition=float(table["composition_part"].sum()),
        by_stratum=table,
    )
