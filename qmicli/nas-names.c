/*
 * NAS, names: of operators and networks, and the network's clock.
 */
#include "nas.h"

#include <ctype.h>
#include <string.h>

#include "argument.h"
#include "failure.h"
#include "modem-text.h"
#include "options.h"

/* How a network packs its name (3GPP TS 24.008 10.5.3.5a), as the encoding of a description. */
static unsigned int encoding_of(const struct text_scope *scope)
{
	switch (text_number(scope, "name-encoding", -1)) {
	case QK_NAS_PLMN_ENCODING_SCHEME_GSM:
		return QK_NAS_NETWORK_DESCRIPTION_ENCODING_GSM;
	case QK_NAS_PLMN_ENCODING_SCHEME_UCS2LE:
		return QK_NAS_NETWORK_DESCRIPTION_ENCODING_UNICODE;
	}
	return UINT32_MAX;
}

/* "\t0: 'long' ('short')"; of a short name that cannot be read the brackets are left out too. */
static void print_pair(const struct text_scope *scope, unsigned int encoding,
		       struct qk_span long_name, struct qk_span short_name, struct output *out)
{
	struct output text = { 0 };

	output_printf(out, "\t%zu: '", scope->index);
	modem_text_description(encoding, long_name, out);
	output_printf(out, "'");
	if (modem_text_description(encoding, short_name, &text))
		output_printf(out, " ('%s')", text.data ? text.data : "");
	output_done(&text);
}

static void print_plmn_name(const struct text_scope *scope, struct output *out)
{
	print_pair(scope, encoding_of(scope), text_bytes(scope, "long-name"),
		   text_bytes(scope, "short-name"), out);
	text_print(scope, TEXT_ROWS(TEXT_LINE("\t\tCountry: '{short-country-initials|(null)}'\n")),
		   out);
}

/* The text of a member; nothing when it cannot be read. */
static void print_member(const struct text_scope *scope, const char *path, struct output *out)
{
	struct text_value value;

	if (text_find(scope, path, &value) < 0 || !value.data ||
	    modem_text(value.field, value.data, out) < 0)
		return;
}

/* An MNC of two digits has a filler behind them, which is not shown. */
static void print_operator_plmn(const struct text_scope *scope, struct output *out)
{
	struct output mnc = { 0 };
	size_t digits;

	print_member(scope, "mnc", &mnc);
	digits = mnc.data ? strlen(mnc.data) : 0;
	if (digits > 2 && toupper((unsigned char)mnc.data[2]) == 'F')
		digits = 2;
	output_printf(out, "\tMCC/MNC: '");
	print_member(scope, "mcc", out);
	output_printf(out, "-%.*s'%s", (int)digits, mnc.data ? mnc.data : "",
		      digits > 2 ? "" : " ");
	output_done(&mnc);
	text_print(scope,
		   TEXT_ROWS(TEXT_LINE(" LAC Range: {lac1}->{lac2}\t"
				       "PNN Record: {plmn-name-record-identifier}\n")),
		   out);
}

static void print_nitz(const struct text_scope *scope, struct output *out)
{
	output_printf(out, "NITZ information:\n\tLong Name:  '");
	modem_text_description(encoding_of(scope), text_bytes(scope, "long-name"), out);
	output_printf(out, "'\n\tShort Name: '");
	modem_text_description(encoding_of(scope), text_bytes(scope, "short-name"), out);
	text_print(scope, TEXT_ROWS(TEXT_LINE("'\n\tCountry:    '{short-country-initials}'\n")),
		   out);
}

const struct text_row nas_operator_name_text[] = {
	TEXT_LINE("[{@device}] Successfully got operator name data\n"),
	TEXT_IF("service-provider-name", "Service Provider Name\n"
					 "\tDisplay Condition: '{name-display-condition}'\n"
					 "\tName             : '{name}'\n"),
	TEXT_IF("operator-string-name", "Operator Name: '{operator-string-name}'\n"),
	TEXT_IF("operator-plmn-list", "PLMN List:\n"),
	{ .when = TEXT_EACH, .path = "operator-plmn-list", TEXT_PRINT(print_operator_plmn) },
	TEXT_IF("operator-plmn-name", "PLMN Names:\n"),
	{ .when = TEXT_EACH, .path = "operator-plmn-name", TEXT_PRINT(print_plmn_name) },
	{ .when = TEXT_PRESENT, .path = "nitz-information", TEXT_PRINT(print_nitz) },
	TEXT_END,
};

int nas_finish_plmn_name(const struct action *action, unsigned int seen, void *request,
			 struct failure *failure)
{
	struct qk_nas_get_plmn_name_request *name = request;
	struct qk_string text = { action->argument, strlen(action->argument) };
	struct argument_plmn plmn;

	(void)seen;
	if (!argument_plmn(text, &plmn)) {
		failure_hint(failure, "give MCC and MNC, five or six digits");
		return failure_set(failure, EXIT_USAGE, "invalid net selection MCC/MNC: '%s'",
				   action->argument);
	}
	name->has_plmn = true;
	name->plmn.mcc = plmn.mcc;
	name->plmn.mnc = plmn.mnc;
	/* Else 310410 would be asked for as 310-41. libqmi leaves it to chance. */
	name->has_mnc_pcs_digit_include_status = plmn.three_digits;
	name->mnc_pcs_digit_include_status = plmn.three_digits;
	return 0;
}

