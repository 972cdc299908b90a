/*
 * Profile, parsing: which members a profile has, a row a member, and where each goes (see profile.h).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <qmikit/common.h>

#include "json-line.h"
#include "large.h"
#include "profile-read.h"
#include "profile.h"
#include "usb-model.h"

static const struct qk_sim_word mode_words[] = {
	{ "online", QK_SIM_MODE_ONLINE },
	{ "low-power", QK_SIM_MODE_LOW_POWER },
	{ "factory-test", QK_SIM_MODE_FACTORY_TEST },
	{ "offline", QK_SIM_MODE_OFFLINE },
	{ "persistent-low-power", QK_SIM_MODE_PERSISTENT_LOW_POWER },
	{ NULL, 0 },
};
static const struct qk_sim_word rat_words[] = {
	{ "none", QK_SIM_RAT_NONE },
	{ "gsm", QK_SIM_RAT_GSM },
	{ "umts", QK_SIM_RAT_UMTS },
	{ "lte", QK_SIM_RAT_LTE },
	{ NULL, 0 },
};
const struct qk_sim_word qk_sim_card_words[] = {
	{ "absent", QK_SIM_CARD_ABSENT },
	{ "present", QK_SIM_CARD_PRESENT },
	{ "error", QK_SIM_CARD_ERROR },
	{ NULL, 0 },
};
const struct qk_sim_word qk_sim_pin_words[] = {
	{ "not-initialized", QK_SIM_PIN_NOT_INITIALIZED },
	{ "not-verified", QK_SIM_PIN_NOT_VERIFIED },
	{ "verified", QK_SIM_PIN_VERIFIED },
	{ "disabled", QK_SIM_PIN_DISABLED },
	{ "blocked", QK_SIM_PIN_BLOCKED },
	{ "permanently-blocked", QK_SIM_PIN_PERMANENTLY_BLOCKED },
	{ NULL, 0 },
};
static const struct qk_sim_word fcc_lock_words[] = {
	{ "none", QK_SIM_FCC_NONE },
	{ "dms", QK_SIM_FCC_DMS },
	{ "foxconn", QK_SIM_FCC_FOXCONN },
	{ NULL, 0 },
};
static const struct qk_sim_word answer_words[] = { { "behaviour", 0 },
						   { "seeded", 1 },
						   { NULL, 0 } };
static const struct qk_sim_word unknown_client_words[] = {
	{ "invalid-client-id", 0 },
	{ "silent", 1 },
	{ NULL, 0 },
};

#define AT(type, member) offsetof(struct type, member), sizeof(((struct type *)0)->member)
#define P(member) AT(qk_sim_profile, member)

static const struct qk_sim_member identity_members[] = {
	{ "manufacturer", TEXT, P(identity.manufacturer) },
	{ "model", TEXT, P(identity.model) },
	{ "revision", TEXT, P(identity.revision) },
	{ "hardware-revision", TEXT, P(identity.hardware_revision) },
	{ "imei", DIGITS, P(identity.imei), .max = 14 },
	{ "imei-software-version", TEXT, P(identity.imei_software_version) },
	{ "esn", TEXT, P(identity.esn) },
	{ "meid", TEXT, P(identity.meid) },
	{ "msisdn", DIGITS, P(identity.msisdn), .max = 12 },
};

static const struct qk_sim_member at_members[] = {
	{ "manufacturer", TEXT, P(at.manufacturer) },
	{ "model", TEXT, P(at.model) },
	{ "sub-edition", TEXT, P(at.sub_edition) },
	{ "revision-suffix", TEXT, P(at.revision_suffix) },
	{ "bands", UINT, P(at.bands), .max = INT64_MAX },
};

static const struct qk_sim_member capability_members[] = {
	{ "max-tx-rate", UINT, P(capabilities.max_tx_rate_bps), .max = UINT32_MAX },
	{ "max-rx-rate", UINT, P(capabilities.max_rx_rate_bps), .max = UINT32_MAX },
	{ "radio-interfaces", WORDS, P(capabilities.rats), .words = rat_words },
	{ "voice-and-data", BOOL, P(capabilities.circuit_data) },
	{ "bands", UINT, P(capabilities.bands), .max = INT64_MAX },
	{ "lte-bands", UINT, P(capabilities.lte_bands), .max = INT64_MAX },
};

static const struct qk_sim_member power_members[] = {
	{ "mode", WORD, P(power.mode), .words = mode_words },
	{ "external-supply", BOOL, P(power.external_supply) },
	{ "battery", BOOL, P(power.battery) },
	{ "charging", BOOL, P(power.charging) },
	{ "battery-level", UINT, P(power.battery_percent), .max = 100 },
	{ "hardware-restricted", BOOL, P(power.hardware_restricted) },
	{ "fcc-lock", WORD, P(power.fcc_lock), .words = fcc_lock_words, .optional = true },
};

static const struct qk_sim_member card_members[] = {
	{ "state", WORD, P(card.state), .words = qk_sim_card_words },
	{ "error", UINT, P(card.error), .max = 7, .optional = true },
	{ "aid", HEX, P(card.aid) },
	{ "eid", HEX, P(card.eid), .optional = true },
	{ "iccid", DIGITS, P(card.iccid), .max = 19 },
	{ "imsi", DIGITS, P(card.imsi), .max = 15 },
	{ "pin1", WORD, P(card.pin1.state), .words = qk_sim_pin_words },
	{ "pin1-retries", UINT, P(card.pin1.retries), .max = 15 },
	{ "puk1-retries", UINT, P(card.pin1.unblock_retries), .max = 15 },
	{ "pin2", WORD, P(card.pin2.state), .words = qk_sim_pin_words },
	{ "pin2-retries", UINT, P(card.pin2.retries), .max = 15 },
	{ "puk2-retries", UINT, P(card.pin2.unblock_retries), .max = 15 },
	{ "pin1-code", DIGITS, P(card.pin1.code), .optional = true },
	{ "puk1-code", DIGITS, P(card.pin1.unblock_code), .optional = true },
	{ "pin2-code", DIGITS, P(card.pin2.code), .optional = true },
	{ "puk2-code", DIGITS, P(card.pin2.unblock_code), .optional = true },
	{ "spn", TEXT, P(card.spn), .optional = true },
	{ "gid1", HEX, P(sim.gid1), .optional = true },
	{ "gid2", HEX, P(sim.gid2), .optional = true },
	{ "service-centre", DIGITS, P(sim.service_centre), .max = 20, .optional = true },
	{ "detect-usec", UINT, P(sim.detect_usec), .max = 600000000, .optional = true },
	{ "initialize-usec", UINT, P(sim.initialize_usec), .max = 600000000, .optional = true },
};

static const struct qk_sim_member network_members[] = {
	{ "mcc", UINT, P(network.mcc), .min = 1, .max = 999 },
	{ "mnc", UINT, P(network.mnc), .max = 999 },
	{ "mnc-digits", UINT, P(network.mnc_digits), .min = 2, .max = 3 },
	{ "name", TEXT, P(network.name) },
	{ "short-name", TEXT, P(network.short_name), .optional = true },
	{ "roaming", BOOL, P(roaming) },
};

const struct qk_sim_member qk_sim_cell_members[QK_SIM_CELL_MEMBERS] = {
	{ "radio-interface", WORD, AT(qk_sim_cell, rat), .words = rat_words },
	{ "band", UINT, AT(qk_sim_cell, band), .max = 255 },
	{ "channel", UINT, AT(qk_sim_cell, channel), .max = 262143 },
	{ "pci", UINT, AT(qk_sim_cell, pci), .max = 503 },
	{ "area", UINT, AT(qk_sim_cell, area), .max = UINT16_MAX },
	{ "cell-id", UINT, AT(qk_sim_cell, cell_id), .max = 0xfffffff },
	{ "rssi", INT, AT(qk_sim_cell, rssi_dbm), .min = -125, .max = -1 },
	{ "rsrq", INT, AT(qk_sim_cell, rsrq_db), .min = -40, .max = 0 },
	{ "rsrp", INT, AT(qk_sim_cell, rsrp_dbm), .min = -156, .max = -31 },
	{ "snr", INT, AT(qk_sim_cell, snr_tenth_db), .min = -200, .max = 400 },
};

static const struct qk_sim_word layout_words[] = {
	{ "ec25", QK_USB_LAYOUT_EC25 },
	{ "ec20", QK_USB_LAYOUT_EC20 },
	{ NULL, 0 },
};

static const struct qk_sim_member usb_members[] = {
	{ "vendor", UINT, P(usb.vendor), .min = 1, .max = UINT16_MAX },
	{ "product", UINT, P(usb.product), .min = 1, .max = UINT16_MAX },
	{ "release", UINT, P(usb.release), .max = UINT16_MAX },
	{ "manufacturer", TEXT, P(usb.manufacturer) },
	{ "product-name", TEXT, P(usb.product_name) },
	{ "functions", TEXT, P(usb.functions), .optional = true },
	{ "layout", WORD, P(usb.layout), .words = layout_words },
	{ "attributes", UINT, P(usb.attributes), .min = 0x80, .max = UINT8_MAX },
	{ "max-power", UINT, P(usb.max_power_ma), .max = 500 },
	{ "needs-dtr", BOOL, P(usb.needs_dtr) },
	{ "rhythm-usec", UINT, P(usb.rhythm_usec), .max = 1000000 },
};

static const struct qk_sim_member timing_members[] = {
	{ "off-bus-usec", UINT, P(timings.off_bus_usec), .max = 600000000 },
	{ "at-usec", UINT, P(timings.at_usec), .max = 600000000 },
	{ "rdy-usec", UINT, P(timings.rdy_usec), .max = 600000000 },
	{ "card-usec", UINT, P(timings.card_usec), .max = 600000000 },
	{ "boot-usec", UINT, P(timings.boot_usec), .max = 600000000 },
	{ "sms-usec", UINT, P(timings.sms_usec), .max = 600000000 },
	{ "phonebook-usec", UINT, P(timings.phonebook_usec), .max = 600000000 },
	{ "register-usec", UINT, P(timings.register_usec), .max = 600000000 },
};

static const struct qk_sim_member behaviour_members[] = {
	{ "answers", WORD, P(seeded), .words = answer_words },
	{ "unknown-client", WORD, P(unknown_client_silent), .words = unknown_client_words },
	{ "presence-percent", UINT, P(presence_percent), .max = 100, .optional = true },
};

static const struct qk_sim_member service_members[] = {
	{ "service", SERVICE, AT(qk_sim_service, id) },
	{ "major", UINT, AT(qk_sim_service, major), .max = UINT16_MAX },
	{ "minor", UINT, AT(qk_sim_service, minor), .max = UINT16_MAX },
	{ "first-client", UINT, AT(qk_sim_service, first_client), .min = 1, .max = 254,
	  .optional = true },
	{ "clients", UINT, AT(qk_sim_service, clients), .min = 1, .max = 254, .optional = true },
};

static const struct qk_sim_member refusal_members[] = {
	{ "service", SERVICE, AT(qk_sim_refusal, service) },
	{ "message", UINT, AT(qk_sim_refusal, message), .max = UINT16_MAX },
	{ "error", ERROR_NAME, AT(qk_sim_refusal, error) },
	{ "what", NOTE },
};

static const struct qk_sim_member vendor_members[] = {
	{ "vendor", VENDOR, AT(qk_sim_vendor, id) },
};

static const struct qk_sim_member preferred_members[] = {
	{ "mcc", UINT, AT(qk_sim_preferred, mcc), .min = 1, .max = 999 },
	{ "mnc", UINT, AT(qk_sim_preferred, mnc), .max = 999 },
	{ "mnc-digits", UINT, AT(qk_sim_preferred, mnc_digits), .min = 2, .max = 3 },
	{ "radio-interfaces", WORDS, AT(qk_sim_preferred, rats), .words = rat_words },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const struct qk_sim_section qk_sim_cell_section = { "cell", qk_sim_cell_members,
						    QK_SIM_CELL_MEMBERS,
						    offsetof(struct qk_sim_profile, cell) };

static const struct qk_sim_section sections[] = {
	{ "behaviour", behaviour_members, COUNT(behaviour_members) },
	{ "identity", identity_members, COUNT(identity_members) },
	{ "at", at_members, COUNT(at_members) },
	{ "capabilities", capability_members, COUNT(capability_members) },
	{ "power", power_members, COUNT(power_members) },
	{ "card", card_members, COUNT(card_members) },
	{ "network", network_members, COUNT(network_members) },
	{ "cell", qk_sim_cell_members, QK_SIM_CELL_MEMBERS, offsetof(struct qk_sim_profile, cell) },
	{ "timings", timing_members, COUNT(timing_members) },
	{ "usb", usb_members, COUNT(usb_members) },
};

/* Sections whose rows are elsewhere. */
static const struct qk_sim_section *const shared[] = {
	&qk_sim_data_section,
	&qk_sim_sms_section,
	&qk_sim_voice_section,
	&qk_sim_gnss_section,
};

