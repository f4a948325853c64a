"""What a notebook may take in: typed tables, trials, results of earlier notebooks.

Whatever is taken is recorded with its provenance, and whatever cannot be had with what is lost.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import parameters, sources, tables
from analysis.errors import MissingDataError, WorkbenchError
from analysis.framework import Framework, load_framework
from analysis.framework.reads import unnoted, values_at
from analysis.paths import results_folder
from analysis.plain_data import has_shape, read_json, read_table
from analysis.reports.study_record import read_study
from analysis.tables.trials import Trial

# what published files call earnings, in the framework's terms
_METRIC_OF = {"average_quarterly_wage": "earnings", "median_annual_earnings": "earnings"}


class StudyInputs:
    """The inputs of one run of one notebook, and a record of all that was used or lacking.

    Parameters
    ----------
    name : str
        The notebook's name, as in ``04_earnings_effects``.
    variables : mapping
        The notebook's ``globals()``: declared parameters are taken from it and checked again,
        so that plain papermill cannot slip a wrong type past the declaration.
    """

    def __init__(self, name: str, variables: Mapping[str, Any]) -> None:
        self.notebook = parameters.find_notebook(name)
        given = {p.name: variables[p.name] for p in self.notebook.parameters if p.name in variables}
        self.parameters = parameters.checked_values(self.notebook, given)
        self.framework: Framework = load_framework(str(self.parameters.get("framework", "")))
        self.used: dict[str, dict[str, str]] = {}
        self.lacking: dict[str, str] = {}
        self.substitutes: list[str] = []

    def table(self, name: str) -> pd.DataFrame | None:
        """Typed table by name, or None where no source of it can be had (which is recorded)."""
        loaded = tables.load(name)
        for source_id in tables.sources_of(name):
            if loaded is None:
                self.lacking[source_id] = sources.source(source_id).lost
        if loaded is None:
            return None
        for located in loaded.located:
            self._record(located)
        return loaded.frame

    def needed(self, name: str) -> pd.DataFrame:
        """Typed table by name; an error that says what is lost where it cannot be had."""
        frame = self.table(name)
        if frame is None:
            raise MissingDataError(
                f"table '{name}' cannot be had here, and {self.notebook.name} cannot do without",
                "Run 'workbench sources' to see each source and how to get it.",
            )
        return frame

    def file(self, source_id: str) -> Path | None:
        """Verified file of a source that is no table (a model), or None."""
        located = sources.locate(source_id)
        if located is None:
            self.lacking[source_id] = sources.source(source_id).lost
            return None
        self._record(located)
        return located.path

    def trial(self, key: str) -> Trial | None:
        """Trial by its key, or None where it cannot be had (which is recorded)."""
        loaded = tables.load_trial(key)
        if loaded is None:
            for source_id in tables.sources_of(f"trial:{key}"):
                self.lacking[source_id] = sources.source(source_id).lost
            return None
        trial, located = loaded
        self._record(located)
        return trial

    def comparison(self, key: str) -> Trial | None:
        """Comparison without a lottery by its key, or None where it cannot be had (recorded)."""
        loaded = tables.load_comparison(key)
        if loaded is None:
            for source_id in tables.sources_of(f"comparison:{key}"):
                if sources.locate(source_id) is None:
                    self.lacking[source_id] = sources.source(source_id).lost
            return None
        trial, located = loaded
        for found in located:
            self._record(found)
        return trial

    def trials_with(self, outcome: str) -> list[Trial]:
        """Trials at hand that measured an outcome (all of them where it is empty)."""
        at_hand = [trial for key in tables.trial_keys() if (trial := self.trial(key))]
        chosen = [trial for trial in at_hand if not outcome or outcome in trial.outcomes]
        if not chosen:
            known = "; ".join(f"{t.key}: {', '.join(t.outcomes)}" for t in at_hand) or "none"
            raise WorkbenchError(
                f"no trial at hand has the outcome '{outcome}'", f"Outcomes by trial: {known}."
            )
        return chosen

    def in_categories(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Race and gender as categories in the framework's deliberate order."""
        ordered = {
            column: pd.Categorical(
                frame[column], self.framework.group_order(column, list(frame[column].unique()))
            )
            for column in self.framework.groups
            if column in frame
        }
        return frame.assign(**ordered)

    def source_of_trial(self, key: str) -> list[str]:
        """Ids of the sources of a trial, or of the user's own file."""
        own = {"own": "user:participants", "wioa": "user:wioa"}
        return [own[key]] if key in own else tables.sources_of(f"trial:{key}")

    def _record(self, located: sources.Located) -> None:
        entry = located.source
        self.used[entry.id] = {
            "title": entry.title,
            "publisher": entry.publisher,
            "release": entry.release,
            "licence": entry.licence,
            "attribution": entry.attribution,
            "form": located.form,
            "origin": located.origin,
            "sha256": located.sha256,
        }

    def metric_name(self, metric: str) -> str:
        """Name of a published metric in the framework's words."""
        return self.framework.metric(_METRIC_OF.get(metric, metric)).name

    def metric_category(self, metric: str) -> int:
        """Category of priority of a published metric."""
        return self.framework.metric(_METRIC_OF.get(metric, metric)).category

    def in_group_order(self, frame: pd.DataFrame, column: str) -> pd.DataFrame:
        """Rows in the framework's deliberate order of groups, race before gender before both."""
        races, genders = (self.framework.groups[key].order for key in ("race", "gender"))
        crossed = [f"{race} {gender}" for race in races for gender in genders]
        order = ["all", *races, *genders, *crossed]
        place = {name: position for position, name in enumerate(order)}
        rank = frame[column].map(lambda name: place.get(name, len(order)))
        return frame.iloc[rank.argsort(kind="stable")].reset_index(drop=True)

    def earlier(self, notebook: str, name: str) -> pd.DataFrame:
        """Table that an earlier notebook published; the sources it rests on become this study's.

        A table that says of no sources that it rests on them rests on all of its notebook.
        """
        folder = results_folder(notebook)
        path = folder / f"{name}.parquet"
        if not path.is_file():
            raise WorkbenchError(
                f"{self.notebook.name} needs table '{name}' of {notebook}, which is not there",
                f"Run it first: workbench run {notebook}.",
            )
        record = read_study(folder)
        behind = record.get("rests_on", {}).get(name, list(record["used"]))
        self.used |= {source_id: record["used"][source_id] for source_id in behind}
        self.lacking |= record["lacking"]
        return read_table(path, (), f"Run it again: workbench run {notebook}.")

    def earlier_if_there(self, notebook: str, name: str) -> pd.DataFrame | None:
        """Table of an earlier notebook that its run may not have made; None where it did not."""
        there = (results_folder(notebook) / f"{name}.parquet").is_file()
        return self.earlier(notebook, name) if there else None

    def same_parameters(self, notebook: str, *names: str) -> None:
        """Refuse to go on where an earlier notebook was run with other values of these parameters.

        The runner passes a parameter to every notebook that declares it; plain papermill does not.
        """
        folder = results_folder(notebook)
        record, own = read_study(folder), parameters.without_place(self.parameters)
        if "framework" in names and (other := self._other_values(folder)):
            raise WorkbenchError(
                f"{self.notebook.name} and the results of {notebook} are of two frameworks: "
                f"{other[0]} differs",
                f"Run both together: workbench run {self.notebook.name} -p framework …",
            )
        for name in names:
            theirs, ours = record["parameters"].get(name), own[name]
            if theirs != ours:
                raise WorkbenchError(
                    f"{self.notebook.name} has {name} = {ours!r}, and the results of {notebook} "
                    f"are for {theirs!r}",
                    f"Run both together: workbench run {self.notebook.name} -p {name} …",
                )

    def _other_values(self, folder: Path) -> list[str]:
        """Places that an earlier run read in its framework and that hold another value in ours."""
        remedy = "Run the notebook again: workbench run."
        if (folder / "run.json").is_file():
            record = read_json(folder / "run.json", dict, remedy).get("traced")
        else:
            # plain papermill keeps no record of a run; the notebook itself left what it had read
            record = read_json(folder / "reads.json", dict, remedy)
        if not has_shape(record, {"framework": dict}):
            raise WorkbenchError(f"{folder} has no whole record of a run", remedy)
        theirs = record["framework"]
        with unnoted():
            ours = values_at(self.framework.model_dump(mode="json"), theirs)
        return [place for place, value in theirs.items() if ours[place] != value]

    def instead(self, sentence: str) -> None:
        """Say what was used in place of something that is not at hand."""
        self.substitutes.append(sentence)
