"""The trials: published effects straight from the frames, and what may not be adjusted for."""

import numpy as np
import pandas as pd
import pytest

from analysis.errors import WorkbenchError
from analysis.tables.published_trials import (
    read_job_corps,
    read_jtpa_women,
    read_nsw,
    read_nsw_psid,
)
from analysis.tables.trials import Trial


def difference(frame: pd.DataFrame, outcome: str) -> float:
    means = frame.groupby("treated")[outcome].mean()
    return means[1] - means[0]


@pytest.fixture(scope="module")
def job_corps(mirror):
    return read_job_corps(mirror / "trials" / "JC.RData")


@pytest.fixture(scope="module")
def jtpa(mirror):
    return read_jtpa_women(mirror / "trials" / "jtpa_women.rda")


@pytest.fixture(scope="module")
def nsw(carried):
    return read_nsw(carried("jtrain2.csv.bz2"))


@pytest.fixture(scope="module")
def nsw_psid(carried):
    return read_nsw_psid(carried("jtrain3.csv.bz2"))


def test_nsw(nsw):
    people = nsw.frame
    assert people["treated"].value_counts().to_dict() == {0: 260, 1: 185}
    assert difference(people, "re78") == pytest.approx(1794.34, abs=0.005)
    assert people["race"].value_counts().to_dict() == {
        "Black": 371,
        "Hispanic": 39,
        "white or other": 35,
    }
    assert people["re78"].max() > 10_000  # dollars, not thousands
    assert (people["employed78"] == (people["re78"] > 0)).all()


def test_nsw_psid_is_marked_as_no_lottery_and_misses_by_thousands(nsw, nsw_psid):
    people = nsw_psid.frame
    assert nsw_psid.design == "comparison group, not randomised"
    assert people["treated"].value_counts().to_dict() == {0: 2490, 1: 185}
    assert difference(people, "re78") == pytest.approx(-15_204.78, abs=0.005)
    by_race = people.groupby(["race", "treated"]).size()
    assert (by_race[("Black", 0)], by_race[("Black", 1)]) == (624, 156)
    # the men of the program are those of the trial
    ours = np.sort(people.loc[people["treated"] == 1, "re78"])
    np.testing.assert_allclose(ours, np.sort(nsw.frame.query("treated == 1")["re78"]), rtol=1e-6)


def test_jtpa_women(jtpa):
    people = jtpa.frame
    assert len(people) == 6102
    assert difference(people, "earnings_30_months") == pytest.approx(1242.56, abs=0.005)
    for race, effect in (("Black", 1743.65), ("Hispanic", 483.51), ("white or other", 1178.88)):
        of_race = people[people["race"] == race]
        assert difference(of_race, "earnings_30_months") == pytest.approx(effect, abs=0.005)
    sites = people["stratum"].value_counts()
    assert (len(sites), sites.min(), sites.max()) == (16, 38, 1392)


def test_job_corps(job_corps):
    people = job_corps.frame
    assert len(people) == 9240
    assert difference(people, "earny4") == pytest.approx(16.06, abs=0.005)
    women, men = (people[people["gender"] == gender] for gender in ("women", "men"))
    assert difference(women, "earny4") == pytest.approx(18.13, abs=0.005)
    assert difference(men, "earny4") == pytest.approx(23.29, abs=0.005)
    assert (len(women), len(men)) == (4060, 5180)


def test_job_corps_stratum_is_gender_because_its_shares_differ(job_corps):
    people = job_corps.frame
    assert (people["stratum"] == people["gender"]).all()
    shares = people.groupby("stratum")["treated"].mean()
    assert shares["women"] == pytest.approx(0.645, abs=0.0005)
    assert shares["men"] == pytest.approx(0.571, abs=0.0005)


def test_job_corps_races_exclude_each_other(job_corps):
    people = job_corps.frame
    assert people["race"].value_counts().to_dict() == {
        "Black": 4557,
        "white": 2435,
        "Hispanic": 1575,
        "other or not stated": 673,
    }
    assert people[["white", "black", "hispanic"]].sum(axis=1).max() == 1


def test_job_corps_covariates_are_the_28_of_the_baseline(job_corps):
    assert len(job_corps.covariates) == 28
    assert (job_corps.covariates[0], job_corps.covariates[-1]) == ("female", "alcoholmis")
    for later in ("everwkdy1", "earnq4", "pworky1", "health12", "earny2", "trainy1"):
        assert later in job_corps.after_assignment


@pytest.mark.parametrize("name", ["nsw", "nsw_psid", "jtpa", "job_corps"])
def test_every_trial_is_whole(name, request):
    trial: Trial = request.getfixturevalue(name)
    people = trial.frame
    front = ["person", "trial", "treated", "stratum", "race", "gender"]
    assert list(people.columns[:6]) == front
    assert people["person"].is_unique
    assert set(people["treated"]) == {0, 1}
    assert not people.isna().any().any()
    numbers = people.columns[6:]
    assert people[numbers].dtypes.eq("float64").all()
    # every number is a covariate or was measured after assignment, never both, never neither
    covariates, later = set(trial.covariates), set(trial.after_assignment)
    assert not covariates & later
    assert covariates | later == set(numbers)
    assert set(trial.outcomes) <= later
    assert trial.default_outcome in trial.outcomes
    assert set(trial.per_year) <= set(trial.outcomes)


def test_a_file_that_is_no_r_data_is_refused(tmp_path):
    path = tmp_path / "JC.RData"
    path.write_bytes(b"not R")
    with pytest.raises(WorkbenchError, match=r"JC\.RData: not readable as R data"):
        read_job_corps(path)
