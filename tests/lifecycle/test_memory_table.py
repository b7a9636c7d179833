"""The use of memory as a table in a file."""

from __future__ import annotations

import csv
import logging
import os
from pathlib import Path

import pytest

from desktop.common.background_writer import BackgroundWriter, write_at_once
from desktop.lifecycle import memory_table
from desktop.lifecycle.memory_history import Rest, Sample
from desktop.lifecycle.memory_table import MemoryTable
from desktop.machine.memory import MemoryReading
from tests.support.patience import PATIENCE_S

MB = 1_000_000
SAMPLE = Sample(5.0, MemoryReading(500 * MB, 200 * MB, 4_000 * MB, 1_000 * MB, 110 * MB, 410 * MB), Rest.AWAKE)


def rows(file: Path) -> list[list[str]]:
    with file.open(encoding="utf-8", newline="") as table:
        return list(csv.reader(table))


def test_a_line_for_each_measurement_below_one_head(tmp_path: Path) -> None:
    file = tmp_path / "memory.csv"
    for _start in range(2):  # AND a second start of the program goes on in the same table
        table = MemoryTable(file, write_at_once, lambda: 1_700_000_000.0)
        table.add(SAMPLE)
        table.add(SAMPLE)
    head, *lines = rows(file)
    assert head[:2] == ["time", "state"]
    assert len(lines) == 4
    assert lines[0][1:] == ["awake", "90000000", "110000000", "300000000", "3000000000", "4000000000"]
    assert len(lines[0]) == len(head)
    if os.name == "posix":
        assert file.stat().st_mode & 0o077 == 0


def test_nothing_is_lost_between_two_writes(tmp_path: Path) -> None:
    file, writer = tmp_path / "memory.csv", BackgroundWriter()
    table = MemoryTable(file, writer.put)
    for _ in range(200):
        table.add(SAMPLE)  # the writer does the newest write of a file only
    assert writer.close(PATIENCE_S)
    assert len(rows(file)) == 201


def test_a_table_that_cannot_be_written_waits_and_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "logs"
    table = MemoryTable(folder / "memory.csv", write_at_once)
    with caplog.at_level(logging.WARNING):
        table.add(SAMPLE)
        table.add(SAMPLE)
    assert len(caplog.records) == 1
    folder.mkdir()
    table.add(SAMPLE)
    assert len(rows(folder / "memory.csv")) == 4


@pytest.mark.skipif(os.name != "posix", reason="Windows has no pipes in folders")
def test_a_pipe_in_its_place_holds_nobody(tmp_path: Path) -> None:
    file = tmp_path / "memory.csv"
    os.mkfifo(file)
    MemoryTable(file, write_at_once).add(SAMPLE)
    assert file.is_fifo()


def test_a_full_table_begins_anew_and_the_old_one_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_table, "_FILE_BYTES", 300)
    file = tmp_path / "memory.csv"
    table = MemoryTable(file, write_at_once)
    for _ in range(9):
        table.add(SAMPLE)
    old = rows(tmp_path / "memory.old.csv")
    assert old[0] == rows(file)[0]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["memory.csv", "memory.old.csv"]
