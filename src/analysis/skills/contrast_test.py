"""Whether programs for a target are told from programs for what the worker does already.

The one labelled test in which the origin matters. For a target and an origin that is related to
it, programs that the list states for the target should come before those of the origin. Three
ways to say which programs are right and which wrong are asked side by side:

- ``either``: right are programs that state the target and not the origin, wrong those that state
  the origin and not the target;
- ``target or origin``: right are all that state the target, also those that state both;
- ``jobs related to the origin``: wrong are programs that state the origin or a Primary related
  occupation of it, and not the target.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from analysis.skills.coverage import TaskSpace, coverage
from analysis.skills.evaluation import bootstrap_interval, related_truth
from analysis.skills.kept_results import identity, kept_table
from analysis.skills.program_labels import Labels, targets_to_ask

# right and wrong programs must be as many each, and a target has so many origins at most
FEWEST_PROGRAMS = 5
_ORIGINS = 3
EITHER, ALL_OF_TARGET, RELATED = "either", "target or origin", "jobs related to the origin"
_LESS_RELATED = "chance of the target less the largest of origin and jobs related to it"
_TEXTS = ("definition", "score")


def contrast_test(
    probability: np.ndarray,
    linked: np.ndarray,
    labels: Labels,
    space: TaskSpace,
    related: pd.DataFrame,
    seed: int,
    *,
    level: float = 0.95,
) -> pd.DataFrame:
    """AUC of each score by each definition: right before wrong, ties one half.

    Parameters
    ----------
    probability, linked : ndarray, shape (labelled programs, candidates)
        Out-of-fold chances, and the crosswalk's shares.
    labels : Labels
    space : TaskSpace
    related : DataFrame
        Pairs of six-digit codes ``soc_code``, ``related_soc_code``.
    seed, level
        Of intervals over targets.

    Returns
    -------
    DataFrame
        ``definition``, ``score``, ``auc``, ``interval_low``, ``interval_high``, ``n_pairs``,
        ``n_targets``; by definition, the best score first.

    Examples
    --------
    Five programs state a and five b: chances that know which rank all pairs rightly, an empty
    crosswalk ranks none.

    >>> from scipy import sparse
    >>> truth = np.repeat(np.eye(2, dtype=bool), 5, axis=0)
    >>> labels = Labels(np.arange(10), sparse.csr_matrix(truth), np.arange(10))
    >>> space = TaskSpace(np.eye(2), np.array(["a", "b"]), ["a", "b"])
    >>> related = pd.DataFrame({"soc_code": ["a"], "related_soc_code": ["b"]})
    >>> found = contrast_test(truth * 0.8, 0.0 * truth, labels, space, related, seed=1)
    >>> auc = found[found["definition"] == EITHER].set_index("score")["auc"]
    >>> auc[["chance of the target less chance of the origin", "CIP crosswalk"]].tolist()
    [1.0, 0.5]
    """
    rows = []
    for target, origin in _pairs(labels, space, related):
        nearby = set(related.loc[related["soc_code"] == origin, "related_soc_code"]) - {target}
        near = [space.soc_codes.index(code) for code in nearby if code in space.soc_codes]
        definitions = _definitions(labels, space, target, origin, near)
        usable = {
            name: (right, wrong)
            for name, (right, wrong) in definitions.items()
            if min(right.sum(), wrong.sum()) >= FEWEST_PROGRAMS
        }
        if not usable:
            continue
        asked = np.logical_or.reduce([right | wrong for right, wrong in usable.values()])
        scores = _scores(probability[asked], linked[asked], space, target, origin, near)
        for name, (right, wrong) in usable.items():
            inside = (right | wrong)[asked]
            true = right[asked][inside]
            rows += [
                (name, score, target, roc_auc_score(true, values[inside]))
                for score, values in scores.items()
            ]
    return _table(pd.DataFrame(rows, columns=["definition", "score", "target", "auc"]), seed, level)


def _pairs(labels: Labels, space: TaskSpace, related: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """Targets and their related origins that enough programs are stated for and tasks describe."""
    described = targets_to_ask(labels, space.soc_codes, space.soc, FEWEST_PROGRAMS)
    usable = related[
        related["soc_code"].isin(described)
        & related["related_soc_code"].isin(described)
        & related["soc_code"].ne(related["related_soc_code"])
    ]
    for target, part in usable.groupby("soc_code"):
        for origin in part["related_soc_code"].drop_duplicates().head(_ORIGINS):
            yield str(target), str(origin)


def _definitions(
    labels: Labels, space: TaskSpace, target: str, origin: str, near: list[int]
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Right and wrong programs by definition."""
    t, o = (space.soc_codes.index(code) for code in (target, origin))
    of_target, of_origin = labels.stating([t]), labels.stating([o])
    of_nearby = labels.stating([o, *near])
    return {
        EITHER: (of_target & ~of_origin, of_origin & ~of_target),
        ALL_OF_TARGET: (of_target, of_origin & ~of_target),
        RELATED: (of_target, of_nearby & ~of_target),
    }


