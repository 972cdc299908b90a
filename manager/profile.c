/*
 * Profile: settings of WDS to bearer-properties and back.
 *
 * The keys are ModemManager's; which of them a modem has no place for is refused, not dropped.
 */
#include "profile.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <qmikit/common.h>

#include "modem.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* --- Names of both sides */

static const struct {
	enum mm_bearer_ip_family family;
	enum qk_wds_pdp_type type;
} types[] = {
	{ MM_BEARER_IP_FAMILY_IPV4, QK_WDS_PDP_TYPE_IPV4 },
	{ MM_BEARER_IP_FAMILY_IPV6, QK_WDS_PDP_TYPE_IPV6 },
	{ MM_BEARER_IP_FAMILY_IPV4V6, QK_WDS_PDP_TYPE_IPV4_OR_IPV6 },
	/* What nobody chose is IPv4. */
	{ MM_BEARER_IP_FAMILY_NONE, QK_WDS_PDP_TYPE_IPV4 },
	{ MM_BEARER_IP_FAMILY_ANY, QK_WDS_PDP_TYPE_IPV4 },
};

static const struct {
	uint32_t method;
	uint8_t authentication;
} methods[] = {
	{ MM_BEARER_ALLOWED_AUTH_PAP, QK_WDS_AUTHENTICATION_PAP },
	{ MM_BEARER_ALLOWED_AUTH_CHAP, QK_WDS_AUTHENTICATION_CHAP },
};

static const struct {
	uint32_t use;
	uint64_t mask;
} uses[] = {
	{ MM_BEARER_APN_TYPE_DEFAULT, QK_WDS_APN_TYPE_MASK_DEFAULT },
	{ MM_BEARER_APN_TYPE_IMS, QK_WDS_APN_TYPE_MASK_IMS },
	{ MM_BEARER_APN_TYPE_MMS, QK_WDS_APN_TYPE_MASK_MMS },
	{ MM_BEARER_APN_TYPE_TETHERING, QK_WDS_APN_TYPE_MASK_DUN },
	{ MM_BEARER_APN_TYPE_MANAGEMENT, QK_WDS_APN_TYPE_MASK_FOTA },
	{ MM_BEARER_APN_TYPE_INITIAL, QK_WDS_APN_TYPE_MASK_IA },
	{ MM_BEARER_APN_TYPE_EMERGENCY, QK_WDS_APN_TYPE_MASK_EMERGENCY },
};

static uint32_t use_of(uint64_t mask)
{
	uint32_t use = MM_BEARER_APN_TYPE_NONE;

	for (size_t i = 0; i < COUNT(uses); i++)
		use |= mask & uses[i].mask ? uses[i].use : 0;
	return use;
}

static uint32_t method_of(uint8_t authentication)
{
	uint32_t method = 0;

	for (size_t i = 0; i < COUNT(methods); i++)
		method |= authentication & methods[i].authentication ? methods[i].method : 0;
	return method ? method : MM_BEARER_ALLOWED_AUTH_NONE;
}

static enum mm_bearer_ip_family family_of(uint8_t type)
{
	for (size_t i = 0; i < COUNT(types); i++)
		if ((uint8_t)types[i].type == type)
			return types[i].family;
	return MM_BEARER_IP_FAMILY_NONE;
}

/* --- From the modem */

static void add_text(json_t *properties, const char *key, bool has, struct qk_string text)
{
	json_t *value = json_text(text.data, text.size);

	if (has)
		json_object_set_new(properties, key, value ? value : json_string(""));
	else
		json_decref(value);
}

static void add_number(json_t *properties, const char *key, uint32_t number)
{
	if (number)
		json_object_set_new(properties, key, json_integer(number));
}

