"""Each program under each published rule: meets, does not meet, cannot be rated, and how likely."""

from collections.abc import Collection, Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.framework.presets import Criterion, Preset
from analysis.tiers.normal_model import fit_normal_model

Numbers = npt.NDArray[np.float64]
MEETS, FAILS, UNKNOWN = "meets", "does not meet", "cannot be rated"
SO_FAR = "meets as far as it can be checked"


def employment_rows(
    outcomes: pd.DataFrame, programs: pd.DataFrame, *, minimum_people: int
) -> pd.DataFrame:
    """Share employed after exit, with its noise, for programs that can be rated on it.

    Parameters
    ----------
    outcomes : DataFrame
        Table ``program_outcomes``.
    programs : DataFrame
        The programs to look up, with ``program_key``, ``credential``, ``field``.
    minimum_people : int

    Returns
    -------
    DataFrame
        ``program_key``, ``outcome``, ``value``, ``standard_error``, ``n``, ``field``,
        ``compared_with``.

    Notes
    -----
    A share of exactly 0 with ten or more people is left out: nearly all of New Jersey's are 0
    again six quarters later, which is what records that were never matched look like. The
    standard error is that of a binomial share with two successes and two failures added (Agresti
    and Coull 1998), so that shares of 1 are not taken for certain.

    Examples
    --------
    With 96 people and the four added the share is 50 of 100: its error is a half over ten.

    >>> rows = pd.DataFrame({"program_key": ["a", "b"], "metric": "employed_share",
    ...                      "value": [0.5, 0.0], "n": [96.0, 96.0]})
    >>> programs = pd.DataFrame({"program_key": ["a", "b"], "field": "51"})
    >>> found = employment_rows(rows, programs, minimum_people=10)
    >>> found[["program_key", "value", "standard_error"]].values.tolist()
    [['a', 0.5, 0.05]]
    """
    rows = outcomes[outcomes["metric"].eq("employed_share") & outcomes["value"].gt(0)]
    rows = rows[rows["n"].ge(minimum_people)].drop_duplicates("program_key")
    share = (rows["value"] * rows["n"] + 2) / (rows["n"] + 4)
    kept = pd.DataFrame(
        {
            "program_key": rows["program_key"],
            "outcome": "employed_share",
            "value": rows["value"],
            "standard_error": np.sqrt(share * (1 - share) / (rows["n"] + 4)),
            "n": rows["n"],
        }
    )
    found = programs.set_index("program_key")["field"]
    kept["field"] = kept["program_key"].map(found)
    return kept[kept["field"].notna()].assign(compared_with="employed")


def earnings_rows(
    estimates: pd.DataFrame, shares: Collection[str] = (), *, publisher_hides: bool = False
) -> pd.DataFrame:
    """Earnings a year with their noise, of programs that a rule may be applied to.

    Parameters
    ----------
    estimates : DataFrame
        From :func:`analysis.tiers.estimates.against_benchmark`.
    shares : collection of str
        Metrics that are shares of people; they are no earnings.
    publisher_hides : bool
        Whether values without a number of people come from a publisher that hides small cells
        itself. They are taken as they stand then, though completers, who stand in for the people,
        be few or not known: the rule that College Scorecard publishes asks for no more. Where a
        number of people is known, and in a user's own file, our least number holds.

    Returns
    -------
    DataFrame
        ``program_key``, ``standard_error`` (missing where nothing says how many people), ``n``,
        ``field``, ``compared_with``, ``outcome``, ``value`` (dollars a year).

    Examples
    --------
    >>> rows = pd.DataFrame({"program_key": ["a", "b"], "reason": ["", "too few"], "n": [40.0, 4.0],
    ...     "metric": "average_quarterly_wage", "earnings": [48_000.0, 50_000.0],
    ...     "standard_error": [900.0, None], "field": "51", "compared_with": "all"})
    >>> earnings_rows(rows)[["program_key", "outcome", "value"]].values.tolist()
    [['a', 'earnings', 48000.0]]
    >>> few = earnings_rows(rows.assign(n_of="completers"), publisher_hides=True)
    >>> few["program_key"].tolist()
    ['a', 'b']
    """
    taken = estimates["reason"].eq("")
    if publisher_hides:
        taken |= estimates["earnings"].notna() & estimates["n_of"].eq("completers")
    known = estimates[taken & ~estimates["metric"].isin(shares)]
    columns = ["program_key", "standard_error", "n", "field", "compared_with"]
    return known[columns].assign(outcome="earnings", value=known["earnings"])


