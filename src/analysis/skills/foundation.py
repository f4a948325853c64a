"""The general part of a move between jobs: how much preparation the two jobs ask for."""

import numpy as np
import pandas as pd
from scipy.special import ndtr

ZONES = {
    1: "little or no preparation",
    2: "some preparation",
    3: "medium preparation",
    4: "considerable preparation",
    5: "extensive preparation",
}


def foundation_step(job_zones: pd.DataFrame, origin: str, target: str) -> str:
    """The general part of a move in one line: from which job zone to which.

    Going one zone up raises most of the 35 skills at once, so a list of them says little more.

    Parameters
    ----------
    job_zones : DataFrame
        Table ``job_zones``.
    origin, target : str
        O*NET-SOC codes.

    Returns
    -------
    str

    Examples
    --------
    >>> zones = pd.DataFrame({"onet_soc_code": ["a", "b"], "job_zone": [2, 3]})
    >>> foundation_step(zones, "a", "b")
    'one job zone up: from 2 (some preparation) to 3 (medium preparation)'
    >>> foundation_step(zones, "a", "c")
    'job zone not known for the target'
    """
    zone = dict(zip(job_zones["onet_soc_code"], job_zones["job_zone"].astype(int), strict=True))
    if origin not in zone or target not in zone:
        unknown = [n for n, c in (("origin", origin), ("target", target)) if c not in zone]
        return f"job zone not known for the {' and the '.join(unknown)}"
    first, second = zone[origin], zone[target]
    if first == second:
        return f"same job zone: {first} ({ZONES[first]})"
    steps = {1: "one job zone", 2: "two job zones", 3: "three job zones", 4: "four job zones"}
    way = "up" if second > first else "down"
    return (
        f"{steps[abs(second - first)]} {way}: from {first} ({ZONES[first]}) "
        f"to {second} ({ZONES[second]})"
    )


def net_of_zone(
    gaps: pd.DataFrame,
    levels: pd.DataFrame,
    job_zones: pd.DataFrame | None,
    origin: str,
    target: str,
    *,
    gap_level: float = 0.5,
) -> pd.DataFrame:
    """Split gaps in skills into the step between job zones and what this move asks beyond it.

    The first principal component of the 35 skills is mostly the job zone, so a move one zone up
    makes nearly all skills positive. The general part of a gap is the difference of the two
    zones' mean levels of that skill over occupations; the specific part is the rest. Knowledge
    is of a field and is left whole.

    Parameters
    ----------
    gaps : DataFrame
        From `analysis.skills.delta.element_gaps`.
    levels : DataFrame
        From `analysis.skills.rating_levels.rating_levels`.
    job_zones : DataFrame or None
        Table ``job_zones``; without it, or where a zone is not known, nothing is split.
    origin, target : str
        O*NET-SOC codes.
    gap_level : float
        Smallest gap that matters.

    Returns
    -------
    DataFrame
        ``gaps`` with ``general`` and ``specific``, and with ``probability`` (that the specific
        part exceeds ``gap_level``) set for skills anew.

    Examples
    --------
    >>> levels = pd.DataFrame({"onet_soc_code": ["a", "b"], "domain": "skills",
    ...     "element_id": "1", "level": [2.0, 4.0]})
    >>> gaps = pd.DataFrame({"domain": ["skills"], "element_id": "1", "gap": 2.0,
    ...     "standard_error": 0.3, "probability": 1.0})
    >>> zones = pd.DataFrame({"onet_soc_code": ["a", "b"], "job_zone": [2, 3]})
    >>> net_of_zone(gaps, levels, zones, "a", "b")[["general", "specific"]].values.tolist()
    [[2.0, 0.0]]
    """
    gaps = gaps.assign(general=0.0, specific=gaps["gap"])
    if job_zones is not None:
        zone = job_zones.set_index("onet_soc_code")["job_zone"]
        if origin in zone.index and target in zone.index:
            of_skills = levels[levels["domain"] == "skills"]
            known = of_skills.assign(zone=of_skills["onet_soc_code"].map(zone))
            means = known.pivot_table(index="element_id", columns="zone", values="level")
            step = means.get(zone[target], 0.0) - means.get(zone[origin], 0.0)
            is_skill = gaps["domain"].eq("skills")
            gaps.loc[is_skill, "general"] = gaps["element_id"].map(step).fillna(0.0)[is_skill]
            gaps["specific"] = gaps["gap"] - gaps["general"]
            beyond = (gaps["specific"] - gap_level).to_numpy()
            error = gaps["standard_error"].to_numpy()
            certain = error <= 0
            chance = np.where(certain, beyond > 0, ndtr(beyond / np.where(certain, 1.0, error)))
            gaps.loc[is_skill, "probability"] = chance.astype(float)[is_skill]
    return gaps
