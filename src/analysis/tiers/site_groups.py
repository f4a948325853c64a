"""The guard for groups on a trial's sites: which groups of which sites can be checked at all."""

import numpy as np
import pandas as pd

from analysis.framework import Framework
from analysis.tiers.equity_guard import guard_groups
from analysis.tiers.normal_model import fit_normal_model

_CHECKED = ["program_key", "group", "state", "shrunk", "chance_not_above", "harmed"]


def guard_sites(
    people: pd.DataFrame, outcome: str, group: str, rules: Framework, *, months: float
) -> pd.DataFrame:
    """State of every group at every site, and its chance of no gain where it can be told.

    Parameters
    ----------
    people : DataFrame
        One row a person: ``stratum`` (site), ``treated`` (0 or 1), the outcome and the group.
    outcome, group : str
        Columns: dollars over the follow-up, and race, gender or both.
    rules : Framework
    months : float
        Length of the follow-up.

    Returns
    -------
    DataFrame
        ``program_key`` (site), ``group``, ``state`` (shown, too few to tell, hidden), ``shrunk``
        (dollars a year), ``chance_not_above``, ``harmed``. A group with fewer than two people in
        an arm of a site has no row of its own there and is hidden.

    Notes
    -----
    What is known of a site outside a group comes from its other people alone, so that no person
    is counted twice.

    Examples
    --------
    Twelve women and twelve men in each arm of three sites; women of the last one gain nothing.

    >>> from analysis.framework import load_framework
    >>> rows = [(site, arm, group, arm * 9000 * (site + group != "cwomen") + 300 * (i % 3))
    ...         for site in "abc" for arm in (0, 1) for group in ("men", "women")
    ...         for i in range(12)]
    >>> people = pd.DataFrame(rows, columns=["stratum", "treated", "gender", "earnings"])
    >>> found = guard_sites(people, "earnings", "gender", load_framework(), months=12.0)
    >>> len(found), found.loc[found["harmed"], ["program_key", "group", "state"]].values.tolist()
    (6, [['c', 'women', 'shown']])
    """
    parts = []
    for name in sorted(people[group].astype("str").unique()):
        within = people[group].astype("str").eq(name)
        rest = site_differences(people[~within], outcome, months)
        if len(rest) < 2:
            continue
        model = fit_normal_model(
            rest["estimate"], rest["standard_error"], tau_prior=rules.tiers.tau_prior
        )
        known = rest[["program_key"]].assign(
            mean=model.mean, standard_deviation=model.standard_deviation
        )
        rows = site_differences(people[within], outcome, months).assign(group=name)
        rows = rows[rows["program_key"].isin(known["program_key"])]
        if not len(rows):
            continue
        found = guard_groups(
            rows,
            known,
            limit=rules.tiers.group_limit,
            minimum_people=rules.disclosure.minimum_cell,
            least_reliability=rules.tiers.group_least_reliability,
            tau_prior=rules.tiers.tau_prior,
        )
        parts.append(found.groups[_CHECKED])
    if not parts:
        return pd.DataFrame(columns=_CHECKED)
    table = pd.concat(parts, ignore_index=True)
    every = pd.MultiIndex.from_product(
        [sorted(people["stratum"].astype("str").unique()), table["group"].unique()],
        names=["program_key", "group"],
    )
    full = table.set_index(["program_key", "group"]).reindex(every).reset_index()
    return full.assign(state=full["state"].fillna("hidden"), harmed=full["harmed"].eq(True))


def site_differences(people: pd.DataFrame, outcome: str, months: float) -> pd.DataFrame:
    """Difference in means by site in dollars a year; sites with two or more people in each arm.

    Parameters
    ----------
    people : DataFrame
        ``stratum`` (site), ``treated`` (0 or 1) and the outcome.
    outcome : str
        Column in dollars over the follow-up.
    months : float
        Length of the follow-up.

    Returns
    -------
    DataFrame
        ``program_key`` (site), ``estimate`` and ``standard_error`` (dollars a year),
        ``n_treated``, ``n_control``.

    Examples
    --------
    >>> frame = pd.DataFrame({"stratum": "a", "treated": [0, 0, 1, 1], "y": [0.0, 2.0, 5.0, 7.0]})
    >>> site_differences(frame, "y", 12.0)[["estimate", "n_treated"]].values.tolist()
    [[5.0, 2.0]]
    """
    table = people.groupby(["stratum", "treated"], observed=True)[outcome].agg(
        ["mean", "var", "count"]
    )
    wide = table.unstack().dropna()
    wide = wide[(wide["count"] >= 2).all(axis=1)]
    year = 12 / months
    error = np.sqrt((wide["var"] / wide["count"]).sum(axis=1)) * year
    return pd.DataFrame(
        {
            "program_key": wide.index.astype("str"),
            "estimate": ((wide["mean"][1] - wide["mean"][0]) * year).to_numpy(),
            "standard_error": error.to_numpy(),
            "n_treated": wide["count"][1].to_numpy(),
            "n_control": wide["count"][0].to_numpy(),
        }
    ).loc[lambda rows: rows["standard_error"] > 0]


def state_counts(guarded: pd.DataFrame) -> pd.DataFrame:
    """Sites by state of each group, and those where the group may be no better off.

    Parameters
    ----------
    guarded : DataFrame
        From :func:`guard_sites`.

    Returns
    -------
    DataFrame
        ``group``, ``sites``, ``shown``, ``too_few``, ``hidden_sites``, ``harmed``.

    Examples
    --------
    >>> guarded = pd.DataFrame({"program_key": ["a", "b"], "group": "women",
    ...                         "state": ["shown", "hidden"], "harmed": [True, False]})
    >>> state_counts(guarded).to_dict("records")
    [{'group': 'women', 'sites': 2, 'shown': 1, 'too_few': 0, 'hidden_sites': 1, 'harmed': 1}]
    """
    marked = guarded.assign(
        shown=guarded["state"].eq("shown"),
        too_few=guarded["state"].eq("too few to tell"),
        hidden_sites=guarded["state"].eq("hidden"),
    )
    return (
        marked.groupby("group", sort=True)
        .agg(
            sites=("program_key", "nunique"),
            shown=("shown", "sum"),
            too_few=("too_few", "sum"),
            hidden_sites=("hidden_sites", "sum"),
            harmed=("harmed", "sum"),
        )
        .reset_index()
    )
