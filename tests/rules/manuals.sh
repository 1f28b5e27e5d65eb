#!/bin/sh
# manuals.sh — manual pages are laid out without a warning, and say so much.
set -u
bad=0
for page in docs/*.[1-9]; do
	said=$(MANWIDTH=80 LC_ALL=C.UTF-8 man --warnings -E UTF-8 -l "$page" 2>&1 >/dev/null)
	if [ -n "$said" ]; then
		echo "$page:"
		echo "$said" | head -n 10 | sed 's/^/  /'
		bad=1
	fi
done
exit $bad
