/*
 * AT config: AT+QCFG, and where unsolicited results go (see at-modem.h). Sources: a real AT+QCFG=? of
 * EG25 [S], the public AT manual [M].
 */
#include "at-modem.h"

#include <stdio.h>
#include <string.h>

#include "at-named.h"
#include "modem.h"
#include "radio.h"
#include "usb-config.h"

/* Takes effect for good unless the second argument says after the restart: it never does so here. */
static int select_radio(struct qk_at_call *call, const struct qk_sim_selection *selection)
{
	return qk_sim_radio_select(call->state, selection, true) < 0 ? QK_AT_ERROR : QK_AT_OK;
}

static bool is_read(const struct qk_at_call *call)
{
	return call->parsed->arg_count == 1;
}

/* A number of a row that stands for a value of the model. */
struct choice {
	uint32_t number, value;
};

static const struct choice modes[] = {
	{ 0, QK_SIM_RAT_ALL }, { 1, QK_SIM_RAT_GSM },  { 2, QK_SIM_RAT_UMTS },
	{ 3, QK_SIM_RAT_LTE }, { 5, QK_SIM_RAT_UMTS },
};

static const struct choice domains[] = {
	{ 0, QK_SIM_DOMAIN_CS },
	{ 1, QK_SIM_DOMAIN_PS },
	{ 2, QK_SIM_DOMAIN_CS_PS },
};

static const struct choice roamings[] = {
	{ 255, QK_SIM_ROAMING_ANY },
	{ 1, QK_SIM_ROAMING_OFF },
	{ 2, QK_SIM_ROAMING_ANY },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int say_choice(struct qk_at_call *call, const struct choice *choices, size_t count,
		      uint32_t value)
{
	char name[32];

	if (qk_at_arg_text(call->parsed, 0, name, sizeof(name)) < 0)
		return QK_AT_ERROR;
	for (size_t i = 0; i < count; i++) {
		if (choices[i].value != value)
			continue;
		qk_at_say(call, "+QCFG: \"%s\",%u", name, choices[i].number);
		return QK_AT_OK;
	}
	/* what QMI has set and this command has no number for */
	qk_at_say(call, "+QCFG: \"%s\",0", name);
	return QK_AT_OK;
}

/* The second argument, `effect`, is 0 or 1. */
static bool take_choice(const struct qk_at_call *call, const struct choice *choices, size_t count,
			uint32_t *ret)
{
	uint32_t number = UINT32_MAX, effect = 1;

	if (call->parsed->arg_count > 3 || qk_at_arg_number(call->parsed, 1, 0, 255, &number) < 0 ||
	    qk_at_arg_number(call->parsed, 2, 0, 1, &effect) < 0)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (choices[i].number == number) {
			*ret = choices[i].value;
			return true;
		}
	}
	return false;
}

static int scan_mode(struct qk_at_call *call)
{
	struct qk_sim_selection selection = call->state->radio.selection;

	if (is_read(call))
		return say_choice(call, modes, COUNT(modes), selection.rats);
	if (!take_choice(call, modes, COUNT(modes), &selection.rats))
		return QK_AT_ERROR;
	return select_radio(call, &selection);
}

static int service_domain(struct qk_at_call *call)
{
	struct qk_sim_selection selection = call->state->radio.selection;
	uint32_t domain = selection.domain;

	if (is_read(call))
		return say_choice(call, domains, COUNT(domains), domain);
	if (!take_choice(call, domains, COUNT(domains), &domain))
		return QK_AT_ERROR;
	selection.domain = (uint8_t)domain;
	return select_radio(call, &selection);
}

static int roaming_service(struct qk_at_call *call)
{
	struct qk_sim_selection selection = call->state->radio.selection;
	uint32_t roaming = selection.roaming;

	if (is_read(call))
		return say_choice(call, roamings, COUNT(roamings), roaming);
	if (!take_choice(call, roamings, COUNT(roamings), &roaming))
		return QK_AT_ERROR;
	selection.roaming = (uint8_t)roaming;
	return select_radio(call, &selection);
}

/* The radio interfaces in the order in which they are tried, two digits each. */
static const struct choice sequence[] = {
	{ 1, QK_SIM_RAT_GSM },
	{ 3, QK_SIM_RAT_UMTS },
	{ 4, QK_SIM_RAT_LTE },
};

