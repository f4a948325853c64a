"""Why one group gains more from training: other fields, or more from the same field."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.effects.design import covariate_matrix
from analysis.effects.field_effects import FieldEffects, field_effects
from analysis.effects.samples import (
    Numbers,
    arms,
    labels,
    numbers,
    refuse_unknown_columns,
)
from analysis.errors import WorkbenchError

OTHER_FIELDS = "other fields"


@dataclass(frozen=True)
class FieldSplit:
    """gap = between + within, of the estimates, of every person's influence, and so of the errors.

    Attributes
    ----------
    gap, between, within : float
        Mean effect on the first group's trained less the second's; the part of it that comes
        from training for other fields, at both groups' mean effects; and the part that comes
        from other effects in the same field, at both groups' mean shares (Kitagawa 1955).
    covariance : array of shape (2, 2)
        Of between and within; the variance of the gap is the sum of its entries.
    by_field : DataFrame
        ``field``, ``share_first``, ``share_second``, ``effect_first``, ``effect_second``,
        ``between``, ``between_standard_error``, ``within``, ``within_standard_error``.
    n_first, n_second : int
        Trained people.
    n_control : int
        Untrained people of both groups.
    merged : tuple of str
        Fields that were too small in a group and are shown as ``other fields``.
    """

    gap: float
    between: float
    within: float
    covariance: Numbers
    by_field: pd.DataFrame
    n_first: int
    n_second: int
    n_control: int
    merged: tuple[str, ...]

    @property
    def gap_standard_error(self) -> float:
        """Root of the sum of all entries of the covariance."""
        return float(np.sqrt(self.covariance.sum()))

    @property
    def between_standard_error(self) -> float:
        """Of the part from other fields."""
        return float(np.sqrt(self.covariance[0, 0]))

    @property
    def within_standard_error(self) -> float:
        """Of the part from other effects in the same field."""
        return float(np.sqrt(self.covariance[1, 1]))


def field_split(
    frame: pd.DataFrame,
    outcome: str,
    group: str | Sequence[str],
    first: str,
    second: str,
    *,
    minimum_cell: int,
    field: str = "field",
    treated: str = "treated",
    covariates: Sequence[str] = (),
) -> FieldSplit:
    """Split the gap between two groups' mean effects of training, between and within fields.

    Trained people of a group and field are compared with what a regression among the untrained
    of the same group predicts for them (Kline 2011: right if that regression or a linear model
    of the odds is). Without covariates it is the difference in means.

    Parameters
    ----------
    frame : DataFrame
        One row a person.
    outcome, field, treated : str
        Columns; the field is read for trained people only. Where everybody is trained the gap
        is one of outcomes, not of effects.
    group : str or sequence of str
        Column of the groups, or columns that are crossed: levels joined with ``", "``.
    first, second : str
        The two levels.
    minimum_cell : int
        Fields with fewer trained people of either group are put together.
    covariates : sequence of str
        Measured before training.

    Returns
    -------
    FieldSplit

    Raises
    ------
    WorkbenchError
        For a group that is not there or has too few people, missing fields.

    Examples
    --------
    >>> people = pd.DataFrame({
    ...     "race": ["a"] * 4 + ["b"] * 4, "treated": 1, "field": list("xxxyxyyy"),
    ...     "gain": [10.0, 10, 10, 2, 8, 4, 4, 4]})
    >>> found = field_split(people, "gain", "race", "a", "b", minimum_cell=1)
    >>> found.gap, found.between, found.within
    (3.0, 3.0, 0.0)
    """
    columns = [group] if isinstance(group, str) else list(group)
    refuse_unknown_columns(frame, [outcome, field, treated, *columns, *covariates])
    crossed = _crossed(frame, columns)
    people = frame[crossed.isin([first, second])]
    names = crossed[people.index].to_numpy()
    flags = arms(people[treated], minimum=0)
    y = numbers(people[outcome], outcome)
    trained = people.loc[flags, field]
    fields, merged = _fields(labels(trained, field), names[flags], (first, second), minimum_cell)
    kinds = sorted(set(fields) - {OTHER_FIELDS}) + [OTHER_FIELDS] * (OTHER_FIELDS in fields)
    place = np.full(len(y), -1)
    place[flags] = pd.Categorical(fields, categories=kinds).codes
    X = covariate_matrix(people[list(covariates)])
    a, b = (field_effects(y, place, names == one, X, len(kinds), one) for one in (first, second))
    between, within = _between(a, b), _within(a, b)
    both = np.stack([between.influence.sum(axis=0), within.influence.sum(axis=0)])
    return FieldSplit(
        gap=float(between.values.sum() + within.values.sum()),
        between=float(between.values.sum()),
        within=float(within.values.sum()),
        covariance=both @ both.T,
        by_field=_by_field(kinds, a, b, between, within),
        n_first=int((flags & (names == first)).sum()),
        n_second=int((flags & (names == second)).sum()),
        n_control=int((~flags).sum()),
        merged=merged,
    )


def _crossed(frame: pd.DataFrame, columns: Sequence[str]) -> pd.Series:
    """Names of groups: 'Black, women' where two columns are crossed."""
    crossed = frame[columns[0]].astype(str)
    for name in columns[1:]:
        crossed = crossed + ", " + frame[name].astype(str)
    return crossed


@dataclass(frozen=True)
class _Part:
    """One part of the gap by field, and how every person moves it: (fields,), (fields, n)."""

    values: Numbers
    influence: Numbers

    @property
    def standard_errors(self) -> Numbers:
        return np.asarray(np.sqrt((self.influence**2).sum(axis=1)))


def _between(a: FieldEffects, b: FieldEffects) -> _Part:
    """What the groups' shares of the fields account for, at the mean of their effects."""
    mean_effect = (a.effects + b.effects) / 2
    influence = mean_effect[:, None] * (a.of_shares - b.of_shares)
    influence += (a.shares - b.shares)[:, None] * (a.of_effects + b.of_effects) / 2
    return _Part((a.shares - b.shares) * mean_effect, influence)


