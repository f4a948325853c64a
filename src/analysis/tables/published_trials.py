"""Participants of the published trials, and of comparisons with people whom no lottery chose."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.tables.r_data import r_frame
from analysis.tables.trials import Trial


def _person_rows(
    raw: pd.DataFrame,
    key: str,
    treated: str,
    stratum: pd.Series | str,
    race: np.ndarray,
    gender: np.ndarray | str,
) -> pd.DataFrame:
    # some carriers store ages as small integers, whose squares overflow: floats throughout
    numbers = raw.drop(columns=[treated]).astype("float64")
    front = pd.DataFrame(
        {
            "person": np.arange(len(raw)),
            "trial": key,
            "treated": raw[treated].astype("int64"),
            "stratum": stratum,
            "race": pd.Series(race, index=raw.index).astype("str"),
            "gender": gender,
        }
    )
    return pd.concat([front, numbers], axis=1)


def read_nsw(path: Path) -> Trial:
    """National Supported Work, the randomised men with two years of earlier earnings.

    Dehejia and Wahba's sample of LaLonde (1986): 185 assigned to a subsidised job, 260 not.
    Earnings are turned from thousands of dollars into dollars (of 1982: LaLonde deflated them).

    Parameters
    ----------
    path : Path
        CSV (``jtrain2``) with ``train`` (0 or 1), ``age``, ``educ``, ``black``, ``hisp``,
        ``married``, ``nodegree``, ``re74``, ``re75`` and ``re78`` (thousands of dollars).

    Returns
    -------
    Trial

    Raises
    ------
    KeyError
        When a column is missing.

    References
    ----------
    LaLonde (1986), American Economic Review 76(4); Dehejia and Wahba (1999), Journal of the
    American Statistical Association 94(448).

    Examples
    --------
    >>> import tempfile
    >>> lines = ["train,age,educ,black,hisp,married,nodegree,re74,re75,re78",
    ...          "1,30,11,1,0,0,1,0,0,9.9", "0,25,12,0,1,1,0,2,3,0"]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "jtrain2.csv"
    ...     _ = path.write_text("\\n".join(lines))
    ...     trial = read_nsw(path)
    >>> trial.frame[["treated", "race", "re78", "employed78"]].values.tolist()
    [[1, 'Black', 9900.0, 1.0], [0, 'Hispanic', 0.0, 0.0]]
    """
    raw, race = _men(path)
    covariates = ["age", "educ", "black", "hisp", "married", "nodegree", "re74", "re75"]
    kept = raw[["train", *covariates, "re78"]].assign(
        employed78=(raw["re78"] > 0).astype("float64")
    )
    return Trial(
        key="nsw",
        title="National Supported Work, men",
        about="185 of 445 men with long unemployment were assigned by lottery to a subsidised job "
        "of 6 to 18 months; earnings are those of 1978, two years after entry, in dollars of 1982 "
        "(real earnings, LaLonde 1986).",
        frame=_person_rows(kept, "nsw", "train", "", race, "men"),
        horizon="1978, two years after entry",
        outcomes={
            "re78": "dollars (of 1982) earned in 1978",
            "employed78": "share with earnings in 1978",
        },
        per_year={"re78": 1.0},
        default_outcome="re78",
        covariates=tuple(covariates),
        after_assignment=("re78", "employed78"),
        earlier="re75",
        made_of_earlier=("re75",),
        work={"re78": "employed78"},
    )


def read_nsw_psid(path: Path) -> Trial:
    """The 185 men of the NSW program against 2,490 men of a household survey (``jtrain3``).

    LaLonde's (1986) comparison: the lottery's answer is 1,794 dollars, this difference -15,205.
    It shows what a design without a lottery can do, and is never an estimate; see ``design``.

    Parameters
    ----------
    path : Path
        CSV (``jtrain3``) with the columns of :func:`read_nsw` but ``nodegree``.

    Returns
    -------
    Trial
        Covariates are the eleven of Dehejia and Wahba (1999).

    Raises
    ------
    KeyError
        When a column is missing.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "jtrain3.csv"
    ...     _ = path.write_text("train,age,educ,black,hisp,married,re74,re75,re78\\n"
    ...                         "0,30,9,0,0,1,0,3,4\\n")
    ...     trial = read_nsw_psid(path)
    >>> trial.frame[["age_squared", "nodegree", "unemployed74", "re75"]].values.tolist()
    [[900.0, 1.0, 1.0, 3000.0]]
    >>> trial.design
    'comparison group, not randomised'
    """
    raw, race = _men(path)
    return Trial(
        key="nsw_psid",
        title="National Supported Work, men, against a household survey",
        about="The 185 men of the program and 2,490 men of the Panel Study of Income Dynamics, who "
        "were not eligible for it; earnings are those of 1978, in dollars of 1982 (real earnings).",
        frame=_compared(raw, "nsw_psid", race),
        **_COMPARED,
    )


def read_nsw_cps(path: Path, treated_path: Path) -> Trial:
    """The 185 men of the NSW program against 15,992 men of the Current Population Survey.

    Parameters
    ----------
    path : Path
        ``cps_mixtape.dta``. Its ages are stored in one byte, and their squares would overflow.
    treated_path : Path
        ``jtrain2``, the trial that the 185 men come from.

    Returns
    -------
    Trial
        As from :func:`read_nsw_psid`.

    Raises
    ------
    KeyError
        When a column is missing.

    Examples
    --------
    >>> import tempfile
    >>> survey = {"treat": 0, "age": 50, "educ": 9, "black": 0, "hisp": 0, "marr": 1,
    ...           "re74": 0.0, "re75": 3000.0, "re78": 4000.0}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path, men = Path(folder) / "cps.dta", Path(folder) / "jtrain2.csv"
    ...     pd.DataFrame([survey]).to_stata(path, write_index=False)
    ...     _ = men.write_text("train,age,educ,black,hisp,married,re74,re75,re78\\n"
    ...                        "1,30,11,1,0,0,0,0,9.9\\n0,25,12,0,1,1,2,3,0\\n")
    ...     trial = read_nsw_cps(path, men)
    >>> trial.frame[["treated", "age_squared", "re78"]].values.tolist()
    [[1.0, 900.0, 9900.0], [0.0, 2500.0, 4000.0]]
    """
    survey = pd.read_stata(path).rename(columns={"treat": "train", "marr": "married"})
    raw, _ = _men(treated_path)
    columns = ["train", "age", "educ", "black", "hisp", "married", "re74", "re75", "re78"]
    both = pd.concat([raw.loc[raw["train"] == 1, columns], survey[columns]], ignore_index=True)
    both = both.astype("float64")
    return Trial(
        key="nsw_cps",
        title="National Supported Work, men, against the Current Population Survey",
        about="The 185 men of the program and 15,992 men of the Current Population Survey; "
        "earnings are those of 1978, in dollars of 1982 (real earnings, LaLonde 1986).",
        frame=_compared(both, "nsw_cps", _race(both)),
        **_COMPARED,
    )


_COMPARED: dict[str, Any] = {
    "horizon": "1978, two years after entry",
    "outcomes": {"re78": "dollars (of 1982) earned in 1978"},
    "per_year": {"re78": 1.0},
    "default_outcome": "re78",
    "covariates": (
        *("age", "age_squared", "educ", "black", "hisp", "married", "nodegree"),
        *("re74", "re75", "unemployed74", "unemployed75"),
    ),
    "after_assignment": ("re78",),
    "design": "comparison group, not randomised",
    "earlier": "re75",
    "made_of_earlier": ("re75", "unemployed75"),
}


def _compared(raw: pd.DataFrame, key: str, race: np.ndarray) -> pd.DataFrame:
    """Rows of a comparison with the eleven covariates that Dehejia and Wahba (1999) used."""
    kept = raw[["train", "age", "educ", "black", "hisp", "married", "re74", "re75", "re78"]]
    kept = kept.astype("float64").assign(
        age_squared=kept["age"].astype("float64") ** 2,
        nodegree=kept["educ"] < 12,
        unemployed74=kept["re74"] == 0,
        unemployed75=kept["re75"] == 0,
    )
    return _person_rows(kept, key, "train", "", race, "men")


def _men(path: Path) -> tuple[pd.DataFrame, np.ndarray]:
    """Rows of a National Supported Work file with earnings in dollars, and each man's race."""
    raw = pd.read_csv(path)
    dollars = ["re74", "re75", "re78"]
    raw[dollars] = raw[dollars].astype("float64") * 1000
    return raw, _race(raw)


