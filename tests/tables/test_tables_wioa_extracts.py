"""Moves, participants and outcomes of programs from the WIOA records, against a hand count."""

from pathlib import Path

import pandas as pd
import pytest

from analysis.simulate.state import simulate_state
from analysis.tables.wioa_extracts import effect_participants, observed_moves, program_outcomes
from analysis.tables.wioa_layout import wioa_layout
from analysis.tables.wioa_records import connect, read_wioa_records, used_records


@pytest.fixture(scope="module")
def relation(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    folder = tmp_path_factory.mktemp("extracts")
    made = simulate_state(folder / "state.csv", 12_000, seed=5)
    return used_records(read_wioa_records(made.path, folder / "state.parquet")), made.path


@pytest.fixture(scope="module")
def text(relation: tuple[str, Path]) -> pd.DataFrame:
    names = {element.heading: element.column for element in wioa_layout().elements}
    frame = pd.read_csv(relation[1], dtype="str", usecols=list(names)).rename(columns=names)
    entry = pd.to_datetime(frame["entry_date"], format="%Y%m%d", errors="coerce")
    leave = pd.to_datetime(frame["exit_date"], format="%Y%m%d", errors="coerce")
    whole = (frame["reportable_individual"] == "0") & entry.notna() & (leave >= entry)
    return frame[whole].drop_duplicates(["state", "person", "exit_date"])


def test_moves_are_counted_from_before_to_after(
    relation: tuple[str, Path], text: pd.DataFrame
) -> None:
    with connect() as database:
        moves = observed_moves(database, relation[0])
    known = text.dropna(subset=["occupation_before", "occupation_q2"])
    second = moves[moves["after"] == "quarter 2"]
    assert second["people"].sum() == len(known)
    trained = known["received_training"] == "1"
    one = known[
        trained & (known["occupation_before"] == "412031") & (known["occupation_q2"] == "533032")
    ]
    row = second[
        second["trained"]
        & (second["origin_soc_code"] == "41-2031")
        & (second["target_soc_code"] == "53-3032")
    ]
    assert row["people"].iloc[0] == len(one) > 0
    assert set(moves["level"]) <= {"detailed", "minor", "major"}


def test_coarsened_codes_are_marked_as_such(relation: tuple[str, Path]) -> None:
    with connect() as database:
        moves = observed_moves(database, relation[0]).set_index("target_soc_code")
    assert moves.loc[["31-1120"], "level"].eq("detailed").all()
    with connect() as database:
        database.execute(
            "CREATE TABLE few AS SELECT '1' AS received_training, DATE '2021-01-01' AS entry_date,"
            " '0' AS reportable_individual, unnest(['31-1120', '31-0000', '31-1000']) AS"
            " occupation_before, '47-2061' AS occupation_after, NULL::VARCHAR AS occupation_q2,"
            " NULL::VARCHAR AS occupation_q4"
        )
        levels = observed_moves(database, "few").set_index("origin_soc_code")["level"]
    assert levels.to_dict() == {"31-0000": "major", "31-1000": "minor", "31-1120": "detailed"}


def test_participants_are_the_trained_and_the_merely_assisted(
    relation: tuple[str, Path], text: pd.DataFrame
) -> None:
    with connect() as database:
        people = effect_participants(database, relation[0])
    counted = text[text["exit_reason"] == "00"].set_index("person")
    assert len(people) == len(counted)
    # folds are dealt in the order of rows: it must be the same in every run
    assert people[["state", "person"]].apply(tuple, axis=1).is_monotonic_increasing
    assert people["treated"].sum() == (counted["received_training"] == "1").sum()
    found = people.set_index("person")
    idle = counted.index[counted["employed_q2"] == "0"]
    unknown = counted.index[counted["employed_q2"] == "9"]
    assert (found.loc[idle, "wage_after_2"] == 0).all()
    assert found.loc[unknown, "wage_after_2"].isna().all()
    assert found["wage_before_3"].sum() == counted["wage_before_3"].astype(float).sum()


def test_outcomes_of_a_program_by_gender_are_its_people_s(
    relation: tuple[str, Path], text: pd.DataFrame
) -> None:
    with connect() as database:
        all_people = program_outcomes(database, relation[0])
        by_gender = program_outcomes(database, relation[0], "gender")
    counted = text[(text["exit_reason"] == "00") & (text["received_training"] == "1")]
    provider, cip = counted.groupby(["provider", "cip_code"]).size().idxmax()
    inside = counted[(counted["provider"] == provider) & (counted["cip_code"] == cip)]
    women = inside[(inside["sex"] == "2") & inside["employed_q2"].isin(["0", "1"])]
    code = f"{cip[:2]}.{cip[2:]}"
    rows = by_gender[(by_gender["provider"] == provider) & (by_gender["cip_code"] == code)]
    row = rows[
        (rows["group"] == "women") & (rows["metric"] == "employed_share") & (rows["quarter"] == 2)
    ].iloc[0]
    assert row["n"] == len(women)
    assert row["value"] == pytest.approx((women["employed_q2"] == "1").mean(), rel=1e-12)
    paid = women[women["employed_q2"] == "1"]["wage_after_2"].astype(float)
    wage = rows[
        (rows["group"] == "women")
        & (rows["metric"] == "average_quarterly_wage")
        & (rows["quarter"] == 2)
    ].iloc[0]
    assert wage["value"] == pytest.approx(paid.mean(), rel=1e-12)
    total = all_people.groupby(["metric", "quarter"])["n"].sum()
    assert by_gender.groupby(["metric", "quarter"])["n"].sum().equals(total)
