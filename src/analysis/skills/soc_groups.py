"""Names of the families of the 2018 Standard Occupational Classification."""

MAJOR_GROUPS = {
    "11": "Management",
    "13": "Business and financial operations",
    "15": "Computer and mathematical",
    "17": "Architecture and engineering",
    "19": "Life, physical and social science",
    "21": "Community and social service",
    "23": "Legal",
    "25": "Educational instruction and library",
    "27": "Arts, design, entertainment, sports and media",
    "29": "Healthcare practitioners and technical",
    "31": "Healthcare support",
    "33": "Protective service",
    "35": "Food preparation and serving",
    "37": "Building and grounds cleaning and maintenance",
    "39": "Personal care and service",
    "41": "Sales",
    "43": "Office and administrative support",
    "45": "Farming, fishing and forestry",
    "47": "Construction and extraction",
    "49": "Installation, maintenance and repair",
    "51": "Production",
    "53": "Transportation and material moving",
    "55": "Military specific",
}
# the classification's own high-level groups, with its two of manual work taken together
_HIGH_LEVEL = (
    (29, "management, business, science, arts"),
    (39, "service"),
    (43, "sales and office"),
    (55, "trades, production, transport"),
)


def major_group(code: str) -> str:
    """Name of the major group of a SOC code.

    Parameters
    ----------
    code : str
        SOC or O*NET-SOC code; its first two digits count.

    Returns
    -------
    str
        ``SOC`` and the digits, for a group that the classification does not have.

    Examples
    --------
    >>> major_group("31-9092.00")
    'Healthcare support'
    """
    return MAJOR_GROUPS.get(code[:2], f"SOC {code[:2]}")


def high_level_group(code: str) -> str:
    """One of four large groups, few enough to tell apart in a picture.

    Parameters
    ----------
    code : str
        SOC or O*NET-SOC code; its first two digits, up to 55, count.

    Returns
    -------
    str

    Examples
    --------
    >>> high_level_group("31-9092.00"), high_level_group("49-9041.00")
    ('service', 'trades, production, transport')
    """
    major = int(code[:2])
    return next(name for last, name in _HIGH_LEVEL if major <= last)
