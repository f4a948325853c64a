"""The main job: fetch what is needed, run what is stale, and put the results in their place."""

from pathlib import Path
from typing import Any

from analysis import sources, tables
from analysis.addresses import is_address, local_file
from analysis.atomic import write_text
from analysis.errors import WorkbenchError
from analysis.framework import load_framework
from analysis.parameters import Value, all_notebooks, checked_values, find_notebook
from analysis.paths import processed_folder, reports_folder, runs_folder
from analysis.reports.study_record import read_study
from analysis.runs.cluster import parts_on
from analysis.runs.graph import with_ancestors
from analysis.runs.local_run import this_machine
from analysis.runs.locks import holding
from analysis.runs.named import check_name, write_name
from analysis.runs.place import placing, put_in_place
from analysis.runs.store import sweep_abandoned
from analysis.runs.work import Job, Report, work_off
from analysis.skills.occupation_lookup import find_occupation

Plan = dict[str, dict[str, Value]]
# endings of files that a user may give; other texts are names and codes
_OWN_FILES = (".csv", ".gz", ".json", ".parquet", ".xlsx", ".zip")
# parameters that name jobs; "targets" may name several, with ; between
_JOBS = ("origin", "target", "targets")


def plan(names: list[str], given: dict[str, Any]) -> Plan:
    """Which notebooks a request covers, and every parameter of each.

    Parameters
    ----------
    names : list of str
        Names, numbers or paths; empty for all. What they need is added.
    given : dict
        Parameters by name: each goes to every covered notebook that declares it.

    Returns
    -------
    dict of str to dict
        In the order of the graph.

    Raises
    ------
    WorkbenchError
        Unknown notebook, a parameter that none of them declares, a bad value, an address of a
        user's own file that cannot be reached.

    Examples
    --------
    >>> planned = plan(["02"], {"state": "TX"})
    >>> list(planned), planned["02_skill_delta"]["state"]
    (['01_skill_similarity', '02_skill_delta'], 'TX')
    >>> plan(["05"], {"alfa": 0.01})
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: notebook 05_tier_calibration has no parameter 'alfa'. Did ...
    """
    wanted = [find_notebook(name).name for name in names] or list(all_notebooks())
    known = all_notebooks()
    covered = with_ancestors(wanted)
    declared = {p.name for name in covered for p in known[name].parameters}
    if unknown := [name for name in given if name not in declared]:
        # the error for the notebook that was asked for lists what it does declare
        checked_values(known[wanted[-1]], {unknown[0]: given[unknown[0]]})
    result = {}
    for name in covered:
        own = {p.name for p in known[name].parameters}
        result[name] = checked_values(known[name], {k: v for k, v in given.items() if k in own})
    for values in result.values():
        load_framework(str(values.get("framework", "")))
        for value in values.values():
            if isinstance(value, str) and is_address(value):
                local_file(value)
    return result


def fetch_for(planned: Plan, report: Report) -> None:
    """Fetch every source that the planned notebooks declare and that is not at hand.

    Parameters
    ----------
    planned : dict
        As :func:`plan` gives it.
    report : callable
        Receives lines of progress.

    Raises
    ------
    WorkbenchError
        For a file of the user's own that is not there: before minutes go by with fetching.

    Examples
    --------
    >>> fetch_for({"05_tier_calibration": {"outcomes": "no_such_file.csv"}}, print)
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: file no_such_file.csv does not exist. Check the path.
    """
    texts = {v for values in planned.values() for v in values.values() if isinstance(v, str)}
    for value in sorted(texts):
        if value.lower().endswith(_OWN_FILES) and not local_file(value).is_file():
            raise WorkbenchError(f"file {value} does not exist", "Check the path.")
    known = all_notebooks()
    wanted = dict.fromkeys(
        s for name in planned for t in known[name].tables for s in tables.sources_of(t)
    )
    if missing := [s for s in wanted if not sources.at_hand(s)]:
        report(f"{len(missing)} of {len(wanted)} sources are not here yet")
        sources.fetch(missing, report, ask_again=False)