json_t *profile_read(uint8_t index, const struct qk_wds_get_profile_settings_response *response)
{
	const struct qk_wds_get_profile_settings_response *r = response;
	json_t *properties = json_pack("{s: i}", "profile-id", index);

	add_text(properties, "profile-name", r->has_profile_name, r->profile_name);
	add_text(properties, "apn", r->has_apn_name, r->apn_name);
	add_text(properties, "user", r->has_username && r->username.size, r->username);
	add_text(properties, "password", r->has_password && r->password.size, r->password);
	if (r->has_authentication)
		add_number(properties, "allowed-auth", method_of(r->authentication));
	if (r->has_pdp_type)
		add_number(properties, "ip-type", family_of(r->pdp_type));
	if (r->has_apn_type_mask)
		add_number(properties, "apn-type", use_of(r->apn_type_mask));
	/* As it is for most, these go without saying. */
	if (r->has_apn_disabled_flag && r->apn_disabled_flag)
		json_object_set_new(properties, "profile-enabled", json_false());
	if (r->has_roaming_disallowed_flag && r->roaming_disallowed_flag)
		add_number(properties, "roaming-allowance", MM_BEARER_ROAMING_ALLOWANCE_HOME);
	return properties;
}

/* --- To the modem */

/* A profile to be: what both requests have. */
struct wish {
	struct qk_string name, apn, user, password;
	uint8_t type, authentication;
	uint64_t mask;
	bool disabled, home_only;
};

static struct qk_string text_of(const json_t *properties, const char *key)
{
	const char *text = json_string_value(json_object_get(properties, key));

	return (struct qk_string){ text ? text : "", text ? strlen(text) : 0 };
}

static uint32_t number_of(const json_t *properties, const char *key)
{
	return (uint32_t)json_integer_value(json_object_get(properties, key));
}

__attribute__((format(printf, 3, 4))) static int refuse(struct failure *failure, const char *name,
							const char *format, ...)
{
	va_list args;

	failure->name = name;
	va_start(args, format);
	vsnprintf(failure->text, sizeof(failure->text), format, args);
	va_end(args);
	return -EINVAL;
}

static int wish_type(const json_t *properties, struct wish *wish, struct failure *failure)
{
	uint32_t family = number_of(properties, "ip-type");

	for (size_t i = 0; i < COUNT(types); i++) {
		if ((uint32_t)types[i].family != family)
			continue;
		wish->type = (uint8_t)types[i].type;
		return 0;
	}
	return refuse(failure, MM_CORE_ERROR_INVALID_ARGS, "%#x is no IP type of a profile",
		      family);
}

/* Who has a name or a password and did not choose gets CHAP. */
static int wish_authentication(const json_t *properties, struct wish *wish, struct failure *failure)
{
	uint32_t method = number_of(properties, "allowed-auth");

	if (!method && (wish->user.size || wish->password.size))
		wish->authentication = QK_WDS_AUTHENTICATION_CHAP;
	for (size_t i = 0; i < COUNT(methods); i++)
		wish->authentication |= method & methods[i].method ? methods[i].authentication : 0;
	if (method & ~(uint32_t)MM_BEARER_ALLOWED_AUTH_NONE && !wish->authentication)
		return refuse(failure, MM_CORE_ERROR_UNSUPPORTED,
			      "the modem has none of the authentication methods %#x", method);
	return 0;
}

static int wish_use(const json_t *properties, struct wish *wish, struct failure *failure)
{
	uint32_t use = number_of(properties, "apn-type");

	for (size_t i = 0; i < COUNT(uses); i++)
		wish->mask |= use & uses[i].use ? uses[i].mask : 0;
	if (use & ~use_of(wish->mask))
		return refuse(failure, MM_CORE_ERROR_UNSUPPORTED,
			      "the modem keeps none of the APN types %#x",
			      use & ~use_of(wish->mask));
	if (!use)
		wish->mask = QK_WDS_APN_TYPE_MASK_DEFAULT;
	return 0;
}

static int wish_roaming(const json_t *properties, struct wish *wish, struct failure *failure)
{
	const uint32_t everywhere = MM_BEARER_ROAMING_ALLOWANCE_HOME |
				    MM_BEARER_ROAMING_ALLOWANCE_PARTNER |
				    MM_BEARER_ROAMING_ALLOWANCE_NON_PARTNER;
	uint32_t allowance = number_of(properties, "roaming-allowance");

	wish->home_only = allowance == MM_BEARER_ROAMING_ALLOWANCE_HOME;
	if (!allowance || wish->home_only || allowance == everywhere)
		return 0;
	return refuse(failure, MM_CORE_ERROR_UNSUPPORTED,
		      "the modem tells no partners from others when it roams");
}

