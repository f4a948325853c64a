"""What speaks for each occupation as the one that a program trains for: one matrix a ground.

Sums are made in double precision and kept to five decimals: what differs by the rounding of sums
only, which another math library adds in another order, is kept as the same number.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import sparse

from analysis.skills.measures import Vectors
from analysis.skills.program_labels import Labels
from analysis.skills.program_regression import regressed_shares
from analysis.skills.ties import first_places, settled

LINKED = "CIP crosswalk"
TFIDF = "TF-IDF of all texts of the occupation"
LETTERS = "TF-IDF of letters, titles"
MINILM = "MiniLM, title and description"
MINILM_TITLES = "MiniLM, name to best alternate title"
NEAREST = "nearest programs of other providers"
NEAREST_NAMES = "nearest names of other providers' programs"
LEARNED_CIP = "field of study at other providers"
LEARNED_WIDE_CIP = "wider field of study at other providers"
REGRESSED = "regression on words and field of study, other providers"
OF_OTHERS = (NEAREST, NEAREST_NAMES, LEARNED_CIP, LEARNED_WIDE_CIP, REGRESSED)


def full_texts(programs: pd.DataFrame) -> list[str]:
    """Name and description of each program, as one text.

    Parameters
    ----------
    programs : DataFrame
        ``program``, ``description``.

    Returns
    -------
    list of str
        One for each program, in the order of the frame; the name alone where nothing is described.

    Examples
    --------
    >>> full_texts(pd.DataFrame({"program": ["Welding"], "description": ["Pipe and plate"]}))
    ['Welding. Pipe and plate']
    """
    names = programs["program"].fillna("").str.strip()
    said = programs["description"].fillna("").str.strip()
    return [f"{name}. {more}" if more else name for name, more in zip(names, said, strict=True)]


def _occupation_documents(
    soc_codes: Sequence[str],
    occupations: pd.DataFrame,
    tasks: pd.DataFrame,
    alternate_titles: pd.DataFrame | None,
) -> tuple[list[str], list[str]]:
    """For each six-digit code, all its titles, and all its texts, each as one document."""
    parts = [
        ("title", occupations["onet_soc_code"], occupations["title"]),
        ("text", occupations["onet_soc_code"], occupations["description"].fillna("")),
        ("text", tasks["onet_soc_code"], tasks["task"]),
    ]
    if alternate_titles is not None:
        named = alternate_titles
        parts.append(("title", named["onet_soc_code"], named["alternate_title"]))
    rows = pd.concat(
        [pd.DataFrame({"kind": k, "soc": c.str[:7].to_numpy(), "text": t.to_numpy()})
         for k, c, t in parts]
    )  # fmt: skip
    titles = rows[rows["kind"] == "title"].groupby("soc")["text"].agg("\n".join)
    everything = rows.groupby("soc")["text"].agg("\n".join)
    codes = list(soc_codes)
    return titles.reindex(codes, fill_value="").tolist(), everything.reindex(
        codes, fill_value=""
    ).tolist()


def linked_share(
    programs: pd.DataFrame, cip_soc: pd.DataFrame, soc_codes: Sequence[str]
) -> np.ndarray:
    """1 / (occupations that the field serves) where the crosswalk links them, else 0.

    Parameters
    ----------
    programs : DataFrame
        ``cip_code``.
    cip_soc : DataFrame
        Table ``cip_soc``.
    soc_codes : sequence of str
        Six-digit candidates.

    Returns
    -------
    ndarray, shape (programs, candidates)

    Examples
    --------
    >>> links = pd.DataFrame({"cip_code": ["51.0801"] * 2, "soc_code": ["31-9092", "31-9097"]})
    >>> linked_share(pd.DataFrame({"cip_code": ["51.0801"]}), links, ["31-9092", "11-1011"])
    array([[0.5, 0. ]])
    """
    place = {code: column for column, code in enumerate(soc_codes)}
    links = cip_soc[["cip_code", "soc_code"]].drop_duplicates()
    links = links.assign(share=1 / links.groupby("cip_code")["soc_code"].transform("size"))
    links = links[links["soc_code"].isin(place)]
    fields = {code: row for row, code in enumerate(sorted(set(links["cip_code"])))}
    matrix = np.zeros((len(fields) + 1, len(soc_codes)))
    matrix[links["cip_code"].map(fields), links["soc_code"].map(place)] = links["share"]
    return matrix[programs["cip_code"].map(fields).fillna(len(fields)).astype(int)]


def text_features(
    programs: pd.DataFrame,
    soc_codes: Sequence[str],
    occupations: pd.DataFrame,
    tasks: pd.DataFrame,
    alternate_titles: pd.DataFrame | None,
    vectors: Vectors | None,
) -> dict[str, np.ndarray]:
    """Likeness of each program's words to each occupation's, shape (programs, candidates) each.

    MiniLM compares with the best of the occupations under a six-digit code, and names with the
    best of their titles; TF-IDF with all texts of the code together.

    Parameters
    ----------
    programs : DataFrame
        ``program``, ``description``.
    soc_codes : sequence of str
        Six-digit candidates.
    occupations, tasks, alternate_titles : DataFrame
        Tables; without alternate titles only the occupations' own count.
    vectors : callable or None
        Sentence vectors; without it there is TF-IDF only.

    Returns
    -------
    dict of str to ndarray, shape (programs, candidates)

    Examples
    --------
    >>> programs = pd.DataFrame({"program": ["Baker training"], "description": "Bake bread"})
    >>> occupations = pd.DataFrame({"onet_soc_code": ["51-3011.00", "49-9096.00"],
    ...     "title": ["Bakers", "Baker Riggers"], "description": ["Bake bread", "Lift loads"]})
    >>> tasks = pd.DataFrame({"onet_soc_code": ["51-3011.00"], "task": ["Bake pies"]})
    >>> found = text_features(programs, ["49-9096", "51-3011"], occupations, tasks, None, None)
    >>> list(found), found[TFIDF].argmax(axis=1).tolist()
    (['TF-IDF of all texts of the occupation', 'TF-IDF of letters, titles'], [1])
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = full_texts(programs)
    titles, everything = _occupation_documents(soc_codes, occupations, tasks, alternate_titles)
    words = TfidfVectorizer(sublinear_tf=True, stop_words="english").fit(everything)
    letters = TfidfVectorizer(
        sublinear_tf=True, analyzer="char_wb", ngram_range=(3, 5), min_df=2
    ).fit(titles)
    names = programs["program"].fillna("").tolist()
    found = {
        TFIDF: (words.transform(texts) @ words.transform(everything).T).toarray(),
        LETTERS: (letters.transform(names) @ letters.transform(titles).T).toarray(),
    }
    if vectors is None:
        return found
    place = {code: column for column, code in enumerate(soc_codes)}
    inside = occupations[occupations["onet_soc_code"].str[:7].isin(place)]
    columns = inside["onet_soc_code"].str[:7].map(place).to_numpy()
    described = (inside["title"] + ". " + inside["description"].fillna("")).tolist()
    found[MINILM] = best_likeness(texts, vectors(described), columns, len(soc_codes), vectors)
    codes, called = inside["onet_soc_code"], inside["title"]
    if alternate_titles is not None:
        more = alternate_titles[alternate_titles["onet_soc_code"].str[:7].isin(place)]
        codes = pd.concat([codes, more["onet_soc_code"]])
        called = pd.concat([called, more["alternate_title"]])
    columns = codes.str[:7].map(place).to_numpy()
    found[MINILM_TITLES] = best_likeness(
        names, vectors(called.tolist()), columns, len(soc_codes), vectors
    )
    return {name: settled(matrix) for name, matrix in found.items()}


