"""A backup file is whole, or it is refused with the reason."""

import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from regulars.config import archive
from regulars.config.archive import BackupTooNew, BadBackup, Manifest, TableContent

MANIFEST = Manifest(
    made_at="2026-03-01T09:30:00+00:00",
    regulars="1.2.3",
    postgres="18.1",
    migrations=["staff.0001_initial"],
    tables={"staff_user": TableContent(rows=2, checksum="12345")},
)


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    dump = tmp_path / "work" / archive.DUMP
    dump.parent.mkdir()
    dump.write_bytes(b"PGDMP" + bytes(range(256)))
    uploads = tmp_path / "uploads"
    (uploads / "imports").mkdir(parents=True)
    (uploads / "imports" / "订单.csv").write_text("订单号,实付\n1,20\n")
    archive.pack(tmp_path / "backup.tar", dump=dump, uploads=uploads, manifest=MANIFEST)
    return tmp_path / "backup.tar"


def test_what_was_packed_comes_out(packed: Path, tmp_path: Path) -> None:
    manifest = archive.unpack(packed, tmp_path / "out")
    assert manifest.tables == MANIFEST.tables
    assert sorted(manifest.files) == [archive.DUMP, "uploads/imports/订单.csv"]
    assert (tmp_path / "out" / "uploads" / "imports" / "订单.csv").read_text() == "订单号,实付\n1,20\n"


def test_no_uploads_are_fine(packed: Path, tmp_path: Path) -> None:
    dump = tmp_path / "work" / archive.DUMP
    archive.pack(tmp_path / "second.tar", dump=dump, uploads=tmp_path / "none", manifest=MANIFEST)
    assert list(archive.unpack(tmp_path / "second.tar", tmp_path / "out").files) == [archive.DUMP]


def damage_content(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data.replace(b"\n1,20", b"\n1,99"))


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def not_a_tar(path: Path) -> None:
    path.write_bytes(b"no tar at all" * 1000)


def remove(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("spoil", [damage_content, cut_off, not_a_tar, remove])
def test_a_file_that_is_not_whole_is_refused(packed: Path, tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    spoil(packed)
    with pytest.raises(BadBackup):
        archive.unpack(packed, tmp_path / "out")


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({}, BadBackup),
        ([], BadBackup),
        ({"format": 1}, BadBackup),
        ({"format": 1, "tables": []}, BadBackup),
        ({"format": 99}, BackupTooNew),
    ],
)
def test_a_manifest_that_cannot_be_read(tmp_path: Path, said: Any, error: type[Exception]) -> None:
    note = tmp_path / archive.MANIFEST
    note.write_text(json.dumps(said))
    with tarfile.open(tmp_path / "backup.tar", "w") as tar:
        tar.add(note, archive.MANIFEST)
    with pytest.raises(error):
        archive.unpack(tmp_path / "backup.tar", tmp_path / "out")


def test_a_file_that_would_leave_the_folder_is_refused(tmp_path: Path) -> None:
    note = tmp_path / "evil"
    note.write_text("evil")
    with tarfile.open(tmp_path / "backup.tar", "w") as tar:
        tar.add(note, "../evil-twin")
    (tmp_path / "out").mkdir()
    with pytest.raises(BadBackup):
        archive.unpack(tmp_path / "backup.tar", tmp_path / "out")
    assert not (tmp_path / "evil-twin").exists()
