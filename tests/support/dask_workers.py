"""A Dask cluster of this machine: a scheduler and workers, each with a home of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

START_S = 120
END_S = 30
POLL_S = 0.05

NEW_KEY = ("-newkey", "rsa:2048", "-nodes")


class Certificates:
    """An authority and certificates for the three that talk to each other, made by openssl."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self._folder = folder
        authority = ("-x509", "-days", "2", "-subj", "/CN=grading", "-out", "ca.pem")
        self._openssl("req", *NEW_KEY, *authority, "-keyout", "ca-key.pem")
        for name in ("scheduler", "worker", "client"):
            request = f"{name}.csr"
            subject = ("-subj", f"/CN={name}", "-keyout", f"{name}-key.pem", "-out", request)
            self._openssl("req", *NEW_KEY, *subject)
            signed = ("-in", request, "-days", "2", "-out", f"{name}.pem")
            signer = ("-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial")
            self._openssl("x509", "-req", *signed, *signer)

    def options(self, name: str) -> list[str]:
        """Return what `dask scheduler` or `dask worker` is given."""
        ca, cert, key = self._files(name)
        return ["--tls-ca-file", ca, "--tls-cert", cert, "--tls-key", key]

    def client_environment(self) -> dict[str, str]:
        """Return variables that give a client its certificate, as `distributed.yaml` would."""
        ca, cert, key = self._files("client")
        return {
            "DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION": "true",
            "DASK_DISTRIBUTED__COMM__TLS__CA_FILE": ca,
            "DASK_DISTRIBUTED__COMM__TLS__CLIENT__CERT": cert,
            "DASK_DISTRIBUTED__COMM__TLS__CLIENT__KEY": key,
        }

    def _files(self, name: str) -> tuple[str, str, str]:
        names = ("ca.pem", f"{name}.pem", f"{name}-key.pem")
        ca, cert, key = (str(self._folder / file) for file in names)
        return ca, cert, key

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self._folder, check=True, capture_output=True)


class DaskCluster:
    """A scheduler and workers, which share no folder. Use it in a `with` statement."""

    def __init__(self, folder: Path, certificates: Certificates | None = None) -> None:
        self._folder = folder
        self._certificates = certificates
        self._workers: list[subprocess.Popen[bytes]] = []
        self._count = 0
        self._scheduler: subprocess.Popen[bytes] | None = None
        self.port = 0

    def __enter__(self) -> DaskCluster:
        self._folder.mkdir(parents=True, exist_ok=True)
        self.start_scheduler()
        return self

    def __exit__(self, *_: object) -> None:
        processes = [*self._workers, self.scheduler]
        for process in processes:
            process.kill()
        for process in processes:
            process.wait()

    @property
    def address(self) -> str:
        return f"{self._protocol}://127.0.0.1:{self.port}"

    @property
    def _protocol(self) -> str:
        return "tls" if self._certificates else "tcp"

    @property
    def scheduler(self) -> subprocess.Popen[bytes]:
        assert self._scheduler is not None
        return self._scheduler

    @property
    def workers(self) -> list[subprocess.Popen[bytes]]:
        """The workers that run."""
        return [process for process in self._workers if process.poll() is None]

    def start_scheduler(self) -> None:
        """Start a scheduler: the next ones at the address of the first, which has ended."""
        if self._scheduler is not None:
            self._scheduler.wait(END_S)
        file = self._folder / "scheduler.json"
        file.unlink(missing_ok=True)
        arguments = ["--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard"]
        arguments += ["--protocol", self._protocol]
        self._scheduler = self._start("scheduler", *arguments, "--scheduler-file", str(file))
        deadline = time.monotonic() + START_S
        while not _address_in(file):
            assert self._scheduler.poll() is None, "the scheduler ended"
            assert time.monotonic() < deadline
            time.sleep(POLL_S)
        self.port = int(_address_in(file).rpartition(":")[2])

    def start_worker(self, core: int | None = None) -> subprocess.Popen[bytes]:
        """Start a worker with one thread, in a home of its own; on one core, if that is named."""
        arguments = [self.address, "--no-nanny", "--nworkers", "1", "--nthreads", "1"]
        worker = self._start("worker", *arguments, "--no-dashboard")
        if core is not None:
            os.sched_setaffinity(worker.pid, {core})  # what it starts has the same
        self._workers.append(worker)
        return worker

    def _start(self, *command: str) -> subprocess.Popen[bytes]:
        self._count += 1
        if self._certificates:
            command = (*command, *self._certificates.options(command[0]))
        home = self._folder / f"{command[0]}-{self._count}"
        home.mkdir()
        environment = os.environ | {"HOME": str(home), "TMPDIR": str(home)}
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *command],
            cwd=home,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def _address_in(file: Path) -> str:
    """Read the address of a scheduler from its file; empty if that is not there, or not whole."""
    try:
        return str(json.loads(file.read_text())["address"])
    except (OSError, ValueError):
        return ""
