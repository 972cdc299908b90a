/*
 * Operator name: what the network that the modem is on is called: by the card where that has a name for it, else by
 * the modem's own list.
 *
 * Owns: the property OperatorName. Does not know: which network that is.
 * Lifetime: none. Called from: network.c.
 */
#pragma once

#include <qmikit/nas.h>

#include "operation.h"

/* Asks for the name of another network than the one that was told last; `code` is that of `plmn`. */
void operator_name_read(struct operation *operation, const char *code,
			const struct qk_nas_plmn_description *plmn);
