#!/bin/sh
# Records lan.pcap: what the hosts of site 1 (10.1.0.0/16) send when real
# programs talk to site 2 (10.2.0.0/16), as port 1/1 of pe1 receives it.
#
#   host 10.1.0.10 ---- router 10.1.0.1 | 10.2.0.1 ---- host 10.2.0.20
#
# Three network namespaces, link MTU 1400, offloads off, so that checksums and
# sizes are those of a wire. HTTP, DNS, SSH, ping from 0 to 1372 octets, and a
# few packets for the router itself. Keys and contents are made for the
# recording and thrown away.
#
# Needs root, and: iproute2 ethtool tcpdump curl iputils-ping openssh-server
# openssh-client python3.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here/lan.pcap}
id=sesim$$
work=$(mktemp -d)
pids=

cleanup()
{
	for p in $pids; do
		kill "$p" 2>/dev/null || :
		wait "$p" 2>/dev/null || :
	done
	for n in a r b; do
		ip netns del "$id$n" 2>/dev/null || :
	done
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

in_ns()
{
	ns=$1
	shift
	ip netns exec "$id$ns" "$@"
}

# Tries a command until it succeeds: a server has come up.
until_ok()
{
	tries=0
	until "$@" >/dev/null 2>&1; do
		tries=$((tries + 1))
		[ "$tries" -lt 100 ] || { echo "never: $*" >&2; exit 1; }
		sleep 0.05
	done
}

link()	# host namespace, its address, the router's address
{
	ip link add "$id$1" netns "${id}r" type veth peer name eth0 \
	    netns "$id$1"
	for at in "r $id$1 $3" "$1 eth0 $2"; do
		set -- $at
		in_ns "$1" ip addr add "$3/16" dev "$2"
		in_ns "$1" ip link set "$2" mtu 1400 up
		in_ns "$1" ethtool -K "$2" rx off tx off sg off tso off \
		    gso off gro off >/dev/null 2>&1
	done
}

for n in a r b; do
	ip netns add "$id$n"
	in_ns $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 \
	    net.ipv6.conf.default.disable_ipv6=1
	in_ns $n ip link set lo up
done
in_ns r sysctl -qw net.ipv4.ip_forward=1
link a 10.1.0.10 10.1.0.1
link b 10.2.0.20 10.2.0.1
in_ns a ip route add default via 10.1.0.1
in_ns b ip route add default via 10.2.0.1

# Site 2: HTTP, DNS, SSH. (A function in the background would be a shell of
# its own, and $! not the program.)
mkdir "$work/www"
for i in 1 2 3; do
	seq 1 $((i * 400)) >"$work/www/page$i.txt"
done
ip netns exec "${id}b" python3 -m http.server --directory "$work/www" 80 \
    >/dev/null 2>&1 &
pids="$pids $!"
ip netns exec "${id}b" python3 "$here/dns.py" serve 10.2.0.20 &
pids="$pids $!"
ssh-keygen -q -t ed25519 -N '' -f "$work/host"
ssh-keygen -q -t ed25519 -N '' -f "$work/user"
cp "$work/user.pub" "$work/authorized"
cat >"$work/sshd.conf" <<EOF
HostKey $work/host
AuthorizedKeysFile $work/authorized
PidFile none
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
EOF
mkdir -p /run/sshd
ip netns exec "${id}b" /usr/sbin/sshd -D -f "$work/sshd.conf" &
pids="$pids $!"
until_ok in_ns b curl -s -o /dev/null http://10.2.0.20/
until_ok in_ns b python3 "$here/dns.py" ask 10.2.0.20 ready.example
until_ok in_ns b ssh-keyscan 10.2.0.20

# What the router's port towards site 1 receives.
ip netns exec "${id}r" tcpdump -q -n -i "${id}a" -Q in -s 0 --immediate-mode -U \
    -w "$work/lan.pcap" 2>"$work/tcpdump.log" &
dump=$!
pids="$pids $dump"
until_ok grep -q listening "$work/tcpdump.log"

ssh_to()
{
	in_ns a ssh -q -i "$work/user" -o StrictHostKeyChecking=no \
	    -o UserKnownHostsFile=/dev/null -o BatchMode=yes root@10.2.0.20 "$@"
}

in_ns a ping -q -c 2 -i 0.05 10.1.0.1 >/dev/null
size=0
while [ $size -le 1372 ]; do
	in_ns a ping -q -c 1 -s $size 10.2.0.20 >/dev/null
	size=$((size + 28))
done
for name in www mail ns1 printer; do
	in_ns a python3 "$here/dns.py" ask 10.2.0.20 $name.site2.example
done
for i in 1 2 3; do
	in_ns a curl -s -o /dev/null http://10.2.0.20/page$i.txt
done
in_ns a curl -s -o /dev/null http://10.2.0.20/missing.txt
ssh_to 'seq 1 2000' >/dev/null
seq 1 12000 | ssh_to 'cat >/dev/null'
for name in www mail; do
	in_ns a python3 "$here/dns.py" ask 10.2.0.20 $name.site2.example
done
in_ns a ping -q -c 3 -i 0.05 10.2.0.20 >/dev/null

kill $dump
wait $dump || :
cp "$work/lan.pcap" "$out"
echo "$out: $(tcpdump -n -r "$out" 2>/dev/null | wc -l) frames"
