#!/bin/sh
# deps.sh build|test|lint|bench — installs the Debian packages that are missing; says and does nothing if all are there.
#
# Needs root or sudo only when something is missing. Services that come with the packages are not started: the daemon and
# the tests start their own, and a machine of a developer should be left as it was.
set -eu

build='gcc libc6-dev make pkg-config libmicrohttpd-dev libcurl4-openssl-dev libhiredis-dev libjansson-dev libyaml-dev
	libuv1-dev libssl-dev libdeflate-dev redis-server tzdata ca-certificates curl'
tests='libcmocka-dev python3 python3-pytest prometheus systemd clang man-db'
lint='clang-tidy clang-format cppcheck'
bench='nginx varnish haproxy trafficserver valgrind'
services='redis-server prometheus nginx haproxy trafficserver varnish varnishncsa' # the last comes with varnish

case "${1-}" in
build) wanted=$build ;;
test) wanted="$build $tests" ;;
lint) wanted="$build $tests $lint" ;;
bench) wanted="$build python3 $bench" ;;
*)
	echo "usage: $0 build|test|lint|bench" >&2
	exit 2
	;;
esac

# Elsewhere than on Debian and its children the libraries are the reader's own affair; the compiler will say what it misses.
if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
	exit 0
fi

missing_of() {
	# shellcheck disable=SC2086 # names are words
	there=$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' $1 2>/dev/null | sed -n 's/ installed$//p')
	for package in $1; do
		printf '%s\n' "$there" | grep -qxF "$package" || printf ' %s' "$package"
	done
}

missing=$(missing_of "$wanted")
[ -n "$missing" ] || exit 0
echo "installing:$missing"

sudo=
if [ "$(id -u)" != 0 ]; then
	sudo=sudo
	if ! command -v sudo >/dev/null; then
		echo "these packages are missing, and there is no sudo to install them:$missing" >&2
		exit 1
	fi
fi

# invoke-rc.d and deb-systemd-invoke ask this file whether they may start a service.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
	trap '$sudo rm -f "$policy"' EXIT
	trap 'exit 1' HUP INT TERM
	printf '#!/bin/sh\nexit 101\n' | $sudo tee "$policy" >/dev/null
	$sudo chmod 755 "$policy"
fi

install() {
	# shellcheck disable=SC2086
	$sudo env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -q --no-install-recommends \
		-o DPkg::Lock::Timeout=120 $missing
}

# The lists of a fresh machine are empty or old: then once more with new ones.
if ! install; then
	$sudo apt-get update -q
	install
fi

for service in $services; do
	case " $missing " in
	*" ${service%ncsa} "*) $sudo systemctl disable "$service" >/dev/null 2>&1 || true ;;
	esac
done

missing=$(missing_of "$wanted")
if [ -n "$missing" ]; then
	echo "still missing:$missing" >&2
	exit 1
fi
