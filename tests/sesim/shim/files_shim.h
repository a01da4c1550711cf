#ifndef FILES_SHIM_H
#define FILES_SHIM_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct files_shim;

/* binds: "in 1/1 PATH", "out 2/1 PATH" or "point 3/asp1:clear PATH". */
struct files_shim *files_shim_new(const char *const *binds, unsigned n,
				  const char *run_dir);
void files_shim_free(struct files_shim *f);

/* 0, or the exit status. */
int files_shim_open(struct files_shim *f);
/* What the chassis would be told: ports, points, problems as JSON. */
const char *files_shim_request(struct files_shim *f);
int files_shim_finish(struct files_shim *f, int repair);
/* An empty capture of the link type of the bind at its part; 0 or -errno. */
int files_shim_write(const char *path, const char *name, int pcapng,
		     int redback);

#ifdef __cplusplus
}
#endif

#endif
