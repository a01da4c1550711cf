"""ASPs of a router that is up: spares take the seats of the dead, an operator
reloads cards and ASPs and takes ASPs out of service."""

import os
import signal

import pytest

import lab

BLOCK = 1 << 18  # sequence numbers that are granted at once
SEALED = "ping 10.2.0.7 count {} interval 0 timeout 1"


def asps(router):
    return {a["asp"]: a for a in router.show("asp")["asps"]}


def roles(router):
    return {k: (a["role"], a["state"], a["tunnels"]) for k, a in asps(router).items()}


def sa_out(router, tunnel="branch"):
    return next(s for s in router.show("ipsec sa")["sas"]
                if s["direction"] == "out" and s["tunnel"] == tunnel)


def tunnels(router):
    return {t["name"]: t for t in router.show("ipsec tunnel")["tunnels"]}


def log(router):
    return [f"%{e['facility']}-{e['severity']}-{e['mnemonic']}: {e['text']}"
            for e in router.show("log")["events"]]


def kill(router, asp):
    os.kill(asps(router)[asp]["pid"], signal.SIGKILL)


def lone(conf):
    """Without a spare."""
    return conf.replace(" asp 3/2\n", "")


def more_tunnels(n):
    """Tunnels beside that of lab.config(), each with SAs of its own."""
    line = lab.ALGORITHMS["cbc-sha1"][0]
    sas = "".join(f" ipsec sa o{i}\n  esp spi {0x5000 + i} {line}\n"
                  f" ipsec sa i{i}\n  esp spi {0x6000 + i} {line}\n"
                  for i in range(n))
    return sas, "".join(f"""tunnel ipsec t{i} manual
 asp-group grp
 peer-end-point local 192.0.2.1 remote 192.0.2.{100 + i} context local
 ipsec-sa out o{i}
 ipsec-sa in i{i}
 no shutdown
""" for i in range(n))


def test_a_spare_takes_the_seat_of_a_dead_asp(router):
    router.up(lab.config())
    assert roles(router) == {"3/1": ("active", "ready", 1), "3/2": ("spare", "ready", 0)}
    router.cli(SEALED.format(3))
    first = sa_out(router)
    assert (first["asp"], first["sequence"]) == ("3/1", 3)
    kill(router, "3/1")
    lab.until(lambda: roles(router) == {"3/1": ("spare", "ready", 0),
                                        "3/2": ("active", "ready", 1)})
    router.cli(SEALED.format(2))
    second = sa_out(router)
    # After the last number that was granted to the one that died.
    assert (second["asp"], second["sequence"]) == ("3/2", BLOCK + 2)
    assert second["packets"] == 5  # of the SA, whoever sealed them
    assert tunnels(router)["branch"]["state"] == "Up"
    assert lab.balanced(router.show("counters"))
    said = log(router)
    assert any("%ASP-2-DOWN: 3/asp1 is down" in x for x in said)
    assert "%ASP-5-SEAT: group grp: 3/asp2 has the seat of 3/asp1, tunnels: 1" in said
    # And back: the one that was restarted is the spare now.
    kill(router, "3/2")
    lab.until(lambda: roles(router) == {"3/1": ("active", "ready", 1),
                                        "3/2": ("spare", "ready", 0)})
    router.cli(SEALED.format(1))
    third = sa_out(router)
    assert (third["asp"], third["sequence"]) == ("3/1", 2 * BLOCK + 1)
    assert third["packets"] == 6
    assert router.show("system alarm")["alarms"] == []


def test_without_a_spare_the_tunnels_wait(router):
    router.up(lone(lab.config()))
    router.cli(SEALED.format(3))
    kill(router, "3/1")
    lab.until(lambda: asps(router)["3/1"]["state"] == "ready" and
              asps(router)["3/1"]["epoch"] == 2)
    router.cli(SEALED.format(1))
    assert sa_out(router)["asp"] == "3/1"
    assert sa_out(router)["sequence"] == BLOCK + 1
    assert roles(router)["3/2"] == ("unassigned", "ready", 0)


def test_an_operator_takes_an_asp_out_of_service(router):
    router.up(lab.config())
    router.cli(SEALED.format(3))
    router.cli("asp shutdown 3/1")
    assert roles(router) == {"3/1": ("-", "shutdown", 0), "3/2": ("active", "ready", 1)}
    router.cli(SEALED.format(2))
    assert (sa_out(router)["asp"], sa_out(router)["sequence"]) == ("3/2", BLOCK + 2)
    assert [a["description"] for a in router.show("system alarm")["alarms"]] == \
        ["ASP Down: shut down by an operator"]
    # The other one too: nobody is left.
    router.cli("asp shutdown 3/2")
    down = tunnels(router)["branch"]
    assert (down["state"], down["cause"], down["asp"]) == ("Down", "aspHomingFailure", "-")
    assert router.show("asp group")["groups"][0]["state"] == "down"
    assert any("no spare for the seat of 3/asp2" in x for x in log(router))
    # A commit meanwhile does not start them.
    router.cli("configure", "context local", "ip route 203.0.113.0/24 192.0.2.77", "end")
    assert {a["state"] for a in asps(router).values()} == {"shutdown"}
    router.cli("no asp shutdown 3/1")
    assert roles(router) == {"3/1": ("active", "ready", 1), "3/2": ("-", "shutdown", 0)}
    assert tunnels(router)["branch"]["state"] == "Up"
    router.cli(SEALED.format(1))
    assert sa_out(router)["sequence"] == 2 * BLOCK + 1
    router.cli("no asp shutdown 3/2")
    assert roles(router)["3/2"] == ("spare", "ready", 0)
    assert lab.balanced(router.show("counters"))


