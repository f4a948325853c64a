"""In a process of its own: read files, each in a fork whose memory and time are limited."""

import json
import os
import resource
import sys
import traceback
import warnings
from pathlib import Path

from good_files import participants, records

from analysis.errors import WorkbenchError
from analysis.framework import load_framework
from analysis.parameters import read_notebook
from analysis.reports.key_figures import read_key_figures
from analysis.tables.etp_bulk import read_etp_bulk
from analysis.tables.file_checks import check_file
from analysis.tables.moves import read_moves
from analysis.tables.wages import read_wages
from analysis.tables.worker_record import read_worker_record

MEMORY = 3 << 30
SECONDS = 60
READERS = {
    reader.__name__: reader
    for reader in (
        participants, records, load_framework, read_notebook, read_key_figures, read_etp_bulk,
        check_file, read_moves, read_wages, read_worker_record,
    )
}  # fmt: skip


def read_alone(path: Path, reader: str) -> str:
    """What a reader says of a file, or what became of the process that it ran in."""
    there, here = os.pipe()
    child = os.fork()
    if not child:
        os.chdir(path.parent)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        try:
            READERS[reader](path)
            told = "read"
        except WorkbenchError as error:
            told = f"refused: {error}"
        except BaseException:
            told = traceback.format_exc()[-2000:]
        os.write(here, told.encode())
        os._exit(0)
    os.close(here)
    with os.fdopen(there) as pipe:
        told = pipe.read()
    _, status = os.waitpid(child, 0)
    return told or f"ended with {status}"


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    asked = json.load(sys.stdin)
    print(json.dumps([read_alone(Path(path), reader) for path, reader in asked]))
