// Known answers, typed from the RFCs named at each.
#include <gtest/gtest.h>

#include <cerrno>

#include "alg_shim.h"
#include "octets.h"

namespace
{

struct Case {
	const char *source, *enc, *auth;
	const char *enc_key, *auth_key;
	const char *aad, *iv, *clear, *sealed;
	const char *icv; // "": not of this test
};

#define XCBC_KEY "000102030405060708090a0b0c0d0e0f"
#define SM3_KEY                                                                \
	"0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20"
// "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", twice
#define SM3_HALF                                                               \
	"6162636462636465636465666465666765666768666768696768696a68696a6b"     \
	"696a6b6c6a6b6c6d6b6c6d6e6c6d6e6f6d6e6f706e6f7071"
#define SM3_TEXT SM3_HALF SM3_HALF

const Case cases[] = {
    {"RFC 3602 case 1", "aes-128-cbc", "none",
     "06a9214036b8a15b512e03d534120006", "", "",
     "3dafba429d9eb430b422da802c9fac41", "53696e676c6520626c6f636b206d7367",
     "e353779c1079aeb82708942dbe77181a", ""},
    {"RFC 3602 case 2", "aes-128-cbc", "none",
     "c286696d887c9aa0611bbb3e2025a45a", "", "",
     "562e17996d093d28ddb3ba695a2e6f58",
     "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
     "d296cd94c2cccf8a3a863028b5e1dc0a7586602d253cfff91b8266bea6d61ab1", ""},
    {"RFC 3602 case 3", "aes-128-cbc", "none",
     "6c3ea0477630ce21a2ce334aa746c2cd", "", "",
     "c782dc4c098c66cbd9cd27d825682c81",
     "5468697320697320612034382d62797465206d657373616765202865786163746c"
     "79203320414553 20626c6f636b7329",
     "d0a02b3836451753d493665d33f0e8862dea54cdb293abc7506939276772f8d502"
     "1c19216bad525c8579695d83ba2684",
     ""},
    {"RFC 3686 case 1", "aes-128-ctr", "hmac-sha1-96",
     "ae6852f8121067cc4bf7a5765577f39e 00000030",
     "0000000000000000000000000000000000000000", "", "0000000000000000",
     "53696e676c6520626c6f636b206d7367", "e4095d4fb7a7b3792d6175a3261311b8",
     ""},
    {"RFC 3686 case 3", "aes-128-ctr", "hmac-sha1-96",
     "7691be035e5020a8ac6e618529f9a0dc 00e0017b",
     "0000000000000000000000000000000000000000", "", "27777f3f4a1786f0",
     "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20"
     "212223",
     "c1cf48a89f2ffdd9cf4652e9efdb72d74540a42bde6d7836d59a5ceaaef3105325"
     "b2072f",
     ""},
    {"GCM specification case 2", "aes-128-gcm", "none",
     "00000000000000000000000000000000 00000000", "", "", "0000000000000000",
     "00000000000000000000000000000000", "0388dace60b6a392f328c2b971b2fe78",
     "ab6e47d42cec13bdf53a67b21257bddf"},
    {"GCM specification case 4", "aes-128-gcm", "none",
     "feffe9928665731c6d6a8f9467308308 cafebabe", "",
     "feedfacedeadbeeffeedfacedeadbeefabaddad2", "facedbaddecaf888",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c"
     "3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
     "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21"
     "d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091",
     "5bc94fbc3221a5db94fae95ae7121a47"},
    {"RFC 7634 appendix A", "chacha20-poly1305", "none",
     "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f "
     "a0a1a2a3",
     "", "0102030400000005", "1011121314151617",
     "45000054a6f200004001e778c6336405c000020508005b7a3a080000553bec1000"
     "07362708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425"
     "262728292a2b2c2d2e2f303132333435363701020204",
     "24039428b97f417e3c13753a4f05087b67c352e6a7fab1b982d466ef407ae5c614"
     "ee8099d52844eb61aa95dfab4c02f72aa71e7c4c4f64c9befe2facc638e8f3cbec"
     "163fac469b502773f6fb94e664da9165b82829f641e0",
     "76aaa8266b7fb0f7b11b369907e1ad43"},
    {"RFC 2202 HMAC-MD5 case 1", "null", "hmac-md5-96", "",
     "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "", "4869205468657265",
     "4869205468657265", "9294727a3638bb1c13f48ef8"},
    {"RFC 2202 HMAC-SHA1 case 1", "null", "hmac-sha1-96", "",
     "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "", "4869205468657265",
     "4869205468657265", "b617318655057264e28bc0b6"},
    {"RFC 2202 HMAC-SHA1 case 2", "null", "hmac-sha1-96", "", "4a656665", "",
     "", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
     "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
     "effcdf6ae5eb2fa2d27416d5"},
    {"RFC 4231 HMAC-SHA-256 case 1", "null", "hmac-sha-256-128", "",
     "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "", "4869205468657265",
     "4869205468657265", "b0344c61d8db38535ca8afceaf0bf12b"},
    {"RFC 4231 HMAC-SHA-256 case 2", "null", "hmac-sha-256-128", "", "4a656665",
     "", "", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
     "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
     "5bdcc146bf60754e6a042426089575c7"},
    {"RFC 4868 AUTH256-1", "null", "hmac-sha-256-128", "",
     "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
     "4869205468657265", "4869205468657265",
     "198a607eb44bfbc69903a0f1cf2bbdc5"},
    {"RFC 4868 AUTH384-1", "null", "hmac-sha-384-192", "",
     "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"
     "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
     "", "", "4869205468657265", "4869205468657265",
     "b6a8d5636f5c6a7224f9977dcf7ee6c7fb6d0c48cbdee973"},
    {"RFC 4868 AUTH512-1", "null", "hmac-sha-512-256", "",
     "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"
     "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
     "", "", "4869205468657265", "4869205468657265",
     "637edc6e01dce7e6742a99451aae82df23da3e92439e590e43e761b33e910fb8"},
    {"RFC 4493 example 1", "null", "aes-cmac-96", "",
     "2b7e151628aed2a6abf7158809cf4f3c", "", "", "", "",
     "bb1d6929e95937287fa37d12"},
    {"RFC 4493 example 3", "null", "aes-cmac-96", "",
     "2b7e151628aed2a6abf7158809cf4f3c", "", "",
     "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130"
     "c81c46a35ce411",
     "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130"
     "c81c46a35ce411",
     "dfa66747de9ae63030ca3261"},
    {"RFC 4543 section 3.3, computed with pyca/cryptography's AES-GCM",
     "aes-128-gmac", "none", "0102030405060708090a0b0c0d0e0f10 a0a1a2a3", "",
     "0000100100000005", "1011121314151617",
     "303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f",
     "303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f",
     "0bfb6168a98de64a330d370fd78edd9f"},
    {"RFC 3566 case 1", "null", "aes-xcbc-96", "", XCBC_KEY, "", "", "", "",
     "75f0251d528ac01c4573dfd5"},
    {"RFC 3566 case 2", "null", "aes-xcbc-96", "", XCBC_KEY, "", "", "000102",
     "000102", "5b376580ae2f19afe7219cee"},
    {"RFC 3566 case 3", "null", "aes-xcbc-96", "", XCBC_KEY, "", "", XCBC_KEY,
     XCBC_KEY, "d2a246fa349b68a79998a439"},
    {"RFC 3566 case 4", "null", "aes-xcbc-96", "", XCBC_KEY, "", "",
     XCBC_KEY "10111213", XCBC_KEY "10111213", "47f51b4564966215b8985c63"},
    {"RFC 3566 case 5", "null", "aes-xcbc-96", "", XCBC_KEY, "", "",
     XCBC_KEY "101112131415161718191a1b1c1d1e1f",
     XCBC_KEY "101112131415161718191a1b1c1d1e1f", "f54f0ec8d2b9f3d36807734b"},
    {"RFC 3566 case 6", "null", "aes-xcbc-96", "", XCBC_KEY, "", "",
     XCBC_KEY "101112131415161718191a1b1c1d1e1f2021",
     XCBC_KEY "101112131415161718191a1b1c1d1e1f2021",
     "becbb3bccdb518a30677d548"},
    {"FIPS 81 appendix C", "des-cbc", "none", "0123456789abcdef", "", "",
     "1234567890abcdef", "4e6f77206973207468652074696d6520666f7220616c6c20",
     "e5c7cdde872bf27c43e934008c389c0f683788499a7c05f6", ""},
    {"NIST SP 800-67 appendix B, first block", "3des-cbc", "none",
     "0123456789abcdef23456789abcdef01456789abcdef0123", "", "",
     "0000000000000000", "5468652071756663", "a826fd8ce53b855f", ""},
    {"draft-ribose-cfrg-sm4 SM4-CBC example 2", "sm4-cbc", "none",
     "fedcba98765432100123456789abcdef", "", "",
     "000102030405060708090a0b0c0d0e0f",
     "aaaaaaaabbbbbbbbccccccccddddddddeeeeeeeeffffffffaaaaaaaabbbbbbbb",
     "0d3a6ddc2d21c698857215587b7bb59a91f2c147911a4144665e1fa1d40bae38", ""},
    {"GM/T 0042 HMAC-SM3", "null", "hmac-sm3", "", SM3_KEY, "", "", SM3_TEXT,
     SM3_TEXT,
     "ca05e144ed05d1857840d1f318a4a8669e559fc8391f414485bfdf7bb408963a"},
    {"the same, cut", "null", "hmac-sm3-96", "", SM3_KEY, "", "", SM3_TEXT,
     SM3_TEXT, "ca05e144ed05d1857840d1f3"},
    {"the same, cut", "null", "hmac-sm3-128", "", SM3_KEY, "", "", SM3_TEXT,
     SM3_TEXT, "ca05e144ed05d1857840d1f318a4a866"},
    {"the same, cut", "null", "hmac-sm3-160", "", SM3_KEY, "", "", SM3_TEXT,
     SM3_TEXT, "ca05e144ed05d1857840d1f318a4a8669e559fc8"},
    {"the same, cut", "null", "hmac-sm3-192", "", SM3_KEY, "", "", SM3_TEXT,
     SM3_TEXT, "ca05e144ed05d1857840d1f318a4a8669e559fc8391f4144"},
    {"the same, cut", "null", "hmac-sm3-224", "", SM3_KEY, "", "", SM3_TEXT,
     SM3_TEXT, "ca05e144ed05d1857840d1f318a4a8669e559fc8391f414485bfdf7b"},
    {"RFC 4309 section 5, computed block by block as RFC 3610 says",
     "aes-128-ccm-8", "none", "404142434445464748494a4b4c4d4e4f a0a1a2", "",
     "0000100100000005", "1011121314151617",
     "303132333435363738393a3b3c3d3e3f40414243",
     "f6ccde6c7ad5a9ac4e078abe38da20b49573e446", "000dca4f6094e524"},
    {"RFC 4309 section 5, computed block by block as RFC 3610 says",
     "aes-128-ccm", "none", "404142434445464748494a4b4c4d4e4f a0a1a2", "",
     "0000100100000005", "1011121314151617",
     "303132333435363738393a3b3c3d3e3f40414243",
     "f6ccde6c7ad5a9ac4e078abe38da20b49573e446",
     "d8d5d5a09709184c69773445775dae5d"},
    {"RFC 4309 section 5, computed block by block as RFC 3610 says",
     "aes-192-ccm-12", "none",
     "404142434445464748494a4b4c4d4e4f5051525354555657 a0a1a2", "",
     "0000100100000005", "1011121314151617",
     "303132333435363738393a3b3c3d3e3f40414243",
     "e9cbbd47b689d7a52f1cfdbb2c67dfd4c3240f69", "7618a2eab27cf3a2b7bf91e6"},
    {"RFC 4309 section 5, computed block by block as RFC 3610 says",
     "aes-256-ccm", "none",
     "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f a0a1a2",
     "", "0000100100000005", "1011121314151617",
     "303132333435363738393a3b3c3d3e3f40414243",
     "0267e3373b0984ac9c029e5ed75f2ff6e762d00c",
     "7df1a8095f1a7d60d794066523b62125"},
};

// Owns what an operation points at.
struct Op {
	explicit Op(const Case &c)
	    : enc_key(hex(c.enc_key)), auth_key(hex(c.auth_key)),
	      aad(hex(c.aad)), iv(hex(c.iv)), icv(hex(c.icv))
	{
		icv.resize(32);
		plain = {};
		plain.enc = c.enc;
		plain.auth = c.auth;
		plain.enc_key = enc_key.data();
		plain.enc_key_octets = static_cast<unsigned>(enc_key.size());
		plain.auth_key = auth_key.data();
		plain.auth_key_octets = static_cast<unsigned>(auth_key.size());
		plain.aad = aad.data();
		plain.aad_octets = static_cast<unsigned>(aad.size());
		plain.iv = iv.data();
		plain.icv = icv.data();
	}
	alg_shim_op *with(Octets &text)
	{
		plain.text = text.data();
		plain.text_octets = static_cast<unsigned>(text.size());
		return &plain;
	}
	Octets enc_key, auth_key, aad, iv, icv;
	alg_shim_op plain;
};

} // namespace

