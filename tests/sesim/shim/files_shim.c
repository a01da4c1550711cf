/*
 * The files of a replay, for C++.
 */
#include "files_shim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cap_link.h"
#include "cap_write.h"
#include "replay_files.h"

struct files_shim {
	struct replay_args args;
	struct replay_files *files;
	json_t *problems;
	const char *run_dir;
	char *text;
	char bind[REPLAY_BINDS_MAX][300];
};

struct files_shim *
files_shim_new(const char *const *binds, unsigned n, const char *run_dir)
{
	struct files_shim *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return NULL;
	f->args.command = "test";
	f->problems = json_array();
	f->run_dir = run_dir;
	for (unsigned i = 0; i < n; i++) {
		char kind[8];
		char name[48];
		char path[240];

		if (sscanf(binds[i], "%7s %47s %239s", kind, name, path) != 3)
			abort();
		(void)snprintf(f->bind[i], sizeof(f->bind[i]), "%s=%s", name,
			       path);
		if (replay_bind_add(&f->args,
				    kind[0] == 'i'   ? REPLAY_IN
				    : kind[0] == 'o' ? REPLAY_OUT
						     : REPLAY_POINT,
				    f->bind[i]) != 0)
			abort();
	}
	return f;
}

void
files_shim_free(struct files_shim *f)
{
	replay_files_free(&f->files);
	json_decref(f->problems);
	free(f->text);
	free(f);
}

int
files_shim_open(struct files_shim *f)
{
	return replay_files_open(&f->files, &f->args, f->run_dir, f->problems);
}

const char *
files_shim_request(struct files_shim *f)
{
	json_t *all = json_pack(
	    "{s:o, s:o, s:O}", "ports", replay_files_ports(f->files), "points",
	    replay_files_points(f->files), "problems", f->problems);

	free(f->text);
	f->text = json_dumps(all, JSON_COMPACT);
	json_decref(all);
	return f->text;
}

int
files_shim_finish(struct files_shim *f, int repair)
{
	return replay_files_finish(f->files, repair, f->problems);
}

int
files_shim_write(const char *path, const char *name, int pcapng, int redback)
{
	struct cap_write *w;
	unsigned iface;
	int err =
	    cap_write_open(&w, path, pcapng ? CAP_PCAPNG : CAP_PCAP, NULL);

	if (err != 0)
		return err;
	err = cap_write_iface(w, redback ? CAP_LINK_REDBACK : CAP_LINK_ETHERNET,
			      name, &iface);
	return cap_write_close(&w) != 0 ? -1 : err;
}
