"""Every way at hand to say how alike two occupations are, on one list of occupations."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.errors import WorkbenchError
from analysis.skills import representations as r
from analysis.skills.blending import mean_standardised_blend
from analysis.skills.kept_results import identity, kept

Frames = Mapping[str, pd.DataFrame | None]
Vectors = Callable[[Sequence[str]], np.ndarray]

TASK_MEAN = "MiniLM, mean of tasks"
TASK_WEIGHTED = "MiniLM, tasks weighted (core counts twice)"
TASK_BEST_MATCH = "MiniLM, best match of tasks"
TITLE_AND_DESCRIPTION = "MiniLM, title and description"
ALTERNATE_MEAN = "MiniLM, mean of alternate titles"
TFIDF_TASKS = "TF-IDF, tasks"
TFIDF_DESCRIPTION = "TF-IDF, title and description"
TFIDF_ALTERNATES = "TF-IDF, alternate titles"
SKILLS = "ratings of skills"
KNOWLEDGE = "ratings of knowledge"
ACTIVITIES = "detailed work activities"
TECHNOLOGY = "technology"
EQUAL_BLEND = "blend, equal weights"
USED_TABLES = (
    "occupations",
    "tasks",
    "skills",
    "knowledge",
    "alternate_titles",
    "work_activities",
    "technology_skills",
)
# what the publisher's list of related occupations was not made from (Dahlke and others 2022)
NOT_IN_RECIPE = (TITLE_AND_DESCRIPTION, TFIDF_DESCRIPTION, SKILLS, TECHNOLOGY)


class Measures(NamedTuple):
    """Occupations (codes, sorted) and, by name, a similarity of shape (n, n) on them."""

    codes: list[str]
    similarities: dict[str, np.ndarray]


def measures(frames: Frames, vectors: Vectors | None) -> Measures:
    """All similarities that the tables at hand allow (some ten seconds; see `kept_measures`).

    Parameters
    ----------
    frames : mapping of str to (DataFrame or None)
        Typed tables: ``occupations`` and ``tasks``; as far as they are at hand ``skills``,
        ``knowledge``, ``alternate_titles``, ``work_activities``, ``technology_skills``.
    vectors : callable, optional
        Sentence vectors (n, d) of n texts; without it, measures on words and ratings only.

    Returns
    -------
    Measures
        On the occupations that have tasks. An occupation that a table does not describe is
        similar to nothing by that table's measure.

    Raises
    ------
    WorkbenchError
        Without occupations or tasks.

    Examples
    --------
    >>> frames = {"occupations": pd.DataFrame({"onet_soc_code": ["a", "b"],
    ...     "title": ["Bakers", "Cooks"], "description": ["Bake bread", "Cook food"]}),
    ...     "tasks": pd.DataFrame({"onet_soc_code": ["a", "b"], "task": ["Bake", "Bake pies"],
    ...         "task_type": "Core"})}
    >>> list(measures(frames, None).similarities)
    ['TF-IDF, tasks', 'TF-IDF, title and description']
    """
    occupations, tasks = frames.get("occupations"), frames.get("tasks")
    if occupations is None or tasks is None or tasks.empty:
        raise WorkbenchError(
            "similarity needs the tables 'occupations' and 'tasks'", "Run 'workbench fetch' first."
        )
    described = set(tasks["onet_soc_code"])
    codes = sorted(code for code in occupations["onet_soc_code"] if code in described)
    listed = occupations.set_index("onet_soc_code").loc[codes].reset_index()
    alternates = frames.get("alternate_titles")
    rows: dict[str, r.Representation] = {}
    if vectors is not None:
        rows |= _from_vectors(listed, tasks, alternates, vectors)
    rows |= _from_words(listed, tasks, alternates)
    rows |= _from_tables(frames)
    found = {
        name: r.similarity(r.aligned(row, codes).matrix).astype(np.float32)
        for name, row in rows.items()
    }
    if vectors is not None:
        of_tasks = tasks[tasks["onet_soc_code"].isin(codes)]
        found[TASK_BEST_MATCH] = best_match(
            of_tasks["onet_soc_code"].tolist(), vectors(of_tasks["task"].tolist()), codes
        )
    return Measures(codes, found)


def kept_measures(frames: Frames, vectors: Vectors | None, folder: Path) -> Measures:
    """`measures`, computed once for the same tables, model and code.

    Parameters
    ----------
    frames, vectors
        As for `measures`.
    folder : Path
        Where results are kept (``analysis.paths.cache_folder()``).

    Returns
    -------
    Measures
    """
    known = [part for name in USED_TABLES for part in (name, frames.get(name))]
    # one vector stands for the model: another model gives another one
    model = None if vectors is None else vectors(["what a worker does"])

    def compute() -> dict[str, np.ndarray]:
        found = measures(frames, vectors)
        names = {f"name_{row}": np.array(name) for row, name in enumerate(found.similarities)}
        values = {f"value_{row}": v for row, v in enumerate(found.similarities.values())}
        return {"codes": np.array(found.codes), **names, **values}

    stored = kept(folder, "measures", identity(*known, model), compute)
    named = [entry for entry in stored if entry.startswith("name_")]
    similarities = {str(stored[entry]): stored[entry.replace("name_", "value_")] for entry in named}
    return Measures([str(code) for code in stored["codes"]], similarities)


def best_match(codes: Sequence[str], vectors: np.ndarray, listed: Sequence[str]) -> np.ndarray:
    """Mean over the tasks of one job of the nearest task of the other, both ways.

    Parameters
    ----------
    codes : sequence of str, length n
        Occupation of each row of ``vectors``.
    vectors : ndarray, shape (n, d)
        Task vectors; they are centred here.
    listed : sequence of str
        Occupations of the result's rows and columns; each must have a task.

    Returns
    -------
    ndarray, shape (len(listed), len(listed))
        Symmetric.

    Examples
    --------
    >>> near = best_match(["a", "a", "b"], np.array([[1.0, 0], [0, 1], [1, 0]]), ["a", "b"])
    >>> near.shape, bool(np.allclose(near, near.T))
    ((2, 2), True)
    """
    order = pd.Series(range(len(codes))).groupby(pd.Index(codes)).agg(list)
    rows = [order[code] for code in listed]
    starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])[:-1]])
    sorted_rows = np.concatenate(rows)
    centred = vectors[sorted_rows] - vectors.mean(axis=0)
    unit = (centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-12)).astype(
        np.float32
    )
    counts = np.array([len(row) for row in rows])
    one_way = np.empty((len(listed), len(listed)), dtype=np.float32)
    for place, start in enumerate(starts):
        cosines = unit @ unit[start : start + counts[place]].T
        nearest = cosines.max(axis=1)  # of each task anywhere to the tasks of this job
        one_way[:, place] = np.add.reduceat(nearest, starts) / counts
    return (one_way + one_way.T) / 2


def _from_vectors(
    listed: pd.DataFrame, tasks: pd.DataFrame, alternates: pd.DataFrame | None, vectors: Vectors
) -> dict[str, r.Representation]:
    task_vectors = vectors(tasks["task"].tolist())
    found = {TASK_MEAN: r.mean_vectors(tasks["onet_soc_code"], task_vectors)}
    if tasks["task_type"].notna().any():  # a carrier's tasks have no type
        weights = np.where(tasks["task_type"].eq("Core").to_numpy(), 2.0, 1.0)
        found[TASK_WEIGHTED] = r.mean_vectors(tasks["onet_soc_code"], task_vectors, weights)
    texts = vectors(r.occupation_texts(listed))
    found[TITLE_AND_DESCRIPTION] = r.mean_vectors(listed["onet_soc_code"], texts)
    if alternates is not None:
        named = vectors(alternates["alternate_title"].tolist())
        found[ALTERNATE_MEAN] = r.mean_vectors(alternates["onet_soc_code"], named)
    return found


def _from_words(
    listed: pd.DataFrame, tasks: pd.DataFrame, alternates: pd.DataFrame | None
) -> dict[str, r.Representation]:
    found = {
        TFIDF_TASKS: r.tfidf_matrix(tasks["onet_soc_code"], tasks["task"]),
        TFIDF_DESCRIPTION: r.tfidf_matrix(listed["onet_soc_code"], r.occupation_texts(listed)),
    }
    if alternates is not None:
        found[TFIDF_ALTERNATES] = r.tfidf_matrix(
            alternates["onet_soc_code"], alternates["alternate_title"]
        )
    return found


def _from_tables(frames: Frames) -> dict[str, r.Representation]:
    found = {}
    for name, table in ((SKILLS, "skills"), (KNOWLEDGE, "knowledge")):
        if (ratings := frames.get(table)) is not None:
            found[name] = r.rating_matrix(ratings)
    if (activities := frames.get("work_activities")) is not None:
        found[ACTIVITIES] = r.tfidf_matrix(
            activities["onet_soc_code"], activities["dwa_id"], by="wholes"
        )
    if (technology := frames.get("technology_skills")) is not None:
        found[TECHNOLOGY] = r.tfidf_matrix(
            technology["onet_soc_code"], technology["commodity_code"], by="wholes"
        )
    return found


def chosen_similarity(
    frames: Frames, vectors: Vectors | None, folder: Path, chosen: pd.DataFrame
) -> tuple[np.ndarray, list[str]]:
    """The similarity that an earlier notebook chose, with its occupations.

    Parameters
    ----------
    frames, vectors, folder
        As for `kept_measures`.
    chosen : DataFrame
        One row with ``measure``, a name of `all_similarities`.
    """
    found = all_similarities(frames, vectors, folder)
    return found.similarities[str(chosen["measure"].iloc[0])], found.codes


def all_similarities(frames: Frames, vectors: Vectors | None, folder: Path) -> Measures:
    """`kept_measures` with the blends of them."""
    known = kept_measures(frames, vectors, folder)
    return Measures(
        known.codes,
        known.similarities | {EQUAL_BLEND: mean_standardised_blend(known.similarities)},
    )