def features_of_others(
    programs: pd.DataFrame,
    labels: Labels,
    vectors: Vectors | None,
    design: np.ndarray | None = None,
) -> dict[str, np.ndarray]:
    """What labelled programs of *other* providers say, shape (programs, candidates) each.

    Parameters
    ----------
    programs : DataFrame
        The list, labelled or not; a program never hears its own provider.
    labels : Labels
        Of that list.
    vectors : callable or None
        Sentence vectors; without it only fields of study are used.
    design : ndarray, optional
        `analysis.skills.program_regression.program_design` of the list; without it there is no
        ``REGRESSED``.

    Returns
    -------
    dict
        ``NEAREST`` and ``NEAREST_NAMES``: mean label over the 25 nearest programs by text and the
        40 nearest by name, weighted by powers of the cosine. ``LEARNED_CIP`` and
        ``LEARNED_WIDE_CIP``: share of the label in the same six-digit and four-digit field.
        ``REGRESSED``: share of the label by a regression on all of these.

    Examples
    --------
    Two providers that contradict each other hear each the other one.

    >>> programs = pd.DataFrame({"provider_id": ["a", "b"], "cip_code": "48.0508"})
    >>> labels = Labels(np.arange(2), sparse.csr_matrix(np.eye(2, dtype=bool)), np.arange(2))
    >>> features_of_others(programs, labels, None)[LEARNED_CIP].tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    known = programs.iloc[labels.rows]
    truth = labels.truth.astype(float)
    truth = sparse.csr_matrix(sparse.diags(1 / np.asarray(truth.sum(axis=1)).ravel()) @ truth)
    providers = pd.factorize(programs["provider_id"])[0]
    own = providers[:, None] == providers[labels.rows][None, :]
    found = {}
    for name, digits in ((LEARNED_CIP, 7), (LEARNED_WIDE_CIP, 5)):
        fields = pd.factorize(programs["cip_code"].str[:digits])[0]  # -1 where it is missing
        same = (fields[:, None] == fields[labels.rows][None, :]) & (fields[:, None] >= 0) & ~own
        votes = (sparse.csr_matrix(same.astype(float)) @ truth).toarray()
        share = votes / np.maximum(same.sum(axis=1, keepdims=True), 1)
        found[name] = settled(share)
    if vectors is not None:
        names = programs["program"].fillna("").tolist()
        for name, texts, count, power in (
            (NEAREST, full_texts(programs), 25, 4),
            (NEAREST_NAMES, names, 40, 8),
        ):
            of_all = vectors(texts).astype(float)
            cosines = settled(of_all @ of_all[labels.rows].T)
            cosines[own] = -1
            found[name] = _nearest_labels(cosines, truth, min(count, len(known) - 1), power)
    if design is not None:
        found[REGRESSED] = regressed_shares(design, providers, labels, truth.toarray())
    return found


def _nearest_labels(
    cosines: np.ndarray, truth: sparse.csr_matrix, count: int, power: int
) -> np.ndarray:
    first = first_places(cosines, count)
    near_by = np.take_along_axis(cosines, first, axis=1).astype(float)
    weight = np.clip(near_by, 0.01, None) ** power
    weight /= weight.sum(axis=1, keepdims=True)
    start = np.arange(len(cosines) + 1) * count
    near = sparse.csr_matrix((weight.ravel(), first.ravel(), start), shape=cosines.shape)
    return settled((near @ truth).toarray())


def standardised(features: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Features on scales that a sum of them can use.

    Shares become ``log(share + 0.01)``; cosines are standardised in each row, so that a program
    of few words is not less sure of everything.

    Parameters
    ----------
    features : mapping of str to ndarray, shape (programs, candidates)

    Returns
    -------
    dict of str to ndarray
        Of the same shapes.

    Examples
    --------
    >>> standardised({LINKED: np.array([[1.0, 0.0]])})[LINKED].astype(float).round(2).tolist()
    [[0.01, -4.61]]
    """
    scaled = {}
    for name, kept in features.items():
        values = kept.astype(float)
        if name in (LINKED, *OF_OTHERS):
            scaled[name] = settled(np.log(values + 0.01))
        else:
            centred = values - values.mean(axis=1, keepdims=True)
            spread = np.maximum(values.std(axis=1, keepdims=True), 1e-6)
            scaled[name] = settled(centred / spread)
    return scaled


