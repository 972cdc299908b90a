/*
 * Services: the command tables, a file each.
 *
 * Owns: nothing. Does not know: anything but the rows. Lifetime: static.
 * Called from: command, which lists them.
 */
#pragma once

#include "command.h"

extern const struct command_service commands_ctl, commands_links, commands_qmiwwan, commands_dms,
	commands_nas, commands_wds, commands_uim, commands_pbm, commands_wms, commands_voice,
	commands_wda, commands_dpm, commands_qos, commands_dsd, commands_sar, commands_ims,
	commands_imsa, commands_imsp, commands_gms, commands_fox, commands_gas, commands_loc,
	commands_atr, commands_pdc;

/* Commands that every service has, by its name and the name in capital letters. */
/* clang-format off */
#define COMMAND_SUPPORTED_MESSAGES(service, title) \
	{ .name = #service "-get-supported-messages", \
	  .method = #service "/get-supported-messages", \
	  .help = "List the numbers of the messages that the service knows", \
	  .failure = "couldn't get supported " #title " messages", \
	  .text = TEXT_ROWS({ .text = "[{@device}] Successfully got supported " #title " messages:\n", \
			      TEXT_PRINT(print_supported_messages) }) }
#define COMMAND_RESET(service, title) \
	{ .name = #service "-reset", \
	  .method = #service "/reset", \
	  .help = "Forget what this client set in the service", \
	  .failure = "couldn't reset the " #title " service", \
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] Successfully performed " #title " service reset\n")) }
#define COMMAND_NOOP(service) \
	{ .name = #service "-noop", .help = "Only allocate and release a client id" }
/* clang-format on */

/* A list of message numbers out of the bit map that Get Supported Messages answers with. */
void print_supported_messages(const struct text_scope *scope, struct output *out);