/* "every": each service that has a name, for a modem that answers everything. */
static void every_service(struct qk_sim_profile *profile)
{
	profile->service_count = 0;
	for (unsigned int byte = 0; byte <= UINT8_MAX; byte++)
		if (qk_service_name(qk_sim_service_id((uint8_t)byte)))
			profile->services[profile->service_count++] = (struct qk_sim_service){
				.id = (uint8_t)byte, .major = 1, .first_client = 1, .clients = 254
			};
}

static int read_services(const struct qk_sim_context *context, json_t *list,
			 struct qk_sim_profile *profile)
{
	static const struct qk_sim_section items = { "services", service_members,
						     COUNT(service_members) };

	for (size_t i = 0; i < COUNT(profile->services); i++)
		profile->services[i] = (struct qk_sim_service){ .first_client = 1, .clients = 32 };
	if (json_is_string(list) && strcmp(json_string_value(list), "every") == 0) {
		every_service(profile);
		return 0;
	}
	int r = qk_sim_read_list(context, "services", list, &items, profile->services,
				 sizeof(profile->services[0]), COUNT(profile->services),
				 &profile->service_count);
	for (size_t i = 0; r == 0 && i < profile->service_count; i++)
		for (size_t j = 0; r == 0 && j < i; j++)
			if (profile->services[i].id == profile->services[j].id)
				r = qk_sim_refuse(context, "services", "names a service twice");
	return r;
}

