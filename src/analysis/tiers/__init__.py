"""From noisy estimates to tiers: shrinkage, calibrated thresholds, what can be told apart."""

from analysis.tiers.heterogeneity import (
    Heterogeneity,
    bootstrap_p_value,
    generalised_q,
    heterogeneity_test,
    power,
)
from analysis.tiers.labels import (
    NOT_RATED,
    label_programs,
    least_loss_tier,
    reasons_not_rated,
    tier_probabilities,
    true_tier,
)
from analysis.tiers.noise import (
    Variation,
    estimate_coefficient_of_variation,
    standard_error_of_mean_wage,
)
from analysis.tiers.normal_model import NormalModel, fit_normal_model
from analysis.tiers.pairs import pair_probabilities
from analysis.tiers.precision import PrecisionSlope, slope_on_precision
from analysis.tiers.threshold_bootstrap import (
    ThresholdInterval,
    posterior_mean_cut,
    threshold_interval,
)
from analysis.tiers.thresholds import Calibration, calibrate_guard

__all__ = [
    "NOT_RATED",
    "Calibration",
    "Heterogeneity",
    "NormalModel",
    "PrecisionSlope",
    "ThresholdInterval",
    "Variation",
    "bootstrap_p_value",
    "calibrate_guard",
    "estimate_coefficient_of_variation",
    "fit_normal_model",
    "generalised_q",
    "heterogeneity_test",
    "label_programs",
    "least_loss_tier",
    "pair_probabilities",
    "posterior_mean_cut",
    "power",
    "reasons_not_rated",
    "slope_on_precision",
    "standard_error_of_mean_wage",
    "threshold_interval",
    "tier_probabilities",
    "true_tier",
]
