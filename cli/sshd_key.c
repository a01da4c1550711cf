/*
 * The host key's file, written whole or not at all. Called by sshd.c before
 * anybody can connect. A file that can not be used is refused and not replaced:
 * a new key would look to every client like an attack.
 */
#include "sshd_key.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_OCTETS 4096

/* The file is there before libssh writes it, so that nobody else can read it.
 */
static int
key_write(const ssh_key key, const char *path, const char *beside)
{
	int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int rc = fd < 0 ? -errno : 0;

	if (rc == 0 && fchmod(fd, 0600) != 0)
		rc = -errno;
	if (rc == 0 && ssh_pki_export_privkey_file(key, NULL, NULL, NULL,
						   beside) != SSH_OK)
		rc = -EIO;
	if (rc == 0 && fsync(fd) != 0)
		rc = -errno;
	if (fd >= 0)
		(void)close(fd);
	if (rc == 0 && rename(beside, path) != 0)
		rc = -errno;
	if (rc != 0 && fd >= 0)
		(void)unlink(beside);
	return rc;
}

static int
key_make(ssh_key *key, const char *path)
{
	char beside[PATH_OCTETS + 4];
	int rc;

	(void)snprintf(beside, sizeof(beside), "%s.new", path);
	if (ssh_pki_generate(SSH_KEYTYPE_ED25519, 0, key) != SSH_OK)
		return -EIO;
	rc = key_write(*key, path, beside);
	if (rc != 0) {
		ssh_key_free(*key);
		*key = NULL;
	}
	return rc;
}

static int
key_read(ssh_key *key, const char *path)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() ||
	    (st.st_mode & 077) != 0)
		return -EPERM;
	if (ssh_pki_import_privkey_file(path, NULL, NULL, NULL, key) != SSH_OK)
		return -EBADMSG;
	if (ssh_key_type(*key) == SSH_KEYTYPE_ED25519)
		return 0;
	ssh_key_free(*key);
	*key = NULL;
	return -EBADMSG;
}

int
sshd_key_get(const char *dir, ssh_key *key, char *why, size_t octets)
{
	char path[PATH_OCTETS];
	int rc;

	if (snprintf(path, sizeof(path), "%s/" SSHD_KEY_NAME, dir) >=
	    (int)sizeof(path))
		return -ENAMETOOLONG;
	rc = key_read(key, path);
	if (rc == -ENOENT)
		rc = key_make(key, path);
	if (rc == 0)
		return 0;
	(void)snprintf(why, octets, "ssh host key %s: %s", path,
		       rc == -EBADMSG ? "no ed25519 key; remove it to have one"
					" made"
		       : rc == -EPERM ? "expected a file of ours, mode 0600"
				      : strerror(-rc));
	return rc;
}
