"""Runs a command and takes its wall time, the CPU time of all its processes, and,
in runs of their own, where that time went and how much memory was held."""

import os
import re
import statistics
import subprocess
import time


class Failed(Exception):
    pass


def run(argv, env=None):
    """Wall and CPU seconds of a command and all its processes, each of which is
    waited for by its parent."""
    begin = time.monotonic()
    child = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                             env=env)
    with child.stderr:
        said = child.stderr.read()
    _, status, used = os.wait4(child.pid, 0)
    wall = time.monotonic() - begin
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise Failed(f"{' '.join(argv)}: status {child.returncode}:"
                     f" {said.decode(errors='replace')[-400:]}")
    return {"wall": wall, "cpu": used.ru_utime + used.ru_stime}


def read(path):
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""


def family(root):
    """A process and all below it."""
    parents = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        stat = read(f"/proc/{pid}/stat").rpartition(")")[2].split()
        if stat:
            parents.setdefault(int(stat[1]), []).append(int(pid))
    found = [root]
    for pid in found:
        found += parents.get(pid, [])
    return found


def stage(pid):
    """The stage that a process is, by its command line."""
    words = read(f"/proc/{pid}/cmdline").split("\0")
    program = os.path.basename(words[0])
    option = {w: words[i + 1] for i, w in enumerate(words[:-1]) if w.startswith("--")}
    if program == "sesim-linecard":
        return f"{option.get('--slot')}/{option.get('--ppa', '')[:1]}ppa"
    if program == "sesim-asecard":
        return f"{option.get('--slot')}/asp{option.get('--asp')}"
    return program


def pss(pids):
    """Proportional set size of processes together, in octets."""
    total = 0
    for pid in pids:
        match = re.search(r"^Pss:\s+(\d+)", read(f"/proc/{pid}/smaps_rollup"), re.M)
        total += int(match.group(1)) * 1024 if match else 0
    return total


class Watch:
    """What a running command's processes used up to their last sample."""

    def __init__(self, root):
        self.root = root
        self.names = {}
        self.used = {}  # (pid, thread) -> ns
        self.peak = 0
        self.marks = []  # (time, octets written, ns used by all)

    def sample(self, memory):
        for pid in family(self.root):
            name = self.names.get(pid)
            if name in (None, "sesim", "sesim-chassis"):
                self.names[pid] = stage(pid) or name
            for thread in self.threads(pid):
                ns = read(f"/proc/{pid}/task/{thread}/schedstat").split()
                if ns:
                    self.used[pid, int(thread)] = int(ns[0])
        if memory:
            self.peak = max(self.peak, pss(self.names))

    def mark(self, out):
        """An output is written under a name of its own, and renamed at the end."""
        folder, name = os.path.split(out)
        octets = 0
        for entry in os.scandir(folder):
            if entry.name == name or entry.name.startswith(f".{name}.part."):
                try:
                    octets = max(octets, entry.stat().st_size)
                except OSError:
                    continue  # renamed under our eyes
        self.marks.append((time.monotonic(), octets, sum(self.used.values())))

    @staticmethod
    def threads(pid):
        try:
            return os.listdir(f"/proc/{pid}/task")
        except OSError:
            return []

    def stages(self):
        """Nanoseconds by stage: [of its own thread, of its bus threads]."""
        result = {}
        for (pid, thread), ns in self.used.items():
            row = result.setdefault(self.names.get(pid) or "?", [0, 0])
            row[pid != thread] += ns
        return result


def watch(argv, memory=False, every=0.01, env=None, out=None):
    """A run that is watched, and so slower. out: a file whose growth is marked."""
    child = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                             env=env)
    seen = Watch(child.pid)
    while True:
        seen.sample(memory)
        if out:
            seen.mark(out)
        pid, status, used = os.wait4(child.pid, os.WNOHANG)
        if pid != 0:
            break
        time.sleep(every)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise Failed(f"{' '.join(argv)}: status {child.returncode}")
    return {"peak": seen.peak, "stages": seen.stages(),
            "cpu": used.ru_utime + used.ru_stime, "marks": seen.marks}


def window(seen, packets):
    """Cost of a packet between the first and the last octets seen written."""
    marks = [m for m in seen["marks"] if m[1] > 1024]  # past a header
    if len(marks) < 2:
        raise Failed("the output was written too fast to be watched")
    last = next(m for m in marks if m[1] == marks[-1][1])
    part = (last[1] - marks[0][1]) / last[1] * packets
    if part <= 0:
        raise Failed("the output was written too fast to be watched")
    return {"cpu_ns": (last[2] - marks[0][2]) / part,
            "wall_ns": (last[0] - marks[0][0]) / part * 1e9}


def each(runs, key, packets):
    """Nanoseconds a packet."""
    return spread([r[key] / packets * 1e9 for r in runs])


def spread(values):
    """Median, least and greatest."""
    return [statistics.median(values), min(values), max(values)]


def ratios(over, under, key="wall"):
    """Of two commands measured in the same rounds, round by round."""
    return spread([a[key] / b[key] for a, b in zip(over, under)])
