"""Other benchmarks, metrics, losses and numbers of tiers come from the file, not from code."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import WorkbenchError
from analysis.framework import Benchmark, Framework, framework_path, load_framework
from analysis.reports.threshold_tables import THRESHOLD_COLUMNS as CUT_COLUMNS
from analysis.reports.threshold_tables import threshold_figures, threshold_rows
from analysis.reports.tier_error_tables import difference_columns, error_rates
from analysis.reports.tier_figures import tier_figures
from analysis.reports.tier_tables import (
    PROGRAM_COLUMNS,
    THRESHOLD_COLUMNS,
    default_benchmark_words,
    in_units,
    program_tiers,
    tier_counts,
)
from analysis.reports.tier_words import thresholds_in_words, tier_sentences
from analysis.tiers.benchmarks import NO_COST, against_chosen, require_ratable
from analysis.tiers.effect_estimates import site_estimates
from analysis.tiers.estimates import against_benchmark
from analysis.tiers.labels import NOT_RATED
from analysis.tiers.noise import noise_check
from analysis.tiers.rating import rate_all, rate_set

RULES = load_framework().with_tiers(simulation_draws=20)
TEXT = framework_path().read_text("utf-8")


def _file(folder: Path, **changes: str) -> Path:
    """The framework's own file with lines of it changed, each exactly one."""
    lines = TEXT.splitlines()
    for key, value in changes.items():
        places = [i for i, line in enumerate(lines) if line.startswith(f"{key} = ")]
        assert len(places) == 1, f"{key} must stand in exactly one line"
        lines[places[0]] = f"{key} = {value}"
    path = folder / "mine.toml"
    path.write_text("\n".join(lines), "utf-8")
    return path


def _sites(shift: float = 0.0) -> pd.DataFrame:
    generator = np.random.default_rng(7)
    return site_estimates(
        pd.DataFrame(
            {
                "site": [f"s{i}" for i in range(80)],
                "estimate": 2_000 + shift + 6_000 * generator.normal(size=80),
                "standard_error": 1_500 * np.exp(0.4 * generator.normal(size=80)),
                "n_treated": 60,
                "n_control": 40,
            }
        ),
        months=12,
    )


@pytest.mark.parametrize("shift", [-4_000.0, 1_250.0, 30_000.0])
def test_shifting_effects_and_benchmark_together_changes_no_tier(shift: float) -> None:
    rule = Benchmark(id="moved", name="moved", of="effects", dollars=shift, why="")
    plain = rate_set(against_chosen(_sites(), RULES.tiers.chosen_benchmark("effects")), RULES)
    moved = rate_set(against_chosen(_sites(shift), rule), RULES)
    assert plain.frame["tier"].nunique() > 2
    assert moved.frame["tier"].tolist() == plain.frame["tier"].tolist()
    np.testing.assert_allclose(
        moved.frame["tier_probability"], plain.frame["tier_probability"], atol=1e-6
    )
    # and a benchmark that moves alone does change them
    alone = rate_set(against_chosen(_sites(), rule), RULES)
    assert alone.frame["tier"].tolist() != plain.frame["tier"].tolist()


def test_the_default_benchmarks_change_nothing() -> None:
    assert RULES.tiers.chosen_benchmark("earnings") is None
    none = RULES.tiers.chosen_benchmark("effects")
    assert none is not None
    assert none.dollars == 0
    found = against_chosen(_sites(), none)
    pd.testing.assert_frame_equal(found.drop(columns=["benchmark", "benchmark_of"]), _sites())


def test_the_presets_are_there_with_their_dollars() -> None:
    by = {entry.id: entry for entry in RULES.tiers.benchmarks}
    assert {"no_better_off", "cost_a_year", "living_wage"} <= set(by)
    job = RULES.good_job
    living = job.minimum_annual_earnings * job.inflation_factor
    assert by["living_wage"].dollars == pytest.approx(living, abs=1)
    assert by["earnings_after_cost"].dollars == RULES.tiers.benchmark_dollars


def test_cost_a_year_is_the_program_s_own_and_unknown_costs_are_not_zero() -> None:
    rule = next(entry for entry in RULES.tiers.benchmarks if entry.id == "cost_a_year")
    rows = pd.DataFrame(
        {"program_key": ["a", "b", "c"], "estimate": [3_000.0, 3_000.0, 3_000.0], "reason": ""}
    )
    found = against_chosen(rows, rule, pd.Series({"a": 10_000.0, "b": 0.0}))
    assert found["estimate"].tolist()[:2] == [1_000.0, 3_000.0]
    assert np.isnan(found["estimate"].iloc[2])
    assert found["reason"].tolist() == ["", "", NO_COST]
    assert against_chosen(rows, rule)["reason"].eq(NO_COST).all()


