/*
 * USB model, composing: from the state of a modem to what it is on the bus (see usb-model.h).
 */
#include <string.h>

#include "profile.h"
#include "usb-build.h"

#define ENGLISH 0x0409

typedef void (*add_fn)(struct qk_usb_model *model, const struct qk_sim_usb_config *config,
		       uint64_t seed);

static const add_fn layouts[] = {
	[QK_USB_LAYOUT_EC25] = qk_usb_ec25_add,
	[QK_USB_LAYOUT_EC20] = qk_usb_ec20_add,
};

/* What the chip is when its firmware is not there. Ids and classes S (Linux' qcserial binds the first;
 * users' logs of both), strings R, sizes C. */
static const struct loader {
	uint16_t vendor, product;
	const char *strings[2];
	struct qk_usb_class class;
} loaders[] = {
	[QK_SIM_GUISE_DOWNLOAD] = { 0x05c6,
				    0x9008,
				    { "Qualcomm CDMA Technologies MSM", "QHSUSB__BULK" },
				    { 0xff, 0xff, 0xff } },
	[QK_SIM_GUISE_FASTBOOT] = { 0x18d1, 0xd00d, { "Google", "Android" }, { 0xff, 0x42, 0x03 } },
};

static void set_strings(struct qk_usb_model *model, const char *manufacturer, const char *product)
{
	const char *texts[] = { manufacturer, product };

	model->string_count = 2;
	for (size_t i = 0; i < 2; i++)
		memcpy(model->strings[i], texts[i],
		       strnlen(texts[i], sizeof(model->strings[i]) - 1));
}

static void compose_loader(const struct loader *loader, struct qk_usb_model *model)
{
	struct qk_usb_builder builder = qk_usb_builder(model);

	model->vendor = loader->vendor;
	model->product = loader->product;
	model->attributes = 0x80;
	model->max_power = 250;
	set_strings(model, loader->strings[0], loader->strings[1]);
	qk_usb_add_bulk_pair(&builder, QK_USB_NOTHING, loader->class);
}

static void compose_modem(const struct qk_sim_state *state, struct qk_usb_model *model)
{
	const struct qk_sim_usb_identity *identity = &state->profile->usb;
	const struct qk_sim_usb_config *config = &state->usb.active;

	model->vendor = config->vendor;
	model->product = config->product;
	model->release = identity->release;
	/* with ADB there is no remote wakeup [S] */
	model->attributes = config->adb ? 0x80 : identity->attributes;
	model->max_power = (uint8_t)(identity->max_power_ma / 2);
	model->needs_dtr = identity->needs_dtr;
	set_strings(model, identity->manufacturer, identity->product_name);
	layouts[identity->layout](model, config, state->seed);
}

bool qk_usb_compose(const struct qk_sim_state *state, struct qk_usb_model *ret)
{
	uint32_t guise = qk_sim_usb_guise(state);

	*ret = (struct qk_usb_model){ .usb = 0x0200, .max_packet0 = 64, .language = ENGLISH };
	if (guise == QK_SIM_GUISE_NONE)
		return false;
	if (guise == QK_SIM_GUISE_DOWNLOAD || guise == QK_SIM_GUISE_FASTBOOT)
		compose_loader(&loaders[guise], ret);
	else
		compose_modem(state, ret);
	ret->dead = guise == QK_SIM_GUISE_DEAD;
	return true;
}
