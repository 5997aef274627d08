"""What honest notebooks do works in a sealed kernel."""

from __future__ import annotations

import pytest

from tests.support.recording import at
from tests.support.running import Ran
from tests.support.sealed import Sealed

pytestmark = pytest.mark.kernel

WORKS = {
    "imports": (
        "import os, subprocess, sys, torch\nimport matplotlib.pyplot as plt\n"
        "import numpy as np\nfound = 1"
    ),
    "backward": (
        "x = torch.ones(2, requires_grad=True)\n(x * 3).sum().backward()\n"
        "found = x.grad.sum().item()"
    ),
    "workers": """
    from torch.utils.data import DataLoader, TensorDataset
    data = TensorDataset(torch.arange(8.))
    found = sum(batch[0].sum().item() for batch in DataLoader(data, batch_size=2, num_workers=2))
    """,
    "pool": """
    import multiprocessing as mp
    def square(number): return number * number
    with mp.get_context('fork').Pool(2) as pool:
        found = sum(pool.map(square, [1, 2, 3]))
    """,
    "threads": """
    from concurrent.futures import ThreadPoolExecutor
    with ThreadPoolExecutor(8) as threads:
        found = sum(threads.map(float, range(4)))
    """,
    "queue": """
    queue = mp.get_context('fork').Queue()
    child = mp.get_context('fork').Process(target=queue.put, args=(2.5,))
    child.start()
    found = queue.get(timeout=10)
    child.join()
    """,
    "shared tensor": """
    shared = torch.zeros(1).share_memory_()
    child = os.fork()
    if child == 0:
        shared[0] = 7
        os._exit(0)
    os.waitpid(child, 0)
    found = shared.item()
    """,
    "shell": "lines = !echo 12.5\nfound = float(lines[0])",
    "bash": "%%bash --out said\necho 3.5",
    "bash said": "found = float(said)",
    "program": (
        "found = float(subprocess.run([sys.executable, '-c', 'print(1.5)'], "
        "capture_output=True).stdout)"
    ),
    "run": "open('script.py', 'w').write('inside = 4.5')\n%run script.py\nfound = inside",
    "javascript": "%%javascript\nalert(1)",
    "time": "%%time\nfound = 1.5",
    "save": (
        "torch.save({'w': torch.ones(3)}, 'w.pt')\nfound = torch.load('w.pt')['w'].sum().item()"
    ),
    "numpy files": "np.save('a.npy', np.ones(3))\nfound = np.load('a.npy').sum()",
    "plot": (
        "plt.plot([1, 2])\nplt.savefig('plot.png')\nplt.show()\n"
        "found = float(os.path.getsize('plot.png') > 1000)"
    ),
    "temporary": (
        "import tempfile\n"
        "with tempfile.TemporaryDirectory() as folder: found = float(os.path.isdir(folder))"
    ),
    "time zone": "import datetime\nfound = float(datetime.datetime.now().year > 2000)",
    "user": (
        "import getpass, pathlib\n"
        "found = float(getpass.getuser() == 'student' and pathlib.Path.home().is_dir())"
    ),
    "optimizer": """
    w = torch.nn.Parameter(torch.ones(1))
    optimizer = torch.optim.SGD([w], lr=.5)
    w.sum().backward()
    optimizer.step()
    found = w.item()
    """,
    "graph": "import torchviz\nfound = float(len(torchviz.make_dot(w.sum()).source) > 10)",
    "await": "import asyncio\nfound = await asyncio.sleep(0, 2.5)",
    "interrupt": (
        "import signal\nfound = float(signal.getsignal(signal.SIGINT) is not signal.SIG_IGN)"
    ),
    "warnings": "import warnings\nwarnings.warn('mind')\nfound = 1",
    "progress": (
        "import sys\nfor n in range(100): print(f'\\r{n}', end='', file=sys.stderr)\nfound = 1"
    ),
}

EXPECTED = {
    "backward": 6.0,
    "workers": 28.0,
    "pool": 14.0,
    "threads": 6.0,
    "queue": 2.5,
    "shared tensor": 7.0,
    "shell": 12.5,
    "bash said": 3.5,
    "program": 1.5,
    "run": 4.5,
    "time": 1.5,
    "save": 3.0,
    "numpy files": 3.0,
    "plot": 1.0,
    "temporary": 1.0,
    "time zone": 1.0,
    "user": 1.0,
    "optimizer": 0.5,
    "graph": 1.0,
    "await": 2.5,
    "interrupt": 1.0,
    "warnings": 1.0,
    "progress": 1.0,
}

ASKS = {
    "input": "answer = input('name? ')",
    "getpass": "import getpass\nanswer = getpass.getpass()",
}


@pytest.fixture(scope="module", params=["bwrap", "bwrap-cold"])
def honest(request: pytest.FixtureRequest) -> Ran:
    """One notebook that does what is usual, in each tier."""
    kernels: Sealed = request.getfixturevalue("sealed" if request.param == "bwrap" else "cold")
    cells = {**WORKS, **ASKS}
    return Ran(cells, kernels.ran(*cells.values(), cell_timeout_s=30))


@pytest.mark.parametrize("name", EXPECTED)
def test_what_honest_notebooks_do_works(honest: Ran, name: str) -> None:
    assert ("ok", EXPECTED[name]) == (
        honest.cell(name).status,
        at(honest.events(name), "found")[-1],
    )


def test_a_script_for_a_browser_is_run_by_nobody(honest: Ran) -> None:
    assert "ok" == honest.cell("javascript").status


@pytest.mark.parametrize("name", ASKS)
def test_a_question_to_the_student_is_an_error_at_once(honest: Ran, name: str) -> None:
    assert ("error", "StdinNotImplementedError") == honest.status(name)


def test_nothing_of_an_honest_notebook_counts_as_forged(honest: Ran) -> None:
    assert (0, False) == (honest.trace.forged, honest.trace.truncated)
