#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What reaches the block device for each byte of payload and topic, at the rates of a small and of a busy plant, for several delays."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import measure as m
from disk import disk
from distance import far

RATES = (20, 200, 2000)
PUBLISHERS = 20
IN_FLIGHT = 400
PAYLOAD_BYTES = 128
TOPIC_BYTES = sum(len(f"load/{publisher}") for publisher in range(PUBLISHERS)) / PUBLISHERS
ROUND_TRIP_SECONDS = 0.2
SECONDS_A_DAY = 86_400
WARM_UP_SECONDS = 3

# What is varied, and what is wanted at the highest rate.
AWAY = ({"outage-delay": "0ms"}, {"outage-delay": "10ms"}, {"outage-delay": "100ms"}, {"outage-delay": "1s"})
HEALTHY = ({"settle-delay": "0ms"}, {"settle-delay": "500ms"}, {"settle-delay": "1s"}, {"outage-delay": "1s", "settle-delay": "1s"})
WANTED = {"away, outage-delay: 1s": 1.3, "healthy, settle-delay: 1s": 0.3}


def text(sync):
    return ", ".join(f"{key}: {value}" for key, value in sync.items())


def wear(build, rate, sync, healthy):
    """Bytes written over bytes of payloads and topics; bytes written and flushes in a second; what the publishers saw."""
    count = m.whole(max(rate * m.SECONDS, 200), PUBLISHERS)
    data = f"sync: {{{text(sync)}}}"
    with m.folder() as where, disk() as own:
        upstream = m.Upstream(where / "upstream")
        if not healthy:
            with build.start(own.path / "sluice", more=m.bridge(upstream.port), data=data) as process:
                return written(process, own, where, rate, count)
        with upstream.start(), far(upstream.port, ROUND_TRIP_SECONDS) as port:
            with build.start(own.path / "sluice", more=m.bridge(port), data=data) as process:
                m.pause(3, process)  # until the bridge has its link
                seen = written(process, own, where, rate, count)
                upstream.drain(where / "acknowledged", count)
                return seen


def written(process, own, where, rate, count):
    publish(process, where / "first", rate, m.whole(rate * WARM_UP_SECONDS, PUBLISHERS), "load/first")
    m.pause(2, process)
    bytes_before, flushes_before = own.seen()
    seen = publish(process, where / "acknowledged", rate, count, "load")
    m.pause(1, process)
    bytes_after, flushes_after = own.seen()
    return {
        "amplification": (bytes_after - bytes_before) / (count * (PAYLOAD_BYTES + TOPIC_BYTES)),
        "bytes": (bytes_after - bytes_before) / seen["secs"],
        "flushes": (flushes_after - flushes_before) / seen["secs"],
        "p50": seen["ack_p50us"] / 1_000,
    }


def publish(process, file, rate, count, topic):
    return m.source(process.port, "--pubs", PUBLISHERS, "--size", PAYLOAD_BYTES, "--rate", rate, "--inflight", IN_FLIGHT,
                    "--topic", topic, "--file", file, count=count, max_time=600)


def rows(report, build, rate, uplink, syncs):
    measures = {f"{uplink}, {text(sync)}": (lambda sync=sync: wear(build, rate, sync, uplink == "healthy")) for sync in syncs}
    for case, seen in m.alternating(measures).items():
        target = WANTED.get(case) if rate == RATES[-1] else None
        wrong = isinstance(seen, m.Wrong)
        report.row(build.name, rate, case, m.show(seen if wrong else seen["amplification"], "{:.2f}"),
                   m.show(None if wrong else seen["bytes"] * SECONDS_A_DAY / 1e6),
                   m.show(None if wrong else seen["flushes"] * SECONDS_A_DAY),
                   m.show(None if wrong else seen["p50"], "{:.1f}"), f"at most {target}" if target else "-",
                   "-" if wrong or not target else m.verdict(seen["amplification"], lambda value: value <= target))


def main():
    m.prepare()
    report = m.Report("bench-wear", ["build", "messages/s", "uplink and delay", "written over payload and topic", "MB a day",
                                     "flushes a day", "p50 of PUBACK, ms", "wanted", ""])
    for build in m.builds():
        for rate in RATES:
            rows(report, build, rate, "away", AWAY)
            rows(report, build, rate, "healthy", HEALTHY)
    report.close()


if __name__ == "__main__":
    main()
