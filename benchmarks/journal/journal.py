#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the journal costs: a backlog for a bridge that is away, in memory, on disk and at restart; and each acknowledgement."""

import os
import pathlib
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import measure as m

BACKLOG = int(os.environ.get("BACKLOG", "1000000"))
FIRST = 10_000
# Rounds of other traffic before it is measured, and the backlog that drains beside it.
WARM = 2
OTHERS = 500_000
PUBLISHERS = 50
PAYLOAD_BYTES = 128
SOURCE = ["--pubs", PUBLISHERS, "--size", PAYLOAD_BYTES]


def backlog(report, build):
    """One life of one backlog: it grows, survives a restart, and drains."""
    count = m.whole(BACKLOG, PUBLISHERS)
    with m.folder() as where:
        upstream = m.Upstream(where / "upstream")
        more = m.bridge(upstream.port)
        with build.start(where / "sluice", more=more) as process:
            before = grown(process, where / "first", FIRST)
            seen = m.source(process.port, *SOURCE, "--series", where / "series", "--file", where / "acknowledged", count=count,
                            max_time=1200)
            after = at_rest(process)
            process.stop(hard=True)
        growth = (after - before) / m.MIB
        report.row(build.name, f"growth of RssAnon + RssFile from {FIRST:,} to {count:,}, MiB", m.show(growth, "{:.1f}"), "below 16",
                   m.verdict(growth, lambda value: value < 16))
        useful = content_bytes(count) + content_bytes(FIRST, "load/first")
        share = disk_bytes(where / "sluice/data") / useful
        report.row(build.name, "disk over bytes of payloads and topics", m.show(share, "{:.3f}"), "at most 1.25",
                   m.verdict(share, lambda value: value <= 1.25))
        rates(report, build, where / "series", seen["acked_per_s"])
        restart(report, build, where, more)
        with build.start(where / "sluice", more=more) as process:
            drain(report, build, process, upstream, where, count)


def grown(process, file, count):
    m.source(process.port, *SOURCE, "--file", file, "--topic", "load/first", count=count)
    return at_rest(process)


def at_rest(process):
    m.pause(3, process)
    seen = process.memory()
    return seen["anonymous"] + seen["file"]


def content_bytes(count, topic="load"):
    """mqload publishes to TOPIC/0 and so on, the same number to each."""
    topics = sum(len(f"{topic}/{publisher}") for publisher in range(PUBLISHERS))
    return count * PAYLOAD_BYTES + count // PUBLISHERS * topics


def disk_bytes(path):
    return sum(file.stat().st_blocks * 512 for file in path.rglob("*") if file.is_file())


def rates(report, build, series, mean):
    """The publishers' rate in the last quarter held against the first, without the first second."""
    seconds = [int(line.split()[1]) for line in series.read_text().splitlines()][1:]
    quarter = len(seconds) // 4
    if quarter == 0:
        report.row(build.name, "publishers' rate, last quarter over first", "- (over in seconds)", "0.9 to 1.1", "-")
        return
    share = sum(seconds[-quarter:]) / sum(seconds[:quarter])
    report.row(build.name, f"publishers' rate, last quarter over first ({len(seconds)} s, {mean:,.0f}/s)", m.show(share, "{:.2f}"),
               "0.9 to 1.1", m.verdict(share, lambda value: 0.9 <= value <= 1.1))


def restart(report, build, where, more):
    """The pages of the backlog are in memory, as after a crash of the program; not so after one of the machine."""
    def empty():
        with m.folder() as fresh:
            port = m.free_port()
            return m.first_connack(port, build.command(fresh / "sluice", port, more), fresh / "log")

    def full():
        port = m.free_port()
        return m.first_connack(port, build.command(where / "sluice", port, more), where / "log")

    seen = m.alternating({"empty": empty, "full": full})
    limit = seen["empty"] * 1.5 + 200 if m.is_number(seen["empty"]) else None
    report.row(build.name, f"restart to first CONNACK, ms (empty journal: {m.show(seen['empty'])})", m.show(seen["full"]),
               f"at most {m.show(limit)}", m.verdict(seen["full"], lambda value: limit is not None and value <= limit))


def drain(report, build, process, upstream, where, count):
    """Into a Mosquitto with a subscriber behind it, while others go on; all of them share all processors."""
    for _ in range(WARM):
        calm = traffic(process)
    seen, p99 = drained(process, upstream, where, count, os.sched_getaffinity(0))
    report.row(build.name, "drain through Mosquitto, messages/s, in order, none lost",
               m.show(seen if isinstance(seen, m.Wrong) else seen["recv_per_s"]), "-", "-")
    report.row(build.name, f"others' p99 meanwhile over that without ({m.show(calm)} us)", m.show(m.ratio(p99, calm), "{:.2f}"), "-", "-")


