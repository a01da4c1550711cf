// What an ASP does with ESP packets for the router.
#include "ase_fixture.h"

TEST_F(Ase, HandsWhatItOpenedBackToTheIppaThatAdmittedIt)
{
	start(0);
	fake_pkt in = clear(0x0a010009);
	fake_pkt out;

	put(sealed(in));
	ASSERT_TRUE(fake_take(chassis, FAKE_IPPA, &out));
	EXPECT_EQ(out.flags, ase_opened);
	EXPECT_EQ(out.circuit_in, 5U);
	ASSERT_EQ(out.len, in.len);
	EXPECT_EQ(memcmp(out.octets, in.octets, in.len), 0);
	EXPECT_EQ(ase_shim_circuit_in(chassis, 5), 1U);
	EXPECT_EQ(ase_shim_sa_packets(chassis, 2), 1U);
}

TEST_F(Ase, EconomicalForwardsWithTheTtlOneLess) // RFC 1812 section 5.3.1
{
	start(ASE_SHIM_ECONOMICAL);
	fake_pkt out;

	put(sealed(clear(0x0a090003, 9)));
	ASSERT_TRUE(fake_take(chassis, FAKE_EPPA, &out));
	EXPECT_EQ(out.octets[8], 8);
	EXPECT_TRUE(ase_shim_cksum_right(&out));
	EXPECT_EQ(out.flags, 0U);
	EXPECT_EQ(out.circuit_out, 2U);
	EXPECT_EQ(out.handle, 6U);
}

TEST_F(Ase, EconomicalDropsWhenTheTtlEnds)
{
	start(ASE_SHIM_ECONOMICAL);
	dropped(sealed(clear(0x0a010009, 1)), fate_ttl_expired);
}

TEST_F(Ase, EconomicalDropsByTheRoute)
{
	start(ASE_SHIM_ECONOMICAL);
	dropped(sealed(clear(0x0a030009)), fate_null_route);
	fake_pkt p = sealed(clear(0x0b000001));
	p.round = 3;
	dropped(p, fate_no_route);
}

TEST_F(Ase, EconomicalChecksTheInnerHeader) // RFC 1812 section 5.2.2
{
	start(ASE_SHIM_ECONOMICAL);
	fake_pkt in = clear(0x0a010009);

	in.octets[10] ^= 0x55;
	dropped(sealed(in), fate_bad_checksum);
}

TEST_F(Ase, EconomicalLeavesToTheIppaWhatIsForRouterTunnelOrNobody)
{
	start(ASE_SHIM_ECONOMICAL);
	fake_pkt out;

	for (uint32_t dst :
	     {0x0aff0001U, 0x0a020009U, 0xe0000005U, 0x7f000001U}) {
		put(sealed(clear(dst, 9)));
		ASSERT_TRUE(fake_take(chassis, FAKE_IPPA, &out));
		EXPECT_EQ(out.flags, ase_opened);
		EXPECT_EQ(out.octets[8], 9); // the TTL falls there
	}
}

TEST_F(Ase, DropsWithoutAnSa)
{
	start(0);
	fake_pkt p = sealed(clear());

	p.octets[23] ^= 1; // the SPI's last octet
	dropped(p, fate_no_sa);
}

TEST_F(Ase, LooksAnSaUpInTheContextOfTheReceivingCircuit)
{
	start(0);
	fake_pkt p = sealed(clear());

	p.circuit_in = 1; // context LAN; the SA is of WAN
	dropped(p, fate_no_sa);
	p.round = 3;
	p.circuit_in = 99;
	dropped(p, fate_bad_handle);
}

TEST_F(Ase, DropsReplayedAndForgedPackets) // RFC 4303 section 3.4.3
{
	start(0);
	fake_pkt out;
	fake_pkt p = sealed(clear());

	put(p);
	ASSERT_TRUE(fake_take(chassis, FAKE_IPPA, &out));
	p.round = 3;
	dropped(p, fate_replay);
	fake_pkt q = sealed(clear());
	q.octets[60] ^= 1;
	q.round = 4;
	dropped(q, fate_integrity);
}