static int read_sequence(struct qk_at_call *call)
{
	const struct qk_sim_selection *selection = &call->state->radio.selection;
	char text[8] = "";
	size_t used = 0;

	for (size_t i = 0; i < COUNT(selection->order); i++)
		for (size_t k = 0; k < COUNT(sequence); k++)
			if (selection->order[i] && sequence[k].value == selection->order[i])
				used += (size_t)snprintf(text + used, sizeof(text) - used, "%02u",
							 sequence[k].number);
	qk_at_say(call, "+QCFG: \"nwscanseq\",%s", used ? text : "00");
	return QK_AT_OK;
}

static int scan_sequence(struct qk_at_call *call)
{
	struct qk_sim_selection selection = call->state->radio.selection;
	static const uint32_t automatic[] = { QK_SIM_RAT_LTE, QK_SIM_RAT_UMTS, QK_SIM_RAT_GSM };
	size_t used = 0;
	char text[16];

	if (is_read(call))
		return read_sequence(call);
	if (call->parsed->arg_count > 3 || qk_at_arg_text(call->parsed, 1, text, sizeof(text)) < 0)
		return QK_AT_ERROR;
	if (!strcmp(text, "0") || !strcmp(text, "00")) {
		memcpy(selection.order, automatic, sizeof(selection.order));
		return select_radio(call, &selection);
	}
	memset(selection.order, 0, sizeof(selection.order));
	for (size_t i = 0; text[i]; i += 2) {
		size_t k = 0;
		while (k < COUNT(sequence) &&
		       (text[i] != '0' || text[i + 1] != (char)('0' + (int)sequence[k].number)))
			k++;
		if (k == COUNT(sequence) || used == COUNT(selection.order))
			return QK_AT_ERROR;
		selection.order[used++] = sequence[k].value;
	}
	return used ? select_radio(call, &selection) : QK_AT_ERROR;
}

/* Quectel's bits of GSM and UMTS bands, and those of QMI. */
static const struct {
	uint64_t quectel, qmi;
} bands[] = {
	{ 0x1, UINT64_C(0x300) },            /* GSM 900: E-GSM and P-GSM */
	{ 0x2, UINT64_C(0x80) },             /* GSM 1800 */
	{ 0x4, UINT64_C(0x80000) },          /* GSM 850 */
	{ 0x8, UINT64_C(0x200000) },         /* GSM 1900 */
	{ 0x10, UINT64_C(0x400000) },        /* WCDMA 2100 */
	{ 0x20, UINT64_C(0x800000) },        /* WCDMA 1900 */
	{ 0x40, UINT64_C(0x4000000) },       /* WCDMA 850 */
	{ 0x80, UINT64_C(0x2000000000000) }, /* WCDMA 900 */
};

static int read_bands(struct qk_at_call *call)
{
	const struct qk_sim_selection *selection = &call->state->radio.selection;
	uint64_t mask = 0;

	for (size_t i = 0; i < COUNT(bands); i++)
		if (selection->bands & bands[i].qmi)
			mask |= bands[i].quectel;
	qk_at_say(call, "+QCFG: \"band\",0x%llx,0x%llx,0x0",
		  (unsigned long long)(mask & call->sim->profile->at.bands),
		  (unsigned long long)selection->lte_bands);
	return QK_AT_OK;
}

/* 0 leaves a field as it is. */
static int set_bands(struct qk_at_call *call)
{
	const struct qk_sim_capabilities *able = &call->sim->profile->capabilities;
	struct qk_sim_selection selection = call->state->radio.selection;
	uint64_t mask = 0, lte = 0, tds = 0, fresh = 0;

	if (is_read(call))
		return read_bands(call);
	if (call->parsed->arg_count > 5 || qk_at_arg_hex(call->parsed, 1, &mask) < 0 ||
	    qk_at_arg_hex(call->parsed, 2, &lte) < 0 ||
	    (qk_at_has_arg(call->parsed, 3) && qk_at_arg_hex(call->parsed, 3, &tds) < 0))
		return QK_AT_ERROR;
	for (size_t i = 0; i < COUNT(bands); i++)
		if (mask & bands[i].quectel)
			fresh |= bands[i].qmi;
	if (mask)
		selection.bands = fresh & able->bands;
	if (lte)
		selection.lte_bands = lte & able->lte_bands;
	if ((mask && !selection.bands) || (lte && !selection.lte_bands))
		return QK_AT_ERROR;
	return select_radio(call, &selection);
}

