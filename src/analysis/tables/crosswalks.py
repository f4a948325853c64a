"""Which field of study trains for which occupation, and how occupation codes changed."""

from pathlib import Path

import pandas as pd

from analysis.tables.schemas import checked


def read_cip_soc(path: Path) -> pd.DataFrame:
    """CIP 2020 to SOC 2018, many to many; codes are text, so leading zeros stay.

    Fields of study that the crosswalk matches with no occupation (``99-9999``) are left out:
    they train for none by the publisher's own word.
    """
    frame = pd.read_csv(path, dtype="str").rename(
        columns={
            "SOC2018Code": "soc_code",
            "SOC2018Title": "soc_title",
            "CIP2020Code": "cip_code",
            "CIP2020Title": "cip_title",
        }
    )
    frame = frame[frame["soc_code"].ne("99-9999") & frame["cip_code"].ne("99.9999")]
    for name in ("cip_code", "soc_code"):
        frame[name] = frame[name].str.strip()
    frame["cip_title"] = frame["cip_title"].str.rstrip(". ")
    return checked(frame, "cip_soc", path.name)


def read_soc_2010_to_2018(path: Path) -> pd.DataFrame:
    """SOC 2010 codes and the SOC 2018 codes that replaced them, many to many."""
    frame = pd.read_csv(path, dtype="str").rename(
        columns={"SOCCode2010": "soc_2010_code", "SOCCode2018": "soc_2018_code"}
    )
    return checked(frame, "soc_2010_to_2018", path.name)
