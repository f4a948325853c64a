"""Headings of the national file of training providers' results: known, inferred, renamed.

The file has 57 columns and no copy of it is at hand. ``SEEN`` are the headings that public code
which reads the file names. The search service of the same publisher has the same numbers under
names that differ only by what stands before them: ``field_c_total_served`` there is
``d120_total_served`` here, ``field_total_employed_q2`` is ``d123_total_employed_q2``,
``field_non_wioa_tuition_cost`` is ``d111_non_wioa_tuition_cost``. By that rule, and no other, a
heading is taken for a column whose heading was not seen (``INFERRED``), and is named where it is.
"""

import difflib
import re
from collections.abc import Iterable

from analysis.errors import WorkbenchError

# heading: what it holds; 31 of the 57, elements of ETA-9171 by their number
SEEN = {
    "reportingstate": "state that reports",
    "provider_unique_id": "number of the provider, not the same from year to year",
    "d101_eligible_training_provider": "name of the provider",
    "address": "where",
    "city": "where",
    "state": "where",
    "zip": "where",
    "d104_entity_type": "kind of provider; apprenticeships need not report",
    "d105_program_name": "name of the program",
    "d107_program_url": "page of the program",
    "d108_program": "potential outcomes, single digits without a divider",
    "d109_associated_credential": "credential it leads to",
    "d110_cip_code": "field of study (CIP), damaged by floats",
    "cip_title": "name of the field",
    "d111_non_wioa_tuition_cost": "tuition, dollars",
    "d113_program_length_hours": "length; -1 is by competence",
    "d114_program_length_weeks": "length; -1 is by competence",
    "d116_program_format": "in person, online, both",
    "d117_program_soc_occupation_1": "occupation it trains for",
    "d118_program_soc_occupation_2": "second occupation",
    "d119_program_soc_occupation_3": "third occupation",
    "d120_total_served": "people served",
    "d122_total_completed": "people who completed",
    "d123_total_employed_q2": "people employed in quarter 2: numerator",
    "c_completed_percent": "completed over exited, a share",
    "c_q2_employment_percent": "employed over de129, a share",
    "de129": "people whose quarter 2 had come: denominator",
    "de130": "the same of quarter 4",
    "de170": "as de129, WIOA participants",
    "de171": "as de130, WIOA participants",
    "de172": "date of the list, a spreadsheet's serial number",
}
# what stands after number and prefix in the search service's names: column of the typed table
INFERRED = {
    "total_exited": "exited",
    "total_credential": "credentials",
    "total_employed_q4": "employed_q4",
    "median_earnings": "median_earnings_q2",
    "non_wioa_supplies_cost": "supplies",
}
# headings by which the file is told from others
_ENOUGH = 4


def stem(heading: str) -> str:
    """A heading without its element's number and prefix.

    Parameters
    ----------
    heading : str
        In small letters.

    Returns
    -------
    str

    Examples
    --------
    >>> stem("d120_total_served"), stem("field_c_total_served"), stem("de129")
    ('total_served', 'total_served', 'de129')
    """
    return re.sub(r"^(field_)?(de?\d+[a-z]?_)?(c_)?(?=.)", "", heading)


def inferred_headings(headings: Iterable[str]) -> dict[str, str]:
    """Columns whose heading was not seen, to the one heading that has the publisher's name for it.

    Two headings of one name are told apart by nobody, so neither is taken.

    Parameters
    ----------
    headings : iterable of str
        In small letters.

    Returns
    -------
    dict of str to str
        Heading by the column of the typed table.

    Examples
    --------
    >>> inferred_headings(["d121_total_exited", "c_median_earnings", "d131_wioa_median_earnings"])
    {'exited': 'd121_total_exited', 'median_earnings_q2': 'c_median_earnings'}
    >>> inferred_headings(["d124_total_employed_q4", "c_total_employed_q4"])
    {}
    """
    found: dict[str, list[str]] = {}
    for heading in headings:
        if heading not in SEEN and (column := INFERRED.get(stem(heading))):
            found.setdefault(column, []).append(heading)
    return {column: names[0] for column, names in found.items() if len(names) == 1}


def looks_like_etp(headings: Iterable[str]) -> bool:
    """Whether enough headings are the national file's, if not all of them.

    Parameters
    ----------
    headings : iterable of str
        In small letters.

    Returns
    -------
    bool
        True where four are, ``state``, ``city``, ``zip`` and ``address`` not counted.

    Examples
    --------
    >>> looks_like_etp(["reportingstate", "d105_program_name", "de129", "de130", "my_own"])
    True
    >>> looks_like_etp(["state", "city", "zip", "address", "program"])
    False
    """
    return len(set(headings) & set(SEEN) - {"state", "city", "zip", "address"}) >= _ENOUGH


def refuse_renamed(headings: Iterable[str], read: Iterable[str], file: str) -> None:
    """Refuse a file in which a heading that is read is missing and another looks like it.

    Parameters
    ----------
    headings : iterable of str
        Headings of the file, in small letters.
    read : iterable of str
        Headings that the reader reads.
    file : str
        Its name, for the error.

    Raises
    ------
    WorkbenchError
        Naming the file, the heading that is missing and the one that looks like it. Without that
        a renamed column would read as one that nobody reports.

    Examples
    --------
    >>> refuse_renamed(["de129"], ["de129"], "a.csv")
    >>> refuse_renamed(["de129_total"], ["de129"], "a.csv")
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: a.csv: heading 'de129' is missing, and 'de129_total' is not ...
    """
    present = list(headings)
    unknown = [name for name in present if name not in SEEN]
    for heading in read:
        if heading in present:
            continue
        number = re.match(r"de?\d+", heading)
        like = [name for name in unknown if number and re.match(rf"{number[0]}(\D|$)", name)]
        like += [name for name in unknown if stem(name) == stem(heading)]
        like += difflib.get_close_matches(heading, unknown, n=1, cutoff=0.85)
        if like:
            raise WorkbenchError(
                f"{file}: heading '{heading}' is missing, and '{like[0]}' is not known",
                f"If it was renamed, write '{heading}' over that column; else take it out.",
            )