def best_likeness(
    texts: Sequence[str], right: np.ndarray, columns: np.ndarray, n: int, vectors: Vectors
) -> np.ndarray:
    """`best_cosines` of texts, each of which is compared once however often it stands.

    Parameters
    ----------
    texts : sequence of str
    right, columns, n
        As in `best_cosines`.
    vectors : callable
        Sentence vectors.

    Returns
    -------
    ndarray, shape (texts, n)

    Examples
    --------
    >>> def vectors(texts):
    ...     return np.array([[1.0, 0.0] if text == "a" else [0.0, 1.0] for text in texts])
    >>> best_likeness(["a", "b", "a"], vectors(["a"]), np.array([0]), 1, vectors).tolist()
    [[1.0], [0.0], [1.0]]
    """
    place, different = pd.factorize(np.asarray(texts, dtype=object))
    return best_cosines(vectors(different.tolist()), right, columns, n)[place]


def best_cosines(left: np.ndarray, right: np.ndarray, columns: np.ndarray, n: int) -> np.ndarray:
    """Largest cosine of each row of ``left`` with the rows of ``right`` of each column.

    Parameters
    ----------
    left, right : ndarray, shape (rows, d)
        Vectors of length one.
    columns : ndarray of int, length rows of ``right``
    n : int
        Columns of the result.

    Returns
    -------
    ndarray, shape (rows of ``left``, n)
        -1 in columns that have no row.

    Examples
    --------
    >>> right = np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]])
    >>> best_cosines(np.array([[1.0, 0.0]]), right, np.array([0, 1, 1]), 3).tolist()
    [[1.0, 0.5, -1.0]]
    """
    order = np.argsort(columns, kind="stable")
    present, starts = np.unique(columns[order], return_index=True)
    best = np.full((len(left), n), -1.0, dtype=np.float32)
    left, ordered = left.astype(float), right[order].T.astype(float)
    for begin in range(0, len(left), 512):
        cosines = left[begin : begin + 512] @ ordered
        best[begin : begin + 512, present] = settled(np.maximum.reduceat(cosines, starts, axis=1))
    return best
