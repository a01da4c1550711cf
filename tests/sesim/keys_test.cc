/*
 * Keys for Wireshark: rows of eight fields in its own names (found out with
 * tshark 4.0; other names leave packets closed without a word).
 */
#include <gtest/gtest.h>

#include <sys/stat.h>

#include "conf_shim.h"
#include "temp_dir.h"

static const std::string pe1 =
    std::string(SE_SOURCE) + "/topologies/site-to-site/pe1.conf";

TEST(KeysForWireshark, RowsHaveEightFieldsInItsOwnNames)
{
	TempDir dir;
	char why[512] = "";

	ASSERT_EQ(conf_shim_keys(pe1.c_str(), dir.at("k").c_str(), why), 0)
	    << why;
	std::string text = TempDir::read(dir.at("k/esp_sa"));
	EXPECT_NE(text.find("\"IPv4\",\"192.0.2.1\",\"192.0.2.2\","
			    "\"0x00001001\",\"AES-CBC [RFC3602]\","
			    "\"0x00112233445566778899aabbccddeeff\","
			    "\"HMAC-SHA-1-96 [RFC2404]\","
			    "\"0x000102030405060708090a0b0c0d0e0f10111213\""),
		  std::string::npos);
	EXPECT_NE(text.find("\"IPv4\",\"192.0.2.2\",\"192.0.2.1\","
			    "\"0x00002001\","
			    "\"AES-GCM with 16 octet ICV [RFC4106]\","
			    "\"0x00112233445566778899aabbccddeeff01020304\","
			    "\"NULL\",\"\""),
		  std::string::npos);
}

TEST(KeysForWireshark, AreForTheirOwnerAlone)
{
	TempDir dir;
	char why[512] = "";
	struct stat st;

	ASSERT_EQ(conf_shim_keys(pe1.c_str(), dir.at("k").c_str(), why), 0);
	ASSERT_EQ(stat(dir.at("k").c_str(), &st), 0);
	EXPECT_EQ(st.st_mode & 0777, 0700u);
	for (const char *name :
	     {"esp_sa", "ikev1_decryption_table", "ikev2_decryption_table"}) {
		ASSERT_EQ(stat(dir.at("k/" + std::string(name)).c_str(), &st),
			  0);
		EXPECT_EQ(st.st_mode & 0777, 0600u) << name;
	}
}

TEST(KeysForWireshark, TellWhyTheyCanNotBeWritten)
{
	TempDir dir;
	char why[512] = "";

	EXPECT_NE(conf_shim_keys(pe1.c_str(), dir.at("no/k").c_str(), why), 0);
	EXPECT_NE(std::string(why).find("no/k"), std::string::npos);
}
