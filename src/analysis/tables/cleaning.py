"""Mending what published files do to codes, numbers and text, in one place."""

import html
import math
import re

import pandas as pd

# a sign "<" that no letter follows is no tag: "score < 50" stays
_TAG = re.compile(r"</?[A-Za-z!?][^<>]*>")
_UNSEEN = re.compile(r"<(script|style)\b[^<>]*>.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_NUMBER = re.compile(r"-?(?:\d[\d,]*(?:\.\d+)?|\.\d+)")


def plain_text(value: object) -> str:
    """Text without tags, scripts, entities or runs of white space; missing becomes empty.

    Nothing is executed, and reading the result once more changes nothing.

    Parameters
    ----------
    value : object
        Text that may hold HTML, a number, or a missing value.

    Returns
    -------
    str
        On one line.

    Examples
    --------
    >>> plain_text("<p>Learn&nbsp;to <b>weld</b></p><script>x()</script>")
    'Learn to weld'
    >>> plain_text("&amp;lt;b&amp;gt;Score < 50")
    'Score < 50'
    """
    if _is_missing(value):
        return ""
    text, before = str(value), None
    # "&lt;b&gt;" hides a tag and "&amp;lt;" hides that: repeat until nothing is left to take off
    while text != before:
        before = text
        text = html.unescape(_TAG.sub(" ", _UNSEEN.sub(" ", text)))
    return " ".join(text.split())


def number_from_text(value: object) -> float:
    """First number in a text such as ``$1,234.50 per term``; NaN where there is none.

    Parameters
    ----------
    value : object
        Text, a number, or a missing value. Commas are taken for marks of thousands.

    Returns
    -------
    float

    Examples
    --------
    >>> number_from_text("$1,234.50 per term"), number_from_text(".5"), number_from_text("varies")
    (1234.5, 0.5, nan)
    """
    if _is_missing(value):
        return math.nan
    found = _NUMBER.search(str(value))
    return float(found[0].replace(",", "")) if found else math.nan


def amounts(column: pd.Series) -> pd.Series:
    """Numbers from text such as ``$1,234.50``; missing where a text is none.

    A comma is only taken for a divider of thousands: ``0,125`` is no number, and never 125.

    Parameters
    ----------
    column : Series of str

    Returns
    -------
    Series of float
        With the index of ``column``.

    Examples
    --------
    >>> amounts(pd.Series(["$1,234.50", "-1", "0,125", "1,23", None], dtype="str")).tolist()
    [1234.5, -1.0, nan, nan, nan]
    """
    grouped = column.str.fullmatch(r"-?\$?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?").fillna(False)
    plain = column.mask(grouped.astype("bool"), column.str.replace(",", ""))
    plain = plain.str.replace(r"^(-?)\$", r"\1", regex=True)
    numbers = pd.to_numeric(plain, errors="coerce").astype("float64")
    return numbers.where(numbers.abs() < math.inf)


def cip_from_number(value: object) -> str:
    """Six-digit CIP code ``NN.NNNN`` from what spreadsheets make of it; empty where none is.

    Parameters
    ----------
    value : object
        Five or six digits without a point (``460000.0``, ``510801``, ``10505`` with its leading
        zero lost), or with a point (``51.0801``, ``1.0505``, ``51.08`` with its last zeros lost,
        ``11.020099999999999``). Fewer digits without a point could be a shorter code or a
        damaged one, so they are none.

    Returns
    -------
    str

    Examples
    --------
    >>> [cip_from_number(v) for v in ("460000.0", 10505, "11.020099999999999", "51.08", None)]
    ['46.0000', '01.0505', '11.0201', '51.0800', '']
    >>> [cip_from_number(v) for v in ("51", "5108", "51.08012", "welding")]
    ['', '', '', '']
    """
    if _is_missing(value):
        return ""
    text = str(value).strip()
    try:
        number = float(text)
    except ValueError:
        return ""
    if not 0 < number < 1_000_000 or (number < 100 and "." not in text):
        return ""
    scaled = number if number >= 100 else number * 10_000
    digits = round(scaled)
    # a point too far right is the noise of floating numbers only below a thousandth
    if digits < 10_000 or abs(scaled - digits) > 1e-3:
        return ""
    return f"{digits // 10_000:02d}.{digits % 10_000:04d}"


def cip_as_written(value: object) -> str:
    """CIP code of a user's file: six digits, or four where exactly four are written.

    Unlike the publishers' files, a user's may hold four-digit codes, so ``51.08`` stays the
    four-digit field and does not become ``51.0800``. One decimal (``51.1``) could be either: none.

    Parameters
    ----------
    value : object
        Text, a number, or a missing value.

    Returns
    -------
    str
        ``NN.NN`` or ``NN.NNNN``; empty where it is neither.

    Examples
    --------
    >>> [cip_as_written(v) for v in ("51.08", "1.01", "1.0101", "51.080", "510801", "51.1")]
    ['51.08', '01.01', '01.0101', '51.0800', '51.0801', '']
    """
    text = "" if _is_missing(value) else str(value).strip()
    if short := re.fullmatch(r"(\d{1,2})\.(\d{2})", text):
        return f"{int(short[1]):02d}.{short[2]}" if int(short[1]) else ""
    return "" if re.fullmatch(r"\d{1,2}\.\d?", text) else cip_from_number(text)


def onet_code_from_number(value: object) -> str:
    """O*NET code ``NN-NNNN.NN`` from eight digits (``47211100.0``); empty where none is.

    Parameters
    ----------
    value : object
        Text, a number, or a missing value; zeros after a point do not count.

    Returns
    -------
    str

    Examples
    --------
    >>> onet_code_from_number("47211100.0"), onet_code_from_number(float("nan"))
    ('47-2111.00', '')
    """
    if _is_missing(value):
        return ""
    digits = re.sub(r"\.0*$", "", str(value).strip())
    if not re.fullmatch(r"[0-9]{8}", digits):
        return ""
    return f"{digits[:2]}-{digits[2:6]}.{digits[6:]}"


def soc_from_number(value: object) -> str:
    """SOC code ``NN-NNNN`` from six digits (``472111``, ``472111.0``); empty where none is.

    Parameters
    ----------
    value : object
        Text, a number, or a missing value; zeros after a point do not count.

    Returns
    -------
    str

    Examples
    --------
    >>> soc_from_number("472111.0"), soc_from_number(111011), soc_from_number("47-2111")
    ('47-2111', '11-1011', '47-2111')
    """
    if _is_missing(value):
        return ""
    digits = re.sub(r"\.0*$", "", str(value).strip()).replace("-", "", 1)
    return f"{digits[:2]}-{digits[2:]}" if re.fullmatch(r"[0-9]{6}", digits) else ""


def yes_no(column: pd.Series) -> pd.Series:
    """Flags ``Y``/``N`` as nullable booleans; a missing flag stays missing.

    Parameters
    ----------
    column : Series of str

    Returns
    -------
    Series of boolean
        With the index of ``column``; missing, too, for any other text.

    Examples
    --------
    >>> yes_no(pd.Series(["Y", "N", None])).tolist()
    [True, False, <NA>]
    """
    return column.map({"Y": True, "N": False}).astype("boolean")


def _is_missing(value: object) -> bool:
    return value is None or value is pd.NA or value != value
