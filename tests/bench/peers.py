"""peers.py: nginx and Varnish with frugald's times, as their manuals would have it (plain) and made by hand for this API (tuned).

Plain: times by path, parameters in one order, one fetch at a time for a key, what is stale served while it is fetched anew. A post's age
is not known, so its times are the shortest.

Tuned folds what each one's own language can fold: the order of parameters, defaults, '@' and '#', blanks, the slash, all forms of a post's
link that hold its number. Varnish also folds the case of names, which nginx cannot, and works a post's age out of its number; nginx
has the day's threshold as a pattern. Answers that are too small to be data are kept for ten minutes, as frugald does with a not-found.

Neither can see in a body when its links end, so where links matter both stop five minutes before six hours. Both count from when an answer
came, not from when it was asked for, so their times are half a minute shorter: else they hand out what is older than agreed.
"""

import getpass

from spelling import COUNT_DEFAULTS

DEFAULTS = ("count", "cursor", "time", "publish_time", "sort_by", "region")
OBJECTS = ("/post-detail/", "/userinfo-by-username/", "/userinfo-by-id/", "/music-info/", "/challenge-info-id/", "/challenge-info-name/",
           "/playlist-info/", "/collection-info/", "/ads-detail/")
PARAMS = ("username", "userid", "url", "keyword", "name", "id", "music_id", "challenge_id", "playlist_id", "collection_id", "video_id",
          "comment_id") + DEFAULTS
GUARD_S = 30
# The parameter whose number tells how old that is what an answer is about.
DATED = {"/post-detail/": "url", "/post-comments/": "url", "/post-comment-replies/": "comment_id"}


def below(n):
    """A pattern for the numbers of as many digits that are below n."""
    digits = str(n)
    parts = [digits[:i] + (f"[0-{int(d) - 1}]" if d > "1" else "0") + f"[0-9]{{{len(digits) - i - 1}}}" for i, d in enumerate(digits) if d > "0"]
    return "(?:" + "|".join(parts) + ")"


NGINX = """daemon off;
master_process off;
user {user};
pid {dir}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  client_body_temp_path {dir}/body; proxy_temp_path {dir}/temp; fastcgi_temp_path {dir}/f; uwsgi_temp_path {dir}/u; scgi_temp_path {dir}/s;
  keepalive_requests 10000000; keepalive_timeout 86400s; keepalive_time 999999s; client_header_timeout 86400s; send_timeout 86400s;
  client_header_buffer_size 4k;
  # The cache. What is stale is served while it is fetched anew, for as long as the second server's header allows.
  proxy_cache_path {dir}/cache levels=1:2 keys_zone=api:128m max_size=4g inactive=30d use_temp_path=off;
  proxy_cache_lock on; proxy_cache_lock_timeout 86400s; proxy_cache_lock_age 86400s;
  proxy_cache_background_update on; proxy_cache_use_stale error timeout http_500 http_502 http_503 http_504 http_429;
  proxy_http_version 1.1; proxy_set_header Connection ""; proxy_ignore_client_abort on;
  proxy_connect_timeout 3600s; proxy_read_timeout 86400s; proxy_send_timeout 86400s; proxy_buffers 64 8k;
  upstream twin {{ server {twin}; keepalive 64; keepalive_requests 10000000; keepalive_timeout 86400s; keepalive_time 999999s; }}
  upstream terms {{ server unix:{dir}/terms.sock; keepalive 64; keepalive_requests 10000000; keepalive_timeout 86400s; keepalive_time 999999s; }}
  map $arg_username $a_username {{ "~*^(?:@|%40)?(?<u>.*)$" $u; }}
  map $arg_name $a_name {{ "~*^(?:#|%23)?(?<t>.*)$" $t; }}
  map $arg_keyword $a_keyword {{ "~^(?<w1>.*?)(?:\\+|%20)(?<w2>.*?)(?:\\+|%20)(?<w3>.*)$" "$w1 $w2 $w3"; "~^(?<w4>.*?)(?:\\+|%20)(?<w5>.*)$" "$w4 $w5";
    default $arg_keyword; }}
  map $arg_url $a_url {{ "~(?:^|[^0-9])(?<number>[0-9]{{15,20}})(?:[^0-9]|$)" $number; default $arg_url; }}
{maps}
  map $upstream_http_content_length $object_terms {{ "~^[0-9][0-9]$" "max-age=600"; default $terms; }}
  server {{
    listen unix:{dir}/front.sock;
    proxy_cache api;
    proxy_cache_key $key;
{front}
    location / {{ proxy_cache off; proxy_pass http://terms; }}
  }}
  # Says how long each answer may be used.
  server {{
    listen unix:{dir}/terms.sock;
    proxy_cache off;
{back}
    location / {{ proxy_pass http://twin; }}
  }}
}}
"""


