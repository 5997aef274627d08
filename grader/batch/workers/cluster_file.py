"""Read which cluster a class is graded on: an address, or a file `cluster.toml`.

Imports nothing of Dask.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from grader.errors import AssignmentError, GraderError
from grader.notebook.cells import read_toml
from grader.notebook.field_faults import invalid

SCHEMES = ("tcp://", "tls://", "ucx://", "ws://", "wss://")
"""How an address of a scheduler begins."""


Lines = tuple[str, ...]

Count = Annotated[int, Field(ge=1)]

Address = Annotated[str, Field(pattern=r"^[a-z]+://\S+$")]


class _ClusterTable(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AddressTable(_ClusterTable):
    """A cluster that runs already."""

    kind: Literal["address"] = "address"
    address: Address
    """Of its scheduler: `tcp://host:8786`, or `tls://…`."""


class LocalTable(_ClusterTable):
    """Worker processes on this machine, for one run."""

    kind: Literal["local"] = "local"
    workers: Count = 2
    threads: Count = 2
    """Submissions that a worker runs side by side."""


class SlurmTable(_ClusterTable):
    """Workers that are jobs of SLURM, for one run."""

    kind: Literal["slurm"] = "slurm"
    workers: Count = 2
    """Jobs; each is one worker."""
    threads: Count = 4
    """Cores of a job, and submissions that it runs side by side."""
    memory: str = "16GiB"
    """Memory of a job: 2 GiB for each submission, and 2 for the grader."""
    walltime: str = "04:00:00"
    """Longest time of a job."""
    queue: str = ""
    """The partition; empty: SLURM's own."""
    account: str = ""
    interface: str = ""
    """The network that workers reach this machine by, such as `ib0`; empty: the usual one."""
    python: str = ""
    """The Python that jobs run; empty: this one, which they must have at the same path."""
    prologue: Lines = ()
    """Lines of the job script before the worker starts, such as `module load cuda`."""
    directives: Lines = ()
    """More directives for SLURM, such as `--gres=gpu:1`."""


class KubernetesTable(_ClusterTable):
    """Workers that are pods of Kubernetes, for one run; Dask's operator is installed there."""

    kind: Literal["kubernetes"] = "kubernetes"
    image: str
    """An image with the grader, in this version, and with Dask."""
    workers: Count = 2
    threads: Count = 4
    """Cores of a pod, and submissions that it runs side by side."""
    memory: str = "16Gi"
    namespace: str = ""
    """Where the pods live; empty: in the usual one."""


ClusterTable = AddressTable | LocalTable | SlurmTable | KubernetesTable

Kinds = Mapping[str, type[_ClusterTable]]

KINDS: Kinds = {
    "address": AddressTable,
    "local": LocalTable,
    "slurm": SlurmTable,
    "kubernetes": KubernetesTable,
}


@dataclass(frozen=True)
class ClusterChoice:
    """Which cluster a class is graded on, and which of its workers may be used."""

    table: ClusterTable
    trust: bool = False
    """Workers that cannot seal notebooks off are used, too."""
    allow_mixed: bool = False
    """Workers with other versions than this machine are used, too."""


def read_cluster(given: str) -> ClusterTable:
    """Read the value of `--cluster`.

    Args:
        given: the address of a scheduler, or the path of a file.

    Raises:
        GraderError: it is neither, or the file is not right.
    """
    if given.startswith(SCHEMES):
        return AddressTable(address=given)
    path = Path(given)
    if not path.is_file():
        problem = f"--cluster {given}: there is no such file."
        advice = "Give cluster.toml, or the address of a scheduler: tcp://HOST:8786."
        raise GraderError(problem, advice)
    content = read_toml(path)
    return _table(path, content)


def _table(path: Path, content: dict[str, Any]) -> ClusterTable:
    kind = str(content.get("kind", ""))
    model = KINDS.get(kind)
    if model is None:
        known = ", ".join(KINDS)
        problem = f"kind: {kind!r} is no kind of cluster."
        advice = f"Write one of {known}."
        raise AssignmentError(problem, advice, where=path)
    try:
        table: Any = model.model_validate(content)
    except ValidationError as error:
        raise invalid(path, error, model, content) from None
    chosen: ClusterTable = table
    return chosen
