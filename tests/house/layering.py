#!/usr/bin/env python3
"""Holds the tree to the arrows of docs/architecture.md: which folder may include
whose headers, that includes are flat, that header names are unique, that each
outside library has its keeper, and that no function grows beyond 70 lines or
nests deeper than three levels."""

import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1])

ARROWS = {
    "base": set(),
    "packet": {"base"},
    "bus": {"base"},
    "backplane": {"bus", "packet", "base"},
    "control": {"bus", "base"},
    "config": {"ike_alg", "ipsec_alg", "ipsec_spd", "packet", "base"},
    "capture": {"packet", "base"},
    "forward": {"packet", "base"},
    "ipsec": {"packet", "base"},
    "ike": {"ipsec", "ipsec_alg", "base"},
    "card": {"forward", "ipsec_spd", "capture", "control", "backplane", "bus", "packet", "base"},
    "linecard": {"card", "ipsec_spd", "forward", "capture", "control", "backplane", "bus", "packet",
                 "base"},
    "asecard": {"card", "ike", "ike_alg", "ipsec", "ipsec_alg", "ipsec_spd", "forward", "capture", "control",
                "backplane", "bus", "packet", "base"},
    "chassis": {"config", "control", "capture", "forward", "backplane", "bus",
                "packet", "base", "ike_alg", "ipsec_alg", "ipsec_spd"},
    "cli": {"config", "control", "bus", "base"},
    "lab": {"config", "capture", "packet", "base"},
    "sesim": {"lab", "config", "control", "capture", "backplane", "bus", "packet", "base",
              "ipsec_alg", "ipsec_spd"},
}
# header prefix: the only files that may include it
KEEPERS = {
    r"zmq": {"bus/"},
    r"openssl/": {"ipsec/alg_openssl.", "ipsec/alg_mac.c", "ipsec/alg_prf.c",
                  "base/secret.c", "ike/ike_crypto", "ike/pki"},
    r"intel-ipsec-mb": {"ipsec/alg_ipsecmb"},
    r"pcap": {"capture/"},
    r"libcli": {"cli/shell"},
    r"libssh/": {"cli/sshd"},
    r"yaml\.h": {"lab/topology.c"},
    r"crypt\.h": {"config/password.c"},
}
PROGRAM_HEADERS = {"linecard.h", "asecard.h", "chassis.h"}
LINES_MAX = 70
# A control statement this far to the right is a fourth level. It is counted here
# and not by clang-tidy, which counts what is inside uthash's macros too.
TOO_DEEP = re.compile(r"\t{4,}(if|for|while|do|switch|HASH_ITER)\b")

faults = []


def sources():
    for folder in ARROWS:
        yield from ((folder, p) for p in sorted((ROOT / folder).glob("*.[ch]")))


def check_includes():
    owner = {}
    for folder, path in sources():
        if path.suffix == ".h":
            if path.name in owner:
                faults.append(f"{folder}/{path.name}: also in {owner[path.name]}/")
            owner[path.name] = folder
    owner["ipsec_alg.h"] = owner["alg_engine_id.h"] = "ipsec_alg"
    owner["ike_alg.h"] = "ike_alg"
    owner["spd.h"] = owner["spd_set.h"] = "ipsec_spd"
    for folder, path in sources():
        name = f"{folder}/{path.name}"
        for line in path.read_text().splitlines():
            m = re.match(r'\s*#\s*include\s+([<"])([^>"]+)[>"]', line)
            if m:
                check_include(folder, name, m.group(1), m.group(2), owner)


def check_include(folder, name, quote, header, owner):
    if quote == '"':
        if "/" in header:
            faults.append(f"{name}: includes {header}: includes are flat")
        home = owner.get(header)
        if header in PROGRAM_HEADERS and folder == "sesim":
            if name != "sesim/inproc.c":
                faults.append(f"{name}: only sesim/inproc.c may include {header}")
        elif home is None:
            faults.append(f"{name}: includes {header}, which no folder has")
        elif home != folder and home not in ARROWS[folder] and not (
                folder == "ipsec" and home in ("ipsec_alg", "ipsec_spd")) and not (
                folder == "ike" and home == "ike_alg"):
            faults.append(f"{name}: {folder} -> {home} is no arrow ({header})")
        return
    for prefix, keepers in KEEPERS.items():
        if re.match(prefix, header) and not any(name.startswith(k) for k in keepers):
            faults.append(f"{name}: <{header}> belongs to {sorted(keepers)}")


def check_lengths():
    for folder, path in sources():
        start = None
        for n, line in enumerate(path.read_text().splitlines(), 1):
            if line == "{":
                start = n
            elif line == "}" and start is not None:
                if n - start > LINES_MAX:
                    faults.append(f"{folder}/{path.name}:{start}: a function of"
                                  f" {n - start} lines")
                start = None
            elif TOO_DEEP.match(line):
                faults.append(f"{folder}/{path.name}:{n}: a fourth level of nesting")


check_includes()
check_lengths()
print("\n".join(faults) or "the house stands as drawn")
sys.exit(1 if faults else 0)
