// Secrets at rest: "encrypted 1 BASE64", AES-256-GCM with a random nonce.
#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "secret_shim.h"

namespace
{

const uint8_t key[SECRET_SHIM_KEY] = {1, 2, 3};
const uint8_t other_key[SECRET_SHIM_KEY] = {1, 2, 4};

std::string
seal(const std::string &clear)
{
	std::vector<char> text(4 * ((clear.size() + 30) / 3) + 1);

	EXPECT_EQ(secret_shim_seal(key, clear.data(), clear.size(), text.data(),
				   text.size()),
		  0);
	return text.data();
}

int
open_into(const uint8_t *k, const std::string &text, std::string *clear)
{
	std::vector<char> out(4096);
	size_t len = 0;
	int error =
	    secret_shim_open(k, text.c_str(), out.data(), out.size(), &len);

	if (error == 0)
		clear->assign(out.data(), len);
	return error;
}

} // namespace

TEST(SecretSeal, OpensWhatItSealed)
{
	for (size_t n : {0, 1, 2, 3, 16, 20, 36, 1000}) {
		std::string clear(n, 'x');
		std::string got = "?";

		ASSERT_EQ(open_into(key, seal(clear), &got), 0) << n;
		EXPECT_EQ(got, clear);
	}
}

TEST(SecretSeal, NeverSealsTwiceAlike)
{
	EXPECT_NE(seal("psk"), seal("psk"));
}

// The GCM specification (McGrew, Viega), appendix B, test case 14: a key of 32
// zeros, a nonce of 12 zeros, 16 zeros sealed.
TEST(SecretSeal, OpensThePublishedVector)
{
	const uint8_t zeros[SECRET_SHIM_KEY] = {0};
	std::string got;

	ASSERT_EQ(
	    open_into(zeros,
		      "AAAAAAAAAAAAAAAAzqdAPU1ga24HTsXTuvOdGNDRyKeZmWvwJluY"
		      "tdSKuRk=",
		      &got),
	    0);
	EXPECT_EQ(got, std::string(16, '\0'));
}

TEST(SecretSeal, RefusesAnotherKey)
{
	std::string got;

	EXPECT_EQ(open_into(other_key, seal("psk"), &got), -EBADMSG);
}

TEST(SecretSeal, RefusesEveryChangedCharacter)
{
	const std::string text = seal("secret");
	std::string got;

	for (size_t i = 0; i < text.size(); i++) {
		std::string bad = text;

		bad[i] = bad[i] == 'A' ? 'B' : 'A';
		EXPECT_EQ(open_into(key, bad, &got), -EBADMSG) << i;
	}
}

TEST(SecretSeal, RefusesWhatIsNoSealedText)
{
	std::string got;

	EXPECT_EQ(open_into(key, "", &got), -EBADMSG);
	EXPECT_EQ(open_into(key, "hello", &got), -EBADMSG);
	EXPECT_EQ(open_into(key, "AAAA", &got), -EBADMSG);
	EXPECT_EQ(open_into(key, seal("x") + "====", &got), -EBADMSG);
	EXPECT_EQ(open_into(key, seal("x").substr(4), &got), -EBADMSG);
	EXPECT_EQ(open_into(key, "=" + seal("xyz").substr(1), &got), -EBADMSG);
}

TEST(SecretSeal, SaysWhenThereIsNoRoom)
{
	char text[40];
	char out[2];
	size_t len = 77;
	std::string sealed = seal("abc");

	EXPECT_EQ(secret_shim_seal(key, "abc", 3, text, sizeof(text)), -ENOSPC);
	EXPECT_EQ(secret_shim_open(key, sealed.c_str(), out, sizeof(out), &len),
		  -ENOSPC);
	EXPECT_EQ(len, 77U);
}
