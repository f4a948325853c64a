"""Where a move starts: an occupation, or a worker's own record in place of one."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.errors import WorkbenchError
from analysis.framework import Skills
from analysis.skills.measures import Frames, Vectors
from analysis.skills.move import Move
from analysis.skills.worker_match import MATCHES, matched_jobs, matched_skills

WORKER = "00-0000.00"  # no occupation has this code


class Start(NamedTuple):
    """What the delta of a move starts from.

    Attributes
    ----------
    move : Move
        Its origin is an occupation, or ``WORKER``.
    codes : list of str
        Occupations whose work counts as done before.
    reference : str
        Occupation whose wage and neighbours stand for the origin; empty where there is none.
    frames, levels, job_zones
        The tables, with rows of code ``WORKER`` where a record is given.
    matches : DataFrame
        ``MATCHES``: what the record said and was taken for.
    """

    move: Move
    codes: list[str]
    reference: str
    frames: Frames
    levels: pd.DataFrame
    job_zones: pd.DataFrame | None
    matches: pd.DataFrame


def start_of(
    move: Move,
    frames: Frames,
    levels: pd.DataFrame,
    job_zones: pd.DataFrame | None,
    record: pd.DataFrame | None,
    vectors: Vectors | None,
    rules: Skills,
) -> Start:
    """The start of a move; with a record, the worker takes the place of the origin.

    Several past jobs are combined so: jobs count by the rule of
    `analysis.skills.worker_match.matched_jobs`; of each element the highest level that any
    counting job asks for is held, with that rating's error (the highest of several noisy ratings
    is a little too high); tasks, activities and technology are held if any counting job has
    them; the job zone is the highest. A level that the worker states replaces the ratings, with
    the framework's error for such statements. Statements that read like tasks join the tasks, and
    products that are named count as held.

    Parameters
    ----------
    move : Move
        Origin and target occupations.
    frames, levels, job_zones
        Tables; levels from `analysis.skills.move_tables.rated_levels`.
    record : DataFrame or None
        From `analysis.tables.worker_record.read_worker_record`.
    vectors : callable or None
        Sentence vectors; without them a record's words are compared by letters.
    rules : Skills
        ``worker_minimum_years``, ``worker_most_years_ago``, ``worker_stated_error``,
        ``worker_match_score``, ``worker_product_score``.

    Returns
    -------
    Start

    Raises
    ------
    WorkbenchError
        When nothing of the record can be used.

    Examples
    --------
    Without a record the origin starts.

    >>> from analysis.framework import load_framework
    >>> move, rules = Move("a", "b", "Cashiers", "Nurses"), load_framework().skills
    >>> start = start_of(move, {}, pd.DataFrame(), None, None, None, rules)
    >>> start.codes, start.reference, len(start.matches)
    (['a'], 'a', 0)
    """
    if record is None:
        nothing = pd.DataFrame({name: pd.Series(dtype="str") for name in MATCHES})
        return Start(move, [move.origin], move.origin, frames, levels, job_zones, nothing)
    jobs, skills = _matched(record, frames, _elements(levels), move.target, vectors, rules)
    matches = pd.concat([part for part in (jobs, skills) if len(part)], ignore_index=True)
    if not matches["counts"].any():
        raise WorkbenchError(
            "worker: nothing in the record can be used: "
            + "; ".join(dict.fromkeys(matches["why"])),
            "Name at least one job by a title that O*NET knows, or a skill.",
        )
    codes = list(dict.fromkeys(jobs.loc[jobs["counts"], "code"]))
    title = _title(jobs)
    own = Move(WORKER, move.target, title, move.target_title)
    return Start(
        own, codes, _latest(record, jobs),
        {**frames, **_work_of_worker(frames, codes, skills)},
        pd.concat([levels, _levels_of_worker(levels, codes, skills, rules.worker_stated_error)],
                  ignore_index=True) if len(levels) else levels,
        _with_zone(job_zones, codes), matches,
    )  # fmt: skip


def _matched(
    record: pd.DataFrame,
    frames: Frames,
    elements: pd.DataFrame,
    target: str,
    vectors: Vectors | None,
    rules: Skills,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What each job and each skill of the record was taken for."""
    occupations, tasks = frames["occupations"], frames["tasks"]
    assert occupations is not None
    assert tasks is not None
    jobs = matched_jobs(
        record, occupations, frames["alternate_titles"],
        minimum_years=rules.worker_minimum_years, most_years_ago=rules.worker_most_years_ago,
    )  # fmt: skip
    skills = matched_skills(
        record, elements, tasks[tasks["onet_soc_code"].eq(target)],
        frames["technology_skills"], vectors, least_score=rules.worker_match_score,
        least_product_score=rules.worker_product_score,
    )  # fmt: skip
    return jobs, skills


