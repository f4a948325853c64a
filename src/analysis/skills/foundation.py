"""The general part of a move between jobs: how much preparation the two jobs ask for."""

import pandas as pd

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
