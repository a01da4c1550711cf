/*
 * The calls of libpcap by name. Whoever opens it counts as one user of the
 * library, which the loader keeps apart from all others.
 */
#include "pcap_lib.h"

#include <assert.h>
#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#define PCAP_LIB_NAME "libpcap.so.0.8"

static int
look_up(struct pcap_lib *lib, const char *name, size_t offset)
{
	void *call = dlsym(lib->handle, name);

	/* POSIX has a function's address fit here, and C no cast for it. */
	static_assert(sizeof(call) == sizeof(lib->close), "dlsym(3)");
	memcpy((char *)lib + offset, &call, sizeof(call));
	return call != NULL ? 0 : -ENOENT;
}

int
pcap_lib_open(struct pcap_lib *lib, struct cap_error *err)
{
	int rc = 0;

	*lib = (struct pcap_lib){
	    .handle = dlopen(PCAP_LIB_NAME, RTLD_LAZY | RTLD_LOCAL)};
	if (lib->handle == NULL)
		return cap_error_set(err, -ENOENT, "%s", dlerror());
#define X(name)                                                                \
	if (rc == 0)                                                           \
		rc = look_up(lib, "pcap_" #name,                               \
			     offsetof(struct pcap_lib, name));
	PCAP_CALLS(X)
#undef X
	if (rc == 0)
		return 0;
	pcap_lib_close(lib);
	return cap_error_set(err, rc, "%s is of another kind", PCAP_LIB_NAME);
}

void
pcap_lib_close(struct pcap_lib *lib)
{
	if (lib->handle != NULL)
		(void)dlclose(lib->handle);
	lib->handle = NULL;
}
