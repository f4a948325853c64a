"""Mending what published files do to codes, numbers and text, in one place."""

import html
import re

import pandas as pd

_TAG = re.compile(r"<[^>]*>")
_NUMBER = re.compile(r"-?\d[\d,]*\.?\d*")


def plain_text(value: object) -> str:
    """Text without HTML, entities or runs of white space; missing becomes empty.

    Examples
    --------
    >>> plain_text("<p>Learn&nbsp;to <b>weld</b></p><script>x()</script>")
    'Learn to weld x()'
    """
    if value is None or value != value:
        return ""
    # tags are taken off before and after entities are read, since "&lt;b&gt;" hides one
    bare = _TAG.sub(" ", html.unescape(_TAG.sub(" ", str(value))))
    return " ".join(bare.split())


def number_from_text(value: object) -> float:
    """First number in a text such as ``$1,234.50 per term``; NaN where there is none.

    Examples
    --------
    >>> number_from_text("$1,234.50 per term"), number_from_text("varies")
    (1234.5, nan)
    """
    if value is None or value != value:
        return float("nan")
    found = _NUMBER.search(str(value))
    return float(found[0].replace(",", "")) if found else float("nan")


def cip_from_number(value: object) -> str:
    """Six-digit CIP code ``NN.NNNN`` from what spreadsheets make of it; empty where none is.

    Parameters
    ----------
    value : object
        Six digits without a point (``460000.0``, ``510801``, ``10505`` with its leading zero
        lost), or with a point (``51.0801``, ``1.0505``, ``11.020099999999999``).

    Examples
    --------
    >>> [cip_from_number(v) for v in ("460000.0", 10505, "11.020099999999999", "51.08", None)]
    ['46.0000', '01.0505', '11.0201', '51.0800', '']
    """
    if value is None or value != value or not str(value).strip():
        return ""
    try:
        number = float(str(value).strip())
    except ValueError:
        return ""
    digits = round(number) if number >= 100 else round(number * 10_000)
    if not 0 < digits < 1_000_000:
        return ""
    return f"{digits // 10_000:02d}.{digits % 10_000:04d}"


def onet_code_from_number(value: object) -> str:
    """O*NET code ``NN-NNNN.NN`` from eight digits (``47211100.0``); empty where none is.

    Examples
    --------
    >>> onet_code_from_number("47211100.0"), onet_code_from_number(float("nan"))
    ('47-2111.00', '')
    """
    if value is None or value != value:
        return ""
    digits = re.sub(r"\.0*$", "", str(value).strip())
    if not re.fullmatch(r"\d{8}", digits):
        return ""
    return f"{digits[:2]}-{digits[2:6]}.{digits[6:]}"


def yes_no(column: pd.Series) -> pd.Series:
    """Flags ``Y``/``N`` as nullable booleans; a missing flag stays missing."""
    return column.map({"Y": True, "N": False}).astype("boolean")
