"""Trained models: a measure of the notebook's, and a bound that each seed keeps."""

from __future__ import annotations

from dataclasses import replace
from textwrap import dedent

from grader.authoring.drafting.proposals.base import Observed
from grader.authoring.drafting.proposals.choose import proposals_for, requests_for
from grader.authoring.drafting.proposals.measures import measures_of
from grader.authoring.drafting.proposals.notebook_code import TaskCode
from grader.trace import Number
from tests.authoring.drafting.proposals.notebooks import network, observed, task_of, tensor

GIVEN = "X_test = torch.rand(20, 2)\ny_test = X_test.sum(1) > 1\nX = X_test\ny = y_test"
LOOP = """
    model = nn.Linear(2, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(100):
        loss = nn.functional.cross_entropy(model(X), y.long())
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
"""


def measured(task: TaskCode, trained: float, untrained: float, constant: float = 0.4) -> Observed:
    """What runs told where each measure gives one number for a model without training.

    A model that gives the same whatever it is asked has the constant.
    """
    seen = observed(task, {"model": network()})
    samples = dict(seen.samples)
    way = dict(seen.ways[0])
    for request in requests_for(task):
        if ".scored(" in request.expression:
            samples[request] = [Number(value=trained)]
            way[request] = Number(value=trained)
        elif ".unlearned(" in request.expression:
            scores = tensor(untrained, constant, constant)
            samples[request] = [scores]
            way[request] = scores
    return replace(seen, samples=samples, ways=[way])


def test_a_model_is_scored_by_the_accuracy_that_the_notebook_computes():
    after = "acc = (model(X_test).argmax(1) == y_test).float().mean()\nprint(acc)"
    task = task_of(LOOP, given=GIVEN, after=after)
    first = measures_of(task, "model")[0]
    assert "(model(X_test).argmax(1) == y_test).float().mean()" == first.expression
    assert first.is_better_higher


def test_a_function_that_measures_goes_along_under_another_name():
    given = GIVEN + "\ndef accuracy(m, x, y):\n    return (m(x).argmax(1) == y).float().mean()"
    task = task_of(LOOP, given=given, after="print(accuracy(model, X_test, y_test))")
    first = measures_of(task, "model")[0]
    assert "accuracy_of(model, X_test, y_test)" == first.expression
    assert first.probes.startswith("def accuracy_of(m, x, y):")


def test_a_batch_of_the_loss_becomes_the_loss_of_all_data():
    loop = LOOP.replace("model(X), y.long()", "model(X[rows]), y.long()[rows]")
    task = task_of(loop, given=GIVEN)
    losses = [each.expression for each in measures_of(task, "model") if not each.is_better_higher]
    assert "nn.functional.cross_entropy(model(X), y.long())" in losses


def test_a_loader_is_measured_where_a_loop_walks_over_it():
    loop = LOOP.replace(
        "range(100):", "range(9):\n      for x, t in train_loader:\n        model(x)"
    )
    task = task_of(loop, given=GIVEN + "\ntrain_loader = [(X, y)]")
    assert "accuracy_on(model, train_loader)" in [
        each.expression for each in measures_of(task, "model")
    ]


def test_a_loader_made_in_a_loop_is_measured_where_it_loads_given_data():
    given = GIVEN + "\nfrom torch.utils.data import DataLoader\ntest = [(X_test, y_test)]"
    after = "for x, y in DataLoader(test, batch_size=5):\n    print(model(x), y)"
    task = task_of(LOOP, given=given, after=after)
    assert "accuracy_on(model, DataLoader(test, batch_size=5))" in [
        each.expression for each in measures_of(task, "model")
    ]


def test_the_bound_lies_between_what_training_reaches_and_what_it_begins_with():
    task = task_of(LOOP, given=GIVEN, words="Train the classifier.")
    first = proposals_for(task, measured(task, trained=0.95, untrained=0.5))[0]
    assert ("score", "model", 0.9) == (first.check, first.fields["of"], first.fields["at_least"])


def test_a_model_that_does_not_get_better_is_left_to_a_person():
    task = task_of(LOOP, given=GIVEN)
    last = proposals_for(task, measured(task, trained=0.5, untrained=0.5))[-1]
    assert ("manual", "trains") == (last.check, last.why)


