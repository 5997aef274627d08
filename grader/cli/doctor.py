"""The command `doctor`: check this machine for grading."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from grader.cli import console, options
from grader.cli.exit import OUR_FAULT, guarded
from grader.cli.options import option
from grader.messages import LANGUAGES, Language, word
from grader.settings import Settings

CLUSTER = "Check the workers of a Dask cluster: the address of its scheduler, or cluster.toml."

if TYPE_CHECKING:
    from grader.running.doctor import Diagnosis


@click.command(cls=options.GroupedCommand)
@option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@option(
    "--language",
    type=click.Choice(LANGUAGES),
    default="en",
    show_default=True,
    help="Language of the output.",
)
@option("--cluster", metavar="ADDRESS|FILE", help=CLUSTER)
@guarded
def doctor(as_json: bool, language: Language, cluster: str | None) -> None:
    """Show what this machine has for grading, and what is missing.

    The exit code is 0 if notebooks can be sandboxed here (with --cluster: on at least one worker),
    and 3 if not.
    """
    if cluster is not None:
        _show_cluster(cluster, language, as_json=as_json)
        return
    with console.progress() as progress:
        progress.stage(word("stage-doctor", language), None)
        diagnosis = look_at_machine(Settings(language=language))
    if as_json:
        console.show_json(diagnosis.model_dump_json())
    else:
        from grader.outputs.terminal.doctor import doctor_view

        console.show(doctor_view(diagnosis, language))
    console.leave(0 if diagnosis.sealed else OUR_FAULT)


def _show_cluster(given: str, language: Language, *, as_json: bool) -> None:
    """Show the workers of a cluster."""
    from grader.batch.workers.cluster_file import read_cluster
    from grader.batch.workers.survey import survey

    table = read_cluster(given)
    with console.progress() as progress:
        progress.stage(word("stage-doctor", language), None)
        workers = survey(table, language)
    if as_json:
        findings = [worker.model_dump() for worker in workers]
        console.show_json(json.dumps({"workers": findings}))
    else:
        from grader.outputs.terminal.doctor import cluster_view

        console.show(cluster_view(workers, language))
    is_usable = any(worker.state == "ok" for worker in workers)
    console.leave(0 if is_usable else OUR_FAULT)


def look_at_machine(settings: Settings) -> Diagnosis:
    """Check this machine for grading; see `grader.running.doctor`."""
    from grader.running import doctor

    return doctor.diagnose(settings)
