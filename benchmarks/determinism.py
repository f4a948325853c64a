"""Same inputs, same outputs? The six notebooks under settings that must not matter, held together.

Setting A is ``workbench run`` with one thread, the C locale and UTC. B is plain ``papermill`` under
another Python (``--python``, of an environment that the workbench is installed in) with
two threads, another seed of hashes, a Turkish locale (its ``I`` has no lower-case ``i``, its
decimal sign is a comma) and a zone half a day away. C is plain ``papermill`` on what stands for an
older machine: numpy and OpenBLAS without the wider instructions, a German locale, a zone at half
an hour. Each runs from nothing, with results and a cache of its own: only the fetched files are
shared, and vectors of texts that the project's cache holds (they take longer than all the rest).
Four hundred texts are read anew under each setting, and their vectors compared to the last bit.

Key figures are held against A's at the tolerance of the accepted ones
(:data:`analysis.runs.expected.RELATIVE_TOLERANCE`, of a standard error, or of the figure where it
has none), and all tables that the notebooks wrote, number by number. Writes
``benchmarks/results/determinism.csv``; exit code 1 where a figure lies beyond the tolerance.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy._core import _multiarray_umath

from analysis.parameters import all_notebooks
from analysis.paths import cache_folder, project_root, raw_folder
from analysis.reports.html_tables import write_csv
from analysis.reports.key_figures import KeyFigure, read_key_figures
from analysis.runs.diff import rows
from analysis.skills.text_vectors import sentence_vectors
from analysis.sources import at_hand, catalogue, fetch
from analysis.tables import load

RESULT = Path(__file__).parent / "results" / "determinism.csv"
TEXTS = 400
Figures = dict[str, KeyFigure]


@dataclass(frozen=True)
class Setting:
    """What a run is made under."""

    name: str
    runner: bool
    threads: int
    hash_seed: int
    locale: str
    zone: str
    older_machine: bool = False
    python: str = sys.executable

    def environment(self, folder: Path) -> dict[str, str]:
        """Environment of its processes, whose results and cache lie in a folder."""
        given = {
            "OPENBLAS_NUM_THREADS": str(self.threads),
            "OMP_NUM_THREADS": str(self.threads),
            "PYTHONHASHSEED": str(self.hash_seed),
            "LC_ALL": self.locale,
            "TZ": self.zone,
            "WORKBENCH_OUTPUT": str(folder),
            "WORKBENCH_CACHE": str(folder / "cache"),
            "WORKBENCH_RAW": str(raw_folder()),
            "WORKBENCH_OFFLINE": "1",
        }
        if self.older_machine:
            given["OPENBLAS_CORETYPE"] = "Nehalem"
            given["NPY_DISABLE_CPU_FEATURES"] = " ".join(_multiarray_umath.__cpu_dispatch__)
        return {**os.environ, **given}


SETTINGS = (
    Setting("A", True, 1, 0, "C", "UTC"),
    Setting("B", False, 2, 1, "tr_TR.UTF-8", "Pacific/Auckland"),
    Setting("C", False, 1, 2, "de_DE.UTF-8", "America/St_Johns", older_machine=True),
)


def with_locale(setting: Setting, folder: Path) -> tuple[Setting, dict[str, str]]:
    """A setting with a locale that is here, and where it is: built, or ``C.UTF-8`` in its place."""
    if setting.locale == "C" or not shutil.which("localedef"):
        return replace(setting, locale=setting.locale if setting.locale == "C" else "C.UTF-8"), {}
    target = folder / "locales" / setting.locale
    target.parent.mkdir(parents=True, exist_ok=True)
    language = setting.locale.removesuffix(".UTF-8")
    command = ["localedef", "-i", language, "-f", "UTF-8", str(target)]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        return replace(setting, locale="C.UTF-8"), {}
    return setting, {"LOCPATH": str(target.parent)}


def versions(python: str) -> dict[str, str]:
    """Versions of a Python and of the packages that calculate."""
    names = ("numpy", "scipy", "pandas", "duckdb", "onnxruntime")
    program = f"""
