"""Turns figures into docs/performance.md and its plots. Every sentence that says
whether a bound holds is made from the figures; what a person reads out of them
stands in reading.md and is taken over as it is."""

import json
import os
import pathlib
import platform
import re
import subprocess

import svg

HERE = pathlib.Path(__file__).resolve().parent
MIB = 1 << 20
GROWTH = {"packets": "packets in the capture", "tunnels": "tunnels, traffic over all",
          "routes": "routes, destinations at random", "ports": "input ports"}


def said(command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return (done.stdout + done.stderr).strip()


def machine(root):
    cpu = re.search(r"model name\s*:\s*(.*)", open("/proc/cpuinfo").read())
    memory = int(re.search(r"MemTotal:\s+(\d+)", open("/proc/meminfo").read()).group(1))
    system = re.search(r'PRETTY_NAME="(.*)"', open("/etc/os-release").read())
    packages = [f"{name} {version}" for name in
                ("libssl3", "libipsec-mb1", "libzmq5", "tcpdump")
                if (version := said(["dpkg-query", "-W", "-f", "${Version}", name]))
                and " " not in version]
    return [("processor", cpu.group(1) if cpu else platform.machine()),
            ("cores", str(os.cpu_count())),
            ("memory", f"{memory / MIB:.0f} GiB"),
            ("system", f"{system.group(1)}, Linux {platform.release()}"),
            ("libraries", ", ".join(packages)),
            ("sources", said(["git", "-C", str(root), "rev-parse", "--short", "HEAD"])),
            ("build", "RelWithDebInfo, gcc " + said(["gcc", "-dumpfullversion"]))]


def num(value):
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def span(three):
    return f"{num(three[0])} ({num(three[1])}–{num(three[2])})" if three else "–"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def pick(figures, **want):
    for row in figures["router"]:
        if all(row[key] == value for key, value in want.items()):
            return row
    return None


def bound(words, value, limit, least=False):
    """One row of the table of bounds; value is [median, least, greatest] or None."""
    if value is None:
        return [words, f"{'≥' if least else '≤'} {limit:g}", "not measured", "–"]
    holds = value[0] >= limit if least else value[0] <= limit
    return [words, f"{'≥' if least else '≤'} {limit:g}", span(value),
            "yes" if holds else "**no**"]


def flat(rows):
    """How far the dearest point of a growth stands above the cheapest."""
    medians = [row["cpu_ns"][0] for row in rows]
    ratio = max(medians) / max(min(medians), 1e-9)
    return [ratio, ratio, ratio]


def one(value):
    return [value, value, value]


def bounds(figures):
    engine = figures["router"][0]["engine"]

    def seal(key, lengths, mode, algorithm="gcm", direction="seal"):
        row = pick(figures, direction=direction, lengths=lengths, mode=mode,
                   algorithm=algorithm, engine=engine, transport="ipc")
        return row[key] if row else None

    copy = "wall time to that of the plain copy, sealing, "
    rows = []
    for lengths, mode, limit in (("1400", "circuit-based", 1.0),
                                 ("1400", "economical", 0.9),
                                 ("64", "circuit-based", 2.0),
                                 ("64", "economical", 1.8)):
        rows.append(bound(f"{copy}AES-128-GCM, {lengths} octets, {mode}",
                          seal("wall_to_copy", lengths, mode), limit))
    rows.append(bound(f"{copy}AES-128-CBC with HMAC-SHA1, 1400 octets, circuit-based",
                      seal("wall_to_copy", "1400", "circuit-based", "cbc"), 1.2))
    for direction in ("seal", "open"):
        for lengths in ("1400", "64"):
            rows.append(bound("circuit-based rate to economical rate,"
                              f" {direction}, {lengths} octets",
                              seal("loop", lengths, "economical",
                                   direction=direction), 0.9, True))
    for lengths, limit in (("1400", 2.0), ("64", 3.0)):
        rows.append(bound("CPU time to the floor, sealing, circuit-based,"
                          f" {lengths} octets",
                          seal("cpu_to_floor", lengths, "circuit-based"), limit))
    for row in figures.get("peers", []):
        if row["mode"] == "circuit-based":
            beside = f"ipsec-secgw, 1400 octets, circuit-based, {row['engine']}"
            rows.append(bound(f"packets a second to those of {beside}", row["rate"], 2,
                              True))
            rows.append(bound(f"CPU time a packet to that of {beside}", row["cpu"], 1))
    for kind, limit in (("packets", 1.15), ("tunnels", 1.15), ("routes", 2.0)):
        grown = figures["growth"].get(kind)
        if grown is None:
            rows.append(bound(f"CPU time a packet, with the number of {kind}", None,
                              limit))
            continue
        rows.append(bound(f"CPU time a packet, dearest point to cheapest,"
                          f" {grown[0]['n']:,} to {grown[-1]['n']:,} {kind}",
                          flat(grown), limit))
    for most in figures["growth"].get("packets", [])[-1:]:
        rows.append(bound(f"peak PSS at {most['n']:,} packets, MiB",
                          one(most["pss"] / MIB), 256))
    if figures["idle"]:
        rows.append(bound("PSS of an idle router, MiB",
                          one(figures["idle"]["pss"] / MIB), 60))
    for row in figures["lone"]:
        rows.append(bound(f"a lone packet through all stages, {row['mode']}, 99 of 100,"
                          " ms", [us / 1e3 for us in row["p99_us"]], 1))
    return rows


def router_table(figures):
    head = ["direction", "octets", "algorithm", "mode", "engine", "transport",
            "packets × rounds", "wall : copy", "Mpps", "CPU ns", "floor CPU ns",
            "CPU : floor", "loop"]
    rows = [[r["direction"], r["lengths"], r["algorithm"], r["mode"], r["engine"],
             r["transport"], f"{r['packets']:,} × {r['rounds']}",
             span(r["wall_to_copy"]), num(r["pps"][0] / 1e6),
             num(r["cpu_ns"][0]), num(r["floor_cpu_ns"][0]), span(r["cpu_to_floor"]),
             span(r["loop"])] for r in figures["router"]]
    return table(head, rows)


def growth_tables(figures):
    parts = []
    for kind, rows in figures["growth"].items():
        body = [[f"{r['n']:,}", span(r["cpu_ns"]), span(r["wall_ns"]),
                 f"{r['pss'] / MIB:.0f}", span(r["load_s"])] for r in rows]
        parts.append(table([GROWTH[kind], "CPU ns a packet", "wall ns a packet",
                            "peak PSS, MiB", "start, load and end, s"], body)
                     + f"\n![{kind}](performance/growth-{kind}.svg)\n")
    return "\n".join(parts)


def lone_table(figures):
    rows = [[r["mode"], f"{r['packets']:,}", span(r["p50_us"]), span(r["p99_us"]),
             span(r["max_us"])] for r in figures["lone"]]
    return table(["mode", "packets a round", "median, µs", "99 of 100, µs",
                  "greatest, µs"], rows)


def judged_packets(figures):
    """How many packets and rounds stand behind the bounds that are ratios."""
    engine = figures["router"][0]["engine"]
    rows = [pick(figures, direction="seal", lengths=lengths, mode="circuit-based",
                 algorithm=algorithm, engine=engine, transport="ipc")
            for lengths, algorithm in (("64", "gcm"), ("1400", "gcm"), ("1400", "cbc"))]
    return ", ".join(f"{r['packets']:,} of {r['lengths']} octets ({r['algorithm']},"
                     f" {r['rounds']} rounds)" for r in rows if r)


def peers_table(figures):
    rows = [[r["engine"], r["mode"], num(r["pps"][0] / 1e6),
             num(r["theirs_pps"][0] / 1e6), span(r["rate"]), span(r["cpu"])]
            for r in figures.get("peers", [])]
    if not rows:
        return "Not at hand: `bench/secgw.py` says how to have it.\n"
    return table(["engine", "mode", "Mpps", "ipsec-secgw, Mpps", "rate : its rate",
                  "CPU : its CPU"], rows)


def stage_names(figures):
    return sorted({name for p in figures["profile"] for name in p["stages"]})


def profile_table(figures):
    names = stage_names(figures)
    rows = []
    for p in figures["profile"]:
        row = [f"{p['lengths']} {p['mode']}"]
        for name in names:
            both = p["stages"].get(name)
            row.append(f"{num(both[0])} + {num(both[1])}" if both else "–")
        seen = sum(sum(both) for both in p["stages"].values())
        rows.append(row + [num(max(0, p["total_ns"] - seen)), num(p["total_ns"])])
    return table(["sealing", *names, "unseen", "all"], rows)


def dearest(figures):
    """One sentence for each profile: who took most of the CPU time."""
    parts = []
    for p in figures["profile"]:
        order = sorted(((sum(both), name) for name, both in p["stages"].items()),
                       reverse=True)[:3]
        shares = ", ".join(f"{name} {ns / p['total_ns']:.0%}" for ns, name in order)
        bus = sum(both[1] for both in p["stages"].values()) / p["total_ns"]
        parts.append(f"- {p['lengths']} octets, {p['mode']}: {shares}; threads of"
                     f" the bus in all stages together {bus:.0%}.")
    return "\n".join(parts)


def plots(figures, folder):
    """Ratios by length, CPU beside the floor, the profile, the growths."""
    folder.mkdir(parents=True, exist_ok=True)
    engine = figures["router"][0]["engine"]
    lengths = ["64", "576", "1400", "IMIX"]
    names = [(d, m) for d in ("seal", "open") for m in ("circuit-based", "economical")]

    def cell(key, direction, mode, length):
        row = pick(figures, direction=direction, lengths=length, mode=mode,
                   algorithm="gcm", engine=engine, transport="ipc")
        return row[key] if row else None

    titles = [f"{d} {m}" for d, m in names]
    values = [[cell("wall_to_copy", d, m, n) for d, m in names] for n in lengths]
    (folder / "wall.svg").write_text(svg.bars(
        "Wall time of the router to that of a plain copy", "tcpdump -r IN -w OUT = 1",
        lengths, titles, values, 1.0))
    values = [[cell("cpu_ns", d, m, n) for d, m in names]
              + [cell("floor_cpu_ns", "seal", "circuit-based", n)] for n in lengths]
    (folder / "cpu.svg").write_text(svg.bars(
        "CPU time of all processes", "ns a packet", lengths,
        titles + ["floor, seal"], values))
    stages = stage_names(figures)
    values = [[sum(p["stages"].get(name, [0, 0])) for name in stages]
              for p in figures["profile"]]
    (folder / "profile.svg").write_text(svg.stacks(
        "CPU time by process, sealing", "ns a packet",
        [f"{p['lengths']} {p['mode'][:4]}" for p in figures["profile"]], stages, values))
    for kind, rows in figures["growth"].items():
        (folder / f"growth-{kind}.svg").write_text(svg.lines(
            GROWTH[kind], "ns a packet, start and load taken off",
            [f"{r['n']:,}" for r in rows], ["CPU", "wall"],
            [[r["cpu_ns"] for r in rows], [r["wall_ns"] for r in rows]]))


def idle_words(idle):
    if idle is None:
        return "not measured"
    return (f"{idle['processes']} processes, {idle['pss'] / MIB:.0f} MiB PSS,"
            f" {idle['core']:.2%} of a core; `sesim up` took {idle['up_s']:.2f} s")


def page(figures, root):
    rows = bounds(figures)
    held = [row for row in rows if row[3] == "yes"]
    reading = HERE / "reading.md"
    values = {
        "mode": figures["mode"],
        "packets": judged_packets(figures),
        "took": f"{figures['took_s'] / 60:.0f}",
        "load": f"{figures['load_before']:.1f}",
        "machine": table(["", ""], [list(row) for row in machine(root)]),
        "bounds": table(["bound", "limit", "measured", "holds"], rows),
        "verdict": f"{len(held)} of {len(rows)} hold.",
        "router": router_table(figures),
        "peers": peers_table(figures),
        "lone": lone_table(figures),
        "profile": profile_table(figures),
        "dearest": dearest(figures),
        "growth": growth_tables(figures),
        "idle": idle_words(figures["idle"]),
        "skipped": "\n".join(f"- {words}" for words in figures["skipped"]),
        "reading": reading.read_text() if reading.exists() else "",
    }
    template = (HERE / "page.md").read_text()
    return re.sub(r"@(\w+)@", lambda m: str(values[m.group(1)]), template)


def write(figures, out, root):
    plots(figures, out / "performance")
    (out / "performance/figures.json").write_text(json.dumps(figures, indent=1) + "\n")
    (out / "performance.md").write_text(page(figures, root))
