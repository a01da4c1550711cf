"""What the router says of algorithms: the list, warnings, and the strict mode."""

import os
import re
import shutil
import subprocess

import pytest

import lab
import matrix

CBC = f"encryption aes-128-cbc key hex {lab.CBC_KEY.hex()}"


def encryption_alone(conf):
    line = lab.ALGORITHMS["cbc-sha1"][0]
    assert line in conf
    return conf.replace(line, CBC)


def test_the_list_tells_every_algorithm_and_every_name_is_taken(router):
    router.up(lab.config())
    rows = router.show("ipsec algorithms")["algorithms"]
    by_name = {r["name"]: r for r in rows}
    assert len(by_name) == len(rows)
    assert by_name["des-cbc"]["verdict"] == "broken"  # RFC 8221 section 5
    assert by_name["aes-256-gcm"]["rfc"] == 4106
    assert by_name["aes-192-ccm"]["engines"] == ["openssl"]
    assert by_name["sm4-cbc"]["rfc"] is None
    text = router.cli("show ipsec algorithms")
    for row in rows:
        assert re.search(rf"^{re.escape(row['name'])} .* {row['verdict']}$", text,
                         re.M), row
    for i, row in enumerate(r for r in rows if r["name"] != "none"):
        key = "00" * (row["key_octets"] + row["salt_octets"])
        keyed = f"{row['name']} key hex {key}" if key else row["name"]
        line = f"encryption {keyed}"
        if row["kind"] == "authentication":
            line = f"{CBC} authentication {keyed}"
        elif row["kind"] == "encryption":
            line += f" authentication hmac-sha1-96 key hex {lab.SHA1_KEY.hex()}"
        router.cli("configure", "context local", f"ipsec sa try{i}",
                   f"esp spi {5000 + i} {line}", "end")


def test_encryption_alone_is_warned_of_by_the_loader_and_goes_on(router):
    frames = lab.packets(5, seed=70)
    result, done = router.replay(encryption_alone(lab.config()), "--in",
                                 f"1/1={router.capture('in.pcap', frames)}")
    assert result["transmitted"] == 5
    warnings = [x for x in done.stderr.splitlines() if x.startswith("warning: ")]
    assert len(warnings) == 2
    assert re.match(r"warning: .*conf\d+:\d+:\d+: ipsec sa out: encryption alone",
                    warnings[0])


def test_encryption_alone_is_warned_of_at_commit_and_shown(router):
    router.up(lab.config())
    assert "Warning" not in router.cli("configure", "system location here", "commit")
    said = router.cli("configure", "context local", "ipsec sa out",
                      f"esp spi 4097 {CBC}", "commit")
    assert "% Warning: ipsec sa out: encryption alone" in said
    assert "Transaction committed." in said
    # Not again for what was said before.
    assert "Warning" not in router.cli("configure", "system location there", "commit")
    sas = {s["name"]: s for s in router.show("ipsec sa")["sas"]}
    assert "encryption alone" in sas["out"]["warning"] and sas["in"]["warning"] == ""


def test_the_strict_release_refuses_what_the_smartedge_had_not(router):
    router.up(lab.config())
    router.cli("configure", "security release-compliance seos", "end")
    done = router.sesim(
        "cli", "r", "-c", "configure", "-c", "context local", "-c", "ipsec sa out",
        "-c", f"esp spi 4097 encryption aes-128-gcm key hex {lab.GCM_KEY.hex()}",
        "-c", "commit")
    assert done.returncode != 0
    assert "ipsec sa out: the SmartEdge release has no aes-128-gcm" in \
        done.stdout + done.stderr
    _, done = router.replay("security release-compliance seos\n"
                            + lab.config(algorithm="gcm"), "--in", "1/1=in.pcap",
                            ok=False)
    assert done.returncode == 2 and "has no aes-128-gcm" in done.stderr


@pytest.mark.skipif(shutil.which("tshark") is None, reason="no tshark")
def test_tshark_opens_with_the_exported_keys_what_it_knows(router):
    """tshark 4.0 has no CCM, GMAC, ChaCha20 nor SM4 for ESP, no ICV of 160 or 224
    bits, and lets some ICVs pass unchecked."""
    tunnels = matrix.tunnels_of(1, 4, 4)
    udp = bytes.fromhex("1234567800100000") + b"abcdefgh"
    source = matrix.write(router.path / "in.pcap", [
        matrix.packet(4, "10.1.0.5", t.host(), 17, udp, 64) for t in tunnels])
    router.replay(matrix.config(tunnels, "economical"), "--in", f"1/1={source}",
                  "--out", "2/1=out.pcap", "--keys-dir", "keys")
    out = subprocess.run(
        ["tshark", "-r", router.path / "out.pcap", "-o",
         "esp.enable_encryption_decode:TRUE", "-o",
         "esp.enable_authentication_check:TRUE", "-T", "fields", "-e", "esp.spi", "-e",
         "ip.dst", "-e", "esp.icv_good"], capture_output=True, text=True, check=True,
        env=dict(os.environ, WIRESHARK_CONFIG_DIR=str(router.path / "keys"))).stdout
    seen = {int(spi, 16): (dst, good) for spi, dst, good in
            (line.split("\t") for line in out.splitlines())}
    assert len(seen) == len(tunnels)
    keys = (router.path / "keys" / "esp_sa").read_text()
    for t in tunnels:
        dst, good = seen[t.spi_out]
        closed = (re.search("ccm|gmac|chacha|sm4", t.enc)
                  or t.auth in ("hmac-sm3-160", "hmac-sm3-224"))
        assert dst == ("192.0.2.2" if closed else f"192.0.2.2,{t.host()}"), \
            (t.enc, t.auth)
        # Neither one there is none to check, nor one it only cuts off.
        if not closed and t.auth != "none" and not re.search("sm3|cmac|xcbc", t.auth):
            assert good in ("1", "True"), (t.enc, t.auth)
        note = f"# SA out{t.number}: Wireshark has no name for its algorithms\n"
        assert (note in keys) == bool(closed)
