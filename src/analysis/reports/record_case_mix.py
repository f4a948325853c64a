"""Programs in the records: what their people earn, and what their make-up lets one expect."""

from typing import Any

import numpy as np
import pandas as pd

from analysis.effects.effect import confidence_interval
from analysis.errors import WorkbenchError
from analysis.framework import Framework
from analysis.reports.html_tables import Column
from analysis.reports.record_studies import BEFORE, OUTCOME, RecordStudy
from analysis.reports.words import number
from analysis.tiers.case_mix import case_mix

_DRAWS = 500


def case_mix_columns(confidence_level: float) -> dict[str, Column]:
    """Columns of the table: actual and expected side by side.

    Parameters
    ----------
    confidence_level : float
        Of the intervals, between 0 and 1.

    Returns
    -------
    dict of str to Column
        By column of the table, from left to right.

    Examples
    --------
    >>> columns = case_mix_columns(0.95)
    >>> columns["actual_low"].heading, columns["expected"].heading
    ('95% interval, from', 'Expected of their make-up')
    """
    level = f"{confidence_level:.0%}"
    return {
        "program": Column("Program (state, provider, field)"),
        "actual": Column("Earnings of its people (dollars a quarter)", "dollars"),
        "actual_low": Column(f"{level} interval, from", "dollars"),
        "actual_high": Column("to", "dollars"),
        "expected": Column("Expected of their make-up", "dollars"),
        "difference": Column("Difference", "dollars"),
        "difference_low": Column(f"{level} interval, from", "dollars"),
        "difference_high": Column("to", "dollars"),
        "people": Column("Trained people", "count"),
    }


def case_mix_rows(
    record: RecordStudy, programs: pd.DataFrame, framework: Framework
) -> pd.DataFrame | None:
    """Actual and expected earnings of the programs whose effects are shown.

    Parameters
    ----------
    record : RecordStudy
    programs : DataFrame
        Rows of :func:`analysis.reports.record_programs.program_rows`.
    framework : Framework
        Its ``case_mix`` names what the make-up is.

    Returns
    -------
    DataFrame or None
        ``program``, ``provider``, ``actual``, ``expected``, ``difference`` (each with ``_low``
        and ``_high``, but ``expected``), ``effect`` and ``people``, in the order given, dollars a
        quarter. None where too few providers are there, or the characteristics repeat one another.

    Raises
    ------
    WorkbenchError
        Where the framework names a characteristic that the records do not have.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> from analysis.tables.trials import Trial
    >>> rules = load_framework()
    >>> mix = rules.case_mix.model_copy(update={"characteristics": ["women"]})
    >>> rules = rules.model_copy(update={"case_mix": mix})
    >>> names = np.repeat([f"NJ:Provider {i // 2}:51.0{i % 2}" for i in range(24)], 4)
    >>> woman = np.arange(96) % 4 < np.arange(96) // 4 % 5
    >>> people = pd.DataFrame({"program": names, "gender": np.where(woman, "women", "men"),
    ...     "race": "white", OUTCOME: 2000.0 - 1000 * woman + np.tile([5, -5], 48)})
    >>> trial = Trial("wioa", "", "", people, "", {OUTCOME: ""}, {}, OUTCOME, ())
    >>> effects = pd.DataFrame({"program": names[::4], "estimate": 100.0})
    >>> rows = case_mix_rows(RecordStudy(trial, None), effects, rules).round({"expected": -1})
    >>> rows[["actual", "expected", "people"]].iloc[1].tolist()
    [1750.0, 1750.0, 4.0]
    """
    trained = record.trial.frame.loc[lambda all_: all_["program"].isin(programs["program"])]
    made_of = {name: _share(trained, name) for name in framework.case_mix.characteristics}
    by_program = pd.DataFrame(made_of).groupby(trained["program"])
    earned = trained.groupby("program")[OUTCOME].agg(["mean", "std", "size"])
    table = by_program.mean().assign(
        estimate=earned["mean"], standard_error=earned["std"] / np.sqrt(earned["size"])
    )
    table = table[table["standard_error"] > 0].rename_axis("program_key").reset_index()
    table["provider_id"] = table["program_key"].str.rpartition(":")[0]
    try:
        found = case_mix(table, list(made_of), seed=framework.estimation.seed)
    except WorkbenchError:
        return None
    people = table["program_key"].map(earned["size"])
    rows = {"program": table["program_key"], "provider": table["provider_id"]}
    for name, error in {
        "actual": "standard_error",
        "difference": "difference_standard_error",
    }.items():
        limits = [
            confidence_interval(one, se, n - 1.0, framework.estimation.confidence_level)
            for one, se, n in zip(found[name], found[error], people, strict=True)
        ]
        rows |= {name: found[name], f"{name}_low": [low for low, _ in limits]}
        rows[f"{name}_high"] = [high for _, high in limits]
    done = pd.DataFrame(rows | {"expected": found["expected"], "people": people})
    effects = programs.set_index("program")["estimate"]
    done["effect"] = done["program"].map(effects)
    return done.set_index("program").reindex(programs["program"]).dropna().reset_index()


