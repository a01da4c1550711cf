// The grammar of the modes for C++.
#ifndef GRAMMAR_SHIM_H
#define GRAMMAR_SHIM_H

#ifdef __cplusplus
extern "C" {
#endif

struct grammar;

struct grammar *grammar_shim_new(void);
void grammar_shim_free(struct grammar *g);
// 0: a row of the configuration, 1: an exec command, or what syntax_match()
// returned.
int grammar_shim_match(const struct grammar *g, const char *mode, int privilege,
		       const char *line);
// Is every row of the exec tables complete: pattern, mode, handler, help?
int grammar_shim_rows_complete(void);
// The word of an exec table's help that has no text, or NULL.
const char *grammar_shim_word_without_help(const struct grammar *g);

/* The page of commands; the caller's to free(). */
char *grammar_shim_page(void);

#ifdef __cplusplus
}
#endif

#endif
