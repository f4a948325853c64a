"""The threshold's table: the bootstrap of each set, what it moves, and sets that have none."""

import numpy as np
import pandas as pd

from analysis.framework import load_framework
from analysis.reports.threshold_tables import threshold_figures, threshold_rows
from analysis.tiers.normal_model import fit_normal_model
from analysis.tiers.rating import Rating, rate_set
from analysis.tiers.threshold_bootstrap import posterior_mean_cut, threshold_interval

RULES = load_framework().with_tiers(simulation_draws=40)


def _rating(spread: float = 6_000.0, providers: int = 40, centre: float = 0.0) -> Rating:
    generator = np.random.default_rng(2)
    error = 2_000 * np.exp(0.4 * generator.normal(size=200))
    programs = pd.DataFrame(
        {
            "program_key": [f"p{i}" for i in range(200)],
            "provider_id": [f"q{i % providers}" for i in range(200)],
            "estimate": centre
            + spread * generator.normal(size=200)
            + error * generator.normal(size=200),
            "standard_error": error,
            "validity": "randomised",
            "compared_with": "set",
            "source_id": "test",
        }
    )
    # the bootstrap is of the normal law, whatever law the tiers are given by
    return rate_set(programs, RULES.with_tiers(law="normal"))


def test_the_threshold_is_the_lowest_value_that_keeps_the_promise_on_average() -> None:
    rating = _rating()
    row = threshold_rows({"set": rating}, RULES).iloc[0]
    above = rating.frame["shrunk"] >= row["cut"] - 1e-6
    # its programs keep the promise, and one program more would break it
    assert rating.frame.loc[above, "chance_not_above"].mean() <= RULES.tiers.alpha
    best = rating.frame.sort_values("shrunk", ascending=False).head(int(above.sum()) + 1)
    assert best["chance_not_above"].mean() > RULES.tiers.alpha
    assert row["interval_low"] < row["cut"] < row["interval_high"]
    assert row["above_at_high"] <= row["above"] <= row["above_at_low"]
    (figure,) = threshold_figures(
        threshold_rows({"set": rating}, RULES), rating.frame, RULES.tiers.unit
    )
    assert figure["name"] == "set.top_threshold"
    assert figure["estimate"] == row["cut"]


def test_no_threshold_without_sure_programs_or_with_one_provider() -> None:
    poor = threshold_rows({"set": _rating(spread=500.0, centre=-20_000.0)}, RULES)
    assert poor["cut"].isna().all()
    assert poor["without_cut"].tolist() == [1.0]
    alone = threshold_rows({"set": _rating(providers=1)}, RULES)
    assert alone["cut"].isna().all()
    assert threshold_figures(alone, pd.DataFrame(), "dollars a year") == []


def test_what_precision_explains_is_taken_off_and_given_back() -> None:
    generator = np.random.default_rng(5)
    s = np.exp(generator.normal(size=120))
    known = 3.0 * np.log(s)
    y = known + generator.normal(size=120) + s * generator.normal(size=120)
    options = {"benchmark": 0.0, "expected_share": 0.2, "draws": 10, "seed": 1}
    found = threshold_interval(y, s, offsets=known, **options)
    plain = fit_normal_model(y - known, s)
    means = plain.mean + known
    order = np.argsort(-means)
    # by hand: chance of no gain of a program whose offset is k is that of plain at -k
    chance = np.array([plain.chance_at_or_below(-k)[i] for i, k in enumerate(known)])[order]
    average = np.cumsum(chance) / np.arange(1, 121)
    first = int(np.flatnonzero(average > 0.2)[0])
    assert means[order][first] <= found.cut <= means[order][first - 1]
    none = threshold_interval(y, s, offsets=np.zeros(120), **options)
    assert none == threshold_interval(y, s, **options)
    assert none.cut == posterior_mean_cut(fit_normal_model(y, s), 0.0, 0.2)
