"""From the programs listed for a target to those that are shown: place, tier, limits, order."""

from typing import NamedTuple

import pandas as pd

from analysis.framework import Framework
from analysis.guide.limits import Limits, against_limits
from analysis.guide.ranking import in_place, ranked_programs
from analysis.guide.ratings import rated_programs, without_repeats


class Choice(NamedTuple):
    """Programs in their order, and those that break a limit of the worker's."""

    ranked: pd.DataFrame
    beyond: pd.DataFrame


def rated_in_place(
    listed: pd.DataFrame, tiers: pd.DataFrame, framework: Framework, *, state: str, city: str
) -> pd.DataFrame:
    """Programs of a place with their tier, each once.

    Parameters
    ----------
    listed : DataFrame
        Programs for a target (:mod:`analysis.skills.target_programs`).
    tiers : DataFrame
        Table ``tiers`` of notebook 05.
    framework : Framework
    state, city : str
        As for :func:`analysis.guide.ranking.in_place`.

    Returns
    -------
    DataFrame
        As of :func:`analysis.guide.ratings.rated_programs`.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> listed = pd.DataFrame({"list_name": "texas_etpl", "program_key": ["t1", "t2"],
    ...     "provider": "Alpha College", "program": "Medical Assistant", "credential": "CCMA",
    ...     "cip_code": "51.0801", "state": ["TX", "NJ"], "city": ["Waco", "Trenton"]})
    >>> tiers = pd.DataFrame({"program_key": ["s1"], "provider": ["The Alpha College"],
    ...     "program": ["Allied Health"], "cip_code": ["51.08"], "credential": ["Certificate"],
    ...     "tier": ["B"], "n": [40.0], "tier_probability": [0.9], "runner_up": ["A"],
    ...     "borderline": [False], "estimate": [9000.0], "group_guard": [""], "state": ["TX"],
    ...     "list_name": ["college_scorecard"], "reason": [""], "compared_with": ["all"]})
    >>> found = rated_in_place(listed, tiers, load_framework(), state="TX", city="")
    >>> found[["program_key", "tier"]].values.tolist()
    [['t1', 'B']]
    """
    here = without_repeats(in_place(listed, state=state, city=city))
    return rated_programs(here, tiers, framework.tiers.labels)


def choose(rated: pd.DataFrame, limits: Limits, framework: Framework) -> Choice:
    """Rated programs within a worker's limits, in the framework's order.

    Parameters
    ----------
    rated : DataFrame
        From :func:`rated_in_place`.
    limits : Limits
    framework : Framework

    Returns
    -------
    Choice

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> rated = pd.DataFrame({"program": ["a", "b", "c"], "tier": [None, "A", "A"],
    ...     "provider": "p", "group_guard": "", "match": "CIP crosswalk", "weeks": 12.0,
    ...     "cost": [100.0, 900.0, 9000.0], "delivery": "", "public_transit": "", "child_care": ""})
    >>> chosen = choose(rated, Limits(cost=1000), load_framework())
    >>> chosen.ranked["program"].tolist(), chosen.beyond["program"].tolist()
    (['b', 'a'], ['c'])
    """
    checked = against_limits(rated, limits)
    fits = checked["breaks"] == ""
    ranked = ranked_programs(
        checked[fits].reset_index(drop=True),
        tier_labels=framework.tiers.labels,
        match_order=framework.guide.match_order,
        weak_matches=framework.guide.weak_matches,
        order=framework.guide.order,
    )
    return Choice(ranked, checked[~fits])
