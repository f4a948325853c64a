"""Several targets from one start: each step in one row, and the programs of each."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from analysis.framework import Guide, Skills
from analysis.skills.education_step import typical_education
from analysis.skills.measures import Vectors
from analysis.skills.move import pair_row
from analysis.skills.move_tables import tables_of_move
from analysis.skills.occupation_lookup import find_occupation
from analysis.skills.representations import occupation_texts
from analysis.skills.target_programs import PROGRAM_COLUMNS, programs_for_target, programs_in_state
from analysis.skills.worker_origin import Start

_NAMED = 3
STEP_COLUMNS = [
    "target_code", "target_title", "target_job_zone", "foundation", "education", "tasks",
    "new_tasks", "carries", "elements", "grows", "origin_median_wage", "target_median_wage",
    "wage_area",
]  # fmt: skip


def named_targets(
    asked: str, occupations: pd.DataFrame, alternate_titles: pd.DataFrame | None
) -> list[str]:
    """Codes of the targets that a text names, titles or codes with a semicolon between.

    Parameters
    ----------
    asked : str
    occupations, alternate_titles : DataFrame
        Tables; without alternate titles only the occupations' own are known.

    Returns
    -------
    list of str
        O*NET-SOC codes in the order of the names; empty where none is named.

    Raises
    ------
    WorkbenchError
        For a name that is no occupation, with the nearest titles.

    Examples
    --------
    >>> jobs = pd.DataFrame({"onet_soc_code": ["31-9092.00", "51-3011.00"],
    ...     "title": ["Medical Assistants", "Bakers"]})
    >>> named_targets("bakers; 31-9092", jobs, None)
    ['51-3011.00', '31-9092.00']
    """
    names = [name.strip() for name in asked.split(";") if name.strip()]
    return [find_occupation(name, occupations, alternate_titles) for name in names]


def chosen_targets(
    named: Sequence[str], chosen: str, better_paid: pd.DataFrame, *, most: int
) -> list[str]:
    """Codes of the targets to hold side by side, the chosen one first, each once.

    Parameters
    ----------
    named : sequence of str
        Codes that were asked for; empty for the reachable better-paid jobs.
    chosen : str
        Code of the worker's own target.
    better_paid : DataFrame
        From `analysis.skills.reachable.better_paid_targets`.
    most : int
        How many of the reachable jobs are taken where none is asked for.

    Returns
    -------
    list of str

    Examples
    --------
    >>> near = pd.DataFrame({"target_code": ["a", "b", "c"], "reachable": [True, True, False]})
    >>> chosen_targets([], "b", near, most=3), chosen_targets(["c"], "b", near, most=3)
    (['b', 'a'], ['b', 'c'])
    """
    reachable = better_paid.loc[better_paid["reachable"], "target_code"]
    others = list(named) or [code for code in reachable if code != chosen][:most]
    return list(dict.fromkeys([chosen, *others]))


def steps_from(
    starts: Sequence[Start],
    *,
    wages: pd.DataFrame | None,
    education: pd.DataFrame | None,
    state: str,
    vectors: Vectors | None,
    rules: Skills,
    level: float,
) -> pd.DataFrame:
    """The step to each target in one row: what carries over, what is new, what it pays.

    Parameters
    ----------
    starts : sequence of Start
        One for each target, from the same job or record.
    wages, education : DataFrame or None
        Tables; without them wages are missing and the education is not known.
    state : str
        Two letters; empty for the nation.
    vectors : callable or None
        Sentence vectors; without them tasks are compared by words.
    rules : Skills
    level : float
        Of the intervals of gaps.

    Returns
    -------
    DataFrame
        ``STEP_COLUMNS``: ``tasks`` and ``new_tasks`` count the target's tasks, ``carries`` and
        ``grows`` name the first strengths and the largest needs, ``elements`` counts the rated
        skills and fields of knowledge that must clearly grow (missing where not rated).

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> from analysis.skills.move import Move
    >>> from analysis.skills.worker_origin import start_of
    >>> rules = load_framework().skills
    >>> tasks = pd.DataFrame({"onet_soc_code": ["a", "b", "b"], "task_id": ["1", "2", "3"],
    ...     "task": ["Greet patients.", "Draw blood.", "Greet patients."], "task_type": "Core"})
    >>> frames = {"tasks": tasks, "work_activities": None, "technology_skills": None}
    >>> levels = pd.DataFrame({"onet_soc_code": pd.Series(dtype="str")})
    >>> move = Move("a", "b", "Cashiers", "Nurses")
    >>> start = start_of(move, frames, levels, None, None, None, rules)
    >>> found = steps_from([start], wages=None, education=None, state="TX", vectors=None,
    ...                    rules=rules, level=0.95)
    >>> found[["target_title", "tasks", "new_tasks"]].values.tolist()
    [['Nurses', 2, 1]]
    """
    rows = [_step(start, wages, education, state, vectors, rules, level) for start in starts]
    frame = pd.DataFrame(rows, columns=STEP_COLUMNS)
    whole = dict.fromkeys(("target_job_zone", "tasks", "new_tasks", "elements"), "Int64")
    return frame.astype(whole)


def _step(
    start: Start,
    wages: pd.DataFrame | None,
    education: pd.DataFrame | None,
    state: str,
    vectors: Vectors | None,
    rules: Skills,
    level: float,
) -> dict[str, Any]:
    move = start.move
    delta = tables_of_move(move, start.frames, start.levels, start.job_zones, vectors, rules, level)
    pair = pair_row(
        move, job_zones=start.job_zones, wages=wages, state=state,
        similarity_percentile=float("nan"), rests_on="", reference=start.reference,
    ).iloc[0]  # fmt: skip
    shown = delta.gaps[delta.gaps["shown"]]
    rated = {move.origin, move.target} <= set(start.levels["onet_soc_code"])
    return {
        **pair[[name for name in STEP_COLUMNS if name in pair]],
        "education": typical_education(education, move.target),
        "tasks": len(delta.tasks),
        "new_tasks": int(delta.tasks["band"].eq("new").sum()),
        "carries": "; ".join(delta.strengths["strength"].head(_NAMED)),
        "elements": len(shown) if rated else None,
        "grows": "; ".join(shown["element"].head(_NAMED)),
    }


def programs_by_target(
    steps: pd.DataFrame,
    lists: Sequence[pd.DataFrame | None],
    *,
    state: str,
    occupations: pd.DataFrame,
    cip_soc: pd.DataFrame | None,
    soc_2010_to_2018: pd.DataFrame | None,
    vectors: Vectors | None,
    rules: Skills,
    guide: Guide,
) -> pd.DataFrame:
    """Programs in a state for each of several targets, with the ground of each match.

    Parameters
    ----------
    steps : DataFrame
        Rows of :func:`steps_from`.
    lists, state, cip_soc, soc_2010_to_2018, vectors
        As for :mod:`analysis.skills.target_programs`.
    occupations : DataFrame
        Table ``occupations``: title and description of each target.
    rules, guide : Skills, Guide

    Returns
    -------
    DataFrame
        ``target_code`` and the columns of
        :func:`analysis.skills.target_programs.programs_for_target`.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> rules = load_framework()
    >>> listed = pd.DataFrame({**dict.fromkeys(PROGRAM_COLUMNS[:-3], ""), "state": "TX",
    ...     "program_key": ["m", "b"], "cip_code": ["51.0801", "12.0501"], "description": "",
    ...     "stated_soc_codes": ["31-9092.00", "51-3011.00"]})
    >>> steps = pd.DataFrame({"target_code": ["51-3011.00"], "target_job_zone": [2]})
    >>> occupations = pd.DataFrame({"onet_soc_code": ["51-3011.00"], "title": ["Bakers"],
    ...                             "description": ["Bake bread."]})
    >>> found = programs_by_target(
    ...     steps, [listed], state="TX", occupations=occupations, cip_soc=None,
    ...     soc_2010_to_2018=None, vectors=None, rules=rules.skills, guide=rules.guide,
    ... )  # fmt: skip
    >>> found[["target_code", "program_key", "match"]].values.tolist()
    [['51-3011.00', 'b', 'stated by the list']]
    """
    parts = []
    for code, zone in zip(steps["target_code"], steps["target_job_zone"], strict=True):
        credentials = rules.credentials(None if pd.isna(zone) else int(zone))
        found = programs_for_target(
            programs_in_state(lists, state, credentials),
            code,
            cip_soc=cip_soc,
            soc_2010_to_2018=soc_2010_to_2018,
            vectors=vectors,
            target_text=occupation_texts(occupations[occupations["onet_soc_code"] == code])[0],
            at_least=guide.maximum_programs,
            match_order=guide.match_order,
        )
        parts.append(found.assign(target_code=code))
    if not parts:
        return pd.DataFrame(columns=["target_code", *PROGRAM_COLUMNS]).astype("str")
    return pd.concat(parts, ignore_index=True)
