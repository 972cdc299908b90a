/*
 * qmicli's row engine on structs made by hand, and every row of every command against the
 * definitions.
 */
#include <errno.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <qmikit/dms.h>
#include <qmikit/loc.h>
#include <qmikit/nas.h>
#include <qmikit/uim.h>

#include "qmicli/command.h"
#include "qmicli/modem-text.h"
#include "qmicli/text.h"

static char *expand(const struct text_scope *scope, const struct text_row *rows)
{
	struct output out = { 0 };

	output_add(&out, "", 0);
	text_print(scope, rows, &out);
	assert_false(out.failed);
	return out.data;
}

/* What `text` becomes in `scope`. */
static void assert_text(const struct text_scope *scope, const char *text, const char *expected)
{
	const struct text_row rows[] = { TEXT_LINE(text), TEXT_END };
	char *got = expand(scope, rows);

	assert_string_equal(got, expected);
	free(got);
}

static struct qk_nas_get_signal_info_response signal_info(void)
{
	return (struct qk_nas_get_signal_info_response){
		.has_lte_signal_strength = true,
		.lte_signal_strength = { .rssi = -65, .rsrq = -7, .rsrp = -93, .snr = 154 },
		.has_cdma_signal_strength = true,
		.cdma_signal_strength = { .rssi = -1, .ecio = 5 },
	};
}

static void text_formats_numbers_when_told_how(void **state)
{
	struct qk_nas_get_signal_info_response r = signal_info();
	struct text_scope scope = {
		.message = qk_nas_get_signal_info_method.response,
		.decoded = &r,
		.device = "/dev/x",
	};

	(void)state;
	assert_text(&scope, "[{@device}]", "[/dev/x]");
	assert_text(&scope, "{lte-signal-strength.rssi} dBm", "-65 dBm");
	assert_text(&scope, "{lte-signal-strength.snr*0.1}", "15.4");
	assert_text(&scope, "{cdma-signal-strength.ecio*-0.5}", "-2.5");
	assert_text(&scope, "{cdma-signal-strength.ecio*-30}", "-150");
	assert_text(&scope, "{lte-signal-strength.rsrp/60}", "-1.550000");
	assert_text(&scope, "{lte-signal-strength.rsrp*0.01}", "-0.93");
	assert_text(&scope, "{lte-signal-strength.rsrp:u}", "65443");
	assert_text(&scope, "{lte-signal-strength.rssi:u}", "191");
	assert_text(&scope, "{lte-signal-strength.rssi?on:off}", "on");
	assert_text(&scope, "{gsm-signal-strength?on:off}", "off");
	assert_text(&scope, "{gsm-signal-strength|none}", "none");
}

static void text_skips_rows_when_condition_fails(void **state)
{
	static const struct text_row inner[] = {
		TEXT_WHERE("rsrp", -93, "good "),
		TEXT_WHERE("rsrp", -94, "bad "),
		TEXT_UNLESS("rsrp", -93, "bad "),
		TEXT_IF("/cdma-signal-strength", "cdma {rssi} "),
		TEXT_END,
	};
	static const struct text_row rows[] = {
		TEXT_IF("gsm-signal-strength", "bad "),
		{ .when = TEXT_PRESENT,
		  .path = "lte-signal-strength",
		  .text = "lte {rsrq} ",
		  .rows = inner },
		TEXT_UNLESS("gsm-signal-strength", 0, "bad "),
		TEXT_WITHOUT("lte-signal-strength", "bad "),
		TEXT_WITHOUT("gsm-signal-strength", "no gsm "),
		TEXT_LINE("end"),
		TEXT_END,
	};
	struct qk_nas_get_signal_info_response r = signal_info();
	struct text_scope scope = { .message = qk_nas_get_signal_info_method.response,
				    .decoded = &r };
	char *got = expand(&scope, rows);

	(void)state;
	assert_string_equal(got, "lte -7 good cdma -1 no gsm end");
	free(got);
}

