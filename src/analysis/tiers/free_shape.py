"""True values whose law is free within fields: the model behind tiers and their guard.

The normal model says where each field lies and how sure that is; around their field true values
follow one of many laws, integrated over (:mod:`analysis.tiers.mixture_model`). Tiers are given by
the average over laws. The guard of the top tier looks at the least favourable law that the data
do not rule out: with few or noisy programs the law cannot be known, and it decides how many of
those with high estimates are ordinary programs that were lucky.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from analysis.tiers.mixture_model import MixtureModel, fit_mixture_model
from analysis.tiers.normal_model import NormalModel

Numbers = npt.NDArray[np.float64]
Law = Literal["free", "normal"]
# with fewer programs than this their law is not asked for
_FEWEST = 3


@dataclass(frozen=True)
class FreeShape:
    """Posterior of each true value with the law within fields free.

    Attributes
    ----------
    normal : NormalModel
        Of the same programs: where their fields lie.
    law : MixtureModel
        Of the estimates less ``centre``.
    centre : ndarray, shape (programs,)
        What was taken off each estimate: the mean of its field.
    ruled_out_at : float
        A law is ruled out when another foretells the estimates this many times better.
    """

    normal: NormalModel
    law: MixtureModel
    centre: Numbers
    ruled_out_at: float

    @property
    def mean(self) -> Numbers:
        """Posterior mean of each true value."""
        return self.centre + self.law.mean

    @property
    def standard_deviation(self) -> Numbers:
        """Posterior standard deviation of each true value."""
        return self.law.standard_deviation

    def chance_above(self, cut: float | Numbers) -> Numbers:
        """Chance that each true value exceeds ``cut`` (one, or one a program)."""
        return self.law.chance_above(cut - self.centre)

    def chance_at_or_below(self, cut: float | Numbers) -> Numbers:
        """Chance that each true value does not exceed ``cut`` (one, or one a program)."""
        return self.law.chance_at_or_below(cut - self.centre)

    def guard_chance(self, cut: float | Numbers) -> Numbers:
        """The same in the least favourable law not ruled out, and never less than on average."""
        return self.law.worst_chance_at_or_below(cut - self.centre, self.ruled_out_at)

    def tau_interval(self, level: float = 0.95) -> tuple[float, float, float]:
        """Posterior median of the spread within fields under the normal law, and its interval."""
        return self.normal.tau_interval(level)


def free_shape(
    estimate: npt.ArrayLike,
    standard_error: npt.ArrayLike,
    normal: NormalModel,
    *,
    law: Law = "free",
    ruled_out_at: float = 3.0,
    tau_points: int = 10,
    centre_points: int = 7,
    rounds: int = 2,
    single: bool = False,
) -> FreeShape | NormalModel:
    """Free the law of a fitted normal model, where it is to be free and there is enough to see.

    Parameters
    ----------
    estimate, standard_error : array, shape (programs,)
        What the model was fitted to, and everything that was taken off before given back.
    normal : NormalModel
        Its means given back likewise.
    law : {"free", "normal"}
        "normal" leaves the model as it is, as do fewer than three programs.
    ruled_out_at : float
        Bayes factor against a law at which it is ruled out. Three is where evidence is called
        positive (Kass and Raftery, Bayes Factors, JASA 1995).
    tau_points, centre_points, rounds, single
        As in :func:`analysis.tiers.mixture_model.fit_mixture_model`.

    Returns
    -------
    FreeShape or NormalModel

    Examples
    --------
    >>> from analysis.tiers.normal_model import fit_normal_model
    >>> y, s = [0.0, 0.1, 0.2, 6.0], [1.0, 1.0, 1.0, 1.0]
    >>> model = free_shape(y, s, fit_normal_model(y, s))
    >>> bool((model.guard_chance(0.0) >= model.chance_at_or_below(0.0)).all())
    True
    """
    y, s = np.asarray(estimate, float), np.asarray(standard_error, float)
    if law == "normal" or len(y) < _FEWEST:
        return normal
    # one common mean is integrated with the law; means of fields are taken as the normal model's,
    # their uncertainty added to every true value
    several = normal.field_codes.max() > 0 or np.ptp(normal.field_mean) > 0
    centre = normal.field_mean if several else np.zeros(len(y))
    found = fit_mixture_model(
        y - centre,
        s,
        tau_prior=normal.tau_prior,
        centre_variance=normal.field_variance if several else 0.0,
        normal=normal,
        tau_points=tau_points,
        centre_points=centre_points,
        rounds=rounds,
        single=single,
    )
    return FreeShape(normal, found, centre, ruled_out_at)
