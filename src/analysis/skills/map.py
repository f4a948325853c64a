"""Where occupations lie beside each other when all of them are drawn on one sheet."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.skills.kept_results import identity, kept
from analysis.skills.measures import Vectors
from analysis.skills.representations import Matrix, aligned, mean_vectors, tfidf_matrix

# neighbours that count on the map; at most a third of the occupations is used
_PERPLEXITY = 30.0


def occupation_map(codes: Sequence[str], matrix: Matrix) -> pd.DataFrame:
    """Place occupations on a plane so that alike ones lie together.

    Rows are scaled to length one, brought to 50 principal components and laid out by t-SNE (van
    der Maaten and Hinton 2008) started from the first two components (Kobak and Berens 2019), so
    that no chance is in it: the same rows give the same map. Read it as a street map without a
    scale: **who is next to whom means something**, for about as many neighbours as the
    perplexity. The distance between two far groups, the size and density of a group, the axes
    and their directions mean nothing; no number may be computed from it. `neighbours_kept` says
    how much of the real neighbourhood the drawing keeps.

    Parameters
    ----------
    codes : sequence of str, length n
    matrix : ndarray or sparse matrix, shape (n, d)
        One row an occupation, from `analysis.skills.representations`.

    Returns
    -------
    DataFrame
        ``onet_soc_code``, ``x``, ``y`` (no unit).

    Examples
    --------
    >>> rows = np.random.default_rng(1).normal(size=(12, 5))
    >>> occupation_map([f"job {row}" for row in range(12)], rows).shape
    (12, 3)
    """
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE
    from sklearn.preprocessing import normalize

    unit = normalize(matrix)
    dense = unit if isinstance(unit, np.ndarray) else unit.toarray()
    components = min(50, *dense.shape)
    reduced = PCA(components, svd_solver="full").fit_transform(dense)
    start = reduced[:, :2] / max(float(reduced[:, 0].std()), 1e-12) * 1e-4
    layout = TSNE(
        n_components=2,
        perplexity=min(_PERPLEXITY, max(1.0, (len(dense) - 1) / 3)),
        init=start.astype(np.float32),
        learning_rate="auto",
        random_state=0,  # nothing is drawn from a given start; stated so that nothing ever is
    )
    points = layout.fit_transform(reduced).astype(float)
    return pd.DataFrame({"onet_soc_code": list(codes), "x": points[:, 0], "y": points[:, 1]})


def kept_map(
    codes: Sequence[str], tasks: pd.DataFrame, vectors: Vectors | None, folder: Path
) -> pd.DataFrame:
    """`occupation_map` of the tasks of occupations, computed once for the same tasks and model.

    Parameters
    ----------
    codes : sequence of str
        Occupations to place.
    tasks : DataFrame
        Table ``tasks``.
    vectors : callable or None
        Sentence vectors of texts; without it, term weights are mapped.
    folder : Path
        Where results are kept (``analysis.paths.cache_folder()``).

    Returns
    -------
    DataFrame
        ``onet_soc_code``, in the order of ``codes``, ``x`` and ``y``.

    Examples
    --------
    >>> import tempfile
    >>> codes = [f"job {row}" for row in range(12)]
    >>> tasks = pd.DataFrame({"onet_soc_code": codes, "task": codes})
    >>> def vectors(texts):
    ...     return np.random.default_rng(1).normal(size=(len(texts), 5))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     first = kept_map(codes, tasks, vectors, Path(folder))
    ...     first.equals(kept_map(codes, tasks, vectors, Path(folder))), list(first)
    (True, ['onet_soc_code', 'x', 'y'])
    """
    of_codes = tasks[tasks["onet_soc_code"].isin(list(codes))]
    names, texts = of_codes["onet_soc_code"].tolist(), of_codes["task"].tolist()
    model = None if vectors is None else vectors(["what a worker does"])

    def compute() -> dict[str, np.ndarray]:
        described = mean_vectors(names, vectors(texts)) if vectors else tfidf_matrix(names, texts)
        placed = occupation_map(codes, aligned(described, codes).matrix)
        return {"x": placed["x"].to_numpy(), "y": placed["y"].to_numpy()}

    key = identity(__name__, of_codes[["onet_soc_code", "task"]], model, "\n".join(codes))
    stored = kept(folder, "map", key, compute)
    return pd.DataFrame({"onet_soc_code": list(codes), "x": stored["x"], "y": stored["y"]})


def neighbours_kept(similarity: np.ndarray, positions: pd.DataFrame, neighbours: int = 10) -> float:
    """Share of each occupation's nearest ones that are also among its nearest on the map.

    Parameters
    ----------
    similarity : ndarray, shape (n, n)
        Of the representation that was mapped, in the order of ``positions``.
    positions : DataFrame
        From `occupation_map`.
    neighbours : int
        How many nearest occupations are compared.

    Returns
    -------
    float
        From 0 to 1.

    Examples
    --------
    >>> line = pd.DataFrame({"x": [0.0, 1.0, 5.0, 6.0], "y": 0.0})
    >>> apart = np.abs(line["x"].to_numpy()[:, None] - line["x"].to_numpy()[None, :])
    >>> neighbours_kept(-apart, line, neighbours=1)
    1.0
    """
    points = positions[["x", "y"]].to_numpy(dtype=float)
    distances = ((points[:, None, :] - points[None, :, :]) ** 2).sum(axis=2)
    farness = -np.asarray(similarity, dtype=float)
    nearest = []
    for values in (distances, farness):
        values = values.copy()
        np.fill_diagonal(values, np.inf)
        chosen = np.zeros(values.shape, dtype=bool)
        order = np.argsort(values, axis=1, kind="stable")[:, :neighbours]
        np.put_along_axis(chosen, order, True, axis=1)
        nearest.append(chosen)
    return float((nearest[0] & nearest[1]).sum() / nearest[0].sum())
