"""The vendor's client changes its base URL and nothing else."""

import json
import shutil
import subprocess
import urllib.request

from test_crawler import pieces
from wire import Connection, gather, watch
from world import query


def calls_of_the_client(s):
    """Its 29 paths with the parameters in its order, all defaults written out. `s` is a sample of the twin's world."""
    keyword = [("keyword", "cute cats & dogs")]
    page = [("count", 10), ("cursor", 0)]
    return [
        ("userid", [("username", s["username"])]),
        ("userinfo-by-username", [("username", s["username"])]),
        ("userinfo-by-id", [("userid", s["userid"])]),
        ("user-posts", [("userid", s["userid"])] + page),
        ("user-followers", [("userid", s["userid"]), ("count", 50), ("time", 0)]),
        ("user-following", [("userid", s["userid"]), ("count", 50), ("time", 0)]),
        ("search-user", keyword + page),
        ("user-collections", [("userid", s["userid"])] + page),
        ("user-liked", [("userid", s["userid"]), ("count", 2), ("cursor", 0)]),
        ("user-playlists", [("userid", s["userid"])] + page),
        ("user-stories", [("userid", s["userid"])]),
        ("post-detail", [("url", s["post_url"])]),
        ("post-comments", [("url", s["post_url"])] + page),
        ("post-comment-replies", [("video_id", s["post_id"]), ("comment_id", s["comment_id"])] + page),
        ("music-posts", [("music_id", s["music_id"])] + page),
        ("challenge-posts", [("challenge_id", s["challenge_id"])] + page + [("region", "")]),
        ("playlist-posts", [("playlist_id", s["playlist_id"])] + page),
        ("collection-posts", [("collection_id", s["collection_id"])] + page),
        ("search-video", keyword + page + [("publish_time", 0), ("sort_by", 0), ("region", "")]),
        ("music-info", [("music_id", s["music_id"])]),
        ("challenge-info-id", [("id", s["challenge_id"])]),
        ("challenge-info-name", [("name", s["challenge_name"])]),
        ("search-challenge", keyword + page),
        ("playlist-info", [("playlist_id", s["playlist_id"])]),
        ("collection-info", [("collection_id", s["collection_id"])]),
        ("download-video", [("url", s["post_url"])]),
        ("download-music", [("url", s["music_url"])]),
        ("region-list", []),
        ("ads-detail", [("url", s["ads_url"])]),
    ]


# What the client's curl sends.
CLIENT = [("Accept-Encoding", "deflate, gzip, br, zstd"), ("X-Api-Key", "the-key-of-the-client")]


def test_the_29_calls_of_the_official_client_get_the_upstream_bytes_and_are_paid_once(world):
    frugald = world.frugald(blocks="off")  # with blocks, pages are cut: see below
    # each about something else, since what one answer teaches of another question is not asked again
    calls = [calls_of_the_client(world.twin.sample(n + 1))[n] for n in range(29)]
    assert len({path for path, _ in calls}) == 29
    bodies = {}
    for seq, (path, pairs) in enumerate(calls, 1):
        answer = frugald.get(f"/{path}/?{query(pairs)}", *CLIENT)
        asked = world.twin.calls_since(seq - 1)
        assert [c["seq"] for c in asked] == [seq], (path, asked)
        assert (asked[0]["path"], asked[0]["query"]) == (f"/{path}/", query(pairs)) and asked[0]["key_ok"], asked
        assert (answer.status, answer["Content-Type"], answer["X-Credits-Spent"]) == (200, "application/json", "1"), (path, answer)
        assert asked[0]["kind"] == "ok" and answer.body == world.twin.body(seq), path
        bodies[path] = answer.body
    for path, pairs in calls:
        answer = frugald.get(f"/{path}/?{query(pairs)}", *CLIENT)
        assert (answer.status, answer["Content-Type"], answer.body) == (200, "application/json", bodies[path]), (path, answer)
        assert answer.cache.startswith("frugald; hit") and answer["X-Credits-Avoided"] == "1", (path, answer)
    ledger = world.twin.ledger()
    assert (ledger["calls"], ledger["billed"]) == (29, 29), ledger


