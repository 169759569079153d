"""The seam to Textual's output: it is there, and without it Textual writes as it always did."""

from __future__ import annotations

import pytest
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual._compositor import CompositorUpdate, LayoutUpdate
from textual.app import App
from textual.geometry import Region
from textual.strip import Strip

from obtui.thin import app as thin_app
from obtui.thin.app import seam_holds
from obtui.thin.cells import codes_of
from obtui.thin.seam import Thin
from obtui.thin.words import words_of

MS = 1_000_000


class Terminal:
    """What a `Thin` writes to, at a time that is told."""

    def __init__(self, *, bandwidth: int | None = None) -> None:
        self.sent: list[str] = []
        self.asked = 0
        self.now = 0
        self.busy = False
        self.thin = Thin(
            self.sent.append,
            self.ask,
            lambda: self.now,
            busy=lambda: self.busy,
            bandwidth=bandwidth,
        )

    def ask(self) -> None:
        self.asked += 1

    def show(self, *texts: str, cursor: tuple[int, int] = (0, 0), sync: bool = False) -> bool:
        """A screen of these rows, all of one width."""
        strips = [[Strip([Segment(text, Style(bold=True))])] for text in texts]
        update = LayoutUpdate(strips, Region(0, 0, len(texts[0]), len(texts)))  # type: ignore[arg-type]
        size = len(texts[0]), len(texts)
        return self.thin.show(update, size, ColorSystem.EIGHT_BIT, cursor, sync=sync)

    def reply(self, after_ms: int = 10) -> None:
        self.now += after_ms * MS
        self.thin.acknowledged()


def test_the_installed_textual_has_the_seam() -> None:
    assert seam_holds()


@pytest.mark.parametrize(
    "seam", [{App: ("_no_such_thing",)}, {LayoutUpdate: ("region", "no_such_thing")}]
)
def test_without_a_part_of_it_textual_writes(
    monkeypatch: pytest.MonkeyPatch, seam: dict[type, tuple[str, ...]]
) -> None:
    monkeypatch.setattr(thin_app, "SEAM", seam)
    assert not seam_holds()
    assert not thin_app.ThinApp()._thin
    assert thin_app.ThinApp().traffic is None


def test_with_another_way_out_textual_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(App, "_display", App.post_display_hook)
    assert not seam_holds()
    monkeypatch.delattr(App, "_display")
    assert not seam_holds()


def test_an_update_of_another_kind_is_textuals_to_write() -> None:
    terminal = Terminal()
    terminal.show("abc")
    terminal.reply()

    shown = terminal.thin.show(
        CompositorUpdate(), (3, 1), ColorSystem.EIGHT_BIT, (0, 0), sync=False
    )

    assert not shown
    terminal.show("abc")
    assert "abc" in terminal.sent[-1]


def test_each_frame_asks_for_a_reply_and_what_did_not_change_is_not_sent() -> None:
    terminal = Terminal()
    assert terminal.show("abc", "def")
    terminal.reply()
    terminal.show("abc", "dEf")
    terminal.reply()
    terminal.show("abc", "dEf")

    assert terminal.asked == len(terminal.sent) == 2
    assert terminal.sent[1].endswith("E")


def test_what_waits_is_sent_as_it_is_when_the_reply_comes() -> None:
    terminal = Terminal()
    for number in range(5):
        terminal.show(f"{number}" * 9)

    assert len(terminal.sent) == 2
    assert terminal.thin.traffic.waits
    terminal.reply()
    terminal.reply()
    assert "444444444" in terminal.sent[-1]
    assert len(terminal.sent) == 3


def test_what_is_too_much_for_one_frame_is_sent_whole_before_another_is_painted() -> None:
    terminal = Terminal()
    terminal.show("-")
    terminal.reply(500)
    terminal.show("-" * 900, "a" * 900, "b" * 900)
    assert "b" not in terminal.sent[-1]
    assert not terminal.thin.take_frame()

    terminal.reply()

    assert "b" * 900 in terminal.sent[-1]
    terminal.reply()
    assert terminal.thin.take_frame()


def test_no_frame_is_painted_between_the_pieces_of_one_also_where_the_link_has_room() -> None:
    terminal = Terminal()
    for text in ("-" * 4_000, "-" * 3_999 + "x"):  # all of the link's time, and a small one
        terminal.show(text)
        terminal.reply(500)
    terminal.show(*[letter * 1_500 for letter in "abcdefgh"])
    sent = len(terminal.sent)
    granted = terminal.thin.take_frame()

    assert len(terminal.sent) == sent + 1
    assert "h" not in "".join(terminal.sent)
    assert not granted


def test_after_a_silence_the_cursor_is_where_no_frame_leaves_it() -> None:
    terminal = Terminal()
    terminal.show("abc", "def")
    terminal.reply()
    terminal.show("abc", "deF")
    terminal.now += 3_000 * MS
    asked = terminal.asked

    terminal.thin.pump()

    assert terminal.sent[-1] == "\x1b[H"
    assert terminal.asked == asked + 1
    terminal.thin.acknowledged((0, 0))
    terminal.show("Abc", "deF")
    assert terminal.sent[-1].endswith("A")
    assert len(terminal.sent[-1]) == 1


