"""Disks that are full, read-only or gone, and clocks that jump, under a run of `qa index`."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.faults import (
    Place,
    Point,
    Scenario,
    assert_one_clear_line,
    assert_survived,
    command,
    environment,
    golden,
)

_JUMPS = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long jump(void) {
    static unsigned seed;
    if (!seed) seed = getpid();
    return (rand_r(&seed) % 21 - 10) * 31557600L;
}
int clock_gettime(clockid_t clock, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(clock, now);
    if (!result && clock == CLOCK_REALTIME) now->tv_sec += jump();
    return result;
}
int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec exact;
    int result = clock_gettime(CLOCK_REALTIME, &exact);
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return result;
}
time_t time(time_t *out) {
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    if (out) *out = exact.tv_sec;
    return exact.tv_sec;
}
"""
"""A library that makes the clock on the wall jump by up to ten years, either way, at every look at it."""


def jumping_clock(folder: Path) -> Path | None:
    """Compile the library; None where there is no compiler."""
    if shutil.which("cc") is None:
        return None
    source, library = folder / "jumps.c", folder / "jumps.so"
    source.write_text(_JUMPS)
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True, capture_output=True)
    return library


class CannotMount(OSError):
    """Report that the system lets not even root mount a disk here, as in many containers."""


@cache
def mountable() -> bool:
    """Tell whether a file system may be mounted here."""
    return os.geteuid() == 0 and shutil.which("mount") is not None


@contextlib.contextmanager
def small_disk(folder: Path, megabytes: int = 200) -> Iterator[Path]:
    """Mount an empty file system in memory on a folder."""
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs"]
    done = subprocess.run(["mount", *options, folder], capture_output=True, text=True, check=False)
    if done.returncode:
        folder.rmdir()
        raise CannotMount(f"no disk may be mounted here: {done.stderr.strip()[:100]}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True, capture_output=True)
        folder.rmdir()


def run(scenario: Scenario, place: Place, **settings: str) -> "subprocess.CompletedProcess[str]":
    """Run a scenario to its end; assert that it ends well or says in one line what is wrong."""
    done = subprocess.run(
        command(place, scenario), env=environment(place) | settings, capture_output=True, text=True, check=False
    )
    assert_one_clear_line(done.returncode, done.stderr)
    return done


def on_a_full_disk(scenario: Scenario, disk: Path, free: int) -> str:
    """Run a scenario where so many bytes are free, then make room; return what it came to."""
    place = scenario.place(disk / "place")
    ballast = disk / "ballast"
    with ballast.open("wb") as file, contextlib.suppress(OSError):
        left = shutil.disk_usage(disk).free - free
        while left > 0:
            left -= file.write(b"\0" * min(left, 1_000_000))
    try:
        done = run(scenario, place)
    finally:
        ballast.unlink()
    outcome = assert_survived(scenario, place)
    shutil.rmtree(place.folder)
    return f"refused, {outcome}" if done.returncode else f"done, {outcome}"


def on_a_read_only_disk(scenario: Scenario, disk: Path) -> str:
    """Run a scenario on a disk that may only be read, then on one that may be written."""
    place = scenario.place(disk / "place")
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    try:
        done = run(scenario, place)
        if scenario.before is not None:
            assert golden(place.index) == scenario.before
    finally:
        subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
    assert done.returncode == 2
    assert done.stderr.startswith(f"qa: {place.index}: cannot be written (Read-only file system)"), done.stderr
    outcome = assert_survived(scenario, place)
    shutil.rmtree(place.folder)
    return f"refused, {outcome}"


def with_a_jumping_clock(scenario: Scenario, folder: Path, library: Path) -> str:
    """Run a scenario while the clock jumps at every look at it; it must do what it does with a steady one."""
    place = scenario.place(folder)
    done = run(scenario, place, LD_PRELOAD=str(library))
    assert done.returncode == 0, done.stderr
    assert golden(place.index) == scenario.after
    return f"done, {assert_survived(scenario, place)}"


def with_a_vanishing_index(scenario: Scenario, folder: Path, point: Point) -> str:
    """Stop a run at a point, remove the index directory, let the run go on; the next run makes the index anew."""
    place = scenario.place(folder)
    log = place.folder.with_suffix(".log")
    tracing = ["strace", "-f", "-qq", "-o", str(log), "-e", f"trace={point.name}"]
    tracing += ["-e", f"inject={point.name}:signal=STOP:when={point.count}"]
    if point.path:
        tracing += ["-P", point.path.replace("{place}", str(place.folder))]
    with subprocess.Popen(
        [*tracing, *command(place, scenario)],
        env=environment(place),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        while child.poll() is None and not (log.exists() and "stopped by SIGSTOP" in log.read_text(errors="replace")):
            time.sleep(0.02)
        vanished = child.poll() is None
        if vanished:
            shutil.rmtree(place.index, ignore_errors=True)
            for line in log.read_text(errors="replace").splitlines():
                if "stopped by SIGSTOP" in line:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(int(line.split()[0]), signal.SIGCONT)
                    break
        assert child.stderr is not None
        errors = child.stderr.read()
    log.unlink()
    assert_one_clear_line(child.returncode, errors)
    anew = Scenario(scenario.name, scenario.template, scenario.options, None if vanished else scenario.before, scenario.after)
    outcome = assert_survived(anew, place)
    return f"{'refused' if child.returncode else 'done'}, {outcome}"
