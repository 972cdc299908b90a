/*
 * WDS, profiles: what the commands about stored profiles are made of.
 *
 * Owns: nothing. Does not know: devices.
 * Lifetime: static. Called from: wds, whose rows they are.
 */
#pragma once

#include "command.h"
#include "steps.h"

extern const struct command_key wds_profile_keys[], wds_swi_profile_keys[];
extern const struct command_word wds_profile_types[];
extern const struct text_row wds_profile_settings_text[], wds_profile_list_text[];

/* Finish the requests, as command.h has it: the words ahead of the keys. */
int wds_finish_create_profile(const struct action *action, unsigned int seen, void *request,
			      struct failure *failure);
int wds_finish_swi_create_profile(const struct action *action, unsigned int seen, void *request,
				  struct failure *failure);
int wds_finish_modify_profile(const struct action *action, unsigned int seen, void *request,
			      struct failure *failure);
int wds_finish_delete_profile(const struct action *action, unsigned int seen, void *request,
			      struct failure *failure);
int wds_finish_profile_settings(const struct action *action, unsigned int seen, void *request,
				struct failure *failure);
int wds_finish_get_default_profile(const struct action *action, unsigned int seen, void *request,
				   struct failure *failure);
int wds_finish_set_default_profile(const struct action *action, unsigned int seen, void *request,
				   struct failure *failure);

/* Lists the profiles and shows the settings of each. As command.h has it. */
int wds_run_profile_list(struct steps *steps, void *request);
