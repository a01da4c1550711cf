/*
 * The key by which clients know a router again: ed25519, made when SSH is first
 * wanted, in the router's run directory.
 */
#ifndef SSHD_KEY_H
#define SSHD_KEY_H

#include <libssh/libssh.h>
#include <stddef.h>

#define SSHD_KEY_NAME "ssh_host_ed25519_key"

/*
 * The key in directory dir, which the caller owns then. -ENAMETOOLONG; -EBADMSG
 * for a file that holds none; -EPERM for one that others may read; or an errno;
 * with a sentence in why.
 */
int sshd_key_get(const char *dir, ssh_key *key, char *why, size_t octets);

#endif