static void every_vendor(struct qk_sim_profile *profile)
{
	for (size_t i = 0; i < qk_vendor_values.count && i < COUNT(profile->vendors); i++)
		profile->vendors[profile->vendor_count++].id =
			(uint16_t)qk_nth_value(&qk_vendor_values, i).value;
}

/* A profile need not name any. */
static int read_vendors(const struct qk_sim_context *context, json_t *list,
			struct qk_sim_profile *profile)
{
	static const struct qk_sim_section items = { "vendors", vendor_members,
						     COUNT(vendor_members) };

	if (!list)
		return 0;
	if (json_is_string(list) && strcmp(json_string_value(list), "every") == 0) {
		every_vendor(profile);
		return 0;
	}
	return qk_sim_read_list(context, "vendors", list, &items, profile->vendors,
				sizeof(profile->vendors[0]), COUNT(profile->vendors),
				&profile->vendor_count);
}

static int read_faults(const struct qk_sim_context *context, json_t *list,
		       struct qk_sim_profile *profile)
{
	char what[160];

	if (!list)
		return 0;
	if (!json_is_array(list) || json_array_size(list) > QK_SIM_FAULTS_MAX)
		return qk_sim_refuse(context, "faults", "must be a list of at most 16 faults");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *text = json_string_value(json_array_get(list, i));
		if (!text)
			return qk_sim_refuse(context, "faults", "must be a list of strings");
		if (qk_sim_fault_parse(text, &profile->faults[i], what, sizeof(what)) < 0)
			return qk_sim_refuse(context, "faults", what);
	}
	profile->fault_count = json_array_size(list);
	return 0;
}