def test_a_bound_that_a_constant_reaches_is_no_bound():
    task = task_of(LOOP, given=GIVEN)
    seen = measured(task, trained=0.95, untrained=0.5, constant=0.94)
    assert "score" not in [each.check for each in proposals_for(task, seen)]


def test_a_model_is_also_compared_with_constants_if_its_test_data_comes_after_the_training():
    given = GIVEN.replace("X_test", "X").replace("y_test", "y")
    after = "test_loader = [(X, y)]\nfor a, b in test_loader:\n    print(model(a), b)"
    task = task_of(LOOP, given=given, after=after)
    expression = "accuracy_on(model, test_loader)"
    asked = [each for each in requests_for(task) if expression in each.expression]
    assert [3, 3] == [each.cell for each in asked]
    seen = measured(task, trained=0.47, untrained=0.2, constant=0.47)
    assert expression not in [each.fields.get("with") for each in proposals_for(task, seen)]


def test_a_model_with_one_output_is_measured_on_both_sides_of_a_limit():
    loop = LOOP.replace("cross_entropy(model(X), y.long())", "binary_cross_entropy(model(X), y)")
    task = task_of(loop, given=GIVEN + "\ntest_loader = [(X, y)]")
    assert "binary_accuracy_on(model, test_loader, 0.5)" in [
        each.expression for each in measures_of(task, "model")
    ]


def test_batches_of_a_data_set_become_all_of_its_rows():
    loop = LOOP.replace(
        "range(100):", "range(9):\n      for a, b in DataLoader(TensorDataset(X, y), 4):"
    ).replace("model(X), y.long()", "model(a), b.long()")
    task = task_of(loop.replace("\n        ", "\n          "), given=GIVEN)
    assert "nn.functional.cross_entropy(model(X), y.long())" in [
        each.expression for each in measures_of(task, "model")
    ]


def test_data_that_the_words_name_by_chance_is_written_out():
    answer = "bias = 0.8\nwant = X.sum(1) + bias\n" + dedent(LOOP).replace(
        "cross_entropy(model(X), y.long())", "mse_loss(model(X), want)"
    )
    task = task_of(answer, given=GIVEN, words="Use weight and bias as you want.")
    losses = [each.expression for each in measures_of(task, "model")]
    assert "nn.functional.mse_loss(model(X), X.sum(1) + 0.8)" in losses


def test_losses_that_the_words_ask_for_are_a_series():
    loop = (
        "losses = []\n" + LOOP.replace("\n    ", "\n").strip() + "\n    losses.append(loss.item())"
    )
    task = task_of(loop, given=GIVEN, words="Keep the losses of each epoch.")
    falling = tensor(4, 3, 2, 1.5, 1).model_copy(update={"origin": "list", "dtype": "list"})
    other = tensor(4, 3, 2, 1.5, 1.1).model_copy(update={"origin": "list", "dtype": "list"})
    seen = observed(task, {"losses": falling}, other_seed={"losses": other})
    first = proposals_for(task, seen)[0]
    assert ("series", {"band": 0.15}) == (first.check, first.fields["series"])


def test_data_that_the_words_speak_of_comes_before_that_of_the_training():
    words = "Train `model`. Reach an accuracy of 90 % on the test data."
    task = task_of(LOOP, given=GIVEN, words=words)
    first = proposals_for(task, measured(task, trained=0.96, untrained=0.5))[0]
    assert "accuracy_of(model, X_test, y_test)" == first.fields["with"]


def test_given_data_comes_before_data_that_an_answer_makes():
    own = LOOP.replace("    model", "    own_test = X[:5]\n    own_labels = y[:5]\n    model", 1)
    after = "acc = (model(own_test).argmax(1) == own_labels).float().mean()"
    words = "Split off `own_test` and `own_labels`. Reach 90 % on the test data."
    task = task_of(own, given=GIVEN, words=words, after=after)
    first = proposals_for(task, measured(task, trained=0.96, untrained=0.5))[0]
    assert "own_test" not in str(first.fields["with"])
