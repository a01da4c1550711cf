// Messages that IKEv1 can not take: each is refused with the reason of the
// SmartEdge's log and the notification of RFC 2408 section 5, or in silence.
#include <gtest/gtest.h>

#include <dirent.h>
#include <memory>

#include "capture.h"
#include "v1_lab.h"

namespace
{

struct Responder {
	Responder() : p(nullptr, v1_lab_free)
	{
		v1_lab_conf c = {};

		c.seed = 1;
		c.tunnels = 1;
		c.group = 2;
		c.encr = "aes-128-cbc";
		c.integ = "hmac-sha1-96";
		c.esp_enc = "aes-128-cbc";
		c.esp_auth = "hmac-sha1-96";
		c.ike_life_s[0] = c.ike_life_s[1] = 86400;
		c.child_life_s[0] = c.child_life_s[1] = 3600;
		p.reset(v1_lab_new(&c));
	}
	void send(const Octets &o)
	{
		v1_lab_inject(p.get(), LAB_B, o.data(), o.size());
	}
	// The type of the notification that came back; 0: none came.
	unsigned notified()
	{
		Octets o(4096);

		o.resize(v1_lab_said(p.get(), LAB_B, o.data(), o.size()));
		if (o.empty() || o[18] != 5)
			return 0;
		Octets n = body(payloads(o[16], o, 28), 11);
		return n.size() < 8 ? 0 : n[6] << 8 | n[7];
	}
	bool answered()
	{
		Octets o(4096);

		return v1_lab_said(p.get(), LAB_B, o.data(), o.size()) > 0;
	}
	unsigned rejects(const char *text) const
	{
		return v1_lab_rejects(p.get(), LAB_B, text);
	}
	unsigned sas() const
	{
		v1_lab_state s = {};

		v1_lab_get(p.get(), LAB_B, &s);
		return s.sas;
	}
	std::unique_ptr<v1_lab, void (*)(v1_lab *)> p;
};

Octets
header(uint8_t next, uint8_t exchange, const Octets &rest,
       uint8_t version = 0x10, uint8_t flags = 0,
       const std::string &id = "00000000",
       const std::string &cookies = "0102030405060708 0000000000000000")
{
	size_t n = 28 + rest.size();

	return hex(cookies) + Octets{next, version, exchange, flags} + hex(id) +
	       Octets{0, 0, static_cast<uint8_t>(n >> 8),
		      static_cast<uint8_t>(n)} +
	       rest;
}

// SA: AES-128, SHA-1, pre-shared key, group 2, a day.
const char proposal[] = "0000003c 00000001 00000001 00000030 01010001"
			"00000028 01010000 80010007 800e0080 80020002"
			"80030001 80040002 800b0001 000c0004 00015180";

TEST(V1Malformed, GoodOneIsAnswered)
{
	Responder r;

	r.send(header(1, 2, hex(proposal)));
	EXPECT_TRUE(r.answered());
	EXPECT_EQ(1u, r.sas());
	EXPECT_EQ(0u, r.rejects(nullptr));
}

TEST(V1Malformed, HeadersThatLie)
{
	Responder r;
	Octets good = header(1, 2, hex(proposal));
	Octets longer = good + hex("00"), shorter = good;

	shorter.pop_back();
	r.send(longer);
	r.send(shorter);
	r.send(part(good, 0, 27));
	r.send(header(0, 2, {}));
	EXPECT_EQ(4u, r.rejects("malformed header/length"));
	EXPECT_FALSE(r.answered());
	EXPECT_EQ(0u, r.sas());
}

TEST(V1Malformed, OtherVersion)
{
	Responder r;

	r.send(header(1, 2, hex(proposal), 0x30));
	EXPECT_EQ(5u, r.notified()); // INVALID-MAJOR-VERSION
	EXPECT_EQ(1u, r.rejects("unsupported version"));
}

TEST(V1Malformed, UnknownExchange)
{
	Responder r;

	r.send(header(1, 99, hex(proposal)));
	EXPECT_EQ(7u, r.notified()); // INVALID-EXCHANGE-TYPE
	EXPECT_EQ(1u, r.rejects("unexpected exchange type"));
}

TEST(V1Malformed, UnknownCookiesGetNoAnswer)
{
	Responder r;
	const char *cookies = "0102030405060708 1112131415161718";

	r.send(header(4, 2, hex("00000008 00000000"), 0x10, 0, "00000000",
		      cookies));
	r.send(header(8, 32, Octets(64), 0x10, 1, "00000009", cookies));
	r.send(header(8, 5, Octets(64), 0x10, 1, "00000009", cookies));
	EXPECT_EQ(3u, r.rejects("unknown cookie"));
	EXPECT_FALSE(r.answered());
}

TEST(V1Malformed, PayloadsThatLie)
{
	const char *const bad[] = {
	    "00000003",          // shorter than its header
	    "00000100 00000001", // longer than the message
	    "01000008 00000001", // no next payload where one is promised
	    "0000000c 00000001 00000001", // SA without a proposal
	};

	for (const char *b : bad) {
		Responder r;

		r.send(header(1, 2, hex(b)));
		EXPECT_EQ(16u, r.notified()) << b; // PAYLOAD-MALFORMED
		EXPECT_EQ(1u, r.rejects("malformed header/length")) << b;
		EXPECT_EQ(0u, r.sas());
	}
}

TEST(V1Malformed, SaMustBeFirstAndAlone)
{
	Responder r;

	r.send(header(13, 2, hex("01000008 01020304") + hex(proposal)));
	EXPECT_EQ(16u, r.notified());
	Octets twice = hex(proposal);
	twice[0] = 1;
	r.send(header(1, 2, twice + hex(proposal)));
	EXPECT_EQ(16u, r.notified());
	EXPECT_EQ(0u, r.sas());
}

TEST(V1Malformed, EveryCutAndEveryOctetChanged)
{
	Octets good = header(1, 2, hex(proposal));

	for (size_t i = 28; i < good.size(); i++) {
		Responder r;
		Octets o = header(1, 2, part(good, 28, i - 28));

		r.send(o);
		EXPECT_EQ(1u, r.rejects(nullptr)) << i;
	}
	for (size_t i = 0; i < good.size(); i++) {
		for (uint8_t v : {0x00, 0x01, 0x7f, 0xff}) {
			Responder r;
			Octets o = good;

			o[i] = v;
			r.send(o);
			// Taken or refused, never neither.
			EXPECT_EQ(1u, r.sas() + r.rejects(nullptr))
			    << i << " " << int(v);
		}
	}
}

TEST(V1Malformed, OtherDoiAndNoProposal)
{
	Responder r;
	Octets doi = hex(proposal);

	doi[7] = 2;
	r.send(header(1, 2, doi));
	EXPECT_EQ(2u, r.notified()); // DOI-NOT-SUPPORTED
	Octets group = hex(proposal);
	group[47] = 5;
	r.send(header(1, 2, group));
	EXPECT_EQ(14u, r.notified()); // NO-PROPOSAL-CHOSEN
	EXPECT_EQ(2u, r.rejects("no proposal chosen"));
	// Main mode is what this peer's policy has.
	Octets key = hex(proposal);
	key[0] = 4;
	r.send(header(1, 4,
		      key + hex("0a000084") + Octets(128) + hex("05000014") +
			  Octets(16, 1) + hex("0000000c 01000000 0a000001")));
	EXPECT_EQ(14u, r.notified());
	EXPECT_EQ(1u, r.rejects("no policy for peer"));
}

TEST(V1Malformed, NoticesAreFewOnAFlood)
{
	Responder r;
	unsigned said = 0;

	for (unsigned i = 0; i < 1000; i++) {
		r.send(header(1, 99, hex(proposal)));
		said += r.answered();
	}
	EXPECT_LE(said, 10u);
	EXPECT_EQ(1000u, r.rejects("unexpected exchange type"));
}

// IKE in captures of others, IKEv2's among it: taken or refused, never neither.
TEST(V1Malformed, CapturesOfOthers)
{
	unsigned seen = 0;

	for (std::string folder : {"ipsec", "malformed", "peer-captures"}) {
		std::string path = SE_VECTORS "/" + folder;
		DIR *d = opendir(path.c_str());

		if (d == nullptr)
			GTEST_SKIP() << "the vectors are not here";
		for (dirent *e; (e = readdir(d)) != nullptr;) {
			std::string name = e->d_name;

			if (name.size() < 5 ||
			    name.substr(name.size() - 5) != ".pcap")
				continue;
			Responder r;
			for (const Message &m : capture(path + "/" + name)) {
				unsigned before = r.sas() + r.rejects(nullptr);

				r.send(m.octets);
				EXPECT_TRUE(r.answered() ||
					    r.sas() + r.rejects(nullptr) >
						before)
				    << name;
				seen++;
			}
		}
		closedir(d);
	}
	EXPECT_GT(seen, 100u);
}

} // namespace
