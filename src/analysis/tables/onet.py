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
    """Occupations with titles and descriptions (``Occupation Data.xlsx``, 1,016 rows).

    Parameters
    ----------
    path : Path

    Returns
    -------
    DataFrame
        Table ``occupations``: ``onet_soc_code`` (``NN-NNNN.NN``), ``title``, ``description``.

    Raises
    ------
    WorkbenchError
        When a heading is missing or a code has another form.

    Examples
    --------
    >>> import tempfile
    >>> row = {"O*NET-SOC Code": "51-3011.00", "Title": "Bakers", "Description": "Bake bread."}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "Occupation Data.xlsx"
    ...     pd.DataFrame([row]).to_excel(path, index=False)
    ...     read_occupations(path).values.tolist()
    [['51-3011.00', 'Bakers', 'Bake bread.']]
    """
    names = {"O*NET-SOC Code": "onet_soc_code", "Title": "title", "Description": "description"}
    return checked(_excel(path, names), "occupations", path.name)


def read_occupations_text(path: Path) -> pd.DataFrame:
    """Occupations from the tab-separated form of the same table.

    Parameters
    ----------
    path : Path
        Three columns with tabs between them: code, title, description.

    Returns
    -------
    DataFrame
        As from :func:`read_occupations`.

    Raises
    ------
    WorkbenchError
        When it has other than three columns, or a code has another form.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "occupations.txt"
    ...     _ = path.write_text("Code\\tTitle\\tText\\n51-3011.00\\tBakers\\tBake bread.\\n")
    ...     read_occupations_text(path).to_dict("records")
    [{'onet_soc_code': '51-3011.00', 'title': 'Bakers', 'description': 'Bake bread.'}]
    """
    frame = pd.read_csv(path, sep="\t", dtype="str")
    if frame.shape[1] != 3:
        raise WorkbenchError(
            f"{path.name}: {frame.shape[1]} columns with tabs between them, not 3",
            "It holds code, title and description; fetch it again, or mend its tabs.",
        )
    frame.columns = pd.Index(["onet_soc_code", "title", "description"])
    return checked(frame, "occupations", path.name)


