"""The page on faults put into the code says what the files say, and every survivor is argued."""

from collections.abc import Callable
from types import ModuleType

import pandas as pd
import pytest

from analysis.paths import project_root

Script = Callable[[str], ModuleType]


@pytest.fixture
def written(script: Script) -> ModuleType:
    return script("benchmarks/mutant_page.py")


def test_the_page_is_that_of_the_files(written: ModuleType) -> None:
    assert written.PAGE.read_text("utf-8") == written.page(*written.read())


def test_every_survivor_is_argued_and_no_one_else(written: ModuleType) -> None:
    rows, argued, enumerated, _ = written.read()
    alive = rows[rows["first_outcome"] == "survived"]
    assert set(written.keys(alive)) == set(written.keys(argued))
    assert not argued["reason"].eq("").any()
    assert not rows.duplicated(written.KEY).any()
    assert set(rows["room"]) == set(enumerated.index)
    for module in rows["module"].unique():
        assert (project_root() / "src" / f"{module.replace('.', '/')}.py").is_file()


def test_no_mutant_of_the_sample_was_in_an_older_one(written: ModuleType) -> None:
    rows, _, _, draws = written.read()
    text = ["module", "operator", "before", "after"]
    before = pd.read_csv(written.RESULTS / "mutants_before.csv", keep_default_na=False)
    assert rows.merge(before[text], on=text).empty
    # all that were drawn were run
    assert rows["room"].value_counts().to_dict() == draws["drawn"].to_dict()


def test_shares_by_hand(written: ModuleType) -> None:
    """Eight of ten killed, one by time, two by a number on file: Wilson's is .490 to .943."""
    rows = pd.DataFrame({"room": "tiers", "line": range(10)}).assign(
        module="m", column=0, operator="o", occurrence=0
    )
    on_file = ["killed by a number on file"] * 2
    rows["first_outcome"] = ["killed"] * 5 + on_file + ["timed out"] + ["survived"] * 2
    # killed by a test that was written since: changes no share
    rows["outcome"] = ["killed"] * 9 + ["survived"]
    (found,) = written.shares(rows, rows.iloc[[9]], pd.Series({"tiers": 400})).to_dict("records")
    assert (found["mutants"], found["sampled"], found["killed"]) == (400, 10, 8)
    assert (found["survived"], found["argued"], found["on_file"]) == (2, 1, 2)
    assert (found["share"], found["share_without"]) == (0.8, 0.6)
    assert (found["low"], found["high"]) == pytest.approx((0.490, 0.943), abs=5e-4)
