"""A load at a fixed rate: request ``i`` is due ``i / rate`` seconds after the start, whatever became of
those before it.

Run as a process of its own: ``python -m bench.paced PORT RATE CLIENTS < requests.json`` where the input is
a list of raw HTTP requests as text; client ``i % CLIENTS`` sends request ``i`` on its own connection.
Prints ``done``, ``seconds`` and ``wrong`` (answers that are not 201) as JSON.
"""

import asyncio
import json
import sys
import time
from contextlib import suppress

import uvloop


async def _client(port: int, requests: list[tuple[float, bytes]], begin: float) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    wrong = 0
    for due, request in requests:
        if (early := begin + due - time.perf_counter()) > 0:
            await asyncio.sleep(early)
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0]))
        wrong += not head.startswith(b"HTTP/1.1 201")
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return wrong


async def main(port: int, rate: float, clients: int, requests: list[str]) -> None:
    due = [(index / rate, request.encode()) for index, request in enumerate(requests)]
    begin = time.perf_counter() + 0.1
    wrong = await asyncio.gather(*(_client(port, due[one::clients], begin) for one in range(clients)))
    seconds = time.perf_counter() - begin
    print(json.dumps({"done": len(requests), "seconds": round(seconds, 3), "wrong": sum(wrong)}))


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), json.load(sys.stdin)))
