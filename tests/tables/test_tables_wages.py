"""Wages: whole codes, every area, and missing values that have a reason and are never zero."""

import gzip
from itertools import pairwise

import pytest

from analysis.errors import WorkbenchError
from analysis.tables.wages import read_missing_wages, read_wages

DATABASE = "oews-2025.sqlite.gz"
ANNUAL = ["annual_p10", "annual_p25", "annual_median", "annual_p75", "annual_p90"]


@pytest.fixture(scope="module")
def wages(carried):
    return read_wages(carried(DATABASE))


def test_rows_by_area(wages):
    assert wages["area_type"].value_counts().to_dict() == {
        "metropolitan": 141_015,
        "nonmetropolitan": 45_161,
        "state": 36_168,
        "national": 830,
    }
    assert wages.loc[wages["area_type"] == "state", "area_code"].nunique() == 54
    assert not wages.duplicated(["area_code", "soc_code"]).any()


@pytest.mark.parametrize(
    ("soc_code", "title", "median"),
    [
        ("29-1141", "Registered Nurses", 97_550),
        ("31-9092", "Medical Assistants", 45_690),
        ("47-2111", "Electricians", 63_190),
    ],
)
def test_national_medians_of_well_known_occupations(wages, soc_code, title, median):
    rows = wages[(wages["area_type"] == "national") & (wages["soc_code"] == soc_code)]
    assert rows["occupation_title"].tolist() == [title]
    assert rows["annual_median"].tolist() == [median]
    states = wages[(wages["area_type"] == "state") & (wages["soc_code"] == soc_code)]
    assert len(states) >= 51


def test_wages_are_dollars_a_year_in_order_and_never_zero(wages):
    assert wages[ANNUAL].min().min() > 10_000
    known = wages[ANNUAL].dropna()
    for lower, higher in pairwise(ANNUAL):
        assert (known[lower] <= known[higher]).all()


def test_broad_occupations_stand_only_where_their_parts_are_not_published(wages):
    codes = set(wages.loc[wages["area_type"] == "national", "soc_code"])
    assert {code for code in codes if code.endswith("0")} == {
        "13-1020",
        "13-2020",
        "29-2010",
        "31-1120",
        "39-7010",
        "47-4090",
        "51-2090",
    }
    assert not codes & {"31-1121", "31-1122"}


def test_every_missing_value_has_its_reason(wages, carried):
    reasons = read_missing_wages(carried(DATABASE))
    columns = ["employment", "annual_mean", "annual_mean_rse", *ANNUAL]
    keys = wages["area_code"] + " " + wages["soc_code"]
    for column in columns:
        told = reasons[reasons["column"] == column]
        assert set(told["area_code"] + " " + told["soc_code"]) == set(keys[wages[column].isna()])
    assert "no reason published" not in set(reasons["reason"])
    median = reasons.loc[reasons["column"] == "annual_median", "reason"].value_counts().to_dict()
    assert median == {
        "not released": 2435,
        "at or above the top code of 239,200 dollars a year": 339,
        "published as an hourly wage only": 313,
    }


WHOLE = gzip.compress(bytes(range(256)) * 40, mtime=0)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no gzip",
        gzip.compress(b"", mtime=0),
        gzip.compress(b"no database", mtime=0),
        WHOLE[:-20],
        WHOLE[:30] + b"\xff" * 20 + WHOLE[50:],
    ],
)
def test_a_damaged_database_is_refused(tmp_path, content):
    path = tmp_path / "oews.sqlite.gz"
    path.write_bytes(content)
    with pytest.raises(WorkbenchError, match=r"oews\.sqlite\.gz: not readable"):
        read_wages(path)
