/*
 * UIM: the SIM card.
 */
#include <qmikit/uim.h>

#include "services.h"

enum { NO_SESSION = 0xffff };

/* Which application a provisioning session uses: the card in the upper byte, from 0. */
static void print_session(const struct text_scope *scope, const char *path, struct output *out)
{
	unsigned int index = (unsigned int)text_number(scope, path, NO_SESSION);

	if (index == NO_SESSION)
		output_printf(out, "session doesn't exist\n");
	else
		output_printf(out, "slot '%u', application '%u'\n", (index >> 8) + 1,
			      (index & 0xff) + 1);
}

static void print_sessions(const struct text_scope *scope, struct output *out)
{
	static const struct {
		const char *path, *label;
	} sessions[] = {
		{ "index-gw-primary", "Primary GW:   " },
		{ "index-1x-primary", "Primary 1X:   " },
		{ "index-gw-secondary", "Secondary GW: " },
		{ "index-1x-secondary", "Secondary 1X: " },
	};

	for (size_t i = 0; i < sizeof(sessions) / sizeof(sessions[0]); i++) {
		output_printf(out, "\t%s", sessions[i].label);
		print_session(scope, sessions[i].path, out);
	}
}

/* A personalization that waits for a code says for which one, and how often one may try. */
static void print_personalization(const struct text_scope *scope, struct output *out)
{
	static const struct text_row code_text[] = {
		TEXT_LINE("\t\tPersonalization state: '{personalization-state}' "
			  "(feature: {personalization-feature})\n"
			  "\t\t\tDisable retries:     '{personalization-retries}'\n"
			  "\t\t\tUnblock retries:     '{personalization-unblock-retries}'\n"),
		TEXT_END,
	};
	static const struct text_row plain_text[] = {
		TEXT_LINE("\t\tPersonalization state: '{personalization-state}'\n"),
		TEXT_END,
	};
	int64_t state = text_number(scope, "personalization-state", 0);
	bool code = state == QK_UIM_CARD_APPLICATION_PERSONALIZATION_STATE_CODE_REQUIRED ||
		    state == QK_UIM_CARD_APPLICATION_PERSONALIZATION_STATE_PUK_CODE_REQUIRED;

	text_print(scope, code ? code_text : plain_text, out);
}

static const struct text_row application_text[] = {
	{ .text = "\tApplication [{@1}]:\n"
		  "\t\tApplication type:  '{type|unknown} ({type:n})'\n"
		  "\t\tApplication state: '{state}'\n"
		  "\t\tApplication ID:\n"
		  "\t\t\t{application-identifier-value:hex}",
	  .print = print_personalization },
	TEXT_LINE("\t\tUPIN replaces PIN1: '{upin-replaces-pin1}'\n"
		  "\t\tPIN1 state: '{pin1-state}'\n"
		  "\t\t\tPIN1 retries: '{pin1-retries}'\n"
		  "\t\t\tPUK1 retries: '{puk1-retries}'\n"
		  "\t\tPIN2 state: '{pin2-state}'\n"
		  "\t\t\tPIN2 retries: '{pin2-retries}'\n"
		  "\t\t\tPUK2 retries: '{puk2-retries}'\n"),
	TEXT_END,
};

static const struct text_row card_text[] = {
	TEXT_UNLESS("card-state", QK_UIM_CARD_STATE_ERROR, "\tCard state: '{card-state}'\n"),
	TEXT_WHERE("card-state", QK_UIM_CARD_STATE_ERROR,
		   "\tCard state: '{card-state}: {error-code|unknown} ({error-code:n})'\n"),
	TEXT_LINE("\tUPIN state: '{upin-state}'\n"
		  "\t\tUPIN retries: '{upin-retries}'\n"
		  "\t\tUPUK retries: '{upuk-retries}'\n"),
	{ .when = TEXT_EACH, .path = "applications", .rows = application_text },
	TEXT_END,
};

static const struct text_row cards_text[] = {
	{ .text = "Provisioning applications:\n", .print = print_sessions },
	{ .when = TEXT_EACH, .path = "cards", .text = "Slot [{@1}]:\n", .rows = card_text },
	TEXT_END,
};

static const struct text_row card_status_text[] = {
	TEXT_LINE("[{@device}] Successfully got card status\n"),
	{ .when = TEXT_PRESENT, .path = "card-status", .rows = cards_text },
	TEXT_END,
};

static const struct command commands[] = {
	{ .name = "uim-get-card-status",
	  .method = &qk_uim_get_card_status_method,
	  .help = "Show cards, their applications and PINs",
	  .failure = "couldn't get card status",
	  .text = card_status_text },
	COMMAND_SUPPORTED_MESSAGES(uim, UIM),
	COMMAND_RESET(uim, UIM),
	COMMAND_NOOP(uim),
	{ 0 },
};

const struct command_service commands_uim = { QK_SERVICE_ID_UIM, "uim",
					      "User Identity Module Service", commands };
