"""The OPTIONS table: every setting as data. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Final, TypeVar, cast

from desktop.common.errors import QT_TRANSLATE_NOOP
from desktop.settings.checks import check_context, check_font_size, check_host, check_origins, check_served
from desktop.settings.types import Apply, Choice, Editor, Group, Option, OptionValue

T = TypeVar("T", str, int, float, bool)


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
START_AT_LOGIN: Final = Option(
    key="start_at_login", default=False, group=Group.WINDOW, editor=Editor.CHECK, apply=Apply.LOGIN,
    label=_t("Start when I log in"), technical="autostart",
    help=_t("Only the cat in the tray: no window opens, and the model sleeps until you ask something."),
)
SYSTEM_OPTIONS: tuple[Option, ...] = (START_AT_LOGIN,)
# fmt: on
