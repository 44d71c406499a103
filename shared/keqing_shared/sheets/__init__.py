"""Tables for people and their programs: rows as CSV and XLSX, and rows out of such files."""

from keqing_shared.sheets.cells import disarmed, rearmed
from keqing_shared.sheets.columns import Columns
from keqing_shared.sheets.writing import CsvSheet, XlsxSheet

__all__ = ["Columns", "CsvSheet", "XlsxSheet", "disarmed", "rearmed"]