def under_rules(
    programs: pd.DataFrame, values: pd.DataFrame, presets: Sequence[Preset]
) -> pd.DataFrame:
    """Judge every program by every rule.

    Parameters
    ----------
    programs : DataFrame
        ``program_key``, ``credential``, ``benchmark`` (dollars a year) and, where not all are of
        the program's own state, ``benchmark_of``: a rule that asks for earnings like those of the
        state cannot be applied where only a default is known.
    values : DataFrame
        One row a program and outcome, from :func:`earnings_rows` and :func:`employment_rows`.
    presets : sequence of Preset

    Returns
    -------
    DataFrame
        One row a program and rule that covers it: ``program_key``, ``rule``, ``status`` (meets,
        does not meet, cannot be rated), ``so_far`` (the same, or that it meets as far as it can
        be checked), ``probability`` (of meeting what can be checked, given the noise; missing
        where nothing can be, or the noise of something is not known) and ``checked`` (criteria).

    Notes
    -----
    A program meets a criterion by its published value. A rule that asks for all criteria is failed
    by one; it is met only when all are known. The probability is the chance, shrunk to the field
    as everywhere here, that the true value reaches the limit; criteria count as independent.

    Examples
    --------
    >>> asked = [Criterion(outcome="earnings", limit="benchmark", words=""),
    ...          Criterion(outcome="employed_share", limit=0.5, words="")]
    >>> rule = Preset(id="x", name="", vintage="", citation="", retrieved="", criteria=asked)
    >>> programs = pd.DataFrame({"program_key": ["a", "b"], "credential": "", "benchmark": 30e3})
    >>> values = pd.DataFrame({"program_key": ["a", "b"], "outcome": "earnings", "n": 100.0,
    ...     "value": [50_000.0, 20_000.0], "standard_error": 900.0, "field": "51",
    ...     "compared_with": "all"})
    >>> found = under_rules(programs, values, [rule])
    >>> for row in found[["program_key", "status", "so_far", "checked"]].values.tolist():
    ...     print(row)
    ['a', 'cannot be rated', 'meets as far as it can be checked', 1]
    ['b', 'does not meet', 'does not meet', 1]
    """
    fitted = {name: _chances(part) for name, part in values.groupby("outcome")}
    parts = [_under_rule(programs, fitted, preset) for preset in presets]
    return pd.concat(parts, ignore_index=True)


class _Outcome:
    """Values of one outcome and the chance that the true value reaches any limit."""

    def __init__(self, rows: pd.DataFrame) -> None:
        self.rows = rows.set_index("program_key")
        noisy = self.rows[self.rows["standard_error"].gt(0)]
        self.models = [
            (part.index, fit_normal_model(part["value"], part["standard_error"], part["field"]))
            for _, part in noisy.groupby("compared_with")
        ]

    def reaches(self, limit: pd.Series) -> pd.Series:
        """Chance that the true value is above its limit, by program."""
        parts = [
            pd.Series(model.chance_above(limit.reindex(keys).to_numpy(float)), keys)
            for keys, model in self.models
        ]
        return pd.concat(parts) if parts else pd.Series(dtype=float)


def _chances(rows: pd.DataFrame) -> _Outcome:
    return _Outcome(rows)


def _under_rule(
    programs: pd.DataFrame, fitted: dict[str, _Outcome], preset: Preset
) -> pd.DataFrame:
    covered = programs
    if preset.credentials is not None:
        covered = programs[programs["credential"].isin(preset.credentials)]
    keys = pd.Index(covered["program_key"])
    benchmark = covered.set_index("program_key")["benchmark"]
    if "benchmark_of" in covered:
        benchmark = benchmark.where(covered["benchmark_of"].eq("state").to_numpy())
    met, chance = [], []
    for criterion in preset.criteria:
        known = fitted.get(criterion.outcome)
        if known is None:
            met.append(np.full(len(keys), np.nan))
            chance.append(np.full(len(keys), np.nan))
            continue
        limit = _limit(criterion, benchmark)
        value = known.rows["value"]
        if preset.minimum_people is not None:
            value = value.where(known.rows["n"].ge(preset.minimum_people))
        value = value.reindex(keys)
        unknown = value.isna() | limit.isna()
        met.append(np.where(unknown, np.nan, (value >= limit).astype(float)))
        reached = known.reaches(limit).reindex(keys)
        chance.append(np.where(unknown, np.nan, reached.to_numpy(float)))
    return _judged(keys, preset, np.array(met), np.array(chance))


def _limit(criterion: Criterion, benchmark: pd.Series) -> pd.Series:
    if criterion.limit == "benchmark":
        return benchmark
    return pd.Series(float(criterion.limit), benchmark.index)


def _judged(keys: pd.Index, preset: Preset, met: Numbers, chance: Numbers) -> pd.DataFrame:
    known = ~np.isnan(met)
    yes = np.nansum(met, axis=0)
    could = yes + (~known).sum(0)
    checked = known.sum(0)
    status = np.select([yes >= preset.must_meet, could < preset.must_meet], [MEETS, FAILS], UNKNOWN)
    all_known_met = (yes == checked) & (checked > 0)
    so_far = np.where((status == UNKNOWN) & all_known_met, SO_FAR, status)
    with_noise = (checked > 0) & (~np.isnan(chance) == known).all(0)
    return pd.DataFrame(
        {
            "program_key": keys,
            "rule": preset.id,
            "status": status,
            "so_far": so_far,
            "probability": np.where(with_noise, _at_least(chance, preset), np.nan),
            "checked": checked,
        }
    )