def _race(raw: pd.DataFrame) -> np.ndarray:
    return np.select([raw["black"] == 1, raw["hisp"] == 1], ["Black", "Hispanic"], "white or other")


def read_jtpa_women(path: Path) -> Trial:
    """National JTPA Study, adult women at 16 sites; 30-month earnings in dollars of the time.

    Parameters
    ----------
    path : Path
        R data with the frame ``jtpa_women``: ``T`` (assigned), ``Y`` (dollars over 30 months),
        ``site`` and what was measured before assignment.

    Returns
    -------
    Trial
        Strata are the sites.

    Raises
    ------
    WorkbenchError
        For a file that is no R data or has no such frame.
    KeyError
        When a column is missing.

    References
    ----------
    Bloom et al. (1997), Journal of Human Resources 32(3).

    Examples
    --------
    >>> import tempfile
    >>> import rdata
    >>> row = {"T": 1.0, "Y": 16_500.0, "site": 4, "prevearn": 2_000.0, "age": 30.0,
    ...     "married": 0.0, "hrwage": 5.0, "black": 0.0, "hispanic": 1.0, "hsorged": 1.0,
    ...     "yrs_educ": 12.0}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "jtpa.rda"
    ...     rdata.write_rda(path, {"jtpa_women": pd.DataFrame([row])})
    ...     trial = read_jtpa_women(path)
    >>> trial.frame[["treated", "stratum", "race", "earnings_30_months"]].values.tolist()
    [[1, '4', 'Hispanic', 16500.0]]
    >>> trial.per_year
    {'earnings_30_months': 0.4}
    """
    raw = r_frame(path, "jtpa_women")
    site = raw["site"].astype("str")
    race = np.select(
        [raw["black"] == 1, raw["hispanic"] == 1], ["Black", "Hispanic"], "white or other"
    )
    covariates = ["prevearn", "age", "married", "hrwage", "black", "hispanic"]
    covariates += ["hsorged", "yrs_educ"]
    return Trial(
        key="jtpa_women",
        title="Job Training Partnership Act, adult women",
        about="6,102 women who applied at 16 sites from 1987 to 1989; two thirds were assigned by "
        "lottery to be offered training; earnings over the 30 months after assignment.",
        frame=_person_rows(
            raw[["T", "Y", *covariates]], "jtpa_women", "T", site, race, "women"
        ).rename(columns={"Y": "earnings_30_months"}),
        horizon="30 months after assignment, summed",
        outcomes={"earnings_30_months": "dollars earned over 30 months"},
        per_year={"earnings_30_months": 12 / 30},
        default_outcome="earnings_30_months",
        covariates=tuple(covariates),
        after_assignment=("earnings_30_months",),
        earlier="prevearn",
        made_of_earlier=("prevearn",),
        stratum_name="site",
    )


