"""The OPTIONS table: every setting as data. Standard library only."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from enum import Enum
from pathlib import Path
from typing import Any, Final, TypeVar, cast
from urllib.parse import urlsplit

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.paths import named_in

# Before the path, in the id of a model that is a file of the user's own.
OWN_FILE: Final = "file:"

OptionValue = str | int | float | bool
T = TypeVar("T", str, int, float, bool)


class Group(Enum):
    """Pages of the settings dialog, in their order; the value is the title."""

    MODEL = QT_TRANSLATE_NOOP("Options", "Model and memory")
    ANSWERS = QT_TRANSLATE_NOOP("Options", "Answers")
    GPU = QT_TRANSLATE_NOOP("Options", "Graphics processor")
    READING = QT_TRANSLATE_NOOP("Options", "Reading aloud")
    WINDOW = QT_TRANSLATE_NOOP("Options", "Window")
    FILES = QT_TRANSLATE_NOOP("Options", "Downloads and files")
    PROGRAMS = QT_TRANSLATE_NOOP("Options", "Other programs")


class Apply(Enum):
    """When a change takes effect; the value is what the dialog says."""

    NOW = QT_TRANSLATE_NOOP("Options", "Takes effect at once.")
    LOGIN = QT_TRANSLATE_NOOP("Options", "Takes effect the next time you log in.")
    NEXT_ANSWER = QT_TRANSLATE_NOOP("Options", "Takes effect with the next answer.")
    NEXT_DOWNLOAD = QT_TRANSLATE_NOOP("Options", "Takes effect with the next download.")
    RELOAD = QT_TRANSLATE_NOOP("Options", "The model is loaded again with the next message; the conversation stays.")
    RESTART = QT_TRANSLATE_NOOP("Options", "Takes effect when Catnap starts again.")


class Editor(Enum):
    """Which control edits an option."""

    CHECK = "check"
    NUMBER = "number"
    CHOICE = "choice"
    LINE = "line"
    TEXT = "text"
    FOLDER = "folder"
    MODEL = "model"
    PERSONA = "persona"
    SERVED = "served"  # this computer, or a model on a server


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

    def located(self, value: OptionValue, file: Path) -> OptionValue:
        """Returns a value that stands in a file, with a path in it told from the root on; others as they are."""
        if self.editor is Editor.FOLDER and value:
            return str(named_in(file, str(value)))
        if self.editor is Editor.MODEL and str(value).startswith(OWN_FILE) and value != OWN_FILE:
            return OWN_FILE + str(named_in(file, str(value).removeprefix(OWN_FILE)))
        return value

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
    if not isinstance(value, str) or "\0" in value:  # no name of a file has that, and no address
        return None
    try:
        value.encode()
    except UnicodeEncodeError:  # half a surrogate pair, which JSON can spell and no file can hold
        return None
    return value


# A scheme, and what browsers put behind it: a host with a port perhaps, or the name of an app.
_ORIGIN: Final = re.compile(r"[a-z][a-z0-9+.-]{0,30}://[A-Za-z0-9._\[\]:-]{1,200}")
_MOST_ORIGINS: Final = 20
# Characters of a model on a server, as conversations keep it.
_LONGEST_CHOICE: Final = 500
# Points; smaller Chinese characters are blots on a screen at 96 dpi.
_FONT_SIZE_MIN = 6
_CONTEXT_MIN = 256  # tokens: a question, its answer and the template's own words


def check_host(value: object) -> str | None:
    """Returns what is wrong with the address of a server for models; an empty one is none."""
    text = str(value)
    if not text:
        return None
    try:
        parts = urlsplit(text)
        host = parts.hostname if parts.port != 0 else None  # reading the port checks it
    except ValueError:
        host = None
    if not host or parts.scheme not in ("https", "http") or parts.query or parts.fragment or _has_gap(text):
        return QT_TRANSLATE_NOOP("Errors", "Write the address as https://host or https://host/path.")
    if parts.scheme == "http" and host not in ("127.0.0.1", "localhost", "::1"):
        return QT_TRANSLATE_NOOP("Errors", "Only https is accepted, so that nobody can change the model on its way.")
    return None


def check_context(value: object) -> str | None:
    """Returns what is wrong with a context size, in tokens; 0 is automatic."""
    if isinstance(value, int) and 0 < value < _CONTEXT_MIN:
        return QT_TRANSLATE_NOOP("Errors", "A conversation needs a context of at least 256 tokens.")
    return None


def check_font_size(value: object) -> str | None:
    """Returns what is wrong with a text size, in points; 0 is that of the system."""
    if isinstance(value, int) and 0 < value < _FONT_SIZE_MIN:
        return QT_TRANSLATE_NOOP("Errors", "Nobody can read text of that size.")
    return None


def listed_origins(text: str) -> tuple[str, ...]:
    """Returns the origins of pages that stand in a setting, separated by spaces or commas."""
    return tuple(dict.fromkeys(each.rstrip("/") for each in re.split(r"[\s,]+", text) if each))


def check_origins(value: object) -> str | None:
    """Returns what is wrong with a list of origins: each is a scheme and a host, as browsers send them."""
    listed = listed_origins(str(value))
    if len(listed) > _MOST_ORIGINS or not all(_ORIGIN.fullmatch(each) for each in listed):
        return QT_TRANSLATE_NOOP("Errors", "Write each as https://host or http://localhost:3000, without a path.")
    return None


def check_served(value: object) -> str | None:
    """Returns what is wrong with who answers: nothing is this computer, all else a model on a server."""
    if not (text := str(value)):
        return None
    from desktop.engine.routing import server_model  # the icon does not wait for the engine's words

    chosen = server_model(text)
    if chosen is None or not chosen.server or len(text) > _LONGEST_CHOICE or not text.isprintable():
        return QT_TRANSLATE_NOOP("Errors", "Choose one of the servers that are listed, or this computer.")
    return None


def _has_gap(text: str) -> bool:
    """True for white space and control characters, which urlsplit drops or lets pass."""
    return any(character.isspace() or not character.isprintable() for character in text)


def _t(text: str) -> str:
    """Marks a text of this table; lupdate is told the name in resources/translations/README.md."""
    return QT_TRANSLATE_NOOP("Options", text)


def _option(default: T, **facts: Any) -> T:
    """Declares a setting; ``facts`` are the other arguments of :class:`Option`."""
    declared: T = field(default=default, metadata=facts)
    return declared


# One short paragraph per option reads better than one argument per line.
# fmt: off
@dataclass(frozen=True)
class Settings:
    """A snapshot of all settings; ``Settings()`` are the defaults. Units stand with each."""

    model: str = _option(
        "", group=Group.MODEL, editor=Editor.MODEL,
        label=_t("Model"), help=_t("Which model answers."), apply=Apply.RELOAD, costs_memory=True,
    )
    new_conversations: str = _option(
        "", group=Group.MODEL, editor=Editor.SERVED, check=check_served,
        label=_t("New conversations are answered by"), technical="server of new conversations", apply=Apply.NOW,
        help=_t("This computer, or a model on a server. Each conversation can have another one."),
    )
    quick_ask_model: str = _option(
        "", group=Group.MODEL, editor=Editor.SERVED, check=check_served,
        label=_t("Quick questions are answered by"), technical="server of the quick ask", apply=Apply.NOW,
        help=_t("With its quick actions: then the selected text goes to the server, too."),
    )
    threads: int = _option(
        0, group=Group.MODEL, editor=Editor.NUMBER, minimum=0, maximum=64,
        label=_t("Threads"), technical="n_threads", special=_t("Automatic"), apply=Apply.NOW,
        help=_t("Processor cores that work on an answer. Automatic finds the quickest number while answering."),
    )
    n_ctx: int = _option(
        0, group=Group.MODEL, editor=Editor.NUMBER, minimum=0, maximum=32768, step=256,
        label=_t("Context size"), technical="n_ctx", suffix=_t(" tokens"), special=_t("Automatic"),
        apply=Apply.RELOAD, costs_memory=True, check=check_context,
        help=_t("More keeps more of a conversation in view and takes more memory. Automatic: 1,024 or 2,048."),
    )
    idle_minutes: float = _option(
        5.0, group=Group.MODEL, editor=Editor.NUMBER, minimum=0, maximum=1440, step=1,
        label=_t("Doze after"), technical="idle timeout, context freed", suffix=_t(" min"), special=_t("Never"),
        apply=Apply.NOW,
        help=_t("Without a question for that long, the model gives most of its memory back, and wakes at once."),
    )
    sleep_minutes: float = _option(
        30.0, group=Group.MODEL, editor=Editor.NUMBER, minimum=0, maximum=1440, step=5,
        label=_t("Sleep after"), technical="idle timeout, process ended", suffix=_t(" min"), special=_t("Never"),
        apply=Apply.NOW,
        help=_t("Without a question for that long, it gives all of its memory back; waking takes longer then."),
    )
    spare_battery: bool = _option(
        True, group=Group.MODEL, editor=Editor.CHECK, apply=Apply.NOW,
        label=_t("Spare the battery"), technical="threads, idle timeout",
        help=_t("While unplugged, half of the processor cores at the most; it dozes and sleeps after half the time."),
    )
    keep_states: bool = _option(
        True, group=Group.MODEL, editor=Editor.CHECK, apply=Apply.NOW,
        label=_t("Remember where conversations stopped"), technical="KV state on disk",
        help=_t("Nothing is read again after a rest. What was read lies on the disk; switching this off erases it."),
    )
    states_budget: int = _option(
        512, group=Group.MODEL, editor=Editor.NUMBER, minimum=16, maximum=65536, step=64,
        label=_t("Disk space for remembering"), technical="KV state on disk, LRU budget", suffix=_t(" MB"),
        apply=Apply.NOW, advanced=True,
        help=_t("When it is used up, the states of conversations not used for longest go first."),
    )
    kv_type: str = _option(
        "f16", group=Group.MODEL, editor=Editor.CHOICE, advanced=True, costs_memory=True,
        label=_t("Conversation memory"), technical="KV cache type", apply=Apply.RELOAD,
        help=_t("Lower precision takes less memory for long conversations and may cost some quality."),
        choices=(
            Choice("f16", _t("Full precision")),
            Choice("q8_0", _t("8 bits, half the memory")),
            Choice("q4_0", _t("4 bits, a quarter of the memory")),
        ),
    )
    flash_attention: str = _option(
        "auto", group=Group.MODEL, editor=Editor.CHOICE, advanced=True,
        label=_t("Flash attention"), technical="flash_attn", apply=Apply.RELOAD,
        help=_t("A leaner way to compute attention; automatic uses it where the model allows."),
        choices=(Choice("auto", _t("Automatic")), Choice("on", _t("On")), Choice("off", _t("Off"))),
    )
    faster_answers: bool = _option(
        False, group=Group.MODEL, editor=Editor.CHECK, costs_memory=True,
        label=_t("Faster answers, more memory"), technical="weight repacking", apply=Apply.RELOAD,
        help=_t("Rewrites the weights for this processor when the model wakes: quicker answers, slower waking."),
    )
    n_batch: int = _option(
        512, group=Group.MODEL, editor=Editor.NUMBER, minimum=32, maximum=2048, step=32,
        label=_t("Batch"), technical="n_batch", suffix=_t(" tokens"), apply=Apply.RELOAD, advanced=True,
        help=_t("Tokens read at once; smaller takes less memory while reading."),
    )
    persona: str = _option(
        "general", group=Group.ANSWERS, editor=Editor.PERSONA,
        label=_t("Persona"), technical="system prompt, temperature", apply=Apply.NEXT_ANSWER,
        help=_t("Who answers in new conversations and in the quick ask. Each conversation can have another one."),
    )
    temperature: float = _option(
        0.7, group=Group.ANSWERS, editor=Editor.NUMBER, minimum=0, maximum=2, step=0.1,
        label=_t("Imagination"), technical="temperature", apply=Apply.NEXT_ANSWER,
        help=_t("0 always takes the likeliest word; more is more varied. Personas can have one of their own."),
    )
    gpu: str = _option(
        "off", group=Group.GPU, editor=Editor.CHOICE, apply=Apply.RELOAD,
        label=_t("Let it compute along"), technical="GPU offload, Vulkan",
        help=_t(
            "Automatic uses it only where it was found to be faster. Its driver is let into the engine's walls, and "
            "the model cannot doze: it sleeps instead."
        ),
        choices=(
            Choice("off", _t("Off")),
            Choice("auto", _t("Automatic")),
            Choice("on", _t("On, also where it is slower")),
        ),
    )
    gpu_layers: int = _option(
        -1, group=Group.GPU, editor=Editor.NUMBER, minimum=-1, maximum=999,
        label=_t("Layers that it takes"), technical="n_gpu_layers", special=_t("As many as fit"), apply=Apply.RELOAD,
        help=_t("Each takes memory of the graphics processor. With 0 it only helps to read long texts."),
    )
    gpu_kv: bool = _option(
        True, group=Group.GPU, editor=Editor.CHECK, apply=Apply.RELOAD,
        label=_t("Conversations in its memory, too"), technical="offload KV cache",
        help=_t("Faster, and takes more of its memory. Without, each word goes back and forth between both."),
    )
    top_k: int = _option(
        40, group=Group.ANSWERS, editor=Editor.NUMBER, minimum=0, maximum=1000, advanced=True,
        label=_t("Best candidates"), technical="top-k", special=_t("All"), apply=Apply.NEXT_ANSWER,
        help=_t("Only this many of the likeliest tokens are considered."),
    )
    top_p: float = _option(
        0.9, group=Group.ANSWERS, editor=Editor.NUMBER, minimum=0.05, maximum=1, step=0.05,
        label=_t("Candidate share"), technical="top-p", apply=Apply.NEXT_ANSWER, advanced=True,
        help=_t("Only the likeliest tokens that together reach this probability are considered."),
    )
    min_p: float = _option(
        0.05, group=Group.ANSWERS, editor=Editor.NUMBER, minimum=0, maximum=1, step=0.01,
        label=_t("Least likelihood"), technical="min-p", apply=Apply.NEXT_ANSWER, advanced=True,
        help=_t("Tokens less likely than this share of the best one are left out."),
    )
    repeat_penalty: float = _option(
        1.1, group=Group.ANSWERS, editor=Editor.NUMBER, minimum=1, maximum=2, step=0.05,
        label=_t("Avoid repetition"), technical="repeat penalty", apply=Apply.NEXT_ANSWER, advanced=True,
        help=_t("1 does nothing; more keeps the model from repeating itself."),
    )
    seed: int = _option(
        -1, group=Group.ANSWERS, editor=Editor.NUMBER, minimum=-1, maximum=2**31 - 1,
        label=_t("Seed"), technical="seed", special=_t("Random"), apply=Apply.NEXT_ANSWER, advanced=True,
        help=_t("A fixed number makes the same question give the same answer."),
    )
    max_tokens: int = _option(
        0, group=Group.ANSWERS, editor=Editor.NUMBER, minimum=0, maximum=32768, step=64,
        label=_t("Longest answer"), technical="max tokens", suffix=_t(" tokens"), special=_t("As long as needed"),
        apply=Apply.NEXT_ANSWER, help=_t("Answers are cut off after this many tokens."),
    )
    system_prompt: str = _option(
        "", group=Group.ANSWERS, editor=Editor.TEXT,
        label=_t("Instructions to the model"), technical="system prompt", apply=Apply.NEXT_ANSWER,
        help=_t("Told to the model before every conversation with the general persona; the others have their own."),
    )
    thinking: bool = _option(
        False, group=Group.ANSWERS, editor=Editor.CHECK,
        label=_t("Think before answering"), technical="thinking mode", apply=Apply.NEXT_ANSWER,
        help=_t("Models that can will think aloud first: better at puzzles, several times slower."),
    )
    stop_loops: bool = _option(
        True, group=Group.ANSWERS, editor=Editor.CHECK, advanced=True,
        label=_t("Stop answers that repeat themselves"), technical="loop detection", apply=Apply.NEXT_ANSWER,
        help=_t("Small models sometimes say the same over and over. Poems, tables and what you ask for stay whole."),
    )
    chinese_punctuation: bool = _option(
        True, group=Group.ANSWERS, editor=Editor.CHECK, advanced=True,
        label=_t("Chinese punctuation in Chinese answers"), technical="full-width marks", apply=Apply.NEXT_ANSWER,
        help=_t("Small models mix the marks of both languages. Code, numbers, addresses and English stay as they are."),
    )
    read_answers: bool = _option(
        False, group=Group.READING, editor=Editor.CHECK, apply=Apply.NEXT_ANSWER,
        label=_t("Read answers to me"), technical="text to speech",
        help=_t("Sentence by sentence while the answer is being written; Esc stops. A single message: Read aloud."),
    )
    reading_speed: int = _option(
        100, group=Group.READING, editor=Editor.NUMBER, minimum=50, maximum=200, step=10,
        label=_t("Speed"), technical="speech rate", suffix=_t("%"), apply=Apply.NOW,
        help=_t("How fast is read; 100% is the usual speed of the voice."),
    )
    reading_volume: int = _option(
        100, group=Group.READING, editor=Editor.NUMBER, minimum=10, maximum=100, step=10,
        label=_t("Volume"), technical="speech volume", suffix=_t("%"), apply=Apply.NOW,
        help=_t("How loud is read, beside the volume of the system."),
    )
    calculate: bool = _option(
        True, group=Group.ANSWERS, editor=Editor.CHECK, apply=Apply.NEXT_ANSWER,
        label=_t("Calculate instead of guessing"), technical="calculator",
        help=_t("Sums, percentages, units and dates are computed at once, without the model."),
    )
    theme: str = _option(
        "system", group=Group.WINDOW, editor=Editor.CHOICE, apply=Apply.NOW,
        label=_t("Colours"), help=_t("Light or dark."), technical="theme",
        choices=(
            Choice("system", _t("Like the system")),
            Choice("light", _t("Light")),
            Choice("dark", _t("Dark")),
        ),
    )
    language: str = _option(
        "system", group=Group.WINDOW, editor=Editor.CHOICE, apply=Apply.RESTART,
        label=_t("Language"),
        help=_t("Language of Catnap's own words. The model answers in the language you write, if it knows that."),
        choices=(Choice("system", _t("Like the system")), Choice("en", "English"), Choice("zh_CN", "简体中文")),
    )
    first_steps: bool = _option(
        True, group=Group.WINDOW, editor=Editor.CHECK, advanced=True,
        label=_t("Help with the first steps"), technical="first run", apply=Apply.RESTART,
        help=_t("Catnap opens with help to choose a model, once, while there is neither a model nor a conversation."),
    )
    font_size: int = _option(
        0, group=Group.WINDOW, editor=Editor.NUMBER, minimum=0, maximum=40,
        label=_t("Text size"), suffix=_t(" pt"), special=_t("Like the system"), apply=Apply.NOW,
        help=_t("Size of the text in conversations, in points; everything else is in proportion."),
        check=check_font_size,
    )
    close_to_tray: bool = _option(
        True, group=Group.WINDOW, editor=Editor.CHECK, apply=Apply.NOW,
        label=_t("Keep Catnap in the tray when the window is closed"), technical="close to tray",
        help=_t("Where there is no tray, closing the window asks once what to do."),
    )
    without_tray: str = _option(
        "ask", group=Group.WINDOW, editor=Editor.CHOICE, apply=Apply.NOW, advanced=True,
        label=_t("Without a tray, closing the window"), help=_t("Only matters on desktops that have no tray."),
        choices=(
            Choice("ask", _t("Asks once")),
            Choice("quit", _t("Quits Catnap")),
            Choice("minimise", _t("Minimises it")),
        ),
    )
    keep_deleted_days: int = _option(
        30, group=Group.FILES, editor=Editor.NUMBER, minimum=0, maximum=365,
        label=_t("Keep deleted conversations and messages"), suffix=_t(" days"), apply=Apply.NOW,
        special=_t("Until Catnap starts again"),
        help=_t("They are under Recently deleted for that long and can be restored; then they go for good."),
    )
    record_memory: bool = _option(
        False, group=Group.FILES, editor=Editor.CHECK, apply=Apply.NOW, advanced=True,
        label=_t("Write the use of memory to a file"), technical="memory.csv",
        help=_t("A line every ten seconds, in a table beside the log, for spreadsheets; no words of conversations."),
    )
    model_folder: str = _option(
        "", group=Group.FILES, editor=Editor.FOLDER, apply=Apply.NOW,
        label=_t("Model folder"), help=_t("Where models are kept; models already there are moved along."),
    )
    embedding_model: str = _option(
        "", group=Group.FILES, editor=Editor.LINE, apply=Apply.NOW, advanced=True,
        label=_t("Model that finds by meaning"), technical="embedding model",
        help=_t("A GGUF file that compares texts, for documents and libraries; it is chosen there. Empty: none."),
    )
    mirror: str = _option(
        "auto", group=Group.FILES, editor=Editor.CHOICE, apply=Apply.NEXT_DOWNLOAD,
        label=_t("Download from"), help=_t("Automatic takes the first that answers."), technical="mirror",
        choices=(
            Choice("auto", _t("Automatic")),
            Choice("huggingface", "huggingface.co"),
            Choice("hf-mirror", "hf-mirror.com"),
            Choice("modelscope", "modelscope.cn"),
            Choice("own", _t("Own host")),
        ),
    )
    own_host: str = _option(
        "", group=Group.FILES, editor=Editor.LINE, apply=Apply.NEXT_DOWNLOAD,
        label=_t("Own host"), technical="endpoint", check=check_host,
        help=_t("Address of a server that lays its files out like huggingface.co."),
    )
    api: bool = _option(
        False, group=Group.PROGRAMS, editor=Editor.CHECK, apply=Apply.NOW,
        label=_t("Let other programs ask the model"), technical="HTTP API, OpenAI-style, 127.0.0.1",
        help=_t("Programs on this computer that have the access token; nobody from elsewhere. You come first."),
    )
    api_port: int = _option(
        11811, group=Group.PROGRAMS, editor=Editor.NUMBER, minimum=1024, maximum=65535, advanced=True,
        label=_t("Port"), technical="TCP port on 127.0.0.1", apply=Apply.NOW,
        help=_t("Where programs reach the model; another one where this is taken."),
    )
    api_origins: str = _option(
        "", group=Group.PROGRAMS, editor=Editor.LINE, advanced=True, check=check_origins,
        label=_t("Pages in a browser that may ask"), technical="CORS origins", apply=Apply.NOW,
        help=_t("Such as http://localhost:3000, with spaces between. Empty: none. They need the access token too."),
    )
# fmt: on


OPTIONS: tuple[Option, ...] = tuple(
    Option(key=setting.name, default=cast("OptionValue", setting.default), **setting.metadata)
    for setting in fields(Settings)
)


def option_for(key: str) -> Option:
    """Returns the option named ``key``; KeyError for an unknown one (a bug of the caller)."""
    for option in OPTIONS:
        if option.key == key:
            return option
    raise KeyError(key)


# fmt: off
# Settings whose value the system keeps, where other programs change it too; not in settings.json and not in Settings.
START_AT_LOGIN = Option(
    key="start_at_login", default=False, group=Group.WINDOW, editor=Editor.CHECK, apply=Apply.LOGIN,
    label=_t("Start when I log in"), technical="autostart",
    help=_t("Only the cat in the tray: no window opens, and the model sleeps until you ask something."),
)
SYSTEM_OPTIONS: tuple[Option, ...] = (START_AT_LOGIN,)
# fmt: on
