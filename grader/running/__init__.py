"""Job → trace, on our side of the wall: start a kernel, run cells, take down what the recorder sends.

Entry points: `notebook.run` (a job), `session.Session` (a kernel to ask things of) and `local.LocalRun` (without
Jupyter). Must not know answers: a job holds none.
"""

import functools
import hashlib
from pathlib import Path


@functools.cache
def recorder_version() -> str:
    """Hash of the modules that run and record: a trace of other ones may say less."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]