#define LIST(name) \
	offsetof(struct qk_sim_profile, name), \
		sizeof(((struct qk_sim_profile *)0)->name) / \
			COUNT(((struct qk_sim_profile *)0)->name), \
		COUNT(((struct qk_sim_profile *)0)->name)

static const struct qk_sim_section refusals = { "refuse", refusal_members, COUNT(refusal_members),
						0 };
static const struct qk_sim_section preferred = { "preferred", preferred_members,
						 COUNT(preferred_members), 0 };

/* The members of a profile that are lists of objects. */
static const struct list {
	const struct qk_sim_section *items;
	size_t offset, size,
		limit; /* of the array in struct qk_sim_profile, an item, their count */
	size_t count_offset;
} lists[] = {
	{ &refusals, LIST(refusals), offsetof(struct qk_sim_profile, refusal_count) },
	{ &preferred, LIST(preferred), offsetof(struct qk_sim_profile, preferred_count) },
	{ &qk_sim_contexts_section, LIST(data.contexts),
	  offsetof(struct qk_sim_profile, data.context_count) },
	{ &qk_sim_apns_section, LIST(data.apns), offsetof(struct qk_sim_profile, data.apn_count) },
	{ &qk_sim_remotes_section, LIST(remotes), offsetof(struct qk_sim_profile, remote_count) },
	{ &qk_sim_ussd_section, LIST(ussd), offsetof(struct qk_sim_profile, ussd_count) },
	{ &qk_sim_route_section, LIST(route), offsetof(struct qk_sim_profile, route_count) },
	{ &qk_sim_mbn_section, LIST(mbn), offsetof(struct qk_sim_profile, mbn_count) },
};

