/*
 * Control, USB: the gadget of the modem's own Linux, as its /sys/class/android_usb/android0 shows it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "control-table.h"

struct gadget {
	char file[32], text[128];
};

static const struct qk_sim_member gadget_members[] = {
	{ "file", TEXT, QK_CONTROL_AT(gadget, file) },
	{ "text", TEXT, QK_CONTROL_AT(gadget, text) },
};

static int refuse_off(struct qk_control_call *call)
{
	return qk_control_refuse(call, "the modem's Linux does not run");
}

static bool runs(const struct qk_control_call *call)
{
	return call->state->booted & QK_SIM_BOOTED_BUS;
}

static json_t *hex(uint16_t number)
{
	char text[8];

	snprintf(text, sizeof(text), "%04x", number);
	return json_string(text);
}

static json_t *enable(const struct qk_sim_state *state)
{
	return json_string(qk_sim_usb_is_enabled(state) ? "1" : "0");
}

static json_t *functions(const struct qk_sim_state *state)
{
	char list[QK_SIM_USB_LIST_SIZE];

	qk_sim_usb_list(state, list);
	return json_string(list);
}

/* A host has configured it, or nobody has. */
static json_t *connection(const struct qk_sim_state *state)
{
	return json_string(qk_sim_usb_guise(state) == QK_SIM_GUISE_MODEM ? "CONFIGURED"
									 : "DISCONNECTED");
}

static json_t *vendor(const struct qk_sim_state *state)
{
	return hex(state->usb.active.vendor);
}

static json_t *product(const struct qk_sim_state *state)
{
	return hex(state->usb.active.product);
}

static json_t *release(const struct qk_sim_state *state)
{
	return hex(state->profile->usb.release);
}

static json_t *manufacturer(const struct qk_sim_state *state)
{
	return json_string(state->profile->usb.manufacturer);
}

static json_t *product_name(const struct qk_sim_state *state)
{
	return json_string(state->profile->usb.product_name);
}

/* Three ports, each on a channel of the modem's processor [C]. */
static json_t *transports(const struct qk_sim_state *state)
{
	(void)state;
	return json_string("smd,smd,smd");
}

static int write_enable(struct qk_sim_state *state, const char *text)
{
	if (strcmp(text, "0") != 0 && strcmp(text, "1") != 0)
		return -EINVAL;
	qk_sim_usb_enable(state, *text == '1');
	return 0;
}

static int write_functions(struct qk_sim_state *state, const char *text)
{
	return qk_sim_usb_set_list(state, text);
}

/* The files, what they hold, and what writing them does (NULL: nothing may be written). */
static const struct {
	const char *name;
	json_t *(*read)(const struct qk_sim_state *state);
	int (*write)(struct qk_sim_state *state, const char *text);
} files[] = {
	{ "enable", enable, write_enable },
	{ "functions", functions, write_functions },
	{ "state", connection, NULL },
	{ "idVendor", vendor, NULL },
	{ "idProduct", product, NULL },
	{ "bcdDevice", release, NULL },
	{ "iManufacturer", manufacturer, NULL },
	{ "iProduct", product_name, NULL },
	{ "f_serial/transports", transports, NULL },
};

static int show(struct qk_control_call *call)
{
	json_t *object = json_object();

	for (size_t i = 0; i < QK_CONTROL_COUNT(files); i++)
		json_object_set_new(object, files[i].name, files[i].read(call->state));
	json_object_set_new(call->answer, "files", object);
	json_object_set_new(call->answer, "runs", json_boolean(runs(call)));
	return 0;
}

static int write_file(struct qk_control_call *call)
{
	const struct gadget *arguments = call->arguments;
	size_t i = 0;

	if (!runs(call))
		return refuse_off(call);
	while (i < QK_CONTROL_COUNT(files) && strcmp(files[i].name, arguments->file) != 0)
		i++;
	if (i == QK_CONTROL_COUNT(files))
		return qk_control_refuse(call, "%s: %s", arguments->file, strerror(ENOENT));
	int r = files[i].write ? files[i].write(call->state, arguments->text) : -EACCES;
	return r < 0 ? qk_control_refuse(call, "%s: %s", arguments->file, strerror(-r)) : 0;
}

/* --- What it is after the next boot, as AT+QCFG="usbnet" sets it */

struct network {
	uint32_t usbnet;
};

static const struct qk_sim_word network_words[] = {
	{ "qmi", QK_SIM_USBNET_QMI },
	{ "ecm", QK_SIM_USBNET_ECM },
	{ "mbim", QK_SIM_USBNET_MBIM },
	{ "rndis", QK_SIM_USBNET_RNDIS },
	{ NULL, 0 },
};

static const struct qk_sim_member network_members[] = {
	{ "protocol", WORD, QK_CONTROL_AT(network, usbnet), .words = network_words },
};

static int set_network(struct qk_control_call *call)
{
	const struct network *network = call->arguments;

	return qk_sim_usb_set_network(call->state, network->usbnet);
}

static const struct qk_control_row rows[] = {
	{ "usb-network", "what its network interface speaks after the next boot", network_members,
	  QK_CONTROL_COUNT(network_members), sizeof(struct network), set_network },
	{ "gadget", "the USB gadget as the modem's own Linux shows it", .fn = show },
	{ "gadget-write", "write one of its files: enable, or functions while it is 0",
	  gadget_members, QK_CONTROL_COUNT(gadget_members), sizeof(struct gadget), write_file },
};

const struct qk_control_rows qk_control_usb_rows = { rows, QK_CONTROL_COUNT(rows) };
