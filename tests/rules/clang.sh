#!/bin/sh
# clang.sh — the warnings of the second compiler, over all sources of the program.
set -u
warnings='-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 -Werror'
# shellcheck disable=SC2086 # warnings are words
find src -name '*.c' | sort | xargs -P "$(nproc)" -n 16 clang -std=c11 -fsyntax-only $warnings -Iinclude -Isrc -D_GNU_SOURCE \
	-DFR_VERSION='""' -DFR_COMMIT='""'