def read_tasks(path: Path) -> pd.DataFrame:
    """Task statements of 923 occupations (``Task Statements.xlsx``, 18,796 rows).

    Parameters
    ----------
    path : Path

    Returns
    -------
    DataFrame
        Table ``tasks``: ``onet_soc_code``, ``title``, ``task_id``, ``task``, ``task_type``
        (missing where O*NET states none).

    Raises
    ------
    WorkbenchError
        When a heading is missing or a code has another form.

    Examples
    --------
    >>> import tempfile
    >>> row = {"O*NET-SOC Code": "51-3011.00", "Title": "Bakers", "Task ID": "7",
    ...        "Task": "Knead dough.", "Task Type": "Core"}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "Task Statements.xlsx"
    ...     pd.DataFrame([row]).to_excel(path, index=False)
    ...     read_tasks(path).values.tolist()
    [['51-3011.00', 'Bakers', '7', 'Knead dough.', 'Core']]
    """
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

    Examples
    --------
    >>> import tempfile
    >>> known = pd.DataFrame({"title": ["Bakers"], "onet_soc_code": ["51-3011.00"]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "tasks.csv"
    ...     _ = path.write_text("name,description,taxonomy\\n,Bakers | Knead dough.,onet_task\\n")
    ...     read_tasks_text(path, known)[["onet_soc_code", "task"]].values.tolist()
    [['51-3011.00', 'Knead dough.']]
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

    Raises
    ------
    WorkbenchError
        When a heading is missing or a value is outside of its scale.

    Examples
    --------
    >>> import tempfile
    >>> row = {"O*NET-SOC Code": "51-3011.00", "Element ID": "2.A.1.a", "Element Name": "Reading",
    ...     "Scale ID": "LV", "Data Value": 2.5, "N": 8, "Standard Error": 0.1,
    ...     "Recommend Suppress": "Y", "Not Relevant": "N"}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "Skills.xlsx"
    ...     pd.DataFrame([row]).to_excel(path, index=False)
    ...     ratings = read_ratings(path, "skills")
    >>> ratings[["element", "scale_id", "value", "recommend_suppress"]].values.tolist()
    [['Reading', 'LV', 2.5, True]]
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
    """O*NET's own list of related occupations, 20 for each of 923.

    Parameters
    ----------
    path : Path

    Returns
    -------
    DataFrame
        Table ``related_occupations``: ``onet_soc_code``, ``related_onet_soc_code``, ``tier``
        (``Primary-Short``, ``Primary-Long``, ``Supplemental``) and ``rank`` (1 is nearest).

    Raises
    ------
    WorkbenchError
        When a heading is missing or a value is none of the table's.

    Examples
    --------
    >>> import tempfile
    >>> row = {"O*NET-SOC Code": "51-3011.00", "Related O*NET-SOC Code": "35-2014.00",
    ...        "Relatedness Tier": "Primary-Short", "Index": 1}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "Related Occupations.xlsx"
    ...     pd.DataFrame([row]).to_excel(path, index=False)
    ...     read_related_occupations(path).values.tolist()
    [['51-3011.00', '35-2014.00', 'Primary-Short', 1]]
    """
    names = {
        "O*NET-SOC Code": "onet_soc_code",
        "Related O*NET-SOC Code": "related_onet_soc_code",
        "Relatedness Tier": "tier",
        "Index": "rank",
    }
    return checked(_excel(path, names), "related_occupations", path.name)


def read_job_zones(path: Path) -> pd.DataFrame:
    """Job zone (1 little to 5 extensive preparation) of 923 occupations.

    Parameters
    ----------
    path : Path

    Returns
    -------
    DataFrame
        Table ``job_zones``: ``onet_soc_code`` and ``job_zone``.

    Raises
    ------
    WorkbenchError
        When a heading is missing or a zone is not from 1 to 5.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "Job Zones.xlsx"
    ...     rows = pd.DataFrame({"O*NET-SOC Code": ["51-3011.00"], "Job Zone": [2]})
    ...     rows.to_excel(path, index=False)
    ...     read_job_zones(path).values.tolist()
    [['51-3011.00', 2]]
    """
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

    Raises
    ------
    WorkbenchError
        When a heading is missing or a value is outside of its range.

    Examples
    --------
    >>> import tempfile
    >>> rows = {"O*NET-SOC Code": "51-3011.00", "Scale ID": ["RL", "RW"], "Category": [2, 3],
    ...         "Data Value": [60.0, 25.0]}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "Education.xlsx"
    ...     pd.DataFrame(rows).to_excel(path, index=False)
    ...     read_education(path).values.tolist()
    [['51-3011.00', 2, 60.0]]
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
    """Titles that people use for an occupation.

    Parameters
    ----------
    path : Path

    Returns
    -------
    DataFrame
        Table ``alternate_titles``: ``onet_soc_code`` and ``alternate_title``, one row a title.

    Raises
    ------
    WorkbenchError
        When a heading is missing or a code has another form.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "Alternate Titles.xlsx"
    ...     rows = {"O*NET-SOC Code": ["51-3011.00"], "Alternate Title": ["Bread Maker"]}
    ...     pd.DataFrame(rows).to_excel(path, index=False)
    ...     read_alternate_titles(path).values.tolist()
    [['51-3011.00', 'Bread Maker']]
    """
    names = {"O*NET-SOC Code": "onet_soc_code", "Alternate Title": "alternate_title"}
    return checked(_excel(path, names), "alternate_titles", path.name)


def read_work_activities(path: Path) -> pd.DataFrame:
    """Detailed work activities that each task belongs to (``Tasks to DWAs.xlsx``).

    Parameters
    ----------
    path : Path

    Returns
    -------
    DataFrame
        Table ``work_activities``: ``onet_soc_code``, ``task_id``, ``dwa_id``, ``dwa_title``.

    Raises
    ------
    WorkbenchError
        When a heading is missing or a code has another form.

    Examples
    --------
    >>> import tempfile
    >>> row = {"O*NET-SOC Code": "51-3011.00", "Task ID": "7", "DWA ID": "4.A.1",
    ...        "DWA Title": "Mix ingredients."}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "Tasks to DWAs.xlsx"
    ...     pd.DataFrame([row]).to_excel(path, index=False)
    ...     read_work_activities(path).values.tolist()
    [['51-3011.00', '7', '4.A.1', 'Mix ingredients.']]
    """
    names = {
        "O*NET-SOC Code": "onet_soc_code",
        "Task ID": "task_id",
        "DWA ID": "dwa_id",
        "DWA Title": "dwa_title",
    }
    return checked(_excel(path, names), "work_activities", path.name)


def read_technology_skills(path: Path) -> pd.DataFrame:
    """Software and tools of each occupation, with the hot and in-demand flags.

    Parameters
    ----------
    path : Path

    Returns
    -------
    DataFrame
        Table ``technology_skills``: ``onet_soc_code``, ``example``, ``commodity_code`` (eight
        digits, as text), ``commodity_title``, ``hot_technology`` and ``in_demand`` (bool).

    Raises
    ------
    WorkbenchError
        When a heading is missing or a code has another form.

    Examples
    --------
    >>> import tempfile
    >>> row = {"O*NET-SOC Code": "51-3011.00", "Example": "Microsoft Excel",
    ...     "Commodity Code": 43232110, "Commodity Title": "Spreadsheet software",
    ...     "Hot Technology": "Y", "In Demand": "N"}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "Technology Skills.xlsx"
    ...     pd.DataFrame([row]).to_excel(path, index=False)
    ...     table = read_technology_skills(path)
    >>> table[["commodity_code", "hot_technology", "in_demand"]].values.tolist()
    [['43232110', True, False]]
    """
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
