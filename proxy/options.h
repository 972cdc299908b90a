/*
 * Options: the command line of qmi-proxy.
 *
 * Owns: nothing; texts are those of argv. Does not know: what the options do.
 * Lifetime: that of main(). Called from: main.c.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* What is to be done. */
enum options_verb { VERB_RUN, VERB_STATUS, VERB_HELP, VERB_VERSION };

struct options {
	enum options_verb verb;
	bool no_exit, verbose, verbose_full, json;
	const char *group;  /* whose members may connect; "": nobody's */
	const char *name;   /* of the abstract socket; "": none */
	const char *folder; /* of the other socket and the tables; "": none */
	uint32_t empty_timeout_sec, orphan_timeout_sec;
};

extern const char options_help[];

/* 0, or -EINVAL and a line on stderr. */
__attribute__((warn_unused_result)) int options_read(int argc, char **argv, struct options *ret);
