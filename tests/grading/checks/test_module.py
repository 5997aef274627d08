"""What the check `module` says of networks: measured in this process, then decided."""

from __future__ import annotations

from functools import cache

import pytest

from grader.assignment import Exercise
from grader.grading.checks.outcome import Outcome
from grader.grading.expectation import Expectation
from tests.support.networks import CNN, decided, expected, network
from tests.support.sampling import half

WHOLE = network(contains=("Dropout",), gradients=True)


@cache
def reference(exercise: str, *cells: str) -> Expectation:
    return expected(Exercise.model_validate_json(exercise), *cells)


def outcome(*cells: str, exercise: Exercise = WHOLE, solved: tuple[str, ...] = (CNN,)) -> Outcome:
    right = reference(exercise.model_dump_json(by_alias=True), *solved)
    return decided(exercise, right, *cells)


def changed(*edits: tuple[str, str], source: str = CNN) -> str:
    for old, new in edits:
        assert old in source
        source = source.replace(old, new)
    return source


def told(outcome: Outcome) -> str:
    return outcome.message.id


# Right networks, written in many ways

SEQUENTIAL = """
class Net(nn.Module):
    def __init__(self, h):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(1, 4, 3, padding="same"), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(64, h), nn.ReLU(), nn.Dropout(), nn.Linear(h, 10),
        )

    def forward(self, x):
        return self.net(x)
"""
OTHER_ORDER = """
class Net(nn.Module):
    def __init__(self, units=5):
        super().__init__()
        self.last = nn.Linear(units, 10)
        self.hidden = nn.Linear(64, units)
        self.norm = nn.BatchNorm2d(4)
        self.conv = nn.Conv2d(1, 4, 3, 1, 1)

    def forward(self, images):
        maps = torch.relu(F.max_pool2d(self.norm(self.conv(images)), 2))
        units = self.hidden(maps.view(-1, 64)).clamp(min=0)
        return self.last(F.dropout(units, 0.5, training=self.training))
"""
OWN_WEIGHTS = changed(
    ("self.fc1 = nn.Linear(64, hidden)", "self.b = nn.Parameter(torch.zeros(hidden))"),
    ("self.conv =", "self.w = nn.Parameter(torch.randn(64, hidden))\n        self.conv ="),
    ("self.fc1(x)", "x @ self.w + self.b"),
)
TURNED_WEIGHTS = changed(
    ("self.fc2 = nn.Linear(hidden, 10)", "self.w = nn.Parameter(torch.randn(10, hidden))"),
    ("self.drop =", "self.b = nn.Parameter(torch.zeros(10))\n        self.drop ="),
    ("self.fc2(x)", "x @ self.w.T + self.b"),
)
LAZY = """
class Net(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.conv, self.norm = nn.LazyConv2d(4, 3, padding=1), nn.LazyBatchNorm2d()
        self.fc1, self.fc2 = nn.LazyLinear(hidden), nn.LazyLinear(10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.norm(self.conv(x))), 2).flatten(1)
        return self.fc2(F.dropout(F.relu(self.fc1(x)), training=self.training))
"""
LISTED = changed(
    ("self.fc1 = nn.Linear(64, hidden)", "self.layers = nn.ModuleList([nn.Linear(64, hidden)])"),
    ("self.fc1(x)", "self.layers[0](x)"),
)
TRAINED = """
net = Net(12)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for _ in range(3):
    optimizer.zero_grad()
    net(torch.randn(8, 1, 8, 8)).sum().backward()
    optimizer.step()
"""
KEEPS_ITS_OUTPUT = changed(
    ("return self.fc2(x)", "self.seen = self.fc2(x)\n        return self.seen")
)
RIGHT = {
    "the same": (CNN,),
    "a Sequential": (SEQUENTIAL,),
    "defined in another order": (OTHER_ORDER,),
    "weights of its own": (OWN_WEIGHTS,),
    "weights of its own, turned": (TURNED_WEIGHTS,),
    "layers that learn their sizes": (LAZY,),
    "a ModuleList": (LISTED,),
    "the class has another name": (changed(("Net(", "Model(")),),
    "the class and an instance have another name": (changed(("Net(", "Model(")), "m = Model(12)"),
    "an object under the name": (changed(("Net(", "Model(")), "Net = Model(12)"),
    "a trained object under the name": (changed(), TRAINED, "Net = net"),
    "an object that cannot be copied": (KEEPS_ITS_OUTPUT, TRAINED, "Net = net"),
    "a function that makes it": (changed(("Net(", "M(")), "def Net(hidden):\n    return M(hidden)"),
    "sizes in the class": (
        changed(("self, hidden=16", "self"), ("hidden)", "12)"), ("hidden,", "12,")),
    ),
    "in double precision": ("torch.set_default_dtype(torch.float64)", CNN, "Net = Net(12)"),
    "with a block of its own": (
        """
        class Block(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv, self.norm = nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4)

            def forward(self, x):
                return F.max_pool2d(self.norm(self.conv(x)).relu(), 2)
        """,
        changed(
            ("self.conv = nn.Conv2d(1, 4, 3, padding=1)", "self.block = Block()"),
            ("        self.norm = nn.BatchNorm2d(4)\n", ""),
            ("self.pool(F.relu(self.norm(self.conv(x))))", "self.block(x)"),
            ("Net(", "Model("),
        ),
    ),
    "its own eval": (CNN + "\n    def eval(self, loader):\n        return len(loader)",),
}


