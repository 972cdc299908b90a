/*
 * NAS, selection: which networks there are, which are preferred, and how the modem chooses.
 */
#include "nas.h"

#include <stdalign.h>
#include <string.h>

#include "argument.h"
#include "failure.h"
#include "options.h"

const struct text_row nas_technology_preference_text[] = {
	TEXT_LINE("[{@device}] Successfully got technology preference\n"),
	TEXT_IF("active", "\tActive: '{technology-preference}', "
			  "duration: '{technology-preference-duration}'\n"),
	TEXT_IF("persistent", "\tPersistent: '{persistent}'\n"),
	TEXT_END,
};

/* Masks of 64 bands, one behind the other: the bands' numbers, from 1. */
static void print_bands(const struct text_scope *scope, struct output *out)
{
	size_t count;
	const struct qk_field *masks = qk_field_members(scope->field, &count);
	bool any = false;

	for (size_t i = 0; i < count; i++) {
		uint64_t mask = (uint64_t)text_number(scope, qk_field_name(&masks[i]), 0);

		for (size_t bit = 0; bit < 64; bit++) {
			if (!(mask >> bit & 1))
				continue;
			output_printf(out, "%s%zu", any ? ", " : "", 64 * i + bit + 1);
			any = true;
		}
	}
	output_printf(out, "'\n");
}

/* clang-format off */
#define SHOWN(field, label) TEXT_IF(field, "\t" label ": '{" field "}'\n")
#define BANDS(field, label) \
	{ .when = TEXT_PRESENT, .path = (field), .text = "\t" label ": '", TEXT_PRINT(print_bands) }
/* clang-format on */

const struct text_row nas_selection_preference_text[] = {
	TEXT_LINE("[{@device}] Successfully got system selection preference\n"),
	SHOWN("emergency-mode", "Emergency mode"),
	SHOWN("mode-preference", "Mode preference"),
	SHOWN("disabled-modes", "Disabled modes"),
	SHOWN("band-preference", "Band preference"),
	SHOWN("lte-band-preference", "LTE band preference"),
	BANDS("extended-lte-band-preference", "LTE band preference (extended)"),
	BANDS("nr5g-sa-band-preference", "NR5G SA band preference"),
	BANDS("nr5g-nsa-band-preference", "NR5G NSA band preference"),
	SHOWN("td-scdma-band-preference", "TD-SCDMA band preference"),
	SHOWN("cdma-prl-preference", "CDMA PRL preference"),
	SHOWN("roaming-preference", "Roaming preference"),
	SHOWN("network-selection-preference", "Network selection preference"),
	SHOWN("service-domain-preference", "Service domain preference"),
	SHOWN("gsm-wcdma-acquisition-order-preference", "GSM/WCDMA acquisition order preference"),
	SHOWN("usage-preference", "Usage preference"),
	SHOWN("voice-domain-preference", "Voice domain preference"),
	SHOWN("network-selection-registration-restriction", "Registration restriction"),
	TEXT_IF("manual-network-selection", "\tManual network selection:\n"
					    "\t\tMCC: '{mcc}'\n"
					    "\t\tMNC: '{mnc}'\n"
					    "\t\tMCC with PCS digit: '{includes-pcs-digit}'\n"),
	TEXT_IF("acquisition-order-preference",
		"\tAcquisition order preference: '{acquisition-order-preference[]}'\n"),
	TEXT_END,
};

/* libqmi 1.32 does not show the static lists either. */
const struct text_row nas_preferred_networks_text[] = {
	TEXT_LINE("[{@device}] Successfully got preferred networks:\n"),
	TEXT_IF("preferred-networks", "Preferred PLMN list:\n"),
	TEXT_WHERE("preferred-networks", 0, "\t<empty>\n"),
	{ .when = TEXT_EACH,
	  .path = "preferred-networks",
	  .text = "[{@}]:\n\tMCC: '{mcc}'\n\tMNC: '{mnc}'\n"
		  "\tAccess Technology: '{radio-access-technology}'\n" },
	TEXT_IF("mnc-pcs-digit-include-status", "PCS digit status:\n"),
	TEXT_WHERE("mnc-pcs-digit-include-status", 0, "\t<empty>\n"),
	{ .when = TEXT_EACH,
	  .path = "mnc-pcs-digit-include-status",
	  .text = "[{@}]:\n\tMCC: '{mcc}'\n\tMNC: '{mnc}'\n"
		  "\tMCC with PCS digit: '{includes-pcs-digit}'\n" },
	TEXT_END,
};

