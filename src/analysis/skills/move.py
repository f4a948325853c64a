"""One move from an origin job to a target job: who they are and what the move rests on."""

from typing import NamedTuple

import pandas as pd

from analysis.skills.foundation import foundation_step
from analysis.skills.occupation_lookup import find_occupation
from analysis.skills.wage_step import jobs_in_place, wage_step

PAIR_COLUMNS = [
    "origin_code",
    "origin_title",
    "target_code",
    "target_title",
    "origin_job_zone",
    "target_job_zone",
    "foundation",
    "origin_median_wage",
    "target_median_wage",
    "target_employment",
    "wage_area",
    "origin_jobs",
    "target_jobs",
    "origin_jobs_per_1000",
    "target_jobs_per_1000",
    "jobs_area",
    "similarity_percentile",
    "rests_on",
]


class Move(NamedTuple):
    """Codes and titles of origin and target."""

    origin: str
    target: str
    origin_title: str
    target_title: str

    @property
    def is_none(self) -> bool:
        """Whether origin and target are the same job."""
        return self.origin == self.target


def find_move(
    origin: str,
    target: str,
    occupations: pd.DataFrame,
    alternate_titles: pd.DataFrame | None = None,
) -> Move:
    """The two occupations that are meant by titles or codes.

    Parameters
    ----------
    origin, target : str
        As for `analysis.skills.occupation_lookup.find_occupation`, which raises for each.
    occupations, alternate_titles : DataFrame
        Tables; without alternate titles only the occupations' own are known.

    Returns
    -------
    Move
        O*NET-SOC codes and titles of both.

    Examples
    --------
    >>> frame = pd.DataFrame({"onet_soc_code": ["31-9092.00", "41-2011.00"],
    ...     "title": ["Medical Assistants", "Cashiers"]})
    >>> find_move("cashier", "31-9092", frame).target_title
    'Medical Assistants'
    """
    codes = [find_occupation(text, occupations, alternate_titles) for text in (origin, target)]
    titles = dict(zip(occupations["onet_soc_code"], occupations["title"], strict=True))
    return Move(*codes, *(titles[code] for code in codes))


def pair_row(
    move: Move,
    *,
    job_zones: pd.DataFrame | None,
    wages: pd.DataFrame | None,
    state: str,
    similarity_percentile: float,
    rests_on: str,
    reference: str | None = None,
) -> pd.DataFrame:
    """The move in one row: zones, the foundation line, wages, likeness and what it rests on.

    Parameters
    ----------
    move : Move
    job_zones, wages : DataFrame or None
        Tables, where they are at hand.
    state : str
        Two letters; wages are the state's where it publishes both, else the nation's.
    similarity_percentile : float
        Share of other jobs that are less like the origin than the target is.
    rests_on : str
        Which descriptions of the two jobs were used, in words.
    reference : str, optional
        Occupation whose code and wage stand for the origin, where that is no occupation but a
        worker's record; empty where the record names no past job.

    Returns
    -------
    DataFrame
        One row with the columns of ``PAIR_COLUMNS``.

    Examples
    --------
    >>> move = Move("a", "b", "Cashiers", "Bakers")
    >>> pair_row(move, job_zones=None, wages=None, state="TX", similarity_percentile=0.5,
    ...     rests_on="tasks")["foundation"].item()
    'job zones are not at hand'
    """
    zone: dict[str, int] = {}
    foundation = "job zones are not at hand"
    if job_zones is not None:
        zone = dict(zip(job_zones["onet_soc_code"], job_zones["job_zone"].astype(int), strict=True))
        foundation = foundation_step(job_zones, move.origin, move.target)
    paid = move.origin if reference is None else reference
    row = {
        "origin_code": paid,
        "origin_title": move.origin_title,
        "target_code": move.target,
        "target_title": move.target_title,
        "origin_job_zone": zone.get(move.origin),
        "target_job_zone": zone.get(move.target),
        "foundation": foundation,
        **_wages_and_jobs(wages, paid, move.target, state),
        "similarity_percentile": similarity_percentile,
        "rests_on": rests_on,
    }
    frame = pd.DataFrame([row], columns=PAIR_COLUMNS)
    for side in ("origin", "target"):
        frame[f"{side}_job_zone"] = frame[f"{side}_job_zone"].astype("Int64")
    return frame


def _wages_and_jobs(
    wages: pd.DataFrame | None, origin: str, target: str, state: str
) -> dict[str, object]:
    """What both jobs pay, and how many of them there are in the state."""
    pay = wage_step(wages, origin, target, state)
    jobs = jobs_in_place(wages, origin, target, state)
    return {
        "origin_median_wage": pay["annual_median"].iloc[0],
        "target_median_wage": pay["annual_median"].iloc[1],
        "target_employment": pay["employment"].iloc[1],
        "wage_area": pay["area"].iloc[0],
        "origin_jobs": jobs["jobs"].iloc[0],
        "target_jobs": jobs["jobs"].iloc[1],
        "origin_jobs_per_1000": jobs["jobs_per_1000"].iloc[0],
        "target_jobs_per_1000": jobs["jobs_per_1000"].iloc[1],
        "jobs_area": jobs["area"].iloc[1],
    }


def target_zone(pair: pd.DataFrame) -> int | None:
    """Job zone of the target in a row of `pair_row`, or None where it is not known.

    Parameters
    ----------
    pair : DataFrame of one row
        ``target_job_zone``.

    Returns
    -------
    int or None
        From 1 (little preparation) to 5 (extensive).

    Examples
    --------
    >>> target_zone(pd.DataFrame({"target_job_zone": pd.array([pd.NA], dtype="Int64")})) is None
    True
    """
    zone = pair["target_job_zone"].iloc[0]
    return None if pd.isna(zone) else int(zone)


def what_it_rests_on(rated: bool, activities: bool) -> str:
    """Which descriptions of the two jobs a delta uses.

    Parameters
    ----------
    rated : bool
        Whether both jobs have ratings of knowledge and skills.
    activities : bool
        Whether the detailed work activities are at hand.

    Returns
    -------
    str
        What is used, with semicolons between.

    Examples
    --------
    >>> what_it_rests_on(rated=False, activities=False)
    'tasks as text'
    """
    parts = ["tasks as text"]
    parts += ["detailed work activities"] if activities else []
    parts += ["ratings of knowledge and skills"] if rated else []
    return "; ".join(parts)
