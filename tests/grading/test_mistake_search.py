"""Known mistakes are recognised by what they compute."""

from __future__ import annotations

from dataclasses import replace

from grader.grading.follows_data import CONFIRMATION
from grader.grading.mistake_search import (
    Failures,
    explain_failures,
    explaining_cells,
    rank_plausible,
)
from grader.grading.mistakes import WrongWay, single
from grader.grading.search import Values
from tests.support.traces import (
    NOTHING,
    VARIANTS,
    computed,
    draws,
    exercise,
    expects,
    gradient,
    graph,
    mistake,
    prints,
    run,
    sets,
    steps,
    tensor,
    trace,
)

STEP, LOSS = exercise("step"), exercise("loss", needs=["step"])
SLOW = mistake("slow", step=expects(1.28, 1.46, 1.39))
ZEROED = mistake("zeroed", step=expects(1.0, 1.0, 1.0), loss=expects(0.0, 0.0, 0.0))


def ways(mistakes):
    return [one if isinstance(one, WrongWay) else single(one) for one in mistakes]


def recognised(submitted, *mistakes, failed=(STEP,), passed=(), right=None):
    """Of a passed exercise, the first value of the submission is the one that earned its points."""
    values = Values(submitted)
    rights = {one.id: NOTHING for one in (*failed, *passed)} | (right or {})
    earning = {one.id: values.of("base", one.look_in)[0] for one in passed}
    failures = Failures(values, failed, earning, rights)
    return explain_failures(failures, ways(mistakes))


def ids(submitted, *mistakes, **others) -> list[str]:
    """The mistakes that explain a submission best, the one that is told first."""
    found = recognised(submitted, *mistakes, **others)
    return [one.id for one in (found[0].way, *found[0].also)] if found else []


def three(*events):
    """The same statements in the base run and both variants: `events` gives them per run."""
    return trace(
        *(
            run(*of_run, label=label)
            for of_run, label in zip(events, ("base", *VARIANTS), strict=False)
        )
    )


# What is recognised


def test_a_mistake_is_recognised_by_its_value_in_every_run():
    assert ["slow"] == ids(computed(1.28, 1.46, 1.39), SLOW)


def test_the_value_that_gave_it_away_is_named():
    (found,) = recognised(computed(1.28, 1.46, 1.39), SLOW)
    assert "a" == found.explains["step"].place.path


def test_a_value_of_no_mistake_is_not_explained():
    assert [] == ids(computed(7.0, 8.0, 9.0), SLOW)


def test_a_mistake_that_says_nothing_of_what_failed_explains_nothing():
    assert [] == ids(computed(1.28, 1.46, 1.39), SLOW, failed=(LOSS,))


def test_without_failures_nothing_is_looked_for():
    assert [] == ids(computed(1.28, 1.46, 1.39), SLOW, failed=())


def test_a_value_that_agrees_on_the_handed_out_data_only_explains_nothing():
    assert [] == ids(computed(1.28, 1.28, 1.28), SLOW)
    assert [] == ids(computed(1.28, 1.46, 9.0), SLOW)


def test_a_value_confirmed_in_a_fresh_kernel_explains():
    first = computed(1.28, 9.0, 9.0)
    again = [
        run(sets("a", value), label=label + CONFIRMATION)
        for label, value in zip(VARIANTS, (1.46, 1.39), strict=True)
    ]
    assert ["slow"] == ids(first.model_copy(update={"runs": (*first.runs, *again)}), SLOW)


def test_where_no_variant_ran_nothing_is_explained():
    assert [] == ids(computed(1.28), SLOW)


def test_where_the_data_was_never_seen_nothing_is_explained():
    void = [run(sets("a", 1.28), label=label, seen=None) for label in VARIANTS]
    assert [] == ids(trace(run(sets("a", 1.28)), *void), SLOW)


def test_integers_are_explained_by_the_variant_that_they_can_carry():
    runs = [
        run(sets("a", 1.28)),
        run(sets("a", 1.46), label=VARIANTS[0]),
        run(label=VARIANTS[1], seen=False),
    ]
    assert ["slow"] == ids(trace(*runs), SLOW)


