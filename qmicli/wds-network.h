/*
 * WDS, network: what the commands that start, bind and show data calls are made of.
 *
 * Owns: nothing. Does not know: sessions, devices. Lifetime: static.
 * Called from: wds, whose rows they are.
 */
#pragma once

#include "command.h"

/* The words 4 and 6. */
extern const struct command_word wds_ip_versions[];

extern const struct command_key wds_start_keys[], wds_bind_mux_keys[];
extern const struct command_preset wds_bind_mux_presets[], wds_settings_presets[];
extern const struct text_row wds_settings_text[];

/* Finish the requests, as command.h has it. */
int wds_finish_start(const struct action *action, unsigned int seen, void *request,
		     struct failure *failure);
int wds_finish_stop(const struct action *action, unsigned int seen, void *request,
		    struct failure *failure);
int wds_finish_bind_data_port(const struct action *action, unsigned int seen, void *request,
			      struct failure *failure);
int wds_finish_bind_mux(const struct action *action, unsigned int seen, void *request,
			struct failure *failure);
