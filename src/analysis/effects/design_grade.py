"""How far an estimate may be believed, by rules that were stated before the estimate was seen."""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.effects.diagnostics import Diagnostics


@dataclass(frozen=True)
class Check:
    """One check of a design: what was looked at, what came out, and whether it passed."""

    name: str
    found: str
    passed: bool


@dataclass(frozen=True)
class GradeRules:
    """Limits of the checks (framework.toml, ``design``).

    Attributes
    ----------
    maximum_outside_support : float
        Largest share of treated people whom hardly anybody resembles.
    minimum_effective_people : float
        Fewest effective comparison people.
    confidence_level : float
        Of the placebo's interval, which must hold zero.
    weak_up_to : int
        Failed checks up to which a comparison is weak; with more it is not credible.
    maximum_attrition_difference : float
        Largest difference between the arms in the share whose outcome is not known.
    """

    maximum_outside_support: float
    minimum_effective_people: float
    confidence_level: float
    weak_up_to: int = 1
    maximum_attrition_difference: float = 0.05


def design_checks(diagnostics: Diagnostics, rules: GradeRules) -> list[Check]:
    """The three checks that a grade rests on; nearness to a known answer is none of them.

    Parameters
    ----------
    diagnostics : Diagnostics
    rules : GradeRules

    Returns
    -------
    list of Check
        Support of the treated, effective size, placebo. No placebo is a failed one: nothing
        speaks for the comparison then.

    Examples
    --------
    >>> placebo = (300.0, 200.0, float("inf"))
    >>> found = Diagnostics(185, 429, 0.02, 0, 80.0, 1.0, 0.1, *placebo, 0.1, 0.0, 0.2)
    >>> for check in design_checks(found, GradeRules(0.1, 100.0, 0.95)):
    ...     print(check.passed, check.name, "|", check.found)
    True support | 2% of the treated resemble hardly anybody
    False effective size | 80 effective comparison people
    True placebo | 300 (-92 to 692) where it must be 0
    """
    outside = diagnostics.treated_outside_support
    low, high = diagnostics.placebo_interval(rules.confidence_level)
    has_placebo = diagnostics.placebo_estimate == diagnostics.placebo_estimate
    return [
        Check(
            "support",
            f"{outside:.0%} of the treated resemble hardly anybody",
            outside <= rules.maximum_outside_support,
        ),
        Check(
            "effective size",
            f"{diagnostics.effective_n_control:,.0f} effective comparison people",
            diagnostics.effective_n_control >= rules.minimum_effective_people,
        ),
        Check(
            "placebo",
            f"{diagnostics.placebo_estimate:,.0f} ({low:,.0f} to {high:,.0f}) where it must be 0"
            if has_placebo
            else "no outcome from before the program",
            has_placebo and low <= 0 <= high,
        ),
    ]


def attrition_check(lost: tuple[float, float], rules: GradeRules) -> Check:
    """Whether the arms lost about the same share of their people.

    Parameters
    ----------
    lost : tuple of float
        Shares of the treated and of the others whose outcome is not known.
    rules : GradeRules

    Returns
    -------
    Check
        Passed where the shares differ by ``maximum_attrition_difference`` at most, in either
        direction.

    Examples
    --------
    >>> attrition_check((0.30, 0.20), GradeRules(0.1, 100.0, 0.95)).passed
    False
    """
    return Check(
        "attrition",
        f"outcome not known of {lost[0]:.0%} with the program, {lost[1]:.0%} without",
        abs(lost[0] - lost[1]) <= rules.maximum_attrition_difference + 1e-12,
    )


def design_grade(checks: Sequence[Check], rules: GradeRules, *, randomised: bool) -> str:
    """Grade of an estimate by its design and its checks.

    Parameters
    ----------
    checks : sequence of Check
        Of :func:`design_checks`.
    rules : GradeRules
    randomised : bool
        A lottery decided who was treated.

    Returns
    -------
    str
        ``randomised``; ``comparison_passes`` (all checks passed); ``comparison_weak`` (as many
        failed as the rules bear); ``descriptive`` (not credible as an effect). A trial that
        fails a check is graded as the comparison that it then is.

    Examples
    --------
    >>> rules = GradeRules(0.1, 100.0, 0.95)
    >>> passed, failed = Check("support", "", True), Check("placebo", "", False)
    >>> design_grade([passed, passed], rules, randomised=True)
    'randomised'
    >>> design_grade([passed, failed], rules, randomised=False)
    'comparison_weak'
    >>> design_grade([failed, failed], rules, randomised=False)
    'descriptive'
    """
    failed = sum(not check.passed for check in checks)
    if not failed:
        return "randomised" if randomised else "comparison_passes"
    return "comparison_weak" if failed <= rules.weak_up_to else "descriptive"
