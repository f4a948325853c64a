"""Predictions by gradient-boosted trees, for whoever distrusts straight lines."""

from collections.abc import Iterator

import numpy as np

from analysis.effects.cross_fit import OrderedPeople, Predictions
from analysis.effects.samples import Flags, Numbers


def boosted_predictions(
    people: OrderedPeople, *, with_logit: bool, seed: int
) -> Iterator[Predictions]:
    """Cross-fitted predictions by histogram gradient boosting, one repetition's rows at a time.

    Parameters
    ----------
    people : OrderedPeople
    with_logit : bool
        False where the design states the chance of treatment.
    seed : int

    Yields
    ------
    tuple of slice, array of shape (2 or 3, repetitions, n)
        As :func:`analysis.effects.cross_fit.linear_predictions`, all rows at once.

    Examples
    --------
    Of a sample too small to split, trees predict the mean of the arm in the other fold.

    >>> import pandas as pd
    >>> from analysis.effects.cross_fit import ordered_people
    >>> from analysis.effects.folds import splits_from_folds
    >>> flags = np.array([True, True, False, False] * 2)
    >>> outcome = np.array([1.0, 3.0, 0.0, 0.0, 5.0, 7.0, 2.0, 4.0])
    >>> splits = splits_from_folds(np.array([0, 0, 0, 0, 1, 1, 1, 1]))
    >>> people = ordered_people(pd.DataFrame({"x": np.arange(8.0)}), outcome, flags, splits)
    >>> rows, found = next(boosted_predictions(people, with_logit=False, seed=0))
    >>> found[:, 0, :].round(6).tolist()
    [[6.0, 6.0, 6.0, 6.0, 2.0, 2.0, 2.0, 2.0], [3.0, 3.0, 3.0, 3.0, 0.0, 0.0, 0.0, 0.0]]
    """
    X = people.design[:, 1:]
    repetitions, n = people.splits.repetitions, len(people.outcome)
    found = np.empty((3 if with_logit else 2, repetitions, n))
    for repetition in range(repetitions):
        fold = people.splits.fold(repetition)[people.order]
        for left_out in range(people.splits.folds):
            inside = fold == left_out
            found[:, repetition, inside] = _fold(people, X, ~inside, X[inside], with_logit, seed)
    yield slice(0, n), found


def _fold(
    people: OrderedPeople, X: Numbers, fitted: Flags, unseen: Numbers, with_logit: bool, seed: int
) -> Numbers:
    """Predictions for the unseen by trees that were grown on the others."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    rules = {"max_iter": 100, "max_leaf_nodes": 8, "learning_rate": 0.05, "random_state": seed}
    rows = []
    for arm in (people.flags, ~people.flags):
        trees = HistGradientBoostingRegressor(**rules)
        rows.append(trees.fit(X[fitted & arm], people.outcome[fitted & arm]).predict(unseen))
    if with_logit:
        chance = HistGradientBoostingClassifier(**rules).fit(X[fitted], people.flags[fitted])
        rows.append(chance.predict_proba(unseen)[:, 1])
    return np.array(rows)
