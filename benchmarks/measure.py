# SPDX-License-Identifier: Apache-2.0
"""What the benchmarks share: brokers as processes, mqload, medians, and a table that can be quoted.

Every process that is started here is ended here, by its own process id, also when the benchmark is interrupted. A measurement
that lost, doubled or refused anything is no measurement: it raises Wrong, and the table says so in the place of a number.
"""

import contextlib
import datetime
import glob
import json
import os
import pathlib
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = ROOT / "target"
MQLOAD = TARGET / "mqload"
JAR = ROOT / "gateway/target/quarkus-app/quarkus-run.jar"
EXECUTABLE = pathlib.Path(os.environ.get("SLUICE", ROOT / "gateway/target/sluice"))

RUNS = int(os.environ.get("RUNS", "5"))
SECONDS = float(os.environ.get("SECONDS_EACH", "5"))
# As docs/install.md has it, so that the jar has the memory of the executable.
JAVA_OPTIONS = os.environ.get("JAVA_OPTIONS", "-XX:+UseSerialGC -Xmx64m").split()

MIB = 1024 * 1024


class Wrong(Exception):
    """A measurement whose counts do not add up, or that could not be made."""


def prepare():
    """To be called first: checks what is needed, and makes a request to end an exception like any other."""
    if not MQLOAD.exists():
        sys.exit(f"{MQLOAD} is missing; make mqload makes it")
    if not shutil.which("mosquitto"):
        sys.exit("mosquitto is missing: apt-get install mosquitto")
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


@contextlib.contextmanager
def folder():
    """A folder on the disk that the project is on, gone afterwards. A temporary folder may be in memory, where forcing is free."""
    TARGET.mkdir(exist_ok=True)
    path = pathlib.Path(tempfile.mkdtemp(prefix="bench-", dir=os.environ.get("BENCH_DIR", TARGET)))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def mqload(mode, port, *options, max_time=60, check=True):
    """Runs mqload to its end; what it printed. With check, an exit code that is not 0 is Wrong."""
    command = [MQLOAD, mode, "-p", port, "--max-time", max_time, *options]
    try:
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=max_time + 60)
    except subprocess.TimeoutExpired as e:
        raise Wrong(f"mqload {mode} did not end") from e
    if check and done.returncode != 0 or not done.stdout.startswith("{"):
        raise Wrong(f"mqload {mode}: {done.stderr.strip() or done.stdout.strip()}")
    return json.loads(done.stdout)


def bench(port, *options, count, warmup=0, qos, subs=1, max_time=60):
    """mqload bench, with its counts checked: everything arrived once, in order, and was acknowledged once."""
    seen = mqload("bench", port, "--count", count, "--warmup", warmup, "--qos", qos, "--subs", subs, *options,
                  max_time=max_time, check=False)
    bad = [f"{seen[key]} {key}" for key in ("lost", "dups", "reordered", "bad", "disc", "ackerr", "stalls", "timeout") if seen[key]]
    if qos and seen["acked"] != seen["sent"]:
        bad.append(f"{seen['acked']} of {seen['sent']} acknowledged")
    if seen["recv"] != seen["sent"] * subs:
        bad.append(f"{seen['recv']} received, not {seen['sent'] * subs}")
    if bad:
        raise Wrong(", ".join(bad))
    return seen


def source(port, *options, count, max_time=120):
    """mqload source at QoS 1, all of it acknowledged."""
    seen = mqload("source", port, "--qos", 1, "--count", count, *options, max_time=max_time)
    if seen["acked"] != count or seen["sent"] != count or seen["disc"] or seen["ackerr"]:
        raise Wrong(f"{seen['acked']} of {count} acknowledged, {seen['ackerr']} refused, {seen['disc']} disconnected")
    return seen


