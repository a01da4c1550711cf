// The octets of a terminal session: line ends, telnet options, type-ahead, long
// lines, keys, and what of libcli's echo a person gets to see.
#include <gtest/gtest.h>

#include <string>

#include "proxy_shim.h"

using namespace std::string_literals;

namespace
{

const std::string kPrompt = "\r\n\x02[local]Redback#\x03"s;
const std::string kEnter = "\x05\x19\x01\x0f \r"s; // what ends a line

class Proxy
{
      public:
	explicit Proxy(bool telnet = false) : s_(proxy_shim_new(telnet))
	{
	}
	~Proxy()
	{
		proxy_shim_free(s_);
	}
	Proxy(const Proxy &) = delete;

	void client(const std::string &octets)
	{
		size_t at = 0;

		while (at < octets.size()) {
			size_t n =
			    std::min(proxy_shim_room(s_), octets.size() - at);

			if (n == 0)
				return;
			proxy_shim_client(s_, octets.data() + at, n);
			at += n;
		}
	}
	void shell(const std::string &octets)
	{
		proxy_shim_shell(s_, octets.data(), octets.size());
	}
	std::string seen()
	{
		size_t n;
		const char *octets = proxy_shim_to_client(s_, &n);
		return std::string(octets, n);
	}
	std::string typed()
	{
		size_t n;
		const char *octets = proxy_shim_to_shell(s_, &n);
		return std::string(octets, n);
	}
	void answer(const std::string &text)
	{
		shell("\x04" + text + kPrompt);
	}
	proxy_shim *get()
	{
		return s_;
	}

      private:
	proxy_shim *s_;
};

} // namespace

TEST(ProxyLine, WaitsForThePrompt)
{
	Proxy p;

	p.client("show card\r");
	EXPECT_EQ(p.typed(), "");
	p.shell(kPrompt);
	EXPECT_EQ(p.typed(), "show card" + kEnter);
}

TEST(ProxyLine, EndsOnCrLfCrLfAndCrNul)
{
	Proxy p;

	p.shell(kPrompt);
	for (const std::string &end : {"\r"s, "\n"s, "\r\n"s, "\r\0"s}) {
		p.client("a" + end);
		EXPECT_EQ(p.typed(), "a" + kEnter);
		p.answer("");
		EXPECT_EQ(p.typed(), "") << "one line end is one line";
	}
}

TEST(ProxyLine, RunsPastedLinesOneAfterTheOther)
{
	Proxy p;
	std::string paste;
	int lines = 0;

	for (int i = 0; i < 1000; i++)
		paste += "line " + std::to_string(i) + "\r\n";
	p.shell(kPrompt);
	size_t at = 0;
	while (at < paste.size() || proxy_shim_room(p.get()) < 16384) {
		size_t n =
		    std::min(proxy_shim_room(p.get()), paste.size() - at);

		proxy_shim_client(p.get(), paste.data() + at, n);
		at += n;
		std::string typed = p.typed();

		if (typed.empty())
			break;
		EXPECT_EQ(typed, "line " + std::to_string(lines) + kEnter);
		lines++;
		p.answer("");
		(void)p.seen();
	}
	for (std::string typed = p.typed(); !typed.empty(); typed = p.typed()) {
		EXPECT_EQ(typed, "line " + std::to_string(lines) + kEnter);
		lines++;
		p.answer("");
		(void)p.seen();
	}
	EXPECT_EQ(lines, 1000);
}

TEST(ProxyLine, RefusesALongLineWhole)
{
	Proxy p;
	std::string line(100000, 'x');

	p.shell(kPrompt);
	p.client(line);
	EXPECT_EQ(p.typed().size(), proxy_shim_line_max());
	p.client("\r");
	EXPECT_EQ(p.typed(), "\x05\x15\x16" + kEnter);
}

TEST(ProxyLine, HidesLibclisGrammarFromLibcli)
{
	Proxy p;

	p.shell(kPrompt);
	p.client("a | \"b\" 'c'");
	EXPECT_EQ(p.typed(), "a \x1c \x1d"s + "b\x1d \x1e" + "c\x1e");
	(void)p.seen();
	p.shell("a \x1c");
	EXPECT_EQ(p.seen(), "a |");
}

TEST(ProxyLine, TypesAQuestionMarkAfterEsc) // reference 2.3
{
	Proxy p;

	p.shell(kPrompt);
	p.client("what\x1b?");
	EXPECT_EQ(p.typed(), "what\x1f");
}

TEST(ProxyKeys, MapsArrowsAndSwallowsUnknownSequences)
{
	Proxy p;

	p.shell(kPrompt);
	p.client("\x1b[A\x1b[B\x1b[C\x1b[D\x1b[H\x1b[F\x1bOA\x1b[1~\x1b[4~"
		 "\x1b[15~\x1b[3~x");
	EXPECT_EQ(p.typed(), "\x10\x0e\x06\x02\x01\x05\x10\x01\x05x");
}

TEST(ProxyKeys, AsksForHelpInPlaceOfAWord)
{
	Proxy p;

	p.shell(kPrompt);
	p.client("show ?");
	EXPECT_EQ(p.typed(), "show \x11" + kEnter);
	(void)p.seen();
	p.shell("show \x11\x19");
	EXPECT_EQ(p.seen(), "show ?\r\n");
	p.shell("\x04  card  Cards\r\n\x0eshow \x0e" + kPrompt);
	EXPECT_EQ(p.seen(), "  card  Cards\r\n[local]Redback#");
	EXPECT_EQ(p.typed(), "show ") << "the line is there again";
}

