"""Long life: plays the real app for hundreds of rounds, and says what grows: ``make soak ARGS="--rounds 100"``.

A round is a chat and four things drawn by lot: asking, stopping, answering anew, editing, paging through versions, the
quick box, other conversations, deleting and undoing, renaming, searching, settings, another model, waking, dozing,
sleeping, a clock that jumps, a machine short of memory, an engine that is held or killed, every dialog, exports,
windows. It ends with everything closed and the model asleep; then both processes are looked at. After the rounds one
engine lives on, and is asked and dozes again and again.

--rounds N          how many; default: 500, some 20 minutes on 2 cores
--stay N            how often the engine that lives on is asked; default: 300
--seed N            draws other things; the seed is shown, and the same one draws the same again
--only NAME,NAME    draws these things alone, by their names in tests/soak/player.py: finds whose leak it is
--model FILE        another model as well; default: only two small ones that are made for this
--explain N,N       what the app's memory consists of after these rounds goes into the JSON
--json FILE         write everything there as well
--read FILE         judge what an earlier run has written there, and run nothing

Exit code 1: after 100 rounds a process still grows by 5 kB a round or more, judged where there are 200; or something is
left behind. The app draws into memory (Qt's offscreen platform), which costs less than a virtual display; what a window
system keeps of us is not ours.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.soak.report import rows, table, warm_up
from tests.support.command_line import ROOT, environment
from tests.support.parrot import LONG_TEXT, make_parrot
from tests.support.surroundings import take_nothing_over
from tests.support.tiny import make_tiny

_EVERY_S = 15.0
_BUDGET = 16_000_000  # of the states of conversations: player.BUDGET_MB, which needs Qt
# Such that the state of a long conversation takes some 10 MB of them.
_LAYERS = 30


@dataclass(frozen=True)
class Played:
    """What came of the rounds.

    Attributes:
        samples: One for each round.
        stay: One for each time the engine that lives on was asked.
        explained: What the memory consists of, after some rounds.
        failure: Why it ended early; empty: it did not.
    """

    samples: list[dict[str, Any]]
    stay: list[dict[str, Any]]
    explained: list[dict[str, Any]]
    failure: str = ""

    def record(self) -> dict[str, Any]:
        """Returns it for JSON."""
        return asdict(self)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="make soak", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=500)
    parser.add_argument("--stay", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--model", type=Path, action="append", default=[])
    parser.add_argument("--only", default="")
    parser.add_argument("--explain", default="")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--read", type=Path)
    arguments = parser.parse_args()
    if arguments.read:
        played = Played(**json.loads(arguments.read.read_text(encoding="utf-8"))["played"])
    else:
        take_nothing_over()
        print(f"seed {arguments.seed}, {arguments.rounds} rounds", flush=True)
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="catnap-soak-", ignore_cleanup_errors=True) as folder:
            wishes = (("--only", arguments.only), ("--explain", arguments.explain))
            more = [word for wish in wishes if wish[1] for word in wish]
            played = play(Path(folder), arguments.rounds, arguments.stay, arguments.seed, arguments.model, more)
        print(f"{time.monotonic() - began:.0f} s")
    return judge(played, arguments.json)


def judge(played: Played, file: Path | None) -> int:
    """Prints what came of the rounds and returns the exit code.

    Args:
        file: Gets everything as JSON; None: nowhere.
    """
    found = rows(played.samples, played.stay, _BUDGET) if played.samples else []
    if file is not None:
        record = {"rows": [asdict(row) for row in found], "played": played.record()}
        file.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(table(found))
    print(f"\n{len(played.samples)} rounds, the first {warm_up(len(played.samples))} of them warm-up")
    if played.failure:
        print(played.failure, file=sys.stderr)
    return int(bool(played.failure) or any(row.is_over for row in found))


def play(
    folder: Path, rounds: int, stay: int, seed: int, models: Sequence[Path] = (), more: Sequence[str] = ()
) -> Played:
    """Plays the rounds in a process of their own.

    Args:
        folder: For everything that is written.
        rounds: How many.
        stay: How often the engine that lives on is asked.
        seed: Of what is drawn.
        models: More models than the two that are made for this.
        more: Further arguments of :mod:`tests.soak.app`.
    """
    own = [make_tiny(folder / "tiny.gguf", ascii_only=True)]
    own.append(make_parrot(folder / "parrot.gguf", LONG_TEXT, layers=_LAYERS))
    command = [sys.executable, "-m", "tests.soak.app", str(folder), str(rounds), str(stay), str(seed), *more]
    for model in (*own, *models):
        command += ["--model", str(model.absolute())]
    (folder / "tmp").mkdir()
    home = {"HOME": str(folder), "USERPROFILE": str(folder), "TMPDIR": str(folder / "tmp"), "TEMP": str(folder / "tmp")}
    played = Played([], [], [])
    words = folder / "words.txt"
    with (
        words.open("w", encoding="utf-8") as errors,
        subprocess.Popen(
            command, cwd=ROOT, env=environment(home), stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process,
    ):
        assert process.stdout is not None
        said = time.monotonic()
        for line in process.stdout:
            told = json.loads(line)
            kind = played.samples if "round" in told else played.stay if "stay" in told else played.explained
            kind.append(told)
            if time.monotonic() > said + _EVERY_S:
                said = time.monotonic()
                print(f"{len(played.samples)} rounds, {len(played.stay)} turns", file=sys.stderr, flush=True)
    if process.returncode == 0:
        return played
    lines = words.read_text(encoding="utf-8", errors="replace").splitlines()
    told = [each for each in lines if not each.startswith("This plugin does not support")]
    return Played(
        played.samples, played.stay, played.explained, "\n".join(told[-60:]) or f"it ended with {process.returncode}"
    )


if __name__ == "__main__":
    sys.exit(main())
