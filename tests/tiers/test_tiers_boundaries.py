"""Cases that lie just on a limit, or just beside it."""

import numpy as np
import pytest

from analysis.errors import WorkbenchError
from analysis.tiers.case_mix import _fit
from analysis.tiers.grid_prior import checked


def test_outcomes_that_lie_on_the_line_have_no_spread_between_programs() -> None:
    x = np.column_stack([np.ones(12), np.arange(12.0)])
    coefficients, _, spread = _fit(x, 3.0 + 2.0 * x[:, 1], np.ones(12), np.arange(12))
    assert spread == 0.0
    assert coefficients == pytest.approx([3.0, 2.0])


@pytest.mark.parametrize("error", [-1.0, 0.0, np.inf, np.nan])
def test_an_error_that_is_none_is_refused(error: float) -> None:
    with pytest.raises(WorkbenchError, match="not positive"):
        checked(np.array([1.0, 2.0]), np.array([1.0, error]))
