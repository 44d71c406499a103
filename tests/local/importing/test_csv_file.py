"""CSV files are read row by row, and one bad row spoils no other."""

from pathlib import Path

import pytest

from keqing_local.failure import CannotRun
from keqing_local.importing.csv_file import CsvFile, Record
from keqing_local.importing.row import CellWrong, Refusal, Row


def file(folder: Path, content: bytes | str, *columns: str) -> CsvFile:
    path = folder / "file.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return CsvFile(path, columns or ("a", "b"))


def test_records_know_where_they_begin_and_their_cells_have_no_blanks_around(tmp_path: Path) -> None:
    given = file(tmp_path, '\ufeffa,b,c\r\n1, two ,"x\r\ny"\r\n\r\n3,四,5\r\n')
    assert list(given.check().records()) == [
        Record(2, {"a": "1", "b": "two", "c": "x\r\ny"}),
        Record(5, {"a": "3", "b": "四", "c": "5"}),
    ]


def test_a_row_of_another_length_is_refused_alone(tmp_path: Path) -> None:
    records = list(file(tmp_path, "a,b\n1\n2,3\n4,5,6\n").records())
    assert records == [
        Refusal(2, "has 1 cells where the header has 2"),
        Record(3, {"a": "2", "b": "3"}),
        Refusal(4, "has 3 cells where the header has 2"),
    ]


def test_bytes_that_are_no_utf_8_are_refused_with_their_row_and_column(tmp_path: Path) -> None:
    records = list(file(tmp_path, b"a,b\n1,caf\xe9\n2,3\n").records())
    assert records == [Refusal(2, "is not in UTF-8", "b"), Record(3, {"a": "2", "b": "3"})]


def test_a_line_that_is_no_csv_is_refused_alone(tmp_path: Path) -> None:
    records = list(file(tmp_path, 'a,b\n1,"x"y\n2,3\n').records())
    assert isinstance(records[0], Refusal)
    assert records[0].line == 2
    assert records[1:] == [Record(3, {"a": "2", "b": "3"})]


def test_a_cell_too_long_is_refused_alone(tmp_path: Path) -> None:
    records = list(file(tmp_path, f"a,b\n1,{'x' * 200_000}\n2,3\n").records())
    assert isinstance(records[0], Refusal)
    assert records[-1] == Record(3, {"a": "2", "b": "3"})


def test_what_a_cell_is_refused_for_becomes_the_rows_refusal(tmp_path: Path) -> None:
    def make(record: Record) -> Row:
        if record.needed("a") == "bad":
            raise CellWrong("a", "is bad")
        return Row(record.line, dict(record.cells))

    rows = list(file(tmp_path, "a,b\nbad,1\n,2\ngood,3\n").rows(make))
    assert rows == [
        Refusal(2, "is bad", "a"),
        Refusal(3, "is blank", "a"),
        Row(4, {"a": "good", "b": "3"}),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a,c\n", "lacks the column b"),
        ("c\n", "lacks the columns a, b"),
        ("", "no CSV file with a header"),
        ('"a', "no CSV file with a header"),
    ],
)
def test_a_file_without_its_columns_is_refused_whole(tmp_path: Path, content: str, said: str) -> None:
    with pytest.raises(CannotRun, match=said):
        file(tmp_path, content).check()


def test_a_file_that_is_not_there_or_is_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match=r"cannot read .*nowhere\.csv: no such file"):
        CsvFile(tmp_path / "nowhere.csv", ("a",)).check()
    with pytest.raises(CannotRun, match="is a directory"):
        CsvFile(tmp_path, ("a",)).check()


@pytest.mark.parametrize(
    ("content", "rows"), [("", 0), ("a,b\n", 0), ("a,b\n1,2", 1), ("a,b\n1,2\n3,4\n", 2)]
)
def test_rows_are_counted_without_reading_them(tmp_path: Path, content: str, rows: int) -> None:
    assert file(tmp_path, content).count() == rows
