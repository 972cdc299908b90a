/*
 * USB layout of the first Quectel EC20 (05c6:9215, Qualcomm MDM9215) at high speed: qcserial binds
 * interfaces 0 to 3, qmi_wwan interface 4.
 *
 * How sure it is: which interface does what S (it stands in both drivers, which know this modem by its
 * five interfaces, since another maker's modem has the same ids); classes and endpoints R, as the same
 * gadget functions have them on the later EC25. This modem has no usbnet and neither ADB nor audio here.
 */
#include "usb-build.h"

void qk_usb_ec20_add(struct qk_usb_model *model, const struct qk_sim_usb_config *config,
		     uint64_t seed)
{
	struct qk_usb_builder builder = qk_usb_builder(model);
	const struct qk_usb_class serial = { 0xff, 0, 0 }, other = { 0xff, 0xff, 0xff };

	(void)config;
	(void)seed;
	qk_usb_add_bulk_pair(&builder, QK_USB_DIAG, other);
	qk_usb_add_serial(&builder, QK_USB_NMEA, serial);
	qk_usb_add_serial(&builder, QK_USB_AT, serial);
	qk_usb_add_serial(&builder, QK_USB_MODEM, serial);
	qk_usb_add_rmnet(&builder, other);
}
