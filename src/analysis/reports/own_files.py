"""Files of the user's own that a notebook may take in, each recorded by its name and hash.

Readers are imported where they are used: a notebook's results rest on the modules that it loads.
"""

import os
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import sources
from analysis.addresses import local_file
from analysis.errors import WorkbenchError
from analysis.paths import cache_folder
from analysis.reports.study_inputs import StudyInputs
from analysis.tables.wioa_records import Records, read_wioa_records


class OwnFiles(StudyInputs):
    """The inputs of one run with the user's own files among them.

    Parameters
    ----------
    name, variables
        As for :class:`analysis.reports.study_inputs.StudyInputs`.
    """

    def _user_file(self, path: str, what: str) -> None:
        """Record a file of the user's own as a source, by its name and hash."""
        self.used[f"user:{what}"] = {
            "title": f"own file for {what}: {Path(path).name}",
            "publisher": "the user of this workbench",
            "release": "",
            "licence": "the user's own",
            "attribution": "",
            "form": "original",
            "origin": "given as a parameter",
            "sha256": sources.sha256_of(local_file(path)),
        }

    def own_outcomes(self, path: str) -> pd.DataFrame:
        """Outcomes from a file of the user's own, in the workbench's layout."""
        from analysis.tables.user_files import read_user_table

        frame = read_user_table(local_file(path), "outcomes")
        self._user_file(path, "outcomes")
        for told in frame.attrs["repairs"]:
            self.instead(f"{Path(path).name}: {told}.")
        return frame

    def own_group_outcomes(self, path: str) -> pd.DataFrame:
        """Outcomes by group from a file of the user's own, in the workbench's layout."""
        from analysis.tables.user_files import read_user_table

        frame = read_user_table(local_file(path), "group_outcomes")
        for told in frame.attrs["repairs"]:
            self.instead(f"{Path(path).name}: {told}.")
        for by in frame["by"].unique():
            if by not in self.framework.groups:
                raise WorkbenchError(
                    f"{local_file(path).name}, column 'by': '{by}' is no single kind of group",
                    "Give outcomes by one of "
                    f"{', '.join(self.framework.groups)}: cells of crossed groups could be had as "
                    "a total less the others.",
                )
        self._user_file(path, "outcomes by group")
        return frame

    def own_state_report(self, path: str) -> pd.DataFrame | None:
        """A state's own report by group (ETA-9169), or None where no file is named."""
        from analysis.tables.state_report import read_state_report

        if not path:
            return None
        report = read_state_report(local_file(path))
        if left := report.attrs["left_out"]:
            self.instead(f"{Path(path).name}: {left} rows about barriers are left out.")
        self._user_file(path, "state report")
        return report

    def own_worker(self, path: str) -> pd.DataFrame | None:
        """A worker's own record, or None where no file is named."""
        from analysis.tables.worker_record import read_worker_record

        if not path:
            return None
        record = read_worker_record(local_file(path))
        self._user_file(path, "worker")
        return record

    def own_moves(self, path: str, kind: str) -> pd.DataFrame | None:
        """Moves between occupations from a file of the user's own, or None where none is named."""
        from analysis.tables.moves import read_moves, read_wioa_moves

        if not path:
            return None
        file = local_file(path)
        moves = read_wioa_moves(file, cache_folder()) if kind == "wioa" else read_moves(file)
        self._user_file(path, "moves")
        return moves

    def own_participants(self, path: str, **columns: Any) -> pd.DataFrame:
        """Participants from a file of the user's own; columns as for ``read_participants``."""
        from analysis.tables.user_files import read_participants

        frame = read_participants(local_file(path), **columns)
        self._user_file(path, "participants")
        return frame

    def wioa_records(self, path: str, simulated_people: int) -> Records:
        """WIOA records from a file of the user's own, or of a simulated state where none is given.

        A simulated state is recorded as such, and the first screen says so.
        """
        return self.wioa_records_and_truth(path, simulated_people)[0]

    def wioa_records_and_truth(
        self, path: str, simulated_people: int
    ) -> tuple[Records, pd.DataFrame | None]:
        """As `wioa_records`, with the true effects of a simulated state (None for real records)."""
        from analysis.simulate.state import simulate_state

        folder = cache_folder() / "wioa"
        if path:
            self._user_file(path, "wioa")
            digest = self.used["user:wioa"]["sha256"][:20]
            return read_wioa_records(local_file(path), folder / f"{digest}.parquet"), None
        text = folder / f"simulated-{os.getpid()}.csv"
        state = simulate_state(text, simulated_people, seed=self.framework.estimation.seed)
        made = f"simulated-{simulated_people}-{self.framework.estimation.seed}.parquet"
        records = read_wioa_records(text, folder / made)
        self.used["simulated:wioa"] = {
            "title": f"SIMULATED state, {simulated_people:,} people, in the layout of WIOA records",
            "publisher": "this workbench (analysis.simulate)",
            "release": "simulated, not measured",
            "licence": "MIT",
            "attribution": "",
            "form": "simulated",
            "origin": f"seed {self.framework.estimation.seed}",
            "sha256": sources.sha256_of(text),
        }
        text.unlink()
        self.instead(
            "No WIOA records are at hand: the tables from participants' records show a SIMULATED "
            "state. Its numbers say nothing about any real program or person."
        )
        return records, state.effects
