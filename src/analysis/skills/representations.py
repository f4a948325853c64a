"""What an occupation is taken to be: one matrix of numbers for each way of describing it.

Every function gives the occupations and a matrix with one row for each; `similarity` turns any of
them into cosines. An occupation that a table does not describe has no row: `aligned` gives it a row
of zeros, which is similar to nothing, where representations are to be compared on one list.
"""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from scipy import sparse

from analysis.errors import WorkbenchError

Matrix: TypeAlias = np.ndarray | sparse.csr_matrix


class Representation(NamedTuple):
    """Occupations (O*NET-SOC codes, sorted) and one row of ``matrix`` for each."""

    codes: np.ndarray
    matrix: Matrix


def occupation_texts(occupations: pd.DataFrame) -> list[str]:
    """Title and description of each occupation as one text, in the order of the frame.

    Parameters
    ----------
    occupations : DataFrame
        ``title``, ``description``.

    Returns
    -------
    list of str

    Examples
    --------
    >>> occupation_texts(pd.DataFrame({"title": ["Bakers"], "description": ["Mix and bake."]}))
    ['Bakers. Mix and bake.']
    """
    return (occupations["title"] + ". " + occupations["description"].fillna("")).tolist()


def mean_vectors(
    codes: Sequence[str], vectors: np.ndarray, weights: np.ndarray | None = None
) -> Representation:
    """Mean text vector of each occupation, centred: what sets it apart from the average one.

    For tasks (several rows an occupation) and for title and description (one row each). All
    text vectors share a large common part; taking off the mean over occupations removes it, which
    helps a little. Removing more (principal components, whitening) was measured to hurt.

    Parameters
    ----------
    codes : sequence of str, length n
        O*NET-SOC code of each row of ``vectors``; repeated where an occupation has several.
    vectors : ndarray, shape (n, d)
        Text vectors of length one.
    weights : ndarray, length n, optional
        How much each text counts in its occupation's mean; all alike without it.

    Returns
    -------
    Representation
        Matrix of shape (occupations, d); columns have mean zero.

    Raises
    ------
    WorkbenchError
        For vectors of another number of codes.

    Examples
    --------
    >>> mean_vectors(["a", "b", "a"], np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])).matrix
    array([[ 0.5, -0.5],
           [-0.5,  0.5]])
    """
    if len(codes) != len(vectors):
        raise WorkbenchError(
            f"{len(codes)} occupation codes for {len(vectors)} vectors",
            "Embed the texts of the same frame, in its order.",
        )
    unique, group = np.unique(np.asarray(codes, dtype=object), return_inverse=True)
    counted = np.ones(len(group)) if weights is None else np.asarray(weights, dtype=float)
    total = np.bincount(group, weights=counted, minlength=len(unique))
    adder = sparse.csr_matrix((counted, (group, np.arange(len(group)))))
    means = (adder @ np.asarray(vectors, dtype=float)) / total[:, None]
    return Representation(unique, means - means.mean(axis=0))


def rating_matrix(
    ratings: pd.DataFrame, scales: Sequence[str] = ("IM", "LV"), domains: Sequence[str] = ()
) -> Representation:
    """Importance and level of skills and knowledge, each standardised over occupations.

    Parameters
    ----------
    ratings : DataFrame
        Frame ``ratings``. Levels marked not relevant count as 0. Rows that the publisher
        recommends to suppress stay: most are small levels with a large relative error.
    scales : sequence of str
        ``IM`` (importance, 1 to 5) and ``LV`` (level, 0 to 7).
    domains : sequence of str, optional
        ``skills``, ``knowledge``; empty for all that the frame holds.

    Returns
    -------
    Representation
        One column for each domain, element and scale ('Mathematics' is a skill and a knowledge).
        An element that an occupation was not rated on is 0, the mean.

    Examples
    --------
    >>> frame = pd.DataFrame({"onet_soc_code": ["a", "b"], "domain": "skills", "element_id": "1",
    ...     "scale_id": "LV", "value": [2.0, 4.0], "not_relevant": [False, False]})
    >>> rating_matrix(frame).matrix.tolist()
    [[-1.0], [1.0]]
    """
    used = ratings[ratings["scale_id"].isin(list(scales))]
    if domains:
        used = used[used["domain"].isin(list(domains))]
    irrelevant = used["not_relevant"].fillna(False).astype(bool) & used["scale_id"].eq("LV")
    wide = used.assign(value=used["value"].where(~irrelevant, 0.0)).pivot_table(
        index="onet_soc_code", columns=["domain", "element_id", "scale_id"], values="value"
    )
    values = wide.to_numpy(dtype=float)
    deviations = np.nanstd(values, axis=0)
    standardised = (values - np.nanmean(values, axis=0)) / np.where(deviations > 0, deviations, 1)
    return Representation(wide.index.to_numpy(dtype=object), np.nan_to_num(standardised))


