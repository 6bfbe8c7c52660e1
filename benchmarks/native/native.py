#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the native executable costs: time to start, memory, size on disk, and throughput held against the jar's."""

import contextlib
import os
import pathlib
import socket
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import measure as m

BACKLOG = int(os.environ.get("BACKLOG", "1000000"))
BACKLOG_LIMIT = 128 * m.MIB


def start_up(build):
    """Milliseconds from exec to the first CONNACK, with nothing in the journal."""
    with m.folder() as where:
        port = m.free_port()
        return m.first_connack(port, build.command(where / "sluice", port), where / "log")


def at_rest(build, connections):
    """Memory with the default configuration, one bridge that is up, one device that is there, and idle clients."""
    with m.folder() as where, socket.create_server(("127.0.0.1", 0)) as device, m.Mosquitto().start(where / "upstream") as upstream:
        more = m.bridge(upstream.port) + (f"devices:\n  scale:\n    tcp: \"127.0.0.1:{device.getsockname()[1]}\"\n    framing: line\n"
                                          "    publish: {topic: \"sensors/{device}\"}\n")
        device.settimeout(30)
        with build.start(where / "sluice", more=more) as process:
            peer, _ = device.accept()
            with peer, m.Idle(process, connections) if connections else contextlib.nullcontext():
                m.pause(5, process)
                return process.memory()


def backlog(build):
    """The most memory that the group of the process had while a backlog came, and was taken; nothing is lost."""
    with m.folder() as where, Limit(BACKLOG_LIMIT) as limit:
        upstream = m.Upstream(where / "upstream")
        with build.start(where / "sluice", more=m.bridge(upstream.port), before=limit.enter) as process:
            m.source(process.port, "--pubs", 50, "--size", 128, "--file", where / "acknowledged", count=BACKLOG, max_time=300)
            with upstream.start():
                upstream.drain(where / "acknowledged", BACKLOG)
            if not process.alive():
                raise m.Wrong("the gateway ended")
            return limit.most()


class Limit:
    """A control group with a limit on memory, the page cache of its processes included, as MemoryMax of systemd sets it."""

    def __init__(self, limit):
        unified = pathlib.Path("/sys/fs/cgroup/cgroup.controllers").exists()
        parent = pathlib.Path("/sys/fs/cgroup" if unified else "/sys/fs/cgroup/memory")
        self.limit = limit
        self.path = parent / f"sluice-bench-{os.getpid()}"
        self.limit_file = "memory.max" if unified else "memory.limit_in_bytes"
        self.most_file = "memory.peak" if unified else "memory.max_usage_in_bytes"

    def __enter__(self):
        try:
            self.path.mkdir()
        except OSError as e:
            raise m.Wrong(f"no control group of our own: {e.strerror}") from e
        try:
            (self.path / self.limit_file).write_text(str(self.limit))
        except OSError as e:
            self.path.rmdir()
            raise m.Wrong(f"no limit on memory: {e.strerror}") from e
        return self

    def enter(self):
        (self.path / "cgroup.procs").write_text(str(os.getpid()))

    def most(self):
        return int((self.path / self.most_file).read_text())

    def __exit__(self, *_):
        self.path.rmdir()


def quick(build, measure):
    """Throughput of a process that lives as long as the context; its measure."""

    @contextlib.contextmanager
    def running():
        with m.folder() as where, build.start(where / "sluice", more=m.bridge(m.free_port()) if measure is durable else "") as process:
            yield measure(process, where)

    return running()


def volatile(process, _):
    return m.throughput(process, 0, 1, ["--pubs", 50, "--window", 5000])


def durable(process, where):
    """For a bridge whose upstream is away: each PUBACK comes after the disk was forced."""
    return m.acknowledged(process, where / "acknowledged")


def each(builds, measure, *arguments):
    return m.alternating({build.name: (lambda build=build: measure(build, *arguments)) for build in builds})


def row(report, title, values, limit, unit="", scale=1, form="{:,.1f}"):
    values = {name: value if isinstance(value, m.Wrong) else value / scale for name, value in values.items()}
    report.row(title, m.show(values.get("native"), form), m.show(values.get("jar"), form), f"at most {limit}{unit}",
               m.verdict(values.get("native"), lambda value: value <= limit))


def rest(report, title, values, limits):
    for kind, limit in zip(("rss", "anonymous"), limits):
        row(report, f"{title}: {kind}, MiB", {name: value if isinstance(value, m.Wrong) else value[kind] for name, value in values.items()},
            limit, scale=m.MIB)


def main():
    m.prepare()
    builds = m.builds()
    if not m.EXECUTABLE.exists():
        sys.exit(f"{m.EXECUTABLE} is missing; make native makes it")
    native = [build for build in builds if build.name == "native"]
    report = m.Report("bench-native", ["figure", "native", "jar", "wanted", ""])
    row(report, "exec to the first CONNACK, empty journal, ms", each(builds, start_up), 60)
    rest(report, "idle, one bridge, one device", each(builds, at_rest, 0), (40, 12))
    rest(report, "the same with 1,000 idle clients", each(builds, at_rest, 1000), (56, 28))
    most = m.alternating({"native": lambda: backlog(native[0])}, runs=1)
    row(report, f"backlog of {BACKLOG:,} in a group of 128 MiB, one run: most used, page cache included, MiB", most, 128, scale=m.MIB)
    row(report, "executable, MiB", {"native": m.EXECUTABLE.stat().st_size}, 48, scale=m.MIB)
    package = m.package()
    row(report, ".deb, MiB", {"native": package.stat().st_size} if package else {"native": m.Wrong("make deb was not run")}, 20, scale=m.MIB)
    for title, measure in (("50 to 1 at QoS 0, deliveries/s", volatile), ("durable QoS 1, 50 x 100 in flight, acknowledged/s", durable)):
        with contextlib.ExitStack() as stack:
            rates = m.alternating({build.name: stack.enter_context(quick(build, measure)) for build in builds})
        share = m.ratio(rates.get("native"), rates.get("jar"))
        report.row(title, m.show(rates.get("native")), m.show(rates.get("jar")), "0.5 of the jar's",
                   "-" if share is None else f"{share:.2f} {m.verdict(share, lambda value: value >= 0.5)}")
    report.close()


if __name__ == "__main__":
    main()
