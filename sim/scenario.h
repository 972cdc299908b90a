/*
 * Scenario: requests of the control socket at their times, from a file.
 *
 * Owns: the steps. Does not know: what a request does, clocks: time is told.
 * Lifetime: qk_scenario_load() or _parse() to qk_scenario_free(), which comes before the control ends.
 * Called from: main.c, tests.
 *
 * A file is {"steps": [{"at": SECONDS, "do": NAME, ...}, ...], "repeat": {"every": SECONDS, "times": N}}.
 * Times count from the start, in a real modem's time: the time scale applies to them. Steps stand in the
 * order of their times; those of one time are taken in their order. With `repeat` all begins anew after
 * `every`, `times` in all or for ever.
 */
#pragma once

#include "control.h"

#define QK_SCENARIO_SIZE_MAX ((size_t)4 * 1024 * 1024)

struct qk_scenario;

/* Reads and checks a file against the modems there are. -EINVAL it makes no sense, -EFBIG, -ENOMEM, or what
 * open(2) and read(2) say; `error` gets one line with the file, the line in it and the reason. */
QK_MUST_CHECK int qk_scenario_load(const char *path, struct qk_control *control,
				   struct qk_scenario **ret, char *error, size_t error_size);
/* The same from text; `name` is for messages. */
QK_MUST_CHECK int qk_scenario_parse(const char *name, const char *json, size_t size,
				    struct qk_control *control, struct qk_scenario **ret,
				    char *error, size_t error_size);
/* NULL is fine; returns NULL. */
struct qk_scenario *qk_scenario_free(struct qk_scenario *scenario);

/* It begins now. */
void qk_scenario_start(struct qk_scenario *scenario, uint64_t now_usec, uint32_t time_scale_ppm);
/* When its next step is due; QK_SIM_NEVER: it is over, or did not begin. */
uint64_t qk_scenario_next_usec(const struct qk_scenario *scenario);
/* Takes one step that is due. 1: there was one; 0: there is none; -EINVAL: it was refused, with one line
 * in `error`, and is over. */
QK_MUST_CHECK int qk_scenario_advance(struct qk_scenario *scenario, uint64_t now_usec, char *error,
				      size_t error_size);