static int usb_network(struct qk_at_call *call)
{
	uint32_t mode = QK_SIM_USBNET_COUNT;

	if (is_read(call)) {
		qk_at_say(call, "+QCFG: \"usbnet\",%u", call->state->usb.stored.usbnet);
		return QK_AT_OK;
	}
	if (call->parsed->arg_count > 2 ||
	    qk_at_arg_number(call->parsed, 1, 0, QK_SIM_USBNET_COUNT - 1, &mode) < 0)
		return QK_AT_ERROR;
	return qk_sim_usb_set_network(call->state, mode) < 0 ? QK_AT_ERROR : QK_AT_OK;
}

static int read_usb(struct qk_at_call *call)
{
	const struct qk_sim_usb_config *usb = &call->state->usb.stored;

	qk_at_say(call, "+QCFG: \"usbcfg\",0x%X,0x%X,%d,%d,%d,%d,%d,%d,%d", usb->vendor,
		  usb->product, usb->diag, usb->nmea, usb->at, usb->modem, usb->network, usb->adb,
		  usb->audio);
	return QK_AT_OK;
}

static int usb_functions(struct qk_at_call *call)
{
	struct qk_sim_usb_config usb = call->state->usb.stored;
	bool *const functions[] = { &usb.diag,    &usb.nmea, &usb.at,   &usb.modem,
				    &usb.network, &usb.adb,  &usb.audio };
	uint64_t vendor = 0, product = 0;

	if (is_read(call))
		return read_usb(call);
	if (call->parsed->arg_count > 3 + COUNT(functions) ||
	    qk_at_arg_hex(call->parsed, 1, &vendor) < 0 ||
	    qk_at_arg_hex(call->parsed, 2, &product) < 0 || vendor > UINT16_MAX ||
	    product > UINT16_MAX)
		return QK_AT_ERROR;
	for (size_t i = 0; i < COUNT(functions); i++) {
		uint32_t on = *functions[i];
		if (qk_at_arg_number(call->parsed, i + 3, 0, 1, &on) < 0)
			return QK_AT_ERROR;
		*functions[i] = on;
	}
	usb.vendor = (uint16_t)vendor;
	usb.product = (uint16_t)product;
	return qk_sim_usb_set_functions(call->state, &usb) < 0 ? QK_AT_ERROR : QK_AT_OK;
}

/* The second value: whether VoLTE is there. It is not. */
static int ims(struct qk_at_call *call)
{
	uint32_t mode = 3;

	if (is_read(call)) {
		qk_at_say(call, "+QCFG: \"ims\",%u,0", qk_at_get(call->port, QK_AT_SET_IMS));
		return QK_AT_OK;
	}
	if (call->parsed->arg_count > 2 || qk_at_arg_number(call->parsed, 1, 0, 2, &mode) < 0 ||
	    mode == 3)
		return QK_AT_ERROR;
	qk_at_put_setting(call->port, QK_AT_SET_IMS, mode);
	return QK_AT_OK;
}

/* That of WDS [U]. */
static int keep_connected(struct qk_at_call *call)
{
	const struct qk_sim_autoconnect *autoconnect = &call->state->bearers.autoconnect;
	uint32_t on = autoconnect->setting != QK_SIM_AUTOCONNECT_OFF;

	if (is_read(call)) {
		qk_at_say(call, "+QCFG: \"qcautoconnect\",%u", on);
		return QK_AT_OK;
	}
	if (call->parsed->arg_count > 2 || qk_at_arg_number(call->parsed, 1, 0, 1, &on) < 0)
		return QK_AT_ERROR;
	qk_sim_autoconnect_set(call->state, on ? QK_SIM_AUTOCONNECT_ON : QK_SIM_AUTOCONNECT_OFF,
			       autoconnect->home_only);
	return QK_AT_OK;
}

static const char *const ring_signals[] = { "respective", "physical", NULL };

