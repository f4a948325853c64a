"""The likeliest occupations of each program ordered anew by a network that sees all grounds.

A blend of grounds (`analysis.skills.program_ranking`) weighs them alike for every program. Which
ground to believe depends on the program: a name that is a job title speaks for itself, a bare one
leaves it to the field of study. A small network over the first candidates learns that.

No label of a program's own provider is used for it. What programs of other providers say is
computed for the training programs among training programs only, so the network never sees a
feature that knows the fold that it is scored on.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.skills import program_features as f
from analysis.skills.choice_network import fit_network, network_chance
from analysis.skills.choice_weights import fit_weights, probabilities
from analysis.skills.measures import Vectors
from analysis.skills.program_labels import Labels
from analysis.skills.ties import settled

CANDIDATES = 60
LAST_RANK = 100
FREQUENCY = "programs of other providers that state it"
BLEND = "blend"
SHARES = (f.LINKED, *f.OF_OTHERS)


class Listing(NamedTuple):
    """A list of programs, its labels, and features that use no label.

    Attributes
    ----------
    programs : DataFrame
    labels : Labels
    features : dict of str to ndarray, shape (programs, candidates)
    blended : sequence of str
        Features of the blend that names the candidates.
    vectors : callable
        Sentence vectors.
    design : ndarray, shape (programs, predictors)
        From `analysis.skills.program_regression.program_design`.
    """

    programs: pd.DataFrame
    labels: Labels
    features: Mapping[str, np.ndarray]
    blended: Sequence[str]
    vectors: Vectors
    design: np.ndarray

    def part(self, rows: np.ndarray) -> "Listing":
        """Some of the labelled programs alone, with what they say of each other."""
        labels, whole = self.labels, self.labels.rows[rows]
        return Listing(
            self.programs.iloc[whole].reset_index(drop=True),
            Labels(np.arange(len(rows)), labels.truth[rows], labels.providers[rows]),
            {name: matrix[whole] for name, matrix in self.features.items()},
            self.blended,
            self.vectors,
            self.design[whole],
        )


def reranked(listing: Listing, folds: np.ndarray, seed: int) -> np.ndarray:
    """P(occupation | program) of all programs, shape (programs, candidates); rows sum to 1.

    Parameters
    ----------
    listing : Listing
    folds : ndarray of int, length labelled programs
        Whole providers (`analysis.skills.program_labels.provider_folds`). A labelled program is
        scored by weights that its fold had no part in, any other program by all folds.
    seed : int

    Returns
    -------
    ndarray, shape (programs, candidates)

    Examples
    --------
    >>> from scipy import sparse
    >>> told = np.tile(np.eye(3, dtype=np.float32), (8, 1))
    >>> programs = pd.DataFrame({"program": list("abc") * 8, "description": "", "credential": "",
    ...     "cip_code": ["51.01", "52.01", "53.01"] * 8, "provider_id": np.repeat(list("vwxy"), 6)})
    >>> labels = Labels(np.arange(24), sparse.csr_matrix(told > 0), np.repeat(np.arange(4), 6))
    >>> listing = Listing(programs, labels, {f.MINILM: told, f.LINKED: told}, (f.MINILM, f.LINKED),
    ...                   lambda texts: np.eye(3)[["abc".index(text[0]) for text in texts]],
    ...                   told.astype(float))
    >>> chance = reranked(listing, np.repeat([0, 1], 12), seed=1)
    >>> bool((chance.argmax(axis=1) == told.argmax(axis=1)).all())
    True
    >>> round(float(chance[0].sum()), 4)
    1.0
    """
    labels = listing.labels
    heard = _with_others(listing)
    chance = _learned(listing, heard, listing, heard, seed)
    for fold in np.unique(folds):
        rows = labels.rows[folds == fold]
        training = listing.part(np.flatnonzero(folds != fold))
        asked = listing._replace(programs=listing.programs.iloc[rows])
        heard_there = {name: matrix[rows] for name, matrix in heard.items()}
        chance[rows] = _learned(training, _with_others(training), asked, heard_there, seed)
    return chance


def pair_features(
    features: Mapping[str, np.ndarray], first: np.ndarray, context: np.ndarray
) -> np.ndarray:
    """What each ground says of each candidate: how much, how far from the best, at what rank.

    Parameters
    ----------
    features : mapping of str to ndarray, each of shape (n, all candidates)
        Shares (``SHARES``) enter as ``log(share + 0.01)``.
    first : ndarray of int, shape (n, m)
        Candidates of each program.
    context : ndarray, shape (n, c)
        What is known of the program itself; repeated for each of its candidates.

    Returns
    -------
    ndarray, shape (n, m, 3 x features + c)

    Examples
    --------
    >>> pair_features({"x": np.array([[0.2, 0.8, 0.5]])}, np.array([[1, 2]]),
    ...     np.array([[7.0]])).astype(float).round(2).tolist()
    [[[0.8, 0.0, -0.0, 7.0], [0.5, 0.3, -0.69, 7.0]]]
    """
    columns = []
    for name, values in features.items():
        # a logarithm in single precision is another one on another processor
        exact = values.astype(float)
        chosen = np.take_along_axis(exact, first, axis=1)
        ordered = np.sort(exact, axis=1)
        not_above = np.stack(
            [
                np.searchsorted(row, asked, side="right")
                for row, asked in zip(ordered, chosen, strict=True)
            ]
        )
        rank = np.minimum(values.shape[1] - not_above + 1, LAST_RANK)
        columns.append(np.log(chosen + 0.01) if name in SHARES else chosen)
        columns += [ordered[:, -1:] - chosen, -np.log(rank)]
    repeated = np.broadcast_to(context[:, None, :], (*first.shape, context.shape[1]))
    return np.concatenate([np.stack(columns, axis=2), repeated], axis=2)


def _with_others(listing: Listing) -> dict[str, np.ndarray]:
    """All features, with what other providers' programs say and how often they state each code."""
    programs, labels = listing.programs, listing.labels
    providers = pd.factorize(programs["provider_id"])[0]
    of_labelled = providers[labels.rows]
    total = labels.totals()
    own = np.stack(
        [
            np.asarray(labels.truth[of_labelled == provider].sum(axis=0)).ravel()
            for provider in range(providers.max() + 1)
        ]
    )
    frequency = settled(np.log1p(total - own, dtype=float))[providers]
    others = f.features_of_others(programs, labels, listing.vectors, listing.design)
    return {**listing.features, **others, FREQUENCY: frequency}