def test_an_assignment_without_variants_needs_none():
    assert ["slow"] == ids(computed(1.28), mistake("slow", step=expects(1.28)))


# The student's own computed values


def test_a_value_typed_in_explains_nothing():
    assert [] == ids(computed(1.28, 1.46, 1.39, reads=""), SLOW)


def test_a_value_only_read_by_a_statement_explains_nothing():
    events = [
        [sets("b", 1.0).model_copy(update={"values": {"a": tensor(v)}})] for v in (1.28, 1.46, 1.39)
    ]
    assert [] == ids(three(*events), SLOW)


def test_the_handouts_cells_explain_nothing():
    submitted = computed(1.28, 1.46, 1.39)
    cells = tuple(cell.model_copy(update={"handout": True}) for cell in submitted.cells)
    assert [] == ids(submitted.model_copy(update={"cells": cells}), SLOW)


def test_a_value_that_right_solutions_come_by_explains_nothing():
    assert [] == ids(computed(1.28, 1.46, 1.39), SLOW, right={"step": expects(1.28)})


def test_a_printed_value_explains():
    events = [[prints(text)] for text in ("w: 1.280", "w: 1.460", "w: 1.390")]
    assert ["slow"] == ids(three(*events), SLOW)


def test_a_returned_value_explains():
    events = [
        [sets("x", 0.0).model_copy(update={"values": {"return": tensor(v)}})]
        for v in (1.28, 1.46, 1.39)
    ]
    assert ["slow"] == ids(three(*events), SLOW)


def test_the_cells_of_another_notebook_explain_nothing():
    assert [] == ids(computed(1.28, 1.46, 1.39, cell=-1), SLOW)


# Values that are the same whatever the data


def descent(step, loss, *, backward=True, source="w - lr * w.grad"):
    """A step and the change of the loss, in every run."""
    grads = [gradient("w", -28.0, line=1)] if backward else []
    events = [
        *grads,
        sets("w", step, "w lr", line=2, source=source),
        sets("d", loss, "w x", line=3),
    ]
    return three(events, events, events)


def test_a_step_that_did_not_move_is_recognised_behind_a_backward():
    assert ["zeroed"] == ids(descent(1.0, 0.0), ZEROED, failed=(STEP, LOSS))


def test_without_a_backward_a_one_is_no_step():
    assert [] == ids(descent(1.0, 0.0, backward=False), ZEROED, failed=(STEP, LOSS))


def test_a_copy_of_what_a_backward_reached_is_no_step():
    events = [gradient("w", -28.0, line=1), sets("v", 1.0, "w", line=2, source="v = w")]
    assert [] == ids(three(events, events, events), ZEROED)


def test_an_optimizers_step_behind_a_backward_is_one():
    events = [gradient("w", -28.0, line=1), steps("w", 1.0, line=2)]
    assert ["zeroed"] == ids(three(events, events, events), ZEROED)


def test_an_optimizers_step_without_a_backward_is_none():
    events = [steps("w", 1.0, line=2)]
    assert [] == ids(three(events, events, events), ZEROED)


def test_what_is_made_of_a_gradient_is_reached_by_it():
    names = [sets("g", -28.0, "w", line=2), sets("w2", 1.0, "v g", line=3)]
    events = [gradient("w", -28.0, line=1), *names]
    assert ["zeroed"] == ids(three(events, events, events), ZEROED)


def test_a_constant_that_builds_on_an_answer_is_explained_only_together_with_it():
    assert [] == ids(descent(7.0, 0.0), ZEROED, failed=(STEP, LOSS))


def test_a_constant_is_explained_by_itself_where_the_answer_it_builds_on_is_right():
    still = mistake("not-recomputed", loss=expects(0.0, 0.0, 0.0))
    assert ["not-recomputed"] == ids(descent(3.8, 0.0), still, failed=(LOSS,), passed=(STEP,))


