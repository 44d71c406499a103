"""CSV files as the world writes them: a header, quoted cells, now and then a broken line."""

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from keqing_local.failure import CannotRun
from keqing_local.importing.row import CellWrong, Refusal, Row


@dataclass(frozen=True)
class Record:
    line: int
    cells: Mapping[str, str]
    """By column, without the blanks around them."""

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def needed(self, column: str) -> str:
        """The cell. Raises CellWrong when it is blank."""
        if not (text := self.cells[column]):
            raise CellWrong(column, "is blank")
        return text


@dataclass(frozen=True)
class CsvFile:
    """A comma-separated file in UTF-8 whose first line names its columns; it may have more than these."""

    path: Path
    columns: tuple[str, ...]

    def check(self) -> "CsvFile":
        """Raises CannotRun when it cannot be read or lacks a column."""
        with self._opened() as lines:
            self._header(csv.reader(lines, strict=True))
        return self

    def count(self) -> int:
        """Lines below the header: the number of rows, as long as no cell spans lines."""
        with self.path.open("rb") as file:
            lines = last = 0
            while block := file.read(1 << 20):
                lines += block.count(b"\n")
                last = block[-1]
        return max(lines + (last != ord("\n")) - 1, 0)

    def records(self) -> Iterator[Record | Refusal]:
        """Row by row; blank lines are passed over, broken ones are refused alone."""
        with self._opened() as lines:
            reader = csv.reader(lines, strict=True)
            header = self._header(reader)
            while True:
                line = reader.line_num + 1
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as problem:
                    yield Refusal(line, f"cannot be read: {problem}")
                    continue
                if not any(cell.strip() for cell in cells):
                    continue
                yield self._record(line, header, cells)

    def rows(self, make: Callable[[Record], Row]) -> Iterator[Row | Refusal]:
        """What ``make`` makes of each record; a cell that it refuses is that row's refusal."""
        for record in self.records():
            if isinstance(record, Refusal):
                yield record
                continue
            try:
                yield make(record)
            except CellWrong as wrong:
                yield Refusal(record.line, str(wrong), wrong.column)

    def whole(self) -> Iterator[Record]:
        """The readable records, for a first look; ``rows`` says what is wrong with the others."""
        return (record for record in self.records() if isinstance(record, Record))

    def _opened(self) -> TextIO:
        try:
            # What is no UTF-8 is let through here, to refuse its row alone.
            return self.path.open(encoding="utf-8-sig", errors="surrogateescape", newline="")
        except OSError as problem:
            why = (problem.strerror or str(problem)).lower()
            raise CannotRun(f"cannot read {self.path}: {why}") from None

    def _header(self, reader: Iterator[list[str]]) -> list[str]:
        try:
            header = [name.strip() for name in next(reader)]
        except (StopIteration, csv.Error, OSError):
            raise CannotRun(f"{self.path} is no CSV file with a header") from None
        if missing := [column for column in self.columns if column not in header]:
            raise CannotRun(f"{self.path} lacks the column{'s'[: len(missing) - 1]} {', '.join(missing)}")
        return header

    def _record(self, line: int, header: list[str], cells: list[str]) -> Record | Refusal:
        if len(cells) != len(header):
            return Refusal(line, f"has {len(cells)} cells where the header has {len(header)}")
        for name, cell in zip(header, cells, strict=True):
            if any("\udc80" <= character <= "\udcff" for character in cell):
                return Refusal(line, "is not in UTF-8", name)
        return Record(line, {name: cell.strip() for name, cell in zip(header, cells, strict=True)})
