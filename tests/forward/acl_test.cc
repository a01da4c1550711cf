// Access lists: the first row that a packet fits, as a plain reading of the
// rows one after the other says.
#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>
#include <random>
#include <vector>

#include "acl_shim.h"

namespace
{

struct Lists {
	acl_shim *shim = acl_shim_new();
	~Lists()
	{
		acl_shim_free(shim);
	}
	void put(uint32_t id, const std::vector<acl_shim_row> &rows,
		 unsigned family = 4)
	{
		for (const auto &row : rows)
			ASSERT_EQ(acl_shim_put(shim, id, family, &row), 0);
		ASSERT_EQ(acl_shim_apply(shim), 0);
	}
};

acl_shim_row
any(uint32_t seq, bool permit = true)
{
	acl_shim_row row = {};
	row.seq = seq;
	row.permit = permit;
	memset(row.src_wild, 0xff, 16);
	memset(row.dst_wild, 0xff, 16);
	return row;
}

bool
in(const uint8_t *a, const uint8_t *b, const uint8_t *wild, unsigned octets)
{
	for (unsigned i = 0; i < octets; i++) {
		if (((a[i] ^ b[i]) & ~wild[i]) != 0)
			return false;
	}
	return true;
}

bool
port_fits(unsigned asks, unsigned which, unsigned outside, uint16_t port,
	  uint16_t low, uint16_t high, const acl_shim_flow &f)
{
	if ((asks & which) == 0)
		return true;
	if ((f.shows & ACL_SHIM_HAS_PORTS) == 0)
		return false;
	return (port >= low && port <= high) != ((asks & outside) != 0);
}

/* The definition, read word by word. */
bool
fits(const acl_shim_row &r, const acl_shim_flow &f, unsigned family)
{
	unsigned octets = family == 4 ? 4 : 16;

	if (!in(f.src, r.src, r.src_wild, octets) ||
	    !in(f.dst, r.dst, r.dst_wild, octets))
		return false;
	if ((r.asks & ACL_SHIM_PROTOCOL) &&
	    ((f.shows & ACL_SHIM_OPAQUE) || f.protocol != r.protocol))
		return false;
	if ((r.asks & ACL_SHIM_TOS) && ((f.tos ^ r.tos) & r.tos_mask))
		return false;
	if (!port_fits(r.asks, ACL_SHIM_SRC_PORT, ACL_SHIM_SRC_NOT, f.src_port,
		       r.src_low, r.src_high, f) ||
	    !port_fits(r.asks, ACL_SHIM_DST_PORT, ACL_SHIM_DST_NOT, f.dst_port,
		       r.dst_low, r.dst_high, f))
		return false;
	if ((r.asks & ACL_SHIM_TYPE) &&
	    (!(f.shows & ACL_SHIM_HAS_TYPE) || f.type != r.type))
		return false;
	if ((r.asks & ACL_SHIM_CODE) &&
	    (!(f.shows & ACL_SHIM_HAS_TYPE) || f.code != r.code))
		return false;
	if ((r.asks & ACL_SHIM_ESTABLISHED) &&
	    (!(f.shows & ACL_SHIM_HAS_FLAGS) || !(f.tcp_flags & 0x14)))
		return false;
	return !(r.asks & ACL_SHIM_FRAGMENTS) || (f.shows & ACL_SHIM_LATER);
}

uint32_t
first(const std::vector<acl_shim_row> &rows, const acl_shim_flow &f,
      unsigned family)
{
	uint32_t best = 0;

	for (const auto &r : rows) {
		if (fits(r, f, family) && (best == 0 || r.seq < best))
			best = r.seq;
	}
	return best;
}

/* Few values, so that rows and packets often meet. */
struct Dice {
	std::mt19937 rnd;
	explicit Dice(unsigned seed) : rnd(seed)
	{
	}
	unsigned of(unsigned n)
	{
		return rnd() % n;
	}
	uint16_t port()
	{
		static const uint16_t ports[] = {
		    0, 1, 21, 22, 80, 443, 1023, 1024, 500, 4500, 65534, 65535};
		return ports[of(12)];
	}
	void address(uint8_t *a, unsigned octets)
	{
		for (unsigned i = 0; i < octets; i++)
			a[i] = static_cast<uint8_t>(of(3) * 0x55);
	}
	acl_shim_row row(uint32_t seq, unsigned octets)
	{
		static const uint8_t wild[] = {0, 0xff, 0x0f, 0xf0, 0x81};
		acl_shim_row r = any(seq, of(2) != 0);
		r.asks = static_cast<uint16_t>(rnd() & rnd() & 0x3ff);
		address(r.src, octets);
		address(r.dst, octets);
		for (unsigned i = 0; i < octets; i++) {
			r.src_wild[i] = wild[of(5)];
			r.dst_wild[i] = of(3) ? 0xff : wild[of(5)];
		}
		r.protocol = static_cast<uint8_t>(of(2) ? 6 : 17);
		r.tos = static_cast<uint8_t>(of(4) << 5);
		r.tos_mask = of(2) ? 0xe0 : 0xfc;
		r.type = static_cast<uint8_t>(of(3));
		r.code = static_cast<uint8_t>(of(2));
		r.src_low = port();
		r.src_high = port();
		if (r.src_high < r.src_low)
			std::swap(r.src_low, r.src_high);
		r.dst_low = r.dst_high = port();
		return r;
	}
	acl_shim_flow flow(unsigned octets)
	{
		acl_shim_flow f = {};
		address(f.src, octets);
		address(f.dst, octets);
		f.src_port = port();
		f.dst_port = port();
		f.protocol = static_cast<uint8_t>(of(2) ? 6 : 17);
		f.tos = static_cast<uint8_t>(of(8) << 5 | of(4));
		f.shows = static_cast<uint8_t>(rnd() & 0x3f);
		f.type = static_cast<uint8_t>(of(3));
		f.code = static_cast<uint8_t>(of(2));
		f.tcp_flags = static_cast<uint8_t>(rnd() & 0x3f);
		return f;
	}
};

} // namespace

