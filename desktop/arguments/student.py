"""The arguments of ``catnap student``: an action for each step of making a smaller model."""

from __future__ import annotations

import argparse

from desktop.arguments.common import add_common
from desktop.arguments.values import (
    as_count,
    as_languages,
    as_layers,
    as_minutes,
    as_name,
    as_names,
    as_number,
    as_threads,
)


def describe_student(parser: argparse.ArgumentParser) -> None:
    """Adds the actions of the verb and their arguments."""
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
        leaf.add_argument("target", metavar="DIR", type=as_name)
        add_common(leaf)
    for action in ("new", "collect", "answers", "prune", "train", "export", "check"):
        _add_threads(leaves[action])
    _add_beginning(leaves["new"])
    leaves["status"].add_argument("--against", metavar="DIR", type=as_name, help="another project")
    leaves["collect"].add_argument("--limit", metavar="N", type=as_count, help="only so many of the prompts")
    _add_pruning(leaves["prune"])
    words = leaves["vocabulary"]
    words.add_argument("model", metavar="MODEL", type=as_name, help='a student, or "teacher"')
    words.add_argument("--tokens", metavar="N", type=as_count, help="that stay at the most; the rarest go")
    words.add_argument(
        "--languages", metavar="CODES", type=as_languages, help="that texts are in; default: those of the prompts"
    )
    more = leaves["answers"]
    more.add_argument("--rounds", metavar="N", type=as_count, default=4, help="answers to each prompt; default: 4")
    text = "instead, have it make N questions of its own and answer them; never those held out"
    more.add_argument("--questions", metavar="N", type=as_count, default=0, help=text)
    _add_training(leaves["train"])
    for action in ("answers", "train"):
        text = "a Python that has PyTorch; default: that of make student"
        leaves[action].add_argument("--python", metavar="PATH", type=as_name, help=text)
    _add_export(leaves["export"])
    leaves["check"].add_argument(
        "model", metavar="MODEL", nargs="*", type=as_name, help="students, by name or path; default: the newest"
    )
    _add_check_of_students(leaves["check"])
    leaves["report"].add_argument(
        "model", metavar="MODEL", nargs="?", type=as_name, help="the student that it is about"
    )
    _add_language(leaves["report"])
    install = leaves["install"]
    install.add_argument("model", metavar="MODEL", nargs="?", type=as_name, help="a student; default: the newest")
    install.add_argument(
        "--name", metavar="NAME", type=as_name, help="that it is shown under; default: after its teacher"
    )
    _add_run_of_student(leaves["run"])
    # Each step of a run is parsed as if somebody had typed it, so that it has the defaults of its own verb.
    leaves["run"].set_defaults(parse_step=lambda action, words: leaves[action].parse_args(words))


