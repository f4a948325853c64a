"""A training guide in plain sentences, made from the same rows as its tables."""

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from analysis.guide.ranking import GROUP_AT_RISK, LOWEST_TIER
from analysis.guide.small_step import is_small_step
from analysis.reports.guide_tables import tier_in_words
from analysis.reports.handout import catalogue
from analysis.reports.words import count_noun, joined, number, text


class Matches(NamedTuple):
    """Programs that match a job in a place, before any is left out.

    Attributes
    ----------
    found : int
        All of them, as the report on the skill delta counts them.
    beyond : int
        Those that break a limit of the worker's.
    """

    found: int
    beyond: int = 0


def guide_answer(
    pair: pd.Series,
    tasks: pd.DataFrame,
    gaps: pd.DataFrame,
    ranked: pd.DataFrame,
    matches: Matches,
    place: str,
    weak_matches: Sequence[str],
) -> list[str]:
    """The guide in three sentences: the step, the wage, the programs; or that there is no step.

    Parameters
    ----------
    pair, tasks, gaps
        As for :func:`step_sentence` and :func:`wage_sentence`.
    ranked, matches, place, weak_matches
        As for :func:`programs_sentence`.

    Returns
    -------
    list of str
        HTML-safe sentences.

    Examples
    --------
    >>> same = pd.Series({"origin_code": "a", "target_code": "a", "origin_title": "Welders"})
    >>> nothing = pd.DataFrame()
    >>> for sentence in guide_answer(same, nothing, nothing, nothing, Matches(0), "Ohio", []):
    ...     print(sentence)
    Both jobs are the same (Welders), so there is no gap.
    No training is needed for a job that one has.
    """
    if pair["origin_code"] == pair["target_code"]:
        return [
            f"Both jobs are the same ({text(pair['origin_title'])}), so there is no gap.",
            "No training is needed for a job that one has.",
        ]
    return [
        step_sentence(pair, tasks, gaps),
        wage_sentence(pair),
        programs_sentence(ranked, matches, place, weak_matches),
    ]


def step_sentence(pair: pd.Series, new_tasks: pd.DataFrame, gaps: pd.DataFrame) -> str:
    """From which job to which, and how much of the target is new.

    Parameters
    ----------
    pair : Series
        The row of table ``pair``.
    new_tasks : DataFrame
        All tasks of the target with their ``band``.
    gaps : DataFrame
        Rated elements that the target clearly asks more of; empty where ratings are missing.

    Returns
    -------
    str
        HTML-safe.

    Examples
    --------
    >>> pair = pd.Series({"origin_code": "a", "origin_title": "Cashiers", "target_title": "Nurses",
    ...                   "foundation": "two zones up"})
    >>> tasks = pd.DataFrame({"band": ["new", "same"]})
    >>> gaps = pd.DataFrame({"element": ["Biology"]})
    >>> step_sentence(pair, tasks, gaps)[:84]
    'From Cashiers to Nurses, two zones up: 1 of its 2 tasks are like nothing in that job'
    >>> step_sentence(pair, tasks, gaps)[86:]
    '1 rated skill or field of knowledge must clearly grow, “Biology” most.'
    """
    new = int(new_tasks["band"].eq("new").sum())
    parts = [
        f"{new} of its {count_noun(len(new_tasks), 'task')} are like nothing in {_start(pair)}"
    ]
    if len(gaps):
        # names of elements hold an "and" of their own
        largest = joined([f"“{text(name)}”" for name in gaps["element"].head(3)])
        elements = count_noun(len(gaps), "rated skill or field", "rated skills and fields")
        parts.append(f"{elements} of knowledge must clearly grow, {largest} most")
    return (
        f"From {text(pair['origin_title'])} to {text(pair['target_title'])}"
        f"{_zone(pair['foundation'])}: {'; '.join(parts)}."
    )


def _start(pair: pd.Series) -> str:
    return "that job" if pair["origin_code"] else "that record"


def _zone(foundation: str) -> str:
    unknown = "not known" in foundation or "not at hand" in foundation
    return "" if unknown else f", {text(foundation)}"