@contextlib.contextmanager
def on(processors):
    """What this thread starts meanwhile runs on these processors alone."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, processors)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


class Process:
    """A process of ours, which dies with us whatever becomes of us."""

    def __init__(self, command, log, before=None):
        self.log = pathlib.Path(log)
        with self.log.open("ab") as out:
            self.child = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *map(str, command)], stdin=subprocess.DEVNULL, stdout=out,
                                          stderr=out, preexec_fn=before)
        self.pid = self.child.pid

    def stop(self, hard=False):
        if self.child.poll() is None:
            self.child.kill() if hard else self.child.terminate()
            try:
                self.child.wait(60)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()

    def alive(self):
        return self.child.poll() is None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Broker(Process):
    """A broker that answers on a port of its own on loopback."""

    def __init__(self, command, port, log, before=None):
        super().__init__(command, log, before)
        self.port = port
        try:
            mqload("wait", port, max_time=30)
            if not self.alive():
                raise Wrong(f"the broker ended: {tail(self.log)}")
        except BaseException:
            self.stop(hard=True)
            raise

    def memory(self):
        """Bytes of each kind of resident memory."""
        return memory(self.pid)

    def written(self):
        """Bytes that the process has caused to be written to the disk."""
        return int(field(f"/proc/{self.pid}/io", "write_bytes:"))


def tail(log):
    return " / ".join(pathlib.Path(log).read_text(errors="replace").splitlines()[-3:])


def memory(pid):
    names = {"rss": "VmRSS:", "anonymous": "RssAnon:", "file": "RssFile:"}
    return {kind: int(field(f"/proc/{pid}/status", name)) * 1024 for kind, name in names.items()}


def field(path, name):
    for line in pathlib.Path(path).read_text().splitlines():
        if line.startswith(name):
            return line.split()[1]
    raise Wrong(f"{path} has no {name}")


class Mosquitto:
    """Debian's, with the limits raised under which it would drop what a benchmark sends, and nothing written to disk unless asked."""

    name = "Mosquitto"

    def command(self, where, port, persistent=False):
        where.mkdir(parents=True, exist_ok=True)
        where.chmod(0o777)  # started by root it becomes a user of its own
        file = where / "mosquitto.conf"
        file.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 1024\n"
                        f"persistence {'true' if persistent else 'false'}\npersistence_location {where}/\n"
                        f"{'user root' if os.geteuid() == 0 else ''}\n")
        return ["mosquitto", "-c", file]

    def start(self, where, port=None, persistent=False):
        port = port or free_port()
        return Broker(self.command(where, port, persistent), port, where.with_suffix(".log"))


class Sluice:
    """One build of Sluice."""

    def __init__(self, name, program):
        self.name = name
        self.program = program

    def command(self, where, port, more="", data=""):
        where.mkdir(parents=True, exist_ok=True)
        file = where / "sluice.yaml"
        file.write_text(f"gateway: {{id: bench}}\ndata: {{dir: \"{where}/data\"{data and ', ' + data}}}\n"
                        f"listeners: {{local: {{port: {port}}}}}\n{more}")
        return [*self.program, "run", "--config", file]

    def start(self, where, port=None, more="", before=None, data=""):
        port = port or free_port()
        return Broker(self.command(where, port, more, data), port, where.with_suffix(".log"), before)


def bridge(port):
    """A bridge for everything that mqload sends by default."""
    return (f"bridges:\n  cloud:\n    upstream:\n      addresses: [\"mqtt://127.0.0.1:{port}\"]\n"
            "      reconnect: {first: 500ms, last: 1s}\n"
            "    rules: [{forward: \"load/#\", qos: 1}]\n")


class Upstream:
    """A Mosquitto behind a bridge, with a durable subscriber that is there before the bridge is: it misses nothing.

    The subscriber takes load/0 and so on, what mqload sends by default. It is away until start() and keeps its subscriber in a file, because a bridge would be quicker than a new one.
    """

    def __init__(self, where):
        self.where = where
        self.port = free_port()
        self.expect = 0
        with self.start():
            mqload("sink", self.port, "--id", "upstream", "--filter", "load/+", "--subscribe-only")

    def start(self):
        return Mosquitto().start(self.where, self.port, persistent=True)

    def drain(self, source_file, expect, max_time=600):
        """Takes what the bridge brings, to be held against what was acknowledged; what mqload says."""
        seen = mqload("sink", self.port, "--id", "upstream", "--filter", "load/+", "--verify", source_file, "--expect", expect,
                      "--idle-exit-ms", 20_000, max_time=max_time, check=False)
        if not seen["session_present"]:
            raise Wrong("upstream did not keep its subscriber")
        if seen["acked_lost"] or seen["unique"] != expect or seen["bad"] or seen["reordered"]:
            raise Wrong(f"{seen['acked_lost']} lost, {seen['unique']} of {expect} arrived, {seen['reordered']} out of order")
        return seen


def builds():
    """The builds of Sluice that are there, the jar first."""
    found = []
    if JAR.exists():
        java = pathlib.Path(os.environ["JAVA_HOME"]) / "bin/java" if os.environ.get("JAVA_HOME") else "java"
        found.append(Sluice("jar", [java, "--enable-native-access=ALL-UNNAMED", *JAVA_OPTIONS, "-jar", JAR]))
    if EXECUTABLE.exists():
        found.append(Sluice("native", [EXECUTABLE]))
    wanted = os.environ.get("BUILD")
    found = [build for build in found if wanted in (None, "", build.name)]
    if not found:
        sys.exit("there is no build of Sluice; make build or make native makes one")
    return found


def throughput(process, qos, subs, options):
    """Measures with as many messages as take about SECONDS, found out by sending some, which warms up as well."""
    count = None

    def send(number, warmup=0):
        return bench(process.port, *options, "--size", 64, count=number, warmup=warmup, qos=qos, subs=subs)

    def run():
        nonlocal count
        if count is None:
            count = whole(50_000 / subs, options[1])
            for _ in range(4):
                seen = send(count)
                count = whole(seen["pub_per_s"] * SECONDS, options[1])
        seen = send(count, whole(count / 10, options[1]))
        if seen["secs"] < SECONDS / 4:
            raise Wrong(f"only {seen['secs']:.2f} s were measured")
        return seen["recv_per_s"]

    return run


