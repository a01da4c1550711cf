#!/bin/sh
# Every C and C++ file reads as .clang-format writes it. The versions of
# clang-format differ in details: that of Debian 12 judges, another is skipped.
cd "$1" || exit 1
case $(clang-format --version 2>/dev/null) in
*"version 14."*) ;;
*)
	echo "skipped: needs clang-format 14"
	exit 77
	;;
esac
find . \( -path ./build -o -path ./.git \) -prune -o -type f \
    \( -name '*.c' -o -name '*.h' -o -name '*.cc' \) -print0 |
    xargs -0 clang-format --dry-run -Werror
