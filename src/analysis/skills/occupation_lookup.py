"""Which occupation a person means by a code or a title."""

import re
from difflib import SequenceMatcher

import pandas as pd

from analysis.errors import WorkbenchError

SOC_CODE = re.compile(r"\d\d-\d{4}")
ONET_CODE = re.compile(r"\d\d-\d{4}\.\d\d")


def find_occupation(
    text: str, occupations: pd.DataFrame, alternate_titles: pd.DataFrame | None = None
) -> str:
    """O*NET-SOC code of the occupation that a code or a title names.

    Tried in order: O*NET-SOC code ('31-9092.00'); SOC code ('31-9092'), which is the '.00' code
    where there is one; title, whatever the case; title in singular or plural; alternate title, the
    same two ways. Nothing is guessed: what is left is an error with suggestions.

    Parameters
    ----------
    text : str
        What the person wrote.
    occupations : DataFrame
        Frame ``occupations``.
    alternate_titles : DataFrame, optional
        Frame ``alternate_titles``.

    Returns
    -------
    str

    Raises
    ------
    WorkbenchError
        No occupation of that name or code: the error suggests the nearest titles. Several
        occupations: the error lists them.

    Examples
    --------
    >>> frame = pd.DataFrame({"onet_soc_code": ["31-9092.00", "41-2011.00"],
    ...     "title": ["Medical Assistants", "Cashiers"]})
    >>> [find_occupation(text, frame) for text in ("31-9092", "medical assistant", "CASHIERS")]
    ['31-9092.00', '31-9092.00', '41-2011.00']
    """
    asked = " ".join(str(text).split())
    titles = dict(zip(occupations["onet_soc_code"], occupations["title"], strict=True))
    if not asked:
        raise WorkbenchError("no occupation named", "Write a title or a SOC code.")
    if re.match(r"\d\d-?\d", asked):
        return _by_code(asked, titles)
    tables = [occupations.rename(columns={"title": "name"})]
    if alternate_titles is not None:
        described = alternate_titles[alternate_titles["onet_soc_code"].isin(titles)]
        tables.append(described.rename(columns={"alternate_title": "name"}))
    for table in tables:
        for same in (_plain, _singular):
            wanted = same(asked)
            found = table.loc[table["name"].map(same) == wanted, "onet_soc_code"].unique()
            if len(found) == 1:
                return str(found[0])
            if len(found):
                raise WorkbenchError(
                    f"'{asked}' is a title of {len(found)} occupations: "
                    + _listed(sorted(found)[:8], titles),
                    "Write the code of the one that you mean.",
                )
    raise WorkbenchError(
        f"no occupation is called '{asked}'",
        "Did you mean " + _listed(nearest_titles(asked, occupations), titles) + "?",
    )


def nearest_titles(text: str, occupations: pd.DataFrame, n: int = 5) -> list[str]:
    """Codes of the occupations whose titles read most like ``text``, the nearest first.

    Each word of ``text`` is held against the words of a title (spelling counts, order does not),
    and the two as wholes; a title scores the mean of both.

    Parameters
    ----------
    text : str
    occupations : DataFrame
        Table ``occupations``.
    n : int

    Returns
    -------
    list of str
        O*NET-SOC codes, at most ``n``.

    Examples
    --------
    >>> frame = pd.DataFrame({"onet_soc_code": ["31-9092.00", "41-2011.00"],
    ...     "title": ["Medical Assistants", "Cashiers"]})
    >>> nearest_titles("Medcal Asistant", frame, n=1)
    ['31-9092.00']
    """
    wanted = _singular(text)
    words = wanted.split() or [wanted]
    alike: dict[tuple[str, str], float] = {}
    scored = []
    for code, title in zip(occupations["onet_soc_code"], occupations["title"], strict=True):
        name = _singular(title)
        best = []
        for word in words:
            for other in name.split():
                if (word, other) not in alike:
                    alike[word, other] = SequenceMatcher(None, word, other).ratio()
            best.append(max((alike[word, other] for other in name.split()), default=0.0))
        whole = SequenceMatcher(None, wanted, name).ratio()
        scored.append((-(sum(best) / len(best) + whole), title, code))
    return [code for _, _, code in sorted(scored)[:n]]


def _by_code(asked: str, titles: dict[str, str]) -> str:
    if asked in titles:
        return asked
    if SOC_CODE.fullmatch(asked):
        if f"{asked}.00" in titles:
            return f"{asked}.00"
        detailed = sorted(code for code in titles if code.startswith(asked))
        if len(detailed) == 1:
            return detailed[0]
        if detailed:
            raise WorkbenchError(
                f"SOC code {asked} holds {len(detailed)} occupations: {_listed(detailed, titles)}",
                "Write the code of the one that you mean.",
            )
    if not (SOC_CODE.fullmatch(asked) or ONET_CODE.fullmatch(asked)):
        problem = f"'{asked}' is no occupation code"
    else:
        problem = f"no occupation has the code {asked}"
    # codes that begin alike are related jobs; the longest common beginning comes first
    near = sorted(titles, key=lambda code: (-_common_start(code, asked), code))[:5]
    near = [code for code in near if _common_start(code, asked) >= len("31-")]
    remedy = "Codes look like 31-9092 or 31-9092.00"
    raise WorkbenchError(
        problem, f"{remedy}. Near it: {_listed(near, titles)}." if near else f"{remedy}."
    )


def _common_start(one: str, other: str) -> int:
    for place, (first, second) in enumerate(zip(one, other, strict=False)):
        if first != second:
            return place
    return min(len(one), len(other))


def _listed(codes: list[str], titles: dict[str, str]) -> str:
    return ", ".join(f"{titles[code]} ({code})" for code in codes)


def _plain(title: str) -> str:
    return " ".join(re.findall(r"[\w']+", title.lower()))


def _singular(title: str) -> str:
    return " ".join(_singular_word(word) for word in _plain(title).split())


def _singular_word(word: str) -> str:
    """One form for singular and plural; it need not be a word, only the same for both."""
    if len(word) > 3 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 2 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    return word[:-1] if word.endswith(("sse", "xe", "che", "she", "ze")) else word
