"""Which training programs are worth a worker's time, for whom, and how sure we are."""

__version__ = "0.1.0"
