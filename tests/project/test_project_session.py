"""The recorded session is what the recorder writes, and its commands still are commands."""

import re
import shlex
from collections.abc import Callable
from types import ModuleType

import pytest

from analysis.cli import _parser
from analysis.errors import WorkbenchError
from analysis.paths import project_root
from analysis.reports.run_differences import summary
from analysis.runs.diff import diff_runs


@pytest.fixture(scope="module")
def recorder(script: Callable[[str], ModuleType]) -> ModuleType:
    return script("docs/record_session.py")


@pytest.fixture(scope="module")
def session() -> str:
    return (project_root() / "docs" / "session.md").read_text("utf-8")


def test_it_holds_every_step_in_order_and_every_command_parses(
    session: str, recorder: ModuleType
) -> None:
    shown = re.findall(r"^\$ (.*)$", session, re.MULTILINE)
    wanted = [command.format(changed="changed/tests/expected") for _, command in recorder.STEPS]
    assert shown == wanted
    places = [session.index(words) for words, _ in recorder.STEPS]
    assert places == sorted(places)
    for command in shown:
        if command.startswith("workbench"):
            _parser().parse_args(shlex.split(command)[1:])
        else:
            assert (project_root() / command.split()[1]).is_file()


def test_it_shows_the_proposal_as_it_is_and_names_no_machine(
    session: str, recorder: ModuleType
) -> None:
    assert (project_root() / recorder.PROPOSAL).read_text("utf-8").strip()[:140] in session
    assert str(project_root()) not in session
    assert "Traceback" not in session
    assert "FAILED" not in session
    # a reviewer's message names the one number that changed
    last = session[session.rindex("$ workbench") :]
    assert re.search(r"1 of [\d,]+ key figures moved", last)
    assert "all.tier_A: " in last
    assert "Exit code 1." in last


def test_what_it_says_is_what_the_kept_runs_say(session: str) -> None:
    try:
        found = diff_runs(["before", "stricter"])
    except WorkbenchError as error:
        pytest.skip(f"the session's runs are not kept here ({error})")
    tables = {name: getattr(found, name) for name in ("inputs", "figures", "programs")}
    for line in summary(found.labels, tables, found.compared):
        assert line in session
