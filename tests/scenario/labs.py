"""What tests of labs share: two routers and their link, as `sesim lab` runs them."""

import json

import lab

TWO = """name: {name}
topology:
  nodes:
    pe1: {{kind: smartedge, startup-config: pe1.conf}}
    pe2: {{kind: smartedge, startup-config: pe2.conf}}
  links:
    - endpoints: ["pe1:2/1", "pe2:2/1"]
"""


class Lab:
    """A lab in the directory of a lab.Router."""

    def __init__(self, router, text=TWO, name="two"):
        self.router = router
        self.name = name
        router.file("pe1.conf", lab.config())
        router.file("pe2.conf", lab.peer())
        self.path = router.file(f"{name}.yaml", text.format(name=name))

    def run(self, command, *args, ok=True):
        done = self.router.sesim("lab", command, self.path, *args)
        if ok:
            assert done.returncode == 0, done.stdout + done.stderr
        return done

    def status(self):
        return json.loads(self.run("status", "--json").stdout)

    def ping(self, node="pe1", to="10.2.0.1"):
        done = self.run("exec", node, "-c", f"ping {to}", ok=False)
        return "5 packets received" in done.stdout

    def stage(self, node, stage):
        return next((p for p in self.status()["processes"]
                     if (p["node"], p["stage"]) == (node, stage)), None)

    def down(self):
        done = self.run("down")
        assert not lab.processes_of(self.router.env["SESIM_RUN_DIR"])
        return done


def whole(two):
    """Every process of every node is up, and so is every tunnel."""
    s = two.status()
    return (all(n["state"] == "up" for n in s["nodes"])
            and all(p["state"] == "up" for p in s["processes"])
            and all(t["state"] == "Up" for t in s["tunnels"])
            and len(s["tunnels"]) == len(s["nodes"]))