static int read_lists(const struct qk_sim_context *context, json_t *root,
		      struct qk_sim_profile *profile)
{
	uint8_t *base = (uint8_t *)profile;

	for (size_t i = 0; i < COUNT(lists); i++) {
		size_t count = 0;
		int r = qk_sim_read_list(context, lists[i].items->name,
					 json_object_get(root, lists[i].items->name),
					 lists[i].items, base + lists[i].offset, lists[i].size,
					 lists[i].limit, &count);
		if (r < 0)
			return r;
		memcpy(base + lists[i].count_offset, &count, sizeof(count));
	}
	return 0;
}

static int check_contexts(const struct qk_sim_context *context,
			  const struct qk_sim_data_profile *data)
{
	bool found = false;

	for (size_t i = 0; i < data->context_count; i++) {
		found |= data->contexts[i].id == data->default_context;
		for (size_t k = 0; k < i; k++)
			if (data->contexts[i].id == data->contexts[k].id)
				return qk_sim_refuse(context, "contexts", "has an id twice");
	}
	if (!found)
		return qk_sim_refuse(context, "data.default-context", "is none of the contexts");
	if (data->start_min_usec > data->start_max_usec)
		return qk_sim_refuse(context, "data.start-min-usec",
				     "must not be above start-max-usec");
	return 0;
}

static int check_top(const struct qk_sim_context *context, json_t *root,
		     struct qk_sim_profile *profile)
{
	static const char *const others[] = {
		"name",  "title",    "services", "vendors", "faults",
		"world", "networks", "files",    "slots",   "recorded"
	};
	static const struct qk_sim_member name = { "name", TEXT, P(name) },
					  title = { "title", TEXT, P(title) };
	const char *key;
	json_t *value;

	json_object_foreach(root, key, value)
	{
		bool known = false;
		for (size_t i = 0; i < COUNT(others); i++)
			known |= strcmp(key, others[i]) == 0;
		for (size_t i = 0; i < COUNT(sections); i++)
			known |= strcmp(key, sections[i].name) == 0;
		for (size_t i = 0; i < COUNT(lists); i++)
			known |= strcmp(key, lists[i].items->name) == 0;
		for (size_t i = 0; i < COUNT(shared); i++)
			known |= strcmp(key, shared[i]->name) == 0;
		if (!known)
			return qk_sim_refuse(context, key, "is unknown");
	}
	int r = qk_sim_read_value(context, "name", &name, json_object_get(root, "name"),
				  (uint8_t *)profile->name);
	if (r < 0)
		return r;
	return qk_sim_read_value(context, "title", &title, json_object_get(root, "title"),
				 (uint8_t *)profile->title);
}

