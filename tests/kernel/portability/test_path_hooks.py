"""Paths of another machine lead to the files that are here, and change nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.portability import Away

pytestmark = pytest.mark.filterwarnings(
    "ignore:unclosed:ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
"""Notebooks close no files."""

LINES = ["a,b\n", "1,2\n", "3,4\n"]

READING = {
    "open": "value = open('/content/iris.csv').read()",
    "a keyword": "value = open(file='/content/iris.csv', mode='r').read()",
    "bytes": "value = open(b'/content/iris.csv').read()",
    "io.open": "import io\nvalue = io.open('/kaggle/input/x/iris.csv').read()",
    "os.open": "import os\nvalue = os.fdopen(os.open('/content/iris.csv', os.O_RDONLY)).read()",
    "codecs": "import codecs\nvalue = codecs.open('/content/iris.csv', 'r', 'utf-8').read()",
    "pathlib": "from pathlib import Path\nvalue = Path('../data/iris.csv').read_text()",
    "Path.open": "from pathlib import Path\nvalue = Path('~/iris.csv').open().read()",
    "Windows": "value = open(r'C:\\Users\\ana\\iris (1).csv').read()",
    "case": "value = open('Iris.CSV').read()",
    "csv": "import csv\n"
    "rows = csv.reader(open('/content/iris.csv'))\n"
    "value = ''.join(','.join(row) + '\\n' for row in rows)",
    "a with": "with open('/content/drive/MyDrive/iris.csv') as file:\n    value = file.read()",
    "a function": "def read(path):\n    return open(path).read()\n"
    "value = read('/content/iris.csv')",
    "a thread": "from concurrent.futures import ThreadPoolExecutor\n"
    "with ThreadPoolExecutor(1) as pool:\n"
    "    value = pool.submit(lambda: open('/content/iris.csv').read()).result()",
    "shutil": "import shutil\nshutil.copy('/content/iris.csv', 'copy.csv')\n"
    "value = open('copy.csv').read()",
    "shutil onto itself": "import shutil\nshutil.copy('/content/iris.csv', 'iris.csv')\n"
    "value = open('iris.csv').read()",
    "shutil.copy2": "import shutil\nshutil.copy2('/content/iris.csv', 'copy.csv')\n"
    "value = open('copy.csv').read()",
    "runpy": "import runpy\nopen('made.py', 'w').write('y = open(\"iris.csv\").read()')\n"
    "value = runpy.run_path('/content/made.py')['y']",
    "a spec": "import importlib.util\nopen('made.py', 'w').write('y = open(\"iris.csv\").read()')\n"
    "spec = importlib.util.spec_from_file_location('made', '/content/made.py')\n"
    "module = importlib.util.module_from_spec(spec)\n"
    "spec.loader.exec_module(module)\nvalue = module.y",
    "sqlite3": "import sqlite3\nmade = sqlite3.connect('kept.db')\n"
    "made.execute('create table t(x)')\n"
    "made.execute('insert into t values (?)', [open('iris.csv').read()])\nmade.commit()\n"
    "read = sqlite3.connect('/content/kept.db').execute('select x from t')\n"
    "value = read.fetchone()[0]",
    "sqlite3 by an address": "import sqlite3\nmade = sqlite3.connect('kept.db')\n"
    "made.execute('create table t(x)')\n"
    "made.execute('insert into t values (?)', [open('iris.csv').read()])\nmade.commit()\n"
    "connection = sqlite3.connect('file:/content/kept.db?mode=ro', uri=True)\n"
    "value = connection.execute('select x from t').fetchone()[0]",
    "shutil.move": "import shutil\nshutil.move('/content/iris.csv', 'moved.csv')\n"
    "value = open('moved.csv').read()",
}


@pytest.mark.parametrize("way", READING)
def test_a_file_of_another_place_is_read_here(away: Away, way: str) -> None:
    assert "".join(LINES) == away.run(READING[way]).value


NUMBERS = {
    "np.loadtxt": "value = np.loadtxt('/content/iris.csv', delimiter=',', skiprows=1)",
    "np.genfromtxt": "value = np.genfromtxt('Iris.csv', delimiter=',', skip_header=1)",
    "a URL": "value = np.loadtxt('https://x.org/iris.csv?raw=1', delimiter=',', skiprows=1)",
    "np.load": "np.save('kept.npy', [[1, 2], [3, 4]])\nvalue = np.load('/content/kept.npy')",
    "np.fromfile": "np.array([[1., 2], [3, 4]]).tofile('/content/kept.bin')\n"
    "value = np.fromfile('/content/kept.bin').reshape(2, 2)",
    "np.savetxt": "np.savetxt('/content/t.txt', [[1, 2], [3, 4]])\n"
    "value = np.loadtxt('/content/t.txt')",
    "torch": "import torch\ntorch.save(torch.tensor([[1, 2], [3, 4]]), '/content/out/t.pt')\n"
    "value = torch.load('/content/out/t.pt').numpy()",
}


@pytest.mark.parametrize("way", NUMBERS)
def test_libraries_read_it_too(away: Away, way: str) -> None:
    value = away.run(f"import numpy as np\n{NUMBERS[way]}").value
    assert [[1, 2], [3, 4]] == value.tolist()


def test_what_was_read_is_noted_once(away: Away) -> None:
    away.run("for _ in range(3):\n    open('/content/iris.csv').close()")
    assert ["path /content/iris.csv"] == away.notes


def test_a_notebook_that_finds_its_files_notes_nothing(away: Away) -> None:
    away.run("import os\nopen('iris.csv').close()\nos.path.exists('/content')\nos.listdir('.')")
    assert [] == away.notes


@pytest.mark.parametrize(
    "source",
    [
        "open('nothing.csv')",
        "open('/content/nothing.csv')",
        "open('/content/iris.csv', 'r+')",
        "import os\nos.stat('/content/nothing.csv')",
        "import os\nos.remove('/content/iris.csv')",
        "import os\nos.listdir('.git')",
        "open('/etc/iris.csv')",
    ],
)
def test_what_means_nothing_here_raises_what_it_did(away: Away, source: str) -> None:
    with pytest.raises(FileNotFoundError) as raised:
        away.run(source)
    assert raised.value.filename in source


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("os.path.exists('/content/iris.csv')", True),
        ("os.path.isfile('/content/iris.csv')", True),
        ("os.path.getsize('/content/iris.csv')", 12),
        ("Path('/content/drive/MyDrive/iris.csv').exists()", True),
        ("os.path.isdir('/content/drive/MyDrive')", True),
        ("os.path.isdir('/kaggle/input/iris-petals')", True),
        ("os.path.isdir('/kaggle/input/photos')", True),
        ("os.path.exists('model.pt')", False),
        ("os.path.exists('/content/model.pt')", False),
        ("os.path.exists('checkpoints')", False),
        ("os.path.exists('/content/drive/MyDrive/checkpoints')", False),
        ("os.path.exists('https://example.org/iris.csv')", False),
    ],
)
def test_a_question_for_a_path_is_answered_as_reading_it_will_be(
    away: Away, question: str, answer: object
) -> None:
    away.run(f"import os\nfrom pathlib import Path\nvalue = {question}")
    assert answer == away.recording.names["value"]


@pytest.mark.parametrize(
    ("listing", "names"),
    [
        ("os.listdir('/content/drive/MyDrive')", ["iris.csv", "photos"]),
        ("os.listdir('/content/drive/MyDrive/course/photos')", ["one.txt"]),
        ("os.listdir('data')", ["iris.csv", "photos"]),
        ("[path.name for path in Path('/content').iterdir()]", ["iris.csv", "photos"]),
        (
            "[os.path.join(f, n) for f, _, names in os.walk('/kaggle/input') for n in names]",
            ["/kaggle/input/iris.csv", "/kaggle/input/photos/one.txt"],
        ),
        ("glob.glob('/content/*.csv')", ["/content/iris.csv"]),
        ("glob.glob('data/*.csv')", ["data/iris.csv"]),
        ("[Path(name).name for name in glob.glob('/kaggle/input/*/*.csv')]", ["iris.csv"]),
        ("[path.name for path in Path('/content/drive/x').glob('*.csv')]", ["iris.csv"]),
        ("[path.name for path in Path('/kaggle/input').rglob('*.txt')]", ["one.txt"]),
        ("glob.glob('*.pt')", []),
        ("glob.glob('/content/*.pt')", []),
    ],
)
def test_a_folder_of_another_place_lists_what_is_here(
    away: Away, listing: str, names: list[str]
) -> None:
    away.run(f"import glob, os\nfrom pathlib import Path\nvalue = {listing}")
    assert names == sorted(away.recording.names["value"])


def test_a_folder_below_one_that_is_not_there_is_none(away: Away) -> None:
    with pytest.raises(FileNotFoundError):
        away.run("import os\nos.listdir('/content/drive')\nos.listdir('/content/drive/other')")


def test_what_cannot_be_written_there_is_written_here(away: Away) -> None:
    away.run("with open('/content/drive/MyDrive/out/r.txt', 'w') as file:\n    file.write('1')")
    value = away.run("value = open('/content/drive/MyDrive/out/r.txt').read()").value
    assert ("1", "1", ["written /content/drive/MyDrive/out/r.txt"]) == (
        value,
        (away.folder / "r.txt").read_text(),
        away.notes,
    )


@pytest.mark.parametrize("name", ["iris.csv", "Iris.csv", "iris (1).csv"])
def test_a_file_of_the_assignment_is_never_written_over_from_elsewhere(
    away: Away, name: str
) -> None:
    path = f"/content/drive/MyDrive/{name}"
    value = away.run(f"open({path!r}, 'w').write('x')\nvalue = open({path!r}).read()").value
    assert ("x", "".join(LINES)) == (value, (away.folder / "iris.csv").read_text())


def test_two_places_of_one_name_are_two_files(away: Away) -> None:
    value = away.run("""
        for place in "ab":
            with open(f"/content/{place}/model.pt", "w") as file:
                file.write(place)
        value = open("/content/a/model.pt").read() + open("/content/b/model.pt").read()
    """).value
    assert "ab" == value


def test_a_file_written_elsewhere_can_be_removed(away: Away) -> None:
    value = away.run("""
        import os
        open("/content/out/model.pt", "w").close()
        os.remove("/content/out/model.pt")
        value = os.path.exists("/content/out/model.pt")
    """).value
    assert not value


@pytest.mark.parametrize(
    "change",
    [
        "os.chdir('/content/drive/MyDrive')",
        "os.chdir(r'C:\\Users\\ana')",
        "os.chdir('course/data')",
        "os.makedirs('/content/data/deep', exist_ok=True)",
        "os.mkdir('/content/data')",
        "Path('/kaggle/working/out').mkdir(parents=True)",
    ],
)
def test_a_folder_that_is_not_there_changes_nothing(away: Away, change: str) -> None:
    before = sorted(away.folder.rglob("*"))
    value = away.run(
        f"import os\nfrom pathlib import Path\n{change}\nvalue = open('iris.csv').read()"
    ).value
    assert ("".join(LINES), before, away.folder) == (
        value,
        sorted(away.folder.rglob("*")),
        Path.cwd(),
    )
    assert any(note.startswith("chdir ") for note in away.notes)


def test_a_folder_that_could_not_be_made_is_there(away: Away) -> None:
    value = away.run(
        "import os\nos.makedirs('/content/a/b')\nvalue = os.path.isdir('/content/a/b')"
    )
    assert value.value


def test_a_folder_that_is_there_is_entered(away: Away) -> None:
    away.run("import os\nos.mkdir('own')\nos.chdir('own')\nvalue = open('iris.csv').read()")
    assert ("".join(LINES), away.folder / "own") == (away.recording.names["value"], Path.cwd())


def test_imports_look_for_no_file_elsewhere(away: Away) -> None:
    with pytest.raises(ModuleNotFoundError):
        away.run("import sys\nsys.path.insert(0, '/content/photos')\nimport one")
    assert [] == away.notes


def test_what_the_machine_itself_opens_is_left_alone(away: Away) -> None:
    with pytest.raises(FileNotFoundError):
        Path("/content/iris.csv").read_text()
