"""Steps of medians: the larger of the digits' and the smallest, limits outwards."""

import numpy as np
import pandas as pd
import pytest

from analysis.framework import load_framework
from analysis.reports.median_steps import stepped_medians

ROW = {
    "measure": "median", "estimate": 123_456.0, "standard_error": 3.0, "interval_low": 123_401.0,
    "interval_high": 123_699.0, "bound_low": 100_001.0, "bound_high": 200_001.0,
}  # fmt: skip


def test_large_medians_have_the_framework_s_digits() -> None:
    row = stepped_medians(pd.DataFrame([ROW]), load_framework()).iloc[0]
    shown = ["estimate", "interval_low", "interval_high", "bound_low", "bound_high"]
    assert row[shown].tolist() == [123_500, 123_400, 123_700, 100_000, 200_100]
    assert row["standard_error"] == pytest.approx(300 / (2 * 1.959964), rel=1e-6)


def test_other_measures_and_missing_medians_stay_as_they_are() -> None:
    share = ROW | {"measure": "share", "estimate": 0.7234}
    lost = ROW | dict.fromkeys(list(ROW)[1:], np.nan)
    frame = pd.DataFrame([share, lost])
    done = stepped_medians(frame, load_framework())
    pd.testing.assert_frame_equal(done, frame)
