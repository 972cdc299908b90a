/*
 * Ports: which QMI devices this machine has, read from sysfs and asked of QRTR.
 *
 * Owns: the list it returns. Does not know: how to open them, udev, configuration.
 * Lifetime: qk_ports_list() to qk_ports_free().
 * Called from: qmicli -L and whatever chooses a modem.
 * Sources: the kernel's drivers/usb/class/cdc-wdm.c, drivers/net/usb/qmi_wwan.c,
 * drivers/net/wwan/wwan_core.c and Documentation/ABI/testing/sysfs-class-usbmisc; the names of a phone's
 * channels and the class smdpkt as ModemManager's rules and libqmi know them.
 */
#pragma once

#include <qmikit/wire.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One QMI control port. Strings belong to the list; "" where sysfs has no such thing. */
struct qk_port {
	char path[64];              /* /dev/cdc-wdm0, qrtr://0: what qk_transport_open() takes */
	char driver[32];            /* qmi_wwan, qrtr */
	char usb_path[64];          /* 1-2.3: stays the same over replugs and reboots */
	char interface[32];         /* network interface: wwan0 */
	char vendor[8], product[8]; /* USB ids, four hex digits */
	char description[128];      /* the USB strings, manufacturer and product */
};

/* Lists the QMI ports below `sysfs`, or all of this machine (NULL: those in "/sys", and the nodes of QRTR
 * that are modems; no module is loaded to find out), sorted by path; -errno when it cannot be read.
 * No port at all is a list of 0. */
QK_PUBLIC QK_MUST_CHECK int qk_ports_list(const char *sysfs, struct qk_port **ret,
					  size_t *ret_count);
QK_PUBLIC void qk_ports_free(struct qk_port *ports);

/* The one with the kernel's name `name` ("cdc-wdm0"), as the list has it, without looking at all;
 * -ENODEV: it is none. */
QK_PUBLIC QK_MUST_CHECK int qk_ports_find(const char *sysfs, const char *name, struct qk_port *ret);

#ifdef __cplusplus
}
#endif
