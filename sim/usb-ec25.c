/*
 * USB layout of the Quectel EC25 family (2c7c:0125) at high speed.
 *
 * How sure it is, by the marks of docs/virtual-modem.md: S for the composition it is delivered with,
 * for ADB and for audio. That a function which is switched off lets the later ones move up is C: so the
 * gadget of its Linux numbers interfaces and endpoints.
 * The number of endpoints tells Linux' drivers DIAG from QMI: option wants two of them behind FF/FF/FF,
 * qmi_wwan three.
 */
#include "usb-build.h"

static void add_network(struct qk_usb_builder *builder, const struct qk_sim_usb_config *config,
			uint64_t seed)
{
	/* locally administered; the driver takes it for the host's side */
	const uint8_t address[6] = { 0x02,
				     0x25,
				     (uint8_t)(seed >> 24),
				     (uint8_t)(seed >> 16),
				     (uint8_t)(seed >> 8),
				     (uint8_t)seed };

	switch ((enum qk_sim_usbnet)config->usbnet) {
	case QK_SIM_USBNET_ECM:
		qk_usb_add_ecm(builder, address);
		break;
	case QK_SIM_USBNET_MBIM:
		qk_usb_add_mbim(builder);
		break;
	case QK_SIM_USBNET_RNDIS:
		qk_usb_add_rndis(builder);
		break;
	case QK_SIM_USBNET_QMI:
	case QK_SIM_USBNET_COUNT:
		qk_usb_add_rmnet(builder, (struct qk_usb_class){ 0xff, 0xff, 0xff });
		break;
	}
}

void qk_usb_ec25_add(struct qk_usb_model *model, const struct qk_sim_usb_config *config,
		     uint64_t seed)
{
	struct qk_usb_builder builder = qk_usb_builder(model);
	const struct qk_usb_class serial = { 0xff, 0, 0 }, diag = { 0xff, 0xff, 0xff };

	if (config->diag)
		qk_usb_add_bulk_pair(&builder, QK_USB_DIAG, diag);
	if (config->nmea)
		qk_usb_add_serial(&builder, QK_USB_NMEA, serial);
	if (config->at)
		qk_usb_add_serial(&builder, QK_USB_AT, serial);
	if (config->modem)
		qk_usb_add_serial(&builder, QK_USB_MODEM, serial);
	if (config->network)
		add_network(&builder, config, seed);
	if (config->adb)
		qk_usb_add_adb(&builder);
	if (config->audio)
		qk_usb_add_audio(&builder);
	/* the class of a device whose interfaces belong together; ADB brings it along [S] */
	if (config->adb || config->audio || config->usbnet != QK_SIM_USBNET_QMI) {
		model->class_code = 0xef;
		model->subclass = 0x02;
		model->protocol = 0x01;
	}
}