TEST(AlgKnownAnswer, SealsToWhatTheRfcsPrint)
{
	for (const Case &c : cases) {
		Octets text = hex(c.clear), icv = hex(c.icv);
		Op op(c);

		std::fill(op.icv.begin(), op.icv.end(), 0);
		ASSERT_EQ(0, alg_shim_seal(op.with(text))) << c.source;
		EXPECT_EQ(hex(c.sealed), text) << c.source;
		EXPECT_EQ(
		    icv, Octets(op.icv.begin(),
				op.icv.begin() + static_cast<long>(icv.size())))
		    << c.source;
	}
}

TEST(AlgKnownAnswer, OpensWhatTheRfcsPrint)
{
	for (const Case &c : cases) {
		Octets text = hex(c.sealed);
		Op op(c);

		if (*c.icv == '\0' && std::string(c.auth) != "none")
			continue;
		ASSERT_EQ(0, alg_shim_open(op.with(text))) << c.source;
		EXPECT_EQ(hex(c.clear), text) << c.source;
	}
}

TEST(AlgKnownAnswer, RefusesAWrongIcv)
{
	for (const Case &c : cases) {
		Octets text = hex(c.sealed);
		Op op(c);

		if (*c.icv == '\0')
			continue;
		op.icv[hex(c.icv).size() - 1] ^= 1;
		EXPECT_EQ(-EBADMSG, alg_shim_open(op.with(text))) << c.source;
	}
}

