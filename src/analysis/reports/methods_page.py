"""One page on methods, limits and words, from the framework and the code's own descriptions."""

import html
import importlib
import inspect
import re
import tomllib
from collections.abc import Sequence
from importlib import resources

from analysis.framework import Framework
from analysis.reports.page import plain_page
from analysis.reports.reading_guide import with_contents

# rooms, and the functions whose descriptions say how each thing is done
METHODS: Sequence[tuple[str, Sequence[str]]] = (
    (
        "Effects on earnings",
        (
            "analysis.effects.difference_in_means",
            "analysis.effects.stratified_difference",
            "analysis.effects.lin_adjusted",
            "analysis.effects.aipw_scores",
            "analysis.effects.clustered_difference",
            "analysis.effects.take_up_effect",
            "analysis.effects.group_time_effects",
            "analysis.effects.matched_cells.matched_effect",
            "analysis.effects.lee_bounds.lee_bounds",
            "analysis.effects.field_split",
            "analysis.effects.joint_bands.joint_bands",
            "analysis.effects.scored_gap",
            "analysis.effects.design_grade.design_grade",
        ),
    ),
    (
        "Tiers",
        (
            "analysis.tiers.normal_model.fit_normal_model",
            "analysis.tiers.thresholds.calibrate_guard",
            "analysis.tiers.heterogeneity.heterogeneity_test",
            "analysis.tiers.grades.grade_programs",
        ),
    ),
    (
        "Skills and programs",
        (
            "analysis.skills.delta.element_gaps",
            "analysis.skills.learned_blend.learned_blend",
            "analysis.skills.coverage.coverage",
        ),
    ),
    (
        "What is hidden",
        (
            "analysis.effects.hidden_levels",
            "analysis.reports.disclosure_ledger.hidden_together",
            "analysis.reports.effect_hiding.hidden_groups",
            "analysis.reports.disclosure_published.check_together",
        ),
    ),
)


def described(place: str) -> tuple[str, str]:
    """First line of a function's description, and the rest of its words without parameters.

    Parameters
    ----------
    place : str
        Module and name of the function with points between.

    Returns
    -------
    tuple of str
        The rest is what stands before the first section, and the section ``Notes``; empty for a
        function with one line.

    Examples
    --------
    >>> described("analysis.effects.difference_in_means")[0]
    'Effect of assignment as the treated mean less the control mean.'
    """
    module, _, name = place.rpartition(".")
    text = inspect.getdoc(getattr(importlib.import_module(module), name)) or ""
    title, _, rest = text.partition("\n")
    sections = re.split(r"\n(?=[A-Z][A-Za-z ]+\n-{3,}\n)", rest)
    notes = [part.split("\n", 2)[2] for part in sections if part.startswith("Notes\n")]
    return title.strip(), "\n".join([sections[0].strip(), *notes]).strip()


def _methods_body(framework: Framework) -> str:
    """The page's body: what is measured, how, how far it is trusted, and what the words mean."""
    return "".join(
        [
            "<h1>Methods, limits and words</h1>",
            f"<p>{html.escape(framework.about.statement)}</p>",
            f"<p>{html.escape(framework.about.title)}, {html.escape(framework.about.version)}; "
            f"{html.escape(framework.about.source)}</p>",
            _metrics(framework),
            _trust(framework),
            _limits(framework),
            *(_methods(room, places) for room, places in METHODS),
            _glossary(),
        ]
    )


def render_methods(framework: Framework, commit: str) -> str:
    r"""HTML of the page on methods, limits and words.

    Parameters
    ----------
    framework : Framework
    commit : str
        Version of the code, for the footer.

    Returns
    -------
    str
        All text is escaped.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> page = render_methods(load_framework(), "abc<1>")
    >>> "<h2 id=\"words\">Words</h2>" in page, "commit <code>abc&lt;1&gt;</code>" in page
    (True, True)
    """
    footer = (
        "<p>Made from <code>framework.toml</code> and the descriptions in the code, commit "
        f"<code>{html.escape(commit)}</code>.</p>"
    )
    body = with_contents(_methods_body(framework), "methods")
    return plain_page("Methods, limits and words", body, footer, home=True)


def glossary() -> dict[str, str]:
    """Words that the reports use, with what they mean, from ``template/glossary.toml``.

    Returns
    -------
    dict of str to str
        Explanation by word, in the order of the file.

    Examples
    --------
    >>> glossary()["CIP code"]
    'The federal number of a field of study (Classification of Instructional Programs).'
    """
    path = resources.files("analysis") / "reports" / "template" / "glossary.toml"
    return dict(tomllib.loads(path.read_text("utf-8"))["words"])


def _listed(entries: Sequence[tuple[str, str]]) -> str:
    items = "".join(f"<dt>{_words(term)}</dt><dd>{_words(text)}</dd>" for term, text in entries)
    return f"<dl>{items}</dl>"


def _words(text: str) -> str:
    """Text as HTML: paragraphs stay lines, names of code in their own type."""
    escaped = html.escape(text).replace("``", "`")
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escaped).replace("\n\n", "<br>")


def _metrics(framework: Framework) -> str:
    parts = ["<h2>What is measured, and why</h2>"]
    for number in (1, 2):
        name = framework.categories[str(number)].name
        why = framework.categories[str(number)].why
        parts.append(f"<h3>{html.escape(name)}</h3><p>{html.escape(why)}</p>")
        chosen = [metric for metric in framework.metrics if metric.category == number]
        parts.append(_listed([(f"{m.name} ({m.unit})", m.why) for m in chosen]))
    return "".join(parts)


def _trust(framework: Framework) -> str:
    levels = sorted(framework.validity_levels, key=lambda level: level.rank)
    entries = [
        (
            level.name,
            f"{level.why} Taken to err by {level.bias_mean:,.0f} dollars a year, give or take "
            f"{level.bias_standard_deviation:,.0f}"
            + ("." if level.may_reach_top_tier else "; may not reach the top tier."),
        )
        for level in levels
    ]
    return "<h2>How far each kind of source is trusted</h2>" + _listed(entries)


def _limits(framework: Framework) -> str:
    tiers = framework.tiers
    entries = [
        ("Cut-offs of the tiers", tiers.cuts_reason),
        (
            "False share of the top tier",
            f"At most {tiers.alpha:.0%} of programs in the top tier may truly not belong there, "
            "in the worst of the laws that the data do not rule out.",
        ),
        ("Smallest group that anything is shown about",
         f"{framework.disclosure.minimum_cell} people. {framework.disclosure.reason}"),
        ("Outcomes that are not known", framework.missing_outcomes.reason),
        ("Quality of the records", framework.quality.reason),
    ]  # fmt: skip
    return "<h2>Limits that the framework sets</h2>" + _listed(entries)


def _methods(room: str, places: Sequence[str]) -> str:
    return f"<h2>How it is computed: {html.escape(room)}</h2>" + _listed(
        [described(place) for place in places]
    )


def _glossary() -> str:
    return "<h2>Words</h2>" + _listed(sorted(glossary().items(), key=lambda one: one[0].lower()))
