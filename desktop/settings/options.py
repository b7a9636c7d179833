"""The OPTIONS table: every setting as data. Standard library only."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.option_checks import check_context, check_font_size, check_host

OptionValue = str | int | float | bool


class Group(Enum):
    """Pages of the settings dialog, in their order; the value is the title."""

    MODEL = QT_TRANSLATE_NOOP("Options", "Model and memory")
    ANSWERS = QT_TRANSLATE_NOOP("Options", "Answers")
    WINDOW = QT_TRANSLATE_NOOP("Options", "Window")
    FILES = QT_TRANSLATE_NOOP("Options", "Downloads and files")


class Apply(Enum):
    """When a change takes effect; the value is what the dialog says."""

    NOW = QT_TRANSLATE_NOOP("Options", "at once")
    LOGIN = QT_TRANSLATE_NOOP("Options", "the next time you log in")
    NEXT_ANSWER = QT_TRANSLATE_NOOP("Options", "with the next answer")
    NEXT_DOWNLOAD = QT_TRANSLATE_NOOP("Options", "with the next download")
    RELOAD = QT_TRANSLATE_NOOP("Options", "with the next message; the model is loaded again, the conversation stays")
    RESTART = QT_TRANSLATE_NOOP("Options", "when Catnap starts again")


class Editor(Enum):
    """Which control edits an option."""

    CHECK = "check"
    NUMBER = "number"
    CHOICE = "choice"
    LINE = "line"
    TEXT = "text"
    FOLDER = "folder"
    MODEL = "model"


@dataclass(frozen=True)
class Choice:
    """One value of a CHOICE option and the words for it."""

    value: OptionValue
    label: str


@dataclass(frozen=True)
class Option:
    """A setting.

    Attributes:
        key: Name in settings.json and field of Settings.
        default: Also fixes the type.
        label: A person's words.
        help: One sentence: what it does, its unit and its price.
        technical: The field's own term, shown in the tooltip.
        minimum: Least number allowed, inclusive.
        maximum: Largest number allowed, inclusive.
        step: Step of the spin box.
        suffix: Unit shown in the spin box.
        special: Text shown instead of the minimum ("Automatic", "Never").
        costs_memory: The dialog shows what the value costs in RAM.
        advanced: Folded away until asked for.
        check: An extra check; returns a sentence or None.
    """

    key: str
    default: OptionValue
    group: Group
    editor: Editor
    label: str
    help: str
    apply: Apply
    technical: str = ""
    minimum: float = -math.inf
    maximum: float = math.inf
    step: float = 1
    suffix: str = ""
    special: str = ""
    choices: tuple[Choice, ...] = ()
    costs_memory: bool = False
    advanced: bool = False
    check: Callable[[OptionValue], str | None] | None = None

    def validate(self, value: object) -> OptionValue:
        """Returns ``value`` in the option's own type.

        Raises:
            UserFacingError: Wrong type, out of range, or not one of the choices.
        """
        converted = _convert(self.default, value)
        if converted is None or (isinstance(converted, float) and not math.isfinite(converted)):
            raise self._rejected(value)
        if self.choices and converted not in [choice.value for choice in self.choices]:
            raise self._rejected(value)
        if isinstance(converted, int | float) and not self.minimum <= converted <= self.maximum:
            raise self._rejected(value)
        complaint = self.check(converted) if self.check else None
        if complaint:
            raise UserFacingError(complaint, f"{self.label}: {value}.")
        return converted

    def _rejected(self, value: object) -> UserFacingError:
        allowed = ""
        if self.choices:
            allowed = ", ".join(str(choice.value) for choice in self.choices)
        elif math.isfinite(self.minimum) and math.isfinite(self.maximum):
            allowed = f"{self.minimum:g} - {self.maximum:g}"
        return UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "This setting cannot take that value."),
            f"{self.label}: {value!r}" + (f"; allowed: {allowed}." if allowed else "."),
        )


def _convert(default: OptionValue, value: object) -> OptionValue | None:
    """Returns ``value`` as the type of ``default``, or None where that would lose something."""
    if isinstance(default, bool) or isinstance(value, bool):
        return value if isinstance(default, bool) and isinstance(value, bool) else None
    if isinstance(default, float):
        try:
            return float(value) if isinstance(value, int | float) else None
        except OverflowError:  # JSON knows no bounds: 10**400 is a whole number there
            return None
    if isinstance(default, int):
        if isinstance(value, float) and value.is_integer():
            return int(value)
        return value if isinstance(value, int) else None
    if not isinstance(value, str):
        return None
    try:
        value.encode()
    except UnicodeEncodeError:  # half a surrogate pair, which JSON can spell and no file can hold
        return None
    return value


def _t(text: str) -> str:
    """Marks a text of this table; lupdate is told the name in resources/translations/README.md."""
    return QT_TRANSLATE_NOOP("Options", text)


# One short paragraph per option reads better than one argument per line.
# fmt: off
OPTIONS: tuple[Option, ...] = (
    Option(
        key="model", default="", group=Group.MODEL, editor=Editor.MODEL,
        label=_t("Model"), help=_t("Which model answers."), apply=Apply.RELOAD, costs_memory=True,
    ),
    Option(
        key="threads", default=0, group=Group.MODEL, editor=Editor.NUMBER, minimum=0, maximum=64,
        label=_t("Threads"), technical="n_threads", special=_t("Automatic"), apply=Apply.NOW,
        help=_t("Processor cores that work on an answer. Automatic finds the quickest number while answering."),
    ),
    Option(
        key="n_ctx", default=0, group=Group.MODEL, editor=Editor.NUMBER, minimum=0, maximum=32768, step=256,
        label=_t("Context size"), technical="n_ctx", suffix=_t(" tokens"), special=_t("Automatic"),
        apply=Apply.RELOAD, costs_memory=True, check=check_context,
        help=_t("More keeps more of a conversation in view and takes more memory. Automatic: 1,024 or 2,048."),
    ),
    Option(
        key="idle_minutes", default=5.0, group=Group.MODEL, editor=Editor.NUMBER, minimum=0, maximum=1440, step=1,
        label=_t("Nap after"), technical="idle timeout", suffix=_t(" min"), special=_t("Never"), apply=Apply.NOW,
        help=_t("Minutes without a question after which the model gives its memory back."),
    ),
    Option(
        key="spare_battery", default=True, group=Group.MODEL, editor=Editor.CHECK, apply=Apply.NOW,
        label=_t("Spare the battery"), technical="threads, idle timeout",
        help=_t("While unplugged, half of the processor cores at the most, and a nap after half the time."),
    ),
    Option(
        key="keep_states", default=True, group=Group.MODEL, editor=Editor.CHECK, apply=Apply.NOW,
        label=_t("Remember where conversations stopped"), technical="KV state on disk",
        help=_t("Nothing is read again after a nap. What was read lies on the disk; switching this off erases it."),
    ),
    Option(
        key="states_budget", default=512, group=Group.MODEL, editor=Editor.NUMBER, minimum=16, maximum=65536, step=64,
        label=_t("Disk space for remembering"), technical="KV state on disk, LRU budget", suffix=_t(" MB"),
        apply=Apply.NOW, advanced=True,
        help=_t("When it is used up, the states of conversations not used for longest go first."),
    ),
    Option(
        key="kv_type", default="f16", group=Group.MODEL, editor=Editor.CHOICE, advanced=True, costs_memory=True,
        label=_t("Conversation memory"), technical="KV cache type", apply=Apply.RELOAD,
        help=_t("Lower precision takes less memory for long conversations and may cost some quality."),
        choices=(
            Choice("f16", _t("Full precision")),
            Choice("q8_0", _t("8 bits, half the memory")),
            Choice("q4_0", _t("4 bits, a quarter of the memory")),
        ),
    ),
    Option(
        key="flash_attention", default="auto", group=Group.MODEL, editor=Editor.CHOICE, advanced=True,
        label=_t("Flash attention"), technical="flash_attn", apply=Apply.RELOAD,
        help=_t("A leaner way to compute attention; automatic uses it where the model allows."),
        choices=(Choice("auto", _t("Automatic")), Choice("on", _t("On")), Choice("off", _t("Off"))),
    ),
    Option(
        key="faster_answers", default=False, group=Group.MODEL, editor=Editor.CHECK, costs_memory=True,
        label=_t("Faster answers, more memory"), technical="weight repacking", apply=Apply.RELOAD,
        help=_t("Rewrites the weights for this processor when the model wakes: quicker answers, slower waking."),
    ),
    Option(
        key="n_batch", default=512, group=Group.MODEL, editor=Editor.NUMBER, minimum=32, maximum=2048, step=32,
        label=_t("Batch"), technical="n_batch", suffix=_t(" tokens"), apply=Apply.RELOAD, advanced=True,
        help=_t("Tokens read at once; smaller takes less memory while reading."),
    ),
    Option(
        key="temperature", default=0.7, group=Group.ANSWERS, editor=Editor.NUMBER, minimum=0, maximum=2, step=0.1,
        label=_t("Imagination"), technical="temperature", apply=Apply.NEXT_ANSWER,
        help=_t("0 always takes the likeliest word; more makes answers more varied."),
    ),
    Option(
        key="top_k", default=40, group=Group.ANSWERS, editor=Editor.NUMBER, minimum=0, maximum=1000, advanced=True,
        label=_t("Best candidates"), technical="top-k", special=_t("All"), apply=Apply.NEXT_ANSWER,
        help=_t("Only this many of the likeliest tokens are considered."),
    ),
    Option(
        key="top_p", default=0.9, group=Group.ANSWERS, editor=Editor.NUMBER, minimum=0.05, maximum=1, step=0.05,
        label=_t("Candidate share"), technical="top-p", apply=Apply.NEXT_ANSWER, advanced=True,
        help=_t("Only the likeliest tokens that together reach this probability are considered."),
    ),
    Option(
        key="min_p", default=0.05, group=Group.ANSWERS, editor=Editor.NUMBER, minimum=0, maximum=1, step=0.01,
        label=_t("Least likelihood"), technical="min-p", apply=Apply.NEXT_ANSWER, advanced=True,
        help=_t("Tokens less likely than this share of the best one are left out."),
    ),
    Option(
        key="repeat_penalty", default=1.1, group=Group.ANSWERS, editor=Editor.NUMBER, minimum=1, maximum=2, step=0.05,
        label=_t("Avoid repetition"), technical="repeat penalty", apply=Apply.NEXT_ANSWER, advanced=True,
        help=_t("1 does nothing; more keeps the model from repeating itself."),
    ),
    Option(
        key="seed", default=-1, group=Group.ANSWERS, editor=Editor.NUMBER, minimum=-1, maximum=2**31 - 1,
        label=_t("Seed"), technical="seed", special=_t("Random"), apply=Apply.NEXT_ANSWER, advanced=True,
        help=_t("A fixed number makes the same question give the same answer."),
    ),
    Option(
        key="max_tokens", default=0, group=Group.ANSWERS, editor=Editor.NUMBER, minimum=0, maximum=32768, step=64,
        label=_t("Longest answer"), technical="max tokens", suffix=_t(" tokens"), special=_t("As long as needed"),
        apply=Apply.NEXT_ANSWER, help=_t("Answers are cut off after this many tokens."),
    ),
    Option(
        key="system_prompt", default="", group=Group.ANSWERS, editor=Editor.TEXT,
        label=_t("Instructions to the model"), technical="system prompt", apply=Apply.NEXT_ANSWER,
        help=_t("Told to the model before every conversation, for example: Answer so that a child understands."),
    ),
    Option(
        key="thinking", default=False, group=Group.ANSWERS, editor=Editor.CHECK,
        label=_t("Think before answering"), technical="thinking mode", apply=Apply.NEXT_ANSWER,
        help=_t("Models that can will think aloud first: better at puzzles, several times slower."),
    ),
    Option(
        key="theme", default="system", group=Group.WINDOW, editor=Editor.CHOICE, apply=Apply.NOW,
        label=_t("Colours"), help=_t("Light or dark."), technical="theme",
        choices=(
            Choice("system", _t("Like the system")),
            Choice("light", _t("Light")),
            Choice("dark", _t("Dark")),
        ),
    ),
    Option(
        key="language", default="system", group=Group.WINDOW, editor=Editor.CHOICE, apply=Apply.RESTART,
        label=_t("Language"), help=_t("Language of Catnap's own words; the model answers in the language you write."),
        choices=(Choice("system", _t("Like the system")), Choice("en", "English"), Choice("zh_CN", "简体中文")),
    ),
    Option(
        key="font_size", default=0, group=Group.WINDOW, editor=Editor.NUMBER, minimum=0, maximum=40,
        label=_t("Text size"), suffix=_t(" pt"), special=_t("Like the system"), apply=Apply.NOW,
        help=_t("Size of the conversation's text, in points."), check=check_font_size,
    ),
    Option(
        key="close_to_tray", default=True, group=Group.WINDOW, editor=Editor.CHECK, apply=Apply.NOW,
        label=_t("Keep Catnap in the tray when the window is closed"), technical="close to tray",
        help=_t("Where there is no tray, closing the window asks once what to do."),
    ),
    Option(
        key="without_tray", default="ask", group=Group.WINDOW, editor=Editor.CHOICE, apply=Apply.NOW, advanced=True,
        label=_t("Without a tray, closing the window"), help=_t("Only matters on desktops that have no tray."),
        choices=(
            Choice("ask", _t("Asks once")),
            Choice("quit", _t("Quits Catnap")),
            Choice("minimise", _t("Minimises it")),
        ),
    ),
    Option(
        key="model_folder", default="", group=Group.FILES, editor=Editor.FOLDER, apply=Apply.NOW,
        label=_t("Model folder"), help=_t("Where models are kept; models already there are moved along."),
    ),
    Option(
        key="mirror", default="auto", group=Group.FILES, editor=Editor.CHOICE, apply=Apply.NEXT_DOWNLOAD,
        label=_t("Download from"), help=_t("Automatic takes the first that answers."), technical="mirror",
        choices=(
            Choice("auto", _t("Automatic")),
            Choice("huggingface", "huggingface.co"),
            Choice("hf-mirror", "hf-mirror.com"),
            Choice("modelscope", "modelscope.cn"),
            Choice("own", _t("Own host")),
        ),
    ),
    Option(
        key="own_host", default="", group=Group.FILES, editor=Editor.LINE, apply=Apply.NEXT_DOWNLOAD,
        label=_t("Own host"), technical="endpoint", check=check_host,
        help=_t("Address of a server that lays its files out like huggingface.co."),
    ),
)

# Settings whose value the system keeps, where other programs change it too; not in settings.json and not in Settings.
START_AT_LOGIN = Option(
    key="start_at_login", default=False, group=Group.WINDOW, editor=Editor.CHECK, apply=Apply.LOGIN,
    label=_t("Start when I log in"), technical="autostart",
    help=_t("Only the cat in the tray: no window opens, and the model sleeps until you ask something."),
)
SYSTEM_OPTIONS: tuple[Option, ...] = (START_AT_LOGIN,)
# fmt: on
