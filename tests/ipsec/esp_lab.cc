#include "esp_lab.h"

#include <gtest/gtest.h>

#include "alg_shim.h"

Sa
sa_make(uint32_t id, bool outbound, const std::string &enc,
	const std::string &auth)
{
	alg_shim_facts e = {}, a = {};
	Sa sa = {};

	alg_shim_facts_get(alg_shim_find(enc.c_str(), 1), &e);
	alg_shim_facts_get(alg_shim_find(auth.c_str(), 0), &a);
	sa.enc = enc;
	sa.auth = auth;
	sa.enc_key = count_up(e.key + e.salt, 1);
	sa.auth_key = count_up(a.key, 0x81);
	sa.plain.id = id;
	sa.plain.context = 7;
	sa.plain.spi = 0x1001;
	sa.plain.src = 0xc0000201;
	sa.plain.dst = 0xc0000202;
	sa.plain.outbound = outbound;
	sa.plain.window = 64;
	sa.plain.first = 1;
	sa.plain.granted = 1000000;
	sa.plain.dscp = 0xff;
	sa.plain.ttl = 64;
	sa.plain.protocol = 50;
	return sa;
}

int
EspLab::install(const Sa &sa)
{
	esp_shim_sa p = sa.plain;

	p.enc = sa.enc.c_str();
	p.auth = sa.auth.c_str();
	p.enc_key = sa.enc_key.data();
	p.enc_key_octets = static_cast<unsigned>(sa.enc_key.size());
	p.auth_key = sa.auth_key.data();
	p.auth_key_octets = static_cast<unsigned>(sa.auth_key.size());
	return esp_shim_install(s, &p);
}

void
EspLab::pair(const std::string &enc, const std::string &auth)
{
	ASSERT_EQ(0, install(sa_make(1, true, enc, auth)));
	ASSERT_EQ(0, install(sa_make(2, false, enc, auth)));
}

Octets
EspLab::data(unsigned i) const
{
	unsigned len;
	const uint8_t *p = esp_shim_data(s, i, &len);

	return Octets(p, p + len);
}

Octets
EspLab::seal(const Octets &clear, uint32_t id)
{
	esp_shim_clear(s);
	esp_shim_add(s, id, clear.data(), static_cast<unsigned>(clear.size()));
	return esp_shim_seal(s) == 1 ? data() : Octets();
}

Octets
EspLab::open(const Octets &sealed, uint32_t context)
{
	esp_shim_clear(s);
	esp_shim_add(s, context, sealed.data(),
		     static_cast<unsigned>(sealed.size()));
	return esp_shim_open(s) == 1 ? data() : Octets();
}

Octets
EspLab::craft(uint64_t seq, const Octets &text, uint8_t tos)
{
	Octets packet(text.size() + 128);

	packet.resize(esp_shim_craft(s, 1, seq, tos, text.data(),
				     static_cast<unsigned>(text.size()),
				     packet.data()));
	return packet;
}

std::vector<std::pair<std::string, std::string>>
valid_pairs()
{
	std::vector<std::pair<std::string, std::string>> pairs;
	alg_shim_facts e, a;

	for (unsigned i = 1; i < alg_shim_max(); i++) {
		for (unsigned k = 1; k < alg_shim_max(); k++) {
			if (alg_shim_facts_get(i, &e) == 0 &&
			    alg_shim_facts_get(k, &a) == 0 &&
			    alg_shim_pair_valid(e.name, a.name))
				pairs.emplace_back(e.name, a.name);
		}
	}
	return pairs;
}

Octets
trailer(unsigned pad, uint8_t next)
{
	return count_up(pad, 1) + Octets{static_cast<uint8_t>(pad), next};
}
