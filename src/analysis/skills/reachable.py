"""Better-paid jobs that lie near an origin: all targets at once, wage gain against delta."""

import numpy as np
import pandas as pd

from analysis.framework import GoodJob
from analysis.skills.delta import expected_shortfall
from analysis.skills.many_gaps import adjusted_probability
from analysis.skills.measures import Vectors
from analysis.skills.wage_step import wages_in

TARGET_COLUMNS = [
    "target_code",
    "target_title",
    "job_zone",
    "median_wage",
    "wage_gain",
    "new_task_share",
    "delta",
    "kind",
    "good_job",
    "reachable",
]


def deltas_from(
    levels: pd.DataFrame,
    origin: str,
    job_zones: pd.DataFrame | None,
    *,
    gap_level: float,
    probability: float,
) -> pd.Series:
    """Total need shown from one origin to every rated occupation.

    The sum over the gaps that `analysis.skills.move_tables.gap_table` would show, for all targets
    at once.

    Parameters
    ----------
    levels, job_zones, gap_level, probability
        As for `gap_table`.
    origin : str
        O*NET-SOC code.

    Returns
    -------
    Series
        By O*NET-SOC code; empty where the origin is not rated.

    Examples
    --------
    Medicine is 4.5 levels higher in b and important by three quarters of the scale; speaking hardly
    differs.

    >>> levels = pd.DataFrame({"onet_soc_code": ["a", "a", "b", "b"], "domain": "knowledge",
    ...     "element_id": ["Speaking", "Medicine"] * 2, "level": [3.0, 0.5, 3.2, 5.0],
    ...     "standard_error": 0.05, "importance": 4.0})
    >>> deltas_from(levels, "a", None, gap_level=0.5, probability=0.9).round(3).to_dict()
    {'a': 0.0, 'b': 3.375}
    """
    if origin not in set(levels["onet_soc_code"]):
        return pd.Series(dtype=float)
    total: pd.Series | None = None
    for domain, part in levels.groupby("domain"):
        wide = part.pivot(index="onet_soc_code", columns="element_id")
        level, error = wide["level"], wide["standard_error"]
        if origin not in level.index:
            continue
        gap = level - level.loc[origin]
        spread = (error**2 + error.loc[origin] ** 2) ** 0.5
        spread.loc[origin] = 0.0
        specific = gap
        if domain == "skills" and job_zones is not None:
            zone = job_zones.set_index("onet_soc_code")["job_zone"].reindex(level.index)
            means = level.groupby(zone).mean().reindex(zone)
            if zone[[origin]].notna().all():
                step = means.to_numpy() - level.groupby(zone).mean().loc[zone[origin]].to_numpy()
                specific = gap - np.nan_to_num(step)
        weight = (wide["importance"] - 1) / 4
        need = weight.to_numpy() * expected_shortfall(gap.to_numpy(), spread.to_numpy())
        shown = np.zeros(need.shape, dtype=bool)
        for row, (gaps, errors) in enumerate(
            zip(specific.to_numpy(), spread.to_numpy(), strict=True)
        ):
            rated = np.isfinite(gaps)
            chance = adjusted_probability(gaps[rated], errors[rated], gap_level)
            shown[row, rated] = chance >= probability
        shown &= gap.to_numpy() > 0
        needs = pd.Series(np.where(shown, need, 0.0).sum(axis=1), index=level.index)
        total = needs if total is None else total.add(needs, fill_value=0.0)
    return pd.Series(dtype=float) if total is None else total


def new_task_shares(
    tasks: pd.DataFrame, origin: str, vectors: Vectors | None, perhaps_related: float
) -> pd.Series:
    """Share of each occupation's tasks that read like no task of the origin.

    Parameters
    ----------
    tasks : DataFrame
        Table ``tasks``.
    origin : str
    vectors : callable or None
        Sentence vectors; without it nothing is computed.
    perhaps_related : float
        Centred cosine below which a task is new.

    Returns
    -------
    Series
        By O*NET-SOC code; empty without vectors or without tasks of the origin.

    Examples
    --------
    >>> tasks = pd.DataFrame({"onet_soc_code": ["a", "b", "b"], "task": ["Greet", "Greet", "Draw"]})
    >>> def vectors(texts):
    ...     return np.array([[1.0, 0.0] if text == "Greet" else [0.0, 1.0] for text in texts])
    >>> new_task_shares(tasks, "a", vectors, 0.3).to_dict()
    {'a': 0.0, 'b': 0.5}
    """
    of_origin = tasks["onet_soc_code"].eq(origin).to_numpy()
    if vectors is None or not of_origin.any():
        return pd.Series(dtype=float)
    every = vectors(tasks["task"].tolist()).astype(float)
    centred = every - every.mean(axis=0)
    unit = centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-12)
    best = (unit @ unit[of_origin].T).max(axis=1)
    new = pd.Series(best < perhaps_related)
    return new.groupby(tasks["onet_soc_code"].to_numpy()).mean()


