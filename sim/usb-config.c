/*
 * USB configuration: which functions are on, and what is there for a host (see usb-config.h).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "profile.h"

/* The gadget's functions by their names in its Linux. `serial` is one name for three ports. */
static const struct {
	const char *name;
	size_t member; /* of struct qk_sim_usb_config */
	uint32_t usbnet;
} functions[] = {
	{ "adb", offsetof(struct qk_sim_usb_config, adb), 0 },
	{ "diag", offsetof(struct qk_sim_usb_config, diag), 0 },
	{ "serial", offsetof(struct qk_sim_usb_config, at), 0 },
	{ "rmnet", offsetof(struct qk_sim_usb_config, network), QK_SIM_USBNET_QMI },
	{ "ecm", offsetof(struct qk_sim_usb_config, network), QK_SIM_USBNET_ECM },
	{ "mbim", offsetof(struct qk_sim_usb_config, network), QK_SIM_USBNET_MBIM },
	{ "rndis", offsetof(struct qk_sim_usb_config, network), QK_SIM_USBNET_RNDIS },
	{ "audio", offsetof(struct qk_sim_usb_config, audio), 0 },
};

#define DELIVERED "diag,serial,rmnet"
#define FUNCTIONS (sizeof(functions) / sizeof(functions[0]))

uint32_t qk_sim_usb_guise(const struct qk_sim_state *state)
{
	static const uint8_t loaders[] = {
		[QK_SIM_LOADER_NONE] = QK_SIM_GUISE_NONE,
		[QK_SIM_LOADER_EDL] = QK_SIM_GUISE_DOWNLOAD,
		[QK_SIM_LOADER_FASTBOOT] = QK_SIM_GUISE_FASTBOOT,
	};

	if (!qk_sim_state_on_bus(state))
		return loaders[qk_sim_state_loader(state)];
	if (state->usb.disabled)
		return QK_SIM_GUISE_NONE;
	return state->usb.dead ? QK_SIM_GUISE_DEAD : QK_SIM_GUISE_MODEM;
}

int qk_sim_usb_set_functions(struct qk_sim_state *state, const struct qk_sim_usb_config *config)
{
	uint32_t usbnet = state->usb.stored.usbnet;

	if (!config->vendor || !config->product)
		return -EINVAL;
	state->usb.stored = *config;
	state->usb.stored.usbnet = usbnet;
	return 0;
}

int qk_sim_usb_set_network(struct qk_sim_state *state, uint32_t usbnet)
{
	if (usbnet >= QK_SIM_USBNET_COUNT)
		return -EINVAL;
	state->usb.stored.usbnet = usbnet;
	return 0;
}

static bool *member_of(struct qk_sim_usb_config *config, size_t i)
{
	return (bool *)((uint8_t *)config + functions[i].member);
}

/* Switches one function on by its name. */
static int add_function(struct qk_sim_usb_config *config, const char *name, size_t size)
{
	for (size_t i = 0; i < FUNCTIONS; i++) {
		if (strlen(functions[i].name) != size || memcmp(functions[i].name, name, size) != 0)
			continue;
		if (*member_of(config, i))
			return -EINVAL;
		*member_of(config, i) = true;
		if (config->network &&
		    functions[i].member == offsetof(struct qk_sim_usb_config, network))
			config->usbnet = functions[i].usbnet;
		config->nmea = config->modem = config->at;
		return 0;
	}
	return -EINVAL;
}

/* Switches on what the list names, and nothing else. */
static int read_list(struct qk_sim_usb_config *config, const char *list)
{
	while (*list) {
		size_t size = strcspn(list, ",");
		int r = add_function(config, list, size);
		if (r < 0)
			return r;
		list += size;
		list += *list == ',';
	}
	return 0;
}

bool qk_sim_usb_is_list(const char *list)
{
	struct qk_sim_usb_config config = { 0 };

	return read_list(&config, list) == 0;
}

int qk_sim_usb_set_list(struct qk_sim_state *state, const char *list)
{
	struct qk_sim_usb_config config = { .vendor = state->usb.active.vendor,
					    .product = state->usb.active.product };

	if (!state->usb.disabled)
		return -EBUSY;
	int r = read_list(&config, list);
	if (r == 0)
		state->usb.active = config;
	return r;
}

void qk_sim_usb_list(const struct qk_sim_state *state, char ret[QK_SIM_USB_LIST_SIZE])
{
	struct qk_sim_usb_config config = state->usb.active;
	size_t used = 0;

	ret[0] = 0;
	for (size_t i = 0; i < FUNCTIONS; i++) {
		bool network = functions[i].member == offsetof(struct qk_sim_usb_config, network);
		if (!*member_of(&config, i) || (network && functions[i].usbnet != config.usbnet))
			continue;
		used += (size_t)snprintf(ret + used, QK_SIM_USB_LIST_SIZE - used, "%s%s",
					 used ? "," : "", functions[i].name);
	}
}

void qk_sim_usb_enable(struct qk_sim_state *state, bool enable)
{
	if (state->usb.disabled == !enable)
		return;
	state->usb.disabled = !enable;
	state->usb.left += !enable;
	state->changed |= QK_SIM_CHANGED_BUS;
}

bool qk_sim_usb_is_enabled(const struct qk_sim_state *state)
{
	return !state->usb.disabled;
}

/* As what the modem is delivered. A list of the profile was checked when that was read. */
void qk_sim_usb_start(struct qk_sim_state *state)
{
	const struct qk_sim_usb_identity *identity = &state->profile->usb;
	struct qk_sim_usb_config config = { .vendor = identity->vendor,
					    .product = identity->product };

	(void)read_list(&config, identity->functions[0] ? identity->functions : DELIVERED);
	state->usb = (struct qk_sim_usb){ .stored = config,
					  .active = config,
					  .rhythm_usec = identity->rhythm_usec };
}

void qk_sim_usb_boot(struct qk_sim_state *state)
{
	state->usb.active = state->usb.stored;
	state->usb.disabled = state->usb.dead = false;
}