def _within(a: FieldEffects, b: FieldEffects) -> _Part:
    """What the groups' effects in a field account for, at the mean of their shares."""
    mean_share = (a.shares + b.shares) / 2
    influence = mean_share[:, None] * (a.of_effects - b.of_effects)
    influence += (a.effects - b.effects)[:, None] * (a.of_shares + b.of_shares) / 2
    return _Part((a.effects - b.effects) * mean_share, influence)


def _by_field(
    kinds: Sequence[str], a: FieldEffects, b: FieldEffects, between: _Part, within: _Part
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "field": kinds,
            "share_first": a.shares,
            "share_second": b.shares,
            "effect_first": a.effects,
            "effect_second": b.effects,
            "between": between.values,
            "between_standard_error": between.standard_errors,
            "within": within.values,
            "within_standard_error": within.standard_errors,
        }
    )


def _fields(
    fields: npt.NDArray, names: npt.NDArray, pair: tuple[str, str], minimum: int
) -> tuple[npt.NDArray, tuple[str, ...]]:
    """Fields with the small ones put together, and the names of those."""
    kinds, codes = np.unique(fields, return_inverse=True)
    counts = np.array([np.bincount(codes[names == one], minlength=len(kinds)) for one in pair])
    if counts.sum(axis=1).min() < max(minimum, 2):
        raise WorkbenchError(
            f"gap of {pair[0]} and {pair[1]}: a group has fewer than {max(minimum, 2)} trained "
            "people",
            "Take larger groups.",
        )
    order = list(np.argsort(counts.min(axis=0), kind="stable"))
    count = int((counts.min(axis=0) < minimum).sum())
    # the pool itself must be large enough
    while 0 < count < len(kinds) and counts[:, order[:count]].sum(axis=1).min() < minimum:
        count += 1
    small = kinds[order[:count]]
    return np.where(np.isin(fields, small), OTHER_FIELDS, fields), tuple(sorted(map(str, small)))


def field_splits(
    frame: pd.DataFrame,
    outcome: str,
    pairs: Sequence[tuple[str | Sequence[str], str, str]],
    *,
    minimum_cell: int,
    field: str = "field",
    treated: str = "treated",
    covariates: Sequence[str] = (),
) -> pd.DataFrame:
    """One row a pair of groups: by race, by gender, by both.

    Parameters
    ----------
    frame, outcome, minimum_cell, field, treated, covariates
        As in `field_split`.
    pairs : sequence of tuple
        Column (or columns, crossed), first level, second level.

    Returns
    -------
    DataFrame
        ``grouping``, ``first``, ``second``, ``gap``, ``between``, ``within`` and their standard
        errors, ``n_first``, ``n_second``, ``n_control``.

    Examples
    --------
    >>> people = pd.DataFrame({
    ...     "race": ["a"] * 4 + ["b"] * 4, "treated": 1, "field": list("xxxyxyyy"),
    ...     "gain": [10.0, 10, 10, 2, 8, 4, 4, 4]})
    >>> field_splits(people, "gain", [("race", "a", "b")], minimum_cell=1)["gap"].tolist()
    [3.0]
    """
    rows = []
    for group, first, second in pairs:
        found = field_split(
            frame, outcome, group, first, second, minimum_cell=minimum_cell, field=field,
            treated=treated, covariates=covariates,
        )  # fmt: skip
        rows.append(
            {
                "grouping": group if isinstance(group, str) else " x ".join(group),
                "first": first,
                "second": second,
                "gap": found.gap,
                "gap_standard_error": found.gap_standard_error,
                "between": found.between,
                "between_standard_error": found.between_standard_error,
                "within": found.within,
                "within_standard_error": found.within_standard_error,
                "n_first": found.n_first,
                "n_second": found.n_second,
                "n_control": found.n_control,
            }
        )
    return pd.DataFrame(rows)
