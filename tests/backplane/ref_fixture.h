/* Links by reference: a pool of the first stage's, offered to both. */
#ifndef REF_FIXTURE_H
#define REF_FIXTURE_H

#include "link_fixture.h"

/* What the controller does: makes pools, offers them. */
class Memory
{
      public:
	explicit Memory(uint32_t count)
	    : buffers(count), fd(bp_shim_pool_make(count))
	{
	}
	~Memory()
	{
		close(fd);
		for (int end : ends)
			close(end);
	}
	Memory(const Memory &) = delete;
	Memory &operator=(const Memory &) = delete;
	/* A process's end of a socket, the pool of IPPA offered over it. */
	int offered()
	{
		int end = socket();

		offer();
		return end;
	}
	int socket()
	{
		int theirs = -1;

		EXPECT_EQ(0, bp_shim_pair(&last, &theirs));
		ends.push_back(last);
		ends.push_back(theirs);
		return theirs;
	}
	void offer()
	{
		EXPECT_EQ(0, bp_shim_offer(last, IPPA, buffers, fd));
	}
	uint32_t buffers;
	int fd;

      private:
	std::vector<int> ends;
	int last = -1;
};

#endif
