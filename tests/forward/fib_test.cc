// Longest prefix match against a naive list, and the bounds on memory.
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <random>
#include <utility>
#include <vector>

#include "fib_shim.h"

namespace
{

struct Fib {
	fib_shim *shim = fib_shim_new();

	~Fib()
	{
		fib_shim_free(shim);
	}
};

uint32_t
mask(unsigned len)
{
	return len == 0 ? 0 : ~uint32_t{0} << (32 - len);
}

// What a list of all routes says: the longest prefix wins.
class Naive
{
      public:
	std::map<std::pair<unsigned, uint32_t>, uint32_t> routes;

	uint32_t lookup(uint32_t dst) const
	{
		for (unsigned len = 33; len-- > 0;) {
			auto it = routes.find({len, dst & mask(len)});
			if (it != routes.end())
				return it->second;
		}
		return 0;
	}
};

struct Mix {
	std::mt19937 random;
	uint32_t area; // address bits that vary

	uint32_t address()
	{
		return (random() & area) | (0x0a000000 & ~area);
	}
};

// Addresses at and beside the edges of routes, and some anywhere.
void
compare(const Fib &fib, const Naive &naive, Mix &mix)
{
	std::vector<uint32_t> dst = {0, ~uint32_t{0}};

	for (auto &[key, value] : naive.routes) {
		uint32_t first = key.second;
		uint32_t last = first | ~mask(key.first);
		for (uint32_t a : {first - 1, first, last, last + 1})
			dst.push_back(a);
	}
	for (int i = 0; i < 1000; i++)
		dst.push_back(mix.address());
	std::vector<uint32_t> got(dst.size());
	fib_shim_lookup_vec(fib.shim, dst.data(), got.data(),
			    static_cast<unsigned>(dst.size()));
	for (size_t i = 0; i < dst.size(); i++) {
		ASSERT_EQ(got[i], naive.lookup(dst[i])) << std::hex << dst[i];
		ASSERT_EQ(got[i], fib_shim_lookup(fib.shim, dst[i]));
	}
	ASSERT_EQ(fib_shim_routes(fib.shim), naive.routes.size());
}

// Sets and deletes in batches, among them changes of one prefix in one batch.
void
churn(uint32_t area, unsigned batches, unsigned per_batch, unsigned least)
{
	Fib fib;
	Naive naive;
	Mix mix{std::mt19937(area + batches), area};

	for (unsigned b = 0; b < batches; b++) {
		for (unsigned i = 0; i < per_batch; i++) {
			unsigned len = least + mix.random() % (33 - least);
			uint32_t prefix = mix.address() & mask(len);
			uint32_t value = 1 + mix.random() % 5;

			if (mix.random() % 3 == 0) {
				if (mix.random() % 2 && !naive.routes.empty()) {
					auto it = naive.routes.lower_bound(
					    {len, prefix});
					if (it == naive.routes.end())
						it = naive.routes.begin();
					len = it->first.first;
					prefix = it->first.second;
				}
				ASSERT_EQ(
				    fib_shim_delete(fib.shim, prefix, len), 0);
				naive.routes.erase({len, prefix});
			} else {
				ASSERT_EQ(
				    fib_shim_set(fib.shim, prefix, len, value),
				    0);
				naive.routes[{len, prefix}] = value;
			}
		}
		ASSERT_EQ(fib_shim_apply(fib.shim), 0);
		ASSERT_NO_FATAL_FAILURE(compare(fib, naive, mix));
	}
}

} // namespace

TEST(Fib, AgreesWithAListWhileSmall) // RFC 1812 section 5.2.4.3
{
	churn(0xffffffff, 40, 30, 0);
}

TEST(Fib, AgreesWithAListWherePrefixesNestDeeply)
{
	churn(0x000000ff, 60, 40, 20);
}

TEST(Fib, AgreesWithAListWhenLarge)
{
	churn(0xffffffff, 8, 3000, 0);
}

TEST(Fib, AgreesWithAListWhenLargeInAFewSlots)
{
	churn(0x0003ffff, 8, 4000, 0);
}

