"""The guard for groups on published programs: what outcomes by race or gender say of each.

A group's earnings are held against the same benchmark as the program's. What is known of a
program outside the group comes from its other groups alone, so that no person is counted twice.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.framework import Benchmark, Framework
from analysis.tiers.benchmarks import against_chosen
from analysis.tiers.bias_law import biased_numbers
from analysis.tiers.equity_guard import HIDDEN, guard_groups
from analysis.tiers.estimates import against_benchmark
from analysis.tiers.normal_model import fit_normal_model

CHECKED = ["program_key", "compared_with", "by", "group", "state", "n", "shrunk"]
CHECKED += ["chance_not_above", "harmed"]
_NOT_CHECKED = "not checked: no outcomes by group"


def guard_published(
    groups: pd.DataFrame,
    programs: pd.DataFrame,
    rules: Framework,
    settings: Mapping[str, Any],
    *,
    title: str,
    validity: str,
    benchmark: Benchmark | None = None,
    costs: pd.Series | None = None,
    with_bias: bool = True,
) -> pd.DataFrame:
    """State of every group in every program that can be rated.

    Parameters
    ----------
    groups : DataFrame
        Table ``program_group_outcomes`` at one horizon: rows of ``program_outcomes`` with ``by``
        and ``group``. A row without a value, or with too few people, is a hidden group.
    programs : DataFrame
        What is rated: from :func:`analysis.tiers.estimates.against_benchmark`.
    rules : Framework
        Limit, least reliability, smallest cell, bias laws.
    settings, title, validity
        As given to :func:`~analysis.tiers.estimates.against_benchmark` for the programs.
    benchmark, costs
        As in :func:`analysis.tiers.benchmarks.against_chosen`.
    with_bias : bool
        Whether the validity level's bias enters: its mean is taken off, and its spread makes a
        group's chance less sure; group and program share it, so it cancels in their gap.

    Returns
    -------
    DataFrame
        Columns :data:`CHECKED`, one row a program and group: ``state`` is "shown", "too few to
        tell" or "hidden"; numbers are missing unless shown.

    Examples
    --------
    Women of the first program earn 32,000 dollars a year where the benchmark is 36,000.

    >>> from analysis.framework import load_framework
    >>> rules = load_framework()
    >>> rows = pd.DataFrame({"program_key": list("abc") * 2, "provider_id": "p", "provider": "P",
    ...     "cip_code": "51.0801", "state": "NJ", "metric": "average_quarterly_wage",
    ...     "horizon": "quarter 4", "value": [8e3, 15e3, 15.5e3, 15e3, 15e3, 16e3],
    ...     "n": 600.0, "source_id": "own", "by": "gender", "group": ["women"] * 3 + ["men"] * 3})
    >>> settings = {"benchmarks": pd.Series({"NJ": 36_000.0}), "default_benchmark": 36_000.0,
    ...     "coefficient_of_variation": 0.7, "minimum_people": 10,
    ...     "rated": rules.tiers.rated_metrics}
    >>> programs = pd.DataFrame({"program_key": list("abc"), "reason": "", "compared_with": "all"})
    >>> found = guard_published(rows, programs, rules, settings, title="Own", validity="randomised")
    >>> found.loc[found["harmed"], ["program_key", "group", "state"]].values.tolist()
    [['a', 'women', 'shown']]
    """
    sets = programs[programs["reason"].eq("")].set_index("program_key")["compared_with"]
    metrics = [entry.metric for entry in rules.tiers.rated_metrics]
    parts = [pd.DataFrame(columns=CHECKED)]
    for by, rows in groups[groups["metric"].isin(metrics)].groupby("by", sort=False):
        table = pd.concat(
            [
                against_benchmark(part, title=title, validity=validity, **settings).assign(
                    by=by, group=group
                )
                for group, part in rows.groupby("group", sort=False)
            ],
            ignore_index=True,
        )
        table = against_chosen(table[table["program_key"].isin(sets.index)], benchmark, costs)
        table["compared_with"] = table["program_key"].map(sets)
        for (_, group), own in table.groupby(["compared_with", "group"], sort=False):
            others = table[table["group"].ne(group)]
            parts.append(_one_group(own, others, rules, with_bias))
        parts.append(_absent(table))
    filled = [part for part in parts if len(part)] or parts
    return pd.concat(filled, ignore_index=True).astype({"harmed": "bool"})


def _absent(table: pd.DataFrame) -> pd.DataFrame:
    """Groups of the file that a program has no row for: hidden, never a silent pass."""
    programs = table.drop_duplicates("program_key")[["program_key", "compared_with", "by"]]
    groups = table.drop_duplicates("group")[["group"]]
    every = programs.merge(groups, how="cross")
    there = table.set_index(["program_key", "group"]).index
    every = every[~every.set_index(["program_key", "group"]).index.isin(there)]
    return every.assign(
        state=HIDDEN, n=np.nan, shrunk=np.nan, chance_not_above=np.nan, harmed=False
    )


def _one_group(
    own: pd.DataFrame, others: pd.DataFrame, rules: Framework, with_bias: bool
) -> pd.DataFrame:
    """One group over the programs of a set, against the other groups of the same programs."""
    rows = own.assign(state=HIDDEN, shrunk=np.nan, chance_not_above=np.nan, harmed=False)
    rest = _rest(others[others["program_key"].isin(own["program_key"])], rules, with_bias)
    usable = own["reason"].eq("") & own["program_key"].isin(rest["program_key"])
    if usable.sum() > 1:
        mine = own[usable]
        y, _ = biased_numbers(mine, rules, 1.0 if with_bias else 0.0)
        found = guard_groups(
            mine.assign(estimate=y, n_treated=mine["n"], n_control=mine["n"]),
            rest,
            limit=rules.tiers.group_limit,
            minimum_people=rules.disclosure.minimum_cell,
            least_reliability=rules.tiers.group_least_reliability,
            tau_prior=rules.tiers.tau_prior,
        ).groups
        for column in ("state", "shrunk", "chance_not_above", "harmed"):
            rows.loc[usable, column] = found[column].to_numpy()
    return rows.assign(n=rows["n"].where(rows["state"].eq("shown")))[CHECKED]


def _rest(others: pd.DataFrame, rules: Framework, with_bias: bool) -> pd.DataFrame:
    """What each program's other people say of it, shrunk over programs."""
    usable = others[others["reason"].eq("")]
    if not len(usable):
        return pd.DataFrame(columns=["program_key", "mean", "standard_deviation"])
    y, s = biased_numbers(usable, rules, 1.0 if with_bias else 0.0)
    plain = usable["standard_error"].to_numpy(float)
    # groups weigh by their people; their errors are of different people
    weight = usable["n"].to_numpy(float)
    sums = (
        pd.DataFrame(
            {
                "program_key": usable["program_key"],
                "w": weight,
                "wy": weight * y,
                "wwv": weight**2 * plain**2,
                "shared": np.sqrt(np.maximum(s**2 - plain**2, 0.0)),
            }
        )
        .groupby("program_key", sort=False)
        .agg({"w": "sum", "wy": "sum", "wwv": "sum", "shared": "first"})
    )
    model = fit_normal_model(
        sums["wy"] / sums["w"], np.sqrt(sums["wwv"]) / sums["w"], tau_prior=rules.tiers.tau_prior
    )
    return pd.DataFrame(
        {
            "program_key": sums.index,
            "mean": model.mean,
            "standard_deviation": model.standard_deviation,
            "shared_deviation": sums["shared"].to_numpy(float),
        }
    )


