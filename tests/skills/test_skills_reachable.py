"""Better-paid targets and the audit by groups: against the single-pair delta and known truths."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from analysis.errors import WorkbenchError
from analysis.framework import load_framework
from analysis.skills import bias_audit
from analysis.skills.move import Move
from analysis.skills.move_tables import gap_table, rated_levels
from analysis.skills.reachable import better_paid_targets, deltas_from, new_task_shares
from analysis.tables import onet

RULE = load_framework().good_job
CODES = ["41-2011.00", "43-4041.00", "29-1141.00", "11-1011.00"]
OCCUPATIONS = pd.DataFrame({"onet_soc_code": CODES, "title": list("ABCD")})
WAGES = pd.DataFrame(
    {
        "soc_code": [code[:7] for code in CODES],
        "annual_median": [30_000.0, 45_000.0, 90_000.0, np.nan],
        "area_type": "national",
        "area_name": "National",
    }
).assign(annual_p25=1.0, annual_p75=1.0, employment=1.0)
ZONES = pd.DataFrame({"onet_soc_code": CODES, "job_zone": [2, 2, 4, 5]})


def targets(deltas: pd.Series, new_tasks: pd.Series, share: float = 0.9) -> pd.DataFrame:
    return better_paid_targets(
        CODES[0], OCCUPATIONS, wages=WAGES, state="", job_zones=ZONES, deltas=deltas,
        new_tasks=new_tasks, rule=RULE, reachable_share=share, zone_step=1,
    )  # fmt: skip


def test_kinds_by_the_good_job_rule_and_zone_steps():
    """42,000 and 37,000 dollars of 2021 are 48,623 and 42,835 of 2024."""
    table = targets(
        pd.Series([0.0, 3.0, 2.0, 1.0], CODES), pd.Series([0.0, 0.4, 0.2, 0.1], CODES), 0.99
    ).set_index("target_code")
    assert table["kind"].to_dict() == {CODES[1]: "gateway", CODES[2]: "target"}
    assert table["wage_gain"].to_dict() == {CODES[1]: 15_000, CODES[2]: 60_000}
    # the nurse is nearer by both ranks and lies two zones up
    assert not table["reachable"].any()
    assert targets(pd.Series([0.0, 1.0, 2.0, 1.0], CODES), pd.Series([0.0, 0.1, 0.2, 0.1], CODES))[
        "reachable"
    ].tolist() == [True, False]


def test_without_ratings_the_share_of_new_tasks_is_the_delta():
    table = targets(pd.Series(dtype=float), pd.Series([0.0, 0.4, 0.2, 0.1], CODES))
    assert table.set_index("target_code")["delta"].to_dict() == pytest.approx(
        {CODES[1]: 40, CODES[2]: 20}
    )


def test_an_origin_without_a_wage_or_description_has_no_targets():
    assert targets(pd.Series(dtype=float), pd.Series(dtype=float)).empty


def test_new_task_shares_by_hand():
    tasks = pd.DataFrame({"onet_soc_code": ["a", "b", "b"], "task": ["x", "x", "y"]})
    of = {"x": [1.0, 0.0], "y": [-1.0, 0.0]}
    shares = new_task_shares(tasks, "a", lambda texts: np.array([of[t] for t in texts]), 0.41)
    assert shares.to_dict() == {"a": 0.0, "b": 0.5}


def test_deltas_of_all_targets_equal_the_delta_of_each(workbook: Callable[..., pd.DataFrame]):
    levels = rated_levels(
        workbook(onet.read_ratings, "Skills.xlsx", "skills"),
        workbook(onet.read_ratings, "Knowledge.xlsx", "knowledge"),
    )
    zones = workbook(onet.read_job_zones, "Job Zones.xlsx")
    every = deltas_from(levels, "41-2011.00", zones, gap_level=0.5, probability=0.8)
    assert every["41-2011.00"] == 0
    for target in ("31-9092.00", "15-1232.00", "29-1141.00", "53-7062.00"):
        gaps = gap_table(
            levels, Move("41-2011.00", target, "", ""), zones,
            gap_level=0.5, probability=0.8, level=0.95,
        )  # fmt: skip
        assert every[target] == pytest.approx(gaps.loc[gaps["shown"], "need"].sum())


def audited_world(effect: float, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    codes = [f"{major}-{minor}.00" for major in range(11, 31) for minor in range(1011, 1031)]
    shares = {name: rng.uniform(0, 0.8, len(codes)) for name in bias_audit.GROUPS}
    skill = rng.normal(3, 0.5, len(codes))
    zone = rng.integers(1, 6, len(codes))
    base = 10 + 0.2 * skill + 0.1 * zone + rng.normal(0, 0.05, len(codes))
    paid = pd.DataFrame(
        {"onet_soc_code": codes, "own_wage": np.exp(base),
         "nearest_wage": np.exp(base + effect * shares["women"])}
    )  # fmt: skip
    people = pd.DataFrame({"soc_code": [code[:7] for code in codes], **shares})
    zones = pd.DataFrame({"onet_soc_code": codes, "job_zone": zone})
    return bias_audit.audit(paid, people, zones, pd.Series(skill, codes)).set_index(
        ["group", "outcome"]
    )


def test_audit_finds_a_gap_that_is_there_and_none_that_is_not():
    found = audited_world(effect=-0.3, seed=1)
    women = found.loc[("women", bias_audit.NEAREST)]
    assert women["difference"] == pytest.approx(np.expm1(-0.03), abs=0.005)
    assert women["interval_low"] < np.expm1(-0.03) < women["interval_high"] < 0
    own = found.loc[("women", bias_audit.OWN)]
    assert own["interval_low"] < 0 < own["interval_high"]


def test_neighbour_wages_by_hand():
    near = np.array([[9, 3, 2, 1], [3, 9, 1, 2], [1, 2, 9, 3], [1, 2, 3, 9]], dtype=float)
    table = bias_audit.neighbour_wages(near, CODES, WAGES, neighbours=2)
    assert table["nearest_wage"].tolist() == [67_500, 30_000, 45_000, 67_500]


def test_too_few_matched_occupations_is_one_error():
    people = pd.DataFrame({"soc_code": ["41-2011"], "women": 0.7, "black": 0.1, "hispanic": 0.2})
    paid = pd.DataFrame({"onet_soc_code": CODES, "own_wage": 1.0, "nearest_wage": 1.0})
    with pytest.raises(WorkbenchError, match="only 1 occupations have wages, ratings and shares"):
        bias_audit.audit(paid, people, ZONES, pd.Series(3.0, CODES))


def test_titles_match_without_case_and_punctuation():
    people = pd.DataFrame(
        {"occupation_title": ["Chefs and head cooks", "Engineers, all other"], "women": [0.2, 0.1]}
    )
    paid = pd.DataFrame(
        {"soc_code": ["35-1011", "17-2199"],
         "occupation_title": ["Chefs and Head Cooks", "Engineers, All Other"]}
    )  # fmt: skip
    matched = bias_audit.workforce_by_code(people, paid)
    assert matched.set_index("soc_code")["women"].to_dict() == {"35-1011": 0.2, "17-2199": 0.1}
