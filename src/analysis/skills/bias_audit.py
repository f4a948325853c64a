"""Does similarity send some groups of workers to lower-paid jobs than equally skilled others?

Occupations differ in who holds them and in what they pay. Similarity may hand that gap on: the
jobs nearest to one that women mostly hold may pay less than those nearest to another one that
asks for as much. Both gaps are measured by the same regression, so that they can be compared.
"""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.errors import WorkbenchError
from analysis.skills.wage_step import wages_in

GROUPS = {"women": "women", "black": "Black workers", "hispanic": "Hispanic workers"}
OWN, NEAREST = "wage of the occupation itself", "mean wage of its nearest occupations"


def workforce_by_code(workforce: pd.DataFrame, wages: pd.DataFrame) -> pd.DataFrame:
    """Shares of groups by six-digit SOC code, matched on titles.

    The survey names occupations and gives no codes; its titles and those of the wage release are
    compared without case, punctuation and 'all other'. What is not the same is left out.

    Parameters
    ----------
    workforce : DataFrame
        Table ``workforce``, with ``occupation_title``.
    wages : DataFrame
        Table ``wages``, for ``soc_code`` and ``occupation_title``.

    Returns
    -------
    DataFrame
        ``soc_code`` and the columns of table ``workforce``.

    Examples
    --------
    >>> people = pd.DataFrame({"occupation_title": ["Cashiers", "Total"], "women": [0.7, 0.5]})
    >>> paid = pd.DataFrame({"soc_code": ["41-2011"], "occupation_title": ["Cashiers"]})
    >>> workforce_by_code(people, paid)[["soc_code", "women"]].values.tolist()
    [['41-2011', 0.7]]
    """
    named = wages[["soc_code", "occupation_title"]].drop_duplicates("soc_code")
    keyed = named.assign(key=named["occupation_title"].map(_plain)).drop_duplicates("key")
    people = workforce.assign(key=workforce["occupation_title"].map(_plain))
    people = people.drop_duplicates("key")
    return keyed[["soc_code", "key"]].merge(people, on="key").drop(columns="key")


def neighbour_wages(
    similarity: np.ndarray, codes: Sequence[str], wages: pd.DataFrame, neighbours: int = 10
) -> pd.DataFrame:
    """Own median wage and mean of the nearest occupations' medians, nation-wide.

    Parameters
    ----------
    similarity : ndarray, shape (n, n)
    codes : sequence of str
        O*NET-SOC codes of its rows.
    wages : DataFrame
        Table ``wages``.
    neighbours : int
        How many of the nearest count; the occupation itself never does.

    Returns
    -------
    DataFrame
        ``onet_soc_code``, ``own_wage``, ``nearest_wage`` (mean over those of the nearest whose
        wage is published); dollars a year.

    Examples
    --------
    >>> wages = pd.DataFrame({"area_name": "U.S.", "area_type": "national", "annual_p25": 1.0,
    ...     "soc_code": ["11-1011", "11-1021", "11-1031"], "annual_p75": 1.0, "employment": 1.0,
    ...     "annual_median": [30_000.0, 40_000.0, 60_000.0]})
    >>> near = np.array([[1.0, 0.9, 0.1], [0.9, 1.0, 0.5], [0.1, 0.5, 1.0]])
    >>> codes = ["11-1011.00", "11-1021.00", "11-1031.00"]
    >>> neighbour_wages(near, codes, wages, neighbours=1)["nearest_wage"].tolist()
    [40000.0, 30000.0, 40000.0]
    """
    paid = wages_in(wages, list(codes))["annual_median"].to_numpy()
    values = np.array(similarity, dtype=float)
    np.fill_diagonal(values, -np.inf)
    first = np.argsort(-values, axis=1, kind="stable")[:, :neighbours]
    near = np.ma.masked_invalid(paid[first])
    return pd.DataFrame(
        {
            "onet_soc_code": list(codes),
            "own_wage": paid,
            "nearest_wage": near.mean(axis=1).filled(np.nan),
        }
    )


