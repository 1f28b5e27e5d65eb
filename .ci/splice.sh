#!/bin/sh
# splice.sh FILE NAME — puts standard input between FILE's lines 'BEGIN NAME' and 'END NAME', in place of what is there.
set -eu
file=$1
new=$(mktemp)
whole=$(mktemp)
trap 'rm -f "$new" "$whole"' EXIT
cat >"$new"
awk -v begin="BEGIN $2" -v end="END $2" -v new="$new" '
	index($0, end) { skip = 0; ends++ }
	!skip { print }
	index($0, begin) {
		begins++
		skip = 1
		while ((getline line <new) > 0)
			print line
	}
	END { exit !(begins == 1 && ends == 1) }' "$file" >"$whole"
cmp -s "$whole" "$file" || cat "$whole" >"$file"