TEST(ProxyKeys, CompletesInPlace)
{
	Proxy p;

	p.shell(kPrompt);
	(void)p.seen();
	p.client("sho\t");
	EXPECT_EQ(p.typed(), "sho\x12" + kEnter);
	p.shell("sho\x12\x19 junk \r\n\x04\r\x0eshow \x0e" + kPrompt);
	EXPECT_EQ(p.seen(), "sho\r[local]Redback#");
	EXPECT_EQ(p.typed(), "show ");
}

TEST(ProxyKeys, SendsCtrlCToARunningCommandAndDropsTypeAhead)
{
	Proxy p;

	p.shell(kPrompt);
	p.client("show counters\rnext\r");
	(void)p.typed();
	p.client("\x03");
	EXPECT_EQ(p.typed(), "\x03");
	p.answer("");
	EXPECT_EQ(p.typed(), "");
}

TEST(ProxyKeys, GivesOneKeyWhenOneIsAskedFor)
{
	Proxy p;

	p.shell(kPrompt);
	p.client("show card\r");
	(void)p.typed();
	p.shell("\x04---(more)---\x05");
	p.client(" qx");
	EXPECT_EQ(p.typed(), " ");
	p.shell("\x05");
	EXPECT_EQ(p.typed(), "q");
}

TEST(ProxyScreen, ShowsTheLineEndOnceAndNoBlankLineBeforeAPrompt)
{
	Proxy p;

	p.shell(kPrompt);
	EXPECT_EQ(p.seen(), "[local]Redback#");
	p.client("x\r");
	(void)p.typed();
	p.shell("x\x19\b\b\x0fx\x19\b\b x\x19\b\b\r\n\x04text\r\n" + kPrompt);
	EXPECT_EQ(p.seen(), "x\r\ntext\r\n[local]Redback#");
}

TEST(ProxyScreen, IgnoresAPromptThatBelongsToTheLineBefore)
{
	Proxy p;

	p.shell(kPrompt);
	p.client("\x10\rnext\r"); // history, then its line end at once
	EXPECT_EQ(p.typed(), "\x10" + kEnter);
	p.shell("\r\x02[local]Redback#\x03old line");
	EXPECT_EQ(p.typed(), "") << "the command has not been answered yet";
	p.answer("");
	EXPECT_EQ(p.typed(), "next" + kEnter);
}

TEST(ProxyTelnet, OffersEchoAndAnswersEachOptionOnce) // RFC 854, RFC 1143
{
	Proxy p(true);

	EXPECT_EQ(p.seen(), "\xff\xfb\x01\xff\xfb\x03\xff\xfd\x03\xff\xfd\x1f");
	for (int i = 0; i < 1000; i++)
		p.client("\xff\xfd\x18\xff\xfb\x22\xff\xfd\x01\xff\xfe\x05");
	EXPECT_EQ(p.seen(), "\xff\xfc\x18\xff\xfe\x22");
}

TEST(ProxyTelnet, TakesOptionsOutOfALine)
{
	Proxy p(true);

	p.shell(kPrompt);
	p.client("sh\xff\xfd\x01ow\xff\xfa\x18\x01zzz\xff\xf0 card\r\0"s);
	EXPECT_EQ(p.typed(), "show card" + kEnter);
}

TEST(ProxyTelnet, LearnsTheWindow) // RFC 1073
{
	Proxy p(true);
	unsigned rows, columns;

	p.client("\xff\xfa\x1f\0\x84\0\x32\xff\xf0"s);
	proxy_shim_window(p.get(), &rows, &columns);
	EXPECT_EQ(rows, 50u);
	EXPECT_EQ(columns, 132u);
}

TEST(ProxyTelnet, ObeysNoOrders)
{
	Proxy p(true);

	p.shell(kPrompt);
	p.client("\0batch\n"s);
	EXPECT_EQ(p.typed(), "batch" + kEnter);
}

TEST(ProxyLocal, ObeysOrders)
{
	Proxy p;
	unsigned rows, columns;

	p.client("\0size 40 100\n\0batch\n"s);
	proxy_shim_window(p.get(), &rows, &columns);
	EXPECT_EQ(rows, 40u);
	EXPECT_EQ(columns, 100u);
	p.shell(kPrompt);
	EXPECT_EQ(p.typed(), "\x05\x15\x18" + kEnter);
	(void)p.seen();
	p.shell("\x04\x01"s);
	EXPECT_EQ(p.seen(), "\0"s);
	p.client("show card\n");
	EXPECT_EQ(p.typed(), "show card\n") << "octets pass as they are";
	p.shell("0 3\nab\n");
	EXPECT_EQ(p.seen(), "0 3\nab\n");
}

TEST(ProxyEnd, EndsAfterWhatCameBefore)
{
	Proxy p;

	p.client("show card\n");
	proxy_shim_eof(p.get());
	EXPECT_FALSE(proxy_shim_drained(p.get()));
	p.shell(kPrompt);
	EXPECT_FALSE(proxy_shim_drained(p.get()));
	(void)p.typed();
	p.answer("text\r\n");
	EXPECT_TRUE(proxy_shim_drained(p.get()));
}
