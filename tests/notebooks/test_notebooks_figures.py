"""The default run says what was accepted: every key figure, by name and by its data."""

from analysis.parameters import all_notebooks
from analysis.runs.expected import compare_default_run, read_expected


def test_every_key_figure_is_the_accepted_one() -> None:
    found = compare_default_run()
    lines = [f"{d.notebook}: {d.figure} {d.what}" for d in found]
    assert not found, "\n".join([*lines, "If this is meant: workbench accept, and read the diff."])


def test_figures_were_accepted_for_every_notebook() -> None:
    assert [name for name in all_notebooks() if not read_expected(name)] == []
