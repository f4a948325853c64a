"""What a programme changed in a randomised trial, for whom, and how sure that is.

The room takes frames of people with an assignment column and answers: the effect of being
assigned (difference, within strata, adjusted after Lin 2013), by group with small cells
protected, gaps between groups, several groups at once, and whether the arms were alike to begin
with. These assume that assignment was randomised, within strata where one is given, and are
effects of assignment; `take_up_effect` answers for those who attended, `group_time_effects` for
people who entered at different times. What a researcher would argue about (levels, limits, the
smallest cell) is an argument.
"""

from analysis.effects.aipw import aipw_scores, design_shares
from analysis.effects.attrition import attrition_by_arm
from analysis.effects.balance import (
    JointBalance,
    assignment_shares,
    joint_balance_test,
    standardised_differences,
)
from analysis.effects.clustered import clustered_difference, clustered_lin
from analysis.effects.composition import PooledVersusWithin, pooled_versus_within
from analysis.effects.cost import cost_per_dollar_gained
from analysis.effects.design import stratum_indicators
from analysis.effects.distribution import QuantileEffect, quantile_effect, threshold_effect
from analysis.effects.effect import (
    Effect,
    confidence_interval,
    critical_value,
    interval_degrees_of_freedom,
)
from analysis.effects.estimators import difference_in_means, stratified_difference, thin_strata
from analysis.effects.event_study import EventStudy, pre_trend_test
from analysis.effects.field_split import FieldSplit, field_splits
from analysis.effects.gaps import effect_gap, scored_gap
from analysis.effects.group_bands import simultaneous_groups
from analysis.effects.groups import EVERYONE, group_effects
from analysis.effects.lin import lin_adjusted
from analysis.effects.multiplicity import (
    Heterogeneity,
    detectable_effect,
    heterogeneity_test,
    holm_adjusted,
    sidak_critical_values,
    simultaneous_bands,
    two_sided_p_values,
)
from analysis.effects.race_rules import race_members
from analysis.effects.ratio import Ratio, ratio_of_effects
from analysis.effects.scores import GroupEstimates, Scores, contrast, group_estimates
from analysis.effects.staggered import GroupTimeEffects, group_time_effects
from analysis.effects.suppression import hidden_levels
from analysis.effects.take_up import TakeUpEffect, take_up_effect

__all__ = [
    "EVERYONE",
    "Effect",
    "EventStudy",
    "FieldSplit",
    "GroupEstimates",
    "GroupTimeEffects",
    "Heterogeneity",
    "JointBalance",
    "PooledVersusWithin",
    "QuantileEffect",
    "Ratio",
    "Scores",
    "TakeUpEffect",
    "aipw_scores",
    "assignment_shares",
    "attrition_by_arm",
    "clustered_difference",
    "clustered_lin",
    "confidence_interval",
    "contrast",
    "cost_per_dollar_gained",
    "critical_value",
    "design_shares",
    "detectable_effect",
    "difference_in_means",
    "effect_gap",
    "field_splits",
    "group_effects",
    "group_estimates",
    "group_time_effects",
    "heterogeneity_test",
    "hidden_levels",
    "holm_adjusted",
    "interval_degrees_of_freedom",
    "joint_balance_test",
    "lin_adjusted",
    "pooled_versus_within",
    "pre_trend_test",
    "quantile_effect",
    "race_members",
    "ratio_of_effects",
    "scored_gap",
    "sidak_critical_values",
    "simultaneous_bands",
    "simultaneous_groups",
    "standardised_differences",
    "stratified_difference",
    "stratum_indicators",
    "take_up_effect",
    "thin_strata",
    "threshold_effect",
    "two_sided_p_values",
]
