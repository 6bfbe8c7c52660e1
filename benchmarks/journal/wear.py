#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is written to the disk for each byte of payload and topic, by /proc/PID/io, at the rates of a small and of a busy plant."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import measure as m

RATES = (20, 200, 2000)
PUBLISHERS = 20
PAYLOAD_BYTES = 128
TOPIC_BYTES = sum(len(f"load/{publisher}") for publisher in range(PUBLISHERS)) / PUBLISHERS
SECONDS_A_DAY = 86_400


def wear(build, rate, healthy):
    """Bytes written over bytes of payloads and topics, and bytes written in a second."""
    count = m.whole(max(rate * m.SECONDS, 200), PUBLISHERS)
    with m.folder() as where:
        upstream = m.Upstream(where / "upstream")
        with build.start(where / "sluice", more=m.bridge(upstream.port)) as process:
            if not healthy:
                return written(process, where, rate, count)
            with upstream.start():
                m.pause(3, process)  # until the bridge has its link
                seen = written(process, where, rate, count)
                upstream.drain(where / "acknowledged", count)
                return seen


def written(process, where, rate, count):
    m.pause(1, process)
    before = process.written()
    seen = m.source(process.port, "--pubs", PUBLISHERS, "--size", PAYLOAD_BYTES, "--rate", rate, "--file", where / "acknowledged",
                    count=count, max_time=600)
    m.pause(1, process)
    written_bytes = process.written() - before
    return {"amplification": written_bytes / (count * (PAYLOAD_BYTES + TOPIC_BYTES)), "bytes_a_second": written_bytes / seen["secs"]}


def main():
    m.prepare()
    report = m.Report("bench-wear", ["build", "messages/s", "uplink", "written over payload and topic", "MB a day", "wanted", ""])
    for build in m.builds():
        for rate in RATES:
            measures = {uplink: (lambda rate=rate, uplink=uplink: wear(build, rate, uplink == "healthy")) for uplink in ("away", "healthy")}
            for uplink, seen in m.alternating(measures).items():
                target = {"away": 1.3, "healthy": 0.3}[uplink] if rate == RATES[-1] else None
                wrong = isinstance(seen, m.Wrong)
                report.row(build.name, rate, uplink, m.show(seen if wrong else seen["amplification"], "{:.2f}"),
                           m.show(None if wrong else seen["bytes_a_second"] * SECONDS_A_DAY / 1e6), f"at most {target}" if target else "-",
                           "-" if wrong or not target else m.verdict(seen["amplification"], lambda value: value <= target))
    report.close()


if __name__ == "__main__":
    main()