@pytest.mark.parametrize("name", half(tuple(RIGHT), "right networks"))
def test_a_right_network_earns_all_however_it_is_written(name):
    decision = outcome(*RIGHT[name])
    assert ("passed", 1.0) == (decision.status, decision.credit), decision.message


# Wrong ones, and what is said of them

LINEAR = """
class Net(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.fc = nn.Linear(64, 10)

    def forward(self, x):
        return self.fc(x.flatten(1))
"""
PLAIN_LIST = """
class Net(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.layers = [
            nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(64, hidden), nn.ReLU(), nn.Dropout(), nn.Linear(hidden, 10),
        ]

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x
"""
LAST = "return self.fc2(x)"
WRONG = {
    "softmax at the end": (
        changed((LAST, "return self.fc2(x).softmax(1)")),
        "extra-last",
        "softmax",
    ),
    "log-softmax at the end": (
        changed((LAST, "return F.log_softmax(self.fc2(x), 1)")),
        "extra-last",
        "log-softmax",
    ),
    "ReLU after the last layer": (
        changed((LAST, "return F.relu(self.fc2(x))")),
        "extra-last",
        "ReLU",
    ),
    "no ReLU": (changed(("F.relu(self.fc1(x))", "self.fc1(x)")), "lacks", "ReLU"),
    "sigmoid for ReLU": (
        changed(("F.relu(self.fc1(x))", "torch.sigmoid(self.fc1(x))")),
        "instead",
        "sigmoid",
    ),
    "a linear model": (LINEAR, "lacks", "conv, batch norm, ReLU, max pooling, linear"),
    "another order": (
        changed(("F.relu(self.norm(self.conv(x)))", "self.norm(F.relu(self.conv(x)))")),
        "order",
        "conv, ReLU, batch norm, max pooling, linear, ReLU, linear",
    ),
    "another hidden size": (
        changed(("64, hidden", "64, 20"), ("hidden, 10", "20, 10")),
        "layers",
        "Linear(10×20, 10), Linear(20×64, 20)",
    ),
    "no bias": (changed(("hidden, 10", "hidden, 10, bias=False")), "layers", "Linear(10×12)"),
    "another padding mode": (
        changed(("padding=1", "padding=1, padding_mode='reflect'")),
        "output",
        None,
    ),
    "another slope": (
        changed(("F.relu(self.fc1(x))", "F.leaky_relu(self.fc1(x))")),
        "instead",
        "leaky ReLU",
    ),
    "nothing flattened": (changed(("        x = x.flatten(1)\n", "")), "raises-unflattened", None),
    "for images in colour": (changed(("nn.Conv2d(1, 4", "nn.Conv2d(3, 4")), "raises", None),
    "a dropout that is not used": (
        changed(("self.drop(F.relu(self.fc1(x)))", "F.relu(self.fc1(x))")),
        "contains",
        "Dropout",
    ),
    "a tuple": (changed((LAST, "return self.fc2(x), x")), "gives-several", "tuple"),
    "nothing returned": (changed((LAST, "self.fc2(x)")), "gives-nothing", None),
    "no forward": (changed(("def forward", "def foward")), "no-forward", None),
    "a forward within __init__": (
        CNN.replace("    def forward", "        def forward")
        .replace("\n        x", "\n            x")
        .replace("        return", "            return"),
        "no-forward",
        None,
    ),
    "no super": (changed(("        super().__init__()\n", "")), "no-super", None),
    "a plain list": (PLAIN_LIST, "unregistered", None),
    "one axis more": (changed((LAST, "return self.fc2(x).unsqueeze(-1)")), "shape", None),
    "nine classes": (changed(("hidden, 10", "hidden, 9")), "shape", None),
    "an error in __init__": (
        changed(("self.pool =", "1 / 0\n        self.pool =")),
        "not-made",
        None,
    ),
    "other arguments": (changed(("hidden=16", "a, b, c")), "not-made", None),
    "a layer that is not there": (changed(("self.drop(", "self.dropout(")), "raises", None),
    "no gradient": (
        changed(("x = self.drop", "x = x.detach()\n        x = self.drop")),
        "gradients",
        None,
    ),
    "no network": ("class Net:\n    pass", None, None),
}