def make_up_in_words(framework: Framework) -> list[str]:
    """The characteristics, as a reader would call them.

    Parameters
    ----------
    framework : Framework
        Its ``case_mix.characteristics``.

    Returns
    -------
    list of str
        In the order of the framework.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> make_up_in_words(load_framework())[:2], make_up_in_words(load_framework())[-1]
    (['share of women', 'share of Black'], 'barriers to work')
    """
    said = {
        "earlier_earnings": "earnings in the three quarters before entry",
        f"no_{BEFORE[-1]}": "share without a wage in the quarter before",
        "barriers": "barriers to work",
    }
    names = framework.case_mix.characteristics
    return [said.get(name, f"share of {name}").replace("_", " ") for name in names]


def _share(people: pd.DataFrame, name: str) -> pd.Series:
    """A characteristic of each person, of which a program has the mean."""
    if name == "earlier_earnings":
        return people[list(BEFORE.values())].sum(axis=1)
    if name in people:
        return people[name].astype("float64")
    for grouping in ("gender", "race"):
        if name in set(people[grouping]):
            return (people[grouping] == name).astype("float64")
    raise WorkbenchError(
        f"framework: case_mix.characteristics names '{name}', which the records do not have",
        "Name a group of race or gender, 'earlier_earnings', or a covariate of the records.",
    )


def case_mix_figures(
    rows: pd.DataFrame, framework: Framework, start: str, *, draws: int = _DRAWS
) -> list[dict[str, Any]]:
    """How alike the order of programs is to that of their effects, before and after.

    Parameters
    ----------
    rows : DataFrame
        Of :func:`case_mix_rows`.
    framework : Framework
        Its confidence level and seed.
    start : str
        First part of the figures' names.
    draws : int
        Of the bootstrap.

    Returns
    -------
    list of dict
        Spearman's rank correlations as arguments of ``Study.key_figure``, with a percentile
        bootstrap over providers.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> order = np.arange(20.0)
    >>> rows = pd.DataFrame({"provider": [f"P{i:.0f}" for i in order], "actual": order,
    ...                      "difference": -order, "effect": 10 * order})
    >>> figures = case_mix_figures(rows, load_framework(), "records", draws=10)
    >>> [(one["name"][17:], round(one["estimate"], 6)) for one in figures]
    [('actual_against_effect', 1.0), ('difference_against_effect', -1.0)]
    """
    tail = (1 - framework.estimation.confidence_level) / 2
    providers = [part for _, part in rows.groupby("provider")]
    rng = np.random.default_rng(framework.estimation.seed)
    drawn = [
        pd.concat([providers[i] for i in rng.integers(0, len(providers), len(providers))])
        for _ in range(draws)
    ]
    figures = []
    for name, note in {
        "actual": "earnings as they are",
        "difference": "earnings less what the make-up lets expect",
    }.items():
        low, high = np.nanquantile([_alike(one, name) for one in drawn], [tail, 1 - tail])
        figures.append(
            {
                "name": f"{start}.case_mix.{name}_against_effect",
                "estimate": _alike(rows, name),
                "interval": (low, high),
                "n": len(rows),
                "n_of": "programs",
                "unit": "rank correlation",
                "note": f"{note}, against the effect of the same people, so a high reading; "
                "bootstrap over providers",
            }
        )
    return figures


def _alike(rows: pd.DataFrame, name: str) -> float:
    return float(rows[name].corr(rows["effect"], method="spearman"))


def case_mix_sentence(rows: pd.DataFrame | None, framework: Framework) -> str:
    """What taking the make-up out does to the order of programs.

    Parameters
    ----------
    rows : DataFrame or None
        Of :func:`case_mix_rows`.
    framework : Framework

    Returns
    -------
    str

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> rows = pd.DataFrame({"actual": [1.0, 2.0, 3.0], "difference": [-9.0, 1.0, 2.0],
    ...     "difference_low": [-12.0, -1.0, 1.0], "difference_high": [-6.0, 3.0, 3.0],
    ...     "effect": [1.0, 2.0, 3.0]})
    >>> said = case_mix_sentence(rows, load_framework())
    >>> said[:66], "rank correlation of 1.00" in said
    ('Of 3 programs 2 have a 95% interval of the difference that is clea', True)
    >>> case_mix_sentence(None, load_framework())[-26:]
    's that repeat one another.'
    """
    if rows is None:
        return (
            "What a program's people would be expected to earn cannot be said: too few providers, "
            "or characteristics that repeat one another."
        )
    level = framework.estimation.confidence_level
    clear = int(rows["difference_low"].gt(0).sum() + rows["difference_high"].lt(0).sum())
    return (
        f"Of {len(rows)} programs {clear} have a {level:.0%} interval of the difference that is "
        f"clear of zero; chance alone would give about {(1 - level) * len(rows):.0f}. The order by "
        "earnings agrees with the order by effects with a rank correlation of "
        f"{number(_alike(rows, 'actual'), 'number')}; less what is expected, of "
        f"{number(_alike(rows, 'difference'), 'number')}. Both are high readings, since earnings "
        "and effects share the luck of the same people. A program whose better work draws other "
        "people has a part of its merit counted as make-up: the effect, where it is known, goes "
        "before."
    )
