"""A name server that answers every A question with 10.2.0.20, and a client:
dns.py serve ADDRESS; dns.py ask ADDRESS NAME. For record.sh alone."""

import socket
import struct
import sys
import zlib


def question(name):
    labels = b"".join(bytes([len(p)]) + p.encode() for p in name.split("."))
    return labels + b"\0" + struct.pack("!HH", 1, 1)


def serve(address):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((address, 53))
    while True:
        data, peer = s.recvfrom(512)
        head = data[:2] + struct.pack("!HHHHH", 0x8580, 1, 1, 0, 0)
        answer = struct.pack("!HHHIH4s", 0xc00c, 1, 1, 300, 4,
                             socket.inet_aton("10.2.0.20"))
        s.sendto(head + data[12:] + answer, peer)


def ask(address, name):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(1)
    ident = zlib.crc32(name.encode()) & 0xffff
    s.sendto(struct.pack("!HHHHHH", ident, 0x0100, 1, 0, 0, 0) + question(name),
             (address, 53))
    reply = s.recv(512)
    assert struct.unpack("!H", reply[:2])[0] == ident


if sys.argv[1] == "serve":
    serve(sys.argv[2])
else:
    ask(sys.argv[2], sys.argv[3])
