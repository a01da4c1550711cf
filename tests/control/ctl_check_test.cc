/* A message is of a known type, from whom it may come, and exactly as long. */
#include <gtest/gtest.h>

#include <cerrno>
#include <vector>

#include "ctl_shim.h"

constexpr unsigned HELLO = 1;

static std::vector<uint8_t>
message(unsigned type, size_t octets, unsigned from)
{
	std::vector<uint8_t> m(octets, 0);

	m[0] = 'S';
	m[1] = 'C';
	m[2] = 1;
	m[4] = (uint8_t)(type >> 8);
	m[5] = (uint8_t)type;
	m[6] = (uint8_t)(from >> 8);
	m[7] = (uint8_t)from;
	return m;
}

static unsigned
sender(const ctl_shim_row &row)
{
	if (row.from == CTL_SHIM_CARD)
		return 9;
	return row.from == CTL_SHIM_CHASSIS ? 0 : 0xffff;
}

static int
check(const std::vector<uint8_t> &m, int to)
{
	struct ctl_shim_in in;

	return ctl_shim_check(m.data(), m.size(), to, &in);
}

template <typename F>
static void
each_row(F f)
{
	const struct ctl_shim_row *row;

	for (size_t i = 0; (row = ctl_shim_row_at(i)) != nullptr; i++) {
		SCOPED_TRACE(row->name);
		f(*row);
	}
}

TEST(CtlCheck, TakesEveryMessageWithAnyTailOfWholeItems)
{
	each_row([](const ctl_shim_row &row) {
		for (size_t items = 0; items < 4; items++) {
			auto m = message(row.type,
					 8 + row.body_octets +
					     items * row.item_octets,
					 sender(row));
			struct ctl_shim_in in;

			ASSERT_EQ(
			    0, ctl_shim_check(m.data(), m.size(), row.to, &in));
			EXPECT_EQ(row.type, in.type);
			EXPECT_EQ(sender(row), in.from);
			EXPECT_EQ(items * row.item_octets, in.tail_octets);
			EXPECT_EQ(row.item_octets == 0 ? 0 : items,
				  in.tail_items);
		}
	});
}

TEST(CtlCheck, RefusesEveryTruncatedLength)
{
	each_row([](const ctl_shim_row &row) {
		for (size_t n = 0; n < 8 + row.body_octets; n++) {
			auto m =
			    message(row.type, 8 + row.body_octets, sender(row));

			m.resize(n);
			ASSERT_EQ(-EBADMSG, check(m, row.to)) << n;
		}
	});
}

TEST(CtlCheck, RefusesATailThatIsNoWholeItem)
{
	each_row([](const ctl_shim_row &row) {
		if (row.item_octets == 1)
			return;
		auto m = message(row.type,
				 8 + row.body_octets + 2 * row.item_octets + 1,
				 sender(row));
		EXPECT_EQ(-EBADMSG, check(m, row.to));
	});
}

TEST(CtlCheck, RefusesWhatIsForSomebodyElse)
{
	each_row([](const ctl_shim_row &row) {
		auto m = message(row.type, 8 + row.body_octets, sender(row));

		for (int to :
		     {CTL_SHIM_CARD, CTL_SHIM_CHASSIS, CTL_SHIM_CLIENT}) {
			if (to != row.to) {
				EXPECT_EQ(-EPERM, check(m, to));
			}
		}
	});
}

TEST(CtlCheck, RefusesTheWrongSender)
{
	each_row([](const ctl_shim_row &row) {
		for (unsigned from : {0u, 9u, 120u, 0xfffeu, 0xffffu}) {
			auto m = message(row.type, 8 + row.body_octets, from);

			if (from != sender(row)) {
				EXPECT_EQ(-EPERM, check(m, row.to)) << from;
			}
		}
	});
}

TEST(CtlCheck, RefusesAnotherMagicVersionOrReservedOctet)
{
	for (size_t at : {0, 1, 2, 3}) {
		auto m = message(HELLO, 16, 9);

		m[at] ^= 0x80;
		EXPECT_EQ(-EBADMSG, check(m, CTL_SHIM_CHASSIS)) << at;
	}
}

TEST(CtlCheck, RefusesNumbersThatAreNoMessage)
{
	for (unsigned type : {0u, 8u, 9u, 59u, 73u, 255u, 256u, 0xffffu}) {
		auto m = message(type, 64, 9);

		EXPECT_EQ(-EBADMSG, check(m, CTL_SHIM_CHASSIS)) << type;
		EXPECT_STREQ("?", ctl_shim_name(type));
	}
}

TEST(CtlCheck, NamesAreThoseOfTheTable)
{
	each_row([](const ctl_shim_row &row) {
		EXPECT_STREQ(row.name, ctl_shim_name(row.type));
	});
}
