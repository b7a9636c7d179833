"""Where on a real display each step is tested that a person takes: a row for each, and that what it names is there."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

# What a person does or sees, by what was asked for, and the tests with mouse and keyboard that do it.
STEPS = {
    "C1, C2, C3: lists with code, products, formulas, tables": ("test_faults_shown:read_answers",),
    "C4 thoughts in the tags of each family": ("test_faults_shown:hear_no_thoughts",),
    "C5 a name of 122 letters, in the settings and among the models": ("test_faults_shown:choose_models",),
    "C6 huge texts opened, copied, pasted": ("test_faults_shown:test_huge_texts_keep_nobody_waiting",),
    "C7, C8: every window at 24 pt and at 200 %, as pictures": (
        "test_screenshots:test_a_picture_of_every_window_can_be_taken",
    ),
    "C9 search by keyboard, hits in place": ("test_power_conversations:find_things",),
    "C10 the keyboard in the list of conversations is seen": ("test_faults_shown:go_by_keyboard",),
    "C11 heard by a screen reader": ("test_screen_reader:test_c11_a_conversation_is_heard",),
    "C12 first closing, Enter while it answers": (
        "test_scenario:test_a_message_waits_for_the_answer_and_the_first_closing_is_explained",
    ),
    "C13 the conversation that was open": ("test_power_conversations:test_everything_by_keyboard",),
    "C14 dot and comma on a German system": ("test_faults_shown:write_numbers",),
    "C15 the panel dies while the window is hidden, and again": (
        "test_faults_shown:test_the_window_comes_back_when_the_panel_dies",
    ),
    "C16 Chinese words, in the chat, the settings and the help": ("test_faults_shown:test_chinese_words_are_clear",),
    "3 context meter, too long, its ways out, Up recalls, paste beyond": (
        "test_power_user:test_what_is_written_and_who_answers",
    ),
    "3 Enter while it answers queues, visibly": ("test_power_user:test_messages_wait_for_the_answer",),
    "4 pin, folder, archive, undo": ("test_conversations:test_conversations_are_arranged_and_all_of_it_taken_back",),
    "4 date headings, search, find": ("test_power_conversations:find_things",),
    "4 persona and temperature of one conversation": ("test_power_conversations:choose_for_one",),
    "4 model of one conversation": ("test_servers:test_a_conversation_goes_from_here_to_two_servers_and_back",),
    "5 personas chosen, their starters": ("test_newcomer:choose_persona", "test_elder:test_answers_are_read_aloud"),
    "5 personas written, duplicated, reset": ("test_newcomer:write_personas",),
    "5 a new conversation with a persona begins at once": ("test_power_user:test_what_is_written_and_who_answers",),
    "6 quick actions on a selection, from the tray, pasted back": (
        "test_quick_actions:test_a_selected_text_is_done_with_and_pasted_back",
        "test_quick_actions:test_the_tray_and_a_later_start_do_it_in_the_running_one",
    ),
    "6 an action of one's own, from a second process": ("test_power_conversations:write_action",),
    "7 first steps by keyboard, never again": ("test_first_run:test_from_nothing_to_the_first_answer",),
    "7 first steps by mouse on a small screen": ("test_newcomer:first_steps",),
    "7 skipped, never again": ("test_newcomer:test_skipped_first_steps_never_come_again",),
    "8 memory panel, naps, table": ("test_newcomer:look_at_memory",),
    "9 per message, by language, speed, Esc, no voice": ("test_elder:test_answers_are_read_aloud",),
    "9 while the answer grows": ("test_elder:test_an_answer_is_read_while_it_grows",),
    "settings live: colours, size of the text, threads, context": ("test_newcomer:change_settings",),
    "models: another one, used, removed": ("test_newcomer:change_models",),
}


@pytest.mark.parametrize("step", STEPS)
def test_every_step_is_tested_where_it_is_said(step: str) -> None:
    for place in STEPS[step]:
        module, _, name = place.partition(":")
        tree = ast.parse((Path(__file__).with_name(f"{module}.py")).read_text(encoding="utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, place
