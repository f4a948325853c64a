"""How the counts behind indicators hang together: which people are always among which others."""

from collections.abc import Mapping, Sequence

import duckdb

from analysis.framework import Framework
from analysis.metrics.grouped_records import conditions
from analysis.metrics.indicators import Population
from analysis.tables.wioa_layout import wioa_layout

Implied = tuple[tuple[str, str], ...]


def observed_links(
    database: duckdb.DuckDBPyConnection,
    population: Population,
    indicators: Sequence[str],
    parts: Mapping[str, str],
    framework: Framework,
) -> tuple[Implied, dict[str, str]]:
    """Counts that are always within others, and within a part of the population.

    Parameters
    ----------
    database : connection
    population : Population
        All people that the tables of a run are about.
    indicators : sequence of str
        Ids in the layout.
    parts : mapping of str to str
        Name of each part of the population to its condition, each within the one before it.
    framework : Framework

    Returns
    -------
    tuple
        Pairs such as ``("median_earnings_q2.people", "employed_q2.met")``, everyone counted in
        the first is counted in the second; ``("all", …)`` where that is everyone. And each count
        to the smallest part that all of its people belong to.

    Notes
    -----
    What holds for every record is taken as known to everybody, whether a rule of the layout makes
    it so or chance: who checks what can be derived must not assume too little. Pairs that follow
    from others are left out.

    Examples
    --------
    Whoever has a wage in the median is employed, and everybody employed was trained.

    >>> import pandas as pd
    >>> from analysis.framework import load_framework
    >>> people = pd.DataFrame({"employed_q2": ["1", "1", "0", ""],
    ...     "wage_after_2": [8000.0, None, None, None],
    ...     "received_training": ["1", "1", "1", "0"], "reportable_individual": "0",
    ...     "entry_date": "20210105", "exit_date": "20210901", "exit_reason": "00"})
    >>> with duckdb.connect() as database:
    ...     _ = database.register("people", people)
    ...     implied, within = observed_links(
    ...         database, Population("people"), ["employed_q2", "median_earnings_q2"],
    ...         {"trained": "received_training = '1'"}, load_framework(),
    ...     )  # fmt: skip
    >>> ("median_earnings_q2.people", "employed_q2.met") in implied, within["employed_q2.met"]
    (True, 'trained')
    >>> "employed_q2.people" in within
    False
    """
    events = _events(indicators, framework)
    homes = {f"part.{name}": f"coalesce({sql}, false)" for name, sql in parts.items()}
    tests = {"all": "true", **events}
    pairs = [(one, two) for one in tests for two in events if one != two]
    pairs += [(one, home) for one in events for home in homes]
    sql = {**tests, **homes}
    columns = ", ".join(f'({condition_of}) AS "{name}"' for name, condition_of in sql.items())
    # people are of few kinds: what holds for each kind holds for everybody
    kinds = database.execute(f"SELECT DISTINCT {columns} FROM {population.sql([])}").df()
    holds = {(one, two) for one, two in pairs if not (kinds[one] & ~kinds[two]).any()}
    within: dict[str, str] = {}
    for name in parts:
        within |= {one: name for one in events if (one, f"part.{name}") in holds}
    return tuple(sorted(_reduced(holds, list(events)))), within


def _events(indicators: Sequence[str], framework: Framework) -> dict[str, str]:
    found = {}
    for name in indicators:
        entry = wioa_layout().indicator(name)
        people, known, met = conditions(entry, framework)
        found[f"{name}.people"] = people
        found[f"{name}.known"] = known
        if entry.measure == "share":
            found[f"{name}.met"] = met
    return {name: f"coalesce({sql}, false)" for name, sql in found.items()}


def _reduced(holds: set[tuple[str, str]], events: list[str]) -> set[tuple[str, str]]:
    """Without pairs within one indicator, and without those that follow from two others."""

    def same(one: str, two: str) -> bool:
        return one == two or ((one, two) in holds and (two, one) in holds)

    kept = {pair for pair in holds if pair[0] == "all"}
    for one, two in holds:
        if one == "all" or two not in events or ("all", two) in holds:
            continue
        if one.rpartition(".")[0] == two.rpartition(".")[0]:
            continue
        between = any(
            (one, other) in holds and (other, two) in holds
            for other in events
            if not same(other, one) and not same(other, two)
        )
        if not between:
            kept.add((one, two))
    return kept
