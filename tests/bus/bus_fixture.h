/* A run directory of its own, and a bus in it, for each test. */
#ifndef BUS_FIXTURE_H
#define BUS_FIXTURE_H

#include <gtest/gtest.h>

#include <cerrno>
#include <cstdlib>
#include <string>

#include <dirent.h>
#include <unistd.h>

#include "bus_shim.h"

class RunDir
{
      public:
	RunDir()
	{
		char name[] = "/tmp/sesim-bus-XXXXXX";

		path = mkdtemp(name);
	}
	~RunDir()
	{
		(void)rmdir(path.c_str());
	}
	/* Entries but for . and .. */
	int entries() const
	{
		DIR *d = opendir(path.c_str());
		int n = -2;

		while (readdir(d) != nullptr)
			n++;
		closedir(d);
		return n;
	}
	std::string path;
};

constexpr long WAIT_MS = 20000;

#endif
