/*
 * Files: all lines through an editor on an empty tree, all or nothing. What
 * show configuration prints is such a file: its two head lines are passed over.
 * Called by the chassis and by sesim before anything starts. The text's own
 * octets may hold keys, so the copy of a file is locked and wiped.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "parse_impl.h"
#include "secret.h"

#define FILE_MAX ((size_t)1 << 30)

static bool
is_head(const char *line, size_t len)
{
	static const char *const heads[] = {"Building configuration...",
					    "Current configuration:"};

	while (len > 0 && strchr(" \t\r", line[len - 1]) != NULL)
		len--;
	for (unsigned i = 0; i < 2; i++) {
		if (len == strlen(heads[i]) && memcmp(line, heads[i], len) == 0)
			return true;
	}
	return false;
}

static int
text_apply(struct cfg_editor *ed, const char *text, size_t len,
	   struct cfg_error *err)
{
	const char *end = text + len;
	bool ended = false;
	int rc = 0;

	for (unsigned line = 1; text < end && rc == 0; line++) {
		const char *nl = memchr(text, '\n', (size_t)(end - text));
		size_t n = (size_t)((nl == NULL ? end : nl) - text);
		enum cfg_outcome outcome = CFG_LINE_BLANK;

		cfg_editor_line(ed, line);
		if (ended && !syntax_is_blank(text, n))
			rc = apply_refuse(
			    ed, err, strspn(text, " \t"),
			    "a command after end; expected nothing but blanks "
			    "and comments");
		else if (!is_head(text, n))
			rc = cfg_edit_line(ed, text, n, &outcome, err);
		if (rc == 0 && outcome == CFG_LINE_EXIT)
			rc = apply_refuse(
			    ed, err, strspn(text, " \t"),
			    "exit outside of every mode; expected end");
		ended |= outcome == CFG_LINE_END;
		text = nl == NULL ? end : nl + 1;
	}
	return rc;
}

int
cfg_edit_text(struct cfg_editor *ed, const char *text, size_t len,
	      struct cfg_error *err)
{
	struct cfg_tree *before = cfg_tree_snapshot(ed->tree);
	unsigned edits = ed->edits;
	int rc;

	*err = (struct cfg_error){.text = "no memory; expected more of it"};
	if (before == NULL)
		return -ENOMEM;
	apply_leave(ed, 0);
	rc = text_apply(ed, text, len, err);
	apply_leave(ed, 0);
	cfg_editor_line(ed, 0);
	if (rc != 0) {
		cfg_tree_free(&ed->tree);
		ed->tree = before;
		ed->edits = edits;
		return rc;
	}
	cfg_tree_free(&before);
	return 0;
}

int
cfg_load_text(struct cfg *cfg, const char *text, size_t len, const uint8_t *key,
	      struct cfg_tree **tree, struct cfg_error *err)
{
	struct cfg_tree *empty = cfg_tree_new(cfg);
	struct cfg_editor *ed =
	    empty == NULL ? NULL : cfg_editor_new(empty, key);
	int rc;

	cfg_tree_free(&empty);
	*err = (struct cfg_error){.text = "no memory; expected more of it"};
	if (ed == NULL)
		return -ENOMEM;
	rc = text_apply(ed, text, len, err);
	if (rc == 0) {
		/* The editor's own tree: a snapshot would make edits copy. */
		*tree = ed->tree;
		ed->tree = NULL;
	}
	cfg_editor_free(&ed);
	return rc;
}

static int
file_refuse(struct cfg_error *err, int error, const char *right)
{
	*err = (struct cfg_error){.line = 0};
	(void)snprintf(err->text, sizeof(err->text), "%s; expected %s",
		       strerror(error), right);
	return -error;
}

/* Reads all that comes into locked memory that grows: a pipe has no size. */
static int
file_read(int fd, char **text, size_t *octets, size_t *len)
{
	*octets = 65536;
	*len = 0;
	*text = secret_alloc(*octets);
	while (*text != NULL) {
		ssize_t n = read(fd, *text + *len, *octets - *len);
		char *more;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		*len += (size_t)n;
		if (*len < *octets)
			continue;
		if (*octets >= FILE_MAX)
			return -EFBIG;
		more = secret_alloc(*octets * 2);
		if (more == NULL)
			break;
		memcpy(more, *text, *len);
		secret_free(text, *octets);
		*text = more;
		*octets *= 2;
	}
	return -ENOMEM;
}

/* The whole file; whatever happens, text is to be freed with octets. */
static int
file_text(const char *path, char **text, size_t *octets, size_t *len,
	  struct cfg_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc;

	if (fd < 0)
		return file_refuse(err, errno,
				   "a configuration that can be "
				   "read");
	rc = file_read(fd, text, octets, len);
	close(fd);
	return rc == 0 ? 0 : file_refuse(err, -rc, "a configuration file");
}

int
cfg_load_file(struct cfg *cfg, const char *path, const uint8_t *key,
	      struct cfg_tree **tree, struct cfg_error *err)
{
	size_t octets = 0, len = 0;
	char *text = NULL;
	int rc = file_text(path, &text, &octets, &len, err);

	if (rc == 0)
		rc = cfg_load_text(cfg, text, len, key, tree, err);
	secret_free(&text, octets);
	return rc;
}

int
cfg_edit_file(struct cfg_editor *ed, const char *path, struct cfg_error *err)
{
	size_t octets = 0, len = 0;
	char *text = NULL;
	int rc = file_text(path, &text, &octets, &len, err);

	if (rc == 0)
		rc = cfg_edit_text(ed, text, len, err);
	secret_free(&text, octets);
	return rc;
}
