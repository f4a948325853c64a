"""What the publisher's findings on a state's data mean for its metrics, by the framework's rule."""

import re
from itertools import product

import pandas as pd

from analysis.framework import Framework
from analysis.tables.wioa_layout import wioa_layout

EXCLUDED, LOWERED, NOTED = "excluded", "level lowered", "noted"
_PERCENT = r"(?P<share>\d+(?:\.\d+)?)%"


def consequences(findings: pd.DataFrame, framework: Framework) -> pd.DataFrame:
    """Metrics and groups that each finding touches, and what follows for them.

    Parameters
    ----------
    findings : DataFrame
        Table ``quality_findings``, each finding once
        (:func:`analysis.tables.quality_findings.combined`).
    framework : Framework
        Its ``quality`` states the rule.

    Returns
    -------
    DataFrame
        ``state``, ``kind`` (``metric`` or ``group``), ``id``, ``name``, ``elements``,
        ``missing_share`` (what the finding says is not reported; missing where it says none),
        ``consequence`` (``excluded``, ``level lowered``, ``noted``), ``problem``, ``action``.
        Findings on elements that no metric or group uses are not among them.

    Notes
    -----
    A metric uses the elements that its own rule names, so a new metric finds its findings
    without further work. Excluded: the publisher blanked the whole element in the state, or the
    share not reported reaches ``exclude_missing_share``. Lowered: it reaches
    ``lower_missing_share``, or part of the values were blanked. Else noted. A finding on youth or
    dislocated workers alone has one consequence less.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> findings = pd.DataFrame({"state": ["WV", "TX"], "elements": "211 212", "action": "",
    ...     "problem": ["Blank for 70% of adults.", "Blank for 2% of adults."]})
    >>> found = consequences(findings, load_framework())
    >>> found[["state", "kind", "id", "missing_share", "consequence"]].values.tolist()
    [['WV', 'group', 'race', 0.7, 'excluded'], ['TX', 'group', 'race', 0.02, 'noted']]
    """
    touched = pd.DataFrame(_uses(), columns=["number", "kind", "id", "name"])
    rows = findings.assign(number=findings["elements"].str.split())
    rows = rows.explode("number").merge(touched, on="number")
    rows = rows.drop_duplicates(["state", "id", "problem", "action"])
    share = [missing_share(text, framework) for text in rows["problem"]]
    rows["missing_share"] = pd.Series(share, index=rows.index, dtype="float64")
    rows["consequence"] = [
        _consequence(action, problem, known, framework)
        for action, problem, known in rows[["action", "problem", "missing_share"]].itertuples(
            index=False
        )
    ]
    rank = rows["consequence"].map({EXCLUDED: 0, LOWERED: 1, NOTED: 2})
    ordered = rows.assign(rank=rank).sort_values(["rank", "kind", "id", "state"], kind="stable")
    return ordered[
        [
            *("state", "kind", "id", "name", "elements"),
            *("missing_share", "consequence", "problem", "action"),
        ]
    ].reset_index(drop=True)


def missing_share(problem: str, framework: Framework) -> float | None:
    """Share that a finding says is not reported, or None where it says none.

    Parameters
    ----------
    problem : str
        The finding's words.
    framework : Framework
        Its patterns: ``missing`` ones give the share that lacks, ``present`` ones the share that
        is there, ``none`` ones say that nothing is.

    Returns
    -------
    float or None
        From 0 to 1.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> framework = load_framework()
    >>> missing_share("Blank for 62% among those who received training (PIRL 1300).", framework)
    0.62
    >>> missing_share("Prior occupation reported for only 25% of adults.", framework)
    0.75
    >>> missing_share("There are a few with an impossible date.", framework) is None
    True
    """
    quality = framework.quality
    for pattern in quality.missing:
        if found := re.search(pattern.replace("{percent}", _PERCENT), problem):
            return float(found["share"]) / 100
    for pattern in quality.present:
        if found := re.search(pattern.replace("{percent}", _PERCENT), problem):
            return round(1 - float(found["share"]) / 100, 6)
    return 1.0 if any(re.search(pattern, problem) for pattern in quality.none) else None


def by_state(table: pd.DataFrame) -> pd.DataFrame:
    """Strongest consequence of each state and metric, with how many findings stand behind it.

    Parameters
    ----------
    table : DataFrame
        From :func:`consequences`.

    Returns
    -------
    DataFrame
        ``state``, ``kind``, ``id``, ``name``, ``consequence``, ``findings``, ``problem`` (of the
        strongest). Findings for ``ALL`` states stand under ``ALL``.

    Examples
    --------
    >>> table = pd.DataFrame({"state": "WV", "kind": "group", "id": "race", "name": "Race",
    ...                       "consequence": ["excluded", "noted"], "problem": ["one", "two"]})
    >>> by_state(table)[["consequence", "findings", "problem"]].values.tolist()
    [['excluded', 2, 'one']]
    """
    keys = ["state", "kind", "id", "name"]
    strongest = table.drop_duplicates(keys)
    counts = table.groupby(keys, as_index=False).size().rename(columns={"size": "findings"})
    merged = strongest.merge(counts, on=keys, validate="one_to_one")
    return merged[[*keys, "consequence", "findings", "problem"]]