static void text_shows_cells_when_they_have_neighbours(void **state)
{
	static const uint8_t plmn[] = { 0x62, 0xf2, 0x10 };
	struct qk_nas_umts_neighboring_lte lte = { .rsrp = -93.5f };
	struct qk_nas_lte_neighboring_wcdma wcdma = { .cell_reselection_low_threshold = 0xfffe };
	struct qk_nas_get_cell_location_info_response r = { 0 };
	struct text_scope scope = { .message = qk_nas_get_cell_location_info_method.response,
				    .decoded = &r };
	static const struct text_row rows[] = {
		TEXT_IF("umts-info-v2", "{plmn:bcd} "),
		{ .when = TEXT_EACH,
		  .path = "umts-info-neighboring-lte.frequency",
		  .text = "{rsrp} " },
		{ .when = TEXT_EACH,
		  .path = "lte-info-neighboring-wcdma.frequency",
		  .text = "{cell-reselection-low-threshold:i}" },
		TEXT_END,
	};
	char *got;

	(void)state;
	r.has_umts_info_v2 = r.has_umts_info_neighboring_lte = true;
	r.has_lte_info_neighboring_wcdma = true;
	r.umts_info_v2.plmn = (struct qk_bytes){ plmn, sizeof(plmn) };
	r.umts_info_neighboring_lte.frequency.items = &lte;
	r.umts_info_neighboring_lte.frequency.count = 1;
	r.lte_info_neighboring_wcdma.frequency.items = &wcdma;
	r.lte_info_neighboring_wcdma.frequency.count = 1;
	got = expand(&scope, rows);
	assert_string_equal(got, "26201 -93.500000 -2");
	free(got);
}

static void text_names_values_when_known(void **state)
{
	uint8_t radios[] = { 8, 99, 4 };
	struct qk_dms_get_capabilities_response r = {
		.has_info = true,
		.info = { .data_service_capability = 77,
			  .sim_capability = 2,
			  .radio_interface_list = { radios, 3 } },
	};
	struct text_scope scope = { .message = qk_dms_get_capabilities_method.response,
				    .decoded = &r };

	(void)state;
	assert_text(&scope, "{info.sim-capability}", "supported");
	assert_text(&scope, "{info.sim-capability:n}", "2");
	assert_text(&scope, "{info.sim-capability:x}", "02");
	assert_text(&scope, "{info.data-service-capability:X}", "004D");
	assert_text(&scope, "{info.sim-capability:0x}", "0x2");
	assert_text(&scope, "{info.data-service-capability}", "(null)");
	assert_text(&scope, "{info.data-service-capability|unknown}", "unknown");
	assert_text(&scope, "{info.radio-interface-list[]|}", "lte, , gsm");
	assert_text(&scope, "{#info.radio-interface-list}", "3");
}

static void text_joins_flags_when_some_are_set(void **state)
{
	struct qk_dms_get_power_state_response r = {
		.has_info = true,
		.info = { .power_state_flags = 0x05, .battery_level = 7 },
	};
	struct text_scope scope = { .message = qk_dms_get_power_state_method.response,
				    .decoded = &r };

	(void)state;
	assert_text(&scope, "{info.power-state-flags}", "external-source, battery-charging");
	r.info.power_state_flags = 0x80;
	assert_text(&scope, "{info.power-state-flags}", "none");
}

static void text_loops_when_list_has_structs(void **state)
{
	static const struct text_row apps[] = {
		TEXT_LINE(" app {@1}:{application-identifier-value:hex}"),
		TEXT_END,
	};
	static const struct text_row cards[] = {
		{ .when = TEXT_EACH, .path = "applications", .rows = apps },
		TEXT_END,
	};
	static const struct text_row rows[] = {
		{ .when = TEXT_EACH,
		  .path = "card-status.cards",
		  .text = "card {@} {card-state}",
		  .rows = cards },
		TEXT_END,
	};
	static const uint8_t aid[] = { 0xa0, 0x00 };
	struct qk_uim_card_application app = { .application_identifier_value = { aid, 2 } };
	struct qk_uim_card card[2] = { { .applications = { &app, 1 } }, { .card_state = 1 } };
	struct qk_uim_get_card_status_response r = {
		.has_card_status = true,
		.card_status = { .cards = { card, 2 } },
	};
	struct text_scope scope = { .message = qk_uim_get_card_status_method.response,
				    .decoded = &r };
	char *got = expand(&scope, rows);

	(void)state;
	assert_string_equal(got, "card 0 absent app 1:A0:00\ncard 1 present");
	free(got);
}