def read_job_corps(path: Path) -> Trial:
    """National Job Corps Study: young people, weekly earnings in years two to four.

    The file holds complete cases without design weights. Women were assigned to treatment more
    often than men (64.5 against 57.1 percent), so gender is the stratum.

    Parameters
    ----------
    path : Path
        R data with the frame ``JC``: ``assignment``, then ``female`` to ``alcoholmis`` (before
        assignment), then what was measured after it.

    Returns
    -------
    Trial

    Raises
    ------
    WorkbenchError
        For a file that is no R data or has no such frame.
    KeyError
        When a column is missing.

    References
    ----------
    Schochet, Burghardt and McConnell (2008), American Economic Review 98(5).

    Examples
    --------
    >>> import tempfile
    >>> import rdata
    >>> row = {"assignment": 1.0, "female": 1.0, "white": 0.0, "black": 1.0, "hispanic": 0.0,
    ...     "mwearn": 40.0, "alcoholmis": 0.0, "earny4": 210.0, "pworky4": 80.0}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "JC.rda"
    ...     rdata.write_rda(path, {"JC": pd.DataFrame([row])})
    ...     trial = read_job_corps(path)
    >>> trial.frame[["treated", "stratum", "race", "earny4"]].values.tolist()
    [[1, 'women', 'Black', 210.0]]
    >>> trial.covariates, trial.after_assignment
    (('female', 'white', 'black', 'hispanic', 'mwearn', 'alcoholmis'), ('earny4', 'pworky4'))
    """
    raw = r_frame(path, "JC")
    start, end = raw.columns.get_loc("female"), raw.columns.get_loc("alcoholmis")
    covariates = list(raw.columns[start : end + 1])
    race = np.select(
        [raw["black"] == 1, raw["hispanic"] == 1, raw["white"] == 1],
        ["Black", "Hispanic", "white"],
        "other or not stated",
    )
    gender = np.where(raw["female"] == 1, "women", "men")
    outcomes = {f"earny{year}": f"dollars a week in year {year}" for year in (2, 3, 4)}
    outcomes |= {f"pworky{year}": f"percent of weeks worked in year {year}" for year in (2, 3, 4)}
    later = list(raw.columns[end + 1 :])
    return Trial(
        key="job_corps",
        title="Job Corps, young people of 16 to 24",
        about="9,240 applicants of 1994 to 1996 with complete answers; a lottery decided who was "
        "admitted and who was kept out for three years; earnings are weekly averages of the year.",
        frame=_person_rows(raw, "job_corps", "assignment", pd.Series(gender), race, gender),
        horizon="year 4 after assignment",
        outcomes=outcomes,
        per_year={f"earny{year}": 52.0 for year in (2, 3, 4)},
        default_outcome="earny4",
        covariates=tuple(covariates),
        after_assignment=tuple(later),
        stratum_name="gender",
        earlier="mwearn",
        made_of_earlier=("mwearn",),
        work={f"earny{year}": f"pworky{year}" for year in (2, 3, 4)},
        groupings=(("race",), ("gender",), ("race", "gender")),
    )
