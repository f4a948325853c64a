"""A wrong key, type or range in the framework is one error that names it."""

from pathlib import Path

import pytest

from analysis.errors import WorkbenchError
from analysis.framework import framework_path, load_framework

TEXT = framework_path().read_text("utf-8")


def changed(tmp_path: Path, old: str, new: str) -> Path:
    assert TEXT.count(old) == 1, "the test must change exactly one place"
    path = tmp_path / "mine.toml"
    path.write_text(TEXT.replace(old, new), "utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("alpha = 0.05", "alpha = 5", r"mine\.toml: key 'tiers\.alpha': .*less than 1 \(found 5"),
        ("alpha = 0.05", 'alpha = "5%"', r"key 'tiers\.alpha': .*valid number \(found '5%'\)"),
        ("alpha = 0.05", "alfa = 0.05", r"key 'tiers\.alpha': Field required.*1 more"),
        (
            "minimum_cell = 10\n# what",
            "minimum_cell = 1\n# what",
            r"key 'disclosure\.minimum_cell': .*equal to 3",
        ),
        ("cuts = [0.0, 2500.0, 5000.0]", "cuts = [0.0, 2500.0]", "cuts has 2 values; 4 labels"),
        ("cuts = [0.0, 2500.0, 5000.0]", "cuts = [9.0, 5.0, 7.0]", "cuts must increase"),
        ("[about]", "[abuot]", r"key 'about': Field required"),
        ("[about]", "[about", "not readable as TOML"),
    ],
)
def test_a_fault_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(WorkbenchError, match=message):
        load_framework(changed(tmp_path, old, new))


def test_a_missing_file_is_named() -> None:
    with pytest.raises(WorkbenchError, match=r"nowhere\.toml does not exist"):
        load_framework("nowhere.toml")


def test_a_number_changed_in_the_file_is_the_number_that_is_read(tmp_path: Path) -> None:
    path = changed(tmp_path, "alpha = 0.05", "alpha = 0.01")
    assert load_framework(path).tiers.alpha == 0.01


def test_the_framework_says_that_it_is_a_reconstruction() -> None:
    assert "reconstruction" in load_framework().about.statement


def test_validity_levels_are_ordered_and_their_bias_never_shrinks_with_rank() -> None:
    levels = load_framework().validity_levels
    assert [level.rank for level in levels] == list(range(1, len(levels) + 1))
    means = [level.bias_mean for level in levels]
    assert means == sorted(means)


def test_groups_keep_the_frameworks_order_and_name_what_it_does_not_list() -> None:
    framework = load_framework()
    order = framework.group_order("race", ["white", "Asian", "Black"])
    assert order == ["Black", "white", "Asian"]
