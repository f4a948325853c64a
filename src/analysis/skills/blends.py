"""The measures of similarity together with the blends of them, and which one a coach is shown."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.errors import WorkbenchError
from analysis.skills.blending import mean_standardised_blend
from analysis.skills.evaluation import related_truth
from analysis.skills.kept_results import identity, kept
from analysis.skills.learned_blend import (
    learned_blend,
    log_rank,
    neighbour_likeness,
    tree_closeness,
    zone_closeness,
)
from analysis.skills.measures import NOT_IN_RECIPE, Frames, Measures, Vectors, measures
from analysis.skills.truths import Truth, shared_field_truth

EQUAL_BLEND = "blend, equal weights"
RANK_BLEND = "blend of ranks and likeness of neighbours, equal weights"
LEARNED_BLEND = "blend, weights learned on other families"
OUTSIDE_BLEND = "blend of inputs O*NET did not use, learned"
FIELD_BLEND = "blend, weights learned on shared fields of study"
WEIGHTS = ["blend", "feature", "weight", "share", "standard_deviation"]
ZONE, TREE = "closeness of job zones", "closeness in the classification"


class Similarities(NamedTuple):
    """Occupations, every similarity on them by name, and the weights of the learned blends."""

    codes: list[str]
    similarities: dict[str, np.ndarray]
    weights: pd.DataFrame


def all_similarities(
    frames: Frames,
    vectors: Vectors | None,
    folder: Path,
    *,
    related: pd.DataFrame | None,
    job_zones: pd.DataFrame | None,
    cip_soc: pd.DataFrame | None,
    seed: int,
) -> Similarities:
    """Measures and blends of what is at hand, each computed once for the same input and code.

    Parameters
    ----------
    frames, vectors, folder
        As for `analysis.skills.measures.measures`; results are kept in the folder.
    related : DataFrame or None
        Table ``related_occupations``; weights are learned on it, family by family.
    job_zones, cip_soc : DataFrame or None
        Tables; without zones their closeness is no feature, without the crosswalk no weights are
        learned on shared fields.
    seed : int
        Which families make a fold.

    Returns
    -------
    Similarities
        ``weights``: ``blend``, ``feature``, ``weight``, ``share``, ``standard_deviation``; empty
        where nothing could be learned.

    Examples
    --------
    >>> import tempfile
    >>> frames = {"occupations": pd.DataFrame({"onet_soc_code": ["a", "b", "c"],
    ...     "title": ["Bakers", "Cooks", "Riggers"], "description": ["Bake", "Cook food", "Rig"]}),
    ...     "tasks": pd.DataFrame({"onet_soc_code": ["a", "b", "c"], "task_type": "Core",
    ...         "task": ["Bake bread", "Bake pies", "Lift loads"]})}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     found = all_similarities(frames, None, Path(folder), related=None, job_zones=None,
    ...                              cip_soc=None, seed=1)
    >>> found.codes, list(found.similarities)[-2:] == [EQUAL_BLEND, RANK_BLEND], len(found.weights)
    (['a', 'b', 'c'], True, 0)
    """
    tables = {**frames, "related": related, "job_zones": job_zones, "cip_soc": cip_soc}
    given = [part for name in sorted(tables) for part in (name, tables[name])]
    # one vector stands for the model: another model gives another one
    model = None if vectors is None else vectors(["what a worker does"])
    stored = kept(
        folder,
        "similarities",
        identity(__name__, *given, model, float(seed)),
        lambda: _packed(_computed(frames, vectors, related, job_zones, cip_soc, seed)),
    )
    return _unpacked(stored)


def _computed(
    frames: Frames,
    vectors: Vectors | None,
    related: pd.DataFrame | None,
    job_zones: pd.DataFrame | None,
    cip_soc: pd.DataFrame | None,
    seed: int,
) -> Similarities:
    known = measures(frames, vectors)
    ranks = {name: log_rank(matrix) for name, matrix in known.similarities.items()}
    everything = dict(known.similarities)
    everything[EQUAL_BLEND] = mean_standardised_blend(known.similarities)
    mean = np.add.reduce(list(ranks.values())) / len(ranks)
    everything[RANK_BLEND] = log_rank(mean) + log_rank(neighbour_likeness(mean))
    parts = []
    for name, truth, chosen in _lessons(known, related, cip_soc):
        features = {feature: ranks[feature] for feature in chosen}
        if job_zones is not None:
            features[ZONE] = zone_closeness(known.codes, job_zones)
        outside = name == OUTSIDE_BLEND
        if name != LEARNED_BLEND:  # measured to add nothing there, nor does learning twice
            features[TREE] = tree_closeness(known.codes)
        everything[name], weights = learned_blend(
            features, known.codes, truth, seed=seed, twice=outside
        )
        parts.append(weights.assign(blend=name))
    weights = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=WEIGHTS)
    return Similarities(known.codes, everything, weights[WEIGHTS])


def chosen_similarity(found: Similarities, chosen: pd.DataFrame) -> np.ndarray:
    """The similarity that an earlier notebook chose.

    Parameters
    ----------
    found : Similarities
    chosen : DataFrame
        One row with ``measure``.

    Returns
    -------
    ndarray, shape (n, n)

    Raises
    ------
    WorkbenchError
        When it is not among those that can be had here.

    Examples
    --------
    >>> found = Similarities(["a"], {"x": np.eye(1)}, pd.DataFrame(columns=WEIGHTS))
    >>> chosen_similarity(found, pd.DataFrame({"measure": ["x"]})).tolist()
    [[1.0]]
    """
    name = str(chosen["measure"].iloc[0])
    if name not in found.similarities:
        raise WorkbenchError(
            f"measure '{name}' cannot be had here", "Run notebook 01 again: workbench run 01."
        )
    return found.similarities[name]


def _lessons(
    known: Measures, related: pd.DataFrame | None, cip_soc: pd.DataFrame | None
) -> list[tuple[str, Truth, Sequence[str]]]:
    """Blends to learn: name, truth to learn from, measures to weigh."""
    names = list(known.similarities)
    lessons: list[tuple[str, Truth, Sequence[str]]] = []
    if related is not None:
        truth = Truth("related occupations", related_truth(related), tuple(known.codes))
        outside = [name for name in names if name in NOT_IN_RECIPE]
        lessons += [(LEARNED_BLEND, truth, names), (OUTSIDE_BLEND, truth, outside)]
    if cip_soc is not None:
        lessons.append((FIELD_BLEND, shared_field_truth(cip_soc, known.codes), names))
    return lessons


def _packed(found: Similarities) -> dict[str, np.ndarray]:
    arrays = {"codes": np.array(found.codes, dtype="U")}
    arrays["names"] = np.array(list(found.similarities), dtype="U")
    for row, matrix in enumerate(found.similarities.values()):
        arrays[f"similarity_{row}"] = matrix.astype(np.float32)
    for name in WEIGHTS:
        kind = "U" if name in ("blend", "feature") else float
        arrays[f"weights_{name}"] = found.weights[name].to_numpy(dtype=kind)
    return arrays


def _unpacked(stored: dict[str, np.ndarray]) -> Similarities:
    similarities = {
        str(name): stored[f"similarity_{row}"] for row, name in enumerate(stored["names"])
    }
    weights = pd.DataFrame({name: stored[f"weights_{name}"] for name in WEIGHTS})
    codes = [str(code) for code in stored["codes"]]
    return Similarities(codes, similarities, weights.astype({"blend": "str", "feature": "str"}))
