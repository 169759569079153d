"""How markets are spelled: what people type held against what a venue lists, and, where there is no
list, cut in two by a table of known currencies. It asks nobody."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Sequence

import msgspec

from obtui.market import Instrument

_QUOTES = """
    USD USDT USDC GUSD RLUSD PYUSD FDUSD USDG USDE USDD USD1 DAI EURC EURT EURI EURQ EURR
    EUR GBP JPY AUD CAD CHF SGD HKD NZD BRL TRY MXN ARS COP ZAR PLN CZK RON UAH AED IDR NGN INR KRW
    BTC ETH BNB SOL XRP TRX LTC BCH FIL DOGE
"""
QUOTES = sorted(_QUOTES.split(), key=lambda name: (-len(name), name))
"""Currencies that prices are told in, longest first. Dead ones are left out where they would cut a
living market in the wrong place: ARBUSD is no AR/BUSD, DOTUSD no DO/TUSD."""
WHOLE = frozenset({"PAXG", "OMG", "DOG", "XDG"})
"""Currencies that end as a longer quote begins, and are not to be cut: PAXGUSD is PAXG/USD."""
OLDER = {"XBT": "BTC", "XDG": "DOGE"}
"""Other names of a currency."""
SEPARATOR = re.compile(r"[-/_.]+")
NEAREST = 5
ALIKE = 0.6


def letters(text: str) -> str:
    """Without separators, in capitals: what all spellings of a market have in common."""
    return SEPARATOR.sub("", text).upper()


def cut(typed: str) -> tuple[str, str] | None:
    """Base and quote: at the one separator, or else by the table; None where neither tells."""
    parts = _parts(typed)
    if parts is not None:
        return parts
    found = _cuts(letters(typed))
    known = [pair for pair in found if pair[0] in WHOLE]
    pair = next(iter(known or found), None)
    return None if pair is None else _newer(pair)


def find(listed: Iterable[Instrument], typed: str) -> list[Instrument]:
    """All that `typed` may mean: one, where it is the venue's own spelling; several, where the same
    letters can be cut in two places."""
    listed = list(listed)
    own = [it for it in listed if it.symbol == typed] or [
        it for it in listed if it.symbol.upper() == typed.upper()
    ]
    return own[:1] or _same_letters(listed, typed) or _of_older(listed, typed)


def nearest(listed: Sequence[Instrument], typed: str) -> list[str]:
    """Listed symbols that may have been meant, likeliest first: of the same base with a quote much
    the same, and those of much the same letters."""
    wanted = letters("".join(cut(typed) or (typed,)))
    bases = {it.base for it in listed if wanted.startswith(it.base)}
    base = max(bases, key=len, default="")
    quote = wanted[len(base) :]
    cousins = sorted(
        (it for it in listed if base and it.base == base),
        key=lambda it: (-_likeness(quote, it.quote), len(it.quote), it.quote),
    )
    names = [it.symbol for it in cousins if not quote or _likeness(quote, it.quote) >= ALIKE]
    by_letters = {letters(it.symbol): it.symbol for it in listed}
    alike = difflib.get_close_matches(wanted, by_letters, NEAREST, ALIKE)
    return list(dict.fromkeys([*names[:NEAREST], *(by_letters[it] for it in alike)]))[:NEAREST]


def with_currencies(listed: Sequence[Instrument]) -> list[Instrument]:
    """Names that a venue lists without their currencies, cut.

    One that can be cut in two places is cut where the base is known from the list's other names:
    BTCGUSD is BTC/GUSD, because there is a BTCUSD. Where that tells nothing, it is left uncut.
    """
    cuts = {it.symbol: [(it.base, it.quote)] if it.quote else _cuts(it.symbol) for it in listed}
    known = WHOLE.union(found[0][0] for found in cuts.values() if len(found) == 1)
    return [it if it.quote else _cut_known(it, cuts[it.symbol], known) for it in listed]


def _cut_known(
    it: Instrument, found: Sequence[tuple[str, str]], known: Collection[str]
) -> Instrument:
    sure = found if len(found) == 1 else [pair for pair in found if pair[0] in known]
    if len(sure) != 1:
        return it
    return msgspec.structs.replace(it, base=sure[0][0], quote=sure[0][1])


def _cuts(name: str) -> list[tuple[str, str]]:
    """All cuts before a known quote, the longest of these first."""
    return [
        (name.removesuffix(quote), quote)
        for quote in QUOTES
        if name.endswith(quote) and name != quote
    ]


def _parts(typed: str) -> tuple[str, str] | None:
    """The two sides of the one separator."""
    parts = SEPARATOR.split(typed.upper())
    return _newer((parts[0], parts[1])) if len(parts) == 2 and all(parts) else None


def _newer(pair: tuple[str, str]) -> tuple[str, str]:
    return OLDER.get(pair[0], pair[0]), OLDER.get(pair[1], pair[1])


def _same_letters(listed: Iterable[Instrument], typed: str) -> list[Instrument]:
    wanted, parts = letters(typed), _parts(typed)
    return [
        it
        for it in listed
        if wanted in {letters(it.symbol), letters(it.base + it.quote)}
        # Where both are cut, they are to be cut in the same place.
        and (parts is None or not it.quote or _newer((it.base, it.quote)) == parts)
    ]


def _of_older(listed: Iterable[Instrument], typed: str) -> list[Instrument]:
    """Those of the same two currencies, whichever of their names the venue uses."""
    parts = _parts(typed)
    pairs = {_newer(pair) for pair in _cuts(letters(typed))} if parts is None else {parts}
    return [it for it in listed if it.quote and _newer((it.base, it.quote)) in pairs]


def _likeness(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one, other).ratio()
