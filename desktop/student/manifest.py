"""What a student's project says about itself: what went in, what is wanted, and each step that was done."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from desktop.common.regular_file import open_regular
from desktop.engine.routing import ServerModel, server_model
from desktop.gguf.parts import model_identity, present_parts

_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"
_CHUNK: Final = 1 << 20
# What is written down of a run and says nothing of what it made.
_OF_THE_MACHINE: Final = frozenset({"tokens_per_second"})


@dataclass(frozen=True)
class InputFile:
    """A file that goes in; of a model in several parts all of them.

    Attributes:
        path: Where it lay, or its first part; the sha256 says whether it is the same.
        size: In bytes.
        written_ns: When its content last changed, in nanoseconds since 1970, or what stands for that of all parts: as
            long as that is so, nobody need read it again; 0: unknown.
    """

    path: str
    size: int
    sha256: str
    written_ns: int = 0

    @classmethod
    def of(cls, path: Path) -> InputFile:
        """Reads a file, which takes seconds for gigabytes.

        Raises:
            OSError: It cannot be read.
        """
        written = model_identity(path).mtime_ns
        digest, size = hashlib.sha256(), 0
        for part in present_parts(path):
            with open_regular(part) as stream:
                while chunk := stream.read(_CHUNK):
                    digest.update(chunk)
                    size += len(chunk)
        return cls(str(path), size, digest.hexdigest(), written)

    def is_there(self) -> bool:
        """Tells whether it lies where it lay and is the same; seconds for gigabytes where it was written since.

        Raises:
            OSError: It cannot be read.
        """
        path = Path(self.path)
        if not path.is_file():
            return False
        now = model_identity(path)
        if now.size != self.size:
            return False
        return now.mtime_ns == self.written_ns or InputFile.of(path).sha256 == self.sha256


@dataclass(frozen=True)
class ProjectSettings:
    """What is wanted of a project; fixed when it is begun.

    Attributes:
        languages: Of the prompts that are asked; empty: all.
        held_out: Prompts that are never learnt from.
        max_tokens: Of an answer.
        sampling_temperature: With which the teacher chooses its words; 0: always the best.
        temperature: The highest that the student will be trained at.
        kept: Logits that are kept of a token; 0: as many as that temperature needs.
        mass: Share of the probability that those must hold at that temperature.
        n_ctx: Tokens that a question with its answer may have.
        seed: Of every choice.
    """

    languages: tuple[str, ...] = ()
    held_out: int = 30
    max_tokens: int = 96
    sampling_temperature: float = 0.7
    temperature: float = 1.0
    kept: int = 0
    mass: float = 0.9
    n_ctx: int = 1024
    seed: int = 1


@dataclass(frozen=True)
class Run:
    """A step that was done.

    Attributes:
        step: "collect", "prune", "export", "check".
        at: When it ended, UTC.
        settings: What was asked for beyond the project's settings, and what was chosen.
        sequences: Ids of the answers that it made or used, in their order.
        figures: What came of it.
    """

    step: str
    at: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    sequences: tuple[str, ...] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """Stands for the list of sequences."""
        return hashlib.sha256("\n".join(self.sequences).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Manifest:
    """What a project says about itself.

    Attributes:
        teacher: The model that is learnt from; of one on a server the choice of it, without a size.
        teacher_name: What it is called.
        prompts: The file of the prompts; None: those of the program.
        prompts_digest: Stands for the prompts.
        settings: What is wanted.
        build: Of Catnap, when the project was begun.
        at: When it was begun, UTC.
        runs: In their order.
        student: The model that students are made of, where it is not the teacher: of other tokens, or since the
            teacher is on a server. The answers are kept in its tokens.
    """

    teacher: InputFile
    teacher_name: str
    prompts: InputFile | None
    prompts_digest: str
    settings: ProjectSettings
    build: str
    at: str
    runs: tuple[Run, ...] = ()
    student: InputFile | None = None

    @property
    def base(self) -> InputFile:
        """The model that students are made of."""
        return self.teacher if self.student is None else self.student

    @property
    def served(self) -> ServerModel | None:
        """Who is asked on which server; None: the teacher is a file."""
        return server_model(self.teacher.path)

    def last(self, step: str) -> Run | None:
        """Returns the newest run of a step; None: it was not done yet."""
        return next((run for run in reversed(self.runs) if run.step == step), None)


def now() -> str:
    """Returns the time as manifests have it."""
    return datetime.now(UTC).strftime(_TIME)


def differences(one: Manifest, other: Manifest) -> Iterator[str]:
    """Yields in what two projects differ, a line for each; times and places of files do not count."""
    yield from _parted("teacher", one.teacher.sha256 or one.teacher.path, other.teacher.sha256 or other.teacher.path)
    yield from _parted("student", one.base.sha256, other.base.sha256)
    yield from _parted("prompts", one.prompts_digest, other.prompts_digest)
    yield from _parted("build", one.build, other.build)
    for each in fields(ProjectSettings):
        yield from _parted(each.name, getattr(one.settings, each.name), getattr(other.settings, each.name))
    for step in dict.fromkeys(run.step for run in (*one.runs, *other.runs)):
        mine, theirs = one.last(step), other.last(step)
        if mine is None or theirs is None:
            yield f"{step}: done in {'the second' if mine is None else 'the first'} only"
            continue
        yield from _parted(f"{step}, sequences", _counted(mine), _counted(theirs))
        for name in dict.fromkeys((*mine.settings, *theirs.settings)):
            if name in _OF_THE_MACHINE:
                continue
            yield from _parted(f"{step}, {name}", mine.settings.get(name), theirs.settings.get(name))
        for name in dict.fromkeys((*mine.figures, *theirs.figures)):
            yield from _parted(f"{step}, {name}", mine.figures.get(name), theirs.figures.get(name))


def _counted(run: Run) -> str:
    return f"{len(run.sequences)} ({run.digest})"


def _parted(name: str, one: object, other: object) -> Iterator[str]:
    if one != other:
        yield f"{name}: {one} against {other}"


def parse_manifest(document: dict[str, Any]) -> Manifest:
    """Returns what was written down.

    Raises:
        KeyError, TypeError, ValueError: It is no manifest.
    """
    prompts, student = document["prompts"], document.get("student")
    return Manifest(
        teacher=_input(document["teacher"]),
        teacher_name=str(document["teacher_name"]),
        prompts=None if prompts is None else _input(prompts),
        prompts_digest=str(document["prompts_digest"]),
        settings=_settings(document["settings"]),
        build=str(document["build"]),
        at=str(document["at"]),
        runs=tuple(_run(each) for each in document["runs"]),
        student=None if student is None else _input(student),
    )


def _settings(document: Mapping[str, Any]) -> ProjectSettings:
    """Returns settings that were written down; names that are not known do not count."""
    found: dict[str, Any] = {}
    for name, usual in asdict(ProjectSettings()).items():
        value = document.get(name, usual)
        if name == "languages":
            value = tuple(map(str, value))
        elif type(value) not in (type(usual), int):
            raise ValueError(name)
        found[name] = value
    return ProjectSettings(**found)


def _input(entry: Mapping[str, Any]) -> InputFile:
    return InputFile(str(entry["path"]), int(entry["size"]), str(entry["sha256"]), int(entry.get("written_ns", 0)))


def _run(entry: Mapping[str, Any]) -> Run:
    return Run(
        str(entry["step"]),
        str(entry["at"]),
        dict(entry["settings"]),
        tuple(map(str, entry["sequences"])),
        dict(entry["figures"]),
    )
