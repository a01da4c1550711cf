/*
 * The directory of a store: NAME-HANDLE[-LABEL].der for certificates and CRLs,
 * key-HANDLE-LABEL.sealed and key-HANDLE-LABEL.uri for private keys. A file is
 * written beside and renamed, so that a crash leaves the old or the new. Modes
 * are 0700 and 0600 whatever the umask.
 */
#include "pki_impl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#define FILE_MAX (2 * PKI_IMPORT_MAX)

static const char *
suffix_of(const struct pki_item *item)
{
	if (item->class != PKI_KEY)
		return "der";
	return item->uri != NULL ? "uri" : "sealed";
}

static int
path_of(const struct pki *pki, const struct pki_item *item, char path[PATH_MAX])
{
	int n = snprintf(path, PATH_MAX, "%s/%s-%u%s%s.%s", pki->dir,
			 pki_class_name(item->class), item->handle,
			 item->label[0] == '\0' ? "" : "-", item->label,
			 suffix_of(item));

	return n < 0 || n >= PATH_MAX ? -ENAMETOOLONG : 0;
}

static int
write_all(int fd, const void *octets, size_t n)
{
	const char *at = octets;

	while (n > 0) {
		ssize_t done = write(fd, at, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		at += done;
		n -= (size_t)done;
	}
	return fsync(fd) == 0 ? 0 : -errno;
}

static int
put(const char *path, const void *octets, size_t n)
{
	char made[PATH_MAX + 8];
	int fd;
	int err;

	(void)snprintf(made, sizeof(made), "%s.new", path);
	(void)unlink(made);
	fd = open(made, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
		  0600);
	if (fd < 0)
		return -errno;
	err = fchmod(fd, 0600) == 0 ? write_all(fd, octets, n) : -errno;
	(void)close(fd);
	if (err == 0 && rename(made, path) != 0)
		err = -errno;
	if (err != 0)
		(void)unlink(made);
	return err;
}

/* The private key as PKCS#8, sealed. */
static int
put_key(const struct pki *pki, const struct pki_item *item, const char *path)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(ike_key_evp(item->key));
	unsigned char *der = NULL;
	int n = info == NULL ? -1 : i2d_PKCS8_PRIV_KEY_INFO(info, &der);
	size_t room = n <= 0 ? 0 : 4 * (((size_t)n + 30) / 3) + 8;
	char *text = room == 0 ? NULL : malloc(room);
	int err = text == NULL ? -ENOMEM : 0;

	PKCS8_PRIV_KEY_INFO_free(info);
	if (err == 0)
		err = secret_seal(pki->secret, der, (size_t)n, text, room);
	if (err == 0)
		err = put(path, text, strlen(text));
	if (n > 0)
		OPENSSL_clear_free(der, (size_t)n);
	free(text);
	return err;
}

int
pki_file_write(const struct pki *pki, const struct pki_item *item)
{
	char path[PATH_MAX];
	int err;

	if (pki->dir == NULL)
		return 0;
	err = path_of(pki, item, path);
	if (err != 0)
		return err;
	if (item->class != PKI_KEY)
		return put(path, item->der, item->der_octets);
	if (item->uri != NULL)
		return put(path, item->uri, strlen(item->uri));
	return put_key(pki, item, path);
}

void
pki_file_remove(const struct pki *pki, const struct pki_item *item)
{
	char path[PATH_MAX];

	if (pki->dir != NULL && path_of(pki, item, path) == 0)
		(void)unlink(path);
}

/* ---- loading -------------------------------------------------------- */

/* Up to FILE_MAX octets and a NUL, the caller's to wipe and free. */
static char *
get(const char *dir, const char *name, size_t *n)
{
	char path[PATH_MAX];
	char *text = malloc(FILE_MAX + 1);
	ssize_t got = -1;
	int fd = -1;

	if (text != NULL &&
	    snprintf(path, sizeof(path), "%s/%s", dir, name) < PATH_MAX)
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd >= 0) {
		got = read(fd, text, FILE_MAX);
		(void)close(fd);
	}
	if (got <= 0) {
		free(text);
		return NULL;
	}
	text[got] = '\0';
	*n = (size_t)got;
	return text;
}

