"""How tables of the skill room are shown."""

from analysis.reports.html_tables import Column


def board_columns(level: float, neighbours: int, *, label: str = "recall") -> dict[str, Column]:
    """Columns of a leaderboard against a list of related occupations."""
    return {
        "representation": Column("Measure"),
        f"recall_at_{neighbours}": Column(f"Share found ({label} at {neighbours})", "number3"),
        "interval_low": Column(f"{level:.0%} interval, from", "number3"),
        "interval_high": Column("to", "number3"),
        "mean_reciprocal_rank": Column("Mean reciprocal rank", "number3"),
        "reciprocal_rank_low": Column("interval, from", "number3"),
        "reciprocal_rank_high": Column("to", "number3"),
        "n_occupations": Column("Occupations", "count"),
    }


def share_columns(level: float, value: str, heading: str, first: str) -> dict[str, Column]:
    """Columns of a table of shares with intervals over occupations."""
    return {
        ("representation" if value == "share" else "part"): Column(first),
        value: Column(heading, "number3"),
        "interval_low": Column(f"{level:.0%} interval, from", "number3"),
        "interval_high": Column("to", "number3"),
        "n_occupations": Column("Occupations", "count"),
    }
