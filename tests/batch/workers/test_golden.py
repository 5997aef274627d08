"""What SLURM and Kubernetes are given, as the libraries write it: nobody ran it on a real cluster.

The documentation shows the same texts.
"""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from grader.batch.workers.cluster_file import KubernetesTable, SlurmTable, read_cluster
from grader.batch.workers.dask_clusters import kubernetes_spec, slurm_options
from tests.support.courses import ROOT

GOLDEN = Path(__file__).parent / "golden"
PAGE = (ROOT / "docs/large-classes.md").read_text("utf-8")


def example(kind: str, tmp_path: Path) -> object:
    """Read the file for a kind that the documentation shows."""
    texts = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    (text,) = [text for text in texts if f'kind = "{kind}"' in text]
    path = tmp_path / "cluster.toml"
    path.write_text(text)
    return read_cluster(str(path))


def test_the_job_script_of_slurm_is_as_the_documentation_shows_it(tmp_path: Path) -> None:
    from dask_jobqueue.slurm import SLURMJob

    table = example("slurm", tmp_path)
    assert isinstance(table, SlurmTable)
    options = slurm_options(table)
    job = SLURMJob("tcp://10.0.0.1:8786", name="grader", **options)

    golden = (GOLDEN / "slurm.sh").read_text()
    assert golden.strip() == job.job_script().strip()
    assert golden.strip() in PAGE


HAS_KUBERNETES = importlib.util.find_spec("dask_kubernetes") is not None
NO_KUBERNETES = "dask-kubernetes is not installed: it brings packages that notebooks may import"


@pytest.mark.skipif(not HAS_KUBERNETES, reason=NO_KUBERNETES)
def test_the_pods_of_kubernetes_are_as_the_documentation_shows_them(tmp_path: Path) -> None:
    import yaml

    table = example("kubernetes", tmp_path)
    assert isinstance(table, KubernetesTable)
    golden = (GOLDEN / "kubernetes.yaml").read_text()
    assert yaml.safe_load(golden) == kubernetes_spec(table, "grader")


def test_the_documentation_shows_the_pods_that_the_library_described() -> None:
    golden = (GOLDEN / "kubernetes.yaml").read_text()
    worker = golden[golden.index("  worker:") : golden.index("  scheduler:")]
    assert worker.strip() in PAGE