TEST(AlgEsn, PutsTheHighHalfAfterTheText) // RFC 4303 section 2.2.1
{
	Case c = {"",
		  "null",
		  "hmac-sha1-96",
		  "",
		  "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
		  "",
		  "",
		  "",
		  "",
		  ""};
	Octets text = hex("48692054"), whole = hex("4869205468657265");
	Op op(c), plain(c);

	op.plain.esn = 1;
	op.plain.seq_high = 0x68657265;
	ASSERT_EQ(0, alg_shim_seal(op.with(text)));
	ASSERT_EQ(0, alg_shim_seal(plain.with(whole)));
	EXPECT_EQ(plain.icv, op.icv);
}

TEST(AlgEsn, PutsTheHighHalfBetweenSpiAndNumberOfAnAead) // RFC 4106 section 5
{
	Case c = {"",
		  "aes-128-gcm",
		  "none",
		  "feffe9928665731c6d6a8f9467308308 cafebabe",
		  "",
		  "00001001 00000005",
		  "facedbaddecaf888",
		  "",
		  "",
		  ""};
	Octets a = count_up(32), b = a;
	Op op(c);

	op.plain.esn = 1;
	op.plain.seq_high = 9;
	ASSERT_EQ(0, alg_shim_seal(op.with(a)));
	c.aad = "00001001 00000009 00000005";
	Op plain(c);
	ASSERT_EQ(0, alg_shim_seal(plain.with(b)));
	EXPECT_EQ(plain.icv, op.icv);
	EXPECT_EQ(b, a);
}

