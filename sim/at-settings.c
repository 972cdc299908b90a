/*
 * AT settings: numbers that are set and read back, what the modem is delivered with and what it keeps
 * over a restart; the commands of the line itself (see at-modem.h).
 */
#include "at-modem.h"

#include <stdio.h>
#include <string.h>

/* Kept as soon as it is set; the others are by AT&W. */
#define KEPT true

struct definition {
	uint32_t min, max, factory;
	bool kept;
};

/* Ranges from the published manual [M], defaults as far as seen [S, M]. */
static const struct definition definitions[QK_AT_SETTINGS] = {
	[QK_AT_SET_ECHO] = { 0, 1, 1, false },
	[QK_AT_SET_VERBOSE] = { 0, 1, 1, false },
	[QK_AT_SET_QUIET] = { 0, 1, 0, false },
	[QK_AT_SET_X] = { 0, 4, 4, false },
	[QK_AT_SET_DCD] = { 0, 1, 1, false },
	[QK_AT_SET_DTR] = { 0, 2, 2, false },
	[QK_AT_SET_S3] = { 0, 127, '\r', false },
	[QK_AT_SET_S4] = { 0, 127, '\n', false },
	[QK_AT_SET_S5] = { 0, 127, '\b', false },
	[QK_AT_SET_CMEE] = { 0, 2, 1, false },
	[QK_AT_SET_S0] = { 0, 255, 0, false },
	[QK_AT_SET_S7] = { 0, 255, 0, false },
	[QK_AT_SET_CREG] = { 0, 2, 0, false },
	[QK_AT_SET_CGREG] = { 0, 2, 0, false },
	[QK_AT_SET_CEREG] = { 0, 2, 0, false },
	[QK_AT_SET_COPS_FORMAT] = { 0, 2, 0, false },
	[QK_AT_SET_CTZU] = { 0, 3, 0, KEPT },
	[QK_AT_SET_CTZR] = { 0, 2, 0, KEPT },
	[QK_AT_SET_CGEREP_MODE] = { 0, 2, 0, false },
	[QK_AT_SET_CGEREP_BUFFER] = { 0, 1, 0, false },
	[QK_AT_SET_CMGF] = { 0, 1, 0, false },
	[QK_AT_SET_CSDH] = { 0, 1, 0, false },
	[QK_AT_SET_CSMS] = { 0, 1, 0, false },
	[QK_AT_SET_CNMI_MODE] = { 0, 2, 2, false },
	[QK_AT_SET_CNMI_MT] = { 0, 3, 1, false },
	[QK_AT_SET_CNMI_BM] = { 0, 3, 0, false },
	[QK_AT_SET_CNMI_DS] = { 0, 2, 0, false },
	[QK_AT_SET_CNMI_BUFFER] = { 0, 1, 0, false },
	[QK_AT_SET_CSMP_FO] = { 0, 255, 17, false },
	[QK_AT_SET_CSMP_VP] = { 0, 255, 167, false },
	[QK_AT_SET_CSMP_PID] = { 0, 255, 0, false },
	[QK_AT_SET_CSMP_DCS] = { 0, 255, 0, false },
	[QK_AT_SET_CSCS] = { 0, 2, 0, false },
	[QK_AT_SET_CPBS] = { 0, 2, 0, false },
	[QK_AT_SET_CPMS_READ] = { 0, 3, 0, KEPT },
	[QK_AT_SET_CPMS_WRITE] = { 0, 2, 0, KEPT },
	[QK_AT_SET_CPMS_RECEIVE] = { 0, 2, 0, KEPT },
	[QK_AT_SET_CMMS] = { 0, 2, 0, false },
	[QK_AT_SET_CLIP] = { 0, 1, 0, false },
	[QK_AT_SET_CLIR] = { 0, 2, 0, false },
	[QK_AT_SET_COLP] = { 0, 1, 0, false },
	[QK_AT_SET_CRC] = { 0, 1, 0, false },
	[QK_AT_SET_CCWA] = { 0, 1, 0, false },
	[QK_AT_SET_WAITING] = { 0, 1, 1, KEPT },
	[QK_AT_SET_CSSI] = { 0, 1, 0, false },
	[QK_AT_SET_CSSU] = { 0, 1, 0, false },
	[QK_AT_SET_CUSD] = { 0, 1, 0, false },
	[QK_AT_SET_CVHU] = { 0, 1, 0, false },
	[QK_AT_SET_CMUT] = { 0, 1, 0, false },
	[QK_AT_SET_CLVL] = { 0, 5, 3, KEPT },
	[QK_AT_SET_QPCMV] = { 0, 1, 0, false },
	[QK_AT_SET_QPCMV_PORT] = { 0, 2, 2, false },
	[QK_AT_SET_QSIMSTAT] = { 0, 1, 0, KEPT },
	[QK_AT_SET_QSIMDET] = { 0, 1, 0, KEPT },
	[QK_AT_SET_QSIMDET_LEVEL] = { 0, 1, 0, KEPT },
	[QK_AT_SET_URC_PORT] = { 0, 3, 0, KEPT },
	[QK_AT_SET_IND_ALL] = { 0, 1, 1, KEPT },
	[QK_AT_SET_IND_CSQ] = { 0, 1, 0, KEPT },
	[QK_AT_SET_IND_SMSFULL] = { 0, 1, 0, KEPT },
	[QK_AT_SET_IND_RING] = { 0, 1, 1, KEPT },
	[QK_AT_SET_IND_SMS] = { 0, 1, 1, KEPT },
	[QK_AT_SET_IND_ACT] = { 0, 1, 0, KEPT },
	[QK_AT_SET_IND_CCINFO] = { 0, 1, 0, KEPT },
	[QK_AT_SET_QGPS_OUTPORT] = { 0, 2, 1, KEPT },
	[QK_AT_SET_QGPS_NMEASRC] = { 0, 1, 0, KEPT },
	[QK_AT_SET_QGPS_GPSTYPE] = { 0, 31, 31, KEPT },
	[QK_AT_SET_QGPS_GLONASSTYPE] = { 0, 7, 0, KEPT },
	[QK_AT_SET_QGPS_GALILEOTYPE] = { 0, 1, 0, KEPT },
	[QK_AT_SET_QGPS_BEIDOUTYPE] = { 0, 7, 0, KEPT },
	[QK_AT_SET_QGPS_GSVEXT] = { 0, 1, 0, KEPT },
	[QK_AT_SET_QGPS_GNSSCONFIG] = { 0, 7, 1, KEPT },
	[QK_AT_SET_QGPS_AUTO] = { 0, 1, 0, KEPT },
	[QK_AT_SET_QGPSXTRA] = { 0, 1, 0, KEPT },
	[QK_AT_SET_IPR] = { 0, 4000000, 115200, false },
	[QK_AT_SET_ICF_FORMAT] = { 3, 3, 3, false },
	[QK_AT_SET_ICF_PARITY] = { 0, 3, 3, false },
	[QK_AT_SET_IFC_TE] = { 0, 2, 0, false },
	[QK_AT_SET_IFC_TA] = { 0, 2, 0, false },
	[QK_AT_SET_IMS] = { 0, 2, 0, KEPT },
	[QK_AT_SET_AIRPLANE] = { 0, 1, 0, KEPT },
	[QK_AT_SET_FAST_POWEROFF] = { 0, 1, 0, KEPT },
	[QK_AT_SET_RSSI] = { 0, 31, 0, KEPT },
	[QK_AT_SET_URC_DELAY] = { 0, 1, 0, KEPT },
	[QK_AT_SET_RI_SIGNAL] = { 0, 1, 0, KEPT },
	[QK_AT_SET_MBN_AUTO] = { 0, 1, 1, KEPT },
	[QK_AT_SET_QSCLK] = { 0, 2, 0, false },
};

