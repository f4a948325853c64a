"""What a notebook holds in its hands: inputs with their provenance, and outputs through one door.

A notebook opens a study with its own variables, takes typed tables and the results of earlier
notebooks from it, and gives it tables, pictures, key figures and the answer in words. Everything
that leaves goes through here, so that provenance is complete and small cells stay inside.
"""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from IPython.display import HTML, display
from matplotlib.figure import Figure

from analysis.atomic import write_text
from analysis.errors import WorkbenchError
from analysis.framework import reads as framework_reads
from analysis.parameters import without_place
from analysis.paths import processed_folder, results_folder
from analysis.reports.data_notice import data_notice
from analysis.reports.disclosure_facts import Counted, Linked
from analysis.reports.disclosure_ledger import Ledger
from analysis.reports.disclosure_published import check_together
from analysis.reports.html_tables import Column, render_table, with_level, write_csv, write_parquet
from analysis.reports.key_figures import KeyFigure, plain, write_key_figures
from analysis.reports.own_files import OwnFiles
from analysis.reports.pace import Pace
from analysis.reports.pictures import picture_html
from analysis.reports.study_record import read_study


class Study(OwnFiles):
    """One run of one notebook: its parameters, its inputs and everything that it gives out.

    Parameters
    ----------
    name, variables
        As for :class:`analysis.reports.study_inputs.StudyInputs`.
    """

    def __init__(self, name: str, variables: Mapping[str, Any]) -> None:
        super().__init__(name, variables)
        # the runner names a folder that it moves into place when the whole run has succeeded
        staging = os.environ.get("WORKBENCH_STAGING")
        self.folder = Path(staging) if staging else processed_folder() / "plain" / name
        self.figures: list[KeyFigure] = []
        self.published: list[str] = []
        self.rests_on: dict[str, list[str]] = {}
        self.sentences: list[str] = []
        disclosure = self.framework.disclosure
        self.ledger = Ledger(disclosure.minimum_cell, disclosure.round_to)
        self._pace = Pace()

    def progress(self, done: int, total: int) -> None:
        """Tell the runner how far a long step has come, with the time left."""
        if line := self._pace.line(done, total):
            write_text(self.folder / "progress.txt", line)

    def publish(
        self,
        name: str,
        frame: pd.DataFrame,
        people: str | None = None,
        *,
        csv: pd.DataFrame | None = None,
        counted: Counted | None = None,
        rests_on: Sequence[str] | None = None,
    ) -> None:
        """Write a table as Parquet and CSV; refuse one that shows a count below the minimum.

        Parameters
        ----------
        name : str
            File name without ending.
        frame : DataFrame
            The table, with small cells already hidden (:mod:`analysis.reports.disclosure`).
        people : str, optional
            Column that counts the people behind each row.
        csv : DataFrame, optional
            Rows and columns of the table that a reader needs, where all of it would make a file
            too large to open; the Parquet file stays complete.
        counted : Counted, optional
            How the rows count people: tables of one population are checked together when the
            study is finished (:mod:`analysis.reports.disclosure_run`).
        rests_on : sequence of str, optional
            Ids of the sources behind the table, where they are not all that the study uses.
        """
        minimum = self.framework.disclosure.minimum_cell
        if people is not None and (frame[people].dropna() < minimum).any():
            raise WorkbenchError(
                f"table '{name}' of {self.notebook.name} shows fewer than {minimum} people",
                "Hide small cells before publishing (analysis.reports.disclosure).",
            )
        write_parquet(frame, self.folder / f"{name}.parquet")
        write_csv(frame if csv is None else csv, self.folder / f"{name}.csv")
        self.published.append(name)
        if rests_on is not None:
            self.rests_on[name] = sorted(rests_on)
        if counted is not None:
            self.ledger.add(name, frame, counted)

    def link(self, population: str, linked: Linked) -> None:
        """Say how parts and outcomes of a population hang together, for the check at the end."""
        self.ledger.linked[population] = linked

    def publish_page(self, name: str, page: str) -> str:
        """Write an HTML page of its own beside the report, and give its relative address."""
        write_text(self.folder / f"{name}.html", page)
        return f"{self.notebook.name}/{name}.html"

    def publish_json(self, name: str, document: Mapping[str, Any]) -> str:
        """Write a document for other systems beside the tables, and give its relative address."""
        page = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
        write_text(self.folder / f"{name}.json", page)
        return f"{self.notebook.name}/{name}.json"

    def releases(self, notebook: str) -> list[str]:
        """Releases of the data that an earlier notebook used, each once."""
        record = read_study(results_folder(notebook))
        return sorted({entry["release"] for entry in record["used"].values()} - {""})

    def show_table(
        self,
        name: str,
        frame: pd.DataFrame,
        columns: Mapping[str, Column],
        *,
        people: str | None = None,
        counted: Counted | None = None,
        csv: pd.DataFrame | None = None,
        rests_on: Sequence[str] | None = None,
        **layout: Any,
    ) -> None:
        """Publish a table and show it in the report.

        ``layout`` (``caption``, ``note``, ``rows``, ``held``, ``sections``, ``folded``,
        ``controls``) is as for
        :func:`analysis.reports.html_tables.render_table`, the other parameters as for `publish`.
        """
        self.publish(name, frame, people, csv=csv, counted=counted, rests_on=rests_on)
        link = f"{self.notebook.name}/{name}.csv"
        # a file of the same columns holds a part of the rows; one of other columns is not counted
        is_part = csv is not None and set(csv.columns) <= set(frame.columns)
        held = len(csv) if csv is not None and is_part else None
        named = with_level(columns, self.framework.estimation.confidence_level)
        display(HTML(render_table(frame, named, csv_link=link, csv_rows=held, **layout)))

    def show_picture(
        self, name: str, figure: Figure, *, data: pd.DataFrame | None = None, **words: Any
    ) -> None:
        """Show a picture with its text alternative, and publish the numbers behind it (``data``).

        Without ``data`` the numbers are those of the published table ``name``. ``words``
        (``title``, ``subtitle``, ``alt``, ``source``, ``lines``) are as for
        :func:`analysis.reports.pictures.picture_html`.
        """
        if data is not None:
            self.publish(name, data)
        elif name not in self.published:
            raise WorkbenchError(
                f"picture '{name}' has no numbers beside it", "Give data, or publish it before."
            )
        link = f'<a href="{self.notebook.name}/{name}.csv" download>Numbers behind this picture</a>'
        display(HTML(f'{picture_html(figure, **words)}<p class="note">{link}</p>'))

    def key_figure(
        self,
        name: str,
        estimate: float,
        *,
        n: float,
        n_of: str,
        unit: str,
        standard_error: float | None = None,
        interval: tuple[float, float] | None = None,
        sources: list[str] | None = None,
        note: str = "",
    ) -> None:
        """Record a headline number; one that rests on too few people is refused.

        Parameters
        ----------
        name : str
            Unique in the notebook, as in ``job_corps.race.Black.difference``.
        estimate, standard_error, interval
            The number and its uncertainty (None where nothing was sampled; say so in ``note``).
        n, n_of : float, str
            What it rests on.
        unit : str
            Unit of the estimate.
        sources : list of str, optional
            Ids of the sources behind it; by default all that the study has used.
        note : str
            How it was made, where the name does not say.
        """
        if n_of.startswith("people") and n < self.framework.disclosure.minimum_cell:
            raise WorkbenchError(
                f"key figure '{name}' rests on fewer than "
                f"{self.framework.disclosure.minimum_cell} people",
                "Do not publish it.",
            )
        ids = sorted(self.used) if sources is None else sorted(sources)
        limits = None if interval is None else (plain(interval[0]), plain(interval[1]))
        complete = limits is not None and None not in limits
        self.figures.append(
            KeyFigure(
                name=name,
                estimate=float(estimate),
                standard_error=plain(standard_error),
                interval=limits if complete else None,  # type: ignore[arg-type]
                n=int(n),
                n_of=n_of,
                unit=unit,
                sources=tuple(f"{i}:{self.used[i]['form']}" for i in ids),
                note=note,
            )
        )

    def say(self, sentence: str) -> None:
        """Show a paragraph of words and numbers; text from data is escaped by the caller's f-string
        through :func:`analysis.reports.words.text`."""
        display(HTML(f"<p>{sentence}</p>"))

    def answer(self, *sentences: str) -> None:
        """Give the answer in plain sentences: first thing on the report and on the index."""
        self.sentences = list(sentences)
        items = "".join(f"<p>{sentence}</p>" for sentence in sentences)
        display(HTML(f'<section class="answer" aria-label="The answer">{items}</section>'))
        display(HTML(data_notice(self.used, self.lacking, self.substitutes)))

    def _summary(self) -> dict[str, Any]:
        """What the study used and published."""
        return {
            "notebook": self.notebook.name,
            "title": self.notebook.title,
            "parameters": without_place(self.parameters),
            "framework": f"{self.framework.about.title}, {self.framework.about.version}",
            "seed": self.framework.estimation.seed,
            "used": self.used,
            "lacking": self.lacking,
            "substitutes": self.substitutes,
            "tables": self.published,
            "minimum_cell": self.ledger.minimum,
            "round_to": self.ledger.round_to,
            "rests_on": self.rests_on,
        }

    def finish(self) -> None:
        """Check all tables of the run together, write ``figures.json`` and the record of the study.

        Raises
        ------
        WorkbenchError
            Where the tables together give a small count away, or count people nobody says whom
            (what was published is removed), or a key figure is named twice.
        """
        try:
            self.ledger.check()
            checked = check_together([(self.folder, self._summary())], self.ledger.minimum)
        except WorkbenchError:
            for name in self.published:
                for ending in ("parquet", "csv"):
                    (self.folder / f"{name}.{ending}").unlink(missing_ok=True)
            raise
        names = [figure.name for figure in self.figures]
        if len(set(names)) != len(names):
            repeated = sorted({name for name in names if names.count(name) > 1})
            raise WorkbenchError(
                f"{self.notebook.name}: key figures named twice: {', '.join(repeated)}",
                "Give each its own name.",
            )
        write_key_figures(self.figures, self.folder / "figures.json")
        together = {"checked_together": self.ledger.summary(), "checked_as_published": checked}
        record = self._summary() | together | {"answer": self.sentences}
        write_text(self.folder / "study.json", json.dumps(record, indent=1, ensure_ascii=False))
        # what a runner must know to tell whether these results still stand
        keys = framework_reads.keys_read()
        with framework_reads.unnoted():
            values = framework_reads.values_at(self.framework.model_dump(mode="json"), keys)
        read = {
            "framework": values,
            "framework_keys": keys,
            "framework_files": [str(path) for path in framework_reads.files_loaded()],
            "modules": sorted(name for name in sys.modules if name.split(".")[0] == "analysis"),
        }
        write_text(self.folder / "reads.json", json.dumps(read, indent=1))
