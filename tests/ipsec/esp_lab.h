// One ASP's ESP in a test: SAs by a few words, packets as octets.
#ifndef ESP_LAB_H
#define ESP_LAB_H

#include <string>
#include <vector>

#include "esp_shim.h"
#include "octets.h"

struct Sa {
	esp_shim_sa plain;
	std::string enc, auth;
	Octets enc_key, auth_key;
};

// Lengths of keys from the table; keys count up from 1 and 0x81.
Sa sa_make(uint32_t id, bool outbound, const std::string &enc,
	   const std::string &auth);

class EspLab
{
      public:
	EspLab() : s(esp_shim_new())
	{
	}
	~EspLab()
	{
		esp_shim_free(s);
	}
	EspLab(const EspLab &) = delete;

	int install(const Sa &sa);
	// SA 1 seals what SA 2 opens, context 7, SPI 0x1001.
	void pair(const std::string &enc, const std::string &auth);

	// One packet through; empty when dropped, fate() says why.
	Octets seal(const Octets &clear, uint32_t id = 1);
	Octets open(const Octets &sealed, uint32_t context = 7);
	// Crafted by SA 1: text with its trailer as given.
	Octets craft(uint64_t seq, const Octets &text, uint8_t tos = 0);
	std::string fate(unsigned i = 0) const
	{
		return esp_shim_fate(s, i);
	}
	Octets data(unsigned i = 0) const;
	uint64_t counter(uint32_t id, const char *name)
	{
		return esp_shim_counter(s, id, name);
	}

	esp_shim *s;
};

// Every pair of algorithms that may stand together.
std::vector<std::pair<std::string, std::string>> valid_pairs();

// Trailer for a text of that length: padding 1, 2, ..., length, next header.
Octets trailer(unsigned pad, uint8_t next = 4);

#endif
