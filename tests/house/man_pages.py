#!/usr/bin/env python3
"""Holds the manual pages to the programs: every option that --help tells stands
in the page and the reverse, every subcommand has its section, and the drop
reasons of sesim.1 are the rows of packet/pkt_fate.h, with their sentences."""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(sys.argv[1])
BIN = pathlib.Path(sys.argv[2])
MAN = ROOT / "docs" / "man"

# command line, page, its section (None: the synopsis and all options of the page)
COMMANDS = [
    (["sesim", "replay"], "sesim.1", "REPLAY"),
    (["sesim", "compare"], "sesim.1", "COMPARE"),
    (["sesim", "up"], "sesim.1", "UP"),
    (["sesim", "down"], "sesim.1", "DOWN"),
    (["sesim", "status"], "sesim.1", "STATUS"),
    (["sesim", "lab", "up"], "lab.1", "UP"),
    (["sesim", "lab", "down"], "lab.1", "DOWN"),
    (["sesim", "lab", "status"], "lab.1", "STATUS"),
    (["sesim", "lab", "validate"], "lab.1", "VALIDATE"),
    (["sesim", "lab", "restart"], "lab.1", "RESTART"),
    (["sesim", "lab", "exec"], "lab.1", "EXEC"),
    (["sesim", "lab", "cli"], "lab.1", "CLI"),
    (["sesim", "lab", "save"], "lab.1", "SAVED CONFIGURATIONS"),
    (["sesim", "lab", "impair"], "lab.1", "IMPAIR"),
    (["sesim", "lab", "replay"], "lab.1", "REPLAY"),
    (["sesim", "lab", "graph"], "lab.1", "GRAPH"),
    (["sesim", "lab", "generate"], "lab.1", "GENERATE"),
    (["sesim", "capture"], "sesim.1", "CAPTURE"),
    (["sesim", "cli"], "cli.1", "SYNOPSIS"),
    (["sesim-cli"], "cli.1", "OPTIONS OF SESIM-CLI"),
    (["sesim-keeper"], "chassis.8", "KEEPER"),
    (["sesim-chassis"], "chassis.8", "OPTIONS"),
    (["sesim-linecard"], "linecard.8", "OPTIONS"),
    (["sesim-asecard"], "asecard.8", "OPTIONS"),
]
# What every program has, or what ends the options.
EVERYWHERE = {"--help", "--version", "--"}

faults = []


def section(page, title):
    """The lines of one section of a page."""
    lines = (MAN / page).read_text().splitlines()
    start = f".Sh {title}"
    if start not in lines:
        faults.append(f"{page}: no section {title}")
        return []
    rest = lines[lines.index(start) + 1:]
    ends = [i for i, line in enumerate(rest) if line.startswith(".Sh ")]
    return rest[:ends[0]] if ends else rest


def page_options(page, title):
    """Options that are items of the section, or stand in the synopsis."""
    found = set()
    for line in section(page, title):
        if line.startswith(".It ") or title == "SYNOPSIS":
            found |= {f"-{o}" for o in re.findall(r"\bFl (-?[a-z][a-z-]*)", line)}
    return found - EVERYWHERE


def help_text(command):
    run = subprocess.run([str(BIN / command[0])] + command[1:] + ["--help"],
                         capture_output=True, text=True, timeout=60, check=False)
    if run.returncode != 0 or not run.stdout:
        faults.append(f"{' '.join(command)} --help: exit status {run.returncode}, "
                      f"{len(run.stdout)} characters on standard output")
    return run.stdout


def help_options(command):
    text = help_text(command)
    return set(re.findall(r"(?<![\w-])(--?[a-z][a-z-]*)(?=[\s\]=.,;])", text)) - EVERYWHERE


def check_options():
    for command, page, title in COMMANDS:
        told = help_options(command)
        written = page_options(page, title)
        for option in sorted(told - written):
            faults.append(f"{page}, {title}: lacks {option} of {' '.join(command)} --help")
        for option in sorted(written - told):
            faults.append(f"{' '.join(command)} --help: lacks {option} of {page}, {title}")


def check_subcommands():
    known = {c[1] for c, _, _ in COMMANDS if len(c) > 1}
    told = set(re.findall(r"^  ([a-z]+) ", help_text(["sesim"]), re.MULTILINE))
    for name in sorted(told ^ known):
        faults.append(f"sesim {name}: in --help or in this test's list, not in both")
    for name in sorted(told):
        section("sesim.1", name.upper())
    known = {c[2] for c, _, _ in COMMANDS if c[1:2] == ["lab"]}
    told = set(re.findall(r"^  ([a-z]+) ", help_text(["sesim", "lab"]), re.MULTILINE))
    for name in sorted(told ^ known):
        faults.append(f"sesim lab {name}: in --help or in this test's list, not in both")


def fates():
    """Name and sentence of each row of PKT_DROPS."""
    text = (ROOT / "packet" / "pkt_fate.h").read_text()
    table = text[text.index("#define PKT_DROPS(X)"):text.index("enum pkt_fate")]
    rows = {}
    for strings in re.findall(r'X\(\w+,((?:[\s\\,]*"[^"]*")+)\s*\)', table):
        words = re.findall(r'"([^"]*)"', strings)
        rows[words[0]] = "".join(words[1:])
    return rows


def written_fates():
    rows = {}
    name = None
    for line in section("sesim.1", "DROP REASONS"):
        if line.startswith(".It Cm "):
            name = line[len(".It Cm "):]
            rows[name] = []
        elif line.startswith("."):
            name = None
        elif name is not None:
            rows[name].append(line)
    return {n: " ".join(s).removesuffix(".") for n, s in rows.items()
            if n != "lost-in-<stage>"}


def check_fates():
    table = fates()
    page = written_fates()
    if not table:
        faults.append("packet/pkt_fate.h: no row was found")
    for name in sorted(table.keys() | page.keys()):
        if table.get(name) != page.get(name):
            faults.append(f"sesim.1, drop reason {name}: the page says "
                          f"{page.get(name)!r}, packet/pkt_fate.h {table.get(name)!r}")


check_subcommands()
check_options()
check_fates()
print("\n".join(faults) or "the pages say what the programs do")
sys.exit(1 if faults else 0)
