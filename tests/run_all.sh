#!/bin/sh
# run_all.sh BUILD LAYER... — runs layers of tests that are built already and counts them.
#
# Each layer's output is kept in BUILD/results/<layer>.log and shown only where something failed. The last line is
# "N passed, N failed"; the exit status is 1 if any failed. A program that ends badly without naming a failed test, by a
# crash, a leak or a time-out, counts as one failed test.
set -u

build=$1
shift
results=$build/results
mkdir -p "$results"
all_passed=0
all_failed=0

# One program may hang; the whole must not.
limit=600
runner="timeout -k 10 $limit"
# ThreadSanitizer cannot live with every layout of the address space.
case ",${SAN-}," in
*,thread,*) runner="$runner setarch -R" ;;
esac

FRUGAL_BUILD=$build
export FRUGAL_BUILD
UBSAN_OPTIONS=print_stacktrace=1${UBSAN_OPTIONS:+:$UBSAN_OPTIONS}
export UBSAN_OPTIONS
CMOCKA_MESSAGE_OUTPUT=TAP
export CMOCKA_MESSAGE_OUTPUT

say_failed() {
	grep -v -e '^ok ' -e '^[0-9]*\.\.[0-9]*$' "$1" | tail -n 60 | sed 's/^/    /'
}

# Adds what a program said in TAP: run_tap LOG NAME COMMAND...
run_tap() {
	log=$1
	name=$2
	shift 2
	one=${log%.log}.tap
	$runner "$@" </dev/null >"$one" 2>&1
	status=$?
	n_ok=$(grep -c '^ok ' "$one")
	n_not=$(grep -v '# *SKIP' "$one" | grep -c '^not ok ')
	n_seen=$(grep -c -e '^ok ' -e '^not ok ' "$one")
	n_planned=$(sed -n 's/^1\.\.\([0-9]*\)$/\1/p' "$one" | head -n 1)
	if { [ "$status" -ne 0 ] && [ "$n_not" -eq 0 ]; } || [ "$n_seen" -lt "${n_planned:-0}" ]; then
		n_not=$((n_not + 1))
		echo "not ok - $name ended with status $status after $n_seen of ${n_planned:-?} tests" >>"$one"
	fi
	if [ "$n_not" -gt 0 ]; then
		echo "  $name:"
		say_failed "$one"
	fi
	{ echo "# $name"; cat "$one"; } >>"$log"
	rm -f "$one"
	passed=$((passed + n_ok))
	failed=$((failed + n_not))
}

# Adds what a program said in its last line of the form "N passed, N failed".
run_counted() {
	log=$1
	name=$2
	shift 2
	$runner "$@" </dev/null >"$log" 2>&1
	status=$?
	count=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -n 1)
	n_ok=$(echo "${count:-0 passed, 0 failed}" | sed 's/ passed.*//')
	n_not=$(echo "${count:-0 passed, 1 failed}" | sed 's/.*, //; s/ failed//')
	[ "$status" -eq 0 ] || [ "$n_not" -gt 0 ] || n_not=1
	if [ "$n_not" -gt 0 ]; then
		echo "  $name ended with status $status:"
		say_failed "$log"
	fi
	passed=$((passed + n_ok))
	failed=$((failed + n_not))
}

# Reads the counts of the testsuite element that pytest writes: attribute PART NAME.
attribute() {
	sed -n "s/.*<testsuite [^>]*\\b$2=\"\\([0-9]*\\)\".*/\\1/p" "$results/box.$1.xml" 2>/dev/null | head -n 1
}

# Most of the time these tests wait for something to happen, and each has programs and ports of its own: so several at once.
box_parts=3

run_box_part() {
	rm -f "$results/box.$1.xml"
	timeout -k 10 1800 "${PYTHON:-/usr/bin/python3}" -m pytest tests/box --part "$1/$box_parts" -q -p no:cacheprovider \
		--junitxml="$results/box.$1.xml" </dev/null >"$results/box.$1.log" 2>&1
	echo $? >"$results/box.$1.status"
}

run_box() {
	for part in $(seq "$box_parts"); do
		run_box_part "$part" &
	done
	wait
	for part in $(seq "$box_parts"); do
		log=$results/box.$part.log
		status=$(cat "$results/box.$part.status")
		n_not=$(($(attribute "$part" failures || true) + $(attribute "$part" errors || true) + 0))
		n_ok=$(($(attribute "$part" tests || true) + 0 - n_not - $(attribute "$part" skipped || true) - 0))
		[ "$status" -eq 0 ] || [ "$n_not" -gt 0 ] || n_not=1
		if [ "$n_not" -gt 0 ]; then
			echo "  part $part of the box ended with status $status:"
			tail -n 120 "$log" | sed 's/^/    /'
		fi
		passed=$((passed + n_ok))
		failed=$((failed + n_not))
	done
}

# The programs of a layer that belong to a source that still exists.
programs_of() {
	find "tests/$1" -name 'test_*.c' 2>/dev/null | sort | while read -r source; do
		echo "$build/${source#tests/}" | sed 's/\.c$//'
	done
}

run_layer() {
	log=$results/$1.log
	: >"$log"
	case $1 in
	rules) run_tap "$log" rules sh tests/rules/run.sh "$build" ;;
	unit | story | contract)
		for program in $(programs_of "$1"); do
			run_tap "$log" "$program" "$program"
		done
		;;
	sim) run_counted "$log" sim "$build/simulate" ;;
	oracle) run_counted "$log" oracle "$build/oracle" ${SAN:+1 2} ;; # sanitizers take their time
	box) run_box ;;
	esac
}

has_tests() {
	case $1 in
	rules) [ -e tests/rules/run.sh ] ;;
	unit | story | contract) [ -n "$(find "tests/$1" -name 'test_*.c' 2>/dev/null)" ] ;;
	sim | oracle) [ -e "tests/$1/main.c" ] ;;
	box) [ -n "$(find tests/box -name 'test_*.py' 2>/dev/null)" ] ;;
	*) return 1 ;;
	esac
}

for layer in "$@"; do
	if ! has_tests "$layer"; then
		echo "$layer: no tests yet"
		continue
	fi
	passed=0
	failed=0
	began=$(date +%s%N)
	run_layer "$layer"
	spent=$((($(date +%s%N) - began) / 100000000))
	printf '%-9s %4d ok %4d not ok %5d.%d s\n' "$layer" "$passed" "$failed" $((spent / 10)) $((spent % 10))
	all_passed=$((all_passed + passed))
	all_failed=$((all_failed + failed))
done

echo "$all_passed passed, $all_failed failed"
[ "$all_failed" -eq 0 ]
