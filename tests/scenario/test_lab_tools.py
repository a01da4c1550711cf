"""What is done with topologies and labs beside starting them: mistakes told,
links impaired, configurations saved, labs made and drawn."""

import os
import xml.etree.ElementTree

import lab
from labs import TWO, Lab


def test_a_lab_with_mistakes_is_explained_and_not_started(router):
    two = Lab(router, TWO.replace("2/1\"]", "5/1\"]").replace("kind: smartedge, ", "", 1)
              + "      delay: soon\n")
    for command in ("validate", "up"):
        done = two.run(command, ok=False)
        assert done.returncode == 2
        lines = done.stderr.splitlines()
        assert lines[0].startswith(f"{two.path}:4:10: node pe1 has no kind;")
        assert f"{two.path}:8:14: delay is soon; expected a duration" in done.stderr
    good = Lab(router, TWO.replace("pe2:2/1", "pe2:5/1"))
    done = good.run("validate", ok=False)
    assert done.returncode == 2
    assert f"{good.path}:7:30: pe2:5/1: pe2.conf has no card in slot 5" in done.stderr
    router.file("pe1.conf", "context local\n interfoo lan\nend\n")
    router.file("pe2.conf", "system hostname pe2\nnonsense\nend\n")
    done = good.run("validate", ok=False)
    assert "pe1.conf:2:2" in done.stderr and "pe2.conf:2:1" in done.stderr
    assert not lab.processes_of(router.env["SESIM_RUN_DIR"])


def test_what_is_no_topology_is_refused_at_once(router):
    for i, octets in enumerate((b"", b"\x00\xff\xfe garbage" * 99, b"[" * 100000,
                                b"a: " + b"x" * (1 << 20), b"a: &a [*a]\n",
                                os.urandom(65536))):
        path = router.path / f"bad{i}.yaml"
        path.write_bytes(octets)
        done = router.sesim("lab", "validate", path)
        assert done.returncode == 2 and str(path) in done.stderr, octets[:20]
    assert router.sesim("lab", "up", router.path / "none.yaml").returncode == 2


def test_a_link_is_impaired_while_it_is_up(router):
    two = Lab(router, TWO + "      delay: 20ms\n")
    two.run("up")
    out = two.run("exec", "pe1", "-c", "ping 10.2.0.1").stdout
    assert float(out.split("min/avg/max = ")[1].split("/")[0]) >= 40, out
    two.run("impair", "pe2:2/1", "--state", "down", "--direction", "to")
    assert not two.ping()
    link = two.status()["links"][0]
    assert link["state"] == "down"
    assert link["directions"][0]["lost"]["link-down"] >= 5
    two.run("impair", "pe1:2/1", "--clear")
    assert two.ping()
    shapes = [d["shape"] for d in two.status()["links"][0]["directions"]]
    assert all(s["delay_ns"] == 0 and s["up"] for s in shapes)
    for wrong in (("pe1:2/9", "--clear"), ("pe1:2/1", "--delay", "soon"), ("pe1:2/1", "--no")):
        assert two.run("impair", *wrong, ok=False).returncode == 2
    two.down()


def test_save_writes_what_runs_into_the_files(router):
    two = Lab(router)
    two.run("up")
    two.run("exec", "pe2", "-c", "configure", "-c", "context local",
            "-c", "ip route 203.0.113.0/24 10.2.0.9", "-c", "end")
    assert "pe2.conf" in two.run("save", "pe2").stdout
    assert "203.0.113.0/24" in (router.path / "pe2.conf").read_text()
    assert lab.CBC_KEY.hex() not in (router.path / "pe2.conf").read_text()
    two.run("restart", "pe2")
    assert "203.0.113.0/24" in two.run("exec", "pe2", "-c", "show ip route").stdout
    two.down()


def made(router, shape, *options):
    path = router.path / shape
    done = router.sesim("lab", "generate", shape, path, *options)
    assert done.returncode == 0, done.stderr
    return path


def test_generated_labs_are_valid_and_reach_everywhere(router):
    for shape in ("chain", "ring"):
        path = made(router, shape, "--routers", 5, "--tunnels")
        assert router.sesim("lab", "validate", path).returncode == 0
    path = made(router, "hub", "--routers", 25)
    assert router.sesim("lab", "validate", path).returncode == 0
    again = router.sesim("lab", "generate", "hub", path)
    assert again.returncode == 3 and "is there already" in again.stderr
    path = router.path / "small"
    router.sesim("lab", "generate", "hub", path, "--routers", 3, "--mode", "economical")
    assert router.sesim("lab", "up", path).returncode == 0
    done = router.sesim("lab", "exec", path, "r2", "-c", "ping 10.3.0.1")
    assert "5 packets received" in done.stdout, done.stdout
    assert router.sesim("lab", "down", path).returncode == 0


def test_pictures_show_nodes_cards_ports_tunnels_and_modes(router):
    path = made(router, "chain", "--routers", 3, "--tunnels", "--mode", "economical")
    text = {f: router.sesim("lab", "graph", path, "--format", f).stdout
            for f in ("mermaid", "dot", "svg")}
    assert text["mermaid"].startswith("graph LR") and text["dot"].startswith("graph \"chain3\"")
    root = xml.etree.ElementTree.fromstring(text["svg"])
    assert root.tag.endswith("svg")
    for form, picture in text.items():
        for word in ("r1", "r2", "r3", "ge-10-port", "ase", "2/1", "to-r3 -- to-r1",
                     "economical"):
            assert word in picture, (form, word)
    assert text["mermaid"].count(" ---|") == 2 and text["mermaid"].count(" -.-|") == 1
    assert text["dot"].count("style=dashed") == 1
    assert text["svg"].count('class="link"') == 2 and text["svg"].count('class="tunnel') == 1
