"""The tables of one move: hand-checked rows, empty inputs, a job and itself."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.errors import WorkbenchError
from analysis.reports.delta_words import pair_facts
from analysis.skills import move_tables
from analysis.skills.foundation import net_of_zone
from analysis.skills.many_gaps import adjusted_probability
from analysis.skills.move import PAIR_COLUMNS, find_move, pair_row, what_it_rests_on
from analysis.skills.neighbours import nearest_occupations, similarity_percentile
from analysis.skills.wage_step import jobs_in_place, state_name, wage_step, wages_in

OCCUPATIONS = pd.DataFrame(
    {
        "onet_soc_code": ["31-9092.00", "41-2011.00", "31-1121.00"],
        "title": ["Medical Assistants", "Cashiers", "Home Health Aides"],
    }
)
WAGES = pd.DataFrame(
    [
        ("Texas", "state", "41-2011", 29_230.0),
        ("Texas", "state", "31-9092", 39_520.0),
        ("Texas", "state", "31-1120", 24_000.0),
        ("National", "national", "41-2011", 31_000.0),
        ("National", "national", "31-9092", 44_000.0),
        ("Utah", "state", "41-2011", 30_000.0),
    ],
    columns=["area_name", "area_type", "soc_code", "annual_median"],
).assign(annual_p25=1.0, annual_p75=2.0, employment=10.0)


def levels_frame(rows: list[tuple[str, str, str, float, float]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["onet_soc_code", "domain", "element", "level", "error"])
    return frame.rename(columns={"error": "standard_error"}).assign(
        element_id=frame["element"], importance=4.0, standard_deviation=1.0,
        recommend_suppress=False, not_relevant=False, error_imputed=False, error_floored=False,
    )  # fmt: skip


def test_wages_come_from_the_state_where_it_has_both_and_else_from_the_nation():
    both = wage_step(WAGES, "41-2011.00", "31-9092.00", "tx")
    assert both["annual_median"].tolist() == [29_230.0, 39_520.0]
    assert both["area"].unique().tolist() == ["Texas"]
    other = wage_step(WAGES, "41-2011.00", "31-9092.00", "UT")
    assert other["annual_median"].tolist() == [31_000.0, 44_000.0]
    assert other["area"].unique().tolist() == ["United States"]


def test_without_an_origin_the_targets_wage_is_the_states():
    wages = pd.DataFrame(
        {"area_name": ["Texas", "U.S."], "area_type": ["state", "national"],
         "soc_code": "31-9092", "annual_median": [39_520.0, 45_690.0], "annual_p25": 1.0,
         "annual_p75": 1.0, "employment": 1.0}
    )  # fmt: skip
    alone = wage_step(wages, "", "31-9092.00", "TX")
    assert alone["annual_median"].iloc[1] == 39_520.0
    assert alone["area"].tolist() == ["Texas", "Texas"]
    # an origin that the state withholds still sends both to the nation
    assert wage_step(wages, "41-2011.00", "31-9092.00", "TX")["area"].iloc[1] == "United States"


def test_a_broad_occupation_stands_for_its_parts():
    assert wages_in(WAGES, ["31-1121.00"], "TX")["annual_median"].tolist() == [24_000.0]
    assert wages_in(WAGES, ["31-9999.00"], "TX")["annual_median"].isna().all()


def test_an_unknown_state_is_one_clear_error():
    with pytest.raises(WorkbenchError, match=r"state = 'XX' is no state.*two letters"):
        state_name("XX")


def test_jobs_in_the_place_are_counted_there_and_said_to_be_unknown_elsewhere():
    wages = pd.DataFrame(
        {"area_name": ["Texas", "Texas", "Ohio"], "area_type": "state",
         "soc_code": ["41-2011", "31-9092", "41-2011"], "annual_median": 1.0, "annual_p25": 1.0,
         "annual_p75": 1.0, "employment": [300.0, 100.0, 5.0]}
    )  # fmt: skip
    here = jobs_in_place(wages, "41-2011.00", "31-9092.00", "TX")
    assert here["jobs"].tolist() == [300.0, 100.0]
    assert here["jobs_per_1000"].tolist() == [750.0, 250.0]
    assert jobs_in_place(wages, "41-2011.00", "31-9092.00", "OH")["jobs"].isna().tolist() == [
        False, True,
    ]  # fmt: skip
    assert jobs_in_place(None, "41-2011.00", "31-9092.00", "TX")["jobs"].isna().all()
    move = find_move("cashiers", "medical assistant", OCCUPATIONS)
    row = pair_row(move, job_zones=None, wages=wages, state="TX", similarity_percentile=0.8,
                   rests_on="")  # fmt: skip
    facts = pair_facts(row.iloc[0]).set_index("fact")
    assert facts.loc["Jobs in Texas"].tolist() == ["300", "100"]
    assert facts.loc["Of 1,000 jobs there"].tolist() == ["750.00", "250.00"]


def test_pair_without_any_table_has_its_columns_and_says_so():
    move = find_move("cashiers", "medical assistant", OCCUPATIONS)
    row = pair_row(
        move, job_zones=None, wages=None, state="TX",
        similarity_percentile=0.8, rests_on="tasks as text",
    )  # fmt: skip
    assert list(row) == PAIR_COLUMNS
    assert row["foundation"].item() == "job zones are not at hand"
    assert row[["origin_median_wage", "target_median_wage"]].isna().all(axis=None)
    assert row["origin_job_zone"].isna().all()


def test_unknown_origin_suggests_titles():
    with pytest.raises(WorkbenchError, match=r"no occupation is called 'Cashir'.*Cashiers"):
        find_move("Cashir", "Medical Assistants", OCCUPATIONS)


def test_what_a_delta_rests_on():
    assert what_it_rests_on(True, True).endswith("ratings of knowledge and skills")


def test_empty_tables_keep_their_columns():
    move = find_move("Cashiers", "Medical Assistants", OCCUPATIONS)
    unrated = move_tables.rated_levels(None, None)
    gaps = move_tables.gap_table(unrated, move, None, gap_level=0.5, probability=0.8, level=0.95)
    assert (list(gaps), len(gaps)) == (move_tables.GAPS, 0)
    assert gaps[gaps["shown"]].empty
    activities = move_tables.activity_table(None, move)
    technology = move_tables.technology_table(None, move, 0.5)
    assert (list(activities), list(technology)) == (move_tables.ACTIVITIES, move_tables.TECHNOLOGY)
    no_tasks = pd.DataFrame({"onet_soc_code": [], "task": []})
    tasks = move_tables.task_table(no_tasks, move, None, closely_related=0.55, perhaps_related=0.41)
    assert (list(tasks), len(tasks)) == (move_tables.TASKS, 0)
    strengths = move_tables.strength_table(unrated, move, activities, tasks, gap_level=0.5)
    assert (list(strengths), len(strengths)) == (move_tables.STRENGTHS, 0)


def test_a_job_and_itself_has_no_gap():
    move = find_move("Cashiers", "Cashiers", OCCUPATIONS)
    levels = levels_frame([("41-2011.00", "skills", name, 3.0, 0.5) for name in "abcd"])
    gaps = move_tables.gap_table(levels, move, None, gap_level=0.5, probability=0.8, level=0.95)
    assert not gaps["shown"].any()
    assert gaps["need"].eq(0).all()
    tasks = pd.DataFrame({"onet_soc_code": ["41-2011.00"], "task": ["Take payment."],
                          "task_id": "1", "task_type": "Core"})  # fmt: skip
    assert move_tables.task_table(
        tasks, move, None, closely_related=0.55, perhaps_related=0.41
    ).empty


def test_words_stand_in_for_vectors_without_a_model():
    move = find_move("Cashiers", "Medical Assistants", OCCUPATIONS)
    tasks = pd.DataFrame(
        [
            ("41-2011.00", "Greet customers entering the store."),
            ("31-9092.00", "Greet customers entering the clinic."),
            ("31-9092.00", "Draw blood from patients."),
        ],
        columns=["onet_soc_code", "task"],
    ).assign(task_id="1", task_type="Core")
    table = move_tables.task_table(tasks, move, None, closely_related=0.55, perhaps_related=0.41)
    assert table["task"].iloc[0] == "Draw blood from patients."
    assert table["band"].tolist() == ["new", "closely related"]


def test_step_between_zones_is_taken_off_skills_and_not_off_knowledge():
    rows = [("a", 2.0), ("b", 4.0), ("c", 2.4), ("d", 3.6)]
    levels = levels_frame(
        [(code, domain, "x", level, 0.1) for code, level in rows for domain in
         ("skills", "knowledge")]
    )  # fmt: skip
    zones = pd.DataFrame({"onet_soc_code": list("abcd"), "job_zone": [2, 3, 2, 3]})
    gaps = pd.DataFrame(
        {"domain": ["knowledge", "skills"], "element_id": "x", "gap": 2.0,
         "standard_error": 0.5, "probability": 0.99}
    )  # fmt: skip
    split = net_of_zone(gaps, levels, zones, "a", "b").set_index("domain")
    assert split.loc["skills", "general"] == pytest.approx(3.8 - 2.2)
    assert split.loc["skills", "specific"] == pytest.approx(0.4)
    assert split.loc["skills", "probability"] == pytest.approx(stats.norm.cdf(-0.1 / 0.5))
    assert split.loc["knowledge", ["general", "specific", "probability"]].tolist() == [0, 2.0, 0.99]
    unknown = net_of_zone(gaps, levels, zones.iloc[:1], "a", "b")
    assert unknown["general"].eq(0).all()


def test_adjusted_gap_by_hand():
    """Gaps 0 and 4, error 1: centre 2, variance 8 less 1 is 7; kept 7/8: 2 + 7/8 * 2 = 3.75."""
    chance = adjusted_probability(np.array([0.0, 4.0]), np.array([1.0, 1.0]), gap_level=0.5)
    deviation = np.sqrt(7 / 8)
    assert chance == pytest.approx(
        stats.norm.cdf([(0.25 - 0.5) / deviation, (3.75 - 0.5) / deviation])
    )


def simulated_gaps(spread: float) -> tuple[int, int, int]:
    """Elements shown at .8 in 400 moves of 35 elements; how many are false; and unadjusted."""
    rng = np.random.default_rng(20261124)
    shown = false = unadjusted = 0
    for _ in range(400):
        error = rng.uniform(0.2, 0.9, 35)
        real = rng.normal(0.1, spread, 35)
        gap = rng.normal(real, error)
        chance = adjusted_probability(gap, error, 0.5)
        shown += int((chance >= 0.8).sum())
        false += int(((chance >= 0.8) & (real <= 0.5)).sum())
        unadjusted += int(((stats.norm.cdf((gap - 0.5) / error) >= 0.8) & (real <= 0.5)).sum())
    return shown, false, unadjusted


@pytest.mark.parametrize(("spread", "share"), [(0.4, 0.21), (0.8, 0.08), (1.2, 0.05)])
def test_share_of_false_gaps_is_what_the_docstring_says(spread, share):
    shown, false, unadjusted = simulated_gaps(spread)
    assert shown > 200
    assert false / shown == pytest.approx(share, abs=0.005)
    assert unadjusted > 1.5 * false


def test_where_jobs_hardly_differ_most_of_the_few_gaps_shown_are_false():
    """The limit that the docstring and the report state: 1 - p is no bound there."""
    shown, false, unadjusted = simulated_gaps(0.2)
    assert (shown, false / shown) == (21, pytest.approx(0.62, abs=0.005))
    assert unadjusted > 50 * false


def test_where_all_gaps_are_noise_almost_none_is_shown():
    shown, _, unadjusted = simulated_gaps(0.0)
    assert shown < 0.001 * 400 * 35 < 0.05 * 400 * 35 < unadjusted


def test_nearest_occupations_and_percentile_by_hand():
    near = np.array([[9, 0.9, 0.2, 0.5], [0.9, 9, 0.1, 0.3], [0.2, 0.1, 9, 0.4], [0.5] * 4])
    table = nearest_occupations(near, list("abcd"), list("ABCD"), 2)
    assert table.groupby("onet_soc_code")["neighbour_code"].agg("".join).to_dict() == {
        "a": "bd", "b": "ad", "c": "da", "d": "ab",
    }  # fmt: skip
    assert table["rank"].tolist() == [1, 2] * 4
    assert similarity_percentile(near, list("abcd"), "a", "d") == 0.5
    assert similarity_percentile(near, list("abcd"), "d", "a") == 0.5  # all tied
    assert similarity_percentile(near, list("abcd"), "a", "a") == 1
    assert np.isnan(similarity_percentile(near, list("abcd"), "a", "z"))
