// Lifetimes of SAs, by time and by octets, soft and hard (RFC 4301 section
// 4.4.2.1): what ages an SA, what does not, and who is told.
#include <gtest/gtest.h>

#include "esp_lab.h"

namespace
{

const uint64_t second = 1000000000;
enum { SOFT = 1, HARD = 2, SEQUENCE_LAST = 4 };

Sa
sa_of(uint32_t id, bool outbound)
{
	return sa_make(id, outbound, "aes-128-cbc", "hmac-sha1-96");
}

struct Life : testing::Test {
	void pair(void (*change)(esp_shim_sa &))
	{
		Sa out = sa_of(1, true), in = sa_of(2, false);

		change(in.plain);
		change(out.plain);
		ASSERT_EQ(0, lab.install(out));
		ASSERT_EQ(0, lab.install(in));
	}
	// Its events since asked before.
	unsigned events(uint32_t id)
	{
		unsigned all[3] = {}, e = 0;

		for (int64_t i; (i = esp_shim_event(lab.s, &e)) >= 0;)
			told[i] |= e;
		std::swap(all[id], told[id]);
		return all[id];
	}
	EspLab lab;
	unsigned told[3] = {};
};

} // namespace

TEST_F(Life, EndsAnOutboundSaAtItsOctets)
{
	pair([](esp_shim_sa &p) {
		p.soft_octets = 150;
		p.hard_octets = 250;
	});
	EXPECT_FALSE(lab.seal(ipv4(100)).empty());
	EXPECT_EQ(0u, events(1));
	EXPECT_FALSE(lab.seal(ipv4(100)).empty());
	EXPECT_EQ(SOFT, events(1));
	// It is not over yet: the packet that reaches the limit goes.
	EXPECT_FALSE(lab.seal(ipv4(100)).empty());
	EXPECT_EQ(HARD, events(1));
	EXPECT_TRUE(lab.seal(ipv4(100)).empty());
	EXPECT_EQ("sa-expired", lab.fate());
	EXPECT_EQ(0u, events(1)) << "told once";
	EXPECT_EQ(300u, lab.counter(1, "life-octets"));
	EXPECT_EQ(3u, lab.counter(1, "life-reached"));
	EXPECT_EQ(1u, lab.counter(1, "expired-drops"));
	EXPECT_EQ(3u, lab.counter(1, "packets"));
}

TEST_F(Life, EndsAtTheSamePacketWithinAVector)
{
	pair([](esp_shim_sa &p) { p.hard_octets = 250; });
	Octets clear = ipv4(100), sealed[5];

	esp_shim_clear(lab.s);
	for (unsigned i = 0; i < 5; i++)
		esp_shim_add(lab.s, 1, clear.data(), 100);
	EXPECT_EQ(3u, esp_shim_seal(lab.s));
	EXPECT_EQ("go", lab.fate(2));
	EXPECT_EQ("sa-expired", lab.fate(3));
	for (unsigned i = 0; i < 3; i++)
		sealed[i] = lab.data(i);
	for (unsigned i = 3; i < 5; i++)
		sealed[i] = lab.craft(i + 1, clear + trailer(10));
	esp_shim_clear(lab.s);
	for (const Octets &p : sealed)
		esp_shim_add(lab.s, 7, p.data(),
			     static_cast<unsigned>(p.size()));
	EXPECT_EQ(3u, esp_shim_open(lab.s));
	EXPECT_EQ("go", lab.fate(2));
	EXPECT_EQ("sa-expired", lab.fate(3));
	EXPECT_EQ("sa-expired", lab.fate(4));
	EXPECT_EQ(300u, lab.counter(2, "life-octets"));
}

TEST_F(Life, IsNotShortenedByWhatIsRefused)
{
	pair([](esp_shim_sa &p) {
		p.soft_octets = 100;
		p.hard_octets = 250;
	});
	Octets good = lab.seal(ipv4(90)), forged = good;
	Octets padding = lab.craft(3, ipv4(90) + Octets{9, 9, 9, 9, 4, 4});
	Octets inner = lab.craft(4, Octets(94) + trailer(0));

	forged.back() ^= 1;
	for (unsigned i = 0; i < 20; i++) {
		EXPECT_TRUE(lab.open(forged).empty());
		EXPECT_EQ("integrity", lab.fate());
	}
	EXPECT_FALSE(lab.open(good).empty());
	for (unsigned i = 0; i < 20; i++) {
		EXPECT_TRUE(lab.open(good).empty());
		EXPECT_EQ("replay", lab.fate());
	}
	EXPECT_TRUE(lab.open(padding).empty());
	EXPECT_EQ("bad-padding", lab.fate());
	EXPECT_TRUE(lab.open(inner).empty());
	EXPECT_EQ("bad-ip-header", lab.fate());
	EXPECT_EQ(0u, events(2));
	EXPECT_EQ(90u, lab.counter(2, "life-octets"));
	EXPECT_EQ(0u, lab.counter(2, "life-reached"));
}

TEST_F(Life, CountsNothingForAPacketThatDidNotFit)
{
	pair([](esp_shim_sa &p) { p.hard_octets = 50; });
	Octets bad = ipv4(100);

	bad[3] = 200; // longer than it is
	EXPECT_TRUE(lab.seal(bad).empty());
	EXPECT_EQ("bad-ip-header", lab.fate());
	EXPECT_EQ(0u, lab.counter(1, "life-octets"));
}

