/*
 * Special: actions that a row of the table cannot say whole: arguments of several options, lists, files.
 *
 * Owns: nothing. Does not know: the table. Lifetime: one call. Called from: actions.c.
 */
#pragma once

#include "mmcli/actions.h"

/* A property of the target. */
const json_t *special_own(const struct run *run, const struct api_property *property);

/* Arguments. */
int special_text(const struct run *run, json_t **ret, struct trouble *trouble);
int special_dictionary(const struct run *run, json_t **ret, struct trouble *trouble);
int special_names(const struct run *run, json_t **ret, struct trouble *trouble);
int special_bands(const struct run *run, json_t **ret, struct trouble *trouble);
int special_modes(const struct run *run, json_t **ret, struct trouble *trouble);
int special_command(const struct run *run, json_t **ret, struct trouble *trouble);
int special_number(const struct run *run, json_t **ret, struct trouble *trouble);
int special_facility(const struct run *run, json_t **ret, struct trouble *trouble);
int special_bytes(const struct run *run, json_t **ret, struct trouble *trouble);
int special_file(const struct run *run, json_t **ret, struct trouble *trouble);
int special_profile(const struct run *run, json_t **ret, struct trouble *trouble);
int special_sms(const struct run *run, json_t **ret, struct trouble *trouble);
int special_channels(const struct run *run, json_t **ret, struct trouble *trouble);
int special_accept(const struct run *run, json_t **ret, struct trouble *trouble);
int special_reject(const struct run *run, json_t **ret, struct trouble *trouble);
int special_pin(const struct run *run, json_t **ret, struct trouble *trouble);
int special_pin_on(const struct run *run, json_t **ret, struct trouble *trouble);
int special_pin_off(const struct run *run, json_t **ret, struct trouble *trouble);
int special_pin_change(const struct run *run, json_t **ret, struct trouble *trouble);
int special_networks(const struct run *run, json_t **ret, struct trouble *trouble);
int special_sources(const struct run *run, json_t **ret, struct trouble *trouble);
int special_cdma(const struct run *run, json_t **ret, struct trouble *trouble);
/* Whether options contradict one another. */
int special_check_sources(const struct options *options);
/* The object to delete, which must be the modem's. */
int special_bearer(const struct run *run, json_t **ret, struct trouble *trouble);
int special_message(const struct run *run, json_t **ret, struct trouble *trouble);
int special_call(const struct run *run, json_t **ret, struct trouble *trouble);
int special_cbm(const struct run *run, json_t **ret, struct trouble *trouble);

/* Answers. */
int special_waiting(struct run *run, const json_t *answer);
int special_time(struct run *run, const json_t *answer);
int special_status(struct run *run, const json_t *answer);
int special_whole(struct run *run, const json_t *answer);
int special_cells(struct run *run, const json_t *answer);

/* Whole actions. */
int special_version(struct run *run);
int special_list(struct run *run);
int special_messages(struct run *run);
int special_calls(struct run *run);
int special_cbms(struct run *run);
int special_firmware_status(struct run *run);
int special_save_data(struct run *run);

/* The modem's line in a list: [PREFIX, PATH, TEXT]. NULL: it is no modem. */
json_t *special_modem_line(const char *prefix, const char *path, const json_t *object);

/* The methods of CDMA modems, which are not in api/. */
extern const struct api_method special_cdma_activate, special_cdma_activate_manual;
