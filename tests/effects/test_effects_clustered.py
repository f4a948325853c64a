"""Cluster-robust errors: equal to statsmodels and to the definition, and right in simulation."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from linearmodels.iv import IV2SLS

from analysis.effects import difference_in_means, lin_adjusted
from analysis.effects.clustered import clustered_difference, clustered_lin
from analysis.errors import WorkbenchError

STEADY = settings(derandomize=True, database=None, deadline=None, max_examples=25)


def sites(seed: int, count: int = 24, whole_sites: bool = True) -> pd.DataFrame:
    """Sites of 2 to 14 people whose earnings have a part in common."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(2, 15, count)
    site = np.repeat(np.arange(count), sizes)
    n = len(site)
    treated = site % 2 if whole_sites else rng.integers(0, 2, n)
    x = rng.normal(size=n) + rng.normal(size=count)[site]
    y = 20 + x + treated * (1 + 0.3 * x) + 2 * rng.normal(size=count)[site] + rng.normal(size=n)
    return pd.DataFrame({"y": y, "treated": treated, "x": x, "site": site})


def design(people: pd.DataFrame, adjusted: bool) -> np.ndarray:
    t = people["treated"].to_numpy(float)
    if not adjusted:
        return np.column_stack([np.ones(len(t)), t])
    x = (people["x"] - people["x"].mean()).to_numpy()
    return np.column_stack([np.ones(len(t)), t, x, x * t])


def by_definition(X: np.ndarray, y: np.ndarray, site: np.ndarray) -> tuple[float, float]:
    """CR2 standard error and Bell-McCaffrey degrees of freedom with n x n matrices."""
    n = len(y)
    bread = np.linalg.inv(X.T @ X)
    maker = np.eye(n) - X @ bread @ X.T
    residual = maker @ y
    meat, columns = np.zeros_like(bread), []
    for one in np.unique(site):
        rows = np.flatnonzero(site == one)
        values, vectors = np.linalg.eigh(maker[np.ix_(rows, rows)])
        root = vectors @ np.diag(values**-0.5) @ vectors.T
        score = X[rows].T @ root @ residual[rows]
        meat += np.outer(score, score)
        columns.append(maker[:, rows] @ root @ X[rows] @ bread[:, 1])
    G = np.column_stack(columns)
    roots = np.linalg.eigvalsh(G.T @ G)
    return float(np.sqrt((bread @ meat @ bread)[1, 1])), float(roots.sum() ** 2 / (roots**2).sum())


def effect(people: pd.DataFrame, adjusted: bool, errors: str):
    if adjusted:
        return clustered_lin(
            people["y"], people["treated"], people[["x"]], people["site"], errors=errors
        )
    return clustered_difference(people["y"], people["treated"], people["site"], errors=errors)


