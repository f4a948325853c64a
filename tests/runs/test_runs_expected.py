"""The comparison with expected figures bites: every kind of change is found and named."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from analysis.errors import WorkbenchError
from analysis.reports.key_figures import KeyFigure
from analysis.runs import expected
from analysis.runs.pipeline import run

EFFECT = KeyFigure(
    "effect", 1794.34, 671.0, (479.2, 3109.5), 445, "people", "dollars", ("nsw:carrier",)
)
SHARE = KeyFigure(
    "share", 0.386, None, (0.375, 0.396), 7794, "programs", "share", ("card:carrier",)
)


DATA = ("card:carrier", "nsw:carrier")


@pytest.fixture
def accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expected, "expected_folder", lambda: tmp_path)
    entry = {"data": list(DATA), "figures": [asdict(figure) for figure in (EFFECT, SHARE)]}
    (tmp_path / "04_x.json").write_text(json.dumps([entry]))


@pytest.mark.usefixtures("accepted")
class TestComparison:
    def test_the_same_figures_differ_in_nothing(self) -> None:
        assert expected.compare("04_x", [EFFECT, SHARE], DATA) == []

    @pytest.mark.parametrize(
        ("changed", "words"),
        [
            (replace(EFFECT, estimate=1795.5), "was 1794.34, is 1795.5 (moved 0.00173 standard"),
            (replace(EFFECT, standard_error=672.0), "standard error was 671, is 672"),
            (replace(EFFECT, interval=(480.2, 3109.5)), "lower limit was 479.2, is 480.2"),
            (replace(EFFECT, interval=None), "lower limit was 479.2, is None"),
            (replace(EFFECT, n=444), "n was 445, is 444"),
            (replace(EFFECT, unit="cents"), "unit was dollars, is cents"),
        ],
    )
    def test_one_changed_number_is_found_and_named(self, changed: KeyFigure, words: str) -> None:
        (found,) = expected.compare("04_x", [changed, SHARE], DATA)
        assert found.figure == "effect"
        assert words in found.what

    def test_rounding_of_another_machine_is_no_change(self) -> None:
        near = replace(EFFECT, estimate=EFFECT.estimate + 1e-4 * 671.0)
        assert expected.compare("04_x", [near, SHARE], DATA) == []

    def test_new_and_missing_figures_are_found(self) -> None:
        found = expected.compare("04_x", [replace(EFFECT, name="other"), SHARE], DATA)
        assert {(d.figure, d.what.split(":")[0]) for d in found} == {
            ("other", "is new"), ("effect", "is gone"),
        }  # fmt: skip

    def test_figures_of_other_data_are_not_held_against_these(self) -> None:
        """A figure of the same name and sources may rest on more in a run on other data."""
        found = expected.compare("04_x", [replace(EFFECT, estimate=5.0)], ("nsw:carrier",))
        assert [d.what for d in found] == ["is new: no expected value"]


def test_accepting_writes_what_the_next_comparison_expects(
    write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expected, "expected_folder", lambda: tmp_path / "expected")
    figure = "study.key_figure('size', {}, n=20, n_of='people', unit='people', note='counted')"
    write("01_first", figure.format(3.0))
    assert run([], {}, lambda line: None)
    assert expected.accept()[-1] == "1 figure accepted"
    assert expected.compare_default_run() == []
    write("01_first", figure.format(4.0))
    assert run([], {}, lambda line: None)
    (found,) = expected.compare_default_run()
    assert found.what.startswith("was 3, is 4")
    assert len(expected.accept()) == 2
    assert expected.compare_default_run() == []
    assert expected.data_without_figures() == []


def test_results_of_other_parameters_are_not_compared(write) -> None:
    write("01_first")
    assert run([], {"size": 2}, lambda line: None)
    with pytest.raises(WorkbenchError, match="not those of its default parameters"):
        expected.compare_default_run()
