"""Numbers as a reader meets them: rounded to what is known, with unit and interval."""

import math
from html import escape

HIDDEN = "[c]"
MISSING = "–"
_KNOWN_TO_THE_CENT = 100


def number(value: float | None, kind: str = "number") -> str:
    """Write one value in words of its kind.

    Parameters
    ----------
    value : float or None
        None and NaN are written as a dash.
    kind : str
        ``dollars`` (whole), ``cents`` (of amounts under $100, as no larger one is known to the
        cent), ``share`` (percent), ``points`` (a difference of shares, in percentage points),
        ``count``, ``number`` (two decimals), ``number3`` (three decimals), ``p_value`` (three,
        never 0), ``probability`` (two decimals, never 0 or 1), ``text``, ``figure`` (a number
        that stands as text already).

    Returns
    -------
    str

    Examples
    --------
    >>> number(1794.34, "dollars"), number(-11.889, "cents"), number(0.0312, "share")
    ('$1,794', '−$11.89', '3.1%')
    >>> number(0.9994, "probability"), number(None), number(-0.3, "dollars")
    ('> .99', '–', '$0')
    >>> number(2223.26, "cents"), number(-0.023, "points"), number(0.00004, "p_value")
    ('$2,223', '−2.3', '< 0.001')
    """
    if kind in ("text", "figure"):
        return MISSING if value is None or value != value else str(value)
    if value is None or math.isnan(value):
        return MISSING
    if kind == "probability":
        if value > 0.99:
            return "> .99"
        return "< .01" if value < 0.01 else f"{value:.2f}".lstrip("0")
    if kind == "p_value":
        return "< 0.001" if value < 0.001 else f"{value:.3f}"
    size = abs(value)
    styles = {
        "dollars": f"${size:,.0f}",
        "cents": f"${size:,.2f}" if size < _KNOWN_TO_THE_CENT else f"${size:,.0f}",
        "share": f"{size:.1%}",
        "points": f"{100 * size:.1f}",
        "count": f"{size:,.0f}",
        "number": f"{size:,.2f}",
        "number3": f"{size:.3f}",
    }
    # what is written as zero has no sign
    is_zero = not any(digit in styles[kind] for digit in "123456789")
    return styles[kind] if value >= 0 or is_zero else "−" + styles[kind]


def interval(low: float | None, high: float | None, kind: str = "number") -> str:
    """Write an interval.

    Parameters
    ----------
    low, high : float or None
        None and NaN are not known.
    kind : str
        As for :func:`number`.

    Returns
    -------
    str
        A dash where either limit is not known.

    Examples
    --------
    >>> interval(-3, 12.5, "dollars")
    '−$3 to $12'
    """
    if low is None or high is None or math.isnan(low) or math.isnan(high):
        return MISSING
    return f"{number(low, kind)} to {number(high, kind)}"


def joined(parts: list[str]) -> str:
    """Join words as a sentence does.

    Parameters
    ----------
    parts : list of str

    Returns
    -------
    str
        Commas between, ``and`` before the last; empty for no part.

    Examples
    --------
    >>> joined(["men", "women", "all"])
    'men, women and all'
    """
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def count_noun(count: int, noun: str, plural: str = "") -> str:
    """Write a count with its noun.

    Parameters
    ----------
    count : int
    noun : str
        For one.
    plural : str
        Where it is more than the noun with an s.

    Returns
    -------
    str

    Examples
    --------
    >>> count_noun(1, "program"), count_noun(1565, "program")
    ('1 program', '1,565 programs')
    """
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def text(value: object) -> str:
    """Escape text from data, so that it is shown and never run.

    Parameters
    ----------
    value : object

    Returns
    -------
    str
        Safe in HTML, also within a quoted attribute.

    Examples
    --------
    >>> text("Smith & Sons <script>"), text(3)
    ('Smith &amp; Sons &lt;script&gt;', '3')
    """
    return escape(str(value), quote=True)
