"""How often intervals hold the truth, by simulation: one group at a time, and all at once."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from analysis.effects.aipw import aipw_scores
from analysis.effects.joint_bands import joint_bands, sup_t_critical_value
from analysis.effects.samples import Numbers
from analysis.effects.scores import GroupEstimates, group_estimates
from analysis.effects.simulated import COVARIATES, GROUP_EFFECTS, simulated_people

_MULTIPLIER_DRAWS = 999


def coverage_table(
    n: int,
    repetitions: int,
    seed: int,
    *,
    selection: float = 1.0,
    tail: float = 0.9,
    base: float = -0.6,
    splits: int = 5,
    report: Callable[[int], None] = lambda done: None,
) -> pd.DataFrame:
    """Coverage of AIPW group effects in simulated comparisons with known effects.

    Parameters
    ----------
    n, repetitions, seed : int
        People of a study, studies, and the seed of the whole simulation.
    selection, tail, base : float
        As in `simulated_people`.
    splits : int
        Repetitions of the split within a study.
    report : callable
        Told how many studies are done.

    Returns
    -------
    DataFrame
        One row a way of making intervals: ``band``, ``per_group`` (mean over eight groups),
        ``per_group_lowest``, ``per_group_highest``, ``all_groups`` (all eight hold the truth),
        ``all_groups_error`` (of the simulation), ``width`` (mean critical value over that of
        Bonferroni with the same degrees of freedom), ``bias_largest`` (of a group's mean
        estimate, dollars) and ``naive_bias`` (dollars).

    Examples
    --------
    >>> coverage_table(400, 4, 1, splits=1)["band"].tolist()[:2]
    ['pointwise, normal', "pointwise, Student's t"]
    """
    truth = np.array(GROUP_EFFECTS)
    covered: dict[str, list[Numbers]] = {}
    widths: dict[str, list[float]] = {}
    errors, naive = [], []
    for study in range(repetitions):
        generator = np.random.default_rng([seed, n, study])
        people = simulated_people(n, generator, selection, tail, base)
        found, centred = _one_study(people, splits, study)
        distance = np.abs(found.estimates - truth) / found.standard_errors
        bonferroni = stats.t.isf(0.025 / len(truth), found.degrees_of_freedom)
        for band, critical in _critical_values(found, centred, generator).items():
            covered.setdefault(band, []).append(distance <= critical)
            widths.setdefault(band, []).append(float(np.mean(critical / bonferroni)))
        errors.append(found.estimates - truth)
        naive.append(people.groupby("treated")["earnings"].mean().diff().iloc[-1])
        report(study + 1)
    average = float(truth @ np.bincount(people["group"], minlength=len(truth)) / n)
    rows = [
        {"band": band}
        | _shares_covered(np.array(hits))
        | {
            "width": float(np.mean(widths[band])),
            "bias_largest": float(np.abs(np.mean(errors, axis=0)).max()),
            "naive_bias": float(np.mean(naive)) - average,
        }
        for band, hits in covered.items()
    ]
    settings = {"people": n, "studies": repetitions, "seed": seed, "selection": selection}
    return pd.DataFrame(rows).assign(**settings, tail=tail, base=base)


def _shares_covered(inside: npt.NDArray[np.bool_]) -> dict[str, float]:
    """How often the truth is held: one row a study, one column a group."""
    per_group, every = inside.mean(axis=0), float(inside.all(axis=1).mean())
    return {
        "per_group": float(per_group.mean()),
        "per_group_lowest": float(per_group.min()),
        "per_group_highest": float(per_group.max()),
        "all_groups": every,
        "all_groups_error": float(np.sqrt(every * (1 - every) / len(inside))),
    }


def _one_study(
    people: pd.DataFrame, splits: int, seed: int
) -> tuple[GroupEstimates, list[Numbers]]:
    """Estimates of the eight groups, and each group's influence values."""
    scores = aipw_scores(
        people["earnings"],
        people["treated"],
        people[list(COVARIATES)],
        repetitions=splits,
        seed=seed,
    )
    groups = [(people["group"] == group).to_numpy() for group in range(len(GROUP_EFFECTS))]
    found = group_estimates(scores, groups)
    effect = scores.numerator()
    return found, [effect[g] - e for g, e in zip(groups, found.estimates, strict=True)]


def _critical_values(
    found: GroupEstimates, centred: list[Numbers], generator: np.random.Generator
) -> dict[str, Numbers]:
    freedom = found.degrees_of_freedom
    groups = len(freedom)
    same = np.ones(groups)
    return {
        "pointwise, normal": same * stats.norm.isf(0.025),
        "pointwise, Student's t": stats.t.isf(0.025, freedom),
        "sup-t, multiplier bootstrap": same * _multiplier(centred, generator),
        "sup-t, normal": same * sup_t_critical_value(found.covariance, draws=20_000),
        "sup-t, Student's t (joint_bands)": joint_bands(found, draws=20_000)[
            "critical_value"
        ].to_numpy(),
        "Bonferroni, normal": same * stats.norm.isf(0.025 / groups),
        "Bonferroni, Student's t": stats.t.isf(0.025 / groups, freedom),
    }


def _multiplier(centred: list[Numbers], generator: np.random.Generator) -> float:
    """Quantile of the largest |t| when influence values get random signs."""
    largest = np.zeros(_MULTIPLIER_DRAWS)
    for values in centred:
        signs = generator.integers(0, 2, (_MULTIPLIER_DRAWS, len(values)), dtype="int8") * 2.0 - 1
        drawn = np.abs(signs @ values) / np.sqrt((values**2).sum())
        largest = np.maximum(largest, drawn)
    return float(np.quantile(largest, 0.95))