/* The keys that a profile has; all others of bearer-properties are of a connection. */
static const char *const keys[] = { "profile-id",        "profile-name",   "apn",     "user",
				    "password",          "allowed-auth",   "ip-type", "apn-type",
				    "roaming-allowance", "profile-enabled" };

static int check_keys(const json_t *properties, struct failure *failure)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)properties, key, value)
	{
		size_t i = 0;

		while (i < COUNT(keys) && strcmp(keys[i], key) != 0)
			i++;
		if (i == COUNT(keys))
			return refuse(failure, MM_CORE_ERROR_UNSUPPORTED,
				      "the modem's profiles have no '%.32s'", key);
	}
	return 0;
}

static int make_wish(const json_t *properties, struct wish *ret, struct failure *failure)
{
	struct wish wish = {
		.name = text_of(properties, "profile-name"),
		.apn = text_of(properties, "apn"),
		.user = text_of(properties, "user"),
		.password = text_of(properties, "password"),
		.disabled = json_is_false(json_object_get(properties, "profile-enabled")),
	};
	int r = check_keys(properties, failure);

	if (r == 0)
		r = wish_type(properties, &wish, failure);
	if (r == 0)
		r = wish_authentication(properties, &wish, failure);
	if (r == 0)
		r = wish_use(properties, &wish, failure);
	if (r == 0)
		r = wish_roaming(properties, &wish, failure);
	if (r == 0)
		*ret = wish;
	return r;
}

/* Modems without the newer three refuse them: they are told where they say something. */
#define FILL(request, wish) \
	do { \
		(request)->has_profile_name = (request)->has_apn_name = true; \
		(request)->has_username = (request)->has_password = true; \
		(request)->has_pdp_type = (request)->has_authentication = true; \
		(request)->profile_name = (wish).name; \
		(request)->apn_name = (wish).apn; \
		(request)->username = (wish).user; \
		(request)->password = (wish).password; \
		(request)->pdp_type = (wish).type; \
		(request)->authentication = (wish).authentication; \
		(request)->has_apn_type_mask = true; \
		(request)->apn_type_mask = (wish).mask; \
		(request)->has_apn_disabled_flag = true; \
		(request)->apn_disabled_flag = (wish).disabled; \
		(request)->has_roaming_disallowed_flag = true; \
		(request)->roaming_disallowed_flag = (wish).home_only; \
	} while (0)

int profile_to_create(const json_t *properties, struct qk_wds_create_profile_request *ret,
		      struct failure *failure)
{
	struct wish wish;
	int r = make_wish(properties, &wish, failure);

	if (r < 0)
		return r;
	*ret = (struct qk_wds_create_profile_request){
		.has_profile_type = true,
		.profile_type = QK_WDS_PROFILE_TYPE_3GPP,
	};
	FILL(ret, wish);
	return 0;
}

int profile_to_modify(const json_t *properties, struct qk_wds_modify_profile_request *ret,
		      struct failure *failure)
{
	struct wish wish;
	int r = make_wish(properties, &wish, failure);

	if (r < 0)
		return r;
	*ret = (struct qk_wds_modify_profile_request){
		.has_profile_identifier = true,
		.profile_identifier = { QK_WDS_PROFILE_TYPE_3GPP,
					(uint8_t)profile_index(properties) },
	};
	FILL(ret, wish);
	return 0;
}

int profile_index(const json_t *properties)
{
	const json_t *index = json_object_get(properties, "profile-id");
	json_int_t number = json_integer_value(index);

	return json_is_integer(index) && number >= 0 && number <= UINT8_MAX ? (int)number : -1;
}

void profile_failure(struct failure *failure, uint16_t error, bool has_reason, uint16_t reason,
		     const char *doing)
{
	const char *name = qk_value_name(&qk_wds_ds_profile_error_values, reason);

	failure_from(failure, 0, error, doing);
	if (error != QK_ERROR_EXTENDED_INTERNAL || !has_reason)
		return;
	failure->name = reason == QK_WDS_DS_PROFILE_ERROR_INVALID_PROFILE_NUMBER
				? MM_CORE_ERROR_NOT_FOUND
				: MM_CORE_ERROR_FAILED;
	snprintf(failure->text, sizeof(failure->text), "couldn't %s: error of profiles (%u): '%s'",
		 doing, reason, name ? name : "unknown");
}