def guarded(window):
    fresh, stale = window
    return (fresh, stale - GUARD_S) if stale > GUARD_S else (fresh - GUARD_S, stale)


def cache_control(window):
    return "max-age=%d, stale-while-revalidate=%d" % guarded(window)


def nginx_maps():
    rows = [f'  map $arg_count $a_count_{n} {{ "" {n}; default $arg_count; }}' for n in ("2", "10", "50")]
    rows += [f'  map $arg_{p} $a_{p} {{ "" 0; default $arg_{p}; }}' for p in ("cursor", "time", "publish_time", "sort_by")]
    return rows


def nginx_terms(t, start_s, tuned):
    """What a location says about its times, and the map that this needs, if any."""
    name = "$terms_" + t.path.strip("/").replace("-", "_")
    if t.by_age and tuned:
        # Whoever was old enough when the day began will be so all day.
        steps = [f'"~^{below((start_s - int(limit)) << 32)}$" "{cache_control(t.window(post_age=limit))}";' for limit, _ in t.by_age[-2::-1]]
        source = "$a_url" if DATED[t.path] == "url" else "$arg_" + DATED[t.path]
        return name, [f'  map {source} {name} {{ {" ".join(steps)} default "{cache_control(t.window(post_age=0))}"; }}']
    if t.by_age:
        return f'"{cache_control(t.window(post_age=0))}"', []
    said = f'"{cache_control(t.window())}"'
    if t.fresh_deep:
        return name, [f'  map $a_cursor {name} {{ 0 {said}; default "{cache_control(t.window(deep=True))}"; }}']
    return said, []


def nginx_key(path, tuned):
    def value(name):
        if not tuned:
            return f"{name}=$arg_{name}"
        if name == "count":
            return f"count=$a_count_{COUNT_DEFAULTS.get(path, '10')}"
        return f"{name}=$arg_{name}" if name == "region" or name.endswith("id") else f"{name}=$a_{name}"
    return path + "?" + "&".join(value(p) for p in PARAMS)


def nginx_location(path, *lines):
    return f"    location ~ ^{path}?$ {{ {' '.join(lines)} }}"


def nginx(folder, twin, terms, start_s, tuned):
    """The text of nginx.conf."""
    maps, back = nginx_maps(), []
    for t in terms.values():
        said, more = nginx_terms(t, start_s, tuned)
        maps += more
        header = "$object_terms" if tuned and t.path in OBJECTS else "$terms"
        back.append(nginx_location(t.path, f"set $terms {said};", f"add_header Cache-Control {header};", "proxy_pass http://twin;"))
    front = [nginx_location(p, f'set $key "{nginx_key(p, tuned)}";', "proxy_pass http://terms;") for p in terms]
    return NGINX.format(user=getpass.getuser(), dir=folder, twin=twin, maps="\n".join(maps), front="\n".join(front), back="\n".join(back))


