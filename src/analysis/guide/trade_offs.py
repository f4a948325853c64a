"""Programs that no other one beats in everything: for who does not share the order's weights."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.errors import WorkbenchError

# what is better: a tier nearer to the top, more of the gap covered, less money, less time
AIMS = {"tier": "higher", "coverage": "higher", "cost": "lower", "weeks": "lower"}


def unbeaten_programs(
    programs: pd.DataFrame, *, tier_labels: Sequence[str], aims: Sequence[str]
) -> pd.DataFrame:
    """Programs that are not beaten: none is as good in all aims and better in one (Pareto).

    Parameters
    ----------
    programs : DataFrame
        With ``tier`` (missing where it cannot be rated) and the columns named in ``aims``.
    tier_labels : sequence of str
        Best first; a program that cannot be rated stands between the second tier and the rest,
        as in the guide's order.
    aims : sequence of str
        Names in :data:`AIMS`. What is not known of a program counts as its worst, so that
        silence never wins.

    Returns
    -------
    DataFrame
        The unbeaten rows in their order, with ``best_in``: the aims in which no listed program
        is better.

    Raises
    ------
    WorkbenchError
        For an aim that is none.

    Examples
    --------
    >>> frame = pd.DataFrame({"program": ["a", "b", "c"], "tier": ["A", "B", "B"],
    ...                       "cost": [900.0, 100.0, 200.0]})
    >>> unbeaten_programs(frame, tier_labels=["A", "B"], aims=["tier", "cost"])["best_in"].tolist()
    ['tier', 'cost']
    """
    unknown = [aim for aim in aims if aim not in AIMS]
    if unknown or not aims:
        raise WorkbenchError(
            f"guide.aims: '{', '.join(unknown) or 'none'}'", f"Choose among {', '.join(AIMS)}."
        )
    scores = np.column_stack([_score(programs, aim, tier_labels) for aim in aims])
    beaten = np.zeros(len(programs), dtype=bool)
    for i, own in enumerate(scores):
        as_good = (scores >= own).all(axis=1)
        beaten[i] = bool((as_good & (scores > own).any(axis=1)).any())
    best = scores == scores.max(axis=0, initial=-np.inf)
    words = [", ".join(aim for aim, is_best in zip(aims, row, strict=True) if is_best)
             for row in best]  # fmt: skip
    found = programs.assign(best_in=pd.array(words, dtype="str"))
    return found[~beaten].reset_index(drop=True)


def _score(programs: pd.DataFrame, aim: str, tier_labels: Sequence[str]) -> np.ndarray:
    """Higher is better; what is not known is below everything."""
    if aim == "tier":
        place = {label: -float(position) for position, label in enumerate(tier_labels)}
        return programs["tier"].map(place).astype("float64").fillna(-1.5).to_numpy()
    values = programs[aim].astype("float64")
    signed = values if AIMS[aim] == "higher" else -values
    return signed.fillna(-np.inf).to_numpy()
