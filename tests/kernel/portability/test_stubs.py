"""What only Colab and Kaggle have does the harmless thing."""

from __future__ import annotations

import sys

import pytest

from grader.kernel.portability.stubs import StubFinder
from tests.support.portability import Away

pytestmark = pytest.mark.filterwarnings(
    "ignore:unclosed:ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)

TABLE = b"a,b\n1,2\n3,4\n"


@pytest.mark.parametrize(
    "source",
    [
        "from google.colab import drive\ndrive.mount('/content/drive', force_remount=True)\n"
        "drive.flush_and_unmount()",
        "from google.colab import files\nfiles.download('iris.csv')",
        "from google.colab import output\noutput.clear()",
        "from google.colab import auth\nauth.authenticate_user()",
        "from google.colab import userdata\nassert userdata.get('KEY') == ''",
        "from google.colab import data_table\ndata_table.enable_dataframe_formatter()",
        "from google.colab import widgets, runtime",
        "from google.colab.patches import cv2_imshow",
        "from google.colab import *\ndrive.mount('/content/drive')\nfiles.upload()",
        "import google.colab\ngoogle.colab.drive.mount('/content/drive')",
        "import google.colab as colab\ncolab.something_new(1)",
        "import sys\nimport google.colab\nassert 'google.colab' in sys.modules",
        "from kaggle_secrets import UserSecretsClient\n"
        "assert UserSecretsClient().get_secret('KEY') == ''",
        "import kaggle\nkaggle.api.authenticate()\n"
        "kaggle.api.dataset_download_files('a/b', path='.', unzip=True)",
        "from kaggle.api.kaggle_api_extended import KaggleApi\nKaggleApi().authenticate()",
        "import opendatasets as od\nod.download('https://www.kaggle.com/datasets/a/b')",
        "from fastprogress import master_bar, progress_bar\nbar = master_bar(range(2))\n"
        "assert [0, 1] == [i for i in bar for _ in progress_bar([1], parent=bar)]\n"
        "bar.main_bar.comment = 'loss'\nbar.write('done')",
        "import progressbar as pb\nbar = pb.ProgressBar(max_value=3, widgets=[pb.ETA()]).start()\n"
        "bar.update(1)\nbar.finish()\nassert [0, 1] == list(pb.ProgressBar()(range(2)))",
        "from alive_progress import alive_bar\nwith alive_bar(3) as bar:\n    bar()",
        "from huggingface_hub import hf_hub_download, login\nlogin(token='')\n"
        "assert open(hf_hub_download('a/b', filename='iris.csv')).read(1) == 'a'",
        "import kagglehub\nfrom kagglehub import KaggleDatasetAdapter as A\n"
        "table = kagglehub.load_dataset(A.PANDAS, 'a/iris', 'iris.csv')\n"
        "assert list(table.columns) == ['a', 'b']",
        "import os, kagglehub\nassert os.path.samefile(kagglehub.dataset_download('a/b'), '.')",
    ],
)
def test_what_is_only_elsewhere_ends_no_cell(away: Away, source: str) -> None:
    away.run(source)
    assert any(note.startswith("stub ") for note in away.notes)


def test_an_upload_gives_the_files_that_are_here(away: Away) -> None:
    names = away.run("""
        from google.colab import files
        uploaded = files.upload()
        value = uploaded["Iris (1).csv"]
        first = next(iter(uploaded))
    """)
    assert (TABLE, "iris.csv") == (names.value, names.first)


def test_an_upload_of_another_file_is_missing(away: Away) -> None:
    with pytest.raises(KeyError):
        away.run("from google.colab import files\nfiles.upload()['other.csv']")


@pytest.mark.parametrize(
    "source",
    [
        "from kagglehub import whoami",
        "import huggingface_hub\nhuggingface_hub.InferenceClient()",
        "import gdown\ngdown.parse_url('https://example.org')",
    ],
)
def test_what_a_stub_lacks_is_missing_like_the_package(away: Away, source: str) -> None:
    with pytest.raises(ModuleNotFoundError):
        away.run(source)


def test_a_file_of_a_hub_that_is_not_here_needs_the_network(away: Away) -> None:
    with pytest.raises(OSError, match="There is no network here"):
        away.run("from huggingface_hub import hf_hub_download\nhf_hub_download('a/b', 'x.bin')")


def test_a_package_that_is_installed_is_used_as_it_is(away: Away) -> None:
    (away.folder / "gdown.py").write_text("download = 1\n")
    names = away.run(
        "import os, sys\nsys.path.insert(0, os.getcwd())\nimport gdown\nsys.path.pop(0)"
    )
    assert (1, []) == (names.gdown.download, away.notes)


def test_a_package_of_google_stays_what_it_is(away: Away) -> None:
    (away.folder / "google" / "real").mkdir(parents=True)
    (away.folder / "google" / "real" / "__init__.py").write_text("value = 1\n")
    names = away.run("""
        import os, sys
        sys.path.insert(0, os.getcwd())
        from google.real import value
        from google.colab import drive
        sys.path.pop(0)
    """)
    assert (1, None) == (names.value, names.drive.mount("/content/drive"))


def test_whether_it_is_colab_can_be_asked(away: Away) -> None:
    names = away.run("""
        import sys
        value = "google.colab" in sys.modules
    """)
    assert (False, []) == (names.value, away.notes)


@pytest.mark.parametrize(
    ("file", "is_found"),
    [
        ("<ipython-input-1>", True),
        ("/home/ana/helper.py", True),
        ("/venv/lib/python3.11/site-packages/torch/cuda/__init__.py", False),
        ("/usr/lib/python3/dist-packages/torch/cuda/__init__.py", False),
    ],
)
def test_a_driver_is_found_by_the_notebook_and_not_by_torch(monkeypatch, file, is_found):
    noted = []
    finder = StubFinder({"pynvml": {"nvmlInit": None}}, lambda topic, what: noted.append(what))
    monkeypatch.setattr("sys.meta_path", [finder])
    monkeypatch.delitem(sys.modules, "pynvml", raising=False)
    code = compile("import pynvml", file, "exec")
    if is_found:
        exec(code, {})
    else:
        with pytest.raises(ModuleNotFoundError):
            exec(code, {})
    assert is_found == bool(noted)
    sys.modules.pop("pynvml", None)