def whole(count, publishers):
    """The same number for each publisher."""
    return max(1, int(count) // publishers) * publishers


def acknowledged(process, file):
    """Messages of 128 bytes acknowledged in a second, QoS 1, from 50 publishers with 100 in flight each, for about SECONDS."""
    options = ["--pubs", 50, "--size", 128, "--inflight", 100, "--file", file]
    count = None

    def run():
        nonlocal count
        if count is None:
            count = 50_000
            for _ in range(3):
                count = whole(min(source(process.port, *options, count=count)["acked_per_s"] * SECONDS, 1_000_000), 50)
        return source(process.port, *options, count=count)["acked_per_s"]

    return run


def first_connack(port, command, log):
    """Milliseconds from exec to the first CONNACK; the process is ended, and has ended."""
    seen = mqload("startup", port, "--file", log, "--", *command)
    end(seen["pid"])
    return seen["connack_ms"]


def end(pid):
    """Ends a process that mqload started and left running."""
    os.kill(pid, signal.SIGTERM)
    until = time.monotonic() + 30
    while alive(pid):
        if time.monotonic() > until:
            os.kill(pid, signal.SIGKILL)
            return
        time.sleep(0.02)


def alive(pid):
    """A process that has ended and was not collected is a zombie, and has ended."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1][0] not in "ZX"
    except FileNotFoundError:
        return False


class Idle:
    """That many idle connections."""

    def __init__(self, process, connections):
        self.child = subprocess.Popen([str(MQLOAD), "idle", "-p", str(process.port), "--conns", str(connections), "--hold", "120"],
                                      stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        if not self.child.stdout.readline().startswith("{"):
            self.child.wait()
            raise Wrong("not all idle connections were taken")
        return self

    def __exit__(self, *_):
        self.child.terminate()
        self.child.wait()
        self.child.stdout.close()


def alternating(measures, runs=None):
    """For each name its median, or the reason why there is none; the measures take turns, so that each sees the same machine."""
    values = {name: [] for name in measures}
    wrong = {}
    for _ in range(runs or RUNS):
        for name, measure in measures.items():
            if name in wrong:
                continue
            try:
                values[name].append(measure())
            except Wrong as e:
                wrong[name] = e
                print(f"  {name}: {e}", file=sys.stderr)
    return {name: wrong.get(name) or median(values[name]) for name in measures}


def median(values):
    """Of numbers, or of each number in dictionaries with the same keys."""
    if isinstance(values[0], dict):
        return {key: statistics.median(value[key] for value in values) for key in values[0]}
    return statistics.median(values)


def package():
    found = sorted(glob.glob(str(TARGET / "sluice_*_amd64.deb")), key=os.path.getmtime)
    return pathlib.Path(found[-1]) if found else None


class Report:
    """A table, printed row by row and kept as JSON."""

    def __init__(self, name, columns):
        self.name = name
        self.columns = [*columns, "load"]
        self.rows = []
        version = subprocess.run(["mosquitto", "-h"], capture_output=True, text=True, check=False).stdout.split("\n")[0]
        self.about = {
            "date": datetime.date.today().isoformat(),
            "processor": processor(),
            "processors": os.cpu_count(),
            "rival": version,
            "runs": RUNS,
            "builds": [build.name for build in builds()],
            "java": " ".join(JAVA_OPTIONS),
        }
        print(f"{name}, {self.about['date']}: {self.about['processors']} x {self.about['processor']}; {version}; "
              f"medians of {RUNS} alternating runs; load is the machine's one-minute average after the row")
        print()
        print("| " + " | ".join(self.columns) + " |")
        print("|" + "---|" * len(self.columns), flush=True)

    def row(self, *cells):
        cells = [*map(str, cells), f"{os.getloadavg()[0]:.1f}"]
        if len(cells) != len(self.columns):
            raise ValueError(f"{len(cells)} cells for {len(self.columns)} columns")
        self.rows.append(dict(zip(self.columns, cells)))
        print("| " + " | ".join(cells) + " |", flush=True)

    def close(self):
        file = TARGET / f"{self.name}.json"
        file.write_text(json.dumps({"about": self.about, "rows": self.rows}, indent=2) + "\n")
        print(f"\nAlso in {file.relative_to(ROOT)}")


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return os.uname().machine


def show(value, form="{:,.0f}"):
    """A number, or why there is none."""
    return f"wrong: {value}" if isinstance(value, Wrong) else "-" if value is None else form.format(value)


def is_number(*values):
    return all(isinstance(value, (int, float)) for value in values)


def ratio(value, base):
    return value / base if is_number(value, base) and base else None


def verdict(value, holds):
    return "-" if not is_number(value) else "met" if holds(value) else "missed"


def pause(seconds, *processes):
    """Lets processes come to rest; one that ends meanwhile is Wrong."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for process in processes:
            if not process.alive():
                raise Wrong(f"process ended: {tail(process.log)}")
        time.sleep(0.1)
