"""A regression of stated occupations on everything that a program says, over other providers.

Ridge regression of label shares on the program's words and field of study, fitted on all labelled
programs at once. What it says of a program never rests on a program of the same provider: leaving
a whole provider out has a closed form, ``y_g - (I - H_gg)^-1 (y_g - f_g)`` with ``H`` the hat
matrix and ``f`` the fit (the leave-one-out residual of Allen 1974, by groups), so no fit is
repeated.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import linalg, sparse

from analysis.skills.measures import Vectors
from analysis.skills.program_labels import Labels

PENALTY = 10.0
CREDENTIAL_SCALE, FIELD_SCALE = 0.5, 0.7  # against sentence vectors of length one
FIELD_DIGITS = (2, 5, 7)  # characters of a CIP code: two, four and six digits
DECIMALS = 4
COMPONENTS = 400  # of the words and letters; more take time and were measured to add nothing


def program_design(programs: pd.DataFrame, texts: Sequence[str], vectors: Vectors) -> np.ndarray:
    """One row of predictors a program: no label is used.

    Parameters
    ----------
    programs : DataFrame
        ``program``, ``credential``, ``cip_code``.
    texts : sequence of str
        Name and description of each (`analysis.skills.program_features.full_texts`).
    vectors : callable
        Sentence vectors.

    Returns
    -------
    ndarray, shape (programs, features)
        A constant; centred sentence vectors of text, name and credential; main components of the
        term weights of words and letters; indicators of the two-, four- and six-digit field. In
        double precision (`regressed_shares`).

    Examples
    --------
    The constant comes first, the two fields last, at two, four and six digits; sentence vectors
    that are all alike are nothing when centred.

    >>> names = ["Baking"] * 3 + ["Welding"] * 3
    >>> programs = pd.DataFrame({"program": names, "credential": "",
    ...                          "cip_code": ["12.0501"] * 3 + ["48.0508"] * 3})
    >>> found = program_design(programs, names, lambda texts: np.ones((len(texts), 1)))
    >>> found[0, :4].tolist(), found[0, -6:].tolist()
    ([1.0, 0.0, 0.0, 0.0], [0.7, 0.0, 0.7, 0.0, 0.7, 0.0])
    """
    names, credentials = (
        [text or "-" for text in programs[name].fillna("").str.strip()]
        for name in ("program", "credential")
    )
    parts = [np.ones((len(programs), 1))]
    for of_part, scale in ((texts, 1.0), (names, 1.0), (credentials, CREDENTIAL_SCALE)):
        found = vectors(list(of_part)).astype(float)
        parts.append(scale * (found - found.mean(axis=0)))
    said = [f"{text} {credential}" for text, credential in zip(texts, credentials, strict=True)]
    parts.append(_components(said, names))
    for digits in FIELD_DIGITS:
        fields = pd.get_dummies(programs["cip_code"].str[:digits])
        parts.append(FIELD_SCALE * fields.to_numpy(dtype=float))
    return np.concatenate(parts, axis=1)


def _components(texts: Sequence[str], names: Sequence[str]) -> np.ndarray:
    """Main components of the words of texts and of runs of letters in names."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    words = TfidfVectorizer(sublinear_tf=True, min_df=3, token_pattern="[a-z]{2,}")
    letters = TfidfVectorizer(sublinear_tf=True, min_df=3, analyzer="char_wb", ngram_range=(3, 5))
    both = sparse.hstack([words.fit_transform(texts), letters.fit_transform(names)]).tocsr()
    count = min(COMPONENTS, both.shape[1])
    return np.asarray(TruncatedSVD(count, n_iter=2, random_state=0).fit_transform(both))


def regressed_shares(
    design: np.ndarray, providers: np.ndarray, labels: Labels, shares: np.ndarray
) -> np.ndarray:
    """Expected share of each occupation in a program's labels, its own provider left out.

    Parameters
    ----------
    design : ndarray, shape (programs, features)
        From `program_design`, in double precision: in single, sums that another math library
        makes in another order end on the other side of a fourth decimal.
    providers : ndarray of int, length programs
    labels : Labels
        Of the same programs.
    shares : ndarray, shape (labelled programs, candidates)
        Labels of each program, summing to 1.

    Returns
    -------
    ndarray, shape (programs, candidates)
        0 to 1; rows need not sum to 1.

    Examples
    --------
    Two providers that contradict each other hear each the other one:

    >>> from scipy import sparse
    >>> labels = Labels(np.arange(2), sparse.csr_matrix(np.eye(2, dtype=bool)), np.arange(2))
    >>> far = regressed_shares(np.full((2, 1), 9.0), np.arange(2), labels, np.eye(2))
    >>> far.astype(float).round(1).tolist()
    [[0.0, 0.9], [0.9, 0.0]]
    """
    used = shares.any(axis=0)
    X, Y = design[labels.rows], shares[:, used].astype(design.dtype)
    factor = linalg.cho_factor(X.T @ X + PENALTY * np.eye(X.shape[1], dtype=X.dtype))
    fitted = design @ linalg.cho_solve(factor, X.T @ Y)
    whole = linalg.cho_solve(factor, X.T)
    of_labelled = providers[labels.rows]
    for provider in np.unique(of_labelled):
        own = np.flatnonzero(of_labelled == provider)
        rows = np.flatnonzero(providers == provider)
        hat = X[own] @ whole[:, own]
        residual = np.linalg.solve(np.eye(len(own)) - hat, Y[own] - fitted[labels.rows[own]])
        # the fit without the provider differs by what its residuals would have added
        fitted[rows] -= design[rows] @ whole[:, own] @ residual
    result = np.zeros((len(design), shares.shape[1]), dtype=np.float32)
    # ranks are taken of these: what differs by rounding errors only is a tie
    result[:, used] = np.clip(np.round(fitted, DECIMALS), 0, 1)
    return result
