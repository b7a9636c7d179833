"""What came of checks, kept task by task: one file for each model file, quantisation, KV type, build and set of tasks.

``checks/<id>.json`` in the data folder: ``{"version": 1, "setup": {...}, "at": "2026-11-29T05:00:00Z", "results":
[...]}``. A file that will not do is set aside, and its check begins anew.

Answers are kept to the program's own tasks alone. Those of a person's file may be about anything, answers that were
marked down and so what conversations said among them: of these there is whether they were right, and no word of them.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from desktop.check.types import Kind, Language, Outcome, TaskResult, Why
from desktop.common.json_file import FileFault, StateFile, to_json
from desktop.common.regular_file import open_regular

# Characters of an answer that are kept: more than anybody reads of a wrong one.
_KEPT: Final = 2_000
# Of a model file, spread over it evenly: to read all of one takes minutes on an old disk.
_SAMPLES, _SAMPLE_BYTES = 64, 16 * 1024
_MOST_BYTES: Final = 64_000_000
_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"
_ID: Final = re.compile(r"[0-9a-f]{16}")
# A clock that is put right moves by less.
_CLOCK: Final = timedelta(days=1)


@dataclass(frozen=True)
class Setup:
    """What was checked. Two runs with equal setups ask the same of the same.

    Attributes:
        model: What it is called; not part of its identity.
        fingerprint: Of its file, see :func:`fingerprint_of`.
        quantisation: Such as "Q4_K_M"; empty: the file does not say.
        kv_type: Of the KV cache: "f16", "q8_0", "q4_0".
        build: Of Catnap and of llama.cpp.
        tasks: The digest of the tasks, of all kinds.
        task_file: The name of their file; empty: those of the program.
        place: Stands for the model's file where it is not read; not part of its identity.
    """

    model: str
    fingerprint: str
    quantisation: str
    kv_type: str
    build: str
    tasks: str
    task_file: str = ""
    place: str = ""

    @property
    def id(self) -> str:
        """Names its file."""
        parts = [self.fingerprint, self.quantisation, self.kv_type, self.build, self.tasks]
        return hashlib.sha256(to_json(parts).encode()).hexdigest()[:16]


class Record:
    """The results of one setup, which grow; one thread at a time."""

    def __init__(self, file: StateFile[Record], setup: Setup, results: Iterable[TaskResult] = (), at: str = "") -> None:
        """
        Args:
            file: Where they are kept.
            setup: What was checked.
            results: Those so far.
            at: When the last one came, UTC.
        """
        self._file = file
        self.setup = setup
        self.at = at
        self._results = {each.task_id: each for each in results}

    @property
    def results(self) -> tuple[TaskResult, ...]:
        """All results, in the order in which they came first."""
        return tuple(self._results.values())

    def result_of(self, task_id: str, digest: str) -> TaskResult | None:
        """Returns what came of a task; None: nothing yet, or it was another task then."""
        found = self._results.get(task_id)
        return found if found is not None and found.digest == digest else None

    def add(self, result: TaskResult) -> None:
        """Keeps a result, at once, beside those that another Catnap has added meanwhile.

        Raises:
            OSError: It cannot be written.
        """
        found = self._file.read()
        if found is not None:
            self._results = {each.task_id: each for each in found.results} | self._results
        self._results[result.task_id] = result
        self.at = datetime.now(UTC).strftime(_TIME)
        self._write()

    def forget(self, task_ids: Iterable[str]) -> None:
        """Drops results, so that their tasks are asked again.

        Raises:
            OSError: The file cannot be written.
        """
        for task_id in task_ids:
            self._results.pop(task_id, None)
        self._write()

    def _write(self) -> None:
        self._file.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        results = [_entry(each, keeps_words=not self.setup.task_file) for each in self._results.values()]
        self._file.write({"setup": asdict(self.setup), "at": self.at, "results": results}, durable=False, indent=None)


class ResultStore:
    """The folder of all results. One thread at a time."""

    def __init__(self, folder: Path) -> None:
        """
        Args:
            folder: It need not be there yet.
        """
        self.folder = folder
        self.problem: FileFault | None = None

    def open(self, setup: Setup) -> Record:
        """Returns the results of a setup, to which more can be added; what was damaged is said by :attr:`problem`."""
        file = _state_file(self.folder / f"{setup.id}.json")
        found = file.read()
        self.problem = self.problem or file.problem
        if found is None or found.setup.id != setup.id:
            return Record(file, setup)
        return Record(file, setup, found.results, found.at)

    def all(self) -> tuple[Record, ...]:
        """Returns everything that can be read, the newest first; files that will not do are set aside."""
        try:
            # Not what was set aside, which has a longer name.
            paths = sorted(path for path in self.folder.glob("*.json") if _ID.fullmatch(path.stem))
        except OSError:  # the folder may not be looked at
            return ()
        found = []
        for path in paths:
            file = _state_file(path)
            record = file.read()
            self.problem = self.problem or file.problem
            if record is not None:
                found.append(record)
        # What was written while the clock was wrong must not count as the newest for years.
        latest = (datetime.now(UTC) + _CLOCK).strftime(_TIME)
        return tuple(sorted(found, key=lambda each: each.at if each.at <= latest else "", reverse=True))

    def remove(self, setup_id: str) -> None:
        """Removes the results of a setup, where there are some."""
        with contextlib.suppress(OSError):
            (self.folder / f"{setup_id}.json").unlink(missing_ok=True)


def read_record(path: Path) -> Record | None:
    """Returns the results in a file, wherever it lies; None: it holds none."""
    return _state_file(path).read()


def fingerprint_of(paths: Iterable[Path]) -> str:
    """Returns what stands for the content of a model's files: their sizes and samples from all over them.

    The same file in another place has the same; some milliseconds, so not on the GUI thread.

    Raises:
        OSError: One of them cannot be read.
    """
    digest = hashlib.sha256()
    for path in paths:
        with open_regular(path) as stream:
            size = os.fstat(stream.fileno()).st_size
            digest.update(f"{size};".encode())
            step = max(_SAMPLE_BYTES, (size - _SAMPLE_BYTES) // (_SAMPLES - 1))
            for place in (*range(0, size, step), max(0, size - _SAMPLE_BYTES)):
                stream.seek(place)
                digest.update(stream.read(_SAMPLE_BYTES))
    return digest.hexdigest()[:24]


def _state_file(path: Path) -> StateFile[Record]:
    def parse(document: dict[str, Any]) -> Record:
        setup = document["setup"]
        if not all(isinstance(each, str) for each in setup.values()):
            raise ValueError("setup")
        at = document["at"]
        return Record(file, Setup(**setup), map(_result, document["results"]), at if isinstance(at, str) else "")

    file = StateFile(path, parse, most=_MOST_BYTES)
    return file


def _entry(result: TaskResult, *, keeps_words: bool) -> dict[str, str]:
    entry = {
        "task": result.task_id,
        "digest": result.digest,
        "kind": result.kind.value,
        "language": result.language.value,
        "outcome": result.outcome.value,
        "answer": result.answer[:_KEPT] if keeps_words else "",
    }
    return {**entry, "why": result.why.value} if result.why is not Why.NOTHING else entry


def _result(entry: Mapping[str, Any]) -> TaskResult:
    texts = [entry[key] for key in ("task", "digest", "answer")]
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("result")
    return TaskResult(
        entry["task"],
        entry["digest"],
        Kind(entry["kind"]),
        Language(entry["language"]),
        Outcome(entry["outcome"]),
        entry["answer"],
        Why(entry.get("why", "")),
    )