static void print_part(const struct text_scope *scope, const char *label, const char *encoding,
		       const char *name, struct output *out)
{
	output_printf(out, "\t%s '", label);
	modem_text_description((unsigned int)text_number(scope, encoding, -1),
			       text_bytes(scope, name), out);
	output_printf(out, "'\n");
}

static void print_eons(const struct text_scope *scope, struct output *out)
{
	output_printf(out, "3GPP EONS PLMN Name:\n");
	print_part(scope, "Long Name: ", "long-name-encoding", "long-name", out);
	print_part(scope, "Short Name:", "short-name-encoding", "short-name", out);
	print_part(scope, "Service Name:", "service-provider-name-encoding",
		   "service-provider-name", out);
	text_print(scope, TEXT_ROWS(TEXT_LINE("\tCountry:    '{short-name-country-initials}'\n")),
		   out);
}

/* The list of characters at `path` as bytes: as many as there are characters. libqmi takes the one number
 * for the other and shows the first half of a name, and so do we. */
static struct qk_span half_of(const struct text_scope *scope, const char *path,
			      uint8_t bytes[UINT8_MAX])
{
	struct text_value value;

	if (text_find(scope, path, &value) < 0 || !value.data)
		return (struct qk_span){ 0 };

	const struct qk_list *list = value.data;
	const uint16_t *characters = list->items;
	size_t count = list->count < UINT8_MAX ? list->count : UINT8_MAX;

	for (size_t i = 0; i < count; i++)
		bytes[i] = (uint8_t)(characters[i / 2] >> (i % 2 ? 8 : 0));
	return (struct qk_span){ bytes, count };
}

static void print_language_name(const struct text_scope *scope, struct output *out)
{
	uint8_t long_name[UINT8_MAX], short_name[UINT8_MAX];

	print_pair(scope, QK_NAS_NETWORK_DESCRIPTION_ENCODING_UNICODE,
		   half_of(scope, "long-name", long_name), half_of(scope, "short-name", short_name),
		   out);
	text_print(scope, TEXT_ROWS(TEXT_LINE("\t\tCountry: '{language-id}'\n")), out);
}

const struct text_row nas_plmn_name_text[] = {
	TEXT_LINE("[{@device}] Successfully got plmn name data\n"),
	{ .when = TEXT_PRESENT, .path = "3gpp-eons-plmn-name", TEXT_PRINT(print_eons) },
	TEXT_IF("plmn-name-with-language-id", "3GPP EONS PLMN Name with Language ID:\n"),
	{ .when = TEXT_EACH,
	  .path = "plmn-name-with-language-id",
	  TEXT_PRINT(print_language_name) },
	TEXT_END,
};

/* clang-format off */
#define CLOCK(generation) \
	"\t" generation " Day-of-Week:                     '{universal-time.day-of-week}'\n" \
	"\t" generation " Timezone Offset:                 '{timezone-offset*15}' minutes\n" \
	"\t" generation " Daylight Saving Time Adjustment: '{daylight-savings-adjustment:n}' hours\n" \
	"\t" generation " Radio Interface:                 '{radio-interface}'\n"
/* clang-format on */

static void print_moment(const struct text_scope *scope, const char *generation, struct output *out)
{
	int year = (int)text_number(scope, "universal-time.year", 0);
	int month = (int)text_number(scope, "universal-time.month", 0);
	int day = (int)text_number(scope, "universal-time.day", 0);
	int hour = (int)text_number(scope, "universal-time.hour", 0);
	int minute = (int)text_number(scope, "universal-time.minute", 0);
	int second = (int)text_number(scope, "universal-time.second", 0);

	output_printf(out, "\t%s Date:                            '%d-%02d-%02d'\n", generation,
		      year, month, day);
	output_printf(out, "\t%s Time:                            '%02d:%02d:%02d'\n", generation,
		      hour, minute, second);
}

static void print_3gpp2_time(const struct text_scope *scope, struct output *out)
{
	print_moment(scope, "3GPP2", out);
	text_print(scope, TEXT_ROWS(TEXT_LINE(CLOCK("3GPP2"))), out);
}

static void print_3gpp_time(const struct text_scope *scope, struct output *out)
{
	print_moment(scope, "3GPP", out);
	text_print(scope, TEXT_ROWS(TEXT_LINE(CLOCK("3GPP"))), out);
}

/* As libqmi's main branch has it: 1.32 has no such option. */
const struct text_row nas_network_time_text[] = {
	TEXT_LINE("[{@device}] Successfully got network time:\n"),
	{ .when = TEXT_PRESENT, .path = "3gpp2-time", TEXT_PRINT(print_3gpp2_time) },
	{ .when = TEXT_PRESENT, .path = "3gpp-time", TEXT_PRINT(print_3gpp_time) },
	TEXT_END,
};
