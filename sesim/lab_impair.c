/*
 * `sesim lab impair`: the properties of a link that is up, by the words of the
 * topology file. What was not named stays.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "lab.h"
#include "lab_hand.h"

static const char usage[] =
    "usage: sesim lab impair TOPOLOGY END [--delay TIME] [--jitter TIME]\n"
    "    [--loss SHARE] [--duplication SHARE] [--reordering SHARE]\n"
    "    [--corruption SHARE] [--rate RATE] [--queue FRAMES] [--mtu OCTETS]\n"
    "    [--state up|down] [--clear] [--direction both|from|to]\n"
    "Changes a link of a lab that is up; END is one of its two, such as\n"
    "pe1:2/1.\n"
    "  --clear          takes all properties away first\n"
    "  --direction WAY  frames that come from END, go to it, or both\n";

/* 0, 1: help was given, 2. */
static int
parse(json_t *request, int argc, char **argv)
{
	static const struct option options[] = {
	    {"delay", required_argument, NULL, TOPOLOGY_LINK_DELAY + 256},
	    {"jitter", required_argument, NULL, TOPOLOGY_LINK_JITTER + 256},
	    {"loss", required_argument, NULL, TOPOLOGY_LINK_LOSS + 256},
	    {"duplication", required_argument, NULL,
	     TOPOLOGY_LINK_DUPLICATION + 256},
	    {"reordering", required_argument, NULL,
	     TOPOLOGY_LINK_REORDERING + 256},
	    {"corruption", required_argument, NULL,
	     TOPOLOGY_LINK_CORRUPTION + 256},
	    {"rate", required_argument, NULL, TOPOLOGY_LINK_RATE + 256},
	    {"queue", required_argument, NULL, TOPOLOGY_LINK_QUEUE + 256},
	    {"mtu", required_argument, NULL, TOPOLOGY_LINK_MTU + 256},
	    {"state", required_argument, NULL, TOPOLOGY_LINK_STATE + 256},
	    {"clear", no_argument, NULL, 'c'},
	    {"direction", required_argument, NULL, 'd'},
	    {"help", no_argument, NULL, 'h'},
	    {NULL, 0, NULL, 0}};
	json_t *set = json_object_get(request, "set");
	int id;

	while ((id = getopt_long(argc, argv, "", options, NULL)) != -1) {
		struct topology_value v = {0};
		const char *right = NULL;

		if (id == 'h') {
			(void)fputs(usage, stdout);
			return 1;
		}
		if (id == '?')
			return 2;
		if (id == 'c') {
			(void)json_object_set_new(request, "clear",
						  json_true());
			continue;
		}
		if (id == 'd') {
			(void)json_object_set_new(request, "direction",
						  json_string(optarg));
			if (strcmp(optarg, "both") != 0 &&
			    strcmp(optarg, "from") != 0 &&
			    strcmp(optarg, "to") != 0)
				right = "expected both, from or to";
		} else {
			right = topology_value_read(
			    (enum topology_type)topology_row[id - 256].type,
			    optarg, &v);
			(void)json_object_set_new(set,
						  topology_row[id - 256].key,
						  json_string(optarg));
		}
		if (right != NULL) {
			(void)fprintf(stderr, "sesim lab impair: %s: %s\n",
				      optarg, right);
			return 2;
		}
	}
	return 0;
}

int
lab_impair_main(int argc, char **argv)
{
	struct lab_file file = {.topology = NULL};
	json_t *request = json_pack("{s:s, s:{}}", "op", "impair", "set");
	int status = request == NULL ? 3 : parse(request, argc, argv);

	if (status == 0 && optind + 2 != argc) {
		(void)fputs(usage, stderr);
		status = 2;
	}
	if (status == 0)
		status = lab_file_find(&file, "sesim lab impair", argv[optind]);
	if (status == 0) {
		(void)json_object_set_new(request, "end",
					  json_string(argv[optind + 1]));
		status = lab_hand_order(&file, "sesim lab impair",
					json_incref(request), NULL);
	}
	json_decref(request);
	lab_file_fini(&file);
	return status == 1 ? 0 : status;
}
