/*
 * IP configuration: what WDS says of a data call, as the dictionary that clients of the bus configure an interface
 * by.
 *
 * Owns: nothing. Does not know: bearers, interfaces.
 * Lifetime: pure functions. Called from: bearer.c.
 */
#pragma once

#include <jansson.h>
#include <qmikit/wds.h>

/* The dictionary ip-config of one family, of a response without error; {} where it has no address of it. */
json_t *ip_config_v4(const struct qk_wds_get_current_settings_response *settings);
json_t *ip_config_v6(const struct qk_wds_get_current_settings_response *settings);