def _table(frame: pd.DataFrame, seed: int, level: float) -> pd.DataFrame:
    result = []
    for (definition, score), part in frame.groupby(["definition", "score"], sort=False):
        interval = bootstrap_interval(
            part["auc"].to_numpy(), seed, level, 1000, part["target"].tolist()
        )
        numbers = (part["auc"].mean(), *interval, len(part), part["target"].nunique())
        result.append((definition, score, *numbers))
    columns = [*_TEXTS, "auc", "interval_low", "interval_high", "n_pairs", "n_targets"]
    table = pd.DataFrame(result, columns=columns)
    order = {name: row for row, name in enumerate((EITHER, ALL_OF_TARGET, RELATED))}
    place = np.lexsort((-table["auc"], table["definition"].map(order)))
    return table.iloc[place].reset_index(drop=True)


def kept_contrast_test(
    probability: np.ndarray,
    linked: np.ndarray,
    labels: Labels,
    space: TaskSpace,
    related: pd.DataFrame,
    folder: Path,
    seed: int,
    level: float,
) -> pd.DataFrame:
    """`contrast_test`, computed once for the same input and code and kept in ``folder``.

    Parameters
    ----------
    probability, linked, labels, space, related, seed, level
        As for `contrast_test`.
    folder : Path
        Where results are kept.

    Returns
    -------
    DataFrame
        As of `contrast_test`.

    Examples
    --------
    >>> import tempfile
    >>> from scipy import sparse
    >>> truth = np.repeat(np.eye(2, dtype=bool), 5, axis=0)
    >>> labels = Labels(np.arange(10), sparse.csr_matrix(truth), np.arange(10))
    >>> space = TaskSpace(np.eye(2), np.array(["a", "b"]), ["a", "b"])
    >>> related = pd.DataFrame({"soc_code": ["a"], "related_soc_code": ["b"]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     given = (truth * 0.8, 0.0 * truth, labels, space, related, Path(folder), 1, 0.95)
    ...     kept_contrast_test(*given).equals(kept_contrast_test(*given))
    True
    """
    key = identity(__name__, probability, linked, space.unit, related, float(seed), level)
    return kept_table(
        folder, "contrast", key,
        lambda: contrast_test(probability, linked, labels, space, related, seed, level=level),
        texts=_TEXTS, counts=["n_pairs", "n_targets"],
    )  # fmt: skip


def related_codes(related_occupations: pd.DataFrame) -> pd.DataFrame:
    """Primary related occupations as pairs of six-digit codes.

    Parameters
    ----------
    related_occupations : DataFrame
        Table ``related_occupations``.

    Returns
    -------
    DataFrame
        ``soc_code``, ``related_soc_code``.

    Examples
    --------
    >>> related_codes(pd.DataFrame({"onet_soc_code": ["11-1011.00"], "tier": "Primary-Short",
    ...     "related_onet_soc_code": ["11-1021.00"], "rank": 1})).values.tolist()
    [['11-1011', '11-1021']]
    """
    pairs = related_truth(related_occupations)
    return pd.DataFrame(
        {
            "soc_code": pairs["onet_soc_code"].str[:7],
            "related_soc_code": pairs["related_onet_soc_code"].str[:7],
        }
    ).drop_duplicates(ignore_index=True)


def _scores(
    chance: np.ndarray,
    linked: np.ndarray,
    space: TaskSpace,
    target: str,
    origin: str,
    near: list[int],
) -> Mapping[str, np.ndarray]:
    t, o = (space.soc_codes.index(code) for code in (target, origin))
    of_delta = coverage(chance, space, target, origin)
    if np.isnan(of_delta).any():  # nothing is new: the delta cannot rank anything
        of_delta = np.zeros(len(chance))
    return {
        "CIP crosswalk": linked[:, t],
        "chance of the target": chance[:, t],
        "coverage of all tasks of the target": coverage(chance, space, target),
        "coverage of the delta": of_delta,
        "coverage of the delta less half of the origin's tasks": of_delta
        - coverage(chance, space, origin) / 2,
        "chance of the target less chance of the origin": chance[:, t] - chance[:, o],
        _LESS_RELATED: chance[:, t] - chance[:, [o, *near]].max(axis=1),
    }
