#!/bin/sh
# make run: frugald on 127.0.0.1:8787, before the real API if TIKLIVE_API_KEY is set, else before the twin, the API's stand-in.
set -eu

bin=${FRUGAL_BUILD:-build/plain}
dir=$(mktemp -d /tmp/frugald-run.XXXXXX)
twin_pid='' frugald_pid=''

finish() {
	trap - EXIT
	trap '' INT TERM # make hands on what its whole group got already
	if [ -n "$frugald_pid" ]; then
		kill -TERM "$frugald_pid" 2>/dev/null || true
		wait "$frugald_pid" 2>/dev/null || true
	fi
	if [ -n "$twin_pid" ]; then
		kill -TERM "$twin_pid" 2>/dev/null || true
		wait "$twin_pid" 2>/dev/null || true
	fi
	rm -rf "$dir"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Waits until the command succeeds; gives up when the process has ended or after 20 seconds.
wait_for() {
	pid=$1 tries=200
	shift
	until "$@" >/dev/null 2>&1; do
		kill -0 "$pid" 2>/dev/null || { wait "$pid"; exit $?; }
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || { echo "run: not ready after 20 seconds" >&2; exit 1; }
		sleep 0.1
	done
}

if [ -n "${TIKLIVE_API_KEY:-}" ]; then
	printf 'log: { level: info }\n' >"$dir/frugald.yaml"
else
	"$bin/twin" --listen 127.0.0.1:0 --ready-file "$dir/twin" --key demo --seed 1 --delay-ms 750 2>"$dir/twin.log" &
	twin_pid=$!
	wait_for "$twin_pid" test -s "$dir/twin"
	twin=127.0.0.1:$(cat "$dir/twin")
	printf 'state_dir: %s/state\nupstream: { url: "http://%s" }\n' "$dir" "$twin" >"$dir/frugald.yaml"
	TIKLIVE_API_KEY=demo
	export TIKLIVE_API_KEY
fi

"$bin/frugald" -c "$dir/frugald.yaml" &
frugald_pid=$!
unset TIKLIVE_API_KEY
wait_for "$frugald_pid" curl -fs http://127.0.0.1:8788/ready

if [ -n "$twin_pid" ]; then
	cat <<EOT

  frugald serves on http://127.0.0.1:8787, its figures are on http://127.0.0.1:8788/

  No TIKLIVE_API_KEY is set, so the upstream is THE TWIN, a stand-in for the API on http://$twin/_twin/ with
  invented data, 750 ms per call. Nothing leaves this machine. Try, in another terminal:

    curl -i 'http://127.0.0.1:8787/userid/?username=creator_000042'
        the first time a miss: 750 ms, X-Credits-Spent: 1
    curl -i 'http://127.0.0.1:8787/userid/?username=@Creator_000042'
        another spelling of the same question: a hit, X-Credits-Avoided: 1
    curl 'http://127.0.0.1:8788/report'
        what was asked, what it cost, what was avoided

  With your key:  TIKLIVE_API_KEY=... make run          Stop with Ctrl-C.

EOT
else
	cat <<EOT

  frugald serves on http://127.0.0.1:8787 before https://api.tikliveapi.com, with your key. Every miss costs a credit.
  Point your client's base URL at http://127.0.0.1:8787; figures: curl http://127.0.0.1:8788/report
  Stop with Ctrl-C.

EOT
fi
wait "$frugald_pid"
