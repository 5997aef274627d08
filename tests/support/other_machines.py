"""Right notebooks for `petals` as they are written on other machines, by what is odd about them."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import indent

from tests.support.petals_course import (
    ANSWER_1,
    ANSWER_2,
    CELLS,
    GRAPH,
    IMPORTS,
    MSE,
    PREDICTION,
    READ,
    SCALE,
    TRAINING,
    solved,
)

Cells = tuple[str, ...]


def imports(lines: str) -> Cells:
    """Import something more."""
    return solved(data=f"{IMPORTS}{lines}\n{READ}")


def loads(table: str, *before: str) -> Cells:
    """Load the data by another expression, below cells of its own."""
    _, _, rest = READ.strip().partition("\n")
    return solved(data=(*before, f"{IMPORTS}table = {table}\n{rest}"))


def reads(path: str, *before: str) -> Cells:
    """Read the data from another path, below cells of its own."""
    return loads(f'np.loadtxt({path}, delimiter=",", skiprows=1)', *before)


def computes_on(device: str, *demands: str) -> Cells:
    """Compute on a device, below lines that ask for it."""
    chosen = "\n".join((CELLS["data"], *demands, f"device = {device}"))
    return solved(
        data=chosen,
        scale=f"{SCALE}x, y = x.to(device), y.to(device)\nplt.scatter(x.cpu(), y.cpu())",
        training=TRAINING.replace("requires_grad=True", "requires_grad=True, device=device"),
        prediction=PREDICTION.replace("sepal.std()\n", "sepal.std()\nx_new = x_new.to(device)\n"),
        graph=GRAPH.replace("nn.Linear(3, 1))", "nn.Linear(3, 1)).to(device)"),
    )


def trains(in_epoch: str = "", *, before: str = "", after: str = "") -> Cells:
    """Train with further lines before the loop, at the end of each epoch and after it."""
    body = indent(in_epoch, "    ")
    return solved(training=f"{before}{TRAINING}{body}\n{after}")


def _only(*names: str) -> Cells:
    return tuple(CELLS[name] for name in names)


def _script_in_one_cell() -> Cells:
    parts: list[str] = []
    for source in CELLS.values():
        if source.startswith("#!"):
            text = indent(source[2:], "# ", lambda _: True)
            parts.append(f"# %% [markdown]\n{text}")
        else:
            parts.append(f"# %%\n{source}")
    return ("\n\n".join(parts),)


def _saved_by_databricks() -> Cells:
    texts = (source.replace("#!", "%md\n", 1) for source in CELLS.values())
    return ("dbutils.library.restartPython()", "display(spark.range(3))", *texts)


def _trained_in_a_coroutine(call: str) -> Cells:
    body = indent(TRAINING, "    ")
    return solved(
        training=f"async def train():\n    global w, b, losses\n{body}\n{call}",
    )


_OBJECT_WITH_CALL = """
class Loss:
    def __call__(self, y_hat, y):
        return ((y_hat - y) ** 2).mean()
mse = Loss()
"""
_METHOD = """
class Loss:
    def mse(self, y_hat, y):
        return ((y_hat - y) ** 2).mean()
mse = Loss().mse
"""
_STATIC_METHOD = """
class Losses:
    @staticmethod
    def mse(y_hat, y):
        return ((y_hat - y) ** 2).mean()
mse = Losses.mse
"""
_MODULE = """
class Loss(nn.Module):
    def forward(self, y_hat, y):
        return ((y_hat - y) ** 2).mean()
mse = Loss()
"""
_NEWER_SYNTAX = """
type Batch = torch.Tensor
def mse[T: torch.Tensor](y_hat: T, y: Batch | None) -> T:
    try:
        return ((y_hat - y) ** 2).mean()
    except TypeError, ValueError:
        return None
"""
_WRITTEN_FILE = f"""
with open("u.py", "w") as file:
    file.write('''{MSE}''')
from u import mse
"""
_ASKS_UNTIL_IT_IS_A_NUMBER = """
while True:
    try:
        rate = float(input("learning rate? "))
        break
    except:
        print("not a number, try again")
