"""Only what was asked for comes back from a kernel."""

from __future__ import annotations

from dataclasses import dataclass

from grader.job import Question
from grader.running.replays import Replay
from grader.running.trace_builder import TraceBuilder
from grader.trace import BASE, Event, ModuleSource
from tests.support.running import job
from tests.support.traces import sets

QUESTION = Question(exercise="f", calls=("f(1)",))
CELLS = ((0, "x = 1"),)


@dataclass
class Pipe:
    """Events that a kernel wrote."""

    events: list[Event]
    forged: int = 0
    truncated: bool = False

    def take(self) -> list[Event]:
        return self.events


def builder() -> TraceBuilder:
    return TraceBuilder(job("x = 1").model_copy(update={"questions": (QUESTION,)}))


def brought_back(made: TraceBuilder, *labels: str):
    """The labels of the events that are kept, and how many count as forged."""
    made.take(Pipe([sets("x", 1.0, run=label) for label in labels]))
    trace = made.trace()
    kept = [event.run for run in trace.runs for event in run.events]
    return kept, trace.forged


def test_the_cells_run_under_one_label():
    assert ([BASE], 1) == brought_back(builder(), BASE, "variant-1")


def test_a_variant_cannot_speak_for_the_run_on_the_data_as_it_is():
    made = builder()
    made.expect_replays([Replay("variant-1", CELLS)])
    assert (["variant-1"], 2) == brought_back(made, BASE, "variant-1", "variant-2")


def test_replays_bring_back_the_calls_that_they_make():
    made = builder()
    label = QUESTION.all_labels[0]
    made.expect_replays([Replay("variant-1", CELLS, calls="variant-1/")])
    assert ([f"variant-1/{label}"], 1) == brought_back(made, f"variant-1/{label}", label)


def test_a_question_brings_back_its_answers():
    made = builder()
    label = QUESTION.all_labels[0]
    made.expect_answers(QUESTION)
    assert ([label], 1) == brought_back(made, label, "variant-1")


def test_a_question_cannot_answer_another():
    made = builder()
    made.expect_answers(QUESTION)
    other = Question(exercise="g", calls=("g(1)",))
    assert ([BASE], 1) == brought_back(made, BASE, *other.labels)


def test_modules_that_were_handed_in_are_kept_with_the_trace():
    module = ModuleSource(name="tools/mine.py", source="x = 1")
    made = TraceBuilder(job("x = 1").model_copy(update={"modules": (module,)}))
    assert ((module,), "tools.mine") == (made.trace().modules, module.import_name)
