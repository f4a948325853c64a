"""Who is served by each tier: by hand, hidden cells that cannot be recovered, the WIOA layout."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import WorkbenchError
from analysis.framework import load_framework
from analysis.reports.served_tables import hidden_in_margins, served_sentence
from analysis.simulate.state import simulate_state
from analysis.tables.user_files import read_user_table
from analysis.tables.wioa_extracts import program_outcomes
from analysis.tables.wioa_records import connect, read_wioa_records, used_relation
from analysis.tiers.benchmarks import against_chosen
from analysis.tiers.estimates import against_benchmark, at_quarter
from analysis.tiers.rating import rate_all
from analysis.tiers.who_is_served import ALL, served_by_tier

RULES = load_framework().with_tiers(simulation_draws=20)
LABELS = ["A", "B"]


def _rated() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "program_key": ["a", "b", "c", "d"],
            "provider_id": ["p", "p", "q", "r"],
            "tier": ["A", "B", "A", "cannot be rated"],
        }
    )


def _people(numbers: dict[str, tuple[float, float]]) -> pd.DataFrame:
    rows = [
        {"program_key": key, "by": "gender", "group": group, "n": n}
        for key, pair in numbers.items()
        for group, n in zip(("women", "men"), pair, strict=True)
    ]
    return pd.DataFrame(rows)


def test_shares_and_their_error_are_by_hand() -> None:
    people = _people({"a": (30, 10), "b": (20, 20), "c": (10, 30), "d": (99, 99)})
    found = served_by_tier(_rated(), people, LABELS, 0.95).set_index(["group", "tier"])
    top = found.loc[("women", "A")]
    assert (top["people"], top["people_of_tier"], top["share"]) == (40, 80, 0.5)
    # two providers: residuals 30 - 20 and 10 - 20; t with one degree of freedom is 12.7
    reach = 12.7062 * np.sqrt(2 / 1 * (100 + 100)) / 80
    assert reach > 0.5
    assert (top["interval_low"], top["interval_high"]) == (0.0, 1.0)
    # one provider alone has no interval, and a program that is not rated counts nowhere
    assert np.isnan(found.loc[("women", "B"), "interval_low"])
    assert found.loc[("women", ALL), "people_of_tier"] == 120


def test_several_rows_of_one_group_count_its_people_once() -> None:
    people = _people({"a": (30, 10), "b": (20, 20)})
    twice = pd.concat([people, people.assign(n=people["n"] - 5)])
    pd.testing.assert_frame_equal(
        served_by_tier(_rated(), twice, LABELS, 0.95),
        served_by_tier(_rated(), people, LABELS, 0.95),
    )


def test_programs_that_fit_nothing_are_an_error() -> None:
    with pytest.raises(WorkbenchError, match="no program of the outcomes by group"):
        served_by_tier(_rated(), _people({"x": (30, 10)}), LABELS, 0.95)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=12, max_size=12))
def test_no_sum_gives_a_hidden_cell_away(numbers: list[int]) -> None:
    cells = np.array(numbers, float).reshape(4, 3)
    rows = [
        {"by": "race", "group": f"g{i}", "tier": tier, "people": float(n)}
        for i, line in enumerate(np.column_stack([cells, cells.sum(1)]))
        for tier, n in zip(["A", "B", "C", ALL], line, strict=True)
    ]
    table = pd.DataFrame(rows)
    table["people_of_tier"] = table.groupby("tier")["people"].transform("sum")
    for name in ("share", "interval_low", "interval_high"):
        table[name] = 0.5
    found = hidden_in_margins(table, 10)
    assert not (found["people"] < 10).any()
    assert found.loc[found["hidden"], ["people", "share", "interval_low"]].isna().all(axis=None)
    for keys in ("tier", "group"):
        assert not found.groupby(keys)["hidden"].sum().eq(1).any()


@pytest.fixture(scope="module")
def extracts(tmp_path_factory: pytest.TempPathFactory) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Outcomes of a simulated state (synthetic), for all and by race, out of its WIOA records."""
    folder = tmp_path_factory.mktemp("served")
    made = simulate_state(folder / "state.csv", 60_000, seed=5)
    records = read_wioa_records(made.path, folder / "state.parquet")
    with connect() as database:
        relation = used_relation(records.path)
        whole = program_outcomes(database, relation)
        parts = [program_outcomes(database, relation, by) for by in ("race", "gender")]
    by_group = pd.concat(parts, ignore_index=True)
    by_group.to_csv(folder / "groups.csv", index=False)
    return whole, read_user_table(folder / "groups.csv", "group_outcomes")


def test_outcomes_by_group_in_the_wioa_layout_show_who_is_served(
    extracts: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    whole, by_group = extracts
    inputs = against_benchmark(
        at_quarter(whole, 4),
        title="Simulated state",
        benchmarks=pd.Series({"ZZ": 18_000.0}),
        default_benchmark=18_000.0,
        coefficient_of_variation=0.7,
        minimum_people=10,
        validity="randomised",
        rated=RULES.tiers.rated_metrics,
    )
    frame, _ = rate_all(against_chosen(inputs, None), RULES)
    served = served_by_tier(frame, by_group, RULES.tiers.labels, 0.95)
    shown = hidden_in_margins(served, RULES.disclosure.minimum_cell)
    for _, part in served.groupby(["by", "tier"]):
        assert part["people"].sum() == part["people_of_tier"].iloc[0]
    assert served[served["tier"].eq(ALL)].groupby("by")["share"].sum().round(9).eq(1).all()
    assert shown["hidden"].any()
    assert not (shown["people"] < RULES.disclosure.minimum_cell).any()
    # "not reported" stands under race and under gender: two groups, told apart
    assert (shown["group"].eq("not reported") & shown["tier"].eq(ALL)).sum() == 2
    sentence = served_sentence(shown, RULES.tiers.labels[0])
    share = shown[shown["group"].eq("women") & shown["tier"].eq("A")]["share"].iloc[0]
    assert f"women {share:.1%} of tier A" in sentence


def test_a_file_without_its_group_column_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("provider_id,cip_code,metric,horizon,value,n,by\np,51.0801,x,q,1,20,race\n")
    with pytest.raises(WorkbenchError, match="column 'group' is missing"):
        read_user_table(path, "group_outcomes")