def _elements(levels: pd.DataFrame) -> pd.DataFrame:
    if not len(levels):
        return pd.DataFrame({"element_id": [], "element": []})
    return levels[["element_id", "element"]].drop_duplicates("element_id")


def _title(jobs: pd.DataFrame) -> str:
    names = list(dict.fromkeys(jobs.loc[jobs["counts"], "matched_to"]))
    return f"the worker's record ({'; '.join(names) or 'no past job given'})"


def _latest(record: pd.DataFrame, jobs: pd.DataFrame) -> str:
    """Code of the counting job that ended last; of several, the one held longest."""
    times = record[record["kind"].eq("job")].reset_index(drop=True)[["years", "years_ago"]]
    counting = pd.concat([jobs[["code", "counts"]], times.fillna(0.0)], axis=1)
    counting = counting[counting["counts"].astype(bool)]
    ordered = counting.sort_values(["years_ago", "years"], ascending=[True, False], kind="stable")
    return str(ordered["code"].iloc[0]) if len(ordered) else ""


def _work_of_worker(
    frames: Frames, codes: list[str], skills: pd.DataFrame
) -> dict[str, pd.DataFrame | None]:
    """Tasks, activities and technology of the counting jobs once more, under the worker's code."""
    result: dict[str, pd.DataFrame | None] = {}
    for name in ("tasks", "work_activities", "technology_skills"):
        frame = frames[name]
        if frame is None:
            continue
        parts = [frame, frame[frame["onet_soc_code"].isin(codes)]]
        if name == "tasks":
            said = skills.loc[skills["matched_as"].eq("task"), "said"].drop_duplicates()
            parts.append(pd.DataFrame({"task": said.to_numpy(), "task_id": "", "task_type": "",
                                       "title": ""}))  # fmt: skip
        if name == "technology_skills":
            products = skills.loc[skills["matched_as"].eq("product"), "code"]
            named = frame[frame["example"].isin(products)].drop_duplicates("commodity_code")
            # one product that the worker names is enough: it is held, not listed by chance
            parts.append(named.assign(in_demand=True))
        own = [part.assign(onet_soc_code=WORKER) for part in parts[1:]]
        joined = pd.concat([frame, *(part for part in own if len(part))], ignore_index=True)
        result[name] = joined.astype(frame.dtypes.to_dict())
    return result


def _levels_of_worker(
    levels: pd.DataFrame, codes: list[str], skills: pd.DataFrame, stated_error: float
) -> pd.DataFrame:
    held = levels[levels["onet_soc_code"].isin(codes)]
    best = held.loc[held.groupby(["domain", "element_id"])["level"].idxmax()]
    stated = skills[skills["matched_as"].eq("element") & skills["level"].notna()]
    said = stated.groupby("code")["level"].max()
    rows = levels[levels["element_id"].isin(said.index)].drop_duplicates("element_id")
    rows = rows.assign(
        level=rows["element_id"].map(said).astype(float),
        standard_error=stated_error,
        **dict.fromkeys(
            ("recommend_suppress", "not_relevant", "error_imputed", "error_floored"), False
        ),
    )
    kept = best[~best["element_id"].isin(said.index)]
    parts = [part for part in (kept, rows) if len(part)]
    own = pd.concat(parts, ignore_index=True) if parts else levels.iloc[:0]
    return own.assign(onet_soc_code=WORKER)


def _with_zone(job_zones: pd.DataFrame | None, codes: list[str]) -> pd.DataFrame | None:
    if job_zones is None:
        return None
    highest = job_zones.loc[job_zones["onet_soc_code"].isin(codes), "job_zone"].max()
    if not np.isfinite(highest):
        return job_zones
    own = pd.DataFrame({"onet_soc_code": [WORKER], "job_zone": [int(highest)]})
    return pd.concat([job_zones, own.astype(job_zones.dtypes[["onet_soc_code", "job_zone"]])],
                     ignore_index=True)  # fmt: skip
