"""A proposal holds only what differs, with its ground, and is checked like the framework."""

from pathlib import Path

import pytest

from analysis.errors import WorkbenchError
from analysis.framework import load_framework
from analysis.framework.proposals import proposal_files
from analysis.runs.all_proposals import proposals_folder
from analysis.runs.identity import framework_values

ABOUT = '[proposal]\ntitle = "t"\nreason = "r"\ncitation = "c"\n'


def test_every_proposal_of_the_project_can_be_used_and_changes_something() -> None:
    files = proposal_files(proposals_folder())
    assert len(files) >= 3
    for file in files:
        assert load_framework(file) != load_framework()


def test_a_proposal_changes_its_keys_and_no_other(tmp_path: Path) -> None:
    file = tmp_path / "p.toml"
    file.write_text(ABOUT + "[tiers]\nalpha = 0.01\n[groups.gender]\norder = ['men', 'women']\n")
    ours, theirs = load_framework().model_dump(), load_framework(file).model_dump()
    assert theirs["tiers"].pop("alpha") == 0.01
    assert theirs["groups"]["gender"].pop("order") == ["men", "women"]
    ours["tiers"].pop("alpha")
    ours["groups"]["gender"].pop("order")
    assert theirs == ours
    assert framework_values(str(file), ["tiers.alpha"]) == {"tiers.alpha": 0.01}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (ABOUT, "nothing is proposed"),
        (ABOUT.replace('"r"', '""') + "[tiers]\nalpha = 0.1", r"key 'proposal\.reason' is missing"),
        (ABOUT + "[tiers]\nalfa = 0.1", r"key 'tiers\.alfa': unknown key"),
        (ABOUT + "[tiers]\nalpha = 7.0", r"key 'tiers\.alpha'"),
        ("proposal = 3\n[tiers]\nalpha = 0.1", r"key 'proposal\.title' is missing"),
    ],
)
def test_a_proposal_that_cannot_be_used_names_file_and_key(
    tmp_path: Path, text: str, words: str
) -> None:
    file = tmp_path / "p.toml"
    file.write_text(text)
    with pytest.raises(WorkbenchError, match=words) as caught:
        load_framework(file)
    assert "p.toml" in str(caught.value)
