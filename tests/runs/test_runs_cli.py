"""What a user's mistake looks like: one clear line, exit code not 0, earlier results intact."""

import shutil
import tomllib
from pathlib import Path

import pandas as pd
import pytest

from analysis import cli
from analysis.cli import main
from analysis.paths import project_root, raw_folder
from analysis.sources import catalogue


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's results go; earlier ones of notebook 04 lie there already."""
    monkeypatch.setenv("WORKBENCH_OUTPUT", str(tmp_path))
    earlier = tmp_path / "data/processed/04_earnings_effects"
    earlier.mkdir(parents=True)
    (earlier / "figures.json").write_text("[]")
    return tmp_path


def everything_in(folder: Path) -> dict[str, bytes]:
    # locks are no results
    files = [p for p in folder.rglob("*") if p.is_file() and p.parent.name != ".locks"]
    return {str(p.relative_to(folder)): p.read_bytes() for p in files}


def refused(results: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run the command, check that it failed and touched nothing, and give what it said."""
    before = everything_in(results)
    assert main(list(arguments)) != 0
    said = capsys.readouterr()
    assert everything_in(results) == before
    assert "Traceback" not in said.out + said.err
    return said.out + said.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("run", "04_earning_effects"), "unknown notebook '04_earning_effects'. Did you mean"),
        (("run", "04", "-p", "outcom", "earny4"), "no parameter 'outcom'. Did you mean 'outcome'"),
        (("run", "03", "-p", "framework", "none.toml"), "framework file none.toml does not exist"),
        (("fetch", "onet_task"), "'onet_task' is no source of the catalogue"),
        (("explain", "all.tier_A"), "'current' has no results. Run 'workbench run' first"),
        (("run", "04", "--name", "accepted"), "'accepted' cannot name a run"),
    ],
)
def test_a_mistake_on_the_command_line(
    results: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str
) -> None:
    assert words in refused(results, capsys, *arguments)


@pytest.mark.parametrize("command", [("run",), ("sweep", "05"), ("proposals",)])
def test_a_number_of_notebooks_below_zero_is_refused_and_starts_nothing(
    capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*command, "--jobs", "-3"])
    assert ended.value.code == 2
    assert "'-3' is no count; write 0 or more" in capsys.readouterr().err


def test_a_participants_file_with_text_in_a_column_of_numbers(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    people = pd.DataFrame({"treated": [0, 1] * 20, "race": "x", "earnings": range(40)})
    people["earnings"] = people["earnings"].astype("object")
    people.loc[6, "earnings"] = "many"
    file = results / "people.csv"
    people.to_csv(file, index=False)
    given = ("-p", "participants", str(file), "-p", "outcome", "earnings", "-p", "groups", "race")
    said = refused(results, capsys, "run", "04", *given)
    assert "people.csv, column 'earnings', row 8: 'many' is not a number" in said


@pytest.mark.parametrize("number", ["02", "06"])
@pytest.mark.parametrize(
    "given", ["origin=Cashyers", "target=Cashyers", "targets=Bakers; Cashyers"]
)
def test_a_job_that_is_no_occupation_is_answered_with_the_nearest_titles_before_anything_runs(
    results: Path, capsys: pytest.CaptureFixture[str], number: str, given: str
) -> None:
    said = refused(results, capsys, "run", number, "-p", *given.split("=", 1))
    assert "no occupation is called 'Cashyers'" in said
    assert "Cashiers (41-2011.00)" in said
    assert "started" not in said


def test_a_participants_file_that_is_not_there(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refused(
        results, capsys, "run", "04", "-p", "participants", "gone.csv", "-p", "outcome", "y"
    )
    assert "gone.csv" in said
    assert "does not exist" in said


@pytest.mark.parametrize("fault", ["cut short", "another file"])
def test_a_source_whose_bytes_are_wrong_stops_the_run_and_stays_as_it_is(
    results: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    raw, file = results / "raw", catalogue()["trial_nsw"].carrier.file
    (raw / file).parent.mkdir(parents=True)
    if fault == "cut short":
        shutil.copy(raw_folder() / file, raw / file)
        (raw / file).write_bytes((raw / file).read_bytes()[:100])
    else:
        (raw / file).write_bytes(b"something else")
    monkeypatch.setenv("WORKBENCH_RAW", str(raw))
    monkeypatch.setenv("WORKBENCH_OFFLINE", "1")
    monkeypatch.setenv("ANALYSIS_MIRROR", str(results / "no mirror"))
    said = refused(results, capsys, "run", "04")
    assert "jtrain2.csv.bz2: sha256 is" in said
    assert "for source 'trial_nsw'" in said


def test_a_fault_of_the_workbench_is_one_line_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        raise KeyError("lost\x1b[2J")

    monkeypatch.setattr("analysis.sources.catalogue", broken)
    monkeypatch.delenv("WORKBENCH_DEBUG", raising=False)
    assert main(["sources"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("workbench: a fault of the workbench (KeyError: 'lost")
    assert "\x1b" not in said
    assert len(said.splitlines()) == 1
    monkeypatch.setenv("WORKBENCH_DEBUG", "1")
    with pytest.raises(KeyError, match="lost"):
        main(["sources"])


def test_words_that_are_no_command_are_told_back_short(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["x" * 10_000], ["run", "--no-such-option-" + "y" * 10_000], ["\x1b[2J"]):
        with pytest.raises(SystemExit) as ended:
            main(words)
        assert ended.value.code == 2
        said = capsys.readouterr().err
        assert len(said) < 2_000
        assert "\x1b" not in said


def test_it_says_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--version"])
    assert not end.value.code
    declared = tomllib.loads((project_root() / "pyproject.toml").read_text("utf-8"))["project"]
    assert capsys.readouterr().out == f"workbench {declared['version']}\n"


def test_a_package_that_is_not_installed_has_no_version(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "_PACKAGE", "no-such-package-of-ours")
    with pytest.raises(SystemExit, match="2"):
        main(["--version"])
    assert "no-such-package-of-ours is not installed" in capsys.readouterr().err
