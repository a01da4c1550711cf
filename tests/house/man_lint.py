#!/usr/bin/env python3
"""Lets mandoc read the manual pages; exit status 77, skipped, where it is not
installed."""

import pathlib
import shutil
import subprocess
import sys

MAN = pathlib.Path(sys.argv[1]) / "docs" / "man"
# Ours to say, or about the machine that reads and not about the page.
FINE = ("operating system explicitly specified", "referenced manual not found",
        "outdated mandoc.db")

if shutil.which("mandoc") is None:
    print("skipped: needs mandoc")
    sys.exit(77)
pages = sorted(str(p) for p in MAN.glob("*.[0-9]"))
run = subprocess.run(["mandoc", "-T", "lint", "-W", "style"] + pages,
                     capture_output=True, text=True, timeout=60, check=False)
faults = [line for line in (run.stdout + run.stderr).splitlines()
          if not any(f in line for f in FINE)]
print("\n".join(faults) or f"{len(pages)} pages are well formed")
sys.exit(1 if faults or not pages else 0)