static int bad_plmn(struct qk_string text, struct failure *f)
{
	failure_hint(f, "give MCC and MNC, five or six digits");
	return failure_set(f, EXIT_USAGE, "invalid net selection MCC/MNC: '%.*s'", (int)text.size,
			   text.data);
}

static int bad_technology(struct qk_string text, struct failure *f)
{
	failure_hint(f, "it may be cdma-1x, cdma-1xevdo, gsm, umts, lte, td-scdma or 5gnr, "
			"several joined by |");
	return failure_set(f, EXIT_USAGE, "invalid rat mode pref value given: '%.*s'",
			   (int)text.size, text.data);
}

static int add_technology(struct qk_nas_set_system_selection_preference_request *set,
			  struct qk_string name, struct failure *f)
{
	int64_t mode, radio;

	if (!argument_name(name, &qk_nas_rat_mode_preference_values, &mode) ||
	    !argument_name(name, &qk_nas_radio_interface_values, &radio))
		return bad_technology(name, f);
	if (set->acquisition_order_preference.count == NAS_ORDER_MAX)
		return failure_set(f, EXIT_USAGE, "more than %d radio technologies", NAS_ORDER_MAX);
	set->mode_preference |= (uint16_t)mode;
	set->acquisition_order_preference.items[set->acquisition_order_preference.count++] =
		(int8_t)radio;
	return 0;
}

/* "lte|umts": these alone, and in this order. */
static int read_technologies(struct qk_nas_set_system_selection_preference_request *set,
			     struct qk_string text, struct failure *f)
{
	enum {
		WCDMA_ORDER = QK_NAS_RAT_MODE_PREFERENCE_GSM | QK_NAS_RAT_MODE_PREFERENCE_UMTS |
			      QK_NAS_RAT_MODE_PREFERENCE_LTE
	};
	const char *at = text.data, *end = text.data + text.size;
	int r = 0;

	for (; r == 0 && at <= end; at++) {
		const char *bar = memchr(at, '|', (size_t)(end - at));
		struct qk_string name = { at, (size_t)((bar ? bar : end) - at) };

		at += name.size;
		if (name.size)
			r = add_technology(set, name, f);
	}
	if (r == 0 && !set->acquisition_order_preference.count)
		r = bad_technology(text, f);
	set->has_mode_preference = set->has_acquisition_order_preference = true;
	set->has_gsm_wcdma_acquisition_order_preference = set->mode_preference & WCDMA_ORDER;
	return r;
}

/* "automatic", "manual=26201" */
static int read_network(struct qk_nas_set_system_selection_preference_request *set,
			struct qk_string text, struct failure *f)
{
	const char *equals = memchr(text.data, '=', text.size);
	struct qk_string mode = { text.data, equals ? (size_t)(equals - text.data) : text.size };
	struct argument_plmn plmn = { 0 };
	int64_t number;

	if (equals) {
		struct qk_string digits = { equals + 1, text.size - mode.size - 1 };

		if (!argument_plmn(digits, &plmn))
			return bad_plmn(digits, f);
	}
	if (!argument_name(mode, &qk_nas_network_selection_preference_values, &number)) {
		failure_hint(f, "it may be automatic, or manual=MCCMNC");
		return failure_set(f, EXIT_USAGE,
				   "invalid net selection preference value given: '%.*s'",
				   (int)mode.size, mode.data);
	}
	set->has_network_selection_preference = true;
	set->network_selection_preference.mode = (uint8_t)number;
	set->network_selection_preference.mcc = plmn.mcc;
	set->network_selection_preference.mnc = plmn.mnc;
	/* libqmi leaves it to the modem to tell 310-41 and 310-041 apart. */
	set->has_mnc_pcs_digit_include_status = plmn.three_digits;
	set->mnc_pcs_digit_include_status = plmn.three_digits;
	return 0;
}

