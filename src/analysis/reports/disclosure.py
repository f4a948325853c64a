"""Which cells may be shown: none about fewer people than the framework's minimum.

Primary rule: a row that rests on fewer people than the minimum loses its values and its counts.
Complementary rule: where exactly one row of a published total would be hidden, the next smallest
is hidden with it, since the total less the others would give the hidden one away.
"""

import pandas as pd

HIDDEN_COLUMN = "hidden"


def hide_small_cells(
    frame: pd.DataFrame,
    *,
    people: str | list[str],
    values: list[str],
    minimum: int,
    within: list[str] | None = None,
) -> pd.DataFrame:
    """Blank what rests on too few people, and enough besides that it cannot be recovered.

    Parameters
    ----------
    frame : DataFrame
        One row a cell.
    people : str or list of str
        Columns that count the people behind a row; the smallest decides. A missing count hides
        nothing by itself, since nothing is then shown that rests on it.
    values : list of str
        Columns to blank in a hidden row. The count columns are always blanked with them.
    minimum : int
        Fewest people that a shown row may rest on.
    within : list of str, optional
        Columns whose totals are published as well. In a group with exactly one hidden row the
        row with the next smallest count is hidden too.

    Returns
    -------
    DataFrame
        A copy with the column ``hidden`` (bool) added.

    Examples
    --------
    >>> cells = pd.DataFrame({"site": ["a", "b", "c"], "n": [4, 30, 20], "mean": [1.0, 2.0, 3.0]})
    >>> hide_small_cells(cells, people="n", values=["mean"], minimum=10)["hidden"].tolist()
    [True, False, False]
    >>> hide_small_cells(cells.assign(state="x"), people="n", values=["mean"], minimum=10,
    ...                  within=["state"])["hidden"].tolist()
    [True, False, True]
    """
    counts = [people] if isinstance(people, str) else people
    shown = frame.copy()
    smallest = shown[counts].astype("float64").min(axis=1)
    # a count of zero is hidden as well: "nobody" is a statement about the people who are missing
    hidden = smallest < minimum
    if within:
        total = shown.groupby(within, dropna=False, observed=True).ngroup()
        for number in total[hidden].unique():
            in_total = total == number
            candidates = smallest[in_total & ~hidden].dropna()
            if hidden[in_total].sum() == 1 and len(candidates):
                hidden = hidden | (hidden.index == candidates.idxmin())
    for column in [*values, *counts]:
        shown[column] = shown[column].mask(hidden)
    shown[HIDDEN_COLUMN] = hidden.to_numpy()
    return shown
