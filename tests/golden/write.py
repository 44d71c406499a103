"""``python -m tests.golden.write``: the golden files that are not there yet. None is ever written again.

A golden file holds examples of one version of one fact, byte by byte as the log stores them: a JSON array
with one example a line.
"""

from pathlib import Path

from keqing_local.catalogue.example import codes
from keqing_local.services import SERVICES, context
from keqing_shared.domain import Fact
from keqing_shared.log import Codec

FOLDER = Path(__file__).parent


def facts() -> dict[str, type[Fact]]:
    """Topic -> fact, of all contexts."""
    return {fact.topic: fact for name in SERVICES for fact in context(name).facts}


def write() -> list[Path]:
    """What was written."""
    written = []
    for topic, fact in facts().items():
        path = FOLDER / f"{topic}.json"
        if not path.exists():
            encode = Codec([fact]).encode
            path.write_bytes(b"[\n" + b",\n".join(encode(one) for one in codes(fact)) + b"\n]\n")
            written.append(path)
    return written


if __name__ == "__main__":
    for path in write():
        print(f"wrote {path.relative_to(Path.cwd())}")  # noqa: T201
