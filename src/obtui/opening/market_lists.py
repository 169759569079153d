"""What venues list, each asked once, in a thread that nobody has to wait for.

A venue may take seconds to answer, or never do: the screen goes on meanwhile, and leaving is not
held up by it.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Sequence
from typing import NamedTuple

from obtui.market import Instrument
from obtui.opening.finding import Name
from obtui.seams import Catalogue, Unavailable


class Listed(NamedTuple):
    """A market that a venue lists."""

    name: Name
    """Its symbol, prepared for being searched."""
    instrument: Instrument


class Lists:
    """The lists that came, and those that could not be had. To be used in one event loop."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._listed: dict[str, Sequence[Listed]] = {}
        self._faults: dict[str, str] = {}
        self._asking: dict[str, asyncio.Future[None]] = {}

    @property
    def venues(self) -> Sequence[str]:
        """What may be asked for, by name."""
        return self._catalogue.venues()

    def listed(self, venue: str) -> Sequence[Listed] | None:
        """Its markets; None where they are not known, or not yet."""
        return self._listed.get(venue)

    def fault(self, venue: str) -> str:
        """Why its list could not be had, in one line; empty where it was not asked for."""
        return self._faults.get(venue, "")

    def forget_faults(self) -> None:
        """What could not be had is as if it had not been asked for."""
        self._faults.clear()

    async def ask(self, venue: str) -> None:
        """Return when its list is known, or it is known why not; several may wait for one."""
        if venue in self._listed:
            return
        waiting = self._asking.get(venue)
        if waiting is None:
            loop = asyncio.get_running_loop()
            waiting = self._asking[venue] = loop.create_future()
            work = (venue, loop, waiting)
            threading.Thread(target=self._ask, args=work, name="asking", daemon=True).start()
        # Who waits may be told to stop; the others wait on.
        await asyncio.shield(waiting)

    def _ask(
        self, venue: str, loop: asyncio.AbstractEventLoop, waiting: asyncio.Future[None]
    ) -> None:
        """In the thread."""
        listed: Sequence[Listed] = ()
        fault, defect = "", None
        try:
            listed = [Listed(Name(it.symbol), it) for it in self._catalogue.symbols(venue)]
        except Unavailable as error:
            fault = str(error)
        except Exception as error:  # noqa: BLE001 - raised where it is waited for
            defect = error

        def tell() -> None:
            del self._asking[venue]
            self._faults.pop(venue, None)
            if defect is not None:
                waiting.set_exception(defect)
                return
            if fault:
                self._faults[venue] = fault
            else:
                self._listed[venue] = listed
            waiting.set_result(None)

        # The user may have left meanwhile.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(tell)
