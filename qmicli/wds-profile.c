/*
 * WDS, profiles: a type, an index, then keys; a list is followed by the settings of each.
 */
#include "wds-profile.h"

#include <string.h>

#include <qmikit/wds.h>

#include "argument.h"

const struct command_word wds_profile_types[] = {
	{ "3gpp", QK_WDS_PROFILE_TYPE_3GPP },
	{ "3gpp2", QK_WDS_PROFILE_TYPE_3GPP2 },
	{ 0 },
};

static const struct command_word pdp_types[] = {
	{ "ip", QK_WDS_PDP_TYPE_IPV4 },
	{ "ipv4", QK_WDS_PDP_TYPE_IPV4 },
	{ "ppp", QK_WDS_PDP_TYPE_PPP },
	{ "ipv6", QK_WDS_PDP_TYPE_IPV6 },
	{ "ipv4v6", QK_WDS_PDP_TYPE_IPV4_OR_IPV6 },
	{ "nonip", QK_WDS_PDP_TYPE_NON_IP },
	{ 0 },
};

static const struct command_word authentications[] = {
	{ "none", QK_WDS_AUTHENTICATION_NONE },
	{ "pap", QK_WDS_AUTHENTICATION_PAP },
	{ "chap", QK_WDS_AUTHENTICATION_CHAP },
	{ "both", QK_WDS_AUTHENTICATION_PAP | QK_WDS_AUTHENTICATION_CHAP },
	{ 0 },
};

/* "[100-200]", the brackets may miss. */
static bool read_range(struct qk_string text, void *value, uint8_t **spare)
{
	struct qk_wds_vlan_id_range *range = value;
	const char *dash;
	uint64_t first, last;

	(void)spare;
	if (text.size > 1 && *text.data == '[' && text.data[text.size - 1] == ']')
		text = (struct qk_string){ text.data + 1, text.size - 2 };
	dash = memchr(text.data, '-', text.size);
	if (!dash)
		return false;

	const struct qk_string before = { text.data, (size_t)(dash - text.data) };
	const struct qk_string behind = { dash + 1, text.size - before.size - 1 };

	if (!argument_number(before, UINT16_MAX, &first) ||
	    !argument_number(behind, UINT16_MAX, &last))
		return false;
	range->vlan_id_range_start = (uint16_t)first;
	range->vlan_id_range_end = (uint16_t)last;
	return true;
}

/* What all requests have. */
/* clang-format off */
#define PROFILE_KEYS \
	{ .key = "name", .field = "profile-name", .once = true, .empty = true }, \
	{ .key = "apn", .field = "apn-name", .once = true, .empty = true }, \
	{ .key = "username", .field = "username", .once = true, .empty = true }, \
	{ .key = "password", .field = "password", .once = true, .empty = true }, \
	{ .key = "context-num", .field = "pdp-context-number", .once = true }, \
	{ .key = "auth", .field = "authentication", .how = WORDS(authentications), .once = true }, \
	{ .key = "pdp-type", .field = "pdp-type", .how = WORDS(pdp_types), .once = true }, \
	{ .key = "no-roaming", .field = "roaming-disallowed-flag", .once = true }, \
	{ .key = "disabled", .field = "apn-disabled-flag", .once = true }
/* clang-format on */

const struct command_key wds_profile_keys[] = {
	PROFILE_KEYS,
	{ .key = "apn-type-mask", .field = "apn-type-mask", .once = true },
	{ .key = "vlan-range",
	  .field = "vlan-id-type",
	  .how = READS(read_range, "START-END"),
	  .once = true },
	{ 0 },
};

const struct command_key wds_swi_profile_keys[] = { PROFILE_KEYS, { 0 } };

/* --- The words ahead of the keys */

static struct qk_string trim(struct qk_string word)
{
	while (word.size && word.data[0] == ' ')
		word = (struct qk_string){ word.data + 1, word.size - 1 };
	while (word.size && word.data[word.size - 1] == ' ')
		word.size--;
	return word;
}

/* "TYPE" or, with `ret_index`, "TYPE,INDEX"; what stands behind is the keys' where `more`. */
static int read_words(const char *text, bool more, uint8_t *ret_type, uint8_t *ret_index,
		      struct failure *f)
{
	const struct command_word *type = wds_profile_types;
	struct qk_string word = { text, strcspn(text, ",") };
	const char *rest = text[word.size] ? text + word.size + 1 : NULL;
	uint64_t number = 0;

	word = trim(word);
	while (type->word && !argument_is(word, type->word))
		type++;
	if (!type->word)
		return failure_set(f, EXIT_USAGE,
				   "invalid profile type '%.*s'. Expected '3gpp' or '3gpp2'.",
				   (int)word.size, word.data);
	*ret_type = (uint8_t)type->number;
	if (ret_index) {
		word = rest ? (struct qk_string){ rest, strcspn(rest, ",") }
			    : (struct qk_string){ "", 0 };
		rest = rest && rest[word.size] ? rest + word.size + 1 : NULL;
		word = trim(word);
		if (!argument_number(word, UINT8_MAX, &number) || !number)
			return failure_set(f, EXIT_USAGE,
					   "invalid or out of range profile index [1,255]: '%.*s'",
					   (int)word.size, word.data);
		*ret_index = (uint8_t)number;
	}
	if (rest && !more)
		return failure_set(f, EXIT_USAGE, "too many words: '%s'", rest);
	return 0;
}

int wds_finish_create_profile(const struct action *action, unsigned int seen, void *request,
			      struct failure *failure)
{
	struct qk_wds_create_profile_request *create = request;

	(void)seen;
	create->has_profile_type = true;
	if (create->has_pdp_context_number && !create->pdp_context_number)
		return failure_set(failure, EXIT_USAGE,
				   "invalid or out of range context number [1,255]: '0'");
	return read_words(action->argument, true, &create->profile_type, NULL, failure);
}

