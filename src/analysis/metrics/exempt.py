"""Which programs need not report their outcomes: registered apprenticeships."""

from collections.abc import Sequence

import duckdb
import pandas as pd

from analysis.metrics.indicators import Population

# PIRL 1303, code 09
_APPRENTICESHIP = "training_type = '09'"


def exempt_rows(
    database: duckdb.DuckDBPyConnection,
    population: Population,
    rows: pd.DataFrame,
    over: Sequence[str],
) -> pd.Series:
    """Which rows of a table of indicators are of programs that need not report.

    Parameters
    ----------
    database : connection
    population : Population
        The people that the table counts.
    rows : DataFrame
        From :func:`analysis.metrics.indicators.indicator_table`.
    over : sequence of str
        Columns that make a program, such as ``("state", "provider", "cip_code")``.

    Returns
    -------
    Series of bool
        True where every person of the program is in a registered apprenticeship (PIRL 1303 is
        09). One person under another code makes it a program like others.

    Notes
    -----
    20 CFR 677.230(b): registered apprenticeships stand on the list of eligible providers
    without the duty to report. What they do report is shown as numbers, and not rated.

    Examples
    --------
    >>> people = pd.DataFrame({"provider": ["a", "a", "b", "b"],
    ...     "training_type": ["09", "09", "09", "06"],
    ...     "reportable_individual": "0", "entry_date": "20210105", "exit_date": "20210901",
    ...     "exit_reason": "00"})
    >>> rows = pd.DataFrame({"provider": ["a", "b"]})
    >>> with duckdb.connect() as database:
    ...     _ = database.register("people", people)
    ...     exempt_rows(database, Population("people"), rows, ["provider"]).tolist()
    [True, False]
    """
    keys = ", ".join(over)
    query = (
        f"SELECT {keys}, bool_and(coalesce({_APPRENTICESHIP}, false)) AS exempt "
        f"FROM {population.sql([])} GROUP BY {keys}"
    )
    programs = database.execute(query).df()
    merged = rows[list(over)].merge(programs, on=list(over), how="left", validate="many_to_one")
    flags = merged["exempt"].eq(True).fillna(False).astype("bool")
    return pd.Series(flags.to_numpy(), index=rows.index)
