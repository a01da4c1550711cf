"""Labs without a clock: lossless, and the same octets in every run."""

import json

import lab


def lan_to_lan(router, extra=""):
    """Two routers, a capture at either end, a link with properties."""
    router.file("pe1.conf", lab.config())
    router.file("pe2.conf", lab.peer())
    frames = lab.packets(300, sizes=(28, 1300))
    for i, f in enumerate(frames):
        if i % 30 < 2:  # dies in the first router, and in the second
            time_, f[lab.IP].ttl = f.time, 1 + i % 30
            del f[lab.IP].chksum
            frames[i] = lab.Ether(bytes(f))
            frames[i].time = time_
    router.capture("lan.pcap", frames)
    return router.file("lan.yaml", f"""name: lan
seed: 3
topology:
  nodes:
    pe1: {{kind: smartedge, startup-config: pe1.conf}}
    pe2: {{kind: smartedge, startup-config: pe2.conf}}
    lan1: {{kind: capture, source: lan.pcap, sink: back.pcap}}
    lan2: {{kind: capture, sink: out.pcapng}}
  links:
    - endpoints: [lan1, "pe1:1/1"]
    - endpoints: ["pe1:2/1", "pe2:2/1"]
{extra}    - endpoints: ["pe2:1/1", lan2]
""")


def replay(router, path, *args):
    done = router.sesim("lab", "replay", path, "--json", router.path / "r.json", *args)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads((router.path / "r.json").read_text())


def test_a_replay_of_a_lab_is_lossless_and_repeats(router):
    path = lan_to_lan(router)
    r = replay(router, path)
    assert r["balanced"] and r["seed"] == 3
    assert all(lab.balanced(sums) for sums in r["routers"].values())
    came = [lab.ip_bytes(f) for f in lab.read(router.path / "out.pcapng")]
    sent = [lab.lowered(lab.ip_bytes(f), 2) for f in lab.read(router.path / "lan.pcap")
            if f[lab.IP].ttl > 2]
    assert came == sent
    # What died of its TTL in either router was told to its source, through both.
    died = 300 - len(sent)
    back = lab.read(router.path / "back.pcap")
    assert died == 20
    assert [sums["dropped"]["ttl-expired"] for sums in r["routers"].values()] == [10, 10]
    assert {f[lab.IP].src for f in back} == {"10.1.0.1", "10.255.0.2"}
    assert all(f[lab.ICMP].type == 11 for f in back) and 10 < len(back) <= died
    first = {n: (router.path / n).read_bytes() for n in ("out.pcapng", "back.pcap")}
    replay(router, path, "--dir", router.path / "kept")
    assert first == {n: (router.path / n).read_bytes() for n in first}
    assert len(lab.read(router.path / "kept" / "pe1-2-1.pcap")) >= len(sent)
    replay(router, path, "--seed", 4)
    other = (router.path / "out.pcapng").read_bytes()
    assert other == first["out.pcapng"]  # what leaves in clear is no secret of the seed


def test_a_lossy_link_loses_the_same_frames_in_every_replay(router):
    path = lan_to_lan(router, "      loss: 10%\n      delay: 5ms\n      jitter: 1ms\n")
    r = replay(router, path)
    there = next(x for x in r["links"] if x["from"] == "pe1:2/1")
    assert r["balanced"] and 5 <= there["lost"] <= 70
    assert there["taken"] == there["delivered"] + there["lost"]
    out = (router.path / "out.pcapng").read_bytes()
    replay(router, path)
    assert (router.path / "out.pcapng").read_bytes() == out
    other = replay(router, path, "--seed", 99)
    assert (router.path / "out.pcapng").read_bytes() != out and other["balanced"]


def test_a_replay_takes_generators_whose_flows_have_an_end(router):
    path = lan_to_lan(router)
    flows = "{kind: generator, flows: [{from: 10.1.0.5, to: 10.2.0.7, size: 64-900%s}]}"
    text = path.read_text()
    whole = "{kind: capture, source: lan.pcap, sink: back.pcap}"
    path.write_text(text.replace(whole, flows % ", count: 150, rate: 1000pps"))
    r = replay(router, path)
    assert r["balanced"] and r["routers"]["pe2"]["transmitted"] >= 150
    got = [f for f in lab.read(router.path / "out.pcapng") if lab.UDP in f]
    assert len(got) == 150 and all(64 <= f[lab.IP].len <= 900 for f in got)
    assert abs(float(got[-1].time - got[0].time) - 0.149) < 1e-6
    path.write_text(text.replace(whole, flows % ""))
    done = router.sesim("lab", "replay", path)
    assert done.returncode == 2 and "has no end; expected count" in done.stderr
