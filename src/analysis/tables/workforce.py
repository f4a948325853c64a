"""Who works in which occupation: Table 11 of the Current Population Survey."""

from pathlib import Path

import pandas as pd

from analysis.errors import WorkbenchError
from analysis.tables.schemas import checked
from analysis.tables.workbooks import read_sheet

_COLUMNS = ["occupation_title", "employed", "women", "white", "black", "asian", "hispanic"]
_HEADINGS = ["Women", "White", "Black", "Asian", "Hispanic"]


def read_workforce(path: Path) -> pd.DataFrame:
    """Employed people by occupation, with the shares of women and of race and ethnicity.

    Parameters
    ----------
    path : Path
        ``cpsaat11.xlsx``: a heading of four rows, numbers in thousands and percent, a dash where
        the base is under 50,000 people.

    Returns
    -------
    DataFrame
        Table ``workforce``: ``employed`` in people, the rest shares of 1, missing where the
        publisher shows none. Totals of groups of occupations stand among the rows.

    Raises
    ------
    WorkbenchError
        When the headings are others.

    Examples
    --------
    >>> import tempfile
    >>> rows = [[None] * 7] * 5 + [[None, None, *_HEADINGS], [None] * 7]
    >>> rows += [["Bakers", 231, 58.5, 74.0, "–", 8.0, 36.0]]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "cpsaat11.xlsx"
    ...     pd.DataFrame(rows).to_excel(path, index=False, header=False)
    ...     frame = read_workforce(path)
    >>> frame[["occupation_title", "employed", "women", "black"]].values.tolist()
    [['Bakers', 231000.0, 0.585, nan]]
    """
    raw = read_sheet(path, header=None)
    heading = raw.iloc[5].astype("str").str.replace("\n", " ")
    if raw.shape[1] != 7 or not all(
        heading[place].startswith(name) for place, name in enumerate(_HEADINGS, start=2)
    ):
        raise WorkbenchError(
            f"{path.name}: headings are not {', '.join(_HEADINGS)}", "The layout has changed."
        )
    frame = raw.iloc[7:].set_axis(_COLUMNS, axis=1).dropna(subset=["occupation_title", "employed"])
    for name in _COLUMNS[1:]:
        frame[name] = pd.to_numeric(frame[name].replace("–", None), errors="coerce").astype(
            "float64"
        )
    frame["employed"] *= 1000
    frame[_COLUMNS[2:]] /= 100
    frame["occupation_title"] = frame["occupation_title"].str.split().str.join(" ")
    return checked(frame.drop_duplicates("occupation_title"), "workforce", path.name)
