"""ESCO, the European classification: essential skills, and its occupations in O*NET's terms."""

from pathlib import Path

import pandas as pd

from analysis.errors import WorkbenchError
from analysis.tables.schemas import checked


def read_esco_skills(path: Path) -> pd.DataFrame:
    """Essential skills of ESCO occupations, one row each (67,622 links of 3,039 occupations).

    Parameters
    ----------
    path : Path
        Parquet with ``occupation_uri`` and a list ``essential_skills`` of labels.

    Returns
    -------
    DataFrame
        Table ``esco_skills``. Labels are those of release 1.2.0; the occupation is its address.

    Raises
    ------
    WorkbenchError
        When the file is no Parquet with these columns.

    Examples
    --------
    >>> import tempfile
    >>> profiles = {"occupation_uri": ["esco:baker"], "essential_skills": [["bake goods", "knead"]]}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "profiles.parquet"
    ...     pd.DataFrame(profiles).to_parquet(path)
    ...     read_esco_skills(path).values.tolist()
    [['esco:baker', 'bake goods'], ['esco:baker', 'knead']]
    """
    wanted = ["occupation_uri", "essential_skills"]
    try:
        frame = pd.read_parquet(path, columns=wanted)
    except (OSError, ValueError, KeyError) as error:
        raise WorkbenchError(
            f"{path.name}: not readable as ESCO profiles ({type(error).__name__})",
            "Fetch it again.",
        ) from None
    rows = frame.explode("essential_skills").dropna()
    rows = rows.rename(columns={"occupation_uri": "esco_occupation", "essential_skills": "skill"})
    return checked(rows.drop_duplicates(), "esco_skills", path.name)


def read_esco_onet(path: Path) -> pd.DataFrame:
    """Which O*NET occupation each ESCO occupation was matched with (1,680 rows).

    Made for ESCO 1.0 and an older O*NET: 1,678 addresses are still in release 1.2.0.

    Parameters
    ----------
    path : Path
        CSV with columns ``concept_uri`` and ``onet_code``.

    Returns
    -------
    DataFrame
        Table ``esco_onet``: ``esco_occupation`` (its address) and ``onet_soc_code``
        (``NN-NNNN.NN``), each pair once.

    Raises
    ------
    WorkbenchError
        When a column is missing or a code has another form.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "match.csv"
    ...     _ = path.write_text("concept_uri,onet_code\\nesco:baker,51-3011.00\\n")
    ...     read_esco_onet(path).values.tolist()
    [['esco:baker', '51-3011.00']]
    """
    frame = pd.read_csv(path, dtype="str")
    names = {"concept_uri": "esco_occupation", "onet_code": "onet_soc_code"}
    if absent := [name for name in names if name not in frame]:
        raise WorkbenchError(
            f"{path.name}: heading '{absent[0]}' is missing", "The crosswalk has another layout."
        )
    return checked(
        frame[list(names)].rename(columns=names).drop_duplicates(), "esco_onet", path.name
    )