def test_a_state_s_own_amount_goes_before_the_national_one() -> None:
    rule = Benchmark(
        id="l", name="l", of="earnings", dollars=40_000.0, state_dollars={"NJ": 50_000.0}, why=""
    )
    rows = pd.DataFrame(
        {
            "program_key": ["a", "b"],
            "state": ["NJ", "TX"],
            "benchmark": 30_000.0,
            "estimate": [25_000.0, 25_000.0],
        }
    )
    found = against_chosen(rows, rule)
    assert found["estimate"].tolist() == [5_000.0, 15_000.0]
    assert found["benchmark_of"].tolist() == ["state", "default"]


def test_who_is_held_against_the_default_is_marked_and_counted_where_rated() -> None:
    rows = pd.DataFrame(
        {
            "program_key": ["a", "b", "c"],
            "tier": ["A", "B", NOT_RATED],
            "chance_not_above": 0.1,
            "standard_error": 500.0,
            "n": 90,
            "state": ["NJ", "PR", "PR"],
            "benchmark": 30_000.0,
            "estimate": 25_000.0,
            "benchmark_of": ["state", "default", "default"],
        }
    )
    table = program_tiers(rows, RULES).set_index("program_key")
    mark = "its place has no benchmark of its own"
    assert table["marks"].to_dict() == {"a": "", "b": mark, "c": ""}
    said = default_benchmark_words(rows, RULES)
    assert "1 of 2 rated programs" in said
    assert "$30,000" in said
    one_for_all = Benchmark(id="l", name="l", of="earnings", dollars=40_000.0, why="")
    assert default_benchmark_words(against_chosen(rows, one_for_all), RULES) == ""


def test_a_benchmark_of_the_wrong_kind_is_named(tmp_path: Path) -> None:
    path = _file(tmp_path, earnings_benchmark='"no_better_off"')
    with pytest.raises(WorkbenchError, match="earnings_benchmark 'no_better_off' is none of"):
        load_framework(path)


def _outcomes(metric: str, values: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "program_key": [f"p{i}" for i in range(len(values))],
            "provider_id": [f"q{i // 3}" for i in range(len(values))],
            "provider": "",
            "cip_code": np.where(np.arange(len(values)) % 2, "51.0101", "48.0508"),
            "state": "NJ",
            "quarter": 4,
            "horizon": "quarter 4 after exit",
            "metric": metric,
            "value": values,
            "n": 80.0,
            "source_id": "test",
        }
    )


def _inputs(outcomes: pd.DataFrame, rules: Framework) -> pd.DataFrame:
    inputs = against_benchmark(
        outcomes,
        title="List",
        benchmarks=pd.Series({"NJ": 30_000.0}),
        default_benchmark=rules.tiers.benchmark_dollars,
        coefficient_of_variation=rules.tiers.wage_coefficient_of_variation,
        minimum_people=10,
        validity="randomised",
        rated=rules.tiers.rated_metrics,
    )
    return against_chosen(inputs, rules.tiers.chosen_benchmark("earnings"))


def _rated(outcomes: pd.DataFrame, path: Path) -> pd.DataFrame:
    rules = load_framework(path).with_tiers(simulation_draws=20)
    frame, _ = rate_all(_inputs(outcomes, rules), rules)
    return program_tiers(frame, rules).set_index("program_key").loc[outcomes["program_key"]]


WAGES = 9_000 + 2_500 * np.random.default_rng(3).normal(size=120)


def test_another_benchmark_and_five_tiers_come_from_the_file(tmp_path: Path) -> None:
    five = {
        "labels": '["I", "II", "III", "IV", "V"]',
        "names": '["one", "two", "three", "four", "five"]',
        "cuts": "[-8000.0, 0.0, 2500.0, 5000.0]",
    }
    found = _rated(_outcomes("average_quarterly_wage", WAGES), _file(tmp_path, **five))
    assert set(found["tier"]) == {"I", "II", "III", "IV", "V"}
    # a better wage never has a worse tier where all are as precise and of one kind
    for _, part in found.groupby("field"):
        place = part.sort_values("earnings")["tier"].map(["V", "IV", "III", "II", "I"].index)
        assert place.is_monotonic_increasing
    assert thresholds_in_words(load_framework(_file(tmp_path, **five))).startswith("I more than")
    living = _rated(
        _outcomes("average_quarterly_wage", WAGES),
        _file(tmp_path, **five, earnings_benchmark='"living_wage"'),
    )
    assert living["benchmark"].eq(48_623).all()
    assert living["tier"].eq("V").sum() > found["tier"].eq("V").sum()


def test_another_loss_comes_from_the_file(tmp_path: Path) -> None:
    outcomes = _outcomes("average_quarterly_wage", WAGES)
    plain = _rated(outcomes, _file(tmp_path))["tier"].map("ABCD".index)
    careful = _rated(outcomes, _file(tmp_path, over_rating_weight="4.0"))["tier"].map("ABCD".index)
    # over-rating costs more: no program rises, and some fall
    assert (careful >= plain).all()
    assert (careful > plain).any()