static bool is_of_port(uint32_t setting)
{
	return setting < QK_AT_PORT_SETTINGS;
}

void qk_at_settings_factory(struct qk_at *at)
{
	for (size_t i = 0; i < QK_AT_SETTINGS; i++)
		at->settings[i] = at->stored[i] = definitions[i].factory;
}

void qk_at_settings_restore(struct qk_at *at)
{
	memcpy(at->settings, at->stored, sizeof(at->settings));
	for (struct qk_at_port *port = at->ports; port; port = port->next)
		qk_at_port_settings_restore(port);
}

void qk_at_port_settings_restore(struct qk_at_port *port)
{
	memcpy(port->settings, port->at->stored, sizeof(port->settings));
}

uint32_t qk_at_get(const struct qk_at_port *port, enum qk_at_setting setting)
{
	return is_of_port(setting) ? port->settings[setting] : port->at->settings[setting];
}

void qk_at_put_setting(struct qk_at_port *port, enum qk_at_setting setting, uint32_t value)
{
	if (is_of_port(setting))
		port->settings[setting] = value;
	else
		port->at->settings[setting] = value;
	if (definitions[setting].kept)
		port->at->stored[setting] = value;
}

void qk_at_setting_range(enum qk_at_setting setting, uint32_t *ret_min, uint32_t *ret_max)
{
	*ret_min = definitions[setting].min;
	*ret_max = definitions[setting].max;
}

