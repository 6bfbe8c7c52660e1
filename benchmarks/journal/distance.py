# SPDX-License-Identifier: Apache-2.0
"""A long way to another broker: everything that goes through arrives half a round trip later, in both directions, however much it is."""

import asyncio
import contextlib
import threading

import measure as m

CHUNK_BYTES = 64 << 10


@contextlib.contextmanager
def far(port, round_trip_seconds):
    """The port on which the broker at another port answers from far away."""
    here = m.free_port()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def connected(reader, writer):
        try:
            other_reader, other_writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            writer.close()
            return
        with contextlib.suppress(asyncio.CancelledError):  # which the stream would complain about
            await asyncio.gather(carry(reader, other_writer), carry(other_reader, writer), return_exceptions=True)

    async def carry(reader, writer):
        under_way = asyncio.Queue()

        async def arrive():
            while True:
                due, data = await under_way.get()
                await asyncio.sleep(max(0, due - loop.time()))
                if not data:
                    writer.close()
                    return
                writer.write(data)
                await writer.drain()

        arriving = asyncio.create_task(arrive())
        try:
            while data := await reader.read(CHUNK_BYTES):
                under_way.put_nowait((loop.time() + round_trip_seconds / 2, data))
        except OSError:
            pass
        under_way.put_nowait((loop.time(), b""))
        await arriving

    server = asyncio.run_coroutine_threadsafe(asyncio.start_server(connected, "127.0.0.1", here), loop).result(10)
    try:
        yield here
    finally:
        asyncio.run_coroutine_threadsafe(end(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def end(server):
    server.close()
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
