/* Hosts of a lab (lab/host.h) for C++ tests. */
#ifndef HOST_SHIM_H
#define HOST_SHIM_H

#ifdef __cplusplus
extern "C" {
#endif

/* NULL: hosts can be made; else why not. */
const char *host_shim_lacks(void);
int host_shim_new(const char *name);
int host_shim_remove(const char *name);
/* eth1 with 10.1.0.5/16 and 2001:db8:1::5/64: the TAP's other side, or -errno.
 */
int host_shim_port(const char *name, const char *gateway);
/* In a child: enters the host and runs a command of sh: its exit status. */
int host_shim_sh(const char *name, const char *command);

#ifdef __cplusplus
}
#endif

#endif
