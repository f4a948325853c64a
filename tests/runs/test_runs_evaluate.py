"""``workbench evaluate similarity``: a table of moves, and records in the layout of WIOA."""

from pathlib import Path

import pandas as pd
import pytest

from analysis.cli import main
from analysis.simulate.state import SimulatedState
from analysis.skills.observed_moves import SIZE
from analysis.tables.moves import read_moves
from analysis.tables.wioa_extracts import observed_moves
from analysis.tables.wioa_records import Records, connect, used_records


@pytest.fixture(scope="module")
def observed(simulated_records: Records) -> pd.DataFrame:
    """Moves of the SIMULATED state: nobody's, drawn without any regard to similarity."""
    with connect() as database:
        return observed_moves(database, used_records(simulated_records))


def evaluated(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = main(["evaluate", "similarity", *arguments])
    said = capsys.readouterr()
    assert "Traceback" not in said.out + said.err
    return code, said.out + said.err


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_the_table_is_read_as_it_is_written(observed: pd.DataFrame, tmp_path: Path, form: str):
    path = tmp_path / f"observed_moves.{form}"
    if form == "csv":
        observed.to_csv(path, index=False)
    else:
        observed.to_parquet(path)
    moves = read_moves(path).set_index(["origin", "target"])["weight"]
    kept = observed[observed["after"].eq("any") & observed["level"].eq("detailed")]
    assert set(observed["after"]) == {"any", "quarter 2", "quarter 4"}  # counted once all the same
    by_hand = kept[kept["origin_soc_code"] != kept["target_soc_code"]]
    assert moves.sum() == by_hand["people"].sum() > 1000
    pair = by_hand[["origin_soc_code", "target_soc_code"]].iloc[0].tolist()
    both = by_hand["origin_soc_code"].eq(pair[0]) & by_hand["target_soc_code"].eq(pair[1])
    assert moves[tuple(pair)] == by_hand.loc[both, "people"].sum()


def test_records_and_their_table_are_scored_alike_beside_the_baseline(
    mirror: Path,
    simulated: SimulatedState,
    observed: pd.DataFrame,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
):
    table = tmp_path / "observed_moves.csv"
    observed.to_csv(table, index=False)
    code, from_table = evaluated(capsys, "--pairs", str(table))
    assert code == 0
    assert evaluated(capsys, "--wioa", str(simulated.path)) == (0, from_table)
    lines = from_table.splitlines()
    assert "name an occupation that O*NET does not describe" in lines[0]
    assert lines[2].split() == ["measure", "AUC", "interval", "lift", "verdict"]
    baseline = next(line for line in lines if line.startswith(SIZE))
    assert baseline.endswith("the baseline")
    # the simulated moves follow the size of the destination alone, and this is what is said
    size_auc = float(baseline[52:58])
    blend = next(line for line in lines if line.startswith("MiniLM, mean of tasks"))
    assert float(blend[52:58]) < size_auc
    assert blend.endswith("does NOT beat the baseline")


def test_moves_between_groups_alone_are_one_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    path = tmp_path / "moves.csv"
    path.write_text("origin_soc_code,target_soc_code,after,level,trained,people\n"
                    "41-0000,31-0000,any,major,True,12\n")  # fmt: skip
    code, said = evaluated(capsys, "--pairs", str(path))
    assert code != 0
    assert "no move after participation is between two detailed occupations" in said


def test_a_file_of_records_that_is_not_there_is_one_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    code, said = evaluated(capsys, "--wioa", str(tmp_path / "none.csv"))
    assert code != 0
    assert "does not exist" in said