int qk_at_settings_read(struct qk_at_call *call)
{
	const struct qk_at_command *command = call->command;
	char text[64];
	size_t size = 0;

	for (size_t i = 0; i < command->setting_count; i++) {
		uint32_t value = qk_at_get(call->port, command->settings[i]);
		int n = snprintf(text + size, sizeof(text) - size, "%s%u", i ? "," : "", value);
		size += n > 0 ? (size_t)n : 0;
	}
	qk_at_say(call, "%s: %s", command->name, text);
	return QK_AT_OK;
}

/* All or nothing: what is omitted stays; more than there are settings is an error. */
int qk_at_settings_set(struct qk_at_call *call)
{
	const struct qk_at_command *command = call->command;
	uint32_t values[sizeof(command->settings)];

	if (call->parsed->arg_count > command->setting_count)
		return QK_AT_ERROR;
	for (size_t i = 0; i < command->setting_count; i++) {
		const struct definition *definition = &definitions[command->settings[i]];
		values[i] = qk_at_get(call->port, command->settings[i]);
		if (qk_at_arg_number(call->parsed, i, definition->min, definition->max,
				     &values[i]) < 0)
			return QK_AT_ERROR;
	}
	for (size_t i = 0; i < command->setting_count; i++)
		qk_at_put_setting(call->port, command->settings[i], values[i]);
	return QK_AT_OK;
}

int qk_at_settings_test(struct qk_at_call *call)
{
	const struct qk_at_command *command = call->command;
	char text[128];
	size_t size = 0;

	for (size_t i = 0; i < command->setting_count; i++) {
		const struct definition *definition = &definitions[command->settings[i]];
		/* two values are listed, more are a range */
		char between = definition->max - definition->min == 1 ? ',' : '-';
		int n = definition->max == definition->min
				? snprintf(text + size, sizeof(text) - size, "%s(%u)", i ? "," : "",
					   definition->min)
				: snprintf(text + size, sizeof(text) - size, "%s(%u%c%u)",
					   i ? "," : "", definition->min, between, definition->max);
		size += n > 0 ? (size_t)n : 0;
	}
	qk_at_say(call, "%s: %s", command->name, text);
	return QK_AT_OK;
}

/* A basic command: without a number it is 0 [V.250]. */
static int set_basic(struct qk_at_call *call)
{
	uint32_t setting = call->command->settings[0], value = 0;

	if (qk_at_arg_number(call->parsed, 0, definitions[setting].min, definitions[setting].max,
			     &value) < 0)
		return QK_AT_ERROR;
	qk_at_put_setting(call->port, setting, value);
	return QK_AT_OK;
}

/* The registers that are not numbers of this table take any value and forget it [C]. */
static const struct {
	uint32_t number;
	uint8_t setting;
} registers[] = {
	{ 0, QK_AT_SET_S0 }, { 3, QK_AT_SET_S3 }, { 4, QK_AT_SET_S4 },
	{ 5, QK_AT_SET_S5 }, { 7, QK_AT_SET_S7 },
};

static int do_register(struct qk_at_call *call)
{
	uint32_t value = 0;
	bool is_set = call->parsed->form == QK_AT_SET;

	for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++) {
		uint8_t setting = registers[i].setting;
		if (call->parsed->args[0].number != registers[i].number)
			continue;
		if (!is_set) {
			qk_at_say(call, "%03u", qk_at_get(call->port, setting));
			return QK_AT_OK;
		}
		if (qk_at_arg_number(call->parsed, 1, definitions[setting].min,
				     definitions[setting].max, &value) < 0)
			return QK_AT_ERROR;
		qk_at_put_setting(call->port, setting, value);
		return QK_AT_OK;
	}
	if (call->parsed->args[0].kind != QK_AT_NUMBER || call->parsed->args[0].number > 31)
		return QK_AT_ERROR;
	if (!is_set)
		qk_at_say(call, "000");
	return qk_at_arg_number(call->parsed, 1, 0, 255, &value) < 0 ? QK_AT_ERROR : QK_AT_OK;
}

