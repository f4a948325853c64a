"""``workbench evaluate``: a user's own truth against what the workbench computes."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from analysis import sources, tables
from analysis.errors import WorkbenchError
from analysis.framework import load_framework
from analysis.paths import cache_folder

if TYPE_CHECKING:
    from analysis.skills.blends import Similarities


def evaluate_similarity(
    pairs: Path, report: Callable[[str], None], most: int = 30, *, wioa: bool = False
) -> None:
    """Score every similarity by a table of moves, and print a table.

    Parameters
    ----------
    pairs : Path
        Moves: ``origin``, ``target``, ``weight``, or the table ``observed_moves`` as it is written
        (:func:`analysis.tables.moves.read_moves`).
    report : callable
        Receives lines.
    most : int
        Measures to print, best first; the baseline always is.
    wioa : bool
        ``pairs`` holds records in the layout of the public WIOA file: moves are derived from each
        person's occupation before and after. Numbers of people are not printed.

    Raises
    ------
    WorkbenchError
        For a file that cannot be used, or where no description of occupations is at hand.

    Examples
    --------
    >>> evaluate_similarity(Path("no_such_file.csv"), print)
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: file no_such_file.csv does not exist. Check the path.
    """
    from analysis.skills import observed_moves
    from analysis.tables.moves import read_moves, read_wioa_moves

    moves = read_wioa_moves(pairs, cache_folder()) if wioa else read_moves(pairs)
    rules = load_framework()
    found = _similarities(rules.estimation.seed)
    scored = observed_moves.score_moves(
        found.similarities,
        found.codes,
        moves,
        rules.estimation.seed,
        neighbours=rules.skills.neighbours,
        level=rules.estimation.confidence_level,
    )
    named = {code[:7] for code in found.codes}
    known = moves["origin"].isin(named) & moves["target"].isin(named)
    lost = float(moves.loc[~known, "weight"].sum() / moves["weight"].sum())
    report(f"{lost:.1%} of the moves name an occupation that O*NET does not describe: left out")
    first = scored.iloc[0]
    report(
        f"{first['n_pairs']:,} pairs with a move, from {first['n_origins']:,} origins; intervals "
        f"at {rules.estimation.confidence_level:.0%} over origins"
    )
    baseline = scored["measure"].eq(observed_moves.SIZE)
    _print_scores(scored[baseline | (scored.index < most)], report)


def _similarities(seed: int) -> "Similarities":
    """Every similarity that the tables at hand allow."""
    from analysis.skills import blends, measures, text_vectors

    def table(name: str) -> pd.DataFrame | None:
        loaded = tables.load(name)
        return None if loaded is None else loaded.frame

    frames = {name: table(name) for name in measures.USED_TABLES}
    if frames["tasks"] is None:
        raise WorkbenchError("no tasks of occupations are at hand", "Run 'workbench fetch' first.")
    model, tokenizer = (sources.locate(name) for name in ("minilm_model", "minilm_tokenizer"))
    vectors = text_vectors.sentence_vectors(
        model.path if model else None, tokenizer.path if tokenizer else None, cache_folder()
    )
    return blends.all_similarities(
        frames,
        vectors,
        cache_folder(),
        related=table("related_occupations"),
        job_zones=table("job_zones"),
        cip_soc=table("cip_soc"),
        seed=seed,
    )


def _print_scores(scored: pd.DataFrame, report: Callable[[str], None]) -> None:
    report(f"{'measure':52}{'AUC':>6}  {'interval':>13}{'lift':>7}  verdict")
    for row in scored.itertuples():
        limits = f"{row.auc_low:.3f}-{row.auc_high:.3f}"
        report(
            f"{str(row.measure)[:51]:52}{row.auc:6.3f}  {limits:>13}{row.lift:7.1f}  {row.verdict}"
        )
