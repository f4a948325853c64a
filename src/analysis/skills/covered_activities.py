"""Which work activities of a delta a program covers, by name."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.skills.coverage import likeliest
from analysis.skills.covered_tasks import MOST


def covered_activities(
    probability: np.ndarray,
    soc_codes: Sequence[str],
    work_activities: pd.DataFrame | None,
    target: str,
    origins: Sequence[str],
    *,
    least: float,
) -> list[str]:
    """Activities of a target that the origin does not list and a program's likely jobs do.

    Unlike tasks, activities have identifiers that jobs share, so nothing rests on the likeness
    of words: a program covers an activity by the chance of the jobs that list it.

    Parameters
    ----------
    probability : ndarray, shape (programs, candidates)
        The ten likeliest occupations of each program count.
    soc_codes : sequence of str
        Six-digit candidates.
    work_activities : DataFrame or None
        Table ``work_activities``; without it nothing is named.
    target : str
        Six-digit code.
    origins : sequence of str
        Six-digit codes of the worker's jobs.
    least : float
        Smallest coverage (0 to 1) that is named.

    Returns
    -------
    list of str
        One text a program, at most three activities joined by '; ', the best covered first, of
        equals those of the fewest jobs; empty where none passes.

    Examples
    --------
    >>> listed = pd.DataFrame({"onet_soc_code": ["a", "b"], "dwa_id": ["1", "2"],
    ...     "dwa_title": ["Greet", "Draw blood"]})
    >>> covered_activities(np.array([[0.1, 0.9]]), ["a", "b"], listed, "b", ["a"], least=0.5)
    ['Draw blood']
    """
    if work_activities is None:
        return [""] * len(probability)
    listed = work_activities.assign(soc=work_activities["onet_soc_code"].str[:7])
    known = set(listed.loc[listed["soc"].isin(list(origins)), "dwa_id"])
    asked = listed[(listed["soc"] == target) & ~listed["dwa_id"].isin(known)]
    titles = asked.drop_duplicates("dwa_id").set_index("dwa_id")["dwa_title"]
    place = {code: column for column, code in enumerate(soc_codes)}
    held = listed[listed["dwa_id"].isin(titles.index) & listed["soc"].isin(place)]
    lists = np.zeros((len(soc_codes), len(titles)))
    lists[held["soc"].map(place), titles.index.get_indexer(held["dwa_id"])] = 1
    covered = np.round(likeliest(probability) @ lists, 9)
    breadth = lists.sum(axis=0)
    named = []
    for row in covered:
        order = np.lexsort((breadth, -row))
        passing = [str(titles.iloc[place]) for place in order if row[place] >= least]
        named.append("; ".join(passing[:MOST]))
    return named