def _paid_jobs(
    origin: str,
    occupations: pd.DataFrame,
    wages: pd.DataFrame,
    state: str,
    job_zones: pd.DataFrame | None,
) -> pd.DataFrame:
    """Every occupation with its wage, the gain on the origin, and zones and zones up from it."""
    paid = wages_in(wages, occupations["onet_soc_code"].tolist(), state)
    table = pd.DataFrame(
        {
            "target_code": occupations["onet_soc_code"].to_numpy(),
            "target_title": occupations["title"].to_numpy(),
            "median_wage": paid["annual_median"].to_numpy(),
        }
    )
    zone = pd.Series(dtype=float) if job_zones is None else job_zones.set_index("onet_soc_code")[
        "job_zone"]  # fmt: skip
    table["job_zone"] = table["target_code"].map(zone).astype("Int64")
    own = table.loc[table["target_code"] == origin].iloc[0]
    table["wage_gain"] = table["median_wage"] - own["median_wage"]
    table["step"] = (table["job_zone"] - own["job_zone"]).astype("Float64")
    return table


def better_paid_targets(
    origin: str,
    occupations: pd.DataFrame,
    *,
    wages: pd.DataFrame | None,
    state: str,
    job_zones: pd.DataFrame | None,
    deltas: pd.Series,
    new_tasks: pd.Series,
    rule: GoodJob,
    reachable_share: float,
    zone_step: int,
) -> pd.DataFrame:
    """Occupations that pay more than the origin, those that are reachable first.

    Parameters
    ----------
    origin : str
        O*NET-SOC code.
    occupations, wages, job_zones : DataFrame
        Tables; without wages the result is empty, without job zones ``zone_step`` does not count.
    state : str
        Two letters; empty for the nation.
    deltas, new_tasks : Series
        From `deltas_from` and `new_task_shares`. The delta is the first, or the second times 100
        where jobs are not rated.
    rule : GoodJob
        Its dollars are brought to today's by its own factor.
    reachable_share : float
        Reachable is this share of the better-paid ones: those with the lowest mean of two ranks,
        by delta and by share of new tasks.
    zone_step : int
        ... and at most so many job zones up, where zones are known.

    Returns
    -------
    DataFrame
        ``TARGET_COLUMNS``; ``kind`` is 'target', 'gateway' or 'origin' by the rule's wages. Empty
        without wages or a known origin.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> frame = pd.DataFrame({"onet_soc_code": ["11-1011.00"], "title": ["Chief Executives"]})
    >>> len(better_paid_targets("11-1011.00", frame, wages=None, state="", job_zones=None,
    ...     deltas=pd.Series(dtype=float), new_tasks=pd.Series(dtype=float),
    ...     rule=load_framework().good_job, reachable_share=0.25, zone_step=1))
    0
    """
    empty = pd.DataFrame(columns=TARGET_COLUMNS).astype({"good_job": bool, "reachable": bool})
    if wages is None or origin not in set(occupations["onet_soc_code"]):
        return empty
    table = _paid_jobs(origin, occupations, wages, state, job_zones)
    table["new_task_share"] = table["target_code"].map(new_tasks).astype(float)
    rated = deltas if len(deltas) else 100 * new_tasks
    table["delta"] = table["target_code"].map(rated).astype(float)
    table = table[table["wage_gain"].gt(0) & table["delta"].notna()]
    if table.empty:
        return empty
    good, low = (
        bound * rule.inflation_factor
        for bound in (rule.minimum_annual_earnings, rule.low_income_below)
    )
    table["kind"] = np.select(
        [table["median_wage"] > good, table["median_wage"] >= low], ["target", "gateway"], "origin"
    )
    table["good_job"] = table["kind"].eq("target")
    # ratings do not know what is taught and tasks do not know how well: half of each
    distance = table[["delta", "new_task_share"]].rank(pct=True).mean(axis=1)
    near = distance <= distance.quantile(reachable_share)
    step = table["step"]
    table["reachable"] = near & (step.isna() | step.le(zone_step)).fillna(True).astype(bool)
    return table.sort_values(
        ["reachable", "good_job", "wage_gain"], ascending=False, ignore_index=True
    )[TARGET_COLUMNS]
