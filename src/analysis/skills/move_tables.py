"""The delta of one move as tables: what carries over and what is missing, each in a list.

Where a description is not at hand, its table is empty and has its columns all the same.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import norm

from analysis.framework import Skills
from analysis.skills.delta import element_gaps, strengths
from analysis.skills.foundation import net_of_zone
from analysis.skills.many_gaps import with_adjusted_probability
from analysis.skills.measures import Frames, Vectors
from analysis.skills.move import Move
from analysis.skills.rating_levels import rating_levels
from analysis.skills.work_delta import activity_delta, task_delta, technology_delta

GAPS = [
    "domain",
    "element",
    "level_origin",
    "level_target",
    "gap",
    "standard_error",
    "interval_low",
    "interval_high",
    "probability",
    "adjusted_probability",
    "general",
    "specific",
    "need",
    "distinctiveness",
    "flags",
    "shown",
]
TASKS = ["task", "best_cosine", "nearest_origin_task", "band"]
ACTIVITIES = ["dwa_id", "dwa_title", "n_tasks", "relation"]
TECHNOLOGY = [
    "commodity_title",
    "in_demand",
    "hot_technology",
    "examples",
    "share_of_occupations",
]
STRENGTHS = ["kind", "strength", "why"]
_OF_EACH_KIND = 6


def rated_levels(skills: pd.DataFrame | None, knowledge: pd.DataFrame | None) -> pd.DataFrame:
    """Levels of skills and knowledge with usable errors; empty where neither is at hand.

    Parameters
    ----------
    skills, knowledge : DataFrame or None
        Tables of ratings.

    Returns
    -------
    DataFrame
        As of `analysis.skills.rating_levels.rating_levels`.

    Examples
    --------
    >>> frame = pd.DataFrame({"onet_soc_code": "a", "domain": "skills", "element_id": "2.A.1.a",
    ...     "element": "Reading", "scale_id": ["IM", "LV"], "value": [3.0, 4.0], "n": 8,
    ...     "standard_error": 0.2, "recommend_suppress": False, "not_relevant": False})
    >>> rated_levels(frame, None)[["element", "level", "importance"]].values.tolist()
    [['Reading', 4.0, 3.0]]
    >>> len(rated_levels(None, None))
    0
    """
    at_hand = [frame for frame in (skills, knowledge) if frame is not None]
    if not at_hand:
        return pd.DataFrame({"onet_soc_code": pd.Series(dtype="str")})
    return rating_levels(pd.concat(at_hand, ignore_index=True))


def gap_table(
    levels: pd.DataFrame,
    move: Move,
    job_zones: pd.DataFrame | None,
    *,
    gap_level: float,
    probability: float,
    level: float,
) -> pd.DataFrame:
    """Every rated element of both jobs; ``shown`` marks the gaps that are clear of noise.

    Parameters
    ----------
    levels : DataFrame
        From `rated_levels`.
    move : Move
    job_zones : DataFrame or None
        With it, gaps in skills are split into what the step between zones brings anyway
        (``general``) and the rest (``specific``), and only the rest can be shown.
    gap_level, probability : float
        Smallest gap that matters, and the least adjusted probability of it.
    level : float
        Of the intervals of the gap.

    Returns
    -------
    DataFrame
        Columns ``GAPS``; knowledge before skills, shown ones first, by need. Empty where one of
        the two jobs is not rated, and nothing is shown where they are the same job.

    Examples
    --------
    >>> levels = pd.DataFrame({"onet_soc_code": ["a", "a", "b", "b"], "domain": "knowledge",
    ...     "element": ["Speaking", "Medicine"] * 2, "element_id": ["1", "2"] * 2,
    ...     "level": [3.0, 0.5, 3.2, 5.0], "standard_error": 0.05, "importance": 4.0,
    ...     "standard_deviation": 1.0, "recommend_suppress": False, "not_relevant": False,
    ...     "error_imputed": False, "error_floored": False})
    >>> move = Move("a", "b", "Cashiers", "Medical Assistants")
    >>> found = gap_table(levels, move, None, gap_level=0.5, probability=0.9, level=0.95)
    >>> found[["element", "gap", "shown"]].round(3).values.tolist()
    [['Medicine', 4.5, True], ['Speaking', 0.2, False]]
    """
    rated = set(levels["onet_soc_code"])
    if not {move.origin, move.target} <= rated:
        return pd.DataFrame({name: pd.Series(dtype=_kind(name)) for name in GAPS})
    gaps = element_gaps(levels, move.origin, move.target, gap_level=gap_level)
    gaps = net_of_zone(gaps, levels, job_zones, move.origin, move.target, gap_level=gap_level)
    gaps = with_adjusted_probability(gaps, gap_level)
    reach = float(norm.ppf((1 + level) / 2)) * gaps["standard_error"]
    gaps["interval_low"], gaps["interval_high"] = gaps["gap"] - reach, gaps["gap"] + reach
    gaps["shown"] = gaps["adjusted_probability"].ge(probability) & gaps["gap"].gt(0)
    gaps = gaps.sort_values(
        ["domain", "shown", "need", "element"], ascending=[True, False, False, True]
    )
    return gaps[GAPS].reset_index(drop=True)


def task_table(
    tasks: pd.DataFrame,
    move: Move,
    vectors: Vectors | None,
    *,
    closely_related: float,
    perhaps_related: float,
) -> pd.DataFrame:
    """Tasks of the target, the least like the origin's first; empty for a job and itself.

    Without sentence vectors the likeness is that of the words (TF-IDF), on the same scale of 0
    to 1 but lower for the same thing said in other words, so fewer tasks count as related.

    Parameters
    ----------
    tasks : DataFrame
        Table ``tasks``.
    move : Move
    vectors : callable or None
        Sentence vectors; None for TF-IDF.
    closely_related, perhaps_related : float
        Cosines from which a task counts as such.

    Returns
    -------
    DataFrame
        Columns ``TASKS``.

    Examples
    --------
    >>> tasks = pd.DataFrame({"onet_soc_code": ["a", "b", "b"], "task_id": ["1", "2", "3"],
    ...     "task": ["Greet patients.", "Draw blood.", "Greet patients."], "task_type": "Core"})
    >>> found = task_table(tasks, Move("a", "b", "", ""), None,
    ...                    closely_related=0.6, perhaps_related=0.3)
    >>> found[["task", "band"]].values.tolist()
    [['Draw blood.', 'new'], ['Greet patients.', 'closely related']]
    """
    sides = [tasks[tasks["onet_soc_code"] == code] for code in (move.origin, move.target)]
    if move.is_none or any(side.empty for side in sides):
        return pd.DataFrame({name: pd.Series(dtype=_kind(name)) for name in TASKS})
    origin_vectors, target_vectors, centre = _task_vectors(tasks, sides, vectors)
    table = task_delta(
        sides[0], sides[1], origin_vectors, target_vectors, centre,
        closely_related=closely_related, perhaps_related=perhaps_related,
    )  # fmt: skip
    return table[TASKS]


def activity_table(work_activities: pd.DataFrame | None, move: Move) -> pd.DataFrame:
    """Detailed work activities of the target by their relation to the origin's.

    Parameters
    ----------
    work_activities : DataFrame or None
        Table ``work_activities``.
    move : Move

    Returns
    -------
    DataFrame
        Columns ``ACTIVITIES``; no rows without the table.

    Examples
    --------
    >>> frame = pd.DataFrame({"onet_soc_code": ["a", "b", "b"], "task_id": ["1", "2", "3"],
    ...     "dwa_id": ["4.A.1.I01.D01", "4.A.1.I01.D02", "4.A.2.I07.D01"],
    ...     "dwa_title": ["Greet.", "Inform.", "Draw blood."]})
    >>> move = Move("a", "b", "", "")
    >>> activity_table(frame, move)[["dwa_title", "relation"]].values.tolist()
    [['Draw blood.', 'new'], ['Inform.', 'same intermediate activity']]
    >>> list(activity_table(None, move)) == ACTIVITIES
    True
    """
    if work_activities is None:
        return pd.DataFrame({name: pd.Series(dtype=_kind(name)) for name in ACTIVITIES})
    return activity_delta(work_activities, move.origin, move.target)[ACTIVITIES]


def technology_table(
    technology_skills: pd.DataFrame | None, move: Move, common_share: float
) -> pd.DataFrame:
    """Kinds of technology that the origin does not hold; ``examples`` as one text.

    Parameters
    ----------
    technology_skills : DataFrame or None
        Table ``technology_skills``.
    move : Move
    common_share : float
        As in :func:`analysis.skills.work_delta.technology_delta`.

    Returns
    -------
    DataFrame
        Columns ``TECHNOLOGY``; no rows without the table.

    Examples
    --------
    >>> frame = pd.DataFrame({"onet_soc_code": ["a", "b", "b", "c"], "hot_technology": False,
    ...     "commodity_code": ["1", "2", "2", "3"], "in_demand": [False, True, True, False],
    ...     "commodity_title": ["Till software"] + ["Medical software"] * 2 + ["Mail software"],
    ...     "example": ["Till", "Epic", "Cerner", "Mail"]})
    >>> found = technology_table(frame, Move("a", "b", "", ""), 0.9)
    >>> found[["commodity_title", "examples"]].values.tolist()
    [['Medical software', 'Cerner, Epic']]
    """
    if technology_skills is None:
        return pd.DataFrame({name: pd.Series(dtype=_kind(name)) for name in TECHNOLOGY})
    table = technology_delta(technology_skills, move.origin, move.target, common_share=common_share)
    return table.assign(examples=table["examples"].map(", ".join).astype("str"))[TECHNOLOGY]


def strength_table(
    levels: pd.DataFrame,
    move: Move,
    activities: pd.DataFrame,
    tasks: pd.DataFrame,
    *,
    gap_level: float,
) -> pd.DataFrame:
    """What carries over, in words: at most six of each kind, the largest first.

    Parameters
    ----------
    levels : DataFrame
        From `rated_levels`.
    move : Move
    activities, tasks : DataFrame
        From `activity_table` and `task_table`.
    gap_level : float
        Smallest gap that matters.

    Returns
    -------
    DataFrame
        ``kind`` ('knowledge', 'skill', 'work activity', 'task to ask about'), ``strength``,
        ``why``. A task is never called known: its likeness is of words, so it is a question to
        ask the worker.

    Examples
    --------
    >>> levels = pd.DataFrame({"onet_soc_code": ["a", "b"], "domain": "skills", "element_id": "1",
    ...     "element": "Speaking", "level": [3.0, 3.2], "standard_error": 0.05, "importance": 4.0,
    ...     "standard_deviation": 1.0, "recommend_suppress": False, "not_relevant": False,
    ...     "error_imputed": False, "error_floored": False})
    >>> activities = pd.DataFrame({"dwa_id": ["1"], "dwa_title": "Greet.", "n_tasks": 1,
    ...                            "relation": "same activity"})
    >>> tasks = pd.DataFrame({"task": ["Greet."], "best_cosine": 1.0, "band": "closely related",
    ...                       "nearest_origin_task": "Greet customers."})
    >>> found = strength_table(levels, Move("a", "b", "", ""), activities, tasks, gap_level=0.5)
    >>> found[["kind", "strength"]].values.tolist()
    [['skill', 'Speaking'], ['work activity', 'Greet.'], ['task to ask about', 'Greet.']]
    """
    rows: list[tuple[str, str, str]] = []
    if {move.origin, move.target} <= set(levels["onet_soc_code"]):
        kept = strengths(levels, move.origin, move.target, gap_level=gap_level)
        for domain, kind in (("knowledge", "knowledge"), ("skills", "skill")):
            for row in kept[kept["domain"] == domain].head(_OF_EACH_KIND).itertuples():
                why = (
                    f"the target asks for level {row.level_target:.1f} of 7, the origin for "
                    f"{row.level_origin:.1f}"
                )
                rows.append((kind, str(row.element), why))
    held = activities[activities["relation"].ne("new")].sort_values("relation", kind="stable")
    reasons = {
        "same activity": "both jobs list it",
        "same intermediate activity": "the origin lists another one of the same kind",
    }
    for row in held.head(_OF_EACH_KIND).itertuples():
        rows.append(("work activity", str(row.dwa_title), reasons[str(row.relation)]))
    asked = tasks[tasks["band"].ne("new")].sort_values("best_cosine", ascending=False)
    for row in asked.head(_OF_EACH_KIND).itertuples():
        why = f"reads like a task of the origin: {row.nearest_origin_task}"
        rows.append(("task to ask about", str(row.task), why))
    return pd.DataFrame(rows, columns=STRENGTHS).astype("str")


class MoveTables(NamedTuple):
    """What a move asks for and what carries over, each by the function of its name."""

    tasks: pd.DataFrame
    gaps: pd.DataFrame
    activities: pd.DataFrame
    strengths: pd.DataFrame


def tables_of_move(
    move: Move,
    frames: Frames,
    levels: pd.DataFrame,
    job_zones: pd.DataFrame | None,
    vectors: Vectors | None,
    rules: Skills,
    level: float,
) -> MoveTables:
    """The tables of one move by the framework's rules; tasks must be among the frames.

    Parameters
    ----------
    move : Move
    frames : mapping of str to (DataFrame or None)
        ``tasks``, ``work_activities``.
    levels, job_zones, level
        As for `gap_table`.
    vectors : callable or None
        Sentence vectors; without them tasks are compared by words.
    rules : Skills

    Returns
    -------
    MoveTables

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> tasks = pd.DataFrame({"onet_soc_code": ["a", "b", "b"], "task_id": ["1", "2", "3"],
    ...     "task": ["Greet patients.", "Draw blood.", "Greet patients."], "task_type": "Core"})
    >>> unrated = pd.DataFrame({"onet_soc_code": pd.Series(dtype="str")})
    >>> found = tables_of_move(
    ...     Move("a", "b", "Cashiers", "Nurses"), {"tasks": tasks, "work_activities": None},
    ...     unrated, None, None, load_framework().skills, 0.95,
    ... )  # fmt: skip
    >>> len(found.tasks), len(found.gaps), found.strengths["strength"].tolist()
    (2, 0, ['Greet patients.'])
    """
    all_tasks = frames["tasks"]
    assert all_tasks is not None
    tasks = task_table(
        all_tasks, move, vectors,
        closely_related=rules.task_closely_related, perhaps_related=rules.task_perhaps_related,
    )  # fmt: skip
    gaps = gap_table(
        levels, move, job_zones,
        gap_level=rules.gap_level, probability=rules.gap_probability, level=level,
    )  # fmt: skip
    activities = activity_table(frames["work_activities"], move)
    carried = strength_table(levels, move, activities, tasks, gap_level=rules.gap_level)
    return MoveTables(tasks, gaps, activities, carried)


def _task_vectors(
    tasks: pd.DataFrame, sides: Sequence[pd.DataFrame], vectors: Vectors | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    if vectors is not None:
        everything = vectors(tasks["task"].tolist()).astype(float)
        place = pd.Series(range(len(tasks)), index=tasks.index)
        origin, target = (everything[place.loc[side.index]] for side in sides)
        return origin, target, everything.mean(axis=0)
    from sklearn.feature_extraction.text import TfidfVectorizer

    weigh: Callable[..., TfidfVectorizer] = TfidfVectorizer
    terms = weigh(sublinear_tf=True, stop_words="english").fit(tasks["task"])
    origin, target = (terms.transform(side["task"]).toarray() for side in sides)
    return origin, target, np.zeros(origin.shape[1])


def _kind(name: str) -> str:
    if name in ("shown", "in_demand", "hot_technology"):
        return "bool"
    texts = {"domain", "element", "flags", "task", "nearest_origin_task", "band", "dwa_id",
             "dwa_title", "relation", "commodity_title", "examples"}  # fmt: skip
    return "str" if name in texts else "float64"
