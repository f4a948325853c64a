"""The publisher's findings on the quality of the WIOA records: appendices B and C of the layout."""

import re
from pathlib import Path

import pandas as pd

from analysis.errors import WorkbenchError
from analysis.tables.schemas import checked
from analysis.tables.wioa_layout import wioa_layout
from analysis.tables.workbooks import read_sheet

_HEADINGS = ("PIRL", "State", "Element Name", "Action", "Problem")


def read_findings(path: Path, appendix: str) -> pd.DataFrame:
    """Read one appendix.

    Parameters
    ----------
    path : Path
        Workbook of the publisher: one row a finding.
    appendix : str
        ``B`` (Title I) or ``C`` (Title III).

    Returns
    -------
    DataFrame
        Table ``quality_findings``: ``appendix``, ``elements`` (numbers, joined by a blank),
        ``element_name``, ``state`` (``ALL`` for every state), ``problem``, ``action``.

    Raises
    ------
    WorkbenchError
        When a heading is missing or a value breaks the table's schema.

    Examples
    --------
    >>> import tempfile
    >>> row = {"PIRL": "211 to 213", "State": "TX", "Element Name": "Race", "Action": "Blanked",
    ...        "Problem": "All  zero"}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "appendix.xlsx"
    ...     pd.DataFrame([row]).to_excel(path, index=False)
    ...     read_findings(path, "B").values.tolist()
    [['B', '211 212 213', 'Race', 'TX', 'All zero', 'Blanked']]
    """
    raw = read_sheet(path, dtype="str")
    missing = [name for name in _HEADINGS if name not in raw]
    if missing:
        raise WorkbenchError(
            f"{path.name}: columns are missing: {', '.join(missing)}",
            "The publisher's layout has changed.",
        )
    text = {name: raw[name].fillna("").str.split().str.join(" ") for name in _HEADINGS}
    frame = pd.DataFrame(
        {
            "appendix": appendix,
            "elements": raw["PIRL"].map(element_numbers),
            "element_name": text["Element Name"],
            "state": text["State"],
            "problem": text["Problem"],
            "action": text["Action"],
        }
    )
    return checked(frame, "quality_findings", path.name)


def element_numbers(written: object) -> str:
    """Numbers of the elements that a finding names, ranges written out.

    Parameters
    ----------
    written : object
        A cell: numbers, and ranges with ``to`` between; anything else in it is passed over.

    Returns
    -------
    str
        Numbers with a space between; of a range only those that the layout knows.

    Examples
    --------
    >>> element_numbers("211 to 215"), element_numbers("1600, 1602, 1604"), element_numbers("98")
    ('211 212 213 214 215', '1600 1602 1604', '98')
    """
    known = [int(number) for number in wioa_layout().about.numbers if number.isdigit()]
    numbers: list[int] = []
    for low, high, single in re.findall(r"(\d+)\s+to\s+(\d+)|(\d+)", str(written)):
        if single:
            numbers.append(int(single))
        else:
            numbers += [number for number in known if int(low) <= number <= int(high)]
    return " ".join(map(str, numbers))


def combined(title_one: pd.DataFrame, title_three: pd.DataFrame) -> pd.DataFrame:
    """Findings of both appendices, each once.

    Parameters
    ----------
    title_one, title_three : DataFrame
        Tables ``quality_findings`` of appendices B and C.

    Returns
    -------
    DataFrame
        As the tables; ``appendix`` is ``B and C`` where both say the same, word for word.

    Examples
    --------
    >>> row = {"elements": "211", "element_name": "Race", "state": "TX", "problem": "p"}
    >>> one = pd.DataFrame([row | {"appendix": "B", "action": "a"}])
    >>> three = pd.DataFrame([row | {"appendix": "C", "action": a} for a in ("a", "b")])
    >>> combined(one, three)[["appendix", "action"]].values.tolist()
    [['B and C', 'a'], ['C', 'b']]
    """
    keys = ["elements", "element_name", "state", "problem", "action"]
    both = pd.concat([title_one, title_three], ignore_index=True)
    named = both.groupby(keys, sort=False, as_index=False)["appendix"].agg(
        lambda found: " and ".join(sorted(set(found)))
    )
    return named[["appendix", *keys]]
