// What others sent: negotiations of strongSwan with itself are read to the last
// octet and lead to the same keys, our responder answers their requests, and
// malformed IKE of all kinds changes nothing. The files are not part of the
// project; where they are not there the tests are skipped.
#include <gtest/gtest.h>
#include <jansson.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "capture_shim.h"
#include "ike_sim.h"

namespace
{

namespace fs = std::filesystem;
using Octets = std::vector<uint8_t>;

struct Datagram {
	unsigned port;
	Octets octets; // without marker
};

Octets
slurp(const fs::path &path)
{
	std::ifstream in(path, std::ios::binary);

	return Octets(std::istreambuf_iterator<char>(in), {});
}

unsigned
be16(const Octets &o, size_t at)
{
	return static_cast<unsigned>(o[at] << 8 | o[at + 1]);
}

uint32_t
number(const Octets &o, size_t at, bool swapped)
{
	uint32_t v = 0;

	for (unsigned i = 0; i < 4; i++)
		v |= static_cast<uint32_t>(o[at + i])
		     << 8 * (swapped ? 3 - i : i);
	return v;
}

// The UDP payload of an IP packet for IKE's ports, as far as there is one.
void
ip_packet(const Octets &o, size_t at, std::vector<Datagram> &out)
{
	size_t udp;
	Datagram d;

	if (o.size() < at + 20)
		return;
	if (o[at] >> 4 == 4 && o[at + 9] == 17)
		udp = at + 4u * (o[at] & 15);
	else if (o[at] >> 4 == 6 && o.size() > at + 40 && o[at + 6] == 17)
		udp = at + 40;
	else
		return;
	if (o.size() < udp + 8)
		return;
	d.port = be16(o, udp + 2);
	if (d.port != 500 && d.port != 4500)
		d.port = be16(o, udp);
	if (d.port != 500 && d.port != 4500)
		return;
	d.octets.assign(o.begin() + static_cast<long>(udp) + 8, o.end());
	if (d.port == 4500) {
		if (d.octets.size() < 4 || d.octets[0] != 0 ||
		    d.octets[1] != 0 || d.octets[2] != 0 || d.octets[3] != 0)
			return;
		d.octets.erase(d.octets.begin(), d.octets.begin() + 4);
	}
	out.push_back(d);
}

// Of a file of libpcap; what is no such file has no datagrams.
std::vector<Datagram>
datagrams(const fs::path &path)
{
	std::vector<Datagram> out;
	Octets f = slurp(path);
	bool swapped;
	uint32_t link;

	if (f.size() < 24)
		return out;
	swapped = f[0] == 0xa1;
	link = number(f, 20, swapped) & 0xffff;
	for (size_t at = 24; at + 16 <= f.size();) {
		size_t n = number(f, at + 8, swapped);
		size_t ip = link == 1 ? 14 : link == 0 ? 4 : 0;

		at += 16;
		if (n > f.size() - at)
			break;
		Octets packet(f.begin() + static_cast<long>(at),
			      f.begin() + static_cast<long>(at + n));
		ip_packet(packet, ip, out);
		at += n;
	}
	return out;
}

Octets
unhex(const std::string &text)
{
	Octets out;

	for (size_t i = 0; i + 1 < text.size(); i += 2)
		out.push_back(static_cast<uint8_t>(
		    std::stoul(text.substr(i, 2), nullptr, 16)));
	return out;
}

using Secrets = std::map<std::string, Octets>;

Secrets
secrets(const fs::path &path)
{
	json_error_t error;
	json_t *root = json_load_file(path.c_str(), 0, &error);
	Secrets out;
	const char *key;
	json_t *value;

	json_object_foreach(json_object_get(root, "keys"), key, value)
		out[key] = unhex(json_string_value(json_array_get(value, 0)));
	json_decref(root);
	return out;
}

std::vector<fs::path>
captures()
{
	std::vector<fs::path> out;
	fs::path dir = fs::path(SE_VECTORS) / "peer-captures";
	std::error_code none;

	for (const auto &e : fs::directory_iterator(dir, none)) {
		std::string name = e.path().filename();

		if (e.path().extension() == ".pcap" &&
		    name.find("v2") != std::string::npos)
			out.push_back(e.path());
	}
	return out;
}

Octets
key(const uint8_t *octets, size_t n)
{
	return Octets(octets, octets + n);
}

void
same_keys(const capture_result &r, const Secrets &s)
{
	const char *names[] = {"Sk_d secret",  "Sk_ai secret", "Sk_ar secret",
			       "Sk_ei secret", "Sk_er secret", "Sk_pi secret",
			       "Sk_pr secret"};
	const char *esp[] = {
	    "encryption initiator key", "integrity initiator key",
	    "encryption responder key", "integrity responder key"};

	for (unsigned i = 0; i < CAPTURE_KEYS; i++) {
		if (s.count(names[i]) != 0) {
			EXPECT_EQ(key(r.keys[i], r.octets[i]), s.at(names[i]))
			    << names[i];
		}
	}
	for (unsigned i = 0; i < 4; i++) {
		if (s.count(esp[i]) != 0 && !s.at(esp[i]).empty()) {
			EXPECT_EQ(key(r.esp[i], r.esp_octets[i]), s.at(esp[i]))
			    << esp[i];
		}
	}
}

TEST(IkeCapture, ReachesTheKeysOfStrongSwan)
{
	unsigned reached = 0;

	if (captures().empty())
		GTEST_SKIP() << "no captures";
	for (const fs::path &path : captures()) {
		SCOPED_TRACE(path.filename().string());
		Secrets s = secrets(fs::path(path).replace_extension("json"));
		const Octets &dh = s.at("shared Diffie Hellman secret");
		capture_shim *c = capture_shim_new();
		capture_result r;

		for (const Datagram &d : datagrams(path))
			capture_shim_add(c, d.octets.data(), d.octets.size());
		capture_shim_run(c, dh.data(), dh.size(), "smartedge-psk", &r);
		capture_shim_free(c);
		if (r.error == -ENOTSUP &&
		    path.string().find("blowfish") != std::string::npos)
			continue;
		ASSERT_EQ(r.error, 0) << r.what;
		EXPECT_GE(r.opened, 2u);
		EXPECT_TRUE(r.rsa || (r.psk_i && r.psk_r));
		same_keys(r, s);
		reached++;
	}
	EXPECT_GE(reached, 9u);
}

ike_sim_conf
wide()
{
	ike_sim_conf c{};

	c.seed = 1;
	c.b.connection = 2;
	c.b.encr = "des-cbc,3des-cbc,aes-128-cbc,aes-192-cbc,aes-256-cbc,"
		   "aes-128-ccm,aes-256-gcm";
	c.b.integ = "hmac-md5-96,hmac-sha1-96,hmac-sha-256-128,"
		    "hmac-sha-384-192,hmac-sha-512-256";
	c.b.prf = "hmac-md5,hmac-sha1,hmac-sha-256,hmac-sha-384,hmac-sha-512";
	c.b.group = "1,2,5,14,15,20,21";
	c.b.nat_traversal = true;
	c.a.traffic_only = true;
	return c;
}

TEST(IkeCapture, AnswersTheRequestsOfStrongSwan)
{
	unsigned answered = 0;

	if (captures().empty())
		GTEST_SKIP() << "no captures";
	for (const fs::path &path : captures()) {
		SCOPED_TRACE(path.filename().string());
		ike_sim_conf c = wide();
		ike_sim *s = ike_sim_new(&c);
		Octets first = datagrams(path).at(0).octets;
		size_t n = 0;

		ASSERT_NE(s, nullptr);
		ike_sim_inject(s, IKE_SIM_B, 500, first.data(), first.size());
		const uint8_t *last = ike_sim_last(s, IKE_SIM_B, &n);
		ASSERT_NE(last, nullptr);
		EXPECT_EQ(last[18], 34);   // IKE_SA_INIT
		EXPECT_EQ(last[19], 0x20); // response
		if (path.string().find("blowfish") == std::string::npos) {
			EXPECT_EQ(last[16], 33) << "SA comes first";
			answered++;
		}
		ike_sim_free(s);
	}
	EXPECT_GE(answered, 9u);
}

// Every datagram of IKE in a folder, to both ends, before and after they are
// up. What comes back is an answer of a few octets or nothing; the tunnel
// stays.
unsigned
inject_all(const fs::path &dir)
{
	unsigned count = 0;
	std::error_code none;

	for (const auto &e : fs::directory_iterator(dir, none)) {
		SCOPED_TRACE(e.path().filename().string());
		ike_sim_conf c{};
		c.seed = 3;
		c.b.connection = 2;
		std::vector<Datagram> all = datagrams(e.path());
		if (all.empty())
			continue;
		ike_sim *s = ike_sim_new(&c);
		for (int round = 0; round < 2; round++) {
			for (const Datagram &d : all) {
				for (ike_sim_side side : {IKE_SIM_A, IKE_SIM_B})
					ike_sim_inject(s, side, 500,
						       d.octets.data(),
						       d.octets.size());
				count++;
			}
			EXPECT_TRUE(ike_sim_run_up(s, 60000));
		}
		EXPECT_EQ(ike_sim_pairs(s), 2);
		ike_sim_run(s, 60000);
		EXPECT_EQ(ike_sim_half_open(s, IKE_SIM_A), 0u);
		EXPECT_EQ(ike_sim_half_open(s, IKE_SIM_B), 0u);
		ike_sim_free(s);
	}
	return count;
}

TEST(IkeCapture, MalformedIkeChangesNothing)
{
	fs::path dir = fs::path(SE_VECTORS) / "malformed";

	if (!fs::exists(dir))
		GTEST_SKIP() << "no captures";
	EXPECT_GE(inject_all(dir), 4u);
}

TEST(IkeCapture, OthersNegotiationsChangeNothing)
{
	fs::path dir = fs::path(SE_VECTORS) / "ipsec";

	if (!fs::exists(dir))
		GTEST_SKIP() << "no captures";
	EXPECT_GE(inject_all(dir), 10u);
}

} // namespace