int wds_finish_swi_create_profile(const struct action *action, unsigned int seen, void *request,
				  struct failure *failure)
{
	struct qk_wds_swi_create_profile_indexed_request *create = request;

	(void)seen;
	create->has_profile_identifier = true;
	if (create->has_pdp_context_number && !create->pdp_context_number)
		return failure_set(failure, EXIT_USAGE,
				   "invalid or out of range context number [1,255]: '0'");
	return read_words(action->argument, true, &create->profile_identifier.profile_type,
			  &create->profile_identifier.profile_index, failure);
}

int wds_finish_modify_profile(const struct action *action, unsigned int seen, void *request,
			      struct failure *failure)
{
	struct qk_wds_modify_profile_request *modify = request;

	modify->has_profile_identifier = true;
	if (modify->has_pdp_context_number && !modify->pdp_context_number)
		return failure_set(failure, EXIT_USAGE,
				   "invalid or out of range context number [1,255]: '0'");
	if (!seen) {
		failure_hint(failure, "give what is to change, as in 3gpp,1,apn=internet");
		return failure_set(
			failure, EXIT_USAGE,
			"expected at least 3 arguments for 'wds modify profile' command");
	}
	return read_words(action->argument, true, &modify->profile_identifier.profile_type,
			  &modify->profile_identifier.profile_index, failure);
}

int wds_finish_delete_profile(const struct action *action, unsigned int seen, void *request,
			      struct failure *failure)
{
	struct qk_wds_delete_profile_request *delete = request;

	(void)seen;
	delete->has_profile_identifier = true;
	return read_words(action->argument, false, &delete->profile_identifier.profile_type,
			  &delete->profile_identifier.profile_index, failure);
}

int wds_finish_profile_settings(const struct action *action, unsigned int seen, void *request,
				struct failure *failure)
{
	struct qk_wds_get_profile_settings_request *get = request;

	(void)seen;
	get->has_profile_id = true;
	return read_words(action->argument, false, &get->profile_id.profile_type,
			  &get->profile_id.profile_index, failure);
}

int wds_finish_get_default_profile(const struct action *action, unsigned int seen, void *request,
				   struct failure *failure)
{
	struct qk_wds_get_default_profile_number_request *get = request;

	(void)seen;
	get->has_profile_type = true;
	get->profile_type.family = QK_WDS_PROFILE_FAMILY_TETHERED;
	return read_words(action->argument, false, &get->profile_type.type, NULL, failure);
}

int wds_finish_set_default_profile(const struct action *action, unsigned int seen, void *request,
				   struct failure *failure)
{
	struct qk_wds_set_default_profile_number_request *set = request;

	(void)seen;
	set->has_profile_identifier = true;
	set->profile_identifier.family = QK_WDS_PROFILE_FAMILY_TETHERED;
	return read_words(action->argument, false, &set->profile_identifier.type,
			  &set->profile_identifier.index, failure);
}

/* --- Text */

const struct text_row wds_profile_settings_text[] = {
	TEXT_IF("apn-name", "\t\tAPN: '{apn-name}'\n"),
	TEXT_IF("apn-type-mask", "\t\tAPN type: '{apn-type-mask}'\n"),
	TEXT_IF("pdp-type", "\t\tPDP type: '{pdp-type}'\n"),
	TEXT_IF("pdp-context-number", "\t\tPDP context number: '{pdp-context-number}'\n"),
	TEXT_IF("username", "\t\tUsername: '{username}'\n"),
	TEXT_IF("password", "\t\tPassword: '{password}'\n"),
	TEXT_IF("authentication", "\t\tAuth: '{authentication}'\n"),
	TEXT_IF("roaming-disallowed-flag", "\t\tNo roaming: '{roaming-disallowed-flag}'\n"),
	TEXT_IF("apn-disabled-flag", "\t\tAPN disabled: '{apn-disabled-flag}'\n"),
	TEXT_END,
};

const struct text_row wds_profile_list_text[] = {
	TEXT_WHERE("profile-list", 0, "Profile list empty\n"),
	TEXT_UNLESS("profile-list", 0, "Profile list retrieved:\n"),
	TEXT_END,
};

/* --- The settings behind a list */

static int show_settings(struct steps *steps, uint8_t type, uint8_t index)
{
	const struct qk_wds_get_profile_settings_request get = {
		.has_profile_id = true,
		.profile_id = { .profile_type = type, .profile_index = index },
	};
	const void *settings = steps_call(steps, &qk_wds_get_profile_settings_method, &get,
					  "couldn't get profile settings");

	if (settings)
		steps_show(steps, qk_wds_get_profile_settings_method.response, settings,
			   wds_profile_settings_text);
	return steps->failure->code;
}

int wds_run_profile_list(struct steps *steps, void *request)
{
	const struct qk_wds_get_profile_list_response *list = steps_row(steps, request);

	if (!list || steps->json || steps_keep(steps))
		return steps->failure->code;
	for (size_t i = 0; i < list->profile_list.count; i++) {
		uint8_t type = list->profile_list.items[i].profile_type;
		uint8_t index = list->profile_list.items[i].profile_index;
		struct qk_string profile = list->profile_list.items[i].profile_name;
		const char *name = qk_value_name(&qk_wds_profile_type_values, type);

		steps_say(steps, "\t[%u] %s - %.*s\n", index, name ? name : "unknown",
			  (int)profile.size, profile.data);
		/* One that is refused leaves the others to be told. */
		if (show_settings(steps, type, index) == EXIT_REFUSED)
			steps_warn(steps);
		if (steps->failure->code)
			return steps->failure->code;
	}
	return 0;
}