TEST(AlgCipher, RefusesAKeyOfTheWrongLength)
{
	Case c = {"",
		  "aes-128-gcm",
		  "none",
		  "feffe9928665731c6d6a8f9467308308",
		  "",
		  "",
		  "facedbaddecaf888",
		  "",
		  "",
		  ""};
	Octets text(16);
	Op op(c);

	EXPECT_EQ(-EINVAL, alg_shim_seal(op.with(text)));
}

TEST(AlgCipher, RefusesAnXcbcKeyOfTheWrongLength) // RFC 3566 section 4.3
{
	Case c = {
	    "", "null", "aes-xcbc-96", "", "00010203040506070809", "", "", "",
	    "", ""};
	Octets text(16);
	Op op(c);

	EXPECT_NE(0, alg_shim_seal(op.with(text)));
}

TEST(AlgKnownAnswer, XcbcOfAThousandZeros) // RFC 3566 case 7
{
	Case c = {"", "null", "aes-xcbc-96", "", XCBC_KEY, "", "", "", "", ""};
	Octets text(1000), icv;
	Op op(c);

	ASSERT_EQ(0, alg_shim_seal(op.with(text)));
	icv = Octets(op.icv.begin(), op.icv.begin() + 12);
	EXPECT_EQ(hex("f0dafee895db30253761103b"), icv);
}

// RFC 4309 section 4: B0 says 8 octets of AAD, under ESN 12.
TEST(AlgEsn, PutsTheHighHalfIntoTheAadOfCcm)
{
	Case c = {"",
		  "aes-128-ccm",
		  "none",
		  "404142434445464748494a4b4c4d4e4f a0a1a2",
		  "",
		  "00001001 00000005",
		  "1011121314151617",
		  "",
		  "",
		  ""};
	Octets a = count_up(32), b = a;
	Op op(c);

	op.plain.esn = 1;
	op.plain.seq_high = 9;
	ASSERT_EQ(0, alg_shim_seal(op.with(a)));
	c.aad = "00001001 00000009 00000005";
	Op plain(c);
	ASSERT_EQ(0, alg_shim_seal(plain.with(b)));
	EXPECT_EQ(plain.icv, op.icv);
	EXPECT_EQ(b, a);
}
