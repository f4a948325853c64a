"""Why one group gains more from training: other fields, or more from the same field."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.effects.design import covariate_matrix, standardised, usable_columns
from analysis.effects.samples import (
    Flags,
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


@dataclass(frozen=True)
class _Group:
    """Shares and effects by field, and how every person moves each of them: (fields, n)."""

    shares: Numbers
    effects: Numbers
    of_shares: Numbers
    of_effects: Numbers


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
    crossed = frame[columns[0]].astype(str)
    for name in columns[1:]:
        crossed = crossed + ", " + frame[name].astype(str)
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
    a, b = (_group(y, place, names == one, X, len(kinds), one) for one in (first, second))
    mean_effect, mean_share = (a.effects + b.effects) / 2, (a.shares + b.shares) / 2
    between = (a.shares - b.shares) * mean_effect
    within = (a.effects - b.effects) * mean_share
    of_between = mean_effect[:, None] * (a.of_shares - b.of_shares)
    of_between += (a.shares - b.shares)[:, None] * (a.of_effects + b.of_effects) / 2
    of_within = mean_share[:, None] * (a.of_effects - b.of_effects)
    of_within += (a.effects - b.effects)[:, None] * (a.of_shares + b.of_shares) / 2
    both = np.stack([of_between.sum(axis=0), of_within.sum(axis=0)])
    return FieldSplit(
        gap=float(between.sum() + within.sum()),
        between=float(between.sum()),
        within=float(within.sum()),
        covariance=both @ both.T,
        by_field=pd.DataFrame(
            {
                "field": kinds,
                "share_first": a.shares,
                "share_second": b.shares,
                "effect_first": a.effects,
                "effect_second": b.effects,
                "between": between,
                "between_standard_error": np.sqrt((of_between**2).sum(axis=1)),
                "within": within,
                "within_standard_error": np.sqrt((of_within**2).sum(axis=1)),
            }
        ),
        n_first=int((flags & (names == first)).sum()),
        n_second=int((flags & (names == second)).sum()),
        n_control=int((~flags).sum()),
        merged=merged,
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


def _group(
    y: Numbers, place: npt.NDArray, member: Flags, covariates: Numbers, kinds: int, name: str
) -> _Group:
    """Shares and effects of one group's trained people, with everybody's influence on them."""
    trained, controls = member & (place >= 0), member & (place < 0)
    n, people = len(y), int(trained.sum())
    left, pull = y, np.zeros((kinds, n))
    inside = np.stack([trained & (place == kind) for kind in range(kinds)]).astype("float64")
    sizes = inside.sum(axis=1)
    if controls.any():
        X = standardised(covariates)
        kept, _ = usable_columns(X, [controls])
        X = np.column_stack([np.ones(n), X[:, kept]])
        if controls.sum() < 3 * X.shape[1]:
            raise WorkbenchError(
                f"group {name}: {int(controls.sum())} untrained people for {X.shape[1]} parameters",
                "Use fewer covariates or larger groups.",
            )
        inverse = np.linalg.inv(X[controls].T @ X[controls])
        left = y - X @ (inverse @ (X[controls].T @ y[controls]))
        factor = np.sqrt(controls.sum() / (controls.sum() - X.shape[1]))
        means = inside @ X / sizes[:, None]
        pull = means @ inverse @ (X * (controls * left * factor)[:, None]).T
    effects = inside @ left / sizes
    shares = sizes / people
    scale = np.sqrt(people / (people - 1))
    of_effects = scale * inside * (left - effects[:, None]) / sizes[:, None] - pull
    of_shares = scale * (inside - shares[:, None] * trained) / people
    return _Group(shares, effects, of_shares, of_effects)


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
