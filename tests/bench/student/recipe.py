"""The commands that make the students which the README quotes, each with what it leaves and what it takes.

All of them are ``catnap student ...`` as anybody would type it. What one leaves stands in the project; what a check
finds is kept as the JSON that it prints, in ``figures/``, so a run that was broken off goes on with the next command.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

FIGURES: Final = "figures"
JUDGED: Final = f"{FIGURES}/judged.json"
FUNCTIONS: Final = f"{FIGURES}/functions.json"
WIDTHS: Final = f"{FIGURES}/widths.json"
LONG: Final = f"{FIGURES}/long.json"
MANIFEST: Final = "project.json"
# What the teacher's number format is that speed is compared in; a check leaves the file.
TWIN: Final = "plain/Q8_0.gguf"


@dataclass(frozen=True)
class Narrow:
    """A narrower student, as ADR 032 compares them before any training."""

    name: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class Wish:
    """What is made. As it stands: what the README quotes.

    Attributes:
        teacher: Its file.
        seed: Of prompts, answers, order and chance.
        new: Options of the step ``new``.
        rounds: Answers to each prompt that are made side by side, before the short and the long training.
        drop: Layers that go for the short training, and for the long one.
        minutes: Of a processor: the short training. Reading and writing the files takes some seconds beside them.
        long_minutes: The long one; 0: it is left out.
        words: Tokens of the smaller vocabulary.
        narrow: Narrower students.
        tasks: Options of the function check.
        pairs: Rounds of speed.
        python: That has PyTorch; None: that of ``make student``.
    """

    teacher: Path
    seed: int = 1
    new: tuple[str, ...] = ("--held-out", "40", "--max-tokens", "112")
    rounds: tuple[int, int] = (6, 12)
    drop: tuple[str, str] = ("4-7,12-15", "4-7")
    minutes: float = 4.8
    long_minutes: float = 0.0
    words: int = 24_000
    narrow: tuple[Narrow, ...] = (
        Narrow("columns-1280", ("--ffn", "1280")),
        Narrow("columns-992", ("--ffn", "992")),
        Narrow("columns-1152-heads-6", ("--ffn", "1152", "--heads", "6")),
        Narrow("channels-512-columns-1280", ("--width", "512", "--ffn", "1280")),
        Narrow("channels-448", ("--width", "448")),
    )
    tasks: tuple[str, ...] = ()
    pairs: int = 7
    python: Path | None = None


@dataclass(frozen=True)
class Names:
    """What the students are called, by which they are known in an older project, too."""

    short: str = "trained-22"
    long: str = "trained-26"
    pruned: str = "hand-22"
    long_pruned: str = "layers-26"
    words: str = "trained-22-words-{}"
    final: str = "{}-Q4_0-protected-weighed"


@dataclass(frozen=True)
class Work:
    """One command.

    Attributes:
        action: Of ``catnap student``.
        words: What stands behind the folder of the project.
        leaves: What it leaves there, such as "models/a.gguf"; empty: the command itself knows what is left to do, and
            that it was done is noted.
        needs: What must be done before it.
        minutes: Of a processor, as measured with SmolLM2 (docs/students.md).
        megabytes: Of disk that stay.
        learns: PyTorch is needed.
    """

    action: str
    words: tuple[str, ...]
    leaves: str = ""
    needs: tuple[Work, ...] = ()
    minutes: float = 0.1
    megabytes: int = 0
    learns: bool = False

    @property
    def key(self) -> str:
        """Stands for the command where it is noted as done."""
        return " ".join((self.action, *self.words))

    @property
    def prints_json(self) -> bool:
        """Whether what it leaves is what it prints."""
        return self.leaves.startswith(f"{FIGURES}/")


@dataclass
class Recipe:
    """All commands for a wish.

    Attributes:
        parts: By name: the last command of each part; what comes before it hangs on it.
    """

    wish: Wish
    names: Names = field(default_factory=Names)
    parts: dict[str, Work] = field(init=False)

    def __post_init__(self) -> None:
        self.parts = {
            "students": self._judged(),
            "functions": self._functions(),
            "widths": self._widths(),
            **({"long": self._long()} if self.wish.long_minutes else {}),
        }

    # --- the beginning

    def _collected(self) -> Work:
        wish = self.wish
        begun = Work("new", ("--teacher", str(wish.teacher), "--seed", str(wish.seed), *wish.new), MANIFEST)
        return Work("collect", (), needs=(begun,), minutes=4.5, megabytes=25)

    def _answers(self, rounds: int) -> Work:
        words = ("--rounds", str(rounds), *self._python())
        needs = (self._collected(),)
        return Work("answers", words, needs=needs, minutes=0.75 * rounds, megabytes=6 * rounds, learns=True)

    def _python(self) -> tuple[str, ...]:
        return () if self.wish.python is None else ("--python", str(self.wish.python))

    def _pruned(self, name: str, *options: str) -> Work:
        words = (*options, "--name", name)
        return Work("prune", words, _model(name), (self._collected(),), megabytes=81)

    # --- students

    def _short_pruned(self) -> Work:
        return self._pruned(self.names.pruned, "--drop", self.wish.drop[0])

    def _trained(self) -> Work:
        options = ("--batch", "6", "--every", "60", "--validation", "12")
        return self._learnt(self._short_pruned(), self.names.short, self.wish.minutes, self.wish.rounds[0], options)

    def _learnt(self, pruned: Work, name: str, minutes: float, rounds: int, options: tuple[str, ...]) -> Work:
        words = (
            *(Path(pruned.leaves).stem, "--name", name, "--minutes", f"{minutes:g}", "--seed", str(self.wish.seed)),
            *(*options, "--patience", "99", "--device", "cpu", *self._python()),
        )
        needs = (pruned, self._answers(rounds))
        return Work("train", words, _model(name), needs, minutes=1.2 * minutes, megabytes=240, learns=True)

    def _written(self, source: Work, kind: str, file: str, *options: str) -> Work:
        words = (Path(source.leaves).stem, "--type", kind, *options)
        return Work("export", words, _model(file), (source,), minutes=0.2, megabytes=110)

    def _final(self, source: Work, name: str) -> Work:
        return self._written(source, "Q4_0", self.names.final.format(name), "--importance")

    def _students(self) -> tuple[Work, ...]:
        trained, named = self._trained(), self.names.words.format(self.wish.words)
        shortened = Work(
            "vocabulary",
            (self.names.short, "--tokens", str(self.wish.words)),
            _model(named),
            (trained,),
            megabytes=184,
        )
        return (
            trained,
            self._written(trained, "Q8_0", f"{self.names.short}-Q8_0"),
            self._written(shortened, "Q8_0", f"{named}-Q8_0"),
        )

    def _judged(self) -> Work:
        return self._checked(self._students(), JUDGED, "--against", "Q8_0,IQ4_NL", minutes=4.0)

    def _checked(self, students: tuple[Work, ...], leaves: str, *options: str, minutes: float) -> Work:
        names = [Path(each.leaves).stem for each in students]
        words = (*names, "--without-functions", "--quick", "--anyway", "--json", *options)
        return Work("check", words, leaves, students, minutes=minutes, megabytes=300)

    def _functions(self) -> Work:
        final = self._final(self._trained(), self.names.short)
        # The function check of a student, its teacher and its rival, which is the best of all plain formats.
        words = (Path(final.leaves).stem, "--anyway", "--json", *self.wish.tasks)
        return Work("check", words, FUNCTIONS, (final,), minutes=25.0, megabytes=500)

    def _widths(self) -> Work:
        # In one format, since only then sizes and speeds can be compared; beside them the one with fewer layers.
        pruned = [self._short_pruned(), *(self._pruned(each.name, *each.options) for each in self.wish.narrow)]
        files = tuple(self._final(each, Path(each.leaves).stem) for each in pruned)
        return self._checked(files, WIDTHS, "--against", "IQ4_NL-embedding-IQ4_NL", minutes=5.0)

    def _long(self) -> Work:
        pruned = self._pruned(self.names.long_pruned, "--drop", self.wish.drop[1])
        options = ("--batch", "8", "--rate", "0.0004", "--every", "40")
        trained = self._learnt(pruned, self.names.long, self.wish.long_minutes, self.wish.rounds[1], options)
        return self._checked((trained,), LONG, "--against", "Q8_0", minutes=2.0)


class Progress:
    """What of a recipe is done in a project, and what is left."""

    def __init__(self, folder: Path) -> None:
        """
        Args:
            folder: Of the project.
        """
        self._folder = folder
        self._notes = folder / FIGURES / "done.txt"

    def left(self, work: Work) -> Iterator[Work]:
        """Yields the commands that a work still takes, in their order; what is there already needs nothing before it.

        Some may come twice.
        """
        if self.is_done(work):
            return
        for each in work.needs:
            yield from self.left(each)
        yield work

    def is_done(self, work: Work) -> bool:
        """Returns whether a command has done its work; a check of models that were made anew since then has not."""
        if not work.leaves:
            return self._notes.exists() and work.key in self._notes.read_text(encoding="utf-8").splitlines()
        left = self._folder / work.leaves
        if not left.exists():
            return False
        made = [self._folder / each.leaves for each in work.needs if each.leaves] if work.prints_json else []
        return all(each.exists() and each.stat().st_mtime_ns <= left.stat().st_mtime_ns for each in made)

    def note(self, work: Work) -> None:
        """Notes that a command has done its work, where nothing else tells."""
        if not work.leaves:
            self._notes.parent.mkdir(exist_ok=True)
            with self._notes.open("a", encoding="utf-8") as file:
                file.write(f"{work.key}\n")


def _model(name: str) -> str:
    return f"models/{name}.gguf"
