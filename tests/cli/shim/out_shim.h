// Output through pipes for C++: lines in, what a sink got out.
#ifndef OUT_SHIM_H
#define OUT_SHIM_H

#ifdef __cplusplus
extern "C" {
#endif

struct out_shim;

struct out_shim *out_shim_new(void);
void out_shim_free(struct out_shim *s);
// 0, or -EINVAL and the sentence in out_shim_why().
int out_shim_pipes(struct out_shim *s, const char *pipes);
const char *out_shim_why(const struct out_shim *s);
void out_shim_line(struct out_shim *s, const char *text);
void out_shim_error(struct out_shim *s, const char *text);
int out_shim_is_json(const struct out_shim *s);
int out_shim_failed(const struct out_shim *s);
// "NAME:TEXT" of what is to be saved, "" for nothing; after out_shim_end().
const char *out_shim_saved(struct out_shim *s);
// Ends the output; everything that came, lines ending in a newline.
const char *out_shim_end(struct out_shim *s);

#ifdef __cplusplus
}
#endif

#endif