@pytest.mark.parametrize(("source", "reason", "what"), WRONG.values(), ids=WRONG)
def test_a_wrong_network_loses_points_and_is_told_why(source, reason, what):
    decision = outcome(source)
    assert decision.credit < 1
    if reason is None:
        assert "probe.missing" == told(decision)
        return
    assert f"module.{reason}" == told(decision), decision.message
    if what is not None:
        assert what == decision.message.params["what"]


# Networks of other kinds

RECURRENT = """
class Tagger(nn.Module):
    def __init__(self, words, size):
        super().__init__()
        self.embedding = nn.Embedding(words, size)
        self.lstm = nn.LSTM(size, 6, num_layers=2, batch_first=True, bidirectional=True)
        self.out = nn.Linear(12, 3)

    def forward(self, tokens):
        states, _ = self.lstm(self.embedding(tokens))
        return self.out(states[:, -1])
"""
TAGGER = network(
    module="Tagger", make="20, 4", inputs=("torch.randint(0, 20, (3, 5))",), contains=("LSTM",)
)
AUTOENCODER = """
class Auto(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.Linear(6, 2)
        self.up = nn.Linear(2, 6)

    def encode(self, x):
        return torch.tanh(self.down(x))

    def decode(self, z):
        return self.up(z)

    def forward(self, x):
        return self.decode(self.encode(x))
"""
AUTO = network(
    module="Auto",
    make="",
    inputs=("torch.randn(3, 6)",),
    methods=("encode(torch.ones(1, 6))", "decode(torch.randn(2, 2))"),
)
SAMPLING = """
class Sampler(nn.Module):
    def __init__(self):
        super().__init__()
        self.mean, self.spread = nn.Linear(4, 2), nn.Linear(4, 2)

    def forward(self, x):
        mean, spread = self.mean(x), self.spread(x)
        return mean + torch.randn_like(mean) * torch.exp(spread / 2), mean, spread
"""
SAMPLER = network(module="Sampler", make="", inputs=("torch.randn(3, 4)",))
TWO_INPUTS = """
class Pair(nn.Module):
    def __init__(self):
        super().__init__()
        self.left, self.right = nn.Linear(4, 3), nn.Linear(4, 3)

    def forward(self, a, b, scale=1.0):
        return scale * (self.left(a) * self.right(b)).sum(1)
"""
PAIR = network(module="Pair", make="", inputs=("torch.randn(3, 4), torch.randn(3, 4), scale=2",))
CELLS = """
class Counter(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.w_in, self.w_state = nn.Linear(2, size), nn.Linear(size, size, bias=False)
        self.state = None

    def forward(self, x):
        state = torch.zeros(x.shape[1], self.w_state.in_features)
        for step in x:
            state = torch.tanh(self.w_in(step) + self.w_state(state))
        return state
"""
COUNTER = network(module="Counter", make="4", inputs=("torch.randn(5, 2, 2)",))
KINDS = {
    "recurrent": (
        TAGGER,
        RECURRENT,
        RECURRENT.replace("self.out(states[:, -1])", "self.out(states.mean(1))"),
    ),
    "methods": (AUTO, AUTOENCODER, AUTOENCODER.replace("torch.tanh", "torch.sigmoid")),
    "random numbers in forward": (SAMPLER, SAMPLING, SAMPLING.replace("spread / 2", "spread")),
    "two inputs": (PAIR, TWO_INPUTS, TWO_INPUTS.replace(".sum(1)", ".mean(1)")),
    "a loop over time": (COUNTER, CELLS, CELLS.replace("torch.tanh", "torch.relu")),
}


@pytest.mark.parametrize(("exercise", "right", "wrong"), KINDS.values(), ids=KINDS)
def test_networks_of_any_kind_are_compared(exercise, right, wrong):
    assert "passed" == outcome(right, exercise=exercise, solved=(right,)).status
    assert outcome(wrong, exercise=exercise, solved=(right,)).credit < 1


