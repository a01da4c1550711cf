// A line card in slot 1 with tables as a controller would send them, and
// packets to try it with. Ports 1 and 2 lie in context local, port 3 is shut
// down; VLAN 100 of port 1 is a PVC in a context of its own, VLAN 200 is bound
// to nothing.
#ifndef LC_CARD_H
#define LC_CARD_H

#include <algorithm>
#include <string>
#include <vector>

#include "lc_shim.h"

using Octets = std::vector<uint8_t>;

constexpr uint32_t kLocal = 0x40080001;
constexpr uint32_t kVpn = 0x40080002;
constexpr unsigned kEthernet = 1, kRaw = 101, kSll = 113, kSll2 = 276;
constexpr uint32_t kPort1 = 1, kPort2 = 2, kPort3 = 3, kPvc = 4, kLoose = 5,
		   kLoop = 6, kEconomical = 7, kDownTunnel = 8, kNoAsp = 9,
		   kElsewhere = 10;

inline uint32_t
addr(unsigned a, unsigned b, unsigned c, unsigned d)
{
	return a << 24 | b << 16 | c << 8 | d;
}

inline void
put32(Octets &o, size_t at, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		o[at + i] = static_cast<uint8_t>(v >> (24 - 8 * i));
}

inline void
put16(Octets &o, size_t at, unsigned v)
{
	o[at] = static_cast<uint8_t>(v >> 8);
	o[at + 1] = static_cast<uint8_t>(v);
}

// Sets the header checksum right.
inline void
seal(Octets &ip)
{
	size_t header = (ip[0] & 15) * 4;

	put16(ip, 10, 0);
	put16(ip, 10, lc_shim_cksum(ip.data(), header));
}

struct Ip {
	uint32_t dst = addr(10, 2, 0, 7);
	uint32_t src = addr(10, 1, 0, 9);
	uint8_t ttl = 64;
	uint8_t protocol = 17;
	unsigned payload = 20;
	unsigned fragment = 0;

	Octets octets() const
	{
		Octets o(20 + payload);
		o[0] = 0x45;
		put16(o, 2, 20 + payload);
		put16(o, 4, 0x1234);
		put16(o, 6, fragment);
		o[8] = ttl;
		o[9] = protocol;
		put32(o, 12, src);
		put32(o, 16, dst);
		for (unsigned i = 0; i < payload; i++)
			o[20 + i] = static_cast<uint8_t>(i);
		seal(o);
		return o;
	}
};

inline Octets
ether(const Octets &ip, unsigned type = 0x0800, int vlan = -1,
      uint8_t first = 0x02)
{
	const uint8_t macs[12] = {first, 0x5e, 1, 2, 1, 1, 2, 0, 0, 0, 0, 9};
	size_t header = vlan >= 0 ? 18 : 14;
	Octets o(header + ip.size());

	std::copy(macs, macs + 12, o.begin());
	if (vlan >= 0) {
		put16(o, 12, 0x8100);
		put16(o, 14, static_cast<unsigned>(vlan));
	}
	put16(o, header - 2, type);
	std::copy(ip.begin(), ip.end(),
		  o.begin() + static_cast<ptrdiff_t>(header));
	return o;
}

class Card
{
      public:
	lc_shim *shim = lc_shim_new(1);
	unsigned eppa1 = lc_shim_stage(1, "eppa");
	unsigned eppa2 = lc_shim_stage(2, "eppa");
	unsigned ippa1 = lc_shim_stage(1, "ippa");
	unsigned asp = lc_shim_stage(3, "asp1");
	unsigned xcrp = lc_shim_stage(0, "");

	Card()
	{
		circuits();
		lc_shim_adj(shim, 1, LC_SHIM_LOCAL, 0, 0, 0);
		lc_shim_adj(shim, 2, LC_SHIM_ATTACHED, kPort2, 0, eppa1);
		lc_shim_adj(shim, 3, LC_SHIM_FORWARD, kElsewhere,
			    addr(192, 0, 2, 2), eppa2);
		lc_shim_adj(shim, 4, LC_SHIM_INTO_TUNNEL, kLoop, 0, 0);
		lc_shim_adj(shim, 5, LC_SHIM_INTO_TUNNEL, kEconomical, 0, 0);
		lc_shim_adj(shim, 6, LC_SHIM_INTO_TUNNEL, kDownTunnel, 0, 0);
		lc_shim_adj(shim, 7, LC_SHIM_INTO_TUNNEL, kNoAsp, 0, 0);
		lc_shim_adj(shim, 8, LC_SHIM_NULL, 0, 0, 0);
		lc_shim_adj(shim, 9, LC_SHIM_DOWN, kPort3, 0, 0);
		lc_shim_adj(shim, 10, LC_SHIM_DOWN, kDownTunnel, 0, 0);
		routes();
		lc_shim_homing(shim, kLocal, 0x2001, addr(192, 0, 2, 1), kLoop,
			       asp);
		lc_shim_homing(shim, kLocal, 0x2002, addr(192, 0, 2, 1), kNoAsp,
			       LC_SHIM_NO_STAGE);
	}
	~Card()
	{
		lc_shim_free(shim);
	}
	Card(const Card &) = delete;
	Card &operator=(const Card &) = delete;

