"""CSV with the columns of Tardis' `incremental_book_L2`, in the venue's own digits.

Source: https://docs.tardis.dev/downloadable-csv-files/data-types#incremental_book_l2.
"""

from __future__ import annotations

from typing import IO

from obtui.export.base import Exporter, Shape, csv_field
from obtui.export.following import Following
from obtui.export.l2 import L2Group, L2Rows
from obtui.feeds.base import Feed

COLUMNS = (
    "exchange",
    "symbol",
    "timestamp",
    "local_timestamp",
    "is_snapshot",
    "side",
    "price",
    "amount",
)


def exporter(feed: Feed, out: IO[bytes], _shape: Shape) -> Exporter:
    """Writes `out` from frames of `feed`."""
    market = f"{csv_field(feed.name)},{csv_field(feed.symbol.upper())}"
    out.write((",".join(COLUMNS) + "\n").encode())

    def write(group: L2Group) -> None:
        whole = "true" if group.is_snapshot else "false"
        start = f"{market},{group.timestamp},{group.local_timestamp},{whole},"
        rows = [f"{start}ask,{price:f},{size:f}\n" for price, size in group.asks]
        rows += [f"{start}bid,{price:f},{size:f}\n" for price, size in group.bids]
        out.write("".join(rows).encode())

    return Following(feed, L2Rows(write))