def test_while_the_terminal_has_not_taken_the_last_nothing_is_sent() -> None:
    terminal = Terminal()
    terminal.busy = True
    terminal.show("abc")
    assert terminal.sent == []

    terminal.busy = False
    terminal.thin.pump()
    assert "abc" in terminal.sent[0]


def test_the_echo_of_a_key_need_not_wait() -> None:
    terminal = Terminal()
    terminal.show("a" * 9)
    terminal.reply(80)
    terminal.show("b" * 9)
    terminal.show("c" * 9)
    sent = len(terminal.sent)
    while terminal.thin.traffic.waits is False:
        terminal.show(str(len(terminal.sent)) * 9)
        sent = len(terminal.sent)

    terminal.thin.key()
    terminal.show("k" * 9)

    assert len(terminal.sent) == sent + 1


def test_a_key_that_could_not_be_echoed_at_once_is_as_soon_as_it_can() -> None:
    terminal = Terminal()
    terminal.show("a" * 9)
    terminal.reply(80)
    for letter in "bcdef":
        terminal.show(letter * 9)
        terminal.thin.key()
    sent = len(terminal.sent)
    terminal.show("k" * 9)
    terminal.now += 3_000 * MS
    assert len(terminal.sent) == sent

    terminal.thin.pump()

    assert "k" * 9 in terminal.sent[-1]


def test_the_cursor_is_placed_where_there_is_something_to_type_in() -> None:
    terminal = Terminal()
    terminal.show("abc", "def")
    assert not terminal.sent[0].endswith("H")
    terminal.reply()

    terminal.show("abc", "dEf", cursor=(1, 0))

    assert terminal.sent[1].endswith("E\x1bM\b")


def test_a_frame_is_shown_at_once_where_the_terminal_can() -> None:
    terminal = Terminal()
    terminal.show("abc", sync=True)

    assert terminal.sent[0].startswith("\x1b[?2026h")
    assert terminal.sent[0].endswith("\x1b[?2026l")


def test_of_another_size_nothing_is_known() -> None:
    terminal = Terminal()
    terminal.show("abc")
    terminal.reply()
    terminal.show("abcd")

    assert "abcd" in terminal.sent[-1]


def test_bytes_a_second_are_bounded_and_each_frame_is_whole() -> None:
    terminal = Terminal(bandwidth=1_000)
    total = whole = 0
    said = []
    for step in range(1_000):
        terminal.now += 10 * MS
        if terminal.thin.take_frame():
            said.append(words_of(terminal.thin.traffic, asked=False).partition(" · ")[0])
            terminal.show(*[f"{step:020}"] * 20)
            whole += 1
            assert not terminal.thin.traffic.waits
        terminal.reply(0)
        total = sum(len(it) + 4 for it in terminal.sent)

    assert 9_000 <= total <= 11_000
    assert whole == len(terminal.sent)
    assert set(said[len(said) // 2 :]) == {"bandwidth cap"}


def test_the_traffic_is_of_the_last_seconds() -> None:
    terminal = Terminal()
    terminal.now = 10_000 * MS
    terminal.show("abc")
    terminal.reply(30)

    traffic = terminal.thin.traffic
    assert (traffic.fps, traffic.round_trip_ms, traffic.age_ms) == (0.5, 30, 30)
    assert traffic.rate == (len(terminal.sent[0]) + 4) / 2
    assert words_of(traffic, asked=True) == "0 fps · 8 B/s · round trip 30 ms · screen 0.0 s old"
    assert words_of(traffic, asked=False) == ""
    terminal.now += 3_000 * MS
    assert terminal.thin.traffic.fps == 0


def test_a_link_that_limits_is_told_unasked() -> None:
    terminal = Terminal()
    terminal.show("a" * 2_000)
    terminal.reply(500)
    for step in range(40):
        terminal.now += 20 * MS
        if terminal.thin.take_frame():
            terminal.show(str(step % 10) * 2_000)

    traffic = terminal.thin.traffic
    assert traffic.limited
    assert words_of(traffic, asked=False).startswith("slow link · ")
    assert words_of(traffic._replace(limited=False), asked=False) == ""


def test_where_nobody_replies_that_is_said() -> None:
    terminal = Terminal()
    terminal.show("abc")

    assert words_of(terminal.thin.traffic, asked=True).endswith("the terminal does not reply")
    assert words_of(None, asked=True) == "written by Textual"
    assert words_of(None, asked=False) == ""


def test_an_exact_colour_is_told_by_its_number() -> None:
    def codes(colour: str) -> str:
        return codes_of(Style.parse(colour), ColorSystem.TRUECOLOR)

    assert codes("bold #5faf5f on #121212") == "1;38;5;71;48;5;233"
    assert codes("#010203") == "38;2;1;2;3"
    assert codes("#ffffff on #000000") == "38;5;231;48;5;16"
    assert codes("#eeeeee") == "38;5;255"
    assert codes("link https://example.invalid") == ""