@pytest.mark.parametrize("whole_sites", [True, False])
@pytest.mark.parametrize("adjusted", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_equal_to_statsmodels_and_linearmodels(seed, adjusted, whole_sites):
    people = sites(seed, whole_sites=whole_sites)
    X = design(people, adjusted)
    for errors, correction in (("CR0", False), ("CR1", True)):
        twin = sm.OLS(people["y"].to_numpy(), X).fit(
            cov_type="cluster",
            cov_kwds={"groups": people["site"].to_numpy(), "use_correction": correction},
        )
        second = IV2SLS(people["y"], pd.DataFrame(X), None, None).fit(
            cov_type="clustered", clusters=people["site"], debiased=correction)  # fmt: skip
        found = effect(people, adjusted, errors)
        assert found.estimate == pytest.approx(twin.params[1], rel=1e-8)
        assert found.standard_error == pytest.approx(twin.bse[1], rel=1e-8)
        assert found.standard_error == pytest.approx(second.std_errors.iloc[1], rel=1e-8)


@pytest.mark.parametrize("adjusted", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_cr2_equals_its_definition(seed, adjusted):
    people = sites(seed, count=12)
    error, freedom = by_definition(
        design(people, adjusted), people["y"].to_numpy(), people["site"].to_numpy()
    )
    found = effect(people, adjusted, "CR2")
    assert found.standard_error == pytest.approx(error, rel=1e-8)
    assert found.degrees_of_freedom == pytest.approx(freedom, rel=1e-7)


def test_clusters_of_one_are_hc2():
    people = sites(5).assign(site=lambda frame: np.arange(len(frame)))
    n1, n0 = people["treated"].sum(), (1 - people["treated"]).sum()
    plain = difference_in_means(people["y"], people["treated"])
    found = effect(people, False, "CR2")
    assert found.standard_error == pytest.approx(plain.standard_error, rel=1e-10)
    # Imbens and Kolesár (2016), equation for two groups
    freedom = (n0 + n1) ** 2 * (n0 - 1) * (n1 - 1) / (n1**2 * (n1 - 1) + n0**2 * (n0 - 1))
    assert found.degrees_of_freedom == pytest.approx(freedom, rel=1e-9)
    adjusted = lin_adjusted(people["y"], people["treated"], people[["x"]])
    assert effect(people, True, "CR2").standard_error == pytest.approx(
        adjusted.standard_error, rel=1e-10
    )


def test_equal_clusters_by_hand():
    # cluster means 4, 8 against 2, 3: variance 8/2 + .5/2
    found = clustered_difference(
        [3.0, 5.0, 7.0, 9.0, 1.0, 3.0, 2.0, 4.0], [1] * 4 + [0] * 4, list("aabbccdd")
    )
    assert found.estimate == pytest.approx(3.5, rel=1e-12)
    assert found.standard_error == pytest.approx(4.25**0.5, rel=1e-12)
    assert found.control_mean == pytest.approx(2.5)
    assert found.control_standard_error == pytest.approx(0.25**0.5, rel=1e-10)
    assert "CR2 by cluster (4 clusters)" in found.method


def test_too_few_clusters_are_refused():
    people = sites(1)
    with pytest.raises(WorkbenchError, match="column site: the treated arm has fewer than 2"):
        effect(people[people["site"].isin([0, 1, 2, 4])], False, "CR2")
    few = people[people["site"] < 4]
    wide = few.assign(z=np.sin(np.arange(len(few))))
    with pytest.raises(WorkbenchError, match="4 clusters for 6 parameters"):
        clustered_lin(wide["y"], wide["treated"], wide[["x", "z"]], wide["site"])


@STEADY
@given(
    seed=st.integers(0, 2**31), shift=st.floats(-1e3, 1e3), errors=st.sampled_from(["CR1", "CR2"])
)
def test_labels_order_and_shift_do_not_matter(seed, shift, errors):
    people = sites(2)
    rng = np.random.default_rng(seed)
    plain = effect(people, True, errors)
    names = rng.permutation(24)
    moved = people.assign(y=people["y"] + shift, site=names[people["site"]])
    found = effect(moved.iloc[rng.permutation(len(people))].reset_index(drop=True), True, errors)
    assert found.estimate == pytest.approx(plain.estimate, rel=1e-7)
    assert found.standard_error == pytest.approx(plain.standard_error, rel=1e-7)
    assert found.degrees_of_freedom == pytest.approx(plain.degrees_of_freedom, rel=1e-7)


def test_cr2_covers_with_few_clusters_where_people_alone_do_not():
    clustered = alone = 0
    for seed in range(400):
        people = sites(3000 + seed, count=12).assign(x=0.0)
        people["y"] = people["y"] - people["treated"]
        rng = np.random.default_rng(seed)
        common = rng.normal(size=12)[people["site"]]
        people["y"] = people["treated"] + 2 * common + rng.normal(size=len(people))
        low, high = effect(people, False, "CR2").interval()
        clustered += low < 1 < high
        low, high = difference_in_means(people["y"], people["treated"]).interval()
        alone += low < 1 < high
    # 400 draws of .95: standard error .011
    assert 0.92 < clustered / 400 < 0.98
    assert alone / 400 < 0.7
