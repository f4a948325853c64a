"""Job-2-Job Skill Delta from what is done at work: tasks, activities and technologies.

Ratings never name what is taught (phlebotomy, x-rays); tasks do. Likeness of two tasks is measured
on their words alone, which errs both ways ('Clean teeth' is near 'Remove dishes from tables'), so
no task is ever called known: the bands say how near the nearest task of the origin reads.
"""

import numpy as np
import pandas as pd

from analysis.errors import WorkbenchError

BANDS = ("new", "perhaps related", "closely related")
RELATIONS = ("new", "same intermediate activity", "same activity")


def task_delta(
    origin_tasks: pd.DataFrame,
    target_tasks: pd.DataFrame,
    origin_vectors: np.ndarray,
    target_vectors: np.ndarray,
    centre: np.ndarray,
    *,
    closely_related: float = 0.55,
    perhaps_related: float = 0.41,
) -> pd.DataFrame:
    """Tasks of the target, the least like any task of the origin first.

    Parameters
    ----------
    origin_tasks, target_tasks : DataFrame
        Rows of frame ``tasks`` of the two jobs (``task_id``, ``task``, ``task_type``).
    origin_vectors, target_vectors : ndarray, shape (tasks, d)
        Their vectors, in the same order.
    centre : ndarray, shape (d,)
        Mean vector over the tasks of all jobs, taken off first. The cut-offs below are for
        centred cosines; without centring a quarter of unrelated tasks would pass the lower one.
    closely_related, perhaps_related : float
        Least best cosine of the two upper bands. The defaults are about the 99th and the 95th
        percentile over random pairs of jobs (O*NET 29.2, all-MiniLM-L6-v2).

    Returns
    -------
    DataFrame
        ``task_id``, ``task``, ``task_type``, ``best_cosine`` (-1 to 1), ``nearest_origin_task``
        (for a reader to judge) and ``band``: 'new', 'perhaps related', 'closely related'.

    Raises
    ------
    WorkbenchError
        A job without tasks, or vectors that do not belong to the tasks.

    Examples
    --------
    >>> rows = pd.DataFrame({"task_id": ["1", "2"], "task": ["Draw blood.", "Greet patients."],
    ...     "task_type": "Core"})
    >>> eye = np.eye(2)
    >>> task_delta(rows[1:], rows, eye[1:], eye, np.zeros(2))[["task", "best_cosine", "band"]]
                  task  best_cosine             band
    0      Draw blood.          0.0              new
    1  Greet patients.          1.0  closely related
    """
    sides = (("origin", origin_tasks, origin_vectors), ("target", target_tasks, target_vectors))
    for role, tasks, vectors in sides:
        if not len(tasks) or len(tasks) != len(vectors):
            raise WorkbenchError(
                f"the {role} has {len(tasks)} tasks and {len(vectors)} task vectors",
                "Give the tasks of one job that has some, and the vectors of the same rows.",
            )
    if perhaps_related > closely_related:
        raise WorkbenchError(
            f"perhaps_related = {perhaps_related} is above closely_related = {closely_related}",
            "Give the lower cut-off to perhaps_related.",
        )
    # tasks of one wording are alike to the last digits only: of them the first is the nearest
    cosines = np.round(_unit(target_vectors - centre) @ _unit(origin_vectors - centre).T, 9)
    nearest = cosines.argmax(axis=1)
    best = cosines[np.arange(len(nearest)), nearest]
    band = np.select([best >= closely_related, best >= perhaps_related], BANDS[:0:-1], BANDS[0])
    table = target_tasks[["task_id", "task", "task_type"]].assign(
        best_cosine=best,
        nearest_origin_task=origin_tasks["task"].to_numpy()[nearest],
        band=band,
    )
    return table.sort_values("best_cosine", kind="stable", ignore_index=True)


