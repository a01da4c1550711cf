// Payloads of IKE: exact lengths, bounded counts, nothing behind (RFC 7296
// section 3, RFC 2408 section 3).
#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <vector>

#include "msg_shim.h"

namespace
{

using Octets = std::vector<uint8_t>;

enum {
	V1_SA = 1,
	V1_NONCE = 10,
	V1_NOTIFY = 11,
	SA = 33,
	KE = 34,
	ID = 35,
	AUTH = 39,
	NONCE = 40,
	NOTIFY = 41,
	DELETE_P = 42,
	TSI = 44,
	SK = 46,
	CP = 47,
	EAP = 48,
	SKF = 53,
};

Octets
hex(const std::string &text)
{
	Octets out;

	for (size_t i = 0; i < text.size();) {
		if (text[i] == ' ') {
			i++;
			continue;
		}
		out.push_back(static_cast<uint8_t>(
		    std::stoul(text.substr(i, 2), nullptr, 16)));
		i += 2;
	}
	return out;
}

int
body(uint8_t type, const std::string &text)
{
	Octets o = hex(text);
	// Exactly as large as it is, so that a sanitizer sees the octet behind.
	Octets tight(o.begin(), o.end());

	tight.shrink_to_fit();
	return msg_shim_body(type, tight.data(), tight.size());
}

// One ESP proposal with an SPI, AES-CBC-128, HMAC-SHA1-96, no ESN.
const char *const ESP_SA = "0000002801030403 11223344"
			   "0300000c0100000c800e0080"
			   "0300000803000002"
			   "0000000805000000";

TEST(IkeMsg, ReadsAnSaPayload)
{
	Octets o = hex(ESP_SA);
	unsigned transforms = 0;

	EXPECT_EQ(msg_shim_sa(o.data(), o.size(), &transforms), 1);
	EXPECT_EQ(transforms, 3u);
}

TEST(IkeMsg, RefusesEveryShorterAndLongerSaPayload)
{
	Octets o = hex(ESP_SA);
	unsigned transforms;

	for (size_t n = 0; n < o.size(); n++) {
		Octets cut(o.begin(), o.begin() + static_cast<long>(n));

		cut.shrink_to_fit();
		EXPECT_EQ(msg_shim_sa(cut.data(), n, &transforms), -EBADMSG)
		    << n;
	}
	o.push_back(0);
	EXPECT_EQ(msg_shim_sa(o.data(), o.size(), &transforms), -EBADMSG);
}

TEST(IkeMsg, RefusesWrongCountsOfTransforms) // RFC 7296 section 3.3.1
{
	for (uint8_t count : {0, 2, 4, 255}) {
		Octets o = hex(ESP_SA);
		unsigned transforms;

		o[7] = count;
		EXPECT_EQ(msg_shim_sa(o.data(), o.size(), &transforms),
			  -EBADMSG)
		    << unsigned(count);
	}
}

TEST(IkeMsg, BoundsProposals)
{
	Octets o;
	unsigned transforms;

	for (unsigned i = 0; i < 65; i++) {
		Octets one = hex("0200000801030000");

		one[0] = i < 64 ? 2 : 0;
		o.insert(o.end(), one.begin(), one.end());
	}
	EXPECT_EQ(msg_shim_sa(o.data(), o.size(), &transforms), -E2BIG);
}

TEST(IkeMsg, HoldsNoncesToTheirLengths) // RFC 7296 section 3.9
{
	EXPECT_EQ(body(NONCE, std::string(30, '1')), -EBADMSG);
	EXPECT_EQ(body(NONCE, std::string(32, '1')), 0);
	EXPECT_EQ(body(NONCE, std::string(512, '1')), 0);
	EXPECT_EQ(body(NONCE, std::string(514, '1')), -EBADMSG);
	EXPECT_EQ(body(V1_NONCE, std::string(16, '1')), 0);
	EXPECT_EQ(body(V1_NONCE, std::string(14, '1')), -EBADMSG);
}

TEST(IkeMsg, HoldsIdentitiesToTheirTypes) // RFC 7296 section 3.5
{
	EXPECT_EQ(body(ID, "01000000 c0000201"), 0);
	EXPECT_EQ(body(ID, "01000000 c00002"), -EBADMSG);
	EXPECT_EQ(body(ID, "05000000 c0000201"), -EBADMSG);
	EXPECT_EQ(body(ID, "02000000"), -EBADMSG);
	EXPECT_EQ(body(ID, "020000"), -EBADMSG);
	EXPECT_EQ(body(ID, "02000000" + std::string(514, '6')), -EBADMSG);
}

TEST(IkeMsg, HoldsNotificationsToTheirSpi) // RFC 7296 section 3.10
{
	EXPECT_EQ(body(NOTIFY, "03044009 11223344"), 0);
	EXPECT_EQ(body(NOTIFY, "03054009 11223344"), -EBADMSG);
	EXPECT_EQ(body(NOTIFY, "000040"), -EBADMSG);
	EXPECT_EQ(body(V1_NOTIFY, "00000001 0100000e"), 0);
	EXPECT_EQ(body(V1_NOTIFY, "00000002 0100000e"), -EBADMSG);
	EXPECT_EQ(body(V1_NOTIFY, "000000"), -EBADMSG);
}

TEST(IkeMsg, HoldsDeletesToTheirCount) // RFC 7296 section 3.11
{
	EXPECT_EQ(body(DELETE_P, "03040001 11223344"), 0);
	EXPECT_EQ(body(DELETE_P, "03040002 11223344"), -EBADMSG);
	EXPECT_EQ(body(DELETE_P, "03040001 1122334455"), -EBADMSG);
	EXPECT_EQ(body(DELETE_P, "0304ffff 11223344"), -EBADMSG);
	EXPECT_EQ(body(DELETE_P, "01000000"), 0);
}

TEST(IkeMsg, HoldsSelectorsToTheirForm) // RFC 7296 section 3.13.1
{
	std::string v4 = "07000010 0000ffff 0a010000 0a01ffff";

	EXPECT_EQ(body(TSI, "01000000" + v4), 0);
	EXPECT_EQ(body(TSI, "02000000" + v4), -EBADMSG);
	EXPECT_EQ(body(TSI, "00000000"), -EBADMSG);
	EXPECT_EQ(body(TSI, "01000000" + v4 + "00"), -EBADMSG);
	EXPECT_EQ(body(TSI, "01000000 07000010 0000ffff 0a01ffff 0a010000"),
		  -EBADMSG);
	EXPECT_EQ(body(TSI, "01000000 07000011 0000ffff 0a010000 0a01ffff 00"),
		  -EBADMSG);
	// A type that is not known is passed over.
	EXPECT_EQ(body(TSI, "01000000 09000008 00000000"), 0);
}

TEST(IkeMsg, HoldsTheRestToTheirLengths)
{
	EXPECT_EQ(body(KE, "000e0000"), -EBADMSG);
	EXPECT_EQ(body(KE, "000e0000 01"), 0);
	EXPECT_EQ(body(AUTH, "02000000"), -EBADMSG);
	EXPECT_EQ(body(CP, "01000000 00010004 0a00"), -EBADMSG);
	EXPECT_EQ(body(CP, "01000000 00010000"), 0);
	EXPECT_EQ(body(EAP, "01010005 01"), 0);
	EXPECT_EQ(body(EAP, "01010006 01"), -EBADMSG);
	EXPECT_EQ(body(SKF, "00010002 00"), 0);
	EXPECT_EQ(body(SKF, "00030002 00"), -EBADMSG);
	EXPECT_EQ(body(SKF, "00000002 00"), -EBADMSG);
	EXPECT_EQ(body(V1_SA, "00000002 00000001"), -ENOTSUP);
}

TEST(IkeMsg, ReadsChainsToTheirEnd) // RFC 7296 section 3.2
{
	auto chain = [](uint8_t first, const std::string &text) {
		Octets o = hex(text);

		return msg_shim_chain(first, o.data(), o.size());
	};

	EXPECT_EQ(chain(0, ""), 0);
	EXPECT_EQ(chain(NONCE, "00000004"), 1);
	EXPECT_EQ(chain(NONCE, "29000004 00000004"), 2);
	EXPECT_EQ(chain(NONCE, "29000004"), -EBADMSG);
	EXPECT_EQ(chain(NONCE, "00000003"), -EBADMSG);
	EXPECT_EQ(chain(NONCE, "00000005"), -EBADMSG);
	EXPECT_EQ(chain(NONCE, "0000"), -EBADMSG);
	EXPECT_EQ(chain(SK, "29000008 11223344"), 1) << "SK ends a chain";
	std::string many;
	for (int i = 0; i < 65; i++)
		many += i < 64 ? "28000004" : "00000004";
	EXPECT_EQ(chain(NONCE, many), -E2BIG);
}

TEST(IkeMsg, DemandsTheLengthOfTheHeader) // RFC 7296 section 3.1
{
	Octets o = hex("0102030405060708 0000000000000000 28202208 00000000"
		       "00000020 00000004");

	EXPECT_EQ(msg_shim_message(o.data(), o.size()), 1);
	for (size_t n = 0; n < o.size(); n++)
		EXPECT_EQ(msg_shim_message(o.data(), n), -EBADMSG) << n;
	o.push_back(0);
	EXPECT_EQ(msg_shim_message(o.data(), o.size()), -EBADMSG);
	o[27]++;
	EXPECT_EQ(msg_shim_message(o.data(), o.size()), -EBADMSG);
}

} // namespace
