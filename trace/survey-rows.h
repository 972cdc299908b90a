/*
 * Survey rows: which requests a survey asks. All of them only read.
 *
 * Owns: nothing. Does not know: devices, files.
 * Lifetime: none; const tables. Called from: survey.c.
 */
#pragma once

#include <qmikit/codec.h>

/* A request with values, as JSON by the definitions. */
struct qk_survey_row {
	const char *service, *message, *values;
};

/* The rows, ended by one without a service. */
const struct qk_survey_row *qk_survey_rows(void);

/* Whether a method is asked as it is, without any values: it is named as one that reads, needs none,
 * and is no exception. */
bool qk_survey_reads(const struct qk_method *method);
