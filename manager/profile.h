/*
 * Profile: what a modem keeps of a connection, as WDS has it and as the bus has it.
 *
 * Owns: nothing. Does not know: operations, who asks.
 * Lifetime: const. Called from: profile-manager.c, initial-bearer.c.
 */
#pragma once

#include <stdint.h>
#include <jansson.h>
#include <qmikit/wds.h>

#include "operation.h"

/* The bearer-properties of profile `index`. */
json_t *profile_read(uint8_t index, const struct qk_wds_get_profile_settings_response *response);

/* The requests that make a profile of bearer-properties, all of it: what they do not name is what a new profile has.
 * Their texts are borrowed of `properties`. -EINVAL, with `failure`: they are of no profile. */
QK_MUST_CHECK int profile_to_create(const json_t *properties,
				    struct qk_wds_create_profile_request *ret,
				    struct failure *failure);
QK_MUST_CHECK int profile_to_modify(const json_t *properties,
				    struct qk_wds_modify_profile_request *ret,
				    struct failure *failure);

/* The index in bearer-properties; -1: there is none, or it is no profile's. */
int profile_index(const json_t *properties);

/* What a refusal means, with the reason that the modem gave with it (`has_reason` false: none). */
void profile_failure(struct failure *failure, uint16_t error, bool has_reason, uint16_t reason,
		     const char *doing);