def activity_delta(work_activities: pd.DataFrame, origin: str, target: str) -> pd.DataFrame:
    """Detailed work activities of the target, those that the origin does not have first.

    Parameters
    ----------
    work_activities : DataFrame
        Frame ``work_activities``.
    origin, target : str
        O*NET-SOC codes.

    Returns
    -------
    DataFrame
        ``dwa_id``, ``dwa_title``, ``n_tasks`` (tasks of the target that it stands for) and
        ``relation``: 'new', 'same intermediate activity' (the origin has another detailed
        activity under the same intermediate one, the part of the id before '.D'), 'same
        activity'. Within a relation, the activity of most tasks first.

    Examples
    --------
    >>> frame = pd.DataFrame({"onet_soc_code": ["a", "b", "b"], "task_id": ["1", "2", "3"],
    ...     "dwa_id": ["4.A.1.I01.D01", "4.A.1.I01.D02", "4.A.2.I07.D01"],
    ...     "dwa_title": ["Greet.", "Inform.", "Draw blood."]})
    >>> activity_delta(frame, "a", "b")[["dwa_title", "relation"]]
         dwa_title                    relation
    0  Draw blood.                         new
    1      Inform.  same intermediate activity
    """
    held = work_activities.loc[work_activities["onet_soc_code"] == origin, "dwa_id"]
    asked = work_activities[work_activities["onet_soc_code"] == target]
    table = asked.groupby(["dwa_id", "dwa_title"], as_index=False).agg(
        n_tasks=("task_id", "nunique")
    )
    same = table["dwa_id"].isin(held).to_numpy()
    near = table["dwa_id"].map(_intermediate).isin(held.map(_intermediate)).to_numpy()
    order = np.select([same, near], [2, 1], 0)
    table = table.assign(relation=[RELATIONS[place] for place in order], order=order)
    table = table.sort_values(["order", "n_tasks", "dwa_id"], ascending=[True, False, True])
    return table[["dwa_id", "dwa_title", "n_tasks", "relation"]].reset_index(drop=True)


def technology_delta(
    technology_skills: pd.DataFrame,
    origin: str,
    target: str,
    *,
    common_share: float = 0.5,
    minimum_examples: int = 2,
) -> pd.DataFrame:
    """Kinds of technology of the target that the origin does not hold; those in demand first.

    A kind (commodity) counts as held when the origin lists ``minimum_examples`` products of it or
    one that is hot or in demand: a single odd product does not make it known (cashiers list one
    medical record program).

    Parameters
    ----------
    technology_skills : DataFrame
        Frame ``technology_skills``.
    origin, target : str
        O*NET-SOC codes.
    common_share : float
        Kinds that more than this share of occupations list are left out (office suites).
    minimum_examples : int
        Products of a kind that make it held.

    Returns
    -------
    DataFrame
        ``commodity_code``, ``commodity_title``, ``in_demand``, ``hot_technology`` (of any of its
        products in the target), ``examples`` (list of products, in demand first, then hot) and
        ``share_of_occupations``. Order: in demand, then hot, then rare before common.

    Examples
    --------
    >>> frame = pd.DataFrame({"onet_soc_code": ["a", "b", "c"], "commodity_code": ["1", "2", "3"],
    ...     "commodity_title": ["Till software", "Medical software", "Mail software"],
    ...     "example": ["Till", "Epic", "Mail"], "hot_technology": False,
    ...     "in_demand": [False, True, False]})
    >>> technology_delta(frame, "a", "b")[["commodity_title", "examples"]]
        commodity_title examples
    0  Medical software   [Epic]
    """
    everybody = technology_skills["onet_soc_code"].nunique()
    share = technology_skills.groupby("commodity_code")["onet_soc_code"].nunique() / everybody
    of_origin = technology_skills[technology_skills["onet_soc_code"] == origin]
    known = of_origin["hot_technology"] | of_origin["in_demand"]
    counts = of_origin.groupby("commodity_code")["example"].nunique()
    held = set(of_origin.loc[known, "commodity_code"]) | set(
        counts[counts >= minimum_examples].index
    )
    asked = technology_skills[technology_skills["onet_soc_code"] == target]
    asked = asked[~asked["commodity_code"].isin(held)]
    asked = asked[asked["commodity_code"].map(share).le(common_share)]
    if origin == target:  # one listed product is too little to hold a kind, except in one's own job
        asked = asked.iloc[:0]
    asked = asked.sort_values(
        ["in_demand", "hot_technology", "example"], ascending=[False, False, True]
    )
    table = asked.groupby(["commodity_code", "commodity_title"], as_index=False).agg(
        in_demand=("in_demand", "any"),
        hot_technology=("hot_technology", "any"),
        examples=("example", list),
    )
    table["share_of_occupations"] = table["commodity_code"].map(share).astype(float)
    return table.sort_values(
        ["in_demand", "hot_technology", "share_of_occupations", "commodity_code"],
        ascending=[False, False, True, True],
        ignore_index=True,
    )


def _unit(vectors: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.maximum(lengths, 1e-12)


def _intermediate(dwa_id: str) -> str:
    return dwa_id.rsplit(".", 1)[0]
