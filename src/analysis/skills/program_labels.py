"""The labelled test of program matching: which occupations a list itself states for a program."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse


class Labels(NamedTuple):
    """Labelled programs: rows of the frame, their true SOC codes, and which provider they are of.

    Attributes
    ----------
    rows : ndarray of int, length n
        Positions in the frame of programs.
    truth : csr_matrix of bool, shape (n, candidates)
    providers : ndarray, length n
        Providers as whole numbers.
    """

    rows: np.ndarray
    truth: sparse.csr_matrix
    providers: np.ndarray

    def stating(self, columns: Sequence[int]) -> np.ndarray:
        """Which labelled programs state any of these candidates."""
        return np.asarray(self.truth[:, list(columns)].sum(axis=1)).ravel() > 0

    def totals(self) -> np.ndarray:
        """How many labelled programs state each candidate."""
        return np.asarray(self.truth.sum(axis=0)).ravel()


def targets_to_ask(
    labels: Labels, soc_codes: Sequence[str], described: Sequence[str] | np.ndarray, fewest: int
) -> list[str]:
    """Candidates that at least ``fewest`` programs state and whose tasks are described.

    Parameters
    ----------
    labels : Labels
    soc_codes : sequence of str
        Candidates.
    described : sequence of str
        Codes that tasks describe.
    fewest : int

    Returns
    -------
    list of str
        In the order of ``soc_codes``.

    Examples
    --------
    >>> truth = sparse.csr_matrix([[True, True], [True, False]])
    >>> labels = Labels(np.arange(2), truth, np.arange(2))
    >>> targets_to_ask(labels, ["a", "b"], ["a", "b"], fewest=2)
    ['a']
    """
    known = set(described)
    stated = zip(soc_codes, labels.totals(), strict=True)
    return [code for code, programs in stated if programs >= fewest and code in known]


def labelled_programs(
    programs: pd.DataFrame,
    soc_codes: Sequence[str],
    soc_2010_to_2018: pd.DataFrame | None = None,
) -> Labels:
    """Programs that state at least one occupation of a list of candidates.

    Parameters
    ----------
    programs : DataFrame
        Table ``programs``; ``stated_soc_codes`` holds codes joined by ';'.
    soc_codes : sequence of str
        Six-digit SOC codes of 2018 that can be predicted.
    soc_2010_to_2018 : DataFrame, optional
        A stated code that is no candidate counts as all the codes that it became.

    Returns
    -------
    Labels
        Programs that state none (or only codes that are lost) are left out.

    Examples
    --------
    >>> frame = pd.DataFrame({"stated_soc_codes": ["31-9092.00;11-1011.00", "", "99-1234.00"],
    ...     "provider_id": ["a", "b", "b"]})
    >>> found = labelled_programs(frame, ["11-1011", "31-9092"])
    >>> found.rows.tolist(), found.truth.toarray().tolist()
    ([0], [[True, True]])
    """
    place = {code: column for column, code in enumerate(soc_codes)}
    stated = programs["stated_soc_codes"].reset_index(drop=True).str.split(";").explode()
    codes = pd.DataFrame({"row": stated.index, "soc": stated.str.strip().str[:7].to_numpy()})
    codes = codes[codes["soc"].ne("")].dropna()
    known = codes["soc"].isin(place)
    found = [codes[known]]
    if soc_2010_to_2018 is not None:
        later = codes[~known].merge(soc_2010_to_2018, left_on="soc", right_on="soc_2010_code")
        later = later[["row", "soc_2018_code"]].rename(columns={"soc_2018_code": "soc"})
        found.append(later[later["soc"].isin(place)])
    pairs = pd.concat(found, ignore_index=True).drop_duplicates()
    rows, position = np.unique(pairs["row"].to_numpy(dtype=int), return_inverse=True)
    truth = sparse.csr_matrix(
        (np.ones(len(pairs), dtype=bool), (position, pairs["soc"].map(place).to_numpy())),
        shape=(len(rows), len(soc_codes)),
    )
    providers = pd.factorize(programs["provider_id"].iloc[rows])[0]
    return Labels(rows, truth, providers)


def provider_folds(providers: np.ndarray, folds: int, seed: int) -> np.ndarray:
    """Fold of each program: whole providers, folds of about equal numbers of programs.

    Parameters
    ----------
    providers : ndarray of int, length n
    folds, seed : int

    Returns
    -------
    ndarray of int, length n
        0 to ``folds`` - 1.

    Examples
    --------
    >>> folds = provider_folds(np.array([0, 0, 1, 2]), folds=2, seed=1)
    >>> bool(folds[0] == folds[1]), sorted(set(folds.tolist()))
    (True, [0, 1])
    """
    sizes = np.bincount(providers)
    order = np.random.default_rng(seed).permutation(len(sizes))
    order = order[np.argsort(-sizes[order], kind="stable")]
    load = np.zeros(folds)
    fold_of = np.empty(len(sizes), dtype=int)
    for provider in order:
        fold_of[provider] = int(load.argmin())
        load[fold_of[provider]] += sizes[provider]
    return fold_of[providers]


def label_agreement(texts: Sequence[str], labels: Labels) -> tuple[float, int]:
    """How often two providers' programs of the same text share a label: a ceiling of hit@1.

    Parameters
    ----------
    texts : sequence of str
        Of the labelled programs, in their order.
    labels : Labels

    Returns
    -------
    (float, int)
        Share of pairs of providers with the same text that share at least one code, and how many
        pairs there are. One program stands for a provider and text.

    Examples
    --------
    >>> truth = sparse.csr_matrix(np.array([[True, False], [True, True], [False, True]]))
    >>> label_agreement(["x", "x", "x"], Labels(np.arange(3), truth, np.arange(3)))
    (0.6666666666666666, 3)
    """
    frame = pd.DataFrame({"text": list(texts), "provider": labels.providers})
    frame["row"] = range(len(frame))
    once = frame.drop_duplicates(["text", "provider"])
    both = once.merge(once, on="text", suffixes=("", "_other"))
    both = both[both["provider"] < both["provider_other"]]
    truth = labels.truth.astype(int)
    shared = truth[both["row"]].multiply(truth[both["row_other"]]).sum(axis=1)
    agree = np.asarray(shared).ravel() > 0
    return (float(agree.mean()) if len(agree) else float("nan")), len(agree)
