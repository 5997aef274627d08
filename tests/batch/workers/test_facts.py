"""A worker on which notebooks would not run as they do here, told by what differs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.batch.workers.facts import WorkerFacts, differences, facts_here

HERE = WorkerFacts(
    host="client",
    grader="1.0",
    recorder="abc",
    python="3.11.7",
    packages={"torch": "2.6.0", "torchvision": "0.21.0", "pandas": "2.2.0"},
    cores=4,
)


def test_a_worker_with_the_same_versions_differs_in_nothing() -> None:
    worker = replace(HERE, host="node1", cores=64, tier="bwrap")
    assert [] == differences(worker, HERE)


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("grader", "0.9", "grader 0.9 (here 1.0)"),
        ("recorder", "xyz", "grader 1.0 with other code"),
        ("python", "3.12.1", "Python 3.12.1 (here 3.11.7)"),
        ("packages", {"torch": "2.5.1", "torchvision": "0.21.0"}, "torch 2.5.1 (here 2.6.0)"),
        ("packages", {"torch": "2.6.0"}, "torchvision – (here 0.21.0)"),
    ],
)
def test_what_answers_may_hang_on_is_named(field: str, value: object, told: str) -> None:
    worker = replace(HERE, **{field: value})
    assert [told] == differences(worker, HERE)


def test_a_patch_of_python_and_other_packages_are_no_difference() -> None:
    packages = HERE.packages | {"pandas": "2.1.0"}
    worker = replace(HERE, python="3.11.9", packages=packages)
    assert [] == differences(worker, HERE)


def test_this_machine_knows_its_torch_and_its_recorder() -> None:
    facts = facts_here()
    assert "torch" in facts.packages
    assert facts.recorder
    assert [] == differences(facts, facts)
