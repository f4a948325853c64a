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