/* "lte|umts", "automatic", "lte,manual=26201": technologies, a network or both. */
int nas_finish_selection_preference(const struct action *action, unsigned int seen, void *request,
				    struct failure *failure)
{
	struct qk_nas_set_system_selection_preference_request *set = request;
	const char *rest = action->argument;
	struct qk_string first = argument_next(&rest, ',');
	int r = 0;

	(void)seen;
	/* The engine made room behind the struct, which needs no alignment. */
	set->acquisition_order_preference.items = ((struct nas_order *)(set + 1))->items;
	if (!rest && (!strncmp(first.data, "automatic", strlen("automatic")) ||
		      !strncmp(first.data, "manual", strlen("manual"))))
		return read_network(set, first, failure);
	r = read_technologies(set, first, failure);
	if (r == 0 && rest)
		r = read_network(set, argument_next(&rest, ','), failure);
	if (r == 0 && rest)
		r = failure_set(failure, EXIT_USAGE, "failed to parse selection pref: '%s'",
				action->argument);
	return r;
}

_Static_assert(alignof(struct qk_nas_set_preferred_networks_request) >=
		       alignof(struct nas_preferred_networks),
	       "the lists stand behind the request");

static int add_network(struct nas_preferred_networks *networks, size_t count,
		       struct qk_string number, struct qk_string technologies, struct failure *f)
{
	struct argument_plmn plmn;
	int64_t access;

	if (!argument_plmn(number, &plmn))
		return bad_plmn(number, f);
	if (!argument_flags(technologies, &qk_nas_plmn_access_technology_identifier_values,
			    &access)) {
		failure_hint(f, "it may be gsm-compact, gsm, ngran, eutran, utran (several joined "
				"by |), all or unspecified");
		return failure_set(f, EXIT_USAGE, "invalid access technology given: '%.*s'",
				   (int)technologies.size, technologies.data);
	}
	if (count == NAS_NETWORKS_MAX)
		return failure_set(f, EXIT_USAGE, "more than %d networks", NAS_NETWORKS_MAX);
	networks->preferred[count] =
		(struct qk_nas_preferred_network){ plmn.mcc, plmn.mnc, (uint16_t)access };
	networks->digits[count] =
		(struct qk_nas_mnc_pcs_digit){ plmn.mcc, plmn.mnc, plmn.three_digits };
	return 0;
}

/* "26201,eutran|utran,26202,all": a network and its technologies in turn; nothing empties the list. */
int nas_finish_preferred_networks(const struct action *action, unsigned int seen, void *request,
				  struct failure *failure)
{
	struct qk_nas_set_preferred_networks_request *set = request;
	struct nas_preferred_networks *networks = (struct nas_preferred_networks *)(set + 1);
	const char *rest = *action->argument ? action->argument : NULL;
	size_t count = 0;
	int r = 0;

	(void)seen;
	for (; r == 0 && rest; count++) {
		struct qk_string number = argument_next(&rest, ',');

		if (!rest)
			return failure_set(failure, EXIT_USAGE,
					   "access technology missing for MCCMNC: '%.*s'",
					   (int)number.size, number.data);
		r = add_network(networks, count, number, argument_next(&rest, ','), failure);
	}
	set->has_preferred_networks = set->has_mnc_pcs_digit_include_status = true;
	set->preferred_networks.items = networks->preferred;
	set->preferred_networks.count = count;
	set->mnc_pcs_digit_include_status.items = networks->digits;
	set->mnc_pcs_digit_include_status.count = count;
	return r;
}
