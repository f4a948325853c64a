"""Every way at hand to say how alike two occupations are, on one list of occupations."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.errors import WorkbenchError
from analysis.skills import representations as r

Frames = Mapping[str, pd.DataFrame | None]
Vectors = Callable[[Sequence[str]], np.ndarray]

TASK_MEAN = "MiniLM, mean of tasks"
TASK_WEIGHTED = "MiniLM, tasks weighted (core counts twice)"
TASK_BEST_MATCH = "MiniLM, best match of tasks"
TITLE_AND_DESCRIPTION = "MiniLM, title and description"
ALTERNATE_MEAN = "MiniLM, mean of alternate titles"
TITLE = "MiniLM, title"
ACTIVITY_MEAN = "MiniLM, mean of activities"
PRODUCT_MEAN = "MiniLM, mean of technology products"
CHARACTERS_ALTERNATES = "TF-IDF of letters, alternate titles"
CHARACTERS_DESCRIPTION = "TF-IDF of letters, title and description"
KNOWLEDGE_PROFILE = "correlation of knowledge profiles"
TFIDF_TASKS = "TF-IDF, tasks"
TFIDF_DESCRIPTION = "TF-IDF, title and description"
TFIDF_ALTERNATES = "TF-IDF, alternate titles"
SKILLS = "ratings of skills"
KNOWLEDGE = "ratings of knowledge"
ACTIVITIES = "detailed work activities"
TECHNOLOGY = "technology"
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
NOT_IN_RECIPE = (
    TITLE,
    TITLE_AND_DESCRIPTION,
    TFIDF_DESCRIPTION,
    CHARACTERS_DESCRIPTION,
    SKILLS,
    TECHNOLOGY,
    PRODUCT_MEAN,
)


class Measures(NamedTuple):
    """Occupations (codes, sorted) and, by name, a similarity of shape (n, n) on them."""

    codes: list[str]
    similarities: dict[str, np.ndarray]


def measures(frames: Frames, vectors: Vectors | None) -> Measures:
    """All similarities that the tables at hand allow.

    Parameters
    ----------
    frames : mapping of str to (DataFrame or None)
        Typed tables: ``occupations`` and ``tasks``; as far as they are at hand ``skills``,
        ``knowledge``, ``alternate_titles``, ``work_activities``, ``technology_skills``.
    vectors : callable or None
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
    ['TF-IDF, tasks', 'TF-IDF, title and description', 'TF-IDF of letters, title and description']
    """
    occupations, tasks = _table(frames, "occupations"), _table(frames, "tasks")
    described = set(tasks["onet_soc_code"])
    codes = sorted(code for code in occupations["onet_soc_code"] if code in described)
    listed = occupations.set_index("onet_soc_code").loc[codes].reset_index()
    rows: dict[str, r.Representation] = {}
    if vectors is not None:
        rows |= _from_vectors(listed, frames, vectors)
    rows |= _from_words(listed, frames)
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
    exact = vectors.astype(float)  # in single precision sums end as another math library adds
    centred = exact[sorted_rows] - exact.mean(axis=0)
    unit = centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-12)
    counts = np.array([len(row) for row in rows])
    one_way = np.empty((len(listed), len(listed)))
    for place, start in enumerate(starts):
        cosines = unit @ unit[start : start + counts[place]].T
        nearest = cosines.max(axis=1)  # of each task anywhere to the tasks of this job
        one_way[:, place] = np.add.reduceat(nearest, starts) / counts
    return ((one_way + one_way.T) / 2).astype(np.float32)


def _from_vectors(
    listed: pd.DataFrame, frames: Frames, vectors: Vectors
) -> dict[str, r.Representation]:
    tasks, alternates = _table(frames, "tasks"), frames.get("alternate_titles")
    task_vectors = vectors(tasks["task"].tolist())
    found = {TASK_MEAN: r.mean_vectors(tasks["onet_soc_code"], task_vectors)}
    if tasks["task_type"].notna().any():  # a carrier's tasks have no type
        weights = np.where(tasks["task_type"].eq("Core").to_numpy(), 2.0, 1.0)
        found[TASK_WEIGHTED] = r.mean_vectors(tasks["onet_soc_code"], task_vectors, weights)
    texts = {TITLE: listed["title"].tolist(), TITLE_AND_DESCRIPTION: r.occupation_texts(listed)}
    for name, of_occupations in texts.items():
        found[name] = r.mean_vectors(listed["onet_soc_code"], vectors(of_occupations))
    if alternates is not None:
        named = vectors(alternates["alternate_title"].tolist())
        found[ALTERNATE_MEAN] = r.mean_vectors(alternates["onet_soc_code"], named)
    for name, table, column in (
        (ACTIVITY_MEAN, "work_activities", "dwa_title"),
        (PRODUCT_MEAN, "technology_skills", "example"),
    ):
        if (frame := frames.get(table)) is not None:
            found[name] = r.mean_vectors(frame["onet_soc_code"], vectors(frame[column].tolist()))
    return found


def _from_words(listed: pd.DataFrame, frames: Frames) -> dict[str, r.Representation]:
    tasks, alternates = _table(frames, "tasks"), frames.get("alternate_titles")
    codes, texts = listed["onet_soc_code"], r.occupation_texts(listed)
    found = {
        TFIDF_TASKS: r.tfidf_matrix(tasks["onet_soc_code"], tasks["task"]),
        TFIDF_DESCRIPTION: r.tfidf_matrix(codes, texts),
        CHARACTERS_DESCRIPTION: r.tfidf_matrix(codes, texts, by="letters"),
    }
    if alternates is not None:
        named = (alternates["onet_soc_code"], alternates["alternate_title"])
        found[TFIDF_ALTERNATES] = r.tfidf_matrix(*named)
        found[CHARACTERS_ALTERNATES] = r.tfidf_matrix(*named, by="letters")
    return found


def _from_tables(frames: Frames) -> dict[str, r.Representation]:
    found = {}
    for name, table in ((SKILLS, "skills"), (KNOWLEDGE, "knowledge")):
        if (ratings := frames.get(table)) is not None:
            found[name] = r.rating_matrix(ratings)
    if (knowledge := frames.get("knowledge")) is not None:
        found[KNOWLEDGE_PROFILE] = r.profile_matrix(knowledge)
    for name, table, column in (
        (ACTIVITIES, "work_activities", "dwa_id"),
        (TECHNOLOGY, "technology_skills", "commodity_code"),
    ):
        if (frame := frames.get(table)) is not None:
            found[name] = r.tfidf_matrix(frame["onet_soc_code"], frame[column], by="wholes")
    return found


def _table(frames: Frames, name: str) -> pd.DataFrame:
    frame = frames.get(name)
    if frame is None or frame.empty:
        raise WorkbenchError(f"similarity needs the table '{name}'", "Run 'workbench fetch' first.")
    return frame
