"""What schemathesis does not know by itself: bodies of JSON lines, and sheets."""

from typing import Any

import schemathesis

JSON_LINES = "application/x-ndjson"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@schemathesis.serializer(JSON_LINES, "text/csv", XLSX)
def json_lines(_context: Any, value: Any) -> bytes:
    """To the schema the body is a text; each line's refusal stands in the answer's report.

    Whatever violates that schema is still some text once it is sent, so an empty body stands for it,
    which is refused as a whole.
    """
    return value.encode(errors="surrogatepass") if isinstance(value, str) else b""