TEST_F(Life, EndsByTheClockOfThePackets)
{
	pair([](esp_shim_sa &p) {
		p.soft_ns = 5 * second;
		p.hard_ns = 10 * second;
	});
	esp_shim_time(lab.s, 1700000000 * second);
	EXPECT_FALSE(lab.seal(ipv4(40)).empty());
	esp_shim_time(lab.s, 1700000005 * second - 1);
	EXPECT_FALSE(lab.seal(ipv4(40)).empty());
	EXPECT_EQ(0u, events(1));
	esp_shim_time(lab.s, 1700000005 * second);
	EXPECT_FALSE(lab.seal(ipv4(40)).empty());
	EXPECT_EQ(SOFT, events(1));
	Octets late = lab.seal(ipv4(40));
	esp_shim_time(lab.s, 1700000010 * second);
	EXPECT_TRUE(lab.seal(ipv4(40)).empty());
	EXPECT_EQ("sa-expired", lab.fate());
	EXPECT_EQ(HARD, events(1));
	// As old as the first packet of any SA, not of its own.
	EXPECT_TRUE(lab.open(late).empty());
	EXPECT_EQ("sa-expired", lab.fate());
	EXPECT_EQ(SOFT | HARD, events(2));
}

TEST_F(Life, EndsByTheMachinesClockWithoutAPacket)
{
	pair([](esp_shim_sa &p) {
		p.born_ns = 100 * second;
		p.soft_ns = 5 * second;
		p.hard_ns = 10 * second;
	});
	esp_shim_clock(lab.s, 104 * second);
	EXPECT_EQ(0u, events(1));
	esp_shim_clock(lab.s, 105 * second);
	EXPECT_EQ(SOFT, events(1));
	EXPECT_EQ(SOFT, events(2));
	esp_shim_clock(lab.s, 109 * second);
	EXPECT_EQ(0u, events(1));
	// What the packets carry is another clock.
	esp_shim_time(lab.s, 999 * second);
	EXPECT_FALSE(lab.seal(ipv4(40)).empty());
	esp_shim_clock(lab.s, 111 * second);
	EXPECT_EQ(HARD, events(1));
	EXPECT_TRUE(lab.seal(ipv4(40)).empty());
	EXPECT_EQ("sa-expired", lab.fate());
}

TEST_F(Life, GoesOnWhereItWasBeforeTheAspRestarted)
{
	pair([](esp_shim_sa &p) {
		p.hard_octets = 250;
		p.used = 200;
	});
	EXPECT_EQ(200u, lab.counter(1, "life-octets"));
	EXPECT_FALSE(lab.seal(ipv4(60)).empty());
	EXPECT_TRUE(lab.seal(ipv4(60)).empty());
	EXPECT_EQ("sa-expired", lab.fate());
}

TEST_F(Life, TellsOnceThatNoNumberIsLeft) // RFC 4303 section 3.3.3
{
	Sa sa = sa_of(1, true);

	sa.plain.first = sa.plain.granted = 0xffffffff;
	ASSERT_EQ(0, lab.install(sa));
	EXPECT_FALSE(lab.seal(ipv4(40)).empty());
	for (unsigned i = 0; i < 3; i++) {
		EXPECT_TRUE(lab.seal(ipv4(40)).empty());
		EXPECT_EQ("sequence-exhausted", lab.fate());
	}
	EXPECT_EQ(SEQUENCE_LAST, events(1));
	EXPECT_EQ(0u, events(1));
}

TEST_F(Life, TellsNothingOfAnSaThatIsGone)
{
	pair([](esp_shim_sa &p) { p.hard_octets = 1; });
	EXPECT_FALSE(lab.seal(ipv4(40)).empty());
	ASSERT_EQ(0, esp_shim_delete(lab.s, 1));
	EXPECT_EQ(0u, events(1));
}

TEST_F(Life, EndsTheAuthenticationHeaderToo)
{
	for (bool out : {true, false}) {
		Sa sa = sa_make(out ? 1 : 2, out, "null", "hmac-sha1-96");

		sa.plain.protocol = 51;
		sa.plain.hard_octets = 250;
		ASSERT_EQ(0, lab.install(sa));
	}
	Octets sealed[4];
	for (unsigned i = 0; i < 3; i++)
		sealed[i] = lab.seal(ipv4(100));
	EXPECT_TRUE(lab.seal(ipv4(100)).empty());
	EXPECT_EQ("sa-expired", lab.fate());
	EXPECT_EQ(SOFT | HARD, events(1));
	Octets forged = sealed[0];
	forged.back() ^= 1;
	EXPECT_TRUE(lab.open(forged).empty());
	EXPECT_EQ("integrity", lab.fate());
	EXPECT_EQ(0u, lab.counter(2, "life-octets"));
	for (unsigned i = 0; i < 3; i++)
		EXPECT_FALSE(lab.open(sealed[i]).empty());
	EXPECT_TRUE(lab.open(sealed[2]).empty());
	EXPECT_EQ("sa-expired", lab.fate());
}
