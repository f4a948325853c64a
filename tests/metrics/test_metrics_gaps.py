"""Gaps between groups, equal composition, and what cannot be rated."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep

from analysis.framework import load_framework
from analysis.metrics.gaps import gaps
from analysis.metrics.indicators import Population, indicator_table
from analysis.metrics.intervals import wilson_interval
from analysis.metrics.rating import fewest_people, headline, not_reported_share, rating
from analysis.metrics.standardised import (
    standardised_cells,
    standardised_gaps,
    standardised_shares,
)
from analysis.tables.wioa_records import Records, connect, used_records

FRAMEWORK = load_framework()


def two_groups(met: tuple[int, int], known: tuple[int, int]) -> pd.DataFrame:
    share = pd.Series(met) / pd.Series(known)
    table = pd.DataFrame({"by": "gender", "group": ["women", "men"], "indicator": "employed_q2"})
    table = table.assign(measure="share", known=known, met=met, estimate=share, standard_error=0.0)
    return table.join(wilson_interval(share, pd.Series(known)))


@pytest.mark.parametrize("met", [(56, 48), (9, 3), (80, 1)])
def test_gap_of_shares_is_newcombe_s_and_katz_s(met: tuple[int, int]) -> None:
    row = gaps(two_groups(met, (80, 70)), 0.95).iloc[0]
    newcombe = confint_proportions_2indep(met[0], 80, met[1], 70, method="newcomb")
    assert (row["difference_low"], row["difference_high"]) == pytest.approx(newcombe, rel=1e-9)
    katz = confint_proportions_2indep(
        met[0], 80, met[1], 70, compare="ratio", method="log", correction=False
    )
    assert (row["ratio_low"], row["ratio_high"]) == pytest.approx(katz, rel=1e-9)
    assert row["difference"] == pytest.approx(met[0] / 80 - met[1] / 70)


def test_newcombe_s_published_example() -> None:
    """Newcombe (1998), table II: 56/70 less 48/80 has limits 0.0524 and 0.3339 (method 10)."""
    row = gaps(two_groups((56, 48), (70, 80)), 0.95).iloc[0]
    assert round(row["difference_low"], 4) == 0.0524
    assert round(row["difference_high"], 4) == 0.3339


def test_a_ratio_to_nobody_is_missing() -> None:
    row = gaps(two_groups((5, 0), (80, 70)), 0.95).iloc[0]
    assert np.isnan(row["ratio"])
    assert np.isfinite(row["difference_low"])


def test_crosses_are_beside_the_crossed_reference(simulated_records: Records) -> None:
    with connect() as database:
        population = Population(used_records(simulated_records))
        table = indicator_table(database, population, [("race", "gender")], FRAMEWORK)
    found = gaps(table, 0.95)
    assert set(found["reference"]) == {"white men"}
    assert "white men" not in set(found["group"])
    mean = found[(found["indicator"] == "wage_progression") & (found["group"] == "Black women")]
    rows = table[table["indicator"] == "wage_progression"].set_index("group")
    one, two = rows.loc["Black women"], rows.loc["white men"]
    assert mean["difference"].iloc[0] == one["estimate"] - two["estimate"]
    reach = 1.959964 * np.hypot(one["standard_error"], two["standard_error"])
    assert mean["difference_high"].iloc[0] == pytest.approx(
        one["estimate"] - two["estimate"] + reach, abs=1e-3
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 50), st.integers(1, 50)), min_size=2, max_size=5))
def test_equal_shares_in_each_stratum_leave_no_gap(sizes: list[tuple[int, int]]) -> None:
    """Groups that differ by composition alone are equal once it is held the same."""
    rows = [
        {"group": group, "s": stratum, "n": 10 * n, "met": (stratum + 1) * n}
        for stratum, pair in enumerate(sizes)
        for group, n in zip("ab", pair, strict=True)
    ]
    found = standardised_cells(pd.DataFrame(rows), ["s"], 0.95)
    assert found["estimate"].iloc[0] == pytest.approx(found["estimate"].iloc[1], abs=1e-12)
    assert np.allclose(found["weight_covered"], 1)


def test_strata_without_people_of_a_group_are_left_out_and_told() -> None:
    cells = pd.DataFrame(
        {"group": list("aab"), "s": [1, 2, 1], "n": [60, 20, 20], "met": [30, 20, 10]}
    )
    found = standardised_cells(cells, ["s"], 0.95).set_index("group")
    assert found.loc["b", "weight_covered"] == pytest.approx(0.8)
    assert found.loc["b", "estimate"] == pytest.approx(0.5)
    assert found.loc["a", "estimate"] == pytest.approx(0.8 * 0.5 + 0.2)


def test_standardised_shares_equal_a_hand_count(
    simulated_records: Records, simulated_text: pd.DataFrame
) -> None:
    with connect() as database:
        population = Population(used_records(simulated_records))
        found = standardised_shares(
            database, population, "race", ["gender", "schooling_level"], FRAMEWORK, ["employed_q4"]
        ).set_index("group")
    text = simulated_text
    text = text[(text["reportable_individual"] == "0") & (text["exit_reason"] == "00")]
    text = text[text["employed_q4"].isin(["0", "1"])].assign(
        y=lambda frame: (frame["employed_q4"] == "1").astype(float),
        gender=lambda frame: frame["sex"].map({"1": "men", "2": "women"}).fillna("none"),
        level=lambda frame: (
            frame["schooling"]
            .map(
                {
                    **dict.fromkeys("123", "h"),
                    **dict.fromkeys("456", "c"),
                    "0": "n",
                    "7": "b",
                    "8": "b",
                }
            )
            .fillna("none")
        ),
    )
    weights = text.groupby(["gender", "level"]).size() / len(text)
    black = text[text["race_ethnicity"] == "3"].groupby(["gender", "level"])["y"].mean()
    assert found.loc["Black", "estimate"] == pytest.approx(
        (black * weights[black.index]).sum() / weights[black.index].sum(), rel=1e-12
    )


def test_an_adjusted_gap_is_the_difference_of_two_adjusted_shares_with_its_own_interval(
    simulated_records: Records,
) -> None:
    with connect() as database:
        people = Population(used_records(simulated_records))
        shares = standardised_shares(
            database, people, "gender", ["schooling_level"], FRAMEWORK, ["employed_q2"]
        )
    rows = shares.assign(raw=shares["estimate"] + 0.1)
    found = standardised_gaps(rows, 0.95).set_index("group")
    one, two = (shares.set_index("group").loc[name] for name in ("women", "men"))
    row = found.loc["women"]
    assert "men" not in found.index
    assert row["difference"] == pytest.approx(one["estimate"] - two["estimate"])
    error = np.sqrt(one["standard_error"] ** 2 + two["standard_error"] ** 2)
    assert row["difference_high"] - row["difference"] == pytest.approx(1.959964 * error, rel=1e-6)
    assert row["ratio_low"] < row["ratio"] < row["ratio_high"]
    assert np.log(row["ratio_high"] / row["ratio"]) == pytest.approx(
        1.959964
        * np.sqrt(
            (one["standard_error"] / one["estimate"]) ** 2
            + (two["standard_error"] / two["estimate"]) ** 2
        ),
        rel=1e-6,
    )
    # without the reference there is nothing to stand beside
    assert standardised_gaps(rows[rows["group"] != "men"], 0.95).empty


def test_a_metric_s_own_fewest_people_decide_whether_it_can_be_rated() -> None:
    metrics = [
        metric.model_copy(update={"minimum_people": 45}) if metric.id == "credential" else metric
        for metric in FRAMEWORK.metrics
    ]
    own = FRAMEWORK.model_copy(update={"metrics": metrics})
    rows = pd.DataFrame({"indicator": ["credential", "employed_q2"], "known": 40, "people": 40,
                         "coverage": 1.0})  # fmt: skip
    fewest = fewest_people(rows["indicator"], own)
    assert fewest.tolist() == [45, own.tiers.minimum_people]
    status = rating(rows, minimum_people=fewest, minimum_coverage=0.5)
    assert status.tolist() == ["cannot be rated: too few people", "can be rated"]


def test_cannot_be_rated_gives_the_first_reason_and_is_counted_by_group() -> None:
    table = pd.DataFrame(
        {
            "by": "gender",
            "group": ["women", "women", "women", "men", "men", "men"],
            "known": [50, 5, 0, 0, 30, 30],
            "people": [60, 6, 4, 40, 60, 40],
        }
    ).assign(coverage=lambda frame: frame["known"] / frame["people"])
    excluded = pd.Series([False, False, False, False, False, True])
    status = rating(table, minimum_people=10, minimum_coverage=0.7, excluded=excluded)
    assert status.tolist() == [
        "can be rated",
        "cannot be rated: too few people",
        "cannot be rated: too few people",
        "cannot be rated: not reported",
        "cannot be rated: too many outcomes unknown",
        "cannot be rated: quality of the state's report",
    ]
    counts = headline(table, status, ["by", "group"]).set_index(["group", "status"])
    assert counts.loc[("women", "cannot be rated: too few people"), "programs"] == 2
    assert counts.loc[("women", "can be rated"), "share_of_people"] == pytest.approx(60 / 70)


def test_the_not_reported_are_counted_for_each_way_to_divide(simulated_records: Records) -> None:
    with connect() as database:
        population = Population(used_records(simulated_records))
        table = indicator_table(
            database, population, [(), ("race",), ("gender",)], FRAMEWORK,
            indicators=["employed_q2"],
        )  # fmt: skip
    found = not_reported_share(table).set_index("by")
    # six in a hundred lack race by the simulator's design
    assert 0.05 < found.loc["race", "share"] < 0.07
    assert set(found.index) == {"race", "gender"}
