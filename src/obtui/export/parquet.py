"""The rows of `csv-l2` as Parquet, by pyarrow.

Columns have the CSV's names and order, so that one query reads both; then come the exact digits:

    exchange, symbol    string
    timestamp           int64     µs since the epoch: the venue's time; ours where it gave none
    local_timestamp     int64     µs since the epoch: our receive time, the order of the rows
    is_snapshot         bool
    side                string    bid | ask
    price, amount       double    to compute with
    price_text,         string    the venue's own digits
    amount_text

Times are whole numbers, as in the CSV and in every file of Tardis: each reader has one call that
makes a time of them, and DuckDB gives Python no time with a zone without a library more (pytz).
Doubles, because that is what pandas, polars and DuckDB compute with fast (a Decimal column is a
column of Python objects in pandas), and what a CSV reader makes of the same numbers; a double holds
any price of up to 15 digits exactly enough to be printed as it was. Text beside it, because a
decimal type has one scale for all rows, and so loses which zeros the venue sent.

Rows are in the order in which the messages came: sorted by `local_timestamp`, unless the clock of
the recording machine was set back.
"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from obtui.export.base import Exporter, ExportError, Shape
from obtui.export.following import Following
from obtui.export.l2 import L2Group, L2Rows
from obtui.feeds.base import Feed

if TYPE_CHECKING:
    import pyarrow as pa

ROW_GROUP = 131_072
"""Rows in a row group: enough for a reader to skip and to share out, small enough to be kept."""
_BATCH = 8_192
"""Rows that are kept as Python objects, some 10 times as large as in Arrow's arrays."""


def exporter(feed: Feed, out: IO[bytes], _shape: Shape) -> Exporter:
    """Writes `out` from frames of `feed`; raises `ExportError` without pyarrow."""
    table = L2Table(out, feed.name, feed.symbol.upper())
    return _Closing(Following(feed, L2Rows(table.write)), table)


class L2Table:
    """A Parquet file of book rows, written a row group at a time."""

    def __init__(self, out: IO[bytes], exchange: str, symbol: str) -> None:
        try:
            import pyarrow as pa
            import pyarrow.parquet as pq
        except ImportError:
            raise ExportError("parquet needs pyarrow: pip install 'obtui[parquet]'") from None
        self._pa = pa
        self._market = (exchange, symbol)
        self._schema = pa.schema(
            [
                ("exchange", pa.string()),
                ("symbol", pa.string()),
                ("timestamp", pa.int64()),
                ("local_timestamp", pa.int64()),
                ("is_snapshot", pa.bool_()),
                ("side", pa.string()),
                ("price", pa.float64()),
                ("amount", pa.float64()),
                ("price_text", pa.string()),
                ("amount_text", pa.string()),
            ]
        )
        self._writer = pq.ParquetWriter(out, self._schema, compression="zstd")
        self._batches: list[pa.RecordBatch] = []
        self._waiting = 0
        """Rows in the batches."""
        self._rows: list[tuple[int, int, bool, str, str, str]] = []

    def write(self, group: L2Group) -> None:
        """Take the rows of one message."""
        timestamp, local, whole, asks, bids = group
        rows = self._rows
        for side, levels in (("ask", asks), ("bid", bids)):
            for price, size in levels:
                rows.append((timestamp, local, whole, side, f"{price:f}", f"{size:f}"))
                if len(rows) == _BATCH:
                    self._pack()

    def close(self) -> None:
        """Write what waits, and the file's end."""
        self._pack()
        self._write_group()
        self._writer.close()

    def _pack(self) -> None:
        """Make arrays of the rows, and a row group of enough arrays."""
        rows, pa = self._rows, self._pa
        if not rows:
            return
        timestamp, local, whole, side, price, size = (
            list(column) for column in zip(*rows, strict=True)
        )
        columns = [
            *(pa.repeat(name, len(rows)) for name in self._market),
            timestamp,
            local,
            whole,
            side,
            [float(text) for text in price],
            [float(text) for text in size],
            price,
            size,
        ]
        arrays = [
            pa.array(column, field.type) if isinstance(column, list) else column
            for column, field in zip(columns, self._schema, strict=True)
        ]
        self._batches.append(pa.RecordBatch.from_arrays(arrays, schema=self._schema))
        self._waiting += len(rows)
        rows.clear()
        if self._waiting >= ROW_GROUP:
            self._write_group()

    def _write_group(self) -> None:
        if self._batches:
            table = self._pa.Table.from_batches(self._batches, self._schema)
            self._writer.write_table(table, row_group_size=ROW_GROUP)
            self._batches.clear()
            self._waiting = 0


class _Closing:
    """An exporter whose table is to be closed after it."""

    def __init__(self, following: Following, table: L2Table) -> None:
        self._following = following
        self._table = table
        self.take = following.take

    @property
    def rows(self) -> int:
        return self._following.rows

    def finish(self) -> None:
        self._following.finish()
        self._table.close()
