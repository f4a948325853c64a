"""Typed frames by name: which source and reader each comes from, read once and then cached.

``load("tasks")`` looks for the table's sources in order (the publisher's form, then a carrier's),
reads the first that can be had, checks it against its schema and keeps the typed frame by the
hash of the bytes and of the readers.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis import sources
from analysis.errors import WorkbenchError
from analysis.kept_bytes import keep_bytes, kept_bytes
from analysis.paths import cache_folder
from analysis.sources import Located

if TYPE_CHECKING:
    from analysis.tables.trials import Trial


@dataclass(frozen=True)
class _Recipe:
    """Reader (module, function) of each form of a source; other tables that it reads with."""

    source_id: str
    readers: dict[str, tuple[str, str]]
    arguments: tuple[object, ...] = ()
    with_tables: tuple[str, ...] = ()


def _original(source_id: str, module: str, function: str, *arguments: object) -> _Recipe:
    return _Recipe(source_id, {"original": (module, function)}, arguments)


def _carried(source_id: str, module: str, function: str) -> _Recipe:
    return _Recipe(source_id, {"carrier": (module, function)})


_TABLES: dict[str, _Recipe] = {
    "occupations": _Recipe(
        "onet_occupations",
        {"original": ("onet", "read_occupations"), "carrier": ("onet", "read_occupations_text")},
    ),
    "tasks": _Recipe(
        "onet_tasks",
        {"original": ("onet", "read_tasks"), "carrier": ("onet", "read_tasks_text")},
        with_tables=("occupations",),
    ),
    "skills": _original("onet_skills", "onet", "read_ratings", "skills"),
    "knowledge": _original("onet_knowledge", "onet", "read_ratings", "knowledge"),
    "related_occupations": _original("onet_related", "onet", "read_related_occupations"),
    "job_zones": _original("onet_job_zones", "onet", "read_job_zones"),
    "education": _original("onet_education", "onet", "read_education"),
    "alternate_titles": _original("onet_alternate_titles", "onet", "read_alternate_titles"),
    "work_activities": _original("onet_activities", "onet", "read_work_activities"),
    "technology_skills": _original("onet_technology", "onet", "read_technology_skills"),
    "cip_soc": _original("cip_soc", "crosswalks", "read_cip_soc"),
    "soc_2010_to_2018": _original("soc_2010_to_2018", "crosswalks", "read_soc_2010_to_2018"),
    "esco_skills": _original("esco_profiles", "esco", "read_esco_skills"),
    "esco_onet": _original("esco_onet", "esco", "read_esco_onet"),
    "workforce": _original("cps_table_11", "workforce", "read_workforce"),
    "wages": _carried("oews_wages", "wages", "read_wages"),
    "texas_programs": _original("texas_programs", "programs", "read_texas_programs"),
    "scorecard_programs": _carried("scorecard_programs", "programs", "read_scorecard_programs"),
    "new_jersey_outcomes": _original("new_jersey_outcomes", "outcomes", "read_new_jersey_outcomes"),
    "wioa_findings_title_1": _original("wioa_findings_b", "quality_findings", "read_findings", "B"),
    "wioa_findings_title_3": _original("wioa_findings_c", "quality_findings", "read_findings", "C"),
    "scorecard_outcomes": _carried("scorecard_programs", "outcomes", "read_scorecard_outcomes"),
}

# trials carry more than a frame (outcomes with units, covariates in their order of time)
_TRIALS: dict[str, tuple[str, str]] = {
    "job_corps": ("trial_job_corps", "read_job_corps"),
    "jtpa_women": ("trial_jtpa_women", "read_jtpa_women"),
    "nsw": ("trial_nsw", "read_nsw"),
}

# people of a program against people whom no lottery chose: for the lesson, never as a trial
_COMPARISONS: dict[str, tuple[tuple[str, ...], str]] = {
    "nsw_psid": (("comparison_psid",), "read_nsw_psid"),
    "nsw_cps": (("comparison_cps", "trial_nsw"), "read_nsw_cps"),
}


@dataclass(frozen=True)
class Loaded:
    """A typed frame and the verified files that it was read from."""

    frame: pd.DataFrame
    located: tuple[Located, ...]


def table_names() -> list[str]:
    """Names of all tables and trials.

    Returns
    -------
    list of str
        Tables under their names, then ``trial:KEY`` and ``comparison:KEY``.

    Examples
    --------
    >>> [name for name in table_names() if name.startswith("trial:")]
    ['trial:job_corps', 'trial:jtpa_women', 'trial:nsw']
    """
    trials = [f"trial:{key}" for key in _TRIALS]
    return [*_TABLES, *trials, *(f"comparison:{key}" for key in _COMPARISONS)]


def trial_keys() -> list[str]:
    """Keys of the trials.

    Returns
    -------
    list of str

    Examples
    --------
    >>> trial_keys()
    ['job_corps', 'jtpa_women', 'nsw']
    """
    return list(_TRIALS)


def sources_of(name: str) -> list[str]:
    """Ids of the sources that a table, a trial (``trial:nsw``) or a model (``file:…``) needs.

    Parameters
    ----------
    name : str
        As in :func:`table_names`, or ``file:`` and the id of a source.

    Returns
    -------
    list of str
        The table's own source first, then those of the tables that it is read with.

    Raises
    ------
    WorkbenchError
        For a name that is no table, or a file that is no source.

    Examples
    --------
    >>> sources_of("tasks")
    ['onet_tasks', 'onet_occupations']
    """
    kind, _, key = name.partition(":")
    if kind == "file":
        return [sources.source(key).id]
    if kind == "trial" and key in _TRIALS:
        return [_TRIALS[key][0]]
    if kind == "comparison" and key in _COMPARISONS:
        return list(_COMPARISONS[key][0])
    if name not in _TABLES:
        raise WorkbenchError(
            f"'{name}' is no table", f"Tables: {', '.join(table_names())}; models as file:ID."
        )
    recipe = _TABLES[name]
    return [recipe.source_id, *(s for other in recipe.with_tables for s in sources_of(other))]


def load(name: str) -> Loaded | None:
    """Typed table by name.

    Parameters
    ----------
    name : str
        As in :func:`table_names`, without trials (see :func:`load_trial`).

    Returns
    -------
    Loaded or None
        None where no source of it can be had.

    Raises
    ------
    WorkbenchError
        Unknown name, a source with a wrong hash, or bytes that break the table's schema.

    Examples
    --------
    Offline and with nothing at hand a table cannot be had; a name that is none is refused:

    >>> import os, tempfile
    >>> from unittest.mock import patch
    >>> with tempfile.TemporaryDirectory() as folder, patch.dict(
    ...     os.environ, WORKBENCH_RAW=folder, ANALYSIS_MIRROR="no mirror", WORKBENCH_OFFLINE="1"
    ... ):
    ...     print(load("cip_soc"))
    None
    >>> load("cip_sock")
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: 'cip_sock' is no table. Tables: occupations, tasks, skills, ...
    """
    sources_of(name)
    recipe = _TABLES[name]
    located = sources.locate(recipe.source_id)
    if located is None or located.form not in recipe.readers:
        return None
    others = []
    # only the carrier's form lacks what the other tables add
    if located.form == "carrier" or len(recipe.readers) == 1:
        for other in recipe.with_tables:
            loaded = load(other)
            if loaded is None:
                return None
            others.append(loaded)
    files = (located, *(file for other in others for file in other.located))
    stem = _cache_stem(name, files)
    content = kept_bytes(stem, "parquet")
    if content is None:
        content = _as_parquet(located, recipe, tuple(other.frame for other in others))
        keep_bytes(stem, "parquet", content)
    return Loaded(pd.read_parquet(BytesIO(content)), files)


def _as_parquet(located: Located, recipe: _Recipe, others: tuple[pd.DataFrame, ...]) -> bytes:
    module, function = recipe.readers[located.form]
    frame = read_source(module, function, located.path, *recipe.arguments, *others)
    buffer = BytesIO()
    frame.to_parquet(buffer)
    return buffer.getvalue()


def load_trial(key: str) -> "tuple[Trial, Located] | None":
    """Trial by its key with the file it was read from, or None where it cannot be had.

    Parameters
    ----------
    key : str
        One of :func:`trial_keys`.

    Returns
    -------
    tuple of (Trial, Located) or None

    Raises
    ------
    KeyError
        For a key of no trial.
    WorkbenchError
        For a file with a wrong hash.

    Examples
    --------
    >>> import os, tempfile
    >>> from unittest.mock import patch
    >>> with tempfile.TemporaryDirectory() as folder, patch.dict(
    ...     os.environ, WORKBENCH_RAW=folder, ANALYSIS_MIRROR="no mirror", WORKBENCH_OFFLINE="1"
    ... ):
    ...     print(load_trial("nsw"))
    None
    """
    source_id, function = _TRIALS[key]
    located = sources.locate(source_id)
    if located is None:
        return None
    return read_source("published_trials", function, located.path), located


def load_comparison(key: str) -> "tuple[Trial, tuple[Located, ...]] | None":
    """Comparison without a lottery by its key, with its files, or None where one is missing.

    Parameters
    ----------
    key : str
        ``nsw_psid`` or ``nsw_cps``.

    Returns
    -------
    tuple of (Trial, tuple of Located) or None

    Raises
    ------
    KeyError
        For a key of no comparison.
    WorkbenchError
        For a file with a wrong hash.

    Examples
    --------
    >>> import os, tempfile
    >>> from unittest.mock import patch
    >>> with tempfile.TemporaryDirectory() as folder, patch.dict(
    ...     os.environ, WORKBENCH_RAW=folder, ANALYSIS_MIRROR="no mirror", WORKBENCH_OFFLINE="1"
    ... ):
    ...     print(load_comparison("nsw_cps"))
    None
    """
    source_ids, function = _COMPARISONS[key]
    located = tuple(found for one in source_ids if (found := sources.locate(one)))
    if len(located) < len(source_ids):
        return None
    return read_source("published_trials", function, *(found.path for found in located)), located


def read_source(module: str, function: str, path: Path, *more: object) -> Any:
    """What a reader of this room makes of a publisher's file, or one error that names the file.

    Parameters
    ----------
    module, function : str
        Which reader.
    path : Path
    *more
        Its other arguments.

    Returns
    -------
    object
        What that reader gives.

    Raises
    ------
    WorkbenchError
        Whatever the reader stumbles over: a release of another layout has faults of its own.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "moves.csv").write_text("origin,target,weight\\n1,2,x\\n")
    ...     read_source("moves", "read_moves", Path(folder) / "moves.csv")
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: moves.csv...
    """
    reader: Callable[..., Any] = getattr(import_module(f"analysis.tables.{module}"), function)
    try:
        return reader(path, *more)
    except (WorkbenchError, MemoryError):
        raise
    except Exception as error:
        raise WorkbenchError(
            f"{path.name}: not in the layout that is known ({type(error).__name__}: {error})",
            "Fetch it again, or check its release against the catalogue.",
        ) from error


def _cache_stem(name: str, files: tuple[Located, ...]) -> Path:
    digest = hashlib.sha256(_readers_hash().encode())
    for located in files:
        digest.update(located.sha256.encode())
    return cache_folder() / "tables" / f"{name}-{digest.hexdigest()[:20]}"


@cache
def _readers_hash() -> str:
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
