"""What four ways of reading the federal records say, beside a truth that is known."""

from typing import Any

import pandas as pd

from analysis.effects import difference_in_means
from analysis.effects.matched_cells import earnings_bands, matched_effect
from analysis.effects.simulated_records import CELLS, RACES, TRUE_EFFECTS, simulated_records
from analysis.framework import Estimation
from analysis.reports.html_tables import Column
from analysis.reports.words import number

PEOPLE = 40_000
EARLIER = ["wages_q-3", "wages_q-2", "wages_q-1"]
COLUMNS = {
    "method": Column("Read by"),
    "group": Column("Group"),
    "estimate": Column("Says (dollars a quarter)", "dollars"),
    "interval_low": Column("Interval, from", "dollars"),
    "interval_high": Column("to", "dollars"),
    "truth": Column("Truth (dollars a quarter)", "dollars"),
    "error": Column("Errs by (dollars)", "dollars"),
    "unmatched_share": Column("Trained people left out", "share"),
    "people": Column("Trained people", "count"),
}
BEFORE_AFTER = "gain from before to after"
MATCHED = "matched contrast"


def record_rows(rules: Estimation) -> pd.DataFrame:
    """Raw gain, plain contrast, difference-in-differences and matched contrast, with their errors.

    Returns
    -------
    DataFrame
        Four methods for everyone and each race, on simulated records (see
        :mod:`analysis.effects.simulated_records`): ``method``, ``group``, ``estimate``,
        ``standard_error``, ``interval_low``, ``interval_high``, ``truth``, ``error``,
        ``unmatched_share``, ``people``.
    """
    people = simulated_records(PEOPLE, rules.seed)
    people["band_before"] = earnings_bands(people[EARLIER].sum(axis=1), 5)
    people["band_last"] = earnings_bands(people["wages_q-1"], 3)
    people["gain"] = people["wages_q4"] - people["wages_q-1"]
    rows: list[dict[str, Any]] = []
    for group in ("all", *RACES):
        part = people if group == "all" else people[people["race"] == group]
        trained = part[part["treated"] == 1]
        truth = float(trained["race"].map(TRUE_EFFECTS).mean())
        for method, estimate, error, left_out in _readings(part, group == "all"):
            reach = 1.959964 * error
            rows.append(
                {
                    "method": method,
                    "group": group,
                    "estimate": estimate,
                    "standard_error": error,
                    "interval_low": estimate - reach,
                    "interval_high": estimate + reach,
                    "truth": truth,
                    "error": estimate - truth,
                    "unmatched_share": left_out,
                    "people": len(trained),
                }
            )
    return pd.DataFrame(rows)


def _readings(part: pd.DataFrame, with_race: bool) -> list[tuple[str, float, float, float]]:
    trained = part[part["treated"] == 1]
    gain = trained["gain"]
    plain = difference_in_means(part["wages_q4"], part["treated"])
    change = difference_in_means(part["gain"], part["treated"])
    cells = [*CELLS, "band_before", "band_last", *(["race"] if with_race else [])]
    matched = matched_effect(part, "wages_q4", cells, adjust=EARLIER)
    return [
        (BEFORE_AFTER, float(gain.mean()), float(gain.sem()), 0.0),
        ("trained less job search only", plain.estimate, plain.standard_error, 0.0),
        ("difference-in-differences", change.estimate, change.standard_error, 0.0),
        (
            MATCHED,
            matched.effect.estimate,
            matched.effect.standard_error,
            matched.unmatched_share,
        ),
    ]


def record_sentence(rows: pd.DataFrame) -> str:
    """What the table says in words, with mean reversion explained."""
    every = rows[rows["group"] == "all"].set_index("method")
    raw, matched = every.loc[BEFORE_AFTER], every.loc[MATCHED]
    return (
        "People come for help after a bad quarter, and most of it would have passed without any "
        "program. So the gain from before to after, "
        f"{number(raw['estimate'], 'dollars')} a quarter, is mostly the way back and not the "
        f"program, whose true effect here is {number(raw['truth'], 'dollars')}. Comparing "
        "trained people with others of the same state, quarter, schooling, age, barriers, earlier "
        f"occupation and earlier earnings says {number(matched['estimate'], 'dollars')}."
    )
