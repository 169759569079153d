"""The help: keys, and what the words of the book's state mean."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

KEYS = """\
  q, Ctrl+C   quit; a recording is closed whole
  space       freeze the view; feed and recording go on
  r           start, stop recording, of all markets
  m           mark this moment in the captures
  1-9, n, N   another market; the next, the one before
  o           all markets, a row each; Enter shows one
  a           all venues of this asset in one ladder
  Ctrl+P      palette: themes and the rest
  Ctrl+Z      suspend, when nothing is recorded
  ?, Esc      this help
"""
REPLAY_KEYS = """\
  q, Ctrl+C   quit
  space       pause, and go on
  . ,         one frame on, one back
  < >         10 s back, on
  { }         to the previous, next mark or gap
  - +         slower, faster
  g           go to a time
  Ctrl+P      palette: themes and the rest
  Ctrl+Z      suspend
  ?, Esc      this help
"""
WORDS = """
[b]The word on top is the state of the book[/b]
  VERIFIED    every book message so far was checked
  UNVERIFIED  live, but the venue gives no way to check
  SYNCING     waiting for a whole book; the old one is grey
  STALE       connected, but silent for too long
  CROSSED     best bid at or above best ask; fetched anew
  OFFLINE     no connection; the reason stands beside it

[b]Ladder[/b]  + bids, - asks · price, size, cumulative, depth
[b]Trades[/b]  ▲ a buyer took, ▼ a seller took · times in UTC
[b]lag[/b]     venue to here, the clocks' difference included
"""


class HelpScreen(ModalScreen[None]):
    """Closes with the key that opened it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q", "dismiss", "Close"),
    ]

    def __init__(self, keys: str = KEYS) -> None:
        super().__init__()
        self._keys = keys

    def compose(self) -> ComposeResult:
        """One scrolling text, which fits a small terminal by scrolling."""
        with VerticalScroll(id="help"):
            yield Static(f"[b]Keys[/b]\n{self._keys}{WORDS}")
