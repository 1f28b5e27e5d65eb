#!/bin/sh
# run.sh BUILD — the walls of the house, each a script: one "ok" or "not ok" line per rule, what is wrong above it.
set -u

build=$1
n=0
n_bad=0

rule() {
	name=$1
	shift
	n=$((n + 1))
	if said=$("$@" 2>&1); then
		echo "ok $n - $name"
	else
		n_bad=$((n_bad + 1))
		printf '%s\n' "$said"
		echo "not ok $n - $name"
	fi
}

# shellcheck disable=SC2046 # no name of a source has a space in it
{
	rule doors_between_rooms_are_one_way awk -f tests/rules/rooms.awk $(find src -name '*.[ch]' | sort)
	rule functions_and_files_are_small awk -f tests/rules/sizes.awk $(find src include tests -name '*.[ch]' | sort)
	rule no_header_is_needed_by_everybody awk -f tests/rules/fanin.awk $(find src -name '*.c' | sort)
}
rule names_say_what_is_inside sh tests/rules/names.sh
# Sanitizers add symbols of their own, so these two look at plain builds only.
if [ -z "${SAN-}" ] && [ -e "$build/libcore.a" ]; then
	rule core_and_engine_are_pure sh tests/rules/pure.sh "$build/libcore.a" "$build/libengine.a"
	rule nothing_changes_at_file_scope sh tests/rules/globals.sh "$build/libbase.a" "$build/libcore.a" "$build/libconf.a" \
		"$build/libengine.a" "$build/libadapt.a" "$build/libctl.a"
fi
# The build was gcc's; clang warns of other things.
if [ -z "${SAN-}" ] && command -v clang >/dev/null; then
	rule clang_has_nothing_to_say sh tests/rules/clang.sh
fi
if command -v man >/dev/null; then
	rule manual_pages_are_clean sh tests/rules/manuals.sh
fi
if command -v promtool >/dev/null; then
	rule alerts_for_prometheus_do_what_they_say sh tests/rules/prometheus.sh
fi
rule generated_documents_are_current sh tests/rules/generated.sh "$build"

echo "# $((n - n_bad)) of $n rules hold"
[ "$n_bad" -eq 0 ]
