"""The O*NET database: occupations, tasks, ratings and what relates occupations to each other."""

from pathlib import Path

import pandas as pd

from analysis.errors import WorkbenchError
from analysis.tables.cleaning import yes_no
from analysis.tables.schemas import checked
from analysis.tables.workbooks import read_sheet


def _excel(path: Path, columns: dict[str, str]) -> pd.DataFrame:
    frame = read_sheet(path, dtype={"O*NET-SOC Code": "str", "Task ID": "str"})
    absent = [name for name in columns if name not in frame]
    if absent:
        raise WorkbenchError(
            f"{path.name}: heading '{absent[0]}' is missing",
            "The file is of another release than the catalogue's.",
        )
    return frame.rename(columns=columns)


def read_occupations(path: Path) -> pd.DataFrame:
    """Occupations with titles and descriptions (``Occupation Data.xlsx``, 1,016 rows)."""
    names = {"O*NET-SOC Code": "onet_soc_code", "Title": "title", "Description": "description"}
    return checked(_excel(path, names), "occupations", path.name)


def read_occupations_text(path: Path) -> pd.DataFrame:
    """Occupations from the tab-separated form of the same table."""
    frame = pd.read_csv(path, sep="\t", dtype="str")
    frame.columns = pd.Index(["onet_soc_code", "title", "description"])
    return checked(frame, "occupations", path.name)


def read_tasks(path: Path) -> pd.DataFrame:
    """Task statements of 923 occupations (``Task Statements.xlsx``, 18,796 rows)."""
    names = {
        "O*NET-SOC Code": "onet_soc_code",
        "Title": "title",
        "Task ID": "task_id",
        "Task": "task",
        "Task Type": "task_type",
    }
    return checked(_excel(path, names), "tasks", path.name)


def read_tasks_text(path: Path, occupations: pd.DataFrame) -> pd.DataFrame:
    """Tasks from a carrier that has them as ``Occupation title | task``, without codes.

    Parameters
    ----------
    path : Path
        CSV with columns ``name``, ``description`` and ``taxonomy``.
    occupations : DataFrame
        The typed table; its titles give the codes.

    Returns
    -------
    DataFrame
        Table ``tasks``; task numbers and types are missing. The carrier laiser 1.0 has 18,770 of
        the 18,796 tasks of release 29.2 word for word and 26 that are not of that release.

    Raises
    ------
    WorkbenchError
        When a title is of no occupation of the table.
    """
    rows = pd.read_csv(path, dtype="str")
    rows = rows[rows["taxonomy"] == "onet_task"]
    split = rows["description"].str.split(" | ", n=1, regex=False)
    frame = pd.DataFrame({"title": split.str[0], "task": split.str[1]})
    frame = frame.merge(
        occupations[["title", "onet_soc_code"]], on="title", how="left", validate="many_to_one"
    )
    if frame["onet_soc_code"].isna().any():
        title = frame.loc[frame["onet_soc_code"].isna(), "title"].iloc[0]
        raise WorkbenchError(
            f"{path.name}: '{title}' is no title in the table of occupations",
            "Tasks and occupations must be of one release.",
        )
    frame = frame.assign(
        task_id=pd.Series(pd.NA, index=frame.index, dtype="str"),
        task_type=pd.Series(pd.NA, index=frame.index, dtype="str"),
    )
    return checked(frame, "tasks", path.name)


def read_ratings(path: Path, domain: str) -> pd.DataFrame:
    """Importance and level of skills or knowledge, with errors and flags.

    Parameters
    ----------
    path : Path
        ``Skills.xlsx`` or ``Knowledge.xlsx``.
    domain : str
        ``skills`` or ``knowledge`` (the element "Mathematics" is in both).

    Returns
    -------
    DataFrame
        Table ``ratings``. Rows flagged *Recommend Suppress* or *Not Relevant* are kept with
        their flags: dropping them would delete the largest gap of one pair of jobs in five.
    """
    names = {
        "O*NET-SOC Code": "onet_soc_code",
        "Element ID": "element_id",
        "Element Name": "element",
        "Scale ID": "scale_id",
        "Data Value": "value",
        "N": "n",
        "Standard Error": "standard_error",
        "Recommend Suppress": "recommend_suppress",
        "Not Relevant": "not_relevant",
    }
    frame = _excel(path, names).assign(domain=domain)
    for flag in ("recommend_suppress", "not_relevant"):
        frame[flag] = yes_no(frame[flag])
    return checked(frame, "ratings", path.name)


def read_related_occupations(path: Path) -> pd.DataFrame:
    """O*NET's own list of related occupations, 20 for each of 923."""
    names = {
        "O*NET-SOC Code": "onet_soc_code",
        "Related O*NET-SOC Code": "related_onet_soc_code",
        "Relatedness Tier": "tier",
        "Index": "rank",
    }
    return checked(_excel(path, names), "related_occupations", path.name)


def read_job_zones(path: Path) -> pd.DataFrame:
    """Job zone (1 little to 5 extensive preparation) of 923 occupations."""
    names = {"O*NET-SOC Code": "onet_soc_code", "Job Zone": "job_zone"}
    return checked(_excel(path, names), "job_zones", path.name)


def read_education(path: Path) -> pd.DataFrame:
    """Education that a job requires, as shares of answers (``Education, Training, ….xlsx``).

    Parameters
    ----------
    path : Path

    Returns
    -------
    DataFrame
        Table ``education``: ``onet_soc_code``, ``category`` (1 less than high school to 12
        post-doctoral; scale RL) and ``percent`` of answers, of 858 occupations.
    """
    names = {
        "O*NET-SOC Code": "onet_soc_code",
        "Scale ID": "scale_id",
        "Category": "category",
        "Data Value": "percent",
    }
    frame = _excel(path, names)
    required = frame[frame["scale_id"] == "RL"].dropna(subset=["category", "percent"])
    return checked(required.astype({"category": "int64"}), "education", path.name)


def read_alternate_titles(path: Path) -> pd.DataFrame:
    """Titles that people use for an occupation."""
    names = {"O*NET-SOC Code": "onet_soc_code", "Alternate Title": "alternate_title"}
    return checked(_excel(path, names), "alternate_titles", path.name)


def read_work_activities(path: Path) -> pd.DataFrame:
    """Detailed work activities that each task belongs to (``Tasks to DWAs.xlsx``)."""
    names = {
        "O*NET-SOC Code": "onet_soc_code",
        "Task ID": "task_id",
        "DWA ID": "dwa_id",
        "DWA Title": "dwa_title",
    }
    return checked(_excel(path, names), "work_activities", path.name)


def read_technology_skills(path: Path) -> pd.DataFrame:
    """Software and tools of each occupation, with the hot and in-demand flags."""
    names = {
        "O*NET-SOC Code": "onet_soc_code",
        "Example": "example",
        "Commodity Code": "commodity_code",
        "Commodity Title": "commodity_title",
        "Hot Technology": "hot_technology",
        "In Demand": "in_demand",
    }
    frame = _excel(path, names)
    frame["commodity_code"] = frame["commodity_code"].astype("int64").astype("str")
    for flag in ("hot_technology", "in_demand"):
        frame[flag] = frame[flag].eq("Y")
    return checked(frame, "technology_skills", path.name)