def test_cards_and_asps_are_reloaded(router):
    router.up(lone(lab.config()))
    router.cli(SEALED.format(2))
    routes = router.show("ip route")["routes"]
    before = {p["stage"]: p for c in router.show("card")["cards"] for p in c["processes"]}
    router.cli("reload card 2", "reload asp 3/1")
    after = {p["stage"]: p for c in router.show("card")["cards"] for p in c["processes"]}
    again = {"2/ippa", "2/eppa", "3/asp1"}
    for stage, p in after.items():
        assert p["state"] == "up" and p["generation"] == before[stage]["generation"]
        assert p["epoch"] == before[stage]["epoch"] + (stage in again), stage
    assert [r["prefix"] for r in router.show("ip route")["routes"]] == \
        [r["prefix"] for r in routes]
    router.cli(SEALED.format(1))
    assert sa_out(router)["sequence"] == BLOCK + 1
    assert lab.balanced(router.show("counters"))
    assert "%CARD-5-RELOAD: 2/ippa is reloaded" in log(router)
    # An order is no death: it raises no alarm and delays no start.
    assert not any("DOWN" in x for x in log(router))


def test_a_reloaded_ase_card_gives_its_tunnels_to_another(router):
    conf = lab.config().replace("card ase 3\n", "card ase 3\ncard ase 4\n") \
        .replace(" asp 3/2\n", " asp 4/1\n")
    router.up(conf)
    router.cli("reload card 3")
    assert roles(router)["3/1"] == ("spare", "ready", 0)
    assert roles(router)["4/1"] == ("active", "ready", 1)
    assert roles(router)["3/2"][0] == "unassigned"


@pytest.mark.parametrize("command, error", [
    ("reload card 9", "no card in slot 9"),
    ("reload asp 4/1", "ASP 4/1 does not exist"),
    ("asp shutdown 1/1", "ASP 1/1 does not exist"),
    ("asp shutdown 3/3", "Invalid input at '^' marker"),
    ("show asp 9/1", "ASP 9/1 does not exist"),
    ("show asp pool nothing", 'No ASP pool "nothing"'),
    ("show asp group nothing", 'No ASP group "nothing"'),
])
def test_orders_that_can_not_be(router, command, error):
    router.up(lab.config())
    done = router.sesim("cli", "r", "-c", command)
    assert done.returncode == 1 and error in done.stdout + done.stderr


def test_tunnels_stay_where_they_are(router):
    """A new tunnel, and an ASP that comes, move no other."""
    sas, more = more_tunnels(4)
    conf = lab.config(extra_context=sas, extra=more).replace(
        " pool pool\n", " pool pool\n asp-count 2\n")
    router.up(conf)
    homes = {n: t["asp"] for n, t in tunnels(router).items()}
    assert sorted(homes.values()) == ["3/1", "3/1", "3/1", "3/2", "3/2"]
    router.cli("configure", "no tunnel ipsec branch", "end")
    del homes["branch"]
    assert {n: t["asp"] for n, t in tunnels(router).items()} == homes
    router.cli("asp shutdown 3/2")
    assert {t["asp"] for t in tunnels(router).values()} == {"3/1"}
    router.cli("no asp shutdown 3/2")
    assert {t["asp"] for t in tunnels(router).values()} == {"3/1"}
    group = router.show("asp group")["groups"][0]
    assert [(s["asp"], s["tunnels"]) for s in group["seats"]] == [("3/1", 4), ("3/2", 0)]


def test_groups_of_one_pool_do_not_share_while_there_are_asps(router):
    second = "asp group other\n pool pool\n"
    sas, more = more_tunnels(1)
    more = more.replace("asp-group grp", "asp-group other")
    router.up(lab.config(extra_context=sas, extra=second + more))
    assert {n: t["asp"] for n, t in tunnels(router).items()} == \
        {"branch": "3/1", "t0": "3/2"}
    router.cli("asp shutdown 3/2")
    assert {t["asp"] for t in tunnels(router).values()} == {"3/1"}
    groups = {g["group"]: g for g in router.show("asp group")["groups"]}
    assert groups["other"]["seats"][0]["shared"]
    assert not groups["grp"]["seats"][0]["shared"]


def test_layouts(router):
    router.up(lab.config())
    lines = router.cli("show asp").splitlines()
    assert lines[0].split() == ["ASP", "Card", "Service", "Pool", "Group", "Role",
                                "State", "Tunnels", "Uptime"]
    assert lines[1].split()[:8] == ["3/1", "ase", "security", "pool", "grp", "active",
                                    "ready", "1"]
    assert lines[2].split()[4:7] == ["-", "spare", "ready"]
    assert "ASP 3/2 state is ready" in router.cli("show asp 3/2 detail")
    pool = router.cli("show asp pool pool").splitlines()[1].split()
    assert pool == ["pool", "security", "1", "1", "0", "3/1", "3/2"]
    detail = router.cli("show asp group grp detail").splitlines()
    assert detail[1].split() == ["grp", "pool", "up", "1", "1", "1"]
    assert detail[3].split() == ["1", "3/1", "ready", "1"]
