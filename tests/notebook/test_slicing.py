"""The cells behind an answer: now and then one too many, never one too few."""

from __future__ import annotations

import pytest

from grader.notebook.cell_names import ALL_EFFECTS
from grader.notebook.slicing import cells_behind


def behind(*sources: str, wanted: int | None = None) -> list[int]:
    """The cells behind one of some cells, the last if nothing is said."""
    return cells_behind(list(enumerate(sources)), [len(sources) - 1 if wanted is None else wanted])


NETWORK = "net = resnet18()\nout = net(image)"


def test_a_cell_that_reads_nothing_stands_alone():
    assert [2] == behind("a = 1", "b = 2", "c = 3")


def test_a_cell_that_binds_a_name_is_needed():
    assert [0, 2] == behind("x = 1", "b = 2", "y = x")


def test_what_the_needed_cells_read_is_needed_too():
    assert [0, 1, 3] == behind("x = 1", "y = x", "b = 2", "z = y")


def test_the_network_is_left_out():
    assert [0, 2] == behind("x = arange(4)\nw = ones(1)", NETWORK, "J = (x * w).sum()")


@pytest.mark.parametrize(
    "binding",
    [
        "x = 1",
        "x: int = 1",
        "a, (c, *x) = f()",
        "a = x = 1",
        "class x: pass",
        "import x",
        "from z import y as x",
    ],
)
def test_what_a_cell_binds_anew_before_it_reads_it_needs_no_other(binding):
    assert [1] == behind("x = 1", f"{binding}\ny = x")


@pytest.mark.parametrize(
    "cell",
    [
        "y = x\nx = 2",
        "x = x + 1",
        "x += 1",
        "x.data = 1\ny = x",
        "x[0] = 1\ny = x",
        "x: int\ny = x",
        "if now: x = 2\ny = x",
        "for x in []: pass\ny = x",
        "try: x = f()\nexcept ValueError: pass\ny = x",
        "with f() as g: x = 2\ny = x",
        "lambda: x\nx = 2",
        "def x(): return x",
    ],
)
def test_what_a_cell_may_read_as_it_was_is_needed(cell):
    assert [0, 1] == behind("x = 1", cell)


def test_a_function_reads_what_others_bind_though_its_own_cell_binds_it_too():
    assert [0, 1, 2] == behind("w = 1\ndef f(): return w", "w = 2", "w = 3\ny = f()")


def test_cells_behind_the_last_wanted_one_are_left_out():
    assert [0, 1] == behind("x = 1", "y = x", "x = 2", wanted=1)


def test_nothing_wanted_needs_nothing():
    assert [] == cells_behind([(0, "a = 1")], [])


@pytest.mark.parametrize("odd", [-1, 7, 10**9])
def test_a_cell_that_did_not_run_is_passed_over(odd):
    assert [0] == cells_behind([(0, "a = 1")], [0, odd])
    assert [] == cells_behind([(0, "a = 1")], [odd])


def test_indices_are_the_notebooks_own():
    assert [4, 9] == cells_behind([(4, "x = 1"), (6, "b = 1"), (9, "y = x")], [9])


@pytest.mark.parametrize(
    "binding",
    [
        "x = 1",
        "x: int = 1",
        "a, (c, *x) = f()",
        "for x in range(3): pass",
        "with f() as x: pass",
        "if (x := 1): pass",
        "def x(): pass",
        "async def x(): pass",
        "class x: pass",
        "import x",
        "import x.y",
        "import z as x",
        "from z import x",
        "from z import y as x",
        "from z import *",
        "del x",
        "def f():\n    global x\n    x = 1",
        "x.data = 1",
        "x[0] = 1",
        "x.grad.data[0] -= 1",
        "x += 1",
        "exec('x = 1')",
        "globals()['x'] = 1",
        "get_ipython().run_line_magic('time', 'x = 1')",
        "%time x = 1",
        "x = !ls",
        "!echo 1 > file",
        "%%time\nx = 1",
        "this is (no python",
    ],
)
def test_however_a_name_is_bound_its_cell_is_needed(binding):
    assert [0, 2] == behind(binding, "b = 2", "y = x")


@pytest.mark.parametrize(
    "change",
    [
        "x.sub_(1)",
        "x.data.sub_(1)",
        "x.grad.zero_()",
        "update(x)",
        "update([x])",
        "update(*[x])",
        "update(**{'a': x})",
        "update(a=x)",
        "print(update(x))",
        "_ = update(x)",
        "torch.autograd.backward([x.sum()])",
        "with no_grad(): x -= 1",
        "[v.sub_(1) for v in x]",
        "for v in x: v -= 1",
        "while x.step(): pass",
        "lambda: 0\nx()",
    ],
)
def test_however_an_object_is_changed_in_place_its_cell_is_needed(change):
    assert [0, 2] == behind(change, "b = 2", "y = x")


def test_an_optimizers_step_changes_the_parameters_it_was_given():
    cells = [
        "w = ones(1)",
        "opt = SGD([w], lr=0.1)",
        "J = (w * 2).sum()",
        "J.backward()",
        "opt.step()",
        "new = w * 2",
    ]
    assert [0, 1, 2, 3, 4, 5] == behind(*cells)


def test_a_backward_changes_the_gradient_of_what_the_loss_was_made_of():
    assert [0, 1, 2, 3] == behind(
        "w = ones(1)", "J = (w * 2).sum()", "J.backward()", "step = w.grad"
    )


def test_an_object_changed_under_another_name_is_changed():
    assert [0, 1, 2, 3] == behind("w = ones(1)", "v = w", "v.sub_(1)", "y = w")


def test_an_object_changed_through_a_list_is_changed():
    assert [0, 1, 2, 3] == behind(
        "w = ones(1)", "parts = []\nparts.append(w)", "parts[0].sub_(1)", "y = w"
    )