def _learned(
    training: Listing,
    heard: Mapping[str, np.ndarray],
    asked: Listing,
    heard_there: Mapping[str, np.ndarray],
    seed: int,
) -> np.ndarray:
    """Chances of the asked programs by blend and network that are learned on the training ones."""
    labels = training.labels
    known = {name: matrix[labels.rows] for name, matrix in heard.items()}
    scaled = f.standardised({name: known[name] for name in training.blended})
    weights = fit_weights(scaled, labels.truth, np.arange(len(labels.rows)), seed=seed)
    blended, of_training = training.blended, training.programs.iloc[labels.rows]
    X, told, _ = _inputs(of_training, known, blended, weights)
    asked_X, first, whole = _inputs(asked.programs, heard_there, blended, weights)
    truth = labels.truth.toarray().astype(float)
    truth /= truth.sum(axis=1, keepdims=True)
    network = fit_network(X, np.take_along_axis(truth, told, axis=1), seed=seed)
    chance = network_chance(network, asked_X)
    # the network shares out what the blend gives to the candidates as a whole
    mass = np.take_along_axis(whole, first, axis=1).sum(axis=1, keepdims=True)
    np.put_along_axis(whole, first, chance * mass, axis=1)
    return whole


def _inputs(
    programs: pd.DataFrame,
    features: Mapping[str, np.ndarray],
    blended: Sequence[str],
    weights: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features of the first candidates, which those are, and the blend's chances of all."""
    scaled = f.standardised({name: features[name] for name in blended})
    whole = probabilities(scaled, weights)
    # of candidates that are alike to the last digits the first stand first, on any processor
    blend = np.round(np.log(whole + 1e-6), 9)
    first = np.argsort(-blend, axis=1, kind="stable")[:, :CANDIDATES]
    grounds = {**features, BLEND: blend}
    return pair_features(grounds, first, _context(programs, features, whole)), first, whole


def _context(
    programs: pd.DataFrame, features: Mapping[str, np.ndarray], whole: np.ndarray
) -> np.ndarray:
    """How sure the blend is, how many jobs the field serves, and how much the program says."""
    said = programs["description"].fillna("").str.len().to_numpy(dtype=float)
    credential = programs["credential"].fillna("").eq("").to_numpy(dtype=float)
    served = (features[f.LINKED] > 0).sum(axis=1)
    spoken = (features[f.LEARNED_CIP] > 0).sum(axis=1)
    return np.stack(
        [whole.max(axis=1), np.log1p(served), np.log1p(spoken), np.log1p(said), credential], axis=1
    )
