"""One page for a worker and a coach: what you bring, what is new, where to learn it."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import jinja2
import pandas as pd

from analysis.errors import WorkbenchError
from analysis.reports.words import number

LANGUAGES = ("en", "es")
_MOST_STRENGTHS = 4
_MOST_TASKS = 5
_MOST_TOOLS = 3
_NEED = {True: "need_small", False: "need_large", None: "need_unknown"}


@dataclass(frozen=True)
class Handout:
    """What a handout is made of: rows of the tables of notebooks 02 and 06.

    Attributes
    ----------
    pair : Series
        The row of table ``pair``.
    strengths, tasks, technology : DataFrame
        Tables ``strengths``, ``new_tasks`` (all tasks, with their band) and ``technology``.
    programs : DataFrame
        From :func:`analysis.reports.guide_tables.shown_programs`.
    place : str
        Where was looked.
    is_small_step : bool or None
        Whether the step may be tried without training; None where it cannot be told.
    tier_labels, weak_matches : sequence of str
        As in the framework.
    sources : sequence of str
        Releases of the data.
    worker : str
        Name to stand on the page, or empty.
    """

    pair: pd.Series
    strengths: pd.DataFrame
    tasks: pd.DataFrame
    technology: pd.DataFrame
    programs: pd.DataFrame
    place: str
    is_small_step: bool | None
    tier_labels: Sequence[str]
    weak_matches: Sequence[str]
    sources: Sequence[str]
    worker: str = ""


@cache
def catalogue(language: str) -> dict[str, str]:
    """Words of the handout in a language.

    Parameters
    ----------
    language : str
        One of :data:`LANGUAGES`.

    Returns
    -------
    dict of str to str
        Key of a phrase to its words, with places for numbers in braces.

    Raises
    ------
    WorkbenchError
        For a language without words.

    Examples
    --------
    >>> catalogue("es")["pay_heading"]
    'Sueldo'
    """
    file = resources.files("analysis") / "reports" / "handout_words.toml"
    words = tomllib.loads(file.read_text("utf-8"))
    if language not in words:
        raise WorkbenchError(
            f"'{language}' is no language of the handout", f"Languages: {', '.join(words)}."
        )
    return dict(words[language])


def handout_page(handout: Handout, language: str, most_programs: int = 4) -> str:
    """HTML of the handout: one page on paper, readable on a telephone.

    Parameters
    ----------
    handout : Handout
    language : str
        ``en`` or ``es``.
    most_programs : int
        Programs to name.

    Returns
    -------
    str
        All text from data is escaped.

    Raises
    ------
    WorkbenchError
        For a language without words.

    Examples
    --------
    >>> handout = Handout(
    ...     pair=pd.Series({"origin_title": "Cashiers", "target_title": "Welders <&>",
    ...         "origin_median_wage": 30_000.0, "target_median_wage": 42_000.0,
    ...         "wage_area": "Ohio"}),
    ...     strengths=pd.DataFrame({"strength": ["Service"]}),
    ...     tasks=pd.DataFrame({"task": ["Weld."], "band": ["new"]}),
    ...     technology=pd.DataFrame({"commodity_title": []}), programs=pd.DataFrame(), place="Ohio",
    ...     is_small_step=None, tier_labels="AD", weak_matches=[], sources=[])
    >>> page = handout_page(handout, "es")
    >>> page[page.index("<title>") : page.index("</title>")]
    '<title>De Cashiers a Welders &lt;&amp;&gt;'
    >>> "$42,000" in page, "Welders <&>" in page
    (True, False)
    """
    words = catalogue(language)
    folder = resources.files("analysis") / "reports" / "template"
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    page = environment.from_string((folder / "handout.html").read_text("utf-8"))
    first = handout.programs.head(most_programs)
    return page.render(
        language=language,
        words=words,
        title=words["title"].format(
            origin=handout.pair["origin_title"], target=handout.pair["target_title"]
        ),
        worker=words["for_whom"].format(worker=handout.worker) if handout.worker else "",
        strengths=handout.strengths["strength"].head(_MOST_STRENGTHS).tolist(),
        tasks=_new(handout.tasks)["task"].head(_MOST_TASKS).tolist(),
        tasks_lead=_counted(words, "new_lead", len(_new(handout.tasks))).format(
            count=len(handout.tasks), new=len(_new(handout.tasks))
        ),
        tools=handout.technology["commodity_title"].head(_MOST_TOOLS).tolist(),
        pay=_pay(handout.pair, words),
        need=words[_NEED[handout.is_small_step]],
        programs_lead=_programs_lead(handout, len(first), words),
        programs=[_program(row, words) for _, row in first.iterrows()],
        grades_note=words["grades_note"].format(
            first=handout.tier_labels[0], last=handout.tier_labels[-1]
        ),
        sources=words["sources"].format(sources="; ".join(handout.sources)),
    )


def _counted(words: dict[str, str], key: str, count: float) -> str:
    """The words for a count: those of one where there is one."""
    return words[f"{key}_one"] if count == 1 else words[key]


def _new(tasks: pd.DataFrame) -> pd.DataFrame:
    return tasks[tasks["band"] == "new"]


def _pay(pair: pd.Series, words: dict[str, str]) -> str:
    before, after = pair["origin_median_wage"], pair["target_median_wage"]
    if pd.isna(before) or pd.isna(after):
        return words["pay_unknown"]
    return words["pay"].format(
        before=number(before, "dollars"), after=number(after, "dollars"), area=pair["wage_area"]
    )


def _programs_lead(handout: Handout, shown: int, words: dict[str, str]) -> str:
    count = len(handout.programs)
    if not count:
        return words["programs_none"].format(place=handout.place)
    if handout.programs["match"].isin(list(handout.weak_matches)).all():
        return _counted(words, "programs_alike", shown).format(shown=shown)
    key = "programs_lead_all" if 1 < count == shown else "programs_lead"
    return _counted(words, key, count).format(count=f"{count:,}", shown=shown)


def _program(row: pd.Series, words: dict[str, str]) -> dict[str, str]:
    facts = [
        words["cost"].format(cost=number(row["cost"], "dollars"))
        if pd.notna(row["cost"])
        else words["cost_unknown"],
        _payback(row, words),
        _counted(words, "weeks", row["weeks"]).format(weeks=f"{row['weeks']:,.0f}")
        if pd.notna(row["weeks"])
        else words["weeks_unknown"],
        row["where"],
    ]
    return {
        "name": row["program"],
        "provider": row["provider"],
        "facts": "; ".join(fact for fact in facts if fact),
        "grade": _grade(row, words),
    }


def _payback(row: pd.Series, words: dict[str, str]) -> str:
    """How long the step in pay takes to pay the cost; nothing where there is none to pay."""
    months = row["payback_months"]
    if pd.isna(months) or months == 0:
        return ""
    return _counted(words, "payback", months).format(months=f"{months:,.0f}")


def _grade(row: pd.Series, words: dict[str, str]) -> str:
    if pd.isna(row["tier"]):
        return words["no_grade"]
    parts = [words["grade"].format(tier=row["tier"])]
    if bool(row["borderline"]):
        parts.append(words["grade_close"].format(runner_up=row["runner_up"]))
    if row["rated_as"] != "this program":
        parts.append(words["grade_lent"])
    return ", ".join(parts)