static void text_wraps_hex_when_long(void **state)
{
	uint8_t bytes[27] = { 0 };
	struct qk_uim_get_supported_messages_response r = {
		.has_list = true,
		.list = { bytes, sizeof(bytes) },
	};
	struct text_scope scope = {
		.message = qk_uim_get_supported_messages_method.response,
		.decoded = &r,
	};

	(void)state;
	assert_text(&scope, "{list:hex}",
		    "00:00:00:00:00:00:00:00:00:00:00:00:00:"
		    "00:00:00:00:00:00:00:00:00:00:00:00:00:\n00\n");
	assert_text(&scope, "{list:hex,> }",
		    "> 00:00:00:00:00:00:00:00:00:00:00:00:00:"
		    "00:00:00:00:00:00:00:00:00:00:00:00:00:\n> 00\n");
	assert_text(&scope, "{list:bytes}",
		    "00:00:00:00:00:00:00:00:00:00:00:00:00:"
		    "00:00:00:00:00:00:00:00:00:00:00:00:00:00");
	r.list.size = 0;
	assert_text(&scope, "{list:hex}", "");
	assert_text(&scope, "{list:hex,> }{list:bytes}", "");
	r.list = (struct qk_bytes){ (const uint8_t *)"?_?\0\0", 5 };
	assert_text(&scope, "{list:ascii} {#list}", "?_? 5");
	r.list = (struct qk_bytes){ (const uint8_t *)"a\0b", 3 };
	assert_text(&scope, "{list:ascii}", "61:00:62");
	r.list = (struct qk_bytes){ (const uint8_t *)"a\xff", 2 };
	assert_text(&scope, "{list:ascii}", "61:FF");
}

/* What a string of a modem reads as, by its bytes. */
static void assert_model(const char *bytes, size_t size, const char *expected)
{
	struct qk_dms_get_model_response r = { .has_model = true, .model = { bytes, size } };
	struct text_scope scope = { .message = qk_dms_get_model_method.response, .decoded = &r };

	assert_text(&scope, "{model|unreadable}", expected);
}

static void text_decodes_strings_when_not_utf8(void **state)
{
	(void)state;
	assert_model("EC25", 4, "EC25");
	assert_model("EC25\0\0", 6, "EC25");
	assert_model("a\tb\r\n", 5, "a\tb\r\n");
	assert_model("\xc3\xa9", 2, "\xc3\xa9");
	assert_model("\xe8\x32\x9b\xfd\x06", 5, "hello");
	/* Neither UTF-8 nor GSM 7-bit (an escape to nowhere), but UCS-2. */
	assert_model("\x1b\x00", 2, "\x1b");
	assert_model("\x1b", 1, "unreadable");
	assert_model("", 0, "");
}

static void text_shows_digits_when_filled_up(void **state)
{
	struct qk_nas_get_system_info_response info = {
		.has_lte_system_info_v2 = true,
		.lte_system_info_v2 = { .mcc = "262", .mnc = "01" },
	};
	struct text_scope scope = {
		.message = qk_nas_get_system_info_method.response,
		.decoded = &info,
	};

	(void)state;
	assert_text(&scope, "{lte-system-info-v2.mnc|gone}", "01");
	/* libqmi ignores the whole TLV when one of its texts has no valid start. */
	info.lte_system_info_v2.mnc[0] = 0;
	assert_text(&scope, "{lte-system-info-v2.mnc|gone}", "gone");
}

static void text_shows_fixed_strings_when_filled_up(void **state)
{
	struct qk_nas_get_system_info_response r = {
		.has_hdr_system_info = true,
		.hdr_system_info = { .is_856_system_id = { "abc\xff\xff", 5 } },
	};
	struct text_scope scope = {
		.message = qk_nas_get_system_info_method.response,
		.decoded = &r,
	};

	(void)state;
	assert_text(&scope, "{hdr-system-info.is-856-system-id|gone}", "abc");
	r.hdr_system_info.is_856_system_id.data = "\xff\xff\xff\xff\xff";
	assert_text(&scope, "{hdr-system-info.is-856-system-id|gone}", "gone");
}

static void text_says_missing_when_mandatory_is_absent(void **state)
{
	struct qk_dms_get_model_response r = { .has_result = true };
	const struct qk_message *message = qk_dms_get_model_method.response;

	(void)state;
	assert_string_equal(text_missing(message, &r), "model");
	r.has_model = true;
	r.model = (struct qk_string){ "\x1b", 1 };
	assert_string_equal(text_missing(message, &r), "model");
	r.model = (struct qk_string){ "x", 1 };
	assert_null(text_missing(message, &r));
}