def threshold_sweep(findings: pd.DataFrame, framework: Framework) -> pd.DataFrame:
    """How many metrics and groups of states change their level under other thresholds.

    Parameters
    ----------
    findings : DataFrame
        Table ``quality_findings``, each finding once.
    framework : Framework
        Its ``quality.exclude_sweep`` and ``quality.lower_sweep`` are tried in every pair.

    Returns
    -------
    DataFrame
        ``exclude`` and ``lower`` (shares not reported), ``excluded``, ``lowered`` and ``noted``
        (pairs of a state and a metric or group), ``changed`` (pairs that are on another level
        than under the framework's own thresholds) and ``own`` (whether these are they).

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> rules = load_framework().with_quality(
    ...     exclude_missing_share=0.5, lower_missing_share=0.2, exclude_sweep=[0.3, 0.5],
    ...     lower_sweep=[0.2],
    ... )  # fmt: skip
    >>> finding = pd.DataFrame({"state": ["WV"], "elements": "211 212", "action": "",
    ...                         "problem": "Blank for 40% of adults."})
    >>> found = threshold_sweep(finding, rules)
    >>> found[["exclude", "excluded", "lowered", "changed", "own"]].values.tolist()
    [[0.3, 1, 0, 1, False], [0.5, 0, 1, 0, True]]
    """
    quality = framework.quality
    keys = ["state", "kind", "id"]
    own = by_state(consequences(findings, framework)).set_index(keys)["consequence"]
    rows = []
    for exclude, lower in product(quality.exclude_sweep, quality.lower_sweep):
        if lower > exclude:
            continue
        tried = {"exclude_missing_share": exclude, "lower_missing_share": lower}
        other = framework.with_quality(**tried)
        level = by_state(consequences(findings, other)).set_index(keys)["consequence"]
        rows.append(
            {
                "exclude": exclude,
                "lower": lower,
                "excluded": int((level == EXCLUDED).sum()),
                "lowered": int((level == LOWERED).sum()),
                "noted": int((level == NOTED).sum()),
                "changed": int((level != own.reindex(level.index)).sum()),
                "own": (exclude, lower)
                == (quality.exclude_missing_share, quality.lower_missing_share),
            }
        )
    return pd.DataFrame(rows)


def excluded_rows(rows: pd.DataFrame, verdicts: pd.DataFrame) -> pd.Series:
    """Which rows of a table of indicators by state the findings exclude.

    Parameters
    ----------
    rows : DataFrame
        With ``state``, ``indicator`` and ``by``.
    verdicts : DataFrame
        From :func:`by_state`.

    Returns
    -------
    Series of bool
        True where the metric, or a way to divide people, is excluded in the state.

    Examples
    --------
    >>> verdicts = pd.DataFrame({"state": ["WV"], "id": ["race"], "consequence": ["excluded"]})
    >>> rows = pd.DataFrame({"state": ["WV", "WV", "TX"], "indicator": "employed_q2",
    ...                      "by": ["race and gender", "gender", "race"]})
    >>> excluded_rows(rows, verdicts).tolist()
    [True, False, False]
    """
    out = verdicts[verdicts["consequence"] == EXCLUDED]
    pairs = set(zip(out["state"], out["id"], strict=True))
    used = [
        {indicator, *by.split(" and ")}
        for indicator, by in zip(rows["indicator"], rows["by"], strict=True)
    ]
    flags = [
        any((place, name) in pairs for name in names for place in (state, "ALL"))
        for state, names in zip(rows["state"], used, strict=True)
    ]
    return pd.Series(flags, index=rows.index)


def _uses() -> list[tuple[str, str, str, str]]:
    """Elements that each metric and each group names in its rule."""
    layout = wioa_layout()
    number = {element.column: element.number for element in layout.elements}
    rows = []
    for entry in layout.indicators:
        sql = f"{entry.of} {entry.known} {entry.met} {entry.value}"
        rows += [(n, "metric", entry.id, entry.name) for n in _numbers(sql, number)]
    # the publisher's single answer on race is made of these
    parts = {"race_ethnicity": ["210", "211", "212", "213", "214", "215"]}
    for group in layout.groups:
        numbers = _numbers(group.label, number)
        for column, made_of in parts.items():
            if number[column] in numbers:
                numbers = [*numbers, *made_of]
        rows += [(n, "group", group.id, group.name) for n in numbers]
    return rows


def _numbers(sql: str, number: dict[str, str]) -> list[str]:
    words = re.findall(r"[a-z][a-z0-9_]*", re.sub(r"'[^']*'", "", sql))
    return [number[word] for word in dict.fromkeys(words) if word in number]


def _consequence(action: str, problem: str, share: float, framework: Framework) -> str:
    quality = framework.quality
    part = bool(re.search(quality.part_of_people, problem))
    if re.search(quality.blanked_whole, action) or share >= quality.exclude_missing_share:
        return LOWERED if part else EXCLUDED
    if re.search(quality.blanked_part, action) or share >= quality.lower_missing_share:
        return NOTED if part else LOWERED
    return NOTED
