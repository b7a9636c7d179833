"""What is known of other programs with Catnap: ``docs/compatibility.json``, and the tables of the README made of it.

What it says of a server or client that is run in a test is what that test finds, or the test fails; the READMEs say
what it says, or :mod:`tests.compatibility.test_record` fails.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
FILE: Final = ROOT / "docs" / "compatibility.json"
# Each with the language of its table.
READMES: Final = (("README.md", "en"), ("README.zh-CN.md", "zh"))
SERVERS, CLIENTS = "servers", "clients"
# How it was run: in every test run; by hand, since it does not fit there; not at all, but what its documents say.
TESTED, BY_HAND, DOCUMENTED = "tested", "by hand", "documented"

_HEADS: Final = {
    (SERVERS, "en"): ("server", "version", "run", "worked", "did not"),
    (SERVERS, "zh"): ("服务器", "版本", "运行方式", "能用", "不能用"),
    (CLIENTS, "en"): ("program", "version", "run", "worked", "did not"),
    (CLIENTS, "zh"): ("程序", "版本", "运行方式", "能用", "不能用"),
}
_HOW: Final = {
    (TESTED, "en"): "in the tests",
    (TESTED, "zh"): "在测试中",
    (BY_HAND, "en"): "by hand",
    (BY_HAND, "zh"): "手动",
    (DOCUMENTED, "en"): "not run: its documented streams, replayed",
    (DOCUMENTED, "zh"): "未运行：只重放其文档所写的数据流",
}
_BETWEEN: Final = {"en": ", ", "zh": "、"}
_NOTHING: Final = "–"


@dataclass(frozen=True)
class Entry:
    """A server or a client.

    Attributes:
        name: By which tests know it.
        shown: What it is called, by language.
        version: That was run, or whose documents were read.
        how: ``TESTED``, ``BY_HAND`` or ``DOCUMENTED``.
        works: Names of the checks that it passes.
        cannot: Names of those that it does not.
    """

    name: str
    shown: Mapping[str, str]
    version: str
    how: str
    works: tuple[str, ...]
    cannot: tuple[str, ...]


@dataclass(frozen=True)
class Record:
    """All of it.

    Attributes:
        labels: What a check is called, by kind of program, its name and language.
        entries: By kind of program.
    """

    labels: Mapping[str, Mapping[str, Mapping[str, str]]]
    entries: Mapping[str, tuple[Entry, ...]]

    def entry(self, kind: str, name: str) -> Entry:
        """Returns what is known of a program."""
        return next(each for each in self.entries[kind] if each.name == name)

    def table(self, kind: str, language: str) -> str:
        """Returns the table of a README."""
        head = _HEADS[kind, language]
        lines = [head, ("---",) * len(head)]
        for each in self.entries[kind]:
            words = [
                _BETWEEN[language].join(self.labels[kind][check][language] for check in checks) or _NOTHING
                for checks in (each.works, each.cannot)
            ]
            lines.append((each.shown[language], each.version, _HOW[each.how, language], *words))
        return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def load() -> Record:
    """Reads the file."""
    document: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return Record(
        document["checks"],
        {
            kind: tuple(
                Entry(
                    each["name"],
                    each["shown"],
                    each["version"],
                    each["how"],
                    tuple(each["works"]),
                    tuple(each["cannot"]),
                )
                for each in document[kind]
            )
            for kind in (SERVERS, CLIENTS)
        },
    )


def filled(text: str, record: Record, language: str) -> str:
    """Returns a README with its tables as the record has them; each stands between two marks.

    Raises:
        ValueError: A mark is missing.
    """
    for kind in (SERVERS, CLIENTS):
        begin, end = f"<!-- compatibility: {kind} -->\n", "\n<!-- end -->"
        before, mark, rest = text.partition(begin)
        if not mark or end not in rest:
            raise ValueError(f"there is no place for the table of {kind}")
        text = before + begin + record.table(kind, language) + rest[rest.index(end) :]
    return text
