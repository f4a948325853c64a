"""Which programs train for a target occupation, and on what ground that is said."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.errors import WorkbenchError
from analysis.skills.program_text import text_scores

STATED = "stated by the list"
CROSSWALK = "CIP crosswalk"
TEXT = "text similarity"
MATCH_COLUMNS = ["program_key", "match", "breadth", "score"]


def programs_by_stated_codes(
    programs: pd.DataFrame, soc_code: str, soc_2010_to_2018: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Programs whose list itself names the target among the occupations that they train for.

    Parameters
    ----------
    programs : DataFrame
        Frame ``programs``; ``stated_soc_codes`` holds codes joined by ';'.
    soc_code : str
        SOC code '31-9092' or O*NET-SOC code '31-9092.00'; the six digits are compared.
    soc_2010_to_2018 : DataFrame, optional
        Frame of that name. Lists still state codes of 2010; with it, a code that stands in its
        first column counts as all the codes of 2018 that it became.

    Returns
    -------
    DataFrame
        ``program_key``, ``match`` ('stated by the list'), ``breadth`` (how many occupations the
        program states), ``score`` (missing: a statement has none).

    Examples
    --------
    >>> frame = pd.DataFrame({"program_key": ["p", "q"],
    ...     "stated_soc_codes": ["31-9092.00;31-9097.00", ""]})
    >>> programs_by_stated_codes(frame, "31-9092")[["program_key", "breadth"]]
      program_key  breadth
    0           p        2
    """
    lists = programs["stated_soc_codes"].reset_index(drop=True).fillna("").str.split(";")
    stated = lists.explode().str.strip().str[:7]
    codes = pd.DataFrame({"row": stated.index, "soc_code": stated.to_numpy()})
    codes = codes[codes["soc_code"] != ""].drop_duplicates()
    breadth = codes.groupby("row")["soc_code"].size()
    if soc_2010_to_2018 is not None:
        later = codes.merge(soc_2010_to_2018, left_on="soc_code", right_on="soc_2010_code")
        renamed = later[["row"]].assign(soc_code=later["soc_2018_code"])
        codes = pd.concat([codes, renamed], ignore_index=True)
    rows = codes.loc[codes["soc_code"] == soc_code[:7], "row"].drop_duplicates().sort_values()
    return _matches(programs["program_key"].iloc[rows], STATED, breadth.loc[rows])


def programs_by_crosswalk(
    programs: pd.DataFrame, cip_soc: pd.DataFrame, soc_code: str
) -> pd.DataFrame:
    """Programs whose field of study the federal CIP-SOC crosswalk links to the target.

    Parameters
    ----------
    programs : DataFrame
        Frame ``programs``. A six-digit ``cip_code`` must be linked itself; a four-digit one
        ('51.08') matches when any six-digit code under it is.
    cip_soc : DataFrame
        Frame ``cip_soc``.
    soc_code : str
        SOC code or O*NET-SOC code of the target; the six digits are compared.

    Returns
    -------
    DataFrame
        ``program_key``, ``match`` ('CIP crosswalk'), ``breadth`` (how many occupations the field
        serves: 1 is a field for this job alone, 30 says little; for a four-digit field, all codes
        under it together) and ``score`` (missing: a link has none). Narrow fields first.

    Examples
    --------
    >>> links = pd.DataFrame({"cip_code": ["51.0801", "51.0808"],
    ...     "soc_code": ["31-9092", "31-9096"]})
    >>> frame = pd.DataFrame({"program_key": ["p", "q", "r"],
    ...     "cip_code": ["51.08", "51.0801", "51.0808"]})
    >>> programs_by_crosswalk(frame, links, "31-9092.00")[["program_key", "breadth"]]
      program_key  breadth
    0           q        1
    1           p        2
    """
    # 99-9999 and 99.9999 mean 'no match' in the published crosswalk
    real = cip_soc[
        ~cip_soc["soc_code"].str.startswith("99") & ~cip_soc["cip_code"].str.startswith("99")
    ]
    links = pd.concat(
        [
            real[["cip_code", "soc_code"]],
            real[["soc_code"]].assign(cip_code=real["cip_code"].str[:5]),
        ]
    ).drop_duplicates()
    breadth = links.groupby("cip_code")["soc_code"].nunique()
    served = links.loc[links["soc_code"] == soc_code[:7], "cip_code"]
    found = programs[programs["cip_code"].isin(served)]
    table = _matches(found["program_key"], CROSSWALK, found["cip_code"].map(breadth))
    return table.sort_values("breadth", kind="stable", ignore_index=True)


