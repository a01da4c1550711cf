// Longest prefix match for IPv6 against a naive list, and the bound on memory.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <random>
#include <utility>
#include <vector>

#include "fib6_shim.h"

namespace
{

using Addr = std::array<uint8_t, 16>;

struct Fib6 {
	fib6_shim *shim = fib6_shim_new();

	~Fib6()
	{
		fib6_shim_free(shim);
	}
};

Addr
mask(Addr a, unsigned len, uint8_t rest = 0)
{
	for (unsigned bit = len; bit < 128; bit++) {
		uint8_t one = static_cast<uint8_t>(0x80 >> bit % 8);
		a[bit / 8] =
		    static_cast<uint8_t>((a[bit / 8] & ~one) | (rest & one));
	}
	return a;
}

// The next address up or down, round at the ends.
Addr
step(Addr a, int by)
{
	for (size_t i = 16; i-- > 0;) {
		a[i] = static_cast<uint8_t>(a[i] + by);
		if (a[i] != (by > 0 ? 0 : 255))
			break;
	}
	return a;
}

class Naive
{
      public:
	std::map<std::pair<unsigned, Addr>, uint32_t> routes;

	uint32_t lookup(const Addr &dst) const
	{
		for (unsigned len = 129; len-- > 0;) {
			auto it = routes.find({len, mask(dst, len)});
			if (it != routes.end())
				return it->second;
		}
		return 0;
	}
};

struct Mix {
	std::mt19937 random;
	unsigned vary; // of each octet behind the first two

	// Crowded on purpose: prefixes lie in one another and side by side.
	Addr address()
	{
		Addr a = {0x20, static_cast<uint8_t>(random() & 3)};
		for (size_t i = 2; i < 16; i++)
			a[i] = static_cast<uint8_t>(random() & vary);
		return a;
	}
};

void
compare(const Fib6 &fib, const Naive &naive, Mix &mix)
{
	std::vector<Addr> dst = {Addr{}, mask(Addr{}, 0, 255)};
	for (auto &[key, value] : naive.routes) {
		Addr last = mask(key.second, key.first, 255);
		for (const Addr &a :
		     {step(key.second, -1), key.second, last, step(last, 1)})
			dst.push_back(a);
	}
	for (int i = 0; i < 1000; i++)
		dst.push_back(mix.address());
	std::vector<const uint8_t *> at;
	for (const Addr &a : dst)
		at.push_back(a.data());
	std::vector<uint32_t> got(dst.size());
	fib6_shim_lookup_vec(fib.shim, at.data(), got.data(),
			     static_cast<unsigned>(at.size()));
	for (size_t i = 0; i < dst.size(); i++) {
		ASSERT_EQ(got[i], naive.lookup(dst[i])) << "address " << i;
		ASSERT_EQ(got[i], fib6_shim_lookup(fib.shim, at[i]));
	}
	ASSERT_EQ(fib6_shim_routes(fib.shim), naive.routes.size());
}

// Batches of random changes, each compared with the list.
void
churn(unsigned seed, unsigned vary, int batches, int changes)
{
	Fib6 fib;
	Naive naive;
	Mix mix{std::mt19937(seed), vary};

	SCOPED_TRACE("seed " + std::to_string(seed));
	for (int b = 0; b < batches; b++) {
		for (int i = 0; i < changes; i++) {
			unsigned len = mix.random() % 129;
			Addr prefix = mask(mix.address(), len);
			uint32_t value = 1 + mix.random() % 0xfffffe;
			if (mix.random() % 3 == 0 && !naive.routes.empty()) {
				auto it = naive.routes.begin();
				std::advance(
				    it, static_cast<long>(mix.random() %
							  naive.routes.size()));
				ASSERT_EQ(fib6_shim_delete(
					      fib.shim, it->first.second.data(),
					      it->first.first),
					  0);
				naive.routes.erase(it);
			} else {
				ASSERT_EQ(fib6_shim_set(fib.shim, prefix.data(),
							len, value),
					  0);
				naive.routes[{len, prefix}] = value;
			}
		}
		ASSERT_EQ(fib6_shim_apply(fib.shim), 0);
		compare(fib, naive, mix);
		if (testing::Test::HasFatalFailure())
			return;
	}
}

} // namespace

TEST(Fib6, FindsTheLongestPrefixInASmallTable)
{
	for (unsigned seed = 1; seed < 6; seed++)
		churn(seed, 0x01, 6, 40);
}

TEST(Fib6, FindsTheLongestPrefixInALargeTable)
{
	churn(7, 0xff, 3, 3000);
	churn(8, 0x81, 3, 3000);
}

TEST(Fib6, RefusesWhatIsNoPrefix)
{
	Fib6 fib;
	Addr a = {0x20, 1};
	Addr host = {0x20, 1};
	host[15] = 1;
	EXPECT_EQ(fib6_shim_set(fib.shim, a.data(), 129, 1), -EINVAL);
	EXPECT_EQ(fib6_shim_set(fib.shim, a.data(), 15, 1), -EINVAL);
	EXPECT_EQ(fib6_shim_set(fib.shim, host.data(), 127, 1), -EINVAL);
	EXPECT_EQ(fib6_shim_set(fib.shim, host.data(), 128, 1), 0);
	EXPECT_EQ(fib6_shim_set(fib.shim, a.data(), 16, 0), -EINVAL);
	EXPECT_EQ(fib6_shim_set(fib.shim, a.data(), 16, 1 << 24), -EINVAL);
	EXPECT_EQ(fib6_shim_lookup(fib.shim, host.data()), 0u); // not applied
	EXPECT_EQ(fib6_shim_apply(fib.shim), 0);
	EXPECT_EQ(fib6_shim_lookup(fib.shim, host.data()), 1u);
}

TEST(Fib6, AnEmptyTableKnowsNothing)
{
	Fib6 fib;
	Addr a = {0x20, 1};
	const uint8_t *at = a.data();
	uint32_t value = 7;
	fib6_shim_lookup_vec(fib.shim, &at, &value, 1);
	EXPECT_EQ(value, 0u);
	ASSERT_EQ(fib6_shim_set(fib.shim, a.data(), 0 + 16, 5), 0);
	ASSERT_EQ(fib6_shim_apply(fib.shim), 0);
	ASSERT_EQ(fib6_shim_delete(fib.shim, a.data(), 16), 0);
	ASSERT_EQ(fib6_shim_apply(fib.shim), 0);
	EXPECT_EQ(fib6_shim_lookup(fib.shim, at), 0u);
	EXPECT_LT(fib6_shim_octets(fib.shim), 300u);
}

TEST(Fib6, StaysUnderEightyOctetsAPrefix)
{
	Fib6 fib;
	std::mt19937 random(9);
	size_t n = 200000;
	for (size_t i = 0; i < n; i++) {
		Addr a = {0x2a, static_cast<uint8_t>(random() & 15)};
		unsigned len = i % 4 == 0 ? 32 : i % 4 == 1 ? 64 : 48;
		for (size_t k = 2; k < 8; k++)
			a[k] = static_cast<uint8_t>(random());
		a = mask(a, len);
		ASSERT_EQ(fib6_shim_set(fib.shim, a.data(), len,
					1 + static_cast<uint32_t>(i)),
			  0);
	}
	ASSERT_EQ(fib6_shim_apply(fib.shim), 0);
	EXPECT_LT(fib6_shim_octets(fib.shim),
		  80 * fib6_shim_routes(fib.shim) + (512 << 10) + 1024);
}
