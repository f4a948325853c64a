"""Who counts as of a race where people may state several: rules to choose from, by name."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

import pandas as pd

from analysis.effects.samples import refuse_unknown_columns
from analysis.errors import WorkbenchError

Rule: TypeAlias = Literal["alone", "alone or in combination", "CALC4020"]
RULES: Mapping[str, str] = {
    "alone": "people who state this race and no other",
    "alone or in combination": "people who state this race, with others or without; groups overlap",
    "CALC4020": "the federal record's single response: Hispanic of any race first, then one race, "
    "then multiple races",
}
# columns of the federal records (PIRL 210 to 215), and what their groups are called
HISPANIC = "hispanic"
RACES: Mapping[str, str] = {
    "asian": "Asian",
    "black": "Black",
    "pacific_islander": "Pacific Islander",
    "american_indian": "American Indian",
    "white": "white",
}
NOT_STATED = "not stated"


def race_members(
    frame: pd.DataFrame, rule: Rule, *, hispanic: Literal["any race", "apart"] = "any race"
) -> pd.DataFrame:
    """Members of each group by a stated rule.

    Parameters
    ----------
    frame : DataFrame
        ``hispanic`` and the columns of `RACES`, as the federal records hold them: 1 yes, 0 no,
        9 or missing not disclosed (numbers or text).
    rule : {'alone', 'alone or in combination', 'CALC4020'}
        See `RULES`.
    hispanic : {'any race', 'apart'}
        Whether Hispanic people stay members of the races that they state ('any race', so that
        groups overlap) or are of their own group only. CALC4020 always sets them apart.

    Returns
    -------
    DataFrame
        One true/false column a group, in the rows of ``frame``: ``Hispanic``, the races,
        ``multiple races`` (not for 'alone or in combination', where they are in each), and
        ``not stated``. Overlapping columns go into `group_estimates` as they are, whose
        covariance knows the people in common.

    Raises
    ------
    WorkbenchError
        For another rule, a lacking column, a code that is none.

    Examples
    --------
    >>> people = pd.DataFrame({"hispanic": [0, 1, 0], "asian": 0, "black": [1, 1, 1],
    ...     "pacific_islander": 0, "american_indian": 0, "white": [0, 0, 1]})
    >>> [int(race_members(people, rule)["Black"].sum()) for rule in RULES]
    [2, 3, 1]
    """
    if rule not in RULES or hispanic not in ("any race", "apart"):
        raise WorkbenchError(
            f"race rule: '{rule}', Hispanic '{hispanic}': none",
            f"Rules: {', '.join(RULES)}; Hispanic 'any race' or 'apart'.",
        )
    refuse_unknown_columns(frame, [HISPANIC, *RACES])
    stated = pd.DataFrame({name: _yes(frame[name]) for name in (HISPANIC, *RACES)})
    races = stated[list(RACES)].rename(columns=dict(RACES))
    count = races.sum(axis=1)
    latino = stated[HISPANIC]
    apart = rule == "CALC4020" or hispanic == "apart"
    if rule != "alone or in combination":
        races = races.mul(count == 1, axis=0)
        races["multiple races"] = count > 1
    if apart:
        races = races.mul(~latino, axis=0)
    members = pd.concat([latino.rename("Hispanic"), races.astype(bool)], axis=1)
    members[NOT_STATED] = ~latino & (count == 0)
    return members


def _yes(column: pd.Series) -> pd.Series:
    """True where a person said yes; 9 and a missing value are no answer, hence no yes."""
    text = column.astype("string").str.strip().str.removesuffix(".0").fillna("9")
    wrong = ~text.isin(["0", "1", "9", ""])
    if wrong.any():
        raise WorkbenchError(
            f"column {column.name}, row {int(wrong.to_numpy().argmax())}: "
            f"'{text[wrong].iloc[0]}' is no code",
            "Codes are 1 (yes), 0 (no), 9 or nothing (not disclosed).",
        )
    return (text == "1").astype(bool)
