// What the capture tests share: octets, a folder that goes away, whole files
// read at once by our reader and by libpcap.
#ifndef CAPTURE_FILES_H
#define CAPTURE_FILES_H

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "cap_read_shim.h"
#include "libpcap_shim.h"

using Bytes = std::vector<uint8_t>;

struct Rec {
	uint64_t time_ns;
	Bytes data;
	uint32_t len;
	unsigned link;
	uint32_t iface;
};

inline Rec
copy(const shim_rec &r)
{
	return {r.time_ns, Bytes(r.data, r.data + r.caplen), r.len, r.link,
		r.iface};
}

// What reading a file came to: how it opened, the records, how it ended.
struct Read {
	int opened = 0;
	int ended = 0;
	std::string error;
	std::vector<Rec> recs;
	uint64_t offset = 0;
};

inline Read
drain(cap_read_shim *s, int opened)
{
	Read read;
	shim_rec rec;

	read.opened = opened;
	if (opened == 0) {
		while ((read.ended = cap_read_shim_next(s, &rec)) == 1)
			read.recs.push_back(copy(rec));
		EXPECT_EQ(cap_read_shim_next(s, &rec), read.ended);
		read.offset = cap_read_shim_offset(s);
	}
	read.error = cap_read_shim_error(s);
	cap_read_shim_close(s);
	return read;
}

inline Read
read_octets(const Bytes &octets)
{
	int error = 0;
	cap_read_shim *s =
	    cap_read_shim_octets(octets.data(), octets.size(), &error);

	return drain(s, error);
}

inline Read
read_path(const std::string &path, bool any = false)
{
	int error = 0;
	cap_read_shim *s = cap_read_shim_open(path.c_str(), any, &error);

	return drain(s, error);
}

// What libpcap reads; ended: 0 clean, -1 damage; opened: 0 or -1.
inline Read
read_libpcap(const std::string &path)
{
	libpcap_shim *s = libpcap_shim_open(path.c_str());
	Read read;
	shim_rec rec;

	if (s == nullptr) {
		read.opened = -1;
		return read;
	}
	while ((read.ended = libpcap_shim_next(s, &rec)) == 1)
		read.recs.push_back(copy(rec));
	libpcap_shim_close(s);
	return read;
}

class Folder : public ::testing::Test
{
      protected:
	void SetUp() override
	{
		std::string name =
		    (std::filesystem::temp_directory_path() / "capXXXXXX")
			.string();

		ASSERT_NE(mkdtemp(name.data()), nullptr);
		dir = name;
	}
	void TearDown() override
	{
		std::filesystem::remove_all(dir);
	}
	std::string path(const std::string &name) const
	{
		return dir + "/" + name;
	}
	static Bytes octets_of(const std::string &path)
	{
		std::ifstream in(path, std::ios::binary);

		return Bytes(std::istreambuf_iterator<char>(in), {});
	}
	static void store(const std::string &path, const Bytes &octets)
	{
		std::ofstream(path, std::ios::binary)
		    .write(reinterpret_cast<const char *>(octets.data()),
			   static_cast<std::streamsize>(octets.size()));
	}
	std::string dir;
};

// Octets of a capture file in either order.
class Octets
{
      public:
	explicit Octets(bool is_big) : big(is_big)
	{
	}
	Octets &u(uint64_t v, unsigned octets)
	{
		for (unsigned i = 0; i < octets; i++) {
			unsigned shift = 8 * (big ? octets - 1 - i : i);

			v8.push_back(static_cast<uint8_t>(v >> shift));
		}
		return *this;
	}
	Octets &u16(uint64_t v)
	{
		return u(v, 2);
	}
	Octets &u32(uint64_t v)
	{
		return u(v, 4);
	}
	Octets &raw(const Bytes &more)
	{
		v8.insert(v8.end(), more.begin(), more.end());
		return *this;
	}
	Octets &pad()
	{
		v8.resize((v8.size() + 3) / 4 * 4);
		return *this;
	}
	Octets &pcap(uint32_t magic, uint32_t link, unsigned major = 2,
		     unsigned minor = 4)
	{
		return u32(magic)
		    .u16(major)
		    .u16(minor)
		    .u32(0)
		    .u32(0)
		    .u32(262144)
		    .u32(link);
	}
	Octets &rec(uint32_t s, uint32_t fraction, const Bytes &data,
		    uint32_t len)
	{
		return u32(s).u32(fraction).u32(data.size()).u32(len).raw(data);
	}
	Octets &block(uint32_t type, Octets body)
	{
		body.pad();
		return u32(type)
		    .u32(body.v8.size() + 12)
		    .raw(body.v8)
		    .u32(body.v8.size() + 12);
	}
	Octets &shb()
	{
		return block(
		    0x0a0d0d0a,
		    Octets(big).u32(0x1a2b3c4d).u16(1).u16(0).u(~0ULL, 8));
	}
	Octets &idb(uint32_t link, const Bytes &options = {},
		    uint32_t snaplen = 0)
	{
		return block(
		    1, Octets(big).u16(link).u16(0).u32(snaplen).raw(options));
	}
	Octets &epb(uint32_t iface, uint64_t ticks, const Bytes &data,
		    uint32_t len)
	{
		return block(6, Octets(big)
				    .u32(iface)
				    .u32(ticks >> 32)
				    .u32(ticks & 0xffffffff)
				    .u32(data.size())
				    .u32(len)
				    .raw(data));
	}
	Octets &option(unsigned code, const Bytes &value)
	{
		return u16(code).u16(value.size()).raw(value).pad();
	}
	Bytes v8;

      private:
	bool big;
};

const uint32_t PCAP_US = 0xa1b2c3d4;
const uint32_t PCAP_NS = 0xa1b23c4d;
const uint64_t SECOND = 1000000000;

#endif