TEST(Fib, ShortAndFullLengthPrefixes)
{
	Fib fib;

	EXPECT_EQ(fib_shim_lookup(fib.shim, 1), 0u);
	ASSERT_EQ(fib_shim_set(fib.shim, 0, 0, 7), 0);
	ASSERT_EQ(fib_shim_set(fib.shim, 0xffffffff, 32, 9), 0);
	ASSERT_EQ(fib_shim_set(fib.shim, 0, 32, 8), 0);
	ASSERT_EQ(fib_shim_apply(fib.shim), 0);
	EXPECT_EQ(fib_shim_lookup(fib.shim, 0), 8u);
	EXPECT_EQ(fib_shim_lookup(fib.shim, 1), 7u);
	EXPECT_EQ(fib_shim_lookup(fib.shim, 0xfffffffe), 7u);
	EXPECT_EQ(fib_shim_lookup(fib.shim, 0xffffffff), 9u);
}

TEST(Fib, NotedChangesActOnlyWhenApplied)
{
	Fib fib;

	ASSERT_EQ(fib_shim_set(fib.shim, 0x0a000000, 8, 3), 0);
	EXPECT_EQ(fib_shim_lookup(fib.shim, 0x0a000001), 0u);
	ASSERT_EQ(fib_shim_apply(fib.shim), 0);
	ASSERT_EQ(fib_shim_delete(fib.shim, 0x0a000000, 8), 0);
	EXPECT_EQ(fib_shim_lookup(fib.shim, 0x0a000001), 3u);
	ASSERT_EQ(fib_shim_apply(fib.shim), 0);
	EXPECT_EQ(fib_shim_lookup(fib.shim, 0x0a000001), 0u);
}

TEST(Fib, RefusesWhatIsNoRoute)
{
	Fib fib;

	EXPECT_EQ(fib_shim_set(fib.shim, 0, 33, 1), -EINVAL);
	EXPECT_EQ(fib_shim_set(fib.shim, 0x0a000001, 8, 1), -EINVAL);
	EXPECT_EQ(fib_shim_set(fib.shim, 1, 0, 1), -EINVAL);
	EXPECT_EQ(fib_shim_set(fib.shim, 0, 0, 0), -EINVAL);
	EXPECT_EQ(fib_shim_set(fib.shim, 0, 0, 1u << 24), -EINVAL);
	EXPECT_EQ(fib_shim_delete(fib.shim, 3, 31), -EINVAL);
}

TEST(Fib, SmallContextsCostLittle)
{
	Fib fib;

	for (uint32_t i = 0; i < 4; i++)
		ASSERT_EQ(fib_shim_set(fib.shim, i << 24, 8, 1 + i), 0);
	ASSERT_EQ(fib_shim_apply(fib.shim), 0);
	EXPECT_LT(fib_shim_octets(fib.shim), 512u);
}

namespace
{

void
million(unsigned len, uint32_t area)
{
	const size_t n = 1000000;
	Fib fib;
	Mix mix{std::mt19937(len + 1), area};

	while (fib_shim_routes(fib.shim) < n) {
		for (size_t i = fib_shim_routes(fib.shim); i < n; i++) {
			unsigned l = len != 0 ? len : 8 + mix.random() % 25;
			ASSERT_EQ(fib_shim_set(fib.shim,
					       mix.address() & mask(l), l,
					       1 + mix.random() % 1000),
				  0);
		}
		ASSERT_EQ(fib_shim_apply(fib.shim), 0);
	}
	EXPECT_LT(fib_shim_octets(fib.shim) / static_cast<double>(n), 32.0);
}

} // namespace

TEST(Fib, AMillionPrefixesOf24BitsFit)
{
	million(24, 0xffffffff);
}

TEST(Fib, AMillionPrefixesOf32BitsFit)
{
	million(32, 0xffffffff);
}

TEST(Fib, AMillionPrefixesOfMixedLengthsFit)
{
	million(0, 0xffffffff);
}

TEST(Fib, AMillionPrefixesInOneCornerFit)
{
	million(32, 0x01ffffff);
}

TEST(FibSet, ContextsAreApart)
{
	fib_set_shim *set = fib_set_shim_new();

	for (uint32_t context : {0x40080003u, 0x40080001u, 0x40080002u})
		ASSERT_EQ(
		    fib_set_shim_route(set, context, 0, 0, context & 0xff), 0);
	ASSERT_EQ(fib_set_shim_apply(set), 0);
	for (uint32_t context : {0x40080001u, 0x40080002u, 0x40080003u})
		EXPECT_EQ(fib_set_shim_lookup(set, context, 5), context & 0xff);
	EXPECT_EQ(fib_set_shim_lookup(set, 0x40080004, 5), -1);
	fib_set_shim_free(set);
}