static void check_fails_when_row_is_wrong(void **state)
{
	static const struct text_row wrong[][2] = {
		{ TEXT_LINE("{no-such-field}"), TEXT_END },
		{ TEXT_IF("lte-signal-strength.nothing", "x"), TEXT_END },
		{ TEXT_LINE("{lte-signal-strength}"), TEXT_END },
		{ TEXT_LINE("{gsm-signal-strength:hex}"), TEXT_END },
		{ TEXT_LINE("{gsm-signal-strength:ascii}"), TEXT_END },
		{ TEXT_LINE("{#gsm-signal-strength}"), TEXT_END },
		{ TEXT_LINE("{gsm-signal-strength[]}"), TEXT_END },
		{ TEXT_LINE("{}"), TEXT_END },
		{ TEXT_LINE("{@nobody}"), TEXT_END },
		{ { .when = TEXT_EACH, .path = "gsm-signal-strength", .text = "x" }, TEXT_END },
	};
	struct text_scope scope = { .message = qk_nas_get_signal_info_method.response };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct output error = { 0 };

		if (text_check(&scope, wrong[i], &error) >= 0)
			fail_msg("row %zu passed", i);
		output_done(&error);
	}
}

static void check_command(const struct command_service *service, const struct command *command)
{
	const struct command_course *course = command_course(command);
	const struct qk_method *method = command_method(command);
	const struct qk_message *answer = method ? method->response : NULL;
	struct text_scope scope = { .message =
					    command->told ? command_indication(command) : answer };
	struct output error = { 0 };
	struct text_value value;

	if (!scope.message)
		fail_msg("%s: there is no %s", command->name, command->method);
	if (answer->service != service->id)
		fail_msg("%s is a message of another service", command->name);
	for (const char *const *name = course->needs; name && *name; name++)
		if (text_find(&scope, *name, &value) < 0)
			fail_msg("%s needs '%s', which is no field", command->name, *name);
	if (text_check(&scope, command->text, &error) < 0)
		fail_msg("%s: %s", command->name, error.data);
	scope.message = answer;
	if (text_check(&scope, course->refused, &error) < 0)
		fail_msg("%s: %s", command->name, error.data);
	output_done(&error);
	if (!course->run && (!command->text || !command->failure))
		fail_msg("%s lacks its text", command->name);
}

static void commands_name_defined_fields_when_checked(void **state)
{
	(void)state;
	for (size_t s = 0; command_services[s]; s++) {
		for (const struct command *c = command_services[s]->commands; c->name; c++) {
			if (!c->help || !*c->help)
				fail_msg("%s has no help", c->name);
			if (c->method)
				check_command(command_services[s], c);
		}
	}
}

/* `name` is one of `items`, a list, or (NULL) of the message. */
static void check_request_field(const struct command *command, const char *items, const char *name)
{
	const struct qk_message *message = command_method(command)->request;
	char path[96];

	snprintf(path, sizeof(path), "%s%s%s", items ? items : "", items ? "." : "", name);
	name = path;

	size_t size = strcspn(name, ".");

	for (size_t i = 0; i < message->tlv_count; i++) {
		const struct qk_field *field = &message->tlvs[i].field, *member;
		const char *tlv = qk_field_name(field);
		size_t count;

		if (strncmp(tlv, name, size) || tlv[size])
			continue;
		if (!name[size])
			return;
		member = qk_field_members(field, &count);
		for (; count; count--, member++)
			if (!strcmp(qk_field_name(member), name + size + 1))
				return;
	}
	fail_msg("%s sends '%s', which is no field", command->name, name);
}

static void check_key(const struct command *command, const char *field, const char *name,
		      size_t keep)
{
	if (field)
		check_request_field(command, command_argument(command)->items, field);
	else if (keep + sizeof(struct qk_string) > command_argument(command)->room)
		fail_msg("%s keeps '%s' where there is no room", command->name, name);
}

static void commands_send_defined_fields_when_checked(void **state)
{
	(void)state;
	for (size_t s = 0; command_services[s]; s++) {
		for (const struct command *c = command_services[s]->commands; c->name; c++) {
			const struct command_argument *a = command_argument(c);

			if (c->argument && !a->field && !a->keys && !a->parts && !a->finish &&
			    !command_course(c)->local && !c->setting)
				fail_msg("%s shows an argument and takes none", c->name);
			if (c->argument && !a->shown)
				fail_msg("%s takes an argument and shows none", c->name);
			if (c->setting > SETTING_FLAG && !a->how)
				fail_msg("%s is a number without a range", c->name);
			if (a->items)
				check_request_field(c, NULL, a->items);
			for (const struct command_key *k = a->keys; k && k->key; k++)
				check_key(c, k->field, k->key, k->keep);
			for (const struct command_part *p = a->parts; p && (p->field || p->name);
			     p++)
				check_key(c, p->field, p->name, p->keep);
			if (a->field)
				check_request_field(c, NULL, a->field);
			for (const struct command_preset *p = command_course(c)->presets;
			     p && p->field; p++)
				check_request_field(c, NULL, p->field);
		}
	}
}