static const struct qk_at_named rows[] = {
	{ .name = "nwscanmode", .fn = scan_mode, .test = "(0-8),(0,1)" },
	{ .name = "nwscanseq", .fn = scan_sequence, .test = "(00,01,02,03,04,05),(0,1)" },
	{ .name = "servicedomain", .fn = service_domain, .test = "(0-2),(0,1)" },
	{ .name = "roamservice", .fn = roaming_service, .test = "(1,2,255),(0,1)" },
	{ .name = "band",
	  .fn = set_bands,
	  .test = "<gsm/wcdma band value>,<lte band value>,<tds band value>,(0,1)" },
	{ .name = "usbnet", .fn = usb_network, .test = "(0-3)" },
	{ .name = "usbcfg",
	  .fn = usb_functions,
	  .test = "<vid>,<pid>,(0,1),(0,1),(0,1),(0,1),(0,1),(0,1),(0,1)" },
	{ .name = "ims", .fn = ims, .test = "(0-2)" },
	{ .name = "risignaltype",
	  .settings = { QK_AT_SET_RI_SIGNAL },
	  .setting_count = 1,
	  .words = ring_signals },
	{ .name = "urc/delay", .settings = { QK_AT_SET_URC_DELAY }, .setting_count = 1 },
	{ .name = "airplanecontrol", .settings = { QK_AT_SET_AIRPLANE }, .setting_count = 1 },
	{ .name = "fast/poweroff", .settings = { QK_AT_SET_FAST_POWEROFF }, .setting_count = 1 },
	{ .name = "qcautoconnect", .fn = keep_connected, .test = "(0,1)" },
	{ .name = "rssi", .settings = { QK_AT_SET_RSSI }, .setting_count = 1 },
};

static int configure(struct qk_at_call *call)
{
	return qk_at_named_set(call, rows, COUNT(rows));
}

static int test_configuration(struct qk_at_call *call)
{
	return qk_at_named_test(call, rows, COUNT(rows));
}

static const char *const urc_ports[] = { "usbat", "usbmodem", "uart1", "all", NULL };

static const struct qk_at_named urc_rows[] = {
	{ .name = "urcport",
	  .settings = { QK_AT_SET_URC_PORT },
	  .setting_count = 1,
	  .words = urc_ports },
};

static int configure_urcs(struct qk_at_call *call)
{
	return qk_at_named_set(call, urc_rows, COUNT(urc_rows));
}

static int test_urcs(struct qk_at_call *call)
{
	return qk_at_named_test(call, urc_rows, COUNT(urc_rows));
}

/* +QINDCFG's third argument says whether to keep it; all are kept. */
static const struct {
	const char *name;
	uint8_t setting;
} indications[] = {
	{ "all", QK_AT_SET_IND_ALL },         { "csq", QK_AT_SET_IND_CSQ },
	{ "smsfull", QK_AT_SET_IND_SMSFULL }, { "ring", QK_AT_SET_IND_RING },
	{ "smsincoming", QK_AT_SET_IND_SMS }, { "act", QK_AT_SET_IND_ACT },
	{ "ccinfo", QK_AT_SET_IND_CCINFO },
};

static int configure_indications(struct qk_at_call *call)
{
	uint32_t on = 2, save = 0;

	if (call->parsed->arg_count > 3 || qk_at_arg_number(call->parsed, 1, 0, 1, &on) < 0 ||
	    qk_at_arg_number(call->parsed, 2, 0, 1, &save) < 0)
		return QK_AT_ERROR;
	for (size_t i = 0; i < COUNT(indications); i++) {
		if (!qk_at_arg_is(call->parsed, 0, indications[i].name))
			continue;
		if (on == 2)
			qk_at_say(call, "+QINDCFG: \"%s\",%u", indications[i].name,
				  qk_at_get(call->port, indications[i].setting));
		else
			qk_at_put_setting(call->port, indications[i].setting, on);
		return QK_AT_OK;
	}
	return QK_AT_ERROR;
}

static const struct qk_at_command commands[] = {
	{ .name = "+QCFG",
	  .flags = QK_AT_IS_LINUX,
	  .set = configure,
	  .test_fn = test_configuration },
	{ .name = "+QURCCFG", .set = configure_urcs, .test_fn = test_urcs },
	{ .name = "+QINDCFG",
	  .set = configure_indications,
	  .test = "(\"all\",\"csq\",\"smsfull\",\"ring\",\"smsincoming\",\"act\",\"ccinfo\"),(0,1),"
		  "(0,1)" },
};

const struct qk_at_table qk_at_config_table = { commands, COUNT(commands) };
