#ifndef RUNDIR_SHIM_H
#define RUNDIR_SHIM_H

#ifdef __cplusplus
extern "C" {
#endif

int rundir_shim_root(char path[200], char why[512]);
int rundir_shim_valid(const char *name);
/* The lock's descriptor, or -errno. */
int rundir_shim_open(const char *name, char path[200], char why[512]);
int rundir_shim_sign(int lock_fd, int pid);
int rundir_shim_keeper(const char *root, const char *name);
void rundir_shim_sweep(const char *root);
void rundir_shim_remove(const char *path);

#ifdef __cplusplus
}
#endif

#endif
