"""Bad input gets a clear answer: the whole is refused, with file, line, and what
would be right."""

import re

import pytest

import lab

GOOD = lab.config()


def changed(old, new):
    assert old in GOOD
    return GOOD.replace(old, new, 1)


SECOND = """tunnel ipsec second manual
 asp-group grp
 peer-end-point local 192.0.2.1 remote 192.0.2.9 context local
 ipsec-sa out out
 ipsec-sa in in
 no shutdown
end
"""

BAD = {
    "an unknown word": (changed(" no shutdown\n bind interface lan",
                                " no shutdwon\n bind interface lan"), "shutdwon"),
    "a key of the wrong length": (changed(lab.CBC_KEY.hex(), "0011"), "16"),
    "an SPI below 256": (changed("esp spi 4097", "esp spi 255"), "256"),
    "a tunnel naming an SA that does not exist":
        (changed("ipsec-sa out out", "ipsec-sa out nosuch"), "nosuch"),
    "ESP null with no authentication":
        (re.sub(r"encryption aes.*", "encryption null", GOOD, count=1), "authentication"),
    "a port on a card that is not configured":
        (changed("card ge-10-port 2", "card ge-10-port 4"), "2/1"),
    "an SA used by two tunnels": (GOOD.replace("end\n", SECOND), "second"),
}


@pytest.mark.parametrize("what", sorted(BAD))
def test_a_bad_configuration_is_refused_with_its_line(router, what):
    text, word = BAD[what]
    capture = router.capture("in.pcap", lab.packets(1))
    _, done = router.replay(text, "--in", f"1/1={capture}", "--out", "2/1=out.pcap",
                            ok=False)
    assert done.returncode == 2, done.stderr
    assert re.search(r"conf0:\d+:(\d+:)? .", done.stderr), done.stderr
    assert word in done.stderr and ";" in done.stderr, done.stderr
    assert not (router.path / "out.pcap").exists()


def test_two_tunnels_with_one_inbound_spi_and_destination_are_refused(router):
    line = lab.ALGORITHMS["gcm"][0]
    text = GOOD.replace(
        " security asp-group", f" ipsec sa in2\n  esp spi 0x2001 {line}\n"
        f" ipsec sa out2\n  esp spi 0x3001 {line}\n security asp-group", 1)
    text = text.replace("end\n", SECOND.replace("out out", "out out2")
                        .replace("in in", "in in2"))
    _, done = router.replay(text, "--in",
                            f"1/1={router.capture('in.pcap', lab.packets(1))}", ok=False)
    assert done.returncode == 2 and "SPI" in done.stderr, done.stderr


def replay_bytes(router, octets, *args):
    path = router.path / "in.pcap"
    path.write_bytes(octets)
    return router.replay(GOOD, "--in", f"1/1={path}", "--out", "2/1=out.pcap", *args,
                         ok=False)


def test_a_truncated_capture_gives_what_is_before_the_damage(router):
    octets = router.capture("w.pcap", lab.packets(10)).read_bytes()
    result, done = replay_bytes(router, octets[:-7])
    assert done.returncode == 1 and "in.pcap" in done.stderr, done.stderr
    assert lab.balanced(result) and result["transmitted"] == 9
    assert len(lab.read(router.path / "out.pcap")) == 9


@pytest.mark.parametrize("octets,word", [
    (b"", "empty"), (b"this is no capture at all, but a text\n" * 3, "not a capture")])
def test_what_is_no_capture_is_said_by_name(router, octets, word):
    _, done = replay_bytes(router, octets)
    assert done.returncode == 1, done.stderr
    assert word in done.stderr and "in.pcap" in done.stderr


def test_an_unknown_link_type_is_said_by_number(router):
    octets = bytearray(router.capture("w.pcap", lab.packets(1)).read_bytes())
    octets[20] = 147  # reserved for private use
    _, done = replay_bytes(router, bytes(octets))
    assert done.returncode == 1 and "147" in done.stderr, done.stderr


def test_wrong_usage_is_2_and_a_missing_file_3(router):
    conf = router.file("c.conf", GOOD)
    capture = router.capture("in.pcap", lab.packets(1))
    for args, code in (
            (["replay"], 2),
            (["replay", "--config", conf, "--in", f"9/9={capture}"], 2),
            (["replay", "--config", conf, "--in", "1/1=nosuch.pcap"], 3),
            (["replay", "--config", "nosuch.conf", "--in", f"1/1={capture}"], 2),
            (["replay", "--config", conf, "--in", f"1/1={capture}",
              "--out", f"2/1={capture}"], 2),
            (["replay", "--config", conf, "--in", f"1/1={capture}",
              "--out", "2/1=x.pcap", "--out", "1/1=x.pcap"], 2),
            (["replay", "--config", conf, "--in", f"1/1={capture}",
              "--out", "2/1=/nosuch/dir/x.pcap"], 3),
            (["replay", "--config", conf, "--in", f"1/1={capture}",
              "--capture", "7/ippa:zz=x.pcap"], 2)):
        done = router.sesim(*args)
        assert done.returncode == code, (args, done.returncode, done.stderr)
        assert done.stderr.strip() and done.stdout == ""


def test_a_full_disk_is_3_with_the_cause(router):
    done = router.replay(GOOD, "--in",
                         f"1/1={router.capture('in.pcap', lab.packets(50))}",
                         "--out", "2/1=/dev/full", ok=False)[1]
    assert done.returncode == 3 and "No space left" in done.stderr, done.stderr
