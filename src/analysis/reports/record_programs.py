"""Effects of single programs in the records, all against the same people who did not train."""

from typing import Any

import numpy as np
import pandas as pd

from analysis.effects import heterogeneity_test
from analysis.effects.effect import confidence_interval
from analysis.effects.many_programs import ProgramEffects, many_program_effects
from analysis.framework import Estimation, Framework
from analysis.metrics.estimates import dominated
from analysis.reports.html_tables import Column
from analysis.reports.record_studies import OUTCOME, RecordStudy
from analysis.reports.study import Study
from analysis.reports.words import number

PROGRAM_COLUMNS = {
    "program": Column("Program (state, provider, field)"),
    "estimate": Column("Effect (dollars a quarter)", "dollars"),
    "standard_error": Column("Standard error", "dollars"),
    "interval_low": Column("Interval, from", "dollars"),
    "interval_high": Column("to", "dollars"),
    "people": Column("Trained people", "count"),
}


def program_rows(
    record: RecordStudy, framework: Framework, study: Study
) -> tuple[pd.DataFrame, pd.DataFrame, int]:
    """Effect of each program with enough people, and what its error shares with the others.

    Parameters
    ----------
    record : RecordStudy
    framework : Framework
        Fewest people, dominance, folds, seed, confidence level.
    study : Study
        Told how far the estimation has come.

    Returns
    -------
    tuple of DataFrame, DataFrame, int
        ``program``, ``estimate``, ``standard_error``, ``interval_low``, ``interval_high``
        (dollars a quarter), ``people``, the largest effect first; the whole covariance of the
        estimates, by program; and how many programs are left out: they have fewer people than the
        minimum (or than there are folds), one person's amount dominates, or the others would give
        a few people away. Empty tables where fewer than two programs are large enough.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from analysis.framework import load_framework
    >>> from analysis.tables.trials import Trial
    >>> names = np.repeat(["", "A", "B", "small"], [120, 30, 30, 20])
    >>> people = pd.DataFrame({"program": names, "treated": (names != "").astype(int),
    ...     "before": np.arange(200) % 10.0})
    >>> gain = people["program"].map({"": 0.0, "A": 300.0, "B": 100.0, "small": 0.0})
    >>> people[OUTCOME] = 1000 + 10 * people["before"] + gain + np.tile([5.0, -5.0], 100)
    >>> people.loc[people["program"] == "small", OUTCOME] = [9e6, *[0.0] * 19]
    >>> trial = Trial("wioa", "", "", people, "", {OUTCOME: ""}, {}, OUTCOME, ("before",))
    >>> study = SimpleNamespace(progress=lambda done, total: None)
    >>> rows, _, left = program_rows(RecordStudy(trial, None), load_framework(), study)
    >>> rows[["program", "estimate", "people"]].round(-1).values.tolist(), left
    ([['A', 300.0, 30], ['B', 100.0, 30]], 1)
    """
    frame, rules = record.trial.frame, framework.estimation
    pool = frame[frame["treated"] == 0]
    trained = frame[frame["program"] != ""]
    sizes = trained["program"].value_counts()
    least = max(framework.disclosure.minimum_cell, rules.folds)
    large = _shown_programs(trained, sizes, least, framework, int(frame["treated"].sum()))
    left_out = len(sizes) - len(large)
    if len(large) < 2:
        return pd.DataFrame(), pd.DataFrame(), left_out
    trained = trained[trained["program"].isin(large)]
    found = _effects(pool, trained, list(record.trial.covariates), rules, study)
    estimates, errors = found.estimates[:, 0], found.standard_errors[:, 0]
    limits = [
        confidence_interval(one, error, n - 1.0, rules.confidence_level)
        for one, error, n in zip(estimates, errors, found.n_treated[:, 0], strict=True)
    ]
    rows = pd.DataFrame(
        {
            "program": found.programs,
            "estimate": estimates,
            "standard_error": errors,
            "interval_low": [low for low, _ in limits],
            "interval_high": [high for _, high in limits],
            "people": found.n_treated[:, 0],
        }
    )
    assert found.shared_covariance is not None
    whole = found.shared_covariance.copy()
    np.fill_diagonal(whole, errors**2)
    covariance = pd.DataFrame(whole, columns=found.programs)
    covariance.insert(0, "program", found.programs)
    order = np.argsort(-estimates, kind="stable")
    return rows.iloc[order].reset_index(drop=True), covariance, left_out


def _effects(
    pool: pd.DataFrame,
    trained: pd.DataFrame,
    covariates: list[str],
    rules: Estimation,
    study: Study,
) -> ProgramEffects:
    return many_program_effects(
        pool[covariates].reset_index(drop=True),
        pool[OUTCOME].reset_index(drop=True),
        trained[covariates].reset_index(drop=True),
        trained[OUTCOME].reset_index(drop=True),
        trained["program"].to_numpy(),
        folds=rules.folds,
        seed=rules.seed,
        covariance=True,
        report=study.progress,
    )


