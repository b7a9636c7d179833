"""The arguments of the verbs. Each adds its own to a parser, which is done for the one that was asked for only."""

from __future__ import annotations

import argparse

from desktop.arguments.common import add_common
from desktop.arguments.values import as_name, as_ranges, setting


def describe(verb: str, parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of a verb to its parser; KeyError for an unknown one (a bug of the caller)."""
    describe_verb = {
        "ask": _add_ask,
        "extract": _add_extract,
        "models": _add_models,
        "chats": _add_chats,
        "libraries": _add_libraries,
        "serve": _add_serve,
        "servers": _add_servers,
        "gpu": _add_gpu,
        "doctor": add_common,
        "bench": _add_bench,
        "check": _add_check,
        "student": _add_student,
        "autostart": _add_autostart,
    }[verb]
    describe_verb(parser)


def _add_student(parser: argparse.ArgumentParser) -> None:
    from desktop.arguments.student import describe_student  # as long as all other verbs together

    describe_student(parser)


def _add_ask(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", metavar="TEXT", help='the question; "-" reads it from stdin')
    parser.add_argument(
        "--file",
        metavar="FILE",
        type=as_name,
        help="a document that the question is about; so is what is piped to stdin",
    )
    parser.add_argument(
        "--library",
        metavar="NAME",
        type=as_name,
        help="a folder of documents that the question is about; see catnap libraries",
    )
    parser.add_argument(
        "--parts",
        metavar="RANGES",
        type=as_ranges,
        help="only these pages, sheets, slides or chapters of the document, such as 2-5,8",
    )
    parser.add_argument(
        "--model", metavar="ID|PATH", type=as_name, help="an installed model, by its id or name, or a GGUF file"
    )
    parser.add_argument(
        "--server", metavar="NAME[/MODEL]", type=as_name, help="a server answers instead; see catnap servers"
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
        check, text = setting(key)
        parser.add_argument(flag, metavar=metavar, type=check, help=text)
    parser.add_argument(
        "--json-schema",
        metavar="FILE",
        type=as_name,
        help="answer in JSON that keeps to this JSON Schema, and print nothing else",
    )
    text = "ask the model also for what can be computed, such as 17 %% of 2,340"
    parser.add_argument("--no-calculate", action="store_false", dest="calculate", help=text)
    text = "let an answer go on that repeats itself"
    parser.add_argument("--allow-loops", action="store_false", dest="stop_loops", help=text)
    add_common(parser)


def _add_extract(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sources", metavar="FOLDER|FILE", nargs="+", type=as_name, help="documents, or folders of them")
    parser.add_argument(
        "--fields",
        metavar="FIELDS|FILE",
        type=as_name,
        required=True,
        help='what to look for, such as "name: text, amount: number, due: date?", or a file with that or a JSON '
        "Schema; kinds: text, number, whole, yes/no, date, choice(a|b), list; ? may stay empty",
    )
    parser.add_argument(
        "--csv", metavar="OUT", type=as_name, help="the table; one that is there is gone on with. Default: stdout"
    )
    parser.add_argument("--force", action="store_true", help="replace a table that is there")
    parser.add_argument("--recursive", action="store_true", help="folders within folders, too")
    parser.add_argument(
        "--model", metavar="ID|PATH", type=as_name, help="an installed model, by its id or name, or a GGUF file"
    )
    for flag, key in (("--ctx", "n_ctx"), ("--threads", "threads")):
        check, text = setting(key)
        parser.add_argument(flag, metavar="N", type=check, help=text)
    add_common(parser)


def _add_models(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    add_common(actions.add_parser("list", help="what can be had and what is installed", allow_abbrev=False))
    text = "which mirror answers, how fast, by which way"
    add_common(actions.add_parser("network", help=text, allow_abbrev=False))
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
        leaf.add_argument("target", metavar=metavar, nargs="?" if optional else None, type=as_name)
        if action == "rename":
            leaf.add_argument("name", metavar="NAME", help="how to show it; empty: as its file is called")
            leaf.add_argument("--languages", metavar="CODES", help="the languages it speaks, such as en,zh")
        add_common(leaf)


def _add_chats(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    add_common(actions.add_parser("list", help="the conversations, the newest first", allow_abbrev=False))
    search = actions.add_parser("search", help="messages that hold all the words", allow_abbrev=False)
    search.add_argument("words", metavar="WORDS", nargs="+")
    add_common(search)
    export = actions.add_parser("export", help="write conversations to a file, a folder or stdout", allow_abbrev=False)
    export.add_argument(
        "chats", metavar="CHAT", nargs="*", help="an id, its beginning, or a title; all conversations without"
    )
    export.add_argument(
        "-o",
        "--output",
        metavar="FILE|DIR",
        type=as_name,
        default="-",
        help='"-", the default, is stdout; a folder gets many files',
    )
    export.add_argument("--format", choices=("md", "json", "txt"), help="default: by the name of the file, else md")
    export.add_argument("--force", action="store_true", help="replace a file that is there")
    export.add_argument("--with-thoughts", action="store_true", help="the thoughts too; JSON always has them")
    export.add_argument(
        "--with-versions", action="store_true", help="other versions of questions and answers too; JSON always has them"
    )
    add_common(export)
    take_in = actions.add_parser(
        "import", help="take in what Catnap, ChatGPT or Open WebUI has exported", allow_abbrev=False
    )
    take_in.add_argument(
        "file", metavar="FILE", type=as_name, help='JSON, the .zip of ChatGPT, a database of Catnap; "-" is stdin'
    )
    add_common(take_in)


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
            leaf.add_argument("target", metavar=metavar, nargs=count, type=as_name)
        if action == "add":
            leaf.add_argument("--name", metavar="NAME", type=as_name, help="default: the folder's")
        if action == "rename":
            leaf.add_argument("name", metavar="NAME", type=as_name)
        add_common(leaf)


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
            leaf.add_argument("target", metavar="COMPUTER", nargs="?", type=as_name)
        elif action != "list":
            leaf.add_argument("target", metavar="NAME", type=as_name)
        if action == "add":
            leaf.add_argument("address", metavar="ADDRESS", type=as_name, help="such as 192.168.1.5:11434")
            leaf.add_argument(
                "--model", metavar="MODEL", type=as_name, help="the one that is asked where none is named"
            )
            leaf.add_argument("--key-from-stdin", action="store_true", help="read the server's key, from stdin")
            leaf.add_argument("--agree", action="store_true", help="questions may be sent there; else that is asked")
            text = "ask it through the system's proxy although it is in the own network"
            leaf.add_argument("--through-proxy", action="store_true", help=text)
        if action == "test":
            leaf.add_argument("--model", metavar="MODEL", type=as_name)
        add_common(leaf)


def _add_gpu(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    for action, metavar, optional, text in (
        ("status", "MODEL", True, "which there are, and what is known of them with a model"),
        ("test", "MODEL", True, "compare what it computes with the processor, and how fast; minutes"),
        ("install", "FILE", False, "put the download for graphics processors in its place"),
    ):
        leaf = actions.add_parser(action, help=text, allow_abbrev=False)
        leaf.add_argument("target", metavar=metavar, nargs="?" if optional else None, type=as_name)
        add_common(leaf, within=True)
    add_common(parser)
    parser.set_defaults(action="status", target=None)


def _add_serve(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", metavar="ID", type=as_name, help="an installed model, by its id or name")
    check, text = setting("api_port")
    port = lambda given: 0 if given == "0" else check(given)  # noqa: E731
    parser.add_argument("--port", metavar="N", type=port, help=f"{text} 0: any that is free")
    parser.add_argument(
        "--new-token", action="store_true", help="make another token and print it; the one before opens nothing more"
    )
    add_common(parser)


def _add_check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "target", metavar="MODEL", nargs="?", type=as_name, help="an installed model, by its id or name, or a GGUF file"
    )
    parser.add_argument(
        "--kinds",
        metavar="KIND",
        nargs="+",
        help="only these: questions, arithmetic, python, tables, facts, long-text, json, instructions",
    )
    parser.add_argument(
        "--tasks", metavar="FILE", type=as_name, help="other tasks; see docs/TASKS.md for what they are"
    )
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
        "--from-ratings", metavar="FILE", type=as_name, help="only write the answers that were marked down as tasks"
    )
    add_common(parser)


def _add_bench(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model", metavar="ID|PATH", type=as_name, help="an installed model, by its id or name, or a GGUF file"
    )
    add_common(parser)


def _add_autostart(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for action, text in (
        ("on", "start the tray app, hidden, whenever you log in"),
        ("off", "do so no longer; what another program has put there stays"),
        ("status", "say what the system has been told"),
    ):
        add_common(actions.add_parser(action, help=text, allow_abbrev=False))
