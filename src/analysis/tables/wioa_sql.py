"""How the text of each element becomes a typed value, as SQL."""

from pathlib import Path

from analysis.tables.wioa_layout import Element, wioa_layout

# whole numbers that a spreadsheet or a data frame has turned into "1.0"
_INTEGER = "regexp_replace({text}, '\\.0+$', '')"
_YEAR_FIRST = "[12][0-9]{7}|[12][0-9]{3}([-/][0-9]{1,2}){2}"
_GROUPED = "'\\$?[1-9][0-9]{0,2}(,[0-9]{3})+(\\.[0-9]+)?|\\$[0-9]+(\\.[0-9]+)?'"


def typed(element: Element, text: str) -> str:
    """SQL of the typed value; null where the text is empty, reserved or cannot be read.

    Parameters
    ----------
    element : Element
    text : str
        SQL of the trimmed text, null where it is empty.

    Returns
    -------
    str
        A code gets back a leading zero that it lost, a CIP code its form ``NN.NNNN``, an
        occupation ``NN-NNNN``; dates are read with the year first (YYYYMMDD,
        YYYY-MM-DD, YYYY/MM/DD) and in no other form: 3/4/2022 has two readings.

    Examples
    --------
    >>> import duckdb
    >>> sex, day = wioa_layout().element("sex"), wioa_layout().element("entry_date")
    >>> query = f"SELECT {typed(sex, 'a')}, {typed(sex, 'b')}, CAST({typed(day, 'c')} AS VARCHAR)"
    >>> duckdb.sql(query + " FROM (VALUES ('1.0', '7', '20230501')) t(a, b, c)").fetchall()
    [('1', None, '2023-05-01')]
    """
    if element.kind == "code":
        return _code(element, text)
    if element.kind == "date":
        # "3-1-22" would be read as a day of the year 3
        return (
            f"CASE WHEN regexp_full_match({text}, '{_YEAR_FIRST}') THEN "
            f"CAST(try_strptime({text}, ['%Y%m%d', '%Y-%m-%d', '%Y/%m/%d']) AS DATE) END"
        )
    if element.kind == "money":
        reserved = ", ".join(map(str, wioa_layout().about.wage_not_available))
        return f"CASE WHEN {_money(text)} NOT IN ({reserved}) THEN {_money(text)} END"
    if element.kind == "occupation":
        digits = f"left({_INTEGER.format(text=text)}, 6)"
        return (
            f"CASE WHEN regexp_full_match({text}, '[1-9][0-9]{{5}}([0-9]{{2}})?(\\.0+)?') "
            f"THEN left({digits}, 2) || '-' || right({digits}, 4) END"
        )
    if element.kind == "cip":
        return _cip(text)
    if element.kind == "state":
        return f"CASE WHEN regexp_full_match({text}, '[A-Za-z]{{2}}') THEN upper({text}) END"
    if element.kind == "age":
        number = f"try_cast({text} AS DOUBLE)"
        return f"CASE WHEN {number} BETWEEN 0 AND 110 THEN CAST({number} AS SMALLINT) END"
    if element.kind == "year":
        number = f"try_cast({text} AS DOUBLE)"
        return f"CASE WHEN {number} BETWEEN 1990 AND 2100 THEN CAST({number} AS SMALLINT) END"
    return text


def quoted(path: Path | str) -> str:
    """A path or text inside an SQL literal.

    Parameters
    ----------
    path : Path or str

    Returns
    -------
    str
        Without the quotation marks around it.

    Examples
    --------
    >>> f"SELECT '{quoted(chr(39))}'"
    "SELECT ''''"
    >>> quoted("worker's.csv")
    "worker''s.csv"
    """
    return str(path).replace("'", "''")


def unreadable(element: Element, text: str, value: str) -> str:
    """SQL that is true where a text is there and no value could be read from it.

    Parameters
    ----------
    element : Element
    text : str
        SQL of the trimmed text, null where it is empty.
    value : str
        SQL of its typed value, as from :func:`typed`.

    Returns
    -------
    str

    Examples
    --------
    >>> import duckdb
    >>> sex = wioa_layout().element("sex")
    >>> query = f"SELECT {unreadable(sex, 't', typed(sex, 't'))}"
    >>> duckdb.sql(query + " FROM (VALUES ('1'), ('7'), (NULL)) rows(t)").fetchall()
    [(False,), (True,), (False,)]
    """
    condition = f"{value} IS NULL AND {text} IS NOT NULL"
    if element.kind == "money":
        # a wage that is reserved for "not yet available" is read, and says that there is none
        return f"{condition} AND {_money(text)} IS NULL"
    if element.kind in ("occupation", "cip"):
        return f"{condition} AND NOT regexp_full_match({text}, '0*(\\.0*)?|9{{6,8}}')"
    if element.kind == "year":
        return f"{condition} AND {text} NOT LIKE '9999%'"
    return condition


def _code(element: Element, text: str) -> str:
    codes = ", ".join(f"'{code}'" for code in element.codes)
    padded = f"lpad({_INTEGER.format(text=text)}, {element.width}, '0')"
    repaired = f"CASE WHEN length({text}) <= {element.width + 2} AND {padded} IN ({codes})"
    also = "".join(f" WHEN {text} = '{old}' THEN '{new}'" for old, new in element.also.items())
    return f"CASE WHEN {text} IN ({codes}) THEN {text}{also} ELSE {repaired} THEN {padded} END END"


def _money(text: str) -> str:
    grouped = f"try_cast(replace(replace({text}, ',', ''), '$', '') AS DOUBLE)"
    plain = f"try_cast({text} AS DOUBLE)"
    # a comma is only taken for a divider of thousands: "0,125" is refused, not read as 125
    return (
        f"CASE WHEN isfinite({plain}) AND {plain} >= 0 THEN {plain} "
        f"WHEN regexp_full_match({text}, {_GROUPED}) THEN {grouped} END"
    )


def _cip(text: str) -> str:
    # with a point: 11.0201, or 11.020099999999999 from a spreadsheet; without: six digits, five
    # where the leading zero is lost
    scaled = f"CAST(round(try_cast({text} AS DOUBLE) * 10000) AS INTEGER)"
    digits = (
        f"CASE WHEN regexp_full_match({text}, '[0-9]{{5,6}}(\\.0+)?') "
        f"THEN lpad({_INTEGER.format(text=text)}, 6, '0') "
        f"WHEN regexp_full_match({text}, '[0-9]{{1,2}}\\.[0-9]{{2,}}') "
        f"THEN lpad(CAST({scaled} AS VARCHAR), 6, '0') END"
    )
    return f"CASE WHEN {digits} <> '000000' THEN left({digits}, 2) || '.' || right({digits}, 4) END"
