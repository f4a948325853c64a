"""Crosswalks: many to many, codes as text."""

import pytest

from analysis.tables.crosswalks import read_cip_soc, read_soc_2010_to_2018


@pytest.fixture(scope="module")
def cip_soc(mirror):
    return read_cip_soc(mirror / "crosswalks" / "soc2018_cip2020_crosswalk.csv")


def test_cip_soc_is_the_published_crosswalk_without_its_no_match_rows(cip_soc):
    # 6,093 rows, of which 194 are "no occupation" and 180 "no field of study"
    assert len(cip_soc) == 6093 - 194 - 180
    assert not cip_soc.duplicated(["cip_code", "soc_code"]).any()
    assert not cip_soc["soc_code"].eq("99-9999").any()
    assert not cip_soc["cip_code"].eq("99.9999").any()


def test_leading_zeros_stay(cip_soc):
    assert cip_soc["cip_code"].str.fullmatch(r"\d{2}\.\d{4}").all()
    assert cip_soc["cip_code"].str.startswith("01.").any()


def test_medical_assistants(cip_soc):
    rows = cip_soc[(cip_soc["cip_code"] == "51.0801") & (cip_soc["soc_code"] == "31-9092")]
    assert rows[["cip_title", "soc_title"]].values.tolist() == [
        ["Medical/Clinical Assistant", "Medical Assistants"]
    ]


def test_soc_2010_to_2018(mirror):
    frame = read_soc_2010_to_2018(mirror / "crosswalks" / "soc2010_to_2018_crosswalk.csv")
    assert len(frame) == 900
    # one code of 2010 became several, and several became one
    assert frame["soc_2010_code"].duplicated().any()
    assert frame["soc_2018_code"].duplicated().any()
