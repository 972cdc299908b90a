/*
 * Vectors: runs a test over a file of other projects' vectors, which are not part of this one.
 *
 * Owns: the file while the test runs. Does not know: what a line means.
 * Lifetime: none. Called from: main() of the tests of vectors.
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>

/* Gives `test` the open file `name` of the folder QMIKIT_VECTORS, or says in TAP that it is skipped. The exit
 * status. */
static inline int vectors_run(const char *test_name, CMUnitTestFunction test, const char *name)
{
	const char *folder = getenv("QMIKIT_VECTORS");
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", folder ? folder : "", name);
	FILE *file = folder ? fopen(path, "re") : NULL;
	if (!file) {
		printf("1..0 # SKIP QMIKIT_VECTORS has no %s\n", name);
		return 0;
	}
	const struct CMUnitTest tests[] = { { test_name, test, NULL, NULL, file } };
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	fclose(file);
	return failed;
}