def _shown_programs(
    trained: pd.DataFrame, sizes: pd.Series, least: int, framework: Framework, everyone: int
) -> pd.Index:
    """Programs with enough people, none of whom dominates the amounts, and not the smallest of
    them where the trained less their people would be a few."""
    amounts = trained[OUTCOME].abs().groupby(trained["program"])
    largest = pd.DataFrame(
        {
            "sum": amounts.sum(),
            "first": amounts.max(),
            "second": amounts.apply(lambda own: own.nlargest(2).iloc[1:].sum()),
        }
    )
    alone = dominated(largest, framework.disclosure.dominance_percent)
    kept = sizes[(sizes >= least) & ~alone.reindex(sizes.index)]
    left = everyone - int(kept.sum())
    # equal sizes are settled by name
    kept = kept.sort_index().sort_values(ascending=False, kind="stable")
    while len(kept) and 0 < left < framework.disclosure.minimum_cell:
        left += int(kept.iloc[-1])
        kept = kept.iloc[:-1]
    return kept.index


def program_sentence(rows: pd.DataFrame, covariance: pd.DataFrame, left_out: int) -> str:
    """Whether programs can be told apart at all, and what moves all of them together.

    Parameters
    ----------
    rows, covariance : DataFrame
        Of :func:`program_rows`.
    left_out : int
        Programs with too few people.

    Returns
    -------
    str

    Examples
    --------
    >>> rows = pd.DataFrame({"estimate": [300.0, 100.0], "standard_error": [20.0, 20.0]})
    >>> covariance = pd.DataFrame({"program": ["A", "B"], "A": [400.0, 100.0], "B": [100.0, 400.0]})
    >>> said = program_sentence(rows, covariance, 3)
    >>> said[:54], "effect is hard to reconcile" in said, "by about $10 a quarter" in said
    ('2 programs may be shown, 3 have too few people. That a', True, True)
    """
    test = heterogeneity_test(rows["estimate"], rows["standard_error"])
    whole = covariance.drop(columns="program").to_numpy()
    apart = whole[~np.eye(len(whole), dtype=bool)]
    common = float(np.sqrt(max(float(apart.mean()), 0.0)))
    return (
        f"{len(rows)} programs may be shown, {left_out} have too few people. That all have one "
        f"effect is {'hard' if test.p_value < 0.05 else 'easy'} to reconcile with the estimates "
        f"(p = {test.p_value:.3f}). The people they are all compared with are the same: their "
        f"luck moves every program by about {number(common, 'dollars')} a quarter at once, which "
        "leaves the order of programs alone and not the question whether all lie above zero; "
        f"a single program's standard error is {number(rows['standard_error'].median(), 'dollars')}"
        " in the middle."
    )


def program_figures(
    rows: pd.DataFrame, covariance: pd.DataFrame, start: str
) -> list[dict[str, Any]]:
    """Key figures of the programs together, as arguments of ``Study.key_figure``.

    Parameters
    ----------
    rows, covariance : DataFrame
        Of :func:`program_rows`.
    start : str
        First part of the figures' names.

    Returns
    -------
    list of dict
        The p-value of no differences (Cochran's Q), and the standard error that all programs share
        (dollars a quarter).

    Examples
    --------
    >>> rows = pd.DataFrame({"estimate": [100.0, 100.0], "standard_error": [20.0, 20.0]})
    >>> covariance = pd.DataFrame({"program": ["A", "B"], "A": [400.0, 100.0], "B": [100.0, 400.0]})
    >>> [(one["name"][8:], one["estimate"]) for one in program_figures(rows, covariance, "records")]
    [('programs.heterogeneity.p_value', 1.0), ('programs.common_standard_error', 10.0)]
    """
    whole = covariance.drop(columns="program").to_numpy()
    test = heterogeneity_test(rows["estimate"], rows["standard_error"])
    apart = whole[~np.eye(len(whole), dtype=bool)]
    return [
        {
            "name": f"{start}.programs.heterogeneity.p_value",
            "estimate": test.p_value,
            "n": len(rows),
            "n_of": "programs",
            "unit": "p-value",
            "note": "Cochran's Q; a test, so no interval",
        },
        {
            "name": f"{start}.programs.common_standard_error",
            "estimate": float(np.sqrt(max(float(apart.mean()), 0.0))),
            "n": len(rows),
            "n_of": "programs",
            "unit": "dollars a quarter",
            "note": "root of the mean covariance of two programs; itself without interval",
        },
    ]