def _add_threads(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--threads", metavar="N", type=as_threads, default=1, help="that compute; default: 1")


def _add_beginning(new: argparse.ArgumentParser) -> None:
    who = new.add_mutually_exclusive_group(required=True)
    who.add_argument("--teacher", metavar="ID|PATH", help="an installed model, or a GGUF file")
    text = "a server that tells which words were likely answers instead; needs --student; see catnap servers"
    who.add_argument("--server", metavar="NAME[/MODEL]", type=as_name, help=text)
    text = "the model that students are made of, where it is not the teacher; it may have other tokens"
    new.add_argument("--student", metavar="ID|PATH", help=text)
    new.add_argument("--prompts", metavar="FILE", type=as_name, help="one prompt a line; default: those of Catnap")
    new.add_argument(
        "--languages",
        metavar="CODES",
        type=as_languages,
        help="only prompts in these, such as en,zh; default: the teacher's",
    )
    for flag, metavar, kind, text in (
        ("--held-out", "N", as_count, "prompts that are never learnt from; default: 30"),
        ("--max-tokens", "N", as_count, "of an answer; default: 96"),
        ("--sampling-temperature", "T", as_number, "with which the teacher answers; default: 0.7"),
        ("--temperature", "T", as_number, "the highest that will be trained at; default: 1"),
        ("--kept", "K", as_count, "logits that are kept of a token; default: as many as the temperature needs"),
        ("--ctx", "N", as_count, "tokens that a prompt with its answer may have; default: 1024"),
        ("--seed", "N", as_count, "of every choice; default: 1"),
    ):
        new.add_argument(flag, metavar=metavar, type=kind, help=text)


def _add_export(export: argparse.ArgumentParser) -> None:
    export.add_argument("model", metavar="MODEL", type=as_name, help="a file in the project's folder models, or a path")
    export.add_argument("--type", metavar="TYPE", dest="kind", type=as_name, default="Q4_0", help="default: Q4_0")
    export.add_argument("--plain", action="store_true", help="protect no tensors")
    export.add_argument(
        "--importance", action="store_true", help="weigh by what the teacher's answers make of each column"
    )


def _add_run_of_student(run: argparse.ArgumentParser) -> None:
    run.add_argument("--teacher", metavar="ID|PATH", help="begin the project, where there is none yet")
    run.add_argument("--layers", metavar="N", type=as_count, help="that stay")
    run.add_argument("--drop", metavar="RANGES", type=as_layers, help="these layers go; nothing is searched")
    run.add_argument("--vocabulary", metavar="N", type=as_count, help="tokens that stay at the most")
    run.add_argument("--limit", metavar="N", type=as_count, help="collect only so many answers")
    run.add_argument("--name", metavar="NAME", type=as_name, help="of the student's files; default: after its layers")
    for action in ("new", "prune", "train"):
        run.add_argument(
            f"--{action}", metavar="OPTIONS", type=as_name, help=f"in quotes: options of the step {action}"
        )
    run.add_argument("--untrained", action="store_true", help="leave the training out")
    run.add_argument(
        "--type",
        metavar="TYPE",
        dest="kind",
        type=as_name,
        default="Q4_0",
        help="default: Q4_0; copy: as the teacher is",
    )
    run.add_argument("--plain", action="store_true", help="protect no tensors")
    run.add_argument("--install", action="store_true", help="make it one of the app's models")
    run.add_argument("--title", metavar="NAME", type=as_name, help="that it is shown under in the app")
    run.add_argument("--progress", action="store_true", help="lines of JSON on stdout, for another program")
    _add_threads(run)
    _add_check_of_students(run)


def _add_check_of_students(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quick", action="store_true", help="only a few tasks of each kind")
    text = "smaller formats of the teacher to compare with, such as Q4_0,IQ4_NL; default: all"
    parser.add_argument("--against", metavar="FORMATS", type=as_names, default=(), help=text)
    parser.add_argument("--tasks", metavar="FILE", type=as_name, help="other tasks than Catnap's; see docs/TASKS.md")
    parser.add_argument("--without-functions", action="store_true", help="ask no tasks")
    parser.add_argument("--anyway", action="store_true", help="also on battery")
    _add_language(parser)


def _add_language(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--language", choices=("en", "zh"), default="en", help="of the report; default: en")


def _add_training(train: argparse.ArgumentParser) -> None:
    train.add_argument(
        "model", metavar="MODEL", nargs="?", type=as_name, help="a student; default: the last one pruned"
    )
    for flag, metavar, kind, text in (
        ("--name", "NAME", as_name, "of what comes of it; default: the student's with -trained"),
        ("--minutes", "M", as_minutes, "of the processor's time; default: 5"),
        ("--steps", "N", as_count, "updates, instead of minutes"),
        ("--batch", "N", as_count, "answers that a step learns from; default: 8"),
        ("--rate", "R", as_number, "learning rate at its highest; default: 0.00035, 0.0002 for one that was trained"),
        (
            "--falling",
            "S",
            as_number,
            "share of the steps in which it falls to 0 at the end; default: 0.5, or 1 likewise",
        ),
        ("--averaged", "N", as_count, "take the average of weights over N steps where it is nearer; default: none"),
        ("--temperature", "T", as_number, "that it begins with, going over to 1; default: 1"),
        ("--kl-share", "S", as_number, "weight of the teacher's thoughts; the rest is its words; default: 1"),
        ("--consistency", "W", as_number, "weight of two readings being alike; takes twice as long; default: 0"),
        ("--masked-tail", "S", as_number, "share of an answer at its end whose thoughts do not count; default: 0"),
        ("--lora-rank", "N", as_count, "learn narrow matrices beside the model's own; default: those themselves"),
        ("--seed", "N", as_count, "of order and chance; default: 1"),
        ("--validation", "N", as_count, "answers that are looked at on the way, not learnt from; default: 16"),
        ("--every", "N", as_count, "steps from one look to the next; default: 20"),
        ("--patience", "N", as_count, "looks without a better one until it ends early; default: 5"),
        ("--device", "D", as_name, "cpu or cuda; default: a graphics processor where PyTorch sees one"),
    ):
        train.add_argument(flag, metavar=metavar, type=kind, help=text)
    # Not "hidden", which is the app's own: without a window.
    text = "weight of hidden states; keeps the teacher in memory; default: 0"
    train.add_argument("--hidden", metavar="W", dest="hidden_states", type=as_number, help=text)
    train.add_argument("--embedding", action="store_true", help="the embedding learns too")
    train.add_argument(
        "--also",
        metavar="DIR",
        action="append",
        default=[],
        type=as_name,
        help="learn from another project's answers too",
    )
    train.add_argument("--anew", action="store_true", help="forget a training of that name, and what came of it")


def _add_pruning(prune: argparse.ArgumentParser) -> None:
    prune.add_argument("--layers", metavar="N", type=as_count, help="that stay")
    prune.add_argument("--drop", metavar="RANGES", type=as_layers, help="these go, such as 4-7,12; nothing is searched")
    prune.add_argument(
        "--tokens", metavar="N", type=as_count, default=240, help="that each try is judged by; default: 240"
    )
    prune.add_argument(
        "--breadth", metavar="N", type=as_count, default=8, help="layers tried in each round; default: 8"
    )
    for flag, text in (
        ("--ffn", "columns of the feed-forward networks that stay"),
        ("--heads", "heads of attention that stay, with their share of keys and values"),
        ("--kv-heads", "heads of keys and values that stay; default: whole groups go, else heads of each"),
        ("--width", "channels between the layers that stay"),
    ):
        prune.add_argument(flag, metavar="N", type=as_count, help=text)
    text = "layers at the beginning, and as many at the end, that stay; default: 0"
    prune.add_argument("--keep-ends", metavar="N", type=as_count, default=0, help=text)
    prune.add_argument("--name", metavar="NAME", type=as_name, help="of the new file; default: after its shape")
