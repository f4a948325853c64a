"""What is read of a program, and how near it reads to a target job."""

import numpy as np
import pandas as pd


def program_texts(programs: pd.DataFrame) -> list[str]:
    """Name and title of the field of study of each program as one text.

    Parameters
    ----------
    programs : DataFrame
        ``program``, ``cip_title``.

    Returns
    -------
    list of str
        One for each program, in the order of the frame; a title that repeats the name is left out.

    Examples
    --------
    >>> program_texts(pd.DataFrame({"program": ["Phlebotomy I", "Welding"],
    ...     "cip_title": ["Phlebotomy Technician.", "Welding."]}))
    ['Phlebotomy I. Phlebotomy Technician', 'Welding']
    """
    names = programs["program"].fillna("").str.strip().str.rstrip(".")
    titles = programs["cip_title"].fillna("").str.strip().str.rstrip(".")
    texts = []
    for name, title in zip(names, titles, strict=True):
        parts = [name] if title.lower() == name.lower() else [name, title]
        texts.append(". ".join(part for part in parts if part))
    return texts


def text_scores(program_vectors: np.ndarray, target_vector: np.ndarray) -> np.ndarray:
    """Cosine of each program's vector with the target's.

    Parameters
    ----------
    program_vectors : ndarray, shape (programs, d)
    target_vector : ndarray, shape (d,)

    Returns
    -------
    ndarray, shape (programs,)
        To nine decimals: programs of one text have one score, in whatever order it was added.

    Examples
    --------
    >>> text_scores(np.eye(2), np.array([3.0, 4.0])).tolist()
    [0.6, 0.8]
    """
    of_programs, of_target = program_vectors.astype(float), target_vector.astype(float)
    lengths = np.linalg.norm(of_programs, axis=1) * np.linalg.norm(of_target)
    return np.round(of_programs @ of_target / np.maximum(lengths, 1e-12), 9)