def test_a_tensor_of_constants_needs_the_same_evidence():
    still = mistake("still", step=expects(*[tensor(1, 1)] * 3))
    assert [] == ids(descent(tensor(1, 1), 0.0, backward=False), still)
    assert ["still"] == ids(descent(tensor(1, 1), 0.0), still)


# Which of several


def both(step, loss):
    runs = [[sets("w", a, line=1), sets("d", b, line=2)] for a, b in zip(step, loss, strict=True)]
    return three(*runs)


SLOW_STEP, SLOW_LOSS = (1.28, 1.46, 1.39), (-6.74, -16.29, -12.33)


def test_the_mistake_that_explains_most_wins():
    whole = mistake("whole", step=expects(*SLOW_STEP), loss=expects(*SLOW_LOSS))
    assert ["whole"] == ids(both(SLOW_STEP, SLOW_LOSS), SLOW, whole, failed=(STEP, LOSS))


def test_one_that_leaves_a_failure_unexplained_loses_to_one_that_does_not_touch_it():
    half = mistake("half", step=expects(*SLOW_STEP), loss=expects(5.0, 6.0, 7.0))
    assert ["slow"] == ids(both(SLOW_STEP, SLOW_LOSS), half, SLOW, failed=(STEP, LOSS))


def test_one_that_would_have_spoiled_a_passed_exercise_loses():
    spoils = mistake("spoils", step=expects(*SLOW_STEP), loss=expects(5.0, 6.0, 7.0))
    assert ["slow"] == ids(both(SLOW_STEP, SLOW_LOSS), spoils, SLOW, passed=(LOSS,))


def test_mistakes_that_explain_equally_much_are_told_as_a_tie_in_their_order():
    same = mistake("same", step=expects(*SLOW_STEP))
    assert ["slow", "same"] == ids(computed(*SLOW_STEP), SLOW, same)


def test_mistakes_of_other_values_are_not_among_the_ties():
    assert ["slow"] == ids(
        computed(*SLOW_STEP), SLOW, mistake("fast", step=expects(29.0, 47.0, 40.0))
    )


# Several mistakes

LATE_LOSS = (-0.5, -0.75, -0.625)
LATE = mistake("late", {"loss": 0.5}, loss=expects(7.0, 8.0, 9.0))
TOGETHER = WrongWay(
    (SLOW, LATE),
    {"step": expects(*SLOW_STEP), "loss": expects(*LATE_LOSS)},
    {},
    {"step": (SLOW,), "loss": (SLOW, LATE)},
)


def test_what_two_mistakes_give_together_is_recognised():
    assert ["slow+late"] == ids(
        both(SLOW_STEP, LATE_LOSS), SLOW, LATE, TOGETHER, failed=(STEP, LOSS)
    )


def test_of_explanations_that_explain_the_same_the_one_of_fewer_mistakes_wins():
    one = mistake("one", step=expects(*SLOW_STEP), loss=expects(*LATE_LOSS))
    assert ["one"] == ids(both(SLOW_STEP, LATE_LOSS), TOGETHER, one, failed=(STEP, LOSS))


def test_mistakes_together_leave_the_product_of_what_each_leaves():
    halves = mistake("slow", {"step": 0.5, "loss": 0.5}, step=expects(1.0)), LATE
    way = WrongWay(halves, {}, {}, {"step": halves[:1], "loss": halves})
    assert (0.5, 0.25) == (way.credit("step"), way.credit("loss"))


def test_mistakes_together_are_named_in_every_language_that_one_of_them_has():
    slow = replace(SLOW, name={"es": "lento", "en": "slow"})
    late = replace(LATE, name={"en": "late", "pt": "tarde"})
    way = WrongWay((slow, late), {}, {}, {})
    expected = {"es": "lento + late", "en": "slow + late", "pt": "lento + tarde"}
    assert expected == way.name


def test_what_one_mistake_leaves_unexplained_another_explains():
    found = recognised(both(SLOW_STEP, (7.0, 8.0, 9.0)), SLOW, LATE, failed=(STEP, LOSS))
    assert [("slow", ["step"]), ("late", ["loss"])] == [
        (one.way.id, list(one.explains)) for one in found
    ]


