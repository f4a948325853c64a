"""How many programs are called effective when one metric counts, another, all or any of them.

A public index of credentials moves "effective" from one in eight to one in three by the choice of
metrics alone (Burning Glass Institute, Measuring What Matters). Here the same programs are judged
under every choice, so that nothing but the choice moves the count.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from analysis.framework import CountedMetric
from analysis.framework.presets import Criterion, Preset
from analysis.tiers.published_rules import MEETS, under_rules


def choices_of(counted: Sequence[CountedMetric], names: dict[str, str]) -> Iterator[Preset]:
    """Every choice of metrics as a rule: each alone, then all and any of each larger set.

    Parameters
    ----------
    counted : sequence of CountedMetric
    names : dict of str to str
        Names of the metrics by id.

    Yields
    ------
    Preset
        For one metric its own; for k of them k, and two (all, any) for each larger set.

    Examples
    --------
    >>> metrics = [CountedMetric(metric="earnings", limit="benchmark", why=""),
    ...     CountedMetric(metric="employed_share", limit=0.5, why="")]
    >>> names = {"earnings": "Pay", "employed_share": "Work"}
    >>> [one.name for one in choices_of(metrics, names)]
    ['Pay alone', 'Work alone', 'Pay and work', 'Pay or work']
    """
    for size in range(1, len(counted) + 1):
        for chosen in combinations(counted, size):
            criteria = [
                Criterion(outcome=one.metric, limit=one.limit, words=names[one.metric])
                for one in chosen
            ]
            first, *others = [criterion.words for criterion in criteria]
            ways = [("all", " and ", size), ("any", " or ", 1)]
            for way, between, needed in ways if others else [("alone", "", size)]:
                name = between.join([first, *map(str.lower, others)])
                yield Preset(
                    id=f"{'_'.join(one.metric for one in chosen)}_{way}",
                    name=name if others else f"{name} alone",
                    vintage="", citation="", retrieved="", needed=needed, criteria=criteria,
                )  # fmt: skip


def metric_choices(
    programs: pd.DataFrame,
    values: pd.DataFrame,
    tiers: pd.Series,
    choices: Sequence[Preset],
    labels: Sequence[str],
    level: float,
) -> pd.DataFrame:
    """Programs that meet each choice of metrics, among those for which every metric is known.

    Parameters
    ----------
    programs, values
        As for :func:`analysis.tiers.published_rules.under_rules`.
    tiers : Series
        Tier by ``program_key``, as rated on earnings.
    choices : sequence of Preset
        From :func:`choices_of`.
    labels : sequence of str
        Tiers, best first.
    level : float
        Of the intervals.

    Returns
    -------
    DataFrame
        One row a choice: ``choice_id``, ``choice``, ``programs``, ``meets``, ``share`` with its
        Wilson interval over programs (``interval_low``, ``interval_high``), ``expected`` (mean
        chance that the true values meet it, which the noise leaves), ``open_share`` (chance
        between 10 and 90 percent) and ``tier_<label>``: tiers of those that meet it. Empty where
        no program has all metrics, or there is one metric only.

    Examples
    --------
    >>> counted = [CountedMetric(metric="earnings", limit=30_000.0, why=""),
    ...            CountedMetric(metric="employed_share", limit=0.5, why="")]
    >>> names = {"earnings": "Pay", "employed_share": "Work"}
    >>> programs = pd.DataFrame({"program_key": ["a", "b"], "credential": "", "benchmark": 0.0})
    >>> values = pd.DataFrame({"program_key": ["a", "b"] * 2, "n": 100.0, "field": "51",
    ...     "outcome": ["earnings"] * 2 + ["employed_share"] * 2, "compared_with": "all",
    ...     "value": [50_000.0, 20_000.0, 0.9, 0.8], "standard_error": [900.0, 900.0, 0.1, 0.1]})
    >>> choices, tiers = list(choices_of(counted, names)), pd.Series({"a": "A", "b": "D"})
    >>> found = metric_choices(programs, values, tiers, choices, ["A", "D"], 0.95)
    >>> found[["choice", "meets", "tier_D"]].values.tolist()
    [['Pay alone', 1, 0], ['Work alone', 2, 1], ['Pay and work', 1, 0], ['Pay or work', 2, 1]]
    """
    wanted = {criterion.outcome for choice in choices for criterion in choice.criteria}
    known = values[values["outcome"].isin(wanted)].groupby("program_key")["outcome"].nunique()
    complete = known.index[known == len(wanted)]
    if len(wanted) < 2 or not len(complete):
        return pd.DataFrame()
    same = programs[programs["program_key"].isin(complete)]
    judged = under_rules(same, values, choices)
    rows = []
    for choice in choices:
        part = judged[judged["rule"].eq(choice.id)].set_index("program_key")
        meets = part["status"].eq(MEETS)
        low, high = proportion_confint(int(meets.sum()), len(part), 1 - level, "wilson")
        of_meeting = tiers.reindex(part.index[meets])
        rows.append(
            {
                "choice_id": choice.id,
                "choice": choice.name,
                "programs": len(part),
                "meets": int(meets.sum()),
                "share": float(meets.mean()),
                "interval_low": low,
                "interval_high": high,
                "expected": float(np.mean(part["probability"])),
                "open_share": float(part["probability"].between(0.1, 0.9).mean()),
                **{f"tier_{label}": int(of_meeting.eq(label).sum()) for label in labels},
            }
        )
    return pd.DataFrame(rows)
