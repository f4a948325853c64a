"""Unbeaten programs: by hand, and as laws that hold for any programs."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import WorkbenchError
from analysis.guide.trade_offs import AIMS, unbeaten_programs

LABELS = ["A", "B", "C", "D"]
ALL = list(AIMS)
ROW = st.tuples(
    st.sampled_from([*LABELS, None]),
    st.one_of(st.none(), st.floats(0, 1)),
    st.one_of(st.none(), st.integers(0, 20_000)),
    st.one_of(st.none(), st.integers(1, 100)),
)


def frame(rows: list) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["tier", "coverage", "cost", "weeks"])
    return table.assign(program=[str(i) for i in range(len(table))])


def test_by_hand():
    found = unbeaten_programs(
        frame(
            [("A", 0.9, 5000, 80), ("B", 0.9, 900, 16), ("B", 0.8, 1000, 16), (None, None, 0, 4)]
        ),
        tier_labels=LABELS, aims=ALL,
    )  # fmt: skip
    # the third is beaten by the second; the last is the cheapest and shortest
    assert found["program"].tolist() == ["0", "1", "3"]
    assert found["best_in"].tolist() == ["tier, coverage", "coverage", "cost, weeks"]


@given(st.lists(ROW, min_size=1, max_size=12))
def test_every_beaten_program_is_beaten_by_an_unbeaten_one(rows):
    programs = frame(rows)
    found = unbeaten_programs(programs, tier_labels=LABELS, aims=ALL)
    assert len(found) >= 1
    again = unbeaten_programs(found.drop(columns="best_in"), tier_labels=LABELS, aims=ALL)
    assert again["program"].tolist() == found["program"].tolist()
    for name in set(programs["program"]) - set(found["program"]):
        with_it = pd.concat([found, programs[programs["program"] == name]])
        kept = unbeaten_programs(with_it, tier_labels=LABELS, aims=ALL)
        assert name not in set(kept["program"])


@given(st.lists(ROW, min_size=1, max_size=12), st.randoms())
def test_the_order_of_programs_never_matters(rows, random):
    programs = frame(rows)
    order = list(programs.index)
    random.shuffle(order)
    one = unbeaten_programs(programs, tier_labels=LABELS, aims=ALL)
    other = unbeaten_programs(programs.loc[order], tier_labels=LABELS, aims=ALL)
    assert set(one["program"]) == set(other["program"])


def test_silence_never_wins():
    known = ("B", 0.5, 3000, 40)
    found = unbeaten_programs(frame([known, ("B", None, None, None)]), tier_labels=LABELS, aims=ALL)
    assert found["program"].tolist() == ["0"]


def test_an_aim_that_is_none_is_refused():
    with pytest.raises(WorkbenchError, match=r"guide\.aims: 'fame'.*Choose among tier"):
        unbeaten_programs(frame([("A", 1.0, 1, 1)]), tier_labels=LABELS, aims=["fame"])
    assert unbeaten_programs(frame([]), tier_labels=LABELS, aims=["cost"]).empty