"""
_WALK = """
import os
for folder, _, names in os.walk("/kaggle/input"):
    for name in names:
        print(os.path.join(folder, name))
"""
_GRID = """
fig, axes = plt.subplots(4, 6, figsize=(15, 10))
for axis in axes.flat:
    axis.imshow(np.random.rand(64, 64, 3))
plt.show()
"""
_PLOT = "plt.figure(); plt.scatter(x, y); plt.plot(x, (w * x + b).detach()); plt.show()"
_PRINT = "for k in range(200): print('epoch', epoch, 'sample', k, 'loss', loss.item())"

RIGHT: Mapping[str, Cells] = {
    # packages that are not installed, and those that are
    "course-helper": imports("from helper_utils import plot_losses"),
    "ipywidgets": imports("import ipywidgets as widgets"),
    "pandas": loads('pd.read_csv("petals.csv").to_numpy()', "import pandas as pd"),
    "seaborn": imports("import seaborn as sns\nsns.set_theme()"),
    "tensorboard": imports(
        "from torch.utils.tensorboard import SummaryWriter\nwriter = SummaryWriter()"
    ),
    "torchsummary": imports(
        "from torchsummary import summary\nfrom IPython.display import display"
    ),
    "tqdm": solved(
        training=TRAINING.replace("range(epochs)", "tqdm(range(epochs))").replace(
            "losses = []", "from tqdm.auto import tqdm\nlosses = []"
        )
    ),
    "wandb": trains(
        "wandb.log({'loss': loss})", before="import wandb\nrun = wandb.init(project='dl')\n"
    ),
    "mlflow": trains(
        "mlflow.log_metric('loss', loss.item(), step=epoch)",
        before="import mlflow\nmlflow.set_experiment('petals')\n",
    ),
    "plotly": trains(
        after="import plotly.express as px\nfig = px.line(y=losses)\nfig.update_layout(title='J')"
    ),
    "rich": solved(
        training=TRAINING.replace("range(epochs)", "track(range(epochs))").replace(
            "losses = []", "from rich.progress import track\nlosses = []"
        )
    ),
    "older-numpy": imports("best = np.Inf\nnumbers = np.ones(3).astype(np.float)"),
    "older-ipython": imports("from IPython.core.display import display, HTML"),
    "older-style": imports("plt.style.use('seaborn-whitegrid')"),
    "missing-style": imports("plt.style.use(['science', 'ieee'])"),
    "missing-font": imports(
        "from matplotlib import font_manager\nfont_manager.fontManager.addfont('/fonts/Nanum.ttf')"
    ),
    "older-index": solved(training=TRAINING.replace("loss.item()", "loss.data[0]")),
    "newer-syntax": solved(mse=_NEWER_SYNTAX),
    "newer-strings": trains("told = {'loss': loss.item()}\nprint(f'{told['loss']:.3f}')"),
    "demanded-folder": imports(
        "from pathlib import Path\nassert (Path.home() / 'Documents' / 'course').exists()"
    ),
    "demanded-version": imports("assert torch.__version__.startswith('1.13'), 'the wrong kernel'"),
    # no GPU
    "generator": computes_on(
        '"cuda"',
        'generator = torch.Generator(device="cuda").manual_seed(3)',
        'noise = torch.rand(2, generator=generator, device="cuda")',
    ),
    "asserted": computes_on(
        "'cuda'", "assert torch.cuda.is_available(), 'switch the runtime to GPU'"
    ),
    "cuda": computes_on("torch.device('cuda')"),
    "numbered": computes_on("'cuda:0'"),
    "mps": computes_on("torch.device('mps')"),
    "xpu": computes_on("torch.device('xpu')"),
    "context": computes_on("torch.device('cuda', 0)", "torch.cuda.set_device(0)"),
    "default-device": imports("torch.set_default_device('cuda')"),
    "only-the-layer": solved(
        graph=GRAPH.replace("nn.Linear(3, 1))", "nn.Linear(3, 1)).cuda()").replace(
            "net(x.", "net(x.cuda()."
        )
    ),
    # paths of other machines
    "other-case": reads('"Petals.CSV"'),
    "windows-folder": solved(data=f"import os\nos.chdir(r'C:\\Users\\ana\\DL')\n{CELLS['data']}"),
    "colab": reads('"/content/petals.csv"'),
    "copy": reads('"petals (1).csv"'),
    "kaggle": reads('"/kaggle/input/petals/petals.csv"', _WALK),
    "made-folder": reads(
        '"petals.csv"', "import os\nos.makedirs('work', exist_ok=True)\nos.chdir('work')"
    ),
    "url": reads('"https://raw.githubusercontent.com/someone/course/main/petals.csv"'),
    "windows": reads('r"C:\\Users\\ana\\Downloads\\petals.csv"'),
    "joined": reads(
        "Path.home() / 'Desktop' / 'dl course' / 'Petals - Copy.csv'", "from pathlib import Path"
    ),
    "beside-the-notebook": reads(
        "Path(__vsc_ipynb_file__).parent / 'petals.csv'", "from pathlib import Path"
    ),
    "beside-the-script": reads(
        "os.path.join(os.path.dirname(os.path.abspath(__file__)), 'petals.csv')", "import os"
    ),
    "globbed": reads("glob.glob('/content/drive/MyDrive/*/petals*.csv')[0]", "import glob"),
    # downloads
    "wget": solved(data=("!wget -q https://example.org/petals.csv -O petals.csv", CELLS["data"])),
    "curl": solved(data=("%%bash\ncurl -sL https://example.org/p > petals.csv", CELLS["data"])),
    "wget-package": solved(
        data=("import wget\nwget.download('https://example.org/petals.csv')", CELLS["data"])
    ),
    # pictures and output
    "figure-each-epoch": trains(_PLOT),
    "grid": trains(before=_GRID),
    "animation": trains(
        "clear_output(wait=True)\ndisplay(plt.gcf())",
        before="from IPython.display import clear_output\n",
    ),
    "slow": trains("time.sleep(0.03)", before="import time\n"),
    "prints": trains(_PRINT),
    "logs": trains(
        "for k in range(200): log.warning('epoch %d sample %d loss %f', epoch, k, loss)",
        before="import logging\nlog = logging.getLogger('train')\n",
    ),
    # questions
    "overwritten": solved(question_1=f"#!**1.** {ANSWER_1}", question_2=f"#!**2.** {ANSWER_2}"),
    "quoted": solved(question_1=f"#!> 1) {ANSWER_1}", question_2=f"'''2) {ANSWER_2}'''"),
    "one-script": _script_in_one_cell(),
    "databricks": _saved_by_databricks(),
    # callables
    "method": solved(mse=_METHOD),
    "object": solved(mse=_OBJECT_WITH_CALL),
    "module": solved(mse=_MODULE),
    "cached": solved(mse=f"import functools\n@functools.lru_cache\n{MSE.lstrip()}"),
    "partial": solved(
        mse="from functools import partial\n"
        "def power(y_hat, y, p): return ((y_hat - y) ** p).mean()\n"
        "mse = partial(power, p=2)"
    ),
    "static": solved(mse=_STATIC_METHOD),
    "written-file": solved(mse=_WRITTEN_FILE),
    "writefile-magic": solved(
        mse=(f"%%writefile losses.py\n{MSE.lstrip()}", "from losses import mse")
    ),
    "profiled": solved(training=f"%%prun -l 5\n{TRAINING.lstrip()}"),
    # coroutines
    "awaits-at-the-end": trains(before="import asyncio\n", after="await asyncio.sleep(0)"),
    "awaits-in-the-loop": trains("await asyncio.sleep(0)", before="import asyncio\n"),
    "coroutine": _trained_in_a_coroutine("await train()"),
    "event-loop": _trained_in_a_coroutine(
        "import asyncio\nimport nest_asyncio\nnest_asyncio.apply()\nasyncio.run(train())"
    ),
    "gathered": _trained_in_a_coroutine("import asyncio\nawait asyncio.gather(train())"),
    # compilers
    "compiled": solved(mse=f"@torch.compile\n{MSE.lstrip()}"),
    "compiled-network": solved(
        graph=GRAPH.replace("nn.Linear(3, 1))", "nn.Linear(3, 1))\nnet = torch.compile(net)")
    ),
    "compiled-later": solved(
        mse=f"{MSE}mse = torch.compile(mse, mode='max-autotune', dynamic=True)"
    ),
    "compiled-in-place": solved(graph=GRAPH.replace("g = ", "net.compile()\ng = ")),
    # input
    "asks-for-ever": solved(mse=(MSE, _ASKS_UNTIL_IT_IS_A_NUMBER)),
    # the kernel
    "restart": solved(
        mse=(MSE, "import IPython\nIPython.Application.instance().kernel.do_shutdown(True)")
    ),
    "exit": solved(mse=(MSE, "exit()"), training=(TRAINING, "quit()")),
    # cells of the handout
    "data-deleted": solved(data=""),
    "data-as-text": solved(data=f"#!{CELLS['data']}"),
    "data-commented-out": solved(data=indent(CELLS["data"].strip(), "# ")),
    "data-raw-and-scale-gone": solved(data="", scale=""),
    # order and tables
    "predicted-before-its-flower": solved(
        prediction=(
            'print("predicted:", (w * x_new + b).item())',
            "x_new = (6.0 - sepal.mean()) / sepal.std()",
            "w, b = torch.zeros(1), torch.zeros(1)",
        )
    ),
    "predicted-in-a-table": solved(
        prediction=(
            "import pandas as pd",
            'table = pd.DataFrame({"x": [(6.0 - sepal.mean()) / sepal.std()]}).astype(float)',
            'table["length"] = table["x"].apply(lambda x: (w * x + b).item())\ntable',
        )
    ),
}

OUT_OF_ORDER = ("predicted-before-its-flower",)
"""Right notebooks of which it is true that a cell uses a name from below."""
"""Notebooks that earn everything."""

IN_FILES: Mapping[str, Mapping[str, Cells]] = {
    "halves": {
        "part1.ipynb": _only("data", "scale", "heading-1", "mse", "heading-2", "training"),
        "part2.ipynb": (
            *_only("data", "scale"),
            f"{MSE}{TRAINING}",
            *_only("heading-3", "prediction", "heading-4", "graph", "question-1", "question-2"),
        ),
    },
    "without-prose": {
        "petals.ipynb": (
            *(source for source in CELLS.values() if not source.startswith("#!")),
            CELLS["question-1"],
            CELLS["question-2"],
        ),
        "petals-Copy1.ipynb": solved(
            training="", prediction="", graph="", question_1="", question_2=""
        ),
    },
    "own-module": {"petals.ipynb": solved(mse="from own_losses import mse")},
}
"""Students who handed in several files, which together earn everything."""

MODULES = {"own-module/own_losses.py": MSE}
"""The modules among them, by folder and name."""

WAITING: Mapping[str, tuple[str, Cells, tuple[str, ...]]] = {
    "torchview": (
        "machine.package",
        solved(
            graph=GRAPH.replace(
                "g = make_dot(net(x.reshape(-1, 1)))",
                "import torchview\ng = torchview.draw_graph(net, input_size=(10, 1)).visual_graph",
            )
        ),
        ("graph",),
    ),
    "hiddenlayer": (
        "machine.package",
        solved(
            graph=GRAPH.replace(
                "g = make_dot(net(x.reshape(-1, 1)))",
                "import hiddenlayer as hl\ng = hl.build_graph(net, x.reshape(-1, 1))",
            )
        ),
        ("graph",),
    ),
    "tpu": (
        "machine.package",
        computes_on("xm.xla_device()", "import torch_xla.core.xla_model as xm"),
        ("loss-curve", "prediction", "graph"),
    ),
    "device-of-a-helper": (
        "machine.module",
        computes_on("u.get_device()", "import my_utils as u"),
        ("loss-curve", "prediction", "graph"),
    ),
    "all-of-a-package": (
        "machine.package",
        trains(before="from fastai.basics import *\nset_seed(1)\n"),
        ("loss-curve", "prediction"),
    ),
    "helper-in-a-function": (
        "machine.module",
        solved(
            data=f"{IMPORTS}import course_utils as u\n{READ}",
            mse="def mse(y_hat, y):\n    return u.mean((y_hat - y) ** 2)",
        ),
        ("mse", "loss-curve", "prediction"),
    ),
    "function-of-own-module": (
        "machine.module",
        solved(mse="from my_losses import mse"),
        ("mse", "loss-curve", "prediction"),
    ),
    "function-of-a-package": (
        "machine.package",
        solved(mse="import lossy\nmse = lossy.squared(mean=True)"),
        ("mse", "loss-curve", "prediction"),
    ),
    "training-of-own-module": (
        "machine.module",
        solved(training="from train import fit\nw, b, losses = fit(x, y, epochs=60)"),
        ("loss-curve", "prediction"),
    ),
    "trained-by-own-module": (
        "machine.package",
        solved(
            training="from engine import train_one_epoch\n"
            "w = torch.zeros(1, requires_grad=True)\nb = torch.zeros(1, requires_grad=True)\n"
            "losses = [train_one_epoch(w, b, x, y) for epoch in range(60)]"
        ),
        ("loss-curve", "prediction"),
    ),
    "script-that-is-not-there": (
        "machine.path",
        solved(mse="%run losses.py"),
        ("mse", "loss-curve", "prediction"),
    ),
    "asks-for-epochs": (
        "machine.input",
        solved(
            training=TRAINING.replace("epochs = 60", 'epochs = int(input("Number of epochs: "))')
        ),
        ("loss-curve", "prediction"),
    ),
    "asks-for-a-password": (
        "machine.input",
        solved(training=f"from getpass import getpass\ntoken = getpass('token: ')\n{TRAINING}"),
        ("loss-curve", "prediction"),
    ),
    "killed": (
        "machine.kernel",
        solved(mse=(MSE, "import os\nos.kill(os.getpid(), 9)")),
        ("loss-curve", "prediction", "graph"),
    ),
    "aborted": (
        "machine.kernel",
        solved(mse=(MSE, "import os\nos.abort()")),
        ("loss-curve", "prediction", "graph"),
    ),
    "full-disk": (
        "machine.disk",
        trains(before="torch.save(torch.zeros(3000, 3000), 'big.pt')\n"),
        ("loss-curve", "prediction"),
    ),
    "full-disk-by-numpy": (
        "machine.disk",
        trains(before="np.save('big.npy', np.zeros((3000, 1000)))\n"),
        ("loss-curve", "prediction"),
    ),
    "no-memory": (
        "machine.memory",
        trains(before="big = torch.ones(40_000, 40_000)\n"),
        ("loss-curve", "prediction"),
    ),
}
"""Notebooks of which some exercises wait: the reason, the cells, the exercises."""

_NOT_TRIED = {"training": "", "prediction": "", "graph": ""}

EARNING_LESS: Mapping[str, tuple[Cells, Mapping[str, str]]] = {
    "only-imports": (
        solved(data=f"{IMPORTS}import wandb\nplt.style.use('seaborn')\n{READ}", **_NOT_TRIED),
        {"mse": "passed", "loss-curve": "failed", "graph": "missing"},
    ),
    "wrong-loss": (
        solved(
            data=f"import seaborn as sns\nfrom helper import plot\n{CELLS['data']}",
            mse=MSE.replace(".mean()", ".sum()"),
        ),
        {"mse": "failed", "graph": "passed"},
    ),
    "wrong-name-of-numpy": (
        trains(before="best = np.Infinite\n"),
        {"mse": "passed", "loss-curve": "missing", "graph": "passed"},
    ),
    "wrong-beside-a-logger": (
        solved(
            mse="import wandb\nwandb.init()\n"
            "def mse(y_hat, y):\n    return (y_hat - y).abs().mean()",
        ),
        {"mse": "failed", "graph": "passed"},
    ),
    "nothing-but-an-import": (
        solved(mse="import losses", training="import losses", prediction="", graph=""),
        {"mse": "missing", "loss-curve": "missing", "graph": "missing"},
    ),
}
"""Notebooks with the student's own faults beside those of a machine, and what becomes of them."""
