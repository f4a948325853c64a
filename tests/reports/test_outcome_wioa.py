"""Metrics of a simulated state as the report shows them: complete, protected, named."""

import numpy as np
import pandas as pd
import pytest

from analysis.errors import WorkbenchError
from analysis.framework import load_framework
from analysis.metrics.exempt import exempt_rows
from analysis.metrics.gaps import gaps
from analysis.metrics.indicators import Population, indicator_table
from analysis.metrics.links import observed_links
from analysis.metrics.trust import with_trust
from analysis.metrics.validity import excluded_rows
from analysis.reports.disclosure_facts import Counted, Linked
from analysis.reports.disclosure_ledger import Ledger
from analysis.reports.outcome_hiding import safe_together, with_empty_cells
from analysis.reports.outcome_wioa import program_headline, quality_summary, wioa_figures
from analysis.tables.wioa_records import Records, connect, used_records

COUNTED = Counted("wioa", ("race", "gender"))
SETS: list[tuple[str, ...]] = [(), ("race",), ("gender",), ("race", "gender")]


@pytest.fixture(scope="module")
def table(simulated_records: Records) -> pd.DataFrame:
    with connect() as database:
        population = Population(used_records(simulated_records))
        return indicator_table(
            database, population, SETS, load_framework(), indicators=["employed_q2", "completed"]
        )


@pytest.fixture(scope="module")
def linked(simulated_records: Records) -> Linked:
    with connect() as database:
        population = Population(used_records(simulated_records))
        names = ["employed_q2", "completed"]
        return Linked(("",), *observed_links(database, population, names, {}, load_framework()))


@pytest.fixture(scope="module")
def safe(table: pd.DataFrame, linked: Linked) -> pd.DataFrame:
    return safe_together({"": (table, COUNTED)}, linked, load_framework())[""]


def test_no_small_count_is_shown_or_derived(safe: pd.DataFrame, linked: Linked) -> None:
    shown = safe[~safe["hidden"]]
    missed = shown["known"] - shown["met"]
    assert shown[["people", "known", "met"]].min(axis=None) >= 10
    assert missed.min() >= 10
    numbers = ["people", "known", "met", "estimate", "bound_low", "standard_error"]
    assert safe.loc[safe["hidden"], numbers].isna().all(axis=None)
    ledger = Ledger(10, linked={"wioa": linked})
    ledger.add("safe", safe, COUNTED)
    ledger.check()
    # the margins are shown but for the smallest race; of the crosses more than a quarter
    single = safe[safe["by"].isin(["race", "gender"])]
    assert single["hidden"].mean() < 0.2
    assert safe["hidden"].mean() < 0.6


def test_hiding_small_rows_alone_is_refused_at_the_door(
    table: pd.DataFrame, linked: Linked
) -> None:
    """A deliberately leaky build: each table hides its own small rows and no more."""
    counts = ["people", "known", "met"]
    small = table[counts].assign(missed=table["known"] - table["met"]).min(axis=1) < 10
    assert small.any()
    ledger = Ledger(10, linked={"wioa": linked})
    ledger.add("outcomes", table.assign(**{n: table[n].mask(small) for n in counts}), COUNTED)
    with pytest.raises(WorkbenchError, match=r"table 'outcomes' gives away '\w+' of \w+ for"):
        ledger.check()


def test_a_rounded_table_has_rounded_counts_and_their_shares(
    table: pd.DataFrame, linked: Linked
) -> None:
    framework = load_framework()
    disclosure = framework.disclosure.model_copy(update={"round_to": 5})
    rule = framework.model_copy(update={"disclosure": disclosure})
    done = safe_together({"": (table, COUNTED)}, linked, rule)[""]
    shown = done[~done["hidden"]]
    assert (shown[["people", "known", "met"]] % 5 == 0).all(axis=None)
    assert np.allclose(shown["estimate"], shown["met"] / shown["known"])