class AclRandom
    : public ::testing::TestWithParam<std::tuple<unsigned, unsigned>>
{
};

TEST_P(AclRandom, FindsTheRowThatAPlainReadingFinds)
{
	auto [rows, family] = GetParam();
	unsigned octets = family == 4 ? 4 : 16;

	for (unsigned seed = 1; seed <= 20; seed++) {
		Dice dice(seed * 1000 + rows);
		std::vector<acl_shim_row> list;
		Lists lists;

		for (unsigned i = 0; i < rows; i++)
			list.push_back(
			    dice.row(1 + i * 7 % (8 * rows), octets));
		lists.put(9, list, family);
		for (unsigned i = 0; i < 500; i++) {
			acl_shim_flow f = dice.flow(octets);

			ASSERT_EQ(acl_shim_match(lists.shim, 9, family, &f),
				  first(list, f, family))
			    << "seed " << seed << " packet " << i;
		}
	}
}

INSTANTIATE_TEST_SUITE_P(Sizes, AclRandom,
			 ::testing::Combine(::testing::Values(1, 2, 63, 64, 65,
							      128, 200),
					    ::testing::Values(4, 6)));

TEST(Acl, RowsAreTriedBySeqWhateverOrderTheyCameIn)
{
	Lists lists;
	acl_shim_flow f = {};

	lists.put(1, {any(30), any(10, false), any(20)});
	EXPECT_EQ(acl_shim_match(lists.shim, 1, 4, &f), 10u);
}

TEST(Acl, ARowOfTheSameSeqReplaces)
{
	Lists lists;
	acl_shim_flow f = {};
	acl_shim_row tcp = any(10);

	tcp.asks = ACL_SHIM_PROTOCOL;
	tcp.protocol = 6;
	lists.put(1, {any(10)});
	lists.put(1, {tcp});
	EXPECT_EQ(acl_shim_match(lists.shim, 1, 4, &f), 0u);
	f.protocol = 6;
	EXPECT_EQ(acl_shim_match(lists.shim, 1, 4, &f), 10u);
}

TEST(Acl, ChangesActTogetherWhenApplied)
{
	Lists lists;
	acl_shim_flow f = {};
	acl_shim_row first = any(5);

	lists.put(1, {any(10)});
	ASSERT_EQ(acl_shim_put(lists.shim, 1, 4, &first), 0);
	EXPECT_EQ(acl_shim_match(lists.shim, 1, 4, &f), 10u);
	acl_shim_delete(lists.shim, 1, 10);
	acl_shim_delete(lists.shim, 1, 11);
	acl_shim_delete(lists.shim, 77, 10);
	ASSERT_EQ(acl_shim_apply(lists.shim), 0);
	EXPECT_EQ(acl_shim_match(lists.shim, 1, 4, &f), 5u);
	acl_shim_delete(lists.shim, 1, 5);
	ASSERT_EQ(acl_shim_apply(lists.shim), 0);
	EXPECT_FALSE(acl_shim_there(lists.shim, 1));
}

TEST(Acl, RefusesWhatCanNotBe)
{
	Lists lists;
	acl_shim_row row = any(1);

	EXPECT_EQ(acl_shim_put(lists.shim, 0, 4, &row), -EINVAL);
	EXPECT_EQ(acl_shim_put(lists.shim, 1 << 24, 4, &row), -EINVAL);
	EXPECT_EQ(acl_shim_put(lists.shim, 1, 5, &row), -EINVAL);
	ASSERT_EQ(acl_shim_put(lists.shim, 1, 4, &row), 0);
	EXPECT_EQ(acl_shim_put(lists.shim, 1, 6, &row), -EINVAL);
}

TEST(Acl, TakesSoManyRowsAndNoMore)
{
	Lists lists;
	acl_shim_flow f = {};

	for (unsigned i = 1; i <= acl_shim_rows_max(); i++) {
		acl_shim_row row = any(i);

		row.asks = ACL_SHIM_DST_PORT;
		row.dst_low = row.dst_high = static_cast<uint16_t>(i);
		ASSERT_EQ(acl_shim_put(lists.shim, 1, 4, &row), 0);
	}
	acl_shim_row more = any(acl_shim_rows_max() + 1);
	EXPECT_EQ(acl_shim_put(lists.shim, 1, 4, &more), -EINVAL);
	ASSERT_EQ(acl_shim_apply(lists.shim), 0);
	f.shows = ACL_SHIM_HAS_PORTS;
	f.dst_port = static_cast<uint16_t>(acl_shim_rows_max());
	EXPECT_EQ(acl_shim_match(lists.shim, 1, 4, &f), acl_shim_rows_max());
	f.dst_port++;
	EXPECT_EQ(acl_shim_match(lists.shim, 1, 4, &f), 0u);
}