def test_a_mistake_that_would_have_changed_what_is_explained_explains_nothing_more():
    other = mistake("other", step=expects(5.0, 6.0, 7.0), loss=expects(7.0, 8.0, 9.0))
    found = recognised(both(SLOW_STEP, (7.0, 8.0, 9.0)), SLOW, other, failed=(STEP, LOSS))
    assert 1 == len(found)


def test_mistakes_are_plausible_where_a_value_agrees_on_the_handed_out_data():
    rights = {"step": NOTHING, "loss": NOTHING}
    submitted = Values(trace(run(sets("d", -0.5))))
    failures = Failures(submitted, [LOSS], {}, rights)
    assert [TOGETHER] == rank_plausible(failures, [*ways([SLOW, LATE]), TOGETHER])


def test_a_mistake_that_leaves_all_points_of_an_exercise_does_not_explain_why_it_failed():
    harmless = mistake(
        "harmless", {"step": 1.0}, step=expects(*SLOW_STEP), loss=expects(*SLOW_LOSS)
    )
    (found,) = recognised(both(SLOW_STEP, SLOW_LOSS), harmless, failed=(STEP, LOSS))
    assert ["loss"] == list(found.explains)


# What is not tried at all

SKIPPED = single(
    replace(
        SLOW,
        id="skipped",
        leaves_out=("step",),
        expectations={"step": expects(1.0, 1.0, 1.0), "loss": expects(*SLOW_LOSS)},
    )
)


def test_where_nothing_was_made_of_the_gradient_the_step_was_left_out():
    events = [
        [gradient("w", -28.0), sets("d", loss, "w x", line=2, source="d = f(w, x)")]
        for loss in SLOW_LOSS
    ]
    (found,) = recognised(three(*events), SKIPPED, failed=(STEP, LOSS))
    assert (None, ["step", "loss"]) == (found.explains["step"], list(found.explains))


def test_where_a_step_was_tried_it_was_not_left_out():
    step = sets("w", 1.0, "w lr", line=2, source="w = w - lr * w.grad")
    events = [[gradient("w", -28.0), step, sets("d", loss, "w x", line=3)] for loss in SLOW_LOSS]
    (found,) = recognised(three(*events), SKIPPED, failed=(STEP, LOSS))
    assert ["loss"] == list(found.explains)


def test_that_something_was_left_out_is_told_only_with_a_value_that_shows_it():
    assert [] == ids(computed(7.0, 8.0, 9.0), SKIPPED, failed=(STEP, LOSS))


# Graphs

NETWORK = exercise("network", check="graph")
LOSS_GRAPH = graph("SumBackward0", "PowBackward0", edges=[(0, 1)])


def test_another_graph_is_recognised_without_variants():
    of_loss = mistake("of-loss", network=expects(LOSS_GRAPH))
    assert ["of-loss"] == ids(trace(run(draws(LOSS_GRAPH))), of_loss, failed=(NETWORK,))


def test_a_graph_without_nodes_is_recognised():
    no_grad = mistake("no-grad", network=expects(graph()))
    assert ["no-grad"] == ids(trace(run(draws(graph()))), no_grad, failed=(NETWORK,))
    assert [] == ids(trace(run(draws(LOSS_GRAPH))), no_grad, failed=(NETWORK,))


# Before the variants have run


def cells(submitted, *mistakes, failed=(STEP,)):
    rights = {one.id: NOTHING for one in failed}
    failures = Failures(Values(submitted), failed, {}, rights)
    return explaining_cells(failures, ways(mistakes))


def test_the_cells_that_may_explain_are_known_from_the_base_run_alone():
    assert {1} == cells(trace(run(sets("a", 9.0, cell=0), sets("a", 1.28, cell=1))), SLOW)


def test_every_cell_that_may_explain_is_among_them():
    assert {0, 2} == cells(trace(run(sets("lucky", 1.28, cell=0), sets("a", 1.28, cell=2))), SLOW)


def test_no_mistake_no_cells():
    assert set() == cells(trace(run(sets("a", 1.28))))
