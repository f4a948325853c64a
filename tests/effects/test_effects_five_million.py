"""A file of five million people: read, checked and estimated by group, in bounded memory."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

PEOPLE = 5_000_000
STUDY = """
import json, resource, sys
from pathlib import Path
from analysis.framework import load_framework
from analysis.reports.effect_studies import trial_effects, trial_scores
from analysis.tables.trials import trial_from_participants
from analysis.tables.user_files import read_participants

own = read_participants(
    Path(sys.argv[1]), treatment="offered", outcome="earned", groups=["race"], covariates=["before"]
)
trial = trial_from_participants(own, "earned", ["race"], ["before"])
del own
framework = load_framework()
scores = trial_scores(trial, "earned", framework.estimation)
rows = trial_effects(trial, "earned", framework, scores)
kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"kilobytes": kilobytes, "rows": rows.to_json(orient="records")}))
"""


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[pd.DataFrame, float]:
    """Effects by group and the peak of memory of a process of its own, in gigabytes."""
    rng = np.random.default_rng(0)
    before = rng.normal(size=PEOPLE)
    offered = rng.integers(0, 2, PEOPLE)
    race = rng.choice(["Asian", "Black", "white"], PEOPLE, p=[0.1, 0.3, 0.6])
    earned = before + offered * (1.0 + (race == "Black")) + rng.normal(size=PEOPLE)
    path: Path = tmp_path_factory.mktemp("five") / "people.parquet"
    columns = {"before": before, "offered": offered, "race": race, "earned": earned}
    pd.DataFrame(columns).to_parquet(path)
    command = [sys.executable, "-c", STUDY, str(path)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    path.unlink()
    assert ended.returncode == 0, ended.stderr[-2000:]
    told = json.loads(ended.stdout)
    return pd.DataFrame(json.loads(told["rows"])), told["kilobytes"] / 1e6


def test_every_group_has_its_effect_and_its_error(done: tuple[pd.DataFrame, float]) -> None:
    rows = done[0].set_index(["group", "estimator"])
    for group, effect, share in (("Asian", 1.0, 0.1), ("Black", 2.0, 0.3), ("white", 1.0, 0.6)):
        found = rows.loc[(group, "AIPW")]
        # the covariate leaves noise of variance one, and half of the people are offered; race is
        # no covariate, so that what differs by race is noise to the regressions as well
        least = 2 / np.sqrt(share * PEOPLE)
        assert least <= found["standard_error"] <= 1.2 * least
        assert found["estimate"] == pytest.approx(effect, abs=5 * found["standard_error"])
    assert rows.loc[("all", "AIPW"), ["n_treated", "n_control"]].sum() == PEOPLE


def test_memory_stays_below_four_gigabytes(done: tuple[pd.DataFrame, float]) -> None:
    assert done[1] < 4
