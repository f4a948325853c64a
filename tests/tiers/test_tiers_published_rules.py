"""Published rules: read as typed data, three answers, chances by hand, how often they disagree."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import WorkbenchError
from analysis.framework.presets import Criterion, Preset, load_presets, presets_folder
from analysis.reports.rule_tables import counts_shown, programs_shown, rule_sentence
from analysis.runs.identity import data_hashes
from analysis.tiers.published_rules import (
    FAILS,
    MEETS,
    SO_FAR,
    UNKNOWN,
    by_our_tiers,
    disagreements,
    earnings_rows,
    employment_rows,
    rule_counts,
    under_rules,
)


def _preset(*criteria: tuple[str, float | str], **more: object) -> Preset:
    listed = [Criterion(outcome=o, limit=limit, words=o) for o, limit in criteria]  # type: ignore[arg-type]
    base = {"id": "r", "name": "Rule", "vintage": "v", "citation": "c", "retrieved": "n"}
    return Preset.model_validate({**base, "criteria": listed, **more})


@pytest.fixture
def programs() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "program_key": ["a", "b", "c", "d"],
            "credential": ["", "", "", "Degree"],
            "benchmark": [30_000.0, 50_000.0, 30_000.0, 30_000.0],
        }
    )


@pytest.fixture
def values() -> pd.DataFrame:
    earnings = pd.DataFrame(
        {
            "program_key": ["a", "b", "d"],
            "outcome": "earnings",
            "value": [40_000.0, 40_000.0, 20_000.0],
            "standard_error": [1_000.0, 1_000.0, 1_000.0],
            "n": [40.0, 12.0, 50.0],
            "compared_with": "x",
        }
    )
    employed = earnings.head(2).assign(
        outcome="employed_share", value=[0.8, 0.4], standard_error=[0.05, 0.05]
    )
    return pd.concat([earnings, employed]).assign(field="51")


def _status(programs: pd.DataFrame, values: pd.DataFrame, preset: Preset) -> dict[str, str]:
    return under_rules(programs, values, [preset]).set_index("program_key")["so_far"].to_dict()


def test_a_rule_has_three_answers_and_one_failure_is_enough(
    programs: pd.DataFrame, values: pd.DataFrame
) -> None:
    both = _preset(("earnings", 30_000.0), ("employed_share", 0.5))
    assert _status(programs, values, both) == {"a": MEETS, "b": FAILS, "c": UNKNOWN, "d": FAILS}
    hidden = _preset(("earnings", 30_000.0), ("completion_rate", 0.5))
    judged = under_rules(programs, values, [hidden])
    assert judged["so_far"].tolist() == [SO_FAR, SO_FAR, UNKNOWN, FAILS]
    assert judged["status"].tolist() == [UNKNOWN, UNKNOWN, UNKNOWN, FAILS]
    assert judged["checked"].tolist() == [1, 1, 0, 1]


def test_limits_may_be_the_benchmark_of_the_state(
    programs: pd.DataFrame, values: pd.DataFrame
) -> None:
    found = _status(programs, values, _preset(("earnings", "benchmark")))
    assert found == {"a": MEETS, "b": FAILS, "c": UNKNOWN, "d": FAILS}


def test_a_default_is_not_the_benchmark_of_the_state(
    programs: pd.DataFrame, values: pd.DataFrame
) -> None:
    programs["benchmark_of"] = ["default", "state", "state", "default"]
    judged = under_rules(programs, values, [_preset(("earnings", "benchmark"))])
    assert judged["status"].tolist() == [UNKNOWN, FAILS, UNKNOWN, UNKNOWN]
    assert judged["probability"].notna().tolist() == [False, True, False, False]
    # a rule with an amount of its own needs no benchmark
    amount = under_rules(programs, values, [_preset(("earnings", 30_000.0))])
    assert amount["status"].tolist() == [MEETS, MEETS, UNKNOWN, FAILS]


def test_a_rule_may_ask_for_some_criteria_cover_some_credentials_and_want_more_people(
    programs: pd.DataFrame, values: pd.DataFrame
) -> None:
    one = _preset(("earnings", 30_000.0), ("employed_share", 0.5), needed=1)
    assert _status(programs, values, one) == {"a": MEETS, "b": MEETS, "c": UNKNOWN, "d": UNKNOWN}
    degrees = _preset(("earnings", 10_000.0), credentials=["Degree"])
    assert _status(programs, values, degrees) == {"d": MEETS}
    many = _preset(("earnings", 30_000.0), minimum_people=16)
    assert _status(programs, values, many)["b"] == UNKNOWN


def test_the_chance_of_meeting_is_that_of_all_criteria_at_once(
    programs: pd.DataFrame, values: pd.DataFrame
) -> None:
    first = _preset(("earnings", 39_500.0))
    second = _preset(("employed_share", 0.7))
    both = _preset(("earnings", 39_500.0), ("employed_share", 0.7))
    any_of = _preset(("earnings", 39_500.0), ("employed_share", 0.7), needed=1)
    p, q, together, either = (
        under_rules(programs, values, [rule]).set_index("program_key")["probability"]
        for rule in (first, second, both, any_of)
    )
    assert 0.5 < p["a"] < 1
    assert together["a"] == pytest.approx(p["a"] * q["a"])
    assert either["a"] == pytest.approx(1 - (1 - p["a"]) * (1 - q["a"]))
    # only earnings of d are known: its chance is about them alone
    assert together["d"] == pytest.approx(p["d"])
    assert np.isnan(together["c"])


@pytest.fixture
def estimates() -> pd.DataFrame:
    """Twelve people, three, four completers, and nobody knows how many."""
    few = "fewer than 10 people"
    return pd.DataFrame(
        {
            "program_key": ["a", "b", "c", "d", "e"],
            "reason": ["", few, few, few, "no earnings published"],
            "n": [12.0, 3.0, 4.0, np.nan, np.nan],
            "n_of": ["people", "people", "completers", "completers", "completers"],
            "metric": "median_annual_earnings",
            "earnings": [40_000.0, 41_000.0, 42_000.0, 43_000.0, np.nan],
            "standard_error": [900.0, 1_800.0, 1_500.0, np.nan, np.nan],
            "field": "51",
            "compared_with": "x",
        }
    )


def test_few_people_are_never_judged_but_what_a_publisher_hides_itself_is(
    estimates: pd.DataFrame,
) -> None:
    assert earnings_rows(estimates)["program_key"].tolist() == ["a"]
    published = earnings_rows(estimates, publisher_hides=True)
    assert published["program_key"].tolist() == ["a", "c", "d"]
    assert earnings_rows(estimates, ["median_annual_earnings"], publisher_hides=True).empty


def test_a_value_without_its_noise_meets_a_rule_with_no_chance_said(
    estimates: pd.DataFrame,
) -> None:
    covered = estimates.assign(credential="", benchmark=30_000.0)
    judged = under_rules(
        covered,
        earnings_rows(estimates, publisher_hides=True),
        [_preset(("earnings", "benchmark"))],
    ).set_index("program_key")
    assert judged["status"].tolist() == [MEETS, UNKNOWN, MEETS, MEETS, UNKNOWN]
    assert judged["probability"].notna().tolist() == [True, False, True, False, False]
    # the minimum that a rule asks for itself is not met by a number that nobody knows
    asked = under_rules(
        covered,
        earnings_rows(estimates, publisher_hides=True),
        [_preset(("earnings", "benchmark"), minimum_people=4)],
    )
    assert asked["status"].tolist() == [MEETS, UNKNOWN, MEETS, UNKNOWN, UNKNOWN]
    # nor does a chance speak of one criterion alone where another has no noise
    work = earnings_rows(estimates).assign(
        program_key="d", outcome="employed_share", value=0.9, standard_error=0.05
    )
    both = pd.concat([earnings_rows(estimates, publisher_hides=True), work])
    two = under_rules(covered, both, [_preset(("earnings", 30_000.0), ("employed_share", 0.5))])
    assert two.set_index("program_key").loc["d", ["status", "checked"]].tolist() == [MEETS, 2]
    assert two.set_index("program_key")["probability"].isna()["d"]


def test_no_noise_at_all_is_no_chance_at_all(estimates: pd.DataFrame) -> None:
    silent = estimates.assign(standard_error=np.nan, credential="", benchmark=30_000.0)
    known = earnings_rows(silent, publisher_hides=True)
    judged = under_rules(silent, known, [_preset(("earnings", "benchmark"))])
    assert judged["status"].eq(MEETS).sum() == 3
    assert judged["probability"].isna().all()


def test_shares_of_zero_are_taken_for_records_that_were_never_matched() -> None:
    outcomes = pd.DataFrame(
        {
            "program_key": ["a", "b", "c", "d"],
            "metric": "employed_share",
            "value": [0.0, 1.0, 0.5, 0.5],
            "n": [70.0, 16.0, 9.0, 100.0],
        }
    )
    programs = pd.DataFrame({"program_key": list("abcd"), "field": "51"})
    rows = employment_rows(outcomes, programs, minimum_people=10).set_index("program_key")
    assert rows.index.tolist() == ["b", "d"]
    # Agresti and Coull: 18 of 20, and 52 of 104
    assert rows.loc["b", "standard_error"] == pytest.approx(np.sqrt(0.9 * 0.1 / 20))
    assert rows.loc["d", "standard_error"] == pytest.approx(np.sqrt(0.25 / 104))


def test_disagreement_counts_programs_that_both_rules_judge(
    programs: pd.DataFrame, values: pd.DataFrame
) -> None:
    low = _preset(("earnings", 15_000.0), id="low")
    high = _preset(("earnings", 39_000.0), id="high")
    judged = under_rules(programs, values, [low, high])
    pair = disagreements(judged).iloc[0]
    assert (pair["programs"], pair["opposite"]) == (3, 1)
    counts = rule_counts(judged).set_index("rule")
    assert counts.loc["high", ["meets", "fails", "unknown"]].tolist() == [2, 1, 1]
    assert counts.loc["high", "unknown_share"] == 0.25
    shown = counts_shown(counts.reset_index(), [low, high], ["earnings"])
    sentence = rule_sentence(shown, disagreements(judged), [low, high])
    assert "33.3%" in sentence
    # how many programs each rule cannot rate, not the best alone
    more = _preset(("earnings", 15_000.0), id="more", minimum_people=10_000)
    judged = under_rules(programs, values, [low, more])
    shown = counts_shown(rule_counts(judged), [low, more], ["earnings"])
    said = rule_sentence(shown, disagreements(judged), [low, more])
    for share in shown["unknown_share"]:
        assert f"{share:.1%}" in said
    names = programs.assign(provider="p", program="q")
    assert programs_shown(judged, names)["program_key"].tolist() == ["a", "b", "d"]


def test_our_tiers_are_a_rule_like_the_others() -> None:
    frame = pd.DataFrame(
        {
            "program_key": ["a", "b", "c"],
            "tier": ["A", "D", "cannot be rated"],
            "chance_not_above": [0.01, 0.9, np.nan],
        }
    )
    judged = by_our_tiers(frame, "D")
    assert judged["status"].tolist() == [MEETS, FAILS, UNKNOWN]
    assert judged["probability"].tolist()[:2] == pytest.approx([0.99, 0.1])


def test_the_published_rules_have_their_published_numbers() -> None:
    by_id = {preset.id: preset for preset in load_presets()}
    limits = {key: {c.outcome: c.limit for c in preset.criteria} for key, preset in by_id.items()}
    assert limits["washington_minimum_2024"]["earnings"] == 4 * 5_000
    assert limits["washington_minimum_before_2024"]["earnings"] == 4 * 3_943
    assert limits["workforce_pell_2026"]["earnings"] == 23_475
    assert limits["scorecard_earnings_premium_2026"] == {"earnings": "benchmark"}
    assert by_id["california_strong_workforce_stars"].must_meet == 1
    for preset in by_id.values():
        assert preset.vintage
        assert len(preset.citation) > 40


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("limit = 0.5", "limit = 'half'", "key 'criteria.0.limit"),
        ("vintage", "year", "key 'vintage'"),
        ("needed = 1", "needed = 4", "key 'needed': 4 of 3"),
        ("needed = 1", "needed = = 1", "not readable as TOML"),
    ],
)
def test_a_fault_in_a_rule_names_file_and_key(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    text = (presets_folder() / "california_strong_workforce_stars.toml").read_text("utf-8")
    (tmp_path / "mine.toml").write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(WorkbenchError, match=rf"mine\.toml: .*{message}"):
        load_presets(tmp_path)


def test_no_rules_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError, match="no published rules"):
        load_presets(tmp_path)


def test_a_changed_rule_makes_results_stale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "frameworks").mkdir()
    rule = tmp_path / "frameworks" / "one.toml"
    rule.write_text("limit = 1", "utf-8")
    monkeypatch.setattr("analysis.framework.presets.project_root", lambda: tmp_path)
    before = data_hashes(True)
    rule.write_text("limit = 2", "utf-8")
    assert data_hashes(True) != before


def test_the_script_of_the_pages_is_part_of_what_a_result_hangs_on() -> None:
    assert {"reports/template/script.js", "reports/template/style.css"} <= set(data_hashes(False))
