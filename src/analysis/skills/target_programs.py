"""The programs in a state that train for a target job, from every list at hand."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.errors import WorkbenchError
from analysis.skills.measures import Vectors
from analysis.skills.program_match import match_programs
from analysis.skills.program_text import program_texts

PROGRAM_COLUMNS = [
    "program_key",
    "list_name",
    "provider",
    "program",
    "cip_code",
    "credential",
    "cost",
    "weeks",
    "hours",
    "delivery",
    "city",
    "county",
    "state",
    "public_transit",
    "child_care",
    "match",
    "breadth",
    "score",
]


def programs_in_state(
    lists: Sequence[pd.DataFrame | None], state: str, credentials: Sequence[str]
) -> pd.DataFrame:
    """Programs of all lists in one state, each list's own credentials as far as they are meant.

    Parameters
    ----------
    lists : sequence of (DataFrame or None)
        Tables of programs.
    state : str
        Two letters; empty for all states.
    credentials : sequence of str
        Credentials of College Scorecard that lead to the target; other lists hold short training
        only and are taken whole.

    Returns
    -------
    DataFrame
        Rows of the lists, in their order.

    Raises
    ------
    WorkbenchError
        Where none of the lists is at hand.

    Examples
    --------
    >>> frame = pd.DataFrame({"state": ["TX", "NJ"], "list_name": "texas_etpl", "credential": ""})
    >>> programs_in_state([frame, None], "tx", [])["state"].tolist()
    ['TX']
    """
    found = [frame for frame in lists if frame is not None]
    if not found:
        raise WorkbenchError("no list of programs is at hand", "Run 'workbench fetch'.")
    at_hand = pd.concat(found, ignore_index=True)
    here = at_hand["state"].eq(state.upper()) if state else pd.Series(True, index=at_hand.index)
    of_college = at_hand["list_name"].eq("college_scorecard")
    fits = ~of_college | at_hand["credential"].isin(list(credentials))
    return at_hand[here & fits].reset_index(drop=True)


def programs_for_target(
    programs: pd.DataFrame,
    soc_code: str,
    *,
    cip_soc: pd.DataFrame | None,
    soc_2010_to_2018: pd.DataFrame | None,
    vectors: Vectors | None,
    target_text: str,
    at_least: int,
    match_order: Sequence[str],
) -> pd.DataFrame:
    """Programs that train for a target with the ground of each, by list and then by ground.

    Parameters
    ----------
    programs : DataFrame
        From `programs_in_state`.
    soc_code, cip_soc, soc_2010_to_2018, match_order
        As for `analysis.skills.program_match.match_programs`.
    vectors : callable or None
        Sentence vectors of texts; without it no program is found by its words.
    target_text : str
        Title and description of the target.
    at_least : int
        Programs of each list that words fill up to, where other grounds give fewer.

    Returns
    -------
    DataFrame
        ``PROGRAM_COLUMNS``.

    Examples
    --------
    >>> listed = pd.DataFrame({**dict.fromkeys(PROGRAM_COLUMNS[:-3], ""), "description": "",
    ...     "program_key": ["p", "q", "r"], "cip_code": ["51.0801", "51.0801", "12.0501"],
    ...     "stated_soc_codes": ["", "31-9092.00", ""]})
    >>> links = pd.DataFrame({"cip_code": ["51.0801"], "soc_code": ["31-9092"]})
    >>> found = programs_for_target(
    ...     listed, "31-9092.00", cip_soc=links, soc_2010_to_2018=None, vectors=None,
    ...     target_text="Medical Assistants", at_least=5,
    ...     match_order=["stated by the list", "CIP crosswalk"],
    ... )  # fmt: skip
    >>> found[["program_key", "match"]].values.tolist()
    [['q', 'stated by the list'], ['p', 'CIP crosswalk']]
    """
    parts = []
    for _, of_list in programs.groupby("list_name", sort=False):
        of_list = of_list.reset_index(drop=True)
        given: dict[str, np.ndarray] = {}
        if vectors is not None:
            given["program_vectors"] = vectors(program_texts(of_list))
            given["target_vector"] = vectors([target_text])[0]
        found = match_programs(
            of_list, soc_code, cip_soc=cip_soc, soc_2010_to_2018=soc_2010_to_2018,
            k=at_least, match_order=match_order, **given,
        )  # fmt: skip
        parts.append(found.merge(of_list, on="program_key", how="left", validate="one_to_one"))
    if not parts:
        return pd.DataFrame(columns=[*programs.columns, "match", "breadth", "score"])[
            PROGRAM_COLUMNS
        ]
    place = {ground: row for row, ground in enumerate(match_order)}
    table = pd.concat(parts, ignore_index=True)
    order = table["match"].map(place).argsort(kind="stable")
    return table.iloc[order][PROGRAM_COLUMNS].reset_index(drop=True)
