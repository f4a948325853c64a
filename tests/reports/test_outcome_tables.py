"""Outcomes by group: right means, and no small cell to be had from the rows that are shown."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.effects.levels import group_levels
from analysis.reports.outcome_tables import group_means
from analysis.reports.outcome_words import check_sentence, employment_sentence

GROUPINGS = [["race"], ["gender"], ["race", "gender"]]


def people(cells: dict[tuple[str, str], int]) -> pd.DataFrame:
    rows = [
        {"race": race, "gender": gender, "wage": float(10 * place + turn)}
        for place, ((race, gender), count) in enumerate(cells.items())
        for turn in range(count)
    ]
    return pd.DataFrame(rows)


def test_means_and_counts_of_the_shown_groups() -> None:
    frame = people({("a", "men"): 12, ("a", "women"): 20, ("b", "men"): 15, ("b", "women"): 11})
    table = group_means(frame, "wage", GROUPINGS, minimum_cell=10, confidence_level=0.95)
    found = table.set_index("group")
    assert found.loc["a women", "estimate"] == 10 + 9.5
    assert found.loc["a", "people"] == 32
    assert found.loc["men", "estimate"] == frame.loc[frame["gender"] == "men", "wage"].mean()
    assert not table["hidden"].any()


def test_a_small_cell_is_not_to_be_had_over_either_margin() -> None:
    """Three cells beside it go: its row and its column are both published as totals."""
    frame = people({("a", "men"): 4, ("a", "women"): 20, ("b", "men"): 15, ("b", "women"): 11})
    table = group_means(frame, "wage", GROUPINGS, minimum_cell=10, confidence_level=0.95)
    hidden = set(table.loc[table["hidden"], "group"])
    assert {"a men", "a women", "b men", "b women"} <= hidden
    assert table.loc[table["hidden"], ["estimate", "people"]].isna().all(axis=None)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=6, max_size=6))
def test_no_sum_of_shown_rows_gives_a_hidden_count_away(counts: list[int]) -> None:
    names = [(race, gender) for race in "abc" for gender in ("men", "women")]
    frame = people(dict(zip(names, counts, strict=True)))
    if len(frame) < 10:
        return
    table = group_means(frame, "wage", GROUPINGS, minimum_cell=10, confidence_level=0.95)
    levels = group_levels(frame, [tuple(columns) for columns in GROUPINGS])
    races, genders = (sorted(frame[name].unique()) for name in ("race", "gender"))
    cells = [(race, gender) for race in races for gender in genders]
    assert set(table["group"]) == {" ".join(level.values()) for level in levels} - {""}
    shown_names = set(table.loc[~table["hidden"], "group"])
    rows = {
        " ".join(level.values()): [
            float(all({"race": race, "gender": gender}[k] == v for k, v in level.items()))
            for race, gender in cells
        ]
        for level in levels
    }
    # everyone's total is known to a reader from other tables
    known = np.array([rows[name] for name in rows if name in shown_names or not name])
    for name in set(table["group"]) - shown_names:
        size = int(np.dot(rows[name], [counts[names.index(cell)] for cell in cells]))
        solution = np.linalg.lstsq(known.T, np.array(rows[name]), rcond=None)[0]
        recovered = np.abs(known.T @ solution - rows[name]).max() < 1e-9
        assert not (recovered and 0 < size < 10), (name, size)


def test_sentences_take_their_numbers_from_the_tables() -> None:
    counts = pd.DataFrame(
        {
            "credential": ["certificate", "degree"],
            "meets": [60, 90],
            "does not meet": [40, 10],
            "cannot be rated": [300, 500],
            "share": [0.4, 0.1],
            "interval_low": [0.31, 0.05],
            "interval_high": [0.5, 0.17],
        }
    )
    sentence = check_sentence(counts, 0.95)
    assert "Of 1,000 certificate" in sentence
    assert "80.0% cannot be rated" in sentence
    assert "40.0% (95% interval 31.0% to 50.0%)" in sentence
    means = pd.DataFrame(
        {
            "metric": ["employed_share"],
            "horizon": ["quarter 2 after exit"],
            "estimate": [0.65],
            "interval_low": [0.6],
            "interval_high": [0.7],
            "people": [59326.0],
        }
    )
    assert "In &lt;NJ&gt;, 65.0% (90% interval 60.0% to 70.0%) of 59,326 people" in (
        employment_sentence(means, "<NJ>", 0.9)
    )
    assert "cannot be shown" in employment_sentence(means.iloc[:0], "x", 0.9)
