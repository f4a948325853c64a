"""Which field of study trains for which occupation, and how occupation codes changed."""

from pathlib import Path

import pandas as pd

from analysis.tables.schemas import checked


def read_cip_soc(path: Path) -> pd.DataFrame:
    """CIP 2020 to SOC 2018, many to many; codes are text, so leading zeros stay.

    Fields of study that the crosswalk matches with no occupation (``99-9999``) are left out:
    they train for none by the publisher's own word.

    Parameters
    ----------
    path : Path
        CSV with columns ``CIP2020Code``, ``CIP2020Title``, ``SOC2018Code`` and ``SOC2018Title``.

    Returns
    -------
    DataFrame
        Table ``cip_soc``: ``cip_code`` (``NN.NNNN``), ``cip_title``, ``soc_code`` (``NN-NNNN``),
        ``soc_title``, one row a match.

    Raises
    ------
    WorkbenchError
        When a column is missing or a code has another form.

    Examples
    --------
    >>> import tempfile
    >>> lines = [
    ...     "CIP2020Code,CIP2020Title,SOC2018Code,SOC2018Title",
    ...     "01.0304,Crop Production.,45-2092,Farmworkers",
    ...     "05.0101,African Studies.,99-9999,NO MATCH",
    ... ]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "cip_soc.csv"
    ...     _ = path.write_text("\\n".join(lines))
    ...     read_cip_soc(path).values.tolist()
    [['01.0304', 'Crop Production', '45-2092', 'Farmworkers']]
    """
    frame = pd.read_csv(path, dtype="str").rename(
        columns={
            "SOC2018Code": "soc_code",
            "SOC2018Title": "soc_title",
            "CIP2020Code": "cip_code",
            "CIP2020Title": "cip_title",
        }
    )
    frame = frame[frame["soc_code"].ne("99-9999") & frame["cip_code"].ne("99.9999")]
    for name in ("cip_code", "soc_code"):
        frame[name] = frame[name].str.strip()
    frame["cip_title"] = frame["cip_title"].str.rstrip(". ")
    return checked(frame, "cip_soc", path.name)


def read_soc_2010_to_2018(path: Path) -> pd.DataFrame:
    """SOC 2010 codes and the SOC 2018 codes that replaced them, many to many.

    Parameters
    ----------
    path : Path
        CSV with columns ``SOCCode2010`` and ``SOCCode2018``.

    Returns
    -------
    DataFrame
        Table ``soc_2010_to_2018``: ``soc_2010_code`` and ``soc_2018_code`` (``NN-NNNN``).

    Raises
    ------
    WorkbenchError
        When a column is missing or a code has another form.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "soc.csv"
    ...     _ = path.write_text("SOCCode2010,SOCCode2018\\n15-1131,15-1251\\n15-1134,15-1254\\n")
    ...     read_soc_2010_to_2018(path).values.tolist()
    [['15-1131', '15-1251'], ['15-1134', '15-1254']]
    """
    frame = pd.read_csv(path, dtype="str").rename(
        columns={"SOCCode2010": "soc_2010_code", "SOCCode2018": "soc_2018_code"}
    )
    return checked(frame, "soc_2010_to_2018", path.name)
