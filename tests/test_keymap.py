"""The keys of the screen by action, and what a user may make of them."""

from __future__ import annotations

import pytest
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual.keys import Keys, _character_to_key

from obtui import keymap
from obtui.keymap import ACTIONS, FIXED, KeymapError, remapped


def sent() -> set[str]:
    """Every key that a terminal's sequence stands for, as the framework names it."""
    return {
        key.value
        for keys in ANSI_SEQUENCES_KEYS.values()
        if isinstance(keys, tuple)
        for key in keys
        if isinstance(key, Keys) and not key.value.startswith(("<", "ctrl+@"))
    }


def key_of(text: str) -> str:
    """What a key is, as written for an action whose own key is given away by nobody."""
    free = {action: () for action in ACTIONS if action not in {"record", "quit"}}
    return remapped({**free, "record": [text]})["record"][0]


def test_nothing_written_changes_nothing() -> None:
    assert remapped({}) == {name: action.keys for name, action in ACTIONS.items()}


def test_no_key_has_two_meanings() -> None:
    keys = [key for action in ACTIONS.values() for key in action.keys]

    assert len(keys) == len(set(keys))
    assert not set(keys) & set(FIXED)


@pytest.mark.parametrize("code", range(33, 127))
def test_a_character_is_named_as_the_framework_names_it(code: int) -> None:
    character = chr(code)

    assert keymap.named(character) == _character_to_key(character)
    assert keymap.written(keymap.named(character)) == character


def test_every_key_that_a_terminal_sends_can_be_written() -> None:
    refused = set()
    for key in sent() - {"ctrl+c", "q"} - set(FIXED):
        try:
            assert key_of(key) == key
        except KeymapError:
            refused.add(key)

    # With a digit both are held in no terminal that people have.
    assert refused == {f"ctrl+shift+{digit}" for digit in range(10)}


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("R", "R"),
        ("é", "é"),
        ("€", "euro_sign"),
        (" ", "space"),
        ("Space", "space"),
        ("F5", "f5"),
        ("Ctrl+R", "ctrl+r"),
        ("shift+ctrl+up", "ctrl+shift+up"),
        ("ctrl+]", "ctrl+right_square_bracket"),
        ("alt+x", "alt+x"),
        ("alt+X", "alt+shift+x"),
        ("esc", "escape"),
        ("PgUp", "pageup"),
        ("dollar_sign", "dollar_sign"),
        ("_", "underscore"),
    ],
)
def test_keys_may_be_written_as_people_do(text: str, key: str) -> None:
    assert key_of(text) == key


@pytest.mark.parametrize(
    "text",
    [
        *("", "RR", "shift+a", "ctrl++", "hyper+a", "ctrl+", "+a", "f25", "shift+f1"),
        *("\x1b", "\x1b[2J", "ctrl+é", "ctrl+space", "<ignore>", "alt+?", "ctrl+alt+a", "q,r"),
    ],
)
def test_what_no_terminal_sends_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(KeymapError, match="there is no key") as refused:
        remapped({"record": [text]})

    assert str(refused.value).isprintable()
    assert refused.value.action == "record"


@pytest.mark.parametrize(
    ("text", "same"), [("ctrl+i", "tab"), ("ctrl+M", "enter"), ("ctrl+[", "escape")]
)
def test_what_a_terminal_sends_for_another_key_too_is_refused(text: str, same: str) -> None:
    with pytest.raises(KeymapError, match=f"a terminal sends {same} for "):
        remapped({"record": [text]})


def test_an_action_has_the_keys_that_are_written_and_no_other() -> None:
    keys = remapped({"record": ["R", "f5", "R"], "mark": []})

    assert keys["record"] == ("R", "f5")
    assert keys["mark"] == ()
    assert keys["freeze"] == ("space",)


def test_two_actions_may_change_their_keys_with_each_other() -> None:
    keys = remapped({"record": ["m"], "mark": ["r"]})

    assert (keys["record"], keys["mark"]) == (("m",), ("r",))


def test_an_unknown_action_is_refused_with_the_nearest() -> None:
    with pytest.raises(KeymapError, match="no such action: did you mean record") as refused:
        remapped({"recrod": ["R"]})

    assert refused.value.action == "recrod"


@pytest.mark.parametrize(
    ("overrides", "action", "other"),
    [
        ({"record": ["m"]}, "record", "mark"),
        ({"quit": ["r"]}, "quit", "record"),
        ({"overview": ["?"]}, "overview", "help"),
        ({"record": ["R"], "mark": ["R"]}, "mark", "record"),
    ],
)
def test_a_key_of_two_actions_is_refused_and_both_are_named(
    overrides: dict[str, list[str]], action: str, other: str
) -> None:
    with pytest.raises(KeymapError, match=f"is also a key of {other}") as refused:
        remapped(overrides)

    assert refused.value.action == action


@pytest.mark.parametrize("key", ["1", "tab", ",", ">", "g", "-"])
def test_keys_whose_meaning_stays_are_not_to_be_had(key: str) -> None:
    with pytest.raises(KeymapError, match=r"is for .*: choose another key"):
        remapped({"record": [key]})


@pytest.mark.parametrize("given", [["Q"], [], ["ctrl+c"]])
def test_ctrl_c_always_quits(given: list[str]) -> None:
    keys = remapped({"quit": given})

    assert keys["quit"][-1] == "ctrl+c"
    assert len(keys["quit"]) == len(set(given) | {"ctrl+c"})


def test_ctrl_c_does_nothing_else() -> None:
    with pytest.raises(KeymapError, match="'ctrl\\+c' always quits"):
        remapped({"quit": ["Q"], "record": ["Ctrl+C"]})
