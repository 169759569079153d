"""Options and names in the order in which people type them."""

from __future__ import annotations

import pytest

from obtui import arguments


@pytest.mark.parametrize(
    ("words", "names", "told"),
    [
        ("watch BTCUSD --venue kraken ETHUSD", ["BTCUSD", "ETHUSD"], {"venue": "kraken"}),
        ("watch --venue kraken BTCUSD ETHUSD", ["BTCUSD", "ETHUSD"], {"venue": "kraken"}),
        ("watch A --no-mouse B --url ws://h:1 C", ["A", "B", "C"], {"url": "ws://h:1"}),
        ("record A --capture x B --duration 3", ["A", "B"], {"capture": "x", "duration": 3.0}),
        ("demo", [], {"seed": None}),
        ("demo A --seed 3 B", ["A", "B"], {"seed": 3}),
        ("book A --venue kraken", ["A"], {"venue": "kraken"}),
        ("replay a --speed 3 b", ["a", "b"], {"speed": 3.0}),
        ("verify a --json b", ["a", "b"], {"json": True}),
        ("verify --json -- -a --json", ["-a", "--json"], {"json": True}),
        ("export a -o x --format books b", ["a", "b"], {"out": "x"}),
    ],
)
def test_options_stand_before_behind_and_between_names(
    words: str, names: list[str], told: dict[str, object]
) -> None:
    parsed = vars(arguments.parser().parse_args(words.split()))

    assert parsed.get("symbols", parsed.get("files")) == names
    assert {name: parsed[name] for name in told} == told


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("watch", "obtui watch: the following arguments are required: SYMBOL"),
        ("watch --venue kraken", "obtui watch: the following arguments are required: SYMBOL"),
        ("watch A --venue", "obtui watch: argument --venue: expected one argument"),
        ("watch A --nosuch", "obtui: unrecognized arguments: --nosuch"),
        ("book A --json B", "obtui: unrecognized arguments: B"),
    ],
)
def test_what_is_wrong_is_said_as_before(
    words: str, fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        arguments.parser().parse_args(words.split())

    assert left.value.code == 2
    assert capsys.readouterr().err.startswith(fault)
