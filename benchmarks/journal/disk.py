# SPDX-License-Identifier: Apache-2.0
"""A disk of its own, on which nothing else writes, so that what the file system adds is seen: an ext4 in a file, behind a loop device."""

import contextlib
import pathlib
import subprocess

import measure as m

SECTOR_BYTES = 512
IMAGE_BYTES = 2 << 30


class Disk:
    """A mounted file system, whose block device counts what is written and how often it is told to flush."""

    def __init__(self, path, device):
        self.path = path
        self.stat = pathlib.Path(f"/sys/block/{pathlib.Path(device).name}/stat")

    def seen(self):
        """Bytes written and flushes so far, with all that waits to be written back."""
        subprocess.run(["sync", "--file-system", self.path], check=True)
        counts = [int(word) for word in self.stat.read_text().split()]
        return counts[6] * SECTOR_BYTES, counts[15]


@contextlib.contextmanager
def disk():
    """Needs root, and loop devices."""
    with m.folder() as where:
        image = where / "image"
        mount = where / "disk"
        mount.mkdir()
        with image.open("wb") as file:
            file.truncate(IMAGE_BYTES)
        run("mkfs.ext4", "-q", "-b", "4096", "-E", "lazy_itable_init=0,lazy_journal_init=0", image)
        device = run("losetup", "--find", "--show", image)
        try:
            run("mount", "-o", "noatime", device, mount)
            try:
                yield Disk(mount, device)
            finally:
                run("umount", mount)
        finally:
            run("losetup", "--detach", device)


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if done.returncode:
        raise m.Wrong(f"{command[0]}: {done.stderr.strip() or done.returncode}; it takes root and a loop device to measure a disk")
    return done.stdout.strip()
