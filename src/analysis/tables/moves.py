"""A user's table of moves between occupations."""

from pathlib import Path

import numpy as np
import pandas as pd

from analysis import sources
from analysis.errors import WorkbenchError
from analysis.tables.text_files import read_text_table

OBSERVED = ("origin_soc_code", "target_soc_code", "after", "level", "people")


def _moves_of_records(observed: pd.DataFrame, file: str = "observed_moves") -> pd.DataFrame:
    """Moves of the table ``observed_moves`` that occupations can be scored by.

    Parameters
    ----------
    observed : DataFrame
        From `analysis.tables.wioa_extracts.observed_moves`, or as text from its file.
    file : str
        Name for the error.

    Returns
    -------
    DataFrame
        ``origin``, ``target``, ``weight`` (people): moves to the first occupation after
        participation (``after`` is 'any'; the quarters count the same people again) between
        detailed occupations, trained and not trained together. Codes that the publisher cut to a
        group of occupations name no occupation and are left out.

    Raises
    ------
    WorkbenchError
        When none is left.

    Examples
    --------
    >>> _moves_of_records(pd.DataFrame({"origin_soc_code": "41-2011", "target_soc_code":
    ...     ["31-9092", "31-0000"], "after": "any", "level": ["detailed", "major"], "people": 3}))
        origin   target  weight
    0  41-2011  31-9092       3
    """
    kept = observed[observed["after"].eq("any") & observed["level"].eq("detailed")]
    if kept.empty:
        raise WorkbenchError(
            f"{file}: no move after participation is between two detailed occupations",
            "Where the publisher cut all codes to groups, occupations cannot be scored.",
        )
    names = {"origin_soc_code": "origin", "target_soc_code": "target", "people": "weight"}
    return kept.rename(columns=names)[list(names.values())]


def read_moves(path: Path) -> pd.DataFrame:
    """Moves between occupations: from where, to where, how many.

    Parameters
    ----------
    path : Path
        CSV (UTF-8, commas) or Parquet with columns ``origin`` and ``target`` (SOC codes as
        31-9092 or 31-9092.00) and, if wanted, ``weight`` (people or any count; 1 without it). Or
        the table ``observed_moves`` as it is written: its moves to the first occupation after
        participation, between detailed occupations.

    Returns
    -------
    DataFrame
        ``origin``, ``target`` (six digits), ``weight`` (summed over repeated pairs). A move to
        the same occupation is none and is left out.

    Raises
    ------
    WorkbenchError
        Naming the file, the column and the row.

    Examples
    --------
    >>> import tempfile
    >>> rows = ["41-2011,31-9092.00,3", "41-2011,31-9092,2", "41-2011,41-2011,9"]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "moves.csv"
    ...     _ = path.write_text("\\n".join(["origin,target,weight", *rows]))
    ...     read_moves(path).values.tolist()
    [['41-2011', '31-9092', 5]]
    """
    raw = read_text_table(path)
    if set(OBSERVED) <= set(raw):
        raw = _moves_of_records(raw, path.name)
    for name in ("origin", "target"):
        if name not in raw:
            raise WorkbenchError(
                f"{path.name}: column '{name}' is missing",
                f"Columns there: {', '.join(raw.columns[:12])}. Give origin, target, weight.",
            )
        good = raw[name].str.fullmatch(r"\d\d-\d{4}(\.\d\d)?").fillna(False).astype(bool)
        if not good.all():
            row = good.index[~good.to_numpy()][0]
            raise WorkbenchError(
                f"{path.name}, column '{name}', row {row}: {str(raw.loc[row, name])[:40]!r} is no "
                "occupation code",
                "Codes look like 31-9092 or 31-9092.00.",
            )
    weight = pd.to_numeric(raw["weight"], errors="coerce") if "weight" in raw else 1.0
    frame = pd.DataFrame(
        {"origin": raw["origin"].str[:7], "target": raw["target"].str[:7], "weight": weight}
    )
    bad = ~(np.isfinite(frame["weight"]) & frame["weight"].ge(0))
    if bad.any():
        row = bad.index[bad.to_numpy()][0]
        raise WorkbenchError(
            f"{path.name}, column 'weight', row {row}: {raw.loc[row, 'weight']!r} is no count",
            "Write a number of 0 or more.",
        )
    frame = frame[frame["origin"] != frame["target"]]
    if not frame["weight"].sum() > 0:
        raise WorkbenchError(
            f"{path.name} holds no move from one occupation to another", "Give at least one."
        )
    return frame.groupby(["origin", "target"], as_index=False)["weight"].sum()


def read_wioa_moves(path: Path, cache: Path) -> pd.DataFrame:
    """Moves that are derived from each person's occupation before and after.

    Parameters
    ----------
    path : Path
        Records in the layout of the public WIOA file.
    cache : Path
        Where the typed records are kept, by the content of the file.

    Returns
    -------
    DataFrame
        As from `read_moves`.

    Raises
    ------
    WorkbenchError
        For a file that is not there or not in the layout, or that holds no move.

    Examples
    --------
    >>> read_wioa_moves(Path("no_such_file.csv"), Path("cache"))
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: file no_such_file.csv does not exist. Check the path.
    """
    from analysis.tables.wioa_extracts import observed_moves
    from analysis.tables.wioa_records import connect, read_wioa_records, used_records

    if not path.is_file():
        raise WorkbenchError(f"file {path} does not exist", "Check the path.")
    typed = cache / "wioa" / f"{sources.sha256_of(path)[:20]}.parquet"
    records = read_wioa_records(path, typed)
    with connect() as database:
        observed = observed_moves(database, used_records(records))
    moves = _moves_of_records(observed, path.name)
    moves = moves[moves["origin"] != moves["target"]]
    return moves.groupby(["origin", "target"], as_index=False)["weight"].sum()
