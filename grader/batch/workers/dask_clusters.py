"""Start the kinds of Dask clusters that `cluster.toml` names.

No other module imports `distributed`, `dask_jobqueue` or `dask_kubernetes`: a missing package is
named with the line that installs it.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import ipaddress
import logging
import secrets
import signal
import sys
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from grader.batch.workers.cluster_file import (
    AddressTable,
    ClusterTable,
    KubernetesTable,
    LocalTable,
    SlurmTable,
)
from grader.errors import GraderError

CONNECT_S = 15.0
"""Longest time for a scheduler to answer."""

CLOSE_S = 20.0
"""Longest time for a client or a cluster to end."""

LOOPBACK_NAMES = ("localhost", "ip6-localhost")


@asynccontextmanager
async def connected(table: ClusterTable) -> AsyncIterator[Any]:
    """Connect to a cluster; one for this run alone is started first.

    Yields:
        Dask's client, for use in this event loop.

    Raises:
        GraderError: a package is missing, the cluster does not start, or nobody answers there.
    """
    distributed = _imported("distributed")
    _silence()
    cluster = await _started(table)
    target = cluster
    if isinstance(table, AddressTable):
        target = table.address
    try:
        client = await _client(distributed, target)
        try:
            yield client
        finally:
            await _closed(client)
    finally:
        if cluster is not None:
            await _closed(cluster)


def _silence() -> None:
    """Keep Dask's log off the terminal: the run reports the same events in words."""
    for name in list(logging.root.manager.loggerDict):
        if name.startswith("distributed"):
            logger = logging.getLogger(name)
            logger.setLevel(logging.CRITICAL + 1)


async def _client(distributed: Any, target: Any) -> Any:
    with warnings.catch_warnings():
        # Of other versions, the run speaks itself: those that matter for grading.
        warnings.simplefilter("ignore", distributed.versions.VersionMismatchWarning)
        try:
            return await distributed.Client(target, asynchronous=True, timeout=CONNECT_S)
        except (OSError, TimeoutError, ValueError) as error:
            raise GraderError(
                f"There is no scheduler at {target}: {_first_line(error)}.",
                "Start it ('dask scheduler'), or correct the address.",
            ) from None


async def _closed(closable: Any) -> None:
    with contextlib.suppress(OSError, TimeoutError):  # it is gone already
        async with asyncio.timeout(CLOSE_S):
            await closable.close()


def _first_line(error: BaseException) -> str:
    lines = str(error).splitlines() or [type(error).__name__]
    return lines[0].rstrip(".:")


def _imported(module: str) -> Any:
    """Import a package of Dask.

    Raises:
        GraderError: it is not installed.
    """
    interrupt_handler = signal.getsignal(signal.SIGINT)
    try:
        return importlib.import_module(module)
    except ImportError:
        package = module.partition(".")[0].replace("_", "-")
        raise GraderError(
            f"--cluster needs {package}, which is not installed.",
            f"Install it: '{sys.executable} -m pip install {package}'.",
        ) from None
    finally:
        # dask_jobqueue sets its own, with which Ctrl-C would end the run as if all were done.
        signal.signal(signal.SIGINT, interrupt_handler)


async def _started(table: ClusterTable) -> Any:
    """Start a cluster; None for one that runs already."""
    if isinstance(table, AddressTable):
        return None
    makers = {"local": local_cluster, "slurm": slurm_cluster, "kubernetes": kubernetes_cluster}
    maker: Any = makers[table.kind]
    try:
        return await maker(table)
    except (OSError, RuntimeError, TimeoutError, ValueError) as error:
        problem = f"The cluster of kind {table.kind!r} does not start: {_first_line(error)}."
        raise GraderError(problem, "Correct cluster.toml.") from None


def local_cluster(table: LocalTable) -> Any:
    """Make worker processes on this machine; nothing of them is reached from others."""
    distributed = _imported("distributed")
    return distributed.LocalCluster(
        n_workers=table.workers,
        threads_per_worker=table.threads,
        processes=True,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        silence_logs=logging.CRITICAL,
        asynchronous=True,
    )


async def slurm_cluster(table: SlurmTable) -> Any:
    """Ask SLURM for jobs, each of which is a worker."""
    dask_jobqueue = _imported("dask_jobqueue")
    cluster = await dask_jobqueue.SLURMCluster(**slurm_options(table), asynchronous=True)
    cluster.scale(jobs=table.workers)
    return cluster


def slurm_options(table: SlurmTable) -> dict[str, Any]:
    """Return the arguments of `dask_jobqueue.SLURMCluster`; its `job_script()` shows the result."""
    options: dict[str, Any] = {
        "cores": table.threads,
        "processes": 1,
        "memory": table.memory,
        "walltime": table.walltime,
        "job_script_prologue": list(table.prologue),
        "job_extra_directives": list(table.directives),
    }
    for name in ("queue", "account", "interface", "python"):
        value = getattr(table, name)
        if value:
            options[name] = value
    return options


async def kubernetes_cluster(table: KubernetesTable) -> Any:
    """Ask Dask's operator on Kubernetes for pods, each of which is a worker."""
    operator = _imported("dask_kubernetes.operator")
    token = secrets.token_hex(4)  # several runs may go on at a time
    spec = kubernetes_spec(table, f"grader-{token}")
    return await operator.KubeCluster(
        custom_cluster_spec=spec,
        namespace=table.namespace or None,
        asynchronous=True,
    )


def kubernetes_spec(table: KubernetesTable, name: str) -> Any:
    """Return the description of a cluster with a name, as the operator is given it."""
    operator = _imported("dask_kubernetes.operator")
    resources = {"cpu": str(table.threads), "memory": table.memory}
    spec = operator.make_cluster_spec(
        name=name,
        image=table.image,
        n_workers=table.workers,
        worker_command=f"dask worker --nthreads {table.threads}",
    )
    pod = spec["spec"]["worker"]["spec"]
    pod["hostUsers"] = False
    container = pod["containers"][0]
    container["resources"] = {"requests": dict(resources), "limits": dict(resources)}
    # bubblewrap creates namespaces, which the default profile and masked paths do not allow.
    container["securityContext"] = {
        "procMount": "Unmasked",
        "seccompProfile": {"type": "Unconfined"},
    }
    return spec


def travels_in_the_open(address: str) -> bool:
    """Return whether data sent to a scheduler, answers included, can be read on the network."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    if parts.scheme in ("tls", "wss") or host in LOOPBACK_NAMES:
        return False
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return True
