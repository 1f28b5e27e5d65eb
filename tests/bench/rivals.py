"""The servers that are compared: how each is configured and started, in a folder of its own, on loopback, by us alone.

A server is a function (folder, port, origin's port, cores) that writes what it needs and returns its command. `cores` are those that it may use: with one
of them it is told so, with several it has its own defaults. Settings are those that are fastest for small objects in memory.
"""

import os
import re
import shutil
from pathlib import Path

HERE = Path(__file__).resolve().parent
CACHE_MB = 256


def frugald(build, folder, port, origin, catalogue, redis=None):
    (folder / "key").touch(mode=0o600)
    (folder / "key").write_text("secret\n")
    (folder / "frugald.yaml").write_text(
        f"listen: 127.0.0.1:{port}\nadmin: {{ listen: 'unix:{folder}/admin' }}\nstate_dir: {folder}/state\n"
        f"upstream: {{ url: 'http://127.0.0.1:{origin}', key_file: {folder}/key, rate: none }}\ncatalogue: {catalogue}\n"
        + (f"front: {{ shared: on }}\nredis: {{ url: 'unix://{redis}' }}\n" if redis else "")
    )
    return as_the_unit_does([build / "frugald", "-c", folder / "frugald.yaml"])


def as_the_unit_does(command):
    """The command in the environment that the installed unit gives it."""
    unit = (HERE.parent.parent / "config/frugald.service").read_text()
    return ["env", *re.findall(r"^Environment=(.*)$", unit, re.M), *command]


def raw(build, folder, port, origin, cores):
    return [build / "bench/raw_server", port]


def mhd(build, folder, port, origin, cores):
    return [build / "bench/mhd_server", port]


def mhd_roomy(build, folder, port, origin, cores):
    """With as much memory for a connection as frugald has, which takes targets of 8 KiB."""
    return [build / "bench/mhd_server", port, 16384]


def nginx(build, folder, port, origin, cores):
    (folder / "nginx.conf").write_text(f"""
{"user root;" if os.geteuid() == 0 else ""}
worker_processes {len(cores)};
daemon off;
pid {folder}/pid;
error_log stderr crit;
events {{ worker_connections 4096; multi_accept on; use epoll; }}
http {{
	access_log off;
	sendfile off;
	tcp_nodelay on;
	keepalive_requests 1000000000;
	keepalive_timeout 600s;
	open_file_cache max=10000 inactive=600s;
	open_file_cache_valid 600s;
	output_buffers 2 64k;
	proxy_temp_path {folder}/proxy_temp;
	client_body_temp_path {folder}/body_temp;
	fastcgi_temp_path {folder}/fastcgi_temp;
	uwsgi_temp_path {folder}/uwsgi_temp;
	scgi_temp_path {folder}/scgi_temp;
	proxy_cache_path {folder}/cache levels=1:2 keys_zone=c:16m max_size={CACHE_MB}m inactive=1h use_temp_path=off;
	upstream origin {{ server 127.0.0.1:{origin}; keepalive 16; }}
	server {{
		listen 127.0.0.1:{port} backlog=4096{' reuseport' if len(cores) > 1 else ''};
		location / {{
			proxy_pass http://origin;
			proxy_http_version 1.1;
			proxy_set_header Connection "";
			proxy_cache c;
			proxy_cache_lock on;
			proxy_cache_valid 200 1h;
		}}
	}}
}}
""")
    return ["nginx", "-p", folder, "-c", folder / "nginx.conf"]


def haproxy(build, folder, port, origin, cores):
    (folder / "haproxy.cfg").write_text(f"""
global
	{'nbthread 1' if len(cores) == 1 else ''}
	maxconn 4096
defaults
	mode http
	timeout connect 10s
	timeout client 600s
	timeout server 600s
cache c
	total-max-size {CACHE_MB}
	max-object-size 200000
	max-age 3600
frontend f
	bind 127.0.0.1:{port}
	default_backend b
backend b
	http-request cache-use c
	http-response cache-store c
	server o 127.0.0.1:{origin}
""")
    return ["haproxy", "-db", "-q", "-f", folder / "haproxy.cfg"]


def varnish(build, folder, port, origin, cores):
    (folder / "v.vcl").write_text(f"""
vcl 4.1;
backend o {{ .host = "127.0.0.1"; .port = "{origin}"; }}
sub vcl_backend_response {{ set beresp.ttl = 1h; }}
""")
    pools = ["-p", "thread_pools=1"] if len(cores) == 1 else []
    return ["varnishd", "-F", "-n", folder / "n", "-f", folder / "v.vcl", "-a", f"127.0.0.1:{port}", "-s", f"malloc,{CACHE_MB}m", "-j", "none",
            "-T", "none", "-p", "timeout_idle=600", *pools]


def trafficserver(build, folder, port, origin, cores):
    shutil.copytree("/etc/trafficserver", folder / "etc")
    for name in ("run", "log", "cache", "var"):
        (folder / name).mkdir()
    (folder / "runroot.yaml").write_text(
        "prefix: /usr\nexec_prefix: /usr\nbindir: /usr/bin\nsbindir: /usr/sbin\nincludedir: /usr/include\n"
        f"sysconfdir: {folder}/etc\ndatadir: {folder}/cache\nlibdir: /usr/lib/trafficserver\nlibexecdir: /usr/lib/trafficserver/modules\n"
        f"localstatedir: {folder}/var\nruntimedir: {folder}/run\nlogdir: {folder}/log\ncachedir: {folder}/cache\n"
    )
    (folder / "etc/storage.config").write_text(f"{folder}/cache {CACHE_MB}M\n")
    (folder / "etc/remap.config").write_text(f"map / http://127.0.0.1:{origin}/\n")
    one = "CONFIG proxy.config.exec_thread.autoconfig INT 0\nCONFIG proxy.config.exec_thread.limit INT 1\n"
    threads = one + "CONFIG proxy.config.exec_thread.affinity INT 0\n" if len(cores) == 1 else ""
    with open(folder / "etc/records.config", "a") as records:
        records.write(f"""
{threads}CONFIG proxy.config.http.server_ports STRING {port}:ip-in=127.0.0.1
CONFIG proxy.config.admin.user_id STRING #-1
CONFIG proxy.config.cache.ram_cache.size INT {CACHE_MB}M
CONFIG proxy.config.http.cache.required_headers INT 0
CONFIG proxy.config.http.insert_response_via_str INT 0
CONFIG proxy.config.log.logging_enabled INT 0
CONFIG proxy.config.http.keep_alive_no_activity_timeout_in INT 600
CONFIG proxy.config.diags.debug.enabled INT 0
""")
    return ["traffic_server", f"--run-root={folder}/runroot.yaml"]


CEILINGS = {"raw epoll": raw, "libmicrohttpd": mhd, "libmicrohttpd, 16 KiB": mhd_roomy}
RIVALS = {"nginx": nginx, "HAProxy": haproxy, "Varnish": varnish, "Traffic Server": trafficserver}
PACKAGES = {"nginx": "nginx", "HAProxy": "haproxy", "Varnish": "varnish", "Traffic Server": "trafficserver", "libmicrohttpd": "libmicrohttpd12"}
