"""The arguments of the command line, read with argparse. What scripts rely on stands in docs/ARCHITECTURE.md."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NoReturn

from desktop import __version__
from desktop.common.errors import UserFacingError
from desktop.common.printable import one_line
from desktop.common.text.number_ranges import parse_ranges
from desktop.settings.options import OptionValue, option_for

_WEEK_MINUTES = 7 * 24 * 60

AppVerb = Literal["start", "show", "quick-ask", "action", "quit"]


@dataclass(frozen=True)
class AppOptions:
    """Arguments of the tray app.

    Attributes:
        data_dir: Everything is kept below this folder; None: the platform's usual places.
        catalog: Another models.json; None: the one shipped.
        hidden: Start without a window, as at login.
        verb: What to tell the running instance; all but "quit" start one where there is none.
        action: Name of the quick action that the verb "action" is about.
    """

    data_dir: Path | None = None
    catalog: Path | None = None
    hidden: bool = False
    verb: AppVerb = "start"
    action: str = ""


class _Parser(argparse.ArgumentParser):
    """Quotes arguments as they may be shown; the parsers of the verbs are of its kind, too."""

    def error(self, message: str) -> NoReturn:
        super().error(one_line(message))


_APP_VERBS: tuple[tuple[AppVerb, str], ...] = (
    ("quick-ask", "open the quick-ask box"),
    ("show", "show the window"),
    ("quit", "end the running app; does nothing where there is none"),
)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Returns the arguments; ``verb`` is None for the tray app.

    Args:
        arguments: Without the program's name; None takes those of the process.

    Raises:
        SystemExit: Wrong usage (2), or ``--help`` and ``--version`` (0).
    """
    parser = _Parser(
        prog="catnap",
        description="A small language model in the tray, asleep until somebody asks.",
        epilog="Without a verb the tray app starts; where it is running already, its window is shown.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"catnap {__version__}")
    _add_places(parser, default=None)
    parser.add_argument("--hidden", action="store_true", help="start without a window, as at login")
    told = parser.add_mutually_exclusive_group()
    told.set_defaults(app_verb="start")
    for verb, text in _APP_VERBS:
        told.add_argument(f"--{verb}", action="store_const", dest="app_verb", const=verb, help=text)
    text = "do something with the selected text: explain, summarise, translate, correct, rewrite, ask, or one's own"
    told.add_argument("--action", dest="quick_action", metavar="NAME", type=_name, help=text)
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", title="verbs that need no display")
    words = sys.argv[1:] if arguments is None else arguments
    for name, (text, fill) in _verbs().items():
        described = verbs.add_parser(name, help=text, allow_abbrev=False)
        if name in words:  # to describe all of them took a tenth of the time until the tray icon is there
            fill(described)
    parsed = parser.parse_args(arguments)
    if parsed.verb is not None and (parsed.hidden or parsed.app_verb != "start" or parsed.quick_action is not None):
        parser.error("--hidden, --quick-ask, --action, --show and --quit go without a verb")
    if parsed.verb == "ask" and not parsed.text.strip():
        parser.error("the question is empty")
    if parsed.verb == "ask" and parsed.library is not None and (parsed.file is not None or parsed.parts is not None):
        parser.error("--library goes without --file and --parts")
    local = ("model", "ctx", "threads", "gpu_layers")
    if parsed.verb == "ask" and parsed.server is not None and any(getattr(parsed, name) is not None for name in local):
        parser.error("--server goes without --model, --ctx, --threads and --gpu-layers")
    if parsed.quick_action is not None:
        parsed.app_verb = "action"
    return parsed


def _verbs() -> dict[str, tuple[str, Callable[[argparse.ArgumentParser], None]]]:
    """Returns what each verb does, and what describes its arguments."""
    return {
        "ask": ("answer a question on stdout", _add_ask),
        "extract": ("fill in a table from documents, a row for each", _add_extract),
        "models": ("list, download, add, import, network ...", _add_models),
        "chats": ("list, search, export, import conversations", _add_chats),
        "libraries": ("folders of documents to ask: list, add ...", _add_libraries),
        "serve": ("let other programs ask, without a window", _add_serve),
        "servers": ("models on servers: list, add, models, test ...", _add_servers),
        "gpu": ("graphics processors: what there is, try, install", _add_gpu),
        "doctor": ("what this machine has, and what it lacks", _add_common),
        "bench": ("measure waking, reading, answering and memory", _add_bench),
        "check": ("find out what a model can do, with tasks", _add_check),
        "student": ("make a smaller model of one: new, collect ...", _add_student),
        "autostart": ("start at login: on, off, status", _add_autostart),
    }


def _add_ask(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", metavar="TEXT", help='the question; "-" reads it from stdin')
    parser.add_argument(
        "--file", metavar="FILE", type=_name, help="a document that the question is about; so is what is piped to stdin"
    )
    parser.add_argument(
        "--library",
        metavar="NAME",
        type=_name,
        help="a folder of documents that the question is about; see catnap libraries",
    )
    parser.add_argument(
        "--parts",
        metavar="RANGES",
        type=_ranges,
        help="only these pages, sheets, slides or chapters of the document, such as 2-5,8",
    )
    parser.add_argument("--model", metavar="ID|PATH", help="an installed model, by its id or name, or a GGUF file")
    parser.add_argument(
        "--server", metavar="NAME[/MODEL]", type=_name, help="a server answers instead; see catnap servers"
    )
    parser.add_argument("--system", metavar="S", help="instructions to the model; default: those of the settings")
    for flag, metavar, key in (
        ("--max-tokens", "N", "max_tokens"),
        ("--temperature", "T", "temperature"),
        ("--seed", "N", "seed"),
        ("--ctx", "N", "n_ctx"),
        ("--threads", "N", "threads"),
        ("--gpu-layers", "N", "gpu_layers"),
    ):
        check, text = _setting(key)
        parser.add_argument(flag, metavar=metavar, type=check, help=text)
    parser.add_argument(
        "--json-schema",
        metavar="FILE",
        type=_name,
        help="answer in JSON that keeps to this JSON Schema, and print nothing else",
    )
    text = "ask the model also for what can be computed, such as 17 %% of 2,340"
    parser.add_argument("--no-calculate", action="store_false", dest="calculate", help=text)
    text = "let an answer go on that repeats itself"
    parser.add_argument("--allow-loops", action="store_false", dest="stop_loops", help=text)
    _add_common(parser)


def _add_extract(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sources", metavar="FOLDER|FILE", nargs="+", type=_name, help="documents, or folders of them")
    parser.add_argument(
        "--fields",
        metavar="FIELDS|FILE",
        type=_name,
        required=True,
        help='what to look for, such as "name: text, amount: number, due: date?", or a file with that or a JSON '
        "Schema; kinds: text, number, whole, yes/no, date, choice(a|b), list; ? may stay empty",
    )
    parser.add_argument(
        "--csv", metavar="OUT", type=_name, help="the table; one that is there is gone on with. Default: stdout"
    )
    parser.add_argument("--force", action="store_true", help="replace a table that is there")
    parser.add_argument("--recursive", action="store_true", help="folders within folders, too")
    parser.add_argument("--model", metavar="ID|PATH", help="an installed model, by its id or name, or a GGUF file")
    for flag, key in (("--ctx", "n_ctx"), ("--threads", "threads")):
        check, text = _setting(key)
        parser.add_argument(flag, metavar="N", type=check, help=text)
    _add_common(parser)


def _add_models(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    _add_common(actions.add_parser("list", help="what can be had and what is installed", allow_abbrev=False))
    text = "which mirror answers, how fast, by which way"
    _add_common(actions.add_parser("network", help=text, allow_abbrev=False))
    for action, metavar, optional, text in (
        ("download", "ID", False, "fetch a model, or go on where it stopped"),
        ("add", "REPO|LINK", False, "fetch a model from Hugging Face: owner/name, owner/name:Q4_K_M, or a link"),
        ("import", "PATH", False, "use a GGUF file where it lies, without copying it"),
        ("info", "ID|PATH", False, "say what a model or a GGUF file is"),
        ("rename", "ID", False, "show one of your own models under another name; the file keeps its own"),
        ("verify", "ID", True, "read the files again and compare their sha256; all of them without ID"),
        ("remove", "ID", False, "delete a downloaded model; an imported file stays where it is"),
    ):
        leaf = actions.add_parser(action, help=text, allow_abbrev=False)
        leaf.add_argument("target", metavar=metavar, nargs="?" if optional else None)
        if action == "rename":
            leaf.add_argument("name", metavar="NAME", help="how to show it; empty: as its file is called")
            leaf.add_argument("--languages", metavar="CODES", help="the languages it speaks, such as en,zh")
        _add_common(leaf)


def _add_chats(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    _add_common(actions.add_parser("list", help="the conversations, the newest first", allow_abbrev=False))
    search = actions.add_parser("search", help="messages that hold all the words", allow_abbrev=False)
    search.add_argument("words", metavar="WORDS", nargs="+")
    _add_common(search)
    export = actions.add_parser("export", help="write conversations to a file, a folder or stdout", allow_abbrev=False)
    export.add_argument(
        "chats", metavar="CHAT", nargs="*", help="an id, its beginning, or a title; all conversations without"
    )
    export.add_argument(
        "-o",
        "--output",
        metavar="FILE|DIR",
        type=_name,
        default="-",
        help='"-", the default, is stdout; a folder gets many files',
    )
    export.add_argument("--format", choices=("md", "json", "txt"), help="default: by the name of the file, else md")
    export.add_argument("--force", action="store_true", help="replace a file that is there")
    export.add_argument("--with-thoughts", action="store_true", help="the thoughts too; JSON always has them")
    export.add_argument(
        "--with-versions", action="store_true", help="other versions of questions and answers too; JSON always has them"
    )
    _add_common(export)
    take_in = actions.add_parser(
        "import", help="take in what Catnap, ChatGPT or Open WebUI has exported", allow_abbrev=False
    )
    take_in.add_argument("file", metavar="FILE", help='JSON, the .zip of ChatGPT, a database of Catnap; "-" is stdin')
    _add_common(take_in)


def _add_libraries(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for action, metavar, count, text in (
        ("list", None, None, "which there are, and which of their files cannot be read"),
        ("add", "FOLDER", None, "make a folder a library, and read its documents"),
        ("update", "LIBRARY", "?", "read what has changed, and try again what could not be read; all without LIBRARY"),
        ("rename", "LIBRARY", None, "give a library another name"),
        ("remove", "LIBRARY", None, "forget a library; its folder stays as it is"),
        ("meaning", "MODEL|off", "?", "find passages by what they mean, with an embedding model; alone: which one"),
    ):
        leaf = actions.add_parser(action, help=text, allow_abbrev=False)
        if metavar is not None:
            leaf.add_argument("target", metavar=metavar, nargs=count, type=_name)
        if action == "add":
            leaf.add_argument("--name", metavar="NAME", type=_name, help="default: the folder's")
        if action == "rename":
            leaf.add_argument("name", metavar="NAME", type=_name)
        _add_common(leaf)


def _add_servers(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for action, text in (
        ("list", "which there are"),
        ("add", "name a server: vLLM, llama.cpp's, Ollama, LM Studio, a company's ..."),
        ("models", "which models a server has"),
        ("test", "have a server say a word, and tell how long it took"),
        ("remove", "forget a server and its key"),
        ("discover", "listen for servers in the own network, or ask one computer at the ports that are usual"),
    ):
        leaf = actions.add_parser(action, help=text, allow_abbrev=False)
        if action == "discover":
            leaf.add_argument("target", metavar="COMPUTER", nargs="?", type=_name)
        elif action != "list":
            leaf.add_argument("target", metavar="NAME", type=_name)
        if action == "add":
            leaf.add_argument("address", metavar="ADDRESS", type=_name, help="such as 192.168.1.5:11434")
            leaf.add_argument("--model", metavar="MODEL", type=_name, help="the one that is asked where none is named")
            leaf.add_argument("--key-from-stdin", action="store_true", help="read the server's key, from stdin")
            leaf.add_argument("--agree", action="store_true", help="questions may be sent there; else that is asked")
            text = "ask it through the system's proxy although it is in the own network"
            leaf.add_argument("--through-proxy", action="store_true", help=text)
        if action == "test":
            leaf.add_argument("--model", metavar="MODEL", type=_name)
        _add_common(leaf)


def _add_gpu(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    for action, metavar, optional, text in (
        ("status", "MODEL", True, "which there are, and what is known of them with a model"),
        ("test", "MODEL", True, "compare what it computes with the processor, and how fast; minutes"),
        ("install", "FILE", False, "put the download for graphics processors in its place"),
    ):
        leaf = actions.add_parser(action, help=text, allow_abbrev=False)
        leaf.add_argument("target", metavar=metavar, nargs="?" if optional else None, type=_name)
        _add_common(leaf)
    parser.set_defaults(action="status", target=None)


def _add_serve(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", metavar="ID", type=_name, help="an installed model, by its id or name")
    check, text = _setting("api_port")
    port = lambda given: 0 if given == "0" else check(given)  # noqa: E731
    parser.add_argument("--port", metavar="N", type=port, help=f"{text} 0: any that is free")
    parser.add_argument(
        "--new-token", action="store_true", help="make another token and print it; the one before opens nothing more"
    )
    _add_common(parser)


def _add_check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "target", metavar="MODEL", nargs="?", help="an installed model, by its id or name, or a GGUF file"
    )
    parser.add_argument(
        "--kinds",
        metavar="KIND",
        nargs="+",
        help="only these: questions, arithmetic, python, tables, facts, long-text, json, instructions",
    )
    parser.add_argument("--tasks", metavar="FILE", type=_name, help="other tasks; see docs/TASKS.md for what they are")
    parser.add_argument(
        "--compare",
        metavar="SETTING=VALUE|RESULT",
        nargs="+",
        help="ask the same with kv_type=q4_0, or of model=ID, or take another result, and say whether it differs",
    )
    parser.add_argument("--resume", action="store_true", help="only go on with a check that was paused")
    parser.add_argument("--again", action="store_true", help="ask once more what was answered already")
    parser.add_argument("--anyway", action="store_true", help="also while the machine lives on its battery")
    parser.add_argument(
        "--from-ratings", metavar="FILE", type=_name, help="only write the answers that were marked down as tasks"
    )
    _add_common(parser)


def _add_bench(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", metavar="ID|PATH", help="an installed model, by its id or name, or a GGUF file")
    _add_common(parser)


def _add_student(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    leaves = {}
    for action, text in (
        ("new", "begin a project in a folder of its own"),
        ("status", "what there is, what comes next; or in what two projects differ"),
        ("collect", "have the teacher answer the prompts, and keep what it thinks"),
        ("answers", "have the teacher answer each prompt once more, many side by side; needs PyTorch"),
        ("prune", "find the layers that can go, and write a model without them"),
        ("vocabulary", "leave out words of other scripts, and the rarest pieces"),
        ("train", "have a student learn what the teacher thinks; needs PyTorch, see: make student"),
        ("export", "write a student in another number format"),
        ("check", "how far students and small versions of the teacher are from it, what they can do, and how fast"),
        ("report", "write the report of a check anew, as a page in a language"),
        ("install", "make a student one of the app's models"),
        ("run", "do all steps that are not done yet, in their order"),
    ):
        leaf = leaves[action] = actions.add_parser(action, help=text, allow_abbrev=False)
        leaf.add_argument("target", metavar="DIR", type=_name)
        _add_common(leaf)
    for action in ("new", "collect", "answers", "prune", "train", "export", "check"):
        leaves[action].add_argument("--threads", metavar="N", type=_count, default=1, help="that compute; default: 1")
    _add_beginning(leaves["new"])
    leaves["status"].add_argument("--against", metavar="DIR", type=_name, help="another project")
    leaves["collect"].add_argument("--limit", metavar="N", type=_count, help="only so many of the prompts")
    _add_pruning(leaves["prune"])
    words = leaves["vocabulary"]
    words.add_argument("model", metavar="MODEL", type=_name, help='a student, or "teacher"')
    words.add_argument("--tokens", metavar="N", type=_count, help="that stay at the most; the rarest go")
    words.add_argument("--languages", metavar="CODES", help="that texts are in; default: those of the prompts")
    more = leaves["answers"]
    more.add_argument("--rounds", metavar="N", type=_count, default=4, help="answers to each prompt; default: 4")
    text = "instead, have it make N questions of its own and answer them; never those held out"
    more.add_argument("--questions", metavar="N", type=_count, default=0, help=text)
    _add_training(leaves["train"])
    for action in ("answers", "train"):
        text = "a Python that has PyTorch; default: that of make student"
        leaves[action].add_argument("--python", metavar="PATH", type=_name, help=text)
    export = leaves["export"]
    export.add_argument("model", metavar="MODEL", type=_name, help="a file in the project's folder models, or a path")
    export.add_argument("--type", metavar="TYPE", dest="kind", type=_name, default="Q4_0", help="default: Q4_0")
    export.add_argument("--plain", action="store_true", help="protect no tensors")
    export.add_argument(
        "--importance", action="store_true", help="weigh by what the teacher's answers make of each column"
    )
    leaves["check"].add_argument(
        "model", metavar="MODEL", nargs="*", type=_name, help="students, by name or path; default: the newest"
    )
    _add_check_of_students(leaves["check"])
    leaves["report"].add_argument("model", metavar="MODEL", nargs="?", type=_name, help="the student that it is about")
    _add_language(leaves["report"])
    install = leaves["install"]
    install.add_argument("model", metavar="MODEL", nargs="?", type=_name, help="a student; default: the newest")
    install.add_argument(
        "--name", metavar="NAME", type=_name, help="that it is shown under; default: after its teacher"
    )
    _add_run_of_student(leaves["run"])
    # Each step of a run is parsed as if somebody had typed it, so that it has the defaults of its own verb.
    leaves["run"].set_defaults(parse_step=lambda action, words: leaves[action].parse_args(words))


def _add_beginning(new: argparse.ArgumentParser) -> None:
    who = new.add_mutually_exclusive_group(required=True)
    who.add_argument("--teacher", metavar="ID|PATH", help="an installed model, or a GGUF file")
    text = "a server that tells which words were likely answers instead; needs --student; see catnap servers"
    who.add_argument("--server", metavar="NAME[/MODEL]", type=_name, help=text)
    text = "the model that students are made of, where it is not the teacher; it may have other tokens"
    new.add_argument("--student", metavar="ID|PATH", help=text)
    new.add_argument("--prompts", metavar="FILE", type=_name, help="one prompt a line; default: those of Catnap")
    new.add_argument(
        "--languages", metavar="CODES", help="only prompts in these, such as en,zh; default: the teacher's"
    )
    for flag, metavar, kind, text in (
        ("--held-out", "N", _count, "prompts that are never learnt from; default: 30"),
        ("--max-tokens", "N", _count, "of an answer; default: 96"),
        ("--sampling-temperature", "T", _number, "with which the teacher answers; default: 0.7"),
        ("--temperature", "T", _number, "the highest that will be trained at; default: 1"),
        ("--kept", "K", _count, "logits that are kept of a token; default: as many as the temperature needs"),
        ("--ctx", "N", _count, "tokens that a prompt with its answer may have; default: 1024"),
        ("--seed", "N", _count, "of every choice; default: 1"),
    ):
        new.add_argument(flag, metavar=metavar, type=kind, help=text)


def _add_run_of_student(run: argparse.ArgumentParser) -> None:
    run.add_argument("--teacher", metavar="ID|PATH", help="begin the project, where there is none yet")
    run.add_argument("--layers", metavar="N", type=_count, help="that stay")
    run.add_argument("--drop", metavar="RANGES", type=_ranges, help="these layers go; nothing is searched")
    run.add_argument("--vocabulary", metavar="N", type=_count, help="tokens that stay at the most")
    run.add_argument("--limit", metavar="N", type=_count, help="collect only so many answers")
    run.add_argument("--name", metavar="NAME", type=_name, help="of the student's files; default: after its layers")
    for action in ("new", "prune", "train"):
        run.add_argument(f"--{action}", metavar="OPTIONS", type=_name, help=f"in quotes: options of the step {action}")
    run.add_argument("--untrained", action="store_true", help="leave the training out")
    run.add_argument(
        "--type", metavar="TYPE", dest="kind", type=_name, default="Q4_0", help="default: Q4_0; copy: as the teacher is"
    )
    run.add_argument("--plain", action="store_true", help="protect no tensors")
    run.add_argument("--install", action="store_true", help="make it one of the app's models")
    run.add_argument("--title", metavar="NAME", type=_name, help="that it is shown under in the app")
    run.add_argument("--progress", action="store_true", help="lines of JSON on stdout, for another program")
    run.add_argument("--threads", metavar="N", type=_count, default=1, help="that compute; default: 1")
    _add_check_of_students(run)


def _add_check_of_students(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quick", action="store_true", help="only a few tasks of each kind")
    parser.add_argument("--tasks", metavar="FILE", type=_name, help="other tasks than Catnap's; see docs/TASKS.md")
    parser.add_argument("--without-functions", action="store_true", help="ask no tasks")
    parser.add_argument("--anyway", action="store_true", help="also on battery")
    _add_language(parser)


def _add_language(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--language", choices=("en", "zh"), default="en", help="of the report; default: en")


def _add_training(train: argparse.ArgumentParser) -> None:
    train.add_argument("model", metavar="MODEL", nargs="?", type=_name, help="a student; default: the last one pruned")
    for flag, metavar, kind, text in (
        ("--name", "NAME", _name, "of what comes of it; default: the student's with -trained"),
        ("--minutes", "M", _minutes, "of the processor's time; default: 5"),
        ("--steps", "N", _count, "updates, instead of minutes"),
        ("--batch", "N", _count, "answers that a step learns from; default: 8"),
        ("--rate", "R", _number, "learning rate at its highest; default: 0.0005, 0.0002 for one that was trained"),
        (
            "--falling",
            "S",
            _number,
            "share of the steps in which it falls to 0 at the end; default: 0.5, or 1 likewise",
        ),
        ("--averaged", "N", _count, "take the average of weights over N steps where it is nearer; default: none"),
        ("--temperature", "T", _number, "that it begins with, going over to 1; default: 1"),
        ("--kl-share", "S", _number, "weight of the teacher's thoughts; the rest is its words; default: 1"),
        ("--hidden", "W", _number, "weight of hidden states; keeps the teacher in memory; default: 0"),
        ("--consistency", "W", _number, "weight of two readings being alike; takes twice as long; default: 0"),
        ("--masked-tail", "S", _number, "share of an answer at its end whose thoughts do not count; default: 0"),
        ("--lora-rank", "N", _count, "learn narrow matrices beside the model's own; default: those themselves"),
        ("--seed", "N", _count, "of order and chance; default: 1"),
        ("--validation", "N", _count, "answers that are looked at on the way, not learnt from; default: 16"),
        ("--every", "N", _count, "steps from one look to the next; default: 20"),
        ("--patience", "N", _count, "looks without a better one until it ends early; default: 5"),
        ("--device", "D", _name, "cpu or cuda; default: a graphics processor where PyTorch sees one"),
    ):
        train.add_argument(flag, metavar=metavar, type=kind, help=text)
    train.add_argument("--embedding", action="store_true", help="the embedding learns too")
    train.add_argument(
        "--also",
        metavar="DIR",
        action="append",
        default=[],
        type=_name,
        help="learn from another project's answers too",
    )
    train.add_argument("--anew", action="store_true", help="forget a training of that name, and what came of it")


def _add_pruning(prune: argparse.ArgumentParser) -> None:
    prune.add_argument("--layers", metavar="N", type=_count, help="that stay")
    prune.add_argument("--drop", metavar="RANGES", type=_ranges, help="these go, such as 4-7,12; nothing is searched")
    prune.add_argument(
        "--tokens", metavar="N", type=_count, default=240, help="that each try is judged by; default: 240"
    )
    prune.add_argument("--breadth", metavar="N", type=_count, default=8, help="layers tried in each round; default: 8")
    for flag, text in (
        ("--ffn", "columns of the feed-forward networks that stay"),
        ("--heads", "heads of attention that stay, with their share of keys and values"),
        ("--kv-heads", "heads of keys and values that stay; default: whole groups go, else heads of each"),
        ("--width", "channels between the layers that stay"),
    ):
        prune.add_argument(flag, metavar="N", type=_count, help=text)
    text = "layers at the beginning, and as many at the end, that stay; default: 0"
    prune.add_argument("--keep-ends", metavar="N", type=_count, default=0, help=text)
    prune.add_argument("--name", metavar="NAME", type=_name, help="of the new file; default: after its shape")


def _add_autostart(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for action, text in (
        ("on", "start the tray app, hidden, whenever you log in"),
        ("off", "do so no longer; what another program has put there stays"),
        ("status", "say what the system has been told"),
    ):
        _add_common(actions.add_parser(action, help=text, allow_abbrev=False))


def _add_common(parser: argparse.ArgumentParser) -> None:
    # A verb's default would overwrite what stands in front of the verb, so there is none.
    _add_places(parser, default=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true", help="print one JSON object on stdout")


def _add_places(parser: argparse.ArgumentParser, *, default: str | None) -> None:
    parser.add_argument(
        "--data-dir", metavar="DIR", type=_path, default=default, help="keep everything below this folder"
    )
    parser.add_argument("--catalog", metavar="FILE", type=_path, default=default, help="another models.json")


def _name(text: str) -> str:
    # What a variable of a script that is not set leaves would mean the working directory, and be written into.
    if not text.strip():
        raise argparse.ArgumentTypeError("it is empty")
    return text


def _ranges(text: str) -> tuple[range, ...]:
    try:
        return parse_ranges(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no list of pages; one is 2-5,8") from None


def _count(text: str) -> int:
    if not (text.isdecimal() and 0 < int(text) < 1 << 31):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 on")
    return int(text)


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number <= 100:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 to 100")
    return number


def _minutes(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number <= _WEEK_MINUTES:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of minutes of a week")
    return number


def _path(text: str) -> Path:
    return Path(_name(text))


def _setting(key: str) -> tuple[Callable[[str], OptionValue], str]:
    """Returns the check of an argument that stands in for a setting, and its help."""
    option = option_for(key)

    def check(text: str) -> OptionValue:
        try:
            return option.validate(float(text))
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
        except UserFacingError as problem:
            raise argparse.ArgumentTypeError(f"{text}: {problem.detail or problem.title}") from None

    return check, option.help.replace("%", "%%")
