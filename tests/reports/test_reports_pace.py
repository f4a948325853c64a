"""Time left is of the step that runs, whatever the steps before it took."""

import pytest

from analysis.reports import pace


def test_time_left_of_a_second_step_starts_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(pace.time, "monotonic", lambda: clock[0])
    steps = pace.Pace(every=5.0)
    assert steps.line(100, 1000) is None
    clock[0] = 10.0
    assert steps.line(200, 1000) == "200 of 1,000, 80 s left"
    clock[0] = 12.0
    assert steps.line(220, 1000) is None
    clock[0] = 90.0
    assert steps.line(1000, 1000) is None
    clock[0] = 100.0
    assert steps.line(50, 500) is None
    clock[0] = 106.0
    assert steps.line(110, 500) == "110 of 500, 39 s left"


def test_a_step_that_falls_back_is_a_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(pace.time, "monotonic", lambda: clock[0])
    steps = pace.Pace(every=0.0)
    steps.line(1, 10)
    clock[0] = 100.0
    steps.line(9, 10)
    steps.line(1, 10)
    clock[0] = 101.0
    assert steps.line(2, 10) == "2 of 10, 8 s left"