def _at_least(chance: Numbers, preset: Preset) -> Numbers:
    """Chance that enough of the known criteria are met, taken as independent."""
    known = ~np.isnan(chance)
    # chance[k] of exactly k met so far, built up criterion by criterion
    exactly = np.zeros((len(chance) + 1, chance.shape[1]))
    exactly[0] = 1.0
    for row, given in zip(np.where(known, chance, 0.0), known, strict=True):
        moved = exactly * (1 - row)
        moved[1:] += exactly[:-1] * row
        exactly = np.where(given, moved, exactly)
    needed = np.minimum(preset.must_meet, known.sum(0))
    places = np.arange(len(exactly))[:, None]
    return np.asarray(np.where(places >= needed, exactly, 0.0).sum(0))


def by_our_tiers(frame: pd.DataFrame, lowest: str) -> pd.DataFrame:
    """The workbench's own tiers as a rule: met by a program above the lowest tier.

    Parameters
    ----------
    frame : DataFrame
        ``program_key``, ``tier``, ``chance_not_above`` (missing where a program is not rated).
    lowest : str
        The lowest tier.

    Returns
    -------
    DataFrame
        Columns of :func:`under_rules`.

    Examples
    --------
    >>> frame = pd.DataFrame({"program_key": ["a", "b"], "tier": ["A", "D"],
    ...                       "chance_not_above": [0.25, 0.75]})
    >>> by_our_tiers(frame, "D")[["status", "probability"]].values.tolist()
    [['meets', 0.75], ['does not meet', 0.25]]
    """
    rated = frame["chance_not_above"].notna()
    status = np.select([~rated, frame["tier"].eq(lowest)], [UNKNOWN, FAILS], MEETS)
    return pd.DataFrame(
        {
            "program_key": frame["program_key"],
            "rule": "workbench_tiers",
            "status": status,
            "so_far": status,
            "probability": 1 - frame["chance_not_above"].astype(float),
            "checked": rated.astype(int),
        }
    )


def rule_counts(judged: pd.DataFrame) -> pd.DataFrame:
    """Programs by status under each rule, and how often the noise leaves it open.

    Parameters
    ----------
    judged : DataFrame
        From :func:`under_rules`.

    Returns
    -------
    DataFrame
        ``rule``, ``programs``, ``meets``, ``fails``, ``unknown``, ``unknown_share``, ``so_far``
        (of the unknown, those that meet what can be checked), ``checked`` (programs with a chance
        of meeting it) and ``open_share``: of these, those whose chance lies between 10 and 90
        percent.

    Examples
    --------
    >>> judged = pd.DataFrame({"rule": "x", "status": ["meets", "meets", "cannot be rated"],
    ...     "so_far": ["meets", "meets", "cannot be rated"], "probability": [0.99, 0.6, None]})
    >>> counts = rule_counts(judged)
    >>> counts[["programs", "meets", "unknown", "checked", "open_share"]].values.tolist()
    [[3.0, 2.0, 1.0, 2.0, 0.5]]
    """
    rows = []
    for rule, part in judged.groupby("rule", sort=False):
        unknown = part["status"].eq(UNKNOWN)
        checked = part["probability"].dropna()
        rows.append(
            {
                "rule": rule,
                "programs": len(part),
                "meets": int(part["status"].eq(MEETS).sum()),
                "fails": int(part["status"].eq(FAILS).sum()),
                "unknown": int(unknown.sum()),
                "unknown_share": float(unknown.mean()),
                "so_far": int(part["so_far"].eq(SO_FAR).sum()),
                "checked": len(checked),
                "open_share": float(checked.between(0.1, 0.9).mean()) if len(checked) else np.nan,
            }
        )
    return pd.DataFrame(rows)


def disagreements(judged: pd.DataFrame) -> pd.DataFrame:
    """How often two rules say the opposite of one program, as far as they can be checked.

    Parameters
    ----------
    judged : DataFrame
        From :func:`under_rules`.

    Returns
    -------
    DataFrame
        ``first``, ``second``, ``programs`` (judged by both), ``opposite``, ``share``; pairs that
        share no program are left out.

    Examples
    --------
    >>> judged = pd.DataFrame({"rule": ["x", "x", "y", "y"], "program_key": ["a", "b", "a", "b"],
    ...     "so_far": ["meets", "meets", "meets", "does not meet"]})
    >>> disagreements(judged).values.tolist()
    [['x', 'y', 2, 1, 0.5]]
    """
    said = judged.assign(yes=judged["so_far"].map({MEETS: 1.0, SO_FAR: 1.0, FAILS: 0.0})).pivot(
        index="program_key", columns="rule", values="yes"
    )
    order = [rule for rule in judged["rule"].unique() if rule in said]
    rows = []
    for first, second in combinations(order, 2):
        both = said[[first, second]].dropna()
        if len(both):
            opposite = int(both[first].ne(both[second]).sum())
            rows.append(
                {
                    "first": first,
                    "second": second,
                    "programs": len(both),
                    "opposite": opposite,
                    "share": opposite / len(both),
                }
            )
    return pd.DataFrame(rows, columns=["first", "second", "programs", "opposite", "share"])