/* AT&F and ATZ. The settings that are kept as they are set are no part of a profile. */
static int load_profile(struct qk_at_call *call, bool factory)
{
	for (uint32_t i = 0; i < QK_AT_SETTINGS; i++)
		if (!definitions[i].kept)
			qk_at_put_setting(call->port, i,
					  factory ? definitions[i].factory : call->at->stored[i]);
	return QK_AT_OK;
}

static int factory_profile(struct qk_at_call *call)
{
	return load_profile(call, true);
}

static int stored_profile(struct qk_at_call *call)
{
	return load_profile(call, false);
}

static int store_profile(struct qk_at_call *call)
{
	for (uint32_t i = 0; i < QK_AT_SETTINGS; i++)
		call->at->stored[i] = qk_at_get(call->port, i);
	return QK_AT_OK;
}

static int view_profile(struct qk_at_call *call)
{
	const struct qk_at_port *port = call->port;

	qk_at_say(call, "&C: %u", qk_at_get(port, QK_AT_SET_DCD));
	qk_at_say(call, "&D: %u", qk_at_get(port, QK_AT_SET_DTR));
	qk_at_say(call, "E: %u", qk_at_get(port, QK_AT_SET_ECHO));
	qk_at_say(call, "Q: %u", qk_at_get(port, QK_AT_SET_QUIET));
	qk_at_say(call, "V: %u", qk_at_get(port, QK_AT_SET_VERBOSE));
	qk_at_say(call, "X: %u", qk_at_get(port, QK_AT_SET_X));
	return QK_AT_OK;
}

/* Accepted for those who still send them; a USB port has nothing to do for them. */
static int accept(struct qk_at_call *call)
{
	uint32_t value = 0;

	return qk_at_arg_number(call->parsed, 0, 0, 255, &value) < 0 ? QK_AT_ERROR : QK_AT_OK;
}

static void say_name(void *userdata, const struct qk_at_command *command)
{
	qk_at_say(userdata, "%s", command->name);
}

static int list_commands(struct qk_at_call *call)
{
	qk_at_each_command(say_name, call);
	return QK_AT_OK;
}

/* clang-format off */
#define BASIC(letter, setting) \
	{ .name = letter, .set = set_basic, .execute = set_basic, .settings = { setting } }
#define ACCEPTED(letter) { .name = letter, .set = accept, .execute = accept }
/* clang-format on */

static const struct qk_at_command commands[] = {
	BASIC("E", QK_AT_SET_ECHO),
	BASIC("V", QK_AT_SET_VERBOSE),
	BASIC("Q", QK_AT_SET_QUIET),
	BASIC("X", QK_AT_SET_X),
	BASIC("&C", QK_AT_SET_DCD),
	BASIC("&D", QK_AT_SET_DTR),
	ACCEPTED("&K"),
	ACCEPTED("&S"),
	ACCEPTED("L"),
	ACCEPTED("M"),
	ACCEPTED("P"),
	ACCEPTED("T"),
	{ .name = "S", .read = do_register, .set = do_register },
	{ .name = "&F", .set = factory_profile, .execute = factory_profile },
	{ .name = "Z", .set = stored_profile, .execute = stored_profile },
	{ .name = "&W", .set = store_profile, .execute = store_profile },
	{ .name = "&V", .set = view_profile, .execute = view_profile },
	{ .name = "+CMEE", .settings = { QK_AT_SET_CMEE }, .setting_count = 1 },
	{ .name = "+IPR",
	  .settings = { QK_AT_SET_IPR },
	  .setting_count = 1,
	  .test = "(4800,9600,19200,38400,57600,115200,230400,460800,921600),"
		  "(4800,9600,19200,38400,57600,115200,230400,460800,921600)" },
	{ .name = "+ICF",
	  .settings = { QK_AT_SET_ICF_FORMAT, QK_AT_SET_ICF_PARITY },
	  .setting_count = 2 },
	{ .name = "+IFC", .settings = { QK_AT_SET_IFC_TE, QK_AT_SET_IFC_TA }, .setting_count = 2 },
	{ .name = "+CLAC", .execute = list_commands, .test = "" },
};

const struct qk_at_table qk_at_line_table = { commands, sizeof(commands) / sizeof(commands[0]) };
