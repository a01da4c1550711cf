/*
 * Command patterns: matching a line, telling what may follow, completing a
 * word. The configuration rows of schema.c and the exec rows of the command
 * line are both matched by this.
 *
 * A pattern is words and arguments:
 *
 *	peer-end-point local <local> [remote <remote>] [context <context>]
 *	ip route <prefix> {<nexthop>|<interface>|<null0>} [<distance>]
 *	key {hex <key:hex>|ascii <key:ascii>|encrypted 1 <key:sealed>}
 *
 * [ ] may be left out, { | } is one of several, both nest; <name> is the
 * argument of that name in the row's table of arguments, which says its type,
 * range and help. :hex, :ascii and :sealed say how a secret is written there.
 *
 * A word of the line may be any unique abbreviation. Which reading of a word
 * wins: an exact word, then a typed argument that fits, then free text (a
 * name), then an abbreviation; so where a name may stand, words are written
 * out. Words with blanks stand in "quotes"; there is no escape, and a " cannot
 * be part of a word. Case matters.
 */
#ifndef SYNTAX_H
#define SYNTAX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "ip_addr.h"

#define SYNTAX_ARGS_MAX 64    /* arguments in one table */
#define SYNTAX_WORDS_MAX 32   /* words of a line before a text to its end */
#define SYNTAX_LINE_MAX 65535 /* octets of one line */
#define SYNTAX_SECRET_MAX 128 /* octets of one secret */

enum syntax_type {
	SYNTAX_NAME,   /* one word of 1 to max octets */
	SYNTAX_TEXT,   /* to the end of the line, 1 to max octets */
	SYNTAX_U32,    /* min to max, decimal or 0x */
	SYNTAX_SPI,    /* the same, printed as 0x */
	SYNTAX_IPV4,   /* value: host order */
	SYNTAX_PREFIX, /* a network; value: 1 << 40 | address << 8 | length */
	SYNTAX_IFADDR, /* an address and its length; value: the same */
	/* These are kept as text, in one form only (syntax_addr_text()). */
	SYNTAX_IPV6,      /* an address */
	SYNTAX_PREFIX6,   /* a network */
	SYNTAX_IFADDR6,   /* an address and its length */
	SYNTAX_IP,        /* an address of either family */
	SYNTAX_MAC,       /* six octets; value: 1 << 48 | they */
	SYNTAX_SLOT_UNIT, /* SLOT/UNIT, unit from min to max; slot << 8 | unit
			   */
	SYNTAX_RD,   /* route distinguisher: ASN:N or A.B.C.D:N, kept as text */
	SYNTAX_ENUM, /* one of choices; value: the choice's */
	SYNTAX_CODE, /* min to max, or one of choices; value: the number */
	SYNTAX_SECRET, /* see enum syntax_coding */
};

enum syntax_coding {
	SYNTAX_PLAIN,
	SYNTAX_HEX,    /* pairs of hexadecimal digits */
	SYNTAX_ASCII,  /* the word's own octets */
	SYNTAX_SEALED, /* BASE64 that secret_open() opens */
};

struct syntax_choice {
	const char *word; /* NULL ends an array of them */
	uint32_t value;
	const char *help;
};

/*
 * One argument. The last members are for the configuration alone.
 */
struct syntax_arg {
	const char *name;
	enum syntax_type type;
	uint32_t min, max;
	const struct syntax_choice *choices;
	/* Instead of choices: fills *choice, false from the end on. */
	bool (*choice_at)(unsigned i, struct syntax_choice *choice);
	const char *help;

	bool key;    /* part of what tells one object from another */
	bool fixed;  /* cannot change while the object stands */
	bool filled; /* where it is left out, the default is written */
	/* A numeric key: where it is left out, the last object's and this more;
	 * 0: it can not be left out. */
	unsigned counted;
	bool hashed; /* a password: kept as its hash */
	bool has_default;
	uint32_t value;   /* the default, */
	const char *text; /* and that of a NAME */
};

/* Whether the argument has this name, which no NUL follows. */
static inline bool
syntax_arg_is(const struct syntax_arg *arg, const char *name, size_t len)
{
	return strncmp(arg->name, name, len) == 0 && arg->name[len] == '\0';
}

/* An address as SYNTAX_IP takes it, written without a NUL behind it; -EINVAL.
 */
int syntax_ip_parse(const char *text, size_t len, struct ip_addr *addr);

struct syntax_word {
	const char *word; /* NULL ends an array of them */
	const char *help;
};

enum syntax_form { SYNTAX_SET, SYNTAX_NO, SYNTAX_DEFAULT };

struct syntax_row {
	const char *pattern;
	const struct syntax_arg *args;
	unsigned n_args;
	const void *tag; /* the caller's */
};

struct syntax_value {
	bool set;
	enum syntax_coding coding;
	uint64_t n; /* numbers, addresses, enums */
	const char
	    *text; /* names, texts, IPv6, secrets as written: in the line */
	size_t len;
	size_t column;
};

