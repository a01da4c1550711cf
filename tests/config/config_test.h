// What the tests of config/ share: an owner of the shim, and the configuration
// of two cards, one ASE and one manual tunnel that the contract promises.
#pragma once

#include <cstdlib>
#include <gtest/gtest.h>
#include <string>

#include "config_shim.h"

inline std::string
taken(char *text)
{
	std::string s = text == nullptr ? "(none)" : text;
	free(text);
	return s;
}

class Config : public ::testing::Test
{
      protected:
	Config() : s(config_shim_new())
	{
	}
	~Config() override
	{
		config_shim_free(s);
	}

	int load(int slot, const std::string &text, int key = SHIM_KEY_RIGHT)
	{
		return config_shim_load(s, slot, text.data(), text.size(), key);
	}

	// The first error of loading and validating; "" when there is none.
	std::string wrong(const std::string &text, int key = SHIM_KEY_RIGHT)
	{
		if (load(1, text, key) != 0)
			return error();
		return config_shim_validate(s, 1) == 0 ? "" : error();
	}

	std::string error(unsigned i = 0)
	{
		return taken(config_shim_error(s, i));
	}

	std::string print(int slot, int form = SHIM_SEALED,
			  int key = SHIM_KEY_RIGHT,
			  const char *section = nullptr)
	{
		return taken(config_shim_print(s, slot, form, key, section));
	}

	int edit(const std::string &line)
	{
		return config_shim_edit(s, line.c_str(), &outcome);
	}

	void apply(int from, int to, std::initializer_list<const char *> lines)
	{
		config_shim_edit_begin(s, from);
		for (const char *line : lines)
			ASSERT_EQ(edit(line), 0) << line << ": " << error();
		config_shim_edit_take(s, to);
	}

	struct config_shim *s;
	int outcome = 0;
};

// One line less, one more or another: what each bad input changes.
inline std::string
replaced(std::string text, const std::string &from, const std::string &to)
{
	size_t at = text.find(from);
	if (at == std::string::npos)
		ADD_FAILURE() << "no \"" << from << "\"";
	else
		text.replace(at, from.size(), to);
	return text;
}

inline const std::string kRouter = R"(system hostname pe1
!
context local
 interface lan
  ip address 10.1.0.1/16
 interface wan
  ip address 192.0.2.1/24
 interface vpn
  ip address 10.255.0.1/30
 ip route 10.2.0.0/16 vpn
 ipsec sa to-pe2
  esp spi 0x1001 encryption aes-128-cbc key hex 00112233445566778899aabbccddeeff authentication hmac-sha1-96 key hex 000102030405060708090a0b0c0d0e0f10111213
 ipsec sa from-pe2
  esp spi 0x2001 encryption aes-128-gcm key hex 00112233445566778899aabbccddeeff01020304
 security asp-group vpn-group
!
card ge-10-port 1
card ge-10-port 2
card ase 3
!
port ethernet 1/1
 no shutdown
 bind interface lan local
port ethernet 2/1
 no shutdown
 bind interface wan local
!
asp pool crypto service security
 asp 3/1
 asp 3/2
asp group vpn-group
 pool crypto
!
tunnel ipsec to-branch manual
 asp-group vpn-group
 mode circuit-based
 peer-end-point local 192.0.2.1 remote 192.0.2.2 context local
 ipsec-sa out to-pe2
 ipsec-sa in from-pe2
 bind interface vpn local
 no shutdown
!
end
)";
