"""Whether assignment narrowed the gap between two groups, or widened it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.effects.effect import confidence_interval, interval_degrees_of_freedom
from analysis.effects.estimators import satterthwaite
from analysis.effects.multiplicity import two_sided_p_values
from analysis.effects.samples import Flags
from analysis.effects.scores import Part, Scores, contrast, group_estimates
from analysis.errors import WorkbenchError

RAW = "difference in means"
# estimate, standard error, degrees of freedom
Term = tuple[float, float, float]


def effect_gap(
    effects: pd.DataFrame,
    first: str,
    second: str,
    *,
    grouping: str,
    estimator: str = RAW,
    confidence_level: float = 0.95,
    small_sample_below: int = 60,
) -> pd.DataFrame:
    """Gap between two groups without and with the programme, and the difference of its effects.

    control gap = control mean of ``first`` less that of ``second``; treated gap likewise; their
    difference is the effect in ``first`` less the effect in ``second``. The groups hold different
    people, so variances add, with Satterthwaite's degrees of freedom.

    Parameters
    ----------
    effects : DataFrame
        Result of `group_effects`.
    first, second : str
        Two levels (column ``group``) of one grouping.
    grouping : str
        As in the column ``grouping``; its levels are disjoint.
    estimator : str
        With the raw 'difference in means' all three rows; with another estimator only
        'difference of effects', since adjusted means of the arms are not in the table.
    confidence_level, small_sample_below : float, int
        As in `group_effects`, with the people of both groups together.

    Returns
    -------
    DataFrame
        Rows 'control gap', 'treated gap', 'difference of effects'; columns ``quantity``,
        ``first``, ``second``, ``estimator``, ``estimate``, ``standard_error``, ``interval_low``,
        ``interval_high``, ``confidence_level``, ``degrees_of_freedom``, ``p_value``, ``reading``.
        ``reading`` of the difference is 'narrows the gap', 'widens the gap', 'reverses the gap'
        or 'no change established' (the interval holds 0), and '' for an adjusted estimator and
        the other rows.

    Raises
    ------
    WorkbenchError
        When a group is not in the table, is hidden or was refused, or both are the same.

    Examples
    --------
    >>> from analysis.effects import group_effects
    >>> people = pd.DataFrame({"treated": [1, 1, 0, 0] * 6, "gender": ["women", "men"] * 12,
    ...                        "earnings": [float(i % 8) for i in range(24)]})
    >>> table = group_effects(people, "earnings", groups=[("gender",)], minimum_cell=3)
    >>> gap = effect_gap(table, "men", "women", grouping="gender")
    >>> gap["estimate"].tolist(), gap["reading"].iloc[-1]
    ([1.0, 1.0, 0.0], 'no change established')
    """
    if first == second:
        raise WorkbenchError(f"group {first}: named twice", "Name two different groups.")
    a = _shown_row(effects, first, grouping, estimator)
    b = _shown_row(effects, second, grouping, estimator)
    terms = {"difference of effects": _gap(_effect_of(a), _effect_of(b))}
    if estimator == RAW:
        terms = {
            "control gap": _gap(_control_of(a), _control_of(b)),
            "treated gap": _gap(_treated_of(a), _treated_of(b)),
        } | terms
    people = int(a["n_treated"] + a["n_control"] + b["n_treated"] + b["n_control"])
    named = {"first": first, "second": second, "estimator": estimator}
    return _gap_table(terms, named, people, confidence_level, small_sample_below)


def scored_gap(
    scores: Scores,
    first: Flags,
    second: Flags,
    names: tuple[str, str],
    *,
    confidence_level: float = 0.95,
    small_sample_below: int = 60,
) -> pd.DataFrame:
    """Adjusted gap between two groups without and with the programme, from influence values.

    Parameters
    ----------
    scores : Scores
    first, second : bool arrays of shape (n,)
        Members of two groups without common people.
    names : tuple of str
        What they are called.
    confidence_level, small_sample_below : float, int
        As in `effect_gap`.

    Returns
    -------
    DataFrame
        As `effect_gap`, with the reading in every case: here the three rows share one method.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> flags = np.arange(400) % 2 == 0
    >>> y = rng.normal(size=400) + 3 * flags
    >>> scores = Scores(2 * y * flags, 2 * y * ~flags, np.ones(400), flags, np.full(400, 0.5),
    ...                 "everyone", "AIPW", np.zeros(1))
    >>> half = np.arange(400) < 200
    >>> scored_gap(scores, half, ~half, ("a", "b"))["reading"].iloc[-1]
    'no change established'
    """
    parts: dict[str, Part] = {
        "control gap": "without program",
        "treated gap": "with program",
        "difference of effects": "effect",
    }
    terms: dict[str, Term] = {}
    for quantity, part in parts.items():
        found = group_estimates(scores, [first, second], part)
        freedom = satterthwaite(np.diag(found.covariance), found.degrees_of_freedom)
        terms[quantity] = (*contrast(found, [1, -1]), freedom)
    named = {"first": names[0], "second": names[1], "estimator": scores.estimator}
    people = int(first.sum() + second.sum())
    return _gap_table(terms, named, people, confidence_level, small_sample_below)


def _gap_table(
    terms: Mapping[str, Term],
    named: Mapping[str, str],
    people: int,
    confidence_level: float,
    small_sample_below: int,
) -> pd.DataFrame:
    """One row a quantity; with both gaps at hand the last, their difference, has a reading."""
    records: list[dict[str, Any]] = []
    for quantity, (estimate, error, own) in terms.items():
        freedom = interval_degrees_of_freedom(people, own, small_sample_below)
        low, high = confidence_interval(estimate, error, freedom, confidence_level)
        records.append(
            {
                "quantity": quantity,
                **named,
                "estimate": estimate,
                "standard_error": error,
                "interval_low": low,
                "interval_high": high,
                "confidence_level": confidence_level,
                "degrees_of_freedom": own,
                "p_value": two_sided_p_values([estimate], [error], [freedom]).item(),
                "reading": "",
            }
        )
    if "control gap" in terms:
        last = records[-1]
        established = last["interval_low"] > 0 or last["interval_high"] < 0
        gaps = (terms["control gap"][0], terms["treated gap"][0])
        last["reading"] = _reading(*gaps) if established else "no change established"
    return pd.DataFrame(records)


def _gap(first: Term, second: Term) -> Term:
    """Difference of two independent estimates."""
    variances = np.array([first[1] ** 2, second[1] ** 2])
    freedom = satterthwaite(variances, np.array([first[2], second[2]]))
    return first[0] - second[0], float(np.sqrt(variances.sum())), freedom


def _effect_of(row: pd.Series) -> Term:
    return float(row["estimate"]), float(row["standard_error"]), float(row["degrees_of_freedom"])


def _control_of(row: pd.Series) -> Term:
    return (
        float(row["control_mean"]),
        float(row["control_standard_error"]),
        float(row["n_control"] - 1),
    )


def _treated_of(row: pd.Series) -> Term:
    # Neyman's variance is the sum of the arms': what the control arm leaves is the treated arm's
    left = max(row["standard_error"] ** 2 - row["control_standard_error"] ** 2, 0.0)
    mean = float(row["control_mean"] + row["estimate"])
    return mean, float(np.sqrt(left)), float(row["n_treated"] - 1)


def _reading(control_gap: float, treated_gap: float) -> str:
    if control_gap * treated_gap < 0:
        return "reverses the gap"
    return "narrows the gap" if abs(treated_gap) < abs(control_gap) else "widens the gap"


def _shown_row(effects: pd.DataFrame, group: str, grouping: str, estimator: str) -> pd.Series:
    within = effects[(effects["grouping"] == grouping) & (effects["estimator"] == estimator)]
    found = within[within["group"] == group]
    if len(found) != 1:
        raise WorkbenchError(
            f"group {group}: not in the table by {grouping} with estimator {estimator}",
            f"Its groups are {', '.join(within['group'].unique()) or 'none'}.",
        )
    row = found.iloc[0]
    if row["status"] != "shown":
        raise WorkbenchError(
            f"group {group}: {row['status']}", "Compare groups whose effects are shown."
        )
    return row
