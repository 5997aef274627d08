"""Ask a notebook what its exercises are decided by; this comes in once the cells have run."""

import torch
from torch import nn

BATCH_SIZES = (8, 10, 16, 20, 25, 32, 40, 50, 64, 100, 128)


def rows(points):
    """Return the points as a set of pairs."""
    return {tuple(row) for row in torch.as_tensor(points).detach().cpu().double().tolist()}


def no_point_in_both(x_train, x_test):
    """Tell whether no point is for training and for testing."""
    return rows(x_train).isdisjoint(rows(x_test))


def each_has_its_moon(some_x, some_y, x, y):
    """Tell whether points are some of those handed out, each with its own label."""
    moons = dict(zip(map(tuple, x.double().tolist()), y.tolist(), strict=True))
    points = torch.as_tensor(some_x).cpu().double().tolist()
    labels = torch.as_tensor(some_y).cpu().flatten().tolist()
    known = [moons.get(tuple(point)) for point in points]
    return len(labels) > 0 and known == labels


def points_in(loader):
    """Return the points of all batches, in their order."""
    batches = []
    for batch in loader:
        parts = list(batch.values()) if isinstance(batch, dict) else batch
        points = parts[0] if isinstance(parts, (tuple, list)) else parts
        batches.append(torch.as_tensor(points).cpu())
    return torch.cat(batches)


def another_order_each_time(loader):
    """Tell whether a second pass gives the points in another order."""
    return not torch.equal(points_in(loader), points_in(loader))


def gives_no_point_of(loader, some_x):
    """Tell whether none of some points is in a batch."""
    return rows(points_in(loader)).isdisjoint(rows(some_x))


def is_for_parameters_of(optimizer, model):
    """Tell whether an optimizer steps the parameters of a model, all of them and no others."""
    stepped = {id(each) for group in optimizer.param_groups for each in group["params"]}
    return stepped == {id(each) for each in model.parameters()}


def falls(losses):
    """Tell whether losses end below two thirds of the first, and near the lowest of all."""
    numbers = [float(loss) for loss in losses]
    fall = numbers[0] - min(numbers)
    return numbers[-1] < numbers[0] * 2 / 3 and numbers[-1] - min(numbers) <= fall / 3


def scores_of(model, some_x):
    """Return what a model gives in eval mode; its modes stay as they are."""
    modes = [(each, each.training) for each in model.modules()]
    first = next(model.parameters())
    model.eval()
    try:
        with torch.no_grad():
            return model(some_x.to(first.device, first.dtype)).cpu()
    finally:
        for each, training in modes:
            each.training = training


def is_near_a_mean(number, values):
    """Tell whether a number is the mean of some values, or the mean of the means of batches."""
    numbers = values.double().flatten()
    means = [numbers.mean()]
    for size in BATCH_SIZES:
        batch_means = [batch.mean() for batch in numbers.split(size)]
        means.append(torch.stack(batch_means).mean())
    return any(abs(float(number) - float(mean)) < 1e-3 for mean in means)


def is_accuracy_of(model, number, some_x, some_y):
    """Tell whether a number is the accuracy of a model on some points."""
    scores = scores_of(model, some_x)
    return is_near_a_mean(number, scores.argmax(1) == some_y.cpu().flatten())


def is_loss_of(model, number, some_x, some_y):
    """Tell whether a number is the mean loss of a model on some points."""
    scores = scores_of(model, some_x)
    labels = some_y.cpu().flatten().long()
    return is_near_a_mean(number, nn.functional.cross_entropy(scores, labels, reduction="none"))


def accuracy_on_held_out_points(model):
    """Return the share of the held-out points that a model gets right."""
    lines = (DATA / "points.csv").read_text().splitlines()[1:]  # noqa: F821 - the grader lays it in
    table = torch.tensor([[float(number) for number in line.split(",")] for line in lines])
    return (model(table[:, :2]).argmax(1) == table[:, 2]).float().mean()
