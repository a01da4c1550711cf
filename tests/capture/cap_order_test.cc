// Records leave in order of arrival, round by round, whatever path they took.
#include "capture_writer.h"

#include <cerrno>

namespace
{

class CapOrder : public Folder
{
      protected:
	void SetUp() override
	{
		Folder::SetUp();
		open("x.pcap");
	}
	void TearDown() override
	{
		if (o != nullptr)
			cap_order_shim_close(o);
		Folder::TearDown();
	}
	void open(const char *file)
	{
		Writer w(path(file));

		name = file;
		o = cap_order_shim_new(w.w);
		w.w = nullptr;
	}
	int add(uint32_t round, uint64_t order, uint64_t tie, uint8_t id,
		size_t octets = 60)
	{
		Bytes v = packet(id, octets);
		shim_out rec = out(order, v);

		return cap_order_shim_add(o, round, order, tie, &rec);
	}
	int close()
	{
		int answer = cap_order_shim_close(o);

		o = nullptr;
		return answer;
	}
	// The first octets of the packets in the file.
	Bytes ids() const
	{
		Read read = read_path(path(name));
		Bytes v;

		EXPECT_EQ(read.ended, 0) << read.error;
		for (const Rec &rec : read.recs)
			v.push_back(rec.data.empty() ? 0 : rec.data[0]);
		return v;
	}
	cap_order_shim *o = nullptr;
	std::string name;
};

} // namespace

TEST_F(CapOrder, OrderInARoundIsByTimeThenTieThenAdding)
{
	ASSERT_EQ(add(1, 30, 1, 5), 0);
	ASSERT_EQ(add(1, 10, 2, 2), 0);
	ASSERT_EQ(add(1, 10, 1, 1), 0);
	ASSERT_EQ(add(1, 20, 0, 3), 0);
	ASSERT_EQ(add(1, 20, 0, 4), 0);
	ASSERT_EQ(cap_order_shim_flush(o, 1), 0);
	EXPECT_EQ(ids(), (Bytes{1, 2, 3, 4, 5}));
}

TEST_F(CapOrder, RoundsFollowOneAnotherHoweverTheyAreFlushed)
{
	for (bool apart : {false, true}) {
		TearDown();
		Folder::SetUp();
		open("x.pcapng");
		ASSERT_EQ(add(2, 5, 0, 3), 0);
		ASSERT_EQ(add(1, 9, 0, 2), 0);
		ASSERT_EQ(add(3, 1, 0, 4), 0);
		ASSERT_EQ(add(1, 8, 0, 1), 0);
		if (apart) {
			ASSERT_EQ(cap_order_shim_flush(o, 1), 0);
		}
		ASSERT_EQ(cap_order_shim_flush(o, 3), 0);
		EXPECT_EQ(ids(), (Bytes{1, 2, 3, 4}));
	}
}

TEST_F(CapOrder, LaterRoundsStayUntilTheyAreFlushed)
{
	ASSERT_EQ(add(1, 1, 0, 1), 0);
	ASSERT_EQ(add(2, 2, 0, 2), 0);
	ASSERT_EQ(cap_order_shim_flush(o, 1), 0);
	EXPECT_EQ(ids(), (Bytes{1}));
	ASSERT_EQ(close(), 0);
	EXPECT_EQ(ids(), (Bytes{1, 2}));
}

TEST_F(CapOrder, LivePacketsAreWrittenAtOnce)
{
	ASSERT_EQ(add(0, 9, 0, 1), 0);
	EXPECT_EQ(ids(), (Bytes{1}));
	ASSERT_EQ(add(0, 3, 0, 2), 0);
	EXPECT_EQ(ids(), (Bytes{1, 2}));
}

TEST_F(CapOrder, FlushOfNothingStillWritesTheHeader)
{
	ASSERT_EQ(cap_order_shim_flush(o, 5), 0);
	EXPECT_TRUE(ids().empty());
}

TEST_F(CapOrder, SixteenRoundsAreOpenAndNoMore)
{
	for (uint32_t round = 1; round <= 16; round++)
		ASSERT_EQ(add(round, round, 0, static_cast<uint8_t>(round)), 0);
	EXPECT_EQ(add(17, 17, 0, 17), -ENOBUFS);
	ASSERT_EQ(cap_order_shim_flush(o, 1), 0);
	EXPECT_EQ(add(17, 17, 0, 17), 0);
	ASSERT_EQ(close(), 0);
	EXPECT_EQ(ids().size(), 17U);
}

TEST_F(CapOrder, RoundNumbersMayWrapThroughManyReuses)
{
	Bytes want;

	for (uint32_t round = 1; round < 200; round++) {
		ASSERT_EQ(add(round, 2, 0, 2, 60 + round), 0);
		ASSERT_EQ(add(round, 1, 0, 1, 60), 0);
		want.insert(want.end(), {1, 2});
		if (round % 3 == 0) {
			ASSERT_EQ(cap_order_shim_flush(o, round), 0);
		}
	}
	ASSERT_EQ(close(), 0);
	EXPECT_EQ(ids(), want);
}

// More pieces than one writev(2) takes, in an order with no two side by side.
TEST_F(CapOrder, ReversedRoundOfThousandsComesOutSorted)
{
	const uint32_t n = 5000;
	uint64_t last = 0;

	for (uint32_t i = 0; i < n; i++)
		ASSERT_EQ(add(1, n - i, 0, 7, i % 200), 0);
	ASSERT_EQ(close(), 0);
	Read read = read_path(path(name));
	ASSERT_EQ(read.recs.size(), n);
	for (const Rec &rec : read.recs) {
		EXPECT_GT(rec.time_ns, last);
		EXPECT_EQ(rec.data.size(), (n - rec.time_ns) % 200);
		last = rec.time_ns;
	}
}

TEST_F(CapOrder, RefusesWhatCannotBeWritten)
{
	Bytes v = packet(1);
	shim_out rec = out(1, v, 3);

	EXPECT_EQ(cap_order_shim_add(o, 1, 1, 0, &rec), -EINVAL);
	EXPECT_EQ(add(1, 1, 0, 1, 262145), -EMSGSIZE);
	EXPECT_EQ(add(1, 1, 0, 1), 0);
	ASSERT_EQ(close(), 0);
	EXPECT_EQ(ids(), (Bytes{1}));
}

TEST_F(CapOrder, FirstErrorStays)
{
	Writer w("/dev/full");
	cap_order_shim *full = cap_order_shim_new(w.w);
	Bytes v = packet(1);
	shim_out rec = out(1, v);

	w.w = nullptr;
	ASSERT_EQ(cap_order_shim_add(full, 1, 1, 0, &rec), 0);
	EXPECT_EQ(cap_order_shim_flush(full, 1), -ENOSPC);
	EXPECT_EQ(cap_order_shim_add(full, 2, 1, 0, &rec), -ENOSPC);
	EXPECT_EQ(cap_order_shim_close(full), -ENOSPC);
}