def with_groups(programs: pd.DataFrame, checked: pd.DataFrame | None) -> pd.DataFrame:
    """Programs with ``group_allowed`` (in the top tier) and ``group_guard`` (in words).

    Parameters
    ----------
    programs : DataFrame
        ``program_key``.
    checked : DataFrame or None
        From :func:`guard_published`; None where no file has outcomes by group.

    Returns
    -------
    DataFrame
        The programs with both columns.

    Examples
    --------
    >>> programs = pd.DataFrame({"program_key": ["a", "b"]})
    >>> checked = pd.DataFrame({"program_key": ["a"] * 2, "group": ["women", "men"],
    ...                         "by": "gender", "state": ["shown", "hidden"],
    ...                         "harmed": [True, False]})
    >>> with_groups(programs, checked)["group_guard"].tolist()
    ['may leave no better off: women; not shown for men', 'not checked: no outcomes by group']
    """
    if checked is None:
        return programs.assign(group_allowed=True, group_guard=_NOT_CHECKED)
    marks = {key: _mark(part) for key, part in checked.groupby("program_key", sort=False)}
    harmed = set(checked.loc[checked["harmed"], "program_key"])
    return programs.assign(
        group_allowed=~programs["program_key"].isin(harmed),
        group_guard=[marks.get(key, _NOT_CHECKED) for key in programs["program_key"]],
    )


def _mark(part: pd.DataFrame) -> str:
    """What was checked in a program, in words: harm first, then what could not be checked."""
    # the same name may stand under race and under gender
    twice = part["group"].duplicated(keep=False)
    name = part["group"].where(~twice, part["group"] + " (" + part["by"] + ")")
    lists = [
        ("may leave no better off:", part["harmed"]),
        ("checked for", part["state"].eq("shown") & ~part["harmed"].any()),
        ("too few to tell for", part["state"].eq("too few to tell")),
        ("not shown for", part["state"].eq(HIDDEN)),
    ]
    return "; ".join(f"{words} {', '.join(name[rows])}" for words, rows in lists if rows.any())


def guard_counts(checked: pd.DataFrame) -> pd.DataFrame:
    """Programs by state of each group, and those where the group may be no better off.

    Parameters
    ----------
    checked : DataFrame
        From :func:`guard_published`.

    Returns
    -------
    DataFrame
        ``by``, ``group``, ``programs``, ``shown``, ``too_few``, ``hidden_programs``, ``harmed``.

    Examples
    --------
    >>> checked = pd.DataFrame({"by": "gender", "group": "women", "program_key": ["a", "b"],
    ...                         "state": ["shown", "hidden"], "harmed": [True, False]})
    >>> guard_counts(checked).values.tolist()
    [['gender', 'women', 2, 1, 0, 1, 1]]
    """
    states = {"shown": "shown", "too_few": "too few to tell", "hidden_programs": HIDDEN}
    marked = checked.assign(**{k: checked["state"].eq(v) for k, v in states.items()})
    return (
        marked.groupby(["by", "group"], sort=False)
        .agg(
            programs=("program_key", "nunique"),
            shown=("shown", "sum"),
            too_few=("too_few", "sum"),
            hidden_programs=("hidden_programs", "sum"),
            harmed=("harmed", "sum"),
        )
        .reset_index()
    )