static void text_looks_at_bits_when_told_to(void **state)
{
	static const struct text_row rows[] = {
		TEXT_BIT("technology-used", QK_LOC_TECHNOLOGY_USED_WIFI, "wifi "),
		TEXT_BIT("technology-used", QK_LOC_TECHNOLOGY_USED_CELLULAR, "bad "),
		TEXT_BIT_OFF("technology-used", QK_LOC_TECHNOLOGY_USED_WIFI, "bad "),
		TEXT_BIT_OFF("technology-used", QK_LOC_TECHNOLOGY_USED_CELLULAR, "no cells "),
		TEXT_BIT_OFF("sensor-data-usage", 1, "bad "),
		TEXT_EITHER("latitude", "{latitude} ", "bad "),
		TEXT_EITHER("longitude", "bad ", "n/a "),
		TEXT_IF("satellites-used", "{satellites-used[,]} {satellites-used[]}"),
		TEXT_END,
	};
	uint16_t satellites[] = { 3, 7, 65 };
	struct qk_loc_position_report_indication report = {
		.has_technology_used = true,
		.technology_used = QK_LOC_TECHNOLOGY_USED_WIFI | QK_LOC_TECHNOLOGY_USED_SATELLITE,
		.has_latitude = true,
		.latitude = 1.25,
		.has_satellites_used = true,
	};
	const struct text_scope scope = { .message = &qk_loc_position_report_message,
					  .decoded = &report };
	struct output out = { 0 };

	(void)state;
	report.satellites_used.items = satellites;
	report.satellites_used.count = 3;
	text_print(&scope, rows, &out);
	assert_string_equal(out.data, "wifi no cells 1.250000 n/a 3,7,65 3, 7, 65");
	output_done(&out);
}

static void assert_written(const char *text, const char *charset, const char *expected)
{
	struct output out = { 0 };
	char got[64] = "";
	FILE *file = tmpfile();

	assert_non_null(file);
	setenv("CHARSET", charset, 1);
	output_printf(&out, "%s", text);
	assert_int_equal(output_write(&out, file), 0);
	rewind(file);
	assert_int_equal(fread(got, 1, sizeof(got) - 1, file), strlen(expected));
	assert_string_equal(got, expected);
	fclose(file);
	output_done(&out);
	unsetenv("CHARSET");
}

static void output_converts_when_charset_is_not_utf8(void **state)
{
	(void)state;
	assert_written("1\xc2\xba \xe2\x82\xac", "UTF-8", "1\xc2\xba \xe2\x82\xac");
	assert_written("1\xc2\xba \xe2\x82\xac", "ANSI_X3.4-1968", "1? ?");
	assert_written("1\xc2\xba \xe2\x82\xac", "ISO-8859-1", "1\xba ?");
	assert_written("plain", "ANSI_X3.4-1968", "plain");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_formats_numbers_when_told_how),
		cmocka_unit_test(text_skips_rows_when_condition_fails),
		cmocka_unit_test(text_shows_cells_when_they_have_neighbours),
		cmocka_unit_test(text_names_values_when_known),
		cmocka_unit_test(text_joins_flags_when_some_are_set),
		cmocka_unit_test(text_loops_when_list_has_structs),
		cmocka_unit_test(text_wraps_hex_when_long),
		cmocka_unit_test(text_decodes_strings_when_not_utf8),
		cmocka_unit_test(text_shows_digits_when_filled_up),
		cmocka_unit_test(text_shows_fixed_strings_when_filled_up),
		cmocka_unit_test(text_says_missing_when_mandatory_is_absent),
		cmocka_unit_test(check_fails_when_row_is_wrong),
		cmocka_unit_test(text_looks_at_bits_when_told_to),
		cmocka_unit_test(commands_name_defined_fields_when_checked),
		cmocka_unit_test(commands_send_defined_fields_when_checked),
		cmocka_unit_test(output_converts_when_charset_is_not_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
