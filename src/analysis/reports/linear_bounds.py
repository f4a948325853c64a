"""How small a sum of unknown counts can be, given sums that are known: linear programs in a row."""

from dataclasses import dataclass

import highspy
import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from analysis.errors import WorkbenchError

_SLACK = 1e-6
_PRIMAL_SIMPLEX = 4
_OPTIMAL = highspy.HighsModelStatus.kOptimal
_UNBOUNDED = highspy.HighsModelStatus.kUnbounded


@dataclass(frozen=True)
class Extreme:
    """Smallest value of a sum: unknowns that show it, and the rows that force it."""

    value: float
    world: npt.NDArray[np.float64] | None
    forcing: tuple[int, ...]


class _Quiet(highspy.Highs):
    """The solver without callbacks: none is used, and to set them up prints a banner."""

    def enableCallbacks(self) -> None:  # noqa: N802
        """Set none up."""


class Worlds:
    """All that unknowns of zero or more can be, given that sums of them lie between bounds.

    Parameters
    ----------
    sums : csr_array, shape (rows, unknowns)
    low, high : ndarray, shape (rows,)
        Bounds of each sum; equal where it is known.

    Notes
    -----
    Solved by the simplex method of HiGHS (Huangfu and Hall 2018, Mathematical Programming
    Computation 10). Another sum over the same worlds, or the same sum with a row let go, starts
    from the last solution, which is a world still: one sum after another costs a fraction of
    solving each anew.

    Examples
    --------
    >>> worlds = Worlds(csr_array([[1.0, 1.0]]), np.array([9.0]), np.array([9.0]))
    >>> worlds.smallest(np.array([-1.0, 0.0])).value
    -9.0
    """

    def __init__(
        self, sums: csr_array, low: npt.NDArray[np.float64], high: npt.NDArray[np.float64]
    ) -> None:
        program = highspy.HighsLp()
        program.num_row_, program.num_col_ = sums.shape
        self._columns = np.arange(sums.shape[1], dtype="int32")
        program.col_cost_ = program.col_lower_ = np.zeros(len(self._columns))
        program.col_upper_ = np.full(len(self._columns), highspy.kHighsInf)
        program.row_lower_ = np.asarray(low, dtype="float64")
        program.row_upper_ = np.asarray(high, dtype="float64")
        program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        program.a_matrix_.start_ = sums.indptr
        program.a_matrix_.index_ = sums.indices
        program.a_matrix_.value_ = sums.data
        self._solver = _Quiet()
        for option, value in (
            ("output_flag", False),
            ("presolve", "off"),
            ("solver", "simplex"),
            ("simplex_strategy", _PRIMAL_SIMPLEX),
            ("threads", 1),
        ):
            self._solver.setOptionValue(option, value)
        self._solver.passModel(program)

    def let_go(self, row: int) -> None:
        """Know nothing of a sum any more."""
        self._solver.changeRowBounds(row, -highspy.kHighsInf, highspy.kHighsInf)

    def smallest(self, goal: npt.NDArray[np.float64]) -> Extreme:
        """Smallest value of a weighted sum of unknowns; minus infinity where nothing holds it.

        Raises
        ------
        WorkbenchError
            Where no world is left: the known sums contradict one another.
        """
        self._solver.changeColsCost(len(self._columns), self._columns, goal)
        status = self._solved()
        if status not in (_OPTIMAL, _UNBOUNDED):
            # from where the last sum ended it may lose its way: once more, from the beginning
            self._solver.clearSolver()
            status = self._solved()
        if status == _UNBOUNDED:
            return Extreme(-np.inf, None, ())
        if status == highspy.HighsModelStatus.kInfeasible:
            raise WorkbenchError(
                "the published counts of a run contradict one another",
                "Check that the tables of one population count the same people.",
            )
        if status != _OPTIMAL:
            raise WorkbenchError(
                f"the solver found no answer on what an attacker can derive ({status.name})",
                "Nothing is published unchecked: publish fewer tables in one run.",
            )
        solution = self._solver.getSolution()
        world = np.array(solution.col_value)
        forcing = np.flatnonzero(np.abs(np.array(solution.row_dual)) > _SLACK)
        return Extreme(float(goal @ world), world, tuple(forcing.tolist()))

    def _solved(self) -> highspy.HighsModelStatus:
        self._solver.run()
        return self._solver.getModelStatus()
