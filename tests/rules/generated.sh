#!/bin/sh
# generated.sh BUILD — documents that grow from tables are as the program prints them.
# To renew them: make documents.
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

# What a program prints stands between two lines of a manual page that name the program and its topic.
part() {
	if ! "$1" --dump-docs "$2" >"$new" 2>&1; then
		echo "$1 --dump-docs $2 failed"
		bad=1
	elif ! sed -n "/BEGIN ${1##*/} --dump-docs $2/,/END ${1##*/} --dump-docs $2/p" "$3" | sed '1d;$d' | cmp -s - "$new"; then
		echo "$3 has not what '${1##*/} --dump-docs $2' prints: make documents"
		bad=1
	fi
}

[ -x "$program" ] || exit 0
new=$(mktemp)
trap 'rm -f "$new"' EXIT
for topic in settings metrics problems questions; do
	same "$topic" "docs/$topic.md"
done
same config config/frugald.yaml
part "$program" man5 docs/frugald.yaml.5
part "$1/frugalctl" man1 docs/frugalctl.1
exit $bad