struct syntax_match {
	const struct syntax_row *row;
	enum syntax_form form;
	struct syntax_value values[SYNTAX_ARGS_MAX]; /* as in row->args */
};

enum syntax_fault { SYNTAX_INVALID, SYNTAX_INCOMPLETE, SYNTAX_AMBIGUOUS };

struct syntax_error {
	enum syntax_fault fault;
	size_t column;   /* of the first word that does not fit; from 0 */
	char word[64];   /* that word, shortened; never of a secret */
	char wrong[160]; /* "unknown word \"adress\"" */
	char right[320]; /* "expected an IPv4 prefix such as 10.1.0.0/16" */
};

/* What may stand at a place of the line. */
struct syntax_next {
	const char *word; /* NULL: an argument, or the end of the line */
	const char *help;
	bool end; /* <cr> */
	char placeholder[48];
};

/*
 * words: help for the words of patterns; borrowed for good, as rows are. The
 * caller owns the syntax until syntax_free(). NULL without memory.
 */
struct syntax *syntax_new(const struct syntax_word *words);
void syntax_free(struct syntax **syn);

/*
 * Adds a row, and for forms other than SYNTAX_SET what follows `no` or
 * `default`. pattern: row->pattern, or a shorter one that suffices for the
 * form. -EINVAL for a pattern that is not one; -ENOMEM.
 */
int syntax_add(struct syntax *syn, const struct syntax_row *row,
	       enum syntax_form form, const char *pattern);

/*
 * Matches a whole line. 0, -EINVAL (no such word or value), -ENODATA (the line
 * ends too early) or -ENOTUNIQ; *err is filled then, *match otherwise. A line
 * that is blank or a comment matches nothing: ask syntax_is_blank() first.
 */
int syntax_match(const struct syntax *syn, const char *line, size_t len,
		 struct syntax_match *match, struct syntax_error *err);

/* Nothing but blanks, or a comment: its first word begins with `!`. */
bool syntax_is_blank(const char *line, size_t len);

/*
 * NULL, or the name of what a line may not hold ("a NUL octet", "a control
 * octet 0x07", "an octet that is not UTF-8"), and where.
 */
const char *syntax_forbidden(const char *line, size_t len, size_t *column,
			     char name[static 48]);

/*
 * What may follow the line, or stand for its last word when the line does not
 * end in a blank: sorted, words first, the end last. Returns how many there
 * are, at most max of them in next; or negative, as syntax_match().
 */
int syntax_follow(const struct syntax *syn, const char *line, size_t len,
		  struct syntax_next *next, unsigned max,
		  struct syntax_error *err);

/*
 * Completes the last word: out gets the octets to append (a blank at the end
 * when the word is whole). 0 when something can be appended, -ENOENT when no
 * word fits, -ENOTUNIQ when several do and share no more; -ENOSPC.
 */
int syntax_complete(const struct syntax *syn, const char *line, size_t len,
		    char *out, size_t octets);

/* The first word at or behind *at; false at the end of the line. */
bool syntax_token(const char *line, size_t len, size_t *at, size_t *begin,
		  size_t *end);

/*
 * Writes the pattern with values, as an operator would type it: optional parts
 * where a value in them is set, of alternatives the one whose values are set.
 * value: writes the text of an argument and returns its octets, 0 when it is
 * not set (or not written in this coding); text NULL asks only whether it is
 * set (1). Returns the octets written, -ENOSPC, or what value returned below 0.
 */
typedef int syntax_text_fn(void *arg, unsigned index, enum syntax_coding coding,
			   char *text, size_t octets);
int syntax_write(const char *pattern, const struct syntax_arg *args,
		 unsigned n_args, syntax_text_fn *value, void *arg, char *out,
		 size_t octets);

/* A value other than a secret as text; -ENOSPC. Names are quoted at need. */
int syntax_value_text(const struct syntax_arg *type, uint64_t n,
		      const char *name, char *text, size_t octets);

/*
 * The one form in which an address that is kept as text is written: RFC 5952,
 * of IPv4 the dotted quad, the length behind a slash. -EINVAL: the text is none
 * of the type. len_out may be NULL.
 */
#define SYNTAX_ADDR_OCTETS (IP_ADDR_TEXT_MAX + 4)
int syntax_addr_text(enum syntax_type type, const char *text, size_t len,
		     char out[static SYNTAX_ADDR_OCTETS]);
bool syntax_type_is_addr_text(enum syntax_type type);
/* What such a text says; of a text that syntax_addr_text() wrote. */
void syntax_addr_read(const char *text, struct ip_addr *addr, unsigned *len);

/*
 * "an IPv4 prefix such as 10.1.0.0/16": how the argument reads in a sentence.
 */
void syntax_expects(const struct syntax_arg *type, enum syntax_coding coding,
		    char *text, size_t octets);

#endif
