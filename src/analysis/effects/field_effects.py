"""In which fields one group's people trained, and what it changed for them in each."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.effects.design import standardised, usable_columns
from analysis.effects.samples import Flags, Numbers
from analysis.errors import WorkbenchError


@dataclass(frozen=True)
class FieldEffects:
    """Shares and effects by field, and how every person moves each of them: (fields, n)."""

    shares: Numbers
    effects: Numbers
    of_shares: Numbers
    of_effects: Numbers


def field_effects(
    y: Numbers, place: npt.NDArray, member: Flags, covariates: Numbers, kinds: int, name: str
) -> FieldEffects:
    """Shares and effects of one group's trained people, with everybody's influence on them.

    Effects are against what a regression among the group's untrained predicts (Kline 2011).

    Parameters
    ----------
    y : array of shape (n,)
        Outcome.
    place : int array of shape (n,)
        Number of the field; -1 for the untrained.
    member : bool array of shape (n,)
        The group.
    covariates : array of shape (n, k)
    kinds : int
        Fields, each with somebody of the group.
    name : str
        Of the group, for the message.

    Returns
    -------
    FieldEffects
        Without untrained people of the group effects are mean outcomes.

    Raises
    ------
    WorkbenchError
        For fewer than three untrained people a parameter of the regression.

    Examples
    --------
    Three of four trained for the first field, with 10 and more against the 4 of the untrained.

    >>> y = np.array([10.0, 10.0, 13.0, 6.0, 4.0, 4.0, 4.0])
    >>> place = np.array([0, 0, 0, 1, -1, -1, -1])
    >>> found = field_effects(y, place, np.ones(7, dtype=bool), np.empty((7, 0)), 2, "all")
    >>> found.shares.tolist(), found.effects.round(6).tolist()
    ([0.75, 0.25], [7.0, 2.0])
    """
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
    return FieldEffects(shares, effects, of_shares, of_effects)
