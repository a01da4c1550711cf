"""Routers whose tunnels have automatic keys, for the tests of them."""

IKE = """ ike proposal i
  encryption algorithm aes-256-cbc
  authentication algorithm hmac-sha-256-128
  dh-group 14
 ike policy p
  version {version}
  seq 10 proposal i
  pre-shared-key ascii {secret}
  connection-type {connection}
{ike}{dpd} ipsec proposal e
  esp encryption aes-128-cbc
  esp authentication hmac-sha-256-128
 ipsec policy q
  seq 10 proposal e
{ipsec}"""


def config(name="pe1", near=1, far=2, secret="a-secret", connection="both",
           version=2, mode="circuit-based", ike="", ipsec="", dpd="", extra_context="",
           tunnel=""):
    """A router whose LAN is 10.<near>.0.0/16 and whose tunnel, with keys that
    IKE negotiates, leads to 10.<far>.0.0/16."""
    policies = IKE.format(version=version, secret=secret, connection=connection,
                          ike=ike, ipsec=ipsec, dpd=dpd)
    return f"""system hostname {name}
context local
 interface lan
  ip address 10.{near}.0.1/16
 interface wan
  ip address 192.0.2.{near}/24
 interface vpn
  ip address 10.255.0.{near}/30
 ip route 10.{far}.0.0/16 vpn
{policies} security asp-group grp
{extra_context}card ge-10-port 1
card ge-10-port 2
card ase 3
port ethernet 1/1
 no shutdown
 bind interface lan local
port ethernet 2/1
 no shutdown
 bind interface wan local
asp pool pool service security
 asp 3/1
 asp 3/2
asp group grp
 pool pool
tunnel ipsec branch
 asp-group grp
 mode {mode}
 peer-end-point local 192.0.2.{near} remote 192.0.2.{far} context local
 ike-policy p
 ipsec-policy q
 bind interface vpn local
{tunnel} no shutdown
end
"""


def peer(**kw):
    """The configuration of the other end of config(**kw)."""
    kw = dict(kw)
    kw["name"] = "pe2"
    kw["near"], kw["far"] = kw.get("far", 2), kw.get("near", 1)
    return config(**kw)
