"""Lists of related occupations that the publisher's recipe for its own list did not make.

They are fewer, coarser or older than the publisher's list. What they are good for: a measure that
only rebuilds the publisher's recipe gains nothing on them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.skills.representations import similarity, tfidf_matrix

# fewest and most SOC codes that a narrow field of study serves
_NARROW = (2, 6)


@dataclass(frozen=True)
class Truth:
    """Pairs of related occupations and how a similarity is asked for them.

    Attributes
    ----------
    name : str
    pairs : DataFrame
        ``onet_soc_code``, ``related_onet_soc_code``.
    codes : tuple of str
        Occupations that are asked and that can be answered.
    other_soc_only : bool
        Whether occupations of the same six-digit SOC code are no candidates.
    """

    name: str
    pairs: pd.DataFrame
    codes: tuple[str, ...]
    other_soc_only: bool = False


def shared_field_truth(cip_soc: pd.DataFrame, codes: Sequence[str]) -> Truth:
    """Occupations of different SOC codes that one narrow field of study trains for.

    Parameters
    ----------
    cip_soc : DataFrame
        Table ``cip_soc``.
    codes : sequence of str
        O*NET-SOC codes on which similarity is known.

    Returns
    -------
    Truth
        Each pair in both directions; others of the same SOC code are no candidates.

    Notes
    -----
    A field counts when it serves two to six SOC codes: broad fields relate everything.

    Examples
    --------
    >>> links = pd.DataFrame({"cip_code": ["51.0801"] * 2, "soc_code": ["31-9092", "31-9097"]})
    >>> shared_field_truth(links, ["31-9092.00", "31-9097.00"]).pairs.values.tolist()
    [['31-9092.00', '31-9097.00'], ['31-9097.00', '31-9092.00']]
    """
    links = cip_soc[["cip_code", "soc_code"]].drop_duplicates()
    breadth = links.groupby("cip_code")["soc_code"].transform("size")
    narrow = links[breadth.between(*_NARROW)]
    listed = pd.DataFrame({"code": list(codes), "soc_code": [code[:7] for code in codes]})
    served = listed.merge(narrow, on="soc_code")
    both = served.merge(served, on="cip_code", suffixes=("", "_other"))
    both = both[both["soc_code"] != both["soc_code_other"]]
    pairs = both[["code", "code_other"]].drop_duplicates().sort_values(["code", "code_other"])
    pairs.columns = pd.Index(["onet_soc_code", "related_onet_soc_code"])
    return Truth("shared narrow field of study", pairs.reset_index(drop=True), tuple(codes), True)


def essential_skills_truth(
    esco_onet: pd.DataFrame, esco_skills: pd.DataFrame, codes: Sequence[str], nearest: int = 10
) -> Truth:
    """The occupations nearest by the essential skills that ESCO lists for them.

    Parameters
    ----------
    esco_onet : DataFrame
        Table ``esco_onet``: which ESCO occupations an O*NET occupation stands for.
    esco_skills : DataFrame
        Table ``esco_skills``: essential skills of ESCO occupations.
    codes : sequence of str
        O*NET-SOC codes on which similarity is known.
    nearest : int
        How many of each occupation are true, by the cosine of term weights of whole skills.

    Returns
    -------
    Truth
        Asked of the occupations whose skills are listed; ``nearest`` pairs each, fewer where fewer
        are listed.

    Examples
    --------
    >>> linked = pd.DataFrame({"esco_occupation": ["x", "y", "z"], "onet_soc_code": list("abc")})
    >>> skills = pd.DataFrame({"esco_occupation": list("xyyz"), "skill": ["s", "s", "t", "u"]})
    >>> truth = essential_skills_truth(linked, skills, list("abc"), nearest=1)
    >>> truth.pairs["related_onet_soc_code"].tolist()[:2]
    ['b', 'a']
    """
    linked = esco_onet[esco_onet["onet_soc_code"].isin(list(codes))]
    held = linked.merge(esco_skills, on="esco_occupation")
    described, matrix = tfidf_matrix(held["onet_soc_code"], held["skill"], by="wholes")
    cosines = similarity(matrix)
    np.fill_diagonal(cosines, -1)
    taken = min(nearest, len(described) - 1)
    first = np.argsort(-cosines, axis=1, kind="stable")[:, :taken]
    pairs = pd.DataFrame(
        {
            "onet_soc_code": np.repeat(described, taken),
            "related_onet_soc_code": described[first.ravel()],
        }
    )
    return Truth("essential skills in ESCO", pairs, tuple(map(str, described)))
