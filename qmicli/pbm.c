/*
 * PBM: what the phone books hold, and the emergency numbers.
 */
#include <qmikit/pbm.h>

#include "services.h"

/* Whether a list of those that are shown is there; the end of the first line depends on it. */
static void print_none(const struct text_scope *scope, const char *const *paths, struct output *out)
{
	struct text_value value;
	bool any = false;

	for (; *paths && !any; paths++)
		any = text_find(scope, *paths, &value) >= 0;
	output_printf(out, any ? "\n" : " none\n");
}

static void print_no_capabilities(const struct text_scope *scope, struct output *out)
{
	static const char *const paths[] = {
		"capability-basic-information",
		"group-capability",
		"additional-number-capability",
		"email-capability",
		"second-name-capability",
		"hidden-records-capability",
		"grouping-information-alpha-string-capability",
		"additional-number-alpha-string-capability",
		NULL,
	};

	print_none(scope, paths, out);
}

static void print_no_numbers(const struct text_scope *scope, struct output *out)
{
	static const char *const paths[] = {
		"hardcoded-numbers", "nv-numbers", "card-numbers", "network-numbers", NULL,
	};

	print_none(scope, paths, out);
}

static const struct text_row books_text[] = {
	TEXT_LINE("\t[{session-type}]:\n"),
	{ .when = TEXT_EACH,
	  .path = "phonebooks",
	  .text = "\t\t[{phonebook-type}]:\n"
		  "\t\t\tUsed records: {used-records}\n"
		  "\t\t\tMaximum records: {maximum-records}\n"
		  "\t\t\tMaximum number length: {maximum-number-length}\n"
		  "\t\t\tMaximum name length: {maximum-name-length}\n" },
	TEXT_END,
};

/* clang-format off */
#define SESSION_EACH(list, title, string) \
	TEXT_IF(list, title ":\n"), \
	{ .when = TEXT_EACH, .path = (list), .text = "\t[{session-type}]:\n" string }
/* clang-format on */

#define ALPHA_STRINGS \
	"\t\tMaximum records: {maximum-records}\n" \
	"\t\tUsed records: {used-records}\n" \
	"\t\tMaximum string length: {maximum-string-length}\n"

static const struct text_row capabilities_text[] = {
	{ .text = "[{@device}] Phonebook capabilities:", TEXT_PRINT(print_no_capabilities) },
	TEXT_IF("capability-basic-information", "Capability basic information:\n"),
	{ .when = TEXT_EACH, .path = "capability-basic-information", .rows = books_text },
	SESSION_EACH("group-capability", "Group capability",
		     "\t\tMaximum groups: {maximum-groups}\n"
		     "\t\tMaximum group tag length: {maximum-group-tag-length}\n"),
	SESSION_EACH("additional-number-capability", "Additional number capability",
		     "\t\tMaximum additional numbers: {maximum-additional-numbers}\n"
		     "\t\tMaximum additional number length: {maximum-additional-number-length}\n"
		     "\t\tMaximum additional number tag length: "
		     "{maximum-additional-number-tag-length}\n"),
	SESSION_EACH("email-capability", "Email capability",
		     "\t\tMaximum emails: {maximum-emails}\n"
		     "\t\tMaximum email address length: {maximum-email-address-length}\n"),
	SESSION_EACH("second-name-capability", "Second name capability",
		     "\t\tMaximum second name length: {maximum-second-name-length}\n"),
	SESSION_EACH("hidden-records-capability", "Hidden records capability",
		     "\t\tSupported: {supported}\n"),
	SESSION_EACH("grouping-information-alpha-string-capability", "Alpha string capability",
		     ALPHA_STRINGS),
	SESSION_EACH("additional-number-alpha-string-capability",
		     "Additional number alpha string capability", ALPHA_STRINGS),
	TEXT_END,
};

static const struct text_row number_text[] = {
	TEXT_LINE("\t\t{emergency-number}"),
	TEXT_VALID("flags", " [{flags}]"),
	TEXT_LINE("\n"),
	TEXT_END,
};

static const struct text_row numbers_text[] = {
	TEXT_LINE("\t[{session-type}]:\n"),
	{ .when = TEXT_EACH, .path = "emergency-numbers", .rows = number_text },
	TEXT_END,
};

/* Younger than libqmi 1.32. */
static const struct text_row emergency_text[] = {
	{ .text = "[{@device}] Emergency List:", TEXT_PRINT(print_no_numbers) },
	TEXT_IF("hardcoded-numbers", "Hardcoded Numbers:\n"),
	{ .when = TEXT_EACH, .path = "hardcoded-numbers", .text = "\t{number}\n" },
	TEXT_IF("nv-numbers", "NV Numbers:\n"),
	{ .when = TEXT_EACH, .path = "nv-numbers", .text = "\t{number}\n" },
	TEXT_IF("card-numbers", "Card Numbers:\n"),
	{ .when = TEXT_EACH, .path = "card-numbers", .rows = numbers_text },
	TEXT_IF("network-numbers", "Network Numbers:\n"),
	{ .when = TEXT_EACH, .path = "network-numbers", .rows = numbers_text },
	TEXT_END,
};

static const struct command commands[] = {
	{ .name = "pbm-get-all-capabilities",
	  .method = "pbm/get-all-capabilities",
	  .help = "Show what the phone books hold and can hold",
	  .failure = "couldn't get capabilities",
	  .text = capabilities_text },
	{ .name = "pbm-get-emergency-list",
	  .method = "pbm/get-emergency-list",
	  .help = "List the numbers that reach an emergency service",
	  .failure = "couldn't get emergency list",
	  .text = emergency_text },
	COMMAND_NOOP(pbm),
	{ 0 },
};

const struct command_service commands_pbm = { QK_SERVICE_ID_PBM, "pbm",
					      "Phonebook Management Service", commands };
