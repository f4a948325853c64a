"""The framework under calibration: metrics, validity, groups, tiers, disclosure, as typed data.

The values stand in ``framework.toml``. A researcher changes a number there (or passes another
file) and nowhere else.
"""

from analysis.framework.disclosure import Disclosure
from analysis.framework.evidence import Estimation, MissingOutcomes
from analysis.framework.jobs import GoodJob, Guide, Skills
from analysis.framework.outcomes import EarningsThreshold
from analysis.framework.reading import framework_path, load_framework
from analysis.framework.tiers import Benchmark, CountedMetric, Floor, RatedMetric, Tiers
from analysis.framework.whole import Framework

__all__ = [
    "Benchmark",
    "CountedMetric",
    "Disclosure",
    "EarningsThreshold",
    "Estimation",
    "Floor",
    "Framework",
    "GoodJob",
    "Guide",
    "MissingOutcomes",
    "RatedMetric",
    "Skills",
    "Tiers",
    "framework_path",
    "load_framework",
]