import importlib.metadata, json, platform
found = {{name: importlib.metadata.version(name) for name in {names}}}
print(json.dumps({{"python": platform.python_version(), **found}}))
"""
    done = subprocess.run([python, "-c", program], capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def described(setting: Setting) -> dict[str, object]:
    """What a setting is, as columns."""
    return {
        "setting": setting.name,
        "way": "workbench run" if setting.runner else "papermill",
        "threads": setting.threads,
        "hash_seed": setting.hash_seed,
        "locale": setting.locale,
        "zone": setting.zone,
        "older_machine": setting.older_machine,
        **versions(setting.python),
    }


def results_of(setting: Setting, folder: Path, given: dict[str, str]) -> Path:
    """Run the notebooks under a setting; gives the folder with a folder of results for each."""
    environment = {**setting.environment(folder), **given}
    if setting.runner:
        command = [setting.python, "-m", "analysis.cli", "run", "--jobs", "1"]
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
        return folder / "data" / "processed"
    results = folder / "plain"
    results.mkdir(exist_ok=True)
    for name in all_notebooks():
        if (results / name / "figures.json").is_file():
            continue
        earlier = {path.name: str(path) for path in results.iterdir()}
        place = {
            "WORKBENCH_STAGING": str(results / name),
            "WORKBENCH_EARLIER": json.dumps(earlier),
        }
        source = project_root() / "notebooks" / f"{name}.ipynb"
        target = folder / source.name
        command = [setting.python, "-m", "papermill", "--no-progress-bar", str(source), str(target)]
        subprocess.run(command, env={**environment, **place}, check=True, stderr=subprocess.DEVNULL)
    return results


def texts_read_anew() -> dict[str, int]:
    """Read some tasks anew: how many, and how many have the vector that the cache holds."""
    files = [at_hand(name) for name in ("minilm_model", "minilm_tokenizer")]
    tasks = load("tasks")
    if tasks is None or None in files:
        return {"texts": 0, "texts_equal": 0}
    texts = list(tasks.frame["task"].drop_duplicates().sample(TEXTS, random_state=1))
    vectors = sentence_vectors(*(found.path for found in files), cache_folder())
    with tempfile.TemporaryDirectory() as empty:
        anew = sentence_vectors(*(found.path for found in files), Path(empty))(texts)
    return {"texts": TEXTS, "texts_equal": int((anew == vectors(texts)).all(axis=1).sum())}


def texts_of(setting: Setting, folder: Path, given: dict[str, str]) -> dict[str, int]:
    """What :func:`texts_read_anew` counts under a setting, against the cache of its folder."""
    command = [setting.python, __file__, "--texts"]
    environment = {**setting.environment(folder), **given}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def numbers_of(figure: KeyFigure) -> list[float | None]:
    """Estimate, standard error and limits of a figure."""
    return [figure.estimate, figure.standard_error, *(figure.interval or (None, None))]


def share_moved(before: KeyFigure, after: KeyFigure) -> float:
    """Largest difference of a figure's numbers, in its standard errors, or of itself without one.

    Examples
    --------
    >>> from dataclasses import replace
    >>> one = KeyFigure("mean", 10.0, 2.0, (6.0, 14.0), 25, "people", "dollars", ())
    >>> share_moved(one, replace(one, interval=(6.0, 14.5)))
    0.25
    """
    size = before.standard_error or abs(before.estimate)
    pairs = zip(numbers_of(before), numbers_of(after), strict=True)
    moved = max((abs(old - new) for old, new in pairs if None not in (old, new)), default=0.0)
    return moved / size if size else (np.inf if moved else 0.0)


def figures_compared(before: Figures, after: Figures) -> dict[str, object]:
    """How many figures are equal to the last bit, within the tolerance, and beyond it."""
    beyond = {str(row["figure"]) for row in rows(before, after)}
    common = [name for name in before if name in after]
    equal = [name for name in common if before[name] == after[name]]
    shares = {name: share_moved(before[name], after[name]) for name in common}
    worst = max(shares, key=shares.__getitem__)
    return {
        "figures": len({*before, *after}),
        "equal_bits": len(equal),
        "within": len(set(common) - set(equal) - beyond),
        "beyond": len(beyond),
        "worst_share": shares[worst],
        "worst_figure": worst if shares[worst] else "",
    }


def column_moved(before: pd.Series, after: pd.Series) -> float:
    """Largest relative difference of two columns; infinite where text or gaps differ.

    Numbers that are tiny beside the column's largest (below a millionth of it) count as of that
    size: a difference of rounding errors is no difference.
    """
    if not (pd.api.types.is_numeric_dtype(before) and pd.api.types.is_numeric_dtype(after)):
        same = before.astype("string").fillna("").equals(after.astype("string").fillna(""))
        return 0.0 if same else np.inf
    old, new = before.to_numpy("float64"), after.to_numpy("float64")
    if not np.array_equal(np.isfinite(old), np.isfinite(new)):
        return np.inf
    old, new = old[np.isfinite(old)], new[np.isfinite(new)]
    if not len(old) or np.array_equal(old, new):
        return 0.0
    size = np.maximum(np.abs(old), np.abs(new))
    return float(np.max(np.abs(old - new) / np.maximum(size, 1e-6 * size.max())))


def table_moved(before: Path, after: Path) -> float:
    """Largest relative difference of two tables; infinite where rows or columns differ."""
    if not after.is_file():
        return np.inf
    old, new = pd.read_parquet(before), pd.read_parquet(after)
    if old.shape != new.shape or list(old.columns) != list(new.columns):
        return np.inf
    return max((column_moved(old[name], new[name]) for name in old.columns), default=0.0)


def compared(setting: Setting, first: Path, other: Path) -> Iterator[dict[str, object]]:
    """A row for each notebook: what a setting's results are, beside the first one's."""
    about = described(setting)
    for name in all_notebooks():
        figures = [
            {one.name: one for one in read_key_figures(folder / name / "figures.json")}
            for folder in (first, other)
        ]
        tables = sorted((first / name).glob("*.parquet"))
        moved = {path.stem: table_moved(path, other / name / path.name) for path in tables}
        worst = max(moved, key=moved.__getitem__)
        yield {
            **about,
            "notebook": name,
            **figures_compared(*figures),
            "tables": len(tables),
            "tables_equal": sum(share == 0.0 for share in moved.values()),
            "worst_table_share": moved[worst],
            "worst_table": worst if moved[worst] else "",
        }


def page_rows(table: pd.DataFrame) -> list[str]:
    """Rows of the table in ``docs/determinism.md``: a setting's notebooks together."""
    lines = []
    for setting, part in table.groupby("setting"):
        worst = part.loc[part["worst_share"].idxmax()]
        notebooks = ", ".join(part["notebook"].str[:2])
        counts = " | ".join(
            f"{part[name].sum():,}"
            for name in ("figures", "equal_bits", "within", "beyond", "tables", "tables_equal")
        )
        figure = f"{worst['worst_share']:.1e} (`{worst['worst_figure']}`)"
        lines.append(f"| {setting} | {notebooks} | {counts} | {figure} |")
    return lines


