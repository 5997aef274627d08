"""What a notebook downloads is here already, or fails as without a network."""

from __future__ import annotations

import pytest

from tests.support.portability import Away

pytestmark = pytest.mark.filterwarnings(
    "ignore:unclosed:ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)

TABLE = "a,b\n1,2\n3,4\n"
URL = "https://raw.githubusercontent.com/someone/course/main/iris.csv"

READING = {
    "urlopen": "value = urllib.request.urlopen(URL).read()",
    "a request": "value = urllib.request.urlopen(urllib.request.Request(URL)).read()",
    "a with": "with urllib.request.urlopen(URL) as answer:\n    value = answer.read()",
    "urlretrieve": "path, _ = urllib.request.urlretrieve(URL)\nvalue = open(path, 'rb').read()",
    "a new name": "urllib.request.urlretrieve(URL, 'new.csv')\n"
    "value = open('new.csv', 'rb').read()",
    "its own name": "urllib.request.urlretrieve(URL, 'iris.csv')\n"
    "value = open('iris.csv', 'rb').read()",
    "another URL": "urllib.request.urlretrieve('https://x.org/1a2b', 'iris.csv')\n"
    "value = open('iris.csv', 'rb').read()",
    "hub": "import torch\ntorch.hub.download_url_to_file(URL, 'new.csv')\n"
    "value = open('new.csv', 'rb').read()",
    "torchvision": "from torchvision.datasets.utils import download_url\n"
    "download_url(URL, 'folder')\nvalue = open('folder/iris.csv', 'rb').read()",
    "requests": "import requests\nanswer = requests.get(URL, timeout=5)\n"
    "answer.raise_for_status()\nvalue = answer.content",
    "a session": "import requests\nwith requests.Session() as session:\n"
    "    value = b''.join(session.get(URL, stream=True).iter_content(5))",
    "gdown": "import gdown\ngdown.download('https://drive.google.com/uc?id=1', 'iris.csv')\n"
    "value = open('iris.csv', 'rb').read()",
    "wget": "import wget\nvalue = open(wget.download(URL), 'rb').read()",
}


@pytest.mark.parametrize("way", READING)
def test_a_download_of_a_file_that_is_here_gives_it(away: Away, way: str) -> None:
    names = away.run(f"import urllib.request\nURL = {URL!r}\n{READING[way]}")
    assert (TABLE.encode(), TABLE) == (names.value, (away.folder / "iris.csv").read_text())


def test_a_download_that_is_not_needed_is_told_as_skipped(away: Away) -> None:
    away.run("import urllib.request\nurllib.request.urlretrieve('https://x.org/1a2b', 'iris.csv')")
    assert ["download https://x.org/1a2b"] == away.skipped


def test_an_answer_is_as_that_of_a_network(away: Away) -> None:
    names = away.run(f"""
        from urllib.request import urlopen
        answer = urlopen({URL!r})
        value = (answer.status, answer.getcode(), answer.geturl(), answer.length)
        size = int(answer.info()["Content-Length"])
    """)
    assert ((200, 200, URL, len(TABLE)), len(TABLE)) == (names.value, names.size)


def test_requests_say_that_there_is_no_network(away: Away) -> None:
    names = away.run("""
        import requests
        try:
            requests.post("https://example.org/iris.csv", json={})
        except requests.exceptions.RequestException as error:
            value = str(error)
    """)
    assert "no network" in names.value


RUNNING = {
    "system": "shell.system({!r})",
    "getoutput": "shell.getoutput({!r})",
    "os.system": "import os\nassert os.system({!r}) == 0",
    "run": "import subprocess\nsubprocess.run({!r}, shell=True, check=True)",
    "a list": "import shlex, subprocess\nsubprocess.check_call(shlex.split({!r}))",
    "a shell": "import subprocess\nsubprocess.check_call(['bash', '-c', {!r}])",
    "popen": "import os\nos.popen({!r}).read()",
}


@pytest.mark.parametrize("way", RUNNING)
def test_a_command_that_downloads_is_skipped_however_it_is_run(away: Away, way: str) -> None:
    command = "wget -q https://example.org/iris.csv -O iris.csv"
    away.run(RUNNING[way].format(command))
    assert ([command], TABLE) == (away.skipped, (away.folder / "iris.csv").read_text())


@pytest.mark.parametrize("way", ["os.system", "run", "a shell", "popen"])
def test_a_redirected_download_empties_no_file(away: Away, way: str) -> None:
    away.run(RUNNING[way].format("curl https://example.org/a > iris.csv"))
    assert TABLE == (away.folder / "iris.csv").read_text()


def test_an_install_by_a_program_is_skipped(away: Away) -> None:
    away.run("""
        import subprocess, sys
        subprocess.check_call([sys.executable, "-m", "pip", "install", "-q", "torchviz"])
    """)
    (skipped,) = away.skipped
    assert skipped.endswith("-m pip install -q torchviz")


def test_a_command_of_the_shell_runs_without_its_download(away: Away) -> None:
    away.run("shell.system('wget x && head -1 /content/iris.csv')")
    assert [f"true && head -1 {away.folder}/iris.csv"] == away.shell.ran


def test_a_command_without_a_download_runs_as_it_is(away: Away) -> None:
    names = away.run("shell.system('ls -la')\nvalue = shell.getoutput('ls *.csv')")
    assert (["ls -la", "ls *.csv"], ["output"]) == (away.shell.ran, names.value)


def test_a_command_that_empties_a_file_leaves_it_whole(away: Away) -> None:
    away.run("import os\nos.system('rm -f iris.csv')\nvalue = open('iris.csv').read()")
    assert (TABLE, ["put-back iris.csv"]) == (away.recording.names["value"], away.notes)


def test_other_programs_run(away: Away) -> None:
    names = away.run("""
        import subprocess
        value = subprocess.run(["cat", "/content/iris.csv"], capture_output=True, text=True).stdout
        other = subprocess.run(["cat", "iris.csv"], cwd="/content", stdout=subprocess.PIPE).stdout
    """)
    assert (TABLE, TABLE.encode()) == (names.value, names.other)


@pytest.mark.parametrize(
    "download",
    [
        "urllib.request.urlopen('https://example.invalid/a').read()",
        "requests.get('https://example.org/a').content",
    ],
)
def test_a_file_that_a_download_was_to_replace_is_put_back(away: Away, download: str) -> None:
    away.run(f"""
        import requests, urllib.request
        try:
            with open("iris.csv", "wb") as file:
                file.write({download})
        except OSError:
            pass
    """)
    away.portability.end_cell(failed=False)
    assert TABLE == (away.folder / "iris.csv").read_text()


def test_a_file_that_a_failed_cell_emptied_is_put_back(away: Away) -> None:
    away.run("open('iris.csv', 'w').close()")
    away.portability.end_cell(failed=True)
    assert TABLE == (away.folder / "iris.csv").read_text()


def test_a_file_that_is_emptied_on_purpose_stays_empty(away: Away) -> None:
    away.run("open('iris.csv', 'w').close()")
    away.portability.end_cell(failed=False)
    assert "" == (away.folder / "iris.csv").read_text()


def test_a_file_that_was_removed_before_its_download_is_there(away: Away) -> None:
    names = away.run("""
        import os, urllib.request
        os.remove("iris.csv")
        urllib.request.urlretrieve("https://example.org/1a2b", "iris.csv")
        with open("iris.csv") as file:
            value = file.read()
    """)
    assert TABLE == names.value