# Its pages that are cut from larger ones: the largest count, and the key of the rows.
CUT = {"user-posts": (35, "videos"), "search-user": (30, "user_list"), "post-comments": (50, "comments"),
       "post-comment-replies": (50, "comments"), "music-posts": (35, "videos"), "challenge-posts": (35, "videos"),
       "search-video": (35, "videos"), "search-challenge": (30, "challenge_list")}


def test_pages_of_the_official_client_are_cut_from_larger_ones_byte_for_byte(world):
    frugald = world.frugald()
    calls = [calls_of_the_client(world.twin.sample(n + 1))[n] for n in range(29)]
    for seq, (path, pairs) in enumerate(calls, 1):
        answer = frugald.get(f"/{path}/?{query(pairs)}", *CLIENT)
        asked, sent = world.twin.calls_since(seq - 1)[0], world.twin.body(seq)
        assert (answer.status, answer["X-Credits-Spent"]) == (200, "1"), (path, answer)
        if path not in CUT:
            assert asked["query"] == query(pairs) and answer.body == sent, path
            continue
        most, rows = CUT[path]
        assert asked["query"] == query([(n, most if n == "count" else v) for n, v in pairs]), asked
        have, got = pieces(sent.decode(), rows), pieces(answer.body.decode(), rows)
        assert got == have[:10] and ("page-slice" in answer.cache) == (len(have) > 10), path
        page, block = answer.json, json.loads(sent)
        assert list(page) == list(block) and type(page["cursor"]) is type(block["cursor"]), path
        assert type(page["hasMore"]) is type(block["hasMore"]) and page["hasMore"] >= (len(have) > 10), path
        assert {k: v for k, v in page.items() if k not in (rows, "cursor", "hasMore")} == \
            {k: v for k, v in block.items() if k not in (rows, "cursor", "hasMore")}, path
    assert world.twin.calls == 29


def fetch_with_urllib(url):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(urllib.request.Request(url, headers={"X-Api-Key": "mine"}), timeout=30) as answer:
        return answer.read()


def fetch_with(program, *args):
    done = subprocess.run([program, *args], capture_output=True, timeout=60, check=True)
    return done.stdout


def test_curl_urllib_and_node_get_the_same_bytes(world):
    frugald = world.frugald()
    s = world.twin.sample(5)
    url = "http://127.0.0.1:%d/user-posts/?%s" % (frugald.address[1], query([("userid", s["userid"]), ("count", 35), ("cursor", 0)]))
    script = "require('http').get(process.argv[1],{headers:{'X-Api-Key':'mine'}},r=>r.pipe(process.stdout))"
    got = {"urllib": fetch_with_urllib(url), "curl": fetch_with("curl", "-sS", "--noproxy", "*", "--compressed", url)}
    if shutil.which("node"):
        got["node"] = fetch_with("node", "-e", script, url)
    for name, body in got.items():
        watch(name, body)
        assert body == world.twin.body(1), name
    assert json.loads(got["curl"])["videos"] and world.twin.calls == 1


def test_a_kept_connection_serves_one_request_after_the_other(world):
    frugald = world.frugald()
    users = [world.twin.sample(n) for n in range(8)]
    one = Connection(frugald.address)
    for s in users + users:
        answer = gather([one.send(f"/userid/?username={s['username']}")])[0]
        assert (answer.status, answer.json) == (200, {"id": s["userid"]})
    for head in ("HEAD", "GET"):
        assert gather([one.send(f"/userid/?username={users[0]['username']}", method=head)])[0].status == 200
    # Two requests in one packet are answered in their order.
    pair = "".join(f"GET /userid/?username={s['username']} HTTP/1.1\r\nHost: x\r\n\r\n" for s in users[:2]).encode()
    one.send_bytes(pair)
    assert gather([one])[0].json == {"id": users[0]["userid"]}
    while one.raw.count(b"HTTP/1.1 200") < 2 or not one.raw.endswith(b"}"):
        one.take()
    assert users[1]["userid"].encode() in one.raw
    one.close()
    assert world.twin.calls == 8


