// RAII over the writers, and packets that can be told apart.
#ifndef CAPTURE_WRITER_H
#define CAPTURE_WRITER_H

#include "cap_write_shim.h"
#include "capture_files.h"

// A packet of n octets, all of them i.
inline Bytes
packet(uint8_t i, size_t n = 60)
{
	return Bytes(n, i);
}

inline shim_out
out(uint64_t time_ns, const Bytes &data, unsigned iface = 0)
{
	shim_out o = {};

	o.time_ns = time_ns;
	o.data = data.data();
	o.octets = static_cast<uint32_t>(data.size());
	o.iface = iface;
	return o;
}

class Writer
{
      public:
	explicit Writer(const std::string &path, uint16_t link = 1)
	{
		char why[512];

		w = cap_write_shim_open(path.c_str(),
					cap_write_shim_is_ng(path.c_str()),
					&opened, why, sizeof(why));
		error = why;
		if (opened == 0 && link != 0) {
			EXPECT_EQ(cap_write_shim_iface(w, link, "one"), 0);
		}
	}
	Writer(int fd, bool ng) : w(cap_write_shim_fd(fd, ng))
	{
		EXPECT_EQ(cap_write_shim_iface(w, 1, nullptr), 0);
	}
	~Writer()
	{
		if (w != nullptr)
			cap_write_shim_close(w);
	}
	int rec(uint64_t time_ns, const Bytes &data, unsigned iface = 0)
	{
		shim_out o = out(time_ns, data, iface);

		return cap_write_shim_rec(w, &o);
	}
	int close()
	{
		int answer = cap_write_shim_close(w);

		w = nullptr;
		return answer;
	}
	cap_write_shim *w = nullptr;
	int opened = 0;
	std::string error;
};

#endif
