"""A program against what its participants' make-up predicts: actual, expected, difference.

The precedent is the federal statistical adjustment model of WIOA, which sets a state's expected
outcome by a regression on who was served. Here each program's expected outcome comes from the
programs of other providers, so that no program is held against itself.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import optimize

from analysis.errors import WorkbenchError

Numbers = npt.NDArray[np.float64]


def case_mix(
    programs: pd.DataFrame,
    characteristics: Sequence[str],
    *,
    folds: int = 10,
    minimum_per_parameter: int = 3,
    seed: int,
) -> pd.DataFrame:
    """Actual and expected outcome of each program, and their difference with its error.

    Parameters
    ----------
    programs : DataFrame
        ``program_key``, ``provider_id``, ``estimate`` and ``standard_error`` (any unit), and the
        characteristics: shares or means of the program's participants, from before the program.
    characteristics : sequence of str
        Columns. Leave one category of each set of shares out, since they add up to one.
    folds : int
        Providers are split into so many parts, or as many as there are providers.
    minimum_per_parameter : int
        A fit with fewer other providers for each coefficient is refused.
    seed : int
        Of the split.

    Returns
    -------
    DataFrame
        ``program_key``, ``actual``, ``standard_error``, ``expected``,
        ``expected_standard_error``, ``difference`` (actual less expected),
        ``difference_standard_error``, ``fold`` and ``spread`` (standard deviation between
        programs beyond noise and make-up, of the fold's fit), in the order given.

    Raises
    ------
    WorkbenchError
        A missing column or value, a program twice, an error that is not positive, too few
        providers, or characteristics that repeat one another.

    Notes
    -----
    Weighted least squares with weights ``1 / (s² + spread²)``, the spread by Paule and Mandel's
    equation with the regression in it. The error of the expected value is clustered by provider
    (with the usual correction for few clusters). The difference's squared error is that of the
    estimate and that of the expected value, which are of different providers and so independent.

    The regression runs between programs. Where better programs draw other people, part of their
    merit is taken for make-up: the difference then errs towards zero. Effects need a comparison.

    Examples
    --------
    >>> share = np.tile([0.0, 0.5, 1.0], 8)
    >>> rows = pd.DataFrame({"program_key": range(24), "provider_id": np.arange(24) // 2,
    ...                      "estimate": 10 - 4 * share, "standard_error": 1.0, "women": share})
    >>> found = case_mix(rows, ["women"], seed=1)
    >>> found["expected"].head(3).round(6).tolist()
    [10.0, 8.0, 6.0]
    """
    names = list(characteristics)
    _check(programs, names)
    x = np.column_stack([np.ones(len(programs)), programs[names].to_numpy(float)])
    y, s = programs["estimate"].to_numpy(float), programs["standard_error"].to_numpy(float)
    provider, found = pd.factorize(programs["provider_id"])
    parts = min(folds, len(found))
    _refuse_few_providers(len(found), parts, x.shape[1], minimum_per_parameter)
    fold = (np.random.default_rng(seed).permutation(len(found)) % parts)[provider]
    expected, error, spread = np.zeros(len(y)), np.zeros(len(y)), np.zeros(len(y))
    for part in range(parts):
        mine = fold == part
        others = ~mine
        beta, covariance, tau = _fit(x[others], y[others], s[others], provider[others])
        expected[mine] = x[mine] @ beta
        error[mine] = np.sqrt(np.einsum("ij,jk,ik->i", x[mine], covariance, x[mine]))
        spread[mine] = tau
    return pd.DataFrame(
        {
            "program_key": programs["program_key"],
            "actual": y,
            "standard_error": s,
            "expected": expected,
            "expected_standard_error": error,
            "difference": y - expected,
            "difference_standard_error": np.hypot(s, error),
            "fold": fold,
            "spread": spread,
        },
        index=programs.index,
    )


def _check(programs: pd.DataFrame, names: list[str]) -> None:
    for name in ("program_key", "provider_id", "estimate", "standard_error", *names):
        if name not in programs:
            raise WorkbenchError(f"programs: column '{name}' is missing", "Give it.")
        if (missing := programs[name].isna()).any():
            key = programs.loc[missing, "program_key"].iloc[0]
            raise WorkbenchError(
                f"program '{key}' has no value in column '{name}'",
                "Leave programs out whose make-up or outcome is not known; they are not expected "
                "to be anything.",
            )
    if (repeated := programs["program_key"].duplicated()).any():
        key = programs.loc[repeated, "program_key"].iloc[0]
        raise WorkbenchError(f"program '{key}' stands twice", "Keep one row a program.")
    numbers = programs[["estimate", "standard_error", *names]].to_numpy(float)
    if not np.isfinite(numbers).all() or (programs["standard_error"] <= 0).any():
        raise WorkbenchError(
            "an outcome or share is infinite, or a standard error is not positive",
            "Leave such programs out, with their reason.",
        )


def _refuse_few_providers(
    providers: int, parts: int, coefficients: int, minimum_per_parameter: int
) -> None:
    held = (parts - 1) * providers // max(parts, 1)
    if parts < 2 or held < minimum_per_parameter * coefficients:
        raise WorkbenchError(
            f"{providers} providers are too few for {coefficients} coefficients of make-up",
            "Give outcomes of more providers, or fewer characteristics.",
        )


def _fit(x: Numbers, y: Numbers, s: Numbers, provider: Numbers) -> tuple[Numbers, Numbers, float]:
    """Coefficients, their covariance clustered by provider, and the spread between programs."""
    count, terms = x.shape
    if np.linalg.matrix_rank(x / np.abs(x).max(axis=0).clip(min=1e-300)) < terms:
        raise WorkbenchError(
            "the characteristics repeat one another among the other providers",
            "Leave one category of each set of shares out, and what hardly varies.",
        )

    def excess(tau2: float) -> float:
        weight = 1 / (s**2 + tau2)
        residual = y - x @ _coefficients(x, y, weight)
        return float(np.sum(weight * residual**2) - (count - terms))

    largest = float(np.var(y)) + 1e-12
    tau2 = 0.0
    if excess(0.0) > 0:
        while excess(largest) > 0:
            largest *= 2
        tau2 = float(optimize.brentq(excess, 0.0, largest))
    weight = 1 / (s**2 + tau2)
    beta = _coefficients(x, y, weight)
    bread = np.linalg.inv(x.T @ (weight[:, None] * x))
    codes, clusters = pd.factorize(provider)
    score = np.zeros((len(clusters), terms))
    np.add.at(score, codes, x * (weight * (y - x @ beta))[:, None])
    few = len(clusters) / (len(clusters) - 1) * (count - 1) / (count - terms)
    return beta, few * bread @ (score.T @ score) @ bread, float(np.sqrt(tau2))


def _coefficients(x: Numbers, y: Numbers, weight: Numbers) -> Numbers:
    root = np.sqrt(weight)
    return np.asarray(np.linalg.lstsq(x * root[:, None], y * root, rcond=None)[0])