VCL_FOLDING = """  # The slash, blanks, marks in front of names.
  set req.http.X-Key = regsub(req.http.X-Key, "^(/[^?]*[^?/])([?]|$)", "\\1/\\2");
  set req.http.X-Key = regsuball(req.http.X-Key, "%20", "+");
  set req.http.X-Key = regsub(req.http.X-Key, "([?&]username=)(@|%40)", "\\1");
  set req.http.X-Key = regsub(req.http.X-Key, "([?&]name=)(#|%23)", "\\1");
  if (req.http.X-Key ~ "[?&](username|name)=") { set req.http.X-Key = std.tolower(req.http.X-Key); }
  # Links to posts, sounds and ads are as good as their numbers.
  set req.http.X-Key = regsub(req.http.X-Key, "([?&]url=)[^&]*?(?<![0-9])([0-9]{15,20})(?![0-9])[^&]*", "\\1\\2");
  # What means the same as its absence.
  set req.http.X-Key = regsuball(req.http.X-Key, "(?<=[?&])(cursor=0|time=0|publish_time=0|sort_by=0|region=)(&|$)", "");
@COUNTS@
  set req.http.X-Key = regsub(req.http.X-Key, "[?&]+$", "");
"""
VCL_POST_AGE = """sub post_age {
  # The first twelve digits of a post's or comment's number tell its second: the number is 2^32 times that.
  if (bereq.http.X-Key ~ "[?&](url|comment_id)=[0-9]{19}(&|$)") {
    set bereq.http.X-Age = std.time2real(now, 0.0)
      - std.real(regsub(bereq.http.X-Key, "^.*[?&](url|comment_id)=([0-9]{12}).*$", "\\2"), 0.0) * 100000.0 / 42949672.960;
  } else { set bereq.http.X-Age = "0"; }
}
"""
VCL = """vcl 4.1;
import std;
backend default {{
  .host = "{host}"; .port = "{port}";
  .connect_timeout = 3600s; .first_byte_timeout = 86400s; .between_bytes_timeout = 86400s;
}}
sub vcl_recv {{
  if (req.method != "GET" && req.method != "HEAD") {{ return (pass); }}
  set req.http.X-Key = std.querysort(req.url);
{folding}  return (hash);
}}
sub vcl_hash {{ hash_data(req.http.X-Key); return (lookup); }}
{post_age}sub vcl_backend_response {{
  if (beresp.status != 200) {{ set beresp.uncacheable = true; set beresp.ttl = 0s; return (deliver); }}
  set beresp.keep = 0s;
{terms}
  return (deliver);
}}
"""


def vcl_terms(window):
    return "set beresp.ttl = %ds; set beresp.grace = %ds;" % guarded(window)


def vcl_row(t, tuned):
    if t.by_age and tuned:
        steps = [f'if (std.real(bereq.http.X-Age, 0.0) < {limit:.1f}) {{ {vcl_terms(t.window(post_age=limit - 1))} }}'
                 for limit, _ in t.by_age[:-1]]
        body = "call post_age; " + " else ".join(steps) + f" else {{ {vcl_terms(t.window(post_age=float('1e12')))} }}"
    elif t.by_age:
        body = vcl_terms(t.window(post_age=0))
    elif t.fresh_deep:
        deep = "[?&]cursor=[1-9]"
        body = f'if (bereq.http.X-Key ~ "{deep}") {{ {vcl_terms(t.window(deep=True))} }} else {{ {vcl_terms(t.window())} }}'
    else:
        body = vcl_terms(t.window())
    if t.path in OBJECTS and tuned:
        body += ' if (beresp.http.Content-Length ~ "^[0-9][0-9]$") { set beresp.ttl = 600s; set beresp.grace = 0s; }'
    return f'if (bereq.http.X-Key ~ "^{t.path}?([?]|$)") {{ {body} }}'


def vcl_folding():
    counts = [f'  if (req.http.X-Key ~ "^{path}") {{ set req.http.X-Key = regsub(req.http.X-Key, "(?<=[?&])count={n}(&|$)", ""); }}'
              for path, n in COUNT_DEFAULTS.items()]
    counts.append('  { set req.http.X-Key = regsub(req.http.X-Key, "(?<=[?&])count=10(&|$)", ""); }')
    return VCL_FOLDING.replace("@COUNTS@", "\n  else".join(counts))


def vcl(host, port, terms, tuned):
    """The text of default.vcl."""
    rows = "  " + "\n  else ".join(vcl_row(t, tuned) for t in terms.values())
    rows += "\n  else { set beresp.uncacheable = true; set beresp.ttl = 0s; }"
    post_age = VCL_POST_AGE if tuned else ""
    return VCL.format(host=host, port=port, folding=vcl_folding() if tuned else "", post_age=post_age, terms=rows)
