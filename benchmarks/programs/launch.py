"""Starts a command and prints its seconds, its processor seconds, its peak memory in bytes and its exit code.

    python -I -S launch.py PROCESSOR COMMAND…       PROCESSOR is a number, or - for whichever

A program of its own, since a process begins with the peak memory of the one that starts it: this one has 9 MB.
"""

import os
import sys
import time


def main(processor: str, command: list[str]) -> None:
    """Run the command, its standard input empty and its standard output discarded."""
    if processor != "-":
        os.sched_setaffinity(0, {int(processor)})
    null = os.open(os.devnull, os.O_RDWR)
    streams = [(os.POSIX_SPAWN_DUP2, null, descriptor) for descriptor in (0, 1)]
    start = time.perf_counter()
    child = os.posix_spawn(command[0], command, os.environ, file_actions=streams)
    _, status, usage = os.wait4(child, 0)
    seconds = time.perf_counter() - start
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(seconds, usage.ru_utime + usage.ru_stime, peak, os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
