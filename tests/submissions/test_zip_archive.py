"""Zips: what is taken out of them, and what is refused."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest

from grader.errors import SubmissionUnreadable
from grader.submissions.zip_archive import ZipEntry, ZipLimits, unpack
from tests.support.zips import packed, zip_of

LITTLE = ZipLimits(entries=5, entry_bytes=3 * 2**20, all_bytes=4 * 2**20, ratio=50)


@pytest.fixture
def opened(tmp_path):
    """Unpack a zip, given as its bytes."""

    def opened(data: bytes, is_needed=lambda name: True, limits=LITTLE) -> tuple[ZipEntry, ...]:
        (tmp_path / "a.zip").write_bytes(data)
        (tmp_path / "into").mkdir(exist_ok=True)
        return unpack(tmp_path / "a.zip", tmp_path / "into", is_needed, limits)

    return opened


def refusals(entries) -> dict[str, str]:
    return {entry.name: entry.refused.id if entry.refused else "" for entry in entries}


def entry(name: str, **fields: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    for field, value in fields.items():
        setattr(info, field, value)
    return info


def zip_with(path: Path, *infos: zipfile.ZipInfo) -> bytes:
    with zipfile.ZipFile(path, "w") as archive:
        for info in infos:
            archive.writestr(info, b"1")
    return path.read_bytes()


def test_what_is_in_a_file_comes_out_of_the_zip(opened):
    (file,) = opened(packed({"ana/hw.ipynb": b"{}"}))
    assert ("ana/hw.ipynb", b"{}") == (file.name, file.path.read_bytes())


def test_no_name_of_a_zip_reaches_the_file_system(opened):
    entries = opened(packed({"a" * 300 + ".ipynb": b"1", "CON": b"2", "con": b"3"}))
    assert ["000000", "000001", "000002"] == [file.path.name for file in entries]


def test_what_nobody_needs_is_listed_and_not_unpacked(opened):
    assert [ZipEntry("film.mp4")] == list(
        opened(packed({"film.mp4": b"1"}), is_needed=lambda name: False)
    )


@pytest.mark.parametrize(
    "name",
    [
        "../evil.ipynb",
        "a/../../evil.ipynb",
        "/etc/evil.ipynb",
        "C:/evil.ipynb",
        "C:evil.ipynb",
        "..\\e.ipynb",
    ],
)
def test_a_name_that_leads_out_of_the_zip_is_refused(opened, name):
    entries = opened(packed({name: b"1", "ana.ipynb": b"2"}))
    assert ["unreadable.zip-name", ""] == list(refusals(entries).values())


@pytest.mark.parametrize("mode", [0o120777, 0o020666, 0o010666, 0o140666])
def test_links_devices_pipes_and_sockets_are_refused(opened, tmp_path, mode):
    data = zip_with(tmp_path / "b.zip", entry("a.ipynb", external_attr=mode << 16, create_system=3))
    assert {"a.ipynb": "unreadable.zip-link"} == refusals(opened(data))


def test_what_is_locked_with_a_password_is_refused(opened):
    data = bytearray(packed({"a.ipynb": b"1"}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    assert {"a.ipynb": "unreadable.zip-encrypted"} == refusals(opened(bytes(data)))


def test_a_file_that_is_too_large_is_refused_unread(opened):
    assert {"a": "unreadable.too-large", "b": ""} == refusals(
        opened(packed({"a": bytes(4 * 2**20), "b": b"1"}))
    )


def test_a_file_that_swells_is_refused(opened):
    assert {"a": "unreadable.zip-bomb"} == refusals(opened(packed({"a": bytes(2 * 2**20)})))


def test_what_is_too_large_altogether_is_refused_from_there_on(opened):
    roomy = ZipLimits(entries=5, entry_bytes=3 * 2**20, all_bytes=4 * 2**20, ratio=2000)
    entries = opened(
        packed({"a": bytes(3 * 2**20), "b": bytes(3 * 2**20), "c": b"1"}), limits=roomy
    )
    assert {"a": "", "b": "unreadable.zip-full", "c": ""} == refusals(entries)


def test_files_that_share_their_bytes_are_refused(opened):
    data = bytearray(packed({"a": b"1" * 100, "b": b"1" * 100, "c": b"2"}))
    second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 1)
    data[second + 42 : second + 46] = struct.pack("<I", 0)
    try:
        found = refusals(opened(bytes(data)))
    except SubmissionUnreadable as error:  # as later versions of Python refuse the whole zip
        found = {"a": error.reason, "b": error.reason, "c": ""}
    assert ("", False) == (found["c"], "" in (found["a"], found["b"]))


def test_a_zip_of_too_many_files_is_not_opened(opened):
    with pytest.raises(SubmissionUnreadable) as caught:
        opened(packed({str(number): b"" for number in range(6)}))
    assert ("unreadable.zip-too-many", {"count": 6}) == (caught.value.reason, caught.value.params)


def test_a_list_of_entries_that_is_too_long_is_not_read(opened):
    short = ZipLimits(entries=5, entry_bytes=100, all_bytes=100, directory_bytes=40)
    with pytest.raises(SubmissionUnreadable, match="zip-broken"):
        opened(packed({"a": b"1", "b": b"1"}), limits=short)


@pytest.mark.parametrize(
    "data",
    [b"", b"PK", b"not a zip at all", packed({"a": b"1" * 100})[:-30]],
    ids=["empty", "short", "text", "cut"],
)
def test_what_is_no_zip_is_said_to_be_broken(opened, data):
    with pytest.raises(SubmissionUnreadable, match="zip-broken"):
        opened(data)


def test_a_file_that_is_damaged_does_not_stop_the_others(opened):
    data = bytearray(packed({"a": b"1", "b": b"2"}))
    data[data.index(b"PK\x03\x04") + 31] ^= 0xFF
    assert {"a": "unreadable.zip-damaged", "b": ""} == refusals(opened(bytes(data)))


def test_a_file_packed_in_a_way_that_takes_memory_is_refused(opened, tmp_path):
    with zipfile.ZipFile(tmp_path / "b.zip", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a", b"1")
    assert {"a": "unreadable.zip-damaged"} == refusals(opened((tmp_path / "b.zip").read_bytes()))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_of_two_files_of_one_name_the_later_one_has_it(opened, tmp_path):
    first, last = opened(zip_with(tmp_path / "b.zip", entry("a"), entry("a")))
    assert ("arrived.same-name", None) == (first.refused.id, last.refused)


def test_folders_are_no_files(opened):
    assert ["a/b"] == [file.name for file in opened(packed({"a/": b"", "a/b": b"1"}))]


def test_a_zip_within_a_zip_is_a_file(opened, tmp_path):
    inner = zip_of(tmp_path / "inner.zip", {"a": b"1"}).read_bytes()
    assert ["b.zip"] == [file.name for file in opened(packed({"b.zip": inner}))]