def audit(
    paid: pd.DataFrame,
    people: pd.DataFrame,
    job_zones: pd.DataFrame,
    skill_level: pd.Series,
    *,
    level: float = 0.95,
) -> pd.DataFrame:
    """Wage per ten points of a group's share, among occupations that ask for as much.

    Log wages on the three groups' shares together, job zone (as categories) and the mean level
    of the 35 skills; one row an O*NET occupation, errors clustered by six-digit code, since the
    survey's shares are the code's.

    Parameters
    ----------
    paid : DataFrame
        From `neighbour_wages`.
    people : DataFrame
        From `workforce_by_code`.
    job_zones : DataFrame
        Table ``job_zones``.
    skill_level : Series
        Mean level of skills by O*NET-SOC code.
    level : float
        Of intervals.

    Returns
    -------
    DataFrame
        ``group``, ``outcome``, ``difference`` (share of the wage, per ten points more of the
        group) with ``interval_low`` and ``interval_high``, ``p_value``, ``n_occupations``.

    Raises
    ------
    WorkbenchError
        Fewer than 30 occupations can be matched.

    Examples
    --------
    The nearest jobs pay three percent less in logarithms for ten points more women, the job itself
    pays nothing less.

    >>> rng = np.random.default_rng(1)
    >>> codes = [f"11-{number}.00" for number in range(1011, 1061)]
    >>> shares = pd.DataFrame(rng.uniform(size=(50, 3)), columns=list(GROUPS))
    >>> base = 10 + 0.01 * rng.normal(size=50)
    >>> paid = pd.DataFrame({"onet_soc_code": codes, "own_wage": np.exp(base),
    ...                      "nearest_wage": np.exp(base - 0.3 * shares["women"])})
    >>> found = audit(
    ...     paid, shares.assign(soc_code=[code[:7] for code in codes]),
    ...     pd.DataFrame({"onet_soc_code": codes, "job_zone": [2, 3] * 25}),
    ...     pd.Series(rng.normal(size=50), codes),
    ... ).set_index(["group", "outcome"])  # fmt: skip
    >>> found.loc["women", "difference"].round(2).to_dict()
    {'mean wage of its nearest occupations': -0.03, 'wage of the occupation itself': 0.0}
    """
    import statsmodels.formula.api as smf

    frame = paid.assign(soc_code=paid["onet_soc_code"].str[:7]).merge(people, on="soc_code")
    frame = frame.merge(job_zones, on="onet_soc_code")
    frame["skill"] = frame["onet_soc_code"].map(skill_level)
    frame = frame.dropna(subset=["own_wage", "nearest_wage", "skill", *GROUPS])
    if len(frame) < 30:
        raise WorkbenchError(
            f"only {len(frame)} occupations have wages, ratings and shares of groups",
            "Check that wages and workforce are of the same classification.",
        )
    cluster = pd.factorize(frame["soc_code"])[0]
    rows = []
    for outcome, column in ((OWN, "own_wage"), (NEAREST, "nearest_wage")):
        model = smf.ols(
            f"np.log({column}) ~ {' + '.join(GROUPS)} + skill + C(job_zone)", data=frame
        ).fit(cov_type="cluster", cov_kwds={"groups": cluster})
        limits = model.conf_int(1 - level)
        for name, group in GROUPS.items():
            low, high = np.expm1(limits.loc[name].to_numpy() * 0.1)
            rows.append(
                {
                    "group": group,
                    "outcome": outcome,
                    "difference": float(np.expm1(model.params[name] * 0.1)),
                    "interval_low": float(low),
                    "interval_high": float(high),
                    "p_value": float(model.pvalues[name]),
                    "n_occupations": len(frame),
                }
            )
    return pd.DataFrame(rows).sort_values(["group", "outcome"], ignore_index=True)


def _plain(title: str) -> str:
    words = re.findall(r"[a-z]+", str(title).lower().replace("all other", "other"))
    return " ".join(words)
