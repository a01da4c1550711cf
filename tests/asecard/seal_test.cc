// What an ASP does with packets that a route chose for protection.
#include "ase_fixture.h"

TEST_F(Ase, SealsAndRoutesTheOuterPacketInTheEndPointsContext)
{
	start(0);
	fake_pkt out;

	put(clear());
	ASSERT_TRUE(fake_take(chassis, FAKE_EPPA, &out));
	EXPECT_EQ(out.circuit_out, 2U);
	EXPECT_EQ(out.handle, 2U);
	EXPECT_EQ(out.octets[9], 50); // ESP
	EXPECT_TRUE(ase_shim_cksum_right(&out));
	EXPECT_EQ(ase_shim_sa_packets(chassis, 1), 1U);
}

TEST_F(Ase, MarksWhatItSealedForTheClearLeakGuard)
{
	start(0);
	fake_pkt out;

	put(clear());
	ASSERT_TRUE(fake_take(chassis, FAKE_EPPA, &out));
	EXPECT_EQ(out.flags & (ase_protect | ase_sealed),
		  ase_protect | ase_sealed);
}

TEST_F(Ase, KeepsTheOrderOfAVectorThatIsSealedAndOpened)
{
	start(ASE_SHIM_ECONOMICAL);
	fake_pkt esp[100];
	fake_pkt out;

	for (auto &p : esp) {
		p = sealed(clear(0x0a010009));
		p.round = 3;
	}
	for (unsigned i = 0; i < 100; i++) {
		fake_pkt p = clear();

		p.index = 2 * i;
		esp[i].index = 2 * i + 1;
		fake_put(chassis, FAKE_IPPA, &p);
		fake_put(chassis, FAKE_IPPA, &esp[i]);
	}
	fake_flush(chassis, FAKE_IPPA);
	for (unsigned i = 0; i < 200; i++) {
		ASSERT_TRUE(fake_take(chassis, FAKE_EPPA, &out));
		ASSERT_EQ(out.index, i);
		ASSERT_EQ(out.octets[9], i % 2 == 0 ? 50 : 17);
	}
}

TEST_F(Ase, CountsTheTunnelCircuitOutOnlyWhereNoEppaDoes)
{
	start(ASE_SHIM_ECONOMICAL);
	fake_pkt out;
	fake_pkt p = clear();

	put(p);
	ASSERT_TRUE(fake_take(chassis, FAKE_EPPA, &out));
	EXPECT_EQ(ase_shim_circuit_out(chassis, 5), 0U);
	p.flags |= ase_economical; // says the iPPA
	put(p);
	ASSERT_TRUE(fake_take(chassis, FAKE_EPPA, &out));
	EXPECT_EQ(ase_shim_circuit_out(chassis, 5), 1U);
}

TEST_F(Ase, DropsForATunnelItDoesNotKnow)
{
	start(0);
	fake_pkt p = clear();

	p.handle = 77;
	dropped(p, fate_bad_handle);
	p.round = 2;
	p.handle = 1; // a port is no tunnel
	dropped(p, fate_bad_handle);
}

TEST_F(Ase, DropsForATunnelThatIsDown)
{
	start(ASE_SHIM_DOWN);
	dropped(clear(), fate_tunnel_down);
}

TEST_F(Ase, DropsForATunnelWithoutAnOutboundSa)
{
	start(ASE_SHIM_NO_SA_OUT);
	dropped(clear(), fate_tunnel_down);
}

TEST_F(Ase, DropsWhereTheEndPointIsRoutedIntoATunnel)
{
	start(ASE_SHIM_RECURSIVE);
	dropped(clear(), fate_recursive_tunnel);
}

TEST_F(Ase, DropsWhereTheEndPointHasNoRoute)
{
	start(ASE_SHIM_UNROUTED);
	dropped(clear(), fate_no_route);
}

TEST_F(Ase, AsksForSequenceNumbersAndUsesNoneThatWasNotGranted)
{
	start(ASE_SHIM_SCARCE); // numbers 1 to 4
	fake_msg msg;
	fake_pkt out;

	for (unsigned i = 0; i < 4; i++) {
		put(clear());
		ASSERT_TRUE(fake_take(chassis, FAKE_EPPA, &out));
		EXPECT_EQ(out.octets[27], i + 1); // low octet of the number
	}
	ASSERT_TRUE(fake_expect(chassis, msg_seq_request, &msg));
	EXPECT_EQ(ase_shim_seq_sa(&msg), 1U);
	EXPECT_EQ(fake_waiting(chassis, msg_seq_request), 0U);
	dropped(clear(), fate_no_number);
	ASSERT_EQ(ase_shim_grant(chassis, 1, 100), 0);
	put(clear());
	ASSERT_TRUE(fake_take(chassis, FAKE_EPPA, &out));
	EXPECT_EQ(out.octets[27], 5);
}
