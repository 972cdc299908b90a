/*
 * Services: the command tables, a file each.
 *
 * Owns: nothing. Does not know: anything but the rows. Lifetime: static.
 * Called from: command, which lists them.
 */
#pragma once

#include "command.h"

extern const struct command_service commands_ctl, commands_dms, commands_nas, commands_wds,
	commands_uim;

/* A list of message numbers out of the bit map that Get Supported Messages answers with. */
void print_supported_messages(const struct text_scope *scope, struct output *out);

/* NAS Get System Info: a table of its own size. */
extern const struct text_row nas_system_info_text[];
