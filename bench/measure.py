"""Costs of programs: their processor time, wall time and memory, again and again."""
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
from typing import Callable, Dict, List, NamedTuple, Optional, Sequence

ROOT = pathlib.Path(__file__).resolve().parent.parent


class Cost(NamedTuple):
    cpu: float   # seconds of user and system time
    wall: float
    peak: int    # bytes of resident memory, of the largest process


def cost(command: Sequence[str], wanted: Sequence[int] = (0,),
         environment: Optional[Dict[str, str]] = None) -> Cost:
    """Runs a command under GNU time: its own figures, with all its children, without ours."""
    with tempfile.NamedTemporaryFile("r") as figures, tempfile.TemporaryFile() as errors:
        done = subprocess.run(["/usr/bin/time", "-q", "-o", figures.name, "-f", "%U %S %e %M",
                               *command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=errors, env=environment)
        errors.seek(0)
        if done.returncode not in wanted:
            sys.exit(f"bench: {' '.join(command)}: exit status {done.returncode}\n"
                     f"{errors.read().decode(errors='replace')[-2000:]}")
        user, system, wall, peak = figures.read().split()[-4:]
        return Cost(float(user) + float(system), float(wall), int(peak) * 1024)


def each_of(script: str, paths: Sequence[pathlib.Path]) -> List[str]:
    """A command that runs a line of shell for every path, which it finds in $f."""
    return ["sh", "-c", f"for f; do {script} || exit 1; done", "sh", *map(str, paths)]


def repeated(runs: int, measure: Callable[[], Cost]) -> List[Cost]:
    return [measure() for _ in range(runs)]


def middle(values: Sequence[float]) -> float:
    return statistics.median(values)


def cpu(costs: Sequence[Cost]) -> float:
    return middle([one.cpu for one in costs])


def wall(costs: Sequence[Cost]) -> float:
    return middle([one.wall for one in costs])


def peak(costs: Sequence[Cost]) -> int:
    return max(one.peak for one in costs)


def spread(values: Sequence[float]) -> str:
    return f"{min(values):.2f}–{max(values):.2f}"


def start_seconds(command: Sequence[str], environment: Dict[str, str],
                  times: int = 20) -> List[float]:
    """Wall times of so many starts, least first; GNU time only knows hundredths of a second."""
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True,
                       env=environment)
        seconds.append(time.perf_counter() - began)
    return sorted(seconds)


def machine() -> dict:
    """What a reader of figures must know of the machine; not its name."""
    model = ""
    try:
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    except OSError:
        pass
    return {"processor": model, "cores": len(os.sched_getaffinity(0)),
            "load": round(os.getloadavg()[0], 1)}


def versions(packages: Sequence[str]) -> Dict[str, str]:
    """Of Debian packages; those that are not installed are left out."""
    listed = subprocess.run(["dpkg-query", "-W", "-f=${Package} ${Version} ${db:Status-Abbrev}\n",
                             *packages], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                            text=True).stdout
    words = [line.split() for line in listed.splitlines()]
    return {one[0]: one[1] for one in words if len(one) == 3 and one[2] == "ii"}