def check_occupations(planned: Plan) -> None:
    """Refuse a job that is no occupation before anything runs.

    Only what is not a default is looked up, of notebooks that declare the table of occupations, and
    only where it is at hand; what is lost without it a notebook says itself.

    Parameters
    ----------
    planned : dict
        As :func:`plan` gives it.

    Raises
    ------
    WorkbenchError
        With the nearest titles.

    Examples
    --------
    >>> check_occupations({"02_skill_delta": {"origin": "Cashiers", "targets": ""}})
    """
    known = all_notebooks()
    given = [
        (parameter.name, str(values[parameter.name]))
        for name, values in planned.items()
        if "occupations" in known[name].tables
        for parameter in known[name].parameters
        if parameter.name in _JOBS and values.get(parameter.name, "") not in ("", parameter.default)
    ]
    if not given or not (occupations := tables.load("occupations")):
        return
    alternate = tables.load("alternate_titles")
    for name, text in given:
        for title in text.split(";") if name == "targets" else [text]:
            if title.strip():
                find_occupation(title, occupations.frame, alternate.frame if alternate else None)


def _jobs_of(planned: Plan) -> list[Job]:
    """A job for each planned notebook, tied to the jobs that it needs."""
    known = all_notebooks()
    jobs: dict[str, Job] = {}
    for name, values in planned.items():
        needs = [jobs[other] for other in known[name].needs]
        jobs[name] = Job(known[name], values, needs, label=name)
    return list(jobs.values())


def run(
    names: list[str],
    given: dict[str, Any],
    report: Report,
    *,
    force: bool = False,
    jobs: int = 0,
    name: str = "",
    scheduler: str = "",
) -> bool:
    """Run what is stale among the named notebooks and what they need.

    Parameters
    ----------
    names, given
        As for :func:`plan`.
    report : callable
        Receives lines of progress.
    force : bool
        Run also what is fresh.
    jobs : int
        Notebooks at a time; 0 for the number of cores, at most 4.
    name : str
        Name under which the runs can be found again, as for ``workbench diff``.
    scheduler : str
        Address of a dask scheduler, or ``local``, whose workers take parts of the notebooks'
        long work (effects of many programs); empty for none.

    Returns
    -------
    bool
        True when all succeeded. A failure leaves that notebook's earlier results as they were,
        skips only what needs it, and the rest goes on.

    Raises
    ------
    WorkbenchError
        As :func:`plan`, :func:`fetch_for` and :func:`check_occupations`, before anything runs; for
        a ``name`` that cannot be one; where no scheduler answers; where results may not lie side
        by side.

    Examples
    --------
    >>> run(["99"], {}, print)
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: unknown notebook '99'. Notebooks: 01_skill_similarity, ...
    """
    if name:
        check_name(name)
    planned = plan(names, given)
    fetch_for(planned, report)
    check_occupations(planned)
    with holding(runs_folder() / ".locks" / "work", shared=True):
        sweep_abandoned()
        work = _jobs_of(planned)
        with parts_on(scheduler) as given_too, this_machine(jobs, given_too) as place:
            work_off(work, report, place, force=force)
        ended = {job.notebook.name: job.run for job in work if job.run}
        put_in_place(ended.values())
        if name and len(ended) == len(work):
            write_name(name, {notebook: stored.id for notebook, stored in ended.items()})
    if any(job.state == "done" for job in work) or (ended and not _index_path().is_file()):
        _write_index()
        report(f"Index: {_index_path()}")
    return len(ended) == len(work)


def _index_path() -> Path:
    return reports_folder() / "index.html"


def _write_index() -> None:
    """Write ``reports/index.html`` over all notebooks with results, and the page on methods."""
    from analysis.framework import load_framework
    from analysis.reports.methods_page import render_methods
    from analysis.reports.page import code_version, render_index

    commit = code_version()
    with placing():
        paths = [processed_folder() / name / "study.json" for name in all_notebooks()]
        records = [read_study(path.parent) for path in paths if path.is_file()]
        if not records:
            raise WorkbenchError("no notebook has results", "Run 'workbench run' first.")
        write_text(_index_path(), render_index(records, commit))
    write_text(_index_path().with_name("methods.html"), render_methods(load_framework(), commit))