def programs_by_text(
    programs: pd.DataFrame, program_vectors: np.ndarray, target_vector: np.ndarray, k: int
) -> pd.DataFrame:
    """The k programs whose name and field read most like the target's title and description.

    Parameters
    ----------
    programs : DataFrame
        Frame ``programs``.
    program_vectors : ndarray, shape (programs, d)
        Vectors of `analysis.skills.program_text.program_texts`, in the order of the frame.
    target_vector : ndarray, shape (d,)
        Vector of the target's title and description
        (`analysis.skills.representations.occupation_texts`).
    k : int
        How many to give; there is no cut-off, so the last ones may have nothing to do with it.

    Returns
    -------
    DataFrame
        ``program_key``, ``match`` ('text similarity'), ``breadth`` (missing), ``score`` (cosine).

    Raises
    ------
    WorkbenchError
        For vectors of another number of programs.

    Examples
    --------
    >>> frame = pd.DataFrame({"program_key": ["p", "q"]})
    >>> programs_by_text(frame, np.eye(2), np.array([0.0, 2.0]), k=1)[["program_key", "score"]]
      program_key  score
    0           q    1.0
    """
    scores = text_scores(program_vectors, target_vector)
    if len(scores) != len(programs):
        raise WorkbenchError(
            f"{len(programs)} programs and {len(scores)} program vectors",
            "Embed the texts of the same frame, in its order.",
        )
    first = np.argsort(-scores, kind="stable")[:k]
    table = _matches(programs["program_key"].iloc[first], TEXT, None)
    return table.assign(score=scores[first])


def match_programs(
    programs: pd.DataFrame,
    soc_code: str,
    *,
    cip_soc: pd.DataFrame | None = None,
    soc_2010_to_2018: pd.DataFrame | None = None,
    program_vectors: np.ndarray | None = None,
    target_vector: np.ndarray | None = None,
    k: int = 15,
    match_order: Sequence[str] = (STATED, CROSSWALK, TEXT),
) -> pd.DataFrame:
    """All programs for the target, each once, on the best ground that there is for it.

    Parameters
    ----------
    programs, soc_code, cip_soc, soc_2010_to_2018, program_vectors, target_vector, k
        As for the three functions above; what is not given is not used.
    match_order : sequence of str
        Grounds from the best to the least; one that is left out is not used. Text similarity
        only fills up to ``k`` programs: it is a last resort. Of programs with one text, the first
        comes with those of other texts, the second after all of them, and so on: a list of colleges
        has one text for a whole field, and the nearest one may be of the wrong field.

    Returns
    -------
    DataFrame
        ``program_key``, ``match``, ``breadth``, ``score``. With vectors, every row has its cosine
        as ``score``. Order: ground, then narrow before broad, then score.

    Raises
    ------
    WorkbenchError
        For an unknown ground, and as `programs_by_text`.

    Examples
    --------
    >>> frame = pd.DataFrame({"program_key": ["p", "q"], "cip_code": ["51.0801", "51.0801"],
    ...     "stated_soc_codes": ["", "31-9092.00"]})
    >>> links = pd.DataFrame({"cip_code": ["51.0801"], "soc_code": ["31-9092"]})
    >>> match_programs(frame, "31-9092.00", cip_soc=links)[["program_key", "match"]]
      program_key               match
    0           q  stated by the list
    1           p       CIP crosswalk
    """
    _refuse_unknown_grounds(match_order)
    by_ground = {STATED: programs_by_stated_codes(programs, soc_code, soc_2010_to_2018)}
    if cip_soc is not None:
        by_ground[CROSSWALK] = programs_by_crosswalk(programs, cip_soc, soc_code)
    scores = pd.Series(np.nan, index=programs["program_key"])
    if program_vectors is not None and target_vector is not None:
        nearest = programs_by_text(programs, program_vectors, target_vector, len(programs))
        scores = nearest.set_index("program_key")["score"]
        by_ground[TEXT] = nearest
    chosen: list[pd.DataFrame] = []
    taken: set[str] = set()
    for ground in match_order:
        if ground not in by_ground:
            continue
        rows = by_ground[ground]
        rows = rows[~rows["program_key"].isin(taken)]
        rows = rows.assign(score=rows["program_key"].map(scores).astype(float))
        rows = rows.sort_values(["breadth", "score", "program_key"], ascending=[True, False, True])
        if ground == TEXT:
            rows = _distinct_first(rows).head(max(0, k - len(taken)))
        taken |= set(rows["program_key"])
        chosen.append(rows)
    return (
        pd.concat(chosen, ignore_index=True)
        if chosen
        else _matches(pd.Series(dtype=str), TEXT, None)
    )


def _distinct_first(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows in order of score, further copies of a text (one text has one score) after the rest."""
    copy = rows.groupby(rows["score"].round(9)).cumcount()
    return rows.iloc[copy.to_numpy().argsort(kind="stable")]


def _matches(keys: pd.Series, match: str, breadth: pd.Series | None) -> pd.DataFrame:
    table = pd.DataFrame({"program_key": keys.to_numpy(), "match": match})
    table["breadth"] = pd.array(
        [pd.NA] * len(table) if breadth is None else breadth.to_numpy(), dtype="Int64"
    )
    return table.assign(score=np.nan)[MATCH_COLUMNS]


def _refuse_unknown_grounds(match_order: Sequence[str]) -> None:
    if unknown := set(match_order) - {STATED, CROSSWALK, TEXT}:
        raise WorkbenchError(
            f"match_order: {sorted(unknown)[0]!r} is no ground for a match",
            f"Use '{STATED}', '{CROSSWALK}', '{TEXT}'.",
        )
