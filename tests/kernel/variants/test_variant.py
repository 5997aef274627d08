"""What a variant changes: files that were read, and seeds that were set, count as met."""

from __future__ import annotations

import base64
import hashlib
import zlib
from pathlib import Path

from grader.kernel.portability.working_directory import WorkingDirectory
from grader.kernel.variants.seeding import SeedPlan
from grader.kernel.variants.variant import Variant

ORIGINAL = b"a,b\n1,2\n"
OTHER = b"a,b\n3,4\n"


def of_file(name: str = "data.csv") -> Variant:
    entry = {
        "name": name,
        "sha256": hashlib.sha256(ORIGINAL).hexdigest(),
        "content": base64.b64encode(zlib.compress(OTHER)).decode(),
    }
    return Variant([entry], narrow=False)


def lay(variant: Variant, folder: Path) -> WorkingDirectory:
    (folder / "data.csv").write_bytes(ORIGINAL)
    (folder / "copy.csv").write_bytes(ORIGINAL)
    (folder / "other.csv").write_bytes(b"x\n")
    directory = WorkingDirectory(str(folder))
    for file in variant.files:
        paths = directory.replace(file.name, file.sha256, file.content)
        file.lay(paths)
    return directory


def test_a_file_takes_the_place_of_its_copies_until_the_directory_is_restored(
    tmp_path: Path,
) -> None:
    directory = lay(of_file(), tmp_path)
    assert OTHER == (tmp_path / "data.csv").read_bytes()
    assert OTHER == (tmp_path / "copy.csv").read_bytes()
    assert b"x\n" == (tmp_path / "other.csv").read_bytes()
    directory.restore()
    assert ORIGINAL == (tmp_path / "data.csv").read_bytes()
    assert ORIGINAL == (tmp_path / "copy.csv").read_bytes()


def test_a_file_of_a_variant_that_is_lost_is_put_back_as_the_variants(tmp_path: Path) -> None:
    directory = lay(of_file(), tmp_path)
    (tmp_path / "data.csv").write_bytes(b"")
    directory.put_back_lost()
    assert OTHER == (tmp_path / "data.csv").read_bytes()


def test_a_file_is_met_once_it_is_read(tmp_path: Path) -> None:
    variant = of_file()
    lay(variant, tmp_path)
    assert {} == variant.carried(sets_seeds=False)
    (tmp_path / "other.csv").read_bytes()
    assert {} == variant.carried(sets_seeds=False)
    (tmp_path / "copy.csv").read_bytes()
    assert {"data.csv": True} == variant.carried(sets_seeds=False)


def test_seeds_are_moved_and_met_where_code_sets_one() -> None:
    variant = Variant([{"name": "seeds", "offset": 7}], narrow=False)
    assert SeedPlan(offset=7) == variant.seed_plan(SeedPlan())
    assert SeedPlan(offset=10, draws=1) == variant.seed_plan(SeedPlan(offset=3, draws=1))
    assert {} == variant.carried(sets_seeds=False)
    assert {"seeds": True} == variant.carried(sets_seeds=True)


def test_data_that_stays_as_it_is_changes_nothing() -> None:
    variant = Variant([{"name": "data.csv"}, {"name": "seeds", "offset": 0}], narrow=False)
    assert SeedPlan() == variant.seed_plan(SeedPlan())
    assert () == tuple(variant.files)