def profile_matrix(ratings: pd.DataFrame, scale: str = "IM") -> Representation:
    """Profile of each occupation: its ratings less their mean, so that cosine is correlation.

    Unlike `rating_matrix` it keeps that some elements matter almost everywhere, and takes off
    what one job's raters give more of to every element.

    Parameters
    ----------
    ratings : DataFrame
        Frame ``ratings``.
    scale : str
        ``IM`` or ``LV``.

    Returns
    -------
    Representation
        One column for each domain and element; an element without a rating is 0.

    Examples
    --------
    >>> frame = pd.DataFrame({"onet_soc_code": "a", "domain": "knowledge", "scale_id": "IM",
    ...     "element_id": ["1", "2"], "value": [2.0, 4.0]})
    >>> profile_matrix(frame).matrix.tolist()
    [[-1.0, 1.0]]
    """
    used = ratings[ratings["scale_id"] == scale]
    wide = used.pivot_table(index="onet_soc_code", columns=["domain", "element_id"], values="value")
    values = wide.to_numpy(dtype=float)
    centred = values - np.nanmean(values, axis=1, keepdims=True)
    return Representation(wide.index.to_numpy(dtype=object), np.nan_to_num(centred))


def tfidf_matrix(codes: Sequence[str], texts: Sequence[str], by: str = "words") -> Representation:
    """Term weights of all texts of an occupation: terms, and how rare they are among occupations.

    Parameters
    ----------
    codes : sequence of str, length n
        O*NET-SOC code of each text.
    texts : sequence of str, length n
        Tasks, alternate titles, ids of detailed work activities, ...
    by : {"words", "letters", "wholes"}
        Split texts into words (English stop words left out), into runs of three to five letters
        within words, or take each text as one term (activity ids).

    Returns
    -------
    Representation
        Sparse matrix; rows have length one; counts enter as 1 + log(count).

    Raises
    ------
    WorkbenchError
        For an unknown way to split texts.

    Examples
    --------
    >>> codes, matrix = tfidf_matrix(["b", "a", "a"], ["4.A.1", "4.A.1", "4.A.2"], by="wholes")
    >>> codes.tolist(), matrix.shape
    (['a', 'b'], (2, 2))
    """
    # imported here: scikit-learn takes two seconds that a look-up of a job need not wait for
    from sklearn.feature_extraction.text import TfidfVectorizer

    frame = pd.DataFrame({"code": list(codes), "text": list(texts)}).dropna()
    grouped = frame.groupby("code", sort=True)["text"].agg(list)
    if by == "words":
        vectorizer = TfidfVectorizer(sublinear_tf=True, stop_words="english")
        documents = grouped.map("\n".join)
    elif by == "letters":
        vectorizer = TfidfVectorizer(
            sublinear_tf=True, analyzer="char_wb", ngram_range=(3, 5), min_df=min(2, len(grouped))
        )
        documents = grouped.map("\n".join)
    elif by == "wholes":
        vectorizer = TfidfVectorizer(sublinear_tf=True, analyzer=list)
        documents = grouped
    else:
        raise WorkbenchError(
            f"by = {by!r} is no way to split texts", "Use 'words', 'letters' or 'wholes'."
        )
    matrix = sparse.csr_matrix(vectorizer.fit_transform(documents))
    return Representation(grouped.index.to_numpy(dtype=object), matrix)


def aligned(representation: Representation, codes: Sequence[str]) -> Representation:
    """The same rows in the order of ``codes``; zeros for an occupation without a row.

    Parameters
    ----------
    representation : Representation
    codes : sequence of str
        O*NET-SOC codes that get a row each.

    Returns
    -------
    Representation
        With these codes; rows of other occupations are left out.

    Examples
    --------
    >>> aligned(Representation(np.array(["a"]), np.array([[2.0]])), ["b", "a"]).matrix.tolist()
    [[0.0], [2.0]]
    """
    position = {code: row for row, code in enumerate(representation.codes)}
    found = [(new, position[code]) for new, code in enumerate(codes) if code in position]
    new_rows, old_rows = zip(*found, strict=True) if found else ((), ())
    picker = sparse.csr_matrix(
        (np.ones(len(found)), (new_rows, old_rows)),
        shape=(len(codes), len(representation.codes)),
    )
    return Representation(np.asarray(codes, dtype=object), picker @ representation.matrix)


def similarity(matrix: Matrix) -> np.ndarray:
    """Cosine of every row with every other; a row of zeros has cosine 0 with all.

    Parameters
    ----------
    matrix : ndarray or sparse matrix, shape (n, d)

    Returns
    -------
    ndarray, shape (n, n)

    Examples
    --------
    >>> similarity(np.array([[1.0, 0.0], [3.0, 0.0], [0.0, 2.0]])).tolist()
    [[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """
    from sklearn.preprocessing import normalize

    unit = normalize(matrix)
    product = unit @ unit.T
    return product.toarray() if sparse.issparse(product) else np.asarray(product)