static int read_root(const struct qk_sim_context *context, json_t *root,
		     struct qk_sim_profile *profile)
{
	if (!json_is_object(root))
		return qk_sim_refuse(context, "the file", "must hold an object");
	profile->presence_percent = 100;
	qk_sim_profile_defaults(profile);
	int r = check_top(context, root, profile);
	for (size_t i = 0; r == 0 && i < COUNT(sections); i++)
		r = qk_sim_read_object(context, sections[i].name,
				       json_object_get(root, sections[i].name), sections[i].members,
				       sections[i].count, (uint8_t *)profile + sections[i].base);
	if (r == 0)
		r = read_services(context, json_object_get(root, "services"), profile);
	if (r == 0)
		r = read_vendors(context, json_object_get(root, "vendors"), profile);
	for (size_t i = 0; r == 0 && i < COUNT(shared); i++)
		r = qk_sim_read_object(context, shared[i]->name,
				       json_object_get(root, shared[i]->name), shared[i]->members,
				       shared[i]->count, (uint8_t *)profile + shared[i]->base);
	if (r == 0)
		r = read_lists(context, root, profile);
	if (r == 0)
		r = check_contexts(context, &profile->data);
	if (r == 0 && !qk_sim_usb_is_list(profile->usb.functions))
		r = qk_sim_refuse(
			context, "usb.functions",
			"must be names with commas between them: adb, diag, serial, audio and "
			"one of rmnet, ecm, mbim, rndis");
	if (r == 0)
		r = read_faults(context, json_object_get(root, "faults"), profile);
	if (r == 0)
		r = qk_sim_profile_read_world(context, root, profile);
	if (r == 0)
		r = qk_sim_profile_read_recorded(context, root, profile);
	return r;
}

static json_t *load_builtin(const char *name)
{
	for (size_t i = 0; name && i < qk_sim_builtin_count; i++)
		if (strcmp(qk_sim_builtins[i].name, name) == 0)
			return json_loadb(qk_sim_builtins[i].json, qk_sim_builtins[i].size, 0,
					  NULL);
	return NULL;
}

/* "base": the built-in profile that this one differs from. Its values stand where `*root` has none; a
 * list is replaced as a whole. Replaces `*root` by both together. */
static int add_base(const struct qk_sim_context *context, json_t **root)
{
	const json_t *name = json_object_get(*root, "base");

	if (!name)
		return 0;
	json_t *base = load_builtin(json_string_value(name));
	if (!base || json_object_get(base, "base")) {
		json_decref(base);
		return qk_sim_refuse(context, "base",
				     "must be a profile that is part of the program and whole");
	}
	int r = json_object_update_recursive(base, *root) < 0 ? -ENOMEM : 0;
	(void)json_object_del(base, "base");
	json_decref(*root);
	*root = base;
	return r;
}

int qk_sim_profile_parse(const char *name, const char *json, size_t size,
			 struct qk_sim_profile **ret, char *error, size_t error_size)
{
	const struct qk_sim_context context = { name, false, error, error_size, json, size };
	json_error_t json_error;
	json_t *root = json_loadb(json, size, JSON_REJECT_DUPLICATES, &json_error);

	if (!root) {
		snprintf(error, error_size, "profile '%.60s': line %d: %.100s", name,
			 json_error.line, json_error.text);
		return qk_one_line(error);
	}
	struct qk_sim_profile *profile = calloc(1, sizeof(*profile));
	int r = profile ? add_base(&context, &root) : -ENOMEM;
	if (r == 0)
		r = read_root(&context, root, profile);
	json_decref(root);
	if (r < 0) {
		if (r == -ENOMEM)
			snprintf(error, error_size, "out of memory");
		qk_sim_profile_free(profile);
		(void)qk_one_line(error);
		return r;
	}
	*ret = profile;
	return 0;
}
