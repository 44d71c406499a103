"""A load of keep-alive HTTP clients, light enough to leave the machine to the server.

Run as a process of its own: ``python -m bench.load PORT SECONDS < requests.json`` where the input is
a list, one entry a client, of raw HTTP requests as text. Prints ``done``, ``seconds``, ``wrong``,
``p50`` and ``p99`` as JSON; latencies in milliseconds, ``wrong`` counts answers that are not 201.
"""

import asyncio
import json
import sys
import time
from contextlib import suppress

import uvloop

WARM_UP_SECONDS = 0.5


async def _client(port: int, request: bytes, until: float, count_from: float, taken: list[float]) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    wrong = 0
    while (start := time.perf_counter()) < until:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        await reader.readexactly(length)
        wrong += not head.startswith(b"HTTP/1.1 201")
        if start >= count_from:
            taken.append(time.perf_counter() - start)
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return wrong


async def main(port: int, seconds: float, requests: list[str]) -> None:
    taken: list[float] = []
    begin = time.perf_counter() + WARM_UP_SECONDS
    wrong = await asyncio.gather(
        *(_client(port, request.encode(), begin + seconds, begin, taken) for request in requests)
    )
    taken.sort()
    print(
        json.dumps(
            {
                "done": len(taken),
                "seconds": seconds,
                "wrong": sum(wrong),
                "p50": round(taken[len(taken) // 2] * 1000, 2),
                "p99": round(taken[len(taken) * 99 // 100] * 1000, 2),
            }
        )
    )


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), float(sys.argv[2]), json.load(sys.stdin)))