def test_a_state_that_a_network_keeps_does_not_count_where_none_is_asked_for():
    keeps = CELLS.replace(
        "        return state", "        self.state = state\n        return state"
    )
    decision = outcome(keeps, exercise=COUNTER, solved=(CELLS,))
    assert "passed" == decision.status


def test_a_method_that_is_not_there_costs_its_share_alone():
    renamed = AUTOENCODER.replace("encode", "code_of")
    decision = outcome(renamed, exercise=AUTO, solved=(AUTOENCODER,))
    assert ("partial", "module.raises", 5) == (
        decision.status,
        told(decision),
        decision.message.params["right"],
    )


def test_weights_that_cannot_be_given_over_are_left_to_a_person():
    einsum = OWN_WEIGHTS.replace("x @ self.w", "torch.einsum('bi,io->bo', x, self.w)")
    decision = outcome(einsum)
    assert ("pending", "module.undecided") == (decision.status, told(decision))
    assert ["unverified"] == [flag.id for flag in decision.flags]


LINE = """
class Line(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.randn(1))
        self.b = nn.Parameter(torch.randn(1))

    def forward(self, x):
        return self.w * x + self.b
"""
LAYER = """
class Line(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(1, 1)

    def forward(self, x):
        return self.layer(x)
"""


@pytest.mark.parametrize(("own", "solved"), [(LAYER, LINE), (LINE, LAYER)])
def test_a_layer_in_place_of_single_numbers_is_left_to_a_person(own, solved):
    line = network(module="Line", make="", inputs=("torch.randn(4, 1)",))
    assert "module.undecided" == told(outcome(own, exercise=line, solved=(solved,)))


def test_two_weights_of_one_shape_that_are_used_in_another_order_are_left_to_a_person():
    line = network(module="Line", make="", inputs=("torch.randn(4, 1)",))
    turned = LINE.replace("self.w * x + self.b", "torch.addcmul(self.b, self.w, x)")
    assert turned != LINE
    assert "module.undecided" == told(outcome(turned, exercise=line, solved=(LINE,)))


def test_weights_that_cannot_be_given_over_excuse_no_missing_activation():
    einsum = OWN_WEIGHTS.replace("F.relu(x @ self.w", "(torch.einsum('bi,io->bo', x, self.w)")
    assert "module.lacks" == told(outcome(einsum))


# Which network is meant


def test_two_networks_of_other_names_are_left_to_a_person_where_they_differ():
    one = changed(("Net(", "One("))
    other = changed(("Net(", "Other("), (LAST, "return self.fc2(x).softmax(1)"))
    assert "probe.several" == told(outcome(one, other))


def test_a_network_of_another_size_and_name_is_the_one_if_its_output_fits():
    other = changed(("Net(", "Other("), ("64, hidden", "64, 20"), ("hidden, 10", "20, 10"))
    assert "module.layers" == told(outcome(other))


def test_a_notebook_without_a_network_is_told_the_name():
    decision = outcome("x = torch.ones(3)")
    assert ("missing", "probe.missing", "Net") == (
        decision.status,
        told(decision),
        decision.message.params["name"],
    )


# What a class may do to its measures

HOSTILE = {
    "parameters": "def parameters(self, recurse=True):\n        return iter([torch.zeros(958)])",
    "state_dict": "def state_dict(self, *args, **kwargs):\n        raise SystemExit",
    "__getattr__": "def __getattr__(self, name):\n        return super().__getattr__(name)",
    "__deepcopy__": "def __deepcopy__(self, memo):\n        raise RuntimeError",
    "train": "def train(self, mode=True):\n        raise RuntimeError",
    "__eq__": "def __eq__(self, other):\n        return True\n    __hash__ = nn.Module.__hash__",
}


SMALLER = changed(("hidden, 10", "hidden, 9"))


@cache
def credit_without_tricks() -> float:
    return outcome(SMALLER).credit


@pytest.mark.parametrize("name", half(tuple(HOSTILE), "hostile networks"))
def test_a_class_cannot_change_how_it_is_measured(name):
    method = HOSTILE[name]
    assert credit_without_tricks() == outcome(f"{SMALLER}\n    {method}").credit
    assert "passed" == outcome(f"{CNN}\n    {method}").status


def test_a_parameter_class_of_ones_own_does_not_count_itself():
    mine = """
    class Mine(nn.Parameter):
        def numel(self):
            return 0
    """
    source = changed(("super().__init__()", "super().__init__(); self.extra = Mine(torch.ones(7))"))
    decision = outcome(mine, source.replace(LAST, "return self.fc2(x) + 0.1"))
    assert "965" == decision.message.params["found"]