def test_a_function_needs_what_is_bound_after_it_was_defined():
    assert [0, 1, 2] == behind("def loss(): return (x * w).sum()", "x = 1\nw = 2", "y = loss()")


def test_a_functions_call_changes_what_the_function_names():
    assert [0, 1, 2, 3] == behind("w = ones(1)", "def step(): w.sub_(1)", "step()", "y = w")


def test_a_methods_call_changes_what_the_class_names():
    cells = [
        "w = ones(1)",
        "class Model:\n    def step(self): w.sub_(1)",
        "m = Model()",
        "m.step()",
        "y = w",
    ]
    assert [0, 1, 2, 3, 4] == behind(*cells)


def test_defining_a_function_changes_nothing():
    assert [1, 2] == behind("def draw():\n    out = net(image)\n    return out", "x = 1", "y = x")


def test_a_patched_library_is_patched():
    assert [0, 1, 2] == behind(
        "import torch", "torch.Tensor.twice = f", "y = torch.ones(1).twice()"
    )


@pytest.mark.parametrize("name", ["F", "models", "sum", "input", "nn"])
def test_a_name_that_others_import_may_be_the_students_own(name):
    assert [0, 2] == behind(f"{name} = x * 2", "b = 2", f"y = {name} + 1")


@pytest.mark.parametrize(
    "call",
    [
        "torch.manual_seed(0)",
        "manual_seed(0)",
        "np.random.seed(0)",
        "seed_everything(0)",
        "torch.set_default_dtype(torch.float64)",
        "torch.use_deterministic_algorithms(True)",
        "torch.save(w, 'w.pt')",
        "open('data.txt', 'w').write('1')",
        "os.chdir('data')",
        "os.makedirs('out', exist_ok=True)",
        "os.remove('iris.csv')",
        "os.system('mkdir data')",
        "shutil.copy('iris.csv', 'data.csv')",
        "subprocess.run(['cp', 'iris.csv', 'data.csv'])",
        "urllib.request.urlretrieve(URL, 'data.csv')",
        "gdown.download(URL, 'data.csv')",
        "table.to_csv('data.csv')",
        "archive.extractall()",
        "Path('out').mkdir()",
        "warnings.simplefilter('error')",
    ],
)
def test_what_changes_a_library_or_a_file_is_always_needed(call):
    assert [0, 2] == behind(call, "b = 2", "y = 1")


@pytest.mark.parametrize(
    ("source", "effect"),
    [
        ("torch.manual_seed(0)", "library"),
        ("np.random.seed(0)", "library"),
        ("torch.set_printoptions(precision=2)", "library"),
        ("%matplotlib inline", "library"),
        ("%%time\nb = 2", "library"),
        ("torch.save(w, 'w.pt')", "file"),
        ("subprocess.run(['ls'])", "file"),
        ("from tools import *", "anything"),
        ("exec(code)", "anything"),
        ("%run tools.py", "anything"),
        ("!ls", "anything"),
    ],
)
def test_a_cell_may_be_needed_for_one_effect_alone(source, effect):
    order = list(enumerate([source, "y = 1"]))
    others = ALL_EFFECTS - {effect}
    assert [0, 1] == cells_behind(order, [1], effects=frozenset({effect}))
    assert [1] == cells_behind(order, [1], effects=others)


@pytest.mark.parametrize(
    "install", ["!pip install torch", "%pip install torch", "pip install torch"]
)
def test_a_cell_is_not_needed_for_its_install(install):
    assert [1] == behind(f"{install}\nnet = 1", "y = 2")


@pytest.mark.parametrize(
    "install", ["!pip install torch", "%pip install torch", "pip install torch"]
)
def test_a_cell_with_an_install_is_needed_for_the_rest(install):
    assert [0, 1] == behind(f"{install}\nx = 1", "y = x")


def test_a_cell_that_does_not_parse_is_always_needed():
    assert [0, 1] == behind("pip install torchviz", "y = 1")


@pytest.mark.parametrize("source", ["", "   \n", "# a comment", "# one\n\n  # two"])
def test_a_cell_without_code_is_not(source):
    assert [1] == behind(source, "y = 1")


def test_showing_a_value_changes_nothing():
    assert [0, 2] == behind("x = 1", "print(x, float(x), len(x))", "y = x")


def test_modules_join_nothing():
    sources = [
        "import torch",
        "image = torch.randn(3)\nnet = torch.relu(image)",
        "x = torch.arange(4)",
    ]
    assert [0, 2] == behind(*sources)


# A cell that ran twice


def test_a_cell_that_ran_twice_stands_once_among_the_needed():
    assert [0, 1] == cells_behind([(0, "y = x"), (1, "x = 1"), (0, "y = x")], [0])


def test_a_cell_that_ran_twice_needs_what_came_between():
    assert [0, 1, 2] == cells_behind(
        [(0, "y = x"), (1, "x = a"), (2, "a = 1"), (1, "x = a"), (0, "y = x")], [0]
    )


# What a student may write


@pytest.mark.parametrize(
    "source", ["\0", "(" * 1_000, "-" * 50_000 + "1", "f(" * 90 + ")" * 90, "\ud800", "x" * 10**5]
)
def test_odd_sources_are_sliced(source):
    assert 1 in behind(source, "y = 1")


def test_thousands_of_names_joined_in_a_row_are_sliced():
    chain = "\n".join(f"a{count + 1} = f(a{count})" for count in range(5_000))
    assert [0, 1] == behind(chain, "y = a7")


def test_thousands_of_cells_are_sliced():
    cells = [f"a{count + 1} = f(a{count})" for count in range(3_000)]
    assert 3_000 == len(behind(*cells))
