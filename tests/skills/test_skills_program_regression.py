"""Regression on what programs say: a whole provider left out in closed form, and its predictors."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from analysis.skills.program_labels import Labels
from analysis.skills.program_regression import PENALTY, program_design, regressed_shares


def test_closed_form_equals_a_fit_without_the_provider():
    rng = np.random.default_rng(1)
    n, providers = 60, np.repeat(np.arange(12), 5)
    design = np.column_stack([np.ones(n), rng.normal(size=(n, 4))])
    shares = np.eye(6)[rng.integers(0, 5, size=n)]  # the sixth occupation is never stated
    rows = np.flatnonzero(np.arange(n) % 5 != 2)  # some programs state nothing
    labels = Labels(rows, sparse.csr_matrix(shares[rows] > 0), providers[rows])
    found = regressed_shares(design, providers, labels, shares[rows])
    for provider in range(12):
        taught = rows[providers[rows] != provider]
        X = design[taught]
        slope = np.linalg.solve(X.T @ X + PENALTY * np.eye(5), X.T @ shares[taught])
        expected = np.clip(design[providers == provider] @ slope, 0, 1)
        assert found[providers == provider] == pytest.approx(expected, abs=1e-4)
    assert (found[:, 5] == 0).all()


def test_design_reads_words_credential_and_field_and_no_label():
    programs = pd.DataFrame(
        {"program": ["Welding one", "Welding two", "Nurse aide", "Nurse help"] * 3,
         "credential": ["AWS", "", "CNA", None] * 3, "cip_code": ["48.0508", "51.3902"] * 6}
    )  # fmt: skip
    texts = programs["program"].tolist()

    def vectors(asked):
        return np.array([[len(text), text == "-"] for text in asked], dtype=float)

    design = program_design(programs, texts, vectors)
    assert len(design) == 12
    assert (design[:, 0] == 1).all()
    assert (design[0] == design[4]).all()
    assert (design[0] != design[1]).any()
    without = program_design(
        programs.assign(cip_code=None).astype({"cip_code": "str"}), texts, vectors
    )
    assert without.shape[1] == design.shape[1] - 6  # two fields, each at two, four and six digits


def test_shares_do_not_hang_on_the_order_that_sums_are_made_in():
    """As of another number of threads, processor or math library."""
    rng = np.random.default_rng(0)
    n, words, codes = 2000, 600, 300
    programs = pd.DataFrame(
        {"program": [f"name {row}" for row in range(n)], "credential": "", "cip_code": "48.0508"}
    )
    meant = rng.normal(size=(n, 60)) @ rng.normal(size=(60, words)) / np.sqrt(60 * words)
    vectors = dict(zip(programs["program"], meant, strict=True))
    design = program_design(
        programs, programs["program"].tolist(),
        lambda asked: np.array([vectors.get(text, np.zeros(words)) for text in asked]),
    )  # fmt: skip
    providers = rng.integers(0, 100, n)
    shares = np.eye(codes)[(np.abs(meant[:, 0] * 900).astype(int) + rng.integers(0, 3, n)) % codes]
    labels = Labels(np.arange(n), sparse.csr_matrix(shares > 0), providers)
    found = regressed_shares(design, providers, labels, shares)
    turned = np.ascontiguousarray(design[:, rng.permutation(design.shape[1])])
    assert (regressed_shares(turned, providers, labels, shares) == found).all()
