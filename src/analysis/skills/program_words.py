"""Single parts of a program's words against single titles: name, description, credential.

`analysis.skills.program_features` compares whole texts; a credential ('Certified Nursing
Assistant') often names the job where the program's name does not.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.skills.measures import Vectors
from analysis.skills.program_features import best_likeness, full_texts
from analysis.skills.ties import settled

TEXT_TITLES = "MiniLM, text to best title"
NAME_OCCUPATION = "MiniLM, name to title and description"
SAID_TITLES = "MiniLM, description to best title"
SAID_OCCUPATION = "MiniLM, description to title and description"
CREDENTIAL_TITLES = "MiniLM, credential to best title"
TFIDF_NAME = "TF-IDF, name to best title"
TFIDF_SAID = "TF-IDF, description to best title"
TFIDF_CREDENTIAL = "TF-IDF, credential to best title"


def word_features(
    programs: pd.DataFrame,
    soc_codes: Sequence[str],
    occupations: pd.DataFrame,
    alternate_titles: pd.DataFrame | None,
    vectors: Vectors,
) -> dict[str, np.ndarray]:
    """Likeness of parts of each program's words to each occupation, shape (programs, candidates).

    A program without a description or credential is like nothing by it (0).

    Parameters
    ----------
    programs : DataFrame
        ``program``, ``description``, ``credential``.
    soc_codes : sequence of str
        Six-digit candidates.
    occupations, alternate_titles : DataFrame
        Tables; without alternate titles only the occupations' own count.
    vectors : callable
        Sentence vectors.

    Returns
    -------
    dict of str to ndarray, shape (programs, candidates)

    Examples
    --------
    >>> programs = pd.DataFrame({"program": ["x", "x"], "description": "",
    ...                          "credential": ["Nurse", ""]})
    >>> occupations = pd.DataFrame({"onet_soc_code": ["29-1141.00"], "title": ["Nurse"],
    ...                             "description": ["Care for people"]})
    >>> found = word_features(programs, ["29-1141", "31-9092"], occupations, None,
    ...                       lambda texts: np.ones((len(texts), 2)))
    >>> found[TFIDF_CREDENTIAL].tolist()
    [[1.0, 0.0], [0.0, 0.0]]
    """
    place = {code: column for column, code in enumerate(soc_codes)}
    inside = occupations[occupations["onet_soc_code"].str[:7].isin(place)]
    columns = inside["onet_soc_code"].str[:7].map(place).to_numpy()
    described = vectors((inside["title"] + ". " + inside["description"].fillna("")).tolist())
    called, titles = inside["onet_soc_code"], inside["title"]
    if alternate_titles is not None:
        more = alternate_titles[alternate_titles["onet_soc_code"].str[:7].isin(place)]
        called = pd.concat([called, more["onet_soc_code"]])
        titles = pd.concat([titles, more["alternate_title"]])
    title_columns = called.str[:7].map(place).to_numpy()
    title_vectors = vectors(titles.tolist())
    names, said, credential = (
        programs[name].fillna("").str.strip().tolist()
        for name in ("program", "description", "credential")
    )
    n = len(soc_codes)
    found = {}
    for name, texts, against, of in (
        (TEXT_TITLES, full_texts(programs), title_vectors, title_columns),
        (NAME_OCCUPATION, names, described, columns),
        (SAID_TITLES, said, title_vectors, title_columns),
        (SAID_OCCUPATION, said, described, columns),
        (CREDENTIAL_TITLES, credential, title_vectors, title_columns),
    ):
        said_nothing = np.array([not text for text in texts])
        found[name] = best_likeness([text or "-" for text in texts], against, of, n, vectors)
        found[name][said_nothing] = 0
    parts = {TFIDF_NAME: names, TFIDF_SAID: said, TFIDF_CREDENTIAL: credential}
    return found | _shared_words(parts, titles.tolist(), title_columns, n)


def _shared_words(
    parts: dict[str, list[str]], titles: list[str], columns: np.ndarray, n: int
) -> dict[str, np.ndarray]:
    """Largest cosine of term weights with a title of each occupation."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    order = np.argsort(columns, kind="stable")
    present, starts = np.unique(columns[order], return_index=True)
    words = TfidfVectorizer(sublinear_tf=True, stop_words="english", token_pattern="[a-z]{2,}")
    of_titles = words.fit_transform(titles)[order].T.tocsc()
    found = {}
    for name, texts in parts.items():
        of_programs = words.transform(texts)
        best = np.zeros((len(texts), n), dtype=np.float32)
        for begin in range(0, len(texts), 256):
            cosines = (of_programs[begin : begin + 256] @ of_titles).toarray()
            nearest = np.maximum.reduceat(cosines, starts, axis=1)
            best[begin : begin + 256, present] = settled(nearest)
        found[name] = best
    return found
