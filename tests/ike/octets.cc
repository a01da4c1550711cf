#include "octets.h"

Octets
hex(const std::string &digits)
{
	std::string d;
	Octets out;

	for (char c : digits) {
		if (c != ' ')
			d += c;
	}
	for (size_t i = 0; i + 1 < d.size(); i += 2)
		out.push_back(static_cast<uint8_t>(
		    std::stoul(d.substr(i, 2), nullptr, 16)));
	return out;
}

Octets
text(const std::string &s)
{
	return Octets(s.begin(), s.end());
}

Octets
count_up(size_t n, uint8_t first)
{
	Octets out(n);

	for (size_t i = 0; i < n; i++)
		out[i] = static_cast<uint8_t>(first + i);
	return out;
}

Octets
operator+(Octets a, const Octets &b)
{
	a.insert(a.end(), b.begin(), b.end());
	return a;
}

Octets
part(const Octets &o, size_t from, size_t n)
{
	return Octets(o.begin() + static_cast<long>(from),
		      o.begin() + static_cast<long>(from + n));
}
