/*
 * Key files for Wireshark. A row of esp_sa has eight fields: protocol, source,
 * destination, SPI, encryption, its key, authentication, its key (tried with
 * tshark 4.0, which leaves packets closed without a word when a name is not
 * one of its own). Names come from the table of algorithm facts; AEAD keys
 * carry their salt at the end, as Wireshark wants them too. A file is written
 * beside and renamed, so a reader never sees half of one.
 */
#include "keys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipsec_alg.h"

struct keys {
	FILE *file;
	const struct cfg_tree *tree;
};

static void
put_address(FILE *file, const struct ip_addr *a)
{
	char text[IP_ADDR_TEXT_MAX];

	(void)fprintf(file, "\"%s\",", ip_addr_text(a, text));
}

static void
put_key(FILE *file, const struct cfg_obj *sa, enum cfg_field field)
{
	size_t octets;
	const uint8_t *key = cfg_key(sa, field, &octets);

	(void)fprintf(file, "\"%s", octets > 0 ? "0x" : "");
	for (size_t i = 0; i < octets; i++)
		(void)fprintf(file, "%02x", key[i]);
	(void)fputc('"', file);
}

/* An AEAD authenticates itself; Wireshark calls that NULL. */
static const char *
authentication_name(enum ipsec_alg_id id)
{
	const struct ipsec_alg *alg = ipsec_alg_get(id);

	if (id == IPSEC_ALG_NONE || id == IPSEC_ALG_INVALID)
		return "NULL";
	return alg != NULL ? alg->wireshark : NULL;
}

static void
put_sa(const struct keys *k, const struct cfg_obj *sa,
       const struct ip_addr *src, const struct ip_addr *dst)
{
	const struct ipsec_alg *enc =
	    ipsec_alg_get((enum ipsec_alg_id)cfg_u32(sa, CFG_SA_ENCRYPTION));
	const char *auth = authentication_name(
	    (enum ipsec_alg_id)cfg_u32(sa, CFG_SA_AUTHENTICATION));

	if (!cfg_has(sa, CFG_SA_ESP_SPI))
		return;
	if (enc == NULL || enc->wireshark == NULL || auth == NULL) {
		(void)fprintf(k->file,
			      "# SA %s: Wireshark has no name for its"
			      " algorithms\n",
			      cfg_str(sa, CFG_SA_NAME));
		return;
	}
	(void)fprintf(k->file, "\"IPv%u\",", dst->family);
	put_address(k->file, src);
	put_address(k->file, dst);
	(void)fprintf(k->file, "\"0x%08x\",\"%s\",",
		      cfg_u32(sa, CFG_SA_ESP_SPI), enc->wireshark);
	put_key(k->file, sa, CFG_SA_ENCRYPTION_KEY);
	(void)fprintf(k->file, ",\"%s\",", auth);
	put_key(k->file, sa, CFG_SA_AUTHENTICATION_KEY);
	(void)fputc('\n', k->file);
}

static const struct cfg_obj *
sa_of(const struct keys *k, const struct cfg_obj *tunnel, enum cfg_field field)
{
	const char *context = cfg_str(tunnel, CFG_TUNNEL_CONTEXT);
	const char *name = cfg_str(tunnel, field);
	const struct cfg_obj *c;

	if (name == NULL)
		return NULL;
	c = cfg_find(cfg_root(k->tree), CFG_CONTEXT,
		     context != NULL ? context : "local");
	return c != NULL ? cfg_find(c, CFG_SA, name) : NULL;
}

static void
put_esp(const struct keys *k)
{
	struct cfg_iter it;

	(void)fputs("# ESP SAs for Wireshark\n", k->file);
	for (const struct cfg_obj *t =
		 cfg_first(&it, cfg_root(k->tree), CFG_TUNNEL);
	     t != NULL; t = cfg_next(&it)) {
		struct ip_addr local = cfg_ip(t, CFG_TUNNEL_LOCAL);
		struct ip_addr remote = cfg_ip(t, CFG_TUNNEL_REMOTE);
		const struct cfg_obj *out = sa_of(k, t, CFG_TUNNEL_SA_OUT);
		const struct cfg_obj *in = sa_of(k, t, CFG_TUNNEL_SA_IN);

		if (out != NULL)
			put_sa(k, out, &local, &remote);
		if (in != NULL)
			put_sa(k, in, &remote, &local);
	}
}

static void
put_no_ike(const struct keys *k)
{
	(void)fputs("# Keys of IKE SAs for Wireshark: none, all keys are"
		    " manual\n",
		    k->file);
}

static int
fail(char *why, size_t octets, const char *path)
{
	int error = -errno;

	(void)snprintf(why, octets, "%s: %s", path, strerror(-error));
	return error;
}

static int
write_file(const struct cfg_tree *tree, const char *dir, const char *name,
	   void (*put)(const struct keys *), char *why, size_t octets)
{
	char path[PATH_MAX];
	char beside[PATH_MAX];
	struct keys k = {.tree = tree};
	int fd;
	int bad;

	if (snprintf(beside, sizeof(beside), "%s/.%s.%ld", dir, name,
		     (long)getpid()) >= (int)sizeof(beside)) {
		errno = ENAMETOOLONG;
		return fail(why, octets, dir);
	}
	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	(void)unlink(beside);
	fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return fail(why, octets, beside);
	k.file = fdopen(fd, "w");
	if (k.file == NULL) {
		(void)close(fd);
		return fail(why, octets, beside);
	}
	/* No copy of the keys is left in a buffer of the library. */
	(void)setvbuf(k.file, NULL, _IONBF, 0);
	put(&k);
	bad = ferror(k.file);
	if (fclose(k.file) != 0 || bad || rename(beside, path) != 0) {
		int error = fail(why, octets, path);

		(void)unlink(beside);
		return error;
	}
	return 0;
}

int
keys_write(const struct cfg_tree *tree, const char *dir, char *why,
	   size_t why_octets)
{
	int err;

	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return fail(why, why_octets, dir);
	if (chmod(dir, 0700) != 0)
		return fail(why, why_octets, dir);
	err = write_file(tree, dir, "esp_sa", put_esp, why, why_octets);
	if (err == 0)
		err = write_file(tree, dir, "ikev1_decryption_table",
				 put_no_ike, why, why_octets);
	if (err == 0)
		err = write_file(tree, dir, "ikev2_decryption_table",
				 put_no_ike, why, why_octets);
	return err;
}