static struct ike_key *
key_unseal(const struct pki *pki, const char *text, size_t n)
{
	uint8_t *der = secret_alloc(n);
	struct ike_key *key = NULL;
	size_t octets = 0;

	if (der != NULL && secret_open(pki->secret, text, der, n, &octets) == 0)
		key = ike_key_wrap(pki_read_key(der, octets));
	secret_free(&der, n);
	return key;
}

static struct pki_item *
item_of(const struct pki *pki, enum pki_class class, const char *suffix,
	const char *text, size_t n)
{
	struct pki_item *item = NULL;
	X509_CRL *crl;
	X509 *cert;

	if (class == PKI_CRL) {
		crl = pki_read_crl(text, n);
		return crl == NULL ? NULL : pki_item_crl(crl);
	}
	if (class != PKI_KEY) {
		cert = pki_read_cert(text, n, NULL);
		return cert == NULL ? NULL : pki_item_cert(class, cert);
	}
	item = calloc(1, sizeof(*item));
	if (item == NULL)
		return NULL;
	item->class = PKI_KEY;
	if (strcmp(suffix, "uri") == 0) {
		item->uri = strdup(text);
		item->key = ike_key_wrap(pki_read_uri(text));
	} else {
		item->key = key_unseal(pki, text, n);
	}
	if (item->key == NULL)
		pki_item_free(&item);
	return item;
}

/* NAME-HANDLE[-LABEL].SUFFIX; false: a file of someone else. */
static bool
name_read(const char *name, enum pki_class *class, uint32_t *handle,
	  char label[PKI_LABEL_MAX], char suffix[8])
{
	char word[16];
	char rest[PKI_LABEL_MAX + 16];
	char *dot;
	int at = 0;

	if (strlen(name) >= sizeof(rest) + 24 ||
	    sscanf(name, "%15[a-z]-%u%n", word, handle, &at) != 2 ||
	    strlen(name + at) >= sizeof(rest))
		return false;
	(void)snprintf(rest, sizeof(rest), "%s", name + at);
	dot = strrchr(rest, '.');
	if (dot == NULL || strlen(dot + 1) >= 8)
		return false;
	memcpy(suffix, dot + 1, strlen(dot + 1) + 1);
	*dot = '\0';
	label[0] = '\0';
	if (rest[0] == '-' && pki_label_good(rest + 1))
		memcpy(label, rest + 1, strlen(rest + 1) + 1);
	else if (rest[0] != '\0')
		return false;
	for (unsigned c = PKI_KEY; c <= PKI_CRL; c++) {
		if (strcmp(word, pki_class_name((enum pki_class)c)) == 0) {
			*class = (enum pki_class)c;
			return *handle != 0 &&
			       (strcmp(suffix, "der") == 0) == (c != PKI_KEY) &&
			       strcmp(suffix, "new") != 0;
		}
	}
	return false;
}

static bool
load_one(struct pki *pki, const char *name)
{
	enum pki_class class = PKI_KEY;
	char label[PKI_LABEL_MAX];
	struct pki_item *item;
	uint32_t handle = 0;
	char suffix[8];
	size_t n = 0;
	char *text;

	if (!name_read(name, &class, &handle, label, suffix))
		return false;
	text = get(pki->dir, name, &n);
	if (text == NULL)
		return false;
	item = item_of(pki, class, suffix, text, n);
	secret_wipe(text, n);
	free(text);
	if (item == NULL)
		return false;
	item->handle = handle;
	memcpy(item->label, label, sizeof(label));
	pki_item_add(pki, item);
	if (handle > pki->last)
		pki->last = handle;
	return true;
}

int
pki_file_load(struct pki *pki, unsigned *bad)
{
	struct dirent *entry;
	struct stat st;
	unsigned n = 0;
	DIR *dir;

	if (mkdir(pki->dir, 0700) != 0 && errno != EEXIST)
		return -errno;
	if (stat(pki->dir, &st) != 0)
		return -errno;
	if (!S_ISDIR(st.st_mode))
		return -ENOTDIR;
	if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return -EACCES;
	dir = opendir(pki->dir);
	if (dir == NULL)
		return -errno;
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] != '.' && !load_one(pki, entry->d_name))
			n++;
	}
	(void)closedir(dir);
	if (bad != NULL)
		*bad = n;
	return 0;
}