	// One frame through the ingress processor.
	lc_shim_result receive(const Octets &frame, unsigned link = kEthernet,
			       unsigned wire = 0, bool strict = false)
	{
		lc_shim_clear(shim);
		lc_shim_frame(shim, link, frame.data(),
			      static_cast<unsigned>(frame.size()),
			      wire != 0 ? wire
					: static_cast<unsigned>(frame.size()),
			      strict);
		lc_shim_receive(shim);
		return result();
	}

	lc_shim_result step(void (*f)(lc_shim *), const Octets &ip,
			    const lc_shim_packet &p)
	{
		lc_shim_clear(shim);
		lc_shim_put_packet(shim, ip.data(),
				   static_cast<unsigned>(ip.size()), &p);
		f(shim);
		return result();
	}

	lc_shim_result result(unsigned i = 0) const
	{
		lc_shim_result r;
		lc_shim_get_result(shim, i, &r);
		return r;
	}

      private:
	void circuit(uint32_t id, int kind, unsigned port, unsigned vlan,
		     int up, int bound, uint32_t context)
	{
		lc_shim_circuit c = {};
		c.id = id;
		c.kind = kind;
		c.slot = kind == LC_SHIM_TUNNEL ? 255 : 1;
		c.port = port;
		c.vlan = vlan;
		c.up = up;
		c.bound = bound;
		c.context = context;
		c.mtu = kind == LC_SHIM_TUNNEL ? 1400 : 1500;
		c.asp = kind == LC_SHIM_TUNNEL ? asp : LC_SHIM_NO_STAGE;
		c.economical = id == kEconomical;
		if (id == kNoAsp)
			c.asp = LC_SHIM_NO_STAGE;
		if (id == kElsewhere)
			c.slot = 2;
		const uint8_t mac[6] = {2, 0x5e, 1,
					2, 1,    static_cast<uint8_t>(port)};
		std::copy(mac, mac + 6, c.mac);
		lc_shim_put_circuit(shim, &c);
	}

	void circuits()
	{
		circuit(kPort1, LC_SHIM_PORT, 1, 0, 1, 1, kLocal);
		circuit(kPort2, LC_SHIM_PORT, 2, 0, 1, 1, kLocal);
		circuit(kPort3, LC_SHIM_PORT, 3, 0, 0, 1, kLocal);
		circuit(kPvc, LC_SHIM_PVC, 1, 100, 1, 1, kVpn);
		circuit(kLoose, LC_SHIM_PVC, 1, 200, 1, 0, 0);
		circuit(kLoop, LC_SHIM_TUNNEL, 0, 0, 1, 1, kVpn);
		circuit(kEconomical, LC_SHIM_TUNNEL, 0, 0, 1, 1, kLocal);
		circuit(kDownTunnel, LC_SHIM_TUNNEL, 0, 0, 0, 1, kLocal);
		circuit(kNoAsp, LC_SHIM_TUNNEL, 0, 0, 1, 1, kLocal);
		circuit(kElsewhere, LC_SHIM_PORT, 1, 0, 1, 1, kLocal);
	}

	void routes()
	{
		lc_shim_route(shim, kLocal, addr(192, 0, 2, 1), 32, 1);
		lc_shim_route(shim, kLocal, addr(10, 2, 0, 0), 16, 2);
		lc_shim_route(shim, kLocal, addr(10, 3, 0, 0), 16, 3);
		lc_shim_route(shim, kLocal, addr(10, 4, 0, 0), 16, 4);
		lc_shim_route(shim, kLocal, addr(10, 5, 0, 0), 16, 5);
		lc_shim_route(shim, kLocal, addr(10, 6, 0, 0), 16, 6);
		lc_shim_route(shim, kLocal, addr(10, 7, 0, 0), 16, 7);
		lc_shim_route(shim, kLocal, addr(10, 8, 0, 0), 16, 8);
		lc_shim_route(shim, kLocal, addr(10, 9, 0, 0), 16, 9);
		lc_shim_route(shim, kLocal, addr(10, 10, 0, 0), 16, 10);
		lc_shim_route(shim, kLocal, addr(10, 11, 0, 0), 16, 77);
		lc_shim_route(shim, kVpn, addr(10, 3, 0, 0), 16, 2);
	}
};

#endif
