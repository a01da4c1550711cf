// Capture points of a card: what is recorded, in which order, under which
// header.
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "card_fixture.h"

namespace
{

struct Record {
	uint32_t context;
	uint64_t handle;
	uint8_t number; // the last octet that put() numbers
};

// A nanosecond pcap as it lies on disk (draft-ietf-opsawg-pcap), link type 32.
std::vector<Record>
records(const std::string &path)
{
	std::ifstream file(path, std::ios::binary);
	std::string s((std::istreambuf_iterator<char>(file)), {});
	auto le32 = [&](size_t at) {
		return static_cast<uint32_t>(
		    static_cast<uint8_t>(s[at]) |
		    static_cast<uint8_t>(s[at + 1]) << 8 |
		    static_cast<uint8_t>(s[at + 2]) << 16 |
		    static_cast<uint8_t>(s[at + 3]) << 24);
	};
	auto be = [&](size_t at, unsigned octets) {
		uint64_t v = 0;
		while (octets-- > 0)
			v = v << 8 | static_cast<uint8_t>(s[at++]);
		return v;
	};
	std::vector<Record> out;

	EXPECT_GE(s.size(), 24U);
	if (s.size() < 24)
		return out;
	EXPECT_EQ(le32(0), 0xa1b23c4dU);
	EXPECT_EQ(le32(20), 32U);
	for (size_t at = 24; at + 16 <= s.size();) {
		size_t len = le32(at + 8);
		size_t data = at + 16;

		EXPECT_EQ(len, 24U + 40U);
		out.push_back({static_cast<uint32_t>(be(data, 4)),
			       be(data + 8, 8),
			       static_cast<uint8_t>(s[data + len - 1])});
		at = data + len;
	}
	return out;
}

} // namespace

TEST_F(Card, RecordsALinkInOrderOfArrivalWithContextAndCircuit)
{
	std::string path = std::string(fake_dir(chassis)) + "/link.pcap";
	fake_pkt p;

	ASSERT_EQ(card_shim_circuit(card, 1, 5, 0x40080001, 0x0102030405060708),
		  0);
	ASSERT_EQ(fake_point(chassis, card_shim_stage, card_tap_link_id,
			     fake_peer_stage(FAKE_EPPA), path.c_str()),
		  0);
	put(CARD_DEED_SEND, 3, 2);
	put(CARD_DEED_SEND, 2, 1);
	put(CARD_DEED_END, 2, 1); // not on that link
	for (unsigned i = 0; i < 5; i++)
		ASSERT_TRUE(fake_take(chassis, FAKE_EPPA, &p));
	ASSERT_EQ(card_shim_flush(card, 2), 0);

	const uint8_t none[4] = {};
	fake_msg msg;
	ASSERT_EQ(fake_send(chassis, msg_close, none, nullptr, 0), 0);
	ASSERT_TRUE(fake_expect(chassis, msg_closed, &msg));
	EXPECT_EQ(card_shim_error_of(&msg), 0U);

	auto got = records(path);
	const uint8_t order[] = {0, 1, 0, 1, 2};
	ASSERT_EQ(got.size(), 5U);
	for (unsigned i = 0; i < 5; i++) {
		EXPECT_EQ(got[i].number, order[i]);
		EXPECT_EQ(got[i].context, 0x40080001U);
		EXPECT_EQ(got[i].handle, 0x0102030405060708U);
	}
	EXPECT_EQ(remove(path.c_str()), 0);
}

TEST_F(Card, RecordsAllThatArrives)
{
	std::string path = std::string(fake_dir(chassis)) + "/all.pcap";
	const uint8_t none[4] = {};
	fake_msg msg;

	ASSERT_EQ(fake_point(chassis, card_shim_stage, card_tap_all_id,
			     card_no_stage, path.c_str()),
		  0);
	put(CARD_DEED_DROP, 6);
	ASSERT_TRUE(fake_fates(chassis, 1, 6));
	ASSERT_EQ(fake_send(chassis, msg_close, none, nullptr, 0), 0);
	ASSERT_TRUE(fake_expect(chassis, msg_closed, &msg));
	EXPECT_EQ(records(path).size(), 6U);
	EXPECT_EQ(remove(path.c_str()), 0);
}

TEST_F(Card, SaysWhyACapturePointCouldNotBeOpened)
{
	std::string path = std::string(fake_dir(chassis)) + "/none/x.pcap";

	EXPECT_EQ(fake_point(chassis, card_shim_stage, card_tap_all_id,
			     card_no_stage, path.c_str()),
		  -ENOENT);
	EXPECT_EQ(fake_point(chassis, card_shim_ippa_stage, card_tap_rx_id,
			     card_no_stage, path.c_str()),
		  -EINVAL);
	EXPECT_EQ(fake_point(chassis, card_shim_stage, card_tap_all_id,
			     card_no_stage, ""),
		  -ENOSPC);
}