def test_crosses_that_nobody_is_in_have_a_row_too(table: pd.DataFrame) -> None:
    one = table[table["indicator"] == "completed"].reset_index(drop=True)
    lacking = one[one["group"] != "Asian women"].reset_index(drop=True)
    whole = with_empty_cells(lacking, ["race", "gender"])
    row = whole[whole["group"] == "Asian women"].iloc[0]
    assert (row["people"], row["race"], row["gender"]) == (0, "Asian", "women")
    assert len(whole[whole["by"] == "race and gender"]) == 8 * 3


def test_gaps_and_figures_rest_on_shown_rows_alone(safe: pd.DataFrame) -> None:
    shown = safe[~safe["hidden"]]
    between = gaps(shown, 0.95)
    assert between[["people", "reference_people"]].min(axis=None) >= 10
    trusted = with_trust(safe, load_framework(), "simulated:wioa", measured="2022-05-31")
    figures = list(wioa_figures(trusted, "simulated"))
    assert "validity level 3, 4.5 years old" in figures[0]["note"]
    names = [figure["name"] for figure in figures]
    assert len(set(names)) == len(names) == int(shown["estimate"].notna().sum())
    assert "simulated.employed_q2.race.Black" in names
    assert all(np.isfinite(figure["interval"]).all() for figure in figures)


def test_headline_counts_every_program_once(simulated_records: Records) -> None:
    with connect() as database:
        population = Population(used_records(simulated_records), only="received_training = '1'")
        by_program = indicator_table(
            database,
            population,
            [(), ("gender",)],
            load_framework(),
            over=("provider", "cip_code"),
            indicators=["employed_q2"],
        )
    counts = program_headline(by_program, 10, 0.7, smallest_cell=10)
    everyone = counts[counts["by"] == "all"]
    assert everyone["programs"].sum() == len(by_program[by_program["by"] == "all"])
    assert everyone["share_of_programs"].sum() == pytest.approx(1)
    assert {"can be rated", "cannot be rated: too few people"} <= set(everyone["status"])
    whole = by_program.loc[by_program["by"] == "all", "people"].sum()
    assert everyone["people"].sum() == whole
    assert everyone["share_of_people"].sum() == pytest.approx(1)
    # no number of people by group: sums over small programs would give some away
    assert counts.loc[counts["by"] != "all", "people"].isna().all()


def test_a_small_number_of_people_and_the_next_are_left_out_of_the_headline() -> None:
    known = [40] * 3 + [8] * 2 + [0]
    table = pd.DataFrame({"by": "all", "group": "all", "name": "Employed", "known": known})
    table["people"] = [50.0] * 3 + [4.0] * 2 + [60.0]
    table["coverage"] = table["known"] / table["people"]
    counts = program_headline(table, 10, 0.1, smallest_cell=10).set_index("status")
    assert counts["programs"].tolist() == [3, 2, 1]
    # 8 people are too few to say; with 60 unsaid beside them no total gives them away
    assert counts["people"].fillna(0).tolist() == [150, 0, 0]


def test_findings_and_exemptions_reach_the_rating(simulated_records: Records) -> None:
    """A finding on the state excludes one metric and one way to divide people, and no others."""
    over = ("state", "provider", "cip_code")
    relation = used_records(simulated_records)
    with connect() as database:
        chosen = database.execute(
            f"SELECT state, provider, cip_code FROM {relation} WHERE received_training = '1' "
            "GROUP BY ALL ORDER BY count(*) DESC, provider, cip_code LIMIT 1"
        ).fetchall()[0]
        apprentices = (
            "(SELECT * REPLACE (CASE WHEN provider = '{1}' AND cip_code = '{2}' THEN '09' "
            "ELSE training_type END AS training_type) FROM {relation})"
        ).format(*chosen, relation=relation)
        people = Population(apprentices, only="received_training = '1'")
        table = indicator_table(
            database, people, [(), ("gender",)], load_framework(), over=over,
            indicators=["employed_q2", "employed_q4"],
        )  # fmt: skip
        exempt = exempt_rows(database, people, table, over)
    is_chosen = table[list(over)].eq(list(chosen)).all(axis=1)
    assert exempt.tolist() == is_chosen.tolist()
    verdicts = pd.DataFrame(
        {"state": [chosen[0]], "id": ["employed_q4"], "consequence": ["excluded"]}
    )
    excluded = excluded_rows(table, verdicts)
    assert excluded.tolist() == table["indicator"].eq("employed_q4").tolist()
    counts = program_headline(table, 10, 0.7, smallest_cell=10, excluded=excluded, exempt=exempt)
    everyone = counts[counts["by"] == "all"].set_index(["name", "status"])["programs"]
    quarter_2, quarter_4 = (everyone[name] for name in table.drop_duplicates("indicator")["name"])
    assert quarter_2["cannot be rated: exempt"] == 1
    assert quarter_2["can be rated"] > 0
    # in the fourth quarter nothing is rated: one exempt, the others for the state's report
    assert set(quarter_4.index) == {
        "cannot be rated: exempt",
        "cannot be rated: quality of the state's report",
    }
    assert quarter_4.sum() == quarter_2.sum()


