/*
 * JSON: what --json prints, one document a line.
 *
 * Owns: nothing. Does not know: devices. Lifetime: pure functions.
 * Called from: main, only when JSON is wanted: its library costs nothing otherwise.
 */
#pragma once

#include <qmikit/pdc.h>
#include <qmikit/ports.h>

#include "failure.h"
#include "netdev/mux.h"
#include "output.h"

/* The fields of an answer under their definition names; {} for a command without answer. */
void json_print_answer(const struct qk_message *message, const void *decoded, struct output *out);

/* {"error": {"kind": ..., "exit-code": ..., "message": ..., "hint": ..., "action": ...}}; a refusal
 * has also "code", "name" and "sentence". */
void json_print_failure(const struct failure *failure, struct output *out);

/* {"client": {"service": "dms", "cid": 3}}: a client id that stays allocated. */
void json_print_client(const char *service, unsigned int id, struct output *out);

void json_print_ports(const struct qk_port *ports, size_t count, struct output *out);

/* A configuration of PDC. */
struct json_config {
	const char *type, *status; /* NULL: a type without a name */
	struct qk_bytes id;
	const struct qk_pdc_get_config_info_indication *info;
};

/* {"configs": [{"config-type": "software", "id": hex, "description": ..., "total-size": ..., "version": ...,
 * "status": "Active"}]} */
void json_print_configs(const struct json_config *configs, size_t count, struct output *out);

/* {"interface": "wwan0"} */
void json_print_word(const char *name, const char *word, struct output *out);

/* {"link": {"interface": "qmimux0", "mux-id": 1}}; a mux id that is not known is not there. */
void json_print_link(const struct qk_mux_link *link, struct output *out);

/* {"links": [...]}, of the same. */
void json_print_links(const struct qk_mux_link *links, size_t count, struct output *out);
