"""Moves whose delta is known in outline: what a right delta must show, and must not."""

from collections.abc import Sequence

import pandas as pd

from analysis.skills.move import Move
from analysis.skills.move_tables import gap_table

# origin, target, and what a reader who knows the two jobs expects
KNOWN_MOVES = (
    ("41-2011.00", "31-9092.00", "medicine; the zone step is not a list of 34 skills"),
    ("41-2031.00", "15-1232.00", "computers and telecommunications; troubleshooting"),
    ("35-3031.00", "31-9091.00", "medicine and dentistry far ahead of all else"),
    ("53-7062.00", "49-9041.00", "mechanical knowledge; repairing and maintenance"),
    ("41-2011.00", "41-2011.00", "nothing: a job and itself"),
    ("29-1141.00", "29-1141.03", "little: the same work on another ward"),
    ("13-1041.00", "13-1041.06", "much: one occupation code, two different jobs"),
)


def known_moves(
    levels: pd.DataFrame,
    job_zones: pd.DataFrame | None,
    titles: dict[str, str],
    *,
    gap_level: float,
    probability: float,
    level: float,
    moves: Sequence[tuple[str, str, str]] = KNOWN_MOVES,
) -> pd.DataFrame:
    """The delta of each known move in one row, beside what is expected of it.

    Parameters
    ----------
    levels, job_zones, gap_level, probability, level
        As for `analysis.skills.move_tables.gap_table`.
    titles : dict
        Title of each code; moves with a code that is not there are left out.
    moves : sequence of (origin, target, expected)
        Two codes, and what the delta must show, in words.

    Returns
    -------
    DataFrame
        ``origin``, ``target``, ``expected``, ``gaps`` (elements shown), ``positive`` (elements
        whose raw gap is above 0), ``total_need`` (of those shown), ``largest`` (the three largest
        needs, in words).

    Examples
    --------
    >>> levels = pd.DataFrame({"onet_soc_code": ["a", "a", "b", "b"], "domain": "knowledge",
    ...     "element": ["Speaking", "Medicine"] * 2, "element_id": ["1", "2"] * 2,
    ...     "level": [3.0, 0.5, 3.2, 5.0], "standard_error": 0.05, "importance": 4.0,
    ...     "standard_deviation": 1.0, "recommend_suppress": False, "not_relevant": False,
    ...     "error_imputed": False, "error_floored": False})
    >>> moves = [("a", "b", "medicine"), ("a", "x", "not at hand")]
    >>> found = known_moves(levels, None, {"a": "Cashiers", "b": "Nurses"}, gap_level=0.5,
    ...                     probability=0.9, level=0.95, moves=moves)
    >>> found[["target", "expected", "gaps", "positive", "largest"]].values.tolist()
    [['Nurses', 'medicine', 1, 2, 'Medicine']]
    """
    rows = []
    for origin, target, expected in moves:
        if origin not in titles or target not in titles:
            continue
        move = Move(origin, target, titles[origin], titles[target])
        gaps = gap_table(
            levels, move, job_zones, gap_level=gap_level, probability=probability, level=level
        )
        shown = gaps[gaps["shown"]].sort_values("need", ascending=False)
        rows.append(
            {
                "origin": move.origin_title,
                "target": move.target_title,
                "expected": expected,
                "gaps": len(shown),
                "positive": int(gaps["gap"].gt(0).sum()),
                "total_need": float(shown["need"].sum()),
                "largest": ", ".join(shown["element"].head(3)) or "none",
            }
        )
    columns = ["origin", "target", "expected", "gaps", "positive", "total_need", "largest"]
    return pd.DataFrame(rows, columns=columns)
