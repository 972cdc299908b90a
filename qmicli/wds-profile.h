/*
 * WDS, profiles: what the commands about stored profiles are made of.
 *
 * Owns: nothing, but for what wds_profiles_keep() gives. Does not know: devices.
 * Lifetime: static. Called from: wds, whose rows they are; main, for the settings behind a list.
 */
#pragma once

#include "command.h"
#include "session.h"

extern const struct command_key wds_profile_keys[];
extern const struct command_word wds_profile_types[];
extern const struct text_row wds_profile_settings_text[], wds_profile_list_text[];

/* Finish the requests, as command.h has it: the words ahead of the keys. */
int wds_finish_create_profile(const struct action *action, unsigned int seen, void *request,
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

struct qk_wds_get_profile_list_response;
struct wds_profiles;

/* The profiles of a list, to be asked for one by one; NULL: there are none, or there is no memory for them. */
struct wds_profiles *wds_profiles_keep(const struct qk_wds_get_profile_list_response *list);
/* Asks for each and has `answer` show it. `profiles` is taken. 0, or an exit code when the modem has gone. */
int wds_profiles_show(struct session *session, struct wds_profiles *take_profiles,
		      session_answer_fn answer, struct failure *failure);
