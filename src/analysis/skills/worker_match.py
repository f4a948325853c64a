"""What a worker's own words mean: the occupations, elements, tasks and products they name."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from analysis.errors import WorkbenchError
from analysis.skills.measures import Vectors
from analysis.skills.occupation_lookup import find_occupation

MATCHES = ["said", "kind", "matched_as", "matched_to", "code", "score", "level", "counts", "why"]


def matched_jobs(
    record: pd.DataFrame,
    occupations: pd.DataFrame,
    alternate_titles: pd.DataFrame | None,
    *,
    minimum_years: float,
    most_years_ago: float,
) -> pd.DataFrame:
    """The past jobs of a record as occupations, and which of them count.

    A job counts when it was held for ``minimum_years`` or more and ended at most
    ``most_years_ago`` years ago; what is not stated speaks for the worker.

    Parameters
    ----------
    record : DataFrame
        From `analysis.tables.worker_record.read_worker_record`.
    occupations, alternate_titles : DataFrame
        Tables; without alternate titles only the occupations' own are known.
    minimum_years, most_years_ago : float

    Returns
    -------
    DataFrame
        ``MATCHES``; ``counts`` (bool) with the reason in ``why``. A title that names no
        occupation, or several, has an empty ``code`` and the titles that were meant in ``why``.

    Examples
    --------
    >>> record = pd.DataFrame({"kind": "job", "name": ["cashier", "wizard"], "level": np.nan,
    ...     "years": [2.0, 9.0], "years_ago": 1.0})
    >>> titles = pd.DataFrame({"onet_soc_code": ["41-2011.00"], "title": ["Cashiers"]})
    >>> matched_jobs(record, titles, None, minimum_years=0.5, most_years_ago=15)[
    ...     ["code", "counts"]].values.tolist()
    [['41-2011.00', True], ['', False]]
    """
    title = dict(zip(occupations["onet_soc_code"], occupations["title"], strict=True))
    rows = []
    for job in record[record["kind"].eq("job")].itertuples():
        try:
            code = find_occupation(str(job.name), occupations, alternate_titles)
        except WorkbenchError as error:
            rows.append((job.name, "job", "", "", "", 0.0, np.nan, False, error.remedy))
            continue
        short, old = job.years < minimum_years, job.years_ago > most_years_ago
        why = (
            f"held for less than {minimum_years:g} years"
            if short
            else f"ended more than {most_years_ago:g} years ago"
            if old
            else "counts"
        )
        rows.append((job.name, "job", "occupation", title[code], code, 1.0, np.nan,
                     not (short or old), why))  # fmt: skip
    return pd.DataFrame(rows, columns=MATCHES)


def matched_skills(
    record: pd.DataFrame,
    elements: pd.DataFrame,
    tasks: pd.DataFrame,
    technology_skills: pd.DataFrame | None,
    vectors: Vectors | None,
    *,
    least_score: float,
    least_product_score: float,
) -> pd.DataFrame:
    """Skills in a worker's words, each with the nearest element, task and product.

    Parameters
    ----------
    record : DataFrame
        From `analysis.tables.worker_record.read_worker_record`.
    elements : DataFrame
        ``element_id``, ``element`` of the rated skills and knowledge, each once.
    tasks : DataFrame
        Tasks of the target.
    technology_skills : DataFrame or None
        Products are matched by their letters, as names are; the others by meaning.
    vectors : callable or None
        Sentence vectors; without them letters are compared everywhere.
    least_score : float
        Cosine (0 to 1) from which an element or a task is a match.
    least_product_score : float
        The same of a product. A skill that is below these in all three is not matched.

    Returns
    -------
    DataFrame
        ``MATCHES``; one row for each match, and one with an empty ``matched_as`` for a skill
        without any.

    Examples
    --------
    >>> record = pd.DataFrame({"kind": ["skill"], "name": ["repairing"], "level": [4.0]})
    >>> elements = pd.DataFrame({"element_id": ["2.A"], "element": ["Repairing"]})
    >>> tasks = pd.DataFrame({"task_id": ["1"], "task": ["Greet guests."]})
    >>> matched_skills(record, elements, tasks, None, None, least_score=0.5,
    ...     least_product_score=0.85)[["matched_to", "score"]].values.tolist()
    [['Repairing', 1.0]]
    """
    said = record[record["kind"].eq("skill")].reset_index(drop=True)
    names = said["name"].tolist()
    pools = [
        ("element", elements["element"].tolist(), elements["element_id"].tolist(), vectors),
        ("task", tasks["task"].tolist(), tasks["task_id"].astype("str").tolist(), vectors),
    ]
    if technology_skills is not None:
        products = technology_skills.drop_duplicates("example")
        pools.append(("product", products["example"].tolist(),
                      products["example"].tolist(), None))  # fmt: skip
    rows: list[tuple[object, ...]] = []
    found: set[int] = set()
    for kind, texts, codes, measure in pools:
        if not texts or not names:
            continue
        scores = _likeness(names, texts, measure)
        for place, best in enumerate(scores.argmax(axis=1)):
            score = float(np.round(scores[place, best], 6))
            if score >= (least_product_score if kind == "product" else least_score):
                found.add(place)
                why = "stated by the worker" if kind != "task" else "a task to ask about"
                rows.append((place, names[place], "skill", kind, texts[best], codes[best], score,
                             said["level"].iloc[place], True, why))  # fmt: skip
    rows += [
        (place, name, "skill", "", "", "", 0.0, said["level"].iloc[place], False,
         f"nothing reads like it (likeness under {least_score:g})")
        for place, name in enumerate(names) if place not in found
    ]  # fmt: skip
    rows.sort(key=lambda row: int(str(row[0])))
    return pd.DataFrame([row[1:] for row in rows], columns=MATCHES)


def _likeness(said: Sequence[str], texts: Sequence[str], vectors: Vectors | None) -> np.ndarray:
    """Cosines of shape (said, texts); the same words whatever their case are 1."""
    if vectors is not None:
        left, right = (vectors(list(part)).astype(float) for part in (said, texts))
        result = np.round(left @ right.T, 9)  # texts of one wording are one
    else:
        from sklearn.feature_extraction.text import TfidfVectorizer

        weigh: Callable[..., TfidfVectorizer] = TfidfVectorizer
        terms = weigh(analyzer="char_wb", ngram_range=(3, 4), sublinear_tf=True)
        described = terms.fit_transform(texts)
        result = (terms.transform(said) @ described.T).toarray()
    lower = {text.casefold(): place for place, text in enumerate(texts)}
    for row, text in enumerate(said):
        if text.casefold() in lower:
            result[row, lower[text.casefold()]] = 1.0
    return np.clip(result, 0.0, 1.0)
