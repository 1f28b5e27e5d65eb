#!/bin/sh
# generated.sh BUILD — documents that grow from tables are as the program prints them.
# To renew one: BUILD/frugald --dump-docs settings >docs/settings.md, and so on.
set -u
program=$1/frugald
bad=0

same() {
	if ! "$program" --dump-docs "$1" >"$new" 2>&1; then
		echo "frugald --dump-docs $1 failed"
		sed 's/^/  /' "$new" | head -n 5
		bad=1
	elif ! cmp -s "$new" "$2"; then
		echo "$2 is not what 'frugald --dump-docs $1' prints:"
		diff "$2" "$new" 2>&1 | head -n 10 | sed 's/^/  /'
		bad=1
	fi
}

[ -x "$program" ] || exit 0
new=$(mktemp)
trap 'rm -f "$new"' EXIT
for topic in settings metrics problems; do
	same "$topic" "docs/$topic.md"
done
same config config/frugald.yaml
exit $bad