def others(report, build):
    """The same with upstream on a processor of its own, because it would have a machine of its own."""
    count = m.whole(min(BACKLOG, OTHERS), PUBLISHERS)
    processors = sorted(os.sched_getaffinity(0))
    here, there = set(processors[:-1]), {processors[-1]}
    with m.folder() as where, m.on(here):
        upstream = m.Upstream(where / "upstream")
        with build.start(where / "sluice", more=m.bridge(upstream.port)) as process:
            m.source(process.port, *SOURCE, "--file", where / "acknowledged", count=count)
            calm = m.median([traffic(process) for _ in range(WARM + m.RUNS)][WARM:])
            seen, p99 = drained(process, upstream, where, count, there)
    if isinstance(seen, m.Wrong):
        raise seen
    share = m.ratio(p99, calm)
    report.row(build.name, f"others' p99 during a drain of {seen['recv_per_s']:,.0f}/s to a processor of its own over that without "
               f"({m.show(calm)} us)", m.show(share, "{:.2f}"), "at most 3", m.verdict(share, lambda value: value <= 3))


def drained(process, upstream, where, count, processors):
    """What mqload says of the drain, or what is wrong with it; and the median of the others' p99 meanwhile."""
    result = {}

    def take():
        try:
            with m.on(processors):
                result["seen"] = upstream.drain(where / "acknowledged", count)
        except m.Wrong as e:
            result["seen"] = e

    with m.on(processors):
        running = upstream.start()
    with running:
        taker = threading.Thread(target=take)
        taker.start()
        p99s = []
        while taker.is_alive():
            value = traffic(process)
            if taker.is_alive():
                p99s.append(value)
        taker.join()
    return result["seen"], m.median(p99s) if p99s else m.Wrong("the drain was over too soon")


def traffic(process):
    """The p99 of others' messages, in microseconds, in about two seconds."""
    return m.bench(process.port, "--pubs", 10, "--topic", "other", "--id", "other", "--rate", 1000, count=2000, qos=1)["p99us"]


def speed(report, build):
    """Each acknowledgement after a force, held against Mosquitto, which forces nothing; both keep it all for a durable session."""
    with m.folder() as where:
        def run(broker):
            def fresh():
                with m.folder() as own, broker.start(own / "broker") as process:
                    m.mqload("sink", process.port, "--id", "away", "--filter", "load/#", "--subscribe-only")
                    m.source(process.port, "--pubs", 50, "--size", 128, "--file", where / "warm", count=200_000)
                    return m.source(process.port, "--pubs", 50, "--size", 128, "--inflight", 100, "--file", where / "acknowledged",
                                    count=500_000)["acked_per_s"]
            return fresh

        seen = m.alternating({"Mosquitto": run(m.Mosquitto()), build.name: run(build)})
    share = m.ratio(seen[build.name], seen["Mosquitto"])
    report.row(build.name, f"durable QoS 1, 50 x 100 in flight, {m.show(seen[build.name])}/s over Mosquitto's without durability, "
               f"{m.show(seen['Mosquitto'])}/s", m.show(share, "{:.2f}"), "at least 3", m.verdict(share, lambda value: value >= 3))


def window(report, build):
    """One publisher that waits for each acknowledgement, held against a bare write and fdatasync on the same disk."""
    with m.folder() as where, build.start(where / "sluice", more=m.bridge(m.free_port())) as process:
        def acknowledged():
            return m.source(process.port, "--pubs", 1, "--inflight", 1, "--size", 128, "--file", where / "one", count=1000)["ack_p50us"]

        def bare():
            return m.mqload("force", 1, "--file", where / "bare", "--size", 160, "--count", 1000)["p50us"]

        acknowledged()
        seen = m.alternating({"bare": bare, "acknowledged": acknowledged})
    share = m.ratio(seen["acknowledged"], seen["bare"])
    report.row(build.name, f"window of 1: p50 {m.show(seen['acknowledged'])} us over bare write and fdatasync, {m.show(seen['bare'])} us",
               m.show(share, "{:.2f}"), "at most 2", m.verdict(share, lambda value: value <= 2))


def main():
    m.prepare()
    report = m.Report("bench-journal", ["build", "figure", "measured", "wanted", ""])
    for build in m.builds():
        for part in (backlog, others, speed, window):
            try:
                part(report, build)
            except m.Wrong as e:
                report.row(build.name, part.__name__, m.show(e), "-", "-")
    report.close()


if __name__ == "__main__":
    main()
