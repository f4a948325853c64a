"""Parameters are read without running anything, and checked before a kernel starts."""

from pathlib import Path

import pytest

from analysis.cli import main
from analysis.errors import WorkbenchError
from analysis.parameters import Notebook, checked_values, find_notebook, read_parameters

CELL = """
alpha: float = 0.05  # largest false share; from 0.001 to 0.5
loss: str = "steps"  # what an error costs; one of: steps, squares
draws: int = 100  # how many
strict: bool = False
"""


@pytest.fixture
def notebook() -> Notebook:
    return Notebook(
        "05_x", Path("05_x.ipynb"), "x", (), (), read_parameters(CELL, "05_x.ipynb"), ""
    )


def test_declarations_are_read_with_their_limits_and_choices(notebook: Notebook) -> None:
    alpha, loss, draws, strict = notebook.parameters
    assert (alpha.type, alpha.default, alpha.low, alpha.high) == ("float", 0.05, 0.001, 0.5)
    assert loss.choices == ("steps", "squares")
    assert (draws.meaning, strict.meaning) == ("how many", "")


def test_text_of_a_command_line_becomes_the_declared_type(notebook: Notebook) -> None:
    given = {"alpha": "0.1", "draws": "7", "strict": "yes", "loss": "squares"}
    assert checked_values(notebook, given) == {
        "alpha": 0.1, "draws": 7, "strict": True, "loss": "squares",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"alhpa": "0.1"}, "has no parameter 'alhpa'. Did you mean 'alpha'"),
        ({"alpha": "much"}, "parameter 'alpha': 'much' is not of type float"),
        ({"alpha": "0.9"}, "'0.9' is out of range. Give a value from 0.001 to 0.5"),
        ({"alpha": "nan"}, "parameter 'alpha': 'nan' is not of type float"),
        ({"draws": "7.5"}, "parameter 'draws': '7.5' is not of type int"),
        ({"draws": True}, "parameter 'draws': True is not of type int"),
        ({"loss": "cubes"}, "'cubes' is no choice. Choices: steps, squares"),
        ({"loss": 3}, "parameter 'loss': 3 is not of type str"),
        ({"strict": "perhaps"}, "parameter 'strict': 'perhaps' is not of type bool"),
    ],
)
def test_a_bad_value_is_one_error_with_the_remedy(
    notebook: Notebook, given: dict[str, object], words: str
) -> None:
    with pytest.raises(WorkbenchError, match=words.replace(".", r"\.")):
        checked_values(notebook, given)


def test_a_line_that_declares_nothing_is_refused() -> None:
    with pytest.raises(WorkbenchError, match="parameters cell, line 2: no declaration"):
        read_parameters("alpha: float = 0.05\nprint(alpha)", "05_x.ipynb")


def test_a_notebook_is_found_by_name_number_or_path_and_an_unknown_one_is_named() -> None:
    for name in ("04", "04_earnings_effects", "notebooks/04_earnings_effects.ipynb"):
        assert find_notebook(name).name == "04_earnings_effects"
    with pytest.raises(WorkbenchError, match="unknown notebook '04_earning_effect'"):
        find_notebook("04_earning_effect")


def test_code_in_a_value_arrives_in_the_notebook_as_text(write, tmp_path: Path) -> None:
    value = (
        "'; open('CANARY', 'w'); ' \"\"\" \\ \\' {{ 7*7 }} {0} %s\n!touch CANARY\n%%bash\n"
        "touch CANARY\n__import__('os').system('touch CANARY') \u202e \U0001f600 $(touch CANARY)"
    )
    seen = tmp_path / "seen.txt"
    write(
        "01_one",
        f"from pathlib import Path\nPath({str(seen)!r}).write_text(name, 'utf-8')",
        parameters='name: str = "x"',
    )
    assert main(["run", "01", "-p", "name", value]) == 0
    assert seen.read_bytes().decode() == value
    assert not list(tmp_path.rglob("CANARY"))


def test_a_whole_number_of_any_length_is_compared() -> None:
    parameters = read_parameters("size: int = 3  # how many; from 1 to 9", "05_x.ipynb")
    one = Notebook("05_x", Path("05_x.ipynb"), "x", (), (), parameters, "")
    with pytest.raises(WorkbenchError, match="is out of range"):
        checked_values(one, {"size": "9" * 400})


@pytest.mark.parametrize("cell", ["a: list = 1", "a: int = None", "a: int = " + "-" * 10_000 + "1"])
def test_a_declaration_of_no_plain_value_is_refused(cell: str) -> None:
    with pytest.raises(WorkbenchError, match="line 1"):
        read_parameters(cell, "x.ipynb")