def wage_sentence(pair: pd.Series) -> str:
    """The step in the median wage, or that it is not known.

    Parameters
    ----------
    pair : Series
        The row of table ``pair``: ``origin_code`` (empty without a past job), median wages in
        dollars a year, ``wage_area``.

    Returns
    -------
    str
        HTML-safe.

    Examples
    --------
    >>> pair = pd.Series({"origin_code": "a", "origin_median_wage": 30_000.0,
    ...                   "target_median_wage": 42_000.0, "wage_area": "Ohio"})
    >>> wage_sentence(pair)[:58]
    'The middle wage goes from $30,000 to $42,000 a year (Ohio)'
    >>> wage_sentence(pair.replace(30_000.0, None))
    'The step in wages is not known here.'
    """
    before, after = pair["origin_median_wage"], pair["target_median_wage"]
    if not pair["origin_code"] and pd.notna(after):
        return (
            f"The middle wage of the new job is {number(after, 'dollars')} a year "
            f"({text(pair['wage_area'])}); no past job given, so there is no step to state."
        )
    if pd.isna(before) or pd.isna(after):
        return "The step in wages is not known here."
    return (
        f"The middle wage goes from {number(before, 'dollars')} to {number(after, 'dollars')} a "
        f"year ({text(pair['wage_area'])}); that is what the two jobs pay, not what a program adds."
    )


def programs_sentence(
    ranked: pd.DataFrame, matches: Matches, place: str, weak_matches: Sequence[str]
) -> str:
    """How many programs match, how many may be named and rated, and which comes first.

    Parameters
    ----------
    ranked : DataFrame
        From :func:`analysis.guide.ranking.ranked_programs`.
    matches : Matches
    place : str
        Where was looked.
    weak_matches : sequence of str
        Kinds of match that do not say that a program trains for the job.

    Returns
    -------
    str
        HTML-safe.

    Examples
    --------
    >>> ranked = pd.DataFrame({
    ...     "recommended": [True, False, False], "kept_back": ["", LOWEST_TIER, LOWEST_TIER],
    ...     "program": ["Welding", "Pipes", "Cars"], "provider": "College", "match": "by list",
    ...     "tier": ["A", "D", "D"], "tier_probability": 0.9, "borderline": False,
    ...     "runner_up": "B"})
    >>> sentence = programs_sentence(ranked, Matches(3), "Ohio", ["text similarity"])
    >>> sentence[:76]
    'In Ohio 1 program trains for it (of 3 matches, without 2 of the lowest tier)'
    >>> sentence[-81:]
    'First in the order: <bdi>Welding</bdi> (<bdi>College</bdi>), tier A (chance .90).'
    """
    shown = ranked[ranked["recommended"]]
    beyond = _left_out(ranked, matches)
    if shown.empty:
        return f"No program for this job can be recommended in {text(place)}{beyond}."
    rated = shown["tier"].notna()
    known = (
        f"{count_noun(len(shown), 'program reads', 'programs read')} like training for it by words "
        "alone"
        if shown["match"].isin(list(weak_matches)).all()
        else f"{count_noun(len(shown), 'program trains', 'programs train')} for it"
    )
    sentence = (
        f"In {text(place)} {known}{beyond}; {rated.sum():,} can be put in a tier, "
        f"{int((~rated).sum()):,} cannot be rated."
    )
    first = shown.iloc[0]
    # a name that runs from right to left must not turn the sentence around
    named = f"<bdi>{text(first['program'])}</bdi> (<bdi>{text(first['provider'])}</bdi>)"
    if pd.isna(first["tier"]):
        return f"{sentence} First in the order: {named}, which cannot be rated."
    return f"{sentence} First in the order: {named}, tier {text(tier_in_words(first))}."


def _left_out(ranked: pd.DataFrame, matches: Matches) -> str:
    """What of all matches is not named, and why, in brackets; empty where all are."""
    counts = [
        *((int(ranked["kept_back"].eq(why).sum()), why) for why in (LOWEST_TIER, GROUP_AT_RISK)),
        (matches.beyond, "beyond a limit that was set"),
        (matches.found - matches.beyond - len(ranked), "already in another list"),
    ]
    parts = [f"{count:,} {words}" for count, words in counts if count]
    if not parts:
        return ""
    return f" (of {count_noun(matches.found, 'match', 'matches')}, without {joined(parts)})"