def main(arguments: list[str]) -> int:
    """Run all settings, print and write what differs; 1 where a figure is beyond the tolerance."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", default=sys.executable, help="another Python, for setting B")
    parser.add_argument("--folder", type=Path, help="keep all results here, and go on with them")
    parser.add_argument("--texts", action="store_true", help="only read texts anew, and count")
    options = parser.parse_args(arguments)
    if options.texts:
        print(json.dumps(texts_read_anew()))
        return 0
    if missing := [name for name in catalogue() if not at_hand(name)]:
        fetch(missing, print)
    found: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory(prefix="determinism-") as name:
        first: Path | None = None
        for setting in SETTINGS:
            if setting.name == "B":
                setting = replace(setting, python=options.python)
            folder = (options.folder or Path(name)).resolve() / setting.name
            folder.mkdir(parents=True, exist_ok=True)
            vectors = cache_folder() / "text_vectors"
            if vectors.is_dir():
                shutil.copytree(vectors, folder / "cache" / "text_vectors", dirs_exist_ok=True)
            setting, given = with_locale(setting, folder)
            results = results_of(setting, folder, given)
            if first is None:
                first = results
                continue
            texts = texts_of(setting, folder, given)
            found += [{**row, **texts} for row in compared(setting, first, results)]
            print(pd.DataFrame(found).to_string(index=False), flush=True)
    table = pd.DataFrame(found)
    write_csv(table, RESULT)
    print("\n".join(page_rows(table)))
    return int(bool(table["beyond"].any()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
