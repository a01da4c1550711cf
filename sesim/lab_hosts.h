/*
 * The network namespaces of a lab's hosts. Their names stand in a file of the
 * lab's run directory before they are made, so that whoever comes after a
 * killed keeper finds and removes them.
 */
#ifndef LAB_HOSTS_H
#define LAB_HOSTS_H

#include "cap_error.h"
#include "host.h"

/* As `ip netns exec` knows it: "LAB-NODE". */
void lab_host_name(const char *lab, const char *node,
		   char name[HOST_NETNS_MAX]);

/* As host_new(), noted first. */
int lab_host_make(const char *run_dir, const char *name, struct cap_error *why);

/* Ends what runs in all that are noted, and removes them. */
void lab_hosts_clear(const char *run_dir);

#endif
