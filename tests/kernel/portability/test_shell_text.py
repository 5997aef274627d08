"""What downloads or installs is taken out of a shell's commands, with what it would empty."""

from __future__ import annotations

import pytest

from grader.kernel.portability.shell_text import ShellText, without_downloads

HERE = {
    "/content/iris.csv": "/home/student/iris.csv",
    "https://x.org/iris.csv": "/home/student/iris.csv",
}
"""The files that are here, by the paths that mean them."""


def read(text: str) -> ShellText:
    """Read commands."""
    return without_downloads(text, HERE.get)


@pytest.mark.parametrize(
    "command",
    [
        "wget https://example.org/iris.csv",
        "wget -q https://example.org/iris.csv -O iris.csv",
        "wget -qO- https://example.org/iris.csv > iris.csv",
        "curl https://example.org/iris.csv > iris.csv",
        "curl -s https://example.org/iris.csv -o iris.csv",
        "curl -L 'https://example.org/a?b=1&c=2' -o iris.csv",
        'curl "https://example.org/a;b" > "iris.csv"',
        "curl https://example.org/iris.csv | tee iris.csv",
        "cat urls.txt | xargs wget",
        "/usr/bin/wget https://example.org/iris.csv",
        "sudo wget https://example.org/iris.csv",
        "gdown 1abcdef -O iris.csv",
        "kaggle datasets download -d someone/iris",
        "git clone https://github.com/someone/course",
        "git clone --depth 1 https://github.com/someone/course.git data",
        "aws s3 cp s3://bucket/iris.csv .",
        "gsutil cp gs://bucket/iris.csv .",
        "python -m wget https://example.org/iris.csv",
        "python3 -m pip install torchviz",
        "pip install torchviz > /dev/null",
        "HTTPS_PROXY=x wget https://example.org/iris.csv",
        "yes | pip install torchviz",
    ],
)
def test_a_command_that_needs_a_network_is_taken_out(command):
    result = read(command)
    assert ((command,), True) == (result.skipped, result.is_empty)


@pytest.mark.parametrize(
    "command",
    [
        "ls -la",
        "cat iris.csv",
        "head -3 iris.csv > first.csv",
        "echo wget",
        "echo 'wget x; curl y'",
        "which wget",
        "git status",
        "python --version",
        "python -m unittest",
        "mkdir -p data && cp iris.csv data/",
        "rsync -a data/ copy/",
        "grep -c 'a && b' iris.csv | sort",
        "echo 'not closed",
        "cat > note.txt <<EOF\nwget x\nEOF",
        "awk '{print $1; exit}' iris.csv",
        "ls 2>&1",
    ],
)
def test_other_commands_stay_as_they_are(command):
    assert ShellText(command) == read(command)


@pytest.mark.parametrize(
    ("text", "remaining"),
    [
        ("wget x && unzip -o a.zip", "true && unzip -o a.zip"),
        ("cd data; wget x; ls", "cd data; true; ls"),
        ("wget x || curl y || echo none", "true || true || echo none"),
        ("mkdir d\nwget x\nls d\n", "mkdir d\ntrue\nls d\n"),
        ("if true; then wget x; fi", "if true; then true; fi"),
        ("[ -f a.csv ] || wget x", "[ -f a.csv ] || true"),
        ("for u in a b; do wget $u; done", "for u in a b; do true; done"),
        ("(wget x; ls)", "(true; ls)"),
        ("(cd d && wget x)", "(cd d && true)"),
        ("wget x & ls", "true & ls"),
        ("# data\nwget x # quiet\nls", "# data\ntrue\nls"),
    ],
)
def test_what_stands_around_a_download_still_runs(text, remaining):
    assert remaining == read(text).text


def test_a_path_from_elsewhere_is_replaced_by_the_file_that_is_here():
    text = 'head -1 "/content/iris.csv" && cat /content/iris.csv'
    assert "head -1 /home/student/iris.csv && cat /home/student/iris.csv" == read(text).text


@pytest.mark.parametrize(
    ("text", "stands_in"),
    [
        ("wget https://x.org/iris.csv", "true"),
        ("wget -q -O new.csv https://x.org/iris.csv", "cp -n /home/student/iris.csv new.csv"),
        ("wget https://x.org/iris.csv -Onew.csv", "cp -n /home/student/iris.csv new.csv"),
        (
            "wget https://x.org/iris.csv --output-document=new.csv",
            "cp -n /home/student/iris.csv new.csv",
        ),
        ("wget -qO- https://x.org/iris.csv", "cat /home/student/iris.csv"),
        ("curl -O https://x.org/iris.csv", "true"),
        ("curl -sL https://x.org/iris.csv -o new.csv", "cp -n /home/student/iris.csv new.csv"),
        ("curl https://x.org/iris.csv > new.csv", "cp -n /home/student/iris.csv new.csv"),
        ("curl -s https://x.org/iris.csv", "cat /home/student/iris.csv"),
        ("curl -s https://x.org/iris.csv | head -2", "cat /home/student/iris.csv | head -2"),
        ("curl -s https://x.org/other.csv", "true"),
    ],
)
def test_a_download_of_a_file_that_is_here_gives_it(text, stands_in):
    assert stands_in == read(text).text


def test_a_path_that_is_written_to_stays():
    text = "sort iris.csv > /content/iris.csv"
    assert text == read(text).text


def test_an_archive_is_unpacked_without_a_question():
    assert "unzip -n -q data.zip" == read("unzip -q data.zip").text
