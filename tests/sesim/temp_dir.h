/* A directory that goes with its owner. */
#ifndef TEMP_DIR_H
#define TEMP_DIR_H

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

class TempDir
{
      public:
	TempDir()
	{
		char name[] = "/tmp/sesim-test-XXXXXX";

		path = mkdtemp(name);
	}
	~TempDir()
	{
		std::filesystem::remove_all(path);
	}
	std::string file(const std::string &name, const std::string &text) const
	{
		std::ofstream(path + "/" + name, std::ios::binary) << text;
		return path + "/" + name;
	}
	std::string at(const std::string &name) const
	{
		return path + "/" + name;
	}
	static std::string read(const std::string &path)
	{
		std::stringstream s;

		s << std::ifstream(path, std::ios::binary).rdbuf();
		return s.str();
	}
	std::string path;
};

#endif
