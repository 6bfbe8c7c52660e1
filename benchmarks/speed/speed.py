#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How fast Sluice is beside Debian's Mosquitto, in one run on one machine: the work of each row goes to each broker in turn."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import measure as m

# What is done, the options of mqload, and how many times Mosquitto's rate is wanted. QoS 0 has no acknowledgement that would
# hold publishers back, so that mqload bounds what is under way; QoS 1 and 2 have 100 messages of each publisher in flight.
MANY_TO_ONE = ["--pubs", 50]
ONE_TO_MANY = ["--pubs", 1]
THROUGHPUT = [
    ("50 publishers to 1 subscriber, QoS 0", 0, 1, [*MANY_TO_ONE, "--window", 5000], 5),
    ("50 publishers to 1 subscriber, QoS 1", 1, 1, [*MANY_TO_ONE, "--inflight", 100], 4),
    ("50 publishers to 1 subscriber, QoS 2", 2, 1, [*MANY_TO_ONE, "--inflight", 100], 10),
    ("1 publisher to 50 subscribers, QoS 0", 0, 50, [*ONE_TO_MANY, "--window", 200], 6),
    ("1 publisher to 50 subscribers, QoS 1", 1, 50, [*ONE_TO_MANY, "--inflight", 100], 6),
]
IDLE = 1000
IDLE_BYTES_MAX = 12 * 1024


def throughput(report, brokers):
    for title, qos, subs, options, target in THROUGHPUT:
        with m.folder() as where:
            measures = {}
            running = []
            try:
                for broker in brokers:
                    process = broker.start(where / broker.name)
                    running.append(process)
                    measures[broker.name] = m.throughput(process, qos, subs, options)
                row(report, title + ", deliveries/s", m.alternating(measures), target)
            finally:
                for process in running:
                    process.stop()


def row(report, title, rates, target):
    rival = rates["Mosquitto"]
    ratios = [m.ratio(rates.get(name), rival) for name in ("jar", "native")]
    best = max((value for value in ratios if value is not None), default=None)
    report.row(title, m.show(rival), m.show(rates.get("jar")), m.show(ratios[0], "{:.2f}"), m.show(rates.get("native")),
               m.show(ratios[1], "{:.2f}"), f"{target} times", m.verdict(best, lambda value: value >= target))


def latency(report, brokers):
    rate = 1000
    with m.folder() as where:
        running = {}
        try:
            for broker in brokers:
                running[broker.name] = broker.start(where / broker.name)
            for process in running.values():
                for _ in range(3):
                    m.bench(process.port, "--pubs", 50, count=100_000, qos=1)
                timed(process, rate)()  # one message in a turn is another path than many
            one = {name: timed(process, rate) for name, process in running.items()}
            seen = m.alternating(one)
        finally:
            for process in running.values():
                process.stop()
    for quantile, limit in (("p50us", 10), ("p99us", None)):
        values = {name: value if isinstance(value, m.Wrong) else value[quantile] for name, value in seen.items()}
        rival = values["Mosquitto"]
        gaps = [value - rival for name, value in values.items() if name != "Mosquitto" and m.is_number(value, rival)]
        report.row(f"latency at {rate:,}/s, QoS 1, {quantile[:3]}, us", m.show(rival), m.show(values.get("jar")),
                   m.show(m.ratio(values.get("jar"), rival), "{:.2f}"), m.show(values.get("native")),
                   m.show(m.ratio(values.get("native"), rival), "{:.2f}"),
                   f"Mosquitto's + {limit}" if limit else "none", m.verdict(min(gaps, default=None), lambda gap: gap <= limit) if limit else "-")


def timed(process, rate):
    def run():
        seen = m.bench(process.port, "--pubs", 10, "--rate", rate, count=m.whole(rate * m.SECONDS, 10), qos=1)
        return {key: seen[key] for key in ("p50us", "p99us")}

    return run


def idle(report, brokers):
    seen = m.alternating({broker.name: (lambda broker=broker: idle_bytes(broker)) for broker in brokers})
    # The worse of the builds: the jar's growth is little because its heap was resident before anybody came.
    worst = max((value for name, value in seen.items() if name != "Mosquitto" and m.is_number(value)), default=None)
    report.row(f"bytes for each of {IDLE:,} idle connections", m.show(seen["Mosquitto"]), m.show(seen.get("jar")),
               m.show(m.ratio(seen.get("jar"), seen["Mosquitto"]), "{:.2f}"), m.show(seen.get("native")),
               m.show(m.ratio(seen.get("native"), seen["Mosquitto"]), "{:.2f}"), f"below {IDLE_BYTES_MAX:,}",
               m.verdict(worst, lambda value: value < IDLE_BYTES_MAX))


def idle_bytes(broker):
    """What the resident memory grows by, for each connection."""
    with m.folder() as where, broker.start(where / broker.name) as process:
        m.pause(2, process)
        before = process.memory()["rss"]
        with m.Idle(process, IDLE):
            m.pause(2, process)
            return (process.memory()["rss"] - before) / IDLE


def main():
    m.prepare()
    brokers = [m.Mosquitto(), *m.builds()]
    report = m.Report("bench-speed", ["work", "Mosquitto", "jar", "ratio", "native", "ratio ", "wanted", ""])
    throughput(report, brokers)
    latency(report, brokers)
    idle(report, brokers)
    report.close()


if __name__ == "__main__":
    main()
