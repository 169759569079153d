"""The help: keys, as they are now, and what the words of the book's state mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from obtui import keymap

Rows = Sequence[tuple[tuple[str, ...] | str, str]]
"""Actions, or keys as they are told, and what they do."""

MARKETS: Rows = (
    (("quit",), "quit; a recording is closed whole"),
    (("freeze",), "freeze the view; the feed goes on"),
    (("record",), "start, stop recording, of all markets"),
    (("mark",), "mark this moment in the captures"),
    ("1-9", "another market"),
    (("next", "previous"), "the next market, the one before"),
    (("overview",), "all markets, a row each; Enter: one"),
    (("consolidated",), "all venues of this asset in one ladder"),
)
REPLAY: Rows = (
    (("quit",), "quit"),
    ("space", "pause, and go on"),
    (". ,", "one frame on, one back"),
    ("< >", "10 s back, on"),
    ("{ }", "to the previous, next mark or gap"),
    ("- +", "slower, faster"),
    ("g", "go to a time"),
)
SCREEN: Rows = (
    (("form",), "stacked, side by side, anchored"),
    (("finer", "coarser"), "finer, coarser; a focused chart too"),
    (("recentre",), "re-centre an anchored ladder"),
    (("unit",), "sizes or values"),
    (("bars",), "bars: total or level, linear or log"),
    (("traded",), "what traded at each price"),
    (("cursor_up", "cursor_down"), "level cursor, also by mouse; Esc: none"),
    (("layout",), "next layout: book, tape, map, all"),
    (("prints", "statistics", "events"), "prints, statistics, events: show, hide"),
    (("heatmap", "depth"), "heatmap, depth chart: show, hide"),
    (("earlier", "later"), "heatmap: back in time, and on"),
    (("sweep",), "cost of taking a size that is typed"),
    (("filter",), "prints of any, the usual, a large size"),
    (("maximise",), "the focused panel alone; Tab: focus"),
    (("palette",), "palette: markets, layouts, themes, ..."),
    (("diagnostics",), "what goes to the terminal, how soon"),
    (("suspend",), "suspend, when nothing is recorded"),
    (("help",), "this help; Esc closes it"),
)
WORDS = """\
[b]The word on top is the state of the book[/b]
  VERIFIED    every book message so far was checked
  UNVERIFIED  live, but the venue gives no way to check
  SYNCING     waiting for a whole book; the old is grey
  STALE       connected, but silent for too long
  CROSSED     best bid at or above best ask
  OFFLINE     no connection; the reason is beside it

[b]Ladder[/b]  + bids, - asks · ≥ there may be more
        ▴ grew  ▾ shrank: pulled  × shrank: traded
[b]Prints[/b]  ▲ a buyer took  ▼ a seller took  ◆ large
[b]lag[/b]     venue to here, with the clocks' difference
Times are UTC.
"""
BESIDE_WIDTH = 116
"""Columns from which on keys and words stand beside each other."""


class HelpScreen(ModalScreen[None]):
    """Closes with the key that opened it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "Close", show=False),
        Binding("question_mark", "dismiss", "Close", id="help"),
    ]

    def __init__(
        self, keys: Mapping[str, tuple[str, ...]] | None = None, *, replay: bool = False
    ) -> None:
        """`keys` by action, in the framework's names; without them the default ones."""
        super().__init__()
        self._keys = keymap.defaults() | dict(keys or {})
        self._first = REPLAY if replay else MARKETS

    def compose(self) -> ComposeResult:
        """Scrolls where the terminal is small."""
        # Few widgets, of plain text: each costs ms before the first of them is seen.
        rows = [
            (what if isinstance(what, str) else self._of(what), meaning)
            for what, meaning in (*self._first, *SCREEN)
        ]
        room = max(len(key) for key, _ in rows)
        keys = "\n".join(f"  {key:<{room}}  {meaning}" for key, meaning in rows)
        with VerticalScroll(id="help"), Container(id="help-columns"):
            yield Static(Content.assemble(("Keys", "bold"), f"\n{keys}\n"))
            yield Static(Content.from_markup(WORDS))

    def on_resize(self) -> None:
        """Beside each other where there is room."""
        self.set_class(self.size.width >= BESIDE_WIDTH, "-beside")

    def _of(self, actions: tuple[str, ...]) -> str:
        """One key of each, or all of one."""
        if len(actions) == 1:
            return ", ".join(_told(key) for key in self._keys[actions[0]])
        return " ".join(_told(key) for action in actions for key in self._keys[action][:1])


ARROWS = {"up": "↑", "down": "↓", "left": "←", "right": "→"}


def _told(key: str) -> str:
    """As people read it."""
    if key in ARROWS:
        return ARROWS[key]
    *held, base = key.split("+")
    base = base.upper() if held and len(base) == 1 else keymap.written(base)
    return "+".join([*(word.capitalize() for word in held), base])
