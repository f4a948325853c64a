"""Two sources on the same programs: what is matched, and the difference with its interval."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.metrics.agreement import (
    FIELD,
    INSTITUTION,
    agreement,
    earnings_cells,
    pairs,
    source_agreement,
)


def source(rows: list[tuple[str, str, float, float]], metric: str, quarter: int) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["provider", "cip_code", "value", "n"])
    table["provider"] = table["provider"].astype("str").where(table["provider"].notna())
    return table.assign(state="NJ", metric=metric, quarter=quarter)


def test_cells_are_means_over_people_a_year_at_the_latest_horizon() -> None:
    early = source([("A College", "51.0801", 1.0, 50)], "average_quarterly_wage", 2)
    late = source(
        [
            ("A College", "51.0801", 6_000.0, 30),
            ("The A College, Inc.", "51.0805", 9_000.0, 10),
            ("B School", "51.0801", 5_000.0, 4),
        ],
        "average_quarterly_wage",
        8,
    )
    cells = earnings_cells(pd.concat([early, late]), INSTITUTION, 10)
    # (30 × 6,000 + 10 × 9,000) / 40 × 4; four people of B are too few
    assert cells.to_dict() == {("NJ", "a college", "51.08"): 27_000.0}
    everyone = earnings_cells(late, FIELD, 10)
    assert everyone.loc[("NJ", "51.08")] == pytest.approx(4 * (180_000 + 90_000 + 20_000) / 44)


def test_the_difference_over_independent_cells_is_a_paired_t_test() -> None:
    random = np.random.default_rng(5)
    index = pd.Index([f"f{place}" for place in range(12)], name="field")
    first = pd.Series(random.normal(30_000, 5_000, 12), index=index)
    second = first + random.normal(2_000, 1_500, 12)
    found = agreement(pairs(first, second), "field", 0.95)
    low, high = stats.ttest_rel(second, first).confidence_interval(0.95)
    assert found["difference"] == pytest.approx((second - first).mean())
    assert (found["interval_low"], found["interval_high"]) == pytest.approx((low, high))
    assert found["spread"] == pytest.approx((second - first).std())


def test_a_source_without_names_is_compared_by_field_alone_and_says_so() -> None:
    nameless = source(
        [(np.nan, "51.0801", 6_000.0, 30), (np.nan, "48.0508", 7_000.0, 20)],
        "average_quarterly_wage",
        8,
    )
    named = source(
        [("A", "51.08", 26_000.0, np.nan), ("B", "48.05", 30_000.0, np.nan)],
        "median_annual_earnings",
        0,
    )
    table, both = source_agreement(nameless, named, 10, 0.95)
    assert table["matched"].tolist() == [0, 2]
    assert table["difference"].isna().tolist() == [True, False]
    assert table["difference"].iloc[1] == 2_000
    assert set(both["match"]) == {"same field in the state"}


def test_a_source_without_earnings_matches_nothing() -> None:
    shares = source([("A", "51.0801", 0.7, 30)], "employed_share", 2)
    named = source([("A", "51.08", 26_000.0, np.nan)], "median_annual_earnings", 0)
    table, both = source_agreement(shares, named, 10, 0.95)
    assert table["matched"].tolist() == [0, 0]
    assert not len(both)
