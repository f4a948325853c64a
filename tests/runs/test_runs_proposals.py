"""Each proposal is weighed against the framework; one that fails costs the others nothing."""

from pathlib import Path

import pytest

from analysis.cli import main
from analysis.errors import WorkbenchError
from analysis.runs.all_proposals import weigh_proposals

ABOUT = '[proposal]\ntitle = "{}"\nreason = "since <b>"\ncitation = "none"\n'


def test_proposals_side_by_side(write, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    alpha = "alpha = study.framework.tiers.alpha"
    stop = (
        "from analysis.errors import MissingDataError\n"
        "if alpha == 0.5:\n    raise ValueError('half is too much')\n"
        "if alpha == 0.04:\n    raise MissingDataError('no cost is known', 'Fetch a list.')"
    )
    table = (
        "import pandas as pd\n"
        "tier = 'B' if alpha < 0.03 else 'A'\n"
        "study.publish('tiers', pd.DataFrame({'program_key': ['x'], 'program': 'Welding',"
        " 'provider': 'College', 'state': 'TX', 'tier': [tier], 'chance_not_above': 0.04}))"
    )
    figure = "study.key_figure('a', alpha, n=20, n_of='people', unit='share', note='counted')"
    write("05_x", alpha, stop, table, figure, parameters="framework: str = ''")
    with pytest.raises(WorkbenchError, match="no proposals in"):
        weigh_proposals("05", print)
    folder = tmp_path / "frameworks" / "proposals"
    folder.mkdir(parents=True)
    for name, value in (("strict", "0.01"), ("half", "0.5"), ("same", "0.05")):
        text = ABOUT.format(f"Alpha of {value}") + f"[tiers]\nalpha = {value}\n"
        (folder / f"{name}.toml").write_text(text)
    assert main(["proposals", "05"]) == 1
    said = capsys.readouterr().out
    assert "framework → strict: 1 of 1 key figure moved, 1 program changed tier." in said
    assert "framework → same: no result differs (1 key figure compared)." in said
    assert "half: could not be run. ValueError in cell" in said
    # each has files of its own, and none waits for another
    assert "under way in another process" not in said
    page = (tmp_path / "reports/proposals/index.html").read_text("utf-8")
    for words in ("Alpha of 0.01", "since &lt;b&gt;", "tiers.alpha", "half is too much", "Welding"):
        assert words in page, words
    assert "<b>" not in page
    (folder / "half.toml").unlink()
    # all of it is in the store by now
    assert main(["proposals", "05"]) == 0
    assert "started" not in capsys.readouterr().out
    # what the data at hand cannot answer is named, and is no failure of the others
    text = ABOUT.format("Alpha of 0.04") + "[tiers]\nalpha = 0.04\n"
    (folder / "cost.toml").write_text(text)
    assert main(["proposals", "05"]) == 0
    said = capsys.readouterr().out
    assert "cost: could not be tried on the data at hand. no cost is known" in said
    assert "framework → strict: 1 of 1 key figure moved" in said
    page = (tmp_path / "reports/proposals/index.html").read_text("utf-8")
    assert "It could not be tried on the data at hand: no cost is known" in page
