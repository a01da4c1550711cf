// Skips every test of a program whose engine this processor can not run.
#include <gtest/gtest.h>

#include "alg_shim.h"

namespace
{

class EngineEnv : public testing::Environment
{
	void SetUp() override
	{
		if (alg_shim_has(SHIM_ENGINE) != 0)
			GTEST_SKIP() << "no " SHIM_ENGINE " here";
	}
};

const testing::Environment *const env =
    testing::AddGlobalTestEnvironment(new EngineEnv);

} // namespace
