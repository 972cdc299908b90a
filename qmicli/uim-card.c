/*
 * UIM, the card's and the slots' states: who is on the card, which PINs it has, where it is.
 */
#include "uim.h"

#include <qmikit/uim.h>

#include "text.h"

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
	  TEXT_PRINT(print_personalization) },
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
	{ .text = "Provisioning applications:\n", TEXT_PRINT(print_sessions) },
	{ .when = TEXT_EACH, .path = "cards", .text = "Slot [{@1}]:\n", .rows = card_text },
	TEXT_END,
};

const struct text_row uim_card_status_text[] = {
	TEXT_LINE("[{@device}] Successfully got card status\n"),
	{ .when = TEXT_PRESENT, .path = "card-status", .rows = cards_text },
	TEXT_END,
};

/* --- Slots */

static const char digits[] = "0123456789";

/* The digits of a number, two in a byte, `high` one first or not; what is none ends it. */
static void print_digits(struct qk_span bytes, bool high, struct output *out)
{
	for (size_t i = 0; i < bytes.size * 2; i++) {
		bool upper = i % 2 != high;
		unsigned int digit = upper ? bytes.data[i / 2] >> 4 : bytes.data[i / 2] & 0xf;

		if (digit > 9)
			return;
		output_printf(out, "%c", digits[digit]);
	}
}

static void print_iccid(const struct text_scope *scope, struct output *out)
{
	struct qk_span iccid = text_bytes(scope, "iccid");

	output_printf(out, "           ICCID: ");
	if (iccid.size)
		print_digits(iccid, false, out);
	else
		output_printf(out, "unknown");
	output_printf(out, "\n");
}

static void print_eid(const struct text_scope *scope, struct output *out)
{
	enum { EID_SIZE = 16 };
	struct qk_span eid = text_bytes(scope, "eid");

	output_printf(out, "             EID: ");
	if (eid.size == EID_SIZE)
		print_digits(eid, true, out);
	else
		output_printf(out, "unknown");
	output_printf(out, "\n");
}

/* Item `index` of the list at `path`; false when it is not there. */
static bool find_item(const struct text_scope *scope, const char *path, size_t index,
		      struct text_scope *ret)
{
	struct text_scope item = *scope;
	const struct qk_list *list;
	struct text_value value;

	item.field = NULL;
	if (text_find(&item, path, &value) < 0 || !value.data)
		return false;
	list = value.data;
	if (index >= list->count)
		return false;
	item.field = value.field;
	item.value = (const uint8_t *)list->items + index * value.field->size;
	item.index = index;
	*ret = item;
	return true;
}

/* Whether a list beside that of the slots says something about each of them. */
static bool goes_with_slots(const struct text_scope *scope, const char *path)
{
	int64_t count = text_number(scope, path, -1);

	return count >= 0 && count == text_number(scope, "/physical-slot-status", -1);
}

static const struct text_row slot_text[] = {
	TEXT_LINE("  Physical slot {@1}:\n"
		  "     Card status: {physical-card-status}\n"
		  "     Slot status: {physical-slot-status}\n"),
	TEXT_WHERE("physical-slot-status", QK_UIM_SLOT_STATE_ACTIVE,
		   "    Logical slot: {logical-slot}\n"),
	{ .when = TEXT_EQUAL,
	  .path = "physical-card-status",
	  .number = QK_UIM_PHYSICAL_CARD_STATE_PRESENT,
	  TEXT_PRINT(print_iccid) },
	TEXT_END,
};

static const struct text_row information_text[] = {
	TEXT_LINE("        Protocol: {card-protocol}\n"
		  "        Num apps: {valid-applications}\n"
		  "        Is eUICC: {is-euicc}\n"),
	TEXT_END,
};

static void print_slot(const struct text_scope *scope, struct output *out)
{
	struct text_scope information, eid;

	text_print(scope, slot_text, out);
	if (text_number(scope, "physical-card-status", 0) != QK_UIM_PHYSICAL_CARD_STATE_PRESENT ||
	    !goes_with_slots(scope, "/physical-slot-information") ||
	    !find_item(scope, "physical-slot-information", scope->index, &information))
		return;
	text_print(&information, information_text, out);
	if (text_number(&information, "is-euicc", 0) && goes_with_slots(scope, "/slot-eid") &&
	    find_item(scope, "slot-eid", scope->index, &eid))
		print_eid(&eid, out);
}

/* Lists that are shorter or longer than that of the slots are left out, and that is said without a newline, as
 * libqmi's tool does. */
static void print_malformed(const struct text_scope *scope, struct output *out)
{
	static const struct {
		const char *path, *text;
	} lists[] = {
		{ "/physical-slot-information", "Malformed extended information data" },
		{ "/slot-eid", "Malformed slot EID data" },
	};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (text_number(scope, lists[i].path, -1) >= 0 &&
		    !goes_with_slots(scope, lists[i].path))
			output_printf(out, "%s", lists[i].text);
}

const struct text_row uim_slots_text[] = {
	{ .when = TEXT_PRESENT, .path = "physical-slot-status", TEXT_PRINT(print_malformed) },
	{ .when = TEXT_EACH, .path = "physical-slot-status", TEXT_PRINT(print_slot) },
	TEXT_END,
};

const struct text_row uim_slot_status_text[] = {
	TEXT_LINE("[{@device}] Successfully got slots status\n"),
	TEXT_IF("physical-slot-status",
		"[{@device}] {#physical-slot-status} physical slots found:\n"),
	{ .rows = uim_slots_text },
	TEXT_END,
};
