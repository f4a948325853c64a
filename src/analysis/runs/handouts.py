"""One handout for each worker of a list, from tables that are loaded once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from analysis import sources, tables
from analysis.atomic import write_text
from analysis.errors import WorkbenchError
from analysis.framework import Framework, load_framework
from analysis.guide.choice import choose, rated_in_place
from analysis.guide.limits import Limits
from analysis.guide.small_step import is_small_step
from analysis.paths import cache_folder, processed_folder, reports_folder
from analysis.plain_data import read_table
from analysis.reports.guide_tables import shown_programs
from analysis.reports.handout import LANGUAGES, Handout, handout_page
from analysis.reports.pace import Pace
from analysis.runs.printing import browser, print_pages
from analysis.skills import move, move_tables, target_programs
from analysis.skills.representations import occupation_texts
from analysis.skills.text_vectors import sentence_vectors
from analysis.tables.workers import read_workers

Report = Callable[[str], None]
Vectors = Callable[[Sequence[str]], np.ndarray]
_TABLES = (
    "occupations", "tasks", "skills", "knowledge", "alternate_titles", "work_activities",
    "technology_skills", "job_zones", "cip_soc", "soc_2010_to_2018", "wages", "texas_programs",
    "scorecard_programs",
)  # fmt: skip


@dataclass
class Library:
    """All that handouts are made from, and what several of them share."""

    framework: Framework
    frames: dict[str, pd.DataFrame | None]
    levels: pd.DataFrame
    vectors: Vectors | None
    tiers: pd.DataFrame
    releases: list[str]
    # programs by target, state and city: the costly part, and the same for many workers
    rated: dict[tuple[str, str, str], pd.DataFrame] = field(default_factory=dict)


def _open_library(framework_file: str = "") -> Library:
    """Load tables, vectors and the tiers of the last run.

    Raises
    ------
    WorkbenchError
        Where no occupations or tasks can be had, or tiers were never made.
    """
    frames, releases = {}, set()
    for name in _TABLES:
        loaded = tables.load(name)
        frames[name] = loaded.frame if loaded else None
        releases |= {located.source.release for located in loaded.located} if loaded else set()
    if frames["occupations"] is None or frames["tasks"] is None:
        raise WorkbenchError("occupations and tasks are not at hand", "Run 'workbench fetch'.")
    path = processed_folder() / "05_tier_calibration" / "tiers.parquet"
    if not path.is_file():
        raise WorkbenchError("there are no tiers yet", "Run 'workbench run 05' first.")
    model, tokenizer = (sources.locate(name) for name in ("minilm_model", "minilm_tokenizer"))
    vectors = sentence_vectors(
        model.path if model else None, tokenizer.path if tokenizer else None, cache_folder()
    )
    return Library(
        framework=load_framework(framework_file),
        frames=frames,
        levels=move_tables.rated_levels(frames["skills"], frames["knowledge"]),
        vectors=_remembered(vectors) if vectors else None,
        tiers=read_table(path, ("program_key", "tier"), "Run it again: workbench run 05."),
        releases=sorted(releases),
    )


def _remembered(vectors: Vectors) -> Vectors:
    """Vectors of texts, each read from the store once in this process."""
    known: dict[str, np.ndarray] = {}

    def find(texts: Sequence[str]) -> np.ndarray:
        missing = list(dict.fromkeys(text for text in texts if text not in known))
        if missing:
            known.update(zip(missing, vectors(missing), strict=True))
        return np.stack([known[text] for text in texts])

    return find


def _handout_of(worker: pd.Series, library: Library) -> Handout:
    """The handout of one worker.

    Parameters
    ----------
    worker : Series
        Row of :func:`analysis.tables.workers.read_workers`.
    library : Library

    Returns
    -------
    Handout

    Raises
    ------
    WorkbenchError
        For an origin or target that is no occupation, with the nearest titles.
    """
    frames, rules = library.frames, library.framework
    occupations = frames["occupations"]
    assert occupations is not None
    pair = move.find_move(
        worker["origin"], worker["target"], occupations, frames["alternate_titles"]
    )
    row = move.pair_row(
        pair, job_zones=frames["job_zones"], wages=frames["wages"], state=worker["state"],
        similarity_percentile=float("nan"), rests_on="",
    )  # fmt: skip
    made = move_tables.tables_of_move(
        pair, frames, library.levels, frames["job_zones"], library.vectors, rules.skills,
        rules.estimation.confidence_level,
    )  # fmt: skip
    return Handout(
        pair=row.iloc[0],
        strengths=made.strengths,
        tasks=made.tasks,
        technology=move_tables.technology_table(
            frames["technology_skills"], pair, rules.skills.common_technology_share
        ),
        programs=_programs(worker, pair, row, library),
        place=", ".join(part for part in (worker["city"], worker["state"]) if part),
        is_small_step=is_small_step(
            int(made.gaps["shown"].sum()) if len(made.gaps) else None,
            made.tasks["band"].eq("new").mean(),
            rules.guide.small_delta_elements,
        ),
        tier_labels=rules.tiers.labels,
        weak_matches=rules.guide.weak_matches,
        sources=library.releases,
        worker=worker["worker"],
    )


def _programs(
    worker: pd.Series, pair: move.Move, row: pd.DataFrame, library: Library
) -> pd.DataFrame:
    key = (pair.target, worker["state"].upper(), worker["city"].lower())
    if key not in library.rated:
        library.rated[key] = _rated(worker, pair, row, library)
    limits = Limits(
        float(worker["maximum_cost"]), float(worker["maximum_weeks"]), worker["delivery"],
        bool(worker["public_transit"]), bool(worker["child_care"]),
    )  # fmt: skip
    ranked = choose(library.rated[key], limits, library.framework).ranked
    return shown_programs(ranked, row.iloc[0])


def _rated(worker: pd.Series, pair: move.Move, row: pd.DataFrame, library: Library) -> pd.DataFrame:
    frames, rules = library.frames, library.framework
    occupations = frames["occupations"]
    assert occupations is not None
    target = occupations[occupations["onet_soc_code"] == pair.target]
    listed = target_programs.programs_for_target(
        target_programs.programs_in_state(
            [frames["texas_programs"], frames["scorecard_programs"]], worker["state"],
            rules.skills.credentials(move.target_zone(row)),
        ),
        pair.target,
        cip_soc=frames["cip_soc"],
        soc_2010_to_2018=frames["soc_2010_to_2018"],
        vectors=library.vectors,
        target_text=occupation_texts(target)[0],
        at_least=rules.guide.maximum_programs,
        match_order=rules.guide.match_order,
    )  # fmt: skip
    return rated_in_place(listed, library.tiers, rules, state=worker["state"], city=worker["city"])


def _tell(report: Report, pace: Pace, total: int, done: int) -> None:
    if line := pace.line(done, total):
        report(f"PDF {line}")


def write_handouts(
    file: Path, report: Report, framework_file: str = "", *, pdf: bool = False
) -> bool:
    """Write one page for each worker of a list to ``reports/handouts``.

    Parameters
    ----------
    file : Path
        List of workers (:mod:`analysis.tables.workers`).
    report : callable
        Receives lines of progress. They name rows of the file, never a worker.
    framework_file : str, optional
    pdf : bool
        Print each page to a tagged PDF beside it, too.

    Returns
    -------
    bool
        True when every worker has a page. A row that cannot be used is named at the end and
        costs the others nothing.

    Raises
    ------
    WorkbenchError
        For a list that cannot be read, where tables are missing, and for ``pdf`` where no
        Chromium is at hand.

    Examples
    --------
    >>> write_handouts(Path("no_such_file.csv"), print)
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: file no_such_file.csv does not exist. Check the path.
    """
    if pdf:
        browser()  # before the work, not after it
    workers = read_workers(file, LANGUAGES)
    library = _open_library(framework_file)
    folder = reports_folder() / "handouts"
    faults, pages, pace = [], [], Pace()
    for done, (row, worker) in enumerate(workers.iterrows(), start=1):
        try:
            page = handout_page(_handout_of(worker, library), worker["language"])
        except WorkbenchError as error:
            faults.append(f"{file.name}, row {row}: {error}")
        else:
            pages.append(folder / f"row_{row:05d}.html")
            write_text(pages[-1], page)
        if line := pace.line(done, len(workers)):
            report(line)
    report(f"{len(workers) - len(faults):,} of {len(workers):,} handouts in {folder}")
    if pdf:
        printed = print_pages(pages, partial(_tell, report, Pace(), len(pages)))
        report(f"{len(printed):,} PDF files beside them")
    for fault in faults:
        report(fault)
    return not faults