def unknown_sentence(ranked: pd.DataFrame) -> str:
    """What a coach must not read into the tiers.

    Parameters
    ----------
    ranked : DataFrame
        From :func:`analysis.guide.ranking.ranked_programs`: ``rated_as`` and ``group_guard`` (what
        the guard for groups found, in words).

    Returns
    -------
    str
        Plain text.

    Examples
    --------
    >>> ranked = pd.DataFrame({"rated_as": ["this program", "the same college and field"],
    ...                        "group_guard": ["checked: no group falls behind", None]})
    >>> unknown_sentence(ranked)[83:128]
    '1 program could be checked by race or gender.'
    >>> unknown_sentence(ranked)[129:173]
    '1 tier rests on outcomes of the same college'
    """
    borrowed = ranked["rated_as"].fillna("").str.startswith("the same college").sum()
    lent = (
        f" {count_noun(int(borrowed), 'tier rests', 'tiers rest')} on outcomes of the same "
        "college, field and level of credential, not of the course itself."
        if borrowed
        else ""
    )
    found = ranked["group_guard"].astype("str").str.startswith(("checked", "may leave"), na=False)
    groups = (
        f"{count_noun(int(found.sum()), 'program')} could be checked by race or gender"
        if found.any()
        else "no list at hand has outcomes by race or gender"
    )
    return (
        "Tiers here compare what graduates earn with a benchmark; they are not effects, and "
        f"{groups}.{lent}"
    )


def no_training_sentence(elements: float | None, tasks: pd.DataFrame, small: int) -> str:
    """Whether the step is small enough to be tried without training, in words.

    Parameters
    ----------
    elements : float or None
        Rated elements that must clearly grow; None where the jobs are not rated.
    tasks : DataFrame
        All tasks of the target with their ``band``.
    small : int
        Most elements that may grow in a small step (framework).

    Returns
    -------
    str
        Plain text.

    Examples
    --------
    >>> tasks = pd.DataFrame({"band": ["new", "same", "same", "same"]})
    >>> no_training_sentence(2, tasks, small=3)[:78]
    'Perhaps not: 2 rated elements must clearly grow and 25.0% of the tasks are new'
    >>> no_training_sentence(9, tasks, small=3)[:78]
    'Most likely: 9 rated elements must clearly grow and 25.0% of the tasks are new'
    """
    share = tasks["band"].eq("new").mean() if len(tasks) else float("nan")
    is_small = is_small_step(elements, share, small)
    asked = f"{number(share, 'share')} of the tasks are new"
    if elements is not None:
        asked = f"{count_noun(int(elements), 'rated element')} must clearly grow and {asked}"
    if is_small:
        return (
            f"Perhaps not: {asked}. Apply first, show the strengths above, "
            "and ask what an employer would teach on the job; a program is the second step."
        )
    opening = "Most likely" if is_small is False else "Not known, since the jobs are not rated"
    return (
        f"{opening}: {asked}. Still ask employers in the place which of "
        "these they teach on the job before money and months go into a program."
    )


def handout_links(pages: Sequence[tuple[str, str]]) -> str:
    """Links to the handout, each in its own language.

    Parameters
    ----------
    pages : sequence of (address, language)

    Returns
    -------
    str
        HTML; addresses are escaped.

    Raises
    ------
    WorkbenchError
        For a language without words.

    Examples
    --------
    >>> handout_links([("a/es.html", "es")])
    'Handout for the worker: <a href="a/es.html" hreflang="es" lang="es">Español</a>.'
    """
    links = [
        f'<a href="{text(address)}" hreflang="{code}" lang="{code}">'
        f"{text(catalogue(code)['language'])}</a>"
        for address, code in pages
    ]
    return f"Handout for the worker: {joined(links)}."


def export_links(addresses: Sequence[str]) -> str:
    """Links to the guide as data: the document, its schema, and the CTDL document.

    Parameters
    ----------
    addresses : sequence of str
        Three relative addresses, in that order.

    Returns
    -------
    str
        HTML; addresses are escaped.

    Raises
    ------
    ValueError
        For more or fewer than three.

    Examples
    --------
    >>> export_links(["a/guide.json", "a/guide.schema.json", "a/ctdl.json"])[:52]
    '<a href="a/guide.json" download>This guide as JSON</'
    """
    names = ("This guide as JSON", "its schema", "programs and outcomes in CTDL (JSON-LD)")
    return ", ".join(
        f'<a href="{text(address)}" download>{name}</a>'
        for address, name in zip(addresses, names, strict=True)
    )
