"""`compress`: bodies in gzip for who takes them, the same to the byte for everybody."""

import gzip

from wire import until

GZIP = ("Accept-Encoding", "gzip, deflate")


def posts(world, count=35):
    return f"/user-posts/?userid={world.twin.sample(1)['userid']}&count={count}"


def test_who_takes_gzip_gets_it_and_reads_what_the_others_read(world):
    one = world.frugald(compress="1K")
    for target in (posts(world), posts(world, 10), posts(world, 3)):
        for _ in range(5):  # by a flight, then from memory, then by a prepared head
            packed, plain = one.get(target, GZIP), one.get(target)
            assert (packed["Content-Encoding"], plain["Content-Encoding"]) == ("gzip", None)
            assert packed["Vary"] == plain["Vary"] == "Accept-Encoding"
            assert gzip.decompress(packed.body) == plain.body and len(packed.body) < len(plain.body) / 2
            assert packed["Content-Length"] == str(len(packed.body)) and plain["Content-Length"] == str(len(plain.body))
            assert packed["ETag"] != plain["ETag"]
    assert world.twin.calls == 1
    assert one.get(posts(world)).body == world.twin.body(1)


def test_etags_name_the_bytes_that_are_sent(world):
    one = world.frugald(compress="1K")
    packed, plain = one.get(posts(world), GZIP), one.get(posts(world))
    for fields, answer, other in ((GZIP,), packed, plain), ((), plain, packed):
        again = one.get(posts(world), *fields, ("If-None-Match", answer["ETag"]))
        assert (again.status, again.body, again["ETag"], again["Vary"]) == (304, b"", answer["ETag"], "Accept-Encoding")
        assert one.get(posts(world), *fields, ("If-None-Match", other["ETag"])).status == 200
        head = one.get(posts(world), *fields, method="HEAD")
        assert (head.body, head["Content-Length"], head["ETag"]) == (b"", str(len(answer.body)), answer["ETag"])


def test_refusals_and_small_answers_are_as_they_were(world):
    one = world.frugald(compress="1K")
    small = f"/userid/?username={world.twin.sample(1)['username']}"
    for answer in (one.get("/userid/", GZIP), one.get(small, GZIP), one.get(small, ("Accept-Encoding", "gzip;q=0"))):
        assert answer["Content-Encoding"] is None and answer["Vary"] is None
    assert one.get(posts(world), ("Accept-Encoding", "gzip;q=0"))["Content-Encoding"] is None


def test_redis_has_the_packed_body_only_and_every_instance_reads_it(world):
    one, two = world.fleet(2, compress="1K")
    plain = one.get(posts(world)).body

    def longest():
        return max([world.redis.command("STRLEN", k) for k in world.redis.keys("*:a")], default=0)

    until(lambda: longest() > len(plain) / 10, "the answer is in Redis")
    assert longest() < len(plain) / 2
    assert two.get(posts(world)).body == plain
    assert gzip.decompress(two.get(posts(world), GZIP).body) == plain
    two.reload(compress=0)
    assert gzip.decompress(two.get(posts(world), GZIP).body) == plain
    assert world.twin.calls == 1