def _share_file(folder: Path) -> Path:
    """The framework with the share employed rated, against a half, cut at tenths."""
    path = _file(folder, cuts="[0.0, 0.1, 0.2]", earnings_benchmark='"employed_half"')
    text = path.read_text("utf-8")
    start = text.index("[[tiers.rated_metrics]]")
    end = text.index("[[tiers.benchmarks]]")
    own = '[[tiers.rated_metrics]]\nmetric = "employed_share"\nperiods_a_year = 1.0\n'
    own += 'kind = "share"\n\n[[tiers.benchmarks]]\nid = "employed_half"\nname = "Half"\n'
    own += 'of = "earnings"\ndollars = 0.5\nwhy = "test"\n\n'
    path.write_text(text[:start] + own + text[end:], "utf-8")
    return path


SHARES = np.clip(0.6 + 0.2 * np.random.default_rng(4).normal(size=120), 0, 1)


def test_another_metric_comes_from_the_file(tmp_path: Path) -> None:
    shares, path = SHARES, _share_file(tmp_path)
    found = _rated(_outcomes("employed_share", shares), path)
    assert set(found["tier"]) == {"A", "B", "C", "D"}
    np.testing.assert_allclose(found["estimate"], shares - 0.5, atol=1e-4)
    assert found.loc[shares < 0.35, "tier"].eq("D").all()
    assert found.loc[shares > 0.9, "tier"].eq("A").all()
    by_hand = np.sqrt((shares * 80 + 2) / 84 * (1 - (shares * 80 + 2) / 84) / 84)
    np.testing.assert_allclose(found["standard_error"], by_hand, atol=1e-4)
    assert not found["tier"].eq(NOT_RATED).any()


def test_figures_headings_and_words_of_a_share_speak_of_no_dollars(tmp_path: Path) -> None:
    rules = load_framework(_share_file(tmp_path)).with_tiers(simulation_draws=10)
    inputs = _inputs(_outcomes("employed_share", SHARES), rules)
    frame, ratings = rate_all(inputs, rules)
    counts, errors = tier_counts(frame, rules), error_rates(ratings, rules)
    noise = noise_check(inputs, 0.7, shares=["employed_share"], seed=1)
    assert noise.empty
    cuts = threshold_rows(ratings, rules)
    figures = tier_figures(frame, counts, errors, noise, (None, None), (None, None), rules)
    figures += threshold_figures(cuts, frame, rules.tiers.unit)
    by = {figure["name"].split(".")[-1]: figure for figure in figures}
    assert by["spread_between_programs"]["unit"] == "share of people"
    assert by["spread_between_programs"]["estimate"] < 1
    assert by["top_threshold"]["unit"].startswith("share of people")
    columns = [THRESHOLD_COLUMNS, CUT_COLUMNS, PROGRAM_COLUMNS, difference_columns(0.95)]
    shown = [in_units(each, rules) for each in columns]
    said = [str(figure) for figure in figures]
    said += [str(column) for each in shown for column in each.values()]
    said += tier_sentences(frame, errors, rules, (None, None))
    assert not [text for text in said if "dollar" in text.lower() or "earnings" in text.lower()]


def test_a_share_asks_for_a_benchmark_and_a_bias_law_in_shares(tmp_path: Path) -> None:
    path = _share_file(tmp_path)
    text = path.read_text("utf-8")
    path.write_text(text.replace('earnings_benchmark = "employed_half"', 'earnings_benchmark = ""'))
    with pytest.raises(WorkbenchError, match="choose an earnings_benchmark between 0 and 1"):
        load_framework(path)
    both = '[[tiers.rated_metrics]]\nmetric = "median_annual_earnings"\nperiods_a_year = 1.0\n'
    both += 'kind = "median"\n\n[[tiers.benchmarks]]\nid = "employed_half"'
    path.write_text(text.replace('[[tiers.benchmarks]]\nid = "employed_half"', both))
    with pytest.raises(WorkbenchError, match="mix shares and dollars"):
        load_framework(path)
    path.write_text(text)
    rules = load_framework(path).with_tiers(simulation_draws=10)
    inputs = _inputs(_outcomes("employed_share", SHARES), rules).assign(validity="administrative")
    with pytest.raises(WorkbenchError, match="'administrative' is in dollars, and a share"):
        rate_all(inputs, rules)
    ignored, _ = rate_all(inputs, rules, with_bias=False)
    assert not ignored["tier"].eq("D").all()


def test_where_no_program_can_be_rated_the_reasons_are_named() -> None:
    """College programs at hand have no cost: against earnings after cost nobody can be rated."""
    rule = Benchmark(
        id="x", name="Earnings after cost", of="earnings", dollars=100.0, cost_over_years=5, why=""
    )
    rows = pd.DataFrame(
        {"program_key": ["a", "b", "c"], "estimate": 1.0, "reason": ["", "", "too few people"]}
    )
    found = against_chosen(rows, rule)
    with pytest.raises(WorkbenchError) as raised:
        require_ratable(found, rule)
    assert "against the benchmark 'Earnings after cost'" in str(raised.value)
    assert f"{NO_COST} (2 programs); too few people (1 programs)" in str(raised.value)
    require_ratable(against_chosen(rows, rule, pd.Series({"a": 10.0})), rule)