def test_quality_names_metrics_and_states() -> None:
    rows = [
        ("OH", "metric", "completed", "Completed", "excluded"),
        ("PW", "metric", "completed", "Completed", "excluded"),
        ("CA", "group", "race", "Race", "level lowered"),
        ("TX", "group", "race", "Race", "noted"),
    ]
    verdicts = pd.DataFrame(rows, columns=["state", "kind", "id", "name", "consequence"])
    table = quality_summary(verdicts)
    assert table.to_numpy().tolist() == [
        ["Completed", "excluded", 2, "OH, PW"],
        ["Race", "level lowered", 1, "CA"],
    ]


def test_no_median_is_one_person_s_wage(simulated_records: Records) -> None:
    """Of an odd count the exact median is somebody's wage; what is shown is a step."""
    framework = load_framework()
    with connect() as database:
        population = Population(used_records(simulated_records))
        names = ["median_earnings_q2"]
        exact = indicator_table(database, population, SETS, framework, indicators=names)
        links = Linked(("",), *observed_links(database, population, names, {}, framework))
    shown = safe_together({"": (exact, COUNTED)}, links, framework)[""]
    shown = shown[~shown["hidden"]].merge(exact, on=["by", "group"], suffixes=("", "_exact"))
    assert len(shown) > 3
    step = framework.disclosure.quantile_step
    for name in ("estimate", "interval_low", "interval_high", "bound_low", "bound_high"):
        assert (shown[name] % step == 0).all()
        assert (shown[name] - shown[f"{name}_exact"]).abs().max() < step
    assert (shown["estimate_exact"] % step != 0).any()
    # the interval covers what the exact one does
    assert (shown["interval_low"] <= shown["interval_low_exact"]).all()
    assert (shown["interval_high"] >= shown["interval_high_exact"]).all()


def test_a_mean_that_one_person_dominates_cannot_be_had_from_the_others() -> None:
    """Many people and one large amount: the total less the shown groups would give its mean."""
    races = ["", "Black", "Hispanic", "white"]
    people = [300.0, 120.0, 80.0, 100.0]
    rows = pd.DataFrame(
        {"race": races, "by": ["all", *["race"] * 3], "group": ["all", *races[1:]],
         "indicator": "wage_progression", "name": "Wage progression", "measure": "mean",
         "people": people, "known": people, "met": np.nan, "estimate": [50.0, 40.0, 90.0, 30.0],
         "dominated": [False, False, True, False]}
    )  # fmt: skip
    rest = ["standard_error", "interval_low", "interval_high", "coverage", "bound_low"]
    rows[[*rest, "bound_high", "assumed"]] = 1.0
    framework, counted = load_framework(), Counted("wioa", ("race",))
    done = safe_together({"": (rows, counted)}, Linked(("",)), framework)[""].set_index("group")
    assert done["hidden"].to_dict() == {
        "all": False, "Black": False, "Hispanic": True, "white": True
    }  # fmt: skip
    assert done.loc[["Hispanic", "white"], ["estimate", "people"]].isna().all(axis=None)
