#!/bin/sh
# names.sh — no drawer for everything, no endpoint in code, no header that tries to say everything.
set -u
bad=0

drawers=$(find src tests include -type f | grep -E '/(util|utils|misc|common|helper|helpers)\.[^/]*$')
if [ -n "$drawers" ]; then
	echo "$drawers" | sed 's/$/: name a file for what is in it/'
	bad=1
fi

# Endpoints are rows of the catalogue; a C file that knows one is a handler in disguise. "a-b" is "a_b" in an identifier.
if [ -e config/catalogue.yaml ]; then
	names=$(sed -n 's|^ *["'\'']*/\([a-z][a-z0-9-]*\)/*["'\'']*:.*|\1|p' config/catalogue.yaml | sort -u)
	if [ -z "$names" ]; then
		echo "config/catalogue.yaml: no paths found in it"
		bad=1
	fi
	for name in $names; do
		pattern=$(printf '%s' "$name" | sed 's/-/[-_]/g')
		found=$(grep -rnE --include='*.[ch]' "(^|[^A-Za-z0-9-])$pattern([^A-Za-z0-9-]|\$)" src)
		if [ -n "$found" ]; then
			echo "$found" | sed "s/^/endpoint '$name' in /"
			bad=1
		fi
	done
fi

for header in include/frugal/*.h; do
	lines=$(wc -l <"$header")
	if [ "$lines" -gt 150 ]; then
		echo "$header: $lines lines, limit 150"
		bad=1
	fi
done
exit $bad
