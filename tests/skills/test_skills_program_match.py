"""Programs for a target occupation, ground by ground."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics.pairwise import cosine_similarity

from analysis.errors import WorkbenchError
from analysis.skills.program_match import (
    match_programs,
    programs_by_crosswalk,
    programs_by_stated_codes,
    programs_by_text,
)
from analysis.skills.program_text import program_texts, text_scores
from analysis.skills.target_programs import programs_in_state

CIP_SOC = pd.DataFrame(
    [
        ("51.0801", "31-9092"),
        ("51.0801", "31-9099"),
        ("51.0805", "29-2052"),
        ("51.0806", "31-2022"),
        ("15.0303", "17-3023"),
        ("99.9999", "31-9092"),
        ("51.0808", "99-9999"),
    ],
    columns=["cip_code", "soc_code"],
)
PROGRAMS = pd.DataFrame(
    [
        ("field", "51.08", "Allied Health", ""),
        ("exact", "51.0801", "Medical Assistant", ""),
        ("other", "51.0805", "Pharmacy Technician", "29-2052.00"),
        ("stated", "52.0401", "Medical Office", "31-9092.00;43-6013.00"),
        ("older", "52.0401", "Clinic Aide", "31-9090.00"),
        ("both", "51.0801", "Medical Assisting", "31-9092.00;31-9092.00"),
        ("none", None, "Welding", None),
        ("no match", "99.9999", "Hobby", ""),
    ],
    columns=["program_key", "cip_code", "program", "stated_soc_codes"],
).assign(cip_title=None)
RENAMED = pd.DataFrame({"soc_2010_code": ["31-9090"], "soc_2018_code": ["31-9092"]})


def by_key(table: pd.DataFrame) -> dict[str, int]:
    return dict(zip(table["program_key"], table["breadth"], strict=True))


@pytest.mark.parametrize("code", ["31-9092", "31-9092.00", "31-9092.01"])
def test_crosswalk_with_breadth(code):
    table = programs_by_crosswalk(PROGRAMS, CIP_SOC, code)
    # four digits: 31-9092, 31-9099, 29-2052, 31-2022; the crosswalk's 'no match' rows never match
    assert by_key(table) == {"exact": 2, "both": 2, "field": 4}
    assert table["program_key"].tolist() == ["exact", "both", "field"]
    assert table["match"].eq("CIP crosswalk").all()
    assert table["score"].isna().all()


def test_six_digits_do_not_match_their_siblings():
    table = programs_by_crosswalk(PROGRAMS, CIP_SOC, "29-2052")
    assert table["program_key"].tolist() == ["other", "field"]
    assert programs_by_crosswalk(PROGRAMS, CIP_SOC, "99-9999").empty


def test_stated_codes():
    assert by_key(programs_by_stated_codes(PROGRAMS, "31-9092.00")) == {"stated": 2, "both": 1}
    renamed = by_key(programs_by_stated_codes(PROGRAMS, "31-9092", RENAMED))
    assert renamed == {"stated": 2, "both": 1, "older": 1}
    assert programs_by_stated_codes(PROGRAMS, "31-9090")["program_key"].tolist() == ["older"]


def test_stated_codes_do_not_mind_the_index():
    shuffled = PROGRAMS.set_axis([5] * len(PROGRAMS))
    assert by_key(programs_by_stated_codes(shuffled, "31-9092")) == {"stated": 2, "both": 1}


def test_text_equals_scikit_learn():
    rng = np.random.default_rng(1)
    vectors, target = rng.normal(size=(8, 5)), rng.normal(size=5)
    table = programs_by_text(PROGRAMS, vectors, target, k=3)
    twin = cosine_similarity(vectors, target[None])[:, 0]
    order = np.argsort(-twin)[:3]
    assert np.allclose(text_scores(vectors, target), twin)
    assert table["program_key"].tolist() == PROGRAMS["program_key"].iloc[order].tolist()
    assert np.allclose(table["score"], twin[order])
    with pytest.raises(WorkbenchError, match="8 programs and 7 program vectors"):
        programs_by_text(PROGRAMS, vectors[:7], target, k=3)


def test_program_texts_say_each_thing_once():
    frame = pd.DataFrame(
        {
            "program": ["Welding.", "Phlebotomy I", None, "Nursing"],
            "cip_title": ["welding", "Phlebotomy Technician.", "Dental Assisting.", None],
        }
    )
    assert program_texts(frame) == [
        "Welding",
        "Phlebotomy I. Phlebotomy Technician",
        "Dental Assisting",
        "Nursing",
    ]


def test_each_program_once_on_its_best_ground():
    vectors, target = np.eye(8), np.arange(8.0)
    table = match_programs(
        PROGRAMS,
        "31-9092.00",
        cip_soc=CIP_SOC,
        soc_2010_to_2018=RENAMED,
        program_vectors=vectors,
        target_vector=target,
        k=7,
    )
    assert table["program_key"].tolist() == [
        *("both", "older", "stated"),  # stated: narrow first, then score
        *("exact", "field"),
        *("no match", "none"),  # nearest texts fill up to k
    ]
    counts = table["match"].value_counts(sort=False).to_dict()
    assert counts == {"stated by the list": 3, "CIP crosswalk": 2, "text similarity": 2}
    expected = text_scores(vectors, target)[[5, 4, 3, 1, 0, 7, 6]]
    # 'older' and 'both' state one code each, and 'both' has the higher score
    assert np.allclose(table["score"], expected)


def test_order_of_grounds_is_an_argument():
    table = match_programs(
        PROGRAMS, "31-9092", cip_soc=CIP_SOC, match_order=["CIP crosswalk", "stated by the list"]
    )
    assert table["match"].tolist() == ["CIP crosswalk"] * 3 + ["stated by the list"]
    with pytest.raises(WorkbenchError, match="match_order: 'intuition'"):
        match_programs(PROGRAMS, "31-9092", match_order=["intuition"])


def test_nothing_for_an_unknown_target():
    table = match_programs(PROGRAMS, "00-0000", cip_soc=CIP_SOC)
    assert table.empty
    assert table.columns.tolist() == ["program_key", "match", "breadth", "score"]


def test_copies_of_one_text_do_not_fill_all_places():
    """Fifty-six colleges with one text of 51.07 took every place before the text of 51.08."""
    programs = pd.DataFrame(
        {"program_key": [f"p{place:02}" for place in range(20)], "stated_soc_codes": "",
         "cip_code": ""}
    )  # fmt: skip
    vectors = np.array([[1.0, 0.0]] * 16 + [[0.9, np.sqrt(1 - 0.81)]] * 3 + [[0.0, 1.0]])
    found = match_programs(
        programs, "31-9092", program_vectors=vectors, target_vector=np.array([1.0, 0.0]), k=6
    )
    assert found["program_key"].tolist() == ["p00", "p16", "p19", "p01", "p17", "p02"]
    assert found["score"].round(2).tolist() == [1.0, 0.9, 0.0, 1.0, 0.9, 1.0]


def test_where_no_list_of_programs_is_at_hand_one_error_says_so():
    with pytest.raises(WorkbenchError, match=r"no list of programs is at hand\. Run 'workbench f"):
        programs_in_state([None, None], "TX", [])
