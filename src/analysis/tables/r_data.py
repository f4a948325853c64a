"""Frames out of R's own files (.rda, .RData)."""

from pathlib import Path

import pandas as pd

from analysis.errors import WorkbenchError


def r_frame(path: Path, name: str) -> pd.DataFrame:
    """One data frame of a file that R saved; its row names are left behind.

    Parameters
    ----------
    path : Path
    name : str
        Name of the frame in the file.

    Returns
    -------
    DataFrame
        Rows numbered from 0, columns as R names them.

    Raises
    ------
    WorkbenchError
        For a file that is no R data, or has no frame of that name.

    Examples
    --------
    >>> import tempfile
    >>> import rdata
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "trial.rda"
    ...     rdata.write_rda(path, {"people": pd.DataFrame({"T": [1.0, 0.0], "Y": [5.0, 7.0]})})
    ...     r_frame(path, "people").to_dict("list")
    {'T': [1.0, 0.0], 'Y': [5.0, 7.0]}
    """
    import rdata

    # what na.omit left behind (class "omit") says which rows R dropped, and is no part of the frame
    known = {**rdata.conversion.DEFAULT_CLASS_MAP, "omit": lambda value, _attributes: value}
    try:
        frame = rdata.read_rda(path, constructor_dict=known)[name]
        texts = dict.fromkeys(frame.select_dtypes("string").columns, "str")
        return frame.reset_index(drop=True).astype(texts)
    except Exception as error:
        # a parser of foreign bytes fails in as many ways as there are bytes
        raise WorkbenchError(
            f"{path.name}: not readable as R data with the frame '{name}' "
            f"({type(error).__name__}: {error})",
            "Fetch it again.",
        ) from None
