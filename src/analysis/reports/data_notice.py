"""What a report says on its first screen about its data: used, not at hand, taken instead."""

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.reports.words import joined, text

# more than these would fill a telephone's first screen
_FEW = 4


def data_notice(
    used: Mapping[str, Mapping[str, Any]], lacking: Mapping[str, str], substitutes: Sequence[str]
) -> str:
    """HTML of the notice; many sources stand behind their count until a reader opens it.

    Parameters
    ----------
    used : mapping of str to mapping
        ``title``, ``release`` and ``form`` of each source, by its id.
    lacking : mapping of str to str
        What is lost by each source that is not at hand.
    substitutes : sequence of str
        What was done instead.

    Returns
    -------
    str
        HTML-safe.

    Examples
    --------
    >>> notice = data_notice({"a": {"title": "Wages <1>", "release": "2025", "form": "original"}},
    ...                      {"b": "ratings"}, [])
    >>> "Wages &lt;1&gt; (2025)." in notice, "<li>ratings</li>" in notice
    (True, True)
    """
    by_release: dict[str, list[str]] = {}
    for entry in used.values():
        by_release.setdefault(entry["release"], []).append(entry["title"])
    listed = "; ".join(
        joined(titles) + (f" ({release})" if release else "")
        for release, titles in by_release.items()
    )
    parts = [f"<p><strong>Data used:</strong> {text(listed or 'none')}.</p>"]
    # what a user gave and what is made up are named wherever data are spoken of
    named = [
        entry["title"] for source, entry in used.items()
        if source.startswith("user:") or entry["form"] == "simulated"
    ]  # fmt: skip
    if len(used) - len(named) > _FEW:
        counted = joined([f"{len(used) - len(named)} published files", *named])
        parts = [
            f"<details><summary><strong>Data used:</strong> {text(counted)}</summary>"
            f"<p>{text(listed)}.</p></details>"
        ]
    if lacking:
        items = "".join(f"<li>{text(lost)}</li>" for lost in sorted(set(lacking.values())))
        parts.append(f"<p><strong>Not at hand, and what is lost:</strong></p><ul>{items}</ul>")
    parts += [f"<p><strong>Instead:</strong> {text(words)}</p>" for words in substitutes]
    return f'<aside class="data" aria-label="Data used and lacking">{"".join(parts)}</aside>'
